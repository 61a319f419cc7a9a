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

#[cfg(feature = "sabotage")]
macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal,)+) => {
        /// Which.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum Sabotage {
            /// None.
            #[default]
            None,
            $($(#[doc = $doc])+ $name,)+
        }

        impl Sabotage {
            /// Each, but none.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The word that asks for it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    Self::None => "none",
                    $(Self::$name => $code,)+
                }
            }
        }
    };
}

#[cfg(feature = "sabotage")]
faults! {
    /// Speak, then persist.
    AckBeforeCommit = "ack-before-commit",
    /// Leave out the check of what a peer may hold.
    LeakScopes = "leak-scopes",
    /// Send private parts to whoever is sent the act.
    LeakParts = "leak-parts",
    /// Force nothing to the disk. Done by the simulator, which has no disk: a crash loses what was committed lately.
    FsyncOff = "fsync-off",
    /// Count a document into the scope that a peer names, whether that has a part in it or not.
    EnterWithoutMembership = "enter-without-membership",
    /// Take an act to be by the device that it names, whoever signed it.
    SignatureUnchecked = "signature-unchecked",
    /// Judge an act by the registry as it is here now, not by the version that it names.
    RegistryAsOfNow = "registry-as-of-now",
    /// Count as received what was declined.
    CursorThoughDeclined = "cursor-though-declined",
    /// Let go of what waits when what it waits for comes, instead of judging it again.
    RetryDropping = "retry-dropping",
    /// Count as projected what changed, without projecting it.
    ProjectionSkipped = "projection-skipped",
    /// Fold what is not settled in the order in which it came. This and what follows is done by `replica`.
    FoldByArrival = "fold-by-arrival",
    /// Let every act take a place, those of one number as well.
    TwinsIgnored = "twins-ignored",
    /// Let no act name its device's newest.
    OwnUnnamed = "own-unnamed",
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
