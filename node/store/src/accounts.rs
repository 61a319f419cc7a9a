//! Who may sign in at this node.

use std::fmt;

use regulation::Millis;
use regulation::ids::PersonId;
use rusqlite::{OptionalExtension, Row};

use crate::error::StoreError;
use crate::open::{Queries, Store};

/// A person's account here.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The person.
    pub person: PersonId,
    /// The password's hash, in PHC form.
    pub password: String,
    /// Goes on with each new password and each sign-out: sessions of commands are of one round.
    pub round: u64,
    /// Who set the password that the person found here, as far as it was known. It stays when they choose their own.
    pub first_by: Option<PersonId>,
    /// Since when the person signs in with a password of their own choice; nothing while it is one that another set.
    pub own_since: Option<Millis>,
    /// The version of the registry in which the password was set.
    pub version: u32,
}

// A hash is worth guessing at, so it stays out of every log.
impl fmt::Debug for AccountRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountRow").field("person", &self.person).finish_non_exhaustive()
    }
}

const COLUMNS: &str = "person, password, round, first_by, own_since, version";

impl Queries {
    /// A person's account.
    ///
    /// # Errors
    /// Faults only.
    pub fn account(&self, person: PersonId) -> Result<Option<AccountRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(&format!("SELECT {COLUMNS} FROM accounts WHERE person = ?1"))?;
        Ok(statement.query_row([person.0], account_of).optional()?)
    }

    /// Every account, by person.
    ///
    /// # Errors
    /// Faults only.
    pub fn accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(&format!("SELECT {COLUMNS} FROM accounts ORDER BY person"))?;
        let rows = statement.query_map([], account_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Sets a person's password. A new round begins, whichever `row` names. Who set the first one stays where `row` names
    /// nobody, and so does since when it is the person's own, as long as it is.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_account(&mut self, row: &AccountRow) -> Result<(), StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached(
                "INSERT INTO accounts(person, password, round, first_by, own_since, version) VALUES (?1, ?2, 1, ?3, ?4, ?5)
                 ON CONFLICT(person) DO UPDATE SET
                     password = excluded.password,
                     round = round + 1,
                     first_by = coalesce(excluded.first_by, first_by),
                     own_since = iif(excluded.own_since IS NULL, NULL, coalesce(own_since, excluded.own_since)),
                     version = excluded.version",
            )?;
            let by = row.first_by.map(|by| by.0);
            statement.execute((row.person.0, &row.password, by, row.own_since, row.version))?;
            Ok(())
        })
    }

    /// Begins a new round of a person's sessions. False if there is no account.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn end_sessions(&mut self, person: PersonId) -> Result<bool, StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached("UPDATE accounts SET round = round + 1 WHERE person = ?1")?;
            Ok(statement.execute([person.0])? > 0)
        })
    }

    /// Removes a person's account. False if there was none.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn remove_account(&mut self, person: PersonId) -> Result<bool, StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached("DELETE FROM accounts WHERE person = ?1")?;
            Ok(statement.execute([person.0])? > 0)
        })
    }
}

fn account_of(row: &Row<'_>) -> rusqlite::Result<AccountRow> {
    let (person, password) = (row.get(0).map(PersonId)?, row.get(1)?);
    let first_by = row.get::<_, Option<u32>>(3)?.map(PersonId);
    let round = row.get::<_, i64>(2)?.unsigned_abs();
    Ok(AccountRow { person, password, round, first_by, own_since: row.get(4)?, version: row.get(5)? })
}
