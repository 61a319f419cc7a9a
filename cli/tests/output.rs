//! What cannot be written, and who cannot be found: a node and its commands go on, and say what is true.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use desk::Home;
use node_process::{NodeProcess, done, free_port, jiesu};

const UNWRITTEN: i32 = 11;

fn command(dir: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiesu"));
    command.args(words).arg("--dir").arg(dir).env("JIESU_OPEN_COMMANDS", "1").stdin(Stdio::null());
    command
}

/// Nothing can be written to it.
fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn register<'w>() -> [&'w str; 8] {
    ["ticket", "register", "--title", "路灯不亮", "--content", "请修。", "--category", "0104"]
}

#[test]
fn node_whose_log_cannot_be_written_serves_and_stops_as_any() {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "示例市"]);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"];
    let mut node = command(&city, &serve).env("JIESU_LOG", "trace").stdout(full()).stderr(full()).spawn().unwrap();
    while Home::open(&city).unwrap().control().is_none() {
        assert_eq!(node.try_wait().unwrap(), None, "it ended");
        done(&city, &["status"]);
    }
    done(&city, &register());
    assert_eq!(done(&city, &["ticket", "list"])["total"], 1);
    let told = Command::new("kill").args(["-TERM", &node.id().to_string()]).status().unwrap();
    assert!(told.success() && node.wait().unwrap().success());
}

#[test]
fn command_whose_result_cannot_be_written_says_that_it_was_done() {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    let founded = command(&city, &["init", "city", "--name", "示例市"]).stdout(full()).output().unwrap();
    let told = said(&founded);
    assert_eq!(founded.status.code(), Some(UNWRITTEN), "{told}");
    assert!(told.contains("办成了，但结果写不出") && told.contains("请不要重办"), "{told}");
    let password = told.lines().find_map(|line| line.strip_prefix("初始密码 ")).unwrap();
    let signed_in = command(&city, &["sign-in", "admin"]).env("JIESU_PASSWORD", password).output().unwrap();
    assert!(signed_in.status.success(), "the password that nobody can look up was told: {told}");
    for (json, lang) in [(false, "zh"), (true, "en")] {
        let words = [&register()[..], &["--lang", lang], if json { &["--json"] } else { &[] }].concat();
        let registered = command(&city, &words).stdout(full()).output().unwrap();
        assert_eq!(registered.status.code(), Some(UNWRITTEN), "{}", said(&registered));
    }
    let looked = command(&city, &["ticket", "list"]).stdout(full()).output().unwrap();
    assert_eq!(looked.status.code(), Some(UNWRITTEN), "{}", said(&looked));
    assert!(said(&looked).contains("只是查看") && !said(&looked).contains("办成了"), "{}", said(&looked));
    assert_eq!(done(&city, &["ticket", "list"])["total"], 2);
    let refused = command(&city, &["ticket", "show", "999999-0", "--json"]).stdout(full()).output().unwrap();
    assert_eq!(refused.status.code(), Some(3), "why nothing was done matters more: {}", said(&refused));
}

#[test]
fn reader_that_went_away_is_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "示例市"]);
    for words in [&register()[..], &["ticket", "list"], &["help", "acts"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(&city, words).stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), said(&output).as_str()), (Some(0), ""), "{words:?}");
    }
    assert_eq!(done(&city, &["ticket", "list"])["total"], 1);
}

#[test]
fn node_writes_again_how_commands_find_it() {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "示例市"]);
    let node = NodeProcess::serve(&city, free_port(), &[]);
    for broken in [None, Some("not written by jiesu"), Some("{\"web\":\"127.0.0.1:9\",\"token\":\"x\"}")] {
        match broken {
            None => std::fs::remove_file(city.join("control.json")).unwrap(),
            Some(text) => std::fs::write(city.join("control.json"), text).unwrap(),
        }
        let (code, said) = jiesu(&city, &["status", "--wait", "0"]);
        if code != 0 {
            assert_eq!(code, 8, "{said}");
            assert!(said["title"].as_str().unwrap().contains("节点"), "no other command has it: {said}");
            assert!(!said["title"].as_str().unwrap().contains("另一个命令"), "{said}");
        }
        done(&city, &["status", "--wait", "60"]);
        assert_eq!(Home::open(&city).unwrap().control().unwrap(), node.control);
    }
    node.stop();
    assert!(Home::open(&city).unwrap().control().is_none());
}

#[test]
fn serve_waits_for_a_short_command_and_tells_of_a_node_that_runs() {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "示例市"]);
    // Somebody has the database, and gives it up while `serve` waits.
    let store = Home::open(&city).unwrap().store().unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--wait"];
    let mut waits = command(&city, &[&serve[..], &["120"]].concat()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(waits.stderr.take().unwrap()));
    assert!(lines.next().unwrap().unwrap().contains("另一个命令正在使用本节点，等待中"));
    drop(store);
    let web = loop {
        let line = lines.next().unwrap().unwrap();
        if let Some((_, web)) = line.split_once("http://") {
            break web.split_whitespace().next().unwrap().to_owned();
        }
    };
    let again = command(&city, &[&serve[..], &["60"]].concat()).output().unwrap();
    assert_eq!(again.status.code(), Some(8));
    assert!(said(&again).contains(&format!("节点已在运行：http://{web}")), "{}", said(&again));
    waits.kill().unwrap();
    waits.wait().unwrap();
}

/// A command that hears of its terminal also where these tests were started to outlive theirs (`nohup`).
fn told_by_its_terminal(command: Command) -> Command {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0").trim();
    if u64::from_str_radix(ignored, 16).unwrap() & 1 == 0 {
        return command;
    }
    let mut told = Command::new("env");
    told.arg("--default-signal=HUP").arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => told.env(name, value),
            None => told.env_remove(name),
        };
    }
    told
}

#[test]
fn node_whose_terminal_goes_away_stops_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "示例市"]);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"];
    let mut node = told_by_its_terminal(command(&city, &serve)).stderr(Stdio::null()).spawn().unwrap();
    while Home::open(&city).unwrap().control().is_none() {
        assert_eq!(node.try_wait().unwrap(), None, "it ended");
        done(&city, &["status"]);
    }
    let told = Command::new("kill").args(["-HUP", &node.id().to_string()]).status().unwrap();
    assert!(told.success() && node.wait().unwrap().success());
    assert!(Home::open(&city).unwrap().control().is_none(), "nobody is sent there any more");
}

#[test]
fn command_that_may_open_too_few_files_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 6; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_jiesu"), "status", "--dir"]);
    let output = command.arg(dir.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", said(&output));
    assert!(said(&output).contains("ulimit -n"), "{}", said(&output));
}

#[test]
fn json_is_asked_for_by_a_variable_as_switches_are_set() {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "示例市"]);
    for (value, json) in [("1", true), ("true", true), ("0", false), ("", false)] {
        let output = command(&city, &["status"]).env("JIESU_JSON", value).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.starts_with(b"{")), (Some(0), json), "{value:?}");
    }
}
