//! What a newer program wrote: this one keeps it byte for byte and judges it once it knows more. It never reads half of it.

use std::fmt;

use crate::act::{ALGORITHM, VERSION, number};
use crate::codec::Writer;

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
