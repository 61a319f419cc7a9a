//! Completion, closure, supervision, archive: articles 23 to 25 and 28.

use super::handle::earliest;
use super::{Assignment, Part, Pause, PauseWhy, Supervision, Ticket, TicketState};
use crate::act::{Body, SuperviseGround, SuperviseLevel};
use crate::fact::{Fact, Level};
use crate::rule::{Broken, Rule};

impl Ticket {
    pub(super) fn take_closing(&mut self, fact: &Fact) -> Result<(), Broken> {
        match &fact.body {
            Body::Complete { .. } => {
                // What waits for its first decision is not done meanwhile; who asks once more and does it, has let go of it.
                if let Some(lead) = self.lead_mut()
                    && let Some((request, _)) = lead.return_request
                {
                    if lead.returns_refused == 0 {
                        return Err(Rule::ReturnPending.because(Some(request)));
                    }
                    lead.return_request = None;
                }
                // Whoever tells the end has reported and been in touch, whatever becomes of it.
                if let Some(lead) = self.lead_mut() {
                    earliest(&mut lead.first_report, (fact.id, fact.when()));
                    earliest(&mut lead.first_contact, (fact.id, fact.when()));
                }
                // Whoever tells the end has told what was decided on an extension before it.
                for part in self.assignments.iter_mut().filter(|a| a.closed_by.is_none()) {
                    part.told(fact.when());
                }
                let done = (fact.id, fact.when());
                self.completion = Some(done);
                self.reported.get_or_insert(done);
                self.state = TicketState::AwaitingClosure;
            }
            Body::ConfirmClosure { .. } => {
                // What a county between the two asked for is done with.
                self.assignments
                    .iter_mut()
                    .for_each(|a| a.return_request = a.return_request.filter(|_| a.closed_by.is_some()));
                self.closure = Some((fact.id, fact.when()));
                self.state = TicketState::AwaitingFollowUp;
            }
            Body::SendBack { form_only } => {
                // The time that the hotline took to look does not count, for the unit and for a county between the two.
                if let Some((act, from)) = self.completion.take() {
                    let pause = Pause { from, to: fact.when(), act, why: PauseWhy::Review };
                    let looked = fact.author.unit;
                    let waited = |a: &Assignment| {
                        a.closed_by.is_none() && (a.part == Part::Lead || a.part == Part::Outer && a.by == looked)
                    };
                    self.assignments.iter_mut().filter(|a| waited(a)).for_each(|a| a.pauses.push(pause));
                }
                self.reported = self.reported.filter(|_| *form_only);
                self.state = TicketState::InProgress;
                self.drop_kept_out(fact);
            }
            Body::Supervise { level, ground } => return self.supervise(*level, *ground, fact),
            Body::SuperviseReply => {
                if let Some(supervision) = self.answered(fact) {
                    supervision.replied_at = Some(fact.when());
                }
            }
            Body::SuperviseRelease => {
                // Whoever has lost the ticket cannot reply any more.
                let waits = |s: &Supervision| Some(s.id) == fact.answers && s.replied_at.is_none();
                if let Some(waits) = self.supervised().find(|s| waits(s)) {
                    return Err(Rule::NotReplied.because(Some(waits.id)));
                }
                if let Some(supervision) = self.answered(fact) {
                    supervision.released_at = Some(fact.when());
                }
            }
            Body::Archive => return self.archive(fact),
            Body::Unarchive => {
                self.archived = None;
                self.finish(TicketState::AwaitingArchive, fact);
            }
            _ => {}
        }
        Ok(())
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
            replied_at: None,
            released_at: None,
        };
        let key = |s: &Supervision| (s.dispatch, s.round, s.ground, s.level);
        if fact.author.person.is_none()
            && let Some(same) = self.supervisions.iter().find(|other| key(other) == key(&new))
        {
            return Err(Rule::AlreadySupervised.because(Some(same.id)));
        }
        self.supervisions.push(new);
        Ok(())
    }

    fn answered(&mut self, fact: &Fact) -> Option<&mut Supervision> {
        self.supervisions.iter_mut().find(|supervision| Some(supervision.id) == fact.answers)
    }

    /// Both bodies keep their own archive (28).
    fn archive(&mut self, fact: &Fact) -> Result<(), Broken> {
        if fact.author.level == Level::CityHotline {
            if self.archived.is_some() {
                return Err(Rule::AlreadyArchived.because(self.archived));
            }
            // Whoever turned a request away is not the one who looks whether that was right (12, 16(3), `[D]`).
            let by = self.finished.and_then(|(_, person)| person);
            if self.state == TicketState::Rejected && by == fact.author.person {
                return Err(Rule::SecondPerson.because(self.answer));
            }
            // 完整: what somebody still waits for belongs into it (28).
            let appeal = self.appeals.first().map(|(id, _)| *id);
            if let Some(open) = appeal.or_else(|| self.supervised().next().map(|s| s.id)) {
                return Err(Rule::ArchiveIncomplete.because(Some(open)));
            }
            self.archived = Some(fact.id);
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
