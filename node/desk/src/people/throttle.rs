//! Attempts to sign in: how often, and how long to wait after too many.
//!
//! It knows logins as they are typed, whether there is such a person or not, so that nobody learns who exists. Waiting
//! times are by a clock that nobody sets, an attempt while one waits costs nothing, and no wait is longer than its rule
//! says.
//!
//! Who waits is who guessed: whoever knows the password is kept out nowhere else. A browser that the person has signed in
//! from before is counted by itself, and so are the commands of the node's own folder, whose owner the pages never lock out.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Places that are remembered, at most; beyond that the one that failed least goes.
pub const TRIED_MAX: usize = 4_096;
/// After so long without an attempt a place is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(3_600);
/// Characters of a login that tell it from others.
const LOGIN_CHARS_MAX: usize = 32;

/// Where an attempt comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A page.
    Page {
        /// The address, see [`Source::page`].
        address: IpAddr,
        /// What the browser showed that this login was used from before.
        usual: Option<[u8; 16]>,
    },
    /// A command, or a program that has read the node's folder.
    Commands,
}

impl Source {
    /// A page at that address. Whoever has one address of a network has them all: every one of this machine is one, and so
    /// are those of version 6 that one subscriber is given.
    #[must_use]
    pub fn page(address: IpAddr, usual: Option<[u8; 16]>) -> Self {
        let address = match address.to_canonical() {
            own if own.is_loopback() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & NETWORK_V6).into(),
            ip => ip,
        };
        Self::Page { address, usual }
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        match self {
            Self::Page { address, .. } => *address,
            Self::Commands => Ipv4Addr::LOCALHOST.into(),
        }
    }
}

/// The first 64 bits.
const NETWORK_V6: u128 = (u64::MAX as u128) << 64;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A browser that was used before.
    Usual([u8; 16]),
    /// A login by commands.
    Commands(String),
    /// A login from an address.
    From(String, IpAddr),
    /// A login from anywhere: it is counted, and keeps nobody out.
    Login(String),
    /// Whatever login from an address.
    Address(IpAddr),
}

impl Place {
    /// Attempts that cost nothing, and the longest wait after more: double the one before, from a second on.
    fn rule(&self) -> Option<(u32, Duration)> {
        match self {
            Self::Usual(_) | Self::Commands(_) => Some((5, Duration::from_secs(60))),
            // Through a proxy or a tunnel everybody comes from this machine.
            Self::From(_, address) if address.is_loopback() => Some((5, Duration::from_secs(60))),
            Self::From(..) => Some((5, Duration::from_secs(900))),
            Self::Login(_) => None,
            // Everybody behind one proxy shares an address: it is slowed, hardly.
            Self::Address(_) => Some((100, Duration::from_secs(3))),
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Tried {
    failures: u32,
    last: Duration,
    next: Duration,
}

/// The places from which it was tried.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<BTreeMap<Place, Tried>>);

impl Throttle {
    /// An attempt begins, and counts as failed until it is told otherwise: those at once are all counted. How many have
    /// failed for this login from browsers that were never used for it, this one included.
    ///
    /// # Errors
    /// How long to wait.
    pub(super) fn enter(&self, login: &str, source: &Source, now: Duration) -> Result<u32, Duration> {
        let mut tried = self.tried();
        let places = places(login, source);
        let wait = places.iter().filter_map(|place| tried.get(place)).map(|tried| tried.next.saturating_sub(now)).max();
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            return Err(wait);
        }
        let mut guesses = 0;
        for place in places {
            let of_login = matches!(place, Place::Login(_));
            if !tried.contains_key(&place) && tried.len() >= TRIED_MAX {
                tried.retain(|_, tried| tried.last + FORGOTTEN > now);
                let least = tried.iter().min_by_key(|(_, tried)| (tried.failures, tried.last));
                if let Some(least) = least.map(|(place, _)| place.clone()).filter(|_| tried.len() >= TRIED_MAX) {
                    tried.remove(&least);
                }
            }
            let rule = place.rule();
            let tried = tried.entry(place).or_default();
            if tried.last + FORGOTTEN <= now {
                tried.failures = 0;
            }
            (tried.failures, tried.last) = (tried.failures.saturating_add(1), now);
            let over = |(free, longest)| Some(doubled(tried.failures.checked_sub(free)?, longest));
            tried.next = now + rule.and_then(over).unwrap_or_default();
            if of_login {
                guesses = tried.failures;
            }
        }
        Ok(guesses)
    }

    /// The password was right: what counts for this login alone is forgotten. The address is not, or whoever has one
    /// password would guess others without end.
    pub(super) fn right(&self, login: &str, source: &Source) {
        let mut tried = self.tried();
        for place in places(login, source) {
            match place {
                Place::Address(_) => {
                    if let Some(tried) = tried.get_mut(&place) {
                        tried.failures = tried.failures.saturating_sub(1);
                    }
                }
                _ => {
                    tried.remove(&place);
                }
            }
        }
    }

    /// The password was not looked at.
    pub(super) fn undo(&self, login: &str, source: &Source) {
        let mut tried = self.tried();
        for place in places(login, source) {
            if let Some(tried) = tried.get_mut(&place) {
                tried.failures = tried.failures.saturating_sub(1);
                tried.next = Duration::ZERO;
            }
        }
    }

    fn tried(&self) -> MutexGuard<'_, BTreeMap<Place, Tried>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn places(login: &str, source: &Source) -> Vec<Place> {
    let login: String = login.chars().take(LOGIN_CHARS_MAX).collect();
    match *source {
        Source::Page { usual: Some(usual), .. } => vec![Place::Usual(usual)],
        Source::Page { address, usual: None } => {
            vec![Place::From(login.clone(), address), Place::Login(login), Place::Address(address)]
        }
        Source::Commands => vec![Place::Commands(login.clone()), Place::Login(login)],
    }
}

fn doubled(over: u32, longest: Duration) -> Duration {
    Duration::from_secs(1 << over.min(16)).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stranger(last: u8) -> Source {
        Source::page(Ipv4Addr::new(192, 0, 2, last).into(), None)
    }

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn wait_doubles_up_to_its_longest_and_is_never_longer_than_was_said() {
        let throttle = Throttle::default();
        let (mut now, mut waits) = (s(10), Vec::new());
        while waits.len() < 12 {
            match throttle.enter("wang", &stranger(1), now) {
                Ok(_) => {}
                Err(wait) => {
                    // Whoever hammers meanwhile does not wait longer for it.
                    assert_eq!(throttle.enter("wang", &stranger(1), now), Err(wait));
                    waits.push(wait.as_secs());
                    now += wait;
                }
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    }

    #[test]
    fn attempts_at_once_are_all_counted() {
        let throttle = Throttle::default();
        let let_in = (0..200).filter(|_| throttle.enter("wang", &stranger(1), s(1)).is_ok()).count();
        assert_eq!(let_in, 5);
    }

    #[test]
    fn owner_gets_in_from_everywhere_else_however_many_strangers_guess() {
        let throttle = Throttle::default();
        for last in 0..100 {
            while throttle.enter("wang", &stranger(last), s(1)).is_ok() {}
        }
        assert!(throttle.enter("wang", &stranger(7), s(1)).is_err(), "who guessed waits");
        assert!(throttle.enter("wang", &stranger(200), s(1)).is_ok(), "and nobody elsewhere");
        assert!(throttle.enter("wang", &Source::Commands, s(1)).is_ok(), "nor at the node's own folder");
        while throttle.enter("wang", &Source::Commands, s(1)).is_ok() {}
        assert!(throttle.enter("wang", &stranger(201), s(1)).is_ok(), "where guesses count by themselves");
        let usual = Source::page(Ipv4Addr::new(192, 0, 2, 1).into(), Some([7; 16]));
        assert!(throttle.enter("wang", &usual, s(1)).is_ok());
        throttle.right("wang", &usual);
        while throttle.enter("wang", &usual, s(1)).is_ok() {}
        assert!(throttle.enter("wang", &usual, s(1)).is_err(), "whoever has that browser guesses no faster");
    }

    #[test]
    fn right_password_clears_its_own_login_and_not_the_guesses_at_others() {
        let throttle = Throttle::default();
        let mut now = s(1);
        for tries in 0..300 {
            if throttle.enter("mine", &stranger(1), now).is_ok() {
                throttle.right("mine", &stranger(1));
            }
            if throttle.enter(&format!("other-{tries}"), &stranger(1), now).is_err() {
                now += s(1);
            }
        }
        assert!(now > s(50), "one right password now and then does not buy guesses: {now:?}");
    }

    #[test]
    fn what_is_remembered_is_bounded_and_who_failed_most_is_remembered() {
        let throttle = Throttle::default();
        while throttle.enter("wang", &stranger(1), s(1)).is_ok() {}
        for n in 0..u32::try_from(TRIED_MAX).unwrap() / 3 + 100 {
            let address = IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + n));
            let _ = throttle.enter(&format!("login {n}"), &Source::page(address, None), s(1));
        }
        assert!(throttle.tried().len() <= TRIED_MAX);
        assert!(throttle.enter("wang", &stranger(1), s(1)).is_err());
        assert!(throttle.enter("wang", &stranger(1), s(4_000)).is_ok(), "an hour later it is forgotten");
    }

    #[test]
    fn addresses_of_one_network_are_one_source() {
        let of = |text: &str| Source::page(text.parse().unwrap(), None).address();
        for own in ["127.9.9.9", "::1", "::ffff:127.0.0.2"] {
            assert_eq!(of(own), of("127.0.0.1"), "{own}");
        }
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2::"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[test]
    fn attempt_that_was_not_looked_at_does_not_count() {
        let throttle = Throttle::default();
        for _ in 0..50 {
            throttle.enter("wang", &stranger(1), s(1)).unwrap();
            throttle.undo("wang", &stranger(1));
        }
    }
}
