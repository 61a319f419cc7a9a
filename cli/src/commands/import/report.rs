//! What an import tells: how many, which not and why, what was filled in, and which columns nobody read.

use std::path::{Path, PathBuf};

use desk::import::read::{Head, ending};
use desk::import::{Imported, Summary};
use desk::{Problem, clock, csv, import::columns::REASON_COLUMN, import::delimited};
use serde_json::{Value, json};

use crate::args::Global;
use crate::out::{self, say};
use crate::written::Written;

/// Refused rows that are printed.
const SHOWN_MAX: usize = 20;
/// Refused rows that the JSON lists; a file of refused rows has all.
const LISTED_MAX: usize = 10_000;

/// What became of the rows so far.
pub struct Report {
    system: String,
    dry_run: bool,
    added: u64,
    known: u64,
    refused: u64,
    acts: u64,
    listed: Vec<(Imported, String)>,
    notes: Vec<(String, String)>,
    file: Option<(PathBuf, Option<Written>)>,
    rows: Option<Rows>,
    encoding: Option<&'static str>,
    /// Why it did not come to its end.
    broken_off: Option<Problem>,
}

/// The file of refused rows.
struct Rows {
    /// What comes before the first of them.
    header: Option<String>,
    /// What stands between the cells.
    between: char,
    json: bool,
}

impl Report {
    /// Nothing yet. `file` is where refused rows go.
    pub fn new(system: &str, dry_run: bool, like: Option<&str>, file: Option<(PathBuf, Written)>) -> Self {
        let notes = like.map(|like| {
            (
                format!("来源系统 {system} 是第一次出现，与用过的 {like} 相近；写错了就会重复导入"),
                format!("the system {system} is new and much like {like}; misspelled, its tickets come twice"),
            )
        });
        Self {
            system: system.to_owned(),
            dry_run,
            added: 0,
            known: 0,
            refused: 0,
            acts: 0,
            listed: Vec::new(),
            notes: notes.into_iter().collect(),
            file: file.map(|(path, to)| (path, Some(to))),
            rows: None,
            encoding: None,
            broken_off: None,
        }
    }

    pub fn dry_run(&self) -> bool {
        self.dry_run
    }

    /// Whether something was saved.
    pub fn is_begun(&self) -> bool {
        !self.dry_run && self.acts > 0
    }

    /// The name of the other system could not be kept in mind.
    pub fn not_remembered(&mut self, problem: Problem) {
        self.notes.push((
            format!("没能记住来源系统 {}，下次仍请用 --system 写明：{}", self.system, problem.title),
            format!("the system {} could not be kept in mind, say --system again: {}", self.system, problem.detail),
        ));
    }

    /// It did not come to its end.
    pub fn broken_off(&mut self, problem: &Problem) {
        let (title, detail) = (problem.title.trim_end_matches('。'), &problem.detail);
        self.broken_off = Some(Problem {
            title: format!(
                "导入中断：{title}。中断之前的结果见报告，中断时的一批可能也保存了一部分；排除原因后再运行一次同样的导入即可，已有的不会重复"
            ),
            detail: format!(
                "the import broke off: {detail}. What became of the rows before is in the report, and some of the batch at hand may be saved too; run the same import once more when this is mended, nothing comes twice"
            ),
            ..problem.clone()
        });
    }

    pub fn refused_rows(&self) -> u64 {
        self.refused
    }

    /// What the file says of itself; the file of refused rows begins with the same header.
    pub fn head(&mut self, of: &Path, head: Head) -> Result<(), Problem> {
        self.encoding = head.encoding.map(|encoding| encoding.name());
        if let Some(encoding) = head.encoding.filter(|encoding| encoding.name() != "UTF-8") {
            let first = out::cut(head.header.as_deref().unwrap_or_default(), 60);
            self.notes.push((
                format!("文件按 {} 编码读取，请看表头是否正常：{first}", encoding.name()),
                format!("read as {}; see whether the header is right: {first}", encoding.name()),
            ));
        }
        let Some((path, _)) = &self.file else { return Ok(()) };
        let json = matches!(ending(of)?.as_str(), "jsonl" | "ndjson");
        let needed = if json { "jsonl" } else { "csv" };
        if path.extension().is_none_or(|ending| ending != needed) {
            return Err(Problem::bad_input(
                format!("--refused 须是 .{needed} 文件"),
                format!("--refused must be a .{needed} file"),
            ));
        }
        let header = head.header.unwrap_or_default();
        let between = between(&header);
        // The mark at its beginning tells spreadsheets that it is UTF-8.
        let first = format!("\u{feff}{}{between}{REASON_COLUMN}\n", delimited::guarded(&header, between));
        self.rows = Some(Rows { header: (!json).then_some(first), between, json });
        Ok(())
    }

    pub fn known(&mut self) {
        self.known += 1;
    }

    /// A row that was taken in, or was there.
    pub fn done(&mut self, row: &Imported) {
        self.acts += u64::from(row.acts);
        if row.outcome == "added" {
            self.added += 1;
        } else {
            self.known += 1;
        }
    }

    /// A row that was not taken in.
    pub fn refused(&mut self, row: &Imported, id: &str, raw: &str) -> Result<(), Problem> {
        self.refused += 1;
        // What was registered before its answer was refused is there.
        self.acts += u64::from(row.acts);
        if let (Some(rows), Some((_, Some(to)))) = (&mut self.rows, &mut self.file) {
            to.add(&rows.text(raw, reason(row)))?;
        }
        if self.listed.len() < LISTED_MAX {
            self.listed.push((row.clone(), id.to_owned()));
        }
        Ok(())
    }

    /// Tells everything.
    pub fn tell(&mut self, global: &Global, of: &Path, summary: &Summary) {
        // Where nothing was refused there is no file.
        if let Some(to) = self.file.as_mut().and_then(|(_, to)| to.take()).filter(|_| self.refused > 0)
            && let Err(problem) = to.finish()
        {
            // What was saved is told all the same.
            self.notes.push((
                format!("未导入的行没有存全：{}", problem.title),
                format!("not all refused rows are in the file: {}", problem.detail),
            ));
        }
        self.listed.sort_by_key(|(row, _)| row.line);
        if let Some(problem) = &self.broken_off {
            out::note(format!("{}{}", say("错误：", "error: "), problem.sentence(out::english())));
        }
        if global.json {
            self.tell_json(of, summary)
        } else {
            self.tell_people(summary);
        }
    }

    fn total(&self) -> u64 {
        self.added + self.known + self.refused
    }

    fn tell_json(&self, of: &Path, summary: &Summary) {
        let rows = self.listed.iter().map(|(row, id)| json!({ "line": row.line, "id": id, "reason": reason(row) }));
        let remarks = summary.remarks.0.iter().map(|(code, remark)| {
            json!({ "code": code, "text": say(remark.chinese, remark.english), "rows": remark.rows, "first": remark.first })
        });
        let notes: Vec<&str> = self.notes.iter().map(|(chinese, english)| say(chinese, english)).collect();
        let (sheet, others) = summary.sheet.clone().unzip();
        out::json(&json!({
            "file": of, "system": self.system, "encoding": self.encoding, "at": clock::text(clock::now()),
            "rows": self.total(), "added": self.added, "known": self.known, "refused": self.refused,
            "acts": self.acts, "dry_run": self.dry_run,
            "refused_rows": rows.collect::<Vec<Value>>(),
            "refused_rows_left_off": self.refused - self.listed.len() as u64,
            "remarks": remarks.collect::<Vec<Value>>(), "notes": notes,
            "unread_columns": summary.seen.unread, "nested_columns": summary.seen.nested,
            "like_columns": summary.seen.alike, "sheet": sheet, "unread_sheets": others.unwrap_or_default(),
            "broken_off": self.broken_off,
        }));
    }

    fn tell_people(&self, summary: &Summary) {
        if self.dry_run {
            out::line(say(
                "试运行，什么都没有写入。正式导入时将会：",
                "Dry run, nothing was written. The run would come to:",
            ));
        }
        out::line(format!(
            "{} {} · {} {} · {} {} · {} {}",
            if self.broken_off.is_some() {
                say("中断之前共", "rows before it broke off")
            } else {
                say("共", "rows")
            },
            self.total(),
            say("新增", "added"),
            self.added,
            say("已有", "known"),
            self.known,
            say("未导入", "refused"),
            self.refused,
        ));
        for (row, id) in self.listed.iter().take(SHOWN_MAX) {
            let id = if id.is_empty() { String::new() } else { format!("（{id}）") };
            out::line(format!("{} {} {}{id}：{}", say("第", "line"), row.line, say("行", ""), reason(row)));
        }
        if self.refused > SHOWN_MAX as u64 {
            let more = self.refused - SHOWN_MAX as u64;
            out::line(match &self.file {
                Some((file, _)) => format!("… {more} {}{}", say("行未列出，都在 ", "more, all in "), file.display()),
                None => {
                    format!("… {more} {}", say("行未列出；--refused 文件 可存下全部", "more; --refused FILE keeps all"))
                }
            });
        }
        for (chinese, english) in &self.notes {
            out::line(format!("{}{}", say("注意：", "note: "), say(chinese, english)));
        }
        for remark in summary.remarks.0.values() {
            out::line(format!(
                "{}{}{}{} {}{}{}",
                say("说明：", "remark: "),
                say(remark.chinese, remark.english),
                say("，", ", "),
                remark.rows,
                say("行（第一处在第 ", "rows (first in line "),
                remark.first,
                say(" 行）", ")"),
            ));
        }
        let seen = &summary.seen;
        let list = |names: &std::collections::BTreeSet<String>| {
            names.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join(say("、", ", "))
        };
        for (names, said) in [
            (&seen.unread, say("没有读的列：", "columns that were not read: ")),
            (&seen.nested, say("其中有嵌套内容的：", "of them nested: ")),
            (&seen.alike, say("几乎同名的列：", "columns with almost the same name: ")),
        ] {
            if !names.is_empty() {
                out::line(format!("{said}{}", list(names)));
            }
        }
        if let Some((sheet, others)) = &summary.sheet
            && !others.is_empty()
        {
            out::line(format!(
                "{}“{sheet}”{}{}",
                say("读的是工作表", "the sheet that was read: "),
                say("；没有读的：", "; not read: "),
                others.join(say("、", ", ")),
            ));
        }
        out::line(format!("{} {}", say("来源系统", "system"), self.system));
    }
}

impl Rows {
    /// The row as it stands in the file, with the reason after it. What a spreadsheet would take for a formula is made text;
    /// who reads the file again takes that off.
    fn text(&mut self, raw: &str, reason: &str) -> String {
        let header = self.header.take().unwrap_or_default();
        if self.json {
            let reason = Value::from(reason).to_string();
            return match raw.trim_end().strip_suffix('}') {
                Some(open) if open.contains(':') => format!("{open},\"{REASON_COLUMN}\":{reason}}}\n"),
                _ => format!("{raw}\n"),
            };
        }
        let between = self.between;
        let reason = csv::guarded(reason).replace('"', "\"\"");
        format!("{header}{}{between}\"{reason}\"\n", delimited::guarded(raw, between))
    }
}

/// What stands between the cells of a table, as its reader finds it out.
fn between(header: &str) -> char {
    [',', '\t', ';'].into_iter().find(|mark| header.contains(*mark)).unwrap_or(',')
}

fn reason(row: &Imported) -> &str {
    let chosen = if out::english() { &row.reason_en } else { &row.reason };
    chosen.as_deref().unwrap_or_default()
}
