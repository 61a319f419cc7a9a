//! What changed, in order: whoever keeps something that follows from documents reads on from where it was. It is kept for so
//! long only; whoever comes later is told to read everything again.

use regulation::ids::ActId;
use rusqlite::OptionalExtension;

use crate::error::StoreError;
use crate::ids::{DocNo, at_most, counted, position};
use crate::open::{Queries, Store};

/// Changes that are kept, in rows.
pub const CHANGES_MAX: u64 = 500_000;
/// Changes that one question returns at most, in rows.
pub const CHANGE_ROWS_MAX: usize = 4_096;
/// Numbers that are left out where changes were lost: so many were never told.
const SKIPPED: u64 = 1 << 32;

/// What changed about a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeSort {
    /// Acts or parts came, or parts were erased.
    Acts,
    /// What was computed from them was computed again, under another calendar, by another program.
    Computed,
}

/// One change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its number: rising, never given twice.
    pub seq: u64,
    /// The document.
    pub doc: DocNo,
    /// Its id.
    pub id: ActId,
    /// What changed.
    pub sort: ChangeSort,
}

/// What a reader is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// These followed; none if there is nothing new.
    Next(Vec<ChangeRow>),
    /// What followed is not known any more, or the reader saw what was lost here: read everything, then go on after this one.
    All {
        /// The newest change.
        newest: u64,
    },
}

impl Queries {
    /// What followed a change, at most `limit` or [`CHANGE_ROWS_MAX`] of it. A reader that has seen nothing asks after 0.
    ///
    /// # Errors
    /// Faults only.
    pub fn changes_after(&self, seq: u64, limit: usize) -> Result<Changes, StoreError> {
        let first: Option<u64> = self.end_of_changes("ASC")?;
        // A place is known if the change is: what was lost with a disk leaves a gap.
        let known = match first {
            None => seq == 0,
            Some(first) => first == seq + 1 && seq == 0 || self.is_change(seq)?,
        };
        if !known {
            return Ok(Changes::All { newest: self.newest_change()? });
        }
        let mut statement = self.conn.prepare_cached(
            "SELECT c.seq, c.doc, d.id, c.sort FROM changes c CROSS JOIN docs d ON d.doc = c.doc WHERE c.seq > ?1
             ORDER BY c.seq LIMIT ?2",
        )?;
        let rows = statement.query_map((position(seq), at_most(limit, CHANGE_ROWS_MAX)), |row| {
            let sort = if row.get::<_, i64>(3)? == 1 { ChangeSort::Acts } else { ChangeSort::Computed };
            Ok(ChangeRow { seq: row.get(0).map(counted)?, doc: row.get(1)?, id: row.get(2).map(ActId)?, sort })
        })?;
        Ok(Changes::Next(rows.collect::<Result<_, _>>()?))
    }

    /// The number of the newest change; 0 before the first.
    ///
    /// # Errors
    /// Faults only.
    pub fn newest_change(&self) -> Result<u64, StoreError> {
        Ok(self.end_of_changes("DESC")?.unwrap_or_default())
    }

    fn end_of_changes(&self, order: &str) -> Result<Option<u64>, StoreError> {
        let mut statement =
            self.conn.prepare_cached(&format!("SELECT seq FROM changes ORDER BY seq {order} LIMIT 1"))?;
        Ok(statement.query_row([], |row| row.get(0).map(counted)).optional()?)
    }

    fn is_change(&self, seq: u64) -> Result<bool, StoreError> {
        Ok(self.conn.prepare_cached("SELECT 1 FROM changes WHERE seq = ?1")?.exists([position(seq)])?)
    }
}

impl Store {
    /// Notes that a document changed.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn note_change(&mut self, doc: DocNo, sort: ChangeSort) -> Result<(), StoreError> {
        self.note_change_keeping(doc, sort, CHANGES_MAX)
    }

    fn note_change_keeping(&mut self, doc: DocNo, sort: ChangeSort, most: u64) -> Result<(), StoreError> {
        self.write(|store| {
            let sort = if sort == ChangeSort::Acts { 1 } else { 2 };
            // The newest keeps its row, so that the next number is the one behind it.
            let mut statement = store.conn.prepare_cached("INSERT INTO changes(doc, sort) VALUES (?1, ?2)")?;
            let seq = counted(statement.insert((doc, sort))?);
            let mut prune = store.conn.prepare_cached("DELETE FROM changes WHERE seq <= ?1")?;
            prune.execute([position(seq.saturating_sub(most))])?;
            Ok(())
        })
    }

    /// Changes may be lost that somebody was told of: their numbers are not given to others, and everybody reads everything.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn skip_changes(&mut self) -> Result<(), StoreError> {
        self.write(|store| {
            let seq = store.newest_change()?.saturating_add(SKIPPED);
            store
                .conn
                .prepare_cached("INSERT INTO changes(seq, doc, sort) VALUES (?1, NULL, 3)")?
                .execute([position(seq)])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> Store {
        let mut store = Store::in_memory().unwrap();
        store.begin().unwrap();
        for n in 1..=3 {
            store.add_doc(&ActId([n; 32])).unwrap();
        }
        store
    }

    fn next(store: &Store, after: u64) -> Option<Vec<(u64, i64)>> {
        match store.changes_after(after, 100).unwrap() {
            Changes::Next(rows) => Some(rows.iter().map(|row| (row.seq, row.doc.0)).collect()),
            Changes::All { newest } => {
                assert_eq!(newest, store.newest_change().unwrap());
                None
            }
        }
    }

    #[test]
    fn reader_goes_on_where_it_was_and_one_that_fell_behind_reads_everything() {
        let mut store = store();
        assert_eq!(next(&store, 0), Some(Vec::new()));
        for doc in [1, 2, 1, 3] {
            store.note_change_keeping(DocNo(doc), ChangeSort::Acts, 3).unwrap();
        }
        assert_eq!(next(&store, 2), Some(vec![(3, 1), (4, 3)]));
        assert_eq!(next(&store, 4), Some(Vec::new()));
        // The first was forgotten: whoever has not read it cannot go on.
        assert_eq!((next(&store, 0), next(&store, 1)), (None, None));
        assert_eq!(next(&store, 5), None, "nobody was ever told of that");
    }

    #[test]
    fn what_was_told_and_lost_is_never_taken_for_something_else() {
        let mut store = store();
        store.note_change(DocNo(1), ChangeSort::Acts).unwrap();
        // 2 and 3 were told, and lost with the disk.
        store.skip_changes().unwrap();
        store.note_change(DocNo(2), ChangeSort::Computed).unwrap();
        store.note_change(DocNo(3), ChangeSort::Acts).unwrap();
        assert_eq!([0, 1, 2, 3].map(|seen| next(&store, seen)), [None, None, None, None]);
        let newest = store.newest_change().unwrap();
        assert_eq!(next(&store, newest - 1).unwrap().len(), 1);
    }
}
