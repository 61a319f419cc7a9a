//! Working-day arithmetic: by the city's calendar where there is a node, by the built-in one elsewhere.

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
        Calendar::Due { start, days } if here => ask(global, Call::Due { start: start.clone(), days: *days }).await?,
        Calendar::Due { start, days } => due_by(&built_in()?, start, *days)?,
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
