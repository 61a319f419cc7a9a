//! What a ticket counts for: its history as [`regulation::rates`] looks at it, and the rows that are kept of that, so that a
//! report adds up sums and looks at no ticket. No rule of a rate is here.

use std::collections::BTreeSet;

use regulation::calendar::{local_day, month_begins, month_of_day};
use regulation::rates::{self, Item, Life};
use regulation::terms::{DueItem, DueKind};
use regulation::{Fact, Millis, Ticket, TicketState};
use replica::registry::At;
use replica::{History, Standing};
use store::CountRow;

use crate::due::dues_of;

/// All that a ticket ever adds and leaves out, as that version of the registry has the rules: in each month by the settings
/// that hold when it begins, as its table of rates is made: nothing that is set afterwards moves it. Nothing of what is no
/// ticket, nor without a calendar.
#[must_use]
pub fn items(history: &History, at: &At<'_>, dues: &[DueItem]) -> Vec<Item> {
    let (Some(ticket), Some(calendar)) = (history.record().ticket(), at.calendar()) else { return Vec::new() };
    let past = rates::past(ticket, |then| dues_of(history, at, then));
    let life = Life { ticket, acts: &effective(history), dues, past: &past };
    let month_of = |item: &Item| month_of_day(local_day(item.at));
    let mut terms = at.settings();
    let mut under = rates::items(&life, calendar, terms);
    // What counts when hangs on no setting: how much it is may.
    let months: BTreeSet<i64> = under.iter().map(month_of).collect();
    let mut found = Vec::new();
    for month in months {
        let then = at.on(month_begins(month)).settings();
        if then != terms {
            (terms, under) = (then, rates::items(&life, calendar, then));
        }
        found.extend(under.iter().filter(|item| month_of(item) == month).cloned());
    }
    found
}

/// The rows that are kept of it.
#[must_use]
pub fn counts(items: &[Item]) -> Vec<CountRow> {
    let row = |(place, sum): (rates::Place, rates::Sum)| CountRow {
        day: place.day,
        afternoon: place.afternoon,
        unit: place.unit,
        apart: place.apart,
        leaves: !sum.excluded.is_empty(),
        numbers: sum.numbers(),
    };
    rates::days(items).into_iter().map(row).collect()
}

/// Its unit has it in hand.
const IN_HAND: [TicketState; 2] = [TicketState::AwaitingSignFor, TicketState::InProgress];

/// When whoever leads is late with signing for it or finishing it (31), as far as that is known: nothing that may still
/// change is called late.
#[must_use]
pub fn overdue_at(ticket: &Ticket, dues: &[DueItem]) -> Option<Millis> {
    let lead = ticket.lead().filter(|_| IN_HAND.contains(&ticket.state))?;
    let counts = |item: &&DueItem| {
        item.unit == lead.unit
            && item.met_at.is_none()
            && matches!(item.what, DueKind::SignFor | DueKind::Finish | DueKind::Urgent)
    };
    dues.iter().filter(counts).filter_map(DueItem::overdue_from).min()
}

/// The acts that took effect, in the order in which they did.
fn effective(history: &History) -> Vec<&Fact> {
    let stands = |index: &&usize| history.standing(**index) == Some(Standing::Effective);
    history.folded().order.iter().filter(stands).map(|index| &history.nodes()[*index].fact).collect()
}
