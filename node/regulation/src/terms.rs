//! Terms of articles 18, 21 and 22, and the dues that follow from a ticket: pure functions of the fold, the calendar
//! and the terms. Verdicts such as "overdue" are found when they are shown, never stored.

mod clock;
mod finish;
mod in_time;
mod item;
mod mended;
mod returns;
mod steps;

use crate::calendar::{Calendar, Due};
use crate::ids::{ActId, Millis, UnitId};
use crate::knowledge::Knowledge;
use crate::rule::Article;
use crate::ticket::{Assignment, Part, Ticket};
use clock::{Clock, Done};
pub use item::{Arrival, DueItem, DueKind, DueVerdict, Length, Undecided, next_due};

/// The settings, of which dues read the terms and limits.
pub use crate::settings::Settings as Terms;

/// What is due on a ticket, and what was: of the hotline, then of each assignment in force. Items that do not arise
/// yet are absent; an archive is absent once it is made, for the fold does not keep when that was.
#[must_use]
pub fn dues(ticket: &Ticket, calendar: &Calendar, terms: &Terms) -> Vec<DueItem> {
    let mut dues = Dues::of(ticket, calendar, terms);
    dues.intake();
    dues.closing();
    // What an assisting unit must do hangs on the lead's term.
    let (assisting, others): (Vec<_>, Vec<_>) = ticket.in_force().partition(|a| a.part == Part::Assisting);
    for assignment in others.into_iter().chain(assisting) {
        dues.assignment(assignment);
    }
    if ticket.ended() {
        // Nobody goes on with what has ended: what was met stays told, the rest is not wanted any more.
        let filed = |item: &DueItem| matches!(item.what, DueKind::RefusalReview | DueKind::FollowUp | DueKind::Archive);
        dues.items.retain(|item| item.met_at.is_some() || filed(item));
    }
    dues.items
}

/// A calendar and terms, and since when they held.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'r> {
    /// The version of the registry that has them.
    pub version: u32,
    /// When they were made known, or from when they hold.
    pub since: Millis,
    /// The working days.
    pub calendar: &'r Calendar,
    /// The settings.
    pub terms: &'r Terms,
}

/// What is due under rules that changed while the ticket was under way, oldest first: a term that is open is counted again
/// in the favour of whoever must keep it, by what came to hold before it ended; one that was met stays judged by the rules of
/// its time. What could only be counted provisionally is counted anew, but for whoever worked by it: what he knew his act says,
/// `named` is the version of the registry that it names.
#[must_use]
pub fn dues_under(ticket: &Ticket, rules: &[Rules<'_>], named: &dyn Fn(ActId) -> Option<u32>) -> Vec<DueItem> {
    let under = |rules: &Rules<'_>| dues(ticket, rules.calendar, rules.terms);
    let Some((newest, older)) = rules.split_last() else { return Vec::new() };
    let mut items = under(newest);
    if older.is_empty() {
        return items;
    }
    let known: Vec<(&Rules<'_>, Vec<DueItem>)> = older.iter().map(|rules| (rules, under(rules))).collect();
    let key_of = |item: &DueItem| (item.what, item.unit, item.of);
    let mut seen = Vec::new();
    for item in &mut items {
        let key = key_of(item);
        let nth = seen.iter().filter(|other| **other == key).count();
        seen.push(key);
        let same = |list: &'_ [DueItem]| list.iter().filter(|other| key_of(other) == key).nth(nth).cloned();
        let then = known.iter().filter_map(|(rules, list)| Some((*rules, same(list)?)));
        let all: Vec<(&Rules<'_>, DueItem)> = then.chain([(newest, item.clone())]).collect();
        let mut best: Option<&DueItem> = None;
        for (place, (rules, other)) in all.iter().enumerate().filter(|(_, (_, other))| !other.provisional) {
            // The first rules are those that the ticket began under: they hold for it whenever they were made known.
            let until = other.met_at.or(best.map(|best| best.due - 1));
            let held = place == 0 || until.is_none_or(|until| rules.since <= until);
            if held && best.is_none_or(|best| other.due >= best.due) {
                best = Some(other);
            }
        }
        // What the author of the act that met it could count by: he keeps it, though it was provisional then.
        let version = item.met_by.and_then(named);
        let his = all.iter().rev().find(|(rules, other)| {
            version.is_some_and(|version| rules.version <= version) && other.met_at.is_some_and(|at| rules.since <= at)
        });
        let kept = his.filter(|(_, his)| his.provisional && best.is_some_and(|best| his.due > best.due));
        let provisional = item.provisional;
        if let Some(counts) = kept.map(|(_, his)| his).or(best) {
            *item = DueItem { provisional: counts.provisional && provisional, ..counts.clone() };
        }
    }
    items
}

/// What the city must do on a ticket that it has not taken in yet is the city's: who wrote it down for it waits.
pub fn of_the_city(items: &mut [DueItem], ticket: &Ticket, city: UnitId) {
    let waits = |item: &&mut DueItem| ticket.taken_in.is_none() && item.what == DueKind::Confirm;
    items.iter_mut().filter(waits).for_each(|item| item.unit = city);
}

/// Whether an act was made before a time, as far as is known: what reached the city late counts by its own account only where
/// that can be believed.
pub(crate) fn before(
    ticket: &Ticket,
    (act, at): (ActId, Millis),
    limit: Millis,
    calendar: &Calendar,
    terms: &Terms,
) -> bool {
    let late = ticket.late.iter().find(|late| late.act == act);
    let clock = Clock::new(ticket, calendar, terms);
    late.map_or(at < limit, |late| clock.arrival(late, at).in_time(at, limit) == Some(true))
}

/// The end of a term of so many working days that began when whoever must decide could have heard of an act.
pub(crate) fn due_after(
    ticket: &Ticket,
    (act, at): (ActId, Millis),
    days: u32,
    calendar: &Calendar,
    terms: &Terms,
) -> Millis {
    calendar.due(Clock::new(ticket, calendar, terms).heard(act, at), days).due
}

/// The first moment that is too late to decide on a return of urgent help that was asked for then.
pub(crate) fn urgent_return_due(
    ticket: &Ticket,
    (act, at): (ActId, Millis),
    calendar: &Calendar,
    terms: &Terms,
) -> Millis {
    let heard = Clock::new(ticket, calendar, terms).heard(act, at);
    heard.saturating_add(i64::from(terms.urgent_return_minutes) * item::MINUTE_MS)
}

/// Whether a part that was taken away at that time was returned: asked for in time, and agreed to in time.
pub(crate) fn returned(
    ticket: &Ticket,
    part: &Assignment,
    taken_at: Millis,
    calendar: &Calendar,
    terms: &Terms,
) -> bool {
    Dues::of(ticket, calendar, terms).returned(part, taken_at)
}

/// Until when what others found wrong in an article is to be mended or upheld: that of the oldest request (29, `[D]`).
#[must_use]
pub fn correction_due(article: &Knowledge, calendar: &Calendar, terms: &Terms) -> Option<Due> {
    article.corrections.iter().map(|(_, at)| calendar.due(*at, terms.correction_wd)).min_by_key(|due| due.due)
}

struct Dues<'t> {
    ticket: &'t Ticket,
    terms: &'t Terms,
    clock: Clock<'t>,
    items: Vec<DueItem>,
}

impl<'t> Dues<'t> {
    const fn of(ticket: &'t Ticket, calendar: &'t Calendar, terms: &'t Terms) -> Self {
        Self { ticket, terms, clock: Clock::new(ticket, calendar, terms), items: Vec::new() }
    }
}

impl Dues<'_> {
    fn days(&mut self, what: DueKind, unit: UnitId, start: Millis, days: u32, article: Article, met: Done) {
        self.items.push(self.clock.item(what, unit, start, Length::WorkingDays(days), article, met));
    }
}
