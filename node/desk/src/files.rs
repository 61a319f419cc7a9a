//! Files that are their owner's alone, written whole or not at all; files that are read, which are files and nothing else; whose a
//! folder is; and bytes from the operating system.

use std::fs;
use std::io::{Error, ErrorKind, Read, Write};
use std::path::Path;

use crate::problem::{NO_FILE, Problem};

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
    let mut options = at_once();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Options under which whoever opens what is no file is told so, and does not wait for whoever is at the other end of it.
fn at_once() -> fs::OpenOptions {
    let mut options = fs::File::options();
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    options
}

/// Opens a file to read it; what is none is refused.
///
/// # Errors
/// The system's, or that it is a folder, a pipe or a device.
pub fn open_regular(path: &Path) -> std::io::Result<fs::File> {
    let file = at_once().read(true).open(path)?;
    let kind = file.metadata()?.file_type();
    match (kind.is_file(), kind.is_dir()) {
        (true, _) => Ok(file),
        (false, true) => Err(ErrorKind::IsADirectory.into()),
        (false, false) => Err(Error::new(ErrorKind::InvalidInput, NO_FILE)),
    }
}

/// The bytes of a file of the node's own; what is no file is refused.
///
/// # Errors
/// As [`open_regular`].
pub fn read_regular(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
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

/// The terminal that a command is typed at, as the system tells one from another: its session. 0 where it does not, as within a
/// container that was entered from outside: all that is typed there is typed at one terminal.
#[must_use]
pub fn terminal() -> i32 {
    // rustix takes a session that cannot be seen from within for impossible, and panics.
    #[cfg(unix)]
    return nix::unistd::getsid(None).map_or(0, nix::unistd::Pid::as_raw);
    #[cfg(not(unix))]
    0
}

/// That a folder, and the files of these names in it, are of whoever runs this, and that nobody else writes there: whoever could
/// would say whose node it is that a password is typed for, or in whose name commands act.
///
/// # Errors
/// What is another's, or open to others, and what to do.
pub(crate) fn own(dir: &Path, names: &[&str]) -> Result<(), Problem> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let me = rustix::process::geteuid().as_raw();
        // Where others do not get in, whatever a file is open to is open to nobody.
        let enters = dir.metadata().is_ok_and(|found| found.mode() & 0o011 != 0);
        let files = names.iter().map(|name| (dir.join(name), enters));
        for (path, reached) in std::iter::once((dir.to_owned(), true)).chain(files) {
            let Ok(found) = path.metadata() else { continue };
            check_owner(&path, (found.uid(), if reached { found.mode() } else { 0 }), me)?;
        }
    }
    #[cfg(not(unix))]
    let _ = (dir, names);
    Ok(())
}

/// The same of one file or folder: whose it is, and what it is open to.
#[cfg(unix)]
fn check_owner(path: &Path, (owner, mode): (u32, u32), me: u32) -> Result<(), Problem> {
    let shown = path.display();
    if owner != me {
        return Err(Problem::not_permitted(
            format!(
                "{shown} 属于另一个系统用户（uid {owner}），不是当前用户（uid {me}）的，没有使用：请换到自己的目录（--dir），或由那个用户运行"
            ),
            format!(
                "{shown} belongs to another user of this system (uid {owner}, not {me}) and was not used: take a folder of your own (--dir), or have that user run it"
            ),
        ));
    }
    if mode & 0o022 != 0 {
        return Err(Problem::not_permitted(
            format!("{shown} 可被本机别的用户改写，没有使用：请先运行 chmod go-w {shown}"),
            format!(
                "{shown} can be changed by other users of this system and was not used: run chmod go-w {shown} first"
            ),
        ));
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn folder_that_others_write_into_or_have_made_is_not_used() {
        let check = |owner, mode| check_owner(Path::new("d"), (owner, mode), 1_000).map_err(|problem| problem.title);
        assert_eq!(check(1_000, 0o700), Ok(()));
        assert_eq!(check(1_000, 0o755), Ok(()), "others may see that there is a node");
        for (owner, mode, wanted) in [
            (1_000, 0o777, "chmod go-w d"),
            (1_000, 0o720, "chmod go-w d"),
            (1_001, 0o700, "uid 1001"),
            (0, 0o700, "uid 0"),
        ] {
            assert!(check(owner, mode).unwrap_err().contains(wanted), "{owner} {mode:o}");
        }
    }

    #[test]
    fn what_others_could_write_in_a_folder_counts_where_they_get_in() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        std::fs::write(&file, "").unwrap();
        let set = |path: &Path, mode| std::fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        for (folder, mode, used) in
            [(0o700, 0o666, true), (0o755, 0o644, true), (0o755, 0o666, false), (0o777, 0o600, false)]
        {
            set(&file, mode);
            set(dir.path(), folder);
            assert_eq!(own(dir.path(), &["config.toml", "none"]).is_ok(), used, "{folder:o} {mode:o}");
        }
    }
}
