//! Files of holidays: CSV, the JSON of holiday-cn, or a calendar (ICS). What is read must be a whole, plausible notice; what
//! it would change is told before anything is changed.

mod formats;

use std::collections::BTreeMap;

use regulation::calendar::notice::plausible;
use regulation::calendar::{Calendar, Day};
use regulation::terms::{Rules, dues_under};
use regulation::{ActId, Millis};
use replica::Registry;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Reader, TicketCursor, TicketFilter};

use crate::problem::Problem;

pub use formats::read;

/// Open tickets that are counted again, at most; beyond that, “at least so many”.
const TICKETS_MAX: usize = 20_000;
/// Days that are listed as changed, at most.
const CHANGED_DAYS_MAX: usize = 400;

/// A listed day with the line that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Line, from 1.
    pub line: usize,
    /// The day.
    pub day: Day,
}

/// Reads a file, and checks that it can be a notice; days that are `held` already need no check.
///
/// # Errors
/// The line that is wrong and why.
pub fn notice(text: &str, held: &[Day]) -> Result<Vec<Day>, Problem> {
    let listed = read(text)?;
    let mut days: Vec<Day> = listed.iter().map(|listed| listed.day.clone()).collect();
    days.sort_by_key(|day| day.date);
    if days.is_empty() {
        return Err(wrong(1, "文件里没有放假安排", "no holidays are listed"));
    }
    plausible(&days, held).map_err(|why| {
        let of_day = listed.iter().rev().find(|listed| listed.day.date == why.date);
        wrong(of_day.map_or(1, |listed| listed.line), &why.chinese, &why.english)
    })?;
    Ok(days)
}

pub(crate) fn wrong(line: usize, chinese: &str, english: &str) -> Problem {
    Problem::bad_input(format!("日历文件第 {line} 行：{chinese}"), format!("the calendar file, line {line}: {english}"))
}

/// A year as a file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct YearSummary {
    /// The year.
    pub year: i32,
    /// Days off.
    pub off: usize,
    /// Make-up days.
    pub work: usize,
    /// Days that are otherwise by the calendar that holds: `2027-01-01 休 元旦`, `2027-01-04 班 元旦`, `2027-02-01 照常`.
    pub changed: Vec<String>,
}

/// What a file would change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Year by year.
    pub years: Vec<YearSummary>,
    /// Open tickets with a due that moves.
    pub moved: usize,
    /// Whether there are more than were counted.
    pub at_least: bool,
}

/// What the calendar `merged` has otherwise than `held`.
#[must_use]
pub fn summary(held: &Calendar, merged: &Calendar, imported: &[Day]) -> Vec<YearSummary> {
    let mut years: BTreeMap<i32, YearSummary> = BTreeMap::new();
    let of = |year| YearSummary { year, off: 0, work: 0, changed: Vec::new() };
    for day in imported {
        let year = chrono::Datelike::year(&day.date);
        let summary = years.entry(year).or_insert_with(|| of(year));
        if day.working { summary.work += 1 } else { summary.off += 1 }
    }
    for summary in years.values_mut() {
        let (before, after) = (held.year(summary.year), merged.year(summary.year));
        let gone = before.iter().filter(|day| !after.iter().any(|other| other.date == day.date));
        let new = after.iter().filter(|day| !before.contains(day));
        let mut changed: Vec<String> = new
            .map(|day| format!("{} {} {}", day.date, if day.working { "班" } else { "休" }, day.name))
            .chain(gone.map(|day| format!("{} 照常", day.date)))
            .collect();
        changed.sort();
        changed.truncate(CHANGED_DAYS_MAX);
        summary.changed = changed;
    }
    years.into_values().collect()
}

/// Open tickets with a due that is another by the new calendar, and whether not all were looked at.
///
/// # Errors
/// The store.
pub fn moved(reader: &Reader, registry: &Registry, merged: &Calendar, now: Millis) -> Result<(usize, bool), Problem> {
    let terms = registry.now().on(now).settings();
    let (mut moved, mut seen, mut after) = (0, 0, None);
    loop {
        let page = reader.tickets(&TicketFilter::default(), after.as_ref(), 200)?;
        for row in page.rows.iter().filter(|row| row.next_due.is_some()) {
            moved += usize::from(moves(
                reader,
                registry,
                row.id,
                Rules { version: u32::MAX, since: now, calendar: merged, terms },
            )?);
            seen += 1;
        }
        match page.next {
            // What is due stands first: nothing behind it has a due that could move.
            None | Some(TicketCursor::Due(None, _)) => return Ok((moved, false)),
            next if seen < TICKETS_MAX => after = next,
            Some(_) => return Ok((moved, true)),
        }
    }
}

fn moves(reader: &Reader, registry: &Registry, id: ActId, new: Rules<'_>) -> Result<bool, Problem> {
    let at = registry.now();
    let history = kernel::read::history(reader, registry, id)?;
    let Some(ticket) = history.record().ticket() else { return Ok(false) };
    let began = history.nodes().first().and_then(|first| first.act.registry.first()).map_or(0, |v| v.version);
    let known = at.rules_since(began).into_iter();
    let mut rules: Vec<Rules<'_>> = known
        .map(|(at, calendar)| Rules { version: at.version(), since: at.time(), calendar, terms: at.settings() })
        .collect();
    let open = |rules: &[Rules<'_>]| -> Vec<Millis> {
        dues_under(ticket, rules, &|_| None)
            .into_iter()
            .filter(|item| item.met_at.is_none())
            .map(|item| item.due)
            .collect()
    };
    let before = open(&rules);
    rules.push(new);
    Ok(before != open(&rules))
}
