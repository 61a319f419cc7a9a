//! What this program does not know, by its number.

use std::fmt;

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

/// For tests of a program beside a newer one: on a thread that says so the program is an older one, which does not know
/// what `LEARNT` names.
#[cfg(feature = "older")]
pub mod older {
    use std::cell::Cell;

    use super::Unknown;

    thread_local! {
        static OLDER: Cell<bool> = const { Cell::new(false) };
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

    pub(crate) fn knows(what: Unknown) -> bool {
        !(OLDER.get() && LEARNT.contains(&what))
    }
}
