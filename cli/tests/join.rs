//! A city that is founded and a device that joins, killed at every moment: the same command again goes on where it was, the
//! invitation is used up only once the device has acknowledged, nobody runs what is half there, and a password that was
//! made up is the one that was told.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/gate.rs"]
mod gate;
#[path = "support/node_process.rs"]
mod node_process;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use desk::Home;
use gate::Gate;
use kernel::joining::JOINING;
use node_process::{NodeProcess, done, free_port, jiesu};
use regulation::PersonId;
use serde_json::Value;

/// A command of somebody who types no password: one is made up.
fn plain(dir: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiesu"));
    command.args(words).arg("--dir").arg(dir).arg("--json").stdin(Stdio::null()).stderr(Stdio::null());
    for name in ["JIESU_PASSWORD", "JIESU_OPEN_COMMANDS", "JIESU_LOGIN"] {
        command.env_remove(name);
    }
    command
}

/// Runs it to its end: exit code and result.
fn ran(mut command: Command) -> (i32, Value) {
    let output = command.output().unwrap();
    (output.status.code().unwrap_or(-1), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

/// Runs it with a stdout that takes nothing, until `moment` has come, and kills it then.
fn killed_before_it_told(mut command: Command, moment: impl Fn() -> bool) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let mut child = command.stdout(writer.try_clone().unwrap()).spawn().unwrap();
    drop(command);
    let full = std::thread::spawn(move || while writer.write_all(&[b' '; 4_096]).is_ok() {});
    while !moment() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before the moment came");
        std::thread::yield_now();
    }
    kill(child);
    drop(reader);
    full.join().unwrap();
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// That nobody runs what is in the folder, and is told what to do.
fn assert_unfinished(dir: &Path) {
    for words in [&["status"][..], &["serve", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]] {
        let (code, told) = ran(plain(dir, words));
        assert!(code == 3, "{words:?}: {code} {told}");
    }
}

/// That the password which was told is the one that holds.
fn assert_told(dir: &Path, told: &Value) {
    let (login, password) = (told["login"].as_str().unwrap(), told["password"].as_str().unwrap());
    let mut command = plain(dir, &["sign-in", login]);
    command.env("JIESU_PASSWORD", password);
    assert_eq!(ran(command).0, 0, "{login} was told another password");
}

#[test]
fn a_founding_that_was_killed_is_taken_up_again_and_tells_the_password_that_holds() {
    for moment in ["unfinished", "keys.toml", "node.db", "node.db.mark", "config.toml", "sessions.json"] {
        let folder = tempfile::tempdir().unwrap();
        let city = folder.path().join("city");
        let words = ["init", "city", "--name", "示例市"];
        killed_before_it_told(plain(&city, &words), || city.join(moment).exists());
        assert_unfinished(&city);
        if moment == "sessions.json" {
            let (code, told) = ran(plain(&city, &["init", "city", "--name", "另一市"]));
            assert!(code == 5 && told["title"].as_str().unwrap().contains("示例市"), "{code} {told}");
            assert_unfinished(&city);
        }
        let (code, told) = ran(plain(&city, &words));
        assert_eq!(code, 0, "{moment}: {told}");
        assert_told(&city, &told);
        assert_eq!(ran(plain(&city, &["status"])).1["city"], "示例市", "{moment}");
    }
}

/// A city whose registry takes a while to come.
fn city(dir: &Path) -> PathBuf {
    let city = dir.join("city");
    done(&city, &["init", "city", "--name", "示例市"]);
    let mut state = 5_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let node = node::Node::start(Home::open(&city).unwrap(), &node::Start::default()).unwrap();
        for _ in 0..30 {
            let categories = (0..600).map(|n| (format!("{n:04}"), format!("类{:x}{:x}", noise(), noise()))).collect();
            let (seen, change) = (node.registry().version(), Box::new(replica::Change::Categories(categories)));
            node.ask(Some(PersonId(1)), kernel::Command::Registry { seen, change }).await.unwrap();
        }
        node.stop().await;
    });
    city
}

/// Invitations at the city hub, each as whether a device has taken it; and how many entries its registry has.
fn invitations(city: &Path) -> (Vec<bool>, u64) {
    let roster = done(city, &["roster"]);
    let used = roster["invitations"].as_array().unwrap().iter().map(|one| one["used"] == true).collect();
    (used, roster["version"].as_u64().unwrap())
}

#[test]
fn a_join_that_was_killed_goes_on_and_uses_its_invitation_up_only_when_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let city = city(folder.path());
    let port = free_port();
    let hub = NodeProcess::serve(&city, port, &[]);
    let gate = Gate::new(port);
    let address = gate.address.to_string();
    let invite = || {
        let words = ["invite", "--unit", "义安镇", "--class", "office", "--address", &address];
        done(&city, &words)["token"].as_str().unwrap().to_owned()
    };
    let (mut whole, mut seen) = (0, [false; 3]);
    // From before the handshake over the answer and the registry: bytes that the node is heard to say, or parts of all.
    let bytes = [0, 2_600, 3_900, 5_200, 8_000].map(Some);
    for (n, said) in bytes.into_iter().chain([None; 3]).enumerate() {
        let (town, login) = (folder.path().join(format!("town{n}")), format!("clerk{n}"));
        let token = invite();
        let join = ["join", &token, "--person", "孙承办", "--person-login", &login];
        let (_, version) = invitations(&city);
        let before_all = n < bytes.len();
        let moment = said.unwrap_or_else(|| whole * u64::try_from(n - bytes.len() + 1).unwrap() / 4);
        gate.shut_after(moment);
        let child = plain(&town, &join).stdout(Stdio::null()).spawn().unwrap();
        gate.wait();
        kill(child);
        assert_unfinished(&town);
        let (waiting, now) = invitations(&city);
        assert!(now <= version + 1 && waiting.len() <= 1, "{n}: {waiting:?}");
        let kept = Home::create(&town, false).unwrap().store().unwrap().meta(JOINING).unwrap().is_some();
        // Where it is used up the device has what it needs; where it is only taken nobody else is let in by it.
        assert!(kept || !waiting.is_empty(), "{n}: used up, and the device was given nothing");
        assert_eq!(now > version, waiting != [false], "{n}: {waiting:?}");
        seen[waiting.first().map_or(2, |taken| usize::from(*taken))] = true;
        gate.open();
        if waiting != [false] {
            let other = folder.path().join("other");
            assert_eq!(ran(plain(&other, &join)).0, 4, "{n}: another device was let in by it");
            assert!(!other.exists());
        }
        let (code, told) = ran(plain(&town, &join));
        assert_eq!(code, 0, "{n}: {told}");
        assert_told(&town, &told);
        assert_eq!(
            invitations(&city),
            (Vec::new(), version + 1),
            "{n}: one device with its person, and no invitation left"
        );
        if before_all && n == 0 {
            whole = gate.said();
        }
    }
    assert_eq!(seen, [true; 3], "killed before it was let in, before it acknowledged, and after it");

    // After the registry, before it is told: the invitation is used up, and the folder goes on.
    let (town, token) = (folder.path().join("town"), invite());
    let join = ["join", &token, "--person", "孙承办", "--person-login", "zhen"];
    killed_before_it_told(plain(&town, &join), || town.join("sessions.json").exists());
    assert_unfinished(&town);
    assert_eq!(invitations(&city).0, Vec::<bool>::new());
    hub.stop();
    // Nothing more is fetched: it goes on without the node that let it in.
    let (code, told) = ran(plain(&town, &join));
    assert_eq!(code, 0, "{told}");
    assert_told(&town, &told);

    let hub = NodeProcess::serve(&city, port, &[]);
    let office = NodeProcess::serve(&town, free_port(), &[port]);
    loop {
        let (code, status) = jiesu(&town, &["sync", "status", "--login", "zhen"]);
        assert_eq!(code, 0, "{status}");
        let hub = status["peers"].as_array().unwrap().iter().find(|peer| peer["in_sync"] == true);
        if let Some(hub) = hub {
            assert_eq!(hub["program"], kernel::PROGRAM, "its version is shown");
            break;
        }
    }
    office.stop();
    hub.stop();
}
