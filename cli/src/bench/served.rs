//! A node in a process of its own, as it is installed: started, looked at, killed.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use desk::home::Control;
use desk::{Home, Problem, clock};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long a node may take to start.
const START_WAIT_MAX: Duration = Duration::from_secs(600);

/// A running node.
pub struct Served {
    child: Child,
    pub control: Control,
    /// Where peers find it.
    pub listening: String,
    /// From the start of the process until it said that it serves.
    pub started: Duration,
}

/// What a process has used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// Bytes of memory now and at most; 0 where the system does not tell.
    pub memory: u64,
    pub peak: u64,
    /// Milliseconds of CPU.
    pub cpu_ms: u64,
}

impl Served {
    pub async fn start(dir: &Path, peer: Option<&str>) -> Result<Self, Problem> {
        let began = clock::steady();
        let mut command = jiesu(dir)?;
        command.args(["serve", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--lang", "zh"]);
        if let Some(peer) = peer {
            command.args(["--peer", peer]);
        }
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(|error| Problem::fault(&error))?;
        let silent = || Problem::fault(&"the node that is to be measured does not start");
        let mut lines = BufReader::new(child.stderr.take().ok_or_else(silent)?).lines();
        let said = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some((_, at)) = line.split_once("http://") {
                    return at.split_whitespace().next_back().map(str::to_owned);
                }
            }
            None
        };
        let said = tokio::time::timeout(START_WAIT_MAX, said).await.map_err(|error| Problem::fault(&error))?;
        let listening = said.ok_or_else(silent)?;
        let started = clock::steady().saturating_sub(began);
        // Whoever logs into a pipe that nobody reads would stop in the end.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let control = Home::open(dir)?.control().ok_or_else(silent)?;
        Ok(Self { child, control, listening, started })
    }

    /// What its process has used up to now.
    pub fn used(&self) -> Used {
        let Some(id) = self.child.id() else { return Used::default() };
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{id}/{name}")).unwrap_or_default();
        let status = read("status");
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() * 1024
        };
        // Behind the name of the program, which may hold anything, stand 11 fields, then the time of the process itself
        // and of the system for it, in hundredths of a second.
        let stat = read("stat");
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks: u64 = fields.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok()).sum();
        Used { memory: kib("VmRSS:"), peak: kib("VmHWM:"), cpu_ms: ticks * 10 }
    }

    /// Kills it as a power cut would.
    pub async fn kill(mut self) -> Result<(), Problem> {
        self.child.kill().await.map_err(|error| Problem::fault(&error))
    }
}

/// Runs a command of this program to its end.
pub async fn run(dir: &Path, words: &[&str]) -> Result<(), Problem> {
    let ended = jiesu(dir)?.args(words).stdout(Stdio::null()).stderr(Stdio::null()).status().await;
    match ended {
        Ok(status) if status.success() => Ok(()),
        other => Err(Problem::fault(&format!("jiesu {}: {other:?}", words.first().copied().unwrap_or_default()))),
    }
}

/// This program, with nothing of what was set for this run.
fn jiesu(dir: &Path) -> Result<Command, Problem> {
    let mut command = Command::new(std::env::current_exe().map_err(|error| Problem::fault(&error))?);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("JIESU_")) {
            command.env_remove(name);
        }
    }
    command.env("JIESU_DIR", dir).env("JIESU_PASSWORD", super::PASSWORD).kill_on_drop(true);
    Ok(command)
}
