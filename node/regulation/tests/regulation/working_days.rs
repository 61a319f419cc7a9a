//! Working days against vectors that were checked with an independent calendar package, and against a plain walk over a
//! second reading of the holiday file.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, Weekday};
use proptest::prelude::*;
use regulation::calendar::{
    self, CALENDAR_BYTES_MAX, CALENDAR_DAYS_MAX, Calendar, Day, NAME_BYTES_MAX, TERM_WORKING_DAYS_MAX, end_of_day,
    local_date,
};

const HOLIDAYS: &str = include_str!("../../../data/holidays.csv");
const DAY_MS: i64 = 86_400_000;
/// 2007-01-01T00:00+08:00 and 2026-12-01T00:00+08:00: between them every term up to 15 working days is certain.
const COVERED: std::ops::Range<i64> = 1_167_580_800_000..1_796_054_400_000;

fn calendar() -> Calendar {
    Calendar::from_days(1, &Calendar::parse_csv(HOLIDAYS).expect("the product's calendar is readable"))
}

fn millis(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).expect("a good time").timestamp_millis()
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a good date")
}

/// Whether people work on a day, read from the text of the file without the calendar.
fn naive_works(day: NaiveDate, exceptions: &BTreeMap<String, bool>) -> bool {
    let weekday = !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    exceptions.get(&day.to_string()).copied().unwrap_or(weekday)
}

fn naive_exceptions() -> BTreeMap<String, bool> {
    HOLIDAYS.lines().skip(1).map(|row| (row[..10].to_owned(), row[11..].starts_with("work"))).collect()
}

#[test]
fn vectors_hold() {
    let calendar = calendar();
    let mut rows = 0;
    for row in include_str!("../data/deadline-vectors.csv").lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let due = calendar.due(millis(cells[0]), cells[1].parse().expect("a number"));
        rows += 1;
        if cells[2] == "UNKNOWN" {
            assert!(due.provisional, "{row}");
            continue;
        }
        assert!(!due.provisional, "{row}");
        assert_eq!(due.last_day.to_string(), cells[2], "{row}");
        assert_eq!(due.due, millis(cells[3]), "{row}");
    }
    assert_eq!(rows, 20);
}

#[test]
fn working_days_of_each_year_agree_with_the_reference() {
    let calendar = calendar();
    for (year, expected) in [(2020, 249), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)]
    {
        let days = date(&format!("{year}-01-01")).iter_days().take_while(|day| day.year() == year);
        assert_eq!(days.filter(|day| calendar.is_working(*day)).count(), expected, "{year}");
    }
}

#[test]
fn days_at_the_edges_of_a_term() {
    let calendar = calendar();
    for (start, days, last) in [
        // The leap day is counted.
        ("2024-02-28T09:00:00+08:00", 1, "2024-02-29"),
        ("2024-02-28T09:00:00+08:00", 2, "2024-03-01"),
        ("2023-02-28T09:00:00+08:00", 1, "2023-03-01"),
        // 23:59 and 00:00 of local time are two days, though one in Greenwich.
        ("2026-11-23T23:59:59.999+08:00", 1, "2026-11-24"),
        ("2026-11-24T00:00:00+08:00", 1, "2026-11-25"),
        // Saturday 29 December 2018 was worked, Monday 31 December was not.
        ("2018-12-28T09:00:00+08:00", 1, "2018-12-29"),
        ("2018-12-28T09:00:00+08:00", 2, "2019-01-02"),
        // No days end with the day of the start.
        ("2026-11-23T09:00:00+08:00", 0, "2026-11-23"),
    ] {
        let due = calendar.due(millis(start), days);
        assert_eq!((due.last_day, due.provisional), (date(last), false), "{start} {days}");
        assert_eq!(due.due, millis(&format!("{last}T00:00:00+08:00")) + DAY_MS);
    }
}

#[test]
fn the_last_days_of_december_wait_for_the_next_notice() {
    let mut calendar = calendar();
    let covered =
        |calendar: &Calendar| ["2026-12-28", "2026-12-29", "2026-12-31"].map(|day| calendar.covers(date(day)));
    assert_eq!(covered(&calendar), [true, false, false]);
    let start = millis("2026-12-25T09:00:00+08:00");
    assert!(!calendar.due(start, 1).provisional);
    assert!(calendar.due(start, 2).provisional);
    let notice = "date,kind,name\n2027-01-01,off,元旦\n2027-05-01,off,劳动节\n2027-10-01,off,国庆节\n\
                  2027-10-02,off,国庆节\n2027-10-03,off,国庆节\n2026-12-31,off,元旦\n";
    let days = calendar.merged(&Calendar::parse_csv(notice).expect("a whole year"));
    calendar = Calendar::from_days(2, &days);
    assert_eq!(covered(&calendar), [true; 3]);
    assert_eq!(calendar.due(start, 4).last_day, date("2027-01-04"));
    assert!(!calendar.due(start, 4).provisional);
}

#[test]
fn an_import_replaces_the_years_that_it_covers() {
    let calendar = calendar();
    let without =
        |year: i32| calendar.days().into_iter().filter(move |day| day.date.year() != year).collect::<Vec<Day>>();
    assert_eq!(Calendar::from_days(1, &calendar.days()), calendar);
    let older = Calendar::from_days(1, &without(2026));
    assert!(!older.knows(2026) && older.knows(2025));
    assert_eq!(older.merged(&calendar.year(2026)), calendar.days());
    // The holiday of 2020 was prolonged: the corrected year takes the place of the first.
    let mut corrected = calendar.year(2020);
    corrected.retain(|day| day.date != date("2020-02-02"));
    assert_eq!(calendar.merged(&corrected).len(), calendar.days().len() - 1);
    assert_eq!(calendar.year(2008).first().map(|day| day.date), Some(date("2008-01-01")));
}

#[test]
fn a_year_without_notice_keeps_the_holidays_of_fixed_date() {
    let calendar = calendar();
    let start = millis("2027-09-30T09:00:00+08:00");
    let due = calendar.due(start, 1);
    assert_eq!((due.last_day, due.provisional), (date("2027-10-04"), true));
    assert!(!calendar.is_working(date("2027-01-01")) && calendar.is_working(date("2027-05-03")));
}

#[test]
fn a_bad_file_is_refused_with_its_line() {
    let year = "2027-01-01,off,元旦\n2027-05-01,off,劳动节\n2027-10-01,off,国庆节\n2027-10-02,off,国庆节\n2027-10-03,off,国庆节\n";
    let head = "date,kind,name";
    for (text, line) in [
        (String::new(), 1),
        ("day,kind,name\n".to_owned(), 1),
        (format!("{head}\n2027-01-01,off,元旦\n2027-1-x,off,元旦"), 3),
        (format!("{head}\n2027-01-01,holiday,元旦"), 2),
        (format!("{head}\n2027-01-01,off"), 2),
        (format!("{head}\n99999-01-01,off,元旦"), 2),
        (format!("{head}\n{year}2027-01-01,off,元旦"), 7),
        (format!("{head},weekday\n2027-01-01,off,元旦,周六"), 2),
        // Cut in half: National Day is missing.
        (format!("{head}\n2027-01-01,off,元旦\n2027-05-01,off,劳动节"), 3),
        (format!("{head}\n2027-01-01,off,{}", "元".repeat(22)), 2),
    ] {
        assert_eq!(Calendar::parse_csv(&text).map_err(|error| error.line), Err(line), "{text}");
    }
    let windows = format!("\u{feff}{head}\r\n\r\n{}", year.replace('\n', "\r\n"));
    assert_eq!(Calendar::parse_csv(&windows).map(|days| days.len()), Ok(5));
}

#[test]
fn a_file_at_each_limit_is_taken_and_one_beyond_is_not() {
    let line = |text: &str| Calendar::parse_csv(text).map(|days| days.len()).map_err(|error| error.line);
    let year = "2027-01-01,off,元旦\n2027-05-01,off,劳动节\n2027-10-01,off,国庆节\n2027-10-02,off,国庆节\n2027-10-03,off,国庆节\n";
    let file = format!("date,kind,name\n{year}");
    let padded = |bytes: usize| format!("{file}{}", "\n".repeat(bytes - file.len()));
    assert_eq!(line(&padded(CALENDAR_BYTES_MAX)), Ok(5));
    assert_eq!(line(&padded(CALENDAR_BYTES_MAX + 1)), Err(1));
    // Whole years of holidays from 1950; the last one reaches 3 October, so that it is complete.
    let mut days = "date,kind,name\n".to_owned();
    for day in date("1950-01-01").iter_days().take(CALENDAR_DAYS_MAX) {
        days += &format!("{day},off,假\n");
    }
    assert_eq!(line(&days), Ok(CALENDAR_DAYS_MAX));
    assert_eq!(line(&format!("{days}2010-01-01,off,元旦\n")), Err(CALENDAR_DAYS_MAX + 2));
    let named = |bytes: usize| file.replace("劳动节", &"x".repeat(bytes));
    assert_eq!((line(&named(NAME_BYTES_MAX)), line(&named(NAME_BYTES_MAX + 1))), (Ok(5), Err(3)));
}

#[test]
fn a_weekday_must_be_that_of_its_date_where_one_is_said() {
    let rest = "2027-05-01,off,劳动节,周六\n2027-10-01,off,国庆节,周五\n2027-10-02,off,国庆节,周六\n2027-10-03,off,国庆节,周日\n";
    for (header, first, expected) in [
        ("date,kind,name,weekday", "2027-01-01,off,元旦,周五", Ok(5)),
        ("date,kind,name,weekday", "2027-01-01,off,元旦,", Ok(5)),
        ("date,kind,name,weekday", "2027-01-01,off,元旦", Ok(5)),
        ("date,kind,name,weekday", "2027-01-01,off,元旦,周一", Err(2)),
        ("date,kind,name,weekday", "2027-01-01,off,元旦,Friday", Err(2)),
        // A fourth column of another name is for the reader.
        ("date,kind,name,remark", "2027-01-01,off,元旦,周一", Ok(5)),
    ] {
        let read = Calendar::parse_csv(&format!("{header}\n{first}\n{rest}"));
        assert_eq!(read.map(|days| days.len()).map_err(|error| error.line), expected, "{header}: {first}");
    }
}

#[test]
fn days_have_numbers_and_calendars_versions() {
    for (day, number) in [("0001-01-01", 1), ("2026-11-23", 739_943)] {
        let day = Day { date: date(day), working: true, name: "补班".to_owned() };
        assert_eq!(day.number(), number);
        assert_eq!(Day::from_number(number, true, "补班".to_owned()), Some(day));
    }
    assert_eq!([1, 7].map(|version| Calendar::from_days(version, &calendar().days()).version()), [1, 7]);
}

#[test]
fn a_day_ends_at_the_first_moment_after_it() {
    for (at, end) in [
        ("2026-11-23T00:00:00+08:00", "2026-11-24T00:00:00+08:00"),
        ("2026-11-23T09:00:00+08:00", "2026-11-24T00:00:00+08:00"),
        ("2026-11-23T23:59:59.999+08:00", "2026-11-24T00:00:00+08:00"),
        ("1969-12-31T23:00:00+08:00", "1970-01-01T00:00:00+08:00"),
    ] {
        assert_eq!(end_of_day(millis(at)), millis(end), "{at}");
    }
}

#[test]
fn the_longest_term_is_certain_where_its_years_are_known() {
    let (calendar, start) = (calendar(), millis("2010-01-04T09:00:00+08:00"));
    let (longest, longer) =
        (calendar.due(start, TERM_WORKING_DAYS_MAX), calendar.due(start, TERM_WORKING_DAYS_MAX + 1));
    assert_eq!((longest.provisional, longer.provisional), (false, true));
    assert_eq!(longest.due, longer.due, "a longer one is cut");
}

#[test]
fn days_left_counts_working_days() {
    let calendar = calendar();
    let due = calendar.due(millis("2026-11-23T09:00:00+08:00"), 3).due;
    let left = |now: &str| calendar.days_left(millis(now), due);
    assert_eq!(left("2026-11-23T09:00:00+08:00"), 3);
    assert_eq!(left("2026-11-26T23:59:00+08:00"), 0);
    assert_eq!(left("2026-11-27T00:00:00+08:00"), -1);
    assert_eq!(left("2026-11-28T00:00:00+08:00"), -1);
}

#[test]
fn no_claimed_time_makes_it_panic() {
    let calendar = calendar();
    let all_off: Vec<Day> = date("2030-01-01")
        .iter_days()
        .take(5_000)
        .map(|date| Day { date, working: false, name: String::new() })
        .collect();
    let never = Calendar::from_days(1, &all_off);
    for start in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX] {
        for days in [0, 1, TERM_WORKING_DAYS_MAX, TERM_WORKING_DAYS_MAX + 1, u32::MAX] {
            assert!(calendar.due(start, days).provisional || days == 0);
        }
        assert!(calendar.days_left(start, i64::MIN) <= 0);
        assert!(calendar.days_left(i64::MIN, start) >= 0);
    }
    assert!(never.due(millis("2030-01-01T09:00:00+08:00"), 1).provisional);
    assert_eq!(Day::from_number(i32::MAX, true, String::new()), None);
}

proptest! {
    #[test]
    fn the_due_is_that_of_a_plain_walk(start in COVERED, days in 1u32..16) {
        let (calendar, exceptions) = (calendar(), naive_exceptions());
        let due = calendar.due(start, days);
        let mut day = local_date(start);
        let mut left = days;
        while left > 0 {
            day = day + Days::new(1);
            left -= u32::from(naive_works(day, &exceptions));
        }
        prop_assert_eq!(due.last_day, day);
        prop_assert!(!due.provisional && calendar.is_working(day));
        prop_assert_eq!(local_date(due.due - 1), day);
        prop_assert_eq!(local_date(due.due), day + Days::new(1));
        prop_assert_eq!(i64::from(calendar.days_left(start, due.due)), i64::from(days));
    }

    #[test]
    fn a_later_start_or_a_longer_term_is_never_due_earlier(a in any::<i64>(), b in any::<i64>(), m in 0u32..3_000, n in 0u32..3_000) {
        let calendar = calendar();
        let due = |start: i64, days: u32| calendar.due(start, days).due;
        prop_assert!(due(a.min(b), m) <= due(a.max(b), m));
        prop_assert!(due(a, m.min(n)) <= due(a, m.max(n)));
    }

    #[test]
    fn two_terms_in_a_row_are_as_long_as_both(start in COVERED, first in 0u32..30, more in 0u32..30) {
        let calendar = calendar();
        prop_assert_eq!(calendar.after(calendar.due(start, first).last_day, more).due, calendar.due(start, first + more).due);
    }

    #[test]
    fn a_year_without_notice_is_provisional(day in 0u64..365, days in 1u32..20) {
        let noon = (date("2028-01-01") + Days::new(day)).and_hms_opt(4, 0, 0).expect("a time").and_utc();
        prop_assert!(calendar().due(noon.timestamp_millis(), days).provisional);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}", line in "[0-9]{1,6}-[0-9]{1,3}-[0-9]{1,3},(off|work),.{0,30}") {
        let _ = Calendar::parse_csv(&text);
        let _ = Calendar::parse_csv(&format!("date,kind,name,weekday\n{line}"));
    }
}

#[test]
fn months_are_counted_and_end_where_the_next_begins() {
    for (date, first_of_next) in
        [((2026, 11, 18), (2026, 12, 1)), ((2026, 12, 31), (2027, 1, 1)), ((2028, 2, 29), (2028, 3, 1))]
    {
        let day = |(year, month, day)| chrono::NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let noon = |date| (day(date) - chrono::NaiveDate::default()).num_days() * 86_400_000 + 4 * 3_600_000;
        let month = calendar::month_of_day(calendar::local_day(noon(date)));
        assert_eq!(month, i64::from(date.0) * 12 + i64::from(date.1) - 1);
        assert_eq!(calendar::month_ends(month), noon(first_of_next) - 12 * 3_600_000);
        assert_eq!(calendar::month_begins(month + 1), calendar::month_ends(month));
    }
    assert!(calendar::month_ends(i64::MAX) == calendar::month_ends(i64::MIN));
}
