//! What does not count (不计入), why, on which article, and who decided it.

use crate::fact::Fact;
use crate::ids::{ActId, Millis, PersonId, UnitId};
use crate::rule::Article;

/// Which figures something leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leaves {
    /// All: it is not among the closed either (计入考核=否).
    Everything,
    /// What never came to a closure: rounds that were found closed before count.
    Unclosed,
    /// The three rates; it stays among the closed.
    Ratings,
    /// The solution rate alone.
    Solution,
}

impl Leaves {
    /// Code name and Chinese name.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Everything => ("all", "全部"),
            Self::Unclosed => ("unclosed", "未认定办结的部分（此前认定的办结仍计）"),
            Self::Ratings => ("ratings", "三率（仍计办结量）"),
            Self::Solution => ("solution", "仅解决率"),
        }
    }
}

macro_rules! exclusions {
    ($($variant:ident = $number:literal, $code:literal, $chinese:literal, $article:expr, $leaves:ident;)*) => {
        /// Why something does not count.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Exclusion { $(#[doc = $chinese] $variant,)* }

        impl Exclusion {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// By this kept rows name it. Figures of a tally are below 64.
            #[must_use]
            pub const fn number(self) -> u8 { match self { $(Self::$variant => $number,)* } }
            /// The reason of that number.
            #[must_use]
            pub const fn from_number(number: u8) -> Option<Self> { match number { $($number => Some(Self::$variant),)* _ => None } }
            /// Code name and Chinese name.
            #[must_use]
            pub const fn names(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($code, $chinese),)* }
            }
            /// The article that it rests on.
            #[must_use]
            pub const fn article(self) -> Article { match self { $(Self::$variant => $article,)* } }
            /// Which figures it leaves.
            #[must_use]
            pub const fn leaves(self) -> Leaves { match self { $(Self::$variant => Leaves::$leaves,)* } }
        }
    };
}

exclusions! {
    Withdrawn = 64, "withdrawn", "撤单", Article(13, 0), Unclosed;
    WithdrawnAfterContact = 65, "withdrawn-after-contact", "联系后撤单（由回访抽查）", Article(13, 0), Unclosed;
    Merged = 66, "merged", "并入其他工单", Article(16, 0), Unclosed;
    Returned = 67, "returned", "同意退回，计入新单位", Article(18, 0), Unclosed;
    Recalled = 68, "recalled", "撤回派单", Article(17, 0), Unclosed;
    Redispatched = 69, "redispatched", "转派，计入新单位", Article(18, 0), Unclosed;
    OwnMatter = 70, "own-matter", "自办件，另列", Article(15, 0), Everything;
    Proxy = 71, "proxy", "代录件，另列", Article(15, 0), Everything;
    Tolerated = 72, "tolerated", "容错", Article(41, 0), Everything;
    AppealUpheld = 73, "appeal-upheld", "考核申诉成立", Article(38, 0), Everything;
    SetAside = 75, "set-aside", "评价不予采纳", Article(27, 3), Ratings;
    Anonymous = 76, "anonymous", "匿名，无法回访", Article(26, 0), Ratings;
    Declined = 77, "declined", "拒访", Article(26, 0), Ratings;
    Unreached = 78, "unreached", "三次未接通或空号", Article(26, 0), Ratings;
    Open = 79, "open", "回访未完成", Article(26, 0), Ratings;
    Deferred = 80, "deferred", "挂账", Article(21, 7), Solution;
    Barred = 81, "barred", "客观条件限制，经市热线认定", Article(27, 2), Solution;
    Praise = 83, "praise", "表扬，已转达，不计考核", Article(11, 5), Everything;
    Superseded = 82, "superseded", "已补充办理，以最后一次采纳的评价为准", Article(27, 1), Ratings;
}

/// An act that something rests on: whose, when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByAct {
    /// The act; where two people decide the one that confirms.
    pub act: ActId,
    /// The unit.
    pub unit: UnitId,
    /// The person; absent for the hub's clock.
    pub person: Option<PersonId>,
    /// Who confirmed, where two decide (27(3)).
    pub second: Option<PersonId>,
    /// When.
    pub at: Millis,
}

impl ByAct {
    pub(super) fn of(fact: &Fact) -> Self {
        let author = &fact.author;
        Self { act: fact.id, unit: author.unit, person: author.person, second: None, at: fact.when() }
    }

    /// What was decided by a confirm: whose proposal it was, who confirmed it, and when.
    pub(super) fn confirmed(proposal: &Fact, confirm: &Fact) -> Self {
        Self { person: proposal.author.person, second: confirm.author.person, ..Self::of(confirm) }
    }
}

/// Something of a unit that does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excluded {
    /// Whose.
    pub unit: UnitId,
    /// Why.
    pub reason: Exclusion,
    /// Who asked for it; absent where the hotline decides by itself.
    pub asked: Option<ByAct>,
    /// Who decided; absent where nobody has to, as with a follow-up that has not ended, or nobody has yet.
    pub decided: Option<ByAct>,
}
