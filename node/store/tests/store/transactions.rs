//! One group of writes: all of it, or nothing.

use regulation::ActId;
use store::{Aseq, DocNo, Reader, Store, StoreError};

use crate::rows::{KEY, act, contents, fill, id, writes};

#[test]
fn every_write_outside_a_transaction_is_refused() {
    let mut store = Store::in_memory().unwrap();
    let empty = contents(&store);
    for (name, write) in writes() {
        assert_eq!(write(&mut store), Err(StoreError::NotInTransaction), "{name}");
    }
    assert_eq!(store.commit(), Err(StoreError::NotInTransaction));
    assert_eq!(store.rollback(), Err(StoreError::NotInTransaction));
    fill(&mut store);
    let full = contents(&store);
    assert_ne!(full, empty);
    for (name, write) in writes() {
        assert_eq!(write(&mut store), Err(StoreError::NotInTransaction), "{name} after a commit");
    }
    assert_eq!(contents(&store), full);
}

#[test]
fn no_write_is_missing_from_these_tests() {
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![sources];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(path).unwrap();
            let public = source.split("    pub fn ").skip(1);
            let writing = public.filter(|function| function.contains("self.write(|store|"));
            found.extend(writing.map(|function| function.split(['(', '<']).next().unwrap().to_owned()));
        }
    }
    found.sort();
    let mut tested: Vec<&str> = writes().into_iter().map(|(name, _)| name).collect();
    tested.sort_unstable();
    assert_eq!(tested, found);
}

#[test]
fn rolled_back_transaction_leaves_nothing() {
    let mut store = Store::in_memory().unwrap();
    fill(&mut store);
    let before = contents(&store);
    store.begin().unwrap();
    assert_eq!(store.begin(), Err(StoreError::InTransaction));
    for _ in 0..3 {
        let doc = store.add_doc(&id(40)).unwrap();
        let _ = store.insert_act(&act(40, doc));
        store.set_meta("node/y", b"1").unwrap();
    }
    store.drop_projections().unwrap();
    assert!(store.in_transaction());
    store.rollback().unwrap();
    assert!(!store.in_transaction());
    assert_eq!(contents(&store), before);
    // A new one begins as if there had been none.
    store.begin().unwrap();
    store.commit().unwrap();
}

#[test]
fn write_that_was_refused_leaves_the_transaction_as_it_was() {
    let mut store = Store::in_memory().unwrap();
    fill(&mut store);
    store.begin().unwrap();
    assert_eq!(store.insert_act(&act(1, DocNo(1))), Err(StoreError::Duplicate(id(1))));
    let gap = |found| StoreError::Gap { log: 0, expected: 2, found };
    for found in [0, 1, 3, u32::MAX] {
        assert_eq!(store.registry_append(0, found, b"entry"), Err(gap(found)));
    }
    store.registry_append(0, 2, b"entry").unwrap();
    store.commit().unwrap();
    assert_eq!(store.registry_head(0).unwrap(), 2);
}

#[test]
fn write_that_failed_dooms_the_whole_transaction() {
    let mut store = Store::in_memory().unwrap();
    fill(&mut store);
    let before = contents(&store);
    store.begin().unwrap();
    store.set_meta("node/z", b"1").unwrap();
    // A part of an act that is not there: a defect of the caller, which nothing may be built on.
    let failed = store.put_part(Aseq(99), 1, &[0; 16], b"x").unwrap_err();
    assert!(failed.is_fault(), "{failed}");
    for (name, write) in writes() {
        assert_eq!(write(&mut store), Err(StoreError::RolledBack), "{name}");
    }
    assert_eq!(store.commit(), Err(StoreError::RolledBack));
    assert!(!store.in_transaction());
    assert_eq!(contents(&store), before);
    store.begin().unwrap();
    store.set_meta("node/z", b"2").unwrap();
    store.commit().unwrap();
    assert_eq!(store.meta("node/z").unwrap(), Some(b"2".to_vec()));
}

#[test]
fn transaction_that_was_never_committed_is_gone_with_its_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.db");
    let mut store = Store::open(&path, &KEY).unwrap();
    fill(&mut store);
    let before = contents(&store);
    store.begin().unwrap();
    store.set_meta("node/z", b"1").unwrap();
    drop(store);
    assert_eq!(contents(&Store::open(&path, &KEY).unwrap()), before);
}

#[test]
fn reader_sees_what_was_committed_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.db");
    let mut store = Store::open(&path, &KEY).unwrap();
    let reader = Reader::open(&path, &KEY).unwrap();
    fill(&mut store);
    assert_eq!(contents(&reader), contents(&store));
    store.begin().unwrap();
    let doc = store.add_doc(&id(50)).unwrap();
    store.insert_act(&act(50, doc)).unwrap();
    assert!(store.aseq_of(&id(50)).unwrap().is_some());
    assert_eq!(reader.aseq_of(&id(50)).unwrap(), None);
    store.commit().unwrap();
    assert!(reader.aseq_of(&id(50)).unwrap().is_some());
    let missing: Option<ActId> = reader.doc_id(DocNo(99)).unwrap();
    assert_eq!(missing, None);
}

#[test]
fn what_waits_for_a_second_person_is_listed_oldest_first_and_replaced_as_a_whole() {
    let mut store = Store::in_memory().unwrap();
    store.begin().unwrap();
    let docs = [1, 2].map(|n| store.add_doc(&id(n)).unwrap());
    let row = |act, since| store::ProposalRow { act: id(act), since, ..crate::rows::proposal() };
    store.put_proposals(docs[0], &[row(3, 30), row(4, 10)]).unwrap();
    store.put_proposals(docs[1], &[row(5, 20)]).unwrap();
    let acts = |store: &Store| store.proposals(9).unwrap().into_iter().map(|(.., row)| row).collect::<Vec<_>>();
    assert_eq!(acts(&store), [row(4, 10), row(5, 20), row(3, 30)]);
    assert_eq!(store.proposals(1).unwrap(), [(docs[0], id(1), row(4, 10))]);
    store.put_proposals(docs[0], &[]).unwrap();
    assert_eq!(acts(&store), [row(5, 20)]);
    store.commit().unwrap();
}
