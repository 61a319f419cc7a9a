//! Who a command speaks to, in whose name, and what it does when it cannot: real processes, real sockets.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};

use desk::Home;
use node_process::{NodeProcess, PASSWORD, done, free_port, jiesu};
use serde_json::Value;

const PHONE: &str = "13800001234";

/// A command with an environment of its own; nobody is at its terminal.
fn run(dir: &Path, words: &[&str], env: &[(&str, &str)]) -> (i32, Value, Output) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiesu"));
    command.args(words).arg("--dir").arg(dir).arg("--json").stdin(Stdio::null());
    for name in ["JIESU_PASSWORD", "JIESU_OLD_PASSWORD", "JIESU_OPEN_COMMANDS", "JIESU_LOGIN"] {
        command.env_remove(name);
    }
    let output = command.envs(env.iter().copied()).output().unwrap();
    let value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code().unwrap_or(-1), value, output)
}

fn code(value: &Value) -> &str {
    value["code"].as_str().unwrap_or_default()
}

/// Listens, answers everybody that all is well, and tells what each has said.
fn impostor(listener: TcpListener) -> Receiver<String> {
    let (heard, hear) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), heard) = (stream, heard.clone()) else { continue };
            std::thread::spawn(move || {
                let (mut said, mut piece) = (Vec::new(), [0; 4096]);
                while let Ok(length @ 1..) = stream.read(&mut piece) {
                    said.extend_from_slice(&piece[..length]);
                    if said.ends_with(b"\r\n\r\n") {
                        let body = "{\"proof\":\"AAAA\"}";
                        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                    }
                }
                let _ = heard.send(String::from_utf8_lossy(&said).into_owned());
            });
        }
    });
    hear
}

fn register<'w>() -> Vec<&'w str> {
    let title = ["ticket", "register", "--title", "路灯不亮", "--content", "请修。", "--category", "0104"];
    [&title[..], &["--name", "张三", "--phone", PHONE]].concat()
}

#[test]
fn neither_a_proxy_nor_whoever_took_the_port_of_a_killed_node_is_shown_anything() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    done(&here, &["init", "city", "--name", "示例市"]);
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let through = format!("http://{}", proxy.local_addr().unwrap());
    let proxied = impostor(proxy);
    let env =
        ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].map(|name| (name, through.as_str()));
    let node = NodeProcess::serve(&here, free_port(), &[]);
    let (status, made, _) = run(&here, &register(), &env);
    assert_eq!(status, 0, "{made}");
    let control = node.control.clone();
    node.kill();
    assert!(here.join("control.json").exists(), "it was killed: nobody took the file back");
    let heard = impostor(TcpListener::bind(&control.web).unwrap());
    for words in [&register()[..], &["ticket", "list"], &["person", "password", "admin", "--password-file", "-"]] {
        let (status, value, output) = run(&here, words, &env);
        let wanted = if words[0] == "person" { 5 } else { 0 };
        assert_eq!(status, wanted, "nobody runs, so the command opens the database itself: {value} {output:?}");
    }
    assert!(heard.try_recv().is_err(), "the folder says that no node serves here: nobody was asked");
    // Where it does not say so, whoever answers is asked to prove himself, and shown nothing.
    std::fs::remove_file(here.join("serving.lock")).unwrap();
    assert_eq!(run(&here, &register(), &env).0, 0);
    let said = heard.recv().unwrap();
    assert!(said.starts_with("GET /api/v1/here/"), "{said}");
    for secret in [control.token.as_str(), PHONE, PASSWORD, "Authorization", "张三"] {
        assert!(!said.contains(secret), "{said}");
    }
    assert!(proxied.try_recv().is_err(), "the proxy was asked");
}

#[test]
fn commands_at_once_wait_for_each_other_and_one_that_waits_in_vain_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    done(&here, &["init", "city", "--name", "示例市"]);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            let here = &here;
            scope.spawn(move || done(here, &[&register()[..], &["--wait", "120"]].concat()));
        }
    });
    assert_eq!(done(&here, &["ticket", "list"])["total"], 6);
    // Somebody has the database and never gives it up.
    let store = Home::open(&here).unwrap().store().unwrap();
    for stale in [false, true] {
        if stale {
            std::fs::write(here.join("control.json"), "{\"web\":\"127.0.0.1:9\",\"token\":\"x\"}").unwrap();
        }
        let (status, value) = jiesu(&here, &["status", "--wait", "0"]);
        assert_eq!((status, code(&value)), (8, "busy"), "{value}");
        assert!(value["title"].as_str().unwrap().contains("请稍后再试"), "{value}");
    }
    let (status, value) = jiesu(&here, &["serve", "--wait", "0"]);
    assert_eq!((status, code(&value)), (8, "busy"), "{value}");
    drop(store);
    assert_eq!(jiesu(&here, &["status"]).0, 0, "a file that nobody stands behind stops nobody");
}

#[test]
fn a_command_acts_for_whoever_shows_a_password_or_a_session() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    let known = [("JIESU_PASSWORD", PASSWORD)];
    assert_eq!(run(&here, &["init", "city", "--name", "示例市"], &known).0, 0);
    assert_eq!(run(&here, &register(), &[]).0, 0, "whoever founds is signed in");
    assert_eq!(run(&here, &["sign-out"], &[]).1["signed_out"], 1);
    for running in [false, true] {
        let node = running.then(|| NodeProcess::serve(&here, free_port(), &[]));
        let run = |words: &[&str], env: &[(&str, &str)]| {
            let (status, value, _) = run(&here, words, env);
            (status, code(&value).to_owned())
        };
        let first = |what: &str| (4, what.to_owned());
        assert_eq!(run(&["status"], &[]).0, 0, "what tells of nobody asks for nobody");
        assert_eq!(run(&["ticket", "list", "--login", "admin"], &[]), first("sign-in-first"));
        assert_eq!(run(&["ticket", "list", "--login", "admin"], &[("JIESU_PASSWORD", "wrong-one")]).0, 4);
        assert_eq!(run(&["ticket", "list", "--login", "admin"], &known).0, 0);
        let whose: &[&str] = if running { &["--login", "admin"] } else { &[] };
        let one_more = [&register()[..], whose].concat();
        assert_eq!(run(&one_more, &known).0, 0, "one person is meant where one has an account");
        let file = dir.path().join("password");
        std::fs::write(&file, format!("{PASSWORD}\n")).unwrap();
        let list = ["ticket", "list", "--password-file", file.to_str().unwrap()];
        assert_eq!(run(&[&list[..], whose].concat(), &[]).0, 0);
        assert_eq!(run(&["sign-in", "admin"], &known).0, 0);
        assert_eq!(run(&register(), &[]).0, 0, "the session is kept");
        assert_eq!(run(&["ticket", "list", "--login", "li"], &[]), first("sign-in-first"), "and is that person's");
        let mode = |name: &str| here.join(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("sessions.json"), mode("keys.toml"), mode("")), (0o600, 0o600, 0o700));
        if running {
            assert_eq!(mode("control.json"), 0o600);
        }
        let added = run(&["person", "add", "--unit", "市热线", "--name", "李审核", "--as", "li"], &[]);
        assert!(added.0 == 0 || running, "{added:?}");
        // A colleague sets the first password of somebody new, and nobody that of somebody who has one.
        let other = [("JIESU_PASSWORD", "another-one")];
        let set = run(&["person", "password", "li", "--login", "admin"], &other);
        assert_eq!(set, if running { first("old-password") } else { (0, String::new()) });
        let change = |login: &str, old: &str, new: &str| {
            run(&["person", "password", login], &[("JIESU_PASSWORD", new), ("JIESU_OLD_PASSWORD", old)]).0
        };
        assert_eq!(change("li", "another-one", "one of li"), if running { 4 } else { 0 });
        assert_eq!(change("admin", PASSWORD, "one of admin"), 0);
        assert_eq!(run(&["ticket", "list", "--login", "admin"], &[]), first("sign-in-first"), "a new password ends it");
        assert_eq!(change("admin", "one of admin", PASSWORD), 0);
        drop(node);
    }
    // What the operator opens is open, and says so.
    assert_eq!(run(&here, &["config", "commands", "open"], &[]).0, 0);
    assert_eq!(run(&here, &["ticket", "list", "--login", "li"], &[]).0, 0);
    assert_eq!(run(&here, &["status"], &[]).1["commands"], "open");
    assert_eq!(run(&here, &["config", "commands", "signed-in"], &[]).0, 0);
    assert_eq!(run(&here, &["status"], &[]).1["commands"], "signed-in");
}

#[test]
fn wrong_guesses_by_commands_are_slowed() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    assert_eq!(run(&here, &["init", "city", "--name", "示例市"], &[("JIESU_PASSWORD", PASSWORD)]).0, 0);
    let node = NodeProcess::serve(&here, free_port(), &[]);
    let guess = |password: &str| run(&here, &["sign-in", "admin"], &[("JIESU_PASSWORD", password)]);
    let slowed = (0..20).find(|_| guess("wrong-one").0 == 8);
    assert!(slowed.is_some(), "guesses are slowed, and nobody guesses on");
    assert_eq!(guess(PASSWORD).0, 8, "whoever guessed");
    node.stop();
}

#[test]
fn no_password_stands_on_a_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    for words in [
        &["init", "city", "--name", "示例市", "--password", PASSWORD][..],
        &["join", "jiesu1.abc", "--password", PASSWORD],
        &["person", "password", "admin", "--password", PASSWORD],
        &["sign-in", "admin", "--password", PASSWORD],
    ] {
        assert_eq!(run(&here, words, &[]).0, 2, "{words:?}");
    }
    assert!(!here.exists());
}

#[test]
fn a_city_whose_founding_fails_leaves_nothing_and_can_be_founded_again() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    for (name, person, password) in [
        ("", "管理员", PASSWORD),
        ("示例\n市", "管理员", PASSWORD),
        ("示例市", "管理\u{202e}员", PASSWORD),
        ("示例市", "", PASSWORD),
        ("示例市", "管理员", "short"),
    ] {
        let words = ["init", "city", "--name", name, "--person", person];
        let (status, value, _) = run(&here, &words, &[("JIESU_PASSWORD", password)]);
        assert_eq!((status, code(&value)), (5, "bad-input"), "{name} {person}: {value}");
        assert!(!here.exists(), "{name} {person}");
    }
    done(&here, &["init", "city", "--name", "示例市"]);
    assert_eq!(done(&here, &["status"])["city"], "示例市");
}

#[test]
fn a_request_that_is_too_long_is_answered_and_so_is_one_without_the_token() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    done(&here, &["init", "city", "--name", "示例市"]);
    let node = NodeProcess::serve(&here, free_port(), &[]);
    let post = |token: &str, length: usize| {
        let request = ureq::post(format!("http://{}/api/v1/call", node.control.web))
            .header("Authorization", format!("Bearer {token}"))
            .config()
            .http_status_as_error(false)
            .proxy(None)
            .build();
        let mut response = request.send("x".repeat(length)).unwrap();
        let problem: Value = response.body_mut().read_json().unwrap();
        (response.status().as_u16(), code(&problem).to_owned())
    };
    for length in [web::api::REQUEST_BYTES_MAX + 1, 4 * web::api::REQUEST_BYTES_MAX] {
        assert_eq!(post(&node.control.token, length), (413, "too-long".to_owned()));
    }
    assert_eq!(post(&node.control.token, 10), (400, "bad-input".to_owned()));
    assert_eq!(post("", 10), (403, "not-permitted".to_owned()));
    node.stop();
}

#[test]
fn a_join_that_fails_leaves_its_invitation_good_which_is_read_as_it_was_pasted() {
    let dir = tempfile::tempdir().unwrap();
    let (here, town) = (dir.path().join("city"), dir.path().join("town"));
    done(&here, &["init", "city", "--name", "示例市"]);
    let (status, value) = jiesu(&here, &["invite", "--unit", "义安镇", "--class", "office"]);
    assert_eq!((status, code(&value)), (5, "bad-input"), "nobody listens: {value}");
    for nowhere in ["0.0.0.0:4433", "[::]:4433", "fd00::1:4433", "192.168.1.10", "主机:4433"] {
        let invite = ["invite", "--unit", "义安镇", "--class", "office", "--address", nowhere];
        assert_eq!(jiesu(&here, &invite).0, 5, "{nowhere}");
        assert_eq!(jiesu(&here, &["serve", "--peer", nowhere]).0, 5, "{nowhere}");
    }
    let node = NodeProcess::serve(&here, free_port(), &[]);
    let token = done(&here, &["invite", "--unit", "义安镇", "--class", "office"])["token"].as_str().unwrap().to_owned();
    let zhen = ["--person", "孙承办", "--person-login", "zhen"];
    let join = |words: &[&str], password: &str| {
        run(&town, &[&["join"], words].concat(), &[("JIESU_PASSWORD", password), ("JIESU_OPEN_COMMANDS", "1")]).0
    };
    let taken = ["--person", "孙承办", "--person-login", "admin"];
    for (words, password, what) in [
        ([&[token.as_str()], &taken[..]].concat(), PASSWORD, "the login is taken"),
        ([&[token.as_str()], &zhen[..]].concat(), "short", "the password is too short"),
        ([&[token.as_str(), "--device", "二号\n机"], &zhen[..]].concat(), PASSWORD, "a line feed within"),
        ([&[token.as_str(), "--device", "市热线中心节点"], &zhen[..]].concat(), PASSWORD, "another device's name"),
        ([&[token.as_str(), "--device", "市热线 中心节点"], &zhen[..]].concat(), PASSWORD, "the same with a blank"),
        (
            [token.as_str(), "--person", "管 理员", "--person-login", "zhen"].to_vec(),
            PASSWORD,
            "another's name with a blank",
        ),
        ([&[&token[..token.len() - 1]], &zhen[..]].concat(), PASSWORD, "the last letter is missing"),
    ] {
        assert_eq!(join(&words, password), 5, "{what}");
        assert!(!town.exists(), "{what}");
    }
    // In two lines, unquoted.
    let (a, b) = token.split_at(40);
    let b = b.replace('-', "－");
    assert_eq!(join(&[&[a, &b], &zhen[..]].concat(), PASSWORD), 0);
    assert_eq!(jiesu(&town, &["status"]).1["sync"]["unit"]["name"], "义安镇");
    node.stop();
}
