//! A database that lacks what was told as saved: every command says so, and how to go on.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::path::Path;

use desk::call::{Call, questions as q};
use desk::form::Filled;
use node_process::{NodeProcess, ask, done, free_port, jiesu};
use serde_json::Value;

fn register(node: &NodeProcess, title: &str) -> String {
    let fields: Filled = [("title", title), ("content", "夜里看不见路。"), ("category", "0104")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into_iter()
        .collect();
    let made = ask(&node.control, None, Call::Act(q::Act { kind: "register".to_owned(), id: None, fields }));
    made.unwrap().unwrap()["number"].as_str().unwrap().to_owned()
}

fn serial(number: &str) -> u32 {
    number.split('-').nth(3).unwrap().parse().unwrap()
}

fn refused(dir: &Path, words: &[&str]) {
    let (code, value) = jiesu(dir, words);
    assert_eq!((code, &value["code"]), (7, &Value::from("lost")), "{words:?}: {value}");
    assert!(value["title"].as_str().unwrap().contains("--after-loss"), "{value}");
}

#[test]
fn node_that_lost_what_it_told_is_refused_by_every_command_until_somebody_says_how_to_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "保定市"]);
    let log = city.join("node.db-wal");
    assert_eq!(log.metadata().unwrap().len(), 0, "a clean stop leaves no log that anything hangs on");
    let node = NodeProcess::serve(&city, free_port(), &[]);
    let kept = register(&node, "第一盏路灯不亮");
    let before = log.metadata().unwrap().len();
    let lost = register(&node, "第二盏路灯不亮");
    node.kill();
    let mut bytes = std::fs::read(&log).unwrap();
    bytes[usize::try_from(before).unwrap() + 100] ^= 1;
    std::fs::write(&log, bytes).unwrap();

    let serve = ["serve", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"];
    for words in [&serve[..], &["status"], &["ticket", "list"], &["verify", "--all"], &["rebuild"]] {
        refused(&city, words);
    }
    let node = NodeProcess::serve_with(&city, free_port(), &[], &["--after-loss"]);
    let next = register(&node, "第三盏路灯不亮");
    assert!(serial(&next) > serial(&lost) + 900, "{lost} {next}: a number is never given twice");
    node.stop();
    // There is nobody else in this city for whom its hub would wait.
    let (code, value) = jiesu(&city, &["hub", "waive"]);
    assert_eq!((code, &value["code"]), (1, &Value::from("nothing-to-waive")), "{value}");
    // The flag that stayed in a start script costs nothing more; only whoever says that it was a backup goes on.
    let (code, value) = jiesu(&city, &[&serve[..], &["--after-loss"]].concat());
    assert_eq!((code, &value["code"]), (5, &Value::from("bad-input")), "{value}");
    assert!(value["title"].as_str().unwrap().contains("--after-loss=backup"), "{value}");
    let node = NodeProcess::serve(&city, free_port(), &[]);
    assert_eq!(serial(&register(&node, "第四盏路灯不亮")), serial(&next) + 1, "no number was skipped");
    node.stop();
    let node = NodeProcess::serve_with(&city, free_port(), &[], &["--after-loss=backup"]);
    assert!(serial(&register(&node, "第五盏路灯不亮")) > serial(&next) + 900);
    node.stop();
    let listed = done(&city, &["ticket", "list"]).to_string();
    assert!(listed.contains(&kept) && listed.contains(&next) && !listed.contains(&lost), "{listed}");
    assert_eq!(done(&city, &["verify", "--all"])["ok"], true);
}

#[test]
fn database_that_is_gone_is_not_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "保定市"]);
    std::fs::remove_file(city.join("node.db")).unwrap();
    refused(&city, &["status"]);
    for name in ["node.db-wal", "node.db.mark"] {
        std::fs::remove_file(city.join(name)).unwrap();
    }
    refused(&city, &["status"]);
}

/// Copies a folder, file by file.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

fn lists(dir: &Path, number: &str) -> bool {
    done(dir, &["ticket", "list"]).to_string().contains(number)
}

#[test]
fn node_that_was_put_back_writes_at_once_and_gets_back_what_others_hold() {
    let dir = tempfile::tempdir().unwrap();
    let (city, town, backup) = (dir.path().join("city"), dir.path().join("town"), dir.path().join("backup"));
    done(&city, &["init", "city", "--name", "保定市"]);
    let port = free_port();
    let hub = NodeProcess::serve(&city, port, &[]);
    let address = format!("127.0.0.1:{port}");
    let invited = done(&city, &["invite", "--unit", "义安镇", "--class", "office", "--address", &address]);
    let token = invited["token"].as_str().unwrap();
    done(&town, &["join", token, "--person", "孙承办", "--person-login", "zhen"]);
    let office = NodeProcess::serve(&town, free_port(), &[port]);
    let before = register(&office, "第一盏路灯不亮");
    office.stop();
    copy(&town, &backup);
    let office = NodeProcess::serve(&town, free_port(), &[port]);
    let lost = register(&office, "第二盏路灯不亮");
    // It reached the city before the disk died.
    while !lists(&city, &lost) {}
    office.kill();
    std::fs::remove_dir_all(&town).unwrap();
    copy(&backup, &town);

    // Nobody is reached: it writes all the same, under numbers that were never given.
    let office = NodeProcess::serve_with(&town, free_port(), &[], &["--restored"]);
    assert!(lists(&town, &before) && !lists(&town, &lost));
    let next = register(&office, "第三盏路灯不亮");
    assert!(serial(&next) > serial(&lost) + 900, "{lost} {next}");
    let alarms = done(&town, &["status"]).to_string();
    assert!(alarms.contains("lost-here"), "{alarms}");
    office.stop();
    // Back in the network what it lost comes back, and what it made goes out; nothing collides.
    let office = NodeProcess::serve(&town, free_port(), &[port]);
    while !lists(&town, &lost) || !lists(&city, &next) {}
    for node in [&city, &town] {
        assert!([&before, &lost, &next].iter().all(|number| lists(node, number)));
        assert_eq!(done(node, &["verify", "--all"])["ok"], true);
        assert!(!done(node, &["status"]).to_string().contains("twin-acts"));
    }
    office.stop();
    hub.stop();
}
