//! Acts that wait for something this node does not have yet. Held is no verdict.

use regulation::ids::{ActId, DeviceId, Millis};
use rusqlite::{OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::ids::{ScopeId, at_most, counted};
use crate::open::{Queries, Store};

/// Held acts that one question returns at most, in rows.
pub const HELD_ROWS_MAX: usize = 1_000;
/// Bytes of held acts after which one question returns no more; whoever asks on goes on behind the last.
pub const HELD_ROWS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The rows until [`HELD_ROWS_BYTES_MAX`] is reached, at least one.
fn within_bytes(rows: impl Iterator<Item = rusqlite::Result<HeldRow>>) -> Result<Vec<HeldRow>, StoreError> {
    let (mut kept, mut bytes) = (Vec::new(), 0);
    for row in rows {
        let row = row?;
        bytes += row.bytes.len();
        if bytes > HELD_ROWS_BYTES_MAX && !kept.is_empty() {
            break;
        }
        kept.push(row);
    }
    Ok(kept)
}

/// A held act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRow {
    /// Names the row: one act that came through two scopes waits in each.
    pub id: ActId,
    /// The act's own id.
    pub act: ActId,
    /// The whole sealed act with its parts, as it came: opaque here.
    pub bytes: Vec<u8>,
    /// The scope in whose feed it came.
    pub scope: Option<ScopeId>,
    /// The device it came from.
    pub peer: Option<DeviceId>,
    /// When it came.
    pub received_at: Millis,
    /// The device that answers for it, for the bound on what one device may have waiting: its author's, or where its
    /// signature could not be checked yet the one that it came from.
    pub device: DeviceId,
    /// Why it is held.
    pub reason: String,
}

impl Queries {
    /// A held act.
    ///
    /// # Errors
    /// Faults only.
    pub fn held(&self, id: &ActId) -> Result<Option<HeldRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT id, act, bytes, scope, peer, received_at, device, reason FROM held WHERE id = ?1",
        )?;
        Ok(statement.query_row([id.0], held_of).optional()?)
    }

    /// Whether an act is held, in whichever scope.
    ///
    /// # Errors
    /// Faults only.
    pub fn holds_act(&self, act: &ActId) -> Result<bool, StoreError> {
        Ok(self.conn.prepare_cached("SELECT 1 FROM held WHERE act = ?1")?.exists([act.0])?)
    }

    /// Held acts by id after `after`, at most `limit` or [`HELD_ROWS_MAX`], and [`HELD_ROWS_BYTES_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn held_after(&self, after: Option<&ActId>, limit: usize) -> Result<Vec<HeldRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT id, act, bytes, scope, peer, received_at, device, reason FROM held WHERE id > ?1 ORDER BY id LIMIT ?2",
        )?;
        let after: &[u8] = after.map_or(&[], |id| &id.0);
        within_bytes(statement.query_map((after, at_most(limit, HELD_ROWS_MAX)), held_of)?)
    }

    /// Held acts that wait for `need` (an act's id, or a name made up for a registry version), by id, at most
    /// [`HELD_ROWS_MAX`] after `after`, and [`HELD_ROWS_BYTES_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn held_waiting_for(&self, need: &[u8; 32], after: Option<&ActId>) -> Result<Vec<HeldRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT h.id, h.act, h.bytes, h.scope, h.peer, h.received_at, h.device, h.reason
             FROM held_needs n JOIN held h ON h.id = n.id WHERE n.need = ?1 AND n.id > ?2 ORDER BY n.id LIMIT ?3",
        )?;
        let after: &[u8] = after.map_or(&[], |id| &id.0);
        within_bytes(statement.query_map(params![need, after, at_most(HELD_ROWS_MAX, HELD_ROWS_MAX)], held_of)?)
    }

    /// What a held act waits for, sorted.
    ///
    /// # Errors
    /// Faults only.
    pub fn held_needs(&self, id: &ActId) -> Result<Vec<[u8; 32]>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT need FROM held_needs WHERE id = ?1 ORDER BY need")?;
        let rows = statement.query_map([id.0], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many acts are held of one author's device.
    ///
    /// # Errors
    /// Faults only.
    pub fn held_count_of(&self, device: DeviceId) -> Result<u64, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT count(*) FROM held WHERE device = ?1")?;
        Ok(statement.query_row([device.0], |row| row.get(0).map(counted))?)
    }

    /// How many acts are held of each author's device, by device.
    ///
    /// # Errors
    /// Faults only.
    pub fn held_counts(&self) -> Result<Vec<(DeviceId, u64)>, StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT device, count(*) FROM held GROUP BY device ORDER BY device")?;
        let rows = statement.query_map([], |row| Ok((row.get(0).map(DeviceId)?, row.get(1).map(counted)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Holds an act until what it needs is there. Held again, its row stays as it first came, with the new reason and
    /// needs, whoever answers for it now, and the longer of the two bytes: those bring more of its parts.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn hold(&mut self, row: &HeldRow, needs: &[[u8; 32]]) -> Result<(), StoreError> {
        self.write(|store| {
            let mut insert = store.conn.prepare_cached(
                "INSERT INTO held(id, act, bytes, scope, peer, received_at, device, reason)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET reason = excluded.reason,
                 device = excluded.device, bytes = iif(length(excluded.bytes) > length(bytes), excluded.bytes, bytes)",
            )?;
            insert.execute(params![
                row.id.0,
                row.act.0,
                row.bytes,
                row.scope,
                row.peer.map(|peer| peer.0),
                row.received_at,
                row.device.0,
                row.reason,
            ])?;
            store.conn.prepare_cached("DELETE FROM held_needs WHERE id = ?1")?.execute([row.id.0])?;
            let mut need_insert =
                store.conn.prepare_cached("INSERT OR IGNORE INTO held_needs(id, need) VALUES (?1, ?2)")?;
            for need in needs {
                need_insert.execute((row.id.0, need))?;
            }
            Ok(())
        })
    }

    /// Forgets a held act: it has a verdict now. False if it is not held.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn drop_held(&mut self, id: &ActId) -> Result<bool, StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached("DELETE FROM held WHERE id = ?1")?;
            Ok(statement.execute([id.0])? > 0)
        })
    }
}

fn held_of(row: &Row<'_>) -> rusqlite::Result<HeldRow> {
    Ok(HeldRow {
        id: row.get(0).map(ActId)?,
        act: row.get(1).map(ActId)?,
        bytes: row.get(2)?,
        scope: row.get(3)?,
        peer: row.get::<_, Option<u32>>(4)?.map(DeviceId),
        received_at: row.get(5)?,
        device: row.get(6).map(DeviceId)?,
        reason: row.get(7)?,
    })
}
