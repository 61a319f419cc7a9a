//! Files: keys, locks, versions, damage, and a disk that is full.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use store::{DocNo, Reader, SCHEMA_VERSION, Store, StoreError};
use tempfile::TempDir;

use crate::rows::{KEY, contents, fill};

/// A closed database with something in it.
fn database() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.db");
    fill(&mut Store::open(&path, &KEY).unwrap());
    (folder, path)
}

/// A connection of another program that knows the key.
fn foreign(path: &Path) -> Connection {
    let conn = Connection::open(path).unwrap();
    let key: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
    conn.pragma_update(None, "key", format!("x'{key}'")).unwrap();
    conn.execute_batch("PRAGMA cipher_hmac_algorithm = HMAC_SHA256;").unwrap();
    conn
}

fn error<T>(result: Result<T, StoreError>) -> StoreError {
    result.err().expect("it was opened")
}

#[test]
fn wrong_key_opens_nothing_and_changes_nothing() {
    let (folder, path) = database();
    let before = std::fs::read(&path).unwrap();
    for key in [[0; 32], [8; 32]] {
        assert_eq!(error(Store::open(&path, &key)), StoreError::WrongKey);
        assert_eq!(error(Reader::open(&path, &key)), StoreError::WrongKey);
        let target = folder.path().join("copy.db");
        assert_eq!(store::backup(&path, &key, &target, &key), Err(StoreError::WrongKey));
        assert!(!target.exists());
    }
    assert!(std::fs::read(&path).unwrap() == before);
    assert!(Store::open(&path, &KEY).is_ok());
}

#[test]
fn size_of_an_encrypted_file_is_told() {
    let (_folder, path) = database();
    let length = std::fs::metadata(&path).unwrap().len();
    assert_eq!(Store::open(&path, &KEY).unwrap().stats().unwrap().bytes, length);
    assert_eq!(Reader::open(&path, &KEY).unwrap().stats().unwrap().bytes, length);
}

#[test]
fn nothing_of_a_database_can_be_read_without_its_key() {
    let (folder, _) = database();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for secret in ["私密", "供暖", "SQLite format 3", "CREATE TABLE"] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
        }
    }
}

#[test]
fn second_writer_in_this_process_is_kept_out_until_the_first_is_gone() {
    let (_folder, path) = database();
    let first = Store::open(&path, &KEY).unwrap();
    assert_eq!(error(Store::open(&path, &KEY)), StoreError::Locked);
    // By another name for the same file, too.
    let dotted = path.parent().unwrap().join(".").join("node.db");
    assert_eq!(error(Store::open(&dotted, &KEY)), StoreError::Locked);
    let reader = Reader::open(&path, &KEY).unwrap();
    assert_eq!(contents(&reader), contents(&first));
    drop(first);
    assert!(Store::open(&path, &KEY).is_ok());
}

#[test]
fn file_of_a_newer_program_is_refused_and_left_as_it_is() {
    let (folder, path) = database();
    foreign(&path).pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    let before = std::fs::read(&path).unwrap();
    let newer = StoreError::Newer { found: SCHEMA_VERSION + 1, known: SCHEMA_VERSION };
    assert_eq!(error(Store::open(&path, &KEY)), newer);
    assert_eq!(error(Reader::open(&path, &KEY)), newer);
    assert!(std::fs::read(&path).unwrap() == before);
    // It can still be copied: a backup needs to understand nothing.
    let target = folder.path().join("copy.db");
    store::backup(&path, &KEY, &target, &KEY).unwrap();
    assert_eq!(error(Reader::open(&target, &KEY)), newer);
}

#[test]
fn reader_refuses_a_file_that_no_writer_has_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.db");
    foreign(&path).execute_batch("CREATE TABLE something(x)").unwrap();
    let older = StoreError::Older { found: 0, known: SCHEMA_VERSION };
    assert_eq!(error(Reader::open(&path, &KEY)), older);
    drop(Store::open(&path, &KEY).unwrap());
    assert!(Reader::open(&path, &KEY).is_ok());
}

#[test]
fn reader_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.db");
    assert_eq!(error(Reader::open(&path, &KEY)), StoreError::Missing);
    assert_eq!(error(Reader::open(&folder.path().join("no/folder/node.db"), &KEY)), StoreError::Missing);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(error(Store::open(&folder.path().join("no/folder/node.db"), &KEY)), StoreError::Missing);
}

#[test]
fn file_that_is_no_database_is_not_opened_and_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.db");
    for bytes in [vec![0_u8; 8_192], b"a letter to the mayor".repeat(500), vec![0xff; 100]] {
        std::fs::write(&path, &bytes).unwrap();
        let why = error(Store::open(&path, &KEY));
        assert!(matches!(why, StoreError::WrongKey | StoreError::Corrupt(_)), "{why:?}");
        assert!(std::fs::read(&path).unwrap() == bytes);
    }
}

#[test]
fn byte_changed_on_any_page_is_noticed() {
    let (folder, path) = database();
    let whole = std::fs::read(&path).unwrap();
    let pages = whole.len() / 4_096;
    assert!(pages > 10);
    for page in 0..pages {
        let mut damaged = whole.clone();
        damaged[page * 4_096 + 100] ^= 1;
        let copy = folder.path().join(format!("page{page}.db"));
        std::fs::write(&copy, &damaged).unwrap();
        std::fs::copy(path.with_extension("db.mark"), copy.with_extension("db.mark")).unwrap();
        let noticed = match Store::open(&copy, &KEY) {
            Err(error) => matches!(error, StoreError::WrongKey | StoreError::Corrupt(_)),
            Ok(store) => match store.check() {
                Ok(wrong) => !wrong.is_empty(),
                Err(error) => matches!(error, StoreError::Corrupt(_)),
            },
        };
        assert!(noticed, "page {page}");
    }
}

#[test]
fn log_without_its_database_is_refused() {
    let (_folder, path) = database();
    let log = path.with_extension("db-wal");
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&log, vec![1; 4_096]).unwrap();
    let why = error(Store::open(&path, &KEY));
    assert!(matches!(why, StoreError::Corrupt(_)), "{why:?}");
    assert!(log.exists(), "it may be all that is left");
}

#[test]
fn full_disk_rolls_the_transaction_back_and_the_next_one_works() {
    let (_folder, path) = database();
    let mut store = Store::open(&path, &KEY).unwrap();
    let before = contents(&store);
    let size = store.stats().unwrap().bytes;
    store.limit_bytes(size + 100_000).unwrap();
    store.begin().unwrap();
    let full = (0..1_000).find_map(|n| store.set_meta(&format!("node/{n}"), &[1; 10_000]).err());
    assert_eq!(full, Some(StoreError::Full));
    assert_eq!(store.set_meta("node/small", b"1"), Err(StoreError::RolledBack));
    assert_eq!(store.commit(), Err(StoreError::RolledBack));
    assert!(!store.in_transaction());
    assert_eq!(contents(&store), before);
    // What is small still fits, and with room again everything does.
    store.begin().unwrap();
    store.set_meta("node/small", b"1").unwrap();
    store.commit().unwrap();
    store.limit_bytes(u64::MAX).unwrap();
    store.begin().unwrap();
    store.set_meta("node/large", &[1; 1_000_000]).unwrap();
    store.commit().unwrap();
    drop(store);
    let store = Store::open(&path, &KEY).unwrap();
    assert_eq!(store.meta("node/large").unwrap().map(|bytes| bytes.len()), Some(1_000_000));
    assert!(store.check().unwrap().is_empty());
}

#[test]
fn limit_below_the_present_size_loses_nothing() {
    let (_folder, path) = database();
    let mut store = Store::open(&path, &KEY).unwrap();
    let before = contents(&store);
    for bytes in [0, 1, 4_096] {
        store.limit_bytes(bytes).unwrap();
        store.begin().unwrap();
        assert_eq!(store.set_meta("node/large", &[1; 1_000_000]), Err(StoreError::Full));
        store.rollback().unwrap();
        assert_eq!(contents(&store), before);
    }
}

#[test]
fn what_is_written_beside_a_check_is_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.db");
    let mut store = Store::open(&path, &KEY).unwrap();
    let mut write = |from: u64| {
        store.begin().unwrap();
        for doc in from..from + 40 {
            let text = format!("路灯不亮{doc}街口{}", doc * 7);
            store.put_search(store::Shelf::Tickets, DocNo(i64::try_from(doc).unwrap()), &text, &text).unwrap();
        }
        store.commit().unwrap();
    };
    write(1);
    let reader = Reader::open(&path, &KEY).unwrap();
    for round in 1..40 {
        assert_eq!(reader.check().unwrap(), [""; 0], "round {round}");
        write(1 + round * 40);
    }
}
