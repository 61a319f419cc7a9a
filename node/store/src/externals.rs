//! Numbers that tickets have in other systems, kept with the act that says so and the unit that made it: whether one is there
//! already is decided by these rows, in the transaction that adds to them. What one unit says of a number binds no other.

use regulation::ids::{ActId, UnitId};

use crate::error::StoreError;
use crate::ids::DocNo;
use crate::open::{Queries, Store};

/// Tickets of one external number that are told, at most.
pub const EXTERNAL_ROWS_MAX: u32 = 100;

/// A number that a unit says a ticket has in another system.
#[derive(Clone, Copy, Debug)]
pub struct External<'e> {
    /// The other system.
    pub system: &'e str,
    /// The number there.
    pub number: &'e str,
    /// The unit that registered it so.
    pub unit: UnitId,
}

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
    /// The tickets that a unit registered under a number in another system, the first that came here first. Not always one:
    /// nodes that cannot see each other may both begin one.
    ///
    /// # Errors
    /// Faults only.
    pub fn externals(&self, of: External<'_>) -> Result<Vec<ExternalRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT d.id, e.text, e.private FROM externals e JOIN docs d ON d.doc = e.doc
             WHERE e.system = ?1 AND e.number = ?2 AND e.unit = ?3 ORDER BY e.doc LIMIT ?4",
        )?;
        let rows = statement.query_map((of.system, of.number, of.unit.0, EXTERNAL_ROWS_MAX), |row| {
            Ok(ExternalRow { doc: ActId(row.get(0)?), text: row.get(1)?, private: row.get(2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Other tickets that have the same number in the same other system, whoever says so.
    ///
    /// # Errors
    /// Faults only.
    pub fn same_external(&self, doc: DocNo) -> Result<Vec<DocNo>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT DISTINCT o.doc FROM externals e JOIN externals o ON o.system = e.system AND o.number = e.number
             WHERE e.doc = ?1 AND o.doc <> ?1 ORDER BY o.doc LIMIT ?2",
        )?;
        let rows = statement.query_map((doc.0, EXTERNAL_ROWS_MAX), |row| Ok(DocNo(row.get(0)?)))?;
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
        of: External<'_>,
        doc: DocNo,
        text: Option<[u8; 32]>,
        private: Option<[u8; 32]>,
    ) -> Result<(), StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached(
                "INSERT INTO externals(system, number, unit, doc, text, private) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT DO UPDATE SET text = coalesce(text, excluded.text),
                                           private = coalesce(private, excluded.private)",
            )?;
            statement.execute((of.system, of.number, of.unit.0, doc.0, text, private))?;
            Ok(())
        })
    }
}
