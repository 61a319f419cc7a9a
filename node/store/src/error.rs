//! What can go wrong, told apart by what has to be done about it.

use regulation::ids::ActId;
use rusqlite::ErrorCode;

/// What a database lacks of what was told as saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Loss {
    /// Its last transactions.
    #[error("it holds {held} transactions, {told} were told as saved")]
    Behind {
        /// Transactions that it holds.
        held: u64,
        /// Transactions that were told as saved.
        told: u64,
    },
    /// The log that was being copied into it is gone.
    #[error("its log is gone or damaged")]
    Log,
    /// Nobody can tell: the mark of what was told is gone or damaged.
    #[error("the mark of what was told as saved (node.db.mark) is gone or damaged")]
    Unmarked,
    /// The mark beside it is that of another database.
    #[error("the mark beside it (node.db.mark) is that of another database")]
    Foreign,
    /// Everything: its mark is there, it is not.
    #[error("its file is gone, its mark (node.db.mark) is there")]
    Database,
}

/// Why the store did not do it. [`StoreError::is_fault`] tells what stops a node from what the caller can avoid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another process, or another `Store` here, holds this database open for writing.
    #[error("the database is in use by another process")]
    Locked,
    /// The key does not open this file. A file whose first page was destroyed, or that is no database, looks alike.
    #[error("the key does not open this database")]
    WrongKey,
    /// A newer program wrote this file; this one would not understand it, and leaves it untouched.
    #[error("the database has schema {found}, this program knows up to {known}")]
    Newer {
        /// Schema of the file.
        found: u32,
        /// Newest schema that this program knows.
        known: u32,
    },
    /// The writer has not brought the file up to this program's schema yet; a reader cannot.
    #[error("the database has schema {found}, this program reads {known}")]
    Older {
        /// Schema of the file.
        found: u32,
        /// Schema that this program reads.
        known: u32,
    },
    /// There is no database at the path.
    #[error("there is no database here")]
    Missing,
    /// There is a file already where a backup should be written.
    #[error("the file exists already")]
    Exists,
    /// Pages, the log or a row are not what was written.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// Somebody else replaced, truncated, overwrote or deleted this file while it was open. Whatever is written goes nowhere.
    #[error("{0} was replaced, overwritten, truncated or deleted while the program ran")]
    Disturbed(String),
    /// What was told as saved is not there. Nothing was changed; [`crate::Store::open_after_loss`] goes on with what is left.
    #[error("the database lacks what was told as saved: {0}")]
    Lost(Loss),
    /// The disk failed while a transaction was being made durable: whether it is there shows when the database is opened
    /// again. This store does nothing any more.
    #[error("it is not known whether the last transaction was saved: {0}")]
    Unknown(String),
    /// No room on the disk, or beyond [`crate::Store::limit_bytes`].
    #[error("the disk is full")]
    Full,
    /// The file or its folder may not be written.
    #[error("the database is read-only")]
    ReadOnly,
    /// Someone else held a lock for longer than [`crate::BUSY_MS`].
    #[error("the database stayed busy")]
    Busy,
    /// Reading or writing failed below SQLite.
    #[error("disk error: {0}")]
    Io(String),
    /// The system opens no file any more for this process, or not this one.
    #[error("the database cannot be opened now: {0}")]
    Unopened(String),
    /// A write, commit or rollback without a transaction.
    #[error("no transaction is open")]
    NotInTransaction,
    /// Begun twice, or something that cannot be done inside a transaction.
    #[error("a transaction is open")]
    InTransaction,
    /// A write of this transaction failed before: it is rolled back as a whole.
    #[error("the transaction failed and was rolled back")]
    RolledBack,
    /// Registry versions of a log follow each other without gaps.
    #[error("registry log {log}: version {expected} comes next, not {found}")]
    Gap {
        /// The log.
        log: u32,
        /// Last version held plus one.
        expected: u32,
        /// The version given.
        found: u32,
    },
    /// This act is stored already.
    #[error("act {0:?} is stored already")]
    Duplicate(ActId),
    /// A defect of this program: a statement that SQLite does not accept.
    #[error("database statement failed: {0}")]
    Sql(String),
}

impl StoreError {
    /// True if our machine or our program failed, so that the node should stop loudly; false if the call was refused
    /// before anything was written, and the transaction can go on.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        !matches!(self, Self::Gap { .. } | Self::Duplicate(_) | Self::NotInTransaction | Self::InTransaction)
    }

    /// True if whoever reads the database of a running node has found that it is not what its writer wrote: nothing that
    /// the writer says of it is worth anything then.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Corrupt(_) | Self::Disturbed(_) | Self::Lost(_) | Self::Io(_) | Self::Unknown(_) => true,
            // It was opened with this key and this schema before.
            Self::WrongKey | Self::Newer { .. } | Self::Older { .. } | Self::Missing => true,
            Self::Locked
            | Self::Exists
            | Self::Full
            | Self::ReadOnly
            | Self::Busy
            | Self::Unopened(_)
            | Self::NotInTransaction
            | Self::InTransaction
            | Self::RolledBack
            | Self::Gap { .. }
            | Self::Duplicate(_)
            | Self::Sql(_) => false,
        }
    }
}

/// `SQLITE_IOERR_SHMSIZE`: what a full disk is called where the log's index is made.
const LOG_INDEX_CANNOT_GROW: i32 = 10 | (19 << 8);

/// `SQLITE_IOERR_WRITE`: what a limit of the size of files is called, as is a disk that fails.
const CANNOT_WRITE: i32 = 10 | (3 << 8);

/// Whether this process may make files of some size alone (`ulimit -f`): what was not written for that is as on a full disk.
#[cfg(unix)]
fn limited() -> bool {
    rustix::process::getrlimit(rustix::process::Resource::Fsize).current.is_some()
}

/// Such a limit is of systems like Unix alone.
#[cfg(not(unix))]
fn limited() -> bool {
    false
}

/// `ENFILE` and `EMFILE`, for which the standard library has no name.
const NO_MORE_FILES: [i32; 2] = [23, 24];

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        let code = error.sqlite_error().map(|found| found.extended_code);
        if code == Some(LOG_INDEX_CANNOT_GROW) || (code == Some(CANNOT_WRITE) && limited()) {
            return Self::Full;
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(text),
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::SystemIoFailure) => Self::Io(text),
            Some(ErrorCode::CannotOpen) => Self::Unopened(text),
            Some(_) => Self::Sql(text),
            None => match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..) => Self::Corrupt(text),
                _ => Self::Sql(text),
            },
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge => {
                Self::Full
            }
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            std::io::ErrorKind::NotFound => Self::Missing,
            _ if cfg!(unix) && error.raw_os_error().is_some_and(|code| NO_MORE_FILES.contains(&code)) => {
                Self::Unopened(error.to_string())
            }
            _ => Self::Io(error.to_string()),
        }
    }
}
