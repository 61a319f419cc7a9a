//! A proposal of what needs two people (see [`crate::pairs`]), as a record keeps it.

use crate::fact::Fact;
use crate::ids::ActId;

/// A proposal, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The act that proposes.
    pub fact: Fact,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing yet: it waits.
    Waits,
    /// That act confirmed it.
    Confirmed(ActId),
    /// That act ended it: declined, taken back, or overtaken.
    Ended(ActId),
}

impl Proposal {
    /// What became of it stays.
    pub(crate) fn end(&mut self, outcome: Outcome) {
        if self.outcome == Outcome::Waits {
            self.outcome = outcome;
        }
    }
}
