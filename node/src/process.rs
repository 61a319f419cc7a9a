//! One running node: a thread that owns the kernel, a link to the peers, readers for the pages.
//!
//! The loop decides nothing: it collects what people ask and what peers say, hands it to [`Kernel::step`] in groups with
//! the time, and does what comes back. People go first, in a group of their own; then peers and time have theirs, in every
//! turn. Of what peers bring about one group does no more than takes [`GROUP_TIME_MAX`], as measured, so that a click never
//! waits behind a backfill.

mod damage;
mod full;
mod turns;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use kernel::{Command, ConnId, Done, Input, Refusal};
use link::{ConnStats, Link};
use regulation::{ActId, DeviceId, Millis, PersonId};
use replica::{Device, Registry};
use store::{AccountRow, Reader};
use tokio::sync::{Semaphore, broadcast, mpsc, oneshot, watch};

use crate::clock;
use crate::fault;
use crate::home::{AfterLoss, Home};
use crate::people::Door;
use crate::problem::{Problem, in_chinese};
use crate::quiet::Quiet;

/// Requests that wait for the kernel, at most; beyond that whoever asks waits.
pub const ASKS_MAX: usize = 1_024;
/// Requests of one group, at most.
pub const GROUP_ASKS_MAX: usize = 128;
/// Bytes of frames of one group after which no more are taken in.
pub const GROUP_BYTES_MAX: usize = 64 * 1024;
/// How long a group of what peers bring about may take; what is left waits for the next.
pub const GROUP_TIME_MAX: Duration = Duration::from_millis(25);
/// Steps of such a group where they are dear, and frames that it takes in.
pub const STEPS_MIN: usize = 8;
/// Steps of such a group where they are cheap.
pub const STEPS_MAX: usize = 512;
/// Notices that a slow page may lag behind before it has to reload.
pub const NOTICES_MAX: usize = 1_024;
/// How often the kernel hears that time passed.
pub const TICK: Duration = Duration::from_secs(1);
/// Readers, each with a connection and a cache of its own, at most.
pub const READERS_MAX: usize = 8;
/// Reads that wait for a reader, at most; beyond that whoever asks is told to come again.
pub const READS_WAITING_MAX: usize = 1_024;
/// How long a read waits for a reader.
pub const READ_WAIT_MAX: Duration = Duration::from_secs(10);

/// A kernel that has not come round for so long, in milliseconds, does not live.
pub const BEAT_MS_MAX: Millis = 60_000;

pub use full::ROOM_LOOK;
pub use turns::Pace;
use turns::run;

/// How a node is started.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Where peers find it; without it the node works alone.
    pub listen: Option<SocketAddr>,
    /// `HOST:PORT` of peers that it keeps connected to.
    pub peers: Vec<String>,
    /// The database lacks what was told as saved, or was put back from a copy: the node goes on with what is left.
    pub restored: Option<AfterLoss>,
}

/// What pages want to hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A document changed.
    Changed(ActId),
    /// Peers, cursors or figures changed.
    Sync,
    /// The registry grew.
    Registry,
}

/// An address that does not answer.
#[derive(Clone, Debug)]
pub struct DialFailure {
    /// Why.
    pub reason: String,
    /// When it is tried next.
    pub next_at: Millis,
}

/// A peer as the process sees it.
#[derive(Clone, Copy, Debug)]
pub struct PeerStatus {
    /// Which device.
    pub device: DeviceId,
    /// The connection.
    pub conn: ConnId,
    /// Figures of the conversation.
    pub stats: sync::Stats,
    /// Nothing is under way in it.
    pub in_sync: bool,
}

/// The node's peers now.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Connected peers that were heard from lately.
    pub peers: Vec<PeerStatus>,
    /// Addresses that do not answer.
    pub failures: BTreeMap<String, DialFailure>,
    /// Since when nothing came on each connection.
    pub quiet: BTreeMap<ConnId, Duration>,
    /// When something came last from each peer.
    pub seen: BTreeMap<DeviceId, Millis>,
    /// Since when no peer is connected; 0 before the first look.
    pub alone_since: Option<Millis>,
    /// The hub has nothing left to confirm.
    pub settled: bool,
    /// The clock of this machine is not believed: the node does nothing by itself that counts against anybody.
    pub clock_doubtful: bool,
}

/// This node's place in the registry.
#[derive(Clone, Debug)]
pub struct Me {
    /// Its number.
    pub id: DeviceId,
    /// What the registry says of it.
    pub device: Device,
    /// Whether it is the city hub.
    pub hub: bool,
}

/// A running node. Clones are the same node.
#[derive(Clone)]
pub struct Node(Arc<Inner>);

struct Inner {
    home: Home,
    asks: mpsc::Sender<Ask>,
    registry: Arc<RwLock<Arc<Registry>>>,
    readers: Mutex<Vec<Reader>>,
    /// A place in the queue of reads, and a turn.
    queue: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    door: Door,
    notices: broadcast::Sender<Notice>,
    status: Mutex<Status>,
    link: Option<Link>,
    fault: watch::Sender<Option<Problem>>,
    /// The disk is full: nothing is written.
    full: AtomicBool,
    /// When the kernel's loop last came round.
    beat: AtomicI64,
    started_at: Millis,
    /// Where what a peer asks is answered.
    runtime: tokio::runtime::Handle,
    /// Bounds what others write into the log.
    quiet: Quiet,
    /// The kernel's thread, until somebody waits for its end.
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Inner {
    fn may_log(&self, kind: &'static str, source: &str) -> Option<u64> {
        self.quiet.may(clock::steady(), kind, source)
    }
}

enum Ask {
    Request {
        person: Option<PersonId>,
        command: Box<Command>,
        reply: oneshot::Sender<Result<Done, Problem>>,
    },
    Keep {
        input: Input,
        reply: oneshot::Sender<Result<(), Problem>>,
    },
    Stop(oneshot::Sender<()>),
    #[cfg(test)]
    Panic,
}

impl Node {
    /// Opens the database and starts. Must be called within a multi-threaded tokio runtime.
    ///
    /// # Errors
    /// The database is in use or damaged, or the address cannot be used.
    pub fn start(home: Home, start: &Start) -> Result<Self, Problem> {
        let now = clock::now();
        let (kernel, registry) = match full::open(&home, start.restored) {
            Ok(kernel) => {
                let registry = kernel.registry().clone();
                (Some(kernel), registry)
            }
            // What it holds can still be read.
            Err(problem) if problem.is_disk_full() && start.restored.is_none() => (None, home.registry()?),
            Err(problem) => return Err(problem),
        };
        home.own(&registry)?;
        let registry = Arc::new(RwLock::new(Arc::new(registry)));
        let (link, events) = match start.listen {
            None => (None, None),
            Some(listen) => {
                let asked = registry.clone();
                let allowed = move |key: &link::Key| read(&asked).now().device_of_key(key).is_some();
                let (link, events) = Link::bind(listen, &home.device_secret(), Arc::new(allowed)).map_err(|error| {
                    Problem::unreachable(
                        format!("无法监听 {listen}：{}", in_chinese(&error.to_string())),
                        format!("cannot listen on {listen}: {error}"),
                    )
                })?;
                (Some(link), Some(events))
            }
        };
        let (asks, asked) = mpsc::channel(ASKS_MAX);
        let node = Self(Arc::new(Inner {
            home,
            asks,
            registry,
            readers: Mutex::default(),
            queue: Arc::new(Semaphore::new(READERS_MAX + READS_WAITING_MAX)),
            turns: Arc::new(Semaphore::new(READERS_MAX)),
            door: Door::new()?,
            notices: broadcast::channel(NOTICES_MAX).0,
            status: Mutex::new(Status { alone_since: Some(now), ..Status::default() }),
            link,
            fault: watch::channel(None).0,
            full: AtomicBool::new(kernel.is_none()),
            beat: AtomicI64::new(now),
            started_at: now,
            runtime: tokio::runtime::Handle::current(),
            quiet: Quiet::default(),
            thread: Mutex::default(),
        }));
        for peer in &start.peers {
            node.dial(peer);
        }
        // A runtime of its own: the kernel's work holds nobody else up, and outlives what is shut down around it.
        let own = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let own = own.map_err(|error| Problem::fault(&error))?;
        let inner = node.0.clone();
        let work = move || {
            let watched = inner.clone();
            let run = std::panic::AssertUnwindSafe(|| own.block_on(run(kernel, inner, asked, events)));
            match std::panic::catch_unwind(run) {
                Ok(Ok(())) => {}
                Ok(Err(problem)) => watched.broken(problem),
                Err(_) => watched.broken(fault::of_panic()),
            }
        };
        let thread = std::thread::Builder::new().name("kernel".to_owned()).spawn(work);
        *lock(&node.0.thread) = Some(thread.map_err(|error| Problem::fault(&error))?);
        Ok(node)
    }

    /// Asks the kernel for something; the answer is durable.
    ///
    /// # Errors
    /// The refusal, or the fault that stopped the node.
    pub async fn ask(&self, person: Option<PersonId>, command: Command) -> Result<Done, Problem> {
        let (reply, answer) = oneshot::channel();
        self.tell(Ask::Request { person, command: Box::new(command), reply }).await?;
        answer.await.map_err(|_| self.stopped())?
    }

    /// Keeps how a person signs in.
    ///
    /// # Errors
    /// The fault that stopped the node.
    pub async fn keep_account(&self, account: AccountRow) -> Result<(), Problem> {
        self.keep_input(Input::Account(account)).await
    }

    /// Ends every session of commands that a person has begun here.
    ///
    /// # Errors
    /// The fault that stopped the node.
    pub async fn end_sessions(&self, person: PersonId) -> Result<(), Problem> {
        self.keep_input(Input::EndSessions(person)).await
    }

    /// Keeps a fact of the process under a name that is put behind [`kernel::KEPT`].
    ///
    /// # Errors
    /// The fault that stopped the node.
    pub async fn keep(&self, name: &str, value: Vec<u8>) -> Result<(), Problem> {
        self.keep_input(Input::Keep { key: format!("{}{name}", kernel::KEPT), value }).await
    }

    /// Raises an alarm.
    ///
    /// # Errors
    /// The fault that stopped the node.
    pub async fn raise(&self, alarm: kernel::Alarm, source: &str, detail: &str) -> Result<(), Problem> {
        let (source, detail) = (source.to_owned(), detail.to_owned());
        self.keep_input(Input::Alarm { alarm, source, detail }).await
    }

    async fn keep_input(&self, input: Input) -> Result<(), Problem> {
        let (reply, answer) = oneshot::channel();
        self.tell(Ask::Keep { input, reply }).await?;
        answer.await.map_err(|_| self.stopped())?
    }

    /// That the node does what it is asked: its kernel comes round. Says if it can only show what it holds.
    ///
    /// # Errors
    /// The fault that stopped it, or that it hangs.
    pub fn alive(&self) -> Result<&'static str, Problem> {
        if lock(&self.0.thread).as_ref().is_none_or(std::thread::JoinHandle::is_finished) {
            return Err(self.stopped());
        }
        if let Some(problem) = self.0.faulty() {
            return Err(problem);
        }
        let silent = clock::now().saturating_sub(self.0.beat.load(Ordering::SeqCst));
        if silent > BEAT_MS_MAX {
            return Err(Problem::fault(&format!("the kernel has not come round for {} s", silent / 1_000)));
        }
        Ok(if self.0.full.load(Ordering::SeqCst) { "disk full, read-only" } else { "ok" })
    }

    async fn tell(&self, ask: Ask) -> Result<(), Problem> {
        self.0.asks.send(ask).await.map_err(|_| self.stopped())
    }

    /// Reads from the database, off the runtime's own threads. A reader that finds it damaged ends the node.
    ///
    /// # Errors
    /// What `read` says, that the database cannot be opened, or that too much is being read now.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader, &Registry) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let busy = || Problem::later(503, 5, "本机正忙，请稍后再试", "this node is busy; try again in a moment");
        let place = self.0.queue.clone().try_acquire_owned().map_err(|_| busy())?;
        let turn = tokio::time::timeout(READ_WAIT_MAX, self.0.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| busy())?.map_err(|error| Problem::fault(&error))?;
        let node = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            // Held until it is done, also when nobody waits for it any more.
            let _held = (place, turn);
            let kept = lock(&node.0.readers).pop();
            let reader = match kept {
                Some(reader) => reader,
                None => node.0.home.open_reader().map_err(|error| node.0.not_opened(error))?,
            };
            let result = read(&reader, &node.registry());
            match &result {
                Err(problem) if problem.is_damage() => node.0.broken(problem.clone()),
                _ => lock(&node.0.readers).push(reader),
            }
            result
        });
        done.await.map_err(|error| Problem::fault(&error))?
    }

    /// Who gets in.
    #[must_use]
    pub fn door(&self) -> &Door {
        &self.0.door
    }

    /// The registry as held now.
    #[must_use]
    pub fn registry(&self) -> Arc<Registry> {
        read(&self.0.registry)
    }

    /// This node's place in the registry.
    ///
    /// # Errors
    /// It is not enrolled.
    pub fn me(&self) -> Result<Me, Problem> {
        let registry = self.registry();
        let now = registry.now();
        let found = now.device_of_key(&self.0.home.device_key().public());
        let (id, device) = found.ok_or_else(|| Problem::from(Refusal::NotEnrolled(DeviceId(0))))?;
        Ok(Me { id, device: device.clone(), hub: now.hub() == Some(id) })
    }

    /// The folder.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.0.home
    }

    /// When it was started.
    #[must_use]
    pub fn started_at(&self) -> Millis {
        self.0.started_at
    }

    /// Everything that changes from now on.
    #[must_use]
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.0.notices.subscribe()
    }

    /// The peers now.
    #[must_use]
    pub fn status(&self) -> Status {
        lock(&self.0.status).clone()
    }

    /// Connections as the link sees them.
    #[must_use]
    pub fn connections(&self) -> Vec<(u64, ConnStats)> {
        self.0.link.as_ref().map(Link::stats).unwrap_or_default()
    }

    /// UDP bytes sent and received since the start.
    #[must_use]
    pub fn udp_bytes(&self) -> (u64, u64) {
        self.0.link.as_ref().map(Link::totals).unwrap_or_default()
    }

    /// The address on which peers find it.
    #[must_use]
    pub fn listening(&self) -> Option<SocketAddr> {
        self.0.link.as_ref().and_then(|link| link.local_addr().ok())
    }

    /// Keeps a connection to `HOST:PORT` from now on.
    pub fn dial(&self, peer: &str) {
        if let Some(link) = &self.0.link {
            link.dial(peer);
        }
    }

    /// Tries every peer that is not connected now.
    pub fn hurry(&self) {
        if let Some(link) = &self.0.link {
            link.hurry();
        }
    }

    /// Cuts the node off from every peer, or ends that.
    pub fn set_cut(&self, cut: bool) {
        if let Some(link) = &self.0.link {
            link.set_cut(cut);
        }
    }

    /// Waits until a fault of this machine stops the node; never comes back otherwise.
    pub async fn fault(&self) -> Problem {
        let mut fault = self.0.fault.subscribe();
        match fault.wait_for(Option::is_some).await {
            Ok(fault) => fault.clone().unwrap_or_else(|| Problem::fault(&"stopped")),
            Err(_) => self.stopped(),
        }
    }

    /// Stops: what was asked is done, what was done is durable.
    pub async fn stop(&self) {
        let (reply, done) = oneshot::channel();
        if self.tell(Ask::Stop(reply)).await.is_ok() {
            let _ = done.await;
        }
        // A thread that is still closing a database while the process ends is a crash: SQLCipher's exit handlers have
        // taken away what it needs.
        let thread = lock(&self.0.thread).take();
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        if let Some(link) = &self.0.link {
            link.shutdown().await;
        }
    }

    /// Whether a line of the log that somebody else causes may be written, and how many were left out before it.
    pub(crate) fn may_log(&self, kind: &'static str, source: &str) -> Option<u64> {
        self.0.may_log(kind, source)
    }

    fn stopped(&self) -> Problem {
        self.0.fault.borrow().clone().unwrap_or_else(|| Problem::unreachable("节点已停止", "the node has stopped"))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(registry: &RwLock<Arc<Registry>>) -> Arc<Registry> {
    registry.read().unwrap_or_else(PoisonError::into_inner).clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::LastFault;

    #[tokio::test(flavor = "multi_thread")]
    async fn panic_of_the_kernels_thread_ends_the_node_with_a_reason_that_says_nothing_personal() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("city");
        let node = Node::start(Home::create(&dir, true).unwrap(), &Start::default()).unwrap();
        assert_eq!(node.alive(), Ok("ok"));
        let waiting = tokio::spawn({
            let node = node.clone();
            async move { node.fault().await }
        });
        node.tell(Ask::Panic).await.unwrap();
        // Whoever asks meanwhile or later is told, and waits for nothing.
        let asked = node.ask(None, Command::Rebuild).await.unwrap_err();
        assert_eq!(waiting.await.unwrap().exit, 7);
        assert!(["fault", "unreachable"].contains(&asked.code.as_str()), "{asked:?}");
        assert_eq!(node.ask(None, Command::Rebuild).await.unwrap_err().code, "fault");
        node.stop().await;
        assert!(node.alive().is_err());
        let kept = LastFault::read(&dir).unwrap();
        assert!(kept.reason.contains("panic at") && !kept.reason.contains("name"), "{kept:?}");
    }
}
