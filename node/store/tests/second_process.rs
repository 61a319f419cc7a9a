//! A second process at one database. Alone in its file: a child that is being started holds whatever locks its parent has
//! open in that moment, which would lock other tests out.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use store::{Reader, Store, StoreError};

const KEY: [u8; 32] = [7; 32];

/// Names the path that the second process opens. Where it is not set, the first test is not that process.
const SECOND: &str = "STORE_TEST_SECOND_PROCESS";

#[test]
fn second_process() {
    let Ok(path) = std::env::var(SECOND) else { return };
    let store = Store::open(Path::new(&path), &KEY).unwrap();
    println!("open");
    // Until the first process is gone.
    std::io::stdin().read_line(&mut String::new()).unwrap();
    drop(store);
}

#[test]
fn writer_in_another_process_keeps_this_one_out_until_it_is_gone_even_if_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.db");
    drop(Store::open(&path, &KEY).unwrap());
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "second_process", "--nocapture"])
        .env(SECOND, &path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map(Result::unwrap).any(|line| line.ends_with("open")), "the second process opened it");
    assert_eq!(Store::open(&path, &KEY).err(), Some(StoreError::Locked));
    assert!(Reader::open(&path, &KEY).is_ok(), "pages go on");
    // Killed, it cannot tidy up: the operating system gives the lock up, and the lock file that stays is no lock.
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(Store::open(&path, &KEY).unwrap().check().unwrap().is_empty());
}
