//! Files that are their owner's alone, written whole or not at all; and bytes from the operating system.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::problem::Problem;

/// Bytes from the operating system.
///
/// # Errors
/// It has none to give.
pub fn random<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Problem::fault(&error))?;
    Ok(bytes)
}

/// Makes a folder that only its owner opens.
pub(crate) fn create_folder(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Options under which a new file is its owner's alone.
pub(crate) fn private() -> fs::OpenOptions {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes a file that only its owner reads, durably and whole, its name included: it is the old one or the new one, never
/// half of either.
///
/// # Errors
/// The system's.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = path.with_extension("new");
    let _ = fs::remove_file(&new);
    let written = private().open(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&new, path)) {
        // On a full disk it would be in the way.
        let _ = fs::remove_file(&new);
        return Err(error);
    }
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Takes away from everybody but its owner what a file was open to. What cannot be done is not done: the folder may lie on
/// a disk that knows no owners.
pub(crate) fn close_to_others(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if path.metadata().is_ok_and(|found| found.permissions().mode() & 0o077 != 0) {
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o600));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}
