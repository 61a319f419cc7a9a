//! Setting a password: one's own by showing the one that there is, or another's first one.

use regulation::{PersonId, Role};

use super::answers::PasswordSet;
use super::asker::person;
use super::shown::{nobody, person_of};
use super::{Secret, questions as q};
use crate::Desk;
use crate::people::{self, SetBy, Source};
use crate::problem::Problem;

/// Sets a password, as `by` does it, if that is known.
pub(super) async fn set(desk: &Desk, by: Option<PersonId>, asked: q::Password) -> Result<PasswordSet, Problem> {
    let q::Password { login, password, old } = asked;
    if let Some(old) = old {
        people::choose(desk, &login, &old.0, &password.0, &Source::Commands).await?;
        return Ok(PasswordSet { login });
    }
    let of = person(desk, Some(&login)).await?;
    let nobody_yet = desk.read(|reader, _| Ok(reader.accounts()?.is_empty())).await?;
    let by = match by {
        Some(by) => SetBy::Another(Some(by)),
        // Where nobody has an account whoever has the folder is taken for the first who works there.
        None if nobody_yet => SetBy::Owner,
        // The folder is open: it may have been anybody.
        None => SetBy::Another(None),
    };
    people::set_password(desk, by, of, &password.0).await?;
    Ok(PasswordSet { login })
}

/// Who sets a password without showing the one that there is; nobody where nobody could sign in before. The first one at a
/// node may be set by anybody; the first one of a person, until they have chosen their own, by an administrator, or by a
/// colleague who becomes no more by it than they are. Never another's administration: whoever has a device to themselves would
/// have the city.
pub(super) async fn setter(desk: &Desk, login: &str, session: Option<&Secret>) -> Result<Option<PersonId>, Problem> {
    let of = person(desk, Some(login)).await?;
    let accounts = desk.read(|reader, _| Ok(reader.accounts()?)).await?;
    let account = accounts.iter().find(|account| account.person == of);
    if account.is_some_and(|account| account.own_since.is_some()) {
        return Err(Problem::old_password(login));
    }
    let (registry, unit) = (desk.registry(), desk.me()?.device.unit);
    let at = registry.now();
    let roles =
        |person| at.person(person).map(|person| (person.unit == unit, person.roles.clone())).unwrap_or_default();
    let (ours, theirs) = roles(of);
    let Some(session) = session else {
        return match account {
            _ if accounts.is_empty() && ours && !theirs.contains(&Role::Administer) => Ok(None),
            _ if accounts.is_empty() => Err(not_theirs(login)),
            // Whoever has been told it chooses their own with it.
            Some(_) => Err(Problem::old_password(login)),
            None => Err(nobody(desk)?),
        };
    };
    let by = person_of(desk, session).await?;
    let (_, mine) = roles(by);
    let may = mine.contains(&Role::Administer) || ours && theirs.iter().all(|role| mine.contains(role));
    if may { Ok(Some(by)) } else { Err(not_theirs(login)) }
}

fn not_theirs(login: &str) -> Problem {
    Problem::not_permitted(
        format!(
            "{login} 有设密码的人没有的岗位：首次密码请由系统管理（administer）岗位的人员在本机设，或邀请时用 join --person"
        ),
        format!(
            "{login} has a role that whoever sets the password has not: an administrator sets it here, or join --person"
        ),
    )
}
