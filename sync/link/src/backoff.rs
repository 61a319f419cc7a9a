//! How long to wait before dialling again.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Longest pause after a connection that came up: a link that flaps is worth trying.
const FLAPPING: Duration = Duration::from_secs(30);
/// A connection that has lived so long makes the pauses begin anew.
pub(crate) const STEADY: Duration = Duration::from_secs(30);

/// A pause that doubles, with jitter of half to once its length: four hundred nodes do not call at the same instant
/// when the hub comes back.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { next: FIRST }
    }

    /// The next pause; `noise` is a random number.
    pub(crate) fn pause(&mut self, noise: u32) -> Duration {
        let full = self.next;
        self.next = (self.next * 2).min(LONGEST);
        full / 2 + full.mul_f64(f64::from(noise) / f64::from(u32::MAX) / 2.0)
    }

    /// The next pause after a connection that came up and did not last.
    pub(crate) fn short(&mut self, noise: u32) -> Duration {
        self.next = self.next.min(FLAPPING);
        self.pause(noise)
    }

    pub(crate) fn reset(&mut self) {
        self.next = FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_flaps_is_tried_twice_a_minute_at_least() {
        let mut backoff = Backoff::new();
        let pauses: Vec<Duration> = (0..20).map(|_| backoff.short(u32::MAX)).collect();
        assert_eq!(pauses[..3], [1, 2, 4].map(Duration::from_secs));
        assert_eq!(pauses.last(), Some(&FLAPPING));
    }

    #[test]
    fn pauses_double_up_to_a_quarter_of_an_hour_within_their_jitter() {
        let mut backoff = Backoff::new();
        for doubling in 0..20 {
            let full = FIRST.saturating_mul(1 << doubling.min(16)).min(LONGEST);
            let noise = if doubling % 2 == 0 { 0 } else { u32::MAX };
            let pause = backoff.pause(noise);
            assert!(pause >= full / 2 && pause <= full, "{doubling}: {pause:?} of {full:?}");
        }
        backoff.reset();
        assert_eq!(backoff.pause(u32::MAX), FIRST);
    }
}
