//! Terms of articles 18, 21 and 22, and the dues that follow from a ticket: pure functions of the fold, the calendar
//! and the terms. Verdicts such as "overdue" are found when they are shown, never stored.

use crate::act::RequestKind;
use crate::calendar::{Calendar, Due, TERM_WORKING_DAYS_MAX};
use crate::ids::{Millis, UnitId};
use crate::rule::Article;
use crate::ticket::{Assignment, Part, Ticket, TicketState};

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60_000;
/// Milliseconds of an hour.
const HOUR_MS: i64 = 60 * MINUTE_MS;

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
    extension_max_wd = 15, "Extensions of the finishing term in all, working days from the old due date (22).";
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DueKind {
    /// 派发
    Dispatch,
    /// 签收
    SignFor,
    /// 退单申请
    Return,
    /// 紧急处置反馈
    Urgent,
    /// 办结
    Finish,
    /// 退单审核
    ReturnReview,
    /// 办结认定
    Closure,
    /// 回访
    FollowUp,
    /// 归档
    Archive,
}

impl DueKind {
    /// Every kind of due.
    pub const ALL: [Self; 9] = [
        Self::Dispatch,
        Self::SignFor,
        Self::Return,
        Self::Urgent,
        Self::Finish,
        Self::ReturnReview,
        Self::Closure,
        Self::FollowUp,
        Self::Archive,
    ];

    /// Code name and Chinese name.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Dispatch => ("dispatch", "派发"),
            Self::SignFor => ("sign_for", "签收"),
            Self::Return => ("return", "退单申请"),
            Self::Urgent => ("urgent", "紧急处置反馈"),
            Self::Finish => ("finish", "办结"),
            Self::ReturnReview => ("return_review", "退单审核"),
            Self::Closure => ("closure", "办结认定"),
            Self::FollowUp => ("follow_up", "回访"),
            Self::Archive => ("archive", "归档"),
        }
    }
}

/// How long a term is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Working days, the first not counted.
    WorkingDays(u32),
    /// Clock hours, every day.
    Hours(u32),
    /// Clock minutes, every day.
    Minutes(u32),
}

/// Something that a unit must do by a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueItem {
    /// What.
    pub what: DueKind,
    /// Who must do it.
    pub unit: UnitId,
    /// The first moment that is too late.
    pub due: Millis,
    /// Computed without the notice of the year.
    pub provisional: bool,
    /// When the term began.
    pub start: Millis,
    /// How long it is.
    pub length: Length,
    /// The article that sets it.
    pub article: Article,
    /// When it was done, if it was.
    pub met_at: Option<Millis>,
}

/// How a due stands at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueVerdict {
    /// 正常
    Normal,
    /// 临期
    DueSoon,
    /// 逾期
    Overdue,
    /// 暂定
    Provisional,
}

impl DueVerdict {
    /// Code name and Chinese name.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Normal => ("normal", "正常"),
            Self::DueSoon => ("due_soon", "临期"),
            Self::Overdue => ("overdue", "逾期"),
            Self::Provisional => ("provisional", "暂定"),
        }
    }
}

impl DueItem {
    /// How it stands: by when it was done, or by `now` while it is not.
    #[must_use]
    pub fn verdict(&self, now: Millis, terms: &Terms) -> DueVerdict {
        let at = self.met_at.unwrap_or(now);
        if at >= self.due {
            // What a missing notice could still move is never called overdue.
            if self.provisional { DueVerdict::Provisional } else { DueVerdict::Overdue }
        } else if self.met_at.is_none() && self.due.saturating_sub(now) <= i64::from(terms.due_soon_hours) * HOUR_MS {
            DueVerdict::DueSoon
        } else if self.provisional {
            DueVerdict::Provisional
        } else {
            DueVerdict::Normal
        }
    }
}

/// The earliest due that is not met. Asking to return is a right, not a duty: it never comes first.
#[must_use]
pub fn next_due<'i>(items: impl IntoIterator<Item = &'i DueItem>) -> Option<&'i DueItem> {
    items.into_iter().filter(|item| item.met_at.is_none() && item.what != DueKind::Return).min_by_key(|item| item.due)
}

/// What is due on a ticket, and what was: of the hotline, then of each assignment in force. Items that do not arise
/// yet are absent; a city archive is absent once it is made, for the fold does not keep when that was.
#[must_use]
pub fn dues(ticket: &Ticket, calendar: &Calendar, terms: &Terms) -> Vec<DueItem> {
    let clock = Clock { calendar };
    let mut items = Vec::new();
    city_dues(ticket, &clock, terms, &mut items);
    for assignment in ticket.assignments.iter().filter(|a| a.closed_by.is_none()) {
        assignment_dues(ticket, assignment, &clock, terms, &mut items);
    }
    items
}

/// What only the city hotline does: dispatch, follow up, archive.
fn city_dues(ticket: &Ticket, clock: &Clock<'_>, terms: &Terms, items: &mut Vec<DueItem>) {
    let city = ticket.registered_by;
    if ticket.answer.is_none() {
        let dispatched = ticket.assignments.first().map(|first| first.dispatched_at);
        let length = Length::Minutes(terms.dispatch_minutes);
        items.push(clock.item(DueKind::Dispatch, city, ticket.registered_at, length, Article(16, 2), dispatched));
    }
    if let Some((_, closed)) = ticket.closure {
        let length = Length::WorkingDays(terms.follow_up_wd);
        items.push(clock.item(DueKind::FollowUp, city, closed, length, Article(26, 0), followed_up(ticket)));
    }
    if let Some(start) = finished(ticket)
        && ticket.archived.is_none()
    {
        items.push(clock.item(DueKind::Archive, city, start, archive_length(terms), Article(28, 0), None));
    }
}

/// When the requester was reached, or had been tried often enough.
fn followed_up(ticket: &Ticket) -> Option<Millis> {
    if ticket.state == TicketState::AwaitingFollowUp {
        return None;
    }
    let reached = ticket.follow_ups.iter().find(|follow_up| follow_up.rating.is_some());
    reached.or(ticket.follow_ups.last()).map(|follow_up| follow_up.at)
}

/// When the last step before the archive was made.
fn finished(ticket: &Ticket) -> Option<Millis> {
    match ticket.state {
        TicketState::AwaitingArchive | TicketState::Archived => ticket.follow_ups.last().map(|follow_up| follow_up.at),
        _ => None,
    }
}

const fn archive_length(terms: &Terms) -> Length {
    Length::WorkingDays(terms.archive_wd)
}

/// What a unit must do under an assignment in force, and what the hotline that dispatched must decide on it.
fn assignment_dues(
    ticket: &Ticket,
    assignment: &Assignment,
    clock: &Clock<'_>,
    terms: &Terms,
    items: &mut Vec<DueItem>,
) {
    // The one place where the clocks of an assignment start: delivery, stopped clocks and extensions belong here.
    let (unit, start) = (assignment.unit, assignment.dispatched_at);
    let signed = assignment.signed_for.map(|(_, at)| at);
    let length = Length::WorkingDays(terms.sign_for_wd);
    let sign_for = clock.item(DueKind::SignFor, unit, start, length, Article(21, 1), signed);
    items.push(sign_for.clone());
    if assignment.part == Part::Lead {
        lead_dues(ticket, assignment, &sign_for, clock, terms, items);
    }
    if let Some(start) = finished(ticket)
        && assignment.archived.is_none()
    {
        items.push(clock.item(DueKind::Archive, unit, start, archive_length(terms), Article(28, 0), None));
    }
}

fn lead_dues(
    ticket: &Ticket,
    lead: &Assignment,
    sign_for: &DueItem,
    clock: &Clock<'_>,
    terms: &Terms,
    items: &mut Vec<DueItem>,
) {
    let (unit, start) = (lead.unit, lead.dispatched_at);
    let completed = ticket.completion.map(|(_, at)| at);
    if ticket.urgent() {
        let length = Length::Hours(terms.urgent_hours);
        // Who reports the end has reported on the way.
        let reported = ticket.first_report.into_iter().chain(completed).min();
        items.push(clock.item(DueKind::Urgent, unit, start, length, Article(21, 3), reported));
    }
    let asked = ticket.return_requested_at;
    let may_ask = matches!(ticket.state, TicketState::AwaitingSignFor | TicketState::InProgress);
    if asked.is_some() || may_ask {
        let length = Length::WorkingDays(terms.return_wd);
        items.push(clock.item(DueKind::Return, unit, start, length, Article(21, 1), asked));
    }
    // Not signing must not pay: the clock starts no later than the sign-for was due.
    let latest = sign_for.due.saturating_sub(1);
    let start = sign_for.met_at.map_or(latest, |signed| signed.min(latest));
    let (days, article) = finishing(ticket.register.kind, terms);
    let mut finish = clock.item(DueKind::Finish, unit, start, Length::WorkingDays(days), article, completed);
    finish.provisional |= start == latest && sign_for.provisional;
    items.push(finish);
    let review = Length::WorkingDays(terms.review_wd);
    if let (Some(_), Some(at)) = (ticket.return_request, asked) {
        items.push(clock.item(DueKind::ReturnReview, lead.by, at, review, Article(18, 0), None));
    }
    if let Some(at) = completed {
        let closed = ticket.closure.map(|(_, at)| at);
        items.push(clock.item(DueKind::Closure, lead.by, at, review, Article(24, 0), closed));
    }
}

/// Working days from sign-for to the end, by the class of the request. For urgent help the text names no end: the term of
/// other help is taken `[D]`.
const fn finishing(kind: RequestKind, terms: &Terms) -> (u32, Article) {
    match kind {
        RequestKind::Inquiry => (terms.inquiry_wd, Article(21, 2)),
        RequestKind::Help => (terms.help_wd, Article(21, 3)),
        RequestKind::Suggestion => (terms.suggestion_wd, Article(21, 4)),
        RequestKind::Complaint | RequestKind::TipOff => (terms.complaint_wd, Article(21, 5)),
    }
}

struct Clock<'c> {
    calendar: &'c Calendar,
}

impl Clock<'_> {
    fn item(
        &self,
        what: DueKind,
        unit: UnitId,
        start: Millis,
        length: Length,
        article: Article,
        met_at: Option<Millis>,
    ) -> DueItem {
        let (due, provisional) = match length {
            Length::WorkingDays(days) => {
                let Due { due, provisional, .. } = self.calendar.due(start, days);
                (due, provisional)
            }
            Length::Hours(hours) => (start.saturating_add(i64::from(hours) * HOUR_MS), false),
            Length::Minutes(minutes) => (start.saturating_add(i64::from(minutes) * MINUTE_MS), false),
        };
        DueItem { what, unit, due, provisional, start, length, article, met_at }
    }
}
