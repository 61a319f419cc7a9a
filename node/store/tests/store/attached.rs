//! Files that are attached: found by what they are, once, and gone when no document has them.

use regulation::ids::ActId;
use store::{Attached, StoreError};

const KEY: [u8; 32] = [7; 32];
const ROOT: [u8; 32] = [9; 32];

fn kept(files: &mut Attached, doc: u8) -> store::FileNo {
    let file = files.begin(1_000).unwrap();
    files.push(file, 0, b"PERSONAL-DATA-IN-A-PHOTOGRAPH").unwrap();
    files.push(file, 1, b"!").unwrap();
    files.finish(file, ROOT, 30, ActId([doc; 32])).unwrap()
}

#[test]
fn file_of_two_tickets_is_kept_once_and_goes_with_the_second() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("files.db");
    let mut files = Attached::open(&path, &KEY).unwrap();
    let first = kept(&mut files, 1);
    assert_eq!(kept(&mut files, 2), first);
    assert_eq!(files.bytes().unwrap(), 30);
    let (one, two, three) = (ActId([1; 32]), ActId([2; 32]), ActId([3; 32]));
    assert_eq!(files.find(ROOT, 30, one).unwrap(), Some(first));
    assert_eq!(files.find(ROOT, 30, three).unwrap(), None, "whoever knows a digest has no claim to its file");
    assert_eq!(files.find(ROOT, 31, one).unwrap(), None);
    files.part(first, Some(one)).unwrap();
    assert_eq!((files.find(ROOT, 30, one).unwrap(), files.find(ROOT, 30, two).unwrap()), (None, Some(first)));
    files.part(first, Some(two)).unwrap();
    assert_eq!((files.piece(first, 0).unwrap(), files.bytes().unwrap()), (None, 0));
}

#[test]
fn bytes_lie_encrypted_and_only_one_key_opens_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("files.db");
    let mut files = Attached::open(&path, &KEY).unwrap();
    let file = kept(&mut files, 1);
    assert_eq!(files.piece(file, 0).unwrap().as_deref(), Some(&b"PERSONAL-DATA-IN-A-PHOTOGRAPH"[..]));
    assert_eq!(files.piece(file, 2).unwrap(), None);
    for ending in ["", "-wal"] {
        let written = std::fs::read(folder.path().join(format!("files.db{ending}"))).unwrap_or_default();
        assert!(!written.windows(8).any(|window| window == b"PERSONAL"), "files.db{ending}");
    }
    assert_eq!(Attached::open(&path, &[8; 32]).err(), Some(StoreError::WrongKey));
}

#[test]
fn what_was_cut_off_is_never_found_and_each_file_is_looked_at_in_its_turn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("files.db");
    {
        let files = Attached::open(&path, &KEY).unwrap();
        let file = files.begin(5).unwrap();
        files.push(file, 0, b"half").unwrap();
    }
    let mut files = Attached::open(&path, &KEY).unwrap();
    assert_eq!(files.find([0; 32], 0, ActId([1; 32])).unwrap(), None);
    let whole = kept(&mut files, 1);
    let seen = files.look(2_000, 1_500, 8).unwrap();
    assert_eq!(seen.iter().map(|row| row.docs.len()).collect::<Vec<_>>(), [0, 1]);
    assert!(files.look(2_100, 1_500, 8).unwrap().is_empty(), "looked at a moment ago");
    files.part(seen[0].file, None).unwrap();
    files.part(seen[1].file, None).unwrap();
    assert!(files.piece(whole, 0).unwrap().is_some(), "a document has it");
    assert_eq!(files.look(9_000, 9_000, 8).unwrap().len(), 1);
}

#[test]
fn what_is_erased_gives_its_room_back_to_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("files.db");
    let mut files = Attached::open(&path, &KEY).unwrap();
    let length = || std::fs::metadata(&path).unwrap().len();
    let empty = length();
    let file = files.begin(1).unwrap();
    for n in 0..4 {
        files.push(file, n, &[7; 1 << 20]).unwrap();
    }
    files.part(file, None).unwrap();
    assert!(length() < empty + (64 << 10), "{} of {empty} bytes", length());
}
