//! Something that is due, how it stands at a time, and what an act that came late is worth.

use super::Terms;
use crate::ids::{ActId, Millis, UnitId};
use crate::rule::Article;

/// Milliseconds of a minute.
pub(super) const MINUTE_MS: i64 = 60_000;
/// Milliseconds of an hour.
pub(super) const HOUR_MS: i64 = 60 * MINUTE_MS;

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
    Rework = "rework", "补正报结";
    Feedback = "feedback", "协办反馈";
    ReturnReview = "return_review", "退单审核";
    ExtensionReview = "extension_review", "延期审核";
    Tell = "tell", "告知延期结果";
    Opinion = "opinion", "协调意见";
    Meeting = "meeting", "落实联席会议决定";
    DeferDecision = "defer_decision", "挂账审核";
    DeferReview = "defer_review", "挂账复查";
    TimeReview = "time_review", "时限认定";
    Closure = "closure", "办结认定";
    SuperviseReply = "supervise_reply", "督办回复";
    FollowUp = "follow_up", "回访";
    Verify = "verify", "评价核实";
    RatingReview = "rating_review", "评价认定";
    AppealReview = "appeal_review", "申诉决定";
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
    /// It hangs on a time that somebody claims, and on which nobody has decided.
    pub undecided: Option<Undecided>,
    /// The ticket that joined, where it is that one's (16).
    pub of: Option<ActId>,
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

/// What a due comes to where nobody decides in his time on a time that somebody claims: it counts from when it was entered,
/// until it is decided otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// The first moment that is too late for the decision.
    pub until: Millis,
    /// The first moment that is too late then.
    pub due: Millis,
    /// That may still change as well.
    pub provisional: bool,
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
    /// The first moment that is too late for him: from then on what is in dispute counts from when the city had it.
    pub decide_by: Millis,
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
    /// 已过，未用: what might have been asked for was not, which is no lateness.
    Unused,
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
            Self::Unused => ("unused", "已过，未用"),
        }
    }
}

impl Arrival {
    /// Whether what was done by its own account at `claimed` was done before `due`. `None` until an officer decides.
    pub(super) fn in_time(&self, claimed: Millis, due: Millis) -> Option<bool> {
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
        let Self { due, provisional, .. } = self.at(now);
        let good = if provisional { DueVerdict::Provisional } else { DueVerdict::Normal };
        // What may still change is never called overdue.
        let bad = if provisional { DueVerdict::Provisional } else { DueVerdict::Overdue };
        match self.met_at {
            Some(at) => match (self.late.map_or(Some(at < due), |late| late.in_time(at, due)), self.late) {
                (Some(true), _) => good,
                (None, Some(late)) if now < late.decide_by => DueVerdict::Disputed,
                (None | Some(false), _) => bad,
            },
            // Asking to return is a right, not a duty.
            None if now >= due && self.what == DueKind::Return && !provisional => DueVerdict::Unused,
            None if now >= due => bad,
            None if due.saturating_sub(now) <= i64::from(terms.due_soon_hours) * HOUR_MS => DueVerdict::DueSoon,
            None => good,
        }
    }

    /// As it stands once whoever decides should have, where nobody has by `now`.
    #[must_use]
    pub fn at(&self, now: Millis) -> Self {
        match self.undecided.filter(|undecided| now >= undecided.until) {
            Some(Undecided { due, provisional, .. }) => Self { due, provisional, undecided: None, ..self.clone() },
            None => self.clone(),
        }
    }

    /// From when it is overdue, if nothing else happens; `None` for what may still change.
    #[must_use]
    pub fn overdue_from(&self) -> Option<Millis> {
        let at_last = self.at(Millis::MAX);
        let until = self.undecided.map_or(at_last.due, |undecided| undecided.until);
        (!at_last.provisional).then(|| at_last.due.max(until))
    }

    /// When it was done, as far as that counts: what is in dispute when the city had it.
    #[must_use]
    pub fn done_at(&self) -> Option<Millis> {
        let at = self.met_at?;
        Some(self.late.map_or(at, |late| match late.in_time(at, self.due) {
            None => late.received_at,
            Some(_) => at.clamp(late.not_before, late.received_at),
        }))
    }

    fn met_in_time(&self, at: Millis) -> Option<bool> {
        self.late.map_or(Some(at < self.due), |late| late.in_time(at, self.due))
    }

    /// Whether it was done in time. `None` while it is not done, or in dispute.
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
