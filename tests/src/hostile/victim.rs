//! The node that is attacked: prepared here, run in a process of its own, asked over its standard input.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use base64ct::{Base64UrlUnpadded, Encoding};
use desk::{Home, clock};
use kernel::{Command, Done, Effect, Identity, Input, Kernel, Request};
use node::{Node, Start};
use regulation::act::{Dispatch, Register};
use regulation::{ActId, Body, DeviceId, PersonId};
use replica::registry::ROOT_LOG;
use replica::{Draft, Effect as Write, Field, History, Registry, Value as Content};
use serde_json::{Value, json};
use store::Store;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::sync::{Mutex, oneshot};
use web::api;

use super::PATIENCE;
use crate::city::{self, CITY, HUB, TOWNSHIPS};

/// The office machine of the attacker's township.
pub const OFFICE: DeviceId = DeviceId(4);
/// Another machine of that township: its key is the attacker's too.
pub const LAPTOP: DeviceId = DeviceId(7);
/// Words that stand only in the ticket of another township: they must never leave.
pub const SECRET: &str = "绝密举报线索";

const DATABASE_KEY: [u8; 32] = [3; 32];

/// What the node holds before the attack.
pub struct Prepared {
    /// The registry of the city.
    pub registry: Registry,
    /// A ticket of the attacker's township, with its history.
    pub own: History,
    /// A ticket of another township.
    pub foreign: History,
}

/// Makes the folder of a city hub with a ticket of the attacker's township and one of another.
///
/// # Errors
/// The folder cannot be written.
pub fn prepare(dir: &Path) -> Result<Prepared> {
    let text = |bytes: [u8; 32]| Base64UrlUnpadded::encode_string(&bytes);
    let mut secret = [7; 32];
    secret[..4].copy_from_slice(&HUB.0.to_be_bytes());
    let keys =
        format!("device = \"{}\"\ndatabase = \"{}\"\nroot = \"{}\"\n", text(secret), text(DATABASE_KEY), text([9; 32]));
    std::fs::write(dir.join("keys.toml"), keys)?;
    let mut store = Store::open(&dir.join("node.db"), &DATABASE_KEY)?;
    let registry = city::registry();
    store.begin()?;
    for (version, entry) in (1..).zip(registry.entries()) {
        store.registry_append(ROOT_LOG, version, entry)?;
    }
    store.commit()?;
    let identity = Identity { key: city::key(HUB), root: Some(city::root_key()), reliable_links: true };
    let now = clock::now();
    let mut hub = Kernel::open(store, identity, [1; 32], now, false)?;
    let mut ticket = |title: &str, unit| -> Result<History> {
        let doc = made(&mut hub, now, Command::Begin(register(title)))?;
        let dispatch = Draft::new(Body::Dispatch(Dispatch { lead: unit, assisting: Vec::new() }));
        made(&mut hub, now, Command::Act { doc, draft: dispatch })?;
        Ok(kernel::read::history(hub.store(), hub.registry(), doc)?)
    };
    let own = ticket("供暖不热", TOWNSHIPS[0])?;
    let foreign = ticket(SECRET, TOWNSHIPS[1])?;
    drop(hub.into_store());
    Ok(Prepared { registry, own, foreign })
}

fn made(kernel: &mut Kernel, now: i64, command: Command) -> Result<ActId> {
    let request = Request { ticket: 1, person: Some(city::people(CITY)[0]), command };
    for effect in kernel.handle(now, vec![Input::Request(Box::new(request))])? {
        if let Effect::Reply { result, .. } = effect {
            return match result? {
                Done::Made { doc, .. } => Ok(doc),
                other => Err(anyhow!("{other:?}")),
            };
        }
    }
    bail!("no reply")
}

/// A registration with that title.
#[must_use]
pub fn register(title: &str) -> Draft {
    let body = Body::Register(Register { raised_at: clock::now(), serial: 0, ..Register::sample() });
    let mut draft = Draft::new(body).text([title, "三单元室温不到十六度"]).effects(vec![
        Write::Register(Field::Title, Content::Segment(0)),
        Write::Register(Field::Category, Content::Code("0101".to_owned())),
    ]);
    draft.private = vec!["李某".to_owned(), "13800000000".to_owned()];
    draft
}

/// Runs the node until its standard input ends: the other process of every case.
///
/// # Errors
/// The node cannot be started.
pub async fn serve(dir: &Path) -> Result<()> {
    let listen = Some(std::net::SocketAddr::from(([127, 0, 0, 1], 0)));
    let node = Node::start(Home::open(dir)?, &Start { listen, ..Start::default() })?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let pages = listener.local_addr()?;
    let door = api::router(node.desk().clone(), "a token that nobody knows".to_owned());
    tokio::spawn(web::serve(node.desk().clone(), listener, door, std::future::pending()));
    let quic = node.listening().context("no address")?;
    let ready = json!({ "quic": quic.to_string(), "web": pages.to_string() });
    say(&ready)?;
    let (asked, mut lines) = tokio::sync::mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(std::io::Result::ok) {
            if asked.blocking_send(line).is_err() {
                return;
            }
        }
    });
    let mut clicks = 0;
    while let Some(line) = lines.recv().await {
        let answer = match line.as_str() {
            "click" => {
                clicks += 1;
                let person = PersonId(city::people(CITY)[1].0);
                let asked = node.ask(Some(person), Command::Begin(register(&format!("点击 {clicks}")))).await;
                json!({ "made": asked.is_ok() })
            }
            _ => figures(&node).await?,
        };
        say(&answer)?;
    }
    node.stop().await;
    Ok(())
}

fn say(answer: &Value) -> Result<()> {
    use std::io::Write as _;
    Ok(writeln!(std::io::stdout(), "{answer}")?)
}

async fn figures(node: &Node) -> Result<Value> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let (rows, bytes, alarms) = node
        .read(|reader, _| {
            let stats = reader.stats()?;
            let alarms: Vec<String> = reader.alarms(100)?.into_iter().map(|row| row.kind).collect();
            Ok((stats.rows, stats.bytes, alarms))
        })
        .await?;
    let rows: serde_json::Map<String, Value> =
        rows.into_iter().map(|(table, n)| (table.to_owned(), json!(n))).collect();
    Ok(json!({
        "peak_kb": peak.and_then(|kb| kb.trim().parse::<u64>().ok()),
        "database_bytes": bytes,
        "rows": rows,
        "alarms": alarms,
        "peers": node.status().peers.len(),
    }))
}

/// The node's process.
pub struct Victim {
    /// Where peers find it.
    pub quic: String,
    /// Where its pages are.
    pub web: String,
    child: Child,
    talk: Arc<Mutex<Talk>>,
    log_lines: Arc<std::sync::atomic::AtomicU64>,
}

struct Talk {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Talk {
    async fn ask(&mut self, what: &str) -> Result<Value> {
        self.input.write_all(format!("{what}\n").as_bytes()).await?;
        let line = tokio::time::timeout(PATIENCE, self.output.next_line()).await.context("no answer in time")??;
        Ok(serde_json::from_str(&line.context("the node is gone")?)?)
    }
}

impl Victim {
    /// Starts it on a prepared folder; `program` is the executable `hostile`.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn start(program: &Path, dir: &Path) -> Result<Self> {
        let mut child = tokio::process::Command::new(program)
            .arg("victim")
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let input = child.stdin.take().context("no input")?;
        let output = BufReader::new(child.stdout.take().context("no output")?).lines();
        let log_lines = Arc::new(std::sync::atomic::AtomicU64::new(0));
        let (mut log, counted) = (BufReader::new(child.stderr.take().context("no log")?).lines(), log_lines.clone());
        tokio::spawn(async move {
            while let Ok(Some(_)) = log.next_line().await {
                counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        });
        let mut talk = Talk { input, output };
        let line = tokio::time::timeout(PATIENCE, talk.output.next_line()).await??.context("it did not come up")?;
        let ready: Value = serde_json::from_str(&line)?;
        let of = |name: &str| ready[name].as_str().unwrap_or_default().to_owned();
        Ok(Self { quic: of("quic"), web: of("web"), child, talk: Arc::new(Mutex::new(talk)), log_lines })
    }

    /// What it holds and what it costs now.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn figures(&self) -> Result<Value> {
        let mut figures = self.talk.lock().await.ask("figures").await?;
        figures["log_lines"] = json!(self.log_lines.load(std::sync::atomic::Ordering::Relaxed));
        Ok(figures)
    }

    /// Has a clerk save something again and again.
    #[must_use]
    pub fn click_every(&self, pause: Duration) -> Clicking {
        let (talk, (stop, mut stopped)) = (self.talk.clone(), oneshot::channel());
        let task = tokio::spawn(async move {
            let mut clicks = Clicks::default();
            let mut next = tokio::time::interval(pause);
            next.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = &mut stopped => return clicks,
                    _ = next.tick() => {}
                }
                let began = Instant::now();
                match talk.lock().await.ask("click").await {
                    Ok(answer) if answer["made"] == true => clicks.took.push(began.elapsed()),
                    _ => clicks.failed += 1,
                }
                clicks.count += 1;
            }
        });
        Clicking { stop, task }
    }

    /// Ends it.
    pub async fn stop(mut self) {
        let _ = self.child.kill().await;
    }
}

/// A clerk at work.
pub struct Clicking {
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<Clicks>,
}

impl Clicking {
    /// Ends the clerk's work; how long each save took.
    pub async fn end(self) -> Clicks {
        let _ = self.stop.send(());
        self.task.await.unwrap_or_default()
    }
}

/// How long each save took.
#[derive(Default)]
pub struct Clicks {
    /// How many.
    pub count: usize,
    /// How many were not saved.
    pub failed: usize,
    took: Vec<Duration>,
}

impl Clicks {
    /// The longest, in milliseconds.
    #[must_use]
    pub fn worst_ms(&self) -> u64 {
        self.took.iter().max().map_or(0, |took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
    }

    /// The one in the middle, in milliseconds.
    #[must_use]
    pub fn median_ms(&self) -> u64 {
        let mut all = self.took.clone();
        all.sort_unstable();
        all.get(all.len() / 2).map_or(0, |took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
    }
}
