//! Tickets of one category or one place that were raised at about the same time: among them are those that say the
//! same.

use regulation::ids::{ActId, Millis};
use rusqlite::Row;

use crate::error::StoreError;
use crate::ids::{DocNo, at_most};
use crate::open::Queries;

/// Tickets that one question returns at most on each side of the time, in rows.
pub const NEAR_ROWS_MAX: usize = 500;

/// What the tickets have in common. Each is an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter<'a> {
    /// The category; empty for those that have none yet.
    Category(&'a str),
    /// The place, as it is written; an empty one finds nothing.
    Place(&'a str),
}

/// A ticket, as far as it takes to compare it with another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearRow {
    /// The document's number here.
    pub doc: DocNo,
    /// The document's id.
    pub id: ActId,
    /// Code of the state.
    pub state: String,
    /// Code of the category.
    pub category: String,
    /// Code or words of the place.
    pub place: String,
    /// The title.
    pub title: String,
    /// When the request was raised.
    pub raised_at: Millis,
}

impl Queries {
    /// Tickets of that matter raised at most `within` milliseconds before or after `around`, the nearest in time first,
    /// at most `limit` or [`NEAR_ROWS_MAX`] on each side.
    ///
    /// # Errors
    /// Faults only.
    pub fn tickets_near(
        &self,
        matter: Matter<'_>,
        around: Millis,
        within: Millis,
        limit: usize,
    ) -> Result<Vec<NearRow>, StoreError> {
        let (Matter::Category(value) | Matter::Place(value)) = matter;
        let limit = at_most(limit, NEAR_ROWS_MAX);
        let mut rows = Vec::new();
        for (later, end) in [(true, around.saturating_add(within)), (false, around.saturating_sub(within))] {
            let mut statement = self.conn.prepare_cached(&question(matter, later))?;
            for row in statement.query_map((value, around, end, limit), near_of)? {
                rows.push(row?);
            }
        }
        rows.sort_by_key(|row| (row.raised_at.abs_diff(around), row.doc));
        Ok(rows)
    }
}

/// One side of a time: from there on, or before it.
fn question(matter: Matter<'_>, later: bool) -> String {
    let condition = match matter {
        Matter::Category(_) => "t.category = ?1",
        // Said as the index has it, or it would not be used.
        Matter::Place(_) => "t.place <> '' AND t.place = ?1",
    };
    let (side, order) = if later {
        ("t.raised_at >= ?2 AND t.raised_at <= ?3", "ASC")
    } else {
        ("t.raised_at < ?2 AND t.raised_at >= ?3", "DESC")
    };
    format!(
        "SELECT t.doc, d.id, t.state, t.category, t.place, t.title, t.raised_at
         FROM tickets t JOIN docs d ON d.doc = t.doc WHERE {condition} AND {side} ORDER BY t.raised_at {order} LIMIT ?4"
    )
}

fn near_of(row: &Row<'_>) -> rusqlite::Result<NearRow> {
    Ok(NearRow {
        doc: row.get(0)?,
        id: row.get(1).map(ActId)?,
        state: row.get(2)?,
        category: row.get(3)?,
        place: row.get(4)?,
        title: row.get(5)?,
        raised_at: row.get(6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[test]
    fn question_reads_an_index_and_sorts_nothing() {
        let store = Store::in_memory().unwrap();
        for (matter, index) in
            [(Matter::Category("0104"), "tickets_by_category"), (Matter::Place("x"), "tickets_by_place")]
        {
            for later in [true, false] {
                let sql = format!("EXPLAIN QUERY PLAN {}", question(matter, later));
                let mut statement = store.conn.prepare(&sql).unwrap();
                let rows = statement.query_map(("x", 0, 9, 5), |row| row.get::<_, String>(3)).unwrap();
                let plan: Vec<String> = rows.collect::<Result<_, _>>().unwrap();
                assert!(plan[0].contains(index) && !plan.iter().any(|step| step.contains("B-TREE")), "{plan:?}");
            }
        }
    }
}
