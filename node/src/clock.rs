//! The one place where the clock is read.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use regulation::Millis;

/// Now.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
pub fn now() -> Millis {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX))
}

/// How long this process has been at work, by a clock that nobody sets: for waits and limits of the process itself, never
/// for what is recorded.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
pub fn steady() -> Duration {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    BEGUN.get_or_init(Instant::now).elapsed()
}

/// RFC 3339 in local time (UTC+8), to the second.
#[must_use]
pub fn text(at: Millis) -> String {
    regulation::calendar::local(at).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

/// The moment of a time as people write it ([`crate::when`]); without a zone it is local time.
#[must_use]
pub fn parse(text: &str) -> Option<Millis> {
    crate::when::read(text).ok().map(|when| when.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let nine = 1_793_582_400_000;
        for written in [
            "2026-11-02T09:20:00+08:00",
            "2026-11-02 09:20",
            "2026-11-02T09:20:00",
            "2026/11/02 09:20",
            "2026-11-02T01:20:00Z",
        ] {
            assert_eq!(parse(written), Some(nine), "{written}");
        }
        assert_eq!(text(nine), "2026-11-02T09:20:00+08:00");
        for written in ["", "yesterday", "2026-13-01", "2026-02-30 09:00", "9:20"] {
            assert_eq!(parse(written), None, "{written}");
        }
    }
}
