//! Terms of articles 18, 21 and 22, and the dues that follow from a ticket: pure functions of the fold, the calendar
//! and the terms. Verdicts such as "overdue" are found when they are shown, never stored.

use crate::act::{RequestKind, SuperviseLevel};
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
    rework_wd = 2, "Doing again what was sent back, working days at least `[D]` (24).";
    verify_wd = 3, "Verifying a bad rating, working days from the rating `[D]` (27).";
    opinion_wd = 5, "Giving an opinion on what was escalated, working days `[D]` (20: 及时).";
    confirm_wd = 1, "Confirming what a unit wrote down for the city, working days `[D]` (15).";
    supervise_reply_1_wd = 1, "Replying to a supervision of the first grade, working days `[D]` (25).";
    supervise_reply_2_wd = 2, "Replying to one of the second grade, working days `[D]` (25).";
    supervise_reply_3_wd = 3, "Replying to one of the third grade, working days `[D]` (25).";
    extension_max_wd = 15, "Extensions of the finishing term in all, working days from the old due date (22).";
}

macro_rules! due_kinds {
    ($($variant:ident = $code:literal, $chinese:literal;)*) => {
        /// What is due.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DueKind { $(#[doc = $chinese] $variant,)* }

        impl DueKind {
            /// Every kind of due.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Code name and Chinese name.
            #[must_use]
            pub const fn names(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($code, $chinese),)* }
            }
        }
    };
}

due_kinds! {
    Confirm = "confirm", "受理确认";
    Dispatch = "dispatch", "派发";
    SignFor = "sign_for", "签收";
    Return = "return", "退单申请";
    Urgent = "urgent", "紧急处置反馈";
    Finish = "finish", "办结";
    ReturnReview = "return_review", "退单审核";
    ExtensionReview = "extension_review", "延期审核";
    Opinion = "opinion", "协调意见";
    Closure = "closure", "办结认定";
    SuperviseReply = "supervise_reply", "督办回复";
    FollowUp = "follow_up", "回访";
    Verify = "verify", "评价核实";
    Archive = "archive", "归档";
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
    intake_dues(ticket, &clock, terms, &mut items);
    closing_dues(ticket, &clock, terms, &mut items);
    for assignment in ticket.assignments.iter().filter(|a| a.closed_by.is_none()) {
        assignment_dues(ticket, assignment, &clock, terms, &mut items);
    }
    items
}

/// What the city hotline does first: confirm what a unit wrote down, dispatch.
fn intake_dues(ticket: &Ticket, clock: &Clock<'_>, terms: &Terms, items: &mut Vec<DueItem>) {
    let city = ticket.taken_in.map_or(ticket.registered_by, |(city, _)| city);
    let taken_in = ticket.taken_in.map(|(_, at)| at);
    if ticket.state == TicketState::AwaitingConfirmation || taken_in.is_some_and(|at| at != ticket.registered_at) {
        let length = Length::WorkingDays(terms.confirm_wd);
        items.push(clock.item(DueKind::Confirm, city, ticket.registered_at, length, Article(15, 0), taken_in));
    }
    if let Some(start) = taken_in
        && ticket.answer.is_none()
    {
        let dispatched = ticket.assignments.first().map(|first| first.dispatched_at);
        let length = Length::Minutes(terms.dispatch_minutes);
        items.push(clock.item(DueKind::Dispatch, city, start, length, Article(16, 2), dispatched));
    }
}

/// What the city hotline does last: follow up, archive.
fn closing_dues(ticket: &Ticket, clock: &Clock<'_>, terms: &Terms, items: &mut Vec<DueItem>) {
    let city = ticket.taken_in.map_or(ticket.registered_by, |(city, _)| city);
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

/// When the requester was reached, or had been tried often enough, in this round.
fn followed_up(ticket: &Ticket) -> Option<Millis> {
    if ticket.state == TicketState::AwaitingFollowUp {
        return None;
    }
    let mut of_round = ticket.follow_ups.iter().filter(|follow_up| follow_up.round == ticket.round);
    let reached = of_round.clone().find(|follow_up| follow_up.rating.is_some());
    reached.or(of_round.next_back()).map(|follow_up| follow_up.at)
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
    // The unit's clocks run from 送达 where it is on record that the dispatch came later than it was made `[D]`.
    let (unit, start) = (assignment.unit, assignment.delivered_at.unwrap_or(assignment.dispatched_at));
    let signed = assignment.signed_for.map(|(_, at)| at);
    let length = Length::WorkingDays(terms.sign_for_wd);
    let sign_for = clock.item(DueKind::SignFor, unit, start, length, Article(21, 1), signed);
    items.push(sign_for.clone());
    match assignment.part {
        Part::Lead => lead_dues(ticket, assignment, &sign_for, clock, terms, items),
        Part::Outer => items.push(finish_due(ticket, assignment, &sign_for, clock, terms)),
        Part::Assisting => {}
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
    let (unit, start) = (lead.unit, sign_for.start);
    let completed = ticket.completion.map(|(_, at)| at);
    if ticket.urgent() {
        let length = Length::Hours(terms.urgent_hours);
        // Who reports the end has reported on the way.
        let reported = ticket.first_report.into_iter().chain(completed).min();
        items.push(clock.item(DueKind::Urgent, unit, start, length, Article(21, 3), reported));
    }
    let asked = lead.return_request.map(|(_, at)| at).or(lead.paused.first().map(|(from, _)| *from));
    let asked = asked.filter(|_| lead.return_request.is_some() || lead.return_denied);
    let may_ask = matches!(ticket.state, TicketState::AwaitingSignFor | TicketState::InProgress);
    if asked.is_some() || (may_ask && !lead.designated) {
        let length = Length::WorkingDays(terms.return_wd);
        items.push(clock.item(DueKind::Return, unit, start, length, Article(21, 1), asked));
    }
    items.push(finish_due(ticket, lead, sign_for, clock, terms));
    let review = Length::WorkingDays(terms.review_wd);
    if let Some((_, at)) = lead.return_request {
        items.push(clock.item(DueKind::ReturnReview, lead.by, at, review, Article(18, 0), None));
    }
    if let Some(asked) = lead.extension {
        items.push(clock.item(DueKind::ExtensionReview, lead.by, asked.at, review, Article(22, 0), None));
    }
    if let Some(at) = completed {
        let closed = ticket.closure.map(|(_, at)| at);
        items.push(clock.item(DueKind::Closure, lead.by, at, review, Article(24, 0), closed));
    }
    for supervision in ticket.supervised() {
        let days = match supervision.level {
            SuperviseLevel::Urge => terms.supervise_reply_1_wd,
            SuperviseLevel::Supervise => terms.supervise_reply_2_wd,
            SuperviseLevel::Special => terms.supervise_reply_3_wd,
        };
        let (length, replied) = (Length::WorkingDays(days), supervision.replied_at);
        items.push(clock.item(DueKind::SuperviseReply, unit, supervision.at, length, Article(25, 0), replied));
    }
    if let (TicketState::AwaitingVerification, Some(rating)) = (ticket.state, ticket.follow_ups.last()) {
        let length = Length::WorkingDays(terms.verify_wd);
        items.push(clock.item(DueKind::Verify, unit, rating.at, length, Article(27, 0), None));
    }
}

/// The finishing term. It begins at sign-for, but no later than the sign-for was due; it stands still while a hotline
/// decides on a return or a completion that it then refuses; extensions prolong it; what is sent back has some days at
/// least; another round has a term of its own.
fn finish_due(
    ticket: &Ticket,
    assignment: &Assignment,
    sign_for: &DueItem,
    clock: &Clock<'_>,
    terms: &Terms,
) -> DueItem {
    let completed = ticket.completion.map(|(_, at)| at);
    let (days, article) = finishing(ticket.register.kind, terms);
    let days = days.saturating_add(assignment.extended_days);
    // Not signing must not pay.
    let latest = sign_for.due.saturating_sub(1);
    let signed = sign_for.met_at.map_or(latest, |signed| signed.min(latest));
    let another_round = ticket.again_from.filter(|_| ticket.round > 1);
    let start = another_round.unwrap_or(signed);
    let stood_still: u32 = assignment.paused.iter().map(|(from, to)| clock.days_between(*from, *to)).sum();
    let stood_still = if another_round.is_some() { 0 } else { stood_still };
    let length = Length::WorkingDays(days.saturating_add(stood_still));
    let mut item = clock.item(DueKind::Finish, assignment.unit, start, length, article, completed);
    item.provisional |= start == latest && sign_for.provisional;
    if let (1, Some(sent_back)) = (ticket.round, ticket.again_from) {
        let again = Length::WorkingDays(terms.rework_wd);
        let least = clock.item(DueKind::Finish, assignment.unit, sent_back, again, article, completed);
        item.due = item.due.max(least.due);
    }
    // Asked for in time, an extension holds until it is decided: the unit is not punished for the hotline's silence.
    item.provisional |= assignment.extension.is_some_and(|asked| asked.at < item.due);
    item
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
    /// Working days after the day of `from`, up to that of `to`.
    fn days_between(&self, from: Millis, to: Millis) -> u32 {
        u32::try_from(self.calendar.days_left(from, to.saturating_add(1))).unwrap_or_default()
    }

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
