//! Every number that a city may set, in one table: adding one is a row here. `[D]` marks what the text leaves open.
//!
//! A number is given once, and its range and what is usual never change: what needs more is a new number. Who does not know
//! a setting goes past it, and who is told of none has the usual one; so a setting that a later version adds breaks nothing.

mod check;

pub use check::BadSetting;

use crate::calendar::TERM_WORKING_DAYS_MAX;
use crate::edition::Edition;
use crate::rates::Weights;
use crate::rule::Article;

/// What a setting counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// Working days.
    WorkingDays,
    /// Clock hours.
    Hours,
    /// Clock minutes.
    Minutes,
    /// So many times, or of them.
    Times,
    /// So many tickets.
    Tickets,
    /// Percent.
    Percent,
    /// Nothing: it says which.
    Which,
}

impl Counts {
    /// Its Chinese and English name.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::WorkingDays => ("个工作日", "working days"),
            Self::Hours => ("小时", "hours"),
            Self::Minutes => ("分钟", "minutes"),
            Self::Times => ("次", "times"),
            Self::Tickets => ("件", "tickets"),
            Self::Percent => ("%", "percent"),
            Self::Which => ("", ""),
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Number on the wire: never changed, never given to another.
    pub number: u16,
    /// Name in commands and JSON.
    pub code: &'static str,
    /// Where the regulation speaks of it.
    pub article: Article,
    /// Name on screens.
    pub chinese: &'static str,
    /// What it says, in English.
    pub english: &'static str,
    /// What it counts in.
    pub counts: Counts,
    /// What holds where nobody set it.
    pub usual: u32,
    /// The least that can be set.
    pub least: u32,
    /// The most that can be set.
    pub most: u32,
}

macro_rules! settings {
    ($($field:ident = $number:literal, ($article:literal, $item:literal), $chinese:literal, $counts:ident, $usual:literal,
        $least:literal..=$most:expr, $doc:literal;)*) => {
        /// What is set.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Settings { $(#[doc = $doc] pub $field: u32,)* }

        impl Settings {
            /// What holds where nobody set anything.
            pub const USUAL: Self = Self { $($field: $usual,)* };

            /// Every setting, by rising number.
            pub const TABLE: &'static [Setting] = &[$(Setting {
                number: $number, code: stringify!($field), article: Article($article, $item), chinese: $chinese,
                english: $doc, counts: Counts::$counts, usual: $usual, least: $least, most: $most,
            },)*];

            /// The value of one; `None` if there is no such setting here.
            #[must_use]
            pub const fn get(&self, number: u16) -> Option<u32> {
                match number { $($number => Some(self.$field),)* _ => None }
            }

            /// Sets one; what is not known here, or is out of its range, is not set.
            pub fn set(&mut self, number: u16, value: u32) {
                match number {
                    $($number if ($least..=$most).contains(&value) => self.$field = value,)*
                    _ => {}
                }
            }
        }
    };
}

/// Working days of a term, at most.
const DAYS: u32 = TERM_WORKING_DAYS_MAX;
/// Hours, minutes or times, at most.
const MANY: u32 = 100_000;

settings! {
    edition = 1, (6, 0), "规则版次", Which, 1, 1..=0xffff, "Which edition of the rules holds.";
    sign_for_wd = 10, (21, 1), "签收", WorkingDays, 1, 0..=DAYS, "Signing for, working days from dispatch (21(1); the start is `[D]`).";
    return_wd = 11, (21, 1), "退单", WorkingDays, 2, 0..=DAYS, "Asking to return, working days from dispatch (21(1); the start is `[D]`).";
    inquiry_wd = 12, (21, 2), "咨询办结", WorkingDays, 3, 0..=DAYS, "Finishing an inquiry, working days from sign-for (21(2)).";
    help_wd = 13, (21, 3), "求助办结", WorkingDays, 5, 0..=DAYS, "Finishing other help, working days from sign-for (21(3)).";
    suggestion_wd = 14, (21, 4), "建议办结", WorkingDays, 5, 0..=DAYS, "Finishing a suggestion, working days from sign-for (21(4)).";
    complaint_wd = 15, (21, 5), "投诉举报办结", WorkingDays, 7, 0..=DAYS, "Finishing a complaint or tip-off, working days from sign-for (21(5)).";
    urgent_hours = 16, (21, 3), "紧急求助反馈", Hours, 2, 0..=MANY, "Reporting on urgent help, clock hours from dispatch (21(3); the start is `[D]`).";
    review_wd = 17, (18, 0), "退单或办结的审核", WorkingDays, 1, 0..=DAYS, "Deciding on a return or a closure, working days `[D]` (18, 24: 及时).";
    follow_up_wd = 18, (26, 0), "回访", WorkingDays, 3, 0..=DAYS, "Following up, working days from closure `[D]` (26).";
    archive_wd = 19, (28, 0), "归档", WorkingDays, 5, 0..=DAYS, "Archiving, working days from the last step `[D]` (28).";
    due_soon_hours = 20, (21, 0), "临期提醒", Hours, 24, 0..=MANY, "A due is near when fewer clock hours are left `[D]`.";
    dispatch_minutes = 21, (16, 0), "派发或即时答复", Minutes, 30, 0..=MANY, "Dispatching or answering, clock minutes from registration `[D]` (16: 即时).";
    progress_wd = 22, (21, 6), "进度反馈", WorkingDays, 5, 0..=DAYS, "Reporting where a legal term governs or nothing can be done yet, working days from sign-for (21(6), 21(7); the start is `[D]`).";
    rework_wd = 23, (24, 0), "补充办理", WorkingDays, 2, 0..=DAYS, "Doing again what was sent back, working days at least `[D]` (24).";
    verify_wd = 24, (27, 0), "差评核实", WorkingDays, 3, 0..=DAYS, "Verifying a bad rating, working days from the rating `[D]` (27).";
    opinion_wd = 25, (20, 0), "协调意见", WorkingDays, 5, 0..=DAYS, "Giving an opinion on what was escalated, working days `[D]` (20: 及时).";
    confirm_wd = 26, (15, 0), "受理确认", WorkingDays, 1, 0..=DAYS, "Confirming what a unit wrote down for the city, working days `[D]` (15).";
    supervise_reply_1_wd = 27, (25, 0), "一级督办回复", WorkingDays, 1, 0..=DAYS, "Replying to a supervision of the first grade, working days `[D]` (25).";
    supervise_reply_2_wd = 28, (25, 0), "二级督办回复", WorkingDays, 2, 0..=DAYS, "Replying to one of the second grade, working days `[D]` (25).";
    supervise_reply_3_wd = 29, (25, 0), "三级督办回复", WorkingDays, 3, 0..=DAYS, "Replying to one of the third grade, working days `[D]` (25).";
    extension_max_wd = 30, (22, 0), "延期合计", WorkingDays, 15, 0..=DAYS, "Extensions of the finishing term in all, working days from the old due date, unless a law provides for more (22).";
    contact_wd = 31, (19, 0), "联系诉求人", WorkingDays, 1, 0..=DAYS, "Contacting the requester, working days from sign-for `[D]` (19: 及时).";
    tell_wd = 32, (22, 0), "告知延期决定", WorkingDays, 1, 0..=DAYS, "Telling the requester what was decided on an extension, working days `[D]` (22).";
    time_review_wd = 33, (21, 6), "时间争议与法定时限的审核", WorkingDays, 1, 0..=DAYS, "Deciding on a time in dispute or on a statutory term, working days `[D]` (21(6), 38).";
    refusal_review_wd = 34, (16, 3), "不予受理的复核", WorkingDays, 1, 0..=DAYS, "A second reader's look at a refusal, working days `[D]` (12, 16(3)).";
    county_return_wd = 35, (18, 0), "县热线上转退单", WorkingDays, 1, 0..=DAYS, "Passing a return on upward, working days from when the county agreed to it `[D]` (18).";
    late_minutes = 36, (21, 0), "补传界限", Minutes, 10, 0..=MANY, "An act that the city gets so many clock minutes after it was made counts as late, and its arrival is witnessed `[D]`.";
    clock_minutes = 37, (21, 0), "时钟允差", Minutes, 5, 0..=MANY, "A clock may be so many minutes off `[D]`.";
    allowance_wd = 38, (21, 0), "离线补传宽限", WorkingDays, 3, 0..=DAYS, "What was made out of reach counts by its own time if it arrives in so many working days `[D]`.";
    undelivered_minutes = 39, (17, 0), "未送达电话通知", Minutes, 30, 0..=MANY, "Telephoning the unit if a dispatch has not arrived, clock minutes from dispatch `[D]`.";
    undelivered_urgent_minutes = 40, (17, 0), "紧急件未送达电话通知", Minutes, 5, 0..=MANY, "The same for urgent help, clock minutes `[D]`.";
    special_wd = 41, (25, 2), "专项督办界限", WorkingDays, 5, 0..=DAYS, "Overdue by more working days than this is supervised in the third grade `[D]` (25(2)).";
    urges_max = 42, (25, 3), "催单督办界限", Times, 2, 1..=MANY, "So many times urged is supervised in the first grade `[D]` (25(3)).";
    times_max = 43, (25, 3), "重复诉求督办界限", Times, 3, 1..=MANY, "So many times raised is supervised in the second grade `[D]` (25(3)).";
    joined_max = 44, (25, 3), "同一诉求督办界限", Times, 5, 1..=MANY, "So many requesters with one matter is supervised in the second grade `[D]` (25(3)).";
    county_handles = 45, (17, 0), "县热线作为承办单位", Which, 0, 0..=1, "1: a county that sends a ticket on is itself the handling unit, and the terms below it are its own; 0: it is a hotline, and each unit below has a term of its own `[D]` (17).";
    withdrawn_sample = 46, (26, 0), "撤单抽查（每几件抽一件）", Tickets, 5, 1..=MANY, "Of so many tickets that were withdrawn after a unit had them one is followed up `[D]` (13, 26).";
    sample_min = 47, (38, 0), "排名所需有效回访", Tickets, 5, 0..=MANY, "Fewer ratings than this are too few to rank by `[D]` (38).";
    appeal_wd = 48, (38, 0), "考核申诉", WorkingDays, 3, 0..=DAYS, "Appealing, working days from the end of the month of the closure, when its table is provisional `[D]` (38).";
    appeal_review_wd = 49, (38, 0), "申诉决定", WorkingDays, 3, 0..=DAYS, "Deciding on an appeal, working days `[D]` (38).";
    legal_wd_max = 50, (21, 6), "法定期限上限", WorkingDays, 250, 0..=DAYS, "A statutory term counts for so many working days from when it was named, at most `[D]` (21(6)).";
    defer_wd_max = 51, (21, 7), "挂账上限", WorkingDays, 60, 0..=DAYS, "What cannot be solved for now waits so many working days from when it was reported, at most `[D]` (21(7)).";
    defer_review_wd = 52, (21, 7), "挂账审核", WorkingDays, 1, 0..=DAYS, "Deciding on what is reported as not to be solved for now, working days `[D]` (21(7)).";
    urgent_return_minutes = 53, (18, 0), "紧急求助退单的审核", Minutes, 30, 0..=MANY, "Deciding on a return of urgent help, clock minutes, every day `[D]` (18: 及时).";
    correction_wd = 54, (29, 0), "知识纠错答复", WorkingDays, 5, 0..=DAYS, "Mending or upholding what others find wrong in an article, working days from the request `[D]` (29).";
    meeting_wd_max = 55, (4, 0), "联席会议决定落实期限上限", WorkingDays, 60, 0..=DAYS, "What the joint meeting decided is carried out in so many working days from the decision, at most `[D]` (4).";
    response_percent = 60, (38, 0), "响应率权重", Percent, 10, 0..=100, "How much the response rate counts `[D]` (38). The three weights are 100 in all.";
    solution_percent = 61, (38, 0), "解决率权重", Percent, 50, 0..=100, "How much the solution rate counts `[D]` (38).";
    satisfaction_percent = 62, (38, 0), "满意率权重", Percent, 40, 0..=100, "How much the satisfaction rate counts `[D]` (38).";
    mostly_percent = 63, (38, 0), "“基本”折算", Percent, 90, 0..=100, "What 基本解决 and 基本满意 count of a whole one `[D]` (38).";
}

/// Number of the setting that says which edition of the rules holds.
pub const EDITION: u16 = 1;
/// Numbers of the settings that figures are weighed by, and that move no due.
const WEIGHTS: [u16; 4] = [60, 61, 62, 63];

/// What a setting is of: each is decided by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Which edition of the rules holds.
    Edition,
    /// How much each rate counts (38).
    Weights,
    /// Terms and limits.
    Terms,
}

impl Group {
    /// That of a setting.
    #[must_use]
    pub fn of(number: u16) -> Self {
        match number {
            EDITION => Self::Edition,
            number if WEIGHTS.contains(&number) => Self::Weights,
            _ => Self::Terms,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::USUAL
    }
}

impl Settings {
    /// The setting of that number.
    #[must_use]
    pub fn of_number(number: u16) -> Option<&'static Setting> {
        Self::TABLE.iter().find(|setting| setting.number == number)
    }

    /// The edition of the rules that holds.
    #[must_use]
    pub const fn edition(&self) -> Edition {
        #[expect(clippy::cast_possible_truncation, reason = "its range has 16 bits")]
        Edition(self.edition as u16)
    }

    /// How much each rate counts.
    #[must_use]
    pub const fn weights(&self) -> Weights {
        Weights {
            response: self.response_percent,
            solution: self.solution_percent,
            satisfaction: self.satisfaction_percent,
            mostly: self.mostly_percent,
        }
    }

    /// Number and value of each setting of a group.
    #[must_use]
    pub fn of_group(&self, group: Group) -> Vec<(u16, u32)> {
        let numbers = Self::TABLE.iter().map(|setting| setting.number).filter(|number| Group::of(*number) == group);
        numbers.filter_map(|number| Some((number, self.get(number)?))).collect()
    }
}

impl Weights {
    /// The settings that say so, by number.
    #[must_use]
    pub fn settings(&self) -> Vec<(u16, u32)> {
        WEIGHTS.into_iter().zip(self.numbers()).collect()
    }
}
