//! The three forms in which holidays are handed around.

use chrono::NaiveDate;
use regulation::calendar::{CALENDAR_DAYS_MAX, Calendar, Day, NAME_BYTES_MAX};
use serde::Deserialize;

use super::{Listed, wrong};
use crate::problem::Problem;

/// Days of one event of a calendar, at most.
const EVENT_DAYS_MAX: i64 = 31;

/// The days of a file, whatever its form.
///
/// # Errors
/// The line that cannot be read.
pub fn read(text: &str) -> Result<Vec<Listed>, Problem> {
    let listed = match text.trim_start() {
        json if json.starts_with(['{', '[']) => of_json(text),
        ics if ics.starts_with("BEGIN:VCALENDAR") => of_ics(text),
        _ => of_csv(text),
    }?;
    if listed.len() > CALENDAR_DAYS_MAX {
        return Err(wrong(1, &format!("超过 {CALENDAR_DAYS_MAX} 天"), &format!("more than {CALENDAR_DAYS_MAX} days")));
    }
    if let Some(long) = listed.iter().find(|listed| listed.day.name.len() > NAME_BYTES_MAX) {
        return Err(wrong(long.line, "名称过长", "the name is too long"));
    }
    Ok(listed)
}

fn of_csv(text: &str) -> Result<Vec<Listed>, Problem> {
    let days = Calendar::parse_csv(text)
        .map_err(|error| Problem::bad_input(format!("日历文件有误：{error}"), format!("the calendar file: {error}")))?;
    let line = |day: &Day| {
        let date = day.date.to_string();
        (1..).zip(text.lines()).find(|(_, row)| row.trim_start().starts_with(&date)).map_or(1, |(line, _)| line)
    };
    Ok(days.into_iter().map(|day| Listed { line: line(&day), day }).collect())
}

/// `{"year": 2026, "days": [{"name": "元旦", "date": "2026-01-01", "isOffDay": true}]}`, or a list of such years.
#[derive(Deserialize)]
struct Year {
    year: Option<i32>,
    days: Vec<JsonDay>,
}

#[derive(Deserialize)]
struct JsonDay {
    name: String,
    date: NaiveDateText,
    #[serde(rename = "isOffDay")]
    off: bool,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct NaiveDateText(String);

#[derive(Deserialize)]
#[serde(untagged)]
enum Years {
    One(Year),
    Several(Vec<Year>),
}

fn of_json(text: &str) -> Result<Vec<Listed>, Problem> {
    let years: Years = serde_json::from_str(text).map_err(|error| {
        let line = if error.line() == 0 { 1 } else { error.line() };
        wrong(
            line,
            &format!("不是 holiday-cn 的 JSON（year、days，每天 name、date、isOffDay）：{error}"),
            &format!("not the JSON of holiday-cn (year, days; each with name, date, isOffDay): {error}"),
        )
    })?;
    let years = match years {
        Years::One(year) => vec![year],
        Years::Several(years) => years,
    };
    let mut listed = Vec::new();
    for year in years {
        if let (Some(number), true) = (year.year, year.days.is_empty()) {
            return Err(wrong(1, &format!("{number} 年还没有安排"), &format!("{number} is not announced yet")));
        }
        for JsonDay { name, date: NaiveDateText(date), off } in year.days {
            // Its place in the file is where its date stands.
            let line = (1..).zip(text.lines()).find(|(_, row)| row.contains(&date)).map_or(1, |(line, _)| line);
            let date =
                date.parse().map_err(|_| wrong(line, &format!("不是日期：{date}"), &format!("no date: {date}")))?;
            listed.push(Listed { line, day: Day { date, working: !off, name } });
        }
    }
    Ok(listed)
}

/// Events of whole days whose summary says 休 or 班, as published calendars of holidays have them.
fn of_ics(text: &str) -> Result<Vec<Listed>, Problem> {
    let mut listed = Vec::new();
    let mut event: Option<Event> = None;
    for (line, content) in unfolded(text) {
        let (name, value) = content.split_once(':').unwrap_or((&content, ""));
        let name = name.split(';').next().unwrap_or_default().to_ascii_uppercase();
        match (name.as_str(), &mut event) {
            ("BEGIN", None) if value == "VEVENT" => event = Some(Event { line, ..Event::default() }),
            ("END", Some(_)) if value == "VEVENT" => listed.extend(event.take().unwrap_or_default().days()?),
            ("DTSTART", Some(event)) => event.start = Some(day(line, value)?),
            ("DTEND", Some(event)) => event.end = Some(day(line, value)?),
            ("SUMMARY", Some(event)) => event.summary = value.replace("\\,", ",").trim().to_owned(),
            ("RRULE" | "RDATE", Some(_)) => {
                return Err(wrong(
                    line,
                    "重复的事件不能读，请逐日列出",
                    "events that recur cannot be read; list each day",
                ));
            }
            _ => {}
        }
    }
    if let Some(event) = event {
        return Err(wrong(event.line, "事件没有结束，文件不完整", "the event does not end: the file is cut off"));
    }
    Ok(listed)
}

#[derive(Default)]
struct Event {
    line: usize,
    start: Option<NaiveDate>,
    end: Option<NaiveDate>,
    summary: String,
}

impl Event {
    fn days(self) -> Result<Vec<Listed>, Problem> {
        let (line, summary) = (self.line, &self.summary);
        let start = self.start.ok_or_else(|| wrong(line, "事件没有日期", "the event has no date"))?;
        let working = match (summary.contains('班'), summary.contains(['休', '假'])) {
            (true, false) => true,
            (false, true) => false,
            _ => {
                return Err(wrong(
                    line,
                    &format!("看不出“{summary}”是休还是班"),
                    &format!("{summary} does not say whether it is off (休) or work (班)"),
                ));
            }
        };
        let end = self.end.or_else(|| start.succ_opt()).unwrap_or(start);
        let count = (end - start).num_days();
        if !(1..=EVENT_DAYS_MAX).contains(&count) {
            return Err(wrong(line, "事件的起止日期不对", "the event ends before it begins, or lasts too long"));
        }
        let name = summary.split(['（', '(', ' ', '休', '班', '放', '补', '调']).next().unwrap_or_default();
        let name = name.trim_end_matches("假期").to_owned();
        let days = start.iter_days().take(usize::try_from(count).unwrap_or_default());
        Ok(days.map(|date| Listed { line, day: Day { date, working, name: name.clone() } }).collect())
    }
}

fn day(line: usize, value: &str) -> Result<NaiveDate, Problem> {
    NaiveDate::parse_from_str(value.trim(), "%Y%m%d")
        .map_err(|_| wrong(line, &format!("不是整天的日期：{value}"), &format!("no date of a whole day: {value}")))
}

/// Lines with those that begin with a blank joined to the one before, and where each begins.
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(more), Some((_, before))) => before.push_str(more),
            _ => lines.push((number, line.to_owned())),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::notice;
    use super::*;
    use crate::founding::HOLIDAYS;

    /// 2026 as the program has it.
    fn year() -> Vec<Day> {
        let days = Calendar::parse_csv(HOLIDAYS).unwrap();
        Calendar::from_days(0, &days).year(2026)
    }

    fn csv(days: &[Day]) -> String {
        let kind = |day: &Day| if day.working { "work" } else { "off" };
        let rows: String = days.iter().map(|day| format!("{},{},{}\n", day.date, kind(day), day.name)).collect();
        format!("date,kind,name\n{rows}")
    }

    fn json(days: &[Day]) -> String {
        let day = |day: &Day| {
            format!("    {{\"name\": \"{}\", \"date\": \"{}\", \"isOffDay\": {}}}", day.name, day.date, !day.working)
        };
        let days = days.iter().map(day).collect::<Vec<_>>().join(",\n");
        format!("{{\n  \"year\": 2026,\n  \"papers\": [],\n  \"days\": [\n{days}\n  ]\n}}\n")
    }

    fn ics(days: &[Day]) -> String {
        let event = |day: &Day| {
            let (sign, date) = (if day.working { "班" } else { "休" }, day.date.format("%Y%m%d"));
            format!(
                "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:{date}\r\nSUMMARY:{}\r\n （{sign}）\r\nEND:VEVENT\r\n",
                day.name
            )
        };
        format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", days.iter().map(event).collect::<String>())
    }

    #[test]
    fn each_form_holds_the_same_days() {
        for text in [csv(&year()), json(&year()), ics(&year())] {
            assert_eq!(notice(&text, &[]).unwrap(), year(), "{text:.60}");
        }
        let run = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261001\nDTEND;VALUE=DATE:20261008\nSUMMARY:国庆节放假\nEND:VEVENT\nEND:VCALENDAR";
        let days = read(run).unwrap();
        assert_eq!(
            (days.len(), days[6].day.date.to_string(), days[0].day.name.as_str()),
            (7, "2026-10-07".to_owned(), "国庆节")
        );
    }

    #[test]
    fn every_notice_since_2008_is_plausible() {
        let days = Calendar::parse_csv(HOLIDAYS).unwrap();
        for year in 2008..=2026 {
            let mut days = Calendar::from_days(0, &days).year(year);
            // A Monday on which people work anyway stands in that notice.
            days.retain(|day| day.date.to_string() != "2020-02-03");
            assert_eq!(notice(&csv(&days), &[]).map(|days| days.len()), Ok(days.len()), "{year}");
        }
        assert!(notice(HOLIDAYS, &[]).unwrap_err().title.contains("2020-02-03"));
        assert_eq!(notice(HOLIDAYS, &days), Ok(days), "what is held already is never refused");
    }

    #[test]
    fn files_that_are_no_notice_are_refused_with_the_line() {
        let without = |name: &str| year().into_iter().filter(|day| !day.name.contains(name)).collect::<Vec<_>>();
        let changed = |date: &str, change: fn(&mut Day)| {
            let mut days = year();
            change(days.iter_mut().find(|day| day.date.to_string() == date).unwrap());
            days
        };
        let cases = [
            (without("春节"), "春节"),
            (without("端午"), "端午"),
            (without("国庆"), "2026-10-01"),
            (changed("2026-01-01", |day| day.working = true), "2026"),
            (changed("2026-02-17", |day| day.working = true), "不是周末"),
            (changed("2026-01-04", |day| day.date = day.date.succ_opt().unwrap()), "不是周末"),
            (changed("2026-02-17", |day| day.name = "圣诞节".to_owned()), "不是法定节日"),
            (changed("2026-06-19", |day| day.date = "2026-08-19".parse().unwrap()), "不会是"),
        ];
        for (days, said) in cases {
            for text in [csv(&days), json(&days), ics(&days)] {
                let problem = notice(&text, &[]).unwrap_err();
                assert!(problem.exit == 5 && problem.title.contains(said), "{said}: {problem:?}");
            }
        }
        let twice = json(&[year(), year()].concat());
        assert!(notice(&twice, &[]).unwrap_err().title.contains("两次"));
        let mut both = year();
        both.push(Day { working: true, ..both[0].clone() });
        assert!(notice(&json(&both), &[]).unwrap_err().title.contains("既放假又补班"));
        for text in [
            "{\"year\":2027,\"days\":[]}",
            "[]",
            "{",
            "BEGIN:VCALENDAR\nEND:VCALENDAR",
            "BEGIN:VCALENDAR\nBEGIN:VEVENT",
            "",
        ] {
            assert_eq!(notice(text, &[]).unwrap_err().exit, 5, "{text}");
        }
    }
}
