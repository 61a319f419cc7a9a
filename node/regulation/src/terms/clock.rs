//! Counting: from a start and a length to a due, and from an act that came late to what its own account is worth.

use super::item::{HOUR_MS, MINUTE_MS};
use super::{Arrival, DueItem, DueKind, Length, Terms};
use crate::calendar::{Calendar, Due};
use crate::ids::{ActId, Millis, UnitId};
use crate::rule::Article;
use crate::ticket::{Assignment, Late, Ticket};

/// An act that met a due, and when.
pub(super) type Done = Option<(Option<ActId>, Millis)>;

pub(super) fn done(act: Option<(ActId, Millis)>) -> Done {
    act.map(|(id, at)| (Some(id), at))
}

/// Counts terms by the calendar, and weighs what came late.
#[derive(Clone, Copy)]
pub(super) struct Clock<'c> {
    pub ticket: &'c Ticket,
    pub calendar: &'c Calendar,
    pub terms: &'c Terms,
    /// While nobody has decided on a time that somebody claims, it counts.
    pub believes: bool,
}

impl<'c> Clock<'c> {
    /// It believes what is claimed and not decided.
    pub(super) const fn new(ticket: &'c Ticket, calendar: &'c Calendar, terms: &'c Terms) -> Self {
        Self { ticket, calendar, terms, believes: true }
    }
}

impl Clock<'_> {
    /// When the handling clock begins: at sign-for, but no later than the sign-for was due. Not signing must not pay.
    pub(super) fn begins(&self, sign_for: &DueItem) -> Millis {
        let latest = sign_for.due.saturating_sub(1);
        sign_for.met_at.map_or(latest, |signed| signed.min(latest))
    }

    pub(super) fn sign_for(&self, assignment: &Assignment) -> DueItem {
        let start = assignment.clocks_from();
        let (length, met) = (Length::WorkingDays(self.terms.sign_for_wd), done(assignment.signed_for));
        let mut item = self.item(DueKind::SignFor, assignment.unit, start, length, Article(21, 1), met);
        // What the unit did not have meanwhile it could not sign for.
        let away = assignment.pauses.iter().filter(|pause| pause.why.gone()).copied();
        for pause in away.chain(assignment.away()) {
            if pause.from >= item.due {
                continue;
            }
            let Due { due, provisional, .. } =
                self.calendar.due(item.due.saturating_sub(1), self.days_between(pause.from, pause.to));
            (item.due, item.provisional) = (due, item.provisional || provisional);
        }
        // Nobody is blamed for what has not reached him: the gap between dispatch and 送达 is the hotline's.
        DueItem { provisional: item.provisional || !assignment.arrived(), ..item }
    }

    /// When whoever must decide on an act could have heard of it: when it was made, or arrived if it came late.
    pub(super) fn heard(&self, act: ActId, at: Millis) -> Millis {
        let late = self.ticket.late.iter().find(|late| late.act == act);
        late.map_or(at, |late| late.received_at.max(at))
    }

    /// Working days after the day of `from`, up to that of `to`.
    pub(super) fn days_between(&self, from: Millis, to: Millis) -> u32 {
        u32::try_from(self.calendar.days_left(from, to.saturating_add(1))).unwrap_or_default()
    }

    pub(super) fn item(
        &self,
        what: DueKind,
        unit: UnitId,
        start: Millis,
        length: Length,
        article: Article,
        met: Done,
    ) -> DueItem {
        let (due, provisional) = match length {
            Length::WorkingDays(days) => {
                let Due { due, provisional, .. } = self.calendar.due(start, days);
                (due, provisional)
            }
            Length::Hours(hours) => (start.saturating_add(i64::from(hours) * HOUR_MS), false),
            Length::Minutes(minutes) => (start.saturating_add(i64::from(minutes) * MINUTE_MS), false),
            Length::Until(due) => (due, false),
        };
        let met_by = met.and_then(|(id, _)| id);
        let met_at = met.map(|(_, at)| at);
        let late = met_by.zip(met_at).and_then(|done| self.late(done));
        let (calendar, undecided) = (self.calendar.version(), None);
        let of = None;
        DueItem { what, unit, due, provisional, undecided, of, start, length, article, met_at, met_by, late, calendar }
    }

    /// It is met by that act.
    pub(super) fn meets(&self, item: DueItem, (act, at): (ActId, Millis)) -> DueItem {
        DueItem { met_at: Some(at), met_by: Some(act), late: self.late((act, at)), ..item }
    }

    fn late(&self, (act, at): (ActId, Millis)) -> Option<Arrival> {
        self.ticket.late.iter().find(|late| late.act == act).map(|late| self.arrival(late, at))
    }

    /// What an act that came late is worth: its own account counts if its device was out of reach, its clock good, and it
    /// came in as many working days as are allowed.
    pub(super) fn arrival(&self, late: &Late, claimed: Millis) -> Arrival {
        let allowed = self.calendar.due(claimed, self.terms.allowance_wd).due;
        let credible = late.offline && late.clock_good && late.received_at < allowed;
        let &Late { not_before, received_at, decided, .. } = late;
        let decide_by = self.calendar.due(received_at, self.terms.time_review_wd).due;
        Arrival { not_before, received_at, credible, decided, decide_by }
    }
}
