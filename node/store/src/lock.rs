//! One writer: a lock for as long as the database is open. The operating system gives it up when the process ends,
//! however it ends.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::StoreError;
use crate::files;

/// Databases that this process writes. A second opening must not even touch the file: closing it would give up the locks
/// that SQLite holds on it (they belong to the process, not to the handle).
static OPEN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The right to write a database. Given up only after SQLite has closed it.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes it, and makes the database's file where there is none.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        if !path.try_exists()? {
            drop(files::private().create(true).append(true).open(path)?);
            files::sync_folder(path)?;
        }
        let path = std::fs::canonicalize(path)?;
        if !open().insert(path.clone()) {
            return Err(StoreError::Locked);
        }
        match lock(&path) {
            Ok(file) => Ok(Self { path, _file: file }),
            Err(error) => {
                open().remove(&path);
                Err(error)
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        open().remove(&self.path);
    }
}

fn open() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let file = lock_file(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// On Linux the database itself, which nobody removes by mistake: this kind of lock and SQLite's know nothing of each
/// other there.
#[cfg(target_os = "linux")]
fn lock_file(path: &Path) -> Result<File, StoreError> {
    Ok(File::options().read(true).write(true).open(path)?)
}

/// Elsewhere such a lock would keep SQLite out too: a file beside the database.
#[cfg(not(target_os = "linux"))]
fn lock_file(path: &Path) -> Result<File, StoreError> {
    let mut options = files::private();
    options.create(true).truncate(false).write(true);
    // Nobody can remove it while it is open: others may read and write it, which the lock forbids, but not delete it.
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 1 | 2);
    Ok(options.open(files::beside(path, ".lock"))?)
}
