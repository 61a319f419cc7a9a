//! Times that the city hub signed, by their numbers. A row for each number of which an act is held here.

use regulation::Millis;
use rusqlite::OptionalExtension;

use crate::error::StoreError;
use crate::ids::at_most;
use crate::open::{Queries, Store};

/// Numbers that one question returns at most, in rows.
pub const TIME_ROWS_MAX: usize = 4_096;

impl Queries {
    /// The newest number up to that one of which the time is held, and the time.
    ///
    /// # Errors
    /// Faults only.
    pub fn time_upto(&self, number: u64) -> Result<Option<(u64, Millis)>, StoreError> {
        self.time_upto_by(number, Millis::MAX)
    }

    /// The same of times that are no later than `present`.
    ///
    /// # Errors
    /// Faults only.
    pub fn time_upto_by(&self, number: u64, present: Millis) -> Result<Option<(u64, Millis)>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT number, at FROM times WHERE number <= ?1 AND at <= ?2 ORDER BY number DESC LIMIT 1",
        )?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?));
        Ok(statement.query_row((key(number), present), row).optional()?)
    }

    /// Numbers up to that one with their times, the newest first, at most `limit` or [`TIME_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn times_upto(&self, number: u64, limit: usize) -> Result<Vec<(u64, Millis)>, StoreError> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT number, at FROM times WHERE number <= ?1 ORDER BY number DESC LIMIT ?2")?;
        let rows = statement.query_map((key(number), at_most(limit, TIME_ROWS_MAX)), |row| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Keeps the time of a number; of a number that was given twice the earlier one, in whatever order they come. Whether
    /// that is another one than was kept.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_time(&mut self, number: u64, at: Millis) -> Result<bool, StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached(
                "INSERT INTO times(number, at) VALUES (?1, ?2)
                 ON CONFLICT(number) DO UPDATE SET at = excluded.at WHERE at > excluded.at",
            )?;
            Ok(statement.execute((key(number), at))? > 0)
        })
    }
}

/// As SQLite has it. No hub gives a number beyond.
fn key(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
