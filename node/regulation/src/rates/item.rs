//! What a ticket adds for a unit or leaves out, and when.

use super::{Excluded, Tally};
use crate::calendar::Calendar;
use crate::ids::{Millis, UnitId};
use crate::terms::Terms;

/// Something that a ticket adds for a unit, or that does not count for it, and when that was: in which period it counts
/// hangs on nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// When.
    pub at: Millis,
    /// The unit.
    pub unit: UnitId,
    /// As in [`Entry::apart`].
    pub apart: bool,
    /// What.
    pub what: What,
    /// Place of the unit's part in the ticket; none of what a unit wrote down itself.
    pub(super) part: Option<usize>,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It adds this.
    Adds(Tally),
    /// This does not count.
    Leaves(Excluded),
}

/// What was found so far, of which part.
pub(super) struct Scored<'s> {
    pub calendar: &'s Calendar,
    pub terms: &'s Terms,
    /// Whose figures stand apart.
    pub apart: Option<UnitId>,
    /// Place of the part in the ticket.
    pub part: Option<usize>,
    /// What was found.
    pub items: Vec<Item>,
}

impl Scored<'_> {
    pub fn adds(&mut self, unit: UnitId, at: Millis, tally: Tally) {
        if tally != Tally::default() {
            self.push(unit, at, What::Adds(tally));
        }
    }

    pub fn leaves(&mut self, at: Millis, excluded: Excluded) {
        self.push(excluded.unit, at, What::Leaves(excluded));
    }

    fn push(&mut self, unit: UnitId, at: Millis, what: What) {
        self.items.push(Item { at, unit, apart: self.apart == Some(unit), what, part: self.part });
    }
}
