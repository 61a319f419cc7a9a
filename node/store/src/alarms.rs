//! What somebody has to look at: one row for each kind of trouble and its source.

use regulation::ids::{Millis, PersonId};
use rusqlite::{OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::ids::{at_most, counted};
use crate::open::{Queries, Store};

/// Alarms kept, in rows. Beyond that the one that was raised last the longest ago gives way, acknowledged or over ones first.
pub const ALARM_ROWS_MAX: usize = 1_000;

/// An alarm as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmRow {
    /// Which trouble, by its code.
    pub kind: String,
    /// Who or what causes it: a device, an address, a file. Never personal data.
    pub source: String,
    /// What is known, for whoever looks. Never personal data.
    pub detail: String,
    /// When it was raised first, since it was last acknowledged or over for long.
    pub first_at: Millis,
    /// When it was raised last.
    pub last_at: Millis,
    /// How often.
    pub count: u64,
    /// Who has taken note of it, and when.
    pub acknowledged: Option<(PersonId, Millis)>,
    /// When it was found to be over.
    pub over_at: Option<Millis>,
}

impl Queries {
    /// An alarm.
    ///
    /// # Errors
    /// Faults only.
    pub fn alarm(&self, kind: &str, source: &str) -> Result<Option<AlarmRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT kind, source, detail, first_at, last_at, count, acknowledged_by, acknowledged_at, over_at
             FROM alarms WHERE kind = ?1 AND source = ?2",
        )?;
        Ok(statement.query_row((kind, source), alarm_of).optional()?)
    }

    /// Alarms, the newest first, at most `limit` or [`ALARM_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn alarms(&self, limit: usize) -> Result<Vec<AlarmRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT kind, source, detail, first_at, last_at, count, acknowledged_by, acknowledged_at, over_at
             FROM alarms ORDER BY last_at DESC, kind, source LIMIT ?1",
        )?;
        let rows = statement.query_map([at_most(limit, ALARM_ROWS_MAX)], alarm_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Keeps an alarm, in the place of the one of that kind and source.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_alarm(&mut self, row: &AlarmRow) -> Result<(), StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached(
                "REPLACE INTO alarms(kind, source, detail, first_at, last_at, count, acknowledged_by, acknowledged_at, over_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?;
            statement.execute(params![
                row.kind,
                row.source,
                row.detail,
                row.first_at,
                row.last_at,
                crate::ids::position(row.count),
                row.acknowledged.map(|(person, _)| person.0),
                row.acknowledged.map(|(_, at)| at),
                row.over_at,
            ])?;
            let mut trim = store.conn.prepare_cached(
                "DELETE FROM alarms WHERE (kind, source) IN (
                     SELECT kind, source FROM alarms
                     ORDER BY (acknowledged_at IS NULL AND over_at IS NULL) DESC, last_at DESC, kind, source
                     LIMIT -1 OFFSET ?1)",
            )?;
            trim.execute([at_most(ALARM_ROWS_MAX, ALARM_ROWS_MAX)])?;
            Ok(())
        })
    }
}

fn alarm_of(row: &Row<'_>) -> rusqlite::Result<AlarmRow> {
    let by: Option<u32> = row.get(6)?;
    let at: Option<Millis> = row.get(7)?;
    Ok(AlarmRow {
        kind: row.get(0)?,
        source: row.get(1)?,
        detail: row.get(2)?,
        first_at: row.get(3)?,
        last_at: row.get(4)?,
        count: row.get(5).map(counted)?,
        acknowledged: by.map(PersonId).zip(at),
        over_at: row.get(8)?,
    })
}
