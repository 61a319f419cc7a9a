//! Files that are attached to tickets, as this node keeps them: an encrypted database of its own beside the node's.
//!
//! Of its own, so that no act waits for a photograph, and what is copied each night stays small. Nobody but this node can
//! make a file anew, so that it is kept until an act that names it is erased. Two processes may have it open: whoever
//! attaches writes the file here first, and only then makes the act that names it.

use std::path::Path;

use regulation::ids::{ActId, Millis};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::error::StoreError;
use crate::files::{beside, tighten};
use crate::ids::position;
use crate::open::{connect, unlock};

/// Version of the tables that this program writes.
const SCHEMA_VERSION: u32 = 1;

/// `whole` is what has come to its end; `looked_at` when somebody last asked whether an act names it.
const SCHEMA: &str = "
CREATE TABLE file(
    file INTEGER PRIMARY KEY,
    root BLOB NOT NULL DEFAULT x'' CHECK (length(root) IN (0, 32)),
    bytes INTEGER NOT NULL DEFAULT 0,
    whole INTEGER NOT NULL DEFAULT 0,
    begun_at INTEGER NOT NULL,
    looked_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX file_root ON file(root, bytes) WHERE whole = 1;
CREATE INDEX file_looked ON file(looked_at);
CREATE TABLE piece(
    file INTEGER NOT NULL REFERENCES file(file) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (file, n)
) STRICT;
CREATE TABLE place(
    file INTEGER NOT NULL REFERENCES file(file) ON DELETE CASCADE,
    doc BLOB NOT NULL CHECK (length(doc) = 32),
    PRIMARY KEY (file, doc)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1;";

/// The number of a file in this database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileNo(i64);

/// A file that is kept, or was being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Its number.
    pub file: FileNo,
    /// Root of the tree of hashes over it; zeros where it did not come to its end.
    pub root: [u8; 32],
    /// Its length, bytes.
    pub bytes: u64,
    /// When somebody began to write it.
    pub begun_at: Millis,
    /// The documents that it was attached to.
    pub docs: Vec<ActId>,
}

/// The files of one node.
pub struct Attached {
    conn: Connection,
}

impl Attached {
    /// Opens the database at `path`, making it where there is none. `key` is the raw SQLCipher key.
    ///
    /// # Errors
    /// `WrongKey`, `Newer`, `Corrupt`, `Full`, `ReadOnly`, `Io`.
    pub fn open(path: &Path, key: &[u8; 32]) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = connect(path, flags)?;
        let found = unlock(&conn, key)?;
        if found > SCHEMA_VERSION {
            return Err(StoreError::Newer { found, known: SCHEMA_VERSION });
        }
        // What is erased gives its room back to the disk. Of a database that has tables already this changes nothing.
        conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.execute_batch("PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;")?;
        for ending in ["", "-wal", "-shm"] {
            tighten(&beside(path, ending))?;
        }
        let begun = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        // Whoever opened it at the same moment may have been first.
        if begun.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))? == 0 {
            begun.execute_batch(SCHEMA)?;
        }
        begun.commit()?;
        Ok(Self { conn })
    }

    /// Begins to write a file.
    ///
    /// # Errors
    /// Faults, and `Full`.
    pub fn begin(&self, now: Millis) -> Result<FileNo, StoreError> {
        // What is not finished may be lost; what is finished is durable, see [`Self::finish`].
        self.conn.execute_batch("PRAGMA synchronous = NORMAL")?;
        self.conn.execute("INSERT INTO file(begun_at, looked_at) VALUES (?1, ?1)", [now])?;
        Ok(FileNo(self.conn.last_insert_rowid()))
    }

    /// Writes piece `n` of a file, from 0 on.
    ///
    /// # Errors
    /// Faults, and `Full`.
    pub fn push(&self, file: FileNo, n: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let mut statement = self.conn.prepare_cached("INSERT INTO piece(file, n, bytes) VALUES (?1, ?2, ?3)")?;
        statement.execute((file.0, position(n), bytes))?;
        Ok(())
    }

    /// The file has come to its end: from now on it is found by what it is, once, attached to `doc`. Durable when this returns.
    ///
    /// # Errors
    /// Faults, and `Full`.
    pub fn finish(&mut self, file: FileNo, root: [u8; 32], bytes: u64, doc: ActId) -> Result<FileNo, StoreError> {
        self.conn.execute_batch("PRAGMA synchronous = FULL")?;
        let transaction = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let known = by_root(&transaction, root, bytes)?;
        let kept = known.unwrap_or(file);
        if known.is_some() {
            transaction.execute("DELETE FROM file WHERE file = ?1", [file.0])?;
        } else {
            transaction.execute(
                "UPDATE file SET root = ?2, bytes = ?3, whole = 1 WHERE file = ?1",
                (file.0, root, position(bytes)),
            )?;
        }
        transaction.execute("INSERT OR IGNORE INTO place(file, doc) VALUES (?1, ?2)", (kept.0, doc.0))?;
        transaction.commit()?;
        // Whoever copies the folder of a stopped node copies this file alone. It is durable already: what hinders this may.
        let _ = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        Ok(kept)
    }

    /// The file that is this one, and was attached to `doc`.
    ///
    /// # Errors
    /// Faults only.
    pub fn find(&self, root: [u8; 32], bytes: u64, doc: ActId) -> Result<Option<FileNo>, StoreError> {
        let Some(file) = by_root(&self.conn, root, bytes)? else { return Ok(None) };
        let sql = "SELECT 1 FROM place WHERE file = ?1 AND doc = ?2";
        let here = self.conn.query_row(sql, (file.0, doc.0), |_| Ok(file)).optional()?;
        Ok(here)
    }

    /// Piece `n` of a file; nothing behind its end.
    ///
    /// # Errors
    /// Faults only.
    pub fn piece(&self, file: FileNo, n: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT bytes FROM piece WHERE file = ?1 AND n = ?2")?;
        Ok(statement.query_row((file.0, position(n)), |row| row.get(0)).optional()?)
    }

    /// Bytes of everything that is kept.
    ///
    /// # Errors
    /// Faults only.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        let sum: i64 = self.conn.query_row("SELECT coalesce(sum(bytes), 0) FROM file", [], |row| row.get(0))?;
        Ok(u64::try_from(sum).unwrap_or_default())
    }

    /// Files that nobody has asked about for longest, and that they were asked about `now`: none twice before `before`.
    ///
    /// # Errors
    /// Faults only.
    pub fn look(&mut self, now: Millis, before: Millis, limit: u32) -> Result<Vec<FileRow>, StoreError> {
        let transaction = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut rows = Vec::new();
        {
            let mut files = transaction.prepare_cached(
                "SELECT file, root, bytes, begun_at FROM file WHERE looked_at < ?1 ORDER BY looked_at LIMIT ?2",
            )?;
            let mut docs = transaction.prepare_cached("SELECT doc FROM place WHERE file = ?1")?;
            let mut found = files.query((before, limit))?;
            while let Some(row) = found.next()? {
                let file: i64 = row.get(0)?;
                let docs = docs.query_map([file], |row| row.get(0).map(ActId))?.collect::<Result<_, _>>()?;
                let root: Vec<u8> = row.get(1)?;
                rows.push(FileRow {
                    file: FileNo(file),
                    root: root.try_into().unwrap_or_default(),
                    bytes: u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default(),
                    begun_at: row.get(3)?,
                    docs,
                });
            }
            let mut looked = transaction.prepare_cached("UPDATE file SET looked_at = ?2 WHERE file = ?1")?;
            for row in &rows {
                looked.execute((row.file.0, now))?;
            }
        }
        transaction.commit()?;
        Ok(rows)
    }

    /// A document has the file no more. What no document has is erased: its bytes are overwritten, and their room is the disk's again.
    ///
    /// # Errors
    /// Faults only.
    pub fn part(&mut self, file: FileNo, doc: Option<ActId>) -> Result<(), StoreError> {
        let transaction = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        if let Some(doc) = doc {
            transaction.execute("DELETE FROM place WHERE file = ?1 AND doc = ?2", (file.0, doc.0))?;
        }
        transaction.execute(
            "DELETE FROM file WHERE file = ?1 AND NOT EXISTS (SELECT 1 FROM place WHERE file = ?1)",
            [file.0],
        )?;
        transaction.commit()?;
        // Each step of it gives one page back.
        let mut pages = self.conn.prepare("PRAGMA incremental_vacuum")?;
        let mut pages = pages.query([])?;
        while pages.next()?.is_some() {}
        // The log holds it too, until it is copied and cut.
        self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }
}

fn by_root(conn: &Connection, root: [u8; 32], bytes: u64) -> Result<Option<FileNo>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT file FROM file WHERE root = ?1 AND bytes = ?2 AND whole = 1")?;
    Ok(statement.query_row((root, position(bytes)), |row| row.get(0).map(FileNo)).optional()?)
}
