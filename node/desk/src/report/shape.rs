//! What a report is made of, as JSON has it. A locked table is kept in this form: members may be added, never renamed.

use std::collections::BTreeMap;

use regulation::rates::{Exclusion, PARTS, Sign};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::view::UnitRef;

/// One unit, or the total.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Row {
    /// The unit; absent in the total.
    pub unit: Option<UnitRef>,
    /// Units are ranked within their group alone.
    pub group: String,
    /// Place in the group by the score; absent where there are too few ratings.
    pub rank: Option<usize>,
    /// 派发量
    pub dispatched: i64,
    /// 紧急
    pub urgent: i64,
    /// 签收量
    pub signed: i64,
    /// 应签收: dispatches whose sign-for came due in the period, up to the last day that is over.
    pub sign_for_due: i64,
    /// 按时签收, of them
    pub signed_in_time: i64,
    /// 待认定或暂定, of them: neither in time nor late, as far as is known.
    pub sign_for_open: i64,
    /// 到期未签收: of them not signed for when their month was over.
    pub left_unsigned: i64,
    /// 待签收, now; absent in a period that is over: it says nothing of then.
    pub awaiting_sign_for: Option<i64>,
    /// 在办, now; absent in a period that is over: it says nothing of then.
    pub in_hand: Option<i64>,
    /// 逾期, now; absent in a period that is over: it says nothing of then.
    pub overdue: Option<i64>,
    /// 退单申请
    pub returns_asked: i64,
    /// 退单同意
    pub returns_agreed: i64,
    /// 督办
    pub supervised: i64,
    /// 应审核: decisions of a hotline that came due in the period, up to the last day that is over.
    pub reviews_due: i64,
    /// 按时审核, of them
    pub reviewed_in_time: i64,
    /// 办结量
    pub closed: i64,
    /// 按时办结, of what was closed
    pub closed_in_time: i64,
    /// 待认定或暂定, of what was closed
    pub closed_open: i64,
    /// 应办结: rounds of handling whose end came due in the period, up to the last day that is over.
    pub finish_due: i64,
    /// 按时报结, of them
    pub finished_in_time: i64,
    /// 待认定或暂定, of them
    pub finish_open: i64,
    /// 到期未办结: of them not reported when their month was over.
    pub left_open: i64,
    /// 重办
    pub again: i64,
    /// 过程响应: signed for, contacted and, if urgent, reported on in time.
    pub responded: i64,
    /// Of what was closed, where that hangs on a time that may still change or is in dispute.
    pub responded_open: i64,
    /// 有效回访
    pub rated: i64,
    /// 已联系
    pub contacted: i64,
    /// Base of the solution rate: rated, without what leaves that rate alone.
    pub judged: i64,
    /// 解决
    pub solved: i64,
    /// 基本解决
    pub mostly_solved: i64,
    /// 满意
    pub satisfied: i64,
    /// 基本满意
    pub mostly_satisfied: i64,
    /// Rated at least once, and the first rating adopted.
    pub first_rated: i64,
    /// 一次解决
    pub first_solved: i64,
    /// Beside those whole numbers, in thousandths and by their names: the mean of ratings where several requesters rated one
    /// closure and did not all say the same.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, i64>,
    /// 自办件
    pub own_matters: i64,
    /// Not counted, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// Corrections of locked tables that are in these figures.
    pub corrections: u64,
    /// Fewer ratings than can be ranked by.
    pub small_sample: bool,
    /// Rates in hundredths of a percent, by name; absent where there is no base.
    pub rates: BTreeMap<String, Option<u64>>,
    /// The quarter that ends with the month, by which units with too few ratings are ranked.
    pub quarter: Option<Quarter>,
}

impl Row {
    /// A number of ratings with its thousandths, if there are any.
    #[must_use]
    pub fn counted(&self, name: &str, whole: i64) -> String {
        match self.parts.get(name) {
            None => whole.to_string(),
            Some(parts) => {
                let all = whole * PARTS + parts;
                let sign = if all < 0 { "-" } else { "" };
                format!("{sign}{}.{:03}", all.abs() / PARTS, all.abs() % PARTS)
            }
        }
    }
}

/// What a unit came to in the three months that end with the one of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quarter {
    /// 有效回访
    pub rated: i64,
    /// 综合成绩 in hundredths of a percent.
    pub score: Option<u64>,
    /// Place in the group by it; absent where even these are too few.
    pub rank: Option<usize>,
}

/// 配合: an assisting unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AssistRow {
    /// The unit; absent in the total.
    pub unit: Option<UnitRef>,
    /// 协办件 closed in the period.
    pub assisted: i64,
    /// 已反馈
    pub fed_back: i64,
    /// 按时反馈
    pub fed_back_in_time: i64,
    /// Neither in time nor late, as far as is known.
    pub fed_back_open: i64,
    /// 按时反馈率 in hundredths of a percent.
    pub rate: Option<u64>,
}

/// Something that does not count (R11).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExclusionRow {
    /// The ticket.
    pub ticket: String,
    /// 工单编号
    pub number: String,
    /// Whose figures it leaves.
    pub unit: UnitRef,
    /// Code of the reason.
    pub reason: String,
    /// The article that it rests on, such as `27(3)`.
    pub article: String,
    /// What it leaves: `all`, `ratings` or `solution`.
    pub leaves: String,
    /// Who asked for it; absent where the hotline decides by itself.
    pub asked: Option<ByRow>,
    /// Who decided; absent where nobody has to, or nobody has yet.
    pub decided: Option<ByRow>,
}

impl ExclusionRow {
    /// The reason.
    #[must_use]
    pub fn why(&self) -> Option<Exclusion> {
        Exclusion::ALL.iter().copied().find(|reason| reason.names().0 == self.reason)
    }
}

/// The act by which something that does not count was asked for or decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ByRow {
    /// The unit.
    pub unit: UnitRef,
    /// The person.
    pub person: Option<String>,
    /// The other person, where two decide.
    pub second: Option<String>,
    /// When.
    pub at: String,
    /// The act.
    pub act: String,
    /// Its kind.
    pub kind: String,
}

/// 补记 or 冲正: what a ticket of a locked month is corrected by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CorrectionRow {
    /// Number of the locked table that it corrects.
    pub table: u32,
    /// Month of that table.
    pub month: String,
    /// `added` or `reversed`.
    pub sign: String,
    /// The ticket.
    pub ticket: String,
    /// 工单编号
    pub number: String,
    /// Whose figures.
    pub unit: UnitRef,
    /// It is in the list of what units wrote down themselves.
    pub apart: bool,
    /// The differences, whole numbers, by the names of [`Row`].
    pub figures: BTreeMap<String, i64>,
}

impl CorrectionRow {
    /// 补记 or 冲正.
    #[must_use]
    pub fn sign(&self) -> Sign {
        if self.sign == Sign::Reversed.names().0 { Sign::Reversed } else { Sign::Added }
    }
}

/// The weights that a table was made with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WeightsUsed {
    /// Version of the registry that set them; 0 for the usual ones.
    pub version: u32,
    /// When they were set.
    pub since: Option<String>,
    /// 响应率, percent.
    pub response: u32,
    /// 解决率, percent.
    pub solution: u32,
    /// 满意率, percent.
    pub satisfaction: u32,
    /// 基本解决 and 基本满意, percent of a whole one.
    pub mostly: u32,
}

/// That a table is locked, as the registry has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LockedAs {
    /// 封存号
    pub number: u32,
    /// SHA-256 of its content.
    pub hash: String,
    /// When.
    pub at: String,
    /// Who proposed it.
    pub by: String,
    /// Who confirmed it.
    pub second: String,
    /// Its content is held here. Without it there are no rows.
    pub held: bool,
}

/// That somebody has proposed to lock a table, which waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposedAs {
    /// By this it is confirmed.
    pub proposal: String,
    /// The number that it would have.
    pub number: u32,
    /// SHA-256 of its content.
    pub hash: String,
    /// Since when.
    pub at: String,
    /// Who proposed it.
    pub by: String,
}

/// A report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Report {
    /// `daily`, `rates` or `exclusions`.
    #[schemars(extend("enum" = ["daily", "rates", "exclusions"]))]
    pub kind: String,
    /// As it was asked for.
    pub period: String,
    /// Its beginning.
    pub from: String,
    /// Its end, which does not belong to it.
    pub to: String,
    /// When it was made.
    pub made_at: String,
    /// Whose holdings it covers.
    pub covers: String,
    /// Present if it is locked: then it is as it was made.
    pub locked: Option<LockedAs>,
    /// Present if it is proposed to be locked: then it is as it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<ProposedAs>,
    /// What the scores are weighed with.
    pub weights: WeightsUsed,
    /// Tickets held here, all of which are counted.
    pub tickets: u64,
    /// Of them with acts that the city has not confirmed: these may still change.
    pub unsettled: u64,
    /// When the newest of them was changed last.
    pub newest_at: Option<String>,
    /// Of them that count as they did before something changed, until they are computed again.
    pub recalculating: u64,
    /// A row a unit, grouped and ranked.
    pub rows: Vec<Row>,
    /// Pooled: of the units above, which are ranked.
    pub total: Row,
    /// All that happened: with what units wrote down themselves. Absent where there is none of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<Box<Row>>,
    /// What units wrote down themselves (代录件、自办件): not ranked.
    pub apart: Vec<Row>,
    /// 配合: assisting units, which have no rates; the total last.
    pub assisting: Vec<AssistRow>,
    /// What does not count, as far as it fits.
    pub exclusions: Vec<ExclusionRow>,
    /// Where the rest of that begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Corrections of locked tables; they are in the figures above.
    pub corrections: Vec<CorrectionRow>,
    /// Corrections that would leave a number of their unit above what it is of, or below nothing: they wait for the next table that
    /// can carry them, and are not in the figures above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<CorrectionRow>,
    /// Numbers of locked tables whose corrections belong here but cannot be told, as their content is not held here.
    pub uncorrected: Vec<u32>,
    /// Tickets raised in the period, by class.
    pub raised: BTreeMap<String, u64>,
    /// 类别 Top5: of a daily table of one day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<TopRow>,
    /// 热点: one matter at one place that was raised several times, of a daily table of one day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hot: Vec<HotRow>,
    /// Of so many tickets that these two count those raised last alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub at_least: bool,
}

/// A category that was raised often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TopRow {
    /// 排名; as many tickets, the same place. 0 of what has no category.
    pub rank: usize,
    /// Its code; empty of what has none.
    pub category: String,
    /// 类别
    pub name: String,
    /// 件数
    pub tickets: usize,
    /// 占比 of all that was raised, in hundredths of a percent.
    pub share: usize,
}

/// One matter at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HotRow {
    /// Code of the category.
    pub category: String,
    /// 类别
    pub name: String,
    /// 地点
    pub place: String,
    /// 件数
    pub tickets: usize,
    /// 诉求人: without what somebody raised again.
    pub requesters: usize,
}
