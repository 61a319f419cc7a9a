//! How much is in the store.

use rusqlite::types::Value;

use crate::error::StoreError;
use crate::ids::counted;
use crate::open::Queries;

/// Size of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Rows of each table, by name. Counting reads an index of each.
    pub rows: Vec<(&'static str, u64)>,
    /// The file in bytes, without its log.
    pub bytes: u64,
}

const TABLES: [&str; 46] = [
    "accounts",
    "act_states",
    "acts",
    "alarms",
    "articles",
    "aside",
    "backlog",
    "changes",
    "commits",
    "concerned",
    "counts",
    "cursors",
    "deputies",
    "doc_scopes",
    "docs",
    "externals",
    "feeds",
    "figures",
    "findings",
    "generations",
    "heads",
    "held",
    "held_needs",
    "in_hand",
    "leaves",
    "lines",
    "meta",
    "numbers",
    "parts",
    "projected",
    "projection",
    "proposals",
    "refused",
    "registry",
    "requests",
    "reveals",
    "serials",
    "stubs",
    "sums",
    "ticket_keys",
    "ticket_units",
    "tickets",
    "times",
    "totals",
    "unit_dues",
    "weights",
];

impl Queries {
    /// Rows and bytes now.
    ///
    /// # Errors
    /// Faults only.
    pub fn stats(&self) -> Result<Stats, StoreError> {
        let mut rows = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            let count = self.conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
            rows.push((table, counted(count)));
        }
        Ok(Stats { rows, bytes: self.bytes()? })
    }

    /// The file in bytes, without its log.
    ///
    /// # Errors
    /// Faults only.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        let pages: i64 = self.conn.pragma_query_value(None, "page_count", |row| row.get(0))?;
        Ok(counted(pages.saturating_mul(self.page_bytes()?)))
    }

    /// Bytes of a page. SQLCipher answers for an encrypted file itself, and with text.
    pub(crate) fn page_bytes(&self) -> Result<i64, StoreError> {
        let answer = self.conn.pragma_query_value(None, "page_size", |row| row.get::<_, Value>(0))?;
        let bytes = match &answer {
            Value::Integer(bytes) => Some(*bytes),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        bytes.ok_or_else(|| StoreError::Sql(format!("a page size of {answer:?}")))
    }

    /// Reads every page and checks every index; returns what is wrong, at most 100 lines, empty if nothing is.
    ///
    /// # Errors
    /// Faults only; a page that cannot be decrypted is `Corrupt`.
    pub fn check(&self) -> Result<Vec<String>, StoreError> {
        // One moment for all of it, as whoever checks beside a writer needs. What FTS5 keeps in memory of its index is that of
        // an older moment until a search asks for it: the check itself does not ask, and would find an index that is no more.
        let moment = if self.conn.is_autocommit() { Some(self.conn.unchecked_transaction()?) } else { None };
        for search in ["search", "article_search"] {
            self.conn.query_row(&format!("SELECT count(*) FROM {search} WHERE {search} MATCH 'x'"), [], |_| Ok(()))?;
        }
        let mut statement = self.conn.prepare("PRAGMA integrity_check(100)")?;
        let lines: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        drop((statement, moment));
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }
}
