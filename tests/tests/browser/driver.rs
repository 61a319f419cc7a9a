//! A browser and the conversation with it.
//!
//! DevTools messages go over a pipe, each ended by a zero byte: no port that others could reach, and the browser goes
//! when the test does.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::{broadcast, oneshot};

use crate::page::Page;

/// How long anything may take that a test waits for. Generous: a machine under load is no defect of a page.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// Events that nobody has looked at yet, at most.
const EVENTS_MAX: usize = 8_192;
/// How often a browser is started that ends before it has said a word: on a machine under load one in some thousands does.
const STARTS_MAX: usize = 3;
/// Of what the browser complains about, what is kept at most, in bytes.
const COMPLAINTS_MAX: u64 = 16 * 1024;
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Something that happened in a page.
#[derive(Clone, Debug)]
pub struct Event {
    pub session: String,
    pub method: String,
    pub params: Value,
}

/// DevTools reads descriptor 3 and writes 4; what the browser complains about matters only if it does not start. It ends by itself when nobody
/// holds the other end of 3 any more, however the test ended, and only then can what it wrote be removed.
const START: &str = r#"profile=$(mktemp -d) || exit
"$@" --user-data-dir="$profile" 3<&0 4>&1 </dev/null >/dev/null
rm -rf "$profile""#;

/// A running browser.
pub struct Browser {
    pub wire: Arc<Wire>,
}

/// The conversation.
pub struct Wire {
    to: tokio::sync::Mutex<ChildStdin>,
    next: AtomicU64,
    waiting: Mutex<BTreeMap<u64, oneshot::Sender<Result<Value, String>>>>,
    events: broadcast::Sender<Event>,
}

impl Browser {
    /// Starts one; none where there is none, having said so.
    pub async fn launch() -> Option<Self> {
        let Some(program) = program() else {
            let sought = format!("none of {} in PATH, and JIESU_CHROMIUM is not set", NAMES.join(", "));
            assert!(std::env::var("JIESU_BROWSER_REQUIRED").as_deref() != Ok("1"), "no browser: {sought}");
            // Past the capture of the test runner, which would keep it to itself when the test passes.
            let test = std::thread::current().name().unwrap_or_default().to_owned();
            let said = format!("SKIPPED {test}: no browser ({sought})\n");
            std::io::stderr().write_all(said.as_bytes()).unwrap();
            return None;
        };
        let mut why = String::new();
        for _ in 0..STARTS_MAX {
            match Self::start(&program).await {
                Ok(browser) => return Some(browser),
                Err(error) => why = error,
            }
        }
        panic!("{} does not start: {why}", program.display());
    }

    /// One that has answered; else why not, and what it complained about.
    async fn start(program: &Path) -> Result<Self, String> {
        let mut child = Command::new("sh")
            .args(["-c", START, "sh"])
            .arg(program)
            .args(FLAGS)
            .env("LANGUAGE", "zh_CN")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let complaints = tokio::spawn(complaints(child.stderr.take().unwrap()));
        let wire = Arc::new(Wire {
            to: tokio::sync::Mutex::new(to),
            next: AtomicU64::new(1),
            waiting: Mutex::default(),
            events: broadcast::channel(EVENTS_MAX).0,
        });
        tokio::spawn(hear(wire.clone(), from));
        match wire.call("", "Browser.getVersion", json!({})).await {
            Ok(_) => Ok(Self { wire }),
            Err(error) => {
                // Without this end of the conversation it goes, and with it what it complains through.
                drop(wire);
                let _ = child.kill().await;
                let said = tokio::time::timeout(DEADLINE, complaints).await;
                Err(format!("{error}; it said: {}", said.map(Result::unwrap_or_default).unwrap_or_default()))
            }
        }
    }

    /// A page with cookies of its own: somebody at another desk.
    pub async fn page(&self, base: &str) -> Page {
        let wire = &self.wire;
        let context = wire.call("", "Target.createBrowserContext", json!({})).await.unwrap();
        let target =
            json!({ "url": "about:blank", "browserContextId": context["browserContextId"], "newWindow": true });
        let target = wire.call("", "Target.createTarget", target).await.unwrap();
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = wire.call("", "Target.attachToTarget", attach).await.unwrap();
        Page::new(wire.clone(), attached["sessionId"].as_str().unwrap(), base).await
    }
}

impl Wire {
    /// Asks the browser, or one of its pages, for something.
    pub async fn call(&self, session: &str, method: &str, params: Value) -> Result<Value, String> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !session.is_empty() {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        let (reply, answer) = oneshot::channel();
        self.waiting.lock().unwrap().insert(id, reply);
        self.to.lock().await.write_all(&bytes).await.map_err(|error| error.to_string())?;
        match tokio::time::timeout(DEADLINE, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err("the browser is gone".to_owned()),
            Err(_) => Err(format!("the browser does not answer {method}")),
        }
    }

    /// Everything that happens from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }
}

/// What comes first of it; the rest is read and forgotten, so that nobody waits for room.
async fn complaints(mut from: ChildStderr) -> String {
    let mut kept = Vec::new();
    let _ = (&mut from).take(COMPLAINTS_MAX).read_to_end(&mut kept).await;
    if kept.len() as u64 == COMPLAINTS_MAX {
        tokio::spawn(async move { tokio::io::copy(&mut from, &mut tokio::io::sink()).await });
    }
    String::from_utf8_lossy(&kept).into_owned()
}

async fn hear(wire: Arc<Wire>, from: ChildStdout) {
    let mut from = BufReader::new(from);
    let mut bytes = Vec::new();
    while from.read_until(0, &mut bytes).await.is_ok_and(|read| read > 0) {
        if bytes.last() == Some(&0) {
            bytes.pop();
        }
        let Ok(mut message) = serde_json::from_slice::<Value>(&bytes) else { break };
        bytes.clear();
        if let Some(id) = message["id"].as_u64() {
            let answer = match message.get("error") {
                Some(error) => Err(error.to_string()),
                None => Ok(message["result"].take()),
            };
            if let Some(reply) = wire.waiting.lock().unwrap().remove(&id) {
                let _ = reply.send(answer);
            }
        } else {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let (session, method) = (text(&message["sessionId"]), text(&message["method"]));
            let _ = wire.events.send(Event { session, method, params: message["params"].take() });
        }
    }
    // Whoever still waits hears that nothing will come.
    wire.waiting.lock().unwrap().clear();
}

fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("JIESU_CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    NAMES.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file()))
}

const FLAGS: &[&str] = &[
    "--headless=new",
    "--remote-debugging-pipe",
    // Tests run as root in containers, where the sandbox cannot.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-sync",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--password-store=basic",
    "--force-color-profile=srgb",
    // Whatever a page asks for elsewhere cannot be had.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];
