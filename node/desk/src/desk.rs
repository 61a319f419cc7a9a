//! The desk of a node: through it people, pages and commands ask the kernel, read what is held, and hear what changes.
//!
//! What it asks goes through one bounded queue to whoever runs the kernel; what it reads comes from readers of its own,
//! so that a page never waits behind a group.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use kernel::{Alarm, Cause, Command, Detail, Done, Input, Kernel, Refusal};
use regulation::{DeviceId, Millis, PersonId};
use replica::Registry;
use store::{AccountRow, Reader, StoreError};
use tokio::sync::{Semaphore, broadcast, mpsc, oneshot, watch};

use crate::clock;
use crate::drafts::Drafts;
use crate::drawer::Drawer;
use crate::fault::LastFault;
use crate::home::Home;
use crate::people::{Door, Sessions};
use crate::problem::Problem;
use crate::quiet::Quiet;
use crate::seeking::Seeking;
use crate::status::{Connection, Me, Notice, RegistryNow, Status};

/// How often whoever waits for lists to be right looks again by itself.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Requests that wait for the kernel, at most; beyond that whoever asks waits.
pub const ASKS_MAX: usize = 1_024;
/// Notices that a slow page may lag behind before it has to reload.
pub const NOTICES_MAX: usize = 1_024;
/// Readers, each with a connection and a cache of its own, at most.
pub const READERS_MAX: usize = 8;
/// Reads that wait for a reader, at most; beyond that whoever asks is told to come again.
pub const READS_WAITING_MAX: usize = 1_024;
/// How long a read waits for a reader.
pub const READ_WAIT_MAX: Duration = Duration::from_secs(10);
/// A kernel that has not come round for so long, in milliseconds, does not live.
pub const BEAT_MS_MAX: Millis = 60_000;

/// The ways out of a node, as far as the desk looks at them.
pub trait Net: Send + Sync {
    /// The connections now, by their number.
    fn connections(&self) -> Vec<(u64, Connection)>;
    /// UDP bytes sent and received since the start.
    fn udp_bytes(&self) -> (u64, u64);
    /// The address on which peers find the node.
    fn listening(&self) -> Option<SocketAddr>;
    /// Tries every peer that is not connected now.
    fn hurry(&self);
}

/// What is asked of whoever runs the kernel.
pub enum Ask {
    /// To do something; the answer is durable.
    Request {
        /// For whom.
        person: Option<PersonId>,
        /// What.
        command: Box<Command>,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Done, Problem>>,
    },
    /// To keep something of the process.
    Keep {
        /// What.
        input: Input,
        /// Told when it is durable.
        reply: oneshot::Sender<Result<(), Problem>>,
    },
    /// To stop once what was asked is done; told when the database is closed.
    Stop(oneshot::Sender<()>),
}

/// The desk of a running node. Clones are the same desk.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

/// A desk that may be gone.
pub(crate) struct WeakDesk(Weak<Inner>);

impl WeakDesk {
    /// The desk, while its node runs.
    pub(crate) fn desk(&self) -> Option<Desk> {
        self.0.upgrade().map(Desk).filter(|desk| !desk.0.asks.is_closed())
    }
}

struct Inner {
    home: Home,
    asks: mpsc::Sender<Ask>,
    registry: RegistryNow,
    readers: Mutex<Vec<Reader>>,
    /// A place in the queue of reads, and a turn.
    queue: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    door: Door,
    drawer: Drawer,
    drafts: Drafts,
    notices: broadcast::Sender<Notice>,
    status: Mutex<Status>,
    net: Option<Arc<dyn Net>>,
    fault: watch::Sender<Option<Problem>>,
    /// The disk is full: nothing is written.
    full: AtomicBool,
    /// When the kernel last came round.
    beat: AtomicI64,
    started_at: Millis,
    /// Bounds what others write into the log.
    quiet: Quiet,
    /// Who sought by a telephone, and how often.
    seeking: Seeking,
}

impl Desk {
    /// The desk on a folder, and what will be asked at it.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn open(
        home: Home,
        registry: RegistryNow,
        net: Option<Arc<dyn Net>>,
        now: Millis,
    ) -> Result<(Self, mpsc::Receiver<Ask>), Problem> {
        let (asks, asked) = mpsc::channel(ASKS_MAX);
        let drawer = Drawer::open(&home)?;
        let sessions = sessions(&home, &drawer);
        let drafts = Drafts::open(&drawer);
        let desk = Self(Arc::new(Inner {
            home,
            asks,
            registry,
            readers: Mutex::default(),
            queue: Arc::new(Semaphore::new(READERS_MAX + READS_WAITING_MAX)),
            turns: Arc::new(Semaphore::new(READERS_MAX)),
            door: Door::new(sessions)?,
            drawer,
            drafts,
            notices: broadcast::channel(NOTICES_MAX).0,
            status: Mutex::new(Status { alone_since: Some(now), ..Status::default() }),
            net,
            fault: watch::channel(None).0,
            full: AtomicBool::new(false),
            beat: AtomicI64::new(now),
            started_at: now,
            quiet: Quiet::default(),
            seeking: Seeking::new(),
        }));
        Ok((desk, asked))
    }

    /// Comes when every list shows what is so now.
    ///
    /// # Errors
    /// The database cannot be read, or the node has stopped.
    pub async fn caught_up(&self) -> Result<(), Problem> {
        let mut notices = self.notices();
        while self.read(|reader, _| Ok(reader.stale_count()?)).await? > 0 {
            if self.alive()? != "ok" {
                return Err(self.home().disk_full());
            }
            // Each slice is told; whoever was too slow to hear of one looks again.
            let _ = tokio::time::timeout(LOOK_AGAIN, notices.recv()).await;
        }
        Ok(())
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
    pub async fn raise(&self, alarm: Alarm, cause: Cause, detail: Detail) -> Result<(), Problem> {
        self.keep_input(Input::Alarm { alarm, cause, detail }).await
    }

    async fn keep_input(&self, input: Input) -> Result<(), Problem> {
        let (reply, answer) = oneshot::channel();
        self.tell(Ask::Keep { input, reply }).await?;
        answer.await.map_err(|_| self.stopped())?
    }

    /// Has the kernel keep something for which nobody waits.
    pub(crate) async fn note(&self, input: Input) {
        let (reply, _) = oneshot::channel();
        let _ = self.tell(Ask::Keep { input, reply }).await;
    }

    /// That the node does what it is asked: its kernel comes round. Says if it can only show what it holds.
    ///
    /// # Errors
    /// The fault that stopped it, or that it hangs.
    pub fn alive(&self) -> Result<&'static str, Problem> {
        if self.0.asks.is_closed() {
            return Err(self.stopped());
        }
        if let Some(problem) = self.faulty() {
            return Err(problem);
        }
        let silent = clock::now().saturating_sub(self.0.beat.load(Ordering::SeqCst));
        if silent > BEAT_MS_MAX {
            return Err(Problem::fault(&format!("the kernel has not come round for {} s", silent / 1_000)));
        }
        Ok(if self.is_full() { "disk full, read-only" } else { "ok" })
    }

    /// The disk is full: the node shows what it holds.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.full.load(Ordering::SeqCst)
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
        let desk = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            // Held until it is done, also when nobody waits for it any more.
            let _held = (place, turn);
            let kept = lock(&desk.0.readers).pop();
            let reader = match kept {
                Some(reader) => reader,
                None => desk.0.home.open_reader().map_err(|error| desk.not_opened(error))?,
            };
            let result = read(&reader, &desk.registry());
            match &result {
                Err(problem) if problem.is_damage() => desk.broken(problem.clone()),
                _ => lock(&desk.0.readers).push(reader),
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

    /// What is this machine's alone.
    pub(crate) fn drawer(&self) -> &Drawer {
        &self.0.drawer
    }

    /// What is known of drafts without looking into the drawer.
    pub(crate) fn drafts(&self) -> &Drafts {
        &self.0.drafts
    }

    /// This desk, for whoever must not keep it.
    pub(crate) fn weak(&self) -> WeakDesk {
        WeakDesk(Arc::downgrade(&self.0))
    }

    /// The registry as held now.
    #[must_use]
    pub fn registry(&self) -> Arc<Registry> {
        self.0.registry.get()
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
    pub fn connections(&self) -> Vec<(u64, Connection)> {
        self.0.net.as_ref().map(|net| net.connections()).unwrap_or_default()
    }

    /// UDP bytes sent and received since the start.
    #[must_use]
    pub fn udp_bytes(&self) -> (u64, u64) {
        self.0.net.as_ref().map(|net| net.udp_bytes()).unwrap_or_default()
    }

    /// The address on which peers find it.
    #[must_use]
    pub fn listening(&self) -> Option<SocketAddr> {
        self.0.net.as_ref().and_then(|net| net.listening())
    }

    /// Tries every peer that is not connected now.
    pub fn hurry(&self) {
        if let Some(net) = &self.0.net {
            net.hurry();
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

    /// Has the kernel stop: what was asked is done, what was done is durable.
    pub async fn stop(&self) {
        let (reply, done) = oneshot::channel();
        if self.tell(Ask::Stop(reply)).await.is_ok() {
            let _ = done.await;
        }
    }

    /// As [`Self::stop`], outside of any runtime, for whoever waits for its thread.
    pub fn stop_unanswered(&self) {
        let _ = self.0.asks.blocking_send(Ask::Stop(oneshot::channel().0));
    }

    fn stopped(&self) -> Problem {
        self.faulty().unwrap_or_else(|| Problem::unreachable("节点已停止", "the node has stopped"))
    }
}

/// What whoever runs the kernel says at its desk.
impl Desk {
    /// Whether a line of the log that somebody else causes may be written, and how many were left out before it.
    #[must_use]
    pub fn may_log(&self, kind: &'static str, source: &str) -> Option<u64> {
        self.0.quiet.may(clock::steady(), kind, source)
    }

    /// Counts that somebody looks for tickets by a requester's telephone; nobody in particular is not counted, and finds none.
    ///
    /// # Errors
    /// Too often.
    pub fn seeks(&self, person: Option<PersonId>, by: store::Key) -> Result<(), Problem> {
        let Some(person) = person else { return Ok(()) };
        self.0.seeking.once_more(by, person, clock::steady())
    }

    /// Something changed.
    pub fn notify(&self, notice: Notice) {
        let _ = self.0.notices.send(notice);
    }

    /// The peers now, to be changed.
    pub fn status_mut(&self) -> MutexGuard<'_, Status> {
        lock(&self.0.status)
    }

    /// The disk is full, or no longer.
    pub fn set_full(&self, full: bool) {
        self.0.full.store(full, Ordering::SeqCst);
    }

    /// The kernel came round.
    pub fn beat(&self) {
        self.0.beat.store(clock::now(), Ordering::SeqCst);
    }
}

/// A database that is not what its writer wrote ends the node, whoever finds it: from then on nobody is told that anything
/// is saved.
impl Desk {
    /// Somebody looked into the database and found this wrong with it.
    pub fn found_damage(&self, what: &str) {
        self.broken(StoreError::Corrupt(what.to_owned()).into());
    }

    /// The fault that ends this node, once there is one.
    #[must_use]
    pub fn faulty(&self) -> Option<Problem> {
        self.0.fault.borrow().clone()
    }

    /// The node ends by a fault, of which the first counts: whoever waits is told, and why is kept.
    pub fn broken(&self, problem: Problem) {
        let first = self.0.fault.send_if_modified(|fault| {
            let first = fault.is_none();
            if first {
                *fault = Some(problem.clone());
            }
            first
        });
        if first {
            tracing::error!(reason = problem.detail, "节点停止 the node stops");
            LastFault::note(self.0.home.dir(), &problem);
        }
    }

    /// A reader could not be opened. That only matters to whoever asks, as long as the database is what it was.
    fn not_opened(&self, error: StoreError) -> Problem {
        let damage = error.is_damage();
        let problem = Problem::from(error);
        if damage {
            self.broken(problem.clone());
        }
        problem
    }

    /// That nobody has found the database damaged. The kernel keeps nothing any more otherwise.
    ///
    /// # Errors
    /// What was found.
    pub fn prove_sound(&self, kernel: &mut Kernel) -> Result<(), Problem> {
        let Some(problem) = self.faulty() else { return Ok(()) };
        kernel.leave(StoreError::Corrupt(problem.detail.clone()));
        Err(problem)
    }
}

/// Who is still signed in from before; nobody, where that cannot be read.
fn sessions(home: &Home, drawer: &Drawer) -> Sessions {
    let Ok(accounts) = home.reader().and_then(|reader| Ok(reader.accounts()?)) else { return Sessions::default() };
    let Ok(rows) = drawer.now(|drawer| drawer.sessions()) else { return Sessions::default() };
    let sessions = Sessions::of(&rows, &accounts);
    let tokens = sessions.tokens();
    if let Err(problem) = drawer.now(|drawer| drawer.end_sessions_but(&tokens)) {
        tracing::warn!(reason = problem.detail, "旧的登录没有清除 sessions that are over were not forgotten");
    }
    sessions
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
