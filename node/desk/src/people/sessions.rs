//! Who is signed in.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use regulation::{Millis, PersonId};
use replica::seal::hash;
use store::{AccountRow, SessionRow};

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
    /// The account by which they are known.
    pub(super) account: [u8; 32],
}

/// A session ends after so long without anything that a person asks for, in milliseconds.
pub const SESSION_IDLE_MS_MAX: Millis = 8 * 3_600_000;
/// A session ends so long after it began, in milliseconds, whatever is asked.
pub const SESSION_MS_MAX: Millis = 24 * 3_600_000;
/// How much a session may have been used beyond what is noted of it, in milliseconds: it is noted no more often.
pub const SESSION_NOTED_MS: Millis = 60_000;
/// Sessions at once, at most; beyond that the one that was idle longest ends.
pub const SESSIONS_MAX: usize = 1_000;
/// Sessions of one person, at most; beyond that their own longest idle one ends.
pub const SESSIONS_PER_PERSON_MAX: usize = 20;

/// What is kept of a session in the place of what the browser shows: nobody becomes anybody by reading it.
pub type Token = [u8; 32];

/// Who is signed in.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    sessions: BTreeMap<Token, Entry>,
    /// How often the password of each person was changed.
    changes: BTreeMap<PersonId, u64>,
}

#[derive(Debug)]
struct Entry {
    person: PersonId,
    begun: Moment,
    last: Moment,
    /// When its use was last noted.
    noted: Millis,
}

/// Somebody signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who.
    pub person: PersonId,
    /// What every form of the session must carry.
    pub form_token: String,
}

/// A session that has just begun.
pub struct Begun {
    /// What the cookie holds.
    pub id: String,
    /// What is kept of it.
    pub row: SessionRow,
    /// Those that ended for it.
    pub ended: Vec<Token>,
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

    fn passed_ms(self, now: Self) -> Millis {
        let steady = Millis::try_from(now.steady.saturating_sub(self.steady).as_millis()).unwrap_or(Millis::MAX);
        steady.max(now.wall - self.wall)
    }
}

impl Entry {
    fn lasts(&self, now: Moment) -> bool {
        self.last.passed_ms(now) < SESSION_IDLE_MS_MAX && self.begun.passed_ms(now) < SESSION_MS_MAX
    }
}

impl Held {
    /// Ends the longest idle session among those that `who` picks.
    fn end_one(&mut self, who: impl Fn(&Entry) -> bool) -> Option<Token> {
        let picked = self.sessions.iter().filter(|(_, session)| who(session));
        let token =
            picked.min_by_key(|(_, session)| (session.last.steady, session.last.wall)).map(|(token, _)| *token)?;
        self.sessions.remove(&token);
        Some(token)
    }
}

fn token_of(id: &str) -> Token {
    hash(b"jiesu/page-session/1", id.as_bytes())
}

/// The account by which somebody signed in; another once the password is.
pub(crate) fn mark_of(account: &AccountRow) -> [u8; 32] {
    let what = [&account.person.0.to_be_bytes()[..], account.password.as_bytes()].concat();
    hash(b"jiesu/page-account/1", &what)
}

impl Sessions {
    /// Those that go on after a restart: begun with a password that still holds, and neither too old nor idle for too long.
    #[must_use]
    pub fn of(rows: &[SessionRow], accounts: &[AccountRow]) -> Self {
        let (now, mut held) = (Moment::now(), Held::default());
        for row in rows {
            // What was used later than now was noted by a clock that was wrong, then or now.
            let sane = row.begun_at <= row.last_at && row.last_at <= now.wall + SESSION_NOTED_MS;
            let known = accounts.iter().any(|account| account.person == row.person && mark_of(account) == row.account);
            let at = |wall| Moment { wall, steady: now.steady };
            let (begun, last) = (at(row.begun_at), at(row.last_at));
            let entry = Entry { person: row.person, begun, last, noted: row.last_at };
            if sane && known && entry.lasts(now) {
                held.sessions.insert(row.token, entry);
            }
        }
        Self(Mutex::new(held))
    }

    /// What is kept of each.
    #[must_use]
    pub fn tokens(&self) -> Vec<Token> {
        self.held().sessions.keys().copied().collect()
    }

    /// Signs a person in.
    ///
    /// # Errors
    /// The password was changed since it was checked, or the operating system has no randomness.
    pub fn begin(&self, known: Known) -> Result<Begun, Problem> {
        let (id, now) = (Base64UrlUnpadded::encode_string(&random::<32>()?), Moment::now());
        let token = token_of(&id);
        let mut held = self.held();
        if held.changes.get(&known.person).copied().unwrap_or_default() != known.changes {
            return Err(Problem::not_permitted(
                "密码刚被修改，请重新登录",
                "the password was just changed; sign in anew",
            ));
        }
        let over: Vec<Token> =
            held.sessions.iter().filter(|(_, session)| !session.lasts(now)).map(|(token, _)| *token).collect();
        held.sessions.retain(|_, session| session.lasts(now));
        let own = held.sessions.values().filter(|session| session.person == known.person).count();
        let displaced = if own >= SESSIONS_PER_PERSON_MAX {
            held.end_one(|session| session.person == known.person)
        } else if held.sessions.len() >= SESSIONS_MAX {
            held.end_one(|_| true)
        } else {
            None
        };
        held.sessions.insert(token, Entry { person: known.person, begun: now, last: now, noted: now.wall });
        let Known { person, account, .. } = known;
        let row = SessionRow { token, person, account, begun_at: now.wall, last_at: now.wall };
        Ok(Begun { id, row, ended: over.into_iter().chain(displaced).collect() })
    }

    /// Who a cookie stands for. Where a person asks for something it was used; what is to be noted of that then.
    #[must_use]
    pub fn find(&self, id: &str, asks: bool) -> Option<(Session, Option<(Token, Millis)>)> {
        let (now, token) = (Moment::now(), token_of(id));
        let mut held = self.held();
        let entry = held.sessions.get_mut(&token).filter(|entry| entry.lasts(now))?;
        let mut note = None;
        if asks {
            entry.last = now;
            if now.wall - entry.noted >= SESSION_NOTED_MS || now.wall < entry.noted {
                entry.noted = now.wall;
                note = Some((token, now.wall));
            }
        }
        let form_token = Base64UrlUnpadded::encode_string(&hash(b"jiesu/page-form/1", id.as_bytes()));
        Some((Session { person: entry.person, form_token }, note))
    }

    /// Whether a session goes on; asking does not prolong it.
    #[must_use]
    pub fn lasts(&self, id: &str) -> bool {
        self.find(id, false).is_some()
    }

    /// Signs out; what was kept of it.
    pub fn end(&self, id: &str) -> Token {
        let token = token_of(id);
        self.held().sessions.remove(&token);
        token
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

    fn account(person: u32, password: &str) -> AccountRow {
        AccountRow {
            person: PersonId(person),
            password: password.to_owned(),
            round: 1,
            first_by: None,
            own_since: Some(1),
            version: 1,
        }
    }

    fn known(person: u32) -> Known {
        Known { person: PersonId(person), changes: 0, account: mark_of(&account(person, "a")) }
    }

    #[test]
    fn changed_password_ends_every_session_of_that_person_and_the_one_that_was_about_to_begin() {
        let sessions = Sessions::default();
        let begin = |person| sessions.begin(known(person)).unwrap().id;
        let (first, second, other) = (begin(1), begin(1), begin(2));
        sessions.end_all(PersonId(1));
        assert!(!sessions.lasts(&first) && sessions.find(&second, true).is_none());
        assert!(sessions.lasts(&other));
        let refused = sessions.begin(known(1)).map(|_| ()).unwrap_err();
        assert_eq!(refused.code, "not-permitted", "the old password was checked before");
        assert!(sessions.begin(Known { changes: sessions.changes(PersonId(1)), ..known(1) }).is_ok());
    }

    #[test]
    fn who_signs_in_without_end_displaces_only_themselves() {
        let sessions = Sessions::default();
        let other = sessions.begin(known(2)).unwrap().id;
        let mine: Vec<Begun> = (0..=SESSIONS_PER_PERSON_MAX).map(|_| sessions.begin(known(1)).unwrap()).collect();
        assert!(sessions.lasts(&other));
        assert_eq!(mine.iter().filter(|begun| sessions.lasts(&begun.id)).count(), SESSIONS_PER_PERSON_MAX);
        let last = mine.last().unwrap();
        assert!(sessions.lasts(&last.id) && last.ended.len() == 1, "and what was kept of it is to be forgotten");
    }

    #[test]
    fn idle_is_what_either_clock_says() {
        let at = |wall, hours: u64| Moment { wall, steady: Duration::from_secs(hours * 3_600) };
        let begun = at(1_000_000_000_000, 1);
        assert_eq!(begun.passed_ms(at(1_000_000_000_000 + 5, 1)), 5, "asleep: only the wall clock went on");
        assert_eq!(begun.passed_ms(at(0, 3)), 2 * 3_600_000, "put back: the other one went on");
    }

    #[test]
    fn session_outlives_the_process_unless_it_is_over_or_its_password_is() {
        let begun = Sessions::default().begin(known(1)).unwrap();
        let (row, now) = (begun.row, clock::now());
        assert!(!row.token.iter().eq(begun.id.as_bytes()), "what the browser shows is not kept");
        let lasts = |row: &SessionRow, accounts: &[AccountRow]| {
            Sessions::of(std::slice::from_ref(row), accounts).find(&begun.id, false)
        };
        let token = |found: Option<(Session, _)>| found.map(|(session, _)| session.form_token);
        let accounts = [account(1, "a"), account(2, "b")];
        let first = token(lasts(&row, &accounts));
        assert!(first.is_some() && first == token(lasts(&row, &accounts)), "forms that were open go on as well");
        for (what, accounts) in [("changed", vec![account(1, "b")]), ("gone", vec![account(2, "a")])] {
            assert!(lasts(&row, &accounts).is_none(), "password {what}");
        }
        for (what, begun_at, last_at) in [
            ("idle for too long", now - SESSION_IDLE_MS_MAX, now - SESSION_IDLE_MS_MAX),
            ("too old, though used just now", now - SESSION_MS_MAX, now),
            ("of a clock that was ahead", now, now + 3_600_000),
        ] {
            assert!(lasts(&SessionRow { begun_at, last_at, ..row.clone() }, &accounts).is_none(), "{what}");
        }
        let long = SessionRow { begun_at: now - SESSION_MS_MAX + 60_000, last_at: now - 60_000, ..row.clone() };
        assert!(lasts(&long, &accounts).is_some());
    }

    #[test]
    fn what_a_page_asks_by_itself_prolongs_nothing() {
        let begun = Sessions::default().begin(known(1)).unwrap();
        let last_at = clock::now() - SESSION_IDLE_MS_MAX + 60_000;
        let row = SessionRow { begun_at: last_at, last_at, ..begun.row };
        let sessions = Sessions::of(&[row], &[account(1, "a")]);
        let (_, noted) = sessions.find(&begun.id, false).unwrap();
        assert!(noted.is_none(), "a refresh");
        let (_, noted) = sessions.find(&begun.id, true).unwrap();
        assert!(noted.is_some_and(|(_, at)| at > last_at), "a click");
        assert!(sessions.find(&begun.id, true).unwrap().1.is_none(), "noted once a minute");
    }
}
