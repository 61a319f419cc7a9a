//! Questions to the working-day calendar.

use chrono::Datelike;
use regulation::calendar::Calendar;
use replica::Registry;

use super::answers::{Day, Due, Year};
use crate::clock;
use crate::problem::Problem;

/// The calendar that holds now.
pub(super) fn calendar(registry: &Registry) -> Result<&Calendar, Problem> {
    registry.now().calendar().ok_or_else(|| Problem::not_found("名册中没有工作日历", "the registry has no calendar"))
}

/// When a term of working days ends, by that calendar.
pub fn due_by(calendar: &Calendar, start: &str, days: u32) -> Result<Due, Problem> {
    let start = clock::parse(start).ok_or_else(|| {
        Problem::bad_input(
            format!("--start 不是时间：{start}；如 2026-11-02T09:30"),
            format!("--start is no time: {start}; write it as 2026-11-02T09:30"),
        )
    })?;
    let covered = |year: i32| (1900..3000).contains(&year);
    if !covered(regulation::calendar::local_date(start).year()) {
        return Err(Problem::bad_input(
            format!("--start 只能在 1900 年至 2999 年之间：{}", clock::text(start)),
            format!("--start is between the years 1900 and 2999, not {}", clock::text(start)),
        ));
    }
    if days > regulation::calendar::TERM_WORKING_DAYS_MAX {
        let max = regulation::calendar::TERM_WORKING_DAYS_MAX;
        return Err(Problem::bad_input(format!("--days 不能超过 {max}"), format!("--days is at most {max}")));
    }
    let due = calendar.due(start, days);
    Ok(Due {
        last_day: due.last_day.to_string(),
        due: clock::text(due.due),
        provisional: due.provisional,
        calendar_version: calendar.version(),
    })
}

/// Days of a year that are not what their weekday says.
#[must_use]
pub fn year_of(calendar: &Calendar, year: i32) -> Year {
    let day = |day: regulation::calendar::Day| {
        let kind = if day.working { "work" } else { "off" };
        Day { date: day.date.to_string(), kind: kind.to_owned(), name: day.name.clone() }
    };
    Year { year, known: calendar.knows(year), days: calendar.year(year).into_iter().map(day).collect() }
}
