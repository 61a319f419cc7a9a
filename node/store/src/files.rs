//! Files beside the database: their names, who may read them, and that they are on the disk.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// `path` with `ending` behind its name.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Its length in bytes; 0 where there is none.
pub(crate) fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |found| found.len())
}

/// That what is there of a database and beside it are files: opening a pipe or a device would wait for its other end.
pub(crate) fn regular(database: &Path) -> Result<(), StoreError> {
    for ending in ["", "-wal", "-shm", ".mark", ".lock"] {
        let path = beside(database, ending);
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            return Err(StoreError::Io(format!("{} is no file", path.display())));
        }
    }
    Ok(())
}

/// Options under which a new file is its owner's alone, whatever the process's umask.
pub(crate) fn private() -> OpenOptions {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a file that is there already its owner's alone.
pub(crate) fn tighten(path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    if let Ok(found) = path.metadata() {
        use std::os::unix::fs::PermissionsExt;
        if found.permissions().mode() & 0o077 != 0 {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// A new name is durable once its folder is.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
