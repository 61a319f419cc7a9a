//! What was raised most in the time of a daily table (31): categories, and places with a matter that several people raise.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use regulation::Millis;
use replica::Field;
use replica::registry::At;
use store::{Queries, RAISED_ROWS_MAX, RaisedRow};

use super::{HotRow, TopRow};
use crate::problem::Problem;
use crate::view::value_name;

/// Categories that are ranked.
const TOP_MAX: usize = 5;
/// Matters of the list of what is hot, at most.
const HOT_MAX: usize = 20;
/// As many tickets of one matter and place are hot.
const HOT_TICKETS_MIN: usize = 2;

/// What was raised then.
#[derive(Debug, Default)]
pub(super) struct Matters {
    pub top: Vec<TopRow>,
    pub hot: Vec<HotRow>,
    /// There was more than is counted.
    pub at_least: bool,
}

impl Matters {
    pub fn of(store: &Queries, at: &At<'_>, time: &Range<Millis>) -> Result<Self, Problem> {
        let rows = store.raised_in(time)?;
        Ok(Self { top: top(&rows, at), hot: hot(&rows, at), at_least: rows.len() >= RAISED_ROWS_MAX })
    }
}

/// The categories with the most tickets, then what has none, each with its share of all in hundredths of a percent.
fn top(rows: &[RaisedRow], at: &At<'_>) -> Vec<TopRow> {
    let mut by: BTreeMap<&str, usize> = BTreeMap::new();
    rows.iter().filter(|row| !row.category.is_empty()).for_each(|row| *by.entry(&row.category).or_default() += 1);
    let mut by: Vec<_> = by.into_iter().collect();
    by.sort_by_key(|(category, tickets)| (Reverse(*tickets), *category));
    let rank = |tickets: usize| 1 + by.iter().filter(|(_, other)| *other > tickets).count();
    let row = |(category, tickets): &(&str, usize)| TopRow {
        rank: rank(*tickets),
        category: (*category).to_owned(),
        name: value_name(at, Field::Category, category),
        tickets: *tickets,
        share: (20_000 * tickets + rows.len()).checked_div(2 * rows.len()).unwrap_or_default(),
    };
    let ranked = by.iter().take(TOP_MAX).map(row);
    // What nobody has sorted yet is no category, and is said: the shares are of all.
    let unsorted = rows.iter().filter(|row| row.category.is_empty()).count();
    let unsorted = (unsorted > 0).then(|| TopRow { rank: 0, name: "未分类".to_owned(), ..row(&("", unsorted)) });
    ranked.chain(unsorted).collect()
}

/// One matter at one place that was raised several times. Who raised it before is one requester.
fn hot(rows: &[RaisedRow], at: &At<'_>) -> Vec<HotRow> {
    let mut by: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.category.is_empty() && !row.place.is_empty()) {
        let (tickets, again) = by.entry((&row.category, &row.place)).or_default();
        *tickets += 1;
        *again += usize::from(row.flags.split_whitespace().any(|flag| flag == "again"));
    }
    let of = |((category, place), (tickets, again)): ((&str, &str), (usize, usize))| HotRow {
        category: category.to_owned(),
        name: value_name(at, Field::Category, category),
        place: value_name(at, Field::Place, place),
        tickets,
        requesters: (tickets - again).max(1),
    };
    let mut hot: Vec<HotRow> = by.into_iter().map(of).filter(|row| row.tickets >= HOT_TICKETS_MIN).collect();
    hot.sort_by_key(|row| (Reverse(row.requesters), Reverse(row.tickets), row.category.clone(), row.place.clone()));
    hot.truncate(HOT_MAX);
    hot
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_raised_most_comes_first_and_one_who_asks_again_is_one() {
        let registry = replica::Registry::default();
        let row = |category: &str, place: &str, flags: &str| RaisedRow {
            category: category.to_owned(),
            place: place.to_owned(),
            flags: flags.to_owned(),
        };
        let mut rows = vec![row("", "东街", ""), row("02", "", ""), row("02", "东街", "supervised")];
        rows.extend((0..3).map(|n| row("01", "东街", if n > 0 { "again supervised" } else { "" })));
        rows.extend((0..2).map(|_| row("03", "西街", "")));
        rows.extend(["04", "05", "06"].map(|category| row(category, "南街", "")));
        let at = registry.now();
        let top: Vec<_> =
            top(&rows, &at).into_iter().map(|row| (row.rank, row.category, row.tickets, row.share)).collect();
        let ranked = [(1, "01", 3, 2_727), (2, "02", 2, 1_818), (2, "03", 2, 1_818), (4, "04", 1, 909)];
        let expected: Vec<_> = ranked.into_iter().chain([(4, "05", 1, 909), (0, "", 1, 909)]).collect();
        let expected = expected.into_iter().map(|(rank, of, tickets, share)| (rank, of.to_owned(), tickets, share));
        assert_eq!(top, expected.collect::<Vec<_>>());
        let hot: Vec<_> = hot(&rows, &at).into_iter().map(|row| (row.category, row.tickets, row.requesters)).collect();
        assert_eq!(hot, [("03".to_owned(), 2, 2), ("01".to_owned(), 3, 1)]);
        assert!(super::top(&[], &at).is_empty() && super::hot(&[], &at).is_empty());
    }
}
