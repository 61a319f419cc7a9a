//! What was malformed or forged: kept for a while, so that it can be shown, and judged again after an upgrade.

use regulation::ids::{DeviceId, Millis};
use rusqlite::params;

use crate::error::StoreError;
use crate::ids::{at_most, counted};
use crate::open::{Queries, Store};

/// Refused items kept; the oldest go first.
pub const REFUSED_ROWS_MAX: usize = 4_096;
/// Refused items kept of one peer; its oldest go first, so that it never pushes out what came from others.
pub const REFUSED_OF_PEER_MAX: usize = 64;
/// Bytes kept of one refused item; of a longer one only the digest is kept.
pub const REFUSED_BYTES_MAX: usize = 64 << 10;

/// A refused item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRow {
    /// A hash of its bytes; one item is kept once.
    pub digest: [u8; 32],
    /// The bytes as they came; `None` if they were longer than [`REFUSED_BYTES_MAX`].
    pub bytes: Option<Vec<u8>>,
    /// Why it was refused.
    pub reason: String,
    /// The device it came from.
    pub peer: Option<DeviceId>,
    /// When it came.
    pub received_at: Millis,
}

impl Queries {
    /// Refused items, newest first, at most `limit` or [`REFUSED_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn refused(&self, limit: usize) -> Result<Vec<RefusedRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT digest, bytes, reason, peer, received_at FROM refused ORDER BY rseq DESC LIMIT ?1",
        )?;
        let rows = statement.query_map([at_most(limit, REFUSED_ROWS_MAX)], |row| {
            Ok(RefusedRow {
                digest: row.get(0)?,
                bytes: row.get(1)?,
                reason: row.get(2)?,
                peer: row.get::<_, Option<u32>>(3)?.map(DeviceId),
                received_at: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many refused items are kept.
    ///
    /// # Errors
    /// Faults only.
    pub fn refused_count(&self) -> Result<u64, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT count(*) FROM refused")?;
        Ok(statement.query_row([], |row| row.get(0).map(counted))?)
    }
}

impl Store {
    /// Keeps a refused item, dropping the oldest beyond [`REFUSED_ROWS_MAX`]. False if it is kept already.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn refuse(&mut self, row: &RefusedRow) -> Result<bool, StoreError> {
        self.write(|store| {
            let mut insert = store.conn.prepare_cached(
                "INSERT OR IGNORE INTO refused(digest, bytes, reason, peer, received_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            let bytes = row.bytes.as_deref().filter(|bytes| bytes.len() <= REFUSED_BYTES_MAX);
            let peer = row.peer.map(|peer| peer.0);
            if insert.execute(params![row.digest, bytes, row.reason, peer, row.received_at])? == 0 {
                return Ok(false);
            }
            let mut trim_peer = store.conn.prepare_cached(
                "DELETE FROM refused WHERE peer = ?1 AND rseq <=
                 (SELECT rseq FROM refused WHERE peer = ?1 ORDER BY rseq DESC LIMIT 1 OFFSET ?2)",
            )?;
            trim_peer.execute((peer, at_most(REFUSED_OF_PEER_MAX, REFUSED_OF_PEER_MAX)))?;
            let mut trim = store.conn.prepare_cached(
                "DELETE FROM refused WHERE rseq <= (SELECT rseq FROM refused ORDER BY rseq DESC LIMIT 1 OFFSET ?1)",
            )?;
            trim.execute([at_most(REFUSED_ROWS_MAX, REFUSED_ROWS_MAX)])?;
            Ok(true)
        })
    }

    /// Forgets a refused item that was judged again and accepted. False if it is not kept.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn forget_refused(&mut self, digest: &[u8; 32]) -> Result<bool, StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached("DELETE FROM refused WHERE digest = ?1")?;
            Ok(statement.execute([digest])? > 0)
        })
    }
}
