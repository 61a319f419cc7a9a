//! `docs/reconciliation.md`, read back: what people are told must be what happens.

use std::collections::{BTreeMap, BTreeSet};

use regulation::ActKind;

use super::{Cell, Outcome};

const PAGE: &str = include_str!("../../../docs/reconciliation.md");
/// What the page says of two acts that both stand.
const BOTH_STAND: &str = "并存";

/// Cells of which the page says something else.
pub(super) fn compare(cells: &BTreeMap<(ActKind, ActKind), Cell>, whole: bool) -> Vec<String> {
    let said = read();
    let nothing = Said { unsettled: stands(), settled: [stands(), stands()] };
    let mut differing = Vec::new();
    for ((a, b), cell) in cells {
        // Pairs that both stand in whatever order are not listed.
        let said = said.get(&(a.chinese(), b.chinese())).unwrap_or(&nothing);
        let columns = [
            ("unsettled", &cell.unsettled, &said.unsettled, false),
            ("with the first settled", &cell.settled[0], &said.settled[0], whole && !cell.partial),
            ("with the second settled", &cell.settled[1], &said.settled[1], whole && !cell.partial),
        ];
        for (column, came, said, whole) in columns {
            let came: BTreeSet<String> = came.iter().map(name).collect();
            if !came.is_subset(said) || (whole && !came.is_empty() && came != *said) {
                differing.push(format!("{a:?} and {b:?} {column}: {came:?}, the page says {said:?}"));
            }
        }
    }
    differing
}

/// What the page says in one row.
struct Said {
    unsettled: BTreeSet<String>,
    settled: [BTreeSet<String>; 2],
}

fn stands() -> BTreeSet<String> {
    BTreeSet::from([BOTH_STAND.to_owned()])
}

fn name(outcome: &Outcome) -> String {
    outcome.unwrap_or(BOTH_STAND).to_owned()
}

/// The rows, by the Chinese names of both kinds.
fn read() -> BTreeMap<(&'static str, &'static str), Said> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| 甲"));
    rows.filter_map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [a, b, unsettled, first, second] = cells.as_slice() else { return None };
        Some(((*a, *b), Said { unsettled: outcomes(unsettled), settled: [outcomes(first), outcomes(second)] }))
    })
    .collect()
}

/// The outcomes of a cell: `并存`, and rules between backticks.
fn outcomes(cell: &str) -> BTreeSet<String> {
    cell.split('；').map(|one| one.split('`').nth(1).unwrap_or(one).to_owned()).collect()
}
