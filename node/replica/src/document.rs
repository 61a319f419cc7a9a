//! The document of a ticket or article, regenerated from the effects of its acts at their causal past.
//!
//! Registers and tags are an Automerge document: what two people set at once is there twice. Each act that writes one
//! becomes one change under an actor of its own (the first sixteen bytes of its hash, seq 1), made from what the act
//! found and never on a copy of the document, so that acts made at once cost no more than acts in turn. The text is
//! [`crate::text`]. All of it is a cache: it holds nothing that the acts and parts do not.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{
    ActorId, Automerge, AutomergeError, Change, ChangeHash, ExpandedChange, ObjId, ObjType, ROOT, ReadDoc, ScalarValue,
    TextEncoding,
};

use crate::effect::{Effect, Field, Value};
use crate::graph::{ActSet, Node, maximal};
use crate::part::PartKind;
use crate::text::Text;

/// A document and which change each act became.
#[derive(Clone, Debug)]
pub struct Document {
    doc: Automerge,
    genesis: ChangeHash,
    tags: ObjId,
    made: BTreeMap<usize, Made>,
    /// Per act: the maximal acts in its past, itself included, that became a change.
    frontiers: Vec<Vec<usize>>,
    /// Who wrote a register or tag, in the order of their places.
    touched: BTreeMap<Place, Vec<Touch>>,
    text: String,
    text_digest: [u8; 32],
    /// Acts whose text is in `text`.
    read: usize,
}

/// The change of an act, and the number of its last operation.
#[derive(Clone, Copy, Debug)]
struct Made {
    hash: ChangeHash,
    last: u64,
}

/// What one operation writes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Register(Field),
    Tag(String),
}

/// The last operation of an act on a place.
#[derive(Clone, Debug)]
struct Touch {
    act: usize,
    number: u64,
    /// What it put there; `None` if it removed what was there.
    value: Option<ScalarValue>,
}

/// Automerge refused something that admission let through: a fault of this program, never of the data.
#[derive(Debug, thiserror::Error)]
#[error("the document could not be rebuilt: {0}")]
pub struct DocumentError(#[from] AutomergeError);

/// The one operation of the first change: the map of tags.
const GENESIS_OPS: u64 = 1;

fn genesis_actor() -> ActorId {
    ActorId::from([0u8; 16])
}

impl Document {
    /// The document of these acts.
    ///
    /// # Errors
    /// Automerge refuses an admitted effect.
    pub fn build(nodes: &[Node]) -> Result<Self, DocumentError> {
        let mut document = Self::empty()?;
        document.catch_up(nodes)?;
        let mut text = Text::default();
        nodes.iter().for_each(|_| text.take(nodes));
        let heads = maximal(nodes, (0..nodes.len()).filter(|act| nodes[*act].writes()).collect());
        document.read(nodes, &mut text, &heads);
        Ok(document)
    }

    pub(crate) fn empty() -> Result<Self, DocumentError> {
        let mut doc = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint).with_actor(genesis_actor());
        let options = |_: &ObjId| CommitOptions::default().with_time(0);
        let done = doc
            .transact_with(options, |tx| tx.put_object(ROOT, "tags", ObjType::Map))
            .map_err(|failure| failure.error)?;
        Ok(Self {
            genesis: doc.get_heads()[0],
            doc,
            tags: done.result,
            made: BTreeMap::new(),
            frontiers: Vec::new(),
            touched: BTreeMap::new(),
            text: String::new(),
            text_digest: [0; 32],
            read: 0,
        })
    }

    /// Takes in the registers and tags of the acts that came since.
    ///
    /// # Errors
    /// Automerge refuses an admitted effect.
    pub(crate) fn catch_up(&mut self, nodes: &[Node]) -> Result<(), DocumentError> {
        let mut changes = Vec::new();
        for (index, node) in nodes.iter().enumerate().skip(self.frontiers.len()) {
            let found = node.deps.iter().flat_map(|dep| self.frontiers[*dep].iter().copied()).collect();
            let found = maximal(nodes, found);
            let change = if node.writes() { self.change(nodes, index, &found) } else { None };
            self.frontiers.push(if change.is_some() { vec![index] } else { found });
            changes.extend(change);
        }
        Ok(self.doc.apply_changes(changes)?)
    }

    /// The change that an act makes of what it found; `None` if it writes no register or tag.
    fn change(&mut self, nodes: &[Node], index: usize, found: &[usize]) -> Option<Change> {
        let node = &nodes[index];
        let mut deps: Vec<ChangeHash> = found.iter().map(|act| self.made[act].hash).collect();
        if deps.is_empty() {
            deps.push(self.genesis);
        }
        deps.sort_unstable();
        let start = found.iter().map(|act| self.made[act].last).max().unwrap_or(GENESIS_OPS) + 1;
        let tags = ObjectId::Id(OpId::new(GENESIS_OPS, &genesis_actor()));
        let mut operations: Vec<Op> = Vec::new();
        let mut own: BTreeMap<Place, Touch> = BTreeMap::new();
        let segments = node.segments(PartKind::Text);
        for (place, value) in node.act.effects.iter().filter_map(|effect| written(&segments, effect)) {
            let number = start + operations.len() as u64;
            let stands = match own.get(&place) {
                Some(touch) => touch.value.as_ref().map(|_| touch).into_iter().collect(),
                None => self.at(nodes, &place, &node.past),
            };
            // It is as it should be: nothing to remove, or the one value that stands there.
            match (&value, stands.as_slice()) {
                (None, []) => continue,
                (Some(_), [touch]) if touch.value == value => continue,
                _ => {}
            }
            let pred = stands.iter().map(|touch| OpId::new(touch.number, &actor(&nodes[touch.act]))).collect();
            let (obj, key) = match &place {
                Place::Register(field) => (ObjectId::Root, Key::Map(field.code().into())),
                Place::Tag(tag) => (tags.clone(), Key::Map(tag.as_str().into())),
            };
            own.insert(place, Touch { act: index, number, value: value.clone() });
            let action = value.map_or(OpType::Delete, OpType::Put);
            operations.push(Op { action, obj, key, pred, insert: false });
        }
        let last = start + (operations.len() as u64).checked_sub(1)?;
        let change = Change::from(ExpandedChange {
            operations,
            actor_id: actor(node),
            hash: None,
            seq: 1,
            start_op: NonZeroU64::new(start)?,
            time: 0,
            message: None,
            deps,
            extra_bytes: Vec::new(),
            author: None,
        });
        self.made.insert(index, Made { hash: change.hash(), last });
        for (place, touch) in own {
            self.touched.entry(place).or_default().push(touch);
        }
        Some(change)
    }

    /// The operations whose values stand at a place in a past: nobody there has overwritten them.
    fn at(&self, nodes: &[Node], place: &Place, past: &ActSet) -> Vec<&Touch> {
        let touched = self.touched.get(place).map_or(&[][..], Vec::as_slice);
        let mut followed = ActSet::default();
        let mut stands = Vec::new();
        for touch in touched.iter().rev().filter(|touch| past.contains(touch.act)) {
            if followed.contains(touch.act) {
                continue;
            }
            followed.extend(&nodes[touch.act].past);
            stands.extend(touch.value.as_ref().map(|_| touch));
        }
        stands
    }

    /// Reads the text after these acts, if that was not done since the last one came.
    pub(crate) fn read(&mut self, nodes: &[Node], text: &mut Text, heads: &[usize]) {
        if self.read < nodes.len() {
            self.text = text.shown(nodes, heads);
            self.text_digest = text.digest(nodes, heads);
            self.read = nodes.len();
        }
    }

    /// The text: working notes of a ticket, body of an article.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Tags, sorted.
    #[must_use]
    pub fn tags(&self) -> BTreeSet<String> {
        self.doc.keys(&self.tags).collect()
    }

    /// Values of a register: none if it was never set, several if people set it at once; the first one is shown.
    ///
    /// # Errors
    /// Never for a document that was built here.
    pub fn register(&self, field: Field) -> Result<Vec<String>, DocumentError> {
        let mut values: Vec<String> = Vec::new();
        let winner = self.doc.get(ROOT, field.code())?;
        for (value, _) in winner.into_iter().chain(self.doc.get_all(ROOT, field.code())?) {
            if let Some(text) = value.as_str()
                && !values.iter().any(|v| v == text)
            {
                values.push(text.to_owned());
            }
        }
        Ok(values)
    }

    /// The heads of registers and tags, sorted, each of which names its change and through it everything before; then
    /// what stands in the text, by name and as it is shown. Equal digests are equal documents.
    #[must_use]
    pub fn digest(&self) -> Vec<[u8; 32]> {
        let mut heads: Vec<[u8; 32]> = self.doc.get_heads().into_iter().map(|head| head.0).collect();
        heads.sort_unstable();
        heads.extend([self.text_digest, crate::seal::hash(b"jiesu/text/1", self.text.as_bytes())]);
        heads
    }

    /// The saved document: equal bytes on every node that holds the same acts and parts. Automerge writes changes in
    /// the order in which they came, so they are first put into one that depends on nothing local: of those whose deps
    /// are taken, the lowest hash.
    ///
    /// # Errors
    /// Never for a document that was built here.
    pub fn save(&self) -> Result<Vec<u8>, DocumentError> {
        let mut left: BTreeMap<ChangeHash, Change> =
            self.doc.get_changes(&[]).into_iter().map(|change| (change.hash(), change)).collect();
        let mut doc = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint);
        while !left.is_empty() {
            let ready = |(_, change): &(&ChangeHash, &Change)| change.deps().iter().all(|dep| !left.contains_key(dep));
            let Some(next) = left.iter().find(ready).map(|(hash, _)| *hash) else { break };
            doc.apply_changes(left.remove(&next))?;
        }
        Ok([doc.save().as_slice(), &self.text_digest, self.text.as_bytes()].concat())
    }
}

fn actor(node: &Node) -> ActorId {
    let mut actor = [0; 16];
    actor.copy_from_slice(&node.id.0[..16]);
    ActorId::from(actor)
}

/// What an effect writes where, `None` for what it removes; nothing for a splice.
fn written(segments: &[String], effect: &Effect) -> Option<(Place, Option<ScalarValue>)> {
    Some(match effect {
        Effect::Register(field, Value::Code(code)) => (Place::Register(*field), Some(code.as_str().into())),
        Effect::Register(field, Value::Segment(index)) => {
            (Place::Register(*field), Some(segments.get(usize::from(*index))?.as_str().into()))
        }
        Effect::AddTag(tag) => (Place::Tag(tag.clone()), Some(true.into())),
        Effect::RemoveTag(tag) => (Place::Tag(tag.clone()), None),
        Effect::Splice { .. } => return None,
    })
}
