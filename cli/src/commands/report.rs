//! Reports: as tables for people, JSON for programs, CSV for spreadsheets.

mod tables;

use std::path::PathBuf;

use desk::Problem;
use desk::call::questions as q;
use desk::report::{Kind, LockedAs, ProposedAs, Report};
use desk::{csv, unseen};

use super::weights;
use crate::args::{Format, Global};
use crate::client::ask;
use crate::out::{self, say};
use crate::written::Written;

/// What was asked for.
pub struct Asked {
    pub kind: String,
    pub period: String,
}

/// Where it goes.
pub struct Out {
    pub file: Option<PathBuf>,
    /// Over what is there.
    pub force: bool,
}

pub async fn run(global: &Global, asked: Asked, format: Format, out: Out) -> Result<(), Problem> {
    let Asked { kind, period } = asked;
    if out.file.is_some() && !global.json && format == Format::Table {
        return Err(Problem::bad_input(
            "写入文件请用 --format csv 或 --format json",
            "--out wants --format csv or --format json",
        ));
    }
    // Before anything is locked or made for a file that cannot be written.
    let file = out.file.map(|file| Written::begin(&file, out.force)).transpose()?;
    let report = match kind.as_str() {
        "lock" => ask(global, q::Lock { period }).await?,
        _ => whole(global, kind, period).await?,
    };
    let text = match format {
        _ if global.json => out::json_text(&report),
        Format::Json => out::json_text(&report),
        Format::Csv => table_as_csv(&report),
        Format::Table => {
            table(&report);
            return Ok(());
        }
    };
    match file {
        Some(mut file) => {
            file.add(&format!("{text}\n"))?;
            file.finish()
        }
        None => {
            out::made(&text);
            Ok(())
        }
    }
}

/// A report; of what does not count, where that was asked for, the whole list, answer by answer.
async fn whole(global: &Global, kind: String, period: String) -> Result<Report, Problem> {
    let question = |cursor| q::Report { kind: kind.clone(), period: period.clone(), cursor };
    let mut report = ask(global, question(None)).await?;
    while kind == EXCLUSIONS && report.cursor.is_some() {
        let more = ask(global, question(report.cursor.take())).await?;
        report.exclusions.extend(more.exclusions);
        report.cursor = more.cursor;
    }
    Ok(report)
}

/// The list of what does not count.
const EXCLUSIONS: &str = Kind::Exclusions.code();

/// That a table is locked, and whether it is held here.
fn locked(report: &Report) -> Vec<String> {
    if let Some(ProposedAs { proposal, number, hash, at, by }) = &report.proposed {
        let id = proposal.get(..12).unwrap_or(proposal);
        return vec![if out::english() {
            format!(
                "proposed to be locked as number {number}, {at}, by {by}; SHA-256 {hash}; another person confirms: jiesu confirm {id}"
            )
        } else {
            format!("已提出封存，第 {number} 号，{at}，{by}；SHA-256 {hash}；须由另一人复核：jiesu confirm {id}")
        }];
    }
    let Some(LockedAs { number, hash, at, by, second, held }) = &report.locked else { return Vec::new() };
    let mut lines = vec![if out::english() {
        format!("locked as number {number}, {at}, by {by} and {second}; SHA-256 {hash}")
    } else {
        format!("已封存，第 {number} 号，{at}，{by}、{second}；SHA-256 {hash}")
    }];
    if !held {
        let elsewhere = say(
            "本节点不保存这份封存表的内容，也不重新计算；请向市热线中心节点索取，并核对上面的哈希",
            "this node does not hold what was locked and does not compute it anew: ask the city hub for it and compare the hash",
        );
        lines.push(elsewhere.to_owned());
    }
    lines
}

/// What a table rests on: the weights, what is missing in it, what it covers.
fn footnotes(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    if report.kind == "rates" {
        lines.push(weights::sentence(&report.weights));
    }
    if !report.uncorrected.is_empty() {
        let numbers: Vec<String> = report.uncorrected.iter().map(u32::to_string).collect();
        let said = say(
            "本节点不保存下列封存表的内容，其补记和冲正未计入",
            "these locked tables are not held here, and their corrections are not in it",
        );
        lines.push(format!("{said}{}{}", say("：", ": "), numbers.join(" ")));
    }
    if report.at_least {
        lines.push(
            say("类别和热点只计最后反映的一部分", "categories and what is hot: of those raised last alone").to_owned(),
        );
    }
    if report.recalculating > 0 {
        let said = say("件正在重算，仍按变更前计入", "are being computed again and count as they did before");
        lines.push(format!("{} {said}", report.recalculating));
    }
    let newest = report.newest_at.clone().unwrap_or_else(tables::dash);
    lines.push(basis(report, &newest, out::english()));
    lines
}

/// What a table covers, and as of when.
fn basis(report: &Report, newest: &str, english: bool) -> String {
    let Report { covers, tickets, unsettled, made_at, .. } = report;
    match english {
        true => format!(
            "covers: {covers}; tickets: {tickets}, of them with unsettled acts: {unsettled}; newest act: {newest}; made: {made_at}"
        ),
        false => {
            format!("范围：{covers}；工单 {tickets}，其中含暂定记录 {unsettled}；最新记录 {newest}；制表 {made_at}")
        }
    }
}

/// Whether there is a table to show: one that is locked elsewhere has none here.
fn held(report: &Report) -> bool {
    report.locked.as_ref().is_none_or(|locked| locked.held)
}

fn table(report: &Report) {
    out::line(format!("{} {} — {}", say("期间", "period"), report.from, report.to));
    locked(report).iter().for_each(out::line);
    if !held(report) {
        return;
    }
    for (title, rows) in tables::of(report) {
        if !title.is_empty() {
            out::line("");
            out::line(title);
        }
        out::table(&rows);
    }
    footnotes(report).iter().for_each(out::line);
}

/// With a byte order mark, so that a spreadsheet reads the Chinese. Further tables, and what they rest on, follow after
/// empty lines.
fn table_as_csv(report: &Report) -> String {
    let cell = |text: &str| csv::row([unseen::shown(text)], ',');
    let line = |row: &Vec<String>| csv::row(row.iter().map(|text| unseen::shown(text)), ',');
    let mut lines = Vec::new();
    if held(report) {
        for (title, rows) in tables::of(report) {
            if !title.is_empty() {
                lines.extend([String::new(), cell(title)]);
            }
            lines.extend(rows.iter().map(line));
        }
        lines.push(String::new());
    }
    lines.extend(locked(report).iter().map(|text| cell(text)));
    if held(report) {
        lines.extend(footnotes(report).iter().map(|text| cell(text)));
    }
    format!("\u{feff}{}", lines.join("\r\n"))
}
