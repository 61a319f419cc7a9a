//! The one place where the clock is read.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use regulation::Millis;

/// Now.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
pub fn now() -> Millis {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)).saturating_add(moved::by())
}

/// How far tests have moved the clocks of this machine: to live through months. No such thing is in what is released.
#[cfg(feature = "moved-clock")]
pub mod moved {
    use std::sync::atomic::{AtomicI64, Ordering};

    use regulation::Millis;

    /// The file whose name stands there says it for a process of its own, milliseconds.
    pub const FILE: &str = "JIESU_MOVED_CLOCK";
    static BY: AtomicI64 = AtomicI64::new(0);

    /// Moves the clocks of this process on to that time, and never back.
    pub fn to(at: Millis) {
        let more = at.saturating_sub(super::now()).max(if BY.load(Ordering::SeqCst) == 0 { Millis::MIN } else { 0 });
        BY.fetch_add(more, Ordering::SeqCst);
    }

    /// The clocks of this process are those of the machine again.
    pub fn back() {
        BY.store(0, Ordering::SeqCst);
    }

    pub(super) fn by() -> Millis {
        let file = std::env::var_os(FILE).and_then(|file| std::fs::read_to_string(file).ok());
        file.and_then(|by| by.trim().parse().ok()).unwrap_or_else(|| BY.load(Ordering::SeqCst))
    }
}

/// Nothing moves a clock.
#[cfg(not(feature = "moved-clock"))]
mod moved {
    pub(super) const fn by() -> regulation::Millis {
        0
    }
}

/// How long this process has been at work, by a clock that nobody sets: for waits and limits of the process itself, never
/// for what is recorded.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
pub fn steady() -> Duration {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    BEGUN.get_or_init(Instant::now).elapsed()
}

/// Milliseconds since this machine was started, suspend included; elsewhere than on Linux since the process first asked,
/// without. `None` if nobody can tell.
#[must_use]
pub fn boot() -> Option<Millis> {
    #[cfg(target_os = "linux")]
    return std::fs::read_to_string("/proc/uptime").ok().and_then(|text| uptime(&text)).map(|at| at + moved::by());
    #[cfg(not(target_os = "linux"))]
    return since_asked();
}

/// The first figure of `/proc/uptime`: seconds with two places.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "read on Linux"))]
fn uptime(text: &str) -> Option<Millis> {
    let (seconds, hundredths) = text.split_whitespace().next()?.split_once('.')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if hundredths.len() != 2 || !digits(seconds) || !digits(hundredths) {
        return None;
    }
    seconds.parse::<Millis>().ok()?.checked_mul(1_000)?.checked_add(hundredths.parse::<Millis>().ok()? * 10)
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
fn since_asked() -> Option<Millis> {
    static FIRST: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    Millis::try_from(FIRST.get_or_init(std::time::Instant::now).elapsed().as_millis()).ok()
}

/// RFC 3339 in local time (UTC+8), to the second.
#[must_use]
pub fn text(at: Millis) -> String {
    regulation::calendar::local(at).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

/// A moment in few words for whoever reads it at `now`: `11-02 09:20`, and with its year where that is another one.
#[must_use]
pub fn short(at: Millis, now: Millis) -> String {
    use chrono::Datelike;
    let (at, now) = (regulation::calendar::local(at), regulation::calendar::local(now));
    at.format(if at.year() == now.year() { "%m-%d %H:%M" } else { "%Y-%m-%d %H:%M" }).to_string()
}

/// The moment that something is due, as people say it: the end of a day is 24:00 of that day.
#[must_use]
pub fn due(at: Millis, now: Millis) -> String {
    const MINUTE_MS: Millis = 60_000;
    let last = short(at.saturating_sub(MINUTE_MS), now);
    match last.strip_suffix("23:59") {
        Some(day) => format!("{day}24:00"),
        None => short(at, now),
    }
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
    fn uptime_is_read_as_linux_writes_it() {
        assert_eq!(uptime("350735.47 234388.90\n"), Some(350_735_470));
        assert_eq!(uptime("0.05 0.00\n"), Some(50));
        for wrong in ["", "\n", "350735", "x.00 1", "1.5 2", "1.-1 2"] {
            assert_eq!(uptime(wrong), None, "{wrong}");
        }
        #[cfg(target_os = "linux")]
        assert!(boot().is_some_and(|since| since > 0));
    }

    #[test]
    fn a_short_time_has_its_year_where_that_is_not_the_readers() {
        let at = |text| parse(text).unwrap();
        let now = at("2026-12-31 23:59:59");
        assert_eq!(short(at("2026-01-01 00:00"), now), "01-01 00:00");
        assert_eq!(short(at("2027-01-01 00:00"), now), "2027-01-01 00:00");
        assert_eq!(short(at("2016-12-02 00:40"), now), "2016-12-02 00:40");
        // The year is the city's, not that of UTC.
        assert_eq!(short(at("2026-12-31T20:00:00Z"), now), "2027-01-01 04:00");
    }

    #[test]
    fn the_end_of_a_day_is_said_as_that_of_the_day() {
        let at = |text| parse(text).unwrap();
        let now = at("2026-11-30 12:00");
        assert_eq!(due(at("2026-12-02 00:00"), now), "12-01 24:00");
        assert_eq!(due(at("2026-12-01 09:30"), now), "12-01 09:30");
        assert_eq!(due(at("2027-01-01 00:00"), now), "12-31 24:00");
        assert_eq!(due(at("2027-01-02 00:00"), now), "2027-01-01 24:00");
    }

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
