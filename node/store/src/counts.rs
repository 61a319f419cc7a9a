//! What documents count for: whole numbers by half of a day and unit, and what these come to by half, by day and by month. What a number is of
//! the kernel knows; here they are added. A sum is written in the transaction of the rows that it is of, by what they differ in.

use std::collections::BTreeMap;

use regulation::calendar;
use regulation::ids::{ActId, UnitId};
use rusqlite::{OptionalExtension, Row};

use crate::error::StoreError;
use crate::ids::{DocNo, at_most};
use crate::open::{Queries, Store};

/// Rows of one answer, at most.
pub const COUNT_ROWS_MAX: usize = 1_000;
/// Lines about sums that are wrong, at most.
const OFF_LINES_MAX: usize = 100;

/// Numbers that are not 0, by what they are of, in that order.
pub type Numbers = Vec<(u8, i64)>;

/// What a document counts for on one day, for one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountRow {
    /// The local day, from the first of 1970.
    pub day: i64,
    /// From noon on.
    pub afternoon: bool,
    /// The unit.
    pub unit: UnitId,
    /// In the list that is shown apart.
    pub apart: bool,
    /// Some of it does not count: it is in the list of that.
    pub leaves: bool,
    /// How much.
    pub numbers: Numbers,
}

/// A time of which sums are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Span {
    /// A local day, from the first of 1970.
    Day(i64),
    /// A month, from the first of the year 0.
    Month(i64),
    /// Half a local day: twice the day, and one more from noon on.
    Half(i64),
}

/// What all documents come to for a unit in some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SumRow {
    /// The unit.
    pub unit: UnitId,
    /// In the list that is shown apart.
    pub apart: bool,
    /// How much.
    pub numbers: Numbers,
}

/// A row with its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The document's number here.
    pub doc: DocNo,
    /// The document's id.
    pub id: ActId,
    /// Number of the ticket.
    pub number: String,
    /// The row.
    pub row: CountRow,
}

/// Where a list of rows went on: day and document of the last one.
pub type CountCursor = (i64, DocNo);

type Sums = BTreeMap<(Span, UnitId, bool), BTreeMap<u8, i64>>;

impl Span {
    fn of_row(row: &CountRow) -> [Self; 3] {
        let half = row.day.saturating_mul(2).saturating_add(row.afternoon.into());
        [Self::Day(row.day), Self::Month(calendar::month_of_day(row.day)), Self::Half(half)]
    }

    const fn key(self) -> (i64, i64) {
        match self {
            Self::Day(day) => (1, day),
            Self::Month(month) => (2, month),
            Self::Half(half) => (3, half),
        }
    }

    const fn of(key: (i64, i64)) -> Self {
        match key {
            (1, day) => Self::Day(day),
            (2, month) => Self::Month(month),
            (_, half) => Self::Half(half),
        }
    }
}

impl Queries {
    /// What a document counts for.
    ///
    /// # Errors
    /// Faults only.
    pub fn counts_of(&self, doc: DocNo) -> Result<Vec<CountRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT day, afternoon, unit, apart, leaves, numbers FROM counts WHERE doc = ?1 ORDER BY day, afternoon, unit, apart",
        )?;
        let rows = statement.query_map([doc], |row| count_of(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What all documents come to in some time, by unit and list.
    ///
    /// # Errors
    /// Faults only.
    pub fn sums(&self, span: Span) -> Result<Vec<SumRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT unit, apart, numbers FROM sums WHERE span = ?1 AND key = ?2 ORDER BY unit, apart",
        )?;
        let rows = statement.query_map(span.key(), |row| {
            Ok(SumRow { unit: row.get(0).map(UnitId)?, apart: row.get(1)?, numbers: numbers_of(row, 2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Rows of days from `first` to `last`, each with its document, by day and document after `after`, at most
    /// [`COUNT_ROWS_MAX`]. A document's rows of one day are never parted: there may be a few more.
    ///
    /// # Errors
    /// Faults only.
    pub fn counts_in(
        &self,
        (first, last): (i64, i64),
        after: Option<CountCursor>,
        limit: usize,
    ) -> Result<Vec<Counted>, StoreError> {
        let (day, doc) = after.unwrap_or((first, DocNo(-1)));
        let mut statement = self.conn.prepare_cached(
            "SELECT p.doc, d.id, t.number, c.day, c.afternoon, c.unit, c.apart, c.leaves, c.numbers
             FROM (SELECT DISTINCT day, doc FROM counts WHERE (day, doc) > (?1, ?2) AND day <= ?3 ORDER BY day, doc LIMIT ?4) p
                CROSS JOIN docs d ON d.doc = p.doc
                CROSS JOIN tickets t ON t.doc = p.doc CROSS JOIN counts c ON c.doc = p.doc AND c.day = p.day
             ORDER BY p.day, p.doc, c.afternoon, c.unit, c.apart",
        )?;
        let rows = statement.query_map((day, doc, last, at_most(limit, COUNT_ROWS_MAX)), |row| {
            let number = row.get(2)?;
            Ok(Counted { doc: row.get(0)?, id: row.get(1).map(ActId)?, number, row: count_of(row, 3)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Documents of which something of a unit does not count, on days from `first` to `last`, by day and document after
    /// `after`, at most [`COUNT_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn left_out(
        &self,
        unit: UnitId,
        (first, last): (i64, i64),
        after: Option<CountCursor>,
        limit: usize,
    ) -> Result<Vec<(i64, DocNo, ActId)>, StoreError> {
        let (day, doc) = after.unwrap_or((first, DocNo(-1)));
        let mut statement = self.conn.prepare_cached(LEFT_OUT)?;
        let rows = statement.query_map((unit.0, day, doc, last, at_most(limit, COUNT_ROWS_MAX)), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2).map(ActId)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Sums that are not what the rows come to, in words. Reads all rows.
    pub(crate) fn sums_off(&self) -> Result<Vec<String>, StoreError> {
        let (mut kept, counted) = (Sums::new(), self.summed()?);
        let mut statement = self.conn.prepare("SELECT span, key, unit, apart, numbers FROM sums")?;
        for row in statement.query_map([], |row| {
            let place = (Span::of((row.get(0)?, row.get(1)?)), row.get(2).map(UnitId)?, row.get(3)?);
            Ok((place, numbers_of(row, 4)?))
        })? {
            let (place, numbers) = row?;
            kept.insert(place, numbers.into_iter().collect());
        }
        let none = BTreeMap::new();
        let mut off = Vec::new();
        let places: std::collections::BTreeSet<_> = kept.keys().chain(counted.keys()).collect();
        for place in places {
            let (is, should) = (kept.get(place).unwrap_or(&none), counted.get(place).unwrap_or(&none));
            if is != should && off.len() < OFF_LINES_MAX {
                let (span, unit, apart) = place;
                off.push(format!("sum of {span:?} of unit {}, apart {apart}: {is:?} kept, {should:?} counted", unit.0));
            }
        }
        Ok(off)
    }

    /// What the rows come to.
    fn summed(&self) -> Result<Sums, StoreError> {
        let mut sums = Sums::new();
        let mut statement = self.conn.prepare("SELECT day, afternoon, unit, apart, leaves, numbers FROM counts")?;
        for row in statement.query_map([], |row| count_of(row, 0))? {
            enter(&mut sums, &row?, 1);
        }
        settle(&mut sums);
        Ok(sums)
    }

    fn add_sums(&self, changed: Sums) -> Result<(), StoreError> {
        let mut read = self
            .conn
            .prepare_cached("SELECT numbers FROM sums WHERE span = ?1 AND key = ?2 AND unit = ?3 AND apart = ?4")?;
        let mut write = self
            .conn
            .prepare_cached("REPLACE INTO sums(span, key, unit, apart, numbers) VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let mut end =
            self.conn.prepare_cached("DELETE FROM sums WHERE span = ?1 AND key = ?2 AND unit = ?3 AND apart = ?4")?;
        for ((span, unit, apart), differences) in changed {
            let (kind, key) = span.key();
            let kept = read.query_row((kind, key, unit.0, apart), |row| numbers_of(row, 0)).optional()?;
            let mut numbers: BTreeMap<u8, i64> = kept.unwrap_or_default().into_iter().collect();
            for (number, much) in differences {
                *numbers.entry(number).or_default() += much;
            }
            numbers.retain(|_, much| *much != 0);
            if numbers.is_empty() {
                end.execute((kind, key, unit.0, apart))?;
            } else {
                let numbers: Numbers = numbers.into_iter().collect();
                write.execute((kind, key, unit.0, apart, encoded(&numbers)))?;
            }
        }
        Ok(())
    }
}

const LEFT_OUT: &str = "SELECT c.day, c.doc, d.id FROM counts c CROSS JOIN docs d ON d.doc = c.doc
    WHERE c.unit = ?1 AND c.leaves = 1 AND (c.day, c.doc) > (?2, ?3) AND c.day <= ?4
    GROUP BY c.day, c.doc ORDER BY c.day, c.doc LIMIT ?5";

impl Store {
    /// Sets what a document counts for, and the sums that it is in.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault (`Sql` if a half of a day, unit and list is there twice).
    pub fn put_counts(&mut self, doc: DocNo, rows: &[CountRow]) -> Result<(), StoreError> {
        self.write(|store| {
            let before = store.counts_of(doc)?;
            if before == rows {
                return Ok(());
            }
            let mut changed = Sums::new();
            let mut end = store
                .conn
                .prepare_cached("DELETE FROM counts WHERE doc = ?1 AND day = ?2 AND afternoon = ?3 AND unit = ?4 AND apart = ?5")?;
            for row in before.iter().filter(|row| !rows.contains(row)) {
                enter(&mut changed, row, -1);
                end.execute((doc, row.day, row.afternoon, row.unit.0, row.apart))?;
            }
            let mut insert = store.conn.prepare_cached(
                "INSERT INTO counts(doc, day, afternoon, unit, apart, leaves, numbers) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            for row in rows.iter().filter(|row| !before.contains(row)) {
                enter(&mut changed, row, 1);
                insert.execute((doc, row.day, row.afternoon, row.unit.0, row.apart, row.leaves, encoded(&row.numbers)))?;
            }
            settle(&mut changed);
            store.add_sums(changed)
        })
    }
}

impl Queries {
    /// Adds every sum anew.
    pub(crate) fn recount_sums(&self) -> Result<(), StoreError> {
        self.conn.execute("DELETE FROM sums", [])?;
        self.add_sums(self.summed()?)
    }
}

fn enter(sums: &mut Sums, row: &CountRow, times: i64) {
    for span in Span::of_row(row) {
        let sum = sums.entry((span, row.unit, row.apart)).or_default();
        for (number, much) in &row.numbers {
            *sum.entry(*number).or_default() += much * times;
        }
    }
}

/// What is 0 is not kept.
fn settle(sums: &mut Sums) {
    for sum in sums.values_mut() {
        sum.retain(|_, much| *much != 0);
    }
    sums.retain(|_, sum| !sum.is_empty());
}

fn count_of(row: &Row<'_>, at: usize) -> rusqlite::Result<CountRow> {
    Ok(CountRow {
        day: row.get(at)?,
        afternoon: row.get(at + 1)?,
        unit: row.get(at + 2).map(UnitId)?,
        apart: row.get(at + 3)?,
        leaves: row.get(at + 4)?,
        numbers: numbers_of(row, at + 5)?,
    })
}

/// Numbers as they are kept: what each is of, a byte; how much, in bytes of seven bits, the lowest first, its sign lowest.
fn encoded(numbers: &[(u8, i64)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(numbers.len() * 2);
    for (number, much) in numbers {
        bytes.push(*number);
        let mut left = much.wrapping_shl(1) ^ (much >> 63);
        loop {
            let low = u8::try_from(left & 0x7f).unwrap_or_default();
            left = ((left.cast_unsigned()) >> 7).cast_signed();
            bytes.push(if left == 0 { low } else { low | 0x80 });
            if left == 0 {
                break;
            }
        }
    }
    bytes
}

fn numbers_of(row: &Row<'_>, at: usize) -> rusqlite::Result<Numbers> {
    let bytes: &[u8] = row.get_ref(at)?.as_blob()?;
    let wrong = || rusqlite::Error::InvalidColumnType(at, "numbers".to_owned(), rusqlite::types::Type::Blob);
    decoded(bytes).ok_or_else(wrong)
}

fn decoded(bytes: &[u8]) -> Option<Numbers> {
    let mut numbers = Numbers::new();
    let mut bytes = bytes.iter().copied();
    while let Some(number) = bytes.next() {
        let (mut much, mut shift) = (0_u64, 0_u32);
        loop {
            let byte = bytes.next()?;
            much |= u64::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        numbers.push((number, (much >> 1).cast_signed() ^ -((much & 1).cast_signed())));
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(store: &Store, sql: &str, params: impl rusqlite::Params) -> Vec<String> {
        let mut statement = store.conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let rows = statement.query_map(params, |row| row.get::<_, String>(3)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn what_is_left_out_is_found_by_an_index_and_nothing_is_sorted() {
        let plan = plan(&Store::in_memory().unwrap(), LEFT_OUT, (1, 2, 3, 4, 5));
        assert!(plan[0].contains("counts_left (unit=? AND (day,doc)>(?,?)"), "{plan:?}");
        assert!(!plan.iter().any(|step| step.contains("B-TREE")), "{plan:?}");
    }

    #[test]
    fn numbers_are_read_as_they_were_written() {
        let numbers: Numbers = vec![(1, 1), (7, -1), (20, 63), (21, 64), (63, -65), (64, i64::MAX), (255, i64::MIN)];
        assert_eq!(decoded(&encoded(&numbers)), Some(numbers));
        assert_eq!(decoded(&[1]), None);
        assert_eq!(decoded(&[1, 0x80]), None);
    }
}
