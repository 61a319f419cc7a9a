//! Who may ask for what, through commands, with and without a node that runs.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::path::Path;
use std::process::{Command, Stdio};

use node_process::{NodeProcess, PASSWORD, free_port};
use serde_json::Value;

/// What is set for somebody by somebody else.
const FIRST: &str = "jiesu-first-1";

/// A command in a folder in which commands need a session.
fn run(dir: &Path, words: &[&str], password: Option<&str>) -> (i32, Value) {
    run_with(dir, words, &password.map(|password| ("JIESU_PASSWORD", password)).into_iter().collect::<Vec<_>>())
}

fn run_with(dir: &Path, words: &[&str], env: &[(&str, &str)]) -> (i32, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiesu"));
    command.args(words).arg("--dir").arg(dir).arg("--json").stdin(Stdio::null());
    for name in ["JIESU_PASSWORD", "JIESU_OLD_PASSWORD", "JIESU_OPEN_COMMANDS", "JIESU_LOGIN"] {
        command.env_remove(name);
    }
    let output = command.envs(env.iter().copied()).output().unwrap();
    (output.status.code().unwrap_or(-1), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

fn done(dir: &Path, words: &[&str]) -> Value {
    let (code, value) = run(dir, words, None);
    assert_eq!(code, 0, "jiesu {}: {value}", words.join(" "));
    value
}

fn city(dir: &Path) {
    assert_eq!(run(dir, &["init", "city", "--name", "示例市"], Some(PASSWORD)).0, 0);
}

/// Adds somebody of the city hotline, who is signed in then.
fn colleague(dir: &Path, login: &str, role: &[&str]) {
    let add = ["person", "add", "--unit", "市热线", "--name", login, "--as", login, "--login", "admin"];
    done(dir, &[&add[..], role].concat());
    let set = run(dir, &["person", "password", login, "--login", "admin"], Some(FIRST));
    assert_eq!(set.0, 0, "{}", set.1);
    chooses(dir, login, FIRST, PASSWORD);
}

/// Somebody puts a password of their own in the place of the one that there is, and signs in.
fn chooses(dir: &Path, login: &str, old: &str, new: &str) {
    let set = run_with(
        dir,
        &["person", "password", login, "--login", login],
        &[("JIESU_PASSWORD", new), ("JIESU_OLD_PASSWORD", old)],
    );
    assert_eq!(set.0, 0, "{}", set.1);
    assert_eq!(run(dir, &["sign-in", login], Some(new)).0, 0);
}

#[test]
fn whoever_has_no_administration_changes_neither_registry_nor_node_and_who_did_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    city(&here);
    colleague(&here, "wang", &["--role", "knowledge"]);
    colleague(&here, "li", &[]);
    for running in [false, true] {
        let node = running.then(|| NodeProcess::serve(&here, free_port(), &[]));
        let version = done(&here, &["roster", "--login", "li"])["version"].clone();
        for login in ["wang", "li"] {
            for words in [
                &["invite", "--unit", "130623-HOT", "--class", "hub", "--address", "192.168.1.10:4433"][..],
                &["person", "add", "--unit", "市热线", "--name", "同伙", "--as", "friend", "--role", "administer"],
                &["person", "roles", login, "--add", "administer"],
                &["person", "roles", "admin", "--remove", "administer"],
                &["weights", "set", "--response", "98", "--solution", "1", "--satisfaction", "1"],
                &["clock", "confirm", "2026-11-02T09:30"],
                &["alarm", "ack", "disk-full", "x"],
            ] {
                let (code, value) = run(&here, &[words, &["--login", login]].concat(), None);
                assert_eq!((code, &value["code"]), (4, &Value::from("not-permitted")), "{login} {words:?}: {value}");
            }
        }
        let (code, value) = run(&here, &["report", "daily", "--period", "2026-11-25", "--login", "wang"], None);
        assert_eq!(code, 4, "a clerk of the knowledge base makes no reports: {value}");
        assert_eq!(done(&here, &["roster", "--login", "li"])["version"], version, "nothing came of it");
        drop(node);
    }
    done(
        &here,
        &["invite", "--unit", "130623-HOT", "--class", "hub", "--address", "192.168.1.10:4433", "--login", "admin"],
    );
    done(&here, &["person", "roles", "wang", "--add", "statistics", "--login", "admin"]);
    let roster = done(&here, &["roster", "--login", "li"]);
    assert_eq!(roster["entries"][0]["by"], "管理员");
    assert!(roster["entries"][0]["what"].as_str().unwrap().contains("wang"), "{roster}");
    let english = roster["entries"][0]["what_en"].as_str().unwrap();
    assert!(
        english.starts_with("person: ") && english.contains("roles: ") && english.contains("statistics"),
        "{english}"
    );
    assert_eq!(roster["invitations"][0]["by"], "管理员", "{roster}");
    // The last one stays, and so does whoever is not asked for a role.
    let (code, value) = run(&here, &["person", "roles", "admin", "--remove", "administer", "--login", "admin"], None);
    assert_eq!(code, 5, "{value}");
}

#[test]
fn nobody_is_called_such_that_people_take_him_for_another() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    city(&here);
    let add = |name: &str, login: &str| {
        run(&here, &["person", "add", "--unit", "市热线", "--name", name, "--as", login], None)
    };
    for (name, login) in [("管 理员", "guan"), ("管理\u{3000}员", "guan"), ("管理员", "Admin"), ("李明", "ADMIN")]
    {
        let (code, value) = add(name, login);
        assert_eq!(code, 5, "{name} {login}: {value}");
        assert!(value["title"].as_str().unwrap().contains("会被当成同一个"), "{value}");
    }
    // Two people of one name there are.
    assert_eq!((add("管理员", "guan").0, add("Li Ming", "li").0, add("ＬＩ ＭＩＮＧ", "ming").0), (0, 0, 5));
}

#[test]
fn sign_out_ends_copies_of_a_session_and_nobody_elses() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    city(&here);
    colleague(&here, "li", &[]);
    let file = here.join("sessions.json");
    let list = |login| run(&here, &["ticket", "list", "--login", login], None).0;
    for running in [false, true] {
        let node = running.then(|| NodeProcess::serve(&here, free_port(), &[]));
        assert_eq!(run(&here, &["sign-in", "li"], Some(PASSWORD)).0, 0);
        let copied = std::fs::read(&file).unwrap();
        assert_eq!((list("li"), list("admin")), (0, 0));
        let ended = done(&here, &["--login", "li", "sign-out"]);
        assert_eq!(ended["logins"], serde_json::json!(["li"]), "{ended}");
        assert_eq!((list("li"), list("admin")), (4, 0));
        std::fs::write(&file, copied).unwrap();
        assert_eq!((list("li"), list("admin")), (4, 0), "a copy is worth nothing either");
        drop(node);
    }
    assert_eq!(done(&here, &["sign-out"])["signed_out"], 2, "everybody of the folder");
    assert_eq!((list("li"), list("admin")), (4, 4));
}

#[test]
fn verify_lists_acts_to_who_is_signed_in_and_counts_them_for_others() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    city(&here);
    let title = ["ticket", "register", "--title", "路灯不亮", "--content", "请修。", "--category", "0104"];
    let number = done(&here, &title)["number"].as_str().unwrap().to_owned();
    let listed = done(&here, &["verify", &number]);
    assert_eq!((listed["count"].as_u64(), listed["acts"].as_array().unwrap().len()), (Some(1), 1), "{listed}");
    done(&here, &["sign-out"]);
    // Saying whose name one has shows nothing.
    for words in [&["verify", &number][..], &["verify", &number, "--login", "admin"]] {
        let counted = done(&here, words);
        assert_eq!((&counted["ok"], &counted["count"]), (&Value::from(true), &Value::from(1)), "{counted}");
        assert!(counted["acts"].is_null() && counted["id"].is_null(), "{counted}");
    }
    assert_eq!(run(&here, &["rebuild"], None).0, 4, "nor does it build anything again");
}

#[test]
fn a_second_login_of_ones_own_is_seen_beside_what_it_confirms() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    city(&here);
    colleague(&here, "li", &["--role", "administer"]);
    colleague(&here, "zhao", &["--role", "administer"]);
    let texts = |value: &Value| {
        let doubts = value.as_array().cloned().unwrap_or_default();
        doubts.iter().map(|doubt| doubt["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // Who made the other's login and set its password.
    let set = ["weights", "set", "--response", "20", "--solution", "40", "--satisfaction", "40", "--login"];
    let proposed = done(&here, &[&set[..], &["admin"]].concat());
    let proposal = proposed["proposed"]["proposal"].as_str().unwrap().to_owned();
    assert!(texts(&proposed["proposed"]["doubts"]).is_empty(), "{proposed}");
    let seen = done(&here, &["proposals", "--login", "li"]);
    let expected = ["li的登录名由管理员建立", "li在本机的首次密码由管理员设定"];
    assert_eq!(texts(&seen["registry"][0]["doubts"]), expected, "{seen}");
    // Another password, set in the other's name, changes nothing of that.
    chooses(&here, "li", PASSWORD, "another one");
    assert_eq!(texts(&done(&here, &["proposals", "--login", "li"])["registry"][0]["doubts"]), expected);
    done(&here, &["confirm", &proposal, "--login", "li"]);
    let shown = done(&here, &["weights", "show"]);
    assert_eq!((&shown["response"], &shown["planned"][0]["response"]), (&10.into(), &20.into()), "{shown}");
    let entry = done(&here, &["roster", "--login", "li"])["entries"][0].clone();
    assert!(entry["what"].as_str().unwrap().ends_with("；注意：li的登录名由管理员建立"), "{entry}");
    // Two that one administrator made on one day.
    done(&here, &[&set[..], &["li", "--from", "2199-01-01"]].concat());
    let seen = done(&here, &["proposals", "--login", "zhao"]);
    assert_eq!(texts(&seen["registry"][0]["doubts"]), ["两人的登录名由管理员同一天为同一单位建立"], "{seen}");
}

#[test]
fn who_holds_what_two_people_should_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    city(&here);
    colleague(&here, "li", &[]);
    // The founder is the only one there is; whoever joins is split.
    assert_eq!(done(&here, &["status"])["unsplit"], 1);
    let roles = |words: &[&str]| done(&here, &[&["person", "roles"], words, &["--login", "admin"]].concat());
    let given = roles(&["li", "--add", "follow-up"]);
    assert_eq!(given["unsplit"]["roles"], serde_json::json!([["dispatch", "follow-up"]]), "{given}");
    let roster = done(&here, &["roster", "--login", "li"]);
    let logins: Vec<_> = roster["unsplit"].as_array().unwrap().iter().map(|person| person["login"].clone()).collect();
    assert_eq!(logins, ["admin", "li"], "{roster}");
    assert!(roster["unsplit"][0]["text"].as_str().unwrap().starts_with("一人兼有全部岗位"), "{roster}");
    assert_eq!(roles(&["li", "--remove", "dispatch"])["unsplit"], Value::Null);
    assert_eq!(roles(&["admin", "--remove", "follow-up"])["unsplit"], Value::Null);
    assert_eq!(done(&here, &["status"])["unsplit"], 0);
    // 三员 exclude each other.
    let (code, value) = run(&here, &["person", "roles", "admin", "--add", "audit", "--login", "admin"], None);
    assert_eq!((code, &value["code"]), (5, &Value::from("bad-input")), "{value}");
    assert_eq!(roles(&["li", "--add", "audit"])["unsplit"], Value::Null);
}

#[test]
fn nobody_becomes_more_by_setting_anothers_first_password() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    city(&here);
    colleague(&here, "wang", &["--role", "knowledge"]);
    for (login, role) in [("li", "review"), ("zhao", "knowledge"), ("qian", "administer")] {
        let add = ["person", "add", "--unit", "市热线", "--name", login, "--as", login, "--role", role];
        done(&here, &[&add[..], &["--login", "admin"]].concat());
    }
    let set = |login: &str, by: &str| run(&here, &["person", "password", login, "--login", by], Some(FIRST)).0;
    assert_eq!(set("li", "wang"), 4, "a reviewer");
    assert_eq!(set("qian", "wang"), 4, "an administrator");
    assert_eq!(set("zhao", "wang"), 0, "whoever may do the same");
    assert_eq!(set("li", "admin"), 0, "set by the administrator");
    assert_eq!(set("li", "wang"), 4, "and not once more");
    assert_eq!(set("li", "admin"), 0, "as often as it takes until li has chosen");
    chooses(&here, "li", FIRST, PASSWORD);
    let (code, value) = run(&here, &["person", "password", "li", "--login", "admin"], Some(FIRST));
    assert_eq!((code, &value["code"]), (4, &Value::from("old-password")), "{value}");
    // Whoever has more to do since is not who wang set the password for.
    done(&here, &["person", "roles", "zhao", "--add", "review", "--login", "admin"]);
    let choose = [("JIESU_PASSWORD", PASSWORD), ("JIESU_OLD_PASSWORD", FIRST)];
    for (words, env) in
        [(&["sign-in", "zhao"][..], &[("JIESU_PASSWORD", FIRST)][..]), (&["person", "password", "zhao"], &choose)]
    {
        let (code, value) = run_with(&here, words, env);
        assert_eq!((code, &value["code"]), (4, &Value::from("not-permitted")), "{value}");
        assert!(value["title"].as_str().unwrap().contains("作废"), "{value}");
    }
    assert_eq!((set("zhao", "wang"), set("zhao", "admin")), (4, 0), "a new one by whoever may");
    chooses(&here, "zhao", FIRST, PASSWORD);
    done(&here, &["person", "roles", "zhao", "--add", "knowledge,publish", "--login", "admin"]);
    assert_eq!(run(&here, &["sign-in", "zhao"], Some(PASSWORD)).0, 0, "one's own stays");
}

#[test]
fn a_password_that_another_set_opens_nothing_but_choosing_ones_own() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    city(&here);
    done(&here, &["person", "add", "--unit", "市热线", "--name", "李", "--as", "li", "--role", "administer"]);
    // Whoever proposes it sets the password of whoever is to confirm it.
    let set = ["weights", "set", "--response", "20", "--solution", "40", "--satisfaction", "40", "--login", "admin"];
    let proposal = done(&here, &set)["proposed"]["proposal"].as_str().unwrap().to_owned();
    assert_eq!(run(&here, &["person", "password", "li", "--login", "admin"], Some(FIRST)).0, 0);
    for words in
        [&["sign-in", "li"][..], &["ticket", "list", "--login", "li"], &["confirm", &proposal, "--login", "li"]]
    {
        let (code, value) = run(&here, words, Some(FIRST));
        assert_eq!((code, &value["code"]), (4, &Value::from("choose-password")), "{words:?}: {value}");
    }
    let same = [("JIESU_PASSWORD", FIRST), ("JIESU_OLD_PASSWORD", FIRST)];
    assert_eq!(run_with(&here, &["person", "password", "li"], &same).0, 5, "the same is no choice");
    chooses(&here, "li", FIRST, PASSWORD);
    // Until then the proposer could have been li.
    let seen = done(&here, &["proposals", "--login", "li"])["registry"][0].clone();
    assert_eq!(seen["confirms"], false, "{seen}");
    let (code, value) = run(&here, &["confirm", &proposal, "--login", "li"], None);
    assert_eq!((code, &value["code"]), (4, &Value::from("not-permitted")), "{value}");
    assert!(value["title"].as_str().unwrap().contains("首次密码由提出人管理员设定"), "{value}");
    // Proposed anew it is for li, who has a password that nobody else set.
    done(&here, &["decline", &proposal, "--text", "重新提出", "--login", "admin"]);
    let proposal = done(&here, &set)["proposed"]["proposal"].as_str().unwrap().to_owned();
    done(&here, &["confirm", &proposal, "--login", "li"]);
}

#[test]
fn a_copied_session_does_not_take_the_account() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    city(&here);
    let change = ["person", "password", "admin", "--login", "admin"];
    let (code, value) = run(&here, &change, Some("another one"));
    assert_eq!((code, &value["code"]), (4, &Value::from("old-password")), "{value}");
    let wrong = [("JIESU_PASSWORD", "another one"), ("JIESU_OLD_PASSWORD", "a wrong one")];
    assert_eq!(run_with(&here, &change, &wrong).0, 4);
    let right = [("JIESU_PASSWORD", "another one"), ("JIESU_OLD_PASSWORD", PASSWORD)];
    assert_eq!(run(&here, &["ticket", "list"], None).0, 0);
    assert_eq!(run_with(&here, &change, &right).0, 0);
    assert_eq!(run(&here, &["ticket", "list"], None).0, 4, "what was signed in with the old one is over");
    let (code, value) = run(&here, &["person", "password", "admin"], Some("12345678"));
    assert_eq!(code, 5, "{value}");
}

/// Where a container is entered from outside, the session of a command is none that can be seen from within.
#[test]
#[cfg(target_os = "linux")]
fn commands_of_a_container_that_was_entered_from_outside_act_for_whoever_signed_in() {
    const INSIDE: [&str; 5] = ["--user", "--map-root-user", "--pid", "--fork", "--"];
    if !Command::new("unshare").args(INSIDE).arg("true").status().is_ok_and(|status| status.success()) {
        println!("SKIPPED: this system lets nobody make a namespace of processes (unshare {})", INSIDE.join(" "));
        return;
    }
    let inside = |dir: &Path, words: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(INSIDE).arg(env!("CARGO_BIN_EXE_jiesu")).args(words).arg("--dir").arg(dir).arg("--json");
        command.stdin(Stdio::null()).env("JIESU_PASSWORD", PASSWORD);
        for name in ["JIESU_OLD_PASSWORD", "JIESU_OPEN_COMMANDS", "JIESU_LOGIN"] {
            command.env_remove(name);
        }
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "jiesu {}: {told}", words.join(" "));
        serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default()
    };
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("city");
    inside(&dir, &["init", "city", "--name", "示例市"]);
    inside(&dir, &["sign-in", "admin"]);
    inside(&dir, &["status"]);
}
