//! Reports from what this node holds: the daily table (R1, article 31) and the table of rates (R10, article 38).
//!
//! Every report says what it covers and how fresh that is: a township's own holdings are not the city's.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{Datelike, Months, NaiveDate};
use regulation::act::RequestKind;
use regulation::rates::{Rate, SAMPLE_MIN, Tally, Weights, tally};
use regulation::terms::{self, DueKind, DueVerdict};
use regulation::{Millis, TicketState, UnitId};
use replica::registry::At;
use replica::{Registry, UnitKind};
use serde::{Deserialize, Serialize};
use store::Queries;

use crate::clock;
use crate::problem::Problem;
use crate::view::UnitRef;

/// Which report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// R1 日统计
    Daily,
    /// R10 考评表
    Rates,
}

impl Kind {
    /// The report of that name.
    ///
    /// # Errors
    /// There is none: which there are.
    pub fn parse(name: &str) -> Result<Self, Problem> {
        match name {
            "daily" | "r1" | "R1" => Ok(Self::Daily),
            "rates" | "r10" | "R10" => Ok(Self::Rates),
            other => Err(Problem::bad_input(
                format!("没有报表 {other}；可用：daily（日统计）、rates（三率）"),
                format!("no report {other}; there are: daily, rates"),
            )),
        }
    }
}

/// One unit, or the total.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The unit; absent in the total.
    pub unit: Option<UnitRef>,
    /// Units are ranked within their group alone.
    pub group: String,
    /// Place in the group by the score; absent where there are too few ratings.
    pub rank: Option<usize>,
    /// 派发量
    pub dispatched: u64,
    /// 紧急
    pub urgent: u64,
    /// 签收量
    pub signed: u64,
    /// 待签收, now
    pub awaiting_sign_for: u64,
    /// 在办, now
    pub in_hand: u64,
    /// 逾期, now
    pub overdue: u64,
    /// 退单申请
    pub returns_asked: u64,
    /// 退单同意
    pub returns_agreed: u64,
    /// 督办
    pub supervised: u64,
    /// 办结量
    pub closed: u64,
    /// 按时办结
    pub closed_in_time: u64,
    /// 有效回访
    pub rated: u64,
    /// 已联系
    pub contacted: u64,
    /// 解决
    pub solved: u64,
    /// 基本解决
    pub mostly_solved: u64,
    /// 满意
    pub satisfied: u64,
    /// 基本满意
    pub mostly_satisfied: u64,
    /// Not counted, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// Fewer ratings than can be ranked by.
    pub small_sample: bool,
    /// Rates in hundredths of a percent, by name; absent where there is no base.
    pub rates: BTreeMap<String, Option<u64>>,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// `daily` or `rates`.
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
    /// Tickets held here, all of which were looked at.
    pub tickets: u64,
    /// Of them with acts that the city has not confirmed: these may still change.
    pub unsettled: u64,
    /// Newest act that was looked at.
    pub newest_at: Option<String>,
    /// A row a unit, grouped and ranked.
    pub rows: Vec<Row>,
    /// Pooled.
    pub total: Row,
    /// Tickets raised in the period, by class.
    pub raised: BTreeMap<String, u64>,
}

/// The days of a period: `2026-11-25`, `2026-11` or `2026`.
///
/// # Errors
/// It is none of these.
pub fn period(text: &str) -> Result<Range<Millis>, Problem> {
    let wrong = || {
        Problem::bad_input(
            format!("--period 须为 2026、2026-11 或 2026-11-25，不能是 {text}"),
            format!("--period is 2026, 2026-11 or 2026-11-25, not {text}"),
        )
    };
    let number = |text: &str| text.parse::<u32>().ok();
    let parts: Vec<Option<u32>> = text.split('-').map(number).collect();
    let (first, months, days) = match parts.as_slice() {
        [Some(year)] => (date(*year, 1, 1), 12, 0),
        [Some(year), Some(month)] => (date(*year, *month, 1), 1, 0),
        [Some(year), Some(month), Some(day)] => (date(*year, *month, *day), 0, 1),
        _ => (None, 0, 0),
    };
    let first = first.ok_or_else(wrong)?;
    let end =
        first.checked_add_months(Months::new(months)).and_then(|end| end.checked_add_days(chrono::Days::new(days)));
    let start_of = |date: NaiveDate| clock::parse(&date.to_string());
    match (start_of(first), end.and_then(start_of)) {
        (Some(from), Some(to)) => Ok(from..to),
        _ => Err(wrong()),
    }
}

fn date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day).filter(|date| (2000..2200).contains(&date.year()))
}

#[derive(Default)]
struct Gathered {
    tally: Tally,
    awaiting_sign_for: u64,
    in_hand: u64,
    overdue: u64,
}

/// Makes a report from everything that is held here.
///
/// # Errors
/// The database cannot be read, or the registry has no calendar or terms.
pub fn report(
    store: &Queries,
    registry: &Registry,
    unit: UnitId,
    kind: Kind,
    text: &str,
    now: Millis,
) -> Result<Report, Problem> {
    let period = period(text)?;
    let at = registry.now();
    let missing = || Problem::not_found("名册中没有工作日历或时限", "the registry has no calendar or terms");
    let (calendar, terms) = (at.calendar().ok_or_else(missing)?, at.terms().ok_or_else(missing)?);
    let mut units: BTreeMap<UnitId, Gathered> = BTreeMap::new();
    let (mut tickets, mut unsettled, mut newest) = (0, 0, None);
    let mut raised: BTreeMap<String, u64> = RequestKind::ALL.iter().map(|kind| (kind.code().to_owned(), 0)).collect();
    for doc in kernel::read::docs(store)? {
        let history = kernel::read::history(store, registry, doc)?;
        let Some(ticket) = history.record().ticket() else { continue };
        tickets += 1;
        unsettled += u64::from(history.folded().stratum.iter().any(Option::is_none));
        newest = newest.max(history.nodes().iter().map(|node| node.act.time).max());
        if period.contains(&ticket.register.raised_at) {
            *raised.entry(ticket.register.kind.code().to_owned()).or_default() += 1;
        }
        for (unit, tally) in tally(ticket, &period, calendar, terms) {
            units.entry(unit).or_default().tally.add(&tally);
        }
        let Some(lead) = ticket.lead() else { continue };
        let gathered = units.entry(lead.unit).or_default();
        gathered.awaiting_sign_for += u64::from(ticket.state == TicketState::AwaitingSignFor);
        gathered.in_hand += u64::from(matches!(ticket.state, TicketState::AwaitingSignFor | TicketState::InProgress));
        let late = |item: &terms::DueItem| {
            item.unit == lead.unit
                && item.met_at.is_none()
                && matches!(item.what, DueKind::SignFor | DueKind::Finish | DueKind::Urgent)
                && item.verdict(now, terms) == DueVerdict::Overdue
        };
        let open = matches!(ticket.state, TicketState::AwaitingSignFor | TicketState::InProgress);
        gathered.overdue += u64::from(open && terms::dues(ticket, calendar, terms).iter().any(late));
    }
    let mut total = Gathered::default();
    let mut rows = Vec::new();
    for (unit, gathered) in &units {
        total.tally.add(&gathered.tally);
        total.awaiting_sign_for += gathered.awaiting_sign_for;
        total.in_hand += gathered.in_hand;
        total.overdue += gathered.overdue;
        rows.push(row(&at, Some(*unit), gathered));
    }
    rank(&mut rows);
    Ok(Report {
        kind: if kind == Kind::Daily { "daily" } else { "rates" }.to_owned(),
        period: text.to_owned(),
        from: clock::text(period.start),
        to: clock::text(period.end),
        made_at: clock::text(now),
        covers: at.unit(unit).map(|unit| unit.name.clone()).unwrap_or_default(),
        tickets,
        unsettled,
        newest_at: newest.map(clock::text),
        rows,
        total: row(&at, None, &total),
        raised,
    })
}

fn row(at: &At<'_>, unit: Option<UnitId>, gathered: &Gathered) -> Row {
    let (tally, weights) = (&gathered.tally, Weights::default());
    let rates = [
        ("sign_for", tally.sign_for_rate()),
        ("in_time", tally.in_time_rate()),
        ("valid", tally.valid_rate()),
        ("response", tally.response()),
        ("solution", tally.solution(&weights)),
        ("satisfaction", tally.satisfaction(&weights)),
        ("score", tally.score(&weights)),
    ];
    Row {
        unit: unit.map(|unit| UnitRef::of(at, unit)),
        group: unit.map(|unit| group(at, unit)).unwrap_or_default().to_owned(),
        rank: None,
        dispatched: tally.dispatched,
        urgent: tally.urgent,
        signed: tally.signed,
        awaiting_sign_for: gathered.awaiting_sign_for,
        in_hand: gathered.in_hand,
        overdue: gathered.overdue,
        returns_asked: tally.returns_asked,
        returns_agreed: tally.returns_agreed,
        supervised: tally.supervised,
        closed: tally.closed,
        closed_in_time: tally.closed_in_time,
        rated: tally.rated,
        contacted: tally.contacted,
        solved: tally.solved,
        mostly_solved: tally.mostly_solved,
        satisfied: tally.satisfied,
        mostly_satisfied: tally.mostly_satisfied,
        excluded: tally.excluded.iter().map(|(why, of)| (why.names().0.to_owned(), of.len() as u64)).collect(),
        small_sample: tally.rated < SAMPLE_MIN,
        rates: rates.into_iter().map(|(name, rate)| (name.to_owned(), rate.map(Rate::basis_points))).collect(),
    }
}

/// 分级分类 (38): who is compared with whom.
fn group(at: &At<'_>, unit: UnitId) -> &'static str {
    match at.unit(unit).map(|unit| unit.kind) {
        Some(UnitKind::CountyHotline | UnitKind::CountyGovernment) => "县（市、区）",
        Some(UnitKind::Township) => "乡镇街道",
        Some(UnitKind::Enterprise) => "企事业单位",
        _ => "市直部门",
    }
}

/// By group, then by score; whoever has too few ratings comes last and has no rank.
fn rank(rows: &mut [Row]) {
    let score = |row: &Row| row.rates.get("score").copied().flatten();
    rows.sort_by(|a, b| {
        let key = |row: &Row| {
            (row.group.clone(), row.small_sample, std::cmp::Reverse(score(row)), std::cmp::Reverse(row.closed))
        };
        key(a).cmp(&key(b)).then_with(|| a.unit.as_ref().map(|unit| unit.id).cmp(&b.unit.as_ref().map(|unit| unit.id)))
    });
    let (mut place, mut of) = (0, String::new());
    for row in rows {
        if row.group != of {
            (place, of) = (0, row.group.clone());
        }
        place += 1;
        row.rank = (!row.small_sample && score(row).is_some()).then_some(place);
    }
}

/// A row of a CSV: cells that a spreadsheet would take for a formula are made harmless.
#[must_use]
pub fn csv_cell(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_days_months_and_years_in_local_time() {
        let day = 86_400_000;
        let november = period("2026-11").unwrap();
        assert_eq!(
            (clock::text(november.start), november.end - november.start),
            ("2026-11-01T00:00:00+08:00".to_owned(), 30 * day)
        );
        assert_eq!(period("2028-02").map(|p| p.end - p.start), Ok(29 * day));
        assert_eq!(period("2026-11-25").map(|p| p.end - p.start), Ok(day));
        assert_eq!(period("2026").map(|p| p.end - p.start), Ok(365 * day));
        for wrong in ["", "26", "2026-13", "2026-02-30", "2026-11-25-1", "now", "-1"] {
            assert!(period(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn cells_are_never_formulas() {
        assert_eq!(csv_cell("=1+1"), "'=1+1");
        assert_eq!(csv_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
    }
}
