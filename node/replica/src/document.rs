//! The document of a ticket or article, regenerated from the effects of its acts at their causal past.
//!
//! It is an Automerge document: what two people set at once is there twice. Each act that writes
//! becomes one change under an actor of its own (the first sixteen bytes of its hash, seq 1), made from what the act
//! found and never on a copy of the document, so that acts made at once cost no more than acts in turn.
//!
//! The text of an article is a list of blocks, each element a register. Removing a block sets it to nothing and does not
//! delete it, so that a new value and a removal made at once stand side by side as well, and no block is ever without a
//! place. All of it is a cache: it holds nothing that the acts and parts do not.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{
    ActorId, Automerge, AutomergeError, Change, ChangeHash, ExpandedChange, ObjId, ObjType, ROOT, ReadDoc, ScalarValue,
    TextEncoding,
};

use regulation::ActId;

use crate::effect::{Behind, BlockId, Effect, Field, Value};
use crate::graph::{ActSet, Node, maximal};
use crate::part::PartKind;
use crate::split::join;

/// A document and which change each act became.
#[derive(Clone, Debug)]
pub struct Document {
    doc: Automerge,
    genesis: ChangeHash,
    tags: ObjId,
    list: ObjId,
    made: BTreeMap<usize, Made>,
    /// Acts that counted when they were taken in.
    drawn: ActSet,
    /// Per act: the maximal acts in its past, itself included, that became a change.
    frontiers: Vec<Vec<usize>>,
    /// Who wrote a register, tag or block, in the order of their places.
    touched: BTreeMap<Place, Vec<Touch>>,
    /// The operation that brought each block.
    elements: BTreeMap<BlockId, OpId>,
    /// What each operation on a block set, and by which act.
    values: BTreeMap<(ActorId, u64), (BlockId, ActId)>,
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
    Block(BlockId),
}

/// The last operation of an act on a place.
#[derive(Clone, Debug)]
struct Touch {
    act: usize,
    number: u64,
    /// What it put there; `None` if it removed what was there.
    value: Option<ScalarValue>,
    /// The acts whose values it replaced.
    over: Vec<usize>,
}

/// A block as it stands: one value, or all that were set at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its name.
    pub id: BlockId,
    /// Its values, at least one.
    pub values: Vec<BlockValue>,
}

/// What an act made of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockValue {
    /// The act.
    pub act: ActId,
    /// The text; none if the act removed the block.
    pub text: Option<String>,
}

impl Block {
    /// What is shown in the text: of several values the first that is not a removal. Nothing if the block is removed.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.values.iter().find_map(|value| value.text.as_deref())
    }

    /// Whether two values stand side by side, so that somebody has to choose. What several removed is gone.
    #[must_use]
    pub fn open(&self) -> bool {
        self.values.len() > 1 && self.text().is_some()
    }
}

/// The text of blocks.
#[must_use]
pub fn text_of(blocks: &[Block]) -> String {
    join(blocks.iter().filter_map(Block::text))
}

/// Automerge refused something that admission let through: a fault of this program, never of the data.
#[derive(Debug, thiserror::Error)]
#[error("the document could not be rebuilt: {0}")]
pub struct DocumentError(#[from] AutomergeError);

/// The operations of the first change: the map of tags and the list of blocks.
const GENESIS_OPS: u64 = 2;

fn genesis_actor() -> ActorId {
    ActorId::from([0u8; 16])
}

/// The object that an operation of the first change made.
fn genesis_object(number: u64) -> ObjectId {
    ObjectId::Id(OpId::new(number, &genesis_actor()))
}

impl Document {
    /// The document of those of these acts that count.
    ///
    /// # Errors
    /// Automerge refuses an admitted effect.
    pub fn build(nodes: &[Node], view: &ActSet) -> Result<Self, DocumentError> {
        let mut document = Self::empty()?;
        document.catch_up(nodes, view)?;
        Ok(document)
    }

    pub(crate) fn empty() -> Result<Self, DocumentError> {
        let mut doc = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint).with_actor(genesis_actor());
        let options = |_: &(ObjId, ObjId)| CommitOptions::default().with_time(0);
        let done = doc
            .transact_with(options, |tx| {
                Ok::<_, AutomergeError>((
                    tx.put_object(ROOT, "tags", ObjType::Map)?,
                    tx.put_object(ROOT, "blocks", ObjType::List)?,
                ))
            })
            .map_err(|failure| failure.error)?;
        let (tags, list) = done.result;
        Ok(Self {
            genesis: doc.get_heads()[0],
            doc,
            tags,
            list,
            made: BTreeMap::new(),
            drawn: ActSet::default(),
            frontiers: Vec::new(),
            touched: BTreeMap::new(),
            elements: BTreeMap::new(),
            values: BTreeMap::new(),
        })
    }

    /// Whether it holds what counts of the acts that it has seen, and nothing else.
    pub(crate) fn goes_on(&self, view: &ActSet) -> bool {
        (0..self.frontiers.len()).all(|index| self.drawn.contains(index) == view.contains(index))
    }

    /// Takes in what the acts wrote that came since and count.
    ///
    /// # Errors
    /// Automerge refuses an admitted effect.
    pub(crate) fn catch_up(&mut self, nodes: &[Node], view: &ActSet) -> Result<(), DocumentError> {
        let mut changes = Vec::new();
        for (index, node) in nodes.iter().enumerate().skip(self.frontiers.len()) {
            let found = node.deps.iter().flat_map(|dep| self.frontiers[*dep].iter().copied()).collect();
            let found = maximal(nodes, found);
            let counts = view.contains(index);
            let change = if counts && node.writes() { self.change(nodes, index, &found) } else { None };
            if counts {
                self.drawn.insert(index);
            }
            self.frontiers.push(if change.is_some() { vec![index] } else { found });
            changes.extend(change);
        }
        Ok(self.doc.apply_changes(changes)?)
    }

    /// The change that an act makes of what it found; `None` if that is as it should be already.
    fn change(&mut self, nodes: &[Node], index: usize, found: &[usize]) -> Option<Change> {
        let node = &nodes[index];
        let mut deps: Vec<ChangeHash> = found.iter().map(|act| self.made[act].hash).collect();
        if deps.is_empty() {
            deps.push(self.genesis);
        }
        deps.sort_unstable();
        let start = found.iter().map(|act| self.made[act].last).max().unwrap_or(GENESIS_OPS) + 1;
        let actor = actor(node);
        let mut operations: Vec<Op> = Vec::new();
        let mut own: BTreeMap<Place, Touch> = BTreeMap::new();
        let segments = node.segments(PartKind::Text);
        for (effect, place) in node.act.effects.iter().zip(0..=u8::MAX) {
            let Some((place, value)) = written(node.id, place, &segments, effect) else { continue };
            let number = start + operations.len() as u64;
            if let Place::Block(block) = &place {
                self.values.insert((actor.clone(), number), (*block, node.id));
            }
            let stands = match (own.get(&place), effect) {
                (Some(touch), _) => touch.value.as_ref().map(|_| touch).into_iter().collect(),
                (None, Effect::Set { over, .. }) => self.named(nodes, &place, over),
                (None, _) => self.at(nodes, &place, &node.past),
            };
            // It is as it should be: nothing to remove, or the one value that stands there. A value of a block is always
            // written: it says who has chosen.
            match (&value, stands.as_slice()) {
                (None, []) => continue,
                (Some(_), [touch]) if touch.value == value && !matches!(place, Place::Block(_)) => continue,
                _ => {}
            }
            let pred = stands.iter().map(|touch| OpId::new(touch.number, &self::actor(&nodes[touch.act]))).collect();
            let over = stands.iter().map(|touch| touch.act).collect();
            let (obj, key) = match (&place, effect) {
                (Place::Register(field), _) => (ObjectId::Root, Key::Map(field.code().into())),
                (Place::Tag(tag), _) => (genesis_object(1), Key::Map(tag.as_str().into())),
                (Place::Block(_), Effect::Insert { behind, .. }) => (genesis_object(2), self.behind(node.id, behind)),
                (Place::Block(block), _) => (genesis_object(2), self.element(block)),
            };
            let insert = matches!(effect, Effect::Insert { .. });
            if let (Place::Block(block), true) = (&place, insert) {
                self.elements.insert(*block, OpId::new(number, &actor));
            }
            let action = value.clone().map_or(OpType::Delete, OpType::Put);
            operations.push(Op { action, obj, key, pred, insert });
            own.insert(place, Touch { act: index, number, value, over });
        }
        let last = start + (operations.len() as u64).checked_sub(1)?;
        let change = Change::from(ExpandedChange {
            operations,
            actor_id: actor.clone(),
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

    /// Where a block stands.
    fn element(&self, block: &BlockId) -> Key {
        // Admission has checked that there is such a block.
        Key::Seq(self.elements.get(block).cloned().map_or(ElementId::Head, ElementId::Id))
    }

    /// What a new block of an act stands behind.
    fn behind(&self, act: ActId, behind: &Behind) -> Key {
        match behind {
            Behind::Start => Key::Seq(ElementId::Head),
            Behind::Own(effect) => self.element(&BlockId { act, effect: *effect }),
            Behind::Block(block) => self.element(block),
        }
    }

    /// The values at a place that these acts put there.
    fn named(&self, nodes: &[Node], place: &Place, acts: &[ActId]) -> Vec<&Touch> {
        let touched = self.touched.get(place).map_or(&[][..], Vec::as_slice);
        touched.iter().filter(|touch| acts.contains(&nodes[touch.act].id)).collect()
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

    /// The blocks of the text as they stand, in their order; those that are removed among them.
    ///
    /// # Errors
    /// Never for a document that was built here.
    pub fn blocks(&self) -> Result<Vec<Block>, DocumentError> {
        let mut blocks = Vec::new();
        for item in self.doc.list_range(&self.list, ..) {
            let Some((id, act)) = self.value(&item.id()) else { continue };
            let mut values = Vec::new();
            if self.touched.get(&Place::Block(id)).is_some_and(|touched| touched.len() > 1) {
                for (value, op) in self.doc.get_all(&self.list, item.index)?.into_iter().rev() {
                    let act = self.value(&op).map(|(_, act)| act);
                    values.extend(act.map(|act| BlockValue { act, text: value.as_str().map(str::to_owned) }));
                }
            } else {
                let value = automerge::Value::from(item.value);
                values.push(BlockValue { act, text: value.as_str().map(str::to_owned) });
            }
            blocks.push(Block { id, values });
        }
        Ok(blocks)
    }

    /// The blocks as they stood in a past: of the same order, with the values that nobody there had replaced.
    #[must_use]
    pub(crate) fn blocks_at(&self, nodes: &[Node], past: &ActSet) -> Vec<Block> {
        let mut blocks = Vec::new();
        for item in self.doc.list_range(&self.list, ..) {
            let Some((id, _)) = self.value(&item.id()) else { continue };
            let touched = self.touched.get(&Place::Block(id)).map_or(&[][..], Vec::as_slice);
            let mut touched: Vec<&Touch> = touched.iter().filter(|touch| past.contains(touch.act)).collect();
            let replaced: BTreeSet<usize> = touched.iter().flat_map(|touch| touch.over.iter().copied()).collect();
            touched.retain(|touch| !replaced.contains(&touch.act));
            // As Automerge has them: the newest first, of those made at once the one with the higher actor.
            touched.sort_unstable_by_key(|touch| std::cmp::Reverse((touch.number, nodes[touch.act].id)));
            let value = |touch: &&Touch| BlockValue {
                act: nodes[touch.act].id,
                text: touch.value.as_ref().and_then(|value| value.as_str()).map(str::to_owned),
            };
            let values: Vec<BlockValue> = touched.iter().map(value).collect();
            if !values.is_empty() {
                blocks.push(Block { id, values });
            }
        }
        blocks
    }

    /// The block that an operation set, and the act that did.
    fn value(&self, op: &ObjId) -> Option<(BlockId, ActId)> {
        match op {
            ObjId::Id(number, actor, _) => self.values.get(&(actor.clone(), *number)).copied(),
            ObjId::Root => None,
        }
    }

    /// The text of an article: its blocks, one behind the other.
    ///
    /// # Errors
    /// Never for a document that was built here.
    pub fn text(&self) -> Result<String, DocumentError> {
        Ok(text_of(&self.blocks()?))
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

    /// The heads, sorted, each of which names its change and through it everything before. Equal digests are equal
    /// documents.
    #[must_use]
    pub fn digest(&self) -> Vec<[u8; 32]> {
        let mut heads: Vec<[u8; 32]> = self.doc.get_heads().into_iter().map(|head| head.0).collect();
        heads.sort_unstable();
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
        Ok(doc.save())
    }
}

fn actor(node: &Node) -> ActorId {
    let mut actor = [0; 16];
    actor.copy_from_slice(&node.id.0[..16]);
    ActorId::from(actor)
}

/// What an effect of an act writes where, `None` for what it removes.
fn written(act: ActId, place: u8, segments: &[String], effect: &Effect) -> Option<(Place, Option<ScalarValue>)> {
    let text = |segment: u8| Some(ScalarValue::from(segments.get(usize::from(segment))?.as_str()));
    Some(match effect {
        Effect::Register(field, Value::Code(code)) => (Place::Register(*field), Some(code.as_str().into())),
        Effect::Register(field, Value::Segment(segment)) => (Place::Register(*field), Some(text(*segment)?)),
        Effect::AddTag(tag) => (Place::Tag(tag.clone()), Some(true.into())),
        Effect::RemoveTag(tag) => (Place::Tag(tag.clone()), None),
        Effect::Insert { segment, .. } => (Place::Block(BlockId { act, effect: place }), Some(text(*segment)?)),
        Effect::Set { block, segment: Some(segment), .. } => (Place::Block(*block), Some(text(*segment)?)),
        Effect::Set { block, segment: None, .. } => (Place::Block(*block), Some(ScalarValue::Null)),
    })
}
