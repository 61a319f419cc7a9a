//! The last serial that this node has given out for each day: all days are kept, so that a clock that was ahead, or is
//! put back, gives no number twice. A row a day.

use rusqlite::OptionalExtension;

use crate::error::StoreError;
use crate::open::{Queries, Store};

impl Queries {
    /// The last serial of a day, if one was given out.
    ///
    /// # Errors
    /// Faults only.
    pub fn serial(&self, day: i32) -> Result<Option<u32>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT last FROM serials WHERE day = ?1")?;
        Ok(statement.query_row([day], |row| row.get(0)).optional()?)
    }
}

impl Store {
    /// Keeps the last serial of a day.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_serial(&mut self, day: i32, last: u32) -> Result<(), StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached("REPLACE INTO serials(day, last) VALUES (?1, ?2)")?;
            statement.execute((day, last))?;
            Ok(())
        })
    }

    /// Leaves so many serials out on every day that has any.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn skip_serials(&mut self, count: u32) -> Result<(), StoreError> {
        self.write(|store| {
            store.conn.prepare_cached("UPDATE serials SET last = last + ?1")?.execute([count])?;
            Ok(())
        })
    }
}
