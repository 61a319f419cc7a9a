//! What is kept of a ticket's items, so that a report adds up what is there and looks at no ticket: by day and unit, whole
//! numbers.

use std::collections::BTreeMap;

use super::{Exclusion, Item, Tally, What};
use crate::calendar;
use crate::ids::UnitId;

/// What a unit comes to in some time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// What it did.
    pub tally: Tally,
    /// How much of it does not count, by reason.
    pub excluded: BTreeMap<Exclusion, i64>,
}

impl Sum {
    /// All that is not 0, by its number, in the order of numbers.
    #[must_use]
    pub fn numbers(&self) -> Vec<(u8, i64)> {
        let excluded = self.excluded.iter().map(|(reason, much)| (reason.number(), *much));
        let mut numbers: Vec<_> =
            self.tally.numbers().into_iter().chain(excluded.filter(|(_, much)| *much != 0)).collect();
        numbers.sort_unstable();
        numbers
    }

    /// What has those numbers. `None` if one of them is of nothing.
    pub fn from_numbers(numbers: impl IntoIterator<Item = (u8, i64)>) -> Option<Self> {
        let mut sum = Self::default();
        for (number, much) in numbers {
            match Exclusion::from_number(number) {
                Some(reason) => *sum.excluded.entry(reason).or_default() += much,
                None => *sum.tally.of_number(number)? += much,
            }
        }
        Some(sum)
    }

    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.tally.add(&other.tally);
        for (reason, much) in &other.excluded {
            *self.excluded.entry(*reason).or_default() += much;
        }
    }
}

/// Where an item is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The day, as [`calendar::local_day`] counts.
    pub day: i64,
    /// From noon on: a daily table may go from noon to noon (31).
    pub afternoon: bool,
    /// The unit.
    pub unit: UnitId,
    /// In the list of what units wrote down themselves. What does not count is in the other one, whoever wrote it down.
    pub apart: bool,
}

/// What items come to by half of a day and unit. Every time is in one, so what holds of these holds of whatever is made of them.
#[must_use]
pub fn days(items: &[Item]) -> BTreeMap<Place, Sum> {
    let mut days: BTreeMap<Place, Sum> = BTreeMap::new();
    for Item { at, unit, apart, what, .. } in items {
        let (day, afternoon) = (calendar::local_day(*at), calendar::afternoon(*at));
        let place = |apart| Place { day, afternoon, unit: *unit, apart };
        match what {
            What::Adds(tally) => days.entry(place(*apart)).or_default().tally.add(tally),
            What::Leaves(excluded) => {
                *days.entry(place(false)).or_default().excluded.entry(excluded.reason).or_default() += 1;
            }
        }
    }
    days
}
