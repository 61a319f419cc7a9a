//! Where what arrives came from, and what became of it.

use regulation::{ActId, DeviceId};
use sync::ScopeKey;

/// A peer, named by its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PeerId(pub DeviceId);

/// Where an act came from: a peer, through one of the scopes shared with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub peer: PeerId,
    pub scope: ScopeKey,
}

/// What became of bytes from a peer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// An act that has a verdict, or something in quarantine.
    Kept,
    /// It waits for something, in this row.
    Waits(ActId),
    /// It is here, of a document in which the scope that it came through has no part as far as is known: what gives it one may
    /// come right behind.
    Early(ActId),
    /// Not kept: too much waits already.
    TooMany,
}
