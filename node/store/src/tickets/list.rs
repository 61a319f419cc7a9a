//! Lists of tickets: filters, pages and counts.

use regulation::ids::{Millis, UnitId};
use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::{TicketRow, UnitPart};
use crate::error::StoreError;
use crate::ids::{DocNo, at_most, counted};
use crate::open::Queries;
use crate::search::Wanted;

/// Tickets on one page of a list, in rows.
pub const TICKET_ROWS_MAX: usize = 500;

/// Word for word the expression of the indices; a ticket without a running term comes last.
const DUE: &str = "coalesce(t.next_due, 9223372036854775807)";

/// Which tickets. The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketFilter {
    /// In this state.
    pub state: Option<String>,
    /// In which this unit has a part.
    pub unit: Option<UnitFilter>,
    /// With a term that ends before this.
    pub due_before: Option<Millis>,
    /// With something that somebody must look at.
    pub attention: Option<Attention>,
    /// Whose title or text contains every one of these words (see [`crate::Store::put_search`]). Blank: no filter.
    pub text: Option<String>,
}

/// A unit's part in a ticket, as a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitFilter {
    /// The unit.
    pub unit: UnitId,
    /// Only as lead, or only assisting.
    pub part: Option<UnitPart>,
    /// Only while its part is open, or only after.
    pub open: Option<bool>,
}

/// What somebody must look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attention {
    /// Acts overruled.
    Overruled,
    /// Acts not settled.
    Unsettled,
    /// Registers with more than one value.
    Conflicts,
}

/// A place in a list of tickets: that of the last ticket shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketCursor {
    /// Its next due.
    pub next_due: Option<Millis>,
    /// Its number.
    pub number: String,
    /// Its document.
    pub doc: DocNo,
}

impl TicketRow {
    /// Where the next page begins if this ticket was the last on its page.
    #[must_use]
    pub fn cursor(&self) -> TicketCursor {
        TicketCursor { next_due: self.next_due, number: self.number.clone(), doc: self.doc }
    }
}

impl Queries {
    /// One page of tickets, by next due and then number, at most `limit` or [`TICKET_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn tickets(
        &self,
        filter: &TicketFilter,
        after: Option<&TicketCursor>,
        limit: usize,
    ) -> Result<Vec<TicketRow>, StoreError> {
        let Some(wanted) = Condition::of(filter) else { return Ok(Vec::new()) };
        let limit = at_most(limit, TICKET_ROWS_MAX);
        let Some(after) = after else { return self.page(wanted, limit, true) };
        // Those that are due at the same time, such as all that are due no more, and then the later ones: said in one
        // condition, no index would begin there, and a far page would go through all that stand before it.
        let due: Value = after.next_due.unwrap_or(i64::MAX).into();
        let mut same = wanted.clone();
        same.and(format!("{DUE} = ? AND (t.number, t.doc) > (?, ?)"));
        same.values.extend([due.clone(), after.number.clone().into(), after.doc.0.into()]);
        let mut rows = self.page(same, limit, false)?;
        let left = limit - i64::try_from(rows.len()).unwrap_or(limit);
        if left > 0 && after.next_due.is_some() {
            let mut later = wanted;
            later.and(format!("{DUE} > ?"));
            later.values.push(due);
            rows.extend(self.page(later, left, true)?);
        }
        Ok(rows)
    }

    fn page(&self, mut wanted: Condition, limit: i64, by_due: bool) -> Result<Vec<TicketRow>, StoreError> {
        wanted.values.push(limit.into());
        let order = if by_due { format!("{DUE}, t.number, t.doc") } else { "t.number, t.doc".to_owned() };
        let rest = format!("WHERE {} ORDER BY {order} LIMIT ?", wanted.sql);
        self.select_tickets(&rest, params_from_iter(wanted.values))
    }

    /// How many tickets the filter finds.
    ///
    /// # Errors
    /// Faults only.
    pub fn ticket_count(&self, filter: &TicketFilter) -> Result<u64, StoreError> {
        let Some(wanted) = Condition::of(filter) else { return Ok(0) };
        let mut statement =
            self.conn.prepare_cached(&format!("SELECT count(*) FROM tickets t WHERE {}", wanted.sql))?;
        Ok(statement.query_row(params_from_iter(wanted.values), |row| row.get(0).map(counted))?)
    }

    /// How many tickets of those that the filter finds are in each state, by state.
    ///
    /// # Errors
    /// Faults only.
    pub fn ticket_states(&self, filter: &TicketFilter) -> Result<Vec<(String, u64)>, StoreError> {
        let Some(wanted) = Condition::of(filter) else { return Ok(Vec::new()) };
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT t.state, count(*) FROM tickets t WHERE {} GROUP BY t.state ORDER BY t.state",
            wanted.sql
        ))?;
        let rows =
            statement.query_map(params_from_iter(wanted.values), |row| Ok((row.get(0)?, row.get(1).map(counted)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// A condition over `tickets t`, with its values in the order of its question marks.
#[derive(Clone)]
struct Condition {
    sql: String,
    values: Vec<Value>,
}

impl Condition {
    /// `None` if nothing can fulfil it.
    fn of(filter: &TicketFilter) -> Option<Self> {
        let mut wanted = Self { sql: "1".to_owned(), values: Vec::new() };
        if let Some(state) = &filter.state {
            wanted.and("t.state = ?");
            wanted.values.push(state.clone().into());
        }
        if let Some(unit) = &filter.unit {
            wanted.and_unit(unit);
        }
        if let Some(before) = filter.due_before {
            // Said with the expression of the index, so that the index bounds the search.
            wanted.and(format!("t.next_due IS NOT NULL AND {DUE} < ?"));
            wanted.values.push(before.into());
        }
        match filter.attention {
            Some(Attention::Overruled) => wanted.and("t.overruled > 0"),
            Some(Attention::Unsettled) => wanted.and("t.unsettled > 0"),
            Some(Attention::Conflicts) => wanted.and("t.conflicts > 0"),
            None => {}
        }
        match Wanted::of(filter.text.as_deref()) {
            Wanted::Anything => {}
            Wanted::Nothing => return None,
            Wanted::Match(expression) => {
                wanted.and("t.doc IN (SELECT rowid FROM search WHERE search MATCH ?)");
                wanted.values.push(expression.into());
            }
        }
        Some(wanted)
    }

    fn and(&mut self, condition: impl AsRef<str>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition.as_ref());
    }

    fn and_unit(&mut self, filter: &UnitFilter) {
        let mut inner = "u.unit = ?".to_owned();
        self.values.push(filter.unit.0.into());
        if let Some(open) = filter.open {
            inner.push_str(" AND u.open = ?");
            self.values.push(open.into());
        }
        if let Some(part) = filter.part {
            inner.push_str(if part == UnitPart::Lead { " AND u.part = 1" } else { " AND u.part = 2" });
        }
        self.and(format!("t.doc IN (SELECT u.doc FROM ticket_units u WHERE {inner})"));
    }
}
