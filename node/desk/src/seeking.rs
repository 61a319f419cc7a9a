//! How often somebody may look for tickets by a requester's telephone.
//!
//! A mask leaves a few digits unknown: whoever could ask about one number after the other would find them out, past the
//! limit of looks and past what is written down of each ([`crate::reveal`]).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use regulation::PersonId;

use crate::problem::Problem;

/// Searches by a telephone that a person may make within an hour, found or not: more than anybody takes calls.
pub const TELEPHONES_PER_HOUR_MAX: u32 = 120;
const HOUR: Duration = Duration::from_secs(3_600);

/// Who sought how often since when.
#[derive(Debug, Default)]
pub(crate) struct Seeking(Mutex<BTreeMap<PersonId, (Duration, u32)>>);

impl Seeking {
    /// Counts one more search of a person's, at a steady time.
    ///
    /// # Errors
    /// They were too many within an hour.
    pub(crate) fn once_more(&self, person: PersonId, now: Duration) -> Result<(), Problem> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) = counts.entry(person).or_insert((now, 0));
        if now.saturating_sub(*since) >= HOUR {
            (*since, *count) = (now, 0);
        }
        if *count >= TELEPHONES_PER_HOUR_MAX {
            let wait = HOUR.saturating_sub(now.saturating_sub(*since)).as_secs() + 1;
            return Err(Problem::later(
                429,
                wait,
                format!("一小时内按电话查找最多 {TELEPHONES_PER_HOUR_MAX} 次，请稍后再查，或按编号、文字查找"),
                format!(
                    "a search by telephone may be made {TELEPHONES_PER_HOUR_MAX} times an hour; later, or by number or words"
                ),
            ));
        }
        *count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_about_one_number_after_the_other_waits_and_holds_nobody_up() {
        let seeking = Seeking::default();
        let (wang, li) = (PersonId(1), PersonId(2));
        for n in 0..TELEPHONES_PER_HOUR_MAX {
            assert_eq!(seeking.once_more(wang, Duration::from_secs(n.into())), Ok(()));
        }
        let refused = seeking.once_more(wang, Duration::from_secs(600)).unwrap_err();
        assert_eq!((refused.exit, refused.retry_s), (8, Some(3_001)));
        assert_eq!(seeking.once_more(li, Duration::from_secs(600)), Ok(()));
        assert_eq!(seeking.once_more(wang, HOUR), Ok(()));
    }
}
