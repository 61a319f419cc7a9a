//! People of a node: who may sign in here, and who is signed in.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use base64ct::{Base64UrlUnpadded, Encoding};
use regulation::{Author, Millis, PersonId, Role, UnitId};
use replica::{Person, Registry};
use store::AccountRow;

use crate::clock;
use crate::home::random;
use crate::problem::Problem;
use crate::process::{Me, Node};

/// Somebody who is not in the registry yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// Name on screens.
    pub name: String,
    /// What the person types to sign in.
    pub login: String,
}

/// Characters of a password, at least.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Bytes of a password, at most.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Failed attempts after which an account is locked for a while.
pub const ATTEMPTS_MAX: u32 = 5;
/// For how long.
pub const LOCKED_MS: Millis = 5 * 60_000;
/// A session ends after so long without a request.
pub const SESSION_IDLE_MS_MAX: Millis = 8 * 3_600_000;
/// Sessions at once, at most; beyond that the one that was idle longest ends.
pub const SESSIONS_MAX: usize = 1_000;

/// Adds a person to the registry.
///
/// # Errors
/// The login is taken in that unit or malformed, or this node does not hold the root key.
pub async fn add(node: &Node, unit: UnitId, newcomer: Newcomer, roles: Vec<Role>) -> Result<PersonId, Problem> {
    let registry = node.registry();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if newcomer.login.is_empty() || newcomer.login.len() > 32 || !newcomer.login.chars().all(plain) {
        return Err(Problem::bad_input(
            "登录名须为 1 至 32 个字母、数字或 - _ .",
            "a login has 1 to 32 letters, digits or - _ .",
        ));
    }
    if newcomer.name.is_empty() || newcomer.name.chars().count() > 20 {
        return Err(Problem::bad_input("姓名须为 1 至 20 个字", "a name has 1 to 20 characters"));
    }
    if registry.now().people().any(|(_, person)| person.login == newcomer.login) {
        return Err(Problem::bad_input(
            format!("登录名 {} 已有人使用", newcomer.login),
            format!("the login {} is taken", newcomer.login),
        ));
    }
    let id = registry.next_person();
    crate::enrol::change(node, crate::enrol::person(&registry, unit, newcomer, roles)).await?;
    Ok(id)
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

/// Sets a person's password at this node.
///
/// # Errors
/// It is too short or too long.
pub async fn set_password(node: &Node, person: PersonId, password: &str) -> Result<(), Problem> {
    if password.chars().count() < PASSWORD_CHARS_MIN || password.len() > PASSWORD_BYTES_MAX {
        return Err(Problem::bad_input(
            format!("密码至少 {PASSWORD_CHARS_MIN} 个字符"),
            format!("a password has at least {PASSWORD_CHARS_MIN} characters"),
        ));
    }
    let password = hash_password(password.to_owned()).await?;
    node.keep_account(AccountRow { person, password, failed: 0, locked_until: 0 }).await
}

async fn hash_password(password: String) -> Result<String, Problem> {
    let salt: [u8; 16] = random()?;
    let hash = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).map(|hash| hash.to_string())
    });
    hash.await.map_err(|error| Problem::fault(&error))?.map_err(|error| Problem::fault(&error))
}

/// Checks a password. Every failure looks the same and takes the same time.
///
/// # Errors
/// Wrong, unknown or locked.
pub async fn sign_in(node: &Node, login: &str, password: &str) -> Result<PersonId, Problem> {
    let wrong = || Problem::not_permitted("登录名或密码不对", "the login or the password is wrong");
    let me = node.me()?;
    let registry = node.registry();
    let person = person_called(&registry, &me, login).map(|(id, _)| id);
    let account = match person {
        Some(person) => node.read(move |reader, _| Ok(reader.account(person)?)).await?,
        None => None,
    };
    let now = clock::now();
    if account.as_ref().is_some_and(|account| account.locked_until > now) {
        return Err(Problem::not_permitted(
            "连续输错次数过多，请五分钟后再试",
            "too many failed attempts; try again in five minutes",
        ));
    }
    let (given, stored) = (password.to_owned(), account.as_ref().map(|account| account.password.clone()));
    let check = tokio::task::spawn_blocking(move || {
        // Somebody unknown costs as much time as somebody known.
        let stored = stored.unwrap_or_else(|| NOBODY.to_owned());
        PasswordHash::new(&stored).is_ok_and(|hash| Argon2::default().verify_password(given.as_bytes(), &hash).is_ok())
    });
    let right = check.await.map_err(|error| Problem::fault(&error))?;
    let Some(mut account) = account else { return Err(wrong()) };
    if !right {
        account.failed += 1;
        if account.failed >= ATTEMPTS_MAX {
            (account.failed, account.locked_until) = (0, now + LOCKED_MS);
        }
        node.keep_account(account).await?;
        return Err(wrong());
    }
    if account.failed > 0 {
        account.failed = 0;
        node.keep_account(account.clone()).await?;
    }
    Ok(account.person)
}

/// A hash that no password fits, of the same cost as a real one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Who is signed in at the pages. A restart signs everybody out.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<BTreeMap<String, Session>>);

/// Somebody signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who.
    pub person: PersonId,
    /// What every form of the session must carry.
    pub form_token: String,
    last: Millis,
}

impl Sessions {
    /// Signs a person in; what the cookie holds.
    ///
    /// # Errors
    /// The operating system has no randomness.
    pub fn begin(&self, person: PersonId) -> Result<String, Problem> {
        let secret = |bytes: [u8; 32]| Base64UrlUnpadded::encode_string(&bytes);
        let (id, form_token, last) = (secret(random()?), secret(random()?), clock::now());
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| session.last + SESSION_IDLE_MS_MAX > last);
        if sessions.len() >= SESSIONS_MAX
            && let Some(oldest) = sessions.iter().min_by_key(|(_, session)| session.last).map(|(id, _)| id.clone())
        {
            sessions.remove(&oldest);
        }
        sessions.insert(id.clone(), Session { person, form_token, last });
        Ok(id)
    }

    /// Who a cookie stands for.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Session> {
        let now = clock::now();
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = sessions.get_mut(id).filter(|session| session.last + SESSION_IDLE_MS_MAX > now)?;
        session.last = now;
        Some(session.clone())
    }

    /// Signs out.
    pub fn end(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}
