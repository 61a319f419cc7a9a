//! Whether listed days can be a notice of the State Council (国务院办公厅节假日安排): a file in which a year is cut off, a
//! make-up day fell on a weekday or a festival into another month would move every due of the city.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use super::{Day, fixed_holiday_not_listed, notice_year, years_of};

/// Since when there are seven festivals: 全国年节及纪念日放假办法 of 2007, in force in 2008.
const SEVEN_SINCE: i32 = 2008;
/// Days off of a year that were ever listed: 22 to 33 from 2008 to 2026.
const DAYS_OFF: std::ops::RangeInclusive<usize> = 18..=45;
/// Make-up days of a year: 5 to 12.
const DAYS_MADE_UP_MAX: usize = 16;
/// Days that a make-up day lies from its holiday at most; 15 was the farthest.
const MADE_UP_DAYS_MAX: i64 = 31;

/// A festival: the words for it, and between which days its days off ever lie.
struct Festival {
    names: &'static [&'static str],
    from: (u32, u32),
    to: (u32, u32),
}

const FESTIVALS: [Festival; 7] = [
    Festival { names: &["元旦", "新年"], from: (12, 29), to: (1, 5) },
    Festival { names: &["春节", "除夕"], from: (1, 15), to: (3, 1) },
    Festival { names: &["清明"], from: (3, 31), to: (4, 9) },
    Festival { names: &["劳动", "五一"], from: (4, 26), to: (5, 8) },
    Festival { names: &["端午"], from: (5, 24), to: (7, 1) },
    Festival { names: &["中秋"], from: (9, 4), to: (10, 12) },
    Festival { names: &["国庆", "十一"], from: (9, 26), to: (10, 12) },
];

/// Why listed days are no notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Implausible {
    /// The day that is wrong, or the first of the year that is.
    pub date: NaiveDate,
    /// In Chinese.
    pub chinese: String,
    /// In English.
    pub english: String,
}

impl Implausible {
    fn new(date: NaiveDate, chinese: String, english: String) -> Self {
        Self { date, chinese, english }
    }
}

/// Checks the days of a file, all of whose years must be whole. A day that is held as it is there needs no reason: one notice
/// lists a Monday on which people work. `held` is sorted by date.
///
/// # Errors
/// The first day, or year, that cannot be.
pub fn plausible(days: &[Day], held: &[Day]) -> Result<(), Implausible> {
    let mut seen: BTreeMap<NaiveDate, bool> = BTreeMap::new();
    for day in days {
        let date = day.date;
        match seen.insert(date, day.working) {
            None => {}
            Some(working) if working == day.working => {
                return Err(Implausible::new(date, format!("{date} 列了两次"), format!("{date} is there twice")));
            }
            Some(_) => {
                let (chinese, english) = (format!("{date} 既放假又补班"), format!("{date} is both off and work"));
                return Err(Implausible::new(date, chinese, english));
            }
        }
        if !held.binary_search_by_key(&date, |day| day.date).is_ok_and(|place| held[place] == *day) {
            of_day(day, days)?;
        }
    }
    let years = years_of(days);
    let Some(first) = days.first() else { return Ok(()) };
    if years.is_empty() {
        let (chinese, english) = ("没有一整年的安排".to_owned(), "no whole year is listed".to_owned());
        return Err(Implausible::new(first.date, chinese, english));
    }
    years.into_iter().try_for_each(|year| of_year(year, days))
}

fn of_day(day: &Day, all: &[Day]) -> Result<(), Implausible> {
    let date = day.date;
    let named: Vec<&Festival> =
        FESTIVALS.iter().filter(|f| f.names.iter().any(|name| day.name.contains(name))).collect();
    if named.is_empty() && !day.name.contains("纪念日") {
        let name = &day.name;
        return Err(Implausible::new(
            date,
            format!("{date} 的名称“{name}”不是法定节日（元旦、春节、清明节、劳动节、端午节、中秋节、国庆节）"),
            format!("{date}: {name} is no statutory festival"),
        ));
    }
    let off = |other: &&Day| !other.working && (other.date - date).num_days().abs() <= MADE_UP_DAYS_MAX;
    if !day.working {
        if !named.is_empty() && !named.iter().any(|festival| festival.covers(date)) {
            let name = &day.name;
            return Err(Implausible::new(
                date,
                format!("{date} 不会是{name}，请核对日期"),
                format!("{date} cannot be {name}; check the date"),
            ));
        }
    } else if !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
        return Err(Implausible::new(
            date,
            format!("{date} 不是周末，不会是补班日；平日本来上班，不必列出"),
            format!("{date} is no weekend and so no make-up day; people work on it anyway, do not list it"),
        ));
    } else if notice_year(date) == date.year() && !all.iter().any(|other| off(&other)) {
        return Err(Implausible::new(
            date,
            format!("{date} 补班，前后一个月却没有放假"),
            format!("{date} is made up for, but nothing is off within a month of it"),
        ));
    }
    Ok(())
}

impl Festival {
    fn covers(&self, date: NaiveDate) -> bool {
        let day = (date.month(), date.day());
        if self.from <= self.to { (self.from..=self.to).contains(&day) } else { day >= self.from || day <= self.to }
    }
}

fn of_year(year: i32, days: &[Day]) -> Result<(), Implausible> {
    let first = days.iter().map(|day| day.date).find(|date| date.year() == year).unwrap_or_default();
    let wrong = |chinese: String, english: String| Err(Implausible::new(first, chinese, english));
    if let Some(date) = fixed_holiday_not_listed(year, days) {
        return wrong(format!("{year} 年不完整：{date} 没有放假"), format!("{year} is not whole: {date} is not off"));
    }
    // New Year's days before the year begins belong to it as much.
    let of_it = |day: &&Day| day.date.year() == year;
    let off = days.iter().filter(of_it).filter(|day| !day.working);
    let missing = FESTIVALS
        .iter()
        .find(|festival| !off.clone().any(|day| festival.names.iter().any(|name| day.name.contains(name))));
    if let Some(missing) = missing.filter(|_| year >= SEVEN_SINCE) {
        let name = missing.names[0];
        return wrong(format!("{year} 年没有{name}"), format!("{year} has no {name}"));
    }
    let (off, made_up) = (off.count(), days.iter().filter(of_it).filter(|day| day.working).count());
    if !DAYS_OFF.contains(&off) || made_up > DAYS_MADE_UP_MAX {
        return wrong(
            format!("{year} 年放假 {off} 天、补班 {made_up} 天，不合常理"),
            format!("{year} has {off} days off and {made_up} make-up days; that cannot be"),
        );
    }
    Ok(())
}
