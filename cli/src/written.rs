//! Files that a command writes for a person: whole or not at all, their owner's alone, never over another file unless that is
//! asked for, and never into the folder of a node.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use desk::Problem;
use desk::home::{is_data_folder, random};

/// A file that is being written. It gets its name in [`Self::finish`]; dropped before, nothing is left of it.
pub struct Written {
    path: PathBuf,
    /// Beside it, so that it can be given the name in one step.
    beside: PathBuf,
    to: Option<BufWriter<File>>,
    force: bool,
}

impl Written {
    /// Begins a file. Whatever forbids it is found now, before anything else is done.
    ///
    /// # Errors
    /// There is a file already and `force` is not said, it would lie in the folder of a node, or the folder cannot be written.
    pub fn begin(path: &Path, force: bool) -> Result<Self, Problem> {
        let name = path.file_name().ok_or_else(|| no_name(path))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = std::fs::canonicalize(folder).map_err(|error| failed(path, &error))?;
        refuse_data(path, &folder)?;
        refuse_there(path, force)?;
        let random: [u8; 6] = random()?;
        let random: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let beside = folder.join(format!(".{}.{random}.tmp", name.to_string_lossy()));
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&beside).map_err(|error| failed(path, &error))?;
        Ok(Self { path: folder.join(name), beside, to: Some(BufWriter::new(file)), force })
    }

    /// Adds to it.
    ///
    /// # Errors
    /// The disk.
    pub fn add(&mut self, text: &str) -> Result<(), Problem> {
        let Some(to) = &mut self.to else { return Ok(()) };
        to.write_all(text.as_bytes()).map_err(|error| failed(&self.path, &error))
    }

    /// Gives it its name; it is on the disk then.
    ///
    /// # Errors
    /// The disk, or somebody else took the name meanwhile.
    pub fn finish(mut self) -> Result<(), Problem> {
        self.name_it().map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => there(&self.path),
            _ => failed(&self.path, &error),
        })
    }

    fn name_it(&mut self) -> std::io::Result<()> {
        if let Some(to) = self.to.take() {
            to.into_inner()?.sync_all()?;
        }
        if !self.force {
            // The name is taken first, and only by whoever comes first.
            File::options().write(true).create_new(true).open(&self.path)?;
        }
        std::fs::rename(&self.beside, &self.path)?;
        #[cfg(unix)]
        if let Some(folder) = self.path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        // Nothing is there any more after it got its name.
        let _ = std::fs::remove_file(&self.beside);
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.to.as_mut().map_or(Ok(0), |to| to.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// The folder of a node is the node's: neither in it nor below it, by whatever way one comes there.
fn refuse_data(path: &Path, folder: &Path) -> Result<(), Problem> {
    let target = std::fs::canonicalize(path).ok();
    let of_target = target.as_deref().into_iter().flat_map(Path::ancestors);
    let Some(data) = folder.ancestors().chain(of_target).find(|folder| is_data_folder(folder)) else { return Ok(()) };
    Err(Problem::bad_input(
        format!("{} 在节点目录 {} 里：那里只放节点自己的文件，请换一个目录", path.display(), data.display()),
        format!("{} lies in the folder of a node, {}: choose another folder", path.display(), data.display()),
    ))
}

fn refuse_there(path: &Path, force: bool) -> Result<(), Problem> {
    match path.symlink_metadata() {
        Ok(_) if !force => Err(there(path)),
        Ok(found) if !found.is_file() => Err(Problem::bad_input(
            format!("{} 不是普通文件，不覆盖", path.display()),
            format!("{} is no ordinary file and is not overwritten", path.display()),
        )),
        _ => Ok(()),
    }
}

fn there(path: &Path) -> Problem {
    Problem::bad_input(
        format!("{} 已存在，不覆盖；请换一个文件名，确要覆盖的加 --force", path.display()),
        format!("{} is there already and is not overwritten; choose another name, or say --force", path.display()),
    )
}

fn no_name(path: &Path) -> Problem {
    Problem::bad_input(format!("“{}”不是文件名", path.display()), format!("{} is no name of a file", path.display()))
}

/// What the system says, in words of what to do about it.
fn failed(path: &Path, error: &std::io::Error) -> Problem {
    let (chinese, english) = match error.kind() {
        ErrorKind::NotFound => ("所在的目录不存在", "its folder does not exist"),
        ErrorKind::NotADirectory => ("路径中间有一段不是目录", "a part of the path is no folder"),
        ErrorKind::PermissionDenied => ("没有写入该目录的权限", "its folder may not be written"),
        ErrorKind::ReadOnlyFilesystem => ("该磁盘只能读", "the disk is read-only"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            ("磁盘已满，没有写出", "the disk is full, nothing was written")
        }
        _ => return Problem::storage(path, error),
    };
    let sort = |problem: Problem| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => problem,
        _ => Problem { code: "storage".to_owned(), status: 500, exit: 7, ..problem },
    };
    sort(Problem::bad_input(format!("{}：{chinese}", path.display()), format!("{}: {english}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, force: bool) -> Result<(), Problem> {
        let mut file = Written::begin(path, force)?;
        file.add("单位,按时办结率\r\n")?;
        file.finish()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn file_is_there_whole_or_not_at_all_and_never_over_another_one_unless_it_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.csv");
        let mut begun = Written::begin(&path, false).unwrap();
        begun.add("half").unwrap();
        assert!(!path.exists());
        drop(begun);
        assert_eq!(names(dir.path()), Vec::<String>::new());
        write(&path, false).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "单位,按时办结率\r\n");
        std::fs::write(&path, "mine").unwrap();
        let problem = write(&path, false).unwrap_err();
        assert!(problem.exit == 5 && problem.title.contains("--force"), "{problem:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        write(&path, true).unwrap();
        assert_eq!(names(dir.path()), ["r.csv"]);
        // Two at once: the one that comes second finds it there.
        let other = dir.path().join("s.csv");
        let (first, second) = (Written::begin(&other, false).unwrap(), Written::begin(&other, false).unwrap());
        first.finish().unwrap();
        assert!(second.finish().unwrap_err().title.contains("已存在"));
        assert_eq!(names(dir.path()), ["r.csv", "s.csv"]);
    }

    #[test]
    fn place_that_cannot_be_written_is_named_before_anything_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| Written::begin(&dir.path().join(name), true).map(|_| ()).unwrap_err();
        assert!(at("no/r.csv").title.contains("不存在"));
        std::fs::write(dir.path().join("file"), "").unwrap();
        assert_eq!(at("file/r.csv").exit, 5);
        std::fs::create_dir(dir.path().join("folder")).unwrap();
        assert!(at("folder").title.contains("不是普通文件"));
        assert_eq!(Written::begin(Path::new("/"), true).map(|_| ()).unwrap_err().exit, 5);
    }

    #[cfg(unix)]
    #[test]
    fn folder_of_a_node_is_never_written_into_by_whatever_way() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let city = dir.path().join("city");
        std::fs::create_dir_all(city.join("below")).unwrap();
        for name in ["keys.toml", "node.db"] {
            std::fs::write(city.join(name), name).unwrap();
        }
        symlink(&city, dir.path().join("way")).unwrap();
        symlink(city.join("keys.toml"), dir.path().join("key.csv")).unwrap();
        for name in
            ["city/node.db", "city/new.csv", "city/below/new.csv", "way/keys.toml", "city/below/../x", "key.csv"]
        {
            let problem = write(&dir.path().join(name), true).unwrap_err();
            assert!(problem.exit == 5 && problem.title.contains("节点目录"), "{name}: {problem:?}");
        }
        for name in ["keys.toml", "node.db"] {
            assert_eq!(std::fs::read_to_string(city.join(name)).unwrap(), name);
        }
        assert_eq!(names(&city), ["below", "keys.toml", "node.db"]);
    }

    #[cfg(unix)]
    #[test]
    fn file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.csv");
        write(&path, false).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
