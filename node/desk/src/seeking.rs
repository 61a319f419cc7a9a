//! How often somebody may look for tickets by a requester's telephone.
//!
//! A mask leaves a few digits unknown: whoever could ask about one number after the other would find them out, past the
//! limit of looks and past what is written down of each ([`crate::reveal`]).

use std::time::Duration;

use crate::often::Often;
use crate::problem::Problem;

/// Searches by a telephone that a person may make within an hour, found or not: more than anybody takes calls.
pub const TELEPHONES_PER_HOUR_MAX: u32 = 120;

/// Counts who sought how often.
pub(crate) const fn counted() -> Often {
    Often::new(Duration::from_secs(3_600), TELEPHONES_PER_HOUR_MAX)
}

/// They were too many within an hour.
pub(crate) fn too_often(wait: Duration) -> Problem {
    Problem::later(
        429,
        wait.as_secs() + 1,
        format!("一小时内按电话查找最多 {TELEPHONES_PER_HOUR_MAX} 次，请稍后再查，或按编号、文字查找"),
        format!(
            "a search by telephone may be made {TELEPHONES_PER_HOUR_MAX} times an hour; later, or by number or words"
        ),
    )
}

#[cfg(test)]
mod tests {
    use regulation::PersonId;

    use super::*;

    #[test]
    fn who_asks_about_one_number_after_the_other_waits() {
        let (often, wang) = (counted(), PersonId(1));
        for n in 0..TELEPHONES_PER_HOUR_MAX {
            assert_eq!(often.once_more(wang, Duration::from_secs(n.into())), Ok(()));
        }
        let refused = often.once_more(wang, Duration::from_secs(600)).map_err(too_often).unwrap_err();
        assert_eq!((refused.exit, refused.retry_s), (8, Some(3_001)));
    }
}
