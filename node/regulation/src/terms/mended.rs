//! What was sent back for its form alone (24): which report counts, and until when it is mended.

use super::Dues;
use crate::ids::{ActId, Millis};
use crate::ticket::{Assignment, Mended, Part};

impl Dues<'_> {
    /// The report that a part is judged by, while a completion stands; a county's is that of the unit below. It is the first one
    /// where what was sent back for its form alone was mended in the term for that; else the one that really came.
    pub(super) fn reported(&self) -> Option<(ActId, Millis)> {
        let reported = self.ticket.reported.as_ref().filter(|_| self.ticket.completion.is_some())?;
        let mut counts = reported.first;
        for (place, again) in reported.mended.iter().enumerate().filter_map(|(place, m)| Some((place, m.again?))) {
            let due = reported.mended.get(..=place).and_then(|mended| self.mend_due(mended));
            if due.is_some_and(|due| !self.before(again.0, again.1, due)) {
                counts = again;
            }
        }
        Some(counts)
    }

    /// The report that a part is judged by. A county that sent it back for its form alone has none before it was mended: what it does
    /// with its own hop's time is its own. What the city above it sent back stands among its pauses.
    pub(super) fn reported_of(&self, assignment: &Assignment) -> Option<(ActId, Millis)> {
        let counts = self.reported()?;
        let of_others = |mended: &&Mended| assignment.pauses.iter().any(|pause| pause.by == mended.back.0);
        let mended = self.ticket.reported.iter().flat_map(|reported| reported.mended.iter().rev());
        let own = mended.filter(|_| assignment.part == Part::Outer).find(|mended| !of_others(mended));
        Some(own.and_then(|own| own.again).filter(|again| again.1 > counts.1).unwrap_or(counts))
    }

    /// Until when what was sent back for its form alone is mended: so many working days from the first time, without those in which
    /// the hotline looked at it again. To send it back once more begins no other term.
    pub(super) fn mend_due(&self, mended: &[Mended]) -> Option<Millis> {
        let calendar = self.clock.calendar;
        let mut due = calendar.due(mended.first()?.back.1, self.terms.rework_wd).due;
        for pair in mended.windows(2) {
            if let [Mended { again: Some((_, from)), .. }, Mended { back: (_, to), .. }] = pair
                && *from < due
            {
                due = calendar.due(due.saturating_sub(1), self.clock.days_between(*from, *to)).due;
            }
        }
        Some(due)
    }
}
