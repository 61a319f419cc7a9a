//! A real `jiesu serve` of a test: started, asked over its HTTP door, killed, started again.

#![allow(dead_code, reason = "each test uses some of it")]

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use desk::Home;
use desk::call::{Call, CallBy};
use desk::home::Control;
use serde_json::Value;

/// Password of everybody in tests.
pub const PASSWORD: &str = "jiesu-test-1";

/// Where a test says how far the clocks of all that it runs are moved: beside the folders of its nodes.
pub fn clock_file(dir: &Path) -> std::path::PathBuf {
    dir.with_file_name("moved-clock")
}

/// Runs a command to its end; its exit code and what it printed as JSON.
pub fn jiesu(dir: &Path, words: &[&str]) -> (i32, Value) {
    let (code, value, _) = told(dir, words);
    (code, value)
}

/// As [`jiesu`], with what it told beside.
fn told(dir: &Path, words: &[&str]) -> (i32, Value, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_jiesu"))
        .args(words)
        .arg("--dir")
        .arg(dir)
        .arg("--json")
        .env("JIESU_PASSWORD", PASSWORD)
        .env("JIESU_OPEN_COMMANDS", "1")
        .env(desk::clock::moved::FILE, clock_file(dir))
        .output()
        .unwrap();
    let value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code().unwrap_or(-1), value, String::from_utf8_lossy(&output.stderr).into_owned())
}

/// As [`jiesu`], where anything but success is a failure of the test.
pub fn done(dir: &Path, words: &[&str]) -> Value {
    let (code, value, beside) = told(dir, words);
    assert_eq!(code, 0, "jiesu {}: {value} {beside}", words.join(" "));
    value
}

/// A UDP port that is free now.
pub fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A running node.
pub struct NodeProcess {
    child: Child,
    /// How to reach it.
    pub control: Control,
}

impl NodeProcess {
    /// Starts a node and waits until it answers.
    pub fn serve(dir: &Path, port: u16, peers: &[u16]) -> Self {
        Self::serve_with(dir, port, peers, &[])
    }

    /// Starts a node with further words and waits until it answers.
    pub fn serve_with(dir: &Path, port: u16, peers: &[u16], words: &[&str]) -> Self {
        Self::serve_under(dir, port, peers, words, &[])
    }

    /// Starts a node with further words and variables and waits until it answers.
    pub fn serve_under(dir: &Path, port: u16, peers: &[u16], words: &[&str], variables: &[(&str, &OsStr)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jiesu"));
        command.envs(variables.iter().copied());
        Self::start(command, dir, port, peers, words)
    }

    /// Starts a node whose files grow to so many blocks of 512 bytes alone, and waits until it answers.
    pub fn serve_limited(dir: &Path, port: u16, blocks: u64) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -f {blocks}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_jiesu")]);
        Self::start(command, dir, port, &[], &[])
    }

    fn start(mut command: Command, dir: &Path, port: u16, peers: &[u16], words: &[&str]) -> Self {
        command.env(desk::clock::moved::FILE, clock_file(dir));
        command.arg("serve").arg("--dir").arg(dir).args([
            "--listen",
            &format!("127.0.0.1:{port}"),
            "--web",
            "127.0.0.1:0",
        ]);
        command.args(words);
        for peer in peers {
            command.args(["--peer", &format!("127.0.0.1:{peer}")]);
        }
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let web = loop {
            let Some(Ok(line)) = lines.next() else { panic!("the node did not start: {said}") };
            if let Some((_, web)) = line.split_once("http://") {
                break web.split_whitespace().next().unwrap().to_owned();
            }
            said.push_str(&line);
        };
        // Whoever logs into a pipe that nobody reads would stop in the end.
        std::thread::spawn(move || lines.for_each(drop));
        // On a full disk it cannot write down how it is reached.
        let control = Home::open(dir).unwrap().control().unwrap_or(Control { web, token: String::new() });
        Self { child, control }
    }

    /// Kills it as a power cut would.
    pub fn kill(self) {
        drop(self);
    }

    /// Waits until it ends by itself; its exit code.
    pub fn ended(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Stops it as an administrator would.
    pub fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        assert!(self.child.wait().unwrap().success(), "a clean stop ends well");
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        // After a clean stop there is nothing left to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks a node; `None` if it went away meanwhile.
pub fn ask(control: &Control, login: Option<&str>, call: Call) -> Option<Result<Value, Value>> {
    ask_under(control, None, login, call)
}

/// Asks a node under the id of a request; `None` if it went away meanwhile.
pub fn ask_under(control: &Control, id: Option<&str>, login: Option<&str>, call: Call) -> Option<Result<Value, Value>> {
    let by = CallBy { login: login.map(str::to_owned), call };
    let mut request = ureq::post(format!("http://{}/api/v1/call", control.web))
        .header("Authorization", format!("Bearer {}", control.token));
    if let Some(id) = id {
        request = request.header("Idempotency-Key", id);
    }
    let request = request.config().http_status_as_error(false).proxy(None).build();
    let mut response = request.send_json(&by).ok()?;
    let good = response.status().is_success();
    let value: Value = response.body_mut().read_json().ok()?;
    Some(if good { Ok(value) } else { Err(value) })
}
