//! One group of writes: all of it, or nothing.

use crate::error::StoreError;
use crate::open::{Queries, Store};

/// Where the writer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transaction {
    None,
    Open,
    /// A write failed: nothing of this transaction may be committed.
    Doomed,
}

impl Store {
    /// Opens a transaction.
    ///
    /// # Errors
    /// `InTransaction`, or a fault.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        if self.transaction != Transaction::None {
            return Err(StoreError::InTransaction);
        }
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        self.transaction = Transaction::Open;
        Ok(())
    }

    /// Makes the transaction durable. When this returns `Ok`, a power cut loses nothing of it; on an error nothing of
    /// it is there, and no transaction is open.
    ///
    /// # Errors
    /// `NotInTransaction`; `RolledBack` if one of its writes had failed; a fault of the disk.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        match self.transaction {
            Transaction::None => return Err(StoreError::NotInTransaction),
            Transaction::Doomed => {
                self.rollback()?;
                return Err(StoreError::RolledBack);
            }
            Transaction::Open => {}
        }
        let committed = if self.conn.is_autocommit() {
            Err(StoreError::RolledBack)
        } else {
            self.conn.execute_batch("COMMIT").map_err(StoreError::from)
        };
        match committed {
            Ok(()) => self.transaction = Transaction::None,
            // The first error says what happened; that of the rollback would only hide it.
            Err(_) => drop(self.rollback()),
        }
        committed
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
        let done = work(&self.queries);
        if done.as_ref().is_err_and(StoreError::is_fault) {
            self.transaction = Transaction::Doomed;
        }
        done
    }
}
