//! A ticket as rates look at it, and its acts by their ids.

use super::ByAct;
use crate::act::Body;
use crate::fact::Fact;
use crate::ids::ActId;
use crate::terms::DueItem;
use crate::ticket::Ticket;

/// A ticket with the acts that made it what it is.
#[derive(Clone, Copy, Debug)]
pub struct Life<'a> {
    /// What they come to.
    pub ticket: &'a Ticket,
    /// Its effective acts, in the order in which they took effect.
    pub acts: &'a [&'a Fact],
    /// What is due on it, under the rules that hold for it.
    pub dues: &'a [DueItem],
    /// The act by which the city let it go as an honest error (容错, 41), if it did.
    pub tolerated: Option<ActId>,
}

impl Life<'_> {
    pub(super) fn fact(&self, id: ActId) -> Option<&Fact> {
        self.acts.iter().copied().find(|fact| fact.id == id)
    }

    /// The acts after one, newest first.
    pub(super) fn after(&self, id: ActId) -> impl Iterator<Item = &Fact> {
        self.acts.iter().rev().copied().take_while(move |fact| fact.id != id)
    }

    pub(super) fn by(&self, id: ActId) -> Option<ByAct> {
        let fact = self.fact(id)?;
        let confirmed = fact.answers.filter(|_| fact.body == Body::Confirm).and_then(|proposal| self.fact(proposal));
        Some(confirmed.map_or_else(|| ByAct::of(fact), |proposal| ByAct::confirmed(proposal, fact)))
    }
}
