//! Terms of articles 18, 21 and 22, and the dues that follow from a ticket: pure functions of the fold, the calendar
//! and the terms. Verdicts such as "overdue" are found when they are shown, never stored.

mod clock;
mod finish;
mod item;
mod steps;

use crate::calendar::Calendar;
use crate::ids::{Millis, UnitId};
use crate::rule::Article;
use crate::ticket::{Assignment, Part, Ticket};
use clock::{Clock, Done};
pub use item::{Arrival, DueItem, DueKind, DueVerdict, Length, next_due};

/// The settings, of which dues read the terms and limits.
pub use crate::settings::Settings as Terms;

/// What is due on a ticket, and what was: of the hotline, then of each assignment in force. Items that do not arise
/// yet are absent; an archive is absent once it is made, for the fold does not keep when that was.
#[must_use]
pub fn dues(ticket: &Ticket, calendar: &Calendar, terms: &Terms) -> Vec<DueItem> {
    let mut dues = Dues { ticket, terms, clock: Clock { ticket, calendar, terms }, items: Vec::new() };
    dues.intake();
    dues.closing();
    // What an assisting unit must do hangs on the lead's term.
    let (assisting, others): (Vec<_>, Vec<_>) = ticket.in_force().partition(|a| a.part == Part::Assisting);
    for assignment in others.into_iter().chain(assisting) {
        dues.assignment(assignment);
    }
    if ticket.ended() {
        // Nobody goes on with what has ended: what was met stays told, the rest is not wanted any more.
        let filed = |item: &DueItem| matches!(item.what, DueKind::RefusalReview | DueKind::Archive);
        dues.items.retain(|item| item.met_at.is_some() || filed(item));
    }
    dues.items
}

/// A calendar and terms, and since when they held.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'r> {
    /// When they were made known.
    pub since: Millis,
    /// The working days.
    pub calendar: &'r Calendar,
    /// The settings.
    pub terms: &'r Terms,
}

/// What is due under rules that changed while the ticket was under way, oldest first: a term that is open is counted again
/// in the favour of whoever must keep it, and one that was met stays judged by the rules of its time. What could only be
/// counted provisionally is counted anew in any case.
#[must_use]
pub fn dues_under(ticket: &Ticket, rules: &[Rules<'_>]) -> Vec<DueItem> {
    let under = |rules: &Rules<'_>| (rules.since, dues(ticket, rules.calendar, rules.terms));
    let Some((newest, older)) = rules.split_last() else { return Vec::new() };
    let (_, mut items) = under(newest);
    if older.is_empty() {
        return items;
    }
    let known: Vec<(Millis, Vec<DueItem>)> = older.iter().map(under).collect();
    let mut seen: Vec<(DueKind, UnitId)> = Vec::new();
    for item in &mut items {
        let key = (item.what, item.unit);
        let nth = seen.iter().filter(|other| **other == key).count();
        seen.push(key);
        let same = |list: &'_ [DueItem]| list.iter().filter(|other| (other.what, other.unit) == key).nth(nth).cloned();
        let then = known.iter().filter_map(|(since, list)| Some((*since, same(list)?)));
        let all: Vec<(Millis, DueItem)> = then.chain([(newest.since, item.clone())]).collect();
        // The first rules are those that the ticket began under: they hold for it whenever they were made known.
        let firm = all.iter().enumerate().filter(|(place, (since, other))| {
            !other.provisional && (*place == 0 || other.met_at.is_none_or(|at| *since <= at))
        });
        if let Some((_, (_, best))) = firm.max_by_key(|(_, (_, other))| other.due) {
            *item = best.clone();
        }
    }
    items
}

/// When an assignment is to be signed for, in force or not, and when it was.
#[must_use]
pub fn sign_for_due(ticket: &Ticket, assignment: &Assignment, calendar: &Calendar, terms: &Terms) -> DueItem {
    Clock { ticket, calendar, terms }.sign_for(assignment)
}

struct Dues<'t> {
    ticket: &'t Ticket,
    terms: &'t Terms,
    clock: Clock<'t>,
    items: Vec<DueItem>,
}

impl Dues<'_> {
    fn days(&mut self, what: DueKind, unit: UnitId, start: Millis, days: u32, article: Article, met: Done) {
        self.items.push(self.clock.item(what, unit, start, Length::WorkingDays(days), article, met));
    }
}
