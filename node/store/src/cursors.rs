//! How far each peer and this node are with each other, and what follows from it about delivery.

use regulation::ids::DeviceId;
use rusqlite::{OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::feeds::Mark;
use crate::ids::{Aseq, ScopeId, counted, position};
use crate::open::{Queries, Store};

/// One peer and scope. All zero where nothing has passed yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// What this node has received of the peer's feed, contiguously from its start.
    pub received: Mark,
    /// What the peer has acknowledged of this node's feed.
    pub acked: Mark,
    /// Up to this entry the peer is sent what came from it too: it may have lost it.
    pub full_upto: u64,
    /// Up to this entry it was noted what has arrived at the peer's unit. It never goes back.
    pub arrived: u64,
    /// Where the peer's feed was before something came that this program does not understand: from there it is asked for
    /// again after an upgrade.
    pub newer: Option<Mark>,
}

impl Queries {
    /// The cursor of a peer and scope; all zero where there is none.
    ///
    /// # Errors
    /// Faults only.
    pub fn cursor(&self, peer: DeviceId, scope: ScopeId) -> Result<Cursor, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT received_lseq, received_running, acked_lseq, acked_running, full_upto, arrived, newer_lseq,
             newer_running FROM cursors WHERE peer = ?1 AND scope = ?2",
        )?;
        Ok(statement.query_row((peer.0, scope), |row| cursor_of(row, 0)).optional()?.unwrap_or_default())
    }

    /// All cursors of a peer, by scope.
    ///
    /// # Errors
    /// Faults only.
    pub fn cursors_of(&self, peer: DeviceId) -> Result<Vec<(ScopeId, Cursor)>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT scope, received_lseq, received_running, acked_lseq, acked_running, full_upto, arrived, newer_lseq,
             newer_running FROM cursors WHERE peer = ?1 ORDER BY scope",
        )?;
        let rows = statement.query_map([peer.0], |row| Ok((row.get(0)?, cursor_of(row, 1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every peer with a cursor, by device.
    ///
    /// # Errors
    /// Faults only.
    pub fn cursor_peers(&self) -> Result<Vec<DeviceId>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT DISTINCT peer FROM cursors ORDER BY peer")?;
        let rows = statement.query_map([], |row| row.get(0).map(DeviceId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// True if the peer has this act for certain: it came from the peer, or the peer has acknowledged an entry of some
    /// feed that stands for it.
    ///
    /// # Errors
    /// Faults only.
    pub fn delivered_to(&self, peer: DeviceId, aseq: Aseq) -> Result<bool, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT 1 FROM acts a WHERE a.aseq = ?2 AND (a.peer = ?1 OR EXISTS (
                SELECT 1 FROM cursors c WHERE c.peer = ?1 AND (
                    EXISTS (SELECT 1 FROM feeds f
                        WHERE f.scope = c.scope AND f.kind = 1 AND f.ref = a.aseq AND f.lseq <= c.acked_lseq)
                    OR EXISTS (SELECT 1 FROM feeds f
                        WHERE f.scope = c.scope AND f.kind = 2 AND f.ref = a.doc AND f.upto >= a.aseq
                          AND f.lseq <= c.acked_lseq))))",
        )?;
        Ok(statement.exists((peer.0, aseq))?)
    }
}

impl Store {
    /// Sets the cursor of a peer and scope; it may also go back.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn set_cursor(&mut self, peer: DeviceId, scope: ScopeId, cursor: &Cursor) -> Result<(), StoreError> {
        self.write(|store| {
            store.backlog_moves(peer, scope, store.cursor(peer, scope)?.acked.lseq, cursor.acked.lseq)?;
            let mut statement = store.conn.prepare_cached(
                "REPLACE INTO cursors(peer, scope, received_lseq, received_running, acked_lseq, acked_running,
                 full_upto, arrived, newer_lseq, newer_running) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?;
            statement.execute(params![
                peer.0,
                scope,
                position(cursor.received.lseq),
                cursor.received.running,
                position(cursor.acked.lseq),
                cursor.acked.running,
                position(cursor.full_upto),
                position(cursor.arrived),
                cursor.newer.map(|mark| position(mark.lseq)),
                cursor.newer.map(|mark| mark.running),
            ])?;
            Ok(())
        })
    }

    /// Goes back to where something came that was not understood: this program may understand it. How many feeds that are.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn go_back_for_newer(&mut self) -> Result<usize, StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached(
                "UPDATE cursors SET received_running = iif(newer_lseq < received_lseq, newer_running, received_running),
                 received_lseq = min(newer_lseq, received_lseq), newer_lseq = NULL, newer_running = NULL
                 WHERE newer_lseq IS NOT NULL",
            )?;
            Ok(statement.execute([])?)
        })
    }
}

fn cursor_of(row: &Row<'_>, first: usize) -> rusqlite::Result<Cursor> {
    let mark =
        |at: usize| Ok::<_, rusqlite::Error>(Mark { lseq: row.get(at).map(counted)?, running: row.get(at + 1)? });
    Ok(Cursor {
        received: mark(first)?,
        acked: mark(first + 2)?,
        full_upto: row.get(first + 4).map(counted)?,
        arrived: row.get(first + 5).map(counted)?,
        newer: match row.get::<_, Option<i64>>(first + 6)? {
            Some(lseq) => Some(Mark { lseq: counted(lseq), running: row.get(first + 7)? }),
            None => None,
        },
    })
}
