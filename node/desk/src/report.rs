//! Reports from what this node holds: the daily table (R1, article 31), the table of rates (R10, article 38) and the list
//! of what does not count in it (R11).
//!
//! Every report says what it covers and how fresh that is: a township's own holdings are not the city's. A month that is
//! locked is never made anew: its table is read back, and what it would come to now is the next table's correction.
//!
//! Nothing is counted here: what each ticket counts for is kept by day and unit as it changes (`kernel::rates`), with its sums.

mod gather;
pub mod lock;
mod locked;
mod matters;
mod rows;
mod shape;

use std::ops::Range;

use chrono::{Datelike, Months, NaiveDate};
use regulation::{Millis, UnitId};
use replica::{Month, Registry};
use store::Queries;

use crate::clock;
use crate::problem::Problem;

use gather::{Listed, Place};
use matters::Matters;

pub use gather::EXCLUSION_TICKETS_MAX;
pub use shape::{
    AssistRow, ByRow, CorrectionRow, ExclusionRow, HotRow, LockedAs, ProposedAs, Quarter, Report, Row, TopRow,
    WeightsUsed,
};

/// Which report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// R1 日统计
    Daily,
    /// R10 考评表
    Rates,
    /// R11 不计入清单
    Exclusions,
}

impl Kind {
    /// The report of that name.
    ///
    /// # Errors
    /// There is none: which there are.
    pub fn parse(name: &str) -> Result<Self, Problem> {
        match name {
            "daily" | "r1" | "R1" => Ok(Self::Daily),
            "rates" | "r10" | "R10" => Ok(Self::Rates),
            "exclusions" | "r11" | "R11" => Ok(Self::Exclusions),
            other => Err(Problem::bad_input(
                format!("没有报表 {other}；可用：daily（日统计）、rates（考评表）、exclusions（不计入清单）"),
                format!("no report {other}; there are: daily, rates, exclusions"),
            )),
        }
    }

    /// Code name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Rates => "rates",
            Self::Exclusions => "exclusions",
        }
    }
}

/// The weights in force.
#[must_use]
pub fn weights(registry: &Registry) -> WeightsUsed {
    rows::weights_used(registry, &registry.now().on(crate::clock::now()))
}

/// Makes a report from everything that is held here, or reads it back if it is locked. Of what does not count it has
/// [`EXCLUSION_TICKETS_MAX`] tickets, after the cursor.
///
/// # Errors
/// The database cannot be read, the registry has no calendar, or a locked table is not what was locked.
pub fn report(
    store: &Queries,
    registry: &Registry,
    unit: UnitId,
    (kind, text, cursor): (Kind, &str, Option<&str>),
    now: Millis,
) -> Result<Report, Problem> {
    let period = period(text)?;
    let month = Month::parse(text).filter(|_| kind != Kind::Daily);
    let locked = month.and_then(|month| locked::find(registry, month));
    let mut report = match (locked, month) {
        (Some(locked), _) => lock::read_back(store, registry, locked, text, &period)?,
        (None, month) => {
            let basis = locked::basis(store, registry, month)?;
            let covers = rows::Covers { unit, text, period: &period, month, now };
            let listed = Listed::Page(cursor.map(Place::parse).transpose()?);
            let gathered = gather::gather(store, registry, &period, month, &basis, listed, now)?;
            let mut report = rows::report(&gathered, registry, &covers, &basis);
            // Of one day: what was raised in a year nobody counts ticket by ticket.
            if kind == Kind::Daily && period.end - period.start <= DAY_MS {
                let matters = Matters::of(store, &registry.now(), &period)?;
                (report.top, report.hot, report.at_least) = (matters.top, matters.hot, matters.at_least);
            }
            report
        }
    };
    kind.code().clone_into(&mut report.kind);
    Ok(report)
}

/// Milliseconds of a day.
const DAY_MS: Millis = 86_400_000;
/// Behind a day: the twenty-four hours that end at its noon, as daily tables are cut where they are ready in the afternoon.
const NOON: &str = "-noon";

/// The days of a period: `2026-11-25`, `2026-11` or `2026`; or `2026-11-25-noon`, from the noon before to that of the day.
///
/// # Errors
/// It is none of these.
pub fn period(text: &str) -> Result<Range<Millis>, Problem> {
    let wrong = || {
        Problem::bad_input(
            format!(
                "--period 须为 2026、2026-11、2026-11-25 或 2026-11-25-noon（前一日中午至当日中午），不能是 {text}"
            ),
            format!("--period is 2026, 2026-11, 2026-11-25 or 2026-11-25-noon (noon to noon), not {text}"),
        )
    };
    if let Some(named) = text.strip_suffix(NOON) {
        let of_day = |day: &Range<Millis>| !named.ends_with(NOON) && day.end - day.start == DAY_MS;
        let day = period(named).ok().filter(of_day).ok_or_else(wrong)?;
        let half = DAY_MS / 2;
        return Ok(day.start - half..day.start + half);
    }
    let number = |text: &str| text.parse::<u32>().ok();
    let parts: Vec<Option<u32>> = text.split('-').map(number).collect();
    let (first, months, days) = match parts.as_slice() {
        [Some(year)] => (date(*year, 1, 1), 12, 0),
        [Some(year), Some(month)] => (date(*year, *month, 1), 1, 0),
        [Some(year), Some(month), Some(day)] => (date(*year, *month, *day), 0, 1),
        _ => (None, 0, 0),
    };
    let first = first.ok_or_else(wrong)?;
    let end =
        first.checked_add_months(Months::new(months)).and_then(|end| end.checked_add_days(chrono::Days::new(days)));
    let start_of = |date: NaiveDate| clock::parse(&date.to_string());
    match (start_of(first), end.and_then(start_of)) {
        (Some(from), Some(to)) => Ok(from..to),
        _ => Err(wrong()),
    }
}

/// The three months that end with this one.
///
/// # Errors
/// They reach out of the years that are known.
fn quarter(month: Month) -> Result<Range<Millis>, Problem> {
    let this = period(&month.text())?;
    let first =
        date(month.year.into(), month.month.into(), 1).and_then(|first| first.checked_sub_months(Months::new(2)));
    let start = first.and_then(|first| clock::parse(&first.to_string()));
    Ok(start.unwrap_or(this.start)..this.end)
}

fn date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day).filter(|date| (2000..2200).contains(&date.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_days_months_and_years_in_local_time() {
        let day = 86_400_000;
        let november = period("2026-11").unwrap();
        assert_eq!(
            (clock::text(november.start), november.end - november.start),
            ("2026-11-01T00:00:00+08:00".to_owned(), 30 * day)
        );
        assert_eq!(period("2028-02").map(|p| p.end - p.start), Ok(29 * day));
        assert_eq!(period("2026-11-25").map(|p| p.end - p.start), Ok(day));
        assert_eq!(period("2026").map(|p| p.end - p.start), Ok(365 * day));
        let noon = period("2026-11-25-noon").unwrap();
        let shown = (clock::text(noon.start), clock::text(noon.end));
        assert_eq!(shown, ("2026-11-24T12:00:00+08:00".to_owned(), "2026-11-25T12:00:00+08:00".to_owned()));
        for wrong in [
            "2026-noon",
            "2026-11-noon",
            "-noon",
            "2026-11-25-noon-noon",
            "",
            "26",
            "2026-13",
            "2026-02-30",
            "2026-11-25-1",
            "now",
            "-1",
        ] {
            assert!(period(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_quarter_ends_with_its_month() {
        let of = |year, month| {
            let quarter = quarter(Month::new(year, month).unwrap()).unwrap();
            (clock::text(quarter.start)[..10].to_owned(), clock::text(quarter.end)[..10].to_owned())
        };
        assert_eq!(of(2026, 10), ("2026-08-01".to_owned(), "2026-11-01".to_owned()));
        assert_eq!(of(2027, 1), ("2026-11-01".to_owned(), "2027-02-01".to_owned()));
    }
}
