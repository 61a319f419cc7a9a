//! What is due next of each unit in a ticket.

use regulation::ids::{Millis, UnitId};

use super::TicketRow;
use crate::error::StoreError;
use crate::ids::DocNo;
use crate::open::Queries;

/// What is due next of one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitDue {
    /// The unit.
    pub unit: UnitId,
    /// The first moment that is too late.
    pub due: Millis,
    /// Which term that is.
    pub kind: String,
    /// 暂定: something of it is not settled.
    pub provisional: bool,
}

impl Queries {
    /// Reads what is due in these tickets: `listed` is their documents as an array, in the order of `tickets`.
    pub(super) fn read_dues(&self, listed: &str, tickets: &mut [TicketRow]) -> Result<(), StoreError> {
        let sql = "SELECT u.doc, u.unit, u.due, u.kind, u.provisional FROM json_each(?1) j CROSS JOIN unit_dues u
             ON u.doc = j.value ORDER BY j.key, u.unit";
        self.read_of_each(sql, listed, tickets, |row, ticket| {
            let (unit, due, kind, provisional) = (row.get(1).map(UnitId)?, row.get(2)?, row.get(3)?, row.get(4)?);
            ticket.dues.push(UnitDue { unit, due, kind, provisional });
            Ok(())
        })
    }

    pub(super) fn put_dues(&self, doc: DocNo, dues: &[UnitDue]) -> Result<(), StoreError> {
        self.conn.prepare_cached("DELETE FROM unit_dues WHERE doc = ?1")?.execute([doc])?;
        let sql = "INSERT INTO unit_dues(doc, unit, due, kind, provisional) VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut insert = self.conn.prepare_cached(sql)?;
        for UnitDue { unit, due, kind, provisional } in dues {
            insert.execute((doc, unit.0, due, kind, provisional))?;
        }
        Ok(())
    }
}
