//! Faults that are built in on purpose, so that the checkers can show that they see them: by the feature `sabotage`, and
//! nowhere in what is released.

/// `sabotaged!(kernel, Fault)`: whether that fault is built in. Without the feature there is none to name, and it is `false`.
macro_rules! sabotaged {
    ($kernel:expr, $fault:ident) => {{
        #[cfg(feature = "sabotage")]
        let built_in = $kernel.sabotage == crate::Sabotage::$fault;
        #[cfg(not(feature = "sabotage"))]
        let built_in = false;
        built_in
    }};
}
pub(crate) use sabotaged;

/// Which.
#[cfg(feature = "sabotage")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sabotage {
    /// None.
    #[default]
    None,
    /// Speak, then persist.
    AckBeforeCommit,
    /// Leave out the check of what a peer may hold.
    LeakScopes,
    /// Send private parts to whoever is sent the act.
    LeakParts,
    /// Force nothing to the disk. Done by the simulator, which has no disk: a crash loses what was committed lately.
    FsyncOff,
    /// Count a document into the scope that a peer names, whether that has a part in it or not.
    EnterWithoutMembership,
    /// Take an act to be by the device that it names, whoever signed it.
    SignatureUnchecked,
    /// Judge an act by the registry as it is here now, not by the version that it names.
    RegistryAsOfNow,
    /// Count as received what was declined.
    CursorThoughDeclined,
    /// Let go of what waits when what it waits for comes, instead of judging it again.
    RetryDropping,
    /// Count as projected what changed, without projecting it.
    ProjectionSkipped,
    /// Fold what is not settled in the order in which it came. This and what follows is done by `replica`.
    FoldByArrival,
    /// Let every act take a place, those of one number as well.
    TwinsIgnored,
    /// Let no act name its device's newest.
    OwnUnnamed,
}

#[cfg(feature = "sabotage")]
impl Sabotage {
    /// What of it is built into histories.
    #[must_use]
    pub const fn of_histories(self) -> replica::history::Sabotage {
        use replica::history::{Reading, Sabotage};
        match self {
            Self::FoldByArrival => Sabotage::Reads(Reading::ByArrival),
            Self::TwinsIgnored => Sabotage::Reads(Reading::TwinsIgnored),
            Self::OwnUnnamed => Sabotage::OwnLeftOut,
            _ => Sabotage::None,
        }
    }
}

#[cfg(feature = "sabotage")]
impl crate::Kernel {
    /// Builds a fault in. For tests of the tests.
    pub fn sabotage(&mut self, sabotage: Sabotage) {
        self.sabotage = sabotage;
    }
}
