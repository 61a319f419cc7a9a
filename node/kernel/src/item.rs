//! What the items of a scope are, for the protocol: their kinds by number.

/// The ordinary item of a scope: a sealed act, or an entry of the registry.
pub(crate) const ORDINARY: u16 = 0;
/// An item that is a stub.
pub(crate) const STUB: u16 = 1;
/// An item that is a finding.
pub(crate) const FINDING: u16 = 2;
