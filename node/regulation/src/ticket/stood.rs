//! How a ticket stood when a round of handling, or somebody's part in it, came to its end: what was due and done in it stays
//! what it was, whatever comes afterwards.

use super::{Assignment, Deferral, Part, Reported, Ticket, TicketState};
use crate::act::{Register, RequestKind};
use crate::fact::Fact;
use crate::ids::{ActId, Millis, UnitId};

/// What is kept of a round or a part that is over.
#[derive(Clone, PartialEq, Eq)]
pub struct Stood {
    /// The act that ended it.
    pub by: ActId,
    /// When.
    pub at: Millis,
    state: TicketState,
    pub(super) round: u32,
    /// The parts that were in force.
    assignments: Vec<Assignment>,
    deferral: Option<Deferral>,
    completion: Option<(ActId, Millis)>,
    reported: Option<Reported>,
    closure: Option<(ActId, Millis)>,
    /// How many alarms had been raised.
    alarms: usize,
    /// What kind of request it was then, and how often that had been corrected.
    kind: RequestKind,
    reclassified: usize,
}

/// What ended it, when and which round: the rest stands in the ticket of then.
impl std::fmt::Debug for Stood {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Stood").field(&self.by).field(&self.at).field(&self.round).finish()
    }
}

impl Stood {
    /// Shows each time that something hangs on, with the act that says it.
    pub(super) fn each_time(&mut self, see: &mut dyn FnMut(ActId, &mut Millis)) {
        see(self.by, &mut self.at);
        let pairs = [&mut self.completion, &mut self.closure];
        pairs.into_iter().flatten().for_each(|(act, at)| see(*act, at));
        self.reported.iter_mut().for_each(|reported| reported.each_time(see));
        self.deferral.iter_mut().for_each(|deferral| deferral.each_time(see));
        self.assignments.iter_mut().for_each(|assignment| assignment.each_time(see));
    }

    /// The parts that were in force.
    pub(super) fn parts(&mut self) -> impl Iterator<Item = &mut Assignment> {
        self.assignments.iter_mut()
    }

    /// An alarm is taken out of the ticket's.
    pub(super) fn without_alarm(&mut self, place: usize) {
        if place < self.alarms {
            self.alarms -= 1;
        }
    }

    /// The report of what could not be solved for now.
    pub(super) fn waits_for(&self) -> Option<ActId> {
        self.deferral.map(|deferral| deferral.id)
    }

    /// The report that counted.
    pub(super) fn reported(&self) -> Option<Reported> {
        self.reported.clone()
    }

    /// The round, if it was found closed.
    pub(super) fn closed_round(&self) -> Option<u32> {
        self.closure.map(|_| self.round)
    }
}

impl Ticket {
    /// A round, or somebody's part, ends with that act.
    pub(super) fn keep(&mut self, fact: &Fact) {
        if self.stood.last().is_some_and(|last| last.by == fact.id) {
            return;
        }
        self.stood.push(Stood {
            by: fact.id,
            at: fact.when(),
            state: self.state,
            round: self.round,
            assignments: self.in_force().cloned().collect(),
            deferral: self.deferral,
            completion: self.completion,
            reported: self.reported.clone(),
            closure: self.closure,
            alarms: self.alarms.len(),
            kind: self.register.kind,
            reclassified: self.reclassified.len(),
        });
    }

    /// A part as it was when that act took it away, if that was after `at`.
    pub(super) fn taken_away(
        &mut self,
        by: ActId,
        (unit, dispatch): (UnitId, ActId),
        at: Millis,
    ) -> Option<&mut Assignment> {
        let stood = self.stood.iter_mut().find(|stood| stood.by == by && at < stood.at)?;
        stood.assignments.iter_mut().find(|a| a.unit == unit && a.dispatch == dispatch)
    }

    /// The round that was closed by that act, whatever became of it since.
    pub(super) fn round_closed_by(&self, closure: ActId) -> Option<u32> {
        let of = |known: &Option<(ActId, Millis)>| known.is_some_and(|(id, _)| id == closure);
        let before = || self.stood.iter().find(|stood| of(&stood.closure)).map(|stood| stood.round);
        if of(&self.closure) { Some(self.round) } else { before() }
    }

    /// Whether a unit led that round when it was closed, or had sent it on.
    pub(super) fn handled(&self, round: u32, unit: UnitId) -> bool {
        let handles = |a: &Assignment| a.unit == unit && a.part != Part::Assisting;
        let over = self.stood.iter().filter(|stood| stood.closed_round() == Some(round));
        let before = over.flat_map(|stood| &stood.assignments).any(handles);
        before || self.closure.is_some() && self.round == round && self.in_force().any(handles)
    }

    /// When what is over was reported and found done.
    pub(super) fn closings_before(&self) -> impl Iterator<Item = (ActId, Millis)> {
        self.stood.iter().flat_map(|stood| [stood.completion, stood.closure].into_iter().flatten())
    }

    /// How it stood when that act ended something.
    pub(super) fn ended_by(&self, act: ActId) -> Option<&Stood> {
        self.stood.iter().find(|stood| stood.by == act)
    }

    /// The ticket as it stood then, with what is known by now of when things were done and said.
    #[must_use]
    pub fn as_it(&self, stood: &Stood) -> Self {
        let Stood { state, round, deferral, completion, closure, .. } = *stood;
        let (assignments, reported) = (stood.assignments.clone(), stood.reported());
        let (explained, archived, escalation) = (None, None, None);
        let alarms = self.alarms.iter().take(stood.alarms).cloned().collect();
        let reclassified = self.reclassified.iter().take(stood.reclassified).copied().collect();
        Self {
            state,
            round,
            assignments,
            deferral,
            completion,
            reported,
            closure,
            explained,
            archived,
            escalation,
            alarms,
            register: Register { kind: stood.kind, ..self.register.clone() },
            reclassified,
            stood: Vec::new(),
            ..self.clone()
        }
    }
}
