//! Completion, closure, supervision, archive: articles 23 to 25 and 28.

use std::collections::BTreeSet;

use super::handle::earliest;
use super::join::{ATTEMPT_DAYS_MIN, ATTEMPTS_MAX};
use super::{Assignment, Part, Pause, PauseWhy, Reply, Supervision, Ticket, TicketState, Tried};
use crate::act::{Body, ClosureGround, SuperviseGround, SuperviseLevel};
use crate::calendar;
use crate::fact::{Fact, Level};
use crate::rule::{Broken, Rule};

impl Ticket {
    pub(super) fn take_closing(&mut self, fact: &Fact) -> Result<(), Broken> {
        match &fact.body {
            Body::Complete { outcome, told_way, told_whom, .. } => {
                // To ask for a return is no reason to let the work lie; who does it has let go of what he asked for.
                if let Some(lead) = self.lead_mut() {
                    lead.return_request = None;
                }
                // Whoever tells the end has reported and been in touch, whatever becomes of it.
                self.reports(fact);
                // In writing only where the words are there.
                let shown = |lead: &Assignment| !told_way.written() || lead.words.is_some();
                if let Some(lead) = self.lead_mut().filter(|lead| shown(lead)) {
                    earliest(&mut lead.first_contact, fact.done());
                }
                // Whoever tells the end has told what was decided on an extension before it.
                for part in self.assignments.iter_mut().filter(|a| a.closed_by.is_none()) {
                    part.told(fact.done());
                }
                let done = fact.done();
                self.reports_to_meeting(done);
                self.completion = Some(done);
                self.replied = Some(Reply { outcome: *outcome, way: *told_way, whom: *told_whom });
                self.reports_done(done);
                self.unheard_by(fact);
                self.takers.clear();
                self.state = TicketState::AwaitingClosure;
            }
            Body::ConfirmClosure { ground } => {
                if *ground != ClosureGround::Other && *ground != ClosureGround::of(self.register.kind) {
                    return Err(Rule::GroundOfKind.into());
                }
                if self.contradicts(*ground) {
                    return Err(Rule::GroundOfOutcome.because(fact.answers));
                }
                if !self.requester_knows() {
                    return Err(Rule::NotTold.because(fact.answers));
                }
                if let Some(joined) = self.unserved().next() {
                    return Err(Rule::JoinedSince.because(Some(joined.by)));
                }
                // What a county between the two asked for is done with.
                self.assignments
                    .iter_mut()
                    .for_each(|a| a.return_request = a.return_request.filter(|_| a.closed_by.is_some()));
                (self.closure, self.replied_in_writing) = (Some(fact.done()), None);
                self.state = TicketState::AwaitingFollowUp;
            }
            Body::SendBack { form_only } => {
                // The time that the hotline took to look does not count, for the unit and for a county between the two.
                if let Some((act, from)) = self.completion.take() {
                    let pause = Pause { from, to: fact.when(), act, by: fact.id, why: PauseWhy::Review, agreed: None };
                    let looked = fact.author.unit;
                    let waited = |a: &Assignment| {
                        a.closed_by.is_none() && (a.part == Part::Lead || a.part == Part::Outer && a.by == looked)
                    };
                    self.assignments.iter_mut().filter(|a| waited(a)).for_each(|a| a.pauses.push(pause));
                }
                self.sent_back(*form_only, fact.done());
                self.state = TicketState::InProgress;
                self.drop_kept_out(fact);
            }
            Body::Supervise { level, ground } => return self.supervise(*level, *ground, fact),
            Body::SuperviseReply => {
                self.file(fact);
            }
            Body::SuperviseRelease => {
                // Whoever has lost the ticket cannot reply any more; on what a wrong clock raised nobody has to.
                let annuls = fact.author.person.is_none();
                let waits = |s: &Supervision| Some(s.id) == fact.answers && s.replied.is_none() && !annuls;
                if let Some(waits) = self.supervised().find(|s| waits(s)) {
                    return Err(Rule::NotReplied.because(Some(waits.id)));
                }
                if let Some(supervision) = self.answered(fact) {
                    supervision.released = Some(fact.done());
                    supervision.annulled = annuls;
                }
            }
            Body::Archive => return self.archive(fact),
            Body::Unarchive => {
                (self.archived, self.unarchived) = (None, Some(fact.done()));
                self.state = self.before_archive.take().unwrap_or(TicketState::AwaitingArchive);
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the requester was reached, tried often enough on more than one day, or told in writing (23). Days are those of
    /// the entries, within what the hub witnessed: a day that is only claimed is none.
    #[must_use]
    pub fn requester_knows(&self) -> bool {
        if self.answered_in_writing(self.in_force()) {
            return true;
        }
        let own = self.in_force().filter(|a| a.part != Part::Assisting);
        let tries: Vec<Tried> = own.flat_map(|a| a.tries.iter().copied()).collect();
        let days: BTreeSet<_> = tries.iter().map(|tried| calendar::local_date(tried.at)).collect();
        tries.iter().any(|tried| tried.reached) || tries.len() >= ATTEMPTS_MAX && days.len() >= ATTEMPT_DAYS_MIN
    }

    /// What a hotline's node raises by itself it raises once for each dispatch, round, ground and grade; people may insist.
    fn supervise(&mut self, level: SuperviseLevel, ground: SuperviseGround, fact: &Fact) -> Result<(), Broken> {
        let of = |assignment: &&Assignment| Some(assignment.dispatch) == fact.answers;
        let Some(assignment) = self.assignments.iter().find(of) else { return Err(Rule::NotCurrentDispatch.into()) };
        let new = Supervision {
            id: fact.id,
            at: fact.when(),
            by: fact.author.unit,
            unit: assignment.unit,
            dispatch: assignment.dispatch,
            round: self.round,
            level,
            ground,
            replied: None,
            released: None,
            annulled: false,
        };
        let key = |s: &Supervision| (s.dispatch, s.round, s.ground, s.level);
        if fact.author.person.is_none()
            && let Some(same) = self.supervisions.iter().find(|other| !other.annulled && key(other) == key(&new))
        {
            return Err(Rule::AlreadySupervised.because(Some(same.id)));
        }
        self.supervisions.push(new);
        Ok(())
    }

    pub(super) fn answered(&mut self, fact: &Fact) -> Option<&mut Supervision> {
        self.supervisions.iter_mut().find(|supervision| Some(supervision.id) == fact.answers)
    }

    /// Both bodies keep their own archive (28).
    fn archive(&mut self, fact: &Fact) -> Result<(), Broken> {
        if fact.author.level == Level::CityHotline {
            if self.archived.is_some() {
                return Err(Rule::AlreadyArchived.because(self.archived));
            }
            // Whoever turned a request away is not the one who looks whether that was right (12, 16(3), `[D]`).
            let by = self.finished.and_then(|finished| finished.person);
            if self.state == TicketState::Rejected && by == fact.author.person {
                return Err(Rule::SecondPerson.because(self.answer));
            }
            // 完整: what somebody still waits for belongs into it (28).
            let appeal = self.appeals_waiting().next().map(|appeal| appeal.id);
            let supervised = || self.supervised().next().map(|s| s.id);
            if let Some(open) = appeal.or_else(supervised).or_else(|| self.unserved().next().map(|joined| joined.by)) {
                return Err(Rule::ArchiveIncomplete.because(Some(open)));
            }
            (self.archived, self.filed) = (Some(fact.id), Some(fact.done()));
            self.before_archive = Some(self.state);
            self.state = TicketState::Archived;
            return Ok(());
        }
        let own = self.part_of_mut(fact.author.unit)?;
        if own.archived.is_some() {
            return Err(Rule::AlreadyArchived.because(own.archived));
        }
        own.archived = Some(fact.id);
        Ok(())
    }
}
