//! That the files which are open are still the ones at their paths, and as this writer left them.
//!
//! A file that is deleted or replaced under a running program takes writes as before, and what was told as saved is gone
//! with it. One that is overwritten in place reads well from a cache. So each transaction begins and ends with a look at the
//! folder: some calls of `stat`, and never an opening, which would give up the locks that SQLite holds.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use crate::error::StoreError;
use crate::files::beside;

/// Which file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Which(#[cfg(unix)] (u64, u64));

impl Which {
    fn of(found: &Metadata) -> Self {
        #[cfg(unix)]
        return Self((std::os::unix::fs::MetadataExt::dev(found), std::os::unix::fs::MetadataExt::ino(found)));
        #[cfg(not(unix))]
        {
            let _ = found;
            Self()
        }
    }
}

/// A file as this writer left it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Look {
    which: Which,
    bytes: u64,
    /// Where that is exact as soon as a write is done.
    #[cfg(unix)]
    written: Option<std::time::SystemTime>,
}

impl Look {
    fn at(path: &Path) -> Option<Self> {
        let found = path.metadata().ok()?;
        Some(Self {
            which: Which::of(&found),
            bytes: found.len(),
            #[cfg(unix)]
            written: found.modified().ok(),
        })
    }
}

/// The files of an open database.
#[derive(Debug)]
pub(crate) struct Intact {
    database: PathBuf,
    /// Nothing but copying the log changes it.
    database_look: Option<Look>,
    log: PathBuf,
    /// Nothing but a transaction changes it.
    log_look: Option<Look>,
    /// Its index, and the mark: written at any time, never replaced.
    beside: [(PathBuf, Option<Which>); 2],
}

impl Intact {
    /// The files of the database at `path` as they are now: the writer has just opened it.
    pub(crate) fn of(path: &Path) -> Self {
        let beside = [beside(path, "-shm"), beside(path, ".mark")].map(|path| (path, None));
        let log = self::beside(path, "-wal");
        let mut intact = Self { database: path.to_owned(), database_look: None, log, log_look: None, beside };
        intact.copied();
        intact.written();
        intact
    }

    /// The log was copied into the database.
    pub(crate) fn copied(&mut self) {
        self.database_look = Look::at(&self.database);
        self.written();
    }

    /// A transaction came to its end.
    pub(crate) fn written(&mut self) {
        self.log_look = Look::at(&self.log);
        for (path, which) in &mut self.beside {
            // The first transaction makes the mark; what was there before must stay what it was.
            *which = which.or_else(|| Look::at(path).map(|look| look.which));
        }
    }

    /// That nobody else touched anything since: at the beginning of a transaction.
    pub(crate) fn prove(&self) -> Result<(), StoreError> {
        self.prove_database()?;
        let found = Look::at(&self.log);
        let same = match (&self.log_look, &found) {
            (None, None) => true,
            (Some(left), Some(found)) => (left.which, left.bytes) == (found.which, found.bytes),
            _ => false,
        };
        if same { self.prove_beside() } else { Err(disturbed(&self.log)) }
    }

    /// That a transaction whose log has at least so many bytes went where the next opening will look for it.
    pub(crate) fn prove_kept(&self, log_bytes: u64) -> Result<(), StoreError> {
        self.prove_database()?;
        let found = Look::at(&self.log);
        let there = found.is_some_and(|found| {
            found.bytes >= log_bytes && self.log_look.as_ref().is_none_or(|left| left.which == found.which)
        });
        if there { self.prove_beside() } else { Err(disturbed(&self.log)) }
    }

    /// That the database is what it was when the log was last copied into it.
    pub(crate) fn prove_database(&self) -> Result<(), StoreError> {
        let same = self.database_look.is_some() && self.database_look == Look::at(&self.database);
        if same { Ok(()) } else { Err(disturbed(&self.database)) }
    }

    fn prove_beside(&self) -> Result<(), StoreError> {
        for (path, which) in &self.beside {
            if which.is_some() && *which != Look::at(path).map(|look| look.which) {
                return Err(disturbed(path));
            }
        }
        Ok(())
    }
}

fn disturbed(path: &Path) -> StoreError {
    StoreError::Disturbed(path.file_name().unwrap_or_default().to_string_lossy().into_owned())
}
