//! 联席会议 (4): what was brought before it, what it decided, and when the lead has told what became of that.

use super::Ticket;
use super::handle::earliest;
use crate::fact::Fact;
use crate::ids::{ActId, Millis};

/// Something that was brought before the joint meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// The act.
    pub id: ActId,
    /// What it decided, once it did.
    pub decided: Option<Decision>,
}

/// A decision of the joint meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The act.
    pub id: ActId,
    /// When.
    pub at: Millis,
    /// The first moment that is too late to report what became of it.
    pub due: Millis,
    /// The lead's first report after it, and when.
    pub met: Option<(ActId, Millis)>,
}

impl Ticket {
    pub(super) fn bring_before_meeting(&mut self, id: ActId) {
        self.meetings.push(Meeting { id, decided: None });
    }

    /// What waits for the meeting, oldest first.
    pub(super) fn undecided(&self) -> impl Iterator<Item = ActId> {
        self.meetings.iter().filter(|meeting| meeting.decided.is_none()).map(|meeting| meeting.id)
    }

    pub(super) fn meeting_decided(&mut self, due: Millis, fact: &Fact) {
        let asked = self.meetings.iter_mut().find(|meeting| Some(meeting.id) == fact.answers);
        let decided = Decision { id: fact.id, at: fact.when(), due, met: None };
        asked.into_iter().for_each(|meeting| meeting.decided = Some(decided));
    }

    /// The lead has reported: on each decision of before.
    pub(super) fn reports_to_meeting(&mut self, done: (ActId, Millis)) {
        let decisions = self.meetings.iter_mut().filter_map(|meeting| meeting.decided.as_mut());
        decisions.filter(|decision| decision.at <= done.1).for_each(|decision| earliest(&mut decision.met, done));
    }
}

impl Meeting {
    /// Shows each time that something hangs on, with the act that says it.
    pub(super) fn each_time(&mut self, see: &mut dyn FnMut(ActId, &mut Millis)) {
        if let Some(decision) = &mut self.decided {
            see(decision.id, &mut decision.at);
            decision.met.iter_mut().for_each(|(act, at)| see(*act, at));
        }
    }
}
