//! Figures that are kept, so that whoever shows them counts nothing: how many tickets each unit has in each state and with
//! what to look at, how many dues in each minute and day, how many articles; and how many rows some tables have.
//!
//! Whoever writes a row takes away what the document counted as before and adds what it counts as now, in the same
//! transaction (`tickets/counted.rs`, `articles.rs`). The view `counted` says the same of all documents at once: by it is
//! found whether the figures are right.

use regulation::ids::{Millis, UnitId};

use crate::error::StoreError;
use crate::ids::counted;
use crate::open::{Queries, Store};

/// Everybody's: the unit of figures that are of no unit.
pub(crate) const ALL: i64 = -1;
/// A due is counted in the minute at whose end it is over.
pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const DAY_MINUTES: i64 = 1_440;
/// Lines about figures that are wrong, at most.
pub const OFF_LINES_MAX: usize = 100;

/// Tickets of one state, and what is to look at in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketFigure {
    /// Code of the state.
    pub state: String,
    /// They have acts that were overruled.
    pub overruled: bool,
    /// They have acts that are not settled.
    pub unsettled: bool,
    /// They have registers of more than one value.
    pub conflicts: bool,
    /// How many.
    pub tickets: u64,
}

/// What is due before this is overdue as the figures have it: to the minute, and never too early.
#[must_use]
pub fn overdue_before(now: Millis) -> Millis {
    now.saturating_sub(1).div_euclid(MINUTE_MS) * MINUTE_MS + 1
}

/// One figure that a document counts in: what, unit, state, key.
pub(crate) type One = (&'static str, i64, String, i64);

impl Queries {
    /// Tickets of a unit, or all of them.
    ///
    /// # Errors
    /// Faults only.
    pub fn ticket_figures(&self, unit: Option<UnitId>) -> Result<Vec<TicketFigure>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT state, key, docs FROM figures WHERE what = 'ticket' AND unit = ?1 ORDER BY state, key",
        )?;
        let rows = statement.query_map([place(unit)], |row| {
            let marks: i64 = row.get(1)?;
            Ok(TicketFigure {
                state: row.get(0)?,
                overruled: marks & 1 != 0,
                unsettled: marks & 2 != 0,
                conflicts: marks & 4 != 0,
                tickets: row.get(2).map(counted)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Tickets of a unit, or all, with a due before [`overdue_before`].
    ///
    /// # Errors
    /// Faults only.
    pub fn overdue_figure(&self, unit: Option<UnitId>, now: Millis) -> Result<u64, StoreError> {
        self.passed(["day", "minute"], unit, now)
    }

    /// What is counted by day and by minute, up to the last minute that is over.
    fn passed(&self, [days, minutes]: [&str; 2], unit: Option<UnitId>, now: Millis) -> Result<u64, StoreError> {
        let minute = now.saturating_sub(1).div_euclid(MINUTE_MS);
        let day = minute.div_euclid(DAY_MINUTES);
        let mut statement = self.conn.prepare_cached(
            "SELECT (SELECT coalesce(sum(docs), 0) FROM figures WHERE what = ?5 AND unit = ?1 AND state = '' AND key < ?2)
                + (SELECT coalesce(sum(docs), 0) FROM figures WHERE what = ?6 AND unit = ?1 AND state = ''
                    AND key >= ?3 AND key <= ?4)",
        )?;
        let of = (place(unit), day, day * DAY_MINUTES, minute, days, minutes);
        Ok(statement.query_row(of, |row| row.get(0).map(counted))?)
    }

    /// How many tickets each unit leads, by state.
    ///
    /// # Errors
    /// Faults only.
    pub fn lead_figures(&self) -> Result<Vec<(UnitId, String, u64)>, StoreError> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT unit, state, sum(docs) FROM figures WHERE what = 'lead' GROUP BY unit, state")?;
        let rows =
            statement.query_map([], |row| Ok((row.get(0).map(UnitId)?, row.get(1)?, row.get(2).map(counted)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many tickets a unit leads and is late with: since before [`overdue_before`].
    ///
    /// # Errors
    /// Faults only.
    pub fn late_figure(&self, unit: UnitId, now: Millis) -> Result<u64, StoreError> {
        self.passed(["late-day", "late"], Some(unit), now)
    }

    /// How many tickets a unit has to take note of.
    ///
    /// # Errors
    /// Faults only.
    pub fn heeds_figure(&self, unit: UnitId) -> Result<u64, StoreError> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT coalesce(sum(docs), 0) FROM figures WHERE what = 'heeds' AND unit = ?1")?;
        Ok(statement.query_row([unit.0], |row| row.get(0).map(counted))?)
    }

    /// Tickets of a kind that were raised in halves of local days from `first` to `last`, each twice its day, and one more from noon
    /// on.
    ///
    /// # Errors
    /// Faults only.
    pub fn raised(&self, kind: &str, (first, last): (i64, i64)) -> Result<u64, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT coalesce(sum(docs), 0) FROM figures
             WHERE what = 'raised' AND unit = -1 AND state = ?1 AND key >= ?2 AND key <= ?3",
        )?;
        Ok(statement.query_row((kind, first, last), |row| row.get(0).map(counted))?)
    }

    /// When the newest ticket was changed last.
    ///
    /// # Errors
    /// Faults only.
    pub fn newest_update(&self) -> Result<Option<Millis>, StoreError> {
        Ok(self.conn.prepare_cached("SELECT max(updated_at) FROM tickets")?.query_row([], |row| row.get(0))?)
    }

    /// How many articles there are.
    ///
    /// # Errors
    /// Faults only.
    pub fn article_figure(&self) -> Result<u64, StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT coalesce(sum(docs), 0) FROM figures WHERE what = 'article'")?;
        Ok(statement.query_row([], |row| row.get(0).map(counted))?)
    }

    /// Rows of a table of which they are kept: `acts`, `held`.
    ///
    /// # Errors
    /// Faults only.
    pub fn total(&self, table: &str) -> Result<u64, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT coalesce(sum(rows), 0) FROM totals WHERE name = ?1")?;
        Ok(statement.query_row([table], |row| row.get(0).map(counted))?)
    }

    /// Figures that are not what counting comes to, in words, at most [`OFF_LINES_MAX`]. Reads everything that is counted.
    ///
    /// # Errors
    /// Faults only.
    pub fn figures_off(&self) -> Result<Vec<String>, StoreError> {
        let mut off = Vec::new();
        for sql in OFF {
            let mut statement = self.conn.prepare(sql)?;
            for line in statement.query_map([], |row| row.get(0))? {
                off.push(line?);
            }
        }
        off.extend(self.backlog_off()?);
        off.extend(self.sums_off()?);
        off.truncate(OFF_LINES_MAX);
        Ok(off)
    }

    /// A document counts as something else than before.
    pub(crate) fn count_again(&self, before: &[One], after: &[One]) -> Result<(), StoreError> {
        self.count(after.iter().filter(|one| !before.contains(one)), 1)?;
        self.count(before.iter().filter(|one| !after.contains(one)), -1)
    }

    fn count<'a>(&self, changed: impl Iterator<Item = &'a One>, by: i64) -> Result<(), StoreError> {
        let mut statement = self.conn.prepare_cached(
            "INSERT INTO figures(what, unit, state, key, docs) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET docs = docs + excluded.docs",
        )?;
        for (what, unit, state, key) in changed {
            statement.execute((what, unit, state, key, by))?;
        }
        Ok(())
    }
}

impl Store {
    /// Counts every figure anew, as when they were found to be wrong. That reads everything that is counted.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn recount(&mut self) -> Result<(), StoreError> {
        self.write(|store| {
            store.conn.execute_batch(RECOUNT)?;
            store.recount_sums()?;
            store.recount_backlog()
        })
    }
}

const RECOUNT: &str = "
DELETE FROM figures;
INSERT INTO figures SELECT what, unit, state, key, count(*) FROM counted GROUP BY 1, 2, 3, 4;
DELETE FROM in_hand;
INSERT INTO in_hand SELECT DISTINCT u.unit, coalesce((SELECT d.due FROM unit_dues d WHERE d.doc = u.doc AND d.unit = u.unit), 9223372036854775807) AS due, u.doc FROM ticket_units u WHERE u.open = 1;
UPDATE totals SET rows = (SELECT count(*) FROM acts) WHERE name = 'acts';
UPDATE totals SET rows = (SELECT count(*) FROM held) WHERE name = 'held';
DELETE FROM generations;
INSERT INTO generations SELECT generation, count(*) FROM projected GROUP BY 1;
INSERT INTO projected SELECT doc, 0, 0 FROM docs WHERE true ON CONFLICT DO NOTHING;
";

fn place(unit: Option<UnitId>) -> i64 {
    unit.map_or(ALL, |unit| unit.0.into())
}

/// What is kept against what is counted, a line for each difference.
const OFF: [&str; 5] = [
    "SELECT 'figure ' || what || ' of unit ' || unit || ' ' || state || ' ' || key || ': ' || sum(kept) || ' kept, ' || sum(n) ||
        ' counted'
     FROM (SELECT what, unit, state, key, docs AS kept, 0 AS n FROM figures
        UNION ALL SELECT what, unit, state, key, 0, count(*) FROM counted GROUP BY what, unit, state, key)
     GROUP BY what, unit, state, key HAVING sum(kept) <> sum(n) LIMIT 100",
    "SELECT 'rows of ' || name || ': ' || sum(kept) || ' kept, ' || sum(n) || ' counted'
     FROM (SELECT name, rows AS kept, 0 AS n FROM totals UNION ALL SELECT 'acts', 0, count(*) FROM acts
        UNION ALL SELECT 'held', 0, count(*) FROM held)
     GROUP BY name HAVING sum(kept) <> sum(n)",
    "SELECT 'documents of generation ' || generation || ': ' || sum(kept) || ' kept, ' || sum(n) || ' counted'
     FROM (SELECT generation, docs AS kept, 0 AS n FROM generations
        UNION ALL SELECT generation, 0, count(*) FROM projected GROUP BY generation)
     GROUP BY generation HAVING sum(kept) <> sum(n) LIMIT 100",
    "SELECT 'document ' || lower(hex(d.id)) || ' is in no generation' FROM docs d
     WHERE NOT EXISTS (SELECT 1 FROM projected p WHERE p.doc = d.doc) LIMIT 100",
    "SELECT 'document ' || doc || ' in hand of unit ' || unit || ' due ' || due || ': ' || sum(kept) || ' kept, ' || sum(n) ||
        ' counted'
     FROM (SELECT unit, due, doc, 1 AS kept, 0 AS n FROM in_hand
        UNION ALL SELECT DISTINCT u.unit, coalesce((SELECT d.due FROM unit_dues d WHERE d.doc = u.doc AND d.unit = u.unit), 9223372036854775807) AS due, u.doc, 0, 1
            FROM ticket_units u WHERE u.open = 1)
     GROUP BY unit, due, doc HAVING sum(kept) <> sum(n) LIMIT 100",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figure_that_is_wrong_is_told_and_counted_anew() {
        let mut store = Store::in_memory().unwrap();
        store.begin().unwrap();
        store.add_doc(&regulation::ActId([1; 32])).unwrap();
        assert_eq!(store.figures_off().unwrap(), [""; 0]);
        for (sql, told) in [
            (
                "INSERT INTO articles VALUES (1, '', '', 'draft', '', NULL, NULL, 0, 0, 1, NULL)",
                "figure article of unit -1 draft 0: 0 kept, 1 counted",
            ),
            ("INSERT INTO figures VALUES ('minute', 3, '', 7, 2)", "figure minute of unit 3  7: 2 kept, 0 counted"),
            ("UPDATE totals SET rows = 9 WHERE name = 'acts'", "rows of acts: 9 kept, 0 counted"),
            ("INSERT INTO backlog VALUES (3, -1, 2)", "backlog of peer -1 in scope 3: 2 kept, 0 counted"),
            ("UPDATE generations SET docs = 4", "documents of generation 0: 4 kept, 1 counted"),
            ("INSERT INTO in_hand VALUES (3, 7, 1)", "document 1 in hand of unit 3 due 7: 1 kept, 0 counted"),
        ] {
            store.conn.execute(sql, []).unwrap();
            let off = store.figures_off().unwrap();
            assert!(off.iter().any(|line| line == told), "{told}: {off:?}");
        }
        store.recount().unwrap();
        assert_eq!(store.figures_off().unwrap(), [""; 0]);
    }
}
