//! A node under a service manager, as `deploy/jiesu.service` starts it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use node_process::done;

/// How long it may take to start or stop before the test gives up.
const DEADLINE: Duration = Duration::from_secs(120);

/// The values of a line of the unit.
fn all<'a>(unit: &'a str, name: &str) -> Vec<&'a str> {
    unit.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')).collect()
}

/// What the node tells next.
fn told(socket: &UnixDatagram) -> String {
    let mut buffer = [0; 512];
    let length = socket.recv(&mut buffer).unwrap();
    String::from_utf8_lossy(&buffer[..length]).trim().to_owned()
}

#[test]
fn a_service_says_when_it_is_ready_and_that_it_stops() {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/jiesu.service");
    let unit = std::fs::read_to_string(unit).unwrap();
    assert_eq!(all(&unit, "Type"), ["notify"]);
    let started = all(&unit, "ExecStart");
    let [command] = started[..] else { panic!("one command: {started:?}") };
    let (program, words) = command.split_once(' ').unwrap();
    assert!(program.ends_with("/jiesu"), "{program}");

    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("node");
    done(&dir, &["init", "city", "--name", "保定市"]);
    let socket = UnixDatagram::bind(root.path().join("notify")).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut service = Command::new(env!("CARGO_BIN_EXE_jiesu"));
    for variable in all(&unit, "Environment") {
        let (name, value) = variable.split_once('=').unwrap();
        let here = if name == "JIESU_DIR" { dir.to_str().unwrap() } else { value };
        service.env(name, here);
    }
    // Ports that are free here; the unit leaves them to the configuration.
    service.env("JIESU_LISTEN", "127.0.0.1:0").env("JIESU_WEB", "127.0.0.1:0");
    service.env("NOTIFY_SOCKET", root.path().join("notify"));
    service.args(words.split(' ')).stdout(Stdio::null()).stderr(Stdio::null());
    let mut service = service.spawn().unwrap();

    assert_eq!(told(&socket), "READY=1");
    done(&dir, &["status"]);
    assert!(Command::new("kill").args(["-TERM", &service.id().to_string()]).status().unwrap().success());
    assert_eq!(told(&socket), "STOPPING=1");
    assert!(service.wait().unwrap().success(), "a clean stop is no failure");
}
