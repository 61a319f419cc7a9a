//! What was told as saved is never missing in silence: whatever happens to the files of a database, it is refused, or
//! everything that was told is there.

use std::path::{Path, PathBuf};

use store::{LOG_PAGES_MAX, Loss, Queries, Reader, Store, StoreError};
use tempfile::TempDir;

use crate::rows::{KEY, fill};

const ENDINGS: [&str; 3] = ["", "-wal", ".mark"];
/// Bytes of a frame of the log: its header and a page.
const FRAME: usize = 24 + 4_096;

/// The files of a database at some moment, as a process that is killed then leaves them.
#[derive(Clone)]
struct Files([Option<Vec<u8>>; 3]);

impl Files {
    fn of(path: &Path) -> Self {
        Self(ENDINGS.map(|ending| std::fs::read(beside(path, ending)).ok()))
    }

    fn with(&self, file: usize, bytes: Option<Vec<u8>>) -> Self {
        let mut files = self.clone();
        files.0[file] = bytes;
        files
    }

    fn bytes(&self, file: usize) -> &[u8] {
        self.0[file].as_deref().unwrap()
    }

    /// What comes of opening it and reading all of it.
    fn told(&self, told: usize) -> Outcome {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.db");
        for (ending, bytes) in ENDINGS.iter().zip(&self.0) {
            if let Some(bytes) = bytes {
                std::fs::write(beside(&path, ending), bytes).unwrap();
            }
        }
        let read = Reader::open(&path, &KEY).and_then(|reader| missing(&reader, told));
        let opened = Store::open(&path, &KEY).and_then(|store| missing(&store, told));
        match opened {
            Ok(missing) if missing || read == Ok(true) => Outcome::Missing,
            Ok(_) => Outcome::Whole,
            Err(error) => Outcome::Refused(error),
        }
    }
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Whole,
    Missing,
    Refused(StoreError),
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}{ending}", path.display()))
}

fn name(n: usize) -> String {
    format!("node/told/{n}")
}

/// Whether one of the facts that were told is not there, and whether all the rest can be read.
fn missing(store: &Queries, told: usize) -> Result<bool, StoreError> {
    for n in 0..told {
        if store.meta(&name(n))?.is_none_or(|value| value != value_of(n)) {
            return Ok(true);
        }
    }
    store.dump_projections()?;
    Ok(false)
}

/// Small enough to stand in one page: where SQLite looks for no structure a damaged page is read as zeros, which the kernel
/// finds by the hashes of what was signed.
fn value_of(n: usize) -> Vec<u8> {
    vec![u8::try_from(n % 251).unwrap(); 40 + n % 7 * 100]
}

fn tell(store: &mut Store, n: usize) {
    store.begin().unwrap();
    store.set_meta(&name(n), &value_of(n)).unwrap();
    store.commit().unwrap();
}

/// A database of which `told` facts were told, some of them in the file and some in the log; open still.
fn working(told: usize) -> (TempDir, PathBuf, Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.db");
    let mut store = Store::open(&path, &KEY).unwrap();
    fill(&mut store);
    for n in 0..told / 2 {
        tell(&mut store, n);
    }
    drop(store);
    let mut store = Store::open(&path, &KEY).unwrap();
    for n in told / 2..told {
        tell(&mut store, n);
    }
    (folder, path, store)
}

/// Flips one bit in each of `places` of a file; how many were whole, and how many refused.
fn flip_each(files: &Files, file: usize, places: impl Iterator<Item = usize>, told: usize) -> [usize; 2] {
    let places: Vec<(usize, usize)> = places.enumerate().collect();
    let flip = |(n, place): &(usize, usize)| {
        let mut bytes = files.bytes(file).to_vec();
        bytes[*place] ^= 1 << (n % 8);
        match files.with(file, Some(bytes)).told(told) {
            Outcome::Whole => [1, 0],
            Outcome::Refused(_) => [0, 1],
            Outcome::Missing => panic!("bit {} of byte {place} of node.db{}", n % 8, ENDINGS[file]),
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let seen = std::thread::scope(|scope| {
        let portions = places.chunks(places.len().div_ceil(threads).max(1));
        let workers: Vec<_> = portions
            .map(|portion| {
                scope.spawn(move || portion.iter().map(flip).fold([0, 0], |a, b| [a[0] + b[0], a[1] + b[1]]))
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).fold([0, 0], |a, b| [a[0] + b[0], a[1] + b[1]])
    });
    println!("node.db{}: {} flips, {} whole, {} refused, none missing", ENDINGS[file], places.len(), seen[0], seen[1]);
    seen
}

/// Every so many bytes of what is alike in a file one bit is flipped. `JIESU_FLIPS=20` flips twenty times as many.
fn every(bytes: usize) -> usize {
    let more = std::env::var("JIESU_FLIPS").ok().and_then(|more| more.parse().ok()).unwrap_or(1);
    (bytes / more).max(1)
}

/// Flips that a test run does at least, in log, database and mark: 2,000 in all.
const FLIPS_MIN: [usize; 3] = [800, 900, 300];

#[test]
fn bit_flipped_in_the_log_is_refused_wherever_it_is() {
    let (_folder, path, store) = working(12);
    let files = Files::of(&path);
    drop(store);
    assert_eq!(files.told(12), Outcome::Whole);
    let length = files.bytes(1).len();
    // The header, the header of each frame, and pages.
    let header = 0..32;
    let frames = (32..length).step_by(FRAME).flat_map(|at| at..at + 24);
    let [whole, refused] = flip_each(&files, 1, header.chain(frames), 12);
    assert!(refused > 300 && whole < refused / 4, "{whole} whole, {refused} refused");
    let heads = whole + refused;
    let [whole, refused] = flip_each(&files, 1, (32 + 24..length).step_by(every(101)), 12);
    assert!(whole < refused / 4, "{whole} whole, {refused} refused");
    assert!(heads + whole + refused >= FLIPS_MIN[0], "{heads} and {}", whole + refused);
}

#[test]
fn bit_flipped_in_the_database_is_refused_or_changes_nothing() {
    let (_folder, path, store) = working(12);
    drop(store);
    let files = Files::of(&path);
    let (length, pages) = (files.bytes(0).len(), files.bytes(0).len() / 4_096);
    let borders = (0..pages).flat_map(|page| [0, 1, 8, 100, 4_000, 4_015, 4_016, 4_090].map(|at| page * 4_096 + at));
    let places = (0..100).chain(borders).chain((100..length).step_by(every(509)));
    let [whole, refused] = flip_each(&files, 0, places, 12);
    assert!(refused > 100, "{refused}");
    assert!(whole + refused >= FLIPS_MIN[1], "{}", whole + refused);
}

#[test]
fn bit_flipped_in_one_slot_of_the_mark_changes_nothing() {
    let (_folder, path, store) = working(12);
    let files = Files::of(&path);
    drop(store);
    let places = (0..80).chain(4_096..4_096 + 80).chain((80..2 * store::SLOT_BYTES).step_by(every(53)));
    let [whole, refused] = flip_each(&files, 2, places, 12);
    assert_eq!(refused, 0, "the other slot is there");
    assert!(whole >= FLIPS_MIN[2], "{whole}");
    let mut both = files.bytes(2).to_vec();
    both[10] ^= 1;
    both[4_096 + 10] ^= 1;
    let unmarked = Outcome::Refused(StoreError::Lost(Loss::Unmarked));
    assert_eq!(files.with(2, Some(both)).told(12), unmarked);
    assert_eq!(files.with(2, None).told(12), unmarked);
    assert_eq!(files.with(2, Some(vec![0; 10])).told(12), unmarked);
}

#[test]
fn log_that_is_gone_cut_or_of_another_hour_is_refused() {
    let (_folder, path, mut store) = working(12);
    let files = Files::of(&path);
    let lost = |files: Files, told| match files.told(told) {
        // A page of another hour may also not fit the others.
        Outcome::Refused(StoreError::Lost(_) | StoreError::Corrupt(_)) => {}
        other => panic!("{other:?}"),
    };
    lost(files.with(1, None), 12);
    lost(files.with(1, Some(Vec::new())), 12);
    let length = files.bytes(1).len();
    // At each frame's border and inside of it. A tail that no commit covers may be gone.
    let cuts = (0..length).step_by(FRAME).flat_map(|at| [at + 32, at + 40, at + 32 + 24, at + 2_000]);
    for cut in cuts.filter(|cut| *cut < length) {
        let log = files.bytes(1)[..cut].to_vec();
        assert_ne!(files.with(1, Some(log)).told(12), Outcome::Missing, "cut at {cut}");
    }
    lost(files.with(1, Some(files.bytes(1)[..length - FRAME].to_vec())), 12);
    // More is told; then the log of before is put back, and the file and log of before.
    tell(&mut store, 12);
    let later = Files::of(&path);
    lost(later.with(1, files.0[1].clone()), 13);
    lost(Files([files.0[0].clone(), files.0[1].clone(), later.0[2].clone()]), 13);
    // A clean stop leaves no log behind that anything hangs on.
    drop(store);
    let stopped = Files::of(&path);
    assert_eq!(stopped.bytes(1).len(), 0);
    assert_eq!(stopped.with(1, None).told(13), Outcome::Whole);
    lost(stopped.with(1, files.0[1].clone()), 13);
}

#[test]
fn log_or_database_or_mark_of_another_database_is_refused() {
    let (_folder, path, store) = working(12);
    let (_other_folder, other_path, other_store) = working(12);
    let (mine, other) = (Files::of(&path), Files::of(&other_path));
    drop((store, other_store));
    let foreign = mine.with(1, other.0[1].clone()).told(12);
    assert!(matches!(foreign, Outcome::Refused(_)), "{foreign:?}");
    let stopped = Files::of(&other_path);
    for foreign in [mine.with(2, other.0[2].clone()), stopped.with(2, mine.0[2].clone())] {
        assert_eq!(foreign.told(12), Outcome::Refused(StoreError::Lost(Loss::Foreign)));
    }
    // The file alone, and nothing at all.
    assert_eq!(stopped.with(0, None).told(12), Outcome::Refused(StoreError::Lost(Loss::Database)));
}

#[test]
fn log_that_is_gone_while_it_was_being_copied_is_refused_though_the_count_is_there() {
    let (_folder, path, mut store) = working(12);
    // A reader holds the log, so that copying it comes to no end.
    let reader = Reader::open(&path, &KEY).unwrap();
    let held = std::thread::scope(|scope| {
        let (begun, wait) = std::sync::mpsc::channel();
        let (done, end) = std::sync::mpsc::channel::<()>();
        scope.spawn(move || {
            reader.holding(|| {
                begun.send(()).unwrap();
                let _ = end.recv();
            })
        });
        wait.recv().unwrap();
        tell(&mut store, 12);
        store.begin().unwrap();
        let pages = usize::try_from(LOG_PAGES_MAX).unwrap();
        store.set_meta("node/large", &vec![7; (pages + 1) * 4_096]).unwrap();
        store.commit().unwrap();
        let held = Files::of(&path);
        drop(done);
        held
    });
    assert_eq!(held.told(13), Outcome::Whole);
    for log in [None, Some(Vec::new())] {
        let without = held.with(1, log).told(13);
        assert!(matches!(without, Outcome::Refused(StoreError::Lost(_))), "{without:?}");
    }
    let mut header = held.bytes(1).to_vec();
    header[20] ^= 1;
    let without = held.with(1, Some(header)).told(13);
    assert!(matches!(without, Outcome::Refused(StoreError::Lost(_))), "{without:?}");
    assert_eq!(missing(&store, 13), Ok(false));
}

#[test]
fn database_that_is_killed_between_its_commit_and_its_mark_is_whole() {
    let (_folder, path, mut store) = working(12);
    let before = Files::of(&path);
    tell(&mut store, 12);
    let after = Files::of(&path);
    assert_eq!(after.with(2, before.0[2].clone()).told(13), Outcome::Whole);
    // Told or not, the next one is counted on.
    drop(store);
    let mut store = Store::open(&path, &KEY).unwrap();
    tell(&mut store, 13);
    drop(store);
    assert_eq!(Files::of(&path).told(14), Outcome::Whole);
}

#[test]
fn after_a_loss_what_is_left_counts_only_once_something_was_committed() {
    let (_folder, path, store) = working(12);
    let before = Files::of(&path);
    drop(store);
    std::fs::write(beside(&path, ""), before.bytes(0)).unwrap();
    std::fs::remove_file(beside(&path, "-wal")).unwrap();
    let lost = || matches!(Store::open(&path, &KEY).err(), Some(StoreError::Lost(Loss::Behind { .. })));
    assert!(lost());
    drop(Store::open_after_loss(&path, &KEY).unwrap());
    assert!(lost(), "nothing was committed");
    let mut store = Store::open_after_loss(&path, &KEY).unwrap();
    assert!(missing(&store, 12).unwrap() && !missing(&store, 6).unwrap());
    tell(&mut store, 20);
    drop(store);
    assert!(Store::open(&path, &KEY).is_ok());
    assert!(Reader::open(&path, &KEY).is_ok());
}

#[test]
fn refusing_changes_no_file() {
    let (_folder, path, store) = working(12);
    drop(store);
    let files = Files::of(&path);
    let mut mark = files.bytes(2).to_vec();
    mark[30] ^= 1;
    mark[4_096 + 30] ^= 1;
    std::fs::write(beside(&path, ".mark"), &mark).unwrap();
    for _ in 0..2 {
        assert!(Store::open(&path, &KEY).is_err());
        assert!(Reader::open(&path, &KEY).is_err());
        assert_eq!(Files::of(&path).with(2, None).0, files.with(2, None).0);
    }
}

#[cfg(unix)]
#[test]
fn files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path, store) = working(2);
    let modes = || {
        let entries = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap);
        entries
            .map(|entry| (entry.file_name(), entry.metadata().unwrap().permissions().mode() & 0o777))
            .collect::<Vec<_>>()
    };
    assert!(modes().len() >= 4);
    assert!(modes().iter().all(|(_, mode)| *mode == 0o600), "{:?}", modes());
    drop(store);
    // A folder from before, or one that was copied.
    for ending in ENDINGS {
        std::fs::set_permissions(beside(&path, ending), std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let _store = Store::open(&path, &KEY).unwrap();
    assert!(modes().iter().all(|(_, mode)| *mode == 0o600), "{:?}", modes());
}
