//! The fold of a history, kept up with its acts, and folds of the pasts that admission asks for.

use regulation::table::Room;
use regulation::{ActId, Author, Broken, DeviceId, Edition, Fact, Record, Rule};

use super::History;
#[cfg(feature = "sabotage")]
use super::Sabotage;
use crate::fold::Folded;
use crate::graph::{ActSet, Node, Rank, closure};
use crate::{line, names};

impl History {
    /// Folds what was put in since.
    pub(super) fn fold_on(&mut self) {
        let first = std::mem::replace(&mut self.folded_acts, self.nodes.len());
        match self.nodes.len() - first {
            0 => {}
            1 => self.folded.take(&self.nodes, first, self.heads == [first]),
            _ => self.folded.take_all(&self.nodes),
        }

        #[cfg(feature = "sabotage")]
        match self.sabotage {
            Sabotage::KeepTooMuch => self.folded.keep_too_much(&self.nodes),
            Sabotage::PutLast => self.folded.put_last(&self.nodes, first),
            _ => {}
        }
        self.view = line::view(&self.nodes, self.folded.lines());
    }

    /// Weighs what is not settled by that edition of the rules: the newest that is held.
    pub fn weigh_by(&mut self, edition: Edition) {
        if self.folded.edition() != edition {
            self.fold_on();
            self.folded.weigh_by(&self.nodes, edition);
            self.view = line::view(&self.nodes, self.folded.lines());
        }
    }

    /// What the acts of a past come to by an edition of the rules. `deps` are its maximal acts.
    #[must_use]
    pub(crate) fn record_at(&mut self, deps: &[usize], past: &ActSet, edition: Edition) -> Record {
        self.folded_at(deps, past, edition).record.clone()
    }

    /// Whether the unit of an act is lead at its past.
    pub(super) fn leads(&mut self, fact: &Fact, deps: &[usize], past: &ActSet) -> bool {
        let record = &self.folded_at(deps, past, fact.edition).record;
        record.ticket().and_then(|ticket| ticket.lead()).is_some_and(|lead| lead.unit == fact.author.unit)
    }

    /// Whether an act could be brought about at its past.
    pub(crate) fn lawful(&mut self, node: &Node) -> Result<(), Broken> {
        self.folded_at(&node.deps, &node.past, node.fact.edition);
        crate::fold::lawful(&self.nodes, node, self.looked_at(node))
    }

    /// Whether its place, its number and what it names forbid an act at its past.
    pub(crate) fn lawful_in_line(&mut self, node: &Node) -> Result<(), Rule> {
        self.folded_at(&node.deps, &node.past, node.fact.edition);
        names::lawful(&self.nodes, node, self.looked_at(node))
    }

    /// How many more acts of that room a device makes here, whose unit has that level; nothing of the hub's is counted.
    ///
    /// # Errors
    /// Why it makes none: the verdict that the next one would find.
    pub fn left(&mut self, room: Room, device: DeviceId, author: &Author) -> Result<usize, Rule> {
        if author.hub {
            return Ok(usize::MAX);
        }
        // What its next act will have in its past. No epoch is 0: of its own it names the newest, whatever that is.
        let deps: Vec<usize> = self.names(device, 0, None).iter().filter_map(|id| self.index_of(*id)).collect();
        let past = closure(&self.nodes, &deps);
        let own = past.iter().map(|index| &self.nodes[index].act).filter(|act| act.device == device);
        let own = names::counted(own);
        let found = self.folded_at(&deps, &past, self.folded.edition());
        let ticket = found.record.ticket();
        let lead = ticket.and_then(|ticket| ticket.lead());
        let rank = Rank::of(author.level, lead.is_some_and(|lead| lead.unit == author.unit));
        let more = ticket.map_or(0, |ticket| ticket.more_room(author.unit));
        found.limits().left(room, rank, own, more, found.lines().acts)
    }

    fn looked_at(&self, node: &Node) -> &Folded {
        if self.is_all(&node.deps, node.fact.edition) { &self.folded } else { &self.beside.1 }
    }

    /// The fold of a past. Acts that were made at once mostly have one past, and acts of one author follow each other: what
    /// was looked at last is often what is asked for, or one act short of it.
    pub(super) fn folded_at(&mut self, deps: &[usize], past: &ActSet, edition: Edition) -> &Folded {
        if self.is_all(deps, edition) {
            self.fold_on();
            return &self.folded;
        }
        let (set, folded) = &mut self.beside;
        if set != past || folded.edition() != edition {
            let nodes = &self.nodes;
            let follows = |act: &usize| nodes[*act].past == *set && folded.edition() == edition;
            #[cfg(feature = "sabotage")]
            if self.sabotage == Sabotage::LookBackAmiss && set.one_less_than(past).is_some() {
                return &self.beside.1;
            }
            match set.one_less_than(past).filter(follows) {
                Some(next) => folded.append(nodes, next),
                None => {
                    self.fold_on();
                    self.beside.1 = self.folded.at(&self.nodes, past, edition);
                }
            }
            self.beside.0.clone_from(past);
        }
        &self.beside.1
    }

    /// Whether a past is all that is held, and weighed by the edition by which that is.
    fn is_all(&self, deps: &[usize], edition: Edition) -> bool {
        self.folded.edition() == edition && self.heads.iter().all(|head| deps.contains(head))
    }

    /// What an act found, folded from nothing: must equal what it was judged by.
    #[must_use]
    pub fn refound(&self, id: ActId) -> Option<Record> {
        self.node(id).map(|node| self.folded.anew_by(&self.nodes, &node.past, node.fact.edition).record)
    }

    /// What an act found.
    pub fn found(&mut self, id: ActId) -> Option<Record> {
        let (deps, past, edition) =
            self.node(id).map(|node| (node.deps.clone(), node.past.clone(), node.fact.edition))?;
        Some(self.record_at(&deps, &past, edition))
    }

    /// Folds a causally closed set of its acts from nothing.
    #[must_use]
    pub fn fold_of(&self, set: &ActSet) -> Folded {
        self.folded.anew(&self.nodes, set)
    }

    /// Folds everything again from nothing: must equal [`Self::folded`].
    #[must_use]
    pub fn refold(&self) -> Folded {
        self.folded.anew(&self.nodes, &ActSet::first(self.nodes.len()))
    }
}
