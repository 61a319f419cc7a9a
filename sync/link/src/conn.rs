//! One connection: from the handshake to its end, dialled or taken.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use quinn::{Connection, ConnectionError, Endpoint, RecvStream, SendStream, VarInt};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use crate::backoff::{Backoff, STEADY};
use crate::contest::Contests;
use crate::reasons::{
    CLOSED, NOT_ENROLLED, OWN_ADDRESS, PEER_BUSY, PEER_FOUND_SLOW, PEER_HAS_OTHER, PEER_KNOWS_NOT, PEER_SAYS_RETIRED,
    PEER_UNDERSTOOD_NOT, RETIRED,
};
use crate::seats::Seat;
use crate::tls::{ALPN_JOIN, peer_key};
use crate::wire::{
    CODE_BUSY, CODE_CLOSED, CODE_DOUBLE, CODE_NOT_ENROLLED, CODE_PROTOCOL, CODE_RETIRED, CODE_SLOW, connect, plain,
    read_frame,
};
use crate::{
    Conn, Event, FRAME_BYTES_MAX, FRAME_TIME_MAX, Key, OPENING_MAX, PENDING_MAX, Room, SEND_QUEUE_FRAMES_MAX, Shared,
    WELCOME_BYTES_MAX,
};
use crate::{Heard, Standing};

/// Takes connections until the endpoint is closed.
pub(crate) async fn accept(endpoint: Endpoint, shared: Arc<Shared>) {
    while let Some(incoming) = endpoint.accept().await {
        if shared.cut.load(Ordering::SeqCst) {
            incoming.ignore();
        } else if endpoint.open_connections() > PENDING_MAX / 2 && !incoming.remote_address_validated() {
            let _ = incoming.retry();
        } else if let Some(seat) = shared.pending.take(incoming.remote_address().ip()) {
            let shared = shared.clone();
            tokio::spawn(async move {
                let handshake = async { incoming.accept()?.await };
                if let Ok(Ok(connection)) = timeout(OPENING_MAX, handshake).await {
                    taken(connection, seat, shared).await;
                }
            });
        } else {
            // Not refused: whoever means it asks again, and finds room.
            incoming.ignore();
        }
    }
}

async fn taken(connection: Connection, seat: Seat, shared: Arc<Shared>) {
    let Some(key) = peer_key(&connection) else { return };
    let data =
        connection.handshake_data().and_then(|data| data.downcast::<quinn::crypto::rustls::HandshakeData>().ok());
    let joins = data.and_then(|data| data.protocol).is_some_and(|protocol| protocol == ALPN_JOIN);
    if joins {
        drop(seat);
        crate::join::answer(connection, key, &shared).await;
        return;
    }
    if let Some((code, why)) = (shared.allowed)(&key).refusal() {
        connection.close(code, why);
        return;
    }
    if let Ok(Ok((send, recv))) = timeout(OPENING_MAX, connection.accept_bi()).await {
        drop(seat);
        run(connection, key, false, send, recv, &shared).await;
    } else {
        connection.close(CODE_PROTOCOL, b"no stream");
    }
}

/// Keeps a connection to an address.
pub(crate) async fn keep_dialled(endpoint: Endpoint, shared: Arc<Shared>, address: String) {
    let mut backoff = Backoff::new();
    let mut contests = Contests::default();
    let (mut peer, mut failed) = (None, false);
    loop {
        // Woken by whatever is notified from here on.
        let (ended, hurried) = (shared.ended.notified(), shared.hurried.notified());
        let connected = peer.is_some_and(|key| is_connected(&shared, key));
        if connected && std::mem::take(&mut failed) {
            let _ = shared.events.send(Event::Answered { address: address.clone() }).await;
        }
        if connected || shared.cut.load(Ordering::SeqCst) {
            tokio::select! {
                () = ended => {}
                () = hurried => backoff.reset(),
            }
            continue;
        }
        let (reason, pause) = match dial(&endpoint, &shared, &address, &mut peer).await {
            Ok(end) => {
                if peer.is_some_and(|key| is_connected(&shared, key)) {
                    continue;
                }
                if end.displaced && contests.displaced_here(Instant::now(), shared.me, end.address) {
                    let event = Event::Contested { key: shared.me, addresses: vec![end.address] };
                    let _ = shared.events.send(event).await;
                }
                if end.lived >= STEADY && !end.displaced {
                    backoff.reset();
                }
                let reason = end.reason.unwrap_or(CLOSED).to_owned();
                (reason, if end.displaced { backoff.pause(noise()) } else { backoff.short(noise()) })
            }
            Err(reason) => (reason, backoff.pause(noise())),
        };
        if peer.is_some_and(|key| is_connected(&shared, key)) {
            continue;
        }
        failed = true;
        let _ = shared.events.send(Event::DialFailed { address: address.clone(), reason, next: pause }).await;
        if timeout(pause, hurried).await.is_ok() {
            backoff.reset();
        }
    }
}

/// How a connection that was dialled ended.
struct End {
    lived: Duration,
    address: SocketAddr,
    /// Another one with this device's key took its place.
    displaced: bool,
    /// Why the peer ended it, by its code.
    reason: Option<&'static str>,
}

/// What a peer's code says; its words may be anything.
fn meaning(code: VarInt) -> Option<&'static str> {
    match code {
        CODE_NOT_ENROLLED => Some(PEER_KNOWS_NOT),
        CODE_RETIRED => Some(PEER_SAYS_RETIRED),
        CODE_DOUBLE => Some(PEER_HAS_OTHER),
        CODE_SLOW => Some(PEER_FOUND_SLOW),
        CODE_PROTOCOL => Some(PEER_UNDERSTOOD_NOT),
        CODE_BUSY => Some(PEER_BUSY),
        _ => None,
    }
}

fn is_connected(shared: &Shared, key: Key) -> bool {
    shared.conns().values().any(|conn| conn.key == key)
}

/// Dials once and stays until the connection ends.
async fn dial(endpoint: &Endpoint, shared: &Arc<Shared>, address: &str, peer: &mut Option<Key>) -> Result<End, String> {
    let connection = connect(endpoint, None, address).await?;
    let key = peer_key(&connection).ok_or("the peer proved no device key")?;
    *peer = Some(key);
    if key == shared.me {
        connection.close(CODE_CLOSED, b"self");
        return Err(OWN_ADDRESS.to_owned());
    }
    let standing = (shared.allowed)(&key);
    if let Some((code, why)) = standing.refusal() {
        connection.close(code, why);
        return Err(if standing == Standing::Retired { RETIRED } else { NOT_ENROLLED }.to_owned());
    }
    let (send, recv) = connection.open_bi().await.map_err(|error| plain(&error))?;
    let _ = shared.events.send(Event::Answered { address: address.to_owned() }).await;
    let since = Instant::now();
    // To close it here as well would hide why the peer did.
    let code = match run(connection.clone(), key, true, send, recv, shared).await {
        Some(ConnectionError::ApplicationClosed(close)) => Some(close.error_code),
        _ => None,
    };
    let (displaced, reason) = (code == Some(CODE_DOUBLE), code.and_then(meaning));
    Ok(End { lived: since.elapsed(), address: connection.remote_address(), displaced, reason })
}

/// Carries frames until the connection ends; what ended it, unless this end did.
async fn run(
    connection: Connection,
    key: Key,
    outbound: bool,
    send: SendStream,
    recv: RecvStream,
    shared: &Arc<Shared>,
) -> Option<ConnectionError> {
    let (frames, queue) = mpsc::channel(SEND_QUEUE_FRAMES_MAX);
    let queued = Arc::<AtomicUsize>::default();
    let since = Instant::now();
    let heard = Mutex::new(Heard { bytes: 0, at: since });
    let conn = Conn { key, outbound, connection: connection.clone(), since, heard, frames, queued: queued.clone() };
    let (conn, contested) = enter(conn, shared);
    if let Some(addresses) = contested {
        let _ = shared.events.send(Event::Contested { key, addresses }).await;
    }
    let Some(conn) = conn else {
        let ended = connection.close_reason();
        connection.close(CODE_DOUBLE, b"connected already");
        return ended;
    };
    connection.set_receive_window(VarInt::from_u32(WELCOME_BYTES_MAX));
    let address = connection.remote_address();
    let mut ended = None;
    if shared.events.send(Event::Up { conn, key, outbound, address }).await.is_ok() {
        let reason = tokio::select! {
            reason = write(send, queue, &queued) => reason,
            reason = read(conn, recv, shared) => reason,
            reason = connection.closed() => plain(&reason),
        };
        // What ended the connection says more than what then failed on its stream.
        ended = connection.close_reason();
        let reason = match &ended {
            Some(ConnectionError::ApplicationClosed(close)) if close.error_code == CODE_RETIRED => {
                PEER_SAYS_RETIRED.to_owned()
            }
            ended => ended.as_ref().map_or(reason, plain),
        };
        connection.close(CODE_CLOSED, b"done");
        leave(conn, shared);
        let _ = shared.events.send(Event::Down { conn, reason }).await;
    } else {
        leave(conn, shared);
    }
    shared.ended.notify_waiters();
    ended
}

/// Counts a connection in, unless a better one with the same peer is there. Also the addresses of two machines that use
/// one key, if that has just become plain.
fn enter(new: Conn, shared: &Shared) -> (Option<u64>, Option<Vec<SocketAddr>>) {
    let mut conns = shared.conns();
    let mut contested = None;
    let address = new.connection.remote_address();
    // The one that the lower key dialled is the better one. Of two that the same end dialled the newer is: the older
    // is a leftover that has not noticed yet, unless it is another machine.
    let preferred = (shared.me < new.key) == new.outbound;
    for other in conns.values().filter(|other| other.key == new.key) {
        if other.outbound != new.outbound {
            if !preferred {
                return (None, None);
            }
        } else if !new.outbound {
            let there = (other.connection.remote_address(), other.since);
            let ruling = shared.contests().rule(new.since, new.key, there, address);
            if ruling.tell {
                contested = Some(vec![there.0, address]);
            }
            if !ruling.displaces {
                return (None, contested);
            }
        }
        other.connection.close(CODE_DOUBLE, b"connected anew");
    }
    let conn = shared.next_conn.fetch_add(1, Ordering::Relaxed);
    conns.insert(conn, new);
    (Some(conn), contested)
}

fn leave(conn: u64, shared: &Shared) {
    if let Some(conn) = shared.conns().remove(&conn) {
        let stats = conn.connection.stats();
        let mut past = shared.past();
        past.0 += stats.udp_tx.bytes;
        past.1 += stats.udp_rx.bytes;
    }
}

async fn write(mut send: SendStream, mut queue: mpsc::Receiver<Vec<u8>>, queued: &AtomicUsize) -> String {
    while let Some(frame) = queue.recv().await {
        let Ok(length) = u32::try_from(frame.len()) else { return "a frame is too long".to_owned() };
        // One write of both: an own packet for four bytes would be a waste.
        let bytes = [&length.to_be_bytes()[..], &frame].concat();
        match timeout(FRAME_TIME_MAX, send.write_all(&bytes)).await {
            Ok(Ok(())) => queued.fetch_sub(frame.len(), Ordering::Relaxed),
            Ok(Err(error)) => return error.to_string(),
            Err(_) => return "the peer takes nothing".to_owned(),
        };
    }
    "closed here".to_owned()
}

async fn read(conn: u64, mut recv: RecvStream, shared: &Shared) -> String {
    loop {
        let bytes = match read_frame(&mut recv, FRAME_BYTES_MAX).await {
            Ok(bytes) => bytes,
            Err(reason) => return reason,
        };
        // While the owner is busy the peer waits, through the stream's flow control.
        let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let Ok(room) = shared.room.clone().acquire_many_owned(size).await else { return "shutting down".to_owned() };
        if shared.events.send(Event::Frame { conn, bytes, room: Room(room) }).await.is_err() {
            return "shutting down".to_owned();
        }
    }
}

fn noise() -> u32 {
    getrandom::u32().unwrap_or_default()
}
