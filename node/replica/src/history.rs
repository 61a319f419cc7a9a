//! The history of one document: its acts with their verdicts, what they come to, and the document they write.

mod folding;
mod restoring;

use std::collections::BTreeMap;

use regulation::{ActId, ActKind, Body, DeviceId, Fact, Record};

use crate::block::Blocks;
use crate::card::Answered;
use crate::document::{Block, Document, DocumentError};
use crate::edit::Writing;
use crate::effect::{BlockId, Effect, Field};
use crate::fold::{Folded, Standing};
use crate::graph::{ActSet, Node, closure, maximal};
#[cfg(feature = "sabotage")]
use crate::limits::Limits;
use crate::names;
use crate::part::{Part, PartKind};
#[cfg(feature = "sabotage")]
pub use crate::sabotage::{Reading, Sabotage};

pub use restoring::Restoring;

/// A document as held here. Its fold and its Automerge document are caches of its acts.
#[derive(Clone, Debug, Default)]
pub struct History {
    nodes: Vec<Node>,
    index: BTreeMap<ActId, usize>,
    heads: Vec<usize>,
    folded: Folded,
    /// What counts: the lines with their pasts.
    view: ActSet,
    /// Acts that are in the fold: all of them, but while a history is read again.
    folded_acts: usize,
    /// The past that was looked at last, and what it comes to.
    beside: (ActSet, Folded),
    blocks: Blocks,
    document: Option<Document>,
    told: Vec<(Option<Standing>, Option<u32>)>,
    #[cfg(feature = "sabotage")]
    sabotage: Sabotage,
}

impl History {
    /// Acts, in the order in which they were taken in; deps before what depends on them.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The place of an act.
    #[must_use]
    pub fn index_of(&self, id: ActId) -> Option<usize> {
        self.index.get(&id).copied()
    }

    /// The act of that id.
    #[must_use]
    pub fn node(&self, id: ActId) -> Option<&Node> {
        self.index_of(id).map(|index| &self.nodes[index])
    }

    /// The id of the document: that of its first act.
    #[must_use]
    pub fn id(&self) -> Option<ActId> {
        self.nodes.first().map(|node| node.id)
    }

    /// What an act names that a device makes now in its epoch, in answer to that act: sorted. Of a document that nobody may
    /// go on with its first act.
    #[must_use]
    pub fn names(&self, device: DeviceId, epoch: u64, answers: Option<ActId>) -> Vec<ActId> {
        let answers = answers.and_then(|id| self.index_of(id));
        #[cfg(feature = "sabotage")]
        match self.sabotage {
            Sabotage::OwnLeftOut => {
                let mut named = names::names(&self.nodes, &self.folded, device, epoch, answers);
                named.retain(|id| self.node(*id).is_some_and(|node| node.act.device != device));
                return if named.is_empty() { self.id().into_iter().collect() } else { named };
            }
            Sabotage::OwnUnnamed => return names::names(&self.nodes, &self.folded, DeviceId(u32::MAX), 0, answers),
            Sabotage::HeadsNamed => {
                let mut heads: Vec<ActId> = self.heads.iter().map(|index| self.nodes[*index].id).collect();
                heads.sort_unstable();
                heads.truncate(self.folded.limits().deps);
                return heads;
            }
            _ => {}
        }
        let names = names::names(&self.nodes, &self.folded, device, epoch, answers);
        if names.is_empty() { self.id().into_iter().collect() } else { names }
    }

    /// The acts that what is shown stands on: of what counts those that nothing else there follows. Sorted.
    #[must_use]
    pub fn heads(&self) -> Vec<ActId> {
        let mut heads: Vec<ActId> = self.tips().into_iter().map(|index| self.nodes[index].id).collect();
        heads.sort_unstable();
        heads
    }

    fn tips(&self) -> Vec<usize> {
        maximal(&self.nodes, self.folded.lines().tips().collect())
    }

    /// Whether an act is among what counts: in a line, or in the past of one that is. What is not is kept as evidence, and
    /// has no effect on anything.
    #[must_use]
    pub fn counts(&self, index: usize) -> bool {
        self.view.contains(index)
    }

    /// Whether an act fell for its place: it takes none, and counts for nothing unless what counts follows it.
    #[must_use]
    pub fn fell(&self, index: usize) -> bool {
        crate::line::fell(self.standing(index))
    }

    /// Lines of which the newest act is not settled.
    #[must_use]
    pub fn open_lines(&self) -> usize {
        self.folded.lines().tips().filter(|tip| !self.folded.settled(*tip)).count()
    }

    /// How many acts of a device are held that count for nothing.
    #[must_use]
    pub fn idle_of(&self, device: DeviceId) -> usize {
        let of = |(index, node): &(usize, &Node)| node.act.device == device && !self.counts(*index);
        self.nodes.iter().enumerate().filter(of).count()
    }

    /// How many of the acts that count the hub has not settled.
    #[must_use]
    pub fn unsettled(&self) -> usize {
        self.view.iter().filter(|index| !self.folded.settled(*index)).count()
    }

    /// The highest number of a time that acts of the hub name here: whoever holds them names none below it.
    #[must_use]
    pub fn newest_number(&self) -> u64 {
        self.nodes.iter().filter(|node| node.hub()).map(|node| node.act.beacon).max().unwrap_or_default()
    }

    /// What the acts come to.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.folded.record
    }

    /// The whole fold.
    #[must_use]
    pub fn folded(&self) -> &Folded {
        &self.folded
    }

    /// The standing of an act.
    #[must_use]
    pub fn standing(&self, index: usize) -> Option<Standing> {
        self.folded.standing.get(index).copied().flatten()
    }

    /// Places of the acts whose standing or stratum is not what it was when this was asked last.
    pub fn news(&mut self) -> Vec<usize> {
        let of =
            |index| if self.counts(index) { (self.standing(index), self.folded.stratum[index]) } else { (None, None) };
        let now: Vec<_> = (0..self.nodes.len()).map(of).collect();
        let news = (0..now.len()).filter(|index| self.told.get(*index) != now.get(*index)).collect();
        self.told = now;
        news
    }

    /// An empty one with something wrong.
    #[cfg(feature = "sabotage")]
    #[must_use]
    pub fn sabotaged(sabotage: Sabotage) -> Self {
        Self::tried(sabotage, Limits::default())
    }

    /// The same under other limits.
    #[cfg(feature = "sabotage")]
    #[must_use]
    pub fn tried(sabotage: Sabotage, limits: Limits) -> Self {
        let reading = if let Sabotage::Reads(reading) = sabotage { reading } else { Reading::Rules };
        let folded = Folded::tried(limits, reading);
        Self { sabotage, beside: (ActSet::default(), folded.clone()), folded, ..Self::default() }
    }

    /// Takes in an act that was judged against this history.
    pub fn insert(&mut self, node: Node) {
        self.put(node);
        self.fold_on();
    }

    fn put(&mut self, node: Node) {
        if self.index.contains_key(&node.id) {
            return;
        }
        let index = self.nodes.len();
        self.heads.retain(|head| !node.past.contains(*head));
        self.heads.push(index);
        self.index.insert(node.id, index);
        self.blocks.take(index, &node, &self.index);
        self.nodes.push(node);
    }

    /// Puts in a part that came after its act; the document is built again when it is next asked for.
    pub fn put_part(&mut self, id: ActId, part: Part) -> bool {
        let erased = self.erased().contains(&(id, part.kind));
        let Some(node) = self.index.get(&id).map(|index| &mut self.nodes[*index]) else { return false };
        if erased || !node.act.promises(&part) || node.parts.iter().any(|held| held.kind == part.kind) {
            return false;
        }
        node.parts.push(part);
        node.parts.sort_by_key(|part| part.kind);
        self.document = None;
        true
    }

    /// What an act brings about: see [`crate::fold::brings`].
    #[must_use]
    pub fn brings<'h>(&'h self, node: &'h Node) -> &'h Fact {
        crate::fold::brings(&self.nodes, node)
    }

    /// What was answered to an act that was overruled, by acts that stand.
    #[must_use]
    pub fn answered(&self, index: usize) -> Answered {
        let mut answered = Answered::default();
        for (place, node) in self.nodes.iter().enumerate() {
            if node.fact.answers == Some(self.nodes[index].id) && self.standing(place) == Some(Standing::Effective) {
                match node.fact.body.kind() {
                    ActKind::Acknowledge => answered.seen = true,
                    ActKind::ShowDone => answered.shown_done = true,
                    ActKind::AcceptWork | ActKind::Uphold => answered.decided = true,
                    _ => {}
                }
            }
        }
        answered
    }

    /// Parts that are erased: those of a `redact` that was confirmed, by a `confirm` that stands and is settled. What names the
    /// requester is erased wherever it was said by then: as he was registered, and as he was corrected (13).
    #[must_use]
    pub fn erased(&self) -> Vec<(ActId, PartKind)> {
        self.erasures().into_iter().map(|(_, act, part)| (act, part)).collect()
    }

    /// The same, each with the place of the `confirm` by which it is.
    #[must_use]
    pub fn erasures(&self) -> Vec<(usize, ActId, PartKind)> {
        let settled = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.fact.body == Body::Confirm)
            .filter(|(index, _)| self.standing(*index) == Some(Standing::Effective) && self.folded.settled(*index));
        let mut erased = Vec::new();
        for (index, node) in settled {
            let fact = self.brings(node);
            let (Body::Redact { content }, Some(named)) = (&fact.body, fact.answers) else { continue };
            let part = PartKind::of(*content);
            let of_requester = part == PartKind::Private && self.node(named).is_some_and(names_requester);
            match of_requester {
                true => {
                    let past = node.past.iter().map(|past| &self.nodes[past]).filter(|node| names_requester(node));
                    erased.extend(past.map(|node| (index, node.id, part)));
                }
                false => erased.push((index, named, part)),
            }
        }
        erased
    }

    /// Drops the parts that are erased. Whether any was still here.
    pub fn erase(&mut self) -> bool {
        self.erased().into_iter().fold(false, |dropped, (id, kind)| self.drop_part(id, kind) || dropped)
    }

    /// Drops a part of an act. Whether it was here; the document is built again when it is next asked for.
    pub fn drop_part(&mut self, id: ActId, kind: PartKind) -> bool {
        let Some(node) = self.index.get(&id).map(|index| &mut self.nodes[*index]) else { return false };
        let before = node.parts.len();
        node.parts.retain(|part| part.kind != kind);
        let dropped = node.parts.len() < before;
        if dropped {
            self.document = None;
        }
        dropped
    }

    /// The document, brought up to date.
    ///
    /// # Errors
    /// Automerge refuses an admitted effect: a fault of this program.
    pub fn document(&mut self) -> Result<&Document, DocumentError> {
        let document = self.caught_up()?;
        Ok(self.document.insert(document))
    }

    /// Values of a register: see [`Document::register`].
    ///
    /// # Errors
    /// As [`Self::document`].
    pub fn register(&mut self, field: Field) -> Result<Vec<String>, DocumentError> {
        self.document()?.register(field)
    }

    fn caught_up(&mut self) -> Result<Document, DocumentError> {
        // What counted once and does not any more leaves no trace; what counts late is written in its place.
        let mut document = match self.document.take().filter(|document| document.goes_on(&self.view)) {
            Some(document) => document,
            None => Document::empty()?,
        };
        document.catch_up(&self.nodes, &self.view)?;
        Ok(document)
    }

    /// The document built from nothing: must equal [`Self::document`].
    ///
    /// # Errors
    /// As [`Self::document`].
    pub fn redrawn(&self) -> Result<Document, DocumentError> {
        Document::build(&self.nodes, &self.view)
    }

    /// Who wrote which block: what admission asks.
    pub(crate) fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    /// The blocks of an article as they stood where these acts were the heads. Acts that are not held are left out;
    /// without any, as they stand now.
    ///
    /// # Errors
    /// As [`Self::document`].
    pub fn blocks_at(&mut self, base: &[ActId]) -> Result<Vec<Block>, DocumentError> {
        let acts: Vec<usize> = base.iter().filter_map(|id| self.index_of(*id)).collect();
        if acts.is_empty() {
            return self.document()?.blocks();
        }
        let past = closure(&self.nodes, &acts);
        let document = self.caught_up()?;
        let document = self.document.insert(document);
        Ok(document.blocks_at(&self.nodes, &past))
    }

    /// The blocks as an act found them: what a publication publishes.
    ///
    /// # Errors
    /// As [`Self::document`].
    pub fn blocks_before(&mut self, id: ActId) -> Result<Vec<Block>, DocumentError> {
        let Some(node) = self.node(id) else { return Ok(Vec::new()) };
        let found: Vec<ActId> = node.deps.iter().map(|dep| self.nodes[*dep].id).collect();
        self.blocks_at(&found)
    }

    /// The acts that name the whole text as it stands: those that count and wrote and that no other such act follows.
    #[must_use]
    pub fn writers(&self) -> Vec<ActId> {
        let wrote = self.view.iter().filter(|act| self.nodes[*act].writes()).collect();
        maximal(&self.nodes, wrote).into_iter().map(|act| self.nodes[act].id).collect()
    }

    /// Writes what it means that `text` was typed over the article as it was when the acts `base` were the
    /// heads: see [`crate::edit::write`].
    ///
    /// # Errors
    /// As [`Self::document`].
    pub fn edit(&mut self, base: &[ActId], text: &str, to: Writing<'_>) -> Result<(), DocumentError> {
        let (found, now) = (self.blocks_at(base)?, self.blocks_at(&[])?);
        crate::edit::write(&found, &now, text, to);
        Ok(())
    }

    /// Writes that of the values of a block, as they stood side by side at `base`, the one of `act` is chosen.
    /// False if there is no such value, or its text is not here.
    ///
    /// # Errors
    /// As [`Self::document`].
    pub fn choose(
        &mut self,
        base: &[ActId],
        block: BlockId,
        act: ActId,
        mut to: Writing<'_>,
    ) -> Result<bool, DocumentError> {
        let found = self.blocks_at(base)?;
        let Some(block) = found.iter().find(|found| found.id == block) else { return Ok(false) };
        let Some(value) = block.values.iter().find(|value| value.act == act) else { return Ok(false) };
        let held = self.node(act).is_some_and(|node| node.part(PartKind::Text).is_some());
        if value.text.is_some() && !held {
            return Ok(false);
        }
        to.set(block, value.text.as_deref());
        Ok(true)
    }

    /// Acts and effects, about, that are gone through to take in an act: what it takes is as long as they are many.
    #[must_use]
    pub fn work(&self, node: &Node) -> usize {
        self.nodes.len() + node.act.effects.len()
    }

    /// Bytes of memory, about.
    #[must_use]
    pub fn weight(&self) -> usize {
        let of = |node: &Node| {
            let parts: usize = node.parts.iter().map(|part| part.text.len()).sum();
            size_of::<Node>() + node.act.effects.len() * size_of::<Effect>() + node.past.weight() + parts
        };
        let folded = self.folded.weight() + self.beside.1.weight();
        self.nodes.iter().map(of).sum::<usize>() + self.blocks.weight() + folded
    }

    /// Ids of the past of an act and the act itself.
    #[must_use]
    pub fn upto(&self, id: ActId) -> Vec<ActId> {
        let Some(index) = self.index_of(id) else { return Vec::new() };
        self.nodes[index].past.iter().chain([index]).map(|i| self.nodes[i].id).collect()
    }
}

/// Whether the private part of an act says who raised the request.
fn names_requester(node: &Node) -> bool {
    node.fact.body.kind().begins() || node.fact.body.kind() == ActKind::CorrectRequester
}
