//! Backups and snapshots.

use store::{Reader, Store, StoreError, backup};

use crate::rows::{KEY, act, contents, fill, id};

const OTHER: [u8; 32] = [8; 32];

#[test]
fn backup_holds_everything_under_its_own_key() {
    let folder = tempfile::tempdir().unwrap();
    let (path, target) = (folder.path().join("node.db"), folder.path().join("backup.db"));
    let mut store = Store::open(&path, &KEY).unwrap();
    fill(&mut store);
    store.backup_to(&target, &OTHER).unwrap();
    assert_eq!(Reader::open(&target, &KEY).err(), Some(StoreError::WrongKey));
    let copy = Store::open_after_loss(&target, &OTHER).unwrap();
    assert_eq!(contents(&copy), contents(&store));
    let (mine, theirs) = (store.act(&id(1)).unwrap().unwrap(), copy.act(&id(1)).unwrap().unwrap());
    assert_eq!(mine, theirs, "act, signature and parts");
    assert_eq!(copy.registry_entries(0, 0).unwrap(), store.registry_entries(0, 0).unwrap());
    assert_eq!(copy.feed_head(store::ScopeId(3)).unwrap(), store.feed_head(store::ScopeId(3)).unwrap());
    assert!(copy.check().unwrap().is_empty());
}

#[test]
fn restored_backup_can_be_written_and_shares_nothing_with_its_origin() {
    let folder = tempfile::tempdir().unwrap();
    let (path, target) = (folder.path().join("node.db"), folder.path().join("backup.db"));
    let mut store = Store::open(&path, &KEY).unwrap();
    fill(&mut store);
    store.backup_to(&target, &KEY).unwrap();
    store.begin().unwrap();
    store.set_meta("node/later", b"1").unwrap();
    store.commit().unwrap();
    let mut copy = Store::open_after_loss(&target, &KEY).unwrap();
    assert_eq!(copy.meta("node/later").unwrap(), None);
    copy.begin().unwrap();
    let doc = copy.add_doc(&id(70)).unwrap();
    copy.insert_act(&act(70, doc)).unwrap();
    copy.commit().unwrap();
    assert_eq!(store.aseq_of(&id(70)).unwrap(), None);
}

#[test]
fn backup_beside_a_running_writer_is_as_of_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let (path, target) = (folder.path().join("node.db"), folder.path().join("backup.db"));
    let mut store = Store::open(&path, &KEY).unwrap();
    fill(&mut store);
    let committed = contents(&store);
    store.begin().unwrap();
    let doc = store.add_doc(&id(70)).unwrap();
    store.insert_act(&act(70, doc)).unwrap();
    backup(&path, &KEY, &target, &OTHER).unwrap();
    store.commit().unwrap();
    assert_eq!(contents(&Store::open_after_loss(&target, &OTHER).unwrap()), committed);
}

#[test]
fn backup_overwrites_nothing_and_leaves_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.db");
    let mut store = Store::open(&path, &KEY).unwrap();
    fill(&mut store);
    let taken = folder.path().join("taken");
    std::fs::write(&taken, b"a letter").unwrap();
    assert_eq!(store.backup_to(&taken, &KEY), Err(StoreError::Exists));
    assert_eq!(backup(&path, &KEY, &taken, &KEY), Err(StoreError::Exists));
    assert_eq!(store.backup_to(&path, &KEY), Err(StoreError::Exists), "not over itself either");
    assert_eq!(std::fs::read(&taken).unwrap(), b"a letter");
    let nowhere = folder.path().join("no/folder/backup.db");
    assert!(store.backup_to(&nowhere, &KEY).is_err_and(|error| error.is_fault()));
    assert!(!nowhere.exists());
    assert_eq!(backup(&folder.path().join("none.db"), &KEY, &nowhere, &KEY), Err(StoreError::Missing));
    // The writer goes on after each of them.
    store.begin().unwrap();
    store.commit().unwrap();
    store.backup_to(&folder.path().join("backup.db"), &KEY).unwrap();
}

#[test]
fn nothing_is_copied_out_of_the_middle_of_a_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.db");
    let mut store = Store::open(&path, &KEY).unwrap();
    store.begin().unwrap();
    let target = folder.path().join("backup.db");
    assert_eq!(store.backup_to(&target, &KEY), Err(StoreError::InTransaction));
    assert_eq!(store.snapshot().err(), Some(StoreError::InTransaction));
    assert!(!target.exists());
}

#[test]
fn snapshot_of_a_file_and_of_memory_holds_everything_and_shares_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for mut store in [Store::open(&folder.path().join("node.db"), &KEY).unwrap(), Store::in_memory().unwrap()] {
        fill(&mut store);
        let mut copy = store.snapshot().unwrap();
        assert_eq!(contents(&copy), contents(&store));
        copy.begin().unwrap();
        copy.set_meta("node/later", b"1").unwrap();
        copy.commit().unwrap();
        assert_eq!(store.meta("node/later").unwrap(), None);
        // A copy of a copy, as the simulator makes them.
        assert_eq!(contents(&copy.snapshot().unwrap()), contents(&copy));
    }
}
