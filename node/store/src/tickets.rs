//! The projection of tickets: one row a ticket, as the fold left it.

mod concerned;
mod counted;
mod dues;
mod keys;
mod list;
mod near;
mod raised;

use regulation::ids::{ActId, Millis, PersonId, UnitId};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row, ToSql, params};

use crate::error::StoreError;
use crate::ids::DocNo;
use crate::open::{Queries, Store};

pub use concerned::Concern;
pub use dues::UnitDue;
pub use keys::Key;
pub use list::{
    Attention, NoCursor, Past, Sought, TICKET_ROWS_MAX, TICKETS_COUNTED_MAX, TICKETS_SEEN_MAX, Tallied, TicketCursor,
    TicketFilter, TicketPage,
};
pub use near::{Matter, NEAR_ROWS_MAX, NearRow};
pub use raised::{RAISED_ROWS_MAX, RaisedRow};

/// Which part a unit has in a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnitPart {
    /// 主办
    Lead,
    /// 协办
    Assisting,
}

/// One unit's part in a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TicketUnit {
    /// The unit.
    pub unit: UnitId,
    /// Its part.
    pub part: UnitPart,
    /// False once the part is over.
    pub open: bool,
}

/// A ticket (诉求工单) for lists. Texts of closed sets are the kernel's codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketRow {
    /// The document's number here.
    pub doc: DocNo,
    /// The document's id. Read back from the document; what is written here does not matter.
    pub id: ActId,
    /// 工单编号. Two tickets may have the same one if their nodes could not see each other.
    pub number: String,
    /// The number in another system: system, U+001F, number. Also not unique.
    pub external: Option<String>,
    /// Code of the state.
    pub state: String,
    /// Code of the kind of request.
    pub kind: String,
    /// Code of the urgency.
    pub urgency: String,
    /// Code of the category.
    pub category: String,
    /// Code or words of the place.
    pub place: String,
    /// The title as it may be shown in a list.
    pub title: String,
    /// The lead unit (主办单位) now.
    pub lead: Option<UnitId>,
    /// Every unit that has or had a part; read back by unit, then part.
    pub units: Vec<TicketUnit>,
    /// Every unit that acted in it; read back by unit.
    pub concerned: Vec<Concern>,
    /// What is due next of each unit; read back by unit.
    pub dues: Vec<UnitDue>,
    /// When the request was raised.
    pub raised_at: Millis,
    /// When it was registered.
    pub registered_at: Millis,
    /// Time of the last act.
    pub updated_at: Millis,
    /// The next due, if a term is running.
    pub next_due: Option<Millis>,
    /// Which term that is.
    pub next_due_kind: Option<String>,
    /// Whose term that is.
    pub next_due_unit: Option<UnitId>,
    /// 暂定: something of it is not settled.
    pub provisional: bool,
    /// Flags as the kernel writes them.
    pub flags: String,
    /// Acts not settled yet.
    pub unsettled: u32,
    /// Acts overruled.
    pub overruled: u32,
    /// Registers with more than one value.
    pub conflicts: u32,
    /// When whoever leads is late with it, if it is not over before.
    pub overdue_at: Option<Millis>,
    /// 承办人: who has it in hand, as it was claimed or handed over.
    pub handler: Option<PersonId>,
}

/// In the order in which `ticket_of` reads them.
const COLUMNS: &str = "t.doc, d.id, t.number, t.external, t.state, t.kind, t.urgency, t.category, t.place, t.title,
    t.lead, t.raised_at, t.registered_at, t.updated_at, t.next_due, t.next_due_kind, t.next_due_unit, t.provisional,
    t.flags, t.unsettled, t.overruled, t.conflicts, t.overdue_at, t.handler";

impl Queries {
    /// A ticket.
    ///
    /// # Errors
    /// Faults only.
    pub fn ticket(&self, doc: DocNo) -> Result<Option<TicketRow>, StoreError> {
        Ok(self.tickets_of(&[doc])?.pop())
    }

    /// The flags of a ticket, without the rest of it.
    ///
    /// # Errors
    /// Faults only.
    pub fn ticket_flags(&self, doc: DocNo) -> Result<Option<String>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT flags FROM tickets WHERE doc = ?1")?;
        Ok(statement.query_row([doc], |row| row.get(0)).optional()?)
    }

    /// Tickets with this number, by document: mostly one.
    ///
    /// # Errors
    /// Faults only.
    pub fn tickets_by_number(&self, number: &str) -> Result<Vec<TicketRow>, StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT doc FROM tickets WHERE number = ?1 ORDER BY doc LIMIT 100")?;
        let docs: Vec<DocNo> = statement.query_map([number], |row| row.get(0))?.collect::<Result<_, _>>()?;
        self.tickets_of(&docs)
    }

    /// Whether any ticket was ever given to a unit.
    ///
    /// # Errors
    /// Faults only.
    pub fn any_assigned(&self) -> Result<bool, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM ticket_units)")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// The tickets of these documents that are here, in this order, in a few statements.
    fn tickets_of(&self, docs: &[DocNo]) -> Result<Vec<TicketRow>, StoreError> {
        let numbers: Vec<String> = docs.iter().map(|doc| doc.0.to_string()).collect();
        let listed = format!("[{}]", numbers.join(","));
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM json_each(?1) j CROSS JOIN tickets t ON t.doc = j.value JOIN docs d ON d.doc = t.doc
             ORDER BY j.key"
        ))?;
        let mut tickets: Vec<TicketRow> = statement.query_map([&listed], ticket_of)?.collect::<Result<_, _>>()?;
        let sql =
            "SELECT u.doc, u.unit, u.part, u.open FROM json_each(?1) j CROSS JOIN ticket_units u ON u.doc = j.value
             ORDER BY j.key, u.unit, u.part";
        self.read_of_each(sql, &listed, &mut tickets, |row, ticket| {
            let (unit, part, open) = (row.get(1).map(UnitId)?, row.get(2)?, row.get(3)?);
            ticket.units.push(TicketUnit { unit, part, open });
            Ok(())
        })?;
        self.read_concerned(&listed, &mut tickets)?;
        self.read_dues(&listed, &mut tickets)?;
        Ok(tickets)
    }

    /// Takes each row to its ticket: a row begins with its document, and rows come in the order of `tickets`, whose documents are
    /// `listed` as an array.
    fn read_of_each(
        &self,
        sql: &str,
        listed: &str,
        tickets: &mut [TicketRow],
        take: impl Fn(&Row<'_>, &mut TicketRow) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([listed])?;
        let mut ticket = tickets.iter_mut();
        let mut now = ticket.next();
        while let Some(row) = rows.next()? {
            let doc: DocNo = row.get(0)?;
            while now.as_ref().is_some_and(|ticket| ticket.doc != doc) {
                now = ticket.next();
            }
            if let Some(ticket) = &mut now {
                take(row, ticket)?;
            }
        }
        Ok(())
    }

    /// What units have in hand of a ticket: what is no more of it goes, what is new comes.
    fn put_in_hand(&self, doc: DocNo, before: &[InHand], after: &[InHand]) -> Result<(), StoreError> {
        let mut end = self.conn.prepare_cached("DELETE FROM in_hand WHERE unit = ?1 AND due = ?2 AND doc = ?3")?;
        for (unit, due) in before.iter().filter(|one| !after.contains(one)) {
            end.execute((unit.0, due, doc))?;
        }
        let mut insert = self.conn.prepare_cached("INSERT INTO in_hand(unit, due, doc) VALUES (?1, ?2, ?3)")?;
        for (unit, due) in after.iter().filter(|one| !before.contains(one)) {
            insert.execute((unit.0, due, doc))?;
        }
        Ok(())
    }
}

impl Store {
    /// Sets a ticket's row; whether its title is another one than before. Its text is found only after
    /// [`Store::put_search`].
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault (`Sql` if a unit is listed twice with the same part).
    pub fn put_ticket(&mut self, ticket: &TicketRow) -> Result<bool, StoreError> {
        self.write(|store| {
            let known = store.ticket(ticket.doc)?;
            store.write_row(known.as_ref(), ticket)?;
            if known.as_ref().is_none_or(|known| known.units != ticket.units) {
                store.conn.prepare_cached("DELETE FROM ticket_units WHERE doc = ?1")?.execute([ticket.doc])?;
                let mut insert = store
                    .conn
                    .prepare_cached("INSERT INTO ticket_units(doc, unit, part, open) VALUES (?1, ?2, ?3, ?4)")?;
                for unit in &ticket.units {
                    insert.execute((ticket.doc, unit.unit.0, unit.part, unit.open))?;
                }
            }
            if known.as_ref().is_none_or(|known| known.concerned != ticket.concerned) {
                store.put_concerned(ticket.doc, &ticket.concerned)?;
            }
            if known.as_ref().is_none_or(|known| known.dues != ticket.dues) {
                store.put_dues(ticket.doc, &ticket.dues)?;
            }
            let in_hand = known.as_ref().map(TicketRow::in_hand).unwrap_or_default();
            store.put_in_hand(ticket.doc, &in_hand, &ticket.in_hand())?;
            let before = known.as_ref().map(counted::figures_of).unwrap_or_default();
            store.count_again(&before, &counted::figures_of(ticket))?;
            Ok(known.is_none_or(|known| known.title != ticket.title))
        })
    }
}

impl Queries {
    /// Writes no more columns than have changed: each that an index knows costs the pages of that index, which are of other
    /// tickets too.
    fn write_row(&self, known: Option<&TicketRow>, ticket: &TicketRow) -> Result<(), StoreError> {
        let Some(known) = known.filter(|known| known.stays(ticket)) else { return self.write_whole_row(ticket) };
        if known.listed(ticket) {
            let mut statement = self.conn.prepare_cached(
                "UPDATE tickets SET lead = ?2, updated_at = ?3, next_due_kind = ?4, next_due_unit = ?5, provisional = ?6,
                    flags = ?7, overdue_at = ?8, handler = ?9 WHERE doc = ?1",
            )?;
            statement.execute(params![
                ticket.doc,
                ticket.lead.map(|unit| unit.0),
                ticket.updated_at,
                ticket.next_due_kind,
                ticket.next_due_unit.map(|unit| unit.0),
                ticket.provisional,
                ticket.flags,
                ticket.overdue_at,
                ticket.handler.map(|person| person.0),
            ])?;
            return Ok(());
        }
        let mut statement = self.conn.prepare_cached(
            "UPDATE tickets SET state = ?2, lead = ?3, updated_at = ?4, next_due = ?5, next_due_kind = ?6,
                next_due_unit = ?7, provisional = ?8, flags = ?9, unsettled = ?10, overruled = ?11, conflicts = ?12,
                overdue_at = ?13, handler = ?14 WHERE doc = ?1",
        )?;
        statement.execute(params![
            ticket.doc,
            ticket.state,
            ticket.lead.map(|unit| unit.0),
            ticket.updated_at,
            ticket.next_due,
            ticket.next_due_kind,
            ticket.next_due_unit.map(|unit| unit.0),
            ticket.provisional,
            ticket.flags,
            ticket.unsettled,
            ticket.overruled,
            ticket.conflicts,
            ticket.overdue_at,
            ticket.handler.map(|person| person.0),
        ])?;
        Ok(())
    }

    fn write_whole_row(&self, ticket: &TicketRow) -> Result<(), StoreError> {
        let mut statement = self.conn.prepare_cached(
            "REPLACE INTO tickets(doc, number, external, state, kind, urgency, category, place, title, lead,
                raised_at, registered_at, updated_at, next_due, next_due_kind, next_due_unit, provisional, flags,
                unsettled, overruled, conflicts, overdue_at, handler)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
                ?21, ?22, ?23)",
        )?;
        statement.execute(params![
            ticket.doc,
            ticket.number,
            ticket.external,
            ticket.state,
            ticket.kind,
            ticket.urgency,
            ticket.category,
            ticket.place,
            ticket.title,
            ticket.lead.map(|unit| unit.0),
            ticket.raised_at,
            ticket.registered_at,
            ticket.updated_at,
            ticket.next_due,
            ticket.next_due_kind,
            ticket.next_due_unit.map(|unit| unit.0),
            ticket.provisional,
            ticket.flags,
            ticket.unsettled,
            ticket.overruled,
            ticket.conflicts,
            ticket.overdue_at,
            ticket.handler.map(|person| person.0),
        ])?;
        Ok(())
    }
}

/// A unit that has a ticket in hand, and where the ticket stands in its list.
type InHand = (UnitId, Millis);

impl TicketRow {
    /// Whether what seldom changes is the same in another row of the ticket.
    fn stays(&self, next: &Self) -> bool {
        fn texts(row: &TicketRow) -> [&str; 6] {
            [&row.number, &row.kind, &row.urgency, &row.category, &row.place, &row.title].map(String::as_str)
        }
        texts(self) == texts(next)
            && self.external == next.external
            && (self.raised_at, self.registered_at) == (next.raised_at, next.registered_at)
    }

    /// Whether it stands at the same place of the same lists as another row of the ticket, but for the time of the last act.
    fn listed(&self, next: &Self) -> bool {
        let of = |row: &Self| (row.next_due, row.unsettled, row.overruled, row.conflicts);
        self.state == next.state && of(self) == of(next)
    }

    /// What is due next of a unit.
    #[must_use]
    pub fn due_of(&self, unit: UnitId) -> Option<&UnitDue> {
        self.dues.iter().find(|due| due.unit == unit)
    }

    fn in_hand(&self) -> Vec<InHand> {
        let due = |unit| self.due_of(unit).map_or(Millis::MAX, |due| due.due);
        let open = self.units.iter().filter(|one| one.open);
        let mut units: Vec<InHand> = open.map(|one| (one.unit, due(one.unit))).collect();
        units.sort_unstable();
        units.dedup();
        units
    }
}

impl ToSql for UnitPart {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(match self {
            Self::Lead => 1_i64,
            Self::Assisting => 2,
        }))
    }
}

impl FromSql for UnitPart {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match i64::column_result(value)? {
            1 => Ok(Self::Lead),
            2 => Ok(Self::Assisting),
            other => Err(FromSqlError::OutOfRange(other)),
        }
    }
}

fn ticket_of(row: &Row<'_>) -> rusqlite::Result<TicketRow> {
    Ok(TicketRow {
        doc: row.get(0)?,
        id: row.get(1).map(ActId)?,
        number: row.get(2)?,
        external: row.get(3)?,
        state: row.get(4)?,
        kind: row.get(5)?,
        urgency: row.get(6)?,
        category: row.get(7)?,
        place: row.get(8)?,
        title: row.get(9)?,
        lead: row.get::<_, Option<u32>>(10)?.map(UnitId),
        units: Vec::new(),
        concerned: Vec::new(),
        dues: Vec::new(),
        raised_at: row.get(11)?,
        registered_at: row.get(12)?,
        updated_at: row.get(13)?,
        next_due: row.get(14)?,
        next_due_kind: row.get(15)?,
        next_due_unit: row.get::<_, Option<u32>>(16)?.map(UnitId),
        provisional: row.get(17)?,
        flags: row.get(18)?,
        unsettled: row.get(19)?,
        overruled: row.get(20)?,
        conflicts: row.get(21)?,
        overdue_at: row.get(22)?,
        handler: row.get::<_, Option<u32>>(23)?.map(PersonId),
    })
}
