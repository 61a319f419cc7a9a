//! Working-day arithmetic: by the city's calendar where there is a node, by the built-in one elsewhere.

use std::io::{BufRead, IsTerminal};
use std::path::Path;

use desk::Problem;
use desk::call::answers::{Calendar as Change, Due};
use desk::call::{due_by, questions as q, year_of};
use desk::text::Encoding;
use regulation::calendar::Calendar as Days;
use serde::Serialize;

use super::told;
use crate::args::{Calendar, Global};
use crate::client::ask;
use crate::{out, show};

pub async fn run(global: &Global, command: Calendar) -> Result<(), Problem> {
    let here = global.dir.join("keys.toml").exists();
    match command {
        Calendar::Due { batch: Some(file), .. } => batch(global, here, &file).await,
        Calendar::Due { start, days, .. } => {
            let (start, days) = (start.unwrap_or_default(), days.unwrap_or_default());
            let answer =
                if here { ask(global, q::Due { start, days }).await? } else { due_by(&built_in()?, &start, days)? };
            told(global, &answer, due);
            Ok(())
        }
        Calendar::Show { year } => {
            let answer = if here { ask(global, q::Year { year }).await? } else { year_of(&built_in()?, year) };
            told(global, &answer, show::year);
            Ok(())
        }
        Calendar::Import { file, yes, dry_run } => import(global, &file, yes, dry_run).await,
    }
}

/// What a file changes, and whether it was imported.
#[derive(Serialize)]
struct Imported {
    #[serde(flatten)]
    change: Change,
    imported: bool,
}

/// A question and its answer.
#[derive(Serialize)]
struct Answered {
    start: String,
    days: u32,
    #[serde(flatten)]
    due: Due,
}

/// What a file would change is told; then, if it is wanted, it is changed.
async fn import(global: &Global, file: &Path, yes: bool, dry_run: bool) -> Result<(), Problem> {
    let (text, encoding) = desk::text::read(file)?;
    if encoding != Encoding::Utf8 {
        out::note(format!("{} {}", out::say("文件编码", "encoding"), encoding.name()));
    }
    let would = ask(global, q::Calendar { text: text.clone(), dry_run: true }).await?;
    let imported = would.changed && !dry_run;
    if !global.json {
        summary(&would);
    }
    if imported && !yes && !agreed()? {
        return Err(Problem::bad_input("没有导入", "nothing was imported"));
    }
    let mut change = would;
    if imported {
        change.calendar_version = ask(global, q::Calendar { text, dry_run: false }).await?.calendar_version;
    }
    if global.json {
        out::json(&Imported { change, imported });
    } else if imported {
        let said = out::say("日历已更新为第", "the calendar is now version");
        out::line(format!("{said} {} {}", change.calendar_version, out::say("版", "")));
    }
    Ok(())
}

/// Whether a person at the terminal says yes; a script says it with `--yes`.
fn agreed() -> Result<bool, Problem> {
    if !std::io::stdin().is_terminal() {
        return Err(Problem::bad_input(
            "请核对以上变化，加 --yes 再导入",
            "look at these changes, and import with --yes",
        ));
    }
    out::note(out::say("确认导入？输入 y 并回车", "import? type y and Enter"));
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| Problem::fault(&error))?;
    Ok(matches!(line.trim(), "y" | "Y" | "是"))
}

fn summary(change: &Change) {
    for year in &change.years {
        out::line(format!(
            "{}{} {} {} · {} {} · {} {}",
            year.year,
            out::say(" 年", ""),
            out::say("放假", "off"),
            year.off,
            out::say("补班", "made up"),
            year.work,
            out::say("与现行日历不同", "other than now"),
            year.changed.len(),
        ));
        for day in &year.changed {
            out::line(format!("  {day}"));
        }
    }
    if !change.changed {
        let said = out::say("与现行日历相同，没有变化；仍为第", "nothing new; the calendar stays version");
        out::line(format!("{said} {} {}", change.calendar_version, out::say("版", "")));
        return;
    }
    let more = if change.at_least == Some(true) { out::say("至少 ", "at least ") } else { "" };
    let said = out::say("期限会变的在办工单", "open tickets whose dues move");
    out::line(format!("{said} {more}{}", change.moved.unwrap_or_default()));
}

/// One answer a line, each with its question; the first question that has none ends it.
async fn batch(global: &Global, here: bool, file: &Path) -> Result<(), Problem> {
    let built_in = built_in()?;
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::InvalidData => Problem::bad_input("不是 UTF-8 文字", "not UTF-8"),
        _ => Problem::storage(file, &error),
    };
    let mut questions: Box<dyn FnMut() -> Result<Option<String>, Problem>> = if file == Path::new("-") {
        // A program that asks by a pipe waits for each answer.
        let mut lines = std::io::stdin().lock().lines();
        Box::new(move || lines.next().transpose().map_err(failed))
    } else {
        let mut lines = desk::text::open(file)?;
        Box::new(move || lines.line().map_err(failed))
    };
    for number in 1_u64.. {
        if out::is_lost() {
            break;
        }
        let Some(question) = questions()? else { break };
        let read = question.rsplit_once(',').and_then(|(start, days)| Some((start.trim(), days.trim().parse().ok()?)));
        let Some((start, days)) = read else {
            return Err(Problem::bad_input(
                format!("第 {number} 行应为“起算时间,工作日数”，如 2026-11-02T09:30,5"),
                format!("line {number} must be `beginning,working days`, such as 2026-11-02T09:30,5"),
            ));
        };
        let answer = if here {
            ask(global, q::Due { start: start.to_owned(), days }).await
        } else {
            due_by(&built_in, start, days)
        };
        let due = answer.map_err(|problem| Problem {
            title: format!("第 {number} 行：{}", problem.title),
            detail: format!("line {number}: {}", problem.detail),
            ..problem
        })?;
        let answered = serde_json::to_value(Answered { start: start.to_owned(), days, due });
        out::line(answered.map_err(|error| Problem::fault(&error))?.to_string());
    }
    Ok(())
}

fn built_in() -> Result<Days, Problem> {
    let days = Days::parse_csv(desk::founding::HOLIDAYS).map_err(|error| Problem::fault(&error))?;
    Ok(Days::from_days(0, &days))
}

fn due(due: &Due) {
    out::line(format!("{} {}", out::say("最后一个工作日", "last working day"), due.last_day));
    out::line(format!("{} {}", out::say("到期", "due"), due.due));
    if due.provisional {
        out::line(out::say(
            "暂定：涉及尚未公布放假安排的年份，公布后导入日历即重算",
            "provisional: it reaches into a year whose holidays are not announced; import them when they are",
        ));
    }
}
