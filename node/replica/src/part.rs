//! Parts: free text and personal data, which travel beside the signed act and can be withheld or erased.

use sha2::{Digest, Sha256};

use crate::characters::forbidden;
use crate::codec::{Malformed, Reader, Writer, known};
use crate::limits::{PART_CHARS_MAX, SEGMENTS_MAX, WITHHELD_CHARS_MAX};
use crate::malformed::{Measure, Wrong};
use crate::unknown::Unknown;

/// Stands for a character that is withheld or erased.
pub const COVER: char = '█';

/// Which part of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartKind {
    /// Free text: title, content, reply, note, blocks of an article.
    Text,
    /// Personal data: name, telephone, address.
    Private,
    /// One of a newer program. Nobody knows here what it holds: it is withheld as personal data is.
    Other(u8),
}

impl PartKind {
    /// Number on the wire and in the database.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Text => 1,
            Self::Private => 2,
            Self::Other(number) => number,
        }
    }

    /// Whether everybody may have it who has the act.
    #[must_use]
    pub const fn open(self) -> bool {
        matches!(self, Self::Text)
    }

    /// The part that a `redact` names.
    #[must_use]
    pub const fn of(content: regulation::act::Content) -> Self {
        match content {
            regulation::act::Content::Text => Self::Text,
            regulation::act::Content::Private => Self::Private,
        }
    }

    /// The kind of that number.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Text,
            2 => Self::Private,
            other => Self::Other(other),
        }
    }
}

/// What the signed act says of a part: lengths and a salted commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartHead {
    /// Which part.
    pub kind: PartKind,
    /// Code points of each segment.
    pub segments: Vec<u32>,
    /// SHA-256 over domain tag, kind, salt and bytes.
    pub commitment: [u8; 32],
}

/// A part itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// Which part.
    pub kind: PartKind,
    /// Makes the commitment tell nothing about a short text.
    pub salt: [u8; 16],
    /// All segments, one behind the other.
    pub text: String,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Logs never hold personal data or free text.
        write!(f, "Part({:?}, {} bytes)", self.kind, self.text.len())
    }
}

impl Part {
    /// The part of these segments, and its head.
    #[must_use]
    pub fn new(kind: PartKind, salt: [u8; 16], segments: &[&str]) -> (Self, PartHead) {
        let part = Self { kind, salt, text: segments.concat() };
        let lengths = segments.iter().map(|s| u32::try_from(s.chars().count()).unwrap_or(u32::MAX)).collect();
        let head = PartHead { kind, segments: lengths, commitment: part.commitment() };
        (part, head)
    }

    /// The salted commitment.
    #[must_use]
    pub fn commitment(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"jiesu/part/1\0");
        hash.update([self.kind.number()]);
        hash.update(self.salt);
        hash.update(self.text.as_bytes());
        hash.finalize().into()
    }

    pub(crate) fn encode(&self, out: &mut Writer) {
        out.array(3).uint(self.kind.number().into()).bytes(&self.salt).text(&self.text);
    }

    pub(crate) fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        input.tuple(3)?;
        Ok(Self {
            kind: PartKind::from_number(input.uint8()?),
            salt: input.fixed()?,
            text: input.text(PART_CHARS_MAX * 4)?,
        })
    }
}

impl PartHead {
    /// Code points of the whole part.
    #[must_use]
    pub fn chars(&self) -> usize {
        self.segments.iter().map(|n| *n as usize).sum()
    }

    /// Whether `part` is the one that this head promises.
    #[must_use]
    pub fn fits(&self, part: &Part) -> bool {
        part.kind == self.kind
            && part.text.chars().count() == self.chars()
            && !part.text.chars().any(forbidden)
            && part.commitment() == self.commitment
    }

    /// A segment of the part; where that is withheld or erased as many `█`, up to
    /// [`crate::limits::WITHHELD_CHARS_MAX`]. `None` if there is no such segment.
    #[must_use]
    pub fn segment(&self, index: usize, part: Option<&Part>) -> Option<String> {
        let len = *self.segments.get(index)? as usize;
        let start: usize = self.segments[..index].iter().map(|n| *n as usize).sum();
        Some(match part {
            Some(part) => part.text.chars().skip(start).take(len).collect(),
            None => covered(len),
        })
    }

    /// Every segment of the part, in one pass over it.
    #[must_use]
    pub fn texts(&self, part: Option<&Part>) -> Vec<String> {
        let mut chars = part.map(|part| part.text.chars());
        let of = |len: &u32| match &mut chars {
            Some(chars) => chars.take(*len as usize).collect(),
            None => covered(*len as usize),
        };
        self.segments.iter().map(of).collect()
    }

    pub(crate) fn encode(&self, out: &mut Writer) {
        out.array(3).uint(self.kind.number().into()).array(self.segments.len());
        for len in &self.segments {
            out.uint((*len).into());
        }
        out.bytes(&self.commitment);
    }

    pub(crate) fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        input.tuple(3)?;
        let kind = match PartKind::from_number(input.uint8()?) {
            PartKind::Other(number) => return Err(Malformed::newer(Unknown::Part(number.into()))),
            kind => kind,
        };
        known(Unknown::Part(kind.number().into()))?;
        let segments = (0..input.array(SEGMENTS_MAX)?).map(|_| input.uint32()).collect::<Result<Vec<_>, _>>()?;
        let head = Self { kind, segments, commitment: input.fixed()? };
        let chars: u64 = head.segments.iter().map(|n| u64::from(*n)).sum();
        if chars > PART_CHARS_MAX as u64 {
            return Err(Wrong::TooMuch { of: Measure::PartChars, found: chars, most: PART_CHARS_MAX as u64 }.into());
        }
        Ok(head)
    }
}

/// What stands for characters that are withheld: as many [`COVER`], up to [`WITHHELD_CHARS_MAX`].
fn covered(chars: usize) -> String {
    COVER.to_string().repeat(chars.min(WITHHELD_CHARS_MAX))
}
