//! Opening the file: one writer, any number of readers, and what is refused before anything is written.

use std::ops::Deref;
use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{Loss, StoreError};
use crate::files::{self, beside, length};
use crate::intact::Intact;
use crate::lock::Lock;
use crate::log::Log;
use crate::mark::{self, Count, Marks};
use crate::schema::{MIGRATIONS, SCHEMA_VERSION, migrate, version};

/// How long a statement waits for another connection's lock, in milliseconds.
pub const BUSY_MS: u64 = 5_000;
/// Page cache of one connection, in KiB.
pub const CACHE_KIBIBYTES: u32 = 32_000;
/// The write-ahead log is cut back to this after it was copied into the file, in bytes.
pub const WAL_BYTES_MAX: u64 = 64 << 20;
/// Prepared statements that one connection keeps.
pub const STATEMENTS_MAX: usize = 256;

/// What can be asked of a database; answered alike by [`Store`] and [`Reader`].
pub struct Queries {
    pub(crate) conn: Connection,
}

/// The one writer of a database.
pub struct Store {
    // Closed before the lock below is given up.
    pub(crate) queries: Queries,
    pub(crate) transaction: Transaction,
    /// The transaction has changed something.
    pub(crate) written: bool,
    pub(crate) encrypted: bool,
    pub(crate) log: Log,
    /// Absent in memory.
    pub(crate) intact: Option<Intact>,
    _lock: Option<Lock>,
}

/// Where the writer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transaction {
    None,
    Open,
    /// A write failed: nothing of this transaction may be committed.
    Doomed,
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
    /// `Locked`, `WrongKey`, `Newer`, `Lost` (nothing is written), `Corrupt`, `Full`, `ReadOnly`, `Io`.
    pub fn open(path: &Path, key: &[u8; 32]) -> Result<Self, StoreError> {
        Self::open_under(path, key, false)
    }

    /// Opens a database that lacks something, or was put back from a copy: what is left of it counts from now on. The next
    /// transaction makes it so; until then [`Self::open`] refuses it as before.
    ///
    /// # Errors
    /// As [`Self::open`]; `Lost` only if there is no database at all, `Corrupt` if what is left does not fit together.
    pub fn open_after_loss(path: &Path, key: &[u8; 32]) -> Result<Self, StoreError> {
        Self::open_under(path, key, true)
    }

    fn open_under(path: &Path, key: &[u8; 32], after_loss: bool) -> Result<Self, StoreError> {
        let path = std::path::absolute(path)?;
        files::regular(&path)?;
        refuse_remains(&path)?;
        let lock = Lock::take(&path)?;
        refuse_remains(&path)?;
        for ending in ["", "-wal", "-shm"] {
            files::tighten(&beside(&path, ending))?;
        }
        let marks = Marks::open(&path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = connect(&path, flags)?;
        let found = unlock(&conn, key)?;
        if found > SCHEMA_VERSION {
            return Err(StoreError::Newer { found, known: SCHEMA_VERSION });
        }
        if found > 0 && !after_loss {
            mark::prove(marks.last(), Count::read(&conn)?)?;
        } else if let (0, Some(told)) = (found, marks.last()) {
            return Err(StoreError::Lost(Loss::Behind { held: 0, told: told.commits() }));
        }
        let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(StoreError::Io(format!("journal mode is {mode}, not wal")));
        }
        conn.pragma_update(None, "journal_size_limit", crate::ids::position(WAL_BYTES_MAX))?;
        let mut store = Self::prepare(conn, found, true, Log::of(&path, marks), Some(lock))?;
        if after_loss {
            store.begin_after_loss()?;
        } else {
            store.mend_mark()?;
        }
        store.intact = Some(Intact::of(&path));
        Ok(store)
    }

    /// A database without a file or a key, for simulation.
    ///
    /// # Errors
    /// `Sql` if SQLite could not be set up.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(connect_in_memory()?, 0, false, Log::in_memory(), None)
    }

    pub(crate) fn prepare(
        mut conn: Connection,
        found: u32,
        encrypted: bool,
        mut log: Log,
        lock: Option<Lock>,
    ) -> Result<Self, StoreError> {
        set_up(&conn)?;
        // Erased parts are overwritten in the file, not merely unlinked.
        conn.pragma_update(None, "secure_delete", true)?;
        migrate(&conn, found, &MIGRATIONS)?;
        log.watch(&mut conn)?;
        Ok(Self {
            queries: Queries { conn },
            transaction: Transaction::None,
            written: false,
            encrypted,
            log,
            intact: None,
            _lock: lock,
        })
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

    /// How a statement would be carried out, step by step.
    ///
    /// # Errors
    /// It is none.
    #[cfg(feature = "trace")]
    pub fn plan(&self, sql: &str) -> Result<Vec<String>, StoreError> {
        let mut statement = self.conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let blanks = vec![rusqlite::types::Null; statement.parameter_count()];
        let rows = statement.query_map(rusqlite::params_from_iter(blanks), |row| row.get(3))?;
        Ok(rows.collect::<Result<_, _>>()?)
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
    /// `Missing`, `WrongKey`, `Newer`, `Older` (no writer has brought it up to date), `Lost`, `Corrupt`, `Io`.
    pub fn open(path: &Path, key: &[u8; 32]) -> Result<Self, StoreError> {
        let path = std::path::absolute(path)?;
        refuse_remains(&path)?;
        if !path.try_exists()? {
            return Err(StoreError::Missing);
        }
        files::regular(&path)?;
        // Read before the database: what a writer tells meanwhile must not look like a loss.
        let told = mark::newest(&path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = connect(&path, flags)?;
        match unlock(&conn, key)? {
            SCHEMA_VERSION => {}
            found if found > SCHEMA_VERSION => return Err(StoreError::Newer { found, known: SCHEMA_VERSION }),
            found => return Err(StoreError::Older { found, known: SCHEMA_VERSION }),
        }
        mark::prove(told.as_ref(), Count::read(&conn)?)?;
        crate::log::prove_there(&path)?;
        set_up(&conn)?;
        Ok(Self { queries: Queries { conn } })
    }

    /// Does `work` while all questions see one moment.
    ///
    /// # Errors
    /// Faults only.
    pub fn holding<T>(&self, work: impl FnOnce() -> T) -> Result<T, StoreError> {
        let transaction = self.queries.conn.unchecked_transaction()?;
        transaction.query_row("SELECT count(*) FROM commits", [], |_| Ok(()))?;
        Ok(work())
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
    let conn = Connection::open_with_flags(path, flags)?;
    // When the log is copied is decided in `durable.rs`: never by whoever happens to be the last to close.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    keep_plans(&conn)?;
    Ok(conn)
}

/// A connection to a database of its own in memory.
pub(crate) fn connect_in_memory() -> rusqlite::Result<Connection> {
    start_library();
    let conn = Connection::open_in_memory()?;
    keep_plans(&conn)?;
    Ok(conn)
}

/// A statement keeps the plan that it was prepared with. Where a partial index exists SQLite would otherwise look at each
/// value that is bound, and plan anew for it: half of what a write costs.
fn keep_plans(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
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

/// By what each page of a database is hashed: most processors do it in hardware, where the usual SHA-512 costs three times as
/// much. `of` is the name of an attached database with its dot. Right behind the key, before anything is read.
pub(crate) fn hash_pages_by(of: &str) -> String {
    format!("PRAGMA {of}cipher_hmac_algorithm = HMAC_SHA256;")
}

/// Gives the connection its key, tries it on the first page, and returns the file's schema version.
pub(crate) fn unlock(conn: &Connection, key: &[u8; 32]) -> Result<u32, StoreError> {
    conn.busy_timeout(Duration::from_millis(BUSY_MS))?;
    // What SQLCipher would print by itself is returned as an error anyway.
    conn.execute_batch("PRAGMA cipher_log_level = NONE; PRAGMA cipher_memory_security = OFF;")?;
    conn.pragma_update(None, "key", key_text(key))?;
    conn.execute_batch(&hash_pages_by(""))?;
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
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
         PRAGMA wal_autocheckpoint = 0;",
    )?;
    Ok(())
}

/// What is left of a database that is gone. SQLite deletes a log whose database is gone, and would start anew as if
/// nothing had ever been there.
fn refuse_remains(path: &Path) -> Result<(), StoreError> {
    if length(path) > 0 {
        return Ok(());
    }
    if length(&beside(path, "-wal")) > 0 {
        return Err(StoreError::Corrupt("a write-ahead log without its database".to_owned()));
    }
    match mark::newest(path)? {
        Some(_) => Err(StoreError::Lost(Loss::Database)),
        None => Ok(()),
    }
}
