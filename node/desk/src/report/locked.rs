//! What is kept of a locked table (封存), and what a month that is not locked yet must correct of the locked ones.

use std::collections::BTreeMap;

use kernel::KEPT;
use regulation::rates::{Book, Correction, Key, Tally, corrections};
use regulation::{ActId, UnitId};
use replica::seal::hash;
use replica::{Lock, Month, Registry};
use serde::{Deserialize, Serialize};
use store::Queries;

use super::{CorrectionRow, Report};
use crate::canonical;
use crate::problem::Problem;

/// What is hashed and kept, as [`canonical`] writes it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Content {
    /// 封存号
    pub number: u32,
    /// Version of the registry that it was made by.
    pub registry: u32,
    /// The table as it was.
    pub report: Report,
    /// What each ticket counted for in it, so that a later difference can be told.
    pub entries: Vec<EntryRow>,
}

/// What one ticket counted for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EntryRow {
    pub ticket: String,
    pub number: String,
    pub unit: u32,
    pub apart: bool,
    pub figures: BTreeMap<String, i64>,
}

/// A locked table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    /// What the registry says of it.
    pub lock: Lock,
    /// Version of the registry that it was made by.
    pub registry: u32,
}

/// What a month that is not locked yet must correct.
#[derive(Debug, Default)]
pub(super) struct Basis {
    /// The locked tables, oldest first.
    pub tables: Vec<Table>,
    /// What was counted for the month of each, in its table and by corrections since.
    counted: Vec<Book>,
    /// Numbers of the tickets in them.
    pub numbers: BTreeMap<ActId, String>,
    /// Numbers of the tables that cannot be corrected, as content is not held here.
    pub missing: Vec<u32>,
}

impl Basis {
    /// The corrections, each with the place of the table that it is of.
    pub fn corrections(&self, now: &[Book]) -> Vec<(usize, Correction)> {
        let of = |(table, (counted, now)): (usize, (&Book, &Book))| {
            let found = corrections(counted, now).into_iter();
            found.map(move |correction| (table, correction)).collect::<Vec<_>>()
        };
        self.counted.iter().zip(now).enumerate().flat_map(of).collect()
    }
}

/// The locked table of a month.
pub(super) fn find(registry: &Registry, month: Month) -> Option<Lock> {
    registry.now().locks().find(|(_, locked)| locked.lock.month == month).map(|(_, locked)| locked.lock)
}

/// Under this name the content of a locked table is kept: by its hash, so that nothing else ever takes its place.
pub(super) fn name(hash: &[u8; 32]) -> String {
    format!("locked/{}", ActId(*hash).hex())
}

/// The content of a locked table, if it is held here. Its hash is compared whenever it is read.
pub(super) fn content(store: &Queries, lock: &Lock) -> Result<Option<Content>, Problem> {
    let Some(bytes) = store.meta(&format!("{KEPT}{}", name(&lock.hash)))? else { return Ok(None) };
    let content = (hash(DOMAIN, &bytes) == lock.hash).then(|| canonical::decode::<Content>(&bytes).ok()).flatten();
    let content = content.filter(|content| content.number == lock.number && content.report.period == lock.month.text());
    content.map(Some).ok_or_else(|| {
        let (number, month, hash) = (lock.number, lock.month.text(), ActId(lock.hash).hex());
        Problem {
            title: format!("第 {number} 号封存表（{month}）与登记的哈希 {hash} 不符，请从备份恢复数据库"),
            ..Problem::fault(&format!(
                "the locked table {number} of {month} does not have the hash {hash} of what was locked; restore the database from a backup"
            ))
        }
    })
}

/// What the hash is under.
pub(super) const DOMAIN: &[u8] = b"jiesu/locked/1";

/// What the table of a month must correct: every locked one if it is the next to be locked, else nothing.
pub(super) fn basis(store: &Queries, registry: &Registry, month: Option<Month>) -> Result<Basis, Problem> {
    let tables: Vec<Lock> = registry.now().locks().map(|(_, locked)| locked.lock).collect();
    let next = tables.last().map(|last| last.month.next());
    if month.is_none() || month != next {
        return Ok(Basis::default());
    }
    let mut basis = Basis { counted: vec![Book::new(); tables.len()], ..Basis::default() };
    for (place, lock) in tables.iter().enumerate() {
        let Some(content) = content(store, lock)? else {
            let missing = tables.iter().map(|lock| lock.number).collect();
            return Ok(Basis { missing, ..Basis::default() });
        };
        let damaged = || Problem::fault(&format!("the locked table {} cannot be read", lock.number));
        basis.tables.push(Table { lock: *lock, registry: content.registry });
        for row in &content.entries {
            let key = Key {
                unit: UnitId(row.unit),
                ticket: ActId::parse(&row.ticket).ok_or_else(damaged)?,
                apart: row.apart,
            };
            basis.count(place, key, &row.number, &row.figures).ok_or_else(damaged)?;
        }
        for CorrectionRow { table, ticket, number, unit, apart, figures, .. } in &content.report.corrections {
            let corrected = tables.iter().position(|lock| lock.number == *table).ok_or_else(damaged)?;
            let key = Key { unit: UnitId(unit.id), ticket: ActId::parse(ticket).ok_or_else(damaged)?, apart: *apart };
            basis.count(corrected, key, number, figures).ok_or_else(damaged)?;
        }
    }
    Ok(basis)
}

impl Basis {
    fn count(&mut self, table: usize, key: Key, number: &str, figures: &BTreeMap<String, i64>) -> Option<()> {
        let tally = Tally::from_figures(figures.iter().map(|(name, number)| (name.as_str(), *number)))?;
        self.counted.get_mut(table)?.entry(key).or_default().add(&tally);
        self.numbers.entry(key.ticket).or_insert_with(|| number.to_owned());
        Some(())
    }
}
