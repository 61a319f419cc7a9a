//! Which index a list of tickets goes through, in what order, and where in it a page begins.

use regulation::ids::{Millis, PersonId};
use rusqlite::Row;
use rusqlite::types::Value;

use super::super::keys::{Key, NOT_RESTRICTED, behind};
use super::{Attention, Past, Sought, TICKETS_SEEN_MAX, TicketCursor, TicketFilter};
use crate::ids::DocNo;
use crate::search::{Wanted, Words};

/// One index, in whose order a list is, and what is asked of each row of it.
pub(super) struct List {
    /// Its order.
    pub order: Order,
    /// Where the rows are from.
    from: &'static str,
    /// What the list is ordered by, and the document behind it.
    key: [&'static str; 2],
    /// What bounds the index.
    bounds: Condition,
    /// Before which key it ends.
    until: Option<Value>,
    /// What each row must fulfil.
    fits: Condition,
}

pub(super) enum Order {
    Due,
    Came(Words),
    /// Up to before this text, the highest first.
    Number(String),
    /// What was done last comes first.
    Done,
}

/// A question of a list: all of it, or what is behind a place.
pub(super) struct Leg {
    pub sql: String,
    pub values: Vec<Value>,
}

impl List {
    /// `None` if nothing can fulfil the filter.
    pub fn of(filter: &TicketFilter) -> Option<Self> {
        let words = match &filter.sought {
            Some(Sought::Words(text)) => Wanted::of(Some(text.as_str())),
            Some(Sought::Number(begins)) => return Some(Self::of_number(begins).fitting(filter)),
            Some(Sought::Key { what, key, restricted }) => {
                return Some(Self::of_key(*what, key, *restricted).fitting(filter));
            }
            None => Wanted::Anything,
        };
        match words {
            Wanted::Nothing => None,
            Wanted::Match(words) => Some(Self::of_words(words).fitting(filter)),
            Wanted::Anything => Some(Self::of_past(filter).unwrap_or_else(|| Self::by_due(filter))),
        }
    }

    fn new(order: Order, from: &'static str, key: [&'static str; 2], condition: &str, value: Option<Value>) -> Self {
        let (mut bounds, fits) = (Condition::default(), Condition::default());
        bounds.and(condition, value);
        Self { order, from, key, bounds, until: None, fits }
    }

    fn of_words(words: Words) -> Self {
        let expression = words.expression.clone().into();
        let from = "search s CROSS JOIN tickets t ON t.doc = s.rowid";
        Self::new(Order::Came(words), from, ["s.rowid", "s.rowid"], "search MATCH ?", Some(expression))
    }

    fn of_number(begins: &str) -> Self {
        let (order, from) = (Order::Number(behind(begins)), "tickets t INDEXED BY tickets_by_number");
        Self::new(order, from, ["t.number", "t.doc"], "t.number >= ?", Some(begins.to_owned().into()))
    }

    fn of_key(what: Key, key: &str, restricted: bool) -> Self {
        let from = "ticket_keys k INDEXED BY ticket_keys_by_key CROSS JOIN tickets t ON t.doc = k.doc";
        let order = Order::Number(what.behind(key));
        let mut list = Self::new(order, from, ["k.key", "k.doc"], "k.what = ?", Some(what.number().into()));
        list.bounds.and("k.key >= ?", Some(key.to_owned().into()));
        if !restricted {
            NOT_RESTRICTED.into_iter().for_each(|condition| list.fits.and(condition, None));
        }
        list
    }

    /// What a unit did, the last first.
    fn of_past(filter: &TicketFilter) -> Option<Self> {
        let (mut rest, key) = (filter.clone(), ["c.at", "c.doc"]);
        let (past, unit) = (rest.past.take()?, rest.unit.take()?);
        let unit = Some(unit.0.into());
        let list = match past {
            Past::Heeds => {
                let from = "concerned c INDEXED BY concerned_heeds CROSS JOIN tickets t ON t.doc = c.doc";
                Self::new(Order::Done, from, key, "c.heeds = 1 AND c.unit = ?", unit)
            }
            Past::Since(since) => {
                let from = "concerned c INDEXED BY concerned_past CROSS JOIN tickets t ON t.doc = c.doc";
                let mut list = Self::new(Order::Done, from, key, "c.open = 0 AND c.unit = ?", unit);
                list.bounds.and("c.at >= ?", Some(since.into()));
                list
            }
        };
        Some(list.fitting(&rest))
    }

    fn by_due(filter: &TicketFilter) -> Self {
        let mut rest = filter.clone();
        let key = ["t.due", "t.doc"];
        let mut list = if let Some(unit) = rest.unit.take() {
            let from = "in_hand h CROSS JOIN tickets t ON t.doc = h.doc";
            Self::new(Order::Due, from, ["h.due", "h.doc"], "h.unit = ?", Some(unit.0.into()))
        } else if let Some(attention) = rest.attention.take() {
            Self::new(Order::Due, attention.index(), key, attention.condition(), None)
        } else if let Some(state) = rest.state.take() {
            Self::new(Order::Due, "tickets t INDEXED BY tickets_by_state", key, "t.state = ?", Some(state.into()))
        } else {
            Self::new(Order::Due, "tickets t INDEXED BY tickets_by_due", key, "1", None)
        };
        list.until = rest.due_before.take().map(Value::from);
        list.fitting(&rest)
    }

    /// With what the index does not see to.
    fn fitting(mut self, rest: &TicketFilter) -> Self {
        if let Some(before) = rest.due_before {
            self.fits.and("t.due < ?", Some(before.into()));
        }
        if let Some(state) = &rest.state {
            self.fits.and("t.state = ?", Some(state.clone().into()));
        }
        if let Some(persons) = &rest.handlers {
            let one = |person: &PersonId| person.0.to_string();
            let persons = persons.iter().map(one).collect::<Vec<_>>().join(",");
            self.fits.and(format!("coalesce(t.handler, 0) IN ({persons})"), None);
        }
        if let Some(attention) = rest.attention {
            self.fits.and(attention.condition(), None);
        }
        if let Some(unit) = rest.unit {
            let open = "EXISTS (SELECT 1 FROM ticket_units u WHERE u.doc = t.doc AND u.unit = ? AND u.open = 1)";
            self.fits.and(open, Some(unit.0.into()));
        }
        self
    }

    /// What is behind a place: those that have the same key, such as all that are due no more, and then the others. Said in
    /// one condition no index would begin there, and a far page would go through all that stand before it.
    pub fn legs(&self, after: Option<&TicketCursor>, reach: Option<DocNo>) -> Vec<Leg> {
        let [key, doc] = self.key;
        let by_due = format!("{key}, {doc}");
        let by_number = format!("{key} DESC, {doc} DESC");
        match (&self.order, after) {
            (Order::Came(_), after) => {
                let ends = [("<", came(after).0.into()), (">=", reach.unwrap_or(DocNo(i64::MIN)).0.into())];
                vec![self.leg(&ends, None, &format!("{doc} DESC"))]
            }
            (Order::Due, Some(TicketCursor::Due(due, place))) => {
                let at: Value = due.unwrap_or(Millis::MAX).into();
                let same = self.leg(&[("=", at.clone())], Some((">", *place)), doc);
                let later = due.map(|_| self.leg(&[(">", at)], None, &by_due));
                [same].into_iter().chain(later).collect()
            }
            (Order::Number(_), Some(TicketCursor::Number(number, place))) => {
                let at: Value = number.clone().into();
                let same = self.leg(&[("=", at.clone())], Some(("<", *place)), &format!("{doc} DESC"));
                vec![same, self.leg(&[("<", at)], None, &by_number)]
            }
            (Order::Done, Some(TicketCursor::Done(at, place))) => {
                let at: Value = (*at).into();
                let same = self.leg(&[("=", at.clone())], Some(("<", *place)), &format!("{doc} DESC"));
                vec![same, self.leg(&[("<", at)], None, &by_number)]
            }
            (Order::Done, _) => vec![self.leg(&[], None, &by_number)],
            (Order::Due, _) => vec![self.leg(&[], None, &by_due)],
            (Order::Number(end), _) => vec![self.leg(&[("<", end.clone().into())], None, &by_number)],
        }
    }

    fn leg(&self, ends: &[(&str, Value)], place: Option<(&str, DocNo)>, order: &str) -> Leg {
        let (from, [key, doc], fits) = (self.from, self.key, &self.fits.sql);
        let mut bounds = self.bounds.clone();
        for (how, end) in ends {
            bounds.and(format!("{key} {how} ?"), Some(end.clone()));
        }
        if let Some((how, place)) = place {
            bounds.and(format!("{doc} {how} ?"), Some(place.0.into()));
        }
        if let Some(until) = &self.until {
            // Of one key the index is bounded by the document: it must not take this for the closer bound.
            let plus = if place.is_some() { "+" } else { "" };
            bounds.and(format!("{plus}{key} < ?"), Some(until.clone()));
        }
        // Of a unit, its own.
        let due = if matches!(self.order, Order::Due) { key } else { "t.due" };
        let sql = format!(
            "SELECT {key}, {doc}, {fits}, t.state, t.overruled > 0, t.unsettled > 0, t.conflicts > 0, {due}
             FROM {from} WHERE {} ORDER BY {order} LIMIT ?",
            bounds.sql
        );
        let most = i64::try_from(TICKETS_SEEN_MAX + 1).unwrap_or(i64::MAX);
        let values = self.fits.values.iter().cloned().chain(bounds.values).chain([most.into()]);
        Leg { values: values.collect(), sql }
    }
}

/// The document that a list by words goes on behind.
pub(super) fn came(after: Option<&TicketCursor>) -> DocNo {
    match after {
        Some(TicketCursor::Came(doc)) => *doc,
        _ => DocNo(i64::MAX),
    }
}

impl Order {
    pub fn place(&self, row: &Row<'_>) -> rusqlite::Result<TicketCursor> {
        let doc = row.get(1)?;
        Ok(match self {
            Self::Due => TicketCursor::Due(Some(row.get(0)?).filter(|due| *due < Millis::MAX), doc),
            Self::Came(_) => TicketCursor::Came(doc),
            Self::Number(_) => TicketCursor::Number(row.get(0)?, doc),
            Self::Done => TicketCursor::Done(row.get(0)?, doc),
        })
    }
}

impl Attention {
    const fn condition(self) -> &'static str {
        match self {
            Self::Overruled => "t.overruled > 0",
            Self::Conflicts => "t.conflicts > 0",
        }
    }

    const fn index(self) -> &'static str {
        match self {
            Self::Overruled => "tickets t INDEXED BY tickets_overruled",
            Self::Conflicts => "tickets t INDEXED BY tickets_conflicts",
        }
    }
}

/// A condition, with its values in the order of its question marks.
#[derive(Clone)]
struct Condition {
    sql: String,
    values: Vec<Value>,
}

impl Default for Condition {
    fn default() -> Self {
        Self { sql: "1".to_owned(), values: Vec::new() }
    }
}

impl Condition {
    fn and(&mut self, condition: impl AsRef<str>, value: Option<Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition.as_ref());
        self.values.extend(value);
    }
}

#[cfg(test)]
mod tests {
    use regulation::ids::UnitId;
    use rusqlite::params_from_iter;

    use super::*;
    use crate::Store;

    #[test]
    fn every_page_of_every_list_begins_at_its_place_in_an_index_and_sorts_nothing() {
        let store = Store::in_memory().unwrap();
        let (due, came) = (TicketCursor::Due(Some(5), DocNo(3)), TicketCursor::Came(DocNo(3)));
        let done = TicketCursor::Done(5, DocNo(3));
        let (none, number) = (TicketCursor::Due(None, DocNo(3)), TicketCursor::Number("1".to_owned(), DocNo(3)));
        let all = TicketFilter::default;
        let words = Some(Sought::Words("停暖气".to_owned()));
        for (filter, bounds) in [
            (all(), ["tickets_by_due", "due=? AND rowid>?", "due>?"]),
            (TicketFilter { due_before: Some(9), ..all() }, ["due<?", "due=? AND rowid>?", "due>? AND due<?"]),
            (
                TicketFilter { state: Some("x".to_owned()), ..all() },
                ["(state=?)", "state=? AND due=? AND rowid>?", "state=? AND due>?"],
            ),
            (
                TicketFilter { attention: Some(Attention::Overruled), state: Some("x".to_owned()), ..all() },
                ["tickets_overruled", "due=? AND rowid>?", "due>?"],
            ),
            (
                TicketFilter { attention: Some(Attention::Conflicts), ..all() },
                ["tickets_conflicts", "due=? AND rowid>?", "due>?"],
            ),
            (
                TicketFilter { unit: Some(UnitId(3)), state: Some("x".to_owned()), ..all() },
                ["unit=?", "unit=? AND due=? AND doc>?", "unit=? AND due>?"],
            ),
            (
                TicketFilter { unit: Some(UnitId(3)), due_before: Some(9), ..all() },
                ["due<?", "doc>?", "due>? AND due<?"],
            ),
            (
                TicketFilter { sought: Some(Sought::Number("1".to_owned())), ..all() },
                ["number>? AND number<?", "number=? AND rowid<?", "number>? AND number<?"],
            ),
            (TicketFilter { sought: words, unit: Some(UnitId(3)), ..all() }, ["VIRTUAL", "VIRTUAL", "VIRTUAL"]),
            (
                TicketFilter { unit: Some(UnitId(3)), past: Some(Past::Heeds), ..all() },
                ["concerned_heeds (unit=?)", "unit=? AND at=? AND doc<?", "unit=? AND at<?"],
            ),
            (
                TicketFilter { unit: Some(UnitId(3)), past: Some(Past::Since(5)), ..all() },
                ["unit=? AND at>?", "unit=? AND at=? AND doc<?", "unit=? AND at>? AND at<?"],
            ),
            (
                TicketFilter {
                    sought: Some(Sought::Key { what: Key::Source, key: "1".to_owned(), restricted: false }),
                    ..all()
                },
                ["what=? AND key>? AND key<?", "what=? AND key=? AND doc<?", "what=? AND key>? AND key<?"],
            ),
        ] {
            let list = List::of(&filter).unwrap();
            let places = [None, Some(&due), Some(&none), Some(&came), Some(&number), Some(&done)];
            let legs = places.into_iter().flat_map(|after| {
                let before = legs_before(&list, after);
                list.legs(after, None).into_iter().enumerate().map(move |(leg, of)| (bounds[leg + before], of))
            });
            for (bound, leg) in legs.collect::<Vec<_>>() {
                let mut statement = store.conn.prepare(&format!("EXPLAIN QUERY PLAN {}", leg.sql)).unwrap();
                let rows = statement.query_map(params_from_iter(leg.values), |row| row.get::<_, String>(3)).unwrap();
                let plan: Vec<String> = rows.collect::<Result<_, _>>().unwrap();
                assert!(plan[0].contains(bound), "{bound}: {plan:?} of {}", leg.sql);
                assert!(!plan.iter().any(|step| step.contains("B-TREE")), "{plan:?} of {}", leg.sql);
            }
        }
    }

    /// A list that goes on has its two legs behind the one of its first page.
    fn legs_before(list: &List, after: Option<&TicketCursor>) -> usize {
        let goes_on = matches!(
            (&list.order, after),
            (Order::Due, Some(TicketCursor::Due(..)))
                | (Order::Number(_), Some(TicketCursor::Number(..)))
                | (Order::Done, Some(TicketCursor::Done(..)))
        );
        usize::from(goes_on)
    }
}
