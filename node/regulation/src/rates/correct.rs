//! What a locked table is corrected by: it never changes itself, the next table that is not locked carries the difference.

use std::collections::{BTreeMap, BTreeSet};

use super::{PARTS, Tally};
use crate::ids::{ActId, UnitId};

/// What a figure is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The unit that it counts for.
    pub unit: UnitId,
    /// The ticket.
    pub ticket: ActId,
    /// In the list of what units wrote down themselves.
    pub apart: bool,
}

/// Figures of a period, by unit and ticket. No tally in it is empty.
pub type Book = BTreeMap<Key, Tally>;

/// Whether a correction gives or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// 补记: it only adds.
    Added,
    /// 冲正: it takes something back.
    Reversed,
}

impl Sign {
    /// Code name and Chinese name.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Added => ("added", "补记"),
            Self::Reversed => ("reversed", "冲正"),
        }
    }
}

/// What one ticket of a locked period is corrected by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Whose.
    pub key: Key,
    /// To be added to what was counted for it.
    pub difference: Tally,
}

impl Correction {
    /// Whether it gives or takes.
    #[must_use]
    pub fn sign(&self) -> Sign {
        if self.difference.figures().iter().any(|(_, number)| number.is_negative()) {
            Sign::Reversed
        } else {
            Sign::Added
        }
    }
}

/// What must be added to what was counted for a period, in its locked table and by later corrections, to come to what its
/// tickets come to now. In the order of unit and ticket; tickets whose figures are the same are absent.
#[must_use]
pub fn corrections(counted: &Book, now: &Book) -> Vec<Correction> {
    let none = Tally::default();
    let keys: BTreeSet<&Key> = counted.keys().chain(now.keys()).collect();
    keys.into_iter()
        .map(|key| {
            let (before, after) = (counted.get(key).unwrap_or(&none), now.get(key).unwrap_or(&none));
            Correction { key: *key, difference: after.minus(before) }
        })
        .filter(|correction| correction.difference != none)
        .collect()
}

/// Which of the corrections of a unit its table carries, in their order: all, or else each that leaves every number of it within
/// what it is of. A bad rating that is taken back leaves one satisfied of none where nobody was dissatisfied; what does not fit waits,
/// whole, for a table that can carry it. A difference is never split: its numerator and its base go together.
#[must_use]
pub fn carried(own: &Tally, differences: &[&Tally]) -> Vec<bool> {
    let mut sum = own.clone();
    differences.iter().for_each(|difference| sum.add(difference));
    if sum.sound() {
        return vec![true; differences.len()];
    }
    let (mut sum, mut fits) = (own.clone(), vec![false; differences.len()]);
    // What comes later may make room for what did not fit before.
    loop {
        let before = fits.clone();
        for (difference, fits) in differences.iter().zip(&mut fits).filter(|(_, fits)| !**fits) {
            let mut with = sum.clone();
            with.add(difference);
            if with.sound() {
                (sum, *fits) = (with, true);
            }
        }
        if fits == before {
            return fits;
        }
    }
}

impl Tally {
    /// Whether every number lies within what it is of, so that no rate leaves 0 to 100 percent.
    #[must_use]
    pub fn sound(&self) -> bool {
        let within = |numbers: &[i64], of: i64| numbers.iter().all(|n| *n >= 0) && numbers.iter().sum::<i64>() <= of;
        let parts = |numbers: &[(i64, i64)], of: i64| {
            let numbers: Vec<i64> = numbers.iter().map(|(whole, parts)| whole * PARTS + parts).collect();
            within(&numbers, of * PARTS)
        };
        within(&[self.signed_in_time, self.sign_for_open, self.left_unsigned], self.sign_for_due)
            && within(&[self.finished_in_time, self.finish_open, self.left_open], self.finish_due)
            && within(&[self.closed_in_time, self.closed_open], self.closed)
            && within(&[self.responded, self.responded_open], self.closed)
            && within(&[self.reviewed_in_time], self.reviews_due)
            && within(&[self.returns_agreed], self.returns_asked)
            && within(&[self.fed_back_in_time, self.fed_back_open], self.fed_back)
            && within(&[self.fed_back], self.assisted)
            && [self.again, self.rated, self.first_rated].iter().all(|n| within(&[*n], self.closed))
            && within(&[self.judged], self.rated)
            && parts(&[(self.contacted, self.contacted_parts)], self.rated)
            && parts(&[(self.solved, self.solved_parts), (self.mostly_solved, self.mostly_solved_parts)], self.judged)
            && parts(
                &[(self.satisfied, self.satisfied_parts), (self.mostly_satisfied, self.mostly_satisfied_parts)],
                self.rated,
            )
            && parts(&[(self.first_solved, self.first_solved_parts)], self.first_rated)
    }
}
