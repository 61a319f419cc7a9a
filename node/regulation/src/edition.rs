//! Editions of the rules. Correcting a rule is a new edition: what was decided under an old one stays decided under it, and
//! this program carries each that was ever released.
//!
//! All that differs between them stands here: a correction is one question, which the place of the rule asks. Which
//! edition holds, the registry says: an act is admitted by that of the registry which it names; it stands by that of the
//! hub's act that settled it, until then by the newest held; a due and a rate are counted by that of the settings which
//! they are counted by.
//!
//! What only programs of an edition and later ones understand, a kind of act or a field or code of one, belongs to it and
//! may be made from then on: [`Body::since`]. An edition is put in force when every hub has a program that carries it, so
//! that no hub is given what it cannot judge.

use crate::act::Body;
use crate::kind::ActKind;

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

impl ActKind {
    /// The edition from which on acts of that kind may be made; one that came after the first edition has its line here.
    /// *Unlawful* before: the registry that an act names says which edition holds.
    #[must_use]
    pub const fn since(self) -> Edition {
        Edition::FIRST
    }
}

impl Body {
    /// The edition from which on this may be said: that of the kind, or of a field or a code in it that came later.
    #[must_use]
    pub const fn since(&self) -> Edition {
        self.kind().since()
    }
}
