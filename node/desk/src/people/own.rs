//! Whose a password is. One that somebody else set opens nothing but choosing one's own, and nothing at all once its person
//! has been given a role since: whoever set it would have that role.

use regulation::PersonId;
use replica::registry::ROOT_LOG;
use replica::{Registry, RegistryVersion};
use store::AccountRow;

use super::sessions::{Known, mark_of};
use super::throttle::Source;
use super::weak::check_password;
use crate::problem::Problem;
use crate::{Desk, clock};

/// Who sets a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetBy {
    /// Whoever signs in with it.
    Owner,
    /// Somebody else, as far as it is known who.
    Another(Option<PersonId>),
}

/// Sets a person's password at this node. Whoever is signed in as that person is signed out.
///
/// # Errors
/// It can be none, or too many passwords are being checked now.
pub async fn set_password(desk: &Desk, by: SetBy, person: PersonId, password: &str) -> Result<(), Problem> {
    set(desk, by, person, password).await.map(drop)
}

/// As [`set_password`]; the account as it is now.
async fn set(desk: &Desk, by: SetBy, person: PersonId, password: &str) -> Result<AccountRow, Problem> {
    let registry = desk.registry();
    let (now, at) = (clock::now(), registry.now());
    let names = at.person(person).map(|person| [person.login.as_str(), person.name.as_str()]);
    check_password(password, names.as_ref().map_or(&[], |names| names))?;
    let (version, password) = (at.version(), desk.door().passwords.hash(password.to_owned()).await?);
    let (first_by, own_since) = match by {
        SetBy::Owner => (None, Some(now)),
        SetBy::Another(by) => (by, None),
    };
    let account = AccountRow { person, password, round: 0, first_by, own_since, version };
    desk.keep_account(account.clone()).await?;
    // Only now: a session that began meanwhile by the old password ends as well.
    desk.door().sessions.end_all(person);
    // One that is left behind there is of a password that does not hold any more.
    desk.drawer().soon(move |drawer| drawer.end_sessions_of(person));
    Ok(account)
}

/// Somebody chooses their own password, and shows the one that they have. Every session of theirs ends.
///
/// # Errors
/// As where somebody signs in; or the new one can be none, or is the old one.
pub async fn choose(desk: &Desk, login: &str, old: &str, new: &str, source: &Source) -> Result<Known, Problem> {
    let (known, account) = super::right(desk, login, old, source).await?;
    not_void(&desk.registry(), &account)?;
    if new == old {
        return Err(Problem::bad_input(
            "新密码与原密码相同，没有改：请另选一个",
            "the new password is the old one, nothing was changed: choose another",
        ));
    }
    let account = set(desk, SetBy::Owner, known.person, new).await?;
    let changes = desk.door().sessions.changes(known.person);
    Ok(Known { changes, account: mark_of(&account), ..known })
}

/// That a password which is right signs its person in.
pub(super) fn opens(registry: &Registry, login: &str, account: &AccountRow) -> Result<(), Problem> {
    not_void(registry, account)?;
    if account.own_since.is_some() {
        return Ok(());
    }
    Err(Problem::choose_password(login))
}

/// That a password is the person's own, or no role was given since another set it.
fn not_void(registry: &Registry, account: &AccountRow) -> Result<(), Problem> {
    let now = registry.now();
    let Some(person) = now.person(account.person).filter(|_| account.own_since.is_none()) else { return Ok(()) };
    let then = registry.at(&[RegistryVersion { log: ROOT_LOG, version: account.version }]);
    let had = then.as_ref().and_then(|then| then.person(account.person)).map(|then| then.roles.as_slice());
    if had.is_some_and(|had| person.roles.iter().all(|role| had.contains(role))) {
        return Ok(());
    }
    Err(Problem::not_permitted(
        "这个密码是别人设的，此后本人又增加了岗位，密码已作废：请系统管理岗位的人员（或岗位不少于本人的同事）重新设一个",
        "another set this password, and roles were given since: it is void. Have an administrator, or a colleague with all these roles, set another",
    ))
}
