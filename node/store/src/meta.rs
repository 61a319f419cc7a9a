//! Small facts of this node by name, and the registry's logs as they came.

use rusqlite::OptionalExtension;

use crate::error::StoreError;
use crate::open::{Queries, Store};

impl Queries {
    /// What was last set under `key`.
    ///
    /// # Errors
    /// Faults only.
    pub fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// The newest version held of a log; 0 where none is.
    ///
    /// # Errors
    /// Faults only.
    pub fn registry_head(&self, log: u32) -> Result<u32, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT max(version) FROM registry WHERE log = ?1")?;
        Ok(statement.query_row([log], |row| row.get::<_, Option<u32>>(0))?.unwrap_or(0))
    }

    /// Entries of a log after version `after`, oldest first, as (version, bytes).
    ///
    /// # Errors
    /// Faults only.
    pub fn registry_entries(&self, log: u32, after: u32) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT version, bytes FROM registry WHERE log = ?1 AND version > ?2 ORDER BY version")?;
        let rows = statement.query_map((log, after), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Sets `key` to `value`.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn set_meta(&mut self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached("REPLACE INTO meta(key, value) VALUES (?1, ?2)")?;
            statement.execute((key, value))?;
            Ok(())
        })
    }

    /// Appends an entry to a log.
    ///
    /// # Errors
    /// `Gap` unless `version` is the last one held plus one; `NotInTransaction`; a fault.
    pub fn registry_append(&mut self, log: u32, version: u32, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(|store| {
            let expected = store.registry_head(log)?.saturating_add(1);
            if version != expected {
                return Err(StoreError::Gap { log, expected, found: version });
            }
            let mut statement =
                store.conn.prepare_cached("INSERT INTO registry(log, version, bytes) VALUES (?1, ?2, ?3)")?;
            statement.execute((log, version, bytes))?;
            Ok(())
        })
    }

    /// Empties every projection, as after a change of how the kernel folds. The ground truth stays.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn drop_projections(&mut self) -> Result<(), StoreError> {
        self.write(|store| crate::projections::empty_projections(&store.conn))
    }
}
