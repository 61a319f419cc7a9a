//! The QUIC link between nodes: who is connected, and whole frames in order. What a frame means is not its business.
//!
//! Both ends prove their Ed25519 device key in the TLS 1.3 handshake (raw public keys, RFC 7250). After the handshake,
//! and again at every [`Link::recheck`], the owner's `allowed` decides whether that key may stay. There is no session
//! resumption and no 0-RTT, since both would skip that proof. One bidirectional stream a connection carries frames,
//! each behind its length in four bytes, big-endian.
//!
//! Two nodes may dial each other at once; then the connection that the lower key dialled stays, at both ends.

#![warn(missing_docs)]

mod backoff;
mod conn;
mod contest;
mod join;
mod joins;
pub mod reasons;
mod seats;
#[cfg(test)]
mod strangers;
mod tls;
mod wire;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

pub use contest::{DISPLACE_MIN, HOLD};
pub use join::{JOINS_EACH_MAX, JOINS_MAX, JoinError, join};
pub use seats::source;

use contest::Contests;
use joins::Joins;
use seats::Seats;

/// A public device key.
pub type Key = [u8; 32];

/// Bytes of a frame, at most.
pub const FRAME_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of the answer to a request to join, at most: it brings what enrols a device, and nothing else.
pub const JOIN_BYTES_MAX: usize = 64 * 1024;
/// Frames that wait to be sent on one connection, at most; a peer that lets more pile up is cut off.
pub const SEND_QUEUE_FRAMES_MAX: usize = 4_096;
/// Bytes of these frames, at most.
pub const SEND_QUEUE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Events that wait for the owner, at most; beyond that the peers have to wait.
pub const EVENT_QUEUE_MAX: usize = 256;
/// Bytes of frames that wait for the owner, at most.
pub const EVENT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Handshakes under way, at most; from half of it on addresses are validated first. Whoever finds no room is not
/// answered, and asks again by itself.
pub const PENDING_MAX: usize = 256;
/// Handshakes under way from one address (of IPv6, from one /64), at most.
pub const PENDING_EACH_MAX: usize = 32;
/// Bytes that a peer may send before it is known to be welcome.
pub const STRANGER_BYTES_MAX: u32 = 16 * 1024;
/// Bytes that may be under way from a peer that is welcome.
pub const WELCOME_BYTES_MAX: u32 = 1024 * 1024;
/// A connection on which nothing comes for so long is dead.
pub const IDLE_MAX: Duration = Duration::from_secs(180);
/// How often an idle connection gives a sign of life.
pub const KEEP_ALIVE: Duration = Duration::from_secs(25);
/// Both ends of a living connection give signs of life: whoever was not heard from for so long is out of reach, though
/// its connection may yet come back.
pub const QUIET_MAX: Duration = Duration::from_secs(60);
/// A sign of life is overdue after this.
const OVERDUE: Duration = Duration::from_secs(35);
/// How long a peer may take to open its stream or to answer a handshake.
pub const OPENING_MAX: Duration = Duration::from_secs(20);
/// How long one frame may take.
pub const FRAME_TIME_MAX: Duration = Duration::from_secs(300);

/// What happens on the link.
#[derive(Debug)]
pub enum Event {
    /// A peer is connected.
    Up {
        /// The connection.
        conn: u64,
        /// The peer's proven key.
        key: Key,
        /// Whether this end dialled.
        outbound: bool,
        /// The peer's address.
        address: SocketAddr,
    },
    /// A frame came.
    Frame {
        /// The connection.
        conn: u64,
        /// The frame.
        bytes: Vec<u8>,
        /// Its place among the bytes that may wait; free once this is dropped.
        room: Room,
    },
    /// A connection is gone.
    Down {
        /// The connection.
        conn: u64,
        /// Why.
        reason: String,
    },
    /// Whoever is to be dialled at an address is connected, by whichever end.
    Answered {
        /// The address as it was given.
        address: String,
    },
    /// Dialling failed; it goes on by itself.
    DialFailed {
        /// The address as it was given.
        address: String,
        /// Why.
        reason: String,
        /// When it is tried next.
        next: Duration,
    },
    /// A device that may not be enrolled yet asks to join.
    Join {
        /// Its proven key.
        key: Key,
        /// Its address.
        address: SocketAddr,
        /// What it says.
        request: Vec<u8>,
        /// What it is told; dropped to tell it nothing.
        reply: oneshot::Sender<Vec<u8>>,
    },
    /// Two machines use one device key: its disk was cloned, or it was stolen. Told seldom, however often they meet.
    Contested {
        /// The key; this device's own if somebody else takes its place at a peer.
        key: Key,
        /// Where it was seen: both machines, or the peer at which the other one is.
        addresses: Vec<SocketAddr>,
    },
}

/// Bytes of a frame that waits for the owner.
#[derive(Debug)]
pub struct Room(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// What the owner makes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may be connected.
    Welcome,
    /// It is nobody's.
    Unknown,
    /// It was taken out of use for good, and is told so: nothing else reaches it any more.
    Retired,
}

impl Standing {
    /// What a connection with such a key is closed with, if it is.
    fn refusal(self) -> Option<(quinn::VarInt, &'static [u8])> {
        match self {
            Self::Welcome => None,
            Self::Unknown => Some((wire::CODE_NOT_ENROLLED, b"not enrolled")),
            Self::Retired => Some((wire::CODE_RETIRED, b"out of use")),
        }
    }
}

/// Decides whether a key may be connected.
pub type Allowed = Arc<dyn Fn(&Key) -> Standing + Send + Sync>;

/// A connection as it stands.
#[derive(Clone, Copy, Debug)]
pub struct ConnStats {
    /// The peer.
    pub key: Key,
    /// Whether this end dialled.
    pub outbound: bool,
    /// The peer's address.
    pub address: SocketAddr,
    /// Round trip as estimated now.
    pub rtt: Duration,
    /// UDP bytes sent.
    pub udp_sent: u64,
    /// UDP bytes received.
    pub udp_received: u64,
    /// Since when nothing came, as far as somebody looked.
    pub quiet: Duration,
}

/// When something came last: the bytes received by then.
#[derive(Clone, Copy)]
struct Heard {
    bytes: u64,
    at: tokio::time::Instant,
}

struct Conn {
    key: Key,
    outbound: bool,
    connection: quinn::Connection,
    since: tokio::time::Instant,
    heard: Mutex<Heard>,
    frames: mpsc::Sender<Vec<u8>>,
    /// Bytes of the frames that wait.
    queued: Arc<AtomicUsize>,
}

impl Conn {
    fn stats(&self) -> ConnStats {
        let stats = self.connection.stats();
        let (bytes, now) = (stats.udp_rx.bytes, tokio::time::Instant::now());
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.bytes != bytes {
            *heard = Heard { bytes, at: now };
        }
        ConnStats {
            key: self.key,
            outbound: self.outbound,
            address: self.connection.remote_address(),
            rtt: self.connection.rtt(),
            udp_sent: stats.udp_tx.bytes,
            udp_received: bytes,
            quiet: now - heard.at,
        }
    }
}

struct Shared {
    me: Key,
    allowed: Allowed,
    events: mpsc::Sender<Event>,
    /// Bytes of frames that may still wait for the owner.
    room: Arc<Semaphore>,
    pending: Arc<Seats>,
    joins: Joins,
    contests: Mutex<Contests>,
    conns: Mutex<BTreeMap<u64, Conn>>,
    next_conn: AtomicU64,
    cut: AtomicBool,
    /// Wakes the dialling tasks that wait for a connection to end. It does not cut a pause short: what just ended may be
    /// what the pause is for.
    ended: Notify,
    /// Ends their pauses: somebody asked for it, or the link is no longer cut.
    hurried: Notify,
    /// UDP bytes of connections that are gone: sent, received.
    past: Mutex<(u64, u64)>,
}

impl Shared {
    fn conns(&self) -> MutexGuard<'_, BTreeMap<u64, Conn>> {
        self.conns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn contests(&self) -> MutexGuard<'_, Contests> {
        self.contests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn past(&self) -> MutexGuard<'_, (u64, u64)> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One endpoint: it listens and dials on one UDP socket.
pub struct Link {
    endpoint: quinn::Endpoint,
    shared: Arc<Shared>,
    dialling: Mutex<BTreeMap<String, tokio::task::AbortHandle>>,
}

impl Link {
    /// Opens the socket and begins to listen. `secret` is the device's Ed25519 secret. Must be called within a tokio
    /// runtime.
    ///
    /// # Errors
    /// The address cannot be used.
    pub fn bind(listen: SocketAddr, secret: &[u8; 32], allowed: Allowed) -> io::Result<(Self, mpsc::Receiver<Event>)> {
        let identity = tls::Identity::new(secret);
        let runtime = quinn::default_runtime().ok_or_else(|| io::Error::other("no tokio runtime"))?;
        let (config, server) = (tls::endpoint_config(secret), tls::server_config(&identity)?);
        let mut endpoint = quinn::Endpoint::new(config, Some(server), std::net::UdpSocket::bind(listen)?, runtime)?;
        endpoint.set_default_client_config(tls::client_config(&identity, tls::ALPN_SYNC)?);
        let (events, receiver) = mpsc::channel(EVENT_QUEUE_MAX);
        let shared = Arc::new(Shared {
            me: identity.public,
            allowed,
            events,
            room: Arc::new(Semaphore::new(EVENT_BYTES_MAX)),
            pending: Seats::new(PENDING_MAX, PENDING_EACH_MAX),
            joins: Joins::new(Seats::new(JOINS_MAX, JOINS_EACH_MAX)),
            contests: Mutex::default(),
            conns: Mutex::default(),
            next_conn: AtomicU64::new(1),
            cut: AtomicBool::new(false),
            ended: Notify::new(),
            hurried: Notify::new(),
            past: Mutex::default(),
        });
        tokio::spawn(conn::accept(endpoint.clone(), shared.clone()));
        Ok((Self { endpoint, shared, dialling: Mutex::default() }, receiver))
    }

    /// The address that it listens on.
    ///
    /// # Errors
    /// The socket is gone.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.endpoint.local_addr()
    }

    /// Keeps a connection to `HOST:PORT` from now on, dialling again with a growing, jittered pause.
    pub fn dial(&self, address: &str) {
        let mut dialling = self.dialling.lock().unwrap_or_else(PoisonError::into_inner);
        if !dialling.contains_key(address) {
            let task = conn::keep_dialled(self.endpoint.clone(), self.shared.clone(), address.to_owned());
            dialling.insert(address.to_owned(), tokio::spawn(task).abort_handle());
        }
    }

    /// Tries every address that is not connected now, without waiting for its pause to end. A connection on which a sign of
    /// life is overdue does not count as one.
    pub fn hurry(&self) {
        for conn in self.shared.conns().values().filter(|conn| conn.stats().quiet > OVERDUE) {
            conn.connection.close(wire::CODE_CLOSED, b"not heard from");
        }
        self.shared.hurried.notify_waiters();
    }

    /// Queues a frame; false if the connection is gone, or was cut off because too much waits on it.
    pub fn send(&self, conn: u64, frame: Vec<u8>) -> bool {
        let conns = self.shared.conns();
        let Some(conn) = conns.get(&conn) else { return false };
        let bytes = frame.len();
        let fits = conn.queued.fetch_add(bytes, Ordering::Relaxed) + bytes <= SEND_QUEUE_BYTES_MAX;
        if fits && conn.frames.try_send(frame).is_ok() {
            return true;
        }
        conn.connection.close(wire::CODE_SLOW, b"too slow");
        false
    }

    /// Closes a connection.
    pub fn close(&self, conn: u64, reason: &str) {
        if let Some(conn) = self.shared.conns().get(&conn) {
            conn.connection.close(wire::CODE_CLOSED, reason.as_bytes());
        }
    }

    /// Asks again of every connection whether its key may stay.
    pub fn recheck(&self) {
        for conn in self.shared.conns().values() {
            if let Some((code, why)) = (self.shared.allowed)(&conn.key).refusal() {
                conn.connection.close(code, why);
            }
        }
        // A peer that was refused before may be welcome now.
        self.hurry();
    }

    /// Cuts this node off, or ends that: all connections are closed, none is taken and none is dialled.
    pub fn set_cut(&self, cut: bool) {
        self.shared.cut.store(cut, Ordering::SeqCst);
        if cut {
            for conn in self.shared.conns().values() {
                conn.connection.close(wire::CODE_CLOSED, b"cut");
            }
        } else {
            self.hurry();
        }
    }

    /// Every connection as it stands.
    #[must_use]
    pub fn stats(&self) -> Vec<(u64, ConnStats)> {
        self.shared.conns().iter().map(|(id, conn)| (*id, conn.stats())).collect()
    }

    /// UDP bytes sent and received since the start, over all connections.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        let (mut sent, mut received) = *self.shared.past();
        for (_, conn) in self.stats() {
            sent += conn.udp_sent;
            received += conn.udp_received;
        }
        (sent, received)
    }

    /// Closes everything, after what was queued has had a moment to leave.
    pub async fn shutdown(&self) {
        for (_, task) in std::mem::take(&mut *self.dialling.lock().unwrap_or_else(PoisonError::into_inner)) {
            task.abort();
        }
        self.endpoint.close(wire::CODE_CLOSED, b"shutting down");
        let _ = tokio::time::timeout(Duration::from_secs(2), self.endpoint.wait_idle()).await;
    }
}
