//! Frames. Each is a map of numbered fields (CBOR), of which 0 is its type; the table stands in docs/protocol.md. A
//! field that is not known is passed over, at every level, and so is a frame of a type from [`PASSED_FROM`] on; one of a
//! lower type that is not known ends the conversation. What both ends understand is told in [`Hello`], which keeps its
//! first fields for ever.
//!
//! - Hello: versions and features spoken; digest over all cursors, see [`cursor_digest`]; `ask`: no Hello of yours has
//!   come, greet again; `of_itself`: what a node says of itself, never looked into here.
//! - CursorsPlease: your digest is not what I have noted.
//! - Cursors: what I have received of your feeds; scopes at 0 are left out.
//! - Batch: entries `from` to `to` of my feed, those left out included; none if `from` is one more; `before` is the running
//!   hash before them; `round`: of your newest Rewind that I have heard of, 0 for none; `pieces` Pieces belong to it, the
//!   newest of them has number `last_piece` (0 and 0 without any).
//! - Pieces: items of a Batch that follows, where they are too many for one frame; `number` counts all Pieces of the
//!   session from 1, so that none is taken twice or for another.
//! - Ack: durable here up to that mark; `gap`: something before what came is missing.
//! - Rewind: send again from that mark, with all items. Rounds count from 1 in a session; batches of earlier ones are not
//!   taken any more.
//! - Mismatch: our feeds were never the same up to your `before`.
//! - Want: items of that scope by their names. Each is answered by one Given.
//! - Given: those of them that stand in the feed of that scope, and fit; nothing tells of the others.

pub mod fields;
mod items;
mod wire;

use sha2::{Digest, Sha256};

use crate::{Mark, ScopeKey};

pub use fields::FIELDS_MAX;
pub use items::Carried;

/// The newest version spoken.
pub const VERSION: u16 = 1;
/// The oldest version spoken: the last two that were released interwork.
pub const VERSION_MIN: u16 = 1;
/// Features of this version that a peer may lack. A number is never given to another meaning.
pub const FEATURES: &[u16] = &[];
/// Features that a Hello may list.
pub const FEATURES_MAX: usize = 256;
/// Bytes of the name that a program gives its own version.
pub const PROGRAM_BYTES_MAX: usize = 32;
/// Bytes of what a node says of itself.
pub const OF_ITSELF_BYTES_MAX: usize = 256;
/// Frames of this type and of higher ones may be passed over by whoever does not know them.
pub const PASSED_FROM: u64 = 64;
/// Bytes of a frame.
pub const FRAME_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of the items of a frame, decompressed: what compresses well brings no more work than what does not.
pub const ITEMS_BYTES_MAX: usize = FRAME_BYTES_MAX;
/// Items of a frame.
pub const ITEMS_MAX: usize = 4_096;
/// Bytes of one item: it fits a frame even where nothing can be compressed.
pub const ITEM_BYTES_MAX: usize = FRAME_BYTES_MAX - 8 * 1024;
/// Names in a Want.
pub const WANT_IDS_MAX: usize = 64;
/// Scopes that Cursors may list.
pub const SCOPES_MAX: usize = 8_192;

/// Bytes that are no frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed frame: {0}")]
pub struct FrameError(pub String);

impl From<minicbor::decode::Error> for FrameError {
    fn from(error: minicbor::decode::Error) -> Self {
        Self(error.to_string())
    }
}

/// Opens a conversation, and again whenever what is shared has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hello {
    /// Oldest version spoken.
    pub min: u16,
    /// Newest version spoken.
    pub max: u16,
    /// Over what was received of the other's feeds.
    pub digest: [u8; 16],
    /// The other's Hello has not come.
    pub ask: bool,
    /// What is spoken beyond the versions; those that both ends name hold.
    pub features: Vec<u16>,
    /// What the program calls its own version: for people, nothing hangs on it.
    pub program: String,
    /// What the node says of itself, to be looked into by whoever keeps it; empty for nothing.
    pub of_itself: Vec<u8>,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// What sort of item, as in [`Carried::Item`].
    pub kind: u16,
    /// Its name.
    pub id: [u8; 32],
    /// It is asked for because of this part of it, which is missing.
    pub part: Option<u16>,
}

impl Name {
    /// An ordinary item, whatever of it is at hand.
    #[must_use]
    pub fn of(id: [u8; 32]) -> Self {
        Self { kind: 0, id, part: None }
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Opens a conversation, and again whenever what is shared has changed.
    Hello(Hello),
    /// Asks for Cursors.
    CursorsPlease,
    /// What was received of the other's feeds.
    Cursors(Vec<(ScopeKey, Mark)>),
    /// Entries of a feed.
    Batch {
        /// Which feed.
        scope: ScopeKey,
        /// First entry.
        from: u64,
        /// Running hash before it.
        before: [u8; 16],
        /// Last entry.
        to: Mark,
        /// The receiver shall begin anew with this feed.
        restart: bool,
        /// More follows at once.
        more: bool,
        /// The newest Rewind that it answers.
        round: u64,
        /// How many Pieces belong to it.
        pieces: u64,
        /// Number of the newest of them.
        last_piece: u64,
        /// The items.
        items: Vec<Carried>,
    },
    /// Items that belong to a Batch that follows.
    Pieces {
        /// Of which feed.
        scope: ScopeKey,
        /// Counts the Pieces of the session, from 1.
        number: u64,
        /// The items.
        items: Vec<Carried>,
    },
    /// Durable up to here.
    Ack {
        /// Which feed.
        scope: ScopeKey,
        /// Up to where.
        mark: Mark,
        /// Something before what came is missing.
        gap: bool,
    },
    /// Send again from here.
    Rewind {
        /// Which feed.
        scope: ScopeKey,
        /// From where.
        mark: Mark,
        /// Its number in this session, from 1.
        round: u64,
    },
    /// Not the same feed up to there.
    Mismatch {
        /// Which feed.
        scope: ScopeKey,
    },
    /// Asks for items by their names.
    Want {
        /// Of which scope.
        scope: ScopeKey,
        /// Their names.
        names: Vec<Name>,
    },
    /// Answers a Want.
    Given {
        /// Of which scope.
        scope: ScopeKey,
        /// The items.
        items: Vec<Carried>,
    },
    /// A type of a newer version, and nothing of what it holds.
    Unknown(u64),
}

/// Digest over cursors: scopes in order, those at 0 left out.
#[must_use]
pub fn cursor_digest(cursors: impl Iterator<Item = (ScopeKey, Mark)>) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(b"jiesu/cursors/1\0");
    for (scope, mark) in cursors.filter(|(_, mark)| mark.lseq > 0) {
        hash.update(scope.0.to_be_bytes());
        hash.update(mark.lseq.to_be_bytes());
        hash.update(mark.running);
    }
    let mut digest = [0; 16];
    digest.copy_from_slice(&hash.finalize()[..16]);
    digest
}
