//! What is known of an alarm, beside its kind and its cause. It is kept as words of ours, `twins`, then its particulars,
//! and said in sentences where people read it. Nothing in it is text of a peer's.

use std::net::SocketAddr;

use regulation::{ActId, DeviceId, Millis, PersonId};
use replica::judge::Forged;

use super::word::{Listed, Word};

macro_rules! details {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal { $($(#[doc = $of:literal])+ $field:ident: $type:ty),* };)+) => {
        /// What is known.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Detail {
            $($(#[doc = $doc])+ $name { $($(#[doc = $of])+ $field: $type),* },)+
        }

        impl Detail {
            /// The first word of each.
            pub const WORDS: &[&str] = &[$($word),+];

            /// As it is kept, and written in logs.
            #[must_use]
            pub fn encode(&self) -> String {
                match self {
                    $(Self::$name { $($field),* } => [$word.to_owned(), $($field.word()),*].join(" "),)+
                }
            }

            /// What was kept; nothing if another program wrote it.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let mut words = text.split(' ');
                let detail = match words.next()? {
                    $($word => Self::$name { $($field: Word::of(words.next()?)?),* },)+
                    _ => return None,
                };
                words.next().is_none().then_some(detail)
            }
        }
    };
}

details! {
    /// Nothing more.
    Nothing = "" {};
    /// Whoever started the node said so.
    Restored = "restored" {};
    /// An entry of the registry.
    Entry = "entry" {
        /// Its version.
        version: u32
    };
    /// An entry of the registry that does not fit.
    Unfit = "unfit" {
        /// Its version; 0 if it has none that could be read.
        version: u32,
        /// Why.
        why: Unfit
    };
    /// What came of a scope.
    Scope = "scope" {
        /// Which.
        scope: u32
    };
    /// The versions of the protocol that both ends speak.
    Versions = "versions" {
        /// The oldest here.
        min: u16,
        /// The newest here.
        max: u16,
        /// The oldest there.
        their_min: u16,
        /// The newest there.
        their_max: u16
    };
    /// Why the clock is not believed.
    Clock = "clock" {
        /// Why.
        why: Doubt
    };
    /// Where somebody was seen.
    Seen = "seen" {
        /// There.
        at: Listed<SocketAddr>
    };
    /// Since when.
    Since = "since" {
        /// Then.
        since: Millis
    };
    /// What was wrong with what came.
    Flawed = "flawed" {
        /// That.
        flaw: Flaw
    };
    /// Devices that were not heard to the end.
    Unheard = "unheard" {
        /// They.
        devices: Listed<DeviceId>
    };
    /// Devices for which it was not waited.
    Waived = "waived" {
        /// They.
        devices: Listed<DeviceId>,
        /// Who decided so.
        by: Listed<PersonId>
    };
    /// Two acts of one number.
    Twins = "twins" {
        /// The one that was here first.
        first: ActId,
        /// The other.
        second: ActId,
        /// Their epoch.
        epoch: u64,
        /// Their number.
        dseq: u64
    };
    /// Two tickets of one number.
    Numbered = "numbered" {
        /// The one that was here first.
        first: ActId,
        /// The other.
        second: ActId
    };
    /// An act of this device that is not here any more, or was not made here.
    Own = "own" {
        /// Its epoch.
        epoch: u64,
        /// Its number.
        dseq: u64
    };
    /// The epoch in which a device counts now.
    Epoch = "epoch" {
        /// That.
        epoch: u64
    };
    /// What of a device is more than is kept.
    Excess = "excess" {
        /// That.
        of: Excess
    };
    /// What of a device leaves no trace.
    Gap = "gap" {
        /// That.
        of: Gap
    };
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $of:literal])+ $variant:ident = $word:literal,)+ })+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[doc = $of])+ $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word that it is kept as.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl Word for $name {
            fn word(&self) -> String {
                self.code().to_owned()
            }

            fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.code() == word)
            }
        }
    )+};
}

impl From<Forged> for Flaw {
    fn from(forged: Forged) -> Self {
        match forged {
            Forged::Device(_) => Self::Unknown,
            Forged::NotSigned => Self::NotSigned,
            Forged::Part(_) => Self::Part,
        }
    }
}

codes! {
    /// What is wrong with what a peer sent.
    Flaw {
        /// It cannot be read.
        Malformed = "malformed",
        /// The registry that it names does not have its device.
        Unknown = "unknown-device",
        /// Its device did not sign it.
        NotSigned = "not-signed",
        /// A part is not the one that the act promises.
        Part = "part",
        /// It came through a scope that its document does not belong to.
        Misplaced = "misplaced",
        /// The proof that an act was made is none.
        Stub = "stub",
        /// What the city found of an act is not signed by its hub, or is not for whoever brought it.
        Finding = "finding",
        /// It begins an article, and came as a ticket.
        Article = "article",
    }
    /// Why the clock is not believed.
    Doubt {
        /// It went further than time did.
        Ahead = "ahead",
        /// It stands before what is known to have been.
        Behind = "behind",
        /// The node was off for long, or its clock was set while it was off.
        Away = "away",
        /// Several units are ahead of it.
        Peers = "peers",
    }
    /// What is wrong with an entry of the registry.
    Unfit {
        /// It cannot be read.
        Malformed = "malformed",
        /// Entries before it are missing.
        Gap = "gap",
        /// Another one of its version is here.
        Fork = "fork",
        /// The key of the registry did not sign it.
        NotSigned = "not-signed",
        /// It contradicts what stands before it.
        Clash = "clash",
    }
    /// What of a device is more than is kept of one.
    Excess {
        /// What waits or is unlawful.
        Kept = "kept",
        /// What counts for nothing.
        Idle = "idle",
        /// Beginnings of documents that it may not begin.
        Beginnings = "beginnings",
    }
    /// What of a device leaves no trace.
    Gap {
        /// An act was not kept, nor its id.
        Act = "act",
        /// An act was not passed on, nor the proof that it was made.
        Stub = "stub",
    }
}
