//! What a unit reported, by which in time or not is judged (23, 24).

use super::{Assignment, Part, Ticket};
use crate::act::{ClosureGround, Heard, Outcome, Way};
use crate::ids::{ActId, Millis};

/// What was reported, and how it was mended where its form alone was wanting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The report.
    pub first: (ActId, Millis),
    /// Each time that it was sent back for its form alone, oldest first.
    pub mended: Vec<Mended>,
}

/// It was sent back for its form alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mended {
    /// The act, and when.
    pub back: (ActId, Millis),
    /// The report that came then, and when.
    pub again: Option<(ActId, Millis)>,
}

/// What the completion in force came to, and how and whom it tells that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What came of it.
    pub outcome: Outcome,
    /// How it is told.
    pub way: Way,
    /// Whom.
    pub whom: Heard,
}

impl Reported {
    /// The work is done, as that act says.
    const fn of(first: (ActId, Millis)) -> Self {
        Self { first, mended: Vec::new() }
    }

    /// Each report, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = (ActId, Millis)> + Clone {
        std::iter::once(self.first).chain(self.mended.iter().filter_map(|mended| mended.again))
    }

    /// Those after that one, if it is one of them; else all.
    pub(crate) fn since(&self, after: Option<ActId>) -> impl Iterator<Item = (ActId, Millis)> {
        let place = self.all().position(|(id, _)| Some(id) == after);
        self.all().skip(place.map_or(0, |place| place + 1))
    }

    pub(super) fn each_time(&mut self, see: &mut dyn FnMut(ActId, &mut Millis)) {
        see(self.first.0, &mut self.first.1);
        for mended in &mut self.mended {
            see(mended.back.0, &mut mended.back.1);
            mended.again.iter_mut().for_each(|(act, at)| see(*act, at));
        }
    }
}

impl Ticket {
    /// The work is reported as done, for the first time or mended.
    pub(super) fn reports_done(&mut self, done: (ActId, Millis)) {
        match &mut self.reported {
            Some(reported) => {
                let open = reported.mended.last_mut().filter(|mended| mended.again.is_none());
                open.into_iter().for_each(|mended| mended.again = Some(done));
            }
            None => self.reported = Some(Reported::of(done)),
        }
    }

    /// A report is sent back: for its form alone it can be mended.
    pub(super) fn sent_back(&mut self, form_only: bool, back: (ActId, Millis)) {
        self.reported = self.reported.take().filter(|_| form_only);
        self.reported.iter_mut().for_each(|reported| reported.mended.push(Mended { back, again: None }));
    }

    /// What came of it, as the completion says, does not agree with that ground.
    pub(super) fn contradicts(&self, ground: ClosureGround) -> bool {
        self.replied.is_some_and(|reply| !ground.agrees(reply.outcome))
    }

    /// Whether the requester was answered in writing (23): the words are on the ticket, and not only that there are some.
    pub(super) fn answered_in_writing<'a>(&self, mut own: impl Iterator<Item = &'a Assignment>) -> bool {
        let whom = |whom: Heard| !self.register.anonymous || whom == Heard::QueryCode;
        let words = own.any(|a| a.part != Part::Assisting && a.words.is_some());
        words && self.replied.is_some_and(|reply| reply.way.written() && whom(reply.whom))
    }
}
