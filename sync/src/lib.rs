//! The replication engine: feeds, contiguous cursors, batches and acks, without any I/O.
//!
//! Each node keeps for each scope a *feed*: the entries in the order in which they reached it. To sync is to send what
//! my feed holds after your cursor. The engine moves opaque items and knows no ticket; a [`Session`] is one end of one
//! conversation. `handle(now, input)`, then carry out the outputs, then the next input.
//!
//! Invariants: an ack is sent only after [`Input::Stored`]; nothing of a scope that is not shared leaves or is taken;
//! a cursor means that everything up to it is held; every message may be lost, doubled or overtaken, every store put
//! back, and both ends still come to the same.
//!
//! Left for later, each with its place: dictionary and elision ([`frame`]), priorities of streams ([`session`]),
//! ranges above the cursor (`Session::take_batch`), reconciliation instead of starting over
//! (`ScopeState::restart`).

#![warn(missing_docs)]

pub mod credit;
pub mod frame;
pub mod session;

use sha2::{Digest, Sha256};

pub use credit::Credit;
pub use frame::{Carried, Frame, FrameError, Hello, Name};
pub use session::{
    Apart, CloseReason, Common, Config, Delivery, FeedEntry, Input, Item, Output, Session, SharedScope, Slice, Spoken,
    Stats,
};

/// A scope: a unit or a public area. The engine only compares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeKey(pub u32);

/// A place in a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Number of the entry; 0 before the first.
    pub lseq: u64,
    /// Running hash up to and with it; zeros before the first.
    pub running: [u8; 16],
}

/// What a feed entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// One item.
    Act,
    /// A document that entered the scope with what was held of it.
    Enter,
    /// What is left of an item that is not passed on.
    Stub,
    /// Something that is said of an item.
    Finding,
}

/// The running hash after an entry: it proves that two feeds are the same up to there.
#[must_use]
pub fn chain(previous: [u8; 16], kind: EntryKind, id: &[u8; 32]) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(b"jiesu/feed/1\0");
    hash.update(previous);
    hash.update([match kind {
        EntryKind::Act => 1,
        EntryKind::Enter => 2,
        EntryKind::Stub => 3,
        EntryKind::Finding => 4,
    }]);
    hash.update(id);
    let mut running = [0; 16];
    running.copy_from_slice(&hash.finalize()[..16]);
    running
}
