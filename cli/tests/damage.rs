//! A database that is broken under a running node ends it, loudly, and nobody is told that anything was saved.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::path::{Path, PathBuf};

use desk::call::{Call, questions as q};
use desk::fault::LastFault;
use desk::form::Filled;
use node_process::{NodeProcess, ask, done, free_port};
use serde_json::Value;

fn register(node: &NodeProcess, title: &str) -> Option<Result<Value, Value>> {
    let fields: Filled = [("title", title), ("content", "夜里看不见路。"), ("category", "0104")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into_iter()
        .collect();
    ask(&node.control, None, Call::Act(q::Act { kind: "register".to_owned(), id: None, fields }))
}

/// A city that runs and has saved a ticket.
fn city() -> (tempfile::TempDir, PathBuf, NodeProcess) {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "保定市"]);
    let node = NodeProcess::serve(&city, free_port(), &[]);
    register(&node, "路灯不亮").unwrap().unwrap();
    (dir, city, node)
}

/// It ends by itself, with its reason, and leaves nothing that is asked for later with a receipt.
fn ends(city: &Path, node: NodeProcess, reason: &str) {
    if let Some(Ok(receipt)) = register(&node, "不该有受理号的路灯") {
        panic!("{reason}: {receipt}");
    }
    assert_eq!(node.ended(), Some(7), "{reason}");
    let kept = LastFault::read(city).unwrap();
    // Who reads first says what is wrong with it, in other words.
    let malformed = reason == "node.db" && kept.reason.contains("damaged");
    assert!(kept.code == "damaged" && (kept.reason.contains(reason) || malformed), "{kept:?}");
}

/// What is done to a database, by name.
type Touch = (&'static str, fn(&Path));

#[test]
fn node_whose_database_is_overwritten_deleted_or_replaced_ends_without_a_receipt() {
    let touches: [Touch; 4] = [
        ("node.db", |path| std::fs::write(path, "单位,按时办结率\r\n").unwrap()),
        ("node.db", |path| std::fs::remove_file(path).unwrap()),
        ("node.db", |path| {
            std::fs::copy(path, path.with_extension("old")).unwrap();
            std::fs::rename(path.with_extension("old"), path).unwrap();
        }),
        ("node.db-wal", |path| std::fs::remove_file(path).unwrap()),
    ];
    for (name, touch) in touches {
        let (_dir, city, node) = city();
        touch(&city.join(name));
        ends(&city, node, name);
    }
}

#[test]
fn node_that_nobody_asks_finds_within_a_second_that_its_database_was_touched() {
    let (_dir, city, node) = city();
    std::fs::write(city.join("node.db"), "单位,按时办结率\r\n").unwrap();
    assert_eq!(node.ended(), Some(7));
    assert!(LastFault::read(&city).unwrap().reason.contains("node.db"));
}

#[test]
fn damage_that_only_a_reader_finds_ends_the_node() {
    let (_dir, city, node) = city();
    node.stop();
    // What it saved is in the database now, and no longer in the log.
    let node = NodeProcess::serve(&city, free_port(), &[]);
    // As a failing disk does it: no other size, no other time.
    let path = city.join("node.db");
    let found = path.metadata().unwrap();
    let log = || city.join("node.db-wal").metadata().unwrap().len();
    let held = log();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    let garbage = vec![0xa5; usize::try_from(found.len()).unwrap()];
    std::os::unix::fs::FileExt::write_all_at(&file, &garbage, 0).unwrap();
    file.set_modified(found.modified().unwrap()).unwrap();
    let told = ask(&node.control, None, Call::Verify(q::Verify { id: None, projections: false }));
    let said = format!("{told:?}");
    assert!(told.is_none_or(|told| told.is_err_and(|told| told["exit"] == 7)), "{said}");
    assert_eq!(node.ended(), Some(7));
    let kept = LastFault::read(&city).unwrap();
    assert!(["damaged", "storage"].contains(&kept.code.as_str()), "{kept:?}");
    assert!(log() >= held, "what the log holds is left for whoever mends it");
}

#[test]
fn commands_on_a_damaged_database_say_that_it_is_and_end_so() {
    let (_dir, city, node) = city();
    node.stop();
    // Served once more, what it saved is in the database and no longer in the log.
    NodeProcess::serve(&city, free_port(), &[]).stop();
    let path = city.join("node.db");
    let size = usize::try_from(path.metadata().unwrap().len()).unwrap();
    // All but the beginning, by which the key is proved.
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &vec![0xa5; size - 8 * 4096], 8 * 4096).unwrap();
    for words in [&["status"][..], &["ticket", "list"], &["alarm", "list"]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_jiesu"));
        command.args(words).arg("--dir").arg(&city).env("JIESU_OPEN_COMMANDS", "1");
        let output = command.env("JIESU_PASSWORD", node_process::PASSWORD).output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        assert_eq!(output.status.code(), Some(7), "{words:?}: {said}");
        assert!(said.contains("已损坏") && !said.contains("磁盘已满"), "{words:?}: {said}");
    }
}
