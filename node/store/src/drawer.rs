//! The drawer: what people have begun to write at this node's pages and have not sent, and who is signed in there.
//!
//! A file of its own beside the database, encrypted as that is. No act rests on it, no peer and no backup gets it: it stands
//! outside of the database's transactions and of the mark beside it, and where it is lost a new one is begun. Each write is
//! durable by itself.

use std::fmt;
use std::path::Path;

use regulation::ids::{ActId, Millis, PersonId};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};

use crate::error::StoreError;
use crate::files::{beside, length, private, tighten};
use crate::ids::counted;
use crate::open::{BUSY_MS, connect, connect_in_memory, unlock};

/// Version of the tables below.
pub const DRAWER_VERSION: u32 = 1;
/// The log is copied into the file once it has so many pages.
const LOG_PAGES: u32 = 64;

/// `doc` is empty for what belongs to no document yet. `erased` is how many parts of the document had been erased when the
/// draft was begun.
const TABLES: &str = "
CREATE TABLE drafts(
    person INTEGER NOT NULL,
    doc BLOB NOT NULL CHECK (length(doc) IN (0, 32)),
    form TEXT NOT NULL,
    window TEXT NOT NULL,
    fields TEXT NOT NULL,
    erased INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (person, doc, form)
) STRICT, WITHOUT ROWID;
CREATE INDEX drafts_by_doc ON drafts(doc);
CREATE INDEX drafts_by_time ON drafts(at);

CREATE TABLE sessions(
    token BLOB PRIMARY KEY CHECK (length(token) = 32),
    person INTEGER NOT NULL,
    account BLOB NOT NULL CHECK (length(account) = 32),
    begun_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_person ON sessions(person);
";

/// What people have begun to write, and who is signed in. One process, one connection.
pub struct Drawer {
    conn: Connection,
}

/// What somebody has begun to write.
#[derive(Clone, PartialEq, Eq)]
pub struct DraftRow {
    /// Whose it is.
    pub person: PersonId,
    /// The document that it belongs to, if there is one already.
    pub doc: Option<ActId>,
    /// Which form of its page.
    pub form: String,
    /// In which window it was typed.
    pub window: String,
    /// What was typed, as its owner encodes it.
    pub fields: String,
    /// How many parts of the document had been erased when it was begun.
    pub erased: u32,
    /// When it was typed.
    pub at: Millis,
}

// What was typed may be anybody's personal data.
impl fmt::Debug for DraftRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DraftRow").field("form", &self.form).field("bytes", &self.fields.len()).finish_non_exhaustive()
    }
}

/// Somebody signed in.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Hash of what the browser shows.
    pub token: [u8; 32],
    /// Who.
    pub person: PersonId,
    /// Hash of the account by which they signed in: with another password it is another one.
    pub account: [u8; 32],
    /// Since when.
    pub begun_at: Millis,
    /// When it was last used, as far as that was noted.
    pub last_at: Millis,
}

impl fmt::Debug for SessionRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRow").field("person", &self.person).finish_non_exhaustive()
    }
}

impl Drawer {
    /// Opens the drawer at `path`, making it where there is none. `key` is the raw SQLCipher key.
    ///
    /// # Errors
    /// `WrongKey`, `Newer`, `Corrupt`, `Full`, `ReadOnly`, `Io`.
    pub fn open(path: &Path, key: &[u8; 32]) -> Result<Self, StoreError> {
        let path = std::path::absolute(path)?;
        if !path.try_exists()? {
            private().write(true).create_new(true).open(&path)?;
        }
        for ending in ["", "-wal", "-shm"] {
            tighten(&beside(&path, ending))?;
        }
        if length(&path) == 0 {
            // Of a drawer that is gone nothing is left behind.
            let _ = std::fs::remove_file(beside(&path, "-wal"));
        }
        let conn = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        let found = unlock(&conn, key)?;
        Self::prepare(conn, found)
    }

    /// A drawer without a file or a key, for whoever has no disk to write to: it lasts as long as the process.
    ///
    /// # Errors
    /// `Sql` if SQLite could not be set up.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(connect_in_memory()?, 0)
    }

    /// Removes a drawer that cannot be opened.
    ///
    /// # Errors
    /// The system's.
    pub fn remove(path: &Path) -> Result<(), StoreError> {
        for ending in ["-wal", "-shm", ""] {
            match std::fs::remove_file(beside(path, ending)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    fn prepare(conn: Connection, found: u32) -> Result<Self, StoreError> {
        if found > DRAWER_VERSION {
            return Err(StoreError::Newer { found, known: DRAWER_VERSION });
        }
        conn.busy_timeout(std::time::Duration::from_millis(BUSY_MS))?;
        conn.pragma_update(None, "secure_delete", true)?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        let _: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        let _: i64 = conn.query_row(&format!("PRAGMA wal_autocheckpoint = {LOG_PAGES}"), [], |row| row.get(0))?;
        if found == 0 {
            let transaction = conn.unchecked_transaction()?;
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", DRAWER_VERSION)?;
            transaction.commit()?;
        }
        Ok(Self { conn })
    }

    /// What a person has begun to write about a document, or about none; all of it where `doc` is not given. Newest first.
    ///
    /// # Errors
    /// Faults only.
    pub fn drafts(&self, person: PersonId, doc: Option<Option<ActId>>) -> Result<Vec<DraftRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT person, doc, form, window, fields, erased, at FROM drafts
             WHERE person = ?1 AND (?2 IS NULL OR doc = ?2) ORDER BY at DESC",
        )?;
        let rows = statement.query_map((person.0, doc.map(bytes_of)), draft_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One of them.
    ///
    /// # Errors
    /// Faults only.
    pub fn draft(&self, person: PersonId, doc: Option<ActId>, form: &str) -> Result<Option<DraftRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT person, doc, form, window, fields, erased, at FROM drafts
             WHERE person = ?1 AND doc = ?2 AND form = ?3",
        )?;
        Ok(statement.query_row((person.0, bytes_of(doc), form), draft_of).optional()?)
    }

    /// How many drafts a person has, and of how many bytes, one of them left out.
    ///
    /// # Errors
    /// Faults only.
    pub fn drafts_beside(&self, person: PersonId, doc: Option<ActId>, form: &str) -> Result<(u64, u64), StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT count(*), coalesce(sum(octet_length(fields)), 0) FROM drafts
             WHERE person = ?1 AND NOT (doc = ?2 AND form = ?3)",
        )?;
        let counted_of = |row: &Row<'_>| Ok((row.get(0).map(counted)?, row.get(1).map(counted)?));
        Ok(statement.query_row((person.0, bytes_of(doc), form), counted_of)?)
    }

    /// Documents about which somebody has begun to write.
    ///
    /// # Errors
    /// Faults only.
    pub fn documents(&self) -> Result<Vec<ActId>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT DISTINCT doc FROM drafts WHERE length(doc) = 32")?;
        let rows = statement.query_map([], |row| row.get(0).map(ActId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether somebody has begun to write about a document.
    ///
    /// # Errors
    /// Faults only.
    pub fn has_drafts_of(&self, doc: &ActId) -> Result<bool, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM drafts WHERE doc = ?1)")?;
        Ok(statement.query_row([doc.0.as_slice()], |row| row.get(0))?)
    }

    /// Keeps a draft in the place of the one before it.
    ///
    /// # Errors
    /// A fault.
    pub fn put_draft(&mut self, row: &DraftRow) -> Result<(), StoreError> {
        let mut statement = self.conn.prepare_cached(
            "INSERT INTO drafts(person, doc, form, window, fields, erased, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET window = excluded.window, fields = excluded.fields, at = excluded.at",
        )?;
        let doc = bytes_of(row.doc);
        statement.execute((row.person.0, doc, &row.form, &row.window, &row.fields, row.erased, row.at))?;
        Ok(())
    }

    /// Erases a draft, from the log as well. False if there was none.
    ///
    /// # Errors
    /// A fault.
    pub fn erase_draft(&mut self, person: PersonId, doc: Option<ActId>, form: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM drafts WHERE person = ?1 AND doc = ?2 AND form = ?3";
        let gone = self.conn.prepare_cached(sql)?.execute((person.0, bytes_of(doc), form))?;
        self.erased(gone).map(|gone| gone > 0)
    }

    /// Erases what was begun about a document before so many of its parts were erased. How many drafts that were.
    ///
    /// # Errors
    /// A fault.
    pub fn erase_drafts_of(&mut self, doc: &ActId, erased: u32) -> Result<usize, StoreError> {
        let sql = "DELETE FROM drafts WHERE doc = ?1 AND erased < ?2";
        let gone = self.conn.prepare_cached(sql)?.execute((doc.0.as_slice(), erased))?;
        self.erased(gone)
    }

    /// Erases what was typed before a moment. How many drafts that were.
    ///
    /// # Errors
    /// A fault.
    pub fn erase_drafts_before(&mut self, at: Millis) -> Result<usize, StoreError> {
        let gone = self.conn.prepare_cached("DELETE FROM drafts WHERE at < ?1")?.execute([at])?;
        self.erased(gone)
    }

    /// What was erased stands in the log until that is copied and cut.
    fn erased(&self, gone: usize) -> Result<usize, StoreError> {
        if gone > 0 {
            self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(gone)
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// Faults only.
    pub fn sessions(&self) -> Result<Vec<SessionRow>, StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT token, person, account, begun_at, last_at FROM sessions")?;
        let rows = statement.query_map([], |row| {
            Ok(SessionRow {
                token: row.get(0)?,
                person: row.get(1).map(PersonId)?,
                account: row.get(2)?,
                begun_at: row.get(3)?,
                last_at: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps a session, or when it was last used.
    ///
    /// # Errors
    /// A fault.
    pub fn put_session(&mut self, row: &SessionRow) -> Result<(), StoreError> {
        let mut statement = self.conn.prepare_cached(
            "INSERT INTO sessions(token, person, account, begun_at, last_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET last_at = excluded.last_at",
        )?;
        statement.execute((row.token.as_slice(), row.person.0, row.account.as_slice(), row.begun_at, row.last_at))?;
        Ok(())
    }

    /// Notes when a session was last used, if it is still there.
    ///
    /// # Errors
    /// A fault.
    pub fn touch_session(&mut self, token: &[u8; 32], at: Millis) -> Result<(), StoreError> {
        let sql = "UPDATE sessions SET last_at = ?2 WHERE token = ?1";
        self.conn.prepare_cached(sql)?.execute((token.as_slice(), at))?;
        Ok(())
    }

    /// Forgets all sessions but these.
    ///
    /// # Errors
    /// A fault.
    pub fn end_sessions_but(&mut self, tokens: &[[u8; 32]]) -> Result<(), StoreError> {
        let transaction = self.conn.unchecked_transaction()?;
        for row in self.sessions()?.iter().filter(|row| !tokens.contains(&row.token)) {
            transaction.prepare_cached("DELETE FROM sessions WHERE token = ?1")?.execute([row.token.as_slice()])?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Forgets a session.
    ///
    /// # Errors
    /// A fault.
    pub fn end_session(&mut self, token: &[u8; 32]) -> Result<(), StoreError> {
        self.conn.prepare_cached("DELETE FROM sessions WHERE token = ?1")?.execute([token.as_slice()])?;
        Ok(())
    }

    /// Forgets every session of a person.
    ///
    /// # Errors
    /// A fault.
    pub fn end_sessions_of(&mut self, person: PersonId) -> Result<(), StoreError> {
        self.conn.prepare_cached("DELETE FROM sessions WHERE person = ?1")?.execute([person.0])?;
        Ok(())
    }
}

fn bytes_of(doc: Option<ActId>) -> Vec<u8> {
    doc.map_or_else(Vec::new, |doc| doc.0.to_vec())
}

fn draft_of(row: &Row<'_>) -> rusqlite::Result<DraftRow> {
    let doc: Vec<u8> = row.get(1)?;
    Ok(DraftRow {
        person: row.get(0).map(PersonId)?,
        doc: <[u8; 32]>::try_from(doc).ok().map(ActId),
        form: row.get(2)?,
        window: row.get(3)?,
        fields: row.get(4)?,
        erased: row.get(5)?,
        at: row.get(6)?,
    })
}
