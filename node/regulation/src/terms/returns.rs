//! Returns (18): until when one is asked for, and that a clock stands still for no longer than the hotline has to decide.

use super::clock::Done;
use super::{DueItem, DueKind, Dues, Length};
use crate::ids::{ActId, Millis};
use crate::rule::Article;
use crate::ticket::{Assignment, Pause, PauseWhy};

impl Dues<'_> {
    /// A return may be asked for within its term; a county passes on in a day what a unit of its own has returned.
    pub(super) fn return_due(&self, lead: &Assignment, met: Done) -> DueItem {
        self.return_due_from(lead, lead.had_from(), met)
    }

    fn return_due_from(&self, lead: &Assignment, start: Millis, met: Done) -> DueItem {
        let length = Length::WorkingDays(self.terms.return_wd);
        let mut own = self.clock.item(DueKind::Return, lead.unit, start, length, Article(21, 1), met);
        // Merged into another ticket it was not the unit's to return.
        for pause in lead.pauses.iter().filter(|pause| pause.why.gone() && pause.to > start) {
            if pause.from < own.due {
                let days = self.clock.days_between(pause.from.max(start), pause.to);
                own.due = self.clock.calendar.due(own.due.saturating_sub(1), days).due;
            }
        }
        let Some((_, back_at)) = lead.back else { return own };
        let length = Length::WorkingDays(self.terms.county_return_wd);
        let passed_on = self.clock.item(DueKind::Return, lead.unit, back_at, length, Article(18, 0), met);
        if passed_on.due > own.due { passed_on } else { own }
    }

    /// A first return request that was made in time waits for its decision. One with new facts stops nothing.
    pub(super) fn waits_for_return(&self, assignment: &Assignment) -> Option<(ActId, Millis)> {
        let first = assignment.return_request.filter(|_| assignment.returns_refused == 0);
        first.filter(|(id, at)| self.return_in_time(assignment, *id, *at))
    }

    /// Whether a part that was taken away was returned: asked for in time, and agreed to before it counted as refused.
    pub(super) fn returned(&self, assignment: &Assignment, taken_at: Millis) -> bool {
        self.waits_for_return(assignment).is_some_and(|(act, at)| taken_at <= self.return_refused_at(act, at))
    }

    /// Signing for it. To ask to return it is to have it (18).
    pub(super) fn sign_for(&self, assignment: &Assignment) -> DueItem {
        let item = self.clock.sign_for(assignment);
        match self.waits_for_return(assignment).filter(|_| item.met_at.is_none()) {
            Some(request) => self.clock.meets(item, request),
            None => item,
        }
    }

    /// A term of so many working days after `start`, with those in which a hotline decided on a return that was asked for in time, or
    /// the unit did not have it. What begins when the term is over moves nothing.
    pub(super) fn with_returns(&self, assignment: &Assignment, start: Millis, days: u32) -> u32 {
        let still = |pause: &Pause| match pause.why {
            why if why.gone() => Some(pause.to),
            PauseWhy::Return => self.decides_on_return(assignment, pause),
            _ => None,
        };
        let pauses = assignment.pauses.iter().copied().chain(assignment.away());
        let over = pauses.filter_map(|pause| Some((pause.from, still(&pause)?)));
        let waits = self.waits_for_return(assignment).map(|(act, at)| (at, self.return_refused_at(act, at)));
        let mut stops: Vec<(Millis, Millis)> = over.chain(waits).collect();
        stops.sort_unstable();
        stops.into_iter().fold(days, |days, (from, to)| {
            let open = from < self.clock.calendar.due(start, days).due;
            days + if open { self.clock.days_between(from.max(start), to) } else { 0 }
        })
    }

    /// Until when a hotline decided on a return that was asked for in time: no longer than it has for that. One that was asked for
    /// too late was a suggestion.
    pub(super) fn decides_on_return(&self, assignment: &Assignment, pause: &Pause) -> Option<Millis> {
        let last = self.return_refused_at(pause.act, pause.from);
        self.return_in_time(assignment, pause.act, pause.from).then_some(pause.to.min(last))
    }

    /// Whether a return was asked for in its term: that of the dispatch by which the unit had it then.
    fn return_in_time(&self, assignment: &Assignment, act: ActId, at: Millis) -> bool {
        let before = assignment.resumed.is_some_and(|resumed| at <= resumed.away_from);
        let start = if before { assignment.clocks_from() } else { assignment.had_from() };
        self.before(act, at, self.return_due_from(assignment, start, None).due)
    }

    /// The last moment at which a hotline can decide on a return in time: of urgent help at once. Who says nothing has refused it
    /// then.
    pub(super) fn return_refused_at(&self, act: ActId, asked_at: Millis) -> Millis {
        if self.ticket.urgent() {
            let due = super::urgent_return_due(self.ticket, (act, asked_at), self.clock.calendar, self.terms);
            return due.saturating_sub(1);
        }
        self.refused_at(act, asked_at, self.terms.review_wd)
    }
}
