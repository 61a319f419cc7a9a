//! Who asks.

use regulation::PersonId;

use crate::problem::Problem;
use crate::{Desk, people};

/// Who asks: the login that was given, or the one person who has an account here.
pub(super) async fn person(desk: &Desk, login: Option<&str>) -> Result<PersonId, Problem> {
    let (me, registry) = (desk.me()?, desk.registry());
    if let Some(login) = login {
        let found = people::person_called(&registry, &me, login).map(|(id, _)| id);
        return found.ok_or_else(|| {
            Problem::not_permitted(
                format!("本单位没有登录名为 {login} 的人员"),
                format!("nobody of this unit has the login {login}"),
            )
        });
    }
    let accounts = desk.read(|reader, _| Ok(reader.accounts()?)).await?;
    match accounts.as_slice() {
        [only] => Ok(only.person),
        _ => Err(Problem::bad_input("请用 --login 指明经办人", "say with --login who does this")),
    }
}

/// A person if one can be told, for what is only shown.
pub(super) async fn viewer(desk: &Desk, login: Option<&str>) -> Result<Option<PersonId>, Problem> {
    match person(desk, login).await {
        Ok(person) => Ok(Some(person)),
        Err(_) if login.is_none() => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Whether somebody looks for a supervision organ.
pub(super) fn inspects(desk: &Desk, person: Option<PersonId>) -> bool {
    desk.me().is_ok_and(|me| people::author(&desk.registry(), &me, person).inspects())
}
