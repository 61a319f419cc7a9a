//! Importing tickets from a file.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use node::Problem;
use node::call::Call;
use node::import::{ColumnMap, Imported, Row, row_of_cells, row_of_json};
use serde_json::{Value, json};

use crate::args::{Global, Import};
use crate::client::Client;
use crate::out;

/// Rows of one call: enough to fill a transaction.
const BATCH_ROWS: usize = 128;
/// Refused rows that are printed; all are in the JSON.
const SHOWN_MAX: usize = 20;

/// Rows of a file, and what is wrong with the others.
pub struct Rows {
    /// Rows to take in.
    pub good: Vec<Row>,
    /// Rows that are none.
    pub bad: Vec<Imported>,
}

pub async fn run(global: &Global, command: Import) -> Result<ExitCode, Problem> {
    let Import::Tickets { file, map, system, dry_run } = command;
    let map = match map {
        Some(map) => read_map(&map)?,
        None => ColumnMap::new(),
    };
    let system = system.unwrap_or_else(|| system_of(&file));
    let Rows { good, mut bad } = read(&file, &system, &map)?;
    let total = good.len() + bad.len();
    let (mut added, mut known, mut acts) = (0_usize, 0_usize, 0_u64);
    if !dry_run {
        let client = Client::open(global).await?;
        let bar = progress(good.len());
        for batch in good.chunks(BATCH_ROWS) {
            let value = client.call(global.login.as_deref(), Call::Import { rows: batch.to_vec() }).await?;
            let done: Vec<Imported> = serde_json::from_value(value).map_err(|error| Problem::fault(&error))?;
            for row in done {
                acts += u64::from(row.acts);
                match row.outcome.as_str() {
                    "added" => added += 1,
                    "known" => known += 1,
                    _ => bad.push(row),
                }
            }
            bar.inc(batch.len() as u64);
        }
        bar.finish_and_clear();
        client.close().await;
    }
    bad.sort_by_key(|row| row.line);
    let refused = bad.len();
    if global.json {
        let rows: Vec<Value> = bad.iter().map(|row| json!({ "line": row.line, "reason": reason(row) })).collect();
        out::json(&json!({
            "rows": total, "added": added, "known": known, "refused": refused, "acts": acts, "dry_run": dry_run,
            "refused_rows": rows,
        }));
    } else {
        report(&bad, total, added, known, dry_run);
    }
    Ok(ExitCode::from(if refused > 0 { 5 } else { 0 }))
}

fn report(bad: &[Imported], total: usize, added: usize, known: usize, dry_run: bool) {
    let refused = bad.len();
    if dry_run {
        out::line(format!("{} {total} · {} {refused}", out::say("共", "rows"), out::say("有误", "wrong")));
    } else {
        out::line(format!(
            "{} {total} · {} {added} · {} {known} · {} {refused}",
            out::say("共", "rows"),
            out::say("新增", "added"),
            out::say("已有", "known"),
            out::say("未导入", "refused")
        ));
    }
    for row in bad.iter().take(SHOWN_MAX) {
        out::line(format!("{} {}：{}", out::say("第", "line"), row.line, reason(row)));
    }
    if refused > SHOWN_MAX {
        out::line(format!(
            "… {} {}",
            refused - SHOWN_MAX,
            out::say("行未列出，用 --json 查看全部", "more; --json shows all")
        ));
    }
}

fn reason(row: &Imported) -> &str {
    let chosen = if out::english() { &row.reason_en } else { &row.reason };
    chosen.as_deref().unwrap_or_default()
}

/// Name of the other system where none is given: the file's name, as far as it is a code.
pub fn system_of(file: &Path) -> String {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let code: String = stem.chars().filter(|c| c.is_ascii_graphic()).take(32).collect();
    if code.is_empty() { "import".to_owned() } else { code }
}

/// Reads a file of JSON lines or CSV.
pub fn read(file: &Path, system: &str, map: &ColumnMap) -> Result<Rows, Problem> {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let opened = File::open(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Problem::not_found(format!("没有文件 {}", file.display()), format!("no file {}", file.display()))
        }
        _ => Problem::storage(file, &error),
    })?;
    match ending.as_str() {
        "jsonl" | "ndjson" => Ok(json_lines(opened, system, map)),
        "csv" => csv_rows(opened, system, map),
        _ => Err(Problem::bad_input(
            format!("不认识的文件类型 {}；可用 .jsonl 或 .csv（Excel 请另存为 CSV UTF-8）", file.display()),
            format!("{} is neither .jsonl nor .csv; save a workbook as CSV UTF-8", file.display()),
        )),
    }
}

/// Bytes of a line, at most.
const LINE_BYTES_MAX: usize = 1024 * 1024;

fn json_lines(file: File, system: &str, map: &ColumnMap) -> Rows {
    let mut rows = Rows { good: Vec::new(), bad: Vec::new() };
    for (number, line) in (1_u64..).zip(BufReader::new(file).split(b'\n')) {
        let Ok(bytes) = line else {
            rows.bad.push(wrong(number, Problem::bad_input("读不下去了", "reading failed")));
            break;
        };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(&bytes);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let row = if bytes.len() > LINE_BYTES_MAX {
            Err(Problem::bad_input("一行过长", "the line is too long"))
        } else {
            match std::str::from_utf8(bytes) {
                Ok(text) => row_of_json(number, text, system, map),
                Err(_) => Err(Problem::bad_input("不是 UTF-8 文字", "not UTF-8")),
            }
        };
        match row {
            Ok(row) => rows.good.push(row),
            Err(problem) => rows.bad.push(wrong(number, problem)),
        }
    }
    rows
}

fn csv_rows(file: File, system: &str, map: &ColumnMap) -> Result<Rows, Problem> {
    let mut rows = Rows { good: Vec::new(), bad: Vec::new() };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let unreadable =
        |error: csv::Error| Problem::bad_input(format!("表头有误：{error}"), format!("the header: {error}"));
    let header = reader.headers().map_err(unreadable)?.clone();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                let cells = header
                    .iter()
                    .zip(record.iter())
                    .map(|(name, cell)| (name.trim_start_matches('\u{feff}').trim().to_owned(), cell.to_owned()))
                    .collect();
                match row_of_cells(line, &cells, system, map) {
                    Ok(row) => rows.good.push(row),
                    Err(problem) => rows.bad.push(wrong(line, problem)),
                }
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                rows.bad.push(wrong(line, Problem::bad_input(format!("读不懂这一行：{error}"), error.to_string())));
                if matches!(error.kind(), csv::ErrorKind::Io(_)) {
                    break;
                }
            }
        }
    }
    Ok(rows)
}

fn wrong(line: u64, problem: Problem) -> Imported {
    Imported {
        line,
        outcome: "refused".to_owned(),
        id: None,
        acts: 0,
        reason: Some(problem.title),
        reason_en: Some(problem.detail),
    }
}

fn read_map(file: &Path) -> Result<ColumnMap, Problem> {
    let text = std::fs::read_to_string(file).map_err(|error| Problem::storage(file, &error))?;
    toml::from_str(&text).map_err(|error| {
        Problem::bad_input(format!("{}：{error}", file.display()), format!("{}: {error}", file.display()))
    })
}

/// A bar on stderr, for people at a terminal.
pub fn progress(count: usize) -> ProgressBar {
    let bar = ProgressBar::new(count as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar
}
