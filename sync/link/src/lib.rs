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
mod join;
mod tls;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};

pub use join::{JoinError, join};

/// A public device key.
pub type Key = [u8; 32];

/// Bytes of a frame, at most.
pub const FRAME_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of the answer to a request to join, at most: it brings the whole registry.
pub const JOIN_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Frames that wait to be sent on one connection, at most; a peer that lets more pile up is cut off.
pub const SEND_QUEUE_FRAMES_MAX: usize = 4_096;
/// Events that wait for the owner, at most; beyond that the peers have to wait.
pub const EVENT_QUEUE_MAX: usize = 256;
/// Handshakes under way, at most; beyond that addresses are validated first, then refused.
pub const PENDING_MAX: usize = 256;
/// A connection on which nothing comes for so long is dead.
pub const IDLE_MAX: Duration = Duration::from_secs(180);
/// How often an idle connection gives a sign of life.
pub const KEEP_ALIVE: Duration = Duration::from_secs(25);
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
    },
    /// A connection is gone.
    Down {
        /// The connection.
        conn: u64,
        /// Why.
        reason: String,
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
        /// What it says.
        request: Vec<u8>,
        /// What it is told; dropped to tell it nothing.
        reply: oneshot::Sender<Vec<u8>>,
    },
}

/// Decides whether a key may be connected.
pub type Allowed = Arc<dyn Fn(&Key) -> bool + Send + Sync>;

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
}

struct Conn {
    key: Key,
    outbound: bool,
    connection: quinn::Connection,
    frames: mpsc::Sender<Vec<u8>>,
}

struct Shared {
    me: Key,
    allowed: Allowed,
    events: mpsc::Sender<Event>,
    conns: Mutex<BTreeMap<u64, Conn>>,
    next_conn: AtomicU64,
    cut: AtomicBool,
    /// Wakes the dialling tasks: something went down, or the link is no longer cut.
    changed: Notify,
    /// UDP bytes of connections that are gone: sent, received.
    past: Mutex<(u64, u64)>,
}

impl Shared {
    fn conns(&self) -> MutexGuard<'_, BTreeMap<u64, Conn>> {
        self.conns.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut endpoint = quinn::Endpoint::server(tls::server_config(&identity)?, listen)?;
        endpoint.set_default_client_config(tls::client_config(&identity, tls::ALPN_SYNC)?);
        let (events, receiver) = mpsc::channel(EVENT_QUEUE_MAX);
        let shared = Arc::new(Shared {
            me: identity.public,
            allowed,
            events,
            conns: Mutex::default(),
            next_conn: AtomicU64::new(1),
            cut: AtomicBool::new(false),
            changed: Notify::new(),
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

    /// Tries every address that is not connected now, without waiting for its pause to end.
    pub fn hurry(&self) {
        self.shared.changed.notify_waiters();
    }

    /// Queues a frame; false if the connection is gone, or was cut off because too much waits on it.
    pub fn send(&self, conn: u64, frame: Vec<u8>) -> bool {
        let conns = self.shared.conns();
        let Some(conn) = conns.get(&conn) else { return false };
        match conn.frames.try_send(frame) {
            Ok(()) => true,
            Err(_) => {
                conn.connection.close(conn::CODE_SLOW, b"too slow");
                false
            }
        }
    }

    /// Closes a connection.
    pub fn close(&self, conn: u64, reason: &str) {
        if let Some(conn) = self.shared.conns().get(&conn) {
            conn.connection.close(conn::CODE_CLOSED, reason.as_bytes());
        }
    }

    /// Asks again of every connection whether its key may stay.
    pub fn recheck(&self) {
        for conn in self.shared.conns().values() {
            if !(self.shared.allowed)(&conn.key) {
                conn.connection.close(conn::CODE_NOT_ENROLLED, b"not enrolled");
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
                conn.connection.close(conn::CODE_CLOSED, b"cut");
            }
        } else {
            self.hurry();
        }
    }

    /// Every connection as it stands.
    #[must_use]
    pub fn stats(&self) -> Vec<(u64, ConnStats)> {
        let of = |conn: &Conn| {
            let stats = conn.connection.stats();
            ConnStats {
                key: conn.key,
                outbound: conn.outbound,
                address: conn.connection.remote_address(),
                rtt: conn.connection.rtt(),
                udp_sent: stats.udp_tx.bytes,
                udp_received: stats.udp_rx.bytes,
            }
        };
        self.shared.conns().iter().map(|(id, conn)| (*id, of(conn))).collect()
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
        self.endpoint.close(conn::CODE_CLOSED, b"shutting down");
        let _ = tokio::time::timeout(Duration::from_secs(2), self.endpoint.wait_idle()).await;
    }
}
