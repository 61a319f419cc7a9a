//! What two ends speak: each says its versions and features, and what both say holds.

use std::collections::BTreeSet;

use crate::frame::{FEATURES, Hello, VERSION, VERSION_MIN};

/// What one end speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// The oldest version.
    pub min: u16,
    /// The newest version.
    pub max: u16,
    /// What it speaks beyond the versions.
    pub features: &'static [u16],
    /// What the program calls its own version.
    pub program: &'static str,
}

impl Default for Spoken {
    fn default() -> Self {
        Self { min: VERSION_MIN, max: VERSION, features: FEATURES, program: "" }
    }
}

impl Spoken {
    /// What holds with whoever says that Hello: the newest version of both, and the features that both name.
    pub(super) fn with(&self, hello: &Hello) -> Result<Common, Apart> {
        let version = self.max.min(hello.max);
        if version < self.min.max(hello.min) {
            return Err(Apart { mine: (self.min, self.max), theirs: (hello.min, hello.max) });
        }
        let features = hello.features.iter().copied().filter(|feature| self.features.contains(feature)).collect();
        Ok(Common { version, features })
    }
}

/// What holds between two ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// The version.
    pub version: u16,
    /// The features.
    pub features: BTreeSet<u16>,
}

/// Two ends that speak no common version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Apart {
    /// Oldest and newest version spoken here.
    pub mine: (u16, u16),
    /// Those of the peer.
    pub theirs: (u16, u16),
}
