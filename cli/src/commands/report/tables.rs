//! The tables of a report, as cells.

use desk::report::{AssistRow, CorrectionRow, ExclusionRow, HotRow, Report, Row, TopRow};
use regulation::ActKind;
use regulation::rates::Leaves;

use crate::out::say;

/// A column: its name in both languages and what stands in it.
type Column = (&'static str, &'static str, fn(&Row) -> String);

const DAILY: &[Column] = &[
    ("派发量", "dispatched", |row| row.dispatched.to_string()),
    ("签收量", "signed", |row| row.signed.to_string()),
    ("待签收", "awaiting", |row| number(row.awaiting_sign_for)),
    ("按时签收率", "signed in time", |row| percent(row, "sign_for")),
    ("退单申请", "returns asked", |row| row.returns_asked.to_string()),
    ("退单同意", "agreed", |row| row.returns_agreed.to_string()),
    ("办结量", "closed", |row| row.closed.to_string()),
    ("按时办结", "in time", |row| row.closed_in_time.to_string()),
    ("到期未办结", "left open", |row| row.left_open.to_string()),
    ("在办", "in hand", |row| number(row.in_hand)),
    ("逾期", "overdue", |row| number(row.overdue)),
    ("紧急", "urgent", |row| row.urgent.to_string()),
    ("督办", "supervised", |row| row.supervised.to_string()),
];

const RATES: &[Column] = &[
    ("组别", "group", |row| row.group.clone()),
    ("名次", "rank", |row| row.rank.map_or_else(dash, |rank| rank.to_string())),
    ("派发量", "dispatched", |row| row.dispatched.to_string()),
    ("办结量", "closed", |row| row.closed.to_string()),
    ("到期未办结", "left open", |row| row.left_open.to_string()),
    ("办结率", "closing", |row| percent(row, "closing")),
    ("按时办结率", "in time", |row| percent(row, "in_time")),
    ("按时签收率", "signed in time", |row| percent(row, "sign_for")),
    ("按时审核率", "reviewed", |row| percent(row, "reviews")),
    ("有效回访", "rated", |row| row.rated.to_string()),
    ("联系数", "contacted", |row| row.counted("contacted", row.contacted)),
    ("计解决率", "judged", |row| row.judged.to_string()),
    ("解决数", "solved", |row| row.counted("solved", row.solved)),
    ("基本解决", "mostly", |row| row.counted("mostly_solved", row.mostly_solved)),
    ("满意数", "satisfied", |row| row.counted("satisfied", row.satisfied)),
    ("基本满意", "mostly", |row| row.counted("mostly_satisfied", row.mostly_satisfied)),
    ("响应率", "response", |row| percent(row, "response")),
    ("解决率", "solution", |row| percent(row, "solution")),
    ("满意率", "satisfaction", |row| percent(row, "satisfaction")),
    ("综合成绩", "score", |row| percent(row, "score")),
    ("一次解决率", "first solution", |row| percent(row, "first_solution")),
    ("过程响应率", "process", |row| percent(row, "process")),
    ("不计入", "excluded", |row| row.excluded.values().sum::<u64>().to_string()),
    ("补记冲正", "corrections", |row| row.corrections.to_string()),
    ("样本不足", "few", |row| if row.small_sample { "*".to_owned() } else { String::new() }),
    ("季度回访", "quarter rated", |row| {
        row.quarter.as_ref().map_or_else(dash, |quarter| quarter.rated.to_string())
    }),
    ("季度成绩", "quarter score", |row| points(row.quarter.as_ref().and_then(|quarter| quarter.score))),
    ("季度名次", "quarter rank", |row| {
        row.quarter.as_ref().and_then(|quarter| quarter.rank).map_or_else(dash, |rank| rank.to_string())
    }),
];

const APART: &[Column] = &[
    ("自办件", "own matters", |row| row.own_matters.to_string()),
    ("代录派发", "dispatched", |row| row.dispatched.to_string()),
    ("代录办结", "closed", |row| row.closed.to_string()),
    ("有效回访", "rated", |row| row.rated.to_string()),
    ("响应率", "response", |row| percent(row, "response")),
    ("解决率", "solution", |row| percent(row, "solution")),
    ("满意率", "satisfaction", |row| percent(row, "satisfaction")),
];

pub fn dash() -> String {
    "—".to_owned()
}

/// A dash where there is none.
fn number(of: Option<i64>) -> String {
    of.map_or_else(dash, |number| number.to_string())
}

/// Two decimals; a dash where there is no base.
fn percent(row: &Row, name: &str) -> String {
    points(row.rates.get(name).copied().flatten())
}

fn points(rate: Option<u64>) -> String {
    rate.map_or_else(dash, |points| format!("{}.{:02}", points / 100, points % 100))
}

/// A table with its title; the first has none.
pub type Grid = (&'static str, Vec<Vec<String>>);

/// The tables that a report consists of; those without rows are left out, save the first.
pub fn of(report: &Report) -> Vec<Grid> {
    let all = || say("全部（含代录件、自办件）", "all, with what units wrote down themselves").to_owned();
    let total = [(say("合计", "total").to_owned(), &report.total)];
    let totals = named(&report.rows).chain(total).chain(report.all.iter().map(|row| (all(), &**row)));
    match report.kind.as_str() {
        "daily" => {
            let mut grids = vec![("", grid(totals, DAILY))];
            if !report.top.is_empty() {
                grids.push((say("类别前五", "categories raised most"), top(&report.top)));
            }
            if !report.hot.is_empty() {
                grids.push((say("热点（同一事项、同一地点）", "hot: one matter at one place"), hot(&report.hot)));
            }
            grids
        }
        "exclusions" => vec![("", exclusions(&report.exclusions))],
        _ => {
            let mut grids = vec![("", grid(totals, RATES))];
            if !report.apart.is_empty() {
                grids.push((
                    say("代录件、自办件（另列，不排名）", "written down by units themselves"),
                    grid(named(&report.apart), APART),
                ));
            }
            if !report.assisting.is_empty() {
                grids.push((say("协办配合", "assisting units"), assisting(&report.assisting)));
            }
            if !report.corrections.is_empty() {
                let title = say("补记、冲正（已计入上表）", "corrections, in the figures above");
                grids.push((title, corrections(&report.corrections)));
            }
            if !report.waiting.is_empty() {
                let title = say(
                    "补记、冲正（结转：计入后会有比率超出其基数，留待下一张表，未计入上表）",
                    "corrections that wait for the next table: with them a rate would be above its base",
                );
                grids.push((title, corrections(&report.waiting)));
            }
            grids
        }
    }
}

fn header(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|column| (*column).to_owned()).collect()
}

/// The rows of units, with their names.
fn named(rows: &[Row]) -> impl Iterator<Item = (String, &Row)> {
    rows.iter().filter_map(|row| Some((row.unit.as_ref()?.name.clone(), row)))
}

fn grid<'r>(of: impl IntoIterator<Item = (String, &'r Row)>, columns: &[Column]) -> Vec<Vec<String>> {
    let names = columns.iter().map(|(chinese, english, _)| say(chinese, english).to_owned());
    let mut rows = vec![std::iter::once(say("承办单位", "unit").to_owned()).chain(names).collect()];
    for (unit, row) in of {
        rows.push(std::iter::once(unit).chain(columns.iter().map(|(.., cell)| cell(row))).collect::<Vec<_>>());
    }
    rows
}

fn top(of: &[TopRow]) -> Vec<Vec<String>> {
    let mut rows =
        vec![header(&[say("排名", "rank"), say("类别", "category"), say("件数", "tickets"), say("占比", "share")])];
    let share = |row: &TopRow| format!("{}.{:02}", row.share / 100, row.share % 100);
    rows.extend(of.iter().map(|row| {
        let (rank, name) = match row.rank {
            0 => (dash(), say("未分类", "no category").to_owned()),
            rank => (rank.to_string(), row.name.clone()),
        };
        vec![rank, name, row.tickets.to_string(), share(row)]
    }));
    rows
}

fn hot(of: &[HotRow]) -> Vec<Vec<String>> {
    let names = [say("类别", "category"), say("地点", "place"), say("件数", "tickets"), say("诉求人", "requesters")];
    let mut rows = vec![header(&names)];
    let row =
        |row: &HotRow| vec![row.name.clone(), row.place.clone(), row.tickets.to_string(), row.requesters.to_string()];
    rows.extend(of.iter().map(row));
    rows
}

fn assisting(of: &[AssistRow]) -> Vec<Vec<String>> {
    let mut rows = vec![header(&[
        say("协办单位", "unit"),
        say("协办件", "assisted"),
        say("已反馈", "fed back"),
        say("按时反馈", "in time"),
        say("按时反馈率", "rate"),
    ])];
    rows.extend(of.iter().map(|row| {
        let unit = row.unit.as_ref().map_or_else(|| say("合计", "total").to_owned(), |unit| unit.name.clone());
        let numbers = [row.assisted, row.fed_back, row.fed_back_in_time].map(|number| number.to_string());
        [unit].into_iter().chain(numbers).chain([points(row.rate)]).collect()
    }));
    rows
}

/// Names of figures, as in the tables above.
const FIGURES: &[(&str, &str, &str)] = &[
    ("dispatched", "派发量", "dispatched"),
    ("urgent", "紧急", "urgent"),
    ("signed", "签收量", "signed"),
    ("sign_for_due", "应签收", "sign-for due"),
    ("signed_in_time", "按时签收", "signed in time"),
    ("sign_for_open", "签收待认定", "sign-for undecided"),
    ("left_unsigned", "到期未签收", "left unsigned"),
    ("returns_asked", "退单申请", "returns asked"),
    ("returns_agreed", "退单同意", "returns agreed"),
    ("closed", "办结量", "closed"),
    ("closed_in_time", "按时办结", "closed in time"),
    ("finish_due", "应办结", "finishing due"),
    ("finished_in_time", "按时报结", "finished in time"),
    ("finish_open", "办结待认定", "finishing undecided"),
    ("left_open", "到期未办结", "left open"),
    ("again", "重办", "done again"),
    ("responded", "过程响应", "responded"),
    ("supervised", "督办", "supervised"),
    ("reviews_due", "应审核", "reviews due"),
    ("reviewed_in_time", "按时审核", "reviewed in time"),
    ("rated", "有效回访", "rated"),
    ("contacted", "联系数", "contacted"),
    ("judged", "计解决率", "judged"),
    ("solved", "解决数", "solved"),
    ("mostly_solved", "基本解决", "mostly solved"),
    ("satisfied", "满意数", "satisfied"),
    ("mostly_satisfied", "基本满意", "mostly satisfied"),
    ("first_rated", "首评", "first rated"),
    ("first_solved", "一次解决", "first solved"),
    ("own_matters", "自办件", "own matters"),
    ("assisted", "协办件", "assisted"),
    ("fed_back", "已反馈", "fed back"),
    ("fed_back_in_time", "按时反馈", "fed back in time"),
    ("closed_open", "办结时间待认定", "closed, time undecided"),
    ("responded_open", "过程响应待认定", "response undecided"),
    ("fed_back_open", "反馈待认定", "feedback undecided"),
    ("contacted_parts", "联系数（千分）", "contacted (thousandths)"),
    ("solved_parts", "解决数（千分）", "solved (thousandths)"),
    ("mostly_solved_parts", "基本解决（千分）", "mostly solved (thousandths)"),
    ("satisfied_parts", "满意数（千分）", "satisfied (thousandths)"),
    ("mostly_satisfied_parts", "基本满意（千分）", "mostly satisfied (thousandths)"),
    ("first_solved_parts", "一次解决（千分）", "first solved (thousandths)"),
];

fn corrections(of: &[CorrectionRow]) -> Vec<Vec<String>> {
    let mut rows = vec![header(&[
        say("更正", "correction"),
        say("封存号", "table"),
        say("月份", "month"),
        say("工单编号", "ticket"),
        say("承办单位", "unit"),
        say("差额", "differences"),
    ])];
    rows.extend(of.iter().map(|row| {
        let (english, chinese) = row.sign().names();
        let figure = |(name, number): (&String, &i64)| {
            let known = FIGURES.iter().find(|(code, ..)| code == name);
            format!("{} {number:+}", known.map_or(name.as_str(), |(_, chinese, english)| say(chinese, english)))
        };
        vec![
            say(chinese, english).to_owned(),
            row.table.to_string(),
            row.month.clone(),
            row.number.clone(),
            row.unit.name.clone(),
            row.figures.iter().map(figure).collect::<Vec<_>>().join(say("，", ", ")),
        ]
    }));
    rows
}

fn exclusions(of: &[ExclusionRow]) -> Vec<Vec<String>> {
    let mut rows = vec![header(&[
        say("工单编号", "ticket"),
        say("承办单位", "unit"),
        say("事由", "reason"),
        say("依据", "article"),
        say("影响项", "leaves"),
        say("申请单位", "asked by"),
        say("决定单位", "decided by"),
        say("决定人", "person"),
        say("时间", "when"),
        say("办理记录", "act"),
    ])];
    rows.extend(of.iter().map(|row| {
        let why = row.why().map_or(row.reason.as_str(), |reason| say(reason.names().1, reason.names().0));
        let leaves = row.why().map_or(row.leaves.as_str(), |reason| leaves(reason.leaves()));
        let asked = row.asked.as_ref().map_or_else(dash, |by| by.unit.name.clone());
        let mut cells = header(&[&row.number, &row.unit.name, why, &row.article, leaves, &asked]);
        match &row.decided {
            None => cells.extend(std::iter::repeat_n(dash(), 4)),
            Some(by) => {
                let people: Vec<&str> = by.person.iter().chain(&by.second).map(String::as_str).collect();
                let kind = ActKind::parse(&by.kind).map_or(by.kind.as_str(), |kind| say(kind.chinese(), kind.code()));
                let short = by.act.get(..10).unwrap_or_default();
                cells.extend([
                    by.unit.name.clone(),
                    people.join(say("、", ", ")),
                    by.at.clone(),
                    format!("{kind} {short}"),
                ]);
            }
        }
        cells
    }));
    rows
}

fn leaves(what: Leaves) -> &'static str {
    say(what.names().1, what.names().0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_that_can_be_corrected_has_a_name() {
        for (code, ..) in FIGURES {
            assert!(regulation::rates::Tally::from_figures([(*code, 1)]).is_some(), "{code}");
        }
        let named: Vec<&str> = FIGURES.iter().map(|(code, ..)| *code).collect();
        assert_eq!(named, regulation::rates::Tally::FIGURES);
    }
}
