//! One running node: a thread that owns the kernel, a link to the peers, and the desk at which both are asked.
//!
//! The loop decides nothing: it collects what people ask and what peers say, hands it to [`kernel::Kernel::step`] in groups
//! with the time, and does what comes back. People go first, in a group of their own; then peers and time have theirs, in
//! every turn. Of what peers bring about one group does no more than takes [`GROUP_TIME_MAX`], as measured, so that a click
//! never waits behind a backfill. After that a slice of stale projections is made anew, if there are any
//! ([`SLICE_TIME_MAX`]).

mod full;
mod reasons;
mod turns;

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use desk::clock;
use desk::fault;
use desk::home::{AfterLoss, Home};
use desk::problem::{Listens, Problem};
use desk::{Connection, Desk, Net, RegistryNow};
use link::{Event, Link, Standing};
use tokio::sync::mpsc;

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
/// How long a slice of stale projections may take: a click waits for one at most, beside a group of what peers bring about.
pub const SLICE_TIME_MAX: Duration = Duration::from_millis(10);
/// Documents of such a slice where they are cheap. One is always done.
pub const SLICE_DOCUMENTS_MAX: usize = 64;
/// How often the kernel hears that time passed.
pub const TICK: Duration = Duration::from_secs(1);

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

/// A running node: whoever asks it something does so at its [`Desk`]. Clones are the same node.
#[derive(Clone)]
pub struct Node {
    desk: Desk,
    link: Option<Arc<Link>>,
    thread: Arc<Thread>,
    /// Somebody wants to see the loop panic.
    #[cfg(test)]
    panic: Arc<std::sync::atomic::AtomicBool>,
}

/// The kernel's thread, until somebody waits for its end.
///
/// A process that ends while that thread still closes its database is a crash: SQLCipher's exit handlers have taken away
/// what it needs. So nobody lets go of a node before its thread has ended, whichever way they go.
struct Thread {
    desk: Desk,
    running: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Thread {
    fn take(&self) -> Option<std::thread::JoinHandle<()>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        let Some(running) = self.take() else { return };
        let desk = self.desk.clone();
        // Beside the runtime: whoever lets go may be one of its own threads, which may not wait for a place in a queue.
        let ending = std::thread::Builder::new().name("stop".to_owned()).spawn(move || {
            desk.stop_unanswered();
            let _ = running.join();
        });
        if let Ok(ending) = ending {
            let _ = ending.join();
        }
    }
}

impl Deref for Node {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

/// What the loop works with.
struct Works {
    desk: Desk,
    registry: RegistryNow,
    link: Option<Arc<Link>>,
    /// Where what a peer asks is answered.
    runtime: tokio::runtime::Handle,
    #[cfg(test)]
    panic: Arc<std::sync::atomic::AtomicBool>,
}

impl Works {
    /// Cuts the node off from every peer, or ends that.
    fn cut(&self, cut: bool) {
        if let Some(link) = &self.link {
            link.set_cut(cut);
        }
    }

    /// A peer says that the city has taken this device out of use. Its own copy of the registry will not say so any more:
    /// nobody gives it anything.
    fn heard_retired(&self, reason: &str) {
        if reason == link::reasons::PEER_SAYS_RETIRED {
            self.desk.status_mut().retired = true;
        }
    }

    /// Panics if a test wants to see that.
    #[cfg(test)]
    #[expect(clippy::panic, reason = "a test asked for it")]
    fn maybe_panic(&self) {
        if self.panic.load(std::sync::atomic::Ordering::SeqCst) {
            panic!("somebody's name");
        }
    }
}

/// What comes next on the link; nothing ever without one.
async fn next_event(events: &mut Option<mpsc::Receiver<Event>>) -> Option<Event> {
    match events {
        Some(events) => events.recv().await,
        None => std::future::pending().await,
    }
}

/// The link as the desk looks at it.
struct Wires(Arc<Link>);

impl Net for Wires {
    fn connections(&self) -> Vec<(u64, Connection)> {
        let seen = |stats: link::ConnStats| Connection { address: stats.address, rtt: stats.rtt };
        self.0.stats().into_iter().map(|(conn, stats)| (conn, seen(stats))).collect()
    }

    fn udp_bytes(&self) -> (u64, u64) {
        self.0.totals()
    }

    fn listening(&self) -> Option<SocketAddr> {
        self.0.local_addr().ok()
    }

    fn hurry(&self) {
        self.0.hurry();
    }
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
        let registry = RegistryNow::new(registry);
        let (link, events) = match start.listen {
            None => (None, None),
            Some(listen) => {
                let asked = registry.clone();
                // Whoever let this device in is not in the part of the registry that it holds yet.
                let host = kernel.as_ref().and_then(kernel::Kernel::joins_through);
                let allowed = move |key: &link::Key| {
                    let registry = asked.get();
                    let at = registry.now();
                    if at.device_of_key(key).is_some() || host == Some(*key) {
                        Standing::Welcome
                    } else if at.enrolled().any(|(_, device)| device.key == *key) {
                        Standing::Retired
                    } else {
                        Standing::Unknown
                    }
                };
                let (link, events) = Link::bind(listen, &home.device_secret(), Arc::new(allowed))
                    .map_err(|error| Problem::cannot_listen(Listens::Peers, listen, &error))?;
                (Some(Arc::new(link)), Some(events))
            }
        };
        let net = link.clone().map(|link| Arc::new(Wires(link)) as Arc<dyn Net>);
        let (desk, asked) = Desk::open(home, registry.clone(), net, now)?;
        desk.set_full(kernel.is_none());
        tokio::spawn(desk::drafts::watch(&desk));
        // Whoever asks before the first turn hears what that will find.
        if let (Some(kernel), Some(boot)) = (&kernel, clock::boot()) {
            desk.status_mut().clock_doubtful = kernel.clock_doubt_at(clock::now(), boot).is_some();
        }
        // A runtime of its own: the kernel's work holds nobody else up, and outlives what is shut down around it.
        let own = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let own = own.map_err(|error| Problem::fault(&error))?;
        #[cfg(test)]
        let panic = Arc::<std::sync::atomic::AtomicBool>::default();
        let works = Works {
            desk: desk.clone(),
            registry,
            link: link.clone(),
            runtime: tokio::runtime::Handle::current(),
            #[cfg(test)]
            panic: panic.clone(),
        };
        let work = move || {
            let ended = fault::caught(|| own.block_on(run(kernel, &works, asked, events)));
            if let Err(problem) = ended.and_then(|ended| ended) {
                works.desk.broken(problem);
            }
        };
        let running = std::thread::Builder::new().name("kernel".to_owned()).spawn(work);
        let running = Mutex::new(Some(running.map_err(|error| Problem::fault(&error))?));
        let thread = Arc::new(Thread { desk: desk.clone(), running });
        let node = Self {
            desk,
            link,
            thread,
            #[cfg(test)]
            panic,
        };
        for peer in &start.peers {
            node.dial(peer);
        }
        Ok(node)
    }

    /// Its desk.
    #[must_use]
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Keeps a connection to `HOST:PORT` from now on.
    pub fn dial(&self, peer: &str) {
        if let Some(link) = &self.link {
            link.dial(peer);
        }
    }

    /// Cuts the node off from every peer, or ends that.
    pub fn set_cut(&self, cut: bool) {
        if let Some(link) = &self.link {
            link.set_cut(cut);
        }
    }

    /// Stops: what was asked is done, what was done is durable.
    pub async fn stop(&self) {
        self.desk.stop().await;
        if let Some(running) = self.thread.take() {
            let _ = tokio::task::spawn_blocking(move || running.join()).await;
        }
        if let Some(link) = &self.link {
            link.shutdown().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use desk::fault::LastFault;
    use kernel::Command;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_lets_go_of_a_node_without_a_word_has_waited_for_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::create(&folder.path().join("city"), true).unwrap();
        for _ in 0..8 {
            // Opened at once: nobody has the database any more.
            let node = Node::start(home.clone(), &Start::default()).unwrap();
            let other = node.clone();
            drop(node);
            assert_eq!(other.alive(), Ok("ok"), "a clone is the same node");
        }
    }

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
        node.panic.store(true, Ordering::SeqCst);
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
