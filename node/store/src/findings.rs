//! What the city's hub found of acts of units that no longer hold their document, as it signed it.

use regulation::ids::ActId;
use rusqlite::OptionalExtension;

use crate::error::StoreError;
use crate::open::{Queries, Store};

impl Queries {
    /// A finding by its number.
    ///
    /// # Errors
    /// Faults only.
    pub fn finding_at(&self, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT bytes FROM findings WHERE finding = ?1")?;
        Ok(statement.query_row([number], |row| row.get(0)).optional()?)
    }

    /// The findings of a document's acts, in the order in which they came. As many as a unit made acts of it after it had
    /// left, and words on them.
    ///
    /// # Errors
    /// Faults only.
    pub fn findings_of(&self, doc: &ActId) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT finding, bytes FROM findings WHERE doc = ?1 ORDER BY finding")?;
        let rows = statement.query_map([doc.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Keeps a finding of a document's act; its number, or nothing if it is kept already.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_finding(&mut self, id: &[u8; 32], doc: &ActId, bytes: &[u8]) -> Result<Option<i64>, StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached(
                "INSERT OR IGNORE INTO findings(id, doc, bytes) VALUES (?1, ?2, ?3) RETURNING finding",
            )?;
            Ok(statement.query_row((id, doc.0, bytes), |row| row.get(0)).optional()?)
        })
    }

    /// Another encoding of the same finding: its text was erased.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn set_finding(&mut self, number: i64, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(|store| {
            store.conn.prepare_cached("UPDATE findings SET bytes = ?2 WHERE finding = ?1")?.execute((number, bytes))?;
            Ok(())
        })
    }
}
