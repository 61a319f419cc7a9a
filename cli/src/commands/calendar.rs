//! Working-day arithmetic: by the city's calendar where there is a node, by the built-in one elsewhere.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use node::call::{Call, due_by, year_of};
use node::{Problem, found};
use regulation::calendar::Calendar as Days;
use serde_json::Value;

use crate::args::{Calendar, Global};
use crate::client::ask;
use crate::{out, show};

pub async fn run(global: &Global, command: Calendar) -> Result<(), Problem> {
    let here = global.dir.join("keys.toml").exists();
    let value = match &command {
        Calendar::Due { batch: Some(file), .. } => return batch(global, here, file).await,
        Calendar::Due { start, days, .. } => {
            let (start, days) = (start.clone().unwrap_or_default(), days.unwrap_or_default());
            if here { ask(global, Call::Due { start, days }).await? } else { due_by(&built_in()?, &start, days)? }
        }
        Calendar::Show { year } if here => ask(global, Call::Year { year: *year }).await?,
        Calendar::Show { year } => year_of(&built_in()?, *year),
        Calendar::Import { file } => {
            let csv = std::fs::read_to_string(file).map_err(|error| Problem::storage(file, &error))?;
            ask(global, Call::Calendar { csv }).await?
        }
    };
    if global.json {
        out::json(&value);
        return Ok(());
    }
    match command {
        Calendar::Due { .. } => due(&value),
        Calendar::Show { .. } => show::year(&value),
        Calendar::Import { .. } => {
            let said = if value["changed"] == true {
                out::say("日历已更新为第", "the calendar is now version")
            } else {
                out::say("日历没有变化，仍为第", "nothing new; the calendar stays version")
            };
            out::line(format!("{said} {} {}", value["calendar_version"], out::say("版", "")));
        }
    }
    Ok(())
}

/// One answer a line, each with its question; the first question that has none ends it.
async fn batch(global: &Global, here: bool, file: &Path) -> Result<(), Problem> {
    let questions: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(file).map_err(|error| Problem::storage(file, &error))?))
    };
    let built_in = built_in()?;
    for (number, question) in (1..).zip(questions.lines()) {
        let question = question.map_err(|error| Problem::storage(file, &error))?;
        let read = question.rsplit_once(',').and_then(|(start, days)| Some((start.trim(), days.trim().parse().ok()?)));
        let Some((start, days)) = read else {
            return Err(Problem::bad_input(
                format!("第 {number} 行应为“起算时间,工作日数”，如 2026-11-02T09:30,5"),
                format!("line {number} must be `beginning,working days`, such as 2026-11-02T09:30,5"),
            ));
        };
        let answer = if here {
            ask(global, Call::Due { start: start.to_owned(), days }).await
        } else {
            due_by(&built_in, start, days)
        };
        let mut answer = answer.map_err(|problem| Problem {
            title: format!("第 {number} 行：{}", problem.title),
            detail: format!("line {number}: {}", problem.detail),
            ..problem
        })?;
        answer["start"] = start.into();
        answer["days"] = days.into();
        out::line(answer.to_string());
    }
    Ok(())
}

fn built_in() -> Result<Days, Problem> {
    let days = Days::parse_csv(found::HOLIDAYS).map_err(|error| Problem::fault(&error))?;
    Ok(Days::from_days(0, &days))
}

fn due(value: &Value) {
    let text = |name: &str| value[name].as_str().unwrap_or_default();
    out::line(format!("{} {}", out::say("最后一个工作日", "last working day"), text("last_day")));
    out::line(format!("{} {}", out::say("到期", "due"), text("due")));
    if value["provisional"] == true {
        out::line(out::say(
            "暂定：涉及尚未公布放假安排的年份，公布后导入日历即重算",
            "provisional: it reaches into a year whose holidays are not announced; import them when they are",
        ));
    }
}
