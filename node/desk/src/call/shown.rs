//! Whose a session of commands is, and what marks one.
//!
//! A session is marked by this device over person, end, the password's hash and the round of the person's sessions here.
//! So it is good at this node alone, also after a restart; nothing is kept of it but the round, which a new password and
//! a sign-out end: a copy of it is then as good as none.

use base64ct::{Base64UrlUnpadded, Encoding};
use regulation::{Millis, PersonId};
use store::AccountRow;
use subtle::ConstantTimeEq;

use super::Secret;
use crate::Desk;
use crate::clock;
use crate::problem::Problem;

/// How long a session of commands lasts: a working day.
pub const COMMAND_SESSION_MS_MAX: Millis = 8 * 3_600_000;

/// `person (4) ‖ end (8) ‖ nonce (8)`, which the mark follows.
const HEAD_BYTES: usize = 20;
const MARK_BYTES: usize = 32;

pub(super) fn mark(desk: &Desk, head: &[u8], account: &AccountRow) -> [u8; MARK_BYTES] {
    let what = [head, &account.round.to_be_bytes(), account.password.as_bytes()].concat();
    desk.home().device_key().mark("jiesu command-session 1", &what)
}

pub(super) async fn account(desk: &Desk, person: PersonId) -> Result<Option<AccountRow>, Problem> {
    desk.read(move |reader, _| Ok(reader.account(person)?)).await
}

pub(super) fn login_of(desk: &Desk, person: PersonId) -> Result<String, Problem> {
    let (me, registry) = (desk.me()?, desk.registry());
    // Whoever was moved to another unit is out with the next command.
    let found = registry.now().person(person).filter(|found| found.unit == me.device.unit);
    found.map(|found| found.login.clone()).ok_or_else(ended)
}

pub(super) fn ended() -> Problem {
    Problem::sign_in_first(
        "登录已失效（到期或密码已改），请重新登录：jiesu sign-in 登录名",
        "the session is no longer good (over, or the password was changed): jiesu sign-in LOGIN",
    )
}

fn parse(session: &str) -> Option<(PersonId, Millis, Vec<u8>)> {
    let bytes = Base64UrlUnpadded::decode_vec(session).ok().filter(|bytes| bytes.len() == HEAD_BYTES + MARK_BYTES)?;
    let person = PersonId(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?));
    let end = Millis::from_be_bytes(bytes.get(4..12)?.try_into().ok()?);
    Some((person, end, bytes))
}

/// When a session is over, by its own word.
#[must_use]
pub fn expires_at(session: &Secret) -> Option<Millis> {
    parse(&session.0).map(|(_, end, _)| end)
}

/// Whose a session is.
pub(super) async fn person_of(desk: &Desk, session: &Secret) -> Result<PersonId, Problem> {
    let (person, end, bytes) = parse(&session.0).ok_or_else(ended)?;
    let kept = account(desk, person).await?.ok_or_else(ended)?;
    let (head, shown) = bytes.split_at(HEAD_BYTES);
    let good: bool = shown.ct_eq(&mark(desk, head, &kept)).into();
    // Nor one that ends later than any that can have been given out: the clock stood wrong when it was.
    let now = clock::now();
    if !good || end <= now || end > now + COMMAND_SESSION_MS_MAX {
        return Err(ended());
    }
    login_of(desk, person).map(|_| person)
}

/// Nobody has signed in, and somebody must.
pub(super) fn nobody(desk: &Desk) -> Result<Problem, Problem> {
    // A configuration that cannot be read may have said that nobody need sign in.
    desk.home().config()?;
    Ok(Problem::sign_in_first(
        "请先登录：jiesu sign-in 登录名（或用 --password-file、JIESU_PASSWORD 给出密码）",
        "sign in first: jiesu sign-in LOGIN (or give the password by --password-file or JIESU_PASSWORD)",
    ))
}
