//! Editions of the rules. Correcting a rule is a new edition: what was decided under an old one stays decided under it, and
//! this program carries each that was ever released.
//!
//! All that differs between them stands here: a correction is one question, which the place of the rule asks. Which
//! edition holds, the registry says: an act is admitted by that of the registry which it names; it stands by that of the
//! hub's act that settled it, until then by the newest held; a due and a rate are counted by that of the settings which
//! they are counted by.

/// An edition of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edition(pub u16);

impl Edition {
    /// The one that a city is founded with.
    pub const FIRST: Self = Self(1);
    /// The newest that was released; this program carries it and all before it.
    pub const NEWEST: Self = Self(1);
    /// One that is made up, to see in tests what a correction does; no city is ever under it.
    #[cfg(feature = "made-up")]
    pub const MADE_UP: Self = Self(u16::MAX);

    /// Made up: whether an urge needs the role *review*. *Unlawful*, and *overruled* where the hub settles under it.
    pub(crate) const fn urge_needs_review(self) -> bool {
        self.made_up()
    }

    /// Made up: whether a ticket is filed in twice the term. *Counts so*.
    pub(crate) const fn files_in_twice_the_term(self) -> bool {
        self.made_up()
    }

    /// Made up: whether urgent help is no figure of its own. *Counts so*.
    pub(crate) const fn counts_no_urgent(self) -> bool {
        self.made_up()
    }

    const fn made_up(self) -> bool {
        cfg!(feature = "made-up") && self.0 == u16::MAX
    }
}

impl Default for Edition {
    fn default() -> Self {
        Self::FIRST
    }
}
