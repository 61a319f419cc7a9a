//! Lists of tickets: each goes through one index in its order, a page at a time, and looks at a bounded number of rows.

mod order;

use std::fmt;
use std::str::FromStr;

use regulation::ids::{ActId, Millis, PersonId, UnitId};
use rusqlite::{Row, params_from_iter};

use super::TicketRow;
use super::keys::{Key, behind};
use crate::error::StoreError;
use crate::figures::TicketFigure;
use crate::ids::DocNo;
use crate::open::Queries;

use order::{List, Order, came};

/// Tickets on one page of a list, in rows.
pub const TICKET_ROWS_MAX: usize = 500;
/// Rows of its index that a page or a count looks at, at most: if these do not fill a page, the next one goes on behind them.
pub const TICKETS_SEEN_MAX: usize = 2_000;
/// Tickets that are counted where no figure is kept, at most.
pub const TICKETS_COUNTED_MAX: usize = 500;

/// Which tickets. The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketFilter {
    /// In this state.
    pub state: Option<String>,
    /// In which this unit has a part that is open.
    pub unit: Option<UnitId>,
    /// With a term that ends before this.
    pub due_before: Option<Millis>,
    /// With something that somebody must look at.
    pub attention: Option<Attention>,
    /// In which the unit that is named acted: no other list than that of the unit.
    pub past: Option<Past>,
    /// That somebody looks for.
    pub sought: Option<Sought>,
    /// That one of these has in hand.
    pub handlers: Option<Vec<PersonId>>,
}

/// What a unit did, whether it is its own still or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// What it has to take note of.
    Heeds,
    /// What it has no part in any more, and acted in since then.
    Since(Millis),
}

/// What somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// The title or text contains every one of these words (see [`crate::Store::put_search`]). Blank: no filter.
    Words(String),
    /// The number begins so.
    Number(String),
    /// What else it is found by.
    Key {
        /// What that is.
        what: Key,
        /// What it is, or begins with.
        key: String,
        /// Tickets of which not everybody may know who raised them as well.
        restricted: bool,
    },
}

/// What somebody must look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attention {
    /// Acts overruled.
    Overruled,
    /// Registers with more than one value.
    Conflicts,
}

/// A place in a list of tickets: that of the last one that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketCursor {
    /// Of those with this due, or none, behind this document.
    Due(Option<Millis>, DocNo),
    /// Of those found by words, behind this document.
    Came(DocNo),
    /// Of those found by a beginning of their number, behind this number and document.
    Number(String, DocNo),
    /// Of what a unit did, behind this time and document.
    Done(Millis, DocNo),
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketPage {
    /// The tickets.
    pub rows: Vec<TicketRow>,
    /// Where to go on, if not everything was looked at. There may be nothing there.
    pub next: Option<TicketCursor>,
}

/// What was counted, as far as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallied {
    /// By state and what is to look at.
    pub figures: Vec<TicketFigure>,
    /// How many of them have a due before the time that was asked for.
    pub overdue: u64,
    /// Not everything was looked at: there may be more.
    pub more: bool,
}

impl Queries {
    /// One page of tickets, at most `limit` or [`TICKET_ROWS_MAX`]: by next due and then as they came here; found by words,
    /// what came last first; by number, the highest first. A place in a list of another order begins at the first page.
    ///
    /// # Errors
    /// Faults only.
    pub fn tickets(
        &self,
        filter: &TicketFilter,
        after: Option<&TicketCursor>,
        limit: usize,
    ) -> Result<TicketPage, StoreError> {
        let (mut docs, limit) = (Vec::new(), limit.min(TICKET_ROWS_MAX));
        let next = self.walk(filter, after, limit, |row| {
            docs.push(row.get(1)?);
            Ok(())
        })?;
        Ok(TicketPage { rows: self.tickets_of(&docs)?, next })
    }

    /// The ids of a page of tickets, as many as are looked at, and where to go on.
    ///
    /// # Errors
    /// Faults only.
    pub fn ticket_ids(
        &self,
        filter: &TicketFilter,
        after: Option<&TicketCursor>,
    ) -> Result<(Vec<ActId>, Option<TicketCursor>), StoreError> {
        let mut docs = Vec::new();
        let next = self.walk(filter, after, TICKETS_SEEN_MAX, |row| {
            docs.push(row.get(1)?);
            Ok(())
        })?;
        let ids = docs.into_iter().map(|doc| self.doc_id(doc)).filter_map(Result::transpose);
        Ok((ids.collect::<Result<_, _>>()?, next))
    }

    /// Counts what the filter finds, as far as [`TICKETS_COUNTED_MAX`] of it.
    ///
    /// # Errors
    /// Faults only.
    pub fn tally(&self, filter: &TicketFilter, now: Millis) -> Result<Tallied, StoreError> {
        let mut tallied = Tallied::default();
        let next = self.walk(filter, None, TICKETS_COUNTED_MAX, |row| {
            let found = TicketFigure {
                state: row.get(3)?,
                overruled: row.get(4)?,
                unsettled: row.get(5)?,
                conflicts: row.get(6)?,
                tickets: 0,
            };
            tallied.overdue += u64::from(row.get::<_, Millis>(7)? < now);
            let same = |one: &&mut TicketFigure| TicketFigure { tickets: 0, ..(**one).clone() } == found;
            match tallied.figures.iter_mut().find(same) {
                Some(one) => one.tickets += 1,
                None => tallied.figures.push(TicketFigure { tickets: 1, ..found }),
            }
            Ok(())
        })?;
        tallied.more = next.is_some();
        Ok(tallied)
    }

    /// Whether a ticket has a number that begins so.
    ///
    /// # Errors
    /// Faults only.
    pub fn any_number(&self, begins: &str) -> Result<bool, StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT 1 FROM tickets WHERE number >= ?1 AND number < ?2 LIMIT 1")?;
        Ok(statement.exists((begins, behind(begins)))?)
    }

    /// Goes through the list behind `after` until `most` rows fit, or [`TICKETS_SEEN_MAX`] were looked at, and says where to
    /// go on if there are more.
    fn walk(
        &self,
        filter: &TicketFilter,
        after: Option<&TicketCursor>,
        most: usize,
        mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<Option<TicketCursor>, StoreError> {
        let Some(list) = List::of(filter) else { return Ok(None) };
        let (mut seen, mut taken, mut last) = (0, 0, None);
        let reach = match &list.order {
            Order::Came(words) => self.search_reach(words, came(after))?,
            Order::Due | Order::Number(_) | Order::Done => None,
        };
        for leg in list.legs(after, reach) {
            let mut statement = self.conn.prepare_cached(&leg.sql)?;
            let mut rows = statement.query(params_from_iter(leg.values))?;
            while let Some(row) = rows.next()? {
                if taken == most || seen == TICKETS_SEEN_MAX {
                    return Ok(last);
                }
                seen += 1;
                last = Some(list.order.place(row)?);
                if row.get(2)? {
                    taken += 1;
                    take(row)?;
                }
            }
        }
        Ok(reach.map(TicketCursor::Came))
    }
}

impl fmt::Display for TicketCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Due(Some(due), doc) => write!(f, "{due}~{}", doc.0),
            Self::Due(None, doc) => write!(f, "~{}", doc.0),
            Self::Came(doc) => write!(f, "{}", doc.0),
            Self::Number(number, doc) => write!(f, ".{number}~{}", doc.0),
            Self::Done(at, doc) => write!(f, "!{at}~{}", doc.0),
        }
    }
}

/// No place in a list was ever written so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoCursor;

impl FromStr for TicketCursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let number = |text: &str| text.parse().map_err(|_| NoCursor);
        let doc = |text: &str| number(text).map(DocNo);
        let Some((key, last)) = text.rsplit_once('~') else { return doc(text).map(Self::Came) };
        if let Some(at) = key.strip_prefix('!') {
            return Ok(Self::Done(number(at)?, doc(last)?));
        }
        match key.strip_prefix('.') {
            Some(key) => Ok(Self::Number(key.to_owned(), doc(last)?)),
            None if key.is_empty() => Ok(Self::Due(None, doc(last)?)),
            None => Ok(Self::Due(Some(number(key)?), doc(last)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_list_is_read_as_it_was_written() {
        let doc = DocNo(7);
        for cursor in [
            TicketCursor::Due(None, doc),
            TicketCursor::Due(Some(1_793_582_400_000), doc),
            TicketCursor::Due(Some(-1), doc),
            TicketCursor::Came(doc),
            TicketCursor::Number("130600-001-20261102-00001-X".to_owned(), doc),
            TicketCursor::Done(1_793_582_400_000, doc),
        ] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for text in ["", "~", "a~1~x", "1~b", "b~1", "x", ".1"] {
            assert_eq!(text.parse::<TicketCursor>(), Err(NoCursor), "{text}");
        }
    }
}
