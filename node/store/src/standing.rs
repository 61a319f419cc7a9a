//! The projection of standings: what the fold made of each act.

use regulation::ids::ActId;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{Row, ToSql};

use crate::acts::ACT_ROWS_MAX;
use crate::error::StoreError;
use crate::ids::{Aseq, DocNo, at_most, counted, position};
use crate::open::{Queries, Store};

/// What the fold made of an admitted act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Effective,
    /// It does not; kept and shown with the reason.
    Overruled,
}

/// The state of an act.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActState {
    /// `None` for an unlawful act, which has no standing.
    pub standing: Option<Standing>,
    /// The rule that overruled it.
    pub rule: Option<String>,
    /// The act against which it could not stand.
    pub by_act: Option<ActId>,
    /// Its place in the settled order; `None` while it is not settled (暂定).
    pub stratum: Option<u64>,
}

impl ActState {
    /// It counts, and is settled: most are, and no row is kept of them.
    #[must_use]
    pub fn at_rest(&self) -> bool {
        self.standing == Some(Standing::Effective) && self.stratum.is_some()
    }
}

impl Queries {
    /// The states of a document's acts in their order of arrival, those left out that count and are settled.
    ///
    /// # Errors
    /// Faults only.
    pub fn act_states_of(&self, doc: DocNo) -> Result<Vec<(Aseq, ActState)>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT s.aseq, s.standing, s.rule, s.by_act, s.stratum
             FROM acts a CROSS JOIN act_states s ON s.aseq = a.aseq WHERE a.doc = ?1 ORDER BY s.aseq",
        )?;
        let rows = statement.query_map([doc], |row| Ok((row.get(0)?, state_of(row, 1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Documents after `after` by number with an act that counts and is not settled, at most `limit` or [`ACT_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn unsettled_docs(&self, after: DocNo, limit: usize) -> Result<Vec<DocNo>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT DISTINCT a.doc FROM act_states s CROSS JOIN acts a ON a.aseq = s.aseq
             WHERE s.stratum IS NULL AND s.standing IS NOT NULL AND a.doc > ?1 ORDER BY a.doc LIMIT ?2",
        )?;
        let rows = statement.query_map((after, at_most(limit, ACT_ROWS_MAX)), |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Sets the state of an act.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_act_state(&mut self, aseq: Aseq, state: &ActState) -> Result<(), StoreError> {
        self.write(|store| {
            if state.at_rest() {
                store.conn.prepare_cached("DELETE FROM act_states WHERE aseq = ?1")?.execute([aseq])?;
                return Ok(());
            }
            let mut statement = store.conn.prepare_cached(
                "REPLACE INTO act_states(aseq, standing, rule, by_act, stratum) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            let by_act = state.by_act.map(|act| act.0);
            statement.execute((aseq, state.standing, &state.rule, by_act, state.stratum.map(position)))?;
            Ok(())
        })
    }
}

impl ToSql for Standing {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(match self {
            Self::Effective => 1_i64,
            Self::Overruled => 2,
        }))
    }
}

impl FromSql for Standing {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match i64::column_result(value)? {
            1 => Ok(Self::Effective),
            2 => Ok(Self::Overruled),
            other => Err(FromSqlError::OutOfRange(other)),
        }
    }
}

fn state_of(row: &Row<'_>, first: usize) -> rusqlite::Result<ActState> {
    Ok(ActState {
        standing: row.get(first)?,
        rule: row.get(first + 1)?,
        by_act: row.get::<_, Option<[u8; 32]>>(first + 2)?.map(ActId),
        stratum: row.get::<_, Option<i64>>(first + 3)?.map(counted),
    })
}
