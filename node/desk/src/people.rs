//! People of a node: who may sign in here, and who is signed in.

mod door;
mod own;
mod passwords;
mod sessions;
mod throttle;
mod weak;

use kernel::{Alarm, Cause, Command, Detail, Done};
use regulation::{Author, PersonId, Role, UnitId};
use replica::{Person, Registry};
use store::AccountRow;

use crate::alike::told_apart;
use crate::once::By;
use crate::problem::Problem;
use crate::{Desk, Me};
use crate::{clock, csv, unseen};

pub use door::Door;
pub use own::{SetBy, choose, set_password};
pub use passwords::{CHECKS_MAX, CHECKS_WAITING_MAX};
pub use sessions::{
    Known, SESSION_IDLE_MS_MAX, SESSION_MS_MAX, SESSION_NOTED_MS, SESSIONS_MAX, SESSIONS_PER_PERSON_MAX, Session,
    Sessions,
};
pub use throttle::{Source, TRIED_MAX};
pub use weak::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN, check_password};

/// Somebody who is not in the registry yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// Name on screens.
    pub name: String,
    /// What the person types to sign in.
    pub login: String,
}

/// Characters of a person's name, at most.
pub const NAME_CHARS_MAX: usize = 20;
/// Characters of a login, at most.
pub const LOGIN_CHARS_MAX: usize = 32;

impl Newcomer {
    /// Whether the names are such that the registry can hold them. Who is called so already is decided where they are
    /// written down.
    ///
    /// # Errors
    /// Which is not, and why.
    pub fn check(&self) -> Result<(), Problem> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.login.is_empty() || self.login.len() > LOGIN_CHARS_MAX || !self.login.chars().all(plain) {
            return Err(Problem::bad_input(
                format!("登录名须为 1 至 {LOGIN_CHARS_MAX} 个字母、数字或 - _ ."),
                format!("a login has 1 to {LOGIN_CHARS_MAX} letters, digits or - _ ."),
            ));
        }
        named("姓名", "a name", &self.name, NAME_CHARS_MAX)
    }

    /// That nobody of the registry is called such that people would take the one for the other.
    ///
    /// # Errors
    /// Who is.
    pub(crate) fn told_apart(&self, registry: &Registry) -> Result<(), Problem> {
        let at = registry.now();
        let people = || at.people().map(|(_, person)| person);
        told_apart(("姓名", "the name"), &self.name, people().map(|person| person.name.as_str()))?;
        told_apart(("登录名", "the login"), &self.login, people().map(|person| person.login.as_str()))
    }
}

/// Whether a text can be a name: something, not too long, without blanks at its ends and without characters that nobody
/// sees or that turn the direction of others.
///
/// # Errors
/// `what` it is that is none, in Chinese and English.
pub fn named(chinese: &str, english: &str, text: &str, chars_max: usize) -> Result<(), Problem> {
    if text.is_empty() || text.chars().count() > chars_max {
        return Err(Problem::bad_input(
            format!("{chinese}须为 1 至 {chars_max} 个字"),
            format!("{english} has 1 to {chars_max} characters"),
        ));
    }
    if text.trim() != text || text.contains(char::is_control) || unseen::any(text) {
        return Err(Problem::bad_input(
            format!("{chinese}里有换行、首尾空格或看不见的字符，请重新输入"),
            format!("{english} holds a line end, blanks at its ends or characters that cannot be seen; type it anew"),
        ));
    }
    // It stands in tables of reports, as names do.
    if csv::guarded(text) != text {
        return Err(Problem::bad_input(
            format!("{chinese}不能以 = + - @ 开头"),
            format!("{english} does not begin with = + - or @"),
        ));
    }
    Ok(())
}

/// Adds a person to the registry, on the word of `by`.
///
/// # Errors
/// The login is taken or malformed, or this node does not hold the root key.
pub async fn add(
    desk: &Desk,
    by: PersonId,
    unit: UnitId,
    newcomer: Newcomer,
    roles: Vec<Role>,
) -> Result<PersonId, Problem> {
    add_by(desk, By { person: Some(by), once: None }, unit, newcomer, roles).await
}

/// As [`add`], under the id of a request.
///
/// # Errors
/// As [`add`].
pub async fn add_by(
    desk: &Desk,
    by: By,
    unit: UnitId,
    newcomer: Newcomer,
    roles: Vec<Role>,
) -> Result<PersonId, Problem> {
    newcomer.check()?;
    newcomer.told_apart(&desk.registry())?;
    let person = Person { unit, name: newcomer.name, login: newcomer.login, roles };
    match desk.ask_by(by, Command::AddPerson(person)).await? {
        Done::Person(id) => Ok(id),
        other => Err(Problem::fault(&format!("a person who came to {other:?}"))),
    }
}

/// The person of that login in the unit of this node.
#[must_use]
pub fn person_called<'r>(registry: &'r Registry, me: &Me, login: &str) -> Option<(PersonId, &'r Person)> {
    registry.now().people().find(|(_, person)| person.login == login && person.unit == me.device.unit)
}

/// A person of this node's unit as the author of what they do here.
#[must_use]
pub fn author(registry: &Registry, me: &Me, person: Option<PersonId>) -> Author {
    let (now, unit) = (registry.now(), me.device.unit);
    Author {
        unit,
        level: now.level(unit),
        hub: me.hub,
        person,
        roles: person.map(|person| now.roles(person, unit)).unwrap_or_default(),
    }
}

/// Begins a session at the pages; what the cookie holds. Where it cannot be kept it ends with the process.
///
/// # Errors
/// The password was changed since it was checked.
pub async fn begin(desk: &Desk, known: Known) -> Result<String, Problem> {
    let begun = desk.door().sessions.begin(known)?;
    let (row, ended) = (begun.row, begun.ended);
    let kept = desk.drawer().with(move |drawer| {
        ended.iter().try_for_each(|token| drawer.end_session(token))?;
        drawer.put_session(&row)
    });
    if let Err(problem) = kept.await {
        tracing::warn!(reason = problem.detail, "登录没有记下 a session was not noted");
    }
    Ok(begun.id)
}

/// Who is signed in by what a cookie holds. A person who asks for something prolongs it; what a page asks by itself does not.
#[must_use]
pub fn signed_in(desk: &Desk, id: &str, asks: bool) -> Option<Session> {
    let (session, note) = desk.door().sessions.find(id, asks)?;
    if let Some((token, at)) = note {
        desk.drawer().soon(move |drawer| drawer.touch_session(&token, at));
    }
    Some(session)
}

/// Signs out: the session is over, also after a restart.
///
/// # Errors
/// It could not be forgotten on the disk.
pub async fn sign_out(desk: &Desk, id: &str) -> Result<(), Problem> {
    let token = desk.door().sessions.end(id);
    desk.drawer().with(move |drawer| drawer.end_session(&token)).await
}

/// Failed attempts at one login after which somebody has to look.
const GUESSES_ALARM: u32 = 20;

/// Signs somebody in. Every failure looks the same and takes the same time, also that of somebody unknown.
///
/// # Errors
/// The password is wrong or the login unknown; it was tried too often, with how long to wait; too many passwords are being
/// checked now; or it is right, and not the person's own.
pub async fn sign_in(desk: &Desk, login: &str, password: &str, source: &Source) -> Result<Known, Problem> {
    let (known, account) = right(desk, login, password, source).await?;
    own::opens(&desk.registry(), login, &account)?;
    Ok(known)
}

/// Whose password it is, if it is right.
async fn right(desk: &Desk, login: &str, password: &str, source: &Source) -> Result<(Known, AccountRow), Problem> {
    let door = desk.door();
    let guesses = door.throttle.enter(login, source, clock::steady()).map_err(|wait| too_often(wait.as_secs() + 1))?;
    let checked = check(desk, login, password, source).await;
    match &checked {
        Ok(Some(_)) => door.throttle.right(login, source),
        // Who is guessed at is not said: a login may be a password that was typed in the wrong field.
        Ok(None) if guesses == GUESSES_ALARM => {
            desk.raise(Alarm::PasswordsGuessed, Cause::Address(source.address()), Detail::Nothing {}).await?;
        }
        Ok(None) => {}
        // It was never looked at.
        Err(_) => door.throttle.undo(login, source),
    }
    let wrong = || Problem::not_permitted("登录名或密码不对", "the login or the password is wrong");
    checked?.ok_or_else(wrong)
}

async fn check(
    desk: &Desk,
    login: &str,
    password: &str,
    source: &Source,
) -> Result<Option<(Known, AccountRow)>, Problem> {
    let (me, registry) = (desk.me()?, desk.registry());
    // Somebody unknown costs the same steps as somebody known. No person has the number 0.
    let person = person_called(&registry, &me, login).map_or(PersonId(0), |(id, _)| id);
    let changes = desk.door().sessions.changes(person);
    let account = desk.read(move |reader, _| Ok(reader.account(person)?)).await?;
    let mark = account.as_ref().map(sessions::mark_of).unwrap_or_default();
    let stored = account.as_ref().map(|account| account.password.clone());
    let right = desk.door().passwords.fits(password.to_owned(), stored, source).await?;
    Ok(account.filter(|_| right).map(|account| (Known { person, changes, account: mark }, account)))
}

fn too_often(seconds: u64) -> Problem {
    Problem::later(
        429,
        seconds,
        format!("尝试过于频繁，请 {seconds} 秒后再试"),
        format!("too many attempts; try again in {seconds} seconds"),
    )
}
