//! What is wrong with bytes. What somebody can bring about by what he enters is typed, with its numbers, so that it can be said
//! to him; anything else is a fault of a program, or made up, and is said to whoever looks for it.

use std::fmt;

use crate::limits::TAG_CHARS_MAX;
use crate::unknown::Unknown;

/// Bytes that are not a canonical encoding within the limits, as far as this program knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{wrong}")]
pub struct Malformed {
    /// What is wrong.
    pub wrong: Wrong,
    /// Nothing may be wrong: a newer program may have written what is not known here.
    pub newer: Option<Unknown>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// There is more of something than there may be.
    #[error("{found} {of}, at most {most} allowed")]
    TooMuch {
        /// Of what.
        of: Measure,
        /// How much there is.
        found: u64,
        /// How much there may be.
        most: u64,
    },
    /// A character that no text may have: a control or bidirectional one.
    #[error("character U+{:04X} is not allowed in a text", u32::from(*.0))]
    Character(char),
    /// A code is none: printable ASCII without blanks, or what its register demands.
    #[error("no code of printable ASCII without blanks, or none of its register")]
    Code,
    /// A tag is none.
    #[error("no tag: {0}")]
    Tag(NoTag),
    /// Its form is not the one that there is.
    #[error("malformed {what}: {why}")]
    Form {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

/// Why words are no tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTag {
    /// They are not one word of a tag's length.
    #[error("one word of at most {TAG_CHARS_MAX} characters expected")]
    Word,
    /// They could be the number of a person or a telephone.
    #[error("no number of a person or telephone may stand here")]
    Number,
}

/// Of what there is a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Bytes of an act.
    ActBytes,
    /// Bytes of an act with its parts.
    SealedBytes,
    /// Bytes of an entry of a registry log.
    EntryBytes,
    /// Bytes of a file that an act names.
    FileBytes,
    /// Bytes of a signature and the like.
    Bytes,
    /// Bytes of a text.
    TextBytes,
    /// Code points of a part.
    PartChars,
    /// Code points that the effects of an act write.
    WrittenChars,
    /// Items of a list.
    Items,
    /// Numbered fields of a map.
    Fields,
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ActBytes => "bytes of an act",
            Self::SealedBytes => "bytes of an act with its parts",
            Self::EntryBytes => "bytes of a registry entry",
            Self::FileBytes => "bytes of a file",
            Self::Bytes => "bytes",
            Self::TextBytes => "bytes of a text",
            Self::PartChars => "characters of a part",
            Self::WrittenChars => "characters written",
            Self::Items => "items of a list",
            Self::Fields => "fields of a map",
        })
    }
}

impl Malformed {
    /// The form of `what` is wrong because of `why`.
    pub fn new(what: &'static str, why: impl Into<String>) -> Self {
        Wrong::Form { what, why: why.into() }.into()
    }

    /// There is more of something than there may be.
    #[must_use]
    pub fn over(of: Measure, found: usize, most: usize) -> Self {
        Wrong::TooMuch { of, found: found as u64, most: most as u64 }.into()
    }

    /// `unknown` is of a newer program.
    #[must_use]
    pub fn newer(unknown: Unknown) -> Self {
        Self { newer: Some(unknown), ..Self::new("encoding", format!("{unknown} is not known here")) }
    }
}

impl From<Wrong> for Malformed {
    fn from(wrong: Wrong) -> Self {
        Self { wrong, newer: None }
    }
}

impl From<minicbor::decode::Error> for Malformed {
    fn from(error: minicbor::decode::Error) -> Self {
        Self::new("encoding", error.to_string())
    }
}
