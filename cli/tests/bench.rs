//! The benchmark runs through, so that it is there when somebody needs its figures. What it measures in a small city says
//! nothing of a large one.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::process::Command;

use serde_json::Value;

#[test]
fn a_small_city_is_made_by_its_nodes_and_measured_whole() {
    let dir = tempfile::tempdir().unwrap();
    let words = ["bench", "hub", "--n", "200", "--seed", "7", "--writers", "1,8", "--json", "--dir"];
    let output = Command::new(env!("CARGO_BIN_EXE_jiesu")).args(words).arg(dir.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["tickets"], &told["city"]["refused"]), (&200.into(), &0.into()), "{told}");
    let acts = told["city"]["acts_of_people_a_ticket"].as_f64().unwrap();
    assert!((6.0..9.0).contains(&acts), "{acts}");
    assert_eq!(told["killed"]["lost"], 0, "{told}");
    assert!(told["writers"].as_array().unwrap().iter().all(|of| of["acts"].as_u64() > Some(0)), "{told}");
    let pages = told["pages"].as_array().unwrap();
    let names: Vec<&str> = pages.iter().filter_map(|page| page["name"].as_str()).collect();
    for name in ["asset", "list", "tab archived", "ticket", "search", "sync", "article", "call report rates"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    assert!(pages.iter().all(|page| page["n"].as_u64() >= Some(3) && page["p99_ms"].as_f64() > Some(0.0)), "{told}");
    assert!(told["calendar"]["lists_right_after_s"].as_f64().is_some(), "{told}");
}
