//! A ticket as rates look at it, and its acts by their ids.

use super::ByAct;
use crate::act::Body;
use crate::fact::Fact;
use crate::ids::{ActId, Millis};
use crate::terms::DueItem;
use crate::ticket::{Assignment, Ticket};

/// A ticket with the acts that made it what it is.
#[derive(Clone, Copy, Debug)]
pub struct Life<'a> {
    /// What they come to.
    pub ticket: &'a Ticket,
    /// Its effective acts, in the order in which they took effect.
    pub acts: &'a [&'a Fact],
    /// What is due on it, under the rules that hold for it.
    pub dues: &'a [DueItem],
    /// Its rounds and parts that are over.
    pub past: &'a [Past],
}

/// A round of handling, or a part, that is over: how it stood, with what was due in it.
#[derive(Clone, Debug)]
pub struct Past {
    /// The act that ended it.
    pub by: ActId,
    /// When.
    pub at: Millis,
    /// The ticket as it stood ([`Ticket::as_it`]).
    pub ticket: Ticket,
    /// What was due on it, under the rules that hold for it.
    pub dues: Vec<DueItem>,
}

/// Rounds and parts that are over, with what `dues` finds of each.
#[must_use]
pub fn past(ticket: &Ticket, dues: impl Fn(&Ticket) -> Vec<DueItem>) -> Vec<Past> {
    let of = |then: Ticket, by, at| Past { dues: dues(&then), ticket: then, by, at };
    ticket.stood.iter().map(|stood| of(ticket.as_it(stood), stood.by, stood.at)).collect()
}

impl Life<'_> {
    pub(super) fn fact(&self, id: ActId) -> Option<&Fact> {
        self.acts.iter().copied().find(|fact| fact.id == id)
    }

    /// The acts after one, newest first.
    pub(super) fn after(&self, id: ActId) -> impl Iterator<Item = &Fact> {
        self.between(id, None)
    }

    /// The acts after one and before another, newest first.
    pub(super) fn between(&self, id: ActId, until: Option<ActId>) -> impl Iterator<Item = &Fact> {
        let end = until.and_then(|until| self.acts.iter().position(|fact| fact.id == until));
        let acts = self.acts.get(..end.unwrap_or(self.acts.len())).unwrap_or_default();
        acts.iter().rev().copied().take_while(move |fact| fact.id != id)
    }

    /// The dispatches under which the unit of a part goes on with it, that of the part first: what is found of it follows it.
    pub(super) fn line(&self, part: &Assignment) -> Vec<ActId> {
        let parts = &self.ticket.assignments;
        let next = |from: ActId| {
            let closer = parts.iter().find(|a| (a.dispatch, a.unit) == (from, part.unit))?.closed_by?;
            let goes_on =
                |a: &&Assignment| a.unit == part.unit && a.resumed.is_some_and(|resumed| resumed.by == closer);
            parts.iter().find(goes_on).map(|a| a.dispatch)
        };
        std::iter::successors(Some(part.dispatch), |from| next(*from)).collect()
    }

    /// The dispatch by which the unit of a part had it first, where it goes on under that of the part.
    pub(super) fn first_dispatch(&self, part: &Assignment) -> ActId {
        let mut units = self.ticket.assignments.iter().filter(|a| a.unit == part.unit);
        units.find(|a| self.line(a).contains(&part.dispatch)).map_or(part.dispatch, |a| a.dispatch)
    }

    pub(super) fn by(&self, id: ActId) -> Option<ByAct> {
        let fact = self.fact(id)?;
        let confirmed = fact.answers.filter(|_| fact.body == Body::Confirm);
        let proposal = confirmed.and_then(|proposal| self.fact(proposal));
        Some(proposal.map_or_else(|| ByAct::of(fact), |proposal| ByAct::confirmed(proposal, fact)))
    }
}
