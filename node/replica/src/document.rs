//! The Automerge document of a ticket or article, regenerated from effects at their causal past.
//!
//! Each writing act becomes one change under an actor of its own (the first sixteen bytes of its hash, seq 1) at the
//! frontier of its past, so that every replica makes the same changes in whatever order acts arrive. The document is
//! a cache: it holds nothing that the acts and parts do not.

use std::collections::{BTreeMap, BTreeSet};

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{
    ActorId, Automerge, AutomergeError, Change, ChangeHash, ObjId, ObjType, PatchAction, ROOT, ReadDoc, TextEncoding,
};

use crate::effect::{Effect, Field, Value};
use crate::graph::Node;
use crate::part::PartKind;

/// A document and which change each act became.
#[derive(Clone, Debug)]
pub struct Document {
    doc: Automerge,
    genesis: ChangeHash,
    tags: ObjId,
    text: ObjId,
    changes: BTreeMap<usize, ChangeHash>,
    /// Acts taken in so far.
    taken: usize,
}

/// A replacement in the text; positions count code points, after the splices before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    /// Where.
    pub position: usize,
    /// How many code points go.
    pub delete: usize,
    /// What comes.
    pub insert: String,
}

/// Automerge refused something that admission let through: a fault of this program, never of the data.
#[derive(Debug, thiserror::Error)]
#[error("the document could not be rebuilt: {0}")]
pub struct DocumentError(#[from] AutomergeError);

impl Document {
    /// The document of these acts.
    ///
    /// # Errors
    /// Automerge refuses an admitted effect.
    pub fn build(nodes: &[Node]) -> Result<Self, DocumentError> {
        let mut document = Self::empty()?;
        document.catch_up(nodes)?;
        Ok(document)
    }

    fn empty() -> Result<Self, DocumentError> {
        let mut doc = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint).with_actor(ActorId::from([0u8; 16]));
        let done = doc
            .transact_with(
                |_| options(),
                |tx| {
                    let tags = tx.put_object(ROOT, "tags", ObjType::Map)?;
                    let text = tx.put_object(ROOT, "text", ObjType::Text)?;
                    Ok::<_, AutomergeError>((tags, text))
                },
            )
            .map_err(|failure| failure.error)?;
        let (tags, text) = done.result;
        let genesis = doc.get_heads()[0];
        Ok(Self { doc, genesis, tags, text, changes: BTreeMap::new(), taken: 0 })
    }

    /// Takes in the acts that came since.
    ///
    /// # Errors
    /// Automerge refuses an admitted effect.
    pub fn catch_up(&mut self, nodes: &[Node]) -> Result<(), DocumentError> {
        for (index, node) in nodes.iter().enumerate().skip(self.taken) {
            if node.writes() {
                self.write(index, node, &crate::graph::frontier(nodes, &node.deps))?;
            }
            self.taken = index + 1;
        }
        Ok(())
    }

    fn write(&mut self, index: usize, node: &Node, frontier: &[usize]) -> Result<(), DocumentError> {
        let past = self.heads_of(frontier);
        let mut heads = self.doc.get_heads();
        heads.sort_unstable();
        let mut actor = [0; 16];
        actor.copy_from_slice(&node.id.0[..16]);
        let actor = ActorId::from(actor);
        let hash = if heads == past {
            self.doc.set_actor(actor);
            put(&mut self.doc, &self.tags, &self.text, node)?
        } else {
            let mut fork = self.doc.fork_at(&past)?;
            fork.set_actor(actor);
            let hash = put(&mut fork, &self.tags, &self.text, node)?;
            self.doc.apply_changes(fork.get_change_by_hash(&hash))?;
            hash
        };
        self.changes.insert(index, hash);
        Ok(())
    }

    /// The changes of these acts, sorted; the genesis where there is none.
    fn heads_of(&self, frontier: &[usize]) -> Vec<ChangeHash> {
        let mut heads: Vec<ChangeHash> = frontier.iter().filter_map(|act| self.changes.get(act).copied()).collect();
        if heads.is_empty() {
            heads.push(self.genesis);
        }
        heads.sort_unstable();
        heads
    }

    /// Code points of the text at the past of an act with this frontier.
    #[must_use]
    pub fn text_chars_at(&self, frontier: &[usize]) -> usize {
        self.doc.length_at(&self.text, &self.heads_of(frontier))
    }

    /// The text at the past of an act with this frontier: what was published there.
    ///
    /// # Errors
    /// Never for the frontier of an act that was taken in.
    pub fn text_at(&self, frontier: &[usize]) -> Result<String, DocumentError> {
        Ok(self.doc.text_at(&self.text, &self.heads_of(frontier))?)
    }

    /// The text: working notes of a ticket, body of an article.
    ///
    /// # Errors
    /// Never for a document that was built here.
    pub fn text(&self) -> Result<String, DocumentError> {
        Ok(self.doc.text(&self.text)?)
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

    /// The splices that an act made now needs, so that the text becomes what it would be if `text` had been typed over
    /// the text at `base`. What others wrote since `base` is kept.
    ///
    /// # Errors
    /// Never for a document that was built here.
    pub fn edit(&self, base: &[usize], text: &str) -> Result<Vec<Splice>, DocumentError> {
        let mut typed = self.doc.fork_at(&self.heads_of(base))?;
        typed.transact_with(|_| options(), |tx| tx.update_text(&self.text, text)).map_err(|failure| failure.error)?;
        let mut merged = self.doc.fork();
        merged.merge(&mut typed)?;
        let patches = merged.diff(&self.doc.get_heads(), &merged.get_heads());
        Ok(patches
            .into_iter()
            .filter_map(|patch| match patch.action {
                PatchAction::SpliceText { index, value, .. } => {
                    Some(Splice { position: index, delete: 0, insert: value.make_string() })
                }
                PatchAction::DeleteSeq { index, length } => {
                    Some(Splice { position: index, delete: length, insert: String::new() })
                }
                _ => None,
            })
            .collect())
    }

    /// The heads of the document, sorted. Each names its change and through it everything before, so that equal heads
    /// are equal documents.
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

fn options() -> CommitOptions {
    CommitOptions::default().with_time(0)
}

fn put(doc: &mut Automerge, tags: &ObjId, text: &ObjId, node: &Node) -> Result<ChangeHash, DocumentError> {
    let segment = |index: u8| node.segment(PartKind::Text, usize::from(index)).unwrap_or_default();
    let done = doc
        .transact_with(
            |_| options(),
            |tx| {
                for effect in &node.act.effects {
                    match effect {
                        Effect::Register(field, Value::Code(code)) => tx.put(ROOT, field.code(), code.as_str())?,
                        Effect::Register(field, Value::Segment(index)) => {
                            tx.put(ROOT, field.code(), segment(*index))?
                        }
                        Effect::AddTag(tag) => tx.put(tags, tag.as_str(), true)?,
                        Effect::RemoveTag(tag) => {
                            if tx.get(tags, tag.as_str())?.is_some() {
                                tx.delete(tags, tag.as_str())?;
                            }
                        }
                        Effect::Splice { position, delete, insert } => {
                            let insert = insert.map(segment).unwrap_or_default();
                            // Both lie inside the text: admission has checked them at this very past.
                            let delete = isize::try_from(*delete).unwrap_or(isize::MAX);
                            tx.splice_text(text, *position as usize, delete, &insert)?;
                        }
                    }
                }
                Ok::<_, AutomergeError>(())
            },
        )
        .map_err(|failure| failure.error)?;
    // Effects that change nothing (a tag removed that was not there) still make a change: what follows hangs on it.
    Ok(done.hash.unwrap_or_else(|| doc.empty_commit(options())))
}
