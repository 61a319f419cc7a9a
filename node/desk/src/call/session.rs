//! Who a command acts for: a session, begun with a password.
//!
//! A session is marked by this device over person, end, the password's hash and the round of the person's sessions here.
//! So it is good at this node alone, also after a restart; nothing is kept of it but the round, which a new password and
//! a sign-out end: a copy of it is then as good as none.

use base64ct::{Base64UrlUnpadded, Encoding};
use regulation::{Millis, PersonId};
use serde_json::Value;
use store::AccountRow;
use subtle::ConstantTimeEq;

use super::answers::{Session, SignedOut};
use super::asker::person;
use super::{Asked, Call, CallBy, Secret, Who, answer_named, answer_to, password};
use crate::Desk;
use crate::people::{self, Source};
use crate::problem::Problem;
use crate::{clock, home};

/// How long a session of commands lasts: a working day.
pub const COMMAND_SESSION_MS_MAX: Millis = 8 * 3_600_000;

/// `person (4) ‖ end (8) ‖ nonce (8)`, which the mark follows.
const HEAD_BYTES: usize = 20;
const MARK_BYTES: usize = 32;

fn mark(desk: &Desk, head: &[u8], account: &AccountRow) -> [u8; MARK_BYTES] {
    let what = [head, &account.round.to_be_bytes(), account.password.as_bytes()].concat();
    desk.home().device_key().mark("jiesu command-session 1", &what)
}

/// Begins a session.
pub(super) async fn begin(desk: &Desk, login: Option<&str>, password: &Secret) -> Result<Session, Problem> {
    let login = match login {
        Some(login) => login.to_owned(),
        None => login_of(desk, person(desk, None).await?)?,
    };
    // Read before the password is checked: one that is changed meanwhile ends the session that it began.
    let (me, registry) = (desk.me()?, desk.registry());
    let kept = match people::person_called(&registry, &me, &login) {
        Some((person, _)) => account(desk, person).await?,
        None => None,
    };
    let person = people::sign_in(desk, &login, &password.0, &Source::Commands).await?.person;
    let kept = kept.ok_or_else(ended)?;
    let end = clock::now() + COMMAND_SESSION_MS_MAX;
    let nonce: [u8; 8] = home::random()?;
    let mut bytes = [&person.0.to_be_bytes()[..], &end.to_be_bytes(), &nonce].concat();
    let mark = mark(desk, &bytes, &kept);
    bytes.extend_from_slice(&mark);
    let session = Base64UrlUnpadded::encode_string(&bytes);
    Ok(Session { login, session: Secret(session), expires_at: clock::text(end) })
}

/// Ends every session of somebody at this node.
pub(super) async fn end(desk: &Desk, person: PersonId) -> Result<SignedOut, Problem> {
    desk.end_sessions(person).await?;
    Ok(SignedOut { login: login_of(desk, person)? })
}

async fn account(desk: &Desk, person: PersonId) -> Result<Option<AccountRow>, Problem> {
    desk.read(move |reader, _| Ok(reader.account(person)?)).await
}

fn login_of(desk: &Desk, person: PersonId) -> Result<String, Problem> {
    let (me, registry) = (desk.me()?, desk.registry());
    // Whoever was moved to another unit is out with the next command.
    let found = registry.now().person(person).filter(|found| found.unit == me.device.unit);
    found.map(|found| found.login.clone()).ok_or_else(ended)
}

fn ended() -> Problem {
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

/// Answers what a command or program asks, once it is shown in whose name.
///
/// # Errors
/// What was not done, and why.
pub async fn ask(desk: &Desk, asked: Asked) -> Result<Value, Problem> {
    let request = asked.request.clone();
    let answered = answered(desk, asked).await;
    answered.map_err(|problem| match &request {
        Some(request) => problem.of_request(request),
        None => problem,
    })
}

async fn answered(desk: &Desk, asked: Asked) -> Result<Value, Problem> {
    let Asked { login, session, request, call } = asked;
    desk.home().still_there()?;
    if desk.home().commands_open() {
        return answer_named(desk, CallBy { login, call }, request).await;
    }
    match call.who() {
        Who::Anybody => return answer_to(desk, None, request, call).await,
        Who::AnybodyAndMore => {
            // A session that is not good shows nobody, as does none.
            let person = match &session {
                Some(session) => person_of(desk, session).await.ok(),
                None => None,
            };
            return answer_to(desk, person, request, call).await;
        }
        _ => {}
    }
    if let Call::Password(asked) = &call {
        // Who set a password for another stands beside what the two decide together.
        let by = match &asked.old {
            Some(_) => None,
            None => password::setter(desk, &asked.login, session.as_ref()).await?,
        };
        return answer_to(desk, by, request, call).await;
    }
    let Some(session) = session else { return Err(nobody(desk)?) };
    let person = person_of(desk, &session).await?;
    let signed_in = login_of(desk, person)?;
    if let Some(other) = login.filter(|login| *login != signed_in) {
        return Err(Problem::not_permitted(
            format!("登录的是 {signed_in}，不是 {other}；请先 jiesu sign-in {other}"),
            format!("{signed_in} is signed in, not {other}; run jiesu sign-in {other} first"),
        ));
    }
    answer_to(desk, Some(person), request, call).await
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
