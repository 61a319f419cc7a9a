//! Opening the file: one writer, any number of readers, and what is refused before anything is written.

use std::fs::{File, TryLockError};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::StoreError;
use crate::schema::{MIGRATIONS, SCHEMA_VERSION, migrate, version};
use crate::transaction::Transaction;

/// How long a statement waits for another connection's lock, in milliseconds.
pub const BUSY_MS: u64 = 5_000;
/// Page cache of one connection, in KiB.
pub const CACHE_KIBIBYTES: u32 = 32_000;
/// The write-ahead log is cut back to this after it was copied into the file, in bytes.
pub const WAL_BYTES_MAX: u64 = 64 << 20;
/// Prepared statements that one connection keeps.
pub const STATEMENTS_MAX: usize = 128;

/// What can be asked of a database; answered alike by [`Store`] and [`Reader`].
pub struct Queries {
    pub(crate) conn: Connection,
}

/// The one writer of a database.
pub struct Store {
    // Closed before the lock below is given up.
    pub(crate) queries: Queries,
    pub(crate) transaction: Transaction,
    pub(crate) encrypted: bool,
    _lock: Option<File>,
}

/// A connection that cannot write. It sees what was committed before its question, also while the writer is inside a
/// transaction. One reader serves one thread at a time.
pub struct Reader {
    queries: Queries,
}

impl Store {
    /// Opens the database at `path`, making it where there is none, and brings it up to [`SCHEMA_VERSION`].
    /// `key` is the raw SQLCipher key.
    ///
    /// # Errors
    /// `Locked`, `WrongKey`, `Newer` (nothing is written), `Corrupt`, `Full`, `ReadOnly`, `Io`.
    pub fn open(path: &Path, key: &[u8; 32]) -> Result<Self, StoreError> {
        let path = std::path::absolute(path)?;
        let lock = take_lock(&path)?;
        refuse_orphaned_log(&path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = connect(&path, flags)?;
        let found = unlock(&conn, key)?;
        if found > SCHEMA_VERSION {
            return Err(StoreError::Newer { found, known: SCHEMA_VERSION });
        }
        let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(StoreError::Io(format!("journal mode is {mode}, not wal")));
        }
        conn.pragma_update(None, "journal_size_limit", crate::ids::position(WAL_BYTES_MAX))?;
        Self::prepare(conn, found, true, Some(lock))
    }

    /// A database without a file or a key, for simulation.
    ///
    /// # Errors
    /// `Sql` if SQLite could not be set up.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(connect_in_memory()?, 0, false, None)
    }

    pub(crate) fn prepare(
        conn: Connection,
        found: u32,
        encrypted: bool,
        lock: Option<File>,
    ) -> Result<Self, StoreError> {
        set_up(&conn)?;
        // Erased parts are overwritten in the file, not merely unlinked.
        conn.pragma_update(None, "secure_delete", true)?;
        migrate(&conn, found, &MIGRATIONS)?;
        Ok(Self { queries: Queries { conn }, transaction: Transaction::None, encrypted, _lock: lock })
    }

    /// Tells every statement that is run from now on, as it was written.
    ///
    /// # Errors
    /// `Sql` if SQLite could not be asked to.
    #[cfg(feature = "trace")]
    pub fn trace(&mut self, tell: impl Fn(&str) + Send + 'static) -> Result<(), StoreError> {
        use rusqlite::trace::{TraceEvent, TraceEventCodes};
        let each = move |event: TraceEvent<'_>| {
            if let TraceEvent::Stmt(_, sql) = event {
                tell(sql);
            }
        };
        Ok(self.queries.conn.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(each))?)
    }

    /// From now on the file may not grow beyond `bytes` (rounded down to pages, never below its present size): writes
    /// that need more fail with `Full`.
    ///
    /// # Errors
    /// Faults only.
    pub fn limit_bytes(&self, bytes: u64) -> Result<(), StoreError> {
        let pages = (crate::ids::position(bytes) / self.page_bytes()?).clamp(1, i64::from(u32::MAX - 1));
        Ok(self.conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?)
    }
}

impl Reader {
    /// Opens an existing database for reading only.
    ///
    /// # Errors
    /// `Missing`, `WrongKey`, `Newer`, `Older` (no writer has brought it up to date), `Corrupt`, `Io`.
    pub fn open(path: &Path, key: &[u8; 32]) -> Result<Self, StoreError> {
        let path = std::path::absolute(path)?;
        if !path.try_exists()? {
            return Err(StoreError::Missing);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = connect(&path, flags)?;
        match unlock(&conn, key)? {
            SCHEMA_VERSION => {}
            found if found > SCHEMA_VERSION => return Err(StoreError::Newer { found, known: SCHEMA_VERSION }),
            found => return Err(StoreError::Older { found, known: SCHEMA_VERSION }),
        }
        set_up(&conn)?;
        Ok(Self { queries: Queries { conn } })
    }
}

impl Deref for Store {
    type Target = Queries;

    fn deref(&self) -> &Queries {
        &self.queries
    }
}

impl Deref for Reader {
    type Target = Queries;

    fn deref(&self) -> &Queries {
        &self.queries
    }
}

/// A connection to the file at `path`, without a key yet. Every connection of this crate is made here or in
/// [`connect_in_memory`].
pub(crate) fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    start_library();
    Connection::open_with_flags(path, flags)
}

/// A connection to a database of its own in memory.
pub(crate) fn connect_in_memory() -> rusqlite::Result<Connection> {
    start_library();
    Connection::open_in_memory()
}

/// The first connection of a process starts the library. SQLite calls itself ready before SQLCipher's part of that is
/// done, and a second thread that opens a file in this moment would find that no key can be given: so that all wait
/// until the first has been through.
fn start_library() {
    static STARTED: Once = Once::new();
    // Should this fail, the connection that is wanted fails in the same way, and its error is told.
    STARTED.call_once(|| drop(Connection::open_in_memory()));
}

/// A raw key as SQLCipher takes it.
pub(crate) fn key_text(key: &[u8; 32]) -> String {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("x'{hex}'")
}

/// Gives the connection its key, tries it on the first page, and returns the file's schema version.
pub(crate) fn unlock(conn: &Connection, key: &[u8; 32]) -> Result<u32, StoreError> {
    conn.busy_timeout(Duration::from_millis(BUSY_MS))?;
    // What SQLCipher would print by itself is returned as an error anyway.
    conn.execute_batch("PRAGMA cipher_log_level = NONE; PRAGMA cipher_memory_security = OFF;")?;
    conn.pragma_update(None, "key", key_text(key))?;
    let tried = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    match tried {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => Err(StoreError::WrongKey),
        Err(error) => Err(error.into()),
        Ok(()) => version(conn),
    }
}

fn set_up(conn: &Connection) -> Result<(), StoreError> {
    conn.busy_timeout(Duration::from_millis(BUSY_MS))?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    conn.pragma_update(None, "cache_size", -i64::from(CACHE_KIBIBYTES))?;
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;",
    )?;
    Ok(())
}

/// Takes the lock file beside the database. The operating system gives it up when the process ends, however it ends.
fn take_lock(path: &Path) -> Result<File, StoreError> {
    let lock = File::options().create(true).truncate(false).write(true).open(beside(path, ".lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// SQLite deletes a log whose database is gone, and would start anew as if nothing had ever been there.
fn refuse_orphaned_log(path: &Path) -> Result<(), StoreError> {
    let length = |path: &Path| path.metadata().map_or(0, |found| found.len());
    if length(path) == 0 && length(&beside(path, "-wal")) > 0 {
        return Err(StoreError::Corrupt("a write-ahead log without its database".to_owned()));
    }
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
