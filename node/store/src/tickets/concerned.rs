//! Which units acted in a ticket: what leaves their lists stays among what they did, and tells what became of it.

use regulation::ids::{Millis, UnitId};

use super::TicketRow;
use crate::error::StoreError;
use crate::ids::DocNo;
use crate::open::Queries;

/// What a ticket is to a unit that acted in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Concern {
    /// The unit.
    pub unit: UnitId,
    /// Time of its last act.
    pub at: Millis,
    /// It has a part that is open.
    pub open: bool,
    /// An act of it was not adopted, or something was decided on one, and it has not taken note of that.
    pub heeds: bool,
}

impl Queries {
    /// Reads what these tickets are to units: `listed` is their documents as an array, in the order of `tickets`.
    pub(super) fn read_concerned(&self, listed: &str, tickets: &mut [TicketRow]) -> Result<(), StoreError> {
        let sql =
            "SELECT c.doc, c.unit, c.at, c.open, c.heeds FROM json_each(?1) j CROSS JOIN concerned c ON c.doc = j.value
             ORDER BY j.key, c.unit";
        self.read_of_each(sql, listed, tickets, |row, ticket| {
            let (unit, at, open, heeds) = (row.get(1).map(UnitId)?, row.get(2)?, row.get(3)?, row.get(4)?);
            ticket.concerned.push(Concern { unit, at, open, heeds });
            Ok(())
        })
    }

    pub(super) fn put_concerned(&self, doc: DocNo, concerned: &[Concern]) -> Result<(), StoreError> {
        self.conn.prepare_cached("DELETE FROM concerned WHERE doc = ?1")?.execute([doc])?;
        let sql = "INSERT INTO concerned(doc, unit, at, open, heeds) VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut insert = self.conn.prepare_cached(sql)?;
        for Concern { unit, at, open, heeds } in concerned {
            insert.execute((doc, unit.0, at, open, heeds))?;
        }
        Ok(())
    }
}
