//! Numbers that tickets have in other systems, kept with the act that says so: whether one is there already is decided by
//! these rows, in the transaction that adds to them.

use regulation::ids::ActId;

use crate::error::StoreError;
use crate::ids::DocNo;
use crate::open::{Queries, Store};

/// Tickets of one external number that are told, at most.
pub const EXTERNAL_ROWS_MAX: u32 = 100;

/// A ticket of an external number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalRow {
    /// The ticket.
    pub doc: ActId,
    /// Hash of the text that it was registered with; absent where that is not held.
    pub text: Option<[u8; 32]>,
    /// Hash of what is private of it; absent where that is not held.
    pub private: Option<[u8; 32]>,
}

impl Queries {
    /// The tickets of a number in another system, the first that came here first. Not always one: nodes that cannot see
    /// each other may both begin one.
    ///
    /// # Errors
    /// Faults only.
    pub fn externals(&self, system: &str, number: &str) -> Result<Vec<ExternalRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT d.id, e.text, e.private FROM externals e JOIN docs d ON d.doc = e.doc
             WHERE e.system = ?1 AND e.number = ?2 ORDER BY e.doc LIMIT ?3",
        )?;
        let rows = statement.query_map((system, number, EXTERNAL_ROWS_MAX), |row| {
            Ok(ExternalRow { doc: ActId(row.get(0)?), text: row.get(1)?, private: row.get(2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Keeps that a ticket has this number in another system. A hash that is known already stays.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_external(
        &mut self,
        system: &str,
        number: &str,
        doc: DocNo,
        text: Option<[u8; 32]>,
        private: Option<[u8; 32]>,
    ) -> Result<(), StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached(
                "INSERT INTO externals(system, number, doc, text, private) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET text = coalesce(text, excluded.text),
                                           private = coalesce(private, excluded.private)",
            )?;
            statement.execute((system, number, doc.0, text, private))?;
            Ok(())
        })
    }
}
