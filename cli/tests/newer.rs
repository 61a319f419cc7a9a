//! What commands say of a ticket or an article on which a newer program has acted.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;
#[path = "support/put_newer.rs"]
mod put_newer;

use std::path::Path;
use std::process::Command;

use desk::Home;
use node_process::{PASSWORD, done, jiesu};
use put_newer::put_newer;
use regulation::ActId;

fn printed(dir: &Path, words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiesu"));
    let output = command.args(words).arg("--dir").arg(dir).env("JIESU_PASSWORD", PASSWORD).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn ticket_with_something_newer_says_so_in_list_and_show_stays_readable_and_takes_no_act() {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "示例市"]);
    let words = ["ticket", "register", "--content", "夜里看不见路。", "--category", "0104", "--title"];
    let [id, other] = ["东街路灯不亮", "西街井盖丢失"]
        .map(|title| done(&city, &[&words[..], &[title]].concat())["id"].as_str().unwrap().to_owned());
    put_newer(&Home::open(&city).unwrap(), ActId::parse(&id).unwrap());
    done(&city, &["rebuild"]);
    let listed = printed(&city, &["ticket", "list"]);
    let marked: Vec<&str> = listed.lines().filter(|line| line.contains("需升级")).collect();
    assert!(marked.len() == 1 && marked[0].contains("东街路灯不亮"), "{listed}");
    let shown = printed(&city, &["ticket", "show", &id]);
    assert!(shown.contains("需升级") && shown.contains("夜里看不见路。"), "{shown}");
    assert!(!printed(&city, &["ticket", "show", &other]).contains("需升级"));
    let english = printed(&city, &["ticket", "show", &id, "--lang", "en"]);
    assert!(english.contains("upgrade needed"), "{english}");
    let (code, problem) = jiesu(&city, &["ticket", "act", "note", &id, "--text", "已电话核实"]);
    assert!(code != 0 && problem["code"] == "needs-upgrade", "{code} {problem}");
    assert_eq!(done(&city, &["ticket", "show", &other])["acts"].as_array().unwrap().len(), 1);
}

#[test]
fn article_with_something_newer_says_so_in_list_and_show_stays_readable_and_takes_no_act() {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "示例市"]);
    let words = ["kb", "add", "--body", "拨打供热公司电话。", "--category", "0104", "--title"];
    let [id, other] = ["供暖报修", "路灯报修"]
        .map(|title| done(&city, &[&words[..], &[title]].concat())["id"].as_str().unwrap().to_owned());
    assert!(!done(&city, &["kb", "show", &id])["options"].as_array().unwrap().is_empty());
    put_newer(&Home::open(&city).unwrap(), ActId::parse(&id).unwrap());
    let listed = printed(&city, &["kb", "search", "报修"]);
    let marked: Vec<&str> = listed.lines().filter(|line| line.contains("需升级")).collect();
    assert!(marked.len() == 1 && marked[0].contains("供暖报修"), "{listed}");
    let shown = printed(&city, &["kb", "show", &id]);
    assert!(shown.contains("需升级") && shown.contains("拨打供热公司电话。"), "{shown}");
    assert!(!printed(&city, &["kb", "show", &other]).contains("需升级"));
    let told = done(&city, &["kb", "show", &id]);
    assert!(told["needs_upgrade"] == true && told["options"].as_array().unwrap().is_empty(), "{told}");
    let (code, problem) = jiesu(&city, &["kb", "retire", &id, "--text", "已过时"]);
    assert!(code != 0 && problem["code"] == "needs-upgrade", "{code} {problem}");
}
