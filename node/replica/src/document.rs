//! The document of a ticket or article, regenerated from the effects of its acts at their causal past.
//!
//! It is an Automerge document: what two people set at once is there twice. Each act that writes
//! becomes one change under an actor of its own (the first sixteen bytes of its hash, seq 1), made from what the act
//! found and never on a copy of the document, so that acts made at once cost no more than acts in turn.
//!
//! The text of an article is a list of blocks, each element a register. Removing a block sets it to nothing and does not
//! delete it, so that a new value and a removal made at once stand side by side as well, and no block is ever without a
//! place. All of it is a cache: it holds nothing that the acts and parts do not.

mod drawing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, AutomergeError, Change, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, TextEncoding};

use regulation::ActId;

use crate::effect::{BlockId, Field};
use crate::graph::{ActSet, Node};
use crate::split::join;
use drawing::{Drawing, Touch, genesis_actor};

/// A document and which change each act became.
#[derive(Clone, Debug)]
pub struct Document {
    doc: Automerge,
    tags: ObjId,
    list: ObjId,
    drawing: Drawing,
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

    /// One with the map of tags and the list of blocks, which all begin with: made once.
    pub(crate) fn empty() -> Result<Self, DocumentError> {
        static BEGUN: OnceLock<Document> = OnceLock::new();
        if let Some(begun) = BEGUN.get() {
            return Ok(begun.clone());
        }
        let begun = Self::begin()?;
        Ok(BEGUN.get_or_init(|| begun).clone())
    }

    fn begin() -> Result<Self, DocumentError> {
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
        Ok(Self { drawing: Drawing::new(doc.get_heads()[0]), doc, tags, list })
    }

    /// Whether it holds what counts of the acts that it has seen, and nothing else.
    pub(crate) fn goes_on(&self, view: &ActSet) -> bool {
        self.drawing.goes_on(view)
    }

    /// Takes in what the acts wrote that came since and count.
    ///
    /// # Errors
    /// Automerge refuses an admitted effect.
    pub(crate) fn catch_up(&mut self, nodes: &[Node], view: &ActSet) -> Result<(), DocumentError> {
        let changes = self.drawing.draw(nodes, view);
        Ok(self.doc.apply_changes(changes)?)
    }

    /// The digest of the document of some of these acts and all that they follow: what each becomes hangs on its past alone.
    #[must_use]
    pub fn digest_of(&self, nodes: &[Node], view: &ActSet) -> Vec<[u8; 32]> {
        self.drawing.heads(nodes, view)
    }

    /// The blocks of the text as they stand, in their order; those that are removed among them.
    ///
    /// # Errors
    /// Never for a document that was built here.
    pub fn blocks(&self) -> Result<Vec<Block>, DocumentError> {
        let mut blocks = Vec::new();
        for item in self.doc.list_range(&self.list, ..) {
            let Some((id, act)) = self.drawing.value(&item.id()) else { continue };
            let mut values = Vec::new();
            if self.drawing.wrote(id).len() > 1 {
                for (value, op) in self.doc.get_all(&self.list, item.index)?.into_iter().rev() {
                    let act = self.drawing.value(&op).map(|(_, act)| act);
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
            let Some((id, _)) = self.drawing.value(&item.id()) else { continue };
            let mut touched: Vec<&Touch> =
                self.drawing.wrote(id).iter().filter(|touch| past.contains(touch.act)).collect();
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
