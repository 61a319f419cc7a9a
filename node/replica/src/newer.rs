//! What a newer program wrote: this one keeps it byte for byte and judges it once it knows more. It never reads half of it.

use std::fmt;

use crate::act::{ALGORITHM, VERSION, number};
use crate::codec::{Malformed, Reader, Writer};
use crate::limits::{FIELDS_MAX, PARTS_MAX, SEGMENTS_MAX};
use crate::part::{Part, PartHead, PartKind};

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

/// An act of which something is newer than this program: everything behind the spine, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newer {
    /// The first thing that is not known.
    pub what: Unknown,
    /// Version of its envelope.
    pub version: u64,
    /// Its algorithm.
    pub algorithm: u64,
    /// Everything behind the spine.
    pub rest: Vec<u8>,
}

impl Newer {
    /// Whether that part is one that the act promises: the heads of parts keep their form in every version of this
    /// envelope. `None` where that cannot be told, as the version or the algorithm is not known.
    #[must_use]
    pub fn promises(&self, part: &Part) -> Option<bool> {
        if (self.version, self.algorithm) != (VERSION, ALGORITHM) {
            return None;
        }
        let heads = heads(&self.rest).ok()?;
        Some(heads.iter().any(|head| head.fits(part)))
    }

    /// One of a kind that is not known, with a body of one field: for tests.
    #[must_use]
    pub fn of_kind(kind: u16, body: &[u8]) -> Self {
        let mut out = Writer::default();
        out.map(2).uint(number::KIND.into()).uint(kind.into());
        out.uint(number::BODY.into()).map(1).uint(1).bytes(body);
        let what = Unknown::Kind(kind.into());
        Self { what, version: VERSION, algorithm: ALGORITHM, rest: out.finish() }
    }
}

/// The heads of the parts, of whatever kind, in a map of fields of which not all are known.
fn heads(rest: &[u8]) -> Result<Vec<PartHead>, Malformed> {
    let mut input = Reader::new(rest);
    for _ in 0..input.map(FIELDS_MAX)? {
        if input.uint()? != u64::from(number::PARTS) {
            input.skip()?;
            continue;
        }
        return (0..input.array(PARTS_MAX)?)
            .map(|_| {
                input.tuple(3)?;
                let kind = PartKind::from_number(input.uint8()?);
                let segments = (0..input.array(SEGMENTS_MAX)?).map(|_| input.uint32()).collect::<Result<_, _>>()?;
                Ok(PartHead { kind, segments, commitment: input.fixed()? })
            })
            .collect();
    }
    Ok(Vec::new())
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

    pub(super) fn knows(what: Unknown) -> bool {
        !(OLDER.get() && LEARNT.contains(&what))
    }
}

/// What is known is read; only tests make a program that knows less.
pub(crate) fn known(what: Unknown) -> Result<(), Malformed> {
    #[cfg(feature = "older")]
    if !older::knows(what) {
        return Err(Malformed::newer(what));
    }
    let _ = what;
    Ok(())
}
