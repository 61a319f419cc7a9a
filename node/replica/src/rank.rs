//! What orders acts that were made at once: authority, by which they are limited too, then the precedence of kinds, then the
//! hash.

use regulation::precedence::precedence;
use regulation::{ActId, Body, Level};

/// What the fold orders by; the lower goes first.
pub type Key = (Rank, u16, [u8; 32]);

/// That of an act of such authority.
#[must_use]
pub fn key(rank: Rank, body: &Body, id: ActId) -> Key {
    (rank, precedence(body), id.0)
}

/// Authority of an act at its causal past; the lower goes first inside a stratum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// City hotline.
    #[default]
    City,
    /// County hotline.
    County,
    /// The unit that was lead there.
    Lead,
    /// Any other.
    Other,
}

impl Rank {
    pub(crate) fn of(level: Level, lead: bool) -> Self {
        match level {
            Level::CityHotline => Self::City,
            Level::CountyHotline => Self::County,
            Level::Unit if lead => Self::Lead,
            Level::Unit => Self::Other,
        }
    }
}
