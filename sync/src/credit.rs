//! How often a peer may have sent again what was sent before.
//!
//! A few bytes ask for a whole feed, or for items by their names. Whoever was put back, or had no room, needs that once, or
//! a few times; a peer that asks again and again gets it, but ever more slowly. Nobody is cut off for it.

/// Times that a feed may be gone back in at once.
pub const RETURNS_MAX: u32 = 16;
/// After so many milliseconds there is one more.
pub const RETURN_MS: i64 = 60_000;

/// What a peer has left of something; by default of going back in one scope. Whoever owns the sessions keeps it from one
/// conversation to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    most: u32,
    every_ms: i64,
    left: u32,
    /// Up to when it has been refilled.
    at: i64,
}

impl Default for Credit {
    fn default() -> Self {
        Self::of(RETURNS_MAX, RETURN_MS)
    }
}

impl Credit {
    /// So many at once, and one more each time that so many milliseconds have passed.
    #[must_use]
    pub const fn of(most: u32, every_ms: i64) -> Self {
        Self { most, every_ms, left: most, at: i64::MIN }
    }

    /// Takes one, if there is one at that time.
    pub fn take(&mut self, now: i64) -> bool {
        self.refill(now);
        let any = self.left > 0;
        self.left = self.left.saturating_sub(1);
        any
    }

    fn refill(&mut self, now: i64) {
        // A clock that was put back gives nothing, and takes nothing away.
        let passed = now.saturating_sub(self.at.min(now)) / self.every_ms;
        self.left = u32::try_from(passed).unwrap_or(u32::MAX).saturating_add(self.left).min(self.most);
        self.at = if self.left == self.most { now } else { self.at.min(now).saturating_add(passed * self.every_ms) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_is_used_up_and_refills_with_time() {
        let mut credit = Credit::default();
        assert_eq!((0..100).filter(|_| credit.take(0)).count(), 16);
        assert!(!credit.take(RETURN_MS - 1));
        assert!(credit.take(RETURN_MS));
        assert!(!credit.take(2 * RETURN_MS - 1), "time is counted once");
        assert!(credit.take(2 * RETURN_MS) && !credit.take(2 * RETURN_MS));
        assert!(!credit.take(-1_000_000), "a clock that was put back gives nothing");
        assert_eq!((0..100).filter(|_| credit.take(i64::MAX)).count(), 16);
    }
}
