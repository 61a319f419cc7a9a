//! What this program does not know, by its number.

use std::fmt;

use regulation::Edition;

/// Something that this program does not know, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unknown {
    /// A version of the envelope.
    Version(u64),
    /// An algorithm.
    Algorithm(u64),
    /// A numbered field, of the envelope or of a body.
    Field(u64),
    /// A kind of act.
    Kind(u64),
    /// A code of one of a body's fields.
    Code(u64),
    /// An effect.
    Effect(u64),
    /// A register of a document.
    Register(u64),
    /// A part.
    Part(u64),
    /// A way of merging.
    Merge(u64),
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, number) = match self {
            Self::Version(n) => ("version", n),
            Self::Algorithm(n) => ("algorithm", n),
            Self::Field(n) => ("field", n),
            Self::Kind(n) => ("kind", n),
            Self::Code(n) => ("code", n),
            Self::Effect(n) => ("effect", n),
            Self::Register(n) => ("register", n),
            Self::Part(n) => ("part", n),
            Self::Merge(n) => ("merge", n),
        };
        write!(f, "{what} {number}")
    }
}

/// What came after the first edition of the rules, each with the edition that it belongs to: effects, registers, parts,
/// fields of the envelope, ways of merging. Kinds, and what is in bodies: [`regulation::Body::since`].
const LATER: &[(Unknown, Edition)] = &[];

/// The edition from which on an act may say that.
pub(crate) fn since(what: Unknown) -> Edition {
    #[cfg(feature = "older")]
    if let Some(edition) = older::since(what) {
        return edition;
    }
    LATER.iter().find(|(later, _)| *later == what).map_or(Edition::FIRST, |(_, edition)| *edition)
}

/// For tests of a program beside a newer one: on a thread that says so the program is an older one, which does not know
/// what `LEARNT` names.
#[cfg(feature = "older")]
pub mod older {
    use std::cell::Cell;

    use regulation::Edition;

    use super::Unknown;

    thread_local! {
        static OLDER: Cell<bool> = const { Cell::new(false) };
        static LEARNT_WITH: Cell<Option<Edition>> = const { Cell::new(None) };
    }

    /// What the older program does not know: a kind (联系), a code (上门), a field (when the work was done), an effect
    /// (that removes a tag) and a part (personal data).
    pub const LEARNT: [Unknown; 5] =
        [Unknown::Kind(9), Unknown::Code(10), Unknown::Field(5), Unknown::Effect(3), Unknown::Part(2)];

    /// Does something as the older program does it.
    pub fn run<T>(act: impl FnOnce() -> T) -> T {
        let before = OLDER.replace(true);
        let done = act();
        OLDER.set(before);
        done
    }

    /// From here on, on this thread, what the older program does not know belongs to that edition of the rules.
    pub fn learnt_with(edition: Edition) {
        LEARNT_WITH.set(Some(edition));
    }

    pub(crate) fn since(what: Unknown) -> Option<Edition> {
        LEARNT_WITH.get().filter(|_| LEARNT.contains(&what))
    }

    pub(crate) fn knows(what: Unknown) -> bool {
        !(OLDER.get() && LEARNT.contains(&what))
    }
}
