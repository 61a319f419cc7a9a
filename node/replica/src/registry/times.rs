//! Numbers of times that the hub signed by a wrong clock: they are voided for good, by two people.
//!
//! *Counts so*: no act becomes unlawful or overruled by it. What names such a number was made when the newest number before
//! them was there already; that is all that is known of it.

use regulation::Millis;

use super::{At, Change, Clash, Registry, VOID_REASON_CHARS_MAX, Voided};
use crate::characters::one_line;

/// Entries that void numbers, at most: what a time is asked of goes past so many.
pub const VOIDS_MAX: usize = 256;

impl Registry {
    /// Whether these numbers can be voided.
    pub(super) fn void_fits(&self, voided: &Voided) -> Result<(), Clash> {
        let reason = one_line(&voided.reason, VOID_REASON_CHARS_MAX);
        if voided.from == 0 || voided.from > voided.to || !reason {
            return Err(Clash::Void);
        }
        if self.voided.len() >= VOIDS_MAX {
            return Err(Clash::Voids);
        }
        let known = |(_, known): &(u32, Voided)| known.from <= voided.from && voided.to <= known.to;
        if self.voided.iter().any(known) { Err(Clash::Voided) } else { Ok(()) }
    }

    /// Before what nothing can have been made that names this version: its entry was written by then. A wrong clock at one
    /// entry is set right by each that follows it, since the log is a chain.
    #[must_use]
    pub fn not_before(&self, version: u32) -> Option<Millis> {
        let place = usize::try_from(version).ok()?.checked_sub(1)?;
        self.entries.get(place..)?.iter().map(|(entry, ..)| entry.time).min()
    }
}

impl<'r> At<'r> {
    /// What was voided, and by which version, oldest first.
    pub fn voided(&self) -> impl Iterator<Item = (u32, &'r Voided)> + use<'r> {
        let version = self.version;
        self.registry.voided.iter().filter(move |(since, _)| *since <= version).map(|(since, voided)| (*since, voided))
    }

    /// The newest number up to that one which was not voided, so far as that is known of those around it; none if all were.
    #[must_use]
    pub fn good_time(&self, number: u64) -> Option<u64> {
        let mut number = number;
        for _ in 0..=VOIDS_MAX {
            match self.voided().find(|(_, voided)| voided.numbers().contains(&number)) {
                Some((_, voided)) => number = voided.from.checked_sub(1)?,
                None => return (number > 0).then_some(number),
            }
        }
        None
    }
}

impl Change {
    /// Numbers whose times are to count for nothing.
    #[must_use]
    pub fn void(from: u64, to: u64, reason: impl Into<String>) -> Self {
        Self::Void(Voided { from, to, reason: reason.into() })
    }
}
