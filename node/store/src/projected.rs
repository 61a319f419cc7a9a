//! How far the projections are. Each document was projected in some *generation*; one is wanted. What is of an older one is
//! stale: it is shown as it was, said to be, and worked off a few documents at a time. So a change that concerns every
//! document costs one number, and a kill loses nothing of what is done already.

use regulation::ids::ActId;
use rusqlite::OptionalExtension;
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};

use crate::error::StoreError;
use crate::ids::{DocNo, at_most, counted};
use crate::open::{Queries, Store};

/// Stale documents that one question returns at most.
pub const STALE_ROWS_MAX: usize = 512;

/// When a document has its turn, should its projection become stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// An urgent ticket that is open; and what was never projected.
    Urgent,
    /// A ticket that is open.
    Open,
    /// Anything else.
    Rest,
}

impl Turn {
    const ALL: [Self; 3] = [Self::Urgent, Self::Open, Self::Rest];
}

const WANTED: &str = "(SELECT wanted FROM projection)";

impl Queries {
    /// How many documents are shown as they were before something changed (重算中 n 件).
    ///
    /// # Errors
    /// Faults only.
    pub fn stale_count(&self) -> Result<u64, StoreError> {
        let sql = format!("SELECT coalesce(sum(docs), 0) FROM generations WHERE generation < {WANTED}");
        Ok(self.conn.prepare_cached(&sql)?.query_row([], |row| row.get(0).map(counted))?)
    }

    /// Whether a document is one of them. What is not held is not.
    ///
    /// # Errors
    /// Faults only.
    pub fn is_stale(&self, doc: DocNo) -> Result<bool, StoreError> {
        let sql = format!("SELECT generation < {WANTED} FROM projected WHERE doc = ?1");
        let stale = self.conn.prepare_cached(&sql)?.query_row([doc], |row| row.get(0)).optional()?;
        Ok(stale.unwrap_or(false))
    }

    /// The next of them, urgent and open tickets first, at most `limit` or [`STALE_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn stale_docs(&self, limit: usize) -> Result<Vec<ActId>, StoreError> {
        let limit = limit.min(STALE_ROWS_MAX);
        let mut docs = Vec::new();
        for turn in Turn::ALL {
            let mut statement = self.conn.prepare_cached(&stale_question())?;
            let rows = statement.query_map((turn, at_most(limit - docs.len(), limit)), |row| row.get(0).map(ActId))?;
            for row in rows {
                docs.push(row?);
            }
            if docs.len() == limit {
                break;
            }
        }
        Ok(docs)
    }
}

fn stale_question() -> String {
    format!(
        "SELECT d.id FROM projected p CROSS JOIN docs d ON d.doc = p.doc WHERE p.turn = ?1 AND p.generation < {WANTED}
         ORDER BY p.generation, p.doc LIMIT ?2"
    )
}

impl Store {
    /// From now on every projection is stale.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn want_projections(&mut self) -> Result<(), StoreError> {
        self.write(|store| {
            store.conn.prepare_cached("UPDATE projection SET wanted = wanted + 1")?.execute([])?;
            Ok(())
        })
    }

    /// A document is projected as it is wanted now.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn set_projected(&mut self, doc: DocNo, turn: Turn) -> Result<(), StoreError> {
        self.write(|store| {
            // What is so already is not written again: most acts change neither. Each document has a row since it came.
            let sql = format!(
                "UPDATE projected SET generation = {WANTED}, turn = ?2
                 WHERE doc = ?1 AND (generation <> {WANTED} OR turn <> ?2)"
            );
            store.conn.prepare_cached(&sql)?.execute((doc, turn))?;
            Ok(())
        })
    }
}

impl ToSql for Turn {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(match self {
            Self::Urgent => 0_i64,
            Self::Open => 1,
            Self::Rest => 2,
        }))
    }
}

impl FromSql for Turn {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = i64::column_result(value)?;
        Self::ALL
            .into_iter()
            .zip(0..)
            .find(|(_, n)| *n == number)
            .map(|(turn, _)| turn)
            .ok_or(FromSqlError::OutOfRange(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_stale_documents_are_found_by_an_index_and_nothing_is_sorted() {
        let store = Store::in_memory().unwrap();
        let mut statement = store.conn.prepare(&format!("EXPLAIN QUERY PLAN {}", stale_question())).unwrap();
        let rows = statement.query_map((Turn::Open, 5), |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<String> = rows.collect::<Result<_, _>>().unwrap();
        assert!(plan[0].contains("projected_by_turn (turn=? AND generation<?)"), "{plan:?}");
        assert!(!plan.iter().any(|step| step.contains("B-TREE")), "{plan:?}");
    }
}
