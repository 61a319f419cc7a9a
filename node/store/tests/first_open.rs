//! The first databases of a process. Alone in its file: the first opening happens once a process.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Barrier;
use std::thread;

use store::Store;

const THREADS: usize = 8;

#[test]
fn first_databases_of_a_process_are_opened_by_many_threads_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for at in 0..THREADS {
            let (folder, start) = (folder.path(), &start);
            scope.spawn(move || {
                let path = folder.join(format!("{at}.db"));
                start.wait();
                assert!(Store::open(&path, &[7; 32]).unwrap().check().unwrap().is_empty());
            });
        }
    });
}
