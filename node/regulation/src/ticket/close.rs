//! Completion, closure, supervision, archive: articles 23 to 25 and 28.

use super::{Supervision, Ticket, TicketState};
use crate::act::Body;
use crate::record::{Fact, Level};
use crate::rule::{Broken, Rule};

impl Ticket {
    pub(super) fn take_closing(&mut self, fact: &Fact) -> Result<(), Broken> {
        match &fact.body {
            Body::Complete { .. } => {
                if let Some((request, _)) = self.return_request() {
                    return Err(Rule::ReturnPending.because(Some(request)));
                }
                self.completion = Some((fact.id, fact.when()));
                self.state = TicketState::AwaitingClosure;
            }
            Body::ConfirmClosure { .. } => {
                self.closure = Some((fact.id, fact.when()));
                self.state = TicketState::AwaitingFollowUp;
            }
            Body::SendBack => {
                // The time that the hotline took to look does not count.
                if let Some((_, completed_at)) = self.completion.take()
                    && let Some(lead) = self.lead_mut()
                {
                    lead.paused.push((completed_at, fact.when()));
                }
                self.again_from = Some(fact.when());
                self.state = TicketState::InProgress;
            }
            Body::Supervise { level, ground } => self.supervisions.push(Supervision {
                id: fact.id,
                at: fact.when(),
                level: *level,
                ground: *ground,
                replied_at: None,
                released_at: None,
            }),
            Body::SuperviseReply => {
                if let Some(supervision) = self.answered(fact) {
                    supervision.replied_at = Some(fact.when());
                }
            }
            Body::SuperviseRelease => match self.answered(fact) {
                Some(supervision) if supervision.replied_at.is_none() => {
                    return Err(Rule::NotReplied.because(Some(supervision.id)));
                }
                Some(supervision) => supervision.released_at = Some(fact.when()),
                None => {}
            },
            Body::Archive => return self.archive(fact),
            Body::Unarchive => {
                self.archived = None;
                self.state = TicketState::AwaitingArchive;
            }
            _ => {}
        }
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
