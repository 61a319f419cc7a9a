//! Whether two machines use one key: a disk that was cloned, or a key that was stolen.
//!
//! Each of the two dials, and the newer connection takes the place of the older: without a bound they do that to each
//! other as fast as they can. One process dials from one address, so an address that comes back after another one had
//! taken its place is another machine, not a leftover.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;

use crate::Key;

/// A connection is not displaced before it has lived so long.
pub const DISPLACE_MIN: Duration = Duration::from_secs(1);
/// Once a key is contested, whoever is connected keeps its place for so long.
pub const HOLD: Duration = Duration::from_secs(30);
/// Displacements further back are forgotten.
const REMEMBERED: Duration = Duration::from_secs(600);
/// Displacements of one key that are remembered.
const TRAIL_MAX: usize = 8;
/// Addresses that came back which make a contest.
const BACK_MIN: usize = 2;
/// Keys that are remembered; a key has to be allowed to get here.
const KEYS_MAX: usize = 1_024;

/// Who displaced whom lately.
#[derive(Debug, Default)]
pub(crate) struct Contests(BTreeMap<Key, Trail>);

#[derive(Debug, Default)]
struct Trail {
    /// When, and the address that had to go.
    gone: VecDeque<(Instant, SocketAddr)>,
    /// How often an address took its place back.
    back: usize,
    told: Option<Instant>,
}

/// What to do with the newer of two connections with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ruling {
    /// It takes the place of the older one.
    pub displaces: bool,
    /// Two machines use the key, and nobody has been told lately.
    pub tell: bool,
}

impl Contests {
    /// A connection of `key` is up from `from` since `since`, and one from `to` is there.
    pub(crate) fn rule(
        &mut self,
        now: Instant,
        key: Key,
        (from, since): (SocketAddr, Instant),
        to: SocketAddr,
    ) -> Ruling {
        if from == to {
            // The same process: the older one is a leftover that has not noticed yet.
            return Ruling { displaces: true, tell: false };
        }
        if self.0.len() >= KEYS_MAX {
            self.0.retain(|_, trail| trail.gone.back().is_some_and(|(at, _)| now - *at < REMEMBERED));
        }
        let trail = self.0.entry(key).or_default();
        if trail.gone.back().is_some_and(|(at, _)| now - *at >= REMEMBERED) {
            *trail = Trail::default();
        }
        let lived = now - since;
        let contested = trail.back >= BACK_MIN;
        let displaces = lived >= if contested { HOLD } else { DISPLACE_MIN };
        if displaces {
            trail.back += usize::from(trail.gone.iter().any(|(_, address)| *address == to));
            trail.gone.push_back((now, from));
            if trail.gone.len() > TRAIL_MAX {
                trail.gone.pop_front();
            }
        }
        let tell = trail.back >= BACK_MIN && trail.told.is_none_or(|at| now - at >= REMEMBERED);
        if tell {
            trail.told = Some(now);
        }
        Ruling { displaces, tell }
    }

    /// Another machine took the place of this one at a peer. Whether that is to be told.
    pub(crate) fn displaced_here(&mut self, now: Instant, me: Key, at: SocketAddr) -> bool {
        let trail = self.0.entry(me).or_default();
        trail.gone.retain(|(when, _)| now - *when < REMEMBERED);
        trail.gone.push_back((now, at));
        if trail.gone.len() > TRAIL_MAX {
            trail.gone.pop_front();
        }
        let tell = trail.gone.len() > BACK_MIN && trail.told.is_none_or(|told| now - told >= REMEMBERED);
        if tell {
            trail.told = Some(now);
        }
        tell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = [7; 32];

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    #[test]
    fn two_machines_with_one_key_are_told_once_and_change_places_seldom() {
        let (mut contests, start) = (Contests::default(), Instant::now());
        let (mut place, mut since, mut changes, mut told) = (at(1), start, 0, 0);
        // Both dial a hundred times a second for ten minutes.
        for step in 0..60_000 {
            let now = start + Duration::from_millis(step * 10);
            for other in [at(1), at(2)].into_iter().filter(|other| *other != place).collect::<Vec<_>>() {
                let ruling = contests.rule(now, KEY, (place, since), other);
                told += usize::from(ruling.tell);
                if ruling.displaces {
                    (place, since) = (other, now);
                    changes += 1;
                }
            }
        }
        assert_eq!(told, 1);
        assert!(changes <= 3 + 600 / 30, "{changes} changes in ten minutes");
    }

    #[test]
    fn a_device_that_comes_again_from_elsewhere_is_no_contest() {
        let (mut contests, start) = (Contests::default(), Instant::now());
        let (mut place, mut since) = (at(1), start);
        for n in 2..200 {
            // A laptop that was suspended: another port each time, and the old connection is still there.
            let now = since + Duration::from_secs(3);
            let ruling = contests.rule(now, KEY, (place, since), at(n));
            assert_eq!(ruling, Ruling { displaces: true, tell: false }, "at {n}");
            (place, since) = (at(n), now);
        }
        let again = contests.rule(since, KEY, (place, since), place);
        assert!(again.displaces, "the same process comes again at once");
    }
}
