//! Working days by State Council notice (国务院办公厅节假日安排): first day not counted, ends 24:00 of the N-th (21; 民法典 201).
//!
//! A year whose notice is not known yet is never guessed silently: its days are taken by weekday without the holidays of
//! fixed date, and whatever was counted with one of them is *provisional*. The holidays that move (Spring Festival, Qingming,
//! Dragon Boat, Mid-Autumn) and all make-up days are missing then, so that a provisional due can move either way.

pub mod notice;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, Weekday};

use crate::ids::Millis;

/// Local time everywhere in the country: UTC+8, no summer time.
const OFFSET_SECONDS: i32 = 8 * 3600;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// Days walked at most to find a due: more than any term could need.
const WALK_DAYS_MAX: u32 = 4_000;
/// Working days of a term at most; a longer one is cut to this and is provisional.
pub const TERM_WORKING_DAYS_MAX: u32 = 2_000;
/// Bytes of a calendar file at most.
pub const CALENDAR_BYTES_MAX: usize = 1024 * 1024;
/// Listed days at most.
pub const CALENDAR_DAYS_MAX: usize = 20_000;
/// Bytes of a holiday's name at most.
pub const NAME_BYTES_MAX: usize = 64;
/// Earliest moment that is reckoned with, 1900-01-01T00:00:00Z; an earlier one is taken as this.
const EARLIEST: Millis = -2_208_988_800_000;
/// Latest moment that is reckoned with, 3000-01-01T00:00:00Z; a later one is taken as this.
const LATEST: Millis = 32_503_680_000_000;
/// The last day of December that its own year's notice settles. In every notice from 2007 to 2026 the New Year holiday or its
/// make-up days reached back to 29 December at most, so the 29th to the 31st wait for the notice of the next year.
const SETTLED_DECEMBER_LAST: u32 = 28;

/// A day that is not what its weekday says: a holiday, or a make-up working day (补班日).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub date: NaiveDate,
    /// Whether people work on it.
    pub working: bool,
    /// Name of the holiday that it belongs to.
    pub name: String,
}

impl Day {
    /// Days since 0001-01-01, counted from 1.
    #[must_use]
    pub fn number(&self) -> i32 {
        self.date.num_days_from_ce()
    }

    /// The day of that number.
    #[must_use]
    pub fn from_number(number: i32, working: bool, name: String) -> Option<Self> {
        Some(Self { date: NaiveDate::from_num_days_from_ce_opt(number)?, working, name })
    }
}

/// Why a calendar file was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("第 {line} 行：{what} (line {line})")]
pub struct CalendarError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub what: String,
}

/// When a term ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The last day of the term.
    pub last_day: NaiveDate,
    /// 24:00 of that day: the first moment that is too late.
    pub due: Millis,
    /// A day of a year whose notice is not known was counted: computed by weekday and fixed holidays, to be computed
    /// again when the notice is imported.
    pub provisional: bool,
}

/// The working-day calendar in one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    version: u32,
    days: BTreeMap<NaiveDate, (bool, String)>,
    years: BTreeSet<i32>,
}

impl Calendar {
    /// The calendar of these days; of two for one date the later counts. A year is covered if a day of 1 January to
    /// 28 December of it is listed: the last three days may stand in the notice for the next year.
    #[must_use]
    pub fn from_days(version: u32, days: &[Day]) -> Self {
        Self {
            version,
            years: years_of(days),
            days: days.iter().map(|day| (day.date, (day.working, day.name.clone()))).collect(),
        }
    }

    /// Reads a calendar file: CSV with the columns `date`, `kind` (`off` or `work`) and `name` first. A fourth column
    /// `weekday` (周一 to 周日), if there is one, must agree with the date; further columns are for the reader. Every
    /// year must be complete as far as that can be seen: a file cut in half would make working days of holidays.
    ///
    /// # Errors
    /// The line that cannot be taken, why, and what to do.
    pub fn parse_csv(text: &str) -> Result<Vec<Day>, CalendarError> {
        if text.len() > CALENDAR_BYTES_MAX {
            return Err(wrong(
                1,
                format!("文件超过 {CALENDAR_BYTES_MAX} 字节 (larger than {CALENDAR_BYTES_MAX} bytes)"),
            ));
        }
        let mut rows = (1..).zip(text.trim_start_matches('\u{feff}').lines());
        let header: Vec<&str> = rows.next().map_or("", |(_, row)| row).split(',').map(str::trim).collect();
        if !header.starts_with(&["date", "kind", "name"]) {
            return Err(wrong(
                1,
                "表头须以 date,kind,name 开头 (the header must begin with date,kind,name)".to_owned(),
            ));
        }
        let weekday_column = header.get(3) == Some(&"weekday");
        let mut days = BTreeMap::new();
        for (line, row) in rows.filter(|(_, row)| !row.trim().is_empty()) {
            let day = parse_row(row, weekday_column).map_err(|what| wrong(line, what))?;
            if days.len() == CALENDAR_DAYS_MAX {
                return Err(wrong(line, format!("超过 {CALENDAR_DAYS_MAX} 天 (more than {CALENDAR_DAYS_MAX} days)")));
            }
            if let Some((_, earlier)) = days.insert(day.date, (day, line)) {
                return Err(wrong(
                    line,
                    format!("与第 {earlier} 行是同一天，请删去一行 (same day as line {earlier}; keep one)"),
                ));
            }
        }
        let lines: BTreeMap<NaiveDate, usize> = days.iter().map(|(date, (_, line))| (*date, *line)).collect();
        let days: Vec<Day> = days.into_values().map(|(day, _)| day).collect();
        for year in years_of(&days) {
            if let Some(date) = fixed_holiday_not_listed(year, &days) {
                let line = lines.iter().rev().find(|(date, _)| date.year() == year).map_or(1, |(_, line)| *line);
                let what = format!(
                    "{year} 年不完整：{date} 未列为 off，请导入全年安排 ({year} is incomplete: {date} is not off; import the whole year)"
                );
                return Err(wrong(line, what));
            }
        }
        Ok(days)
    }

    /// The listed days after an import: every year that `imported` covers replaces what was known of it, from
    /// 29 December of the year before to 28 December; other years stay.
    #[must_use]
    pub fn merged(&self, imported: &[Day]) -> Vec<Day> {
        let years = years_of(imported);
        let mut days: BTreeMap<NaiveDate, Day> = self
            .days()
            .into_iter()
            .filter(|day| !years.contains(&notice_year(day.date)))
            .map(|day| (day.date, day))
            .collect();
        days.extend(imported.iter().map(|day| (day.date, day.clone())));
        days.into_values().collect()
    }

    /// The registry version that this calendar came with.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Whether every notice that can decide this day is known: for 29 to 31 December that of the next year too.
    #[must_use]
    pub fn covers(&self, date: NaiveDate) -> bool {
        self.years.contains(&date.year()) && self.years.contains(&notice_year(date))
    }

    /// Whether people work on that day; in a year that is not covered, by weekday and the holidays of fixed date.
    #[must_use]
    pub fn is_working(&self, date: NaiveDate) -> bool {
        match self.days.get(&date) {
            Some((working, _)) => *working,
            None => {
                let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
                !weekend && (self.covers(date) || !fixed_holiday(date))
            }
        }
    }

    /// The end of a term of `working_days` that began at `start`. The day of `start` is not counted; a term of no days
    /// ends with that day.
    #[must_use]
    pub fn due(&self, start: Millis, working_days: u32) -> Due {
        self.after(local_date(start), working_days)
    }

    /// The end of `working_days` more, counted from the day after `last_day`: an extension runs on from the old due
    /// date (22).
    #[must_use]
    pub fn after(&self, last_day: NaiveDate, working_days: u32) -> Due {
        let (mut date, mut left) = (last_day, working_days.min(TERM_WORKING_DAYS_MAX));
        let mut provisional = working_days > TERM_WORKING_DAYS_MAX;
        for _ in 0..WALK_DAYS_MAX {
            if left == 0 {
                break;
            }
            date = date.checked_add_days(Days::new(1)).unwrap_or(date);
            provisional |= !self.covers(date);
            left -= u32::from(self.is_working(date));
        }
        // Days are left over only where nearly every day is listed as a holiday: that is no notice of the State Council.
        Due { last_day: date, due: end_of(date), provisional: provisional || left > 0 }
    }

    /// Working days left: those after the day of `now`, up to the last day of a term that is due at `due`; negative
    /// for those that have passed since.
    #[must_use]
    pub fn days_left(&self, now: Millis, due: Millis) -> i32 {
        let (today, last) = (local_date(now), local_date(due.saturating_sub(1)));
        let (from, to, sign) = if today <= last { (today, last, 1) } else { (last, today, -1) };
        let days = from.iter_days().skip(1).take_while(|day| *day <= to).take(WALK_DAYS_MAX as usize);
        sign * i32::try_from(days.filter(|day| self.is_working(*day)).count()).unwrap_or(i32::MAX)
    }

    /// Listed days of a year, in order.
    #[must_use]
    pub fn year(&self, year: i32) -> Vec<Day> {
        let of_year = self.days.iter().filter(|(date, _)| date.year() == year);
        of_year.map(|(date, (working, name))| Day { date: *date, working: *working, name: name.clone() }).collect()
    }

    /// Whether the notice of that year is known.
    #[must_use]
    pub fn knows(&self, year: i32) -> bool {
        self.years.contains(&year)
    }

    /// Every listed day, in order.
    #[must_use]
    pub fn days(&self) -> Vec<Day> {
        let days = self.days.iter();
        days.map(|(date, (working, name))| Day { date: *date, working: *working, name: name.clone() }).collect()
    }
}

/// 24:00 of the local day of a moment: the first moment after it.
#[must_use]
pub fn end_of_day(at: Millis) -> Millis {
    let since_midnight = at.saturating_add(i64::from(OFFSET_SECONDS) * 1000).rem_euclid(DAY_MS);
    at.saturating_sub(since_midnight).saturating_add(DAY_MS)
}

/// The first moment of a day by its number, see [`Day::number`]; `None` if there is no such day.
#[must_use]
pub fn day_begins(number: i32) -> Option<Millis> {
    NaiveDate::from_num_days_from_ce_opt(number).map(|date| end_of(date) - DAY_MS)
}

/// The day in local time.
#[must_use]
pub fn local_date(at: Millis) -> NaiveDate {
    local(at).date_naive()
}

/// The local day of a moment, counted from the first of 1970. What lies outside the years that are reckoned with is in the
/// first or last day of them.
#[must_use]
pub fn local_day(at: Millis) -> i64 {
    (at.clamp(EARLIEST, LATEST) + i64::from(OFFSET_SECONDS) * 1000).div_euclid(DAY_MS)
}

/// The number of the local day of a moment, see [`Day::number`].
#[must_use]
pub fn day_number(at: Millis) -> i32 {
    local_date(at).num_days_from_ce()
}

/// Whether a moment is in the second half of its local day: from noon on.
#[must_use]
pub fn afternoon(at: Millis) -> bool {
    let local = at.clamp(EARLIEST, LATEST) + i64::from(OFFSET_SECONDS) * 1000;
    local.rem_euclid(DAY_MS) >= DAY_MS / 2
}

/// The month of such a day, counted from the first of the year 0.
#[must_use]
pub fn month_of_day(day: i64) -> i64 {
    let date = local_date(day.saturating_mul(DAY_MS));
    i64::from(date.year()) * 12 + i64::from(date.month0())
}

/// The first moment of such a month.
#[must_use]
pub fn month_begins(month: i64) -> Millis {
    month_ends(month.saturating_sub(1))
}

/// The first moment after such a month; [`LATEST`] of one that is in no year.
#[must_use]
pub fn month_ends(month: i64) -> Millis {
    let next = month.saturating_add(1);
    let year = i32::try_from(next.div_euclid(12)).unwrap_or(i32::MAX);
    let first = NaiveDate::from_ymd_opt(year, u32::try_from(next.rem_euclid(12)).unwrap_or_default() + 1, 1);
    first.and_then(|first| first.pred_opt()).map_or(LATEST, end_of)
}

/// The moment in local time. A claimed time can be anything: what lies before 1900 or after 2999 is taken as that bound.
#[must_use]
pub fn local(at: Millis) -> DateTime<FixedOffset> {
    let utc = DateTime::from_timestamp_millis(at.clamp(EARLIEST, LATEST)).unwrap_or_default();
    match FixedOffset::east_opt(OFFSET_SECONDS) {
        Some(offset) => utc.with_timezone(&offset),
        None => utc.fixed_offset(),
    }
}

/// 24:00 of a day in local time.
fn end_of(date: NaiveDate) -> Millis {
    let days = i64::from(date.num_days_from_ce()) - i64::from(NaiveDate::default().num_days_from_ce());
    (days + 1) * DAY_MS - i64::from(OFFSET_SECONDS) * 1000
}

fn wrong(line: usize, what: String) -> CalendarError {
    CalendarError { line, what }
}

/// One row of a calendar file, or what is wrong with it.
fn parse_row(row: &str, weekday_column: bool) -> Result<Day, String> {
    let cells: Vec<&str> = row.split(',').map(str::trim).collect();
    let [date, kind, name, rest @ ..] = cells.as_slice() else {
        return Err("须有 date,kind,name 三列 (three columns are needed)".to_owned());
    };
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d")
        .ok()
        .filter(|day| (local(EARLIEST).year()..local(LATEST).year()).contains(&day.year()))
        .ok_or_else(|| format!("日期 {date:?} 应写作 2027-01-31 (write dates as 2027-01-31)"))?;
    let working = match *kind {
        "off" => false,
        "work" => true,
        other => return Err(format!("类别 {other:?} 应为 off 或 work (kind must be off or work)")),
    };
    if name.len() > NAME_BYTES_MAX {
        return Err(format!("名称超过 {NAME_BYTES_MAX} 字节 (the name is longer than {NAME_BYTES_MAX} bytes)"));
    }
    let right = weekday_name(date.weekday());
    match rest.first() {
        Some(&said) if weekday_column && !said.is_empty() && said != right => {
            Err(format!("{date} 是{right}，不是{said}，请核对日期 ({date} is not {said}; check the date)"))
        }
        _ => Ok(Day { date, working, name: (*name).to_owned() }),
    }
}

const fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "周一",
        Weekday::Tue => "周二",
        Weekday::Wed => "周三",
        Weekday::Thu => "周四",
        Weekday::Fri => "周五",
        Weekday::Sat => "周六",
        Weekday::Sun => "周日",
    }
}

/// The year whose notice has the last word on a day.
fn notice_year(date: NaiveDate) -> i32 {
    date.year() + i32::from(date.month() == 12 && date.day() > SETTLED_DECEMBER_LAST)
}

/// The years that these days cover.
fn years_of(days: &[Day]) -> BTreeSet<i32> {
    days.iter().map(|day| day.date).filter(|date| notice_year(*date) == date.year()).map(|date| date.year()).collect()
}

/// The first fixed holiday of a year that is not listed as off. 2 May is left out: it is one only from 2025.
fn fixed_holiday_not_listed(year: i32, days: &[Day]) -> Option<NaiveDate> {
    [(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)]
        .into_iter()
        .filter_map(|(month, day)| NaiveDate::from_ymd_opt(year, month, day))
        .find(|date| !days.iter().any(|day| day.date == *date && !day.working))
}

/// Holidays of fixed date in 全国年节及纪念日放假办法 as amended from 2025: 1 January, 1 and 2 May, 1 to 3 October.
fn fixed_holiday(date: NaiveDate) -> bool {
    matches!((date.month(), date.day()), (1, 1) | (5, 1 | 2) | (10, 1..=3))
}
