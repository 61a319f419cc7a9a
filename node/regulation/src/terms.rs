//! Terms of articles 18, 21 and 22, and the dues that follow from a ticket: pure functions of the fold, the calendar
//! and the terms. Verdicts such as "overdue" are found when they are shown, never stored.

use crate::act::{RequestKind, SuperviseLevel};
use crate::calendar::{Calendar, Due, TERM_WORKING_DAYS_MAX};
use crate::ids::{ActId, Millis, UnitId};
use crate::rule::Article;
use crate::ticket::{Assignment, Late, Part, Pause, PauseWhy, Ticket, TicketState};

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
    Deliver = "deliver", "送达（可用电话）";
    SignFor = "sign_for", "签收";
    Return = "return", "退单申请";
    Urgent = "urgent", "紧急处置反馈";
    Contact = "contact", "联系诉求人";
    Progress = "progress", "进度反馈";
    Finish = "finish", "办结";
    Feedback = "feedback", "协办反馈";
    ReturnReview = "return_review", "退单审核";
    ExtensionReview = "extension_review", "延期审核";
    Tell = "tell", "告知延期结果";
    Opinion = "opinion", "协调意见";
    DeferReview = "defer_review", "挂账复查";
    TimeReview = "time_review", "时限认定";
    Closure = "closure", "办结认定";
    SuperviseReply = "supervise_reply", "督办回复";
    FollowUp = "follow_up", "回访";
    Verify = "verify", "评价核实";
    RefusalReview = "refusal_review", "不予受理复核";
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
    /// Until a day that was named.
    Until(Millis),
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
    /// May still change: computed without the notice of the year, not delivered yet, or waiting for somebody's decision.
    pub provisional: bool,
    /// When the term began.
    pub start: Millis,
    /// How long it is.
    pub length: Length,
    /// The article that sets it.
    pub article: Article,
    /// When it was done, if it was, by its own account.
    pub met_at: Option<Millis>,
    /// The act that did it.
    pub met_by: Option<ActId>,
    /// What the city hub witnessed of that act, if it reached the city late.
    pub late: Option<Arrival>,
    /// Version of the calendar that it was counted by.
    pub calendar: u32,
}

/// What is known of the time of an act that reached the city late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// It cannot have been made before.
    pub not_before: Millis,
    /// It was made by then.
    pub received_at: Millis,
    /// Its own account can be believed: its device was out of reach, its clock good, and it arrived within the allowance.
    pub credible: bool,
    /// What an officer decided.
    pub decided: Option<bool>,
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
    /// 待认定
    Disputed,
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
            Self::Disputed => ("disputed", "待认定"),
        }
    }
}

impl Arrival {
    /// Whether what was done by its own account at `claimed` was done before `due`. `None` until an officer decides.
    fn in_time(&self, claimed: Millis, due: Millis) -> Option<bool> {
        if self.received_at < due {
            return Some(true);
        }
        if self.not_before >= due {
            return Some(false);
        }
        let claimed = claimed.clamp(self.not_before, self.received_at);
        self.decided.or_else(|| (claimed >= due).then_some(false)).or_else(|| self.credible.then_some(true))
    }
}

impl DueItem {
    /// How it stands: by when it was done, or by `now` while it is not.
    #[must_use]
    pub fn verdict(&self, now: Millis, terms: &Terms) -> DueVerdict {
        let good = if self.provisional { DueVerdict::Provisional } else { DueVerdict::Normal };
        match self.met_at {
            Some(at) => match self.met_in_time(at) {
                None => DueVerdict::Disputed,
                Some(true) => good,
                // What may still change is never called overdue.
                Some(false) if self.provisional => DueVerdict::Provisional,
                Some(false) => DueVerdict::Overdue,
            },
            None if now >= self.due && self.provisional => DueVerdict::Provisional,
            None if now >= self.due => DueVerdict::Overdue,
            None if self.due.saturating_sub(now) <= i64::from(terms.due_soon_hours) * HOUR_MS => DueVerdict::DueSoon,
            None => good,
        }
    }

    fn met_in_time(&self, at: Millis) -> Option<bool> {
        self.late.map_or(Some(at < self.due), |late| late.in_time(at, self.due))
    }

    /// Whether it was done in time, for figures. `None` while it is not done, or in dispute.
    #[must_use]
    pub fn in_time(&self) -> Option<bool> {
        self.met_at.and_then(|at| self.met_in_time(at))
    }

    /// 离线补传: it reached the city after its due, and counts by its own account.
    #[must_use]
    pub fn late_sync(&self) -> bool {
        self.late.is_some_and(|late| late.received_at >= self.due) && self.in_time() == Some(true)
    }
}

/// The earliest due that is not met. Asking to return is a right, not a duty: it never comes first.
#[must_use]
pub fn next_due<'i>(items: impl IntoIterator<Item = &'i DueItem>) -> Option<&'i DueItem> {
    items.into_iter().filter(|item| item.met_at.is_none() && item.what != DueKind::Return).min_by_key(|item| item.due)
}

/// What is due on a ticket, and what was: of the hotline, then of each assignment in force. Items that do not arise
/// yet are absent; an archive is absent once it is made, for the fold does not keep when that was.
#[must_use]
pub fn dues(ticket: &Ticket, calendar: &Calendar, terms: &Terms) -> Vec<DueItem> {
    let mut dues = Dues { ticket, terms, clock: Clock { ticket, calendar, terms }, items: Vec::new() };
    dues.intake();
    dues.closing();
    for assignment in ticket.assignments.iter().filter(|a| a.closed_by.is_none()) {
        dues.assignment(assignment);
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

/// An act that met a due, and when.
type Done = Option<(Option<ActId>, Millis)>;

fn done(act: Option<(ActId, Millis)>) -> Done {
    act.map(|(id, at)| (Some(id), at))
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

    /// What the city hotline does first: confirm what a unit wrote down, dispatch.
    fn intake(&mut self) {
        let (ticket, terms) = (self.ticket, self.terms);
        let city = ticket.taken_in.map_or(ticket.registered_by, |(city, _)| city);
        let taken_in = ticket.taken_in.map(|(_, at)| at);
        if ticket.state == TicketState::AwaitingConfirmation || taken_in.is_some_and(|at| at != ticket.registered_at) {
            let (start, met) = (ticket.registered_at, taken_in.map(|at| (None, at)));
            self.days(DueKind::Confirm, city, start, terms.confirm_wd, Article(15, 0), met);
        }
        if let Some(start) = taken_in
            && ticket.answer.is_none()
        {
            let first = ticket.assignments.first().map(|first| (Some(first.dispatch), first.dispatched_at));
            let length = Length::Minutes(terms.dispatch_minutes);
            self.items.push(self.clock.item(DueKind::Dispatch, city, start, length, Article(16, 2), first));
        }
    }

    /// What the city hotline does last: follow up, look again at a refusal, archive.
    fn closing(&mut self) {
        let (ticket, terms) = (self.ticket, self.terms);
        let city = ticket.taken_in.map_or(ticket.registered_by, |(city, _)| city);
        if let Some((_, closed)) = ticket.closure {
            let met = followed_up(ticket);
            self.days(DueKind::FollowUp, city, closed, terms.follow_up_wd, Article(26, 0), met);
        }
        if let (Some((ended, _)), None) = (ticket.finished, ticket.archived) {
            // What ended before it was written down, as an imported one did, is filed from then on.
            let start = ended.max(ticket.registered_at);
            if ticket.state == TicketState::Rejected {
                self.days(DueKind::RefusalReview, city, start, terms.refusal_review_wd, Article(12, 0), None);
            }
            self.days(DueKind::Archive, city, start, terms.archive_wd, Article(28, 0), None);
        }
    }

    /// What a unit must do under an assignment in force, and what the hotline that dispatched must decide on it.
    fn assignment(&mut self, assignment: &Assignment) {
        let (ticket, terms) = (self.ticket, self.terms);
        let sign_for = self.clock.sign_for(assignment);
        let (unit, start) = (assignment.unit, sign_for.start);
        self.items.push(sign_for.clone());
        if !assignment.arrived() {
            let minutes = if ticket.urgent() { terms.undelivered_urgent_minutes } else { terms.undelivered_minutes };
            let (by, length) = (assignment.by, Length::Minutes(minutes));
            self.items.push(self.clock.item(DueKind::Deliver, by, start, length, Article(21, 1), None));
        }
        match assignment.part {
            Part::Lead => self.lead(assignment, &sign_for),
            Part::Outer => {
                let finish = self.finish(assignment, &sign_for);
                self.items.push(finish);
                self.asked_for(assignment);
            }
            Part::Assisting => self.feedback(assignment),
        }
        if let (Some((start, _)), None) = (ticket.finished, assignment.archived) {
            self.days(DueKind::Archive, unit, start, terms.archive_wd, Article(28, 0), None);
        }
        for supervision in ticket.supervised().filter(|s| s.dispatch == assignment.dispatch && s.unit == unit) {
            let days = match supervision.level {
                SuperviseLevel::Urge => terms.supervise_reply_1_wd,
                SuperviseLevel::Supervise => terms.supervise_reply_2_wd,
                SuperviseLevel::Special => terms.supervise_reply_3_wd,
            };
            let met = supervision.replied_at.map(|at| (None, at));
            self.days(DueKind::SuperviseReply, unit, supervision.at, days, Article(25, 0), met);
        }
    }

    fn lead(&mut self, lead: &Assignment, sign_for: &DueItem) {
        let (ticket, terms) = (self.ticket, self.terms);
        let (unit, start) = (lead.unit, sign_for.start);
        if ticket.urgent() {
            // Who reports the end has reported on the way.
            let reported = ticket.first_report.into_iter().chain(ticket.reported).min_by_key(|(_, at)| *at);
            let length = Length::Hours(terms.urgent_hours);
            let mut urgent = self.clock.item(DueKind::Urgent, unit, start, length, Article(21, 3), done(reported));
            urgent.provisional |= sign_for.provisional;
            self.items.push(urgent);
        }
        let may_ask = matches!(ticket.state, TicketState::AwaitingSignFor | TicketState::InProgress);
        if lead.return_asked_at.is_some() || (may_ask && !lead.designated) {
            let met = lead.return_asked_at.map(|at| (None, at));
            let item = self.return_due(lead, start, met);
            self.items.push(item);
        }
        if let Some((_, signed)) = lead.signed_for {
            // Whoever tells the end has been in touch.
            let met = done(lead.first_contact).or_else(|| done(ticket.reported));
            self.days(DueKind::Contact, unit, signed, terms.contact_wd, Article(19, 0), met);
        }
        let finish = self.finish(lead, sign_for);
        self.items.push(finish);
        self.reports(lead, sign_for);
        self.decisions(lead);
        if let (TicketState::AwaitingVerification, Some(rating)) = (ticket.state, ticket.follow_ups.last()) {
            self.days(DueKind::Verify, unit, rating.at, terms.verify_wd, Article(27, 0), None);
        }
    }

    /// An assisting unit feeds the lead before the lead's own term ends (17).
    fn feedback(&mut self, assignment: &Assignment) {
        let Some(lead) = self.ticket.lead() else { return };
        if assignment.fed_back.is_none() && self.ticket.completion.is_some() {
            return;
        }
        let finish = self.finish(lead, &self.clock.sign_for(lead));
        let met = assignment.fed_back.map(|at| (None, at));
        let (start, length) = (assignment.dispatched_at, Length::Until(finish.due));
        let item = self.clock.item(DueKind::Feedback, assignment.unit, start, length, Article(17, 0), met);
        let provisional = finish.provisional || !assignment.arrived();
        self.items.push(DueItem { provisional, ..item });
    }

    /// A return may be asked for within its term; a county passes on in a day what a unit of its own has returned.
    fn return_due(&self, lead: &Assignment, start: Millis, met: Done) -> DueItem {
        let length = Length::WorkingDays(self.terms.return_wd);
        let own = self.clock.item(DueKind::Return, lead.unit, start, length, Article(21, 1), met);
        let Some(back_at) = lead.back_at else { return own };
        let length = Length::WorkingDays(self.terms.county_return_wd);
        let passed_on = self.clock.item(DueKind::Return, lead.unit, back_at, length, Article(18, 0), met);
        if passed_on.due > own.due { passed_on } else { own }
    }

    /// What is reported on the way where the usual term does not do: a statutory term, or that nothing can be done yet.
    fn reports(&mut self, lead: &Assignment, sign_for: &DueItem) {
        let (ticket, terms) = (self.ticket, self.terms);
        let signed = self.clock.begins(sign_for);
        let legal = lead.legal.map(|legal| (legal.id, legal.at, Article(21, 6)));
        let deferral = ticket.deferral.map(|deferral| (deferral.id, deferral.at, Article(21, 7)));
        for (id, at, article) in legal.into_iter().chain(deferral) {
            self.days(DueKind::Progress, lead.unit, signed, terms.progress_wd, article, Some((Some(id), at)));
        }
        if let Some((deferral, review_at)) = ticket.deferral.and_then(|d| Some((d, d.review_at?))) {
            let length = Length::Until(review_at);
            self.items.push(self.clock.item(
                DueKind::DeferReview,
                lead.unit,
                deferral.at,
                length,
                Article(21, 7),
                None,
            ));
        }
        if let Some((decided, told)) = lead.tell {
            let met = told.map(|at| (None, at)).or_else(|| done(ticket.reported));
            self.days(DueKind::Tell, lead.unit, decided, terms.tell_wd, Article(22, 0), met);
        }
    }

    /// Whether something was asked for or reported before a time. While that is in dispute it counts, provisionally.
    fn before(&self, act: ActId, at: Millis, due: Millis) -> bool {
        let late = self.ticket.late.iter().find(|late| late.act == act);
        late.map_or(at < due, |late| self.clock.arrival(late, at).in_time(at, due).unwrap_or(true))
    }

    /// Whether a term hangs on when one of these acts was made, and nobody has decided.
    fn unsure(&self, acts: impl IntoIterator<Item = (ActId, Millis)>) -> bool {
        let open = |late: &Late, at| late.decided.is_none() && !self.clock.arrival(late, at).credible;
        acts.into_iter().any(|(act, at)| self.ticket.late.iter().any(|late| late.act == act && open(late, at)))
    }

    /// What others must decide before the unit can go on.
    fn decisions(&mut self, lead: &Assignment) {
        let (ticket, terms) = (self.ticket, self.terms);
        self.asked_for(lead);
        if let Some(escalation) = ticket.escalation {
            self.days(DueKind::Opinion, escalation.to, escalation.at, terms.opinion_wd, Article(20, 0), None);
        }
        if let Some((_, at)) = ticket.completion {
            self.days(DueKind::Closure, lead.by, at, terms.review_wd, Article(24, 0), done(ticket.closure));
        }
        if let Some(legal) = lead.legal.filter(|legal| !legal.confirmed) {
            self.days(DueKind::TimeReview, lead.by, legal.at, terms.time_review_wd, Article(21, 6), None);
        }
        if let Some(late) = ticket.late.iter().find(|late| self.in_dispute(late)) {
            self.days(DueKind::TimeReview, lead.by, late.received_at, terms.time_review_wd, Article(38, 0), None);
        }
    }

    /// What a unit, or a county that sent the ticket on, has asked the hotline above it for.
    fn asked_for(&mut self, assignment: &Assignment) {
        let review = self.terms.review_wd;
        if let Some((_, at)) = assignment.return_request {
            self.days(DueKind::ReturnReview, assignment.by, at, review, Article(18, 0), None);
        }
        if let Some(asked) = assignment.extension {
            self.days(DueKind::ExtensionReview, assignment.by, asked.at, review, Article(22, 0), None);
        }
    }

    /// Some due hangs on when this act was made, and nobody has decided.
    fn in_dispute(&self, late: &Late) -> bool {
        let met = |item: &DueItem| item.met_by == Some(late.act) && item.met_at.is_some() && item.in_time().is_none();
        let open = self.ticket.assignments.iter().filter(|a| a.closed_by.is_none());
        let asked = open.flat_map(asked_of).filter(|(act, _)| *act == late.act);
        self.items.iter().any(met) || self.unsure(asked)
    }

    /// The finishing term. It begins at sign-for, but no later than the sign-for was due; it stands still while a hotline
    /// decides on a return or a completion that it then refuses; extensions prolong it; what is sent back has some days at
    /// least; another round has a term of its own; a statutory term takes its place.
    fn finish(&self, assignment: &Assignment, sign_for: &DueItem) -> DueItem {
        let (ticket, terms, clock) = (self.ticket, self.terms, &self.clock);
        let (days, article) = finishing(ticket.register.kind, terms);
        let signed = clock.begins(sign_for);
        let another_round = ticket.again_from.filter(|_| ticket.round > 1);
        let start = another_round.unwrap_or(signed);
        let mut item = clock.item(
            DueKind::Finish,
            assignment.unit,
            start,
            Length::WorkingDays(days),
            article,
            done(ticket.reported),
        );
        let stood_still = self.stood_still(assignment, sign_for.start, start, item.due);
        let days = days.saturating_add(stood_still);
        let extended = self.extended(assignment, start, days);
        let length = Length::WorkingDays(extended);
        item = DueItem {
            length,
            ..clock.item(DueKind::Finish, assignment.unit, start, length, article, done(ticket.reported))
        };
        let unsigned = sign_for.met_at.is_none_or(|at| at >= sign_for.due);
        item.provisional |= another_round.is_none() && unsigned && sign_for.provisional;
        if let (1, Some(sent_back)) = (ticket.round, ticket.again_from) {
            let least = clock.calendar.due(sent_back, terms.rework_wd).due;
            item.due = item.due.max(least);
        }
        if let (Some(outer), true) = (self.outer(assignment), terms.county_handles == 1) {
            (item.due, item.provisional) = (outer.due, item.provisional || outer.provisional);
        }
        if let Some(legal) = assignment.legal {
            (item.due, item.length, item.article) = (legal.due, Length::Until(legal.due), Article(21, 6));
            item.provisional |= !legal.confirmed;
        }
        // Asked for in time, an extension holds until it is decided: the unit is not punished for the hotline's silence.
        item.provisional |= assignment.extension.is_some_and(|asked| self.before(asked.id, asked.at, item.due));
        item.provisional |= self.unsure(asked_of(assignment));
        // Reported in time, what cannot be solved for now is not overdue (21(7)).
        item.provisional |= self.deferred_in_time(signed, item.due);
        item
    }

    fn deferred_in_time(&self, signed: Millis, due: Millis) -> bool {
        let by = self.clock.calendar.due(signed, self.terms.progress_wd).due.min(due);
        self.ticket.deferral.is_some_and(|deferral| self.before(deferral.id, deferral.at, by))
    }

    /// Working days that do not count: those of decisions that the unit could not help waiting for. A return that was
    /// asked for too late was a suggestion, and a deferral that was reported too late an excuse: these stop nothing.
    fn stood_still(&self, assignment: &Assignment, delivered: Millis, start: Millis, due: Millis) -> u32 {
        let return_due = self.clock.calendar.due(delivered, self.terms.return_wd).due;
        let defer_due = self.clock.calendar.due(start, self.terms.progress_wd).due.min(due);
        let counts = |pause: &&Pause| match pause.why {
            // Those of an earlier round are over.
            _ if pause.from < start && pause.to <= start => false,
            PauseWhy::Return => self.before(pause.act, pause.from, return_due),
            PauseWhy::Deferral => self.before(pause.act, pause.from, defer_due),
            PauseWhy::Review => true,
        };
        assignment.pauses.iter().filter(counts).map(|pause| self.clock.days_between(pause.from, pause.to)).sum()
    }

    /// The term with its extensions. One that was asked for after the due moves nothing; those that no law provides for
    /// come to a most; and a county extends only as far as its own term towards the city reaches.
    fn extended(&self, assignment: &Assignment, start: Millis, days: u32) -> u32 {
        let mut all = days;
        let mut usual = 0;
        let outer = self.outer(assignment).map(|outer| outer.due);
        for extension in &assignment.extensions {
            if !self.before(extension.asked, extension.asked_at, self.clock.calendar.due(start, all).due) {
                continue;
            }
            let mut more = extension.days;
            if !extension.by_law {
                more = more.min(self.terms.extension_max_wd.saturating_sub(usual));
                usual += more;
            }
            while more > 0
                && outer.is_some_and(|outer| self.clock.calendar.due(start, all.saturating_add(more)).due > outer)
            {
                more -= 1;
            }
            all = all.saturating_add(more);
        }
        all
    }

    /// The finishing term towards the city of the county that sent this on.
    fn outer(&self, assignment: &Assignment) -> Option<DueItem> {
        let above = |a: &&Assignment| a.closed_by.is_none() && a.part == Part::Outer && a.unit == assignment.by;
        let outer = self.ticket.assignments.iter().find(above)?;
        Some(self.finish(outer, &self.clock.sign_for(outer)))
    }
}

/// What a unit asked for or reported that moves its term, and when.
fn asked_of(assignment: &Assignment) -> impl Iterator<Item = (ActId, Millis)> {
    let pauses = assignment.pauses.iter().filter(|pause| pause.why != PauseWhy::Review);
    let extensions = assignment.extensions.iter().map(|extension| (extension.asked, extension.asked_at));
    pauses.map(|pause| (pause.act, pause.from)).chain(extensions)
}

/// When the requester was reached, or had been tried often enough, in this round.
fn followed_up(ticket: &Ticket) -> Done {
    if ticket.state == TicketState::AwaitingFollowUp {
        return None;
    }
    let mut of_round = ticket.follow_ups.iter().filter(|follow_up| follow_up.round == ticket.round);
    let reached = of_round.clone().find(|follow_up| follow_up.rating.is_some());
    reached.or(of_round.next_back()).map(|follow_up| (Some(follow_up.id), follow_up.at))
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
    ticket: &'c Ticket,
    calendar: &'c Calendar,
    terms: &'c Terms,
}

impl Clock<'_> {
    /// When the handling clock begins: at sign-for, but no later than the sign-for was due. Not signing must not pay.
    fn begins(&self, sign_for: &DueItem) -> Millis {
        let latest = sign_for.due.saturating_sub(1);
        sign_for.met_at.map_or(latest, |signed| signed.min(latest))
    }

    fn sign_for(&self, assignment: &Assignment) -> DueItem {
        // The unit's clocks run from 送达 where it is on record that the dispatch came later than it was made `[D]`.
        let start = assignment.delivered_at.unwrap_or(assignment.dispatched_at);
        let (length, met) = (Length::WorkingDays(self.terms.sign_for_wd), done(assignment.signed_for));
        let item = self.item(DueKind::SignFor, assignment.unit, start, length, Article(21, 1), met);
        // Nobody is blamed for what has not reached him: the gap between dispatch and 送达 is the hotline's.
        DueItem { provisional: item.provisional || !assignment.arrived(), ..item }
    }

    /// Working days after the day of `from`, up to that of `to`.
    fn days_between(&self, from: Millis, to: Millis) -> u32 {
        u32::try_from(self.calendar.days_left(from, to.saturating_add(1))).unwrap_or_default()
    }

    fn item(&self, what: DueKind, unit: UnitId, start: Millis, length: Length, article: Article, met: Done) -> DueItem {
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
        let late = met_by.and_then(|id| self.ticket.late.iter().find(|late| late.act == id));
        let met_at = met.map(|(_, at)| at);
        let late = late.zip(met_at).map(|(late, at)| self.arrival(late, at));
        let calendar = self.calendar.version();
        DueItem { what, unit, due, provisional, start, length, article, met_at, met_by, late, calendar }
    }

    /// What an act that came late is worth: its own account counts if its device was out of reach, its clock good, and it
    /// came in as many working days as are allowed.
    fn arrival(&self, late: &Late, claimed: Millis) -> Arrival {
        let allowed = self.calendar.due(claimed, self.terms.allowance_wd).due;
        let credible = late.offline && late.clock_good && late.received_at < allowed;
        let &Late { not_before, received_at, decided, .. } = late;
        Arrival { not_before, received_at, credible, decided }
    }
}
