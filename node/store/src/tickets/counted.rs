//! What a ticket counts as in the figures: what the view `counted` says of its row, of one that is at hand.

use std::collections::BTreeSet;

use regulation::ids::{Millis, UnitId};

use super::TicketRow;
use crate::figures::{ALL, DAY_MINUTES, MINUTE_MS, One};

const DAY_MS: i64 = MINUTE_MS * DAY_MINUTES;
/// How far local time is ahead.
const LOCAL_MS: i64 = 8 * 3_600_000;
/// Later times are counted as this one.
const TIME_MAX: Millis = 9_000_000_000_000_000_000;

/// The figures that a ticket counts in. A unit counts one in which it has an open part, once.
pub(super) fn figures_of(ticket: &TicketRow) -> Vec<One> {
    let marks = [ticket.overruled, ticket.unsettled, ticket.conflicts];
    let marks = marks.iter().zip([1, 2, 4]).filter(|(count, _)| **count > 0).map(|(_, mark)| mark).sum();
    let minute_of = |time: Millis| (time.min(TIME_MAX) + MINUTE_MS - 1) / MINUTE_MS;
    let open: BTreeSet<UnitId> = ticket.units.iter().filter(|unit| unit.open).map(|unit| unit.unit).collect();
    let mut all = Vec::new();
    for unit in std::iter::once(ALL).chain(open.into_iter().map(|unit| unit.0.into())) {
        all.push(("ticket", unit, ticket.state.clone(), marks));
        let due = match unit {
            ALL => ticket.next_due,
            unit => ticket.dues.iter().find(|due| i64::from(due.unit.0) == unit).map(|due| due.due),
        };
        if let Some(minute) = due.map(minute_of) {
            all.push(("minute", unit, String::new(), minute));
            all.push(("day", unit, String::new(), minute / DAY_MINUTES));
        }
    }
    let heeds = ticket.concerned.iter().filter(|one| one.heeds);
    all.extend(heeds.map(|one| ("heeds", one.unit.0.into(), String::new(), 0)));
    if let Some(lead) = ticket.lead.map(|unit| i64::from(unit.0)) {
        all.push(("lead", lead, ticket.state.clone(), 0));
        if let Some(overdue) = ticket.overdue_at {
            all.push(("late", lead, String::new(), minute_of(overdue)));
            all.push(("late-day", lead, String::new(), (overdue.min(TIME_MAX) + MINUTE_MS - 1) / DAY_MS));
        }
    }
    // By halves of local days. What a unit wrote down is raised once the city takes it in.
    if !["awaiting-confirmation", "own-matter"].contains(&ticket.state.as_str()) {
        all.push(("raised", ALL, ticket.kind.clone(), (ticket.raised_at.clamp(0, TIME_MAX) + LOCAL_MS) / (DAY_MS / 2)));
    }
    all
}
