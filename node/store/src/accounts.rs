//! Who may sign in at this node.

use std::fmt;

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
    /// Who set the first password here, as far as it was known. It stays, whoever sets another.
    pub first_by: Option<PersonId>,
}

// A hash is worth guessing at, so it stays out of every log.
impl fmt::Debug for AccountRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountRow").field("person", &self.person).finish_non_exhaustive()
    }
}

impl Queries {
    /// A person's account.
    ///
    /// # Errors
    /// Faults only.
    pub fn account(&self, person: PersonId) -> Result<Option<AccountRow>, StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT person, password, round, first_by FROM accounts WHERE person = ?1")?;
        Ok(statement.query_row([person.0], account_of).optional()?)
    }

    /// Every account, by person.
    ///
    /// # Errors
    /// Faults only.
    pub fn accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT person, password, round, first_by FROM accounts ORDER BY person")?;
        let rows = statement.query_map([], account_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Sets a person's password. A new round begins, whichever `row` names; who set the first one stays.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_account(&mut self, row: &AccountRow) -> Result<(), StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached(
                "INSERT INTO accounts(person, password, round, first_by) VALUES (?1, ?2, 1, ?3)
                 ON CONFLICT(person) DO UPDATE SET password = excluded.password, round = round + 1",
            )?;
            statement.execute((row.person.0, &row.password, row.first_by.map(|by| by.0)))?;
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
    Ok(AccountRow { person, password, round: row.get::<_, i64>(2)?.unsigned_abs(), first_by })
}
