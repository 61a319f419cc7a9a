//! What is built in wrong, to see that tests find it: by the feature `sabotage`, and nowhere in what is released.

#![cfg(feature = "sabotage")]

use std::cell::Cell;

thread_local! {
    static BUILT_IN: Cell<Sabotage> = const { Cell::new(Sabotage::None) };
}

/// What.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// Nothing.
    None,
    /// What is kept as settled holds an act that is not.
    KeepTooMuch,
    /// An act that comes late is put behind all others.
    PutLast,
    /// What one past comes to is taken for what another does that holds one act more.
    LookBackAmiss,
    /// The rules are read otherwise.
    Reads(Reading),
    /// An act does not name its device's newest for its own sake: only where there is room for it.
    OwnUnnamed,
    /// An act never names its device's newest.
    OwnLeftOut,
    /// An act names the heads of the lowest ids, whatever they are.
    HeadsNamed,
}

impl Sabotage {
    /// Builds it into every history that is begun, or read again, on this thread from now on.
    pub fn build_in(self) {
        BUILT_IN.set(self);
    }
}

/// What is built in on this thread.
impl Default for Sabotage {
    fn default() -> Self {
        BUILT_IN.get()
    }
}

/// How the rules are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As they are.
    Rules,
    /// Every act takes a place.
    TwinsIgnored,
    /// The hub's line is all that it made, by the size of the past.
    HubBySize,
    /// Inside a stratum the order is that of arrival.
    ByArrival,
    /// A stratum is weighed by the newest edition held, not by that of the hub's act which closes it.
    NewestEdition,
    /// Notes leave no room for what must be done.
    NothingReserved,
}

impl Default for Reading {
    fn default() -> Self {
        if let Sabotage::Reads(reading) = Sabotage::default() { reading } else { Self::Rules }
    }
}
