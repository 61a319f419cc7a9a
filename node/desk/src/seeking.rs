//! How often somebody may look for tickets by whoever raised them.
//!
//! A mask leaves a few digits of a telephone unknown, and a character or two of a name: whoever could ask about one after the other
//! would find them out, past the limit of looks and past what is written down of each ([`crate::reveal`]).

use std::time::Duration;

use regulation::PersonId;
use store::Key;

use crate::often::Often;
use crate::problem::Problem;

/// Searches by a telephone that a person may make within an hour, found or not: more than anybody takes calls.
pub const TELEPHONES_PER_HOUR_MAX: u32 = 120;
/// Searches by what may be a name, found or not: four a minute.
pub const NAMES_PER_HOUR_MAX: u32 = 240;

/// Counts who sought how often.
#[derive(Debug)]
pub(crate) struct Seeking {
    telephones: Often,
    names: Often,
}

impl Seeking {
    pub(crate) const fn new() -> Self {
        let hour = Duration::from_secs(3_600);
        Self { telephones: Often::new(hour, TELEPHONES_PER_HOUR_MAX), names: Often::new(hour, NAMES_PER_HOUR_MAX) }
    }

    /// Counts a search by that, at a steady time.
    ///
    /// # Errors
    /// Too often within an hour.
    pub(crate) fn once_more(&self, by: Key, person: PersonId, now: Duration) -> Result<(), Problem> {
        match by {
            Key::Telephone => self
                .telephones
                .once_more(person, now)
                .map_err(|wait| too_often(wait, ("按电话查找", "a search by telephone"), TELEPHONES_PER_HOUR_MAX)),
            Key::Name => self.names.once_more(person, now).map_err(|wait| {
                too_often(wait, ("按姓名或短词查找", "a search by a name or a short word"), NAMES_PER_HOUR_MAX)
            }),
            _ => Ok(()),
        }
    }
}

fn too_often(wait: Duration, (how, how_en): (&str, &str), most: u32) -> Problem {
    Problem::later(
        429,
        wait.as_secs() + 1,
        format!("一小时内{how}最多 {most} 次，请稍后再查，或按编号查找"),
        format!("{how_en} may be made {most} times an hour; later, or by number"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_about_one_after_the_other_waits() {
        let (seeking, wang) = (Seeking::new(), PersonId(1));
        for (by, most) in [(Key::Telephone, TELEPHONES_PER_HOUR_MAX), (Key::Name, NAMES_PER_HOUR_MAX)] {
            for n in 0..most {
                assert_eq!(seeking.once_more(by, wang, Duration::from_secs(n.into())), Ok(()));
            }
            let refused = seeking.once_more(by, wang, Duration::from_secs(600)).unwrap_err();
            assert_eq!((refused.exit, refused.retry_s), (8, Some(3_001)));
        }
        assert_eq!(seeking.once_more(Key::Source, wang, Duration::ZERO), Ok(()));
    }
}
