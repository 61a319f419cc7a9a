//! Who is signed in.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use regulation::{Millis, PersonId};

use crate::clock;
use crate::home::random;
use crate::problem::Problem;

/// Somebody who knew the password; becomes a session by [`Sessions::begin`].
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Who.
    pub person: PersonId,
    /// How often the password had been changed when it was checked.
    pub(super) changes: u64,
}

/// A session ends after so long without a request.
pub const SESSION_IDLE_MS_MAX: Millis = 8 * 3_600_000;
/// Sessions at once, at most; beyond that the one that was idle longest ends.
pub const SESSIONS_MAX: usize = 1_000;
/// Sessions of one person, at most; beyond that their own longest idle one ends.
pub const SESSIONS_PER_PERSON_MAX: usize = 20;

/// Who is signed in. A restart signs everybody out.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    sessions: BTreeMap<String, Session>,
    /// How often the password of each person was changed.
    changes: BTreeMap<PersonId, u64>,
}

/// Somebody signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who.
    pub person: PersonId,
    /// What every form of the session must carry.
    pub form_token: String,
    last: Moment,
}

/// A moment by both clocks: the one on the wall, which goes on while a laptop sleeps, and the one that nobody sets. What
/// has passed by either has passed, so that neither a sleep nor a clock put back prolongs a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    wall: Millis,
    steady: Duration,
}

impl Moment {
    fn now() -> Self {
        Self { wall: clock::now(), steady: clock::steady() }
    }

    fn idle_ms(self, now: Self) -> Millis {
        let steady = Millis::try_from(now.steady.saturating_sub(self.steady).as_millis()).unwrap_or(Millis::MAX);
        steady.max(now.wall - self.wall)
    }
}

impl Held {
    /// Ends the longest idle session among those that `who` picks.
    fn end_one(&mut self, who: impl Fn(&Session) -> bool) {
        let picked = self.sessions.iter().filter(|(_, session)| who(session));
        if let Some(id) = picked.min_by_key(|(_, session)| session.last.steady).map(|(id, _)| id.clone()) {
            self.sessions.remove(&id);
        }
    }
}

impl Sessions {
    /// Signs a person in; what the cookie holds.
    ///
    /// # Errors
    /// The password was changed since it was checked, or the operating system has no randomness.
    pub fn begin(&self, known: Known) -> Result<String, Problem> {
        let secret = |bytes: [u8; 32]| Base64UrlUnpadded::encode_string(&bytes);
        let (id, form_token, last) = (secret(random()?), secret(random()?), Moment::now());
        let mut held = self.held();
        if held.changes.get(&known.person).copied().unwrap_or_default() != known.changes {
            return Err(Problem::not_permitted(
                "密码刚被修改，请重新登录",
                "the password was just changed; sign in anew",
            ));
        }
        held.sessions.retain(|_, session| session.last.idle_ms(last) < SESSION_IDLE_MS_MAX);
        let own = held.sessions.values().filter(|session| session.person == known.person).count();
        if own >= SESSIONS_PER_PERSON_MAX {
            held.end_one(|session| session.person == known.person);
        } else if held.sessions.len() >= SESSIONS_MAX {
            held.end_one(|_| true);
        }
        held.sessions.insert(id.clone(), Session { person: known.person, form_token, last });
        Ok(id)
    }

    /// Who a cookie stands for; it was used.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Session> {
        let now = Moment::now();
        let mut held = self.held();
        let session = held.sessions.get_mut(id).filter(|session| session.last.idle_ms(now) < SESSION_IDLE_MS_MAX)?;
        session.last = now;
        Some(session.clone())
    }

    /// Whether a session goes on; asking does not prolong it.
    #[must_use]
    pub fn lasts(&self, id: &str) -> bool {
        let now = Moment::now();
        self.held().sessions.get(id).is_some_and(|session| session.last.idle_ms(now) < SESSION_IDLE_MS_MAX)
    }

    /// Signs out.
    pub fn end(&self, id: &str) {
        self.held().sessions.remove(id);
    }

    /// Signs a person out everywhere: the password was changed.
    pub fn end_all(&self, person: PersonId) {
        let mut held = self.held();
        *held.changes.entry(person).or_default() += 1;
        held.sessions.retain(|_, session| session.person != person);
    }

    /// How often a person's password was changed since the node was started.
    pub(super) fn changes(&self, person: PersonId) -> u64 {
        self.held().changes.get(&person).copied().unwrap_or_default()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANG: Known = Known { person: PersonId(1), changes: 0 };
    const LI: Known = Known { person: PersonId(2), changes: 0 };

    #[test]
    fn changed_password_ends_every_session_of_that_person_and_the_one_that_was_about_to_begin() {
        let sessions = Sessions::default();
        let (first, second, other) =
            (sessions.begin(WANG).unwrap(), sessions.begin(WANG).unwrap(), sessions.begin(LI).unwrap());
        sessions.end_all(PersonId(1));
        assert!(!sessions.lasts(&first) && sessions.find(&second).is_none());
        assert!(sessions.lasts(&other));
        assert_eq!(sessions.begin(WANG).unwrap_err().code, "not-permitted", "the old password was checked before");
        assert!(sessions.begin(Known { changes: sessions.changes(PersonId(1)), ..WANG }).is_ok());
    }

    #[test]
    fn who_signs_in_without_end_displaces_only_themselves() {
        let sessions = Sessions::default();
        let other = sessions.begin(LI).unwrap();
        let mine: Vec<String> = (0..=SESSIONS_PER_PERSON_MAX).map(|_| sessions.begin(WANG).unwrap()).collect();
        assert!(sessions.lasts(&other));
        assert_eq!(mine.iter().filter(|id| sessions.lasts(id)).count(), SESSIONS_PER_PERSON_MAX);
        assert!(sessions.lasts(mine.last().unwrap()));
    }

    #[test]
    fn idle_is_what_either_clock_says() {
        let at = |wall, hours: u64| Moment { wall, steady: Duration::from_secs(hours * 3_600) };
        let begun = at(1_000_000_000_000, 1);
        assert_eq!(begun.idle_ms(at(1_000_000_000_000 + 5, 1)), 5, "asleep: only the wall clock went on");
        assert_eq!(begun.idle_ms(at(0, 3)), 2 * 3_600_000, "put back: the other one went on");
    }
}
