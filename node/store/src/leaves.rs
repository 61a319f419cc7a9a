//! A/B 岗 of the unit of this node (7(1)): whose deputy somebody is, who is on leave, and who covers. What was said stays, with
//! whoever said it: the newest row of a person is what holds.

use regulation::ids::{Millis, PersonId};
use rusqlite::Row;

use crate::error::StoreError;
use crate::ids::at_most;
use crate::open::{Queries, Store};

/// Leaves of one answer, at most.
pub const LEAVE_ROWS_MAX: usize = 1_000;

/// Somebody's deputy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeputyRow {
    /// Whose.
    pub person: PersonId,
    /// Who; nobody any more if that was taken back.
    pub deputy: Option<PersonId>,
    /// Who said so.
    pub by: PersonId,
    /// When.
    pub at: Millis,
}

/// Somebody's leave. Days count as those of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaveRow {
    /// Its number here.
    pub number: i64,
    /// Whose.
    pub person: PersonId,
    /// Who covers.
    pub cover: PersonId,
    /// The first day.
    pub first: i32,
    /// The last day.
    pub last: i32,
    /// Who said so.
    pub by: PersonId,
    /// When.
    pub at: Millis,
    /// Who ended it, and when.
    pub ended: Option<(PersonId, Millis)>,
}

impl LeaveRow {
    /// Whether somebody is on that leave on a day from one to another, both counted.
    #[must_use]
    pub fn meets(&self, first: i32, last: i32) -> bool {
        self.ended.is_none() && self.first <= last && first <= self.last
    }
}

impl Queries {
    /// Who has which deputy, by person.
    ///
    /// # Errors
    /// Faults only.
    pub fn deputies(&self) -> Result<Vec<DeputyRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT person, deputy, by, at FROM deputies d
             WHERE dseq = (SELECT max(dseq) FROM deputies WHERE person = d.person) AND deputy IS NOT NULL ORDER BY person",
        )?;
        let row = |row: &Row<'_>| {
            Ok(DeputyRow {
                person: row.get(0).map(PersonId)?,
                deputy: row.get::<_, Option<u32>>(1)?.map(PersonId),
                by: row.get(2).map(PersonId)?,
                at: row.get(3)?,
            })
        };
        let rows = statement.query_map([], row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Leaves that last until that day or longer and were not ended, at most [`LEAVE_ROWS_MAX`]; those that end first stand first.
    ///
    /// # Errors
    /// Faults only.
    pub fn leaves_since(&self, day: i32) -> Result<Vec<LeaveRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT lseq, person, cover, first, last, by, at, ended_by, ended_at FROM leaves
             WHERE last >= ?1 AND ended_by IS NULL ORDER BY last, lseq LIMIT ?2",
        )?;
        let rows = statement.query_map((day, at_most(LEAVE_ROWS_MAX, LEAVE_ROWS_MAX)), leave_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every leave that was ever said, the newest first, at most `limit` or [`LEAVE_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn leaves(&self, limit: usize) -> Result<Vec<LeaveRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT lseq, person, cover, first, last, by, at, ended_by, ended_at FROM leaves ORDER BY lseq DESC LIMIT ?1",
        )?;
        let rows = statement.query_map([at_most(limit, LEAVE_ROWS_MAX)], leave_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// For whom somebody covers on that day.
    ///
    /// # Errors
    /// Faults only.
    pub fn covered_by(&self, cover: PersonId, day: i32) -> Result<Vec<PersonId>, StoreError> {
        let on = self.leaves_since(day)?.into_iter().filter(|leave| leave.cover == cover && leave.meets(day, day));
        Ok(on.map(|leave| leave.person).collect())
    }
}

impl Store {
    /// Writes down who is somebody's deputy from now on.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_deputy(&mut self, row: &DeputyRow) -> Result<(), StoreError> {
        self.write(|store| {
            let mut statement =
                store.conn.prepare_cached("INSERT INTO deputies(person, deputy, by, at) VALUES (?1, ?2, ?3, ?4)")?;
            statement.execute((row.person.0, row.deputy.map(|deputy| deputy.0), row.by.0, row.at))?;
            Ok(())
        })
    }

    /// Writes down a leave; its number is given.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_leave(&mut self, row: &LeaveRow) -> Result<(), StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached(
                "INSERT INTO leaves(person, cover, first, last, by, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            statement.execute((row.person.0, row.cover.0, row.first, row.last, row.by.0, row.at))?;
            Ok(())
        })
    }

    /// Writes down that a leave is over before its last day.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn end_leave(&mut self, number: i64, by: PersonId, at: Millis) -> Result<(), StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached(
                "UPDATE leaves SET ended_by = ?2, ended_at = ?3 WHERE lseq = ?1 AND ended_by IS NULL",
            )?;
            statement.execute((number, by.0, at))?;
            Ok(())
        })
    }
}

fn leave_of(row: &Row<'_>) -> rusqlite::Result<LeaveRow> {
    let ended_by: Option<u32> = row.get(7)?;
    let ended_at: Option<Millis> = row.get(8)?;
    Ok(LeaveRow {
        number: row.get(0)?,
        person: row.get(1).map(PersonId)?,
        cover: row.get(2).map(PersonId)?,
        first: row.get(3)?,
        last: row.get(4)?,
        by: row.get(5).map(PersonId)?,
        at: row.get(6)?,
        ended: ended_by.map(PersonId).zip(ended_at),
    })
}
