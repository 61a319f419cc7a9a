//! What a newer program wrote: this one keeps it byte for byte and judges it once it knows more. It never reads half of it.

use crate::codec::{Malformed, Reader, Writer};
use crate::envelope::{ALGORITHM, VERSION, number};
use crate::fields::{self, Unread};
use crate::limits::{PARTS_MAX, SEGMENTS_MAX};
use crate::part::{Part, PartHead, PartKind};

pub use crate::unknown::Unknown;
#[cfg(feature = "older")]
pub use crate::unknown::older;

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
    let head = |input: &mut Reader<'_>| {
        input.tuple(3)?;
        let kind = PartKind::from_number(input.uint8()?);
        let segments = (0..input.array(SEGMENTS_MAX)?).map(|_| input.uint32()).collect::<Result<_, _>>()?;
        Ok(PartHead { kind, segments, commitment: input.fixed()? })
    };
    let heads = |input: &mut Reader<'_>| (0..input.array(PARTS_MAX)?).map(|_| head(input)).collect();
    let heads = fields::read(&mut Reader::new(rest), Unread::PassedOver, |fields| fields.maybe(number::PARTS, heads))?;
    Ok(heads.unwrap_or_default())
}
