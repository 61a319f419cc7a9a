//! Requests that were done, under the ids that those who asked gave them: a second one under the same id is told what the
//! first one came to. They are this node's own and go to no peer.

use regulation::ids::{Millis, PersonId};
use rusqlite::OptionalExtension;

use crate::error::StoreError;
use crate::open::{Queries, Store};

/// Old requests that one new one takes away, at most.
pub const REQUESTS_FORGOTTEN_MAX: u32 = 8;

/// A request that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRow {
    /// Its id.
    pub id: [u8; 32],
    /// Who asked; 0 for the node itself.
    pub person: PersonId,
    /// Hash of what was asked.
    pub digest: [u8; 32],
    /// What it came to.
    pub told: Vec<u8>,
    /// When.
    pub at: Millis,
}

impl Queries {
    /// The request of that id.
    ///
    /// # Errors
    /// Faults only.
    pub fn request(&self, id: &[u8; 32]) -> Result<Option<RequestRow>, StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT id, person, digest, told, at FROM requests WHERE id = ?1")?;
        let row = statement.query_row([id], |row| {
            Ok(RequestRow {
                id: row.get(0)?,
                person: PersonId(row.get(1)?),
                digest: row.get(2)?,
                told: row.get(3)?,
                at: row.get(4)?,
            })
        });
        Ok(row.optional()?)
    }
}

impl Queries {
    /// What whoever asked was answered, word for word, if that is kept: of the request of that id, person and digest alone.
    ///
    /// # Errors
    /// Faults only.
    pub fn answer(&self, id: &[u8; 32], person: PersonId, digest: &[u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT answer FROM requests WHERE id = ?1 AND person = ?2 AND digest = ?3")?;
        let answer = statement.query_row((id, person.0, digest), |row| row.get(0)).optional()?;
        Ok(answer.flatten())
    }
}

impl Store {
    /// Keeps what whoever asked was answered, if the request was done and nothing is kept yet.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_answer(&mut self, id: &[u8; 32], answer: &[u8]) -> Result<(), StoreError> {
        self.write(|store| {
            let mut keep =
                store.conn.prepare_cached("UPDATE requests SET answer = ?2 WHERE id = ?1 AND answer IS NULL")?;
            keep.execute((id, answer))?;
            Ok(())
        })
    }

    /// Keeps that a request was done: of this person so many at most, the last ones. Of the oldest of all some are
    /// forgotten that were done before `since`.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault, as where the id is there already.
    pub fn put_request(&mut self, row: &RequestRow, of_person: u32, since: Millis) -> Result<(), StoreError> {
        self.write(|store| {
            let mut last = store.conn.prepare_cached("SELECT max(nth) FROM requests WHERE person = ?1")?;
            let nth = last.query_row([row.person.0], |row| row.get::<_, Option<i64>>(0))?.unwrap_or_default() + 1;
            let mut insert = store.conn.prepare_cached(
                "INSERT INTO requests(id, person, nth, digest, told, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            insert.execute((row.id, row.person.0, nth, row.digest, &row.told, row.at))?;
            let mut surplus = store.conn.prepare_cached("DELETE FROM requests WHERE person = ?1 AND nth <= ?2")?;
            surplus.execute((row.person.0, nth - i64::from(of_person)))?;
            let mut old = store.conn.prepare_cached(
                "DELETE FROM requests WHERE at < ?1
                 AND rseq IN (SELECT rseq FROM requests ORDER BY rseq LIMIT ?2)",
            )?;
            old.execute((since, REQUESTS_FORGOTTEN_MAX))?;
            Ok(())
        })
    }
}
