//! The log of what was committed: where it is, how long it is, and that it is there.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::Connection;

use crate::error::{Loss, StoreError};
use crate::files::{beside, length};
use crate::mark::{self, Marks};

/// The log of a writer.
#[derive(Debug)]
pub(crate) struct Log {
    /// Absent in memory.
    pub(crate) path: Option<PathBuf>,
    pub(crate) marks: Marks,
    /// Pages in the log after the last commit.
    pub(crate) pages: Arc<AtomicU32>,
    /// Opened after a loss, and nothing was committed since.
    pub(crate) after_loss: bool,
    /// Copying the log failed after a commit that was durable: the next transaction says so.
    pub(crate) fault: Option<StoreError>,
}

impl Log {
    pub(crate) fn of(database: &Path, marks: Marks) -> Self {
        Self { path: Some(beside(database, "-wal")), ..Self::new(marks) }
    }

    pub(crate) fn in_memory() -> Self {
        Self::new(Marks::in_memory())
    }

    fn new(marks: Marks) -> Self {
        Self { path: None, marks, pages: Arc::default(), after_loss: false, fault: None }
    }

    /// Counts the pages of the log from now on.
    pub(crate) fn watch(&mut self, conn: &mut Connection) -> Result<(), StoreError> {
        let pages = self.pages.clone();
        let count = move |_: &mut rusqlite::hooks::Wal, found: i32| {
            pages.store(u32::try_from(found).unwrap_or_default(), Ordering::Relaxed);
            Ok(())
        };
        Ok(conn.wal_hook(Some(count))?)
    }
}

/// That a log which the database is not whole without is there. For readers: a writer looks into it.
pub(crate) fn prove_there(database: &Path) -> Result<(), StoreError> {
    let gone = || length(&beside(database, "-wal")) == 0;
    let copying = || Ok::<_, StoreError>(mark::newest(database)?.is_some_and(|mark| mark.copying()));
    // Asked twice: a writer that has copied all of it says so, and only then cuts it off.
    if copying()? && gone() && copying()? {
        return Err(StoreError::Lost(Loss::Log));
    }
    Ok(())
}
