//! What a locked table is corrected by: it never changes itself, the next table that is not locked carries the difference.

use std::collections::{BTreeMap, BTreeSet};

use super::Tally;
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
