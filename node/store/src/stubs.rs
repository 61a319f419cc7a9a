//! What is left of an act that is not passed on: that its device made it. The city counts a device's acts by them.

use regulation::ids::{ActId, DeviceId, Millis};
use rusqlite::{OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::ids::counted;
use crate::open::{Queries, Store};

/// The stub of an act: nothing of its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StubRow {
    /// The act's id, a hash of its bytes.
    pub id: ActId,
    /// Its author's device.
    pub device: DeviceId,
    /// Epoch of the author's database.
    pub epoch: u64,
    /// The device's count of its acts in that epoch.
    pub dseq: u64,
    /// The device's signature over the id.
    pub signatures: Vec<u8>,
    /// The device that the stub or its act came from.
    pub peer: DeviceId,
    /// When it came.
    pub received_at: Millis,
}

impl Queries {
    /// A stub by its number.
    ///
    /// # Errors
    /// Faults only.
    pub fn stub_at(&self, number: i64) -> Result<Option<StubRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT id, device, epoch, dseq, signatures, peer, received_at FROM stubs WHERE stub = ?1",
        )?;
        Ok(statement.query_row([number], stub_of).optional()?)
    }

    /// The number of a stub.
    ///
    /// # Errors
    /// Faults only.
    pub fn stub_of(&self, id: &ActId) -> Result<Option<i64>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT stub FROM stubs WHERE id = ?1")?;
        Ok(statement.query_row([id.0], |row| row.get(0)).optional()?)
    }

    /// How many acts of a device's epoch are known here, whether by themselves or by their stubs, and the highest number
    /// among them: the same where none is missing.
    ///
    /// # Errors
    /// Faults only.
    pub fn acts_counted(&self, device: DeviceId, epoch: u64) -> Result<(u64, u64), StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT count(DISTINCT dseq), coalesce(max(dseq), 0) FROM (
                 SELECT dseq FROM acts WHERE line = (SELECT line FROM lines WHERE device = ?1 AND epoch = ?2)
                 UNION ALL SELECT dseq FROM stubs WHERE device = ?1 AND epoch = ?2)",
        )?;
        Ok(statement.query_row((device.0, epoch.cast_signed()), |row| {
            Ok((row.get(0).map(counted)?, row.get(1).map(counted)?))
        })?)
    }
}

impl Store {
    /// Keeps a stub; its number, or nothing if it is kept already.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_stub(&mut self, row: &StubRow) -> Result<Option<i64>, StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached(
                "INSERT OR IGNORE INTO stubs(id, device, epoch, dseq, signatures, peer, received_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING stub",
            )?;
            let (epoch, dseq) = (row.epoch.cast_signed(), row.dseq.cast_signed());
            let values = params![row.id.0, row.device.0, epoch, dseq, row.signatures, row.peer.0, row.received_at];
            Ok(statement.query_row(values, |row| row.get(0)).optional()?)
        })
    }
}

fn stub_of(row: &Row<'_>) -> rusqlite::Result<StubRow> {
    Ok(StubRow {
        id: row.get(0).map(ActId)?,
        device: row.get(1).map(DeviceId)?,
        epoch: row.get(2).map(i64::cast_unsigned)?,
        dseq: row.get(3).map(i64::cast_unsigned)?,
        signatures: row.get(4)?,
        peer: row.get(5).map(DeviceId)?,
        received_at: row.get(6)?,
    })
}
