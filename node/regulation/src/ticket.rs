//! A ticket (诉求工单) from registration to archive: articles 9 to 28.
//!
//! [`Ticket::apply`] checks an act against its row of [`crate::table`] and then lets it take effect; the effects are in
//! the modules below, each with what a row cannot say.

mod alarm;
mod assignment;
mod beside;
mod check;
mod close;
mod dispatch;
mod handle;
mod intake;
mod join;
mod meeting;
mod rate;
mod reclassify;
mod reported;
pub(crate) mod state;
mod stood;
mod when;

pub use alarm::{Alarm, Charges, Report};
pub use assignment::{
    Agreed, Asked, Assignment, Carried, Extension, Governs, LegalTerm, Part, Pause, PauseWhy, Reach, Resumed, Tell,
    Tried,
};
pub use intake::KEPT_MOST;
pub use join::Joined;
pub use meeting::{Decision, Meeting};
pub use reclassify::Reclassified;
pub use reported::{Mended, Reply, Reported};
pub use state::TicketState;
pub use stood::Stood;

use crate::act::{Body, Finding, Rating, Register, RequestKind, SuperviseGround, SuperviseLevel, Urgency};
use crate::fact::{Fact, Level};
use crate::ids::{ActId, Millis, PersonId, UnitId};
use crate::kind::ActKind;
use crate::proposal::Proposal;
use crate::rule::{Broken, Rule};
use crate::table::{self, Chapter, Transition};

/// One attempt of follow-up (26).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// The act.
    pub id: ActId,
    /// When.
    pub at: Millis,
    /// When it was written down.
    pub entered_at: Millis,
    /// The round of handling that it asks about, from 1; 0 while it counts for none.
    pub round: u32,
    /// Whose requester was asked: that of a ticket that joined; absent: the ticket's own.
    pub of: Option<ActId>,
    /// It was sent in writing, and nothing has come back by it.
    pub sent: bool,
    /// What the requester said, if reached.
    pub rating: Option<Rating>,
    /// The requester would not be asked.
    pub declined: bool,
    /// The act by which it was set aside (27(3)), if it was: kept, not counted.
    pub set_aside: Option<ActId>,
    /// The unit's verification of it, if it made one (27).
    pub verified: Option<Verified>,
    /// The unit has verified it and did not call it wrong: then it counts, whatever is found of it afterwards.
    pub found: bool,
    /// The explanation that its requester was given (27(2)).
    pub explained: Option<ActId>,
}

/// What a unit found of a bad rating (27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The act.
    pub id: ActId,
    /// When.
    pub at: Millis,
    /// What it found.
    pub finding: Finding,
}

/// The city hotline takes a ticket in (15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenIn {
    /// The act.
    pub id: ActId,
    /// The city hotline's unit.
    pub unit: UnitId,
    /// When.
    pub at: Millis,
}

/// A hotline takes a ticket from the unit that has it: a recall, or the last unit is kept out (13, 17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// The act.
    pub id: ActId,
    /// Who.
    pub person: Option<PersonId>,
}

/// An appeal of a unit on a round that was found closed (38).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appeal {
    /// The act.
    pub id: ActId,
    /// Whose.
    pub unit: UnitId,
    /// When.
    pub at: Millis,
    /// The round.
    pub round: u32,
    /// The act that decided on it, and whether the unit is right.
    pub decided: Option<(ActId, bool)>,
}

/// One supervision (25).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supervision {
    /// The act.
    pub id: ActId,
    /// When.
    pub at: Millis,
    /// The hotline that raised it.
    pub by: UnitId,
    /// The unit that answers for it.
    pub unit: UnitId,
    /// The dispatch by which that unit has the ticket.
    pub dispatch: ActId,
    /// The round of handling, from 1.
    pub round: u32,
    /// Its grade.
    pub level: SuperviseLevel,
    /// The item of article 25.
    pub ground: SuperviseGround,
    /// The newest reply, and when.
    pub replied: Option<(ActId, Millis)>,
    /// The act that released it, and when.
    pub released: Option<(ActId, Millis)>,
    /// The city hub took it back: its clock was wrong when it was raised. It never counted.
    pub annulled: bool,
}

impl Supervision {
    /// Whether it was raised on that part.
    #[must_use]
    pub fn concerns(&self, part: &Assignment) -> bool {
        self.dispatch == part.dispatch && self.unit == part.unit
    }
}

/// An escalation that waits for an opinion (20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// The act.
    pub id: ActId,
    /// The government or superior that was asked.
    pub to: UnitId,
    /// When.
    pub at: Millis,
}

/// A matter that cannot be solved for now (21(7)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deferral {
    /// The report.
    pub id: ActId,
    /// When it was reported.
    pub at: Millis,
    /// The dispatch under which it was.
    pub dispatch: ActId,
    /// 挂账: once the city agreed.
    pub agreed: Option<Agreed>,
}

impl Deferral {
    /// Whether it excuses that part: the lead's under which it was reported, and a county's between it and the city.
    #[must_use]
    pub fn excuses(&self, part: &Assignment) -> bool {
        match part.part {
            Part::Lead => part.dispatch == self.dispatch,
            Part::Outer => true,
            Part::Assisting => false,
        }
    }
}

/// An act that reached the city later than it says it was made, as the city hub witnessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Late {
    /// The act.
    pub act: ActId,
    /// It cannot have been made before.
    pub not_before: Millis,
    /// It was made by then.
    pub received_at: Millis,
    /// Its device was out of reach meanwhile, as far as can be seen.
    pub offline: bool,
    /// What it says lies between the two, give or take the allowance for clocks.
    pub clock_good: bool,
    /// What an officer decided: whether it counts as in time.
    pub decided: Option<bool>,
}

/// The last step before the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The act.
    pub act: ActId,
    /// When.
    pub at: Millis,
    /// Who made it; absent for a hotline's clock.
    pub person: Option<PersonId>,
}

/// What was told once its closing was settled: it is on record, and counts only once it is witnessed as earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Afterwards {
    /// The act.
    pub act: ActId,
    /// When it was done, by its own account.
    pub at: Millis,
    /// The closing that it would have come before, and when that was: the filing for a rating, the closure for work.
    pub before: (ActId, Millis),
    /// What it is.
    pub what: Told,
}

/// What was told afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// A rating of that round.
    Rating(u32),
    /// What a unit did under that dispatch.
    Work(Report),
}

/// A merge that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MergedInto {
    /// The act.
    pub id: ActId,
    /// The ticket that goes on.
    pub into: ActId,
    /// The state before.
    pub before: TicketState,
}

/// What the acts of a ticket come to. Text, category, place and tags are in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The registering act.
    pub registered: ActId,
    /// When it was registered.
    pub registered_at: Millis,
    /// The unit that registered it.
    pub registered_by: UnitId,
    /// How the city hotline took the ticket in (15), once it did.
    pub taken_in: Option<TakenIn>,
    /// Typed fields of the registration, as corrected.
    pub register: Register,
    /// By which acts who raised it was corrected, oldest first: name, telephone and address stand in their private parts.
    pub requester_corrected: Vec<ActId>,
    /// Each time that its kind was corrected, oldest first.
    pub reclassified: Vec<Reclassified>,
    /// It was registered with a name, whatever was found of that since.
    pub named: bool,
    /// Urgency as it is now.
    pub urgency: Urgency,
    /// Each time that somebody said it is urgent, oldest first.
    pub alarms: Vec<Alarm>,
    /// Where it stands.
    pub state: TicketState,
    /// Every assignment, in the order in which they were made.
    pub assignments: Vec<Assignment>,
    /// By what nobody has it, or the county again: while nothing else was dispatched (13, 17).
    pub taken_back: Option<ActId>,
    /// Each time that it was taken from a unit since one reported it done: whoever did so is not the one who then ends it at the
    /// hotline's own desk.
    pub takers: Vec<TakenBack>,
    /// Units that are kept out (13).
    pub recused: Vec<UnitId>,
    /// An escalation that waits (20).
    pub escalation: Option<Escalation>,
    /// What was brought before the joint meeting, oldest first (4).
    pub meetings: Vec<Meeting>,
    /// Governments and superiors that were asked.
    pub asked: Vec<UnitId>,
    /// A deferral that was reported or agreed (21(7)).
    pub deferral: Option<Deferral>,
    /// The completion in force, and when the work was done.
    pub completion: Option<(ActId, Millis)>,
    /// What the completion in force came to, and how and whom it tells that.
    pub replied: Option<Reply>,
    /// What in time or not is judged by: the completion in force, or one before it that was sent back for its form alone.
    pub reported: Option<Reported>,
    /// The closure in force, and when it was confirmed.
    pub closure: Option<(ActId, Millis)>,
    /// Round of handling, from 1; each remedy begins another (27(1)).
    pub round: u32,
    /// Rounds that are over, as they stood; oldest first.
    pub stood: Vec<Stood>,
    /// Follow-ups, oldest first.
    pub follow_ups: Vec<FollowUp>,
    /// The explanation that the requester was given (27(2)).
    pub explained: Option<ActId>,
    /// The requester's objection to it, and when.
    pub objected: Option<(ActId, Millis)>,
    /// Supervisions, oldest first.
    pub supervisions: Vec<Supervision>,
    /// Appeals, oldest first: one a unit and round.
    pub appeals: Vec<Appeal>,
    /// What two people of the city let go as an honest error (41): closures before that act.
    pub tolerated: Option<ActId>,
    /// Acts that reached the city late, as the city hub witnessed; oldest first.
    pub late: Vec<Late>,
    /// What was told once the closing was settled, and is not witnessed as earlier.
    pub afterwards: Vec<Afterwards>,
    /// How often the requester urged.
    pub urges: u32,
    /// What the city hotline has attached of what was said or written to it since it last dispatched, newest last: by this the
    /// requester's will to withdraw is shown.
    pub heard: Vec<ActId>,
    /// Digests of what was attached of words: one file is one reply, and of whoever attached it first.
    pub words: Vec<[u8; 32]>,
    /// The newest of those heard since the closure in force, or the end: what a rating in writing rests on (26).
    pub replied_in_writing: Option<ActId>,
    /// Units that were given more room, each time once.
    pub more_room: Vec<UnitId>,
    /// Tickets of other requesters that were merged into this one.
    pub joined: Vec<Joined>,
    /// Whoever works on it at the hotline.
    pub claimed_by: Option<PersonId>,
    /// The referral to a hotline of another region, which answers it (9).
    pub region: Option<ActId>,
    /// The unit that praise was conveyed to.
    pub praised: Option<UnitId>,
    /// The answer, rejection or referral that ended it at intake.
    pub answer: Option<ActId>,
    /// The last step before the archive.
    pub finished: Option<Finished>,
    /// The merge in force.
    pub merged: Option<MergedInto>,
    /// From when until when it was merged while nobody had it.
    pub put_aside: Vec<Pause>,
    /// The city's archive (28).
    pub archived: Option<ActId>,
    /// The state before it.
    pub before_archive: Option<TicketState>,
    /// The act by which it was last taken back, and when.
    pub unarchived: Option<(ActId, Millis)>,
    /// By which act it was filed last, and when: not undone with the filing.
    pub filed: Option<(ActId, Millis)>,
    /// What was proposed to be decided by two people, oldest first.
    pub proposals: Vec<Proposal>,
}

impl Ticket {
    /// The unit that leads now: the deepest one of a chain of sub-dispatches.
    #[must_use]
    pub fn lead(&self) -> Option<&Assignment> {
        self.assignments.iter().find(|a| a.closed_by.is_none() && a.part == Part::Lead)
    }

    /// The assignments in force.
    pub fn in_force(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(|assignment| assignment.closed_by.is_none())
    }

    /// The assisting assignments in force.
    pub fn assisting(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(|a| a.closed_by.is_none() && a.part == Part::Assisting)
    }

    /// The dispatch that the lead unit has the ticket by.
    #[must_use]
    pub fn dispatch(&self) -> Option<ActId> {
        self.lead().map(|lead| lead.dispatch)
    }

    /// A return request that waits for a decision, and when it was made.
    #[must_use]
    pub fn return_request(&self) -> Option<(ActId, Millis)> {
        self.in_force().find_map(|assignment| assignment.return_request)
    }

    /// An extension that waits for a decision.
    #[must_use]
    pub fn extension(&self) -> Option<Asked> {
        self.in_force().find_map(|assignment| assignment.extension)
    }

    /// The newest round that was found closed.
    fn closed_round(&self) -> Option<u32> {
        let before = self.stood.iter().rev().find_map(Stood::closed_round);
        self.closure.map(|_| self.round).or(before)
    }

    /// The appeals that wait for a decision.
    pub fn appeals_waiting(&self) -> impl Iterator<Item = &Appeal> {
        self.appeals.iter().filter(|appeal| appeal.decided.is_none())
    }

    /// Whether the request is urgent help (21(3)).
    #[must_use]
    pub fn urgent(&self) -> bool {
        self.urgency == Urgency::Urgent && self.register.kind == RequestKind::Help
    }

    /// Whether it was so then, as far as is known since.
    #[must_use]
    pub fn urgent_at(&self, at: Millis) -> bool {
        let open = |alarm: &Alarm| alarm.raised.1 <= at && alarm.ended.is_none_or(|(_, ended)| ended > at);
        self.register.kind == RequestKind::Help && self.alarms.iter().any(open)
    }

    /// The act whose time `unit` has to decide on next: one that names a statutory term, under a dispatch that is its own to
    /// decide on; or, at the city, any, and the oldest one that came late.
    #[must_use]
    pub fn disputed(&self, unit: UnitId) -> Option<ActId> {
        let city = self.taken_in.is_some_and(|taken_in| taken_in.unit == unit);
        let named = self.in_force().filter(|a| city || self.decider(a.by) == unit).filter_map(|a| a.legal);
        let legal = named.map(|legal| legal.id).next();
        let late = self.late.iter().filter(|_| city).find(|late| late.decided.is_none()).map(|late| late.act);
        legal.or(late)
    }

    /// Who decides on what the hotline `by` dispatched: that hotline, or, where it is kept out, the city that took the
    /// ticket in.
    #[must_use]
    pub fn decider(&self, by: UnitId) -> UnitId {
        match self.taken_in {
            Some(taken_in) if self.recused.contains(&by) => taken_in.unit,
            _ => by,
        }
    }

    /// Who decides on an extension that a part asked for: whoever dispatched to it, or the city where the part says so.
    #[must_use]
    pub fn extends(&self, part: &Assignment, asked: &Asked) -> UnitId {
        match self.taken_in {
            Some(taken_in) if asked.of_city => taken_in.unit,
            _ => self.decider(part.by),
        }
    }

    /// Whether some dispatch in force is the unit's to decide on.
    fn decides(&self, unit: UnitId) -> bool {
        self.in_force().any(|a| self.decider(a.by) == unit)
    }

    /// The supervisions in force: what was not released, of units that still have the ticket to go on with.
    pub fn supervised(&self) -> impl Iterator<Item = &Supervision> {
        let has = |s: &Supervision| self.in_force().any(|a| s.concerns(a));
        self.supervisions.iter().filter(move |s| s.released.is_none() && !self.ended() && has(s))
    }

    pub(crate) fn apply(&mut self, fact: &Fact) -> Result<(), Broken> {
        let fact = &*self.timed(fact);
        let kind = fact.body.kind();
        let Some(row) = table::row(kind) else { return Err(Rule::WrongDocument.into()) };
        let here = row.from.contains(&self.state)
            || self.reports_beforehand(kind, fact.author.unit)
            || self.leaves_a_residue(&fact.body);
        if !here && self.ended() && self.state != TicketState::Archived {
            return Err(Rule::NotOpen.because(self.merged.map(|merged| merged.id).or(self.answer)));
        }
        self.check_who(row.who, &fact.author)?;
        self.check_kept_out(fact)?;
        self.check_target(row.target, kind, fact)?;
        if !here {
            return Err(row.elsewhere.because(self.in_the_way()));
        }
        self.take(row, fact)
    }

    /// The state; of an archived one that before the archive.
    const fn before_filing(&self) -> TicketState {
        match (self.state, self.before_archive) {
            (TicketState::Archived, Some(before)) => before,
            (state, _) => state,
        }
    }

    /// The requester took it back, filed or not.
    pub(crate) fn withdrawn(&self) -> bool {
        self.before_filing() == TicketState::Withdrawn
    }

    /// Ended at intake, by the requester or by a merge, filed or not: whatever comes then is told so, not that it is the wrong
    /// unit's.
    pub(crate) const fn ended(&self) -> bool {
        use TicketState as S;
        matches!(
            self.before_filing(),
            S::Answered | S::Rejected | S::Referred | S::OwnMatter | S::Withdrawn | S::Merged
        )
    }

    /// 先行处置 (21(3)): what a unit did on urgent help that it wrote down itself stays told, whatever becomes of the ticket.
    fn reports_beforehand(&self, kind: ActKind, unit: UnitId) -> bool {
        matches!(kind, ActKind::Progress | ActKind::Contact | ActKind::Arrive) && self.is_proxy_of(unit)
    }

    /// What is left to be done here goes on beside what an emergency hotline was called for, whoever has it by now (16(4)).
    fn leaves_a_residue(&self, body: &Body) -> bool {
        let open = !self.ended() && self.closure.is_none() && self.state != TicketState::Archived;
        open && matches!(body, Body::ReferEmergency { residue: true, .. })
    }

    /// Lets an act that its row allows take effect.
    fn take(&mut self, row: &Transition, fact: &Fact) -> Result<(), Broken> {
        match row.chapter {
            Chapter::Intake => self.take_intake(fact),
            Chapter::Dispatching => self.take_dispatch(fact),
            Chapter::Handling => self.take_handling(fact),
            Chapter::Closing => self.take_closing(fact),
            Chapter::Rating => self.take_rating(fact),
            Chapter::Nothing => Ok(()),
            Chapter::Elsewhere => Err(Rule::WrongDocument.into()),
        }
    }

    /// An officer decides whether what arrived late counts as in time, or whether the statutory term that was named governs.
    ///
    /// Of what came late only the city says so: it may be a county's own. So it is where a unit disputes that a county's word
    /// of a delivery is true. Of a statutory term, whoever dispatched to the
    /// unit that named it, or the city.
    fn decide_time(&mut self, fact: &Fact) -> Result<(), Broken> {
        let Body::DecideTime { in_time } = fact.body else { return Ok(()) };
        let city = fact.author.level == Level::CityHotline;
        let told = |a: &&mut Assignment| a.delivered_by.is_some() && a.delivered_by == fact.answers;
        if let Some(assignment) = self.assignments.iter_mut().find(told) {
            if !city {
                return Err(Rule::CityOnly.because(fact.answers));
            }
            // A call by which the unit also signed for it stands as what it is: somebody was spoken to.
            let signed = assignment.signed_for.map(|(act, _)| act) == fact.answers;
            if !in_time && !signed {
                assignment.refute();
            }
            return Ok(());
        }
        let open = |late: &&mut Late| Some(late.act) == fact.answers && late.decided.is_none();
        if let Some(late) = self.late.iter_mut().find(open) {
            if !city {
                return Err(Rule::CityOnly.because(fact.answers));
            }
            late.decided = Some(in_time);
            let late = *late;
            self.witnessed_as_earlier(&late);
            return Ok(());
        }
        let named = |a: &Assignment| a.legal.is_some_and(|legal| Some(legal.id) == fact.answers);
        let by = self.assignments.iter().find(|a| named(a)).map(|a| self.decider(a.by));
        if !city && by.is_some_and(|by| by != fact.author.unit) {
            return Err(Rule::DispatcherOnly.because(fact.answers));
        }
        if let Some(part) = self.assignments.iter_mut().find(|a| named(a))
            && let Some(legal) = part.legal.take()
        {
            // Decided when the term was over, the unit has some days from there, whatever was decided.
            let ((by, to), LegalTerm { id: act, at: from, .. }) = (fact.done(), legal);
            part.pauses.push(Pause { from, to, act, by, why: PauseWhy::Term, agreed: None });
            let dispatch = part.dispatch;
            if in_time {
                self.govern(dispatch, legal, fact);
            }
        }
        Ok(())
    }

    /// A unit wrote it down for the city to confirm (代录).
    #[must_use]
    pub fn by_proxy(&self) -> bool {
        self.taken_in.is_none_or(|taken_in| taken_in.unit != self.registered_by)
    }

    /// The unit wrote the ticket down for the city, and nobody has been given it yet.
    fn is_proxy_of(&self, unit: UnitId) -> bool {
        self.registered_by == unit && self.by_proxy() && self.assignments.is_empty()
    }

    /// The unit's part in force.
    #[must_use]
    pub fn part_of(&self, unit: UnitId) -> Option<&Assignment> {
        self.assignments.iter().find(|a| a.closed_by.is_none() && a.unit == unit)
    }

    /// Nothing is left to do but the archive.
    fn finish(&mut self, state: TicketState, fact: &Fact) {
        self.state = state;
        self.finished = Some(Finished { act: fact.id, at: fact.when(), person: fact.author.person });
    }

    fn part_of_mut(&mut self, unit: UnitId) -> Result<&mut Assignment, Broken> {
        let closer = self.closer_of(unit);
        self.assignments
            .iter_mut()
            .find(|a| a.closed_by.is_none() && a.unit == unit)
            .ok_or(Rule::NoSuchAssignment.because(closer))
    }

    fn lead_mut(&mut self) -> Option<&mut Assignment> {
        self.assignments.iter_mut().find(|a| a.closed_by.is_none() && a.part == Part::Lead)
    }

    /// The act that last took the ticket away from a unit.
    fn closer_of(&self, unit: UnitId) -> Option<ActId> {
        self.assignments.iter().rev().find(|a| a.unit == unit).and_then(|a| a.closed_by)
    }

    /// What brought the ticket to where it stands, as far as one act did.
    fn in_the_way(&self) -> Option<ActId> {
        let closed = self.closure.or(self.completion).map(|(id, _)| id);
        let rated = self.follow_ups.last().map(|follow_up| follow_up.id);
        let merged = self.merged.map(|merged| merged.id);
        self.archived.or(merged).or(rated).or(closed).or_else(|| self.dispatch()).or(self.answer)
    }
}
