//! Tickets that were raised in a time, as far as it takes to say which matters were raised most.

use std::ops::Range;

use regulation::ids::Millis;
use rusqlite::Row;

use crate::error::StoreError;
use crate::open::Queries;

/// Tickets of one answer, at most: of those raised last.
pub const RAISED_ROWS_MAX: usize = 10_000;

/// A ticket that was raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RaisedRow {
    /// Code of the category; empty where it has none yet.
    pub category: String,
    /// Code or words of the place; empty where it has none.
    pub place: String,
    /// Its flags, as a ticket's row has them.
    pub flags: String,
}

impl Queries {
    /// Tickets that were raised then and are the city's, at most [`RAISED_ROWS_MAX`], the newest first.
    ///
    /// # Errors
    /// Faults only.
    pub fn raised_in(&self, time: &Range<Millis>) -> Result<Vec<RaisedRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(RAISED)?;
        let most = i64::try_from(RAISED_ROWS_MAX).unwrap_or(i64::MAX);
        let rows = statement.query_map((time.start, time.end, most), raised_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// What a unit wrote down is raised once the city takes it in, as in the figures.
const RAISED: &str = "SELECT category, place, flags FROM tickets WHERE raised_at >= ?1 AND raised_at < ?2
    AND state NOT IN ('awaiting-confirmation', 'own-matter') ORDER BY raised_at DESC LIMIT ?3";

fn raised_of(row: &Row<'_>) -> rusqlite::Result<RaisedRow> {
    Ok(RaisedRow { category: row.get(0)?, place: row.get(1)?, flags: row.get(2)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::Store;

    #[test]
    fn what_was_raised_is_found_by_an_index_and_nothing_is_sorted() {
        let store = Store::in_memory().unwrap();
        let mut statement = store.conn.prepare(&format!("EXPLAIN QUERY PLAN {RAISED}")).unwrap();
        let rows = statement.query_map((1, 2, 3), |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<String> = rows.collect::<Result<_, _>>().unwrap();
        assert!(plan[0].contains("tickets_by_raised (raised_at>? AND raised_at<?)"), "{plan:?}");
        assert!(!plan.iter().any(|step| step.contains("B-TREE")), "{plan:?}");
    }
}
