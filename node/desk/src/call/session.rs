//! Who a command acts for: a session, begun with a password.

use base64ct::{Base64UrlUnpadded, Encoding};
use regulation::PersonId;
use serde_json::Value;

use super::answers::{Session, SignedOut};
use super::asker::person;
use super::shown::{COMMAND_SESSION_MS_MAX, account, ended, login_of, mark, nobody, person_of};
use super::{Asked, Call, CallBy, Secret, Who, answer_named, answer_to, password};
use crate::Desk;
use crate::people::{self, Source};
use crate::problem::Problem;
use crate::{clock, home};

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
