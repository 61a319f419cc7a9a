//! Terms of articles 18, 21 and 22, and the dues that follow from a ticket: pure functions of the fold, the calendar
//! and the terms. Verdicts such as "overdue" are found when they are shown, never stored.

mod clock;
mod finish;
mod item;
mod steps;

use crate::calendar::{Calendar, TERM_WORKING_DAYS_MAX};
use crate::ids::{Millis, UnitId};
use crate::rule::Article;
use crate::ticket::{Assignment, Part, Ticket};
use clock::{Clock, Done};
pub use item::{Arrival, DueItem, DueKind, DueVerdict, Length, next_due};

macro_rules! terms {
    ($($field:ident = $default:literal, $doc:literal;)*) => {
        /// Numbers of the regulation, as versioned settings. `[D]` marks what the text leaves open.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Terms { $(#[doc = $doc] pub $field: u32,)* }

        impl Default for Terms {
            fn default() -> Self { Self { $($field: $default,)* } }
        }

        impl Terms {
            /// The numbers in the order of the fields, for the registry.
            #[must_use]
            pub fn numbers(&self) -> Vec<u32> { vec![$(self.$field,)*] }

            /// The terms of those numbers. `None` if there are too few or too many, or one is over
            /// [`TERM_WORKING_DAYS_MAX`].
            #[must_use]
            pub fn from_numbers(numbers: &[u32]) -> Option<Self> {
                let mut numbers = numbers.iter().copied();
                let terms = Self { $($field: numbers.next().filter(|n| *n <= TERM_WORKING_DAYS_MAX)?,)* };
                numbers.next().is_none().then_some(terms)
            }

            /// Name and number of each setting.
            #[must_use]
            pub fn settings(&self) -> Vec<(&'static str, u32)> { vec![$((stringify!($field), self.$field),)*] }
        }
    };
}

terms! {
    sign_for_wd = 1, "Signing for, working days from dispatch (21(1); the start is `[D]`).";
    return_wd = 2, "Asking to return, working days from dispatch (21(1); the start is `[D]`).";
    inquiry_wd = 3, "Finishing an inquiry, working days from sign-for (21(2)).";
    help_wd = 5, "Finishing other help, working days from sign-for (21(3)).";
    suggestion_wd = 5, "Finishing a suggestion, working days from sign-for (21(4)).";
    complaint_wd = 7, "Finishing a complaint or tip-off, working days from sign-for (21(5)).";
    urgent_hours = 2, "Reporting on urgent help, clock hours from dispatch (21(3); the start is `[D]`).";
    review_wd = 1, "Deciding on a return or a closure, working days `[D]` (18, 24: 及时).";
    follow_up_wd = 3, "Following up, working days from closure `[D]` (26).";
    archive_wd = 5, "Archiving, working days from the last step `[D]` (28).";
    due_soon_hours = 24, "A due is near when fewer clock hours are left `[D]`.";
    dispatch_minutes = 30, "Dispatching or answering, clock minutes from registration `[D]` (16: 即时).";
    progress_wd = 5, "Reporting where a legal term governs or nothing can be done yet, working days from sign-for (21(6), 21(7); the start is `[D]`).";
    rework_wd = 2, "Doing again what was sent back, working days at least `[D]` (24).";
    verify_wd = 3, "Verifying a bad rating, working days from the rating `[D]` (27).";
    opinion_wd = 5, "Giving an opinion on what was escalated, working days `[D]` (20: 及时).";
    confirm_wd = 1, "Confirming what a unit wrote down for the city, working days `[D]` (15).";
    supervise_reply_1_wd = 1, "Replying to a supervision of the first grade, working days `[D]` (25).";
    supervise_reply_2_wd = 2, "Replying to one of the second grade, working days `[D]` (25).";
    supervise_reply_3_wd = 3, "Replying to one of the third grade, working days `[D]` (25).";
    extension_max_wd = 15, "Extensions of the finishing term in all, working days from the old due date, unless a law provides for more (22).";
    contact_wd = 1, "Contacting the requester, working days from sign-for `[D]` (19: 及时).";
    tell_wd = 1, "Telling the requester what was decided on an extension, working days `[D]` (22).";
    time_review_wd = 1, "Deciding on a time in dispute or on a statutory term, working days `[D]` (21(6), 38).";
    refusal_review_wd = 1, "A second reader's look at a refusal, working days `[D]` (12, 16(3)).";
    county_return_wd = 1, "Passing a return on upward, working days from when the county agreed to it `[D]` (18).";
    late_minutes = 10, "An act that the city gets so many clock minutes after it was made counts as late, and its arrival is witnessed `[D]`.";
    clock_minutes = 5, "A clock may be so many minutes off `[D]`.";
    allowance_wd = 3, "What was made out of reach counts by its own time if it arrives in so many working days `[D]`.";
    undelivered_minutes = 30, "Telephoning the unit if a dispatch has not arrived, clock minutes from dispatch `[D]`.";
    undelivered_urgent_minutes = 5, "The same for urgent help, clock minutes `[D]`.";
    special_wd = 5, "Overdue by more working days than this is supervised in the third grade `[D]` (25(2)).";
    urges_max = 2, "So many times urged is supervised in the first grade `[D]` (25(3)).";
    times_max = 3, "So many times raised is supervised in the second grade `[D]` (25(3)).";
    joined_max = 5, "So many requesters with one matter is supervised in the second grade `[D]` (25(3)).";
    county_handles = 0, "1: a county that sends a ticket on is itself the handling unit, and the terms below it are its own; 0: it is a hotline, and each unit below has a term of its own `[D]` (17).";
}

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
