//! The fold of a history, kept up with its acts, and folds of the pasts that admission asks for.

use regulation::{ActId, Broken, Record, Rule, UnitId};

use super::History;
#[cfg(feature = "sabotage")]
use super::Sabotage;
use crate::fold::Folded;
use crate::graph::{ActSet, Node};
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

    /// What the acts of a past come to. `deps` are its maximal acts.
    #[must_use]
    pub(crate) fn record_at(&mut self, deps: &[usize], past: &ActSet) -> Record {
        self.folded_at(deps, past).record.clone()
    }

    /// Whether a unit is lead at a past.
    pub(super) fn leads(&mut self, unit: UnitId, deps: &[usize], past: &ActSet) -> bool {
        let record = &self.folded_at(deps, past).record;
        record.ticket().and_then(|ticket| ticket.lead()).is_some_and(|lead| lead.unit == unit)
    }

    /// Whether an act could be brought about at its past.
    pub(crate) fn lawful(&mut self, node: &Node) -> Result<(), Broken> {
        self.folded_at(&node.deps, &node.past);
        crate::fold::lawful(&self.nodes, node, self.looked_at(&node.deps))
    }

    /// Whether its place, its number and what it names forbid an act at its past.
    pub(crate) fn lawful_in_line(&mut self, node: &Node) -> Result<(), Rule> {
        self.folded_at(&node.deps, &node.past);
        names::lawful(&self.nodes, node, self.looked_at(&node.deps))
    }

    fn looked_at(&self, deps: &[usize]) -> &Folded {
        if self.follows_all(deps) { &self.folded } else { &self.beside.1 }
    }

    /// The fold of a past. Acts that were made at once mostly have one past, and acts of one author follow each other: what
    /// was looked at last is often what is asked for, or one act short of it.
    pub(super) fn folded_at(&mut self, deps: &[usize], past: &ActSet) -> &Folded {
        if self.follows_all(deps) {
            self.fold_on();
            return &self.folded;
        }
        let (set, folded) = &mut self.beside;
        if set != past {
            let nodes = &self.nodes;
            let follows = |act: &usize| nodes[*act].past == *set;
            #[cfg(feature = "sabotage")]
            if self.sabotage == Sabotage::LookBackAmiss && set.one_less_than(past).is_some() {
                return &self.beside.1;
            }
            match set.one_less_than(past).filter(follows) {
                Some(next) => folded.append(nodes, next),
                None => {
                    self.fold_on();
                    self.beside.1 = self.folded.at(&self.nodes, past);
                }
            }
            self.beside.0.clone_from(past);
        }
        &self.beside.1
    }

    fn follows_all(&self, deps: &[usize]) -> bool {
        self.heads.iter().all(|head| deps.contains(head))
    }

    /// What an act found, folded from nothing: must equal what it was judged by.
    #[must_use]
    pub fn refound(&self, id: ActId) -> Option<Record> {
        self.node(id).map(|node| self.folded.anew(&self.nodes, &node.past).record)
    }

    /// What an act found.
    pub fn found(&mut self, id: ActId) -> Option<Record> {
        let (deps, past) = self.node(id).map(|node| (node.deps.clone(), node.past.clone()))?;
        Some(self.record_at(&deps, &past))
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
