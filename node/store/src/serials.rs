//! The serials of tickets. The last one that is given out or left out here of each day: all days are kept, so that a clock that
//! was ahead, or is put back, gives no number twice. And which tickets have which number, whoever gave it.

use regulation::ids::{ActId, DeviceId};
use rusqlite::OptionalExtension;

use crate::error::StoreError;
use crate::ids::DocNo;
use crate::open::{Queries, Store};

/// What makes the number of a ticket, beside the unit of its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serial {
    /// The device that gave it.
    pub device: DeviceId,
    /// The day, counted from 1970-01-01 in local time.
    pub day: i32,
    /// Which of that day.
    pub serial: u32,
}

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

    /// Keeps the number of a ticket. Another ticket that has the same, if this is new here.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_number(&mut self, of: Serial, doc: DocNo) -> Result<Option<ActId>, StoreError> {
        self.write(|store| {
            let mut insert = store
                .conn
                .prepare_cached("INSERT OR IGNORE INTO numbers(device, day, serial, doc) VALUES (?1, ?2, ?3, ?4)")?;
            let row = (of.device.0, of.day, of.serial, doc.0);
            if insert.execute(row)? == 0 {
                return Ok(None);
            }
            let mut others = store.conn.prepare_cached(
                "SELECT d.id FROM numbers n JOIN docs d ON d.doc = n.doc
                 WHERE n.device = ?1 AND n.day = ?2 AND n.serial = ?3 AND n.doc <> ?4 ORDER BY n.doc LIMIT 1",
            )?;
            Ok(others.query_row(row, |row| row.get(0).map(ActId)).optional()?)
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
