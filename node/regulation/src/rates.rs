//! Rates of article 38 and the figures of the daily table (31): pure functions of tickets, the calendar and the terms.
//!
//! Numerators and denominators stay whole numbers; nothing is rounded here. A rate without a base is absent, never 0 or
//! 100; totals are pooled sums, never means of rates. The regulation gives no weights: [`Weights`] are settings `[D]`.
//! What is provisional or in dispute stands apart: it is neither in time nor late, and in no base of a rate of time.
//! What one ticket adds, and what is left out for which reason, are its [`items`], each with its time: a period is those in it
//! ([`score`]), and what is kept of them by day ([`days`]) can be added up. What a locked table is corrected by later:
//! [`corrections`].

mod closed;
mod come_due;
mod correct;
mod exclusion;
mod item;
mod kept;
mod life;
mod rating;
mod reviewed;
mod score;

pub use correct::{Book, Correction, Key, Sign, carried, corrections};
pub use exclusion::{ByAct, Excluded, Exclusion, Leaves};
pub use item::{Item, What};
pub use kept::{Place, Sum, days};
pub use life::{Life, Past, past};
pub use score::{Entry, Score, items, score};

/// How much each rate counts, in percent, and how much of a whole half an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// 响应率
    pub response: u32,
    /// 解决率
    pub solution: u32,
    /// 满意率
    pub satisfaction: u32,
    /// 基本解决 and 基本满意, in percent of a whole one.
    pub mostly: u32,
}

impl Default for Weights {
    fn default() -> Self {
        Self { response: 10, solution: 50, satisfaction: 40, mostly: 90 }
    }
}

impl Weights {
    /// What the weights of the three rates are in all.
    pub const ALL: u32 = 100;

    /// The numbers in the order of the fields.
    #[must_use]
    pub const fn numbers(&self) -> [u32; 4] {
        [self.response, self.solution, self.satisfaction, self.mostly]
    }

    /// The weights of those numbers. `None` unless the three rates count 100 percent in all and half an answer is worth
    /// no more than a whole one.
    #[must_use]
    pub fn from_numbers([response, solution, satisfaction, mostly]: [u32; 4]) -> Option<Self> {
        let all = u64::from(response) + u64::from(solution) + u64::from(satisfaction);
        (all == u64::from(Self::ALL) && mostly <= 100).then_some(Self { response, solution, satisfaction, mostly })
    }
}

macro_rules! tally {
    ($($number:literal $field:ident = $doc:literal;)*) => {
        /// What a unit did in a period: whole numbers, to be added. Corrections of locked tables are negative where they
        /// take something back.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Tally { $(#[doc = $doc] pub $field: i64,)* }

        impl Tally {
            /// Names of the figures.
            pub const FIGURES: &'static [&'static str] = &[$(stringify!($field),)*];

            /// Name and number of each figure that is not 0.
            #[must_use]
            pub fn figures(&self) -> Vec<(&'static str, i64)> {
                [$((stringify!($field), self.$field),)*].into_iter().filter(|(_, number)| *number != 0).collect()
            }

            /// Number of each figure that is not 0, and how much it is. In kept rows a figure goes by its number, which is
            /// never given to another.
            #[must_use]
            pub fn numbers(&self) -> Vec<(u8, i64)> {
                [$(($number, self.$field),)*].into_iter().filter(|(_, much)| *much != 0).collect()
            }

            /// The figure of a number; `None` if there is none.
            pub(crate) fn of_number(&mut self, number: u8) -> Option<&mut i64> {
                match number { $($number => Some(&mut self.$field),)* _ => None }
            }

            /// The tally of those figures. `None` if there is no figure of such a name.
            pub fn from_figures<'f>(figures: impl IntoIterator<Item = (&'f str, i64)>) -> Option<Self> {
                let mut tally = Self::default();
                for (name, number) in figures {
                    match name { $(stringify!($field) => tally.$field = number,)* _ => return None }
                }
                Some(tally)
            }

            /// Adds another: totals are pooled.
            pub fn add(&mut self, other: &Self) { $(self.$field += other.$field;)* }

            /// What must be added to `other` to come to this.
            #[must_use]
            pub const fn minus(&self, other: &Self) -> Self { Self { $($field: self.$field - other.$field,)* } }
        }
    };
}

tally! {
    1 dispatched = "派发量: dispatched to it as lead.";
    2 urgent = "Of them urgent help.";
    3 signed = "签收量";
    25 sign_for_due = "应签收: dispatches whose sign-for came due.";
    4 signed_in_time = "Of them signed for in time.";
    26 sign_for_open = "Of them 待认定 or 暂定: neither in time nor late, as far as is known.";
    27 left_unsigned = "到期未签收: of them not signed for when the month in which they came due was over.";
    5 returns_asked = "退单申请";
    6 returns_agreed = "退单同意";
    7 closed = "办结量: closures found in the period that count for it.";
    8 closed_in_time = "Of them reported in time.";
    28 finish_due = "应办结: rounds of handling whose end came due.";
    29 finished_in_time = "Of them reported in time.";
    30 finish_open = "Of them 待认定 or 暂定.";
    31 left_open = "到期未办结: of them not reported when the month in which they came due was over.";
    9 again = "Of them done again at least once.";
    10 responded = "Of them signed for, contacted and, if urgent, reported on in time (过程响应).";
    11 supervised = "督办";
    32 reviews_due = "应审核: what others asked a hotline for, or reported to it, and it had to decide on (18, 22, 24, 21(6)).";
    33 reviewed_in_time = "Of them decided in time.";
    12 rated = "有效回访: closed, rated and adopted, the base of response and satisfaction.";
    13 contacted = "联系数";
    14 judged = "Rated, without what leaves the solution rate: its base.";
    15 solved = "解决数";
    16 mostly_solved = "基本解决";
    17 satisfied = "满意数";
    18 mostly_satisfied = "基本满意";
    19 first_rated = "Closed and adopted at the first rating of all: the base of 一次解决率.";
    20 first_solved = "Of them solved.";
    21 own_matters = "自办件: written down by it, not taken in.";
    22 assisted = "协办件: closed in the period, with its part in them.";
    23 fed_back = "Of them with its feedback.";
    24 fed_back_in_time = "Of them with its feedback before the finishing term ended.";
    41 closed_open = "办结量 of which that is so.";
    42 responded_open = "办结量 whose 过程响应 hangs on such a time.";
    43 fed_back_open = "协办件 whose feedback does.";
    50 contacted_parts = "Beside 联系数, in thousandths: where several requesters rated a round and did not all say the same, their mean.";
    51 solved_parts = "So of 解决数.";
    52 mostly_solved_parts = "So of 基本解决.";
    53 satisfied_parts = "So of 满意数.";
    54 mostly_satisfied_parts = "So of 基本满意.";
    55 first_solved_parts = "So of 一次解决.";
}

/// Parts of one: what the mean of several ratings is told in.
pub const PARTS: i64 = 1_000;

/// So many of some in parts of one, to the nearest; a half goes against the unit. Whole, where it is all of them.
fn mean(much: usize, of: usize) -> (i64, i64) {
    if much == of {
        return (1, 0);
    }
    let (much, of) = (i64::try_from(much).unwrap_or(i64::MAX), i64::try_from(of).unwrap_or(i64::MAX));
    (0, (2 * PARTS).saturating_mul(much).saturating_add(of - 1).checked_div(of.saturating_mul(2)).unwrap_or_default())
}

/// A rate: a number of hundredths over a base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Hundredths.
    pub hundredths: u64,
    /// The base.
    pub base: u64,
}

impl Rate {
    /// Absent without a base, and where corrections of an earlier table leave something outside 0 to 100 percent.
    fn of(hundredths: i64, base: i64) -> Option<Self> {
        let (hundredths, base) = (u64::try_from(hundredths).ok()?, u64::try_from(base).ok()?);
        (base > 0 && hundredths <= base.saturating_mul(100)).then_some(Self { hundredths, base })
    }

    /// In hundredths of a percent, rounded half up: for display only.
    #[must_use]
    pub fn basis_points(self) -> u64 {
        let (hundredths, base) = (u128::from(self.hundredths), u128::from(self.base));
        u64::try_from((hundredths * 100 * 2 + base) / (base * 2)).unwrap_or(u64::MAX)
    }
}

impl Tally {
    /// What came due alone: it is in figures once the day on which it does is over.
    #[must_use]
    pub fn come_due(&self) -> Self {
        Self {
            sign_for_due: self.sign_for_due,
            signed_in_time: self.signed_in_time,
            sign_for_open: self.sign_for_open,
            left_unsigned: self.left_unsigned,
            finish_due: self.finish_due,
            finished_in_time: self.finished_in_time,
            finish_open: self.finish_open,
            left_open: self.left_open,
            reviews_due: self.reviews_due,
            reviewed_in_time: self.reviewed_in_time,
            ..Self::default()
        }
    }

    /// Fewer ratings than can be ranked by (样本不足), where so many are needed.
    #[must_use]
    pub fn small_sample(&self, least: u32) -> bool {
        self.rated < i64::from(least)
    }

    /// What whole numbers count in where some rating is the mean of several: thousandths, else whole ones, so that the numbers
    /// stay as small as they are read.
    const fn unit(&self) -> i64 {
        let solved = self.solved_parts != 0 || self.mostly_solved_parts != 0 || self.first_solved_parts != 0;
        let satisfied = self.satisfied_parts != 0 || self.mostly_satisfied_parts != 0;
        if solved || satisfied || self.contacted_parts != 0 { PARTS } else { 1 }
    }

    /// Counts with their thousandths, each with its weight in percent, over a base.
    fn pooled(&self, counts: &[(i64, i64, u32)], base: i64) -> Option<Rate> {
        let unit = self.unit();
        let much = |(whole, parts, weight): &(i64, i64, u32)| (whole * unit + parts) * i64::from(*weight);
        Rate::of(counts.iter().map(much).sum(), base * unit)
    }

    /// 响应率
    #[must_use]
    pub fn response(&self) -> Option<Rate> {
        self.pooled(&[(self.contacted, self.contacted_parts, 100)], self.rated)
    }

    /// 解决率
    #[must_use]
    pub fn solution(&self, weights: &Weights) -> Option<Rate> {
        let mostly = (self.mostly_solved, self.mostly_solved_parts, weights.mostly);
        self.pooled(&[(self.solved, self.solved_parts, 100), mostly], self.judged)
    }

    /// 满意率
    #[must_use]
    pub fn satisfaction(&self, weights: &Weights) -> Option<Rate> {
        let mostly = (self.mostly_satisfied, self.mostly_satisfied_parts, weights.mostly);
        self.pooled(&[(self.satisfied, self.satisfied_parts, 100), mostly], self.rated)
    }

    /// 综合成绩: the three by their weights. Absent where one of them is; a solution rate without weight may be.
    #[must_use]
    pub fn score(&self, weights: &Weights) -> Option<Rate> {
        let weigh = |rate: Rate, weight: u32| rate.hundredths * u64::from(weight);
        let both = weigh(self.response()?, weights.response) + weigh(self.satisfaction(weights)?, weights.satisfaction);
        let (rated, weight) =
            (u64::try_from(self.rated * self.unit()).ok()?, u64::from(weights.numbers()[..3].iter().sum::<u32>()));
        // Over one base where the two are the same, so that the numbers stay as small as they are read.
        let (whole, base) = match self.solution(weights) {
            Some(solution) if solution.base == rated => (both + weigh(solution, weights.solution), rated),
            Some(solution) => (both * solution.base + weigh(solution, weights.solution) * rated, rated * solution.base),
            None if weights.solution == 0 => (both, rated),
            None => return None,
        };
        Rate::of(i64::try_from(whole).ok()?, i64::try_from(base * weight).ok()?)
    }

    /// 一次解决率: by the first rating of all, whatever was done again afterwards.
    #[must_use]
    pub fn first_solution(&self) -> Option<Rate> {
        self.pooled(&[(self.first_solved, self.first_solved_parts, 100)], self.first_rated)
    }

    /// 过程响应率: works without a follow-up.
    #[must_use]
    pub fn process(&self) -> Option<Rate> {
        Rate::of(self.responded * 100, self.closed - self.responded_open)
    }

    /// 按时签收率
    #[must_use]
    pub fn sign_for_rate(&self) -> Option<Rate> {
        Rate::of(self.signed_in_time * 100, self.sign_for_due - self.sign_for_open)
    }

    /// 按时办结率, of all that came due: not only of what was closed.
    #[must_use]
    pub fn in_time_rate(&self) -> Option<Rate> {
        Rate::of(self.finished_in_time * 100, self.finish_due - self.finish_open)
    }

    /// 办结率, of all that came due: what was reported at all by the time its month was over.
    #[must_use]
    pub fn closing_rate(&self) -> Option<Rate> {
        let due = self.finish_due - self.finish_open;
        Rate::of((due - self.left_open) * 100, due)
    }

    /// 按时审核率 of a hotline.
    #[must_use]
    pub fn review_rate(&self) -> Option<Rate> {
        Rate::of(self.reviewed_in_time * 100, self.reviews_due)
    }

    /// 重办率
    #[must_use]
    pub fn again_rate(&self) -> Option<Rate> {
        Rate::of(self.again * 100, self.closed)
    }

    /// 退单准确率
    #[must_use]
    pub fn return_rate(&self) -> Option<Rate> {
        Rate::of(self.returns_agreed * 100, self.returns_asked)
    }

    /// 有效回访率
    #[must_use]
    pub fn valid_rate(&self) -> Option<Rate> {
        Rate::of(self.rated * 100, self.closed)
    }

    /// 按时反馈率 of an assisting unit.
    #[must_use]
    pub fn feedback_rate(&self) -> Option<Rate> {
        Rate::of(self.fed_back_in_time * 100, self.assisted - self.fed_back_open)
    }
}
