//! What was too much to keep: who it is by and where it came from, so that it can be asked for; and what weighs how much.

use regulation::ids::{ActId, DeviceId, Millis};
use rusqlite::{Row, params};

use crate::error::StoreError;
use crate::ids::{ScopeId, at_most, counted};
use crate::open::{Queries, Store};

/// Acts set aside that one question returns at most, in rows.
pub const ASIDE_ROWS_MAX: usize = 1_000;

/// What is counted, by the device that answers for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Bytes of acts that wait.
    Held,
    /// Bytes of unlawful acts.
    Unlawful,
    /// Acts set aside that the device answers for.
    Aside,
    /// Stubs of the device's acts.
    Stubs,
}

impl Weight {
    /// As the triggers of the schema count.
    const fn number(self) -> i64 {
        match self {
            Self::Held => 1,
            Self::Unlawful => 2,
            Self::Aside => 3,
            Self::Stubs => 4,
        }
    }
}

/// An act that was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsideRow {
    /// Its id.
    pub act: ActId,
    /// The scope in whose feed it came.
    pub scope: ScopeId,
    /// The device it came from.
    pub peer: DeviceId,
    /// The device that answers for it.
    pub device: DeviceId,
    /// What it would count under.
    pub weight: Weight,
    /// How many bytes it has.
    pub bytes: u64,
    /// When it came.
    pub received_at: Millis,
}

impl Queries {
    /// How much of that there is of a device.
    ///
    /// # Errors
    /// Faults only.
    pub fn weight_of(&self, weight: Weight, device: DeviceId) -> Result<u64, StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT coalesce(sum(bytes), 0) FROM weights WHERE kind = ?1 AND device = ?2")?;
        Ok(statement.query_row((weight.number(), device.0), |row| row.get(0).map(counted))?)
    }

    /// Whether an act is set aside in a scope.
    ///
    /// # Errors
    /// Faults only.
    pub fn is_aside(&self, act: &ActId, scope: ScopeId) -> Result<bool, StoreError> {
        Ok(self.conn.prepare_cached("SELECT 1 FROM aside WHERE act = ?1 AND scope = ?2")?.exists((act.0, scope))?)
    }

    /// How many acts are set aside.
    ///
    /// # Errors
    /// Faults only.
    pub fn aside_count(&self) -> Result<u64, StoreError> {
        Ok(self.conn.prepare_cached("SELECT count(*) FROM aside")?.query_row([], |row| row.get(0).map(counted))?)
    }

    /// Acts set aside in a scope after `after`, at most `limit` or [`ASIDE_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn aside_in(&self, scope: ScopeId, after: Option<&ActId>, limit: usize) -> Result<Vec<AsideRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT act, scope, peer, device, weight, bytes, received_at FROM aside
             WHERE scope = ?1 AND act > ?2 ORDER BY act LIMIT ?3",
        )?;
        let after: &[u8] = after.map_or(&[], |id| &id.0);
        let rows = statement.query_map((scope, after, at_most(limit, ASIDE_ROWS_MAX)), aside_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Acts set aside in a scope for which an act of another device waits, at most `limit` or [`ASIDE_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn aside_needed(&self, scope: ScopeId, limit: usize) -> Result<Vec<AsideRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT act, scope, peer, device, weight, bytes, received_at FROM aside a WHERE scope = ?1 AND EXISTS (
                 SELECT 1 FROM held_needs n JOIN held h ON h.id = n.id WHERE n.need = a.act AND h.device <> a.device)
             ORDER BY act LIMIT ?2",
        )?;
        let rows = statement.query_map((scope, at_most(limit, ASIDE_ROWS_MAX)), aside_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Notes that an act was set aside; once a scope.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn set_aside(&mut self, row: &AsideRow) -> Result<(), StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached(
                "INSERT OR IGNORE INTO aside(act, scope, peer, device, weight, bytes, received_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            let bytes = crate::ids::position(row.bytes);
            let (peer, device, weight) = (row.peer.0, row.device.0, row.weight.number());
            statement.execute(params![row.act.0, row.scope, peer, device, weight, bytes, row.received_at])?;
            Ok(())
        })
    }

    /// Forgets that an act was set aside in a scope.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn drop_aside(&mut self, act: &ActId, scope: ScopeId) -> Result<(), StoreError> {
        self.write(|store| {
            store.conn.prepare_cached("DELETE FROM aside WHERE act = ?1 AND scope = ?2")?.execute((act.0, scope))?;
            Ok(())
        })
    }
}

fn aside_of(row: &Row<'_>) -> rusqlite::Result<AsideRow> {
    Ok(AsideRow {
        act: row.get(0).map(ActId)?,
        scope: row.get(1)?,
        peer: row.get(2).map(DeviceId)?,
        device: row.get(3).map(DeviceId)?,
        weight: if row.get::<_, i64>(4)? == Weight::Held.number() { Weight::Held } else { Weight::Unlawful },
        bytes: row.get(5).map(counted)?,
        received_at: row.get(6)?,
    })
}
