//! What goes into a session and what comes out of it.

use super::{Apart, Spoken};
use crate::frame::{Carried, FrameError, Name};
use crate::{Credit, EntryKind, Mark, ScopeKey};

/// A scope that both ends hold.
#[derive(Clone, Copy, Debug)]
pub struct SharedScope {
    /// Which.
    pub key: ScopeKey,
    /// The lower goes first.
    pub priority: u8,
    /// Newest entry of this node's feed.
    pub head: Mark,
    /// Received of the peer's feed, durably, in the peer's numbers.
    pub received: Mark,
    /// Of this node's feed, what the peer has acknowledged.
    pub acked: Mark,
    /// As last told by [`Output::Acked`]; 0 at first.
    pub full_upto: u64,
    /// As [`Session::credits`] told last.
    pub credit: Credit,
}

/// What the link is like, and what this end speaks.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Frames come whole and in order or the connection ends, as over a QUIC stream. Without that, what is not
    /// acknowledged is sent again after a while.
    pub reliable: bool,
    /// Versions and features.
    pub spoken: Spoken,
    /// What this node says of itself.
    pub of_itself: Vec<u8>,
}

/// An item: opaque bytes and the hash that names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What sort of item of its scope it is: 0 the ordinary one.
    pub kind: u16,
    /// Its name.
    pub id: [u8; 32],
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How much travels beside what the name stands for: an item of which more is at hand now is sent again.
    pub extent: u8,
}

/// An entry of this node's feed.
#[derive(Clone, Debug)]
pub struct FeedEntry {
    /// Its number.
    pub lseq: u64,
    /// Running hash up to and with it.
    pub running: [u8; 16],
    /// What it is.
    pub kind: EntryKind,
    /// The item or document.
    pub id: [u8; 32],
    /// It came from this very peer.
    pub came_from_peer: bool,
    /// What it stands for.
    pub items: Vec<Item>,
}

/// Entries of this node's feed, without a gap.
#[derive(Clone, Debug)]
pub struct Slice {
    /// Which feed.
    pub scope: ScopeKey,
    /// The entries; empty if there are none after the place asked for.
    pub entries: Vec<FeedEntry>,
}

/// A batch to store. Its cursor belongs into the same transaction.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Which feed of the peer.
    pub scope: ScopeKey,
    /// The cursor once it is stored.
    pub to: Mark,
    /// The items.
    pub items: Vec<Carried>,
}

/// What happens to a session.
#[derive(Debug)]
pub enum Input {
    /// The link is up.
    Start,
    /// A frame came.
    Frame(Vec<u8>),
    /// Answer to [`Output::Read`].
    Slice(Slice),
    /// Answer to [`Output::ReadMark`].
    MarkAt {
        /// Which feed.
        scope: ScopeKey,
        /// Which entry.
        lseq: u64,
        /// The mark there, if the feed is that long.
        mark: Option<Mark>,
    },
    /// This node's feed has grown.
    Grown {
        /// Which feed.
        scope: ScopeKey,
        /// Its newest entry.
        head: Mark,
    },
    /// A delivery is stored and its cursor with it.
    Stored {
        /// Which feed.
        scope: ScopeKey,
        /// The cursor.
        mark: Mark,
    },
    /// A delivery was not stored, and its peer is not told that it was: it stays where it is.
    Declined,
    /// A delivery names an item that is not here: it must be sent again in full.
    Unresolved {
        /// Which feed.
        scope: ScopeKey,
    },
    /// Items that were too much when they came are asked for.
    Want {
        /// Of which scope.
        scope: ScopeKey,
        /// Their names, at most [`crate::frame::WANT_IDS_MAX`].
        names: Vec<Name>,
    },
    /// Answer to [`Output::Wanted`].
    Give {
        /// Of which scope.
        scope: ScopeKey,
        /// Those that the peer may have, of [`PIECE_BYTES_MAX`] bytes at most.
        items: Vec<Item>,
    },
    /// What both ends hold has changed.
    Scopes(Vec<SharedScope>),
    /// Time passed.
    Tick,
}

/// What a session wants done, in order.
#[derive(Debug)]
pub enum Output {
    /// Send a frame. Only after everything stored so far is durable.
    Send(Vec<u8>),
    /// Read this node's feed.
    Read {
        /// Which.
        scope: ScopeKey,
        /// Entries after this one.
        after: u64,
        /// Items of about so many bytes; at least one entry if there is one.
        budget_bytes: usize,
    },
    /// Read the mark at an entry of this node's feed.
    ReadMark {
        /// Which feed.
        scope: ScopeKey,
        /// Which entry.
        lseq: u64,
    },
    /// Store a batch.
    Deliver(Delivery),
    /// The peer wants items by their names: give it those that stand in that scope's feed.
    Wanted {
        /// Of which scope.
        scope: ScopeKey,
        /// Their names.
        names: Vec<Name>,
    },
    /// Items that were asked for have come. No cursor moves.
    Given {
        /// Of which scope.
        scope: ScopeKey,
        /// As they came.
        items: Vec<Carried>,
    },
    /// Note how much of this node's feed the peer has.
    Acked {
        /// Which feed.
        scope: ScopeKey,
        /// Up to where.
        mark: Mark,
        /// Up to this entry nothing is left out because it came from the peer, which may have lost it.
        full_upto: u64,
    },
    /// Nothing more to send, and the peer has said that nothing more follows.
    Idle,
    /// The peer says this of itself.
    OfItself(Vec<u8>),
    /// No version is spoken by both: told once. Nothing more is said or taken; the connection stays, so that the peer hears
    /// it too.
    Apart(Apart),
    /// End the conversation.
    Close(CloseReason),
}

/// Why a conversation ends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// A frame that this version does not know, and may not pass over.
    #[error("the peer sent a frame of type {kind}, which this version does not know: this node must be upgraded")]
    Newer {
        /// Its type.
        kind: u64,
    },
    /// Bytes that are no frame.
    #[error(transparent)]
    Protocol(#[from] FrameError),
}

/// Figures of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Frames sent.
    pub frames_sent: u64,
    /// Frames received.
    pub frames_received: u64,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Bytes received.
    pub bytes_received: u64,
    /// Items sent in full.
    pub items_sent: u64,
    /// Items received in full.
    pub items_received: u64,
    /// Times that something was received after something was sent.
    pub round_trips: u64,
    /// Frames that were ignored: for a scope that is not shared, or where the versions do not meet.
    pub ignored: u64,
    /// Fields of a newer version that were passed over.
    pub passed_fields: u64,
    /// Frames of a newer version that were passed over.
    pub passed_frames: u64,
    pub(super) spoke_last: bool,
}
