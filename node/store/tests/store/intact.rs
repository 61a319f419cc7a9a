//! Files that somebody touches while the writer has them open: what goes nowhere is never told as saved.

use std::path::{Path, PathBuf};

use store::{Store, StoreError};
use tempfile::TempDir;

use crate::rows::KEY;

fn beside(path: &Path, ending: &str) -> PathBuf {
    format!("{}{ending}", path.display()).into()
}

/// A store that runs and has told something as saved.
fn running() -> (TempDir, PathBuf, Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.db");
    drop(Store::open(&path, &KEY).unwrap());
    let mut store = Store::open(&path, &KEY).unwrap();
    save(&mut store, b"one").unwrap();
    (folder, path, store)
}

fn save(store: &mut Store, value: &[u8]) -> Result<(), StoreError> {
    store.begin()?;
    store.set_meta("told", value)?;
    store.commit()
}

/// The same bytes under the same name, and yet another file.
fn replace(path: &Path) {
    let copy = beside(path, ".copy");
    std::fs::copy(path, &copy).unwrap();
    std::fs::rename(copy, path).unwrap();
}

fn overwrite(path: &Path) {
    let length = usize::try_from(path.metadata().unwrap().len()).unwrap();
    std::fs::write(path, vec![b','; length]).unwrap();
}

fn truncate(path: &Path) {
    std::fs::File::options().write(true).open(path).unwrap().set_len(100).unwrap();
}

fn delete(path: &Path) {
    std::fs::remove_file(path).unwrap();
}

type Touch = fn(&Path);
const TOUCHES: [(&str, &str, Touch); 10] = [
    ("replaced", "", replace),
    ("overwritten", "", overwrite),
    ("truncated", "", truncate),
    ("deleted", "", delete),
    ("replaced", "-wal", replace),
    ("truncated", "-wal", truncate),
    ("deleted", "-wal", delete),
    ("replaced", "-shm", replace),
    ("deleted", "-shm", delete),
    ("deleted", ".mark", delete),
];

#[cfg(unix)]
#[test]
fn nothing_is_told_as_saved_in_files_that_were_touched_between_two_transactions() {
    for (what, ending, touch) in TOUCHES {
        let (_folder, path, mut store) = running();
        touch(&beside(&path, ending));
        let name = format!("node.db{ending}");
        assert_eq!(save(&mut store, b"two"), Err(StoreError::Disturbed(name.clone())), "{name} {what}");
        assert_eq!(store.prove_intact(), Err(StoreError::Disturbed(name.clone())), "{name} {what}");
        assert!(StoreError::Disturbed(name).is_damage());
        // Nothing is copied into it, and nothing of what is left is cut off.
        let length = |ending| beside(&path, ending).metadata().map_or(0, |found| found.len());
        let before = (length(""), length("-wal"));
        drop(store);
        assert_eq!((length(""), length("-wal")), before, "{ending} {what}");
    }
}

#[cfg(unix)]
#[test]
fn files_touched_within_a_transaction_leave_its_result_unknown() {
    for (what, ending, touch) in TOUCHES {
        if (ending, what) == ("-wal", "truncated") {
            // SQLite makes it as long again; whoever looks next finds a hole.
            continue;
        }
        let (_folder, path, mut store) = running();
        store.begin().unwrap();
        store.set_meta("told", b"two").unwrap();
        touch(&beside(&path, ending));
        let error = store.commit().unwrap_err();
        assert!(matches!(error, StoreError::Unknown(_)), "node.db{ending} {what}: {error:?}");
        assert!(store.begin().is_err());
    }
}

#[test]
fn files_that_nobody_else_touches_are_intact_whatever_the_writer_does() {
    let (_folder, path, mut store) = running();
    let reader = store::Reader::open(&path, &KEY).unwrap();
    for round in 0..400_u32 {
        // Long values, so that the log is copied several times, with and without somebody who reads.
        let value = vec![u8::try_from(round % 251).unwrap(); 30_000];
        if round % 50 < 25 {
            reader.holding(|| save(&mut store, &value)).unwrap().unwrap();
        } else {
            save(&mut store, &value).unwrap();
        }
        if round % 7 == 0 {
            store.begin().unwrap();
            store.set_meta("undone", &value).unwrap();
            store.rollback().unwrap();
        }
    }
    store.prove_intact().unwrap();
    drop((store, reader));
    assert!(Store::open(&path, &KEY).is_ok());
}
