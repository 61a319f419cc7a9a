//! One running node: a thread that owns the kernel, a link to the peers, readers for the pages.
//!
//! The loop decides nothing: it collects what people ask and what peers say, hands it to [`Kernel::handle`] as one
//! group with the time, and does what comes back. People go first; of what peers send, one group takes no more than
//! [`GROUP_BYTES_MAX`], so that a click never waits behind a backfill.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use kernel::{Command, ConnId, Done, Effect, Identity, Input, Kernel, Refusal, Request};
use link::{ConnStats, Event, Link};
use regulation::{ActId, DeviceId, Millis, PersonId};
use replica::{Device, Registry};
use store::{AccountRow, Reader};
use tokio::sync::{Semaphore, broadcast, mpsc, oneshot, watch};

use crate::clock;
use crate::home::{Home, random};
use crate::people::Door;
use crate::problem::Problem;

/// Requests that wait for the kernel, at most; beyond that whoever asks waits.
pub const ASKS_MAX: usize = 1_024;
/// Requests of one group, at most.
pub const GROUP_ASKS_MAX: usize = 128;
/// Bytes of frames of one group after which no more are taken in.
pub const GROUP_BYTES_MAX: usize = 64 * 1024;
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

/// How a node is started.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Where peers find it; without it the node works alone.
    pub listen: Option<SocketAddr>,
    /// `HOST:PORT` of peers that it keeps connected to.
    pub peers: Vec<String>,
    /// The database lacks what was told as saved, or was put back from a copy: the node goes on with what is left.
    pub restored: bool,
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
    /// Connected peers.
    pub peers: Vec<PeerStatus>,
    /// Addresses that do not answer.
    pub failures: BTreeMap<String, DialFailure>,
    /// When each peer was last connected.
    pub seen: BTreeMap<DeviceId, Millis>,
    /// Since when no peer is connected; 0 before the first look.
    pub alone_since: Option<Millis>,
    /// The hub has nothing left to confirm.
    pub settled: bool,
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
    started_at: Millis,
    /// Where what a peer asks is answered.
    runtime: tokio::runtime::Handle,
    /// The kernel's thread, until somebody waits for its end.
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

enum Ask {
    Request { person: Option<PersonId>, command: Box<Command>, reply: oneshot::Sender<Result<Done, Refusal>> },
    Keep { input: Input, reply: oneshot::Sender<()> },
    Stop(oneshot::Sender<()>),
}

impl Node {
    /// Opens the database and starts. Must be called within a multi-threaded tokio runtime.
    ///
    /// # Errors
    /// The database is in use or damaged, or the address cannot be used.
    pub fn start(home: Home, start: &Start) -> Result<Self, Problem> {
        let now = clock::now();
        let identity = Identity { key: home.device_key(), root: home.root_key(), reliable_links: true };
        let store = if start.restored { home.store_after_loss()? } else { home.store()? };
        let kernel = Kernel::open(store, identity, random()?, now, start.restored)?;
        let registry = Arc::new(RwLock::new(Arc::new(kernel.registry().clone())));
        let (link, events) = match start.listen {
            None => (None, None),
            Some(listen) => {
                let asked = registry.clone();
                let allowed = move |key: &link::Key| read(&asked).now().device_of_key(key).is_some();
                let (link, events) = Link::bind(listen, &home.device_secret(), Arc::new(allowed)).map_err(|error| {
                    Problem::unreachable(
                        format!("无法监听 {listen}：{error}"),
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
            started_at: now,
            runtime: tokio::runtime::Handle::current(),
            thread: Mutex::default(),
        }));
        for peer in &start.peers {
            node.dial(peer);
        }
        // A runtime of its own: the kernel's work holds nobody else up, and outlives what is shut down around it.
        let own = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let own = own.map_err(|error| Problem::fault(&error))?;
        let inner = node.0.clone();
        let work = move || own.block_on(run(kernel, inner, asked, events));
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
        Ok(answer.await.map_err(|_| self.stopped())??)
    }

    /// Keeps how a person signs in.
    ///
    /// # Errors
    /// The fault that stopped the node.
    pub async fn keep_account(&self, account: AccountRow) -> Result<(), Problem> {
        self.keep_input(Input::Account(account)).await
    }

    /// Keeps a fact of the process under a name that is put behind [`kernel::KEPT`].
    ///
    /// # Errors
    /// The fault that stopped the node.
    pub async fn keep(&self, name: &str, value: Vec<u8>) -> Result<(), Problem> {
        self.keep_input(Input::Keep { key: format!("{}{name}", kernel::KEPT), value }).await
    }

    async fn keep_input(&self, input: Input) -> Result<(), Problem> {
        let (reply, answer) = oneshot::channel();
        self.tell(Ask::Keep { input, reply }).await?;
        answer.await.map_err(|_| self.stopped())
    }

    async fn tell(&self, ask: Ask) -> Result<(), Problem> {
        self.0.asks.send(ask).await.map_err(|_| self.stopped())
    }

    /// Reads from the database, off the runtime's own threads.
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
                None => node.0.home.reader()?,
            };
            let result = read(&reader, &node.registry());
            lock(&node.0.readers).push(reader);
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

/// A group of inputs and who waits for their replies.
#[derive(Default)]
struct Group {
    inputs: Vec<Input>,
    replies: BTreeMap<u64, oneshot::Sender<Result<Done, Refusal>>>,
    kept: Vec<oneshot::Sender<()>>,
    stop: Option<oneshot::Sender<()>>,
    bytes: usize,
}

impl Group {
    fn ask(&mut self, ask: Ask) {
        match ask {
            Ask::Request { person, command, reply } => {
                let ticket = self.replies.len() as u64;
                self.replies.insert(ticket, reply);
                self.inputs.push(Input::Request(Box::new(Request { ticket, person, command: *command })));
            }
            Ask::Keep { input, reply } => {
                self.inputs.push(input);
                self.kept.push(reply);
            }
            Ask::Stop(done) => self.stop = Some(done),
        }
    }

    fn event(&mut self, event: Event, inner: &Arc<Inner>) {
        match event {
            Event::Up { conn, key, address, outbound } => {
                tracing::info!(%address, outbound, "peer connected");
                lock(&inner.status).failures.clear();
                self.inputs.push(Input::Connected { conn: ConnId(conn), key });
            }
            Event::Frame { conn, bytes } => {
                self.bytes += bytes.len();
                self.inputs.push(Input::Frame { conn: ConnId(conn), bytes });
            }
            Event::Down { conn, reason } => {
                tracing::info!(reason, "peer gone");
                self.inputs.push(Input::Gone { conn: ConnId(conn) });
            }
            Event::DialFailed { address, reason, next } => {
                tracing::debug!(address, reason, "no answer");
                let next_at = clock::now() + Millis::try_from(next.as_millis()).unwrap_or(Millis::MAX);
                lock(&inner.status).failures.insert(address, DialFailure { reason, next_at });
                let _ = inner.notices.send(Notice::Sync);
            }
            Event::Join { key, request, reply } => {
                let node = Node(inner.clone());
                inner.runtime.spawn(async move { crate::enrol::answer(&node, key, &request, reply).await });
            }
        }
    }
}

async fn next_event(events: &mut Option<mpsc::Receiver<Event>>) -> Option<Event> {
    match events {
        Some(events) => events.recv().await,
        None => std::future::pending().await,
    }
}

async fn run(
    mut kernel: Kernel,
    inner: Arc<Inner>,
    mut asks: mpsc::Receiver<Ask>,
    mut events: Option<mpsc::Receiver<Event>>,
) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let mut group = Group::default();
        tokio::select! {
            biased;
            ask = asks.recv() => match ask {
                Some(ask) => group.ask(ask),
                None => return,
            },
            event = next_event(&mut events) => match event {
                Some(event) => group.event(event, &inner),
                None => events = None,
            },
            _ = tick.tick() => group.inputs.push(Input::Tick),
            // What came before and was too much for one group.
            () = std::future::ready(()), if kernel.busy() => {}
        }
        while group.inputs.len() < GROUP_ASKS_MAX && group.stop.is_none() {
            let Ok(ask) = asks.try_recv() else { break };
            group.ask(ask);
        }
        while group.replies.is_empty() && group.bytes < GROUP_BYTES_MAX {
            let Some(Ok(event)) = events.as_mut().map(mpsc::Receiver::try_recv) else { break };
            group.event(event, &inner);
        }
        let ticked = matches!(group.inputs.as_slice(), [Input::Tick]);
        match kernel.handle(clock::now(), std::mem::take(&mut group.inputs)) {
            Ok(effects) => {
                // Whoever hears of something finds the figures that it brought about.
                publish(&kernel, &inner, ticked);
                speak(effects, &mut group, &inner, &kernel);
            }
            Err(fault) => {
                tracing::error!(%fault, "the node stops");
                inner.fault.send_replace(Some(fault.into()));
                return;
            }
        }
        if let Some(done) = group.stop {
            // The database is closed before whoever waits goes on.
            drop(kernel.into_store());
            let _ = done.send(());
            return;
        }
    }
}

/// Everything that a group has brought about is durable: says it.
fn speak(effects: Vec<Effect>, group: &mut Group, inner: &Arc<Inner>, kernel: &Kernel) {
    // Whoever hears that the registry was changed finds it changed.
    if effects.iter().any(|effect| matches!(effect, Effect::RegistryChanged)) {
        *inner.registry.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(kernel.registry().clone());
    }
    for effect in effects {
        match effect {
            Effect::Reply { ticket, result } => {
                if let Some(reply) = group.replies.remove(&ticket) {
                    let _ = reply.send(result);
                }
            }
            Effect::Send { conn, bytes } => {
                if let Some(link) = &inner.link {
                    link.send(conn.0, bytes);
                }
            }
            Effect::Close { conn, reason } => {
                tracing::warn!(reason, "connection closed");
                if let Some(link) = &inner.link {
                    link.close(conn.0, &reason);
                }
            }
            Effect::Changed { doc } => {
                let _ = inner.notices.send(Notice::Changed(doc));
            }
            Effect::Alarm { alarm, source, detail } => tracing::warn!(alarm = alarm.code(), source, detail, "alarm"),
            Effect::AlarmsChanged => {
                let _ = inner.notices.send(Notice::Sync);
            }
            Effect::RegistryChanged => {
                if let Some(link) = &inner.link {
                    link.recheck();
                }
                let _ = inner.notices.send(Notice::Registry);
            }
        }
    }
    for kept in group.kept.drain(..) {
        let _ = kept.send(());
    }
}

/// Shows who is connected now.
fn publish(kernel: &Kernel, inner: &Inner, ticked: bool) {
    let now = clock::now();
    let peers: Vec<PeerStatus> = kernel
        .sessions()
        .into_iter()
        .map(|(conn, device, stats, in_sync)| PeerStatus { device, conn, stats, in_sync })
        .collect();
    let mut status = lock(&inner.status);
    for peer in peers.iter().chain(&status.peers.clone()) {
        status.seen.insert(peer.device, now);
    }
    let alone_since = if peers.is_empty() { status.alone_since.or(Some(now)) } else { None };
    let changed = peers.len() != status.peers.len() || alone_since != status.alone_since;
    status.peers = peers;
    status.alone_since = alone_since;
    status.settled = kernel.settled();
    drop(status);
    // A tick alone tells nobody anything new.
    if changed || !ticked {
        let _ = inner.notices.send(Notice::Sync);
    }
}
