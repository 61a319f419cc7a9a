//! Lines of the log that somebody else can cause: so many a minute of each kind, and of each source. What is left out is
//! counted, and the number stands in the next line of its kind.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// After so long lines are counted anew.
pub const LINES_TIME: Duration = Duration::from_secs(60);
/// Lines of one kind, at most.
pub const LINES_MAX: u32 = 30;
/// Lines of one kind and source, at most.
pub const LINES_EACH_MAX: u32 = 5;

/// What was written lately, by kind.
#[derive(Debug, Default)]
pub struct Quiet(Mutex<BTreeMap<&'static str, Lately>>);

#[derive(Debug, Default)]
struct Lately {
    begun: Duration,
    lines: u32,
    left_out: u64,
    /// Of those that wrote a line: so there are never more of them than lines.
    sources: BTreeMap<String, u32>,
}

impl Quiet {
    /// Whether a line of that kind may be written for that source, at a steady time; and how many were left out since the
    /// last one.
    pub fn may(&self, now: Duration, kind: &'static str, source: &str) -> Option<u64> {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = kinds.entry(kind).or_default();
        if now.saturating_sub(lately.begun) >= LINES_TIME {
            *lately = Lately { begun: now, left_out: lately.left_out, ..Lately::default() };
        }
        let of_source = lately.sources.get(source).copied().unwrap_or_default();
        if lately.lines >= LINES_MAX || of_source >= LINES_EACH_MAX {
            lately.left_out += 1;
            return None;
        }
        lately.lines += 1;
        lately.sources.insert(source.to_owned(), of_source + 1);
        Some(std::mem::take(&mut lately.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_lines_of_one_and_of_many_are_few_and_what_is_left_out_is_told() {
        let quiet = Quiet::default();
        let at = Duration::from_secs(1_000);
        assert_eq!((0..41_000).filter(|_| quiet.may(at, "join", "192.0.2.1").is_some()).count(), 5);
        // Another source is heard beside it, another kind too.
        assert_eq!(quiet.may(at, "join", "192.0.2.2"), Some(40_995));
        assert_eq!(quiet.may(at, "gone", "192.0.2.1"), Some(0));
        let lines = (0..41_000).filter(|n| quiet.may(at, "join", &format!("source {n}")).is_some()).count();
        assert_eq!(lines, 24, "thirty of one kind in all");
        let later = at + LINES_TIME;
        assert_eq!(quiet.may(later, "join", "192.0.2.1"), Some(41_000 - 24));
        assert!(quiet.0.lock().unwrap().values().all(|lately| lately.sources.len() <= 30));
    }
}
