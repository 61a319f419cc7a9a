//! Reports: as a table for people, JSON for programs, CSV for spreadsheets.

use std::path::PathBuf;

use node::Problem;
use node::call::Call;
use node::report::{Report, Row, csv_cell};

use crate::args::{Format, Global};
use crate::client::ask;
use crate::out::{self, say};

/// A column: its name in both languages and what stands in it.
type Column = (&'static str, &'static str, fn(&Row) -> String);

const DAILY: &[Column] = &[
    ("派发量", "dispatched", |row| row.dispatched.to_string()),
    ("签收量", "signed", |row| row.signed.to_string()),
    ("待签收", "awaiting", |row| row.awaiting_sign_for.to_string()),
    ("按时签收率", "signed in time", |row| percent(row, "sign_for")),
    ("退单申请", "returns asked", |row| row.returns_asked.to_string()),
    ("退单同意", "agreed", |row| row.returns_agreed.to_string()),
    ("办结量", "closed", |row| row.closed.to_string()),
    ("按时办结", "in time", |row| row.closed_in_time.to_string()),
    ("在办", "in hand", |row| row.in_hand.to_string()),
    ("逾期", "overdue", |row| row.overdue.to_string()),
    ("紧急", "urgent", |row| row.urgent.to_string()),
    ("督办", "supervised", |row| row.supervised.to_string()),
];

const RATES: &[Column] = &[
    ("组别", "group", |row| row.group.clone()),
    ("名次", "rank", |row| row.rank.map_or_else(dash, |rank| rank.to_string())),
    ("办结量", "closed", |row| row.closed.to_string()),
    ("有效回访", "rated", |row| row.rated.to_string()),
    ("联系数", "contacted", |row| row.contacted.to_string()),
    ("解决数", "solved", |row| row.solved.to_string()),
    ("基本解决", "mostly", |row| row.mostly_solved.to_string()),
    ("满意数", "satisfied", |row| row.satisfied.to_string()),
    ("基本满意", "mostly", |row| row.mostly_satisfied.to_string()),
    ("响应率", "response", |row| percent(row, "response")),
    ("解决率", "solution", |row| percent(row, "solution")),
    ("满意率", "satisfaction", |row| percent(row, "satisfaction")),
    ("综合成绩", "score", |row| percent(row, "score")),
    ("不计入", "excluded", |row| row.excluded.values().sum::<u64>().to_string()),
    ("样本不足", "few", |row| if row.small_sample { "*".to_owned() } else { String::new() }),
];

fn dash() -> String {
    "—".to_owned()
}

/// Two decimals; a dash where there is no base.
fn percent(row: &Row, name: &str) -> String {
    let rate = row.rates.get(name).copied().flatten();
    rate.map_or_else(dash, |points| format!("{}.{:02}", points / 100, points % 100))
}

pub async fn run(
    global: &Global,
    kind: String,
    period: String,
    format: Format,
    file: Option<PathBuf>,
) -> Result<(), Problem> {
    let value = ask(global, Call::Report { kind, period }).await?;
    let report: Report = serde_json::from_value(value.clone()).map_err(|error| Problem::fault(&error))?;
    let columns = if report.kind == "daily" { DAILY } else { RATES };
    let text = match format {
        _ if global.json => serde_json::to_string_pretty(&value).unwrap_or_default(),
        Format::Json => serde_json::to_string_pretty(&value).unwrap_or_default(),
        Format::Csv => csv(&report, columns),
        Format::Table => {
            table(&report, columns);
            return Ok(());
        }
    };
    match file {
        Some(file) => std::fs::write(&file, format!("{text}\n")).map_err(|error| Problem::storage(&file, &error)),
        None => {
            out::line(text);
            Ok(())
        }
    }
}

fn grid(report: &Report, columns: &[Column]) -> Vec<Vec<String>> {
    let header = columns.iter().map(|(chinese, english, _)| say(chinese, english).to_owned());
    let mut rows = vec![std::iter::once(say("承办单位", "unit").to_owned()).chain(header).collect()];
    for row in report.rows.iter().chain([&report.total]) {
        let unit = row.unit.as_ref().map_or_else(|| say("合计", "total").to_owned(), |unit| unit.name.clone());
        rows.push(std::iter::once(unit).chain(columns.iter().map(|(.., cell)| cell(row))).collect::<Vec<_>>());
    }
    rows
}

fn table(report: &Report, columns: &[Column]) {
    out::line(format!("{} {} — {}", say("期间", "period"), report.from, report.to));
    out::table(&grid(report, columns));
    let newest = report.newest_at.clone().unwrap_or_else(dash);
    out::line(format!(
        "{}：{}；{} {}，{} {}；{} {newest}；{} {}",
        say("范围", "covers"),
        report.covers,
        say("工单", "tickets"),
        report.tickets,
        say("其中含暂定记录", "of them with unsettled acts"),
        report.unsettled,
        say("最新记录", "newest act"),
        say("制表", "made"),
        report.made_at
    ));
}

/// With a byte order mark, so that a spreadsheet reads the Chinese.
fn csv(report: &Report, columns: &[Column]) -> String {
    let lines: Vec<String> = grid(report, columns)
        .into_iter()
        .map(|row| row.iter().map(|cell| csv_cell(cell)).collect::<Vec<_>>().join(","))
        .collect();
    format!("\u{feff}{}", lines.join("\r\n"))
}
