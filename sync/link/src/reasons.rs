//! Why a connection ended or was never made, as [`crate::Event::DialFailed`] tells it: sentences that a node can tell apart.

/// The peer's registry has no device with this key.
pub const PEER_KNOWS_NOT: &str = "the peer does not know this device";
/// The city has taken this device out of use: the peer's registry says so.
pub const PEER_SAYS_RETIRED: &str = "the city has taken this device out of use";
/// Two machines use one key.
pub const PEER_HAS_OTHER: &str = "the peer has another connection with this device's key";
/// What the peer sent was not taken in time.
pub const PEER_FOUND_SLOW: &str = "the peer found this device too slow";
/// The peer met what is not the protocol.
pub const PEER_UNDERSTOOD_NOT: &str = "the peer did not understand this device";
/// The peer has too much to do.
pub const PEER_BUSY: &str = "the peer is busy";
/// A node dialled itself.
pub const OWN_ADDRESS: &str = "this is the node's own address";
/// Whoever answered is nobody of this city.
pub const NOT_ENROLLED: &str = "the device there is not in the registry";
/// Whoever answered was taken out of use by the city.
pub const RETIRED: &str = "the device there was taken out of use";
/// Nobody answered.
pub const NO_ANSWER: &str = "no answer";
/// It ended, and nobody said why.
pub const CLOSED: &str = "closed";
