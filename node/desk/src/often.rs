//! How often somebody may do something within a while.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use regulation::PersonId;

/// Counts what each person does, by a clock that does not go back; it forgets with the process.
#[derive(Debug)]
pub(crate) struct Often {
    within: Duration,
    most: u32,
    /// Since when a person is counted, and how often it was.
    counts: Mutex<BTreeMap<PersonId, (Duration, u32)>>,
}

impl Often {
    /// So often within so long, each person.
    pub(crate) const fn new(within: Duration, most: u32) -> Self {
        Self { within, most, counts: Mutex::new(BTreeMap::new()) }
    }

    /// Counts once more, at a steady time.
    ///
    /// # Errors
    /// It was too often: how long to wait. What is refused is not counted.
    pub(crate) fn once_more(&self, person: PersonId, now: Duration) -> Result<(), Duration> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) = counts.entry(person).or_insert((now, 0));
        let passed = now.saturating_sub(*since);
        if passed >= self.within {
            (*since, *count) = (now, 0);
        } else if *count >= self.most {
            return Err(self.within.saturating_sub(passed));
        }
        *count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_something_too_often_waits_and_holds_nobody_up() {
        let hour = Duration::from_secs(3_600);
        let often = Often::new(hour, 120);
        let (wang, li) = (PersonId(1), PersonId(2));
        for n in 0..120 {
            assert_eq!(often.once_more(wang, Duration::from_secs(n)), Ok(()));
        }
        for _ in 0..2 {
            assert_eq!(often.once_more(wang, Duration::from_secs(600)), Err(Duration::from_secs(3_000)));
        }
        assert_eq!(often.once_more(li, Duration::from_secs(600)), Ok(()));
        assert_eq!(often.once_more(wang, hour), Ok(()));
    }
}
