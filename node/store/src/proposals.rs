//! The projection of what waits for a second person.

use regulation::ids::{ActId, Millis, PersonId, UnitId};

use crate::error::StoreError;
use crate::ids::{DocNo, at_most};
use crate::open::{Queries, Store};

/// Rows of one answer, at most.
pub const PROPOSAL_ROWS_MAX: usize = 1_000;

/// A proposal that waits and can be brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalRow {
    /// The act that proposes.
    pub act: ActId,
    /// Wire number of its kind.
    pub kind: u16,
    /// Who proposed it.
    pub person: Option<PersonId>,
    /// The unit whose people confirm it beside the city's, if there is one.
    pub keeper: Option<UnitId>,
    /// Since when.
    pub since: Millis,
}

impl Queries {
    /// What waits in all documents, the oldest first, each with its document; at most [`PROPOSAL_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn proposals(&self, limit: usize) -> Result<Vec<(DocNo, ActId, ProposalRow)>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT p.doc, d.id, p.act, p.kind, p.person, p.keeper, p.since
             FROM proposals p JOIN docs d ON d.doc = p.doc ORDER BY p.since, p.doc, p.act LIMIT ?1",
        )?;
        let rows = statement.query_map([at_most(limit, PROPOSAL_ROWS_MAX)], |row| {
            let proposal = ProposalRow {
                act: row.get(2).map(ActId)?,
                kind: row.get(3)?,
                person: row.get::<_, Option<u32>>(4)?.map(PersonId),
                keeper: row.get::<_, Option<u32>>(5)?.map(UnitId),
                since: row.get(6)?,
            };
            Ok((row.get(0)?, row.get(1).map(ActId)?, proposal))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Sets what waits in a document.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_proposals(&mut self, doc: DocNo, rows: &[ProposalRow]) -> Result<(), StoreError> {
        self.write(|store| {
            store.conn.prepare_cached("DELETE FROM proposals WHERE doc = ?1")?.execute([doc])?;
            let mut insert = store.conn.prepare_cached(
                "INSERT INTO proposals(doc, act, kind, person, keeper, since) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            for row in rows {
                let (person, keeper) = (row.person.map(|person| person.0), row.keeper.map(|unit| unit.0));
                insert.execute((doc, row.act.0, row.kind, person, keeper, row.since))?;
            }
            Ok(())
        })
    }
}
