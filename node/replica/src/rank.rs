//! Authority, by which acts that were made at once are ordered and limited.

use regulation::Level;

/// Authority of an act at its causal past; the lower goes first inside a stratum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// City hotline.
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
