//! Times that the city hub signed, by their numbers: what an act of ours says that we know, what the hub gives, and which
//! time a number is.
//!
//! The hub gives its own times numbers that rise: each of its acts carries the number of its time, one a minute at most. All
//! others name the highest number that they have heard of. Numbers, and not times: a clock that was wrong is voided by an
//! entry of the registry, whatever was made since, and what names such a number was made after the one before them.

use regulation::Millis;
use replica::registry::At;
use replica::{Node, Verdict};
use store::{Queries, StoreError};

use crate::{Fault, Kernel};

/// So long do the acts of the hub have one number: what is known by it is known to the minute.
pub const TIME_NUMBER_MS: Millis = 60_000;
/// Numbers that are left out where it is not known which were given: more than the hub gives in thirty years.
pub const TIME_NUMBERS_SKIPPED: u64 = 1 << 24;
/// Where the highest number is kept, and below which no new one is given.
const KEPT: &str = "beacon";

/// What is known of the numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Beacon {
    /// The highest that an act of the hub has named.
    number: u64,
    /// No new one is given up to there.
    floor: u64,
    /// The time of the newest that counts.
    pub time: Option<Millis>,
}

/// The time of a number: that of the newest one up to it that is held here and was not voided. None: nothing is known yet.
///
/// # Errors
/// The database cannot be read.
pub fn signed_time(store: &Queries, at: &At<'_>, number: u64) -> Result<Option<Millis>, StoreError> {
    signed_by(store, at, number, Millis::MAX)
}

/// The same of times up to the present of whoever asks: nothing later than that testifies to anything, voided or not.
///
/// # Errors
/// The database cannot be read.
pub fn signed_by(store: &Queries, at: &At<'_>, number: u64, present: Millis) -> Result<Option<Millis>, StoreError> {
    let mut upto = at.good_time(number);
    while let Some(good) = upto {
        let Some((held, time)) = store.time_upto_by(good, present)? else { return Ok(None) };
        upto = at.good_time(held);
        if upto == Some(held) {
            return Ok(Some(time));
        }
    }
    Ok(None)
}

impl Kernel {
    pub(crate) fn open_beacon(&mut self) -> Result<(), Fault> {
        if let Some(kept) = self.store.meta(KEPT)?.and_then(|bytes| <[u8; 16]>::try_from(bytes).ok()) {
            let [a, b, c, d, e, f, g, h, floor @ ..] = kept;
            self.beacon.number = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
            self.beacon.floor = u64::from_be_bytes(floor);
        }
        self.look_up_time()
    }

    fn keep_beacon(&mut self) -> Result<(), Fault> {
        let bytes = [self.beacon.number.to_be_bytes(), self.beacon.floor.to_be_bytes()].concat();
        Ok(self.store.set_meta(KEPT, &bytes)?)
    }

    /// Finds the newest time of the city's anew: a number has come, or some were voided.
    pub(crate) fn look_up_time(&mut self) -> Result<(), Fault> {
        self.beacon.time = signed_time(&self.store, &self.registry.now(), self.beacon.number)?;
        Ok(())
    }

    /// An act was taken in. Those of the hub's say which number its time has.
    pub(crate) fn hear_number(&mut self, node: &Node) -> Result<(), Fault> {
        let number = node.act.beacon;
        if !node.hub() || number == 0 {
            return Ok(());
        }
        let before = self.beacon;
        self.beacon.number = before.number.max(number);
        if self.device() != Some(node.act.device) {
            // Whoever is the hub after it cannot know how far it came.
            self.beacon.floor = before.floor.max(number.saturating_add(TIME_NUMBERS_SKIPPED));
        }
        let moved = node.verdict == Verdict::Admitted && self.store.put_time(number, node.act.time)?;
        // Most acts of the hub have the number of the one before them.
        if moved || self.beacon.number > before.number {
            self.look_up_time()?;
        }
        if self.beacon == before { Ok(()) } else { self.keep_beacon() }
    }

    /// The database was put back: it is not known which numbers were given since.
    pub(crate) fn skip_numbers(&mut self) -> Result<(), Fault> {
        let known = self.beacon.number.max(self.beacon.floor);
        self.beacon.floor = known.saturating_add(TIME_NUMBERS_SKIPPED);
        self.keep_beacon()
    }

    /// What an act that is made now says: the hub the number of its time, all others the highest that they know.
    pub(crate) fn number_now(&self, now: Millis) -> Result<u64, Fault> {
        if !self.me.as_ref().is_some_and(|me| me.hub) {
            return Ok(self.beacon.number);
        }
        // A time that is not believed gets no number.
        if self.clock_doubt().is_some() {
            return Ok(0);
        }
        let Beacon { number, floor, .. } = self.beacon;
        let newest = self.store.time_upto(number)?.filter(|(held, _)| *held == number && number >= floor);
        let good = self.registry.now().good_time(number) == Some(number);
        let lasts = |(_, since): &(u64, Millis)| *since <= now && now < since.saturating_add(TIME_NUMBER_MS);
        if good && newest.as_ref().is_some_and(lasts) {
            return Ok(number);
        }
        let next = number.max(floor).saturating_add(1);
        Ok(if i64::try_from(next).is_ok() { next } else { number })
    }
}
