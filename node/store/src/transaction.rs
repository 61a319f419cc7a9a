//! One group of writes: all of it, or nothing.

use crate::error::StoreError;
use crate::open::{Queries, Store, Transaction};

impl Store {
    /// Opens a transaction.
    ///
    /// # Errors
    /// `InTransaction`, or a fault.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        if self.transaction != Transaction::None {
            return Err(StoreError::InTransaction);
        }
        if let Some(fault) = &self.log.fault {
            return Err(fault.clone());
        }
        self.prove_intact()?;
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        self.transaction = Transaction::Open;
        self.written = false;
        Ok(())
    }

    /// Makes the transaction durable. When this returns `Ok`, a power cut loses nothing of it, and that it was told is
    /// noted beside the database. On an error no transaction is open, and nothing of it is there, unless it is `Unknown`.
    ///
    /// # Errors
    /// `NotInTransaction`; `RolledBack` if one of its writes had failed; `Unknown`; another fault of the disk.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        match self.transaction {
            Transaction::None => return Err(StoreError::NotInTransaction),
            Transaction::Doomed => {
                self.rollback()?;
                return Err(StoreError::RolledBack);
            }
            Transaction::Open => {}
        }
        match self.commit_open() {
            Ok(()) => {
                self.transaction = Transaction::None;
                Ok(())
            }
            Err(error) => {
                // The first error says what happened; that of the rollback would only hide it.
                drop(self.rollback());
                if matches!(error, StoreError::Unknown(_)) {
                    self.log.fault = Some(error.clone());
                }
                Err(error)
            }
        }
    }

    fn commit_open(&mut self) -> Result<(), StoreError> {
        if self.conn.is_autocommit() {
            return Err(StoreError::RolledBack);
        }
        if !self.written {
            // There is nothing to count or to tell.
            return Ok(self.conn.execute_batch("COMMIT")?);
        }
        let count = self.count_commit()?;
        self.conn.execute_batch("COMMIT").map_err(|error| match StoreError::from(error) {
            // What could not be written whole is not there. Of what could not be forced to the disk nobody knows.
            StoreError::Io(why) | StoreError::Corrupt(why) => StoreError::Unknown(why),
            known => known,
        })?;
        let kept = self.prove_kept().and_then(|()| self.tell_mark(count));
        kept.map_err(|error| StoreError::Unknown(error.to_string()))
    }

    /// Undoes the transaction.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn rollback(&mut self) -> Result<(), StoreError> {
        if self.transaction == Transaction::None {
            return Err(StoreError::NotInTransaction);
        }
        self.transaction = Transaction::None;
        // SQLite rolls back by itself when the disk is full or fails.
        if !self.conn.is_autocommit() {
            self.conn.execute_batch("ROLLBACK")?;
        }
        // A long transaction may have come into the log before it was given up.
        if let Some(intact) = &mut self.intact {
            intact.written();
        }
        Ok(())
    }

    /// True between `begin` and `commit` or `rollback`.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        self.transaction != Transaction::None
    }

    /// Every write goes through here. Work that refuses must do so before it writes.
    pub(crate) fn write<T>(&mut self, work: impl FnOnce(&Queries) -> Result<T, StoreError>) -> Result<T, StoreError> {
        match self.transaction {
            Transaction::None => return Err(StoreError::NotInTransaction),
            Transaction::Doomed => return Err(StoreError::RolledBack),
            Transaction::Open => {}
        }
        let before = self.conn.total_changes();
        let done = work(&self.queries);
        self.written |= self.conn.total_changes() != before;
        if done.as_ref().is_err_and(StoreError::is_fault) {
            self.transaction = Transaction::Doomed;
        }
        done
    }
}
