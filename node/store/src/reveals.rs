//! Who was shown personal data at this node: when, of which document, how and why.

use regulation::ids::{ActId, Millis, PersonId};
use rusqlite::Row;

use crate::error::StoreError;
use crate::ids::DocNo;
use crate::open::{Queries, Store};

/// Rows of one answer, at most.
pub const REVEAL_ROWS_MAX: usize = 1_000;

/// Somebody was shown personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevealRow {
    /// When.
    pub at: Millis,
    /// Who.
    pub person: PersonId,
    /// Of which document.
    pub doc: ActId,
    /// By a page, a command or a program.
    pub way: String,
    /// Code of the reason.
    pub reason: String,
    /// The reason in words.
    pub note: String,
    /// What was shown.
    pub what: String,
    /// Number of the document by which a supervision organ looked (36); empty else.
    pub paper: String,
}

/// Which of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RevealFilter {
    /// Of this document.
    pub doc: Option<DocNo>,
    /// Shown to this person.
    pub person: Option<PersonId>,
}

impl Queries {
    /// The newest of them, newest first.
    ///
    /// # Errors
    /// Faults only.
    pub fn reveals(&self, filter: RevealFilter, limit: usize) -> Result<Vec<RevealRow>, StoreError> {
        // Each question by its own index.
        let of = match filter {
            RevealFilter { doc: Some(_), .. } => "reveals.doc = ?1 AND (?2 IS NULL OR person = ?2)",
            RevealFilter { doc: None, person: Some(_) } => "?1 IS NULL AND person = ?2",
            RevealFilter { doc: None, person: None } => "?1 IS NULL AND ?2 IS NULL",
        };
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT at, person, id, way, reason, note, what, paper FROM reveals JOIN docs USING (doc)
             WHERE {of} ORDER BY rseq DESC LIMIT ?3"
        ))?;
        let limit = i64::try_from(limit.min(REVEAL_ROWS_MAX)).unwrap_or_default();
        let rows = statement.query_map((filter.doc, filter.person.map(|person| person.0), limit), row_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Writes down that somebody is about to be shown personal data of a document that is held here.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_reveal(&mut self, row: &RevealRow) -> Result<(), StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached(
                "INSERT INTO reveals(at, person, doc, way, reason, note, what, paper)
                 VALUES (?1, ?2, (SELECT doc FROM docs WHERE id = ?3), ?4, ?5, ?6, ?7, ?8)",
            )?;
            let [way, reason, note, what, paper] = [&row.way, &row.reason, &row.note, &row.what, &row.paper];
            statement.execute((row.at, row.person.0, row.doc.0, way, reason, note, what, paper))?;
            Ok(())
        })
    }
}

fn row_of(row: &Row<'_>) -> rusqlite::Result<RevealRow> {
    Ok(RevealRow {
        at: row.get(0)?,
        person: row.get(1).map(PersonId)?,
        doc: row.get(2).map(ActId)?,
        way: row.get(3)?,
        reason: row.get(4)?,
        note: row.get(5)?,
        what: row.get(6)?,
        paper: row.get(7)?,
    })
}
