//! What a durable commit costs, and how much of it is the mark: `cargo run --release -p store --example commits -- DIR`.
//! The mark's own write is measured in between, alone: the same bytes at the same places, forced to the same disk.
#![expect(clippy::print_stdout, clippy::disallowed_methods, clippy::unwrap_used, reason = "it measures and prints")]

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use store::{SLOT_BYTES, Store};

const ROUNDS: usize = 1_000;

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() {
    let parent = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    for bytes in [500, 50_000] {
        let folder = tempfile::tempdir_in(&parent).unwrap();
        let mut store = Store::open(&folder.path().join("node.db"), &[7; 32]).unwrap();
        let mut slots = File::create_new(folder.path().join("slots")).unwrap();
        slots.write_all(&[0; 2 * SLOT_BYTES]).unwrap();
        slots.sync_all().unwrap();
        let (mut commits, mut marks) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let began = Instant::now();
            store.begin().unwrap();
            store.set_meta(&format!("node/{}", round % 400), &vec![1; bytes]).unwrap();
            store.commit().unwrap();
            commits.push(began.elapsed());
            let began = Instant::now();
            slots.seek(SeekFrom::Start((round % 2 * SLOT_BYTES) as u64)).unwrap();
            slots.write_all(&vec![round.to_le_bytes()[0]; SLOT_BYTES]).unwrap();
            slots.sync_data().unwrap();
            marks.push(began.elapsed());
        }
        let (commit, mark) = (median(commits), median(marks));
        let without = commit.saturating_sub(mark);
        println!(
            "{bytes} bytes a commit, {ROUNDS} commits: {commit:?} with the mark, {mark:?} of it the mark: {:.2} times one without",
            commit.as_secs_f64() / without.as_secs_f64()
        );
    }
}
