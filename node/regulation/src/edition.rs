//! Editions of the rules. Correcting a rule is a new edition: what was decided under an old one stays decided under it.

/// An edition of the rules: which one holds from which version on, the registry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edition(pub u16);

impl Edition {
    /// The one that a city is founded with.
    pub const FIRST: Self = Self(1);
    /// The newest that was released; this program carries it and all before it.
    pub const NEWEST: Self = Self(1);
}

impl Default for Edition {
    fn default() -> Self {
        Self::FIRST
    }
}
