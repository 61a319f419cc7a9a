//! Documents and acts by the ids that they have everywhere, and by the numbers that they have here.

use regulation::ids::ActId;
use rusqlite::OptionalExtension;

use crate::error::StoreError;
use crate::ids::{Aseq, DocNo};
use crate::open::Queries;

/// An act `a` by its id, the first parameter.
pub(crate) const BY_ID: &str = "substr(a.id, 1, 8) = substr(?1, 1, 8) AND a.id = ?1";

impl Queries {
    /// The number of a document.
    ///
    /// # Errors
    /// Faults only.
    pub fn doc_no(&self, id: &ActId) -> Result<Option<DocNo>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT doc FROM docs WHERE id = ?1")?;
        Ok(statement.query_row([id.0], |row| row.get(0)).optional()?)
    }

    /// The id of a document.
    ///
    /// # Errors
    /// Faults only.
    pub fn doc_id(&self, doc: DocNo) -> Result<Option<ActId>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT id FROM docs WHERE doc = ?1")?;
        Ok(statement.query_row([doc], |row| row.get(0).map(ActId)).optional()?)
    }

    /// The number of an act, if it is stored.
    ///
    /// # Errors
    /// Faults only.
    pub fn aseq_of(&self, id: &ActId) -> Result<Option<Aseq>, StoreError> {
        let mut statement = self.conn.prepare_cached(&format!("SELECT a.aseq FROM acts a WHERE {BY_ID}"))?;
        Ok(statement.query_row([id.0], |row| row.get(0)).optional()?)
    }

    /// The id of an act.
    ///
    /// # Errors
    /// Faults only.
    pub fn act_id(&self, aseq: Aseq) -> Result<Option<ActId>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT id FROM acts WHERE aseq = ?1")?;
        Ok(statement.query_row([aseq], |row| row.get(0).map(ActId)).optional()?)
    }
}
