//! How a device that is not enrolled yet asks to be: one request, one answer, on a protocol of its own.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use quinn::{Connection, ConnectionError, Endpoint, VarInt};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::tls::{ALPN_JOIN, Identity, client_config, peer_key};
use crate::wire::{CODE_BUSY, CODE_CLOSED, CODE_NOT_ENROLLED, connect, read_frame};
use crate::{Event, JOIN_BYTES_MAX, Key, Shared, WELCOME_BYTES_MAX};

/// Requests to join that are served at once, at most.
pub const JOINS_MAX: usize = 32;
/// Of these from one address (of IPv6, from one /64), at most.
pub const JOINS_EACH_MAX: usize = 4;
/// How long the request may take to come, from the handshake on: it is small.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(10);
/// How long the node that is asked may take, and how long the answer may be under way.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// How long one of several addresses is tried: whoever waits for it is a person.
const REACH_MAX: Duration = Duration::from_secs(8);
/// Requests are small.
const REQUEST_BYTES_MAX: usize = 8 * 1024;

/// Why a device could not join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// No connection.
    #[error("no connection to {address}: {reason}")]
    Unreachable {
        /// As given.
        address: String,
        /// Why.
        reason: String,
    },
    /// Somebody else answers there.
    #[error("the device at {0} is not the one that the invitation names")]
    WrongPeer(String),
    /// Too many ask at once.
    #[error("the node at {0} is busy: too many devices ask to join at once; try again in a minute")]
    Busy(String),
    /// It says nothing but no: the invitation is not good, or no longer.
    #[error("the node refused: the invitation is unknown, used or older than it may be")]
    Refused,
    /// It was asked, and the answer did not come: it may have done what it was asked.
    #[error("the node was asked and did not answer")]
    Unanswered,
}

/// Asks the node at `address`, which must prove the key `expected`, and returns its answer.
///
/// # Errors
/// See [`JoinError`].
pub async fn join(address: &str, secret: &[u8; 32], expected: &Key, request: &[u8]) -> Result<Vec<u8>, JoinError> {
    let unreachable = |reason: String| JoinError::Unreachable { address: address.to_owned(), reason };
    let endpoint = Endpoint::client(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)))
        .or_else(|_| Endpoint::client(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))))
        .map_err(|error| unreachable(error.to_string()))?;
    let config = client_config(&Identity::new(secret), ALPN_JOIN).map_err(|error| unreachable(error.to_string()))?;
    let connected = timeout(REACH_MAX, connect(&endpoint, Some(&config), address)).await;
    let connection = connected.unwrap_or_else(|_| Err("no answer".to_owned())).map_err(unreachable)?;
    if peer_key(&connection) != Some(*expected) {
        connection.close(CODE_CLOSED, b"wrong peer");
        return Err(JoinError::WrongPeer(address.to_owned()));
    }
    connection.set_receive_window(VarInt::from_u32(WELCOME_BYTES_MAX));
    let asked = async {
        let (mut send, mut recv) = connection.open_bi().await.ok()?;
        let length = u32::try_from(request.len()).ok()?;
        send.write_all(&[&length.to_be_bytes()[..], request].concat()).await.ok()?;
        send.finish().ok()?;
        read_frame(&mut recv, JOIN_BYTES_MAX).await.ok()
    };
    let answer = timeout(ANSWER_MAX, asked).await.ok().flatten();
    let answer = answer.ok_or_else(|| match connection.close_reason() {
        Some(ConnectionError::ApplicationClosed(close)) if close.error_code == CODE_NOT_ENROLLED => JoinError::Refused,
        Some(ConnectionError::ApplicationClosed(close)) if close.error_code == CODE_BUSY => {
            JoinError::Busy(address.to_owned())
        }
        _ => JoinError::Unanswered,
    });
    connection.close(CODE_CLOSED, b"done");
    endpoint.wait_idle().await;
    answer
}

/// Serves one request to join. Until its secret is known to be good, all that it has is a seat, its time, and room for
/// one small request.
pub(crate) async fn answer(connection: Connection, key: Key, shared: &Arc<Shared>) {
    if !shared.joins.enter(key, &connection) {
        connection.close(CODE_BUSY, b"too many ask to join");
        return;
    }
    // Once nobody is there any more nobody is served.
    let served = tokio::select! {
        served = serve(&connection, key, shared) => served,
        _ = connection.closed() => None,
    };
    if served.is_none() {
        connection.close(CODE_CLOSED, b"no answer");
    }
    shared.joins.leave(key, &connection);
}

async fn serve(connection: &Connection, key: Key, shared: &Arc<Shared>) -> Option<()> {
    let opened = async {
        let (send, mut recv) = connection.accept_bi().await.ok()?;
        Some((send, read_frame(&mut recv, REQUEST_BYTES_MAX).await.ok()?))
    };
    let (mut send, request) = timeout(REQUEST_TIME_MAX, opened).await.ok()??;
    let (reply, answered) = oneshot::channel();
    let address = connection.remote_address();
    shared.events.send(Event::Join { key, address, request, reply }).await.ok()?;
    let Ok(bytes) = timeout(ANSWER_MAX, answered).await.ok()? else {
        connection.close(CODE_NOT_ENROLLED, b"refused");
        return None;
    };
    let length = u32::try_from(bytes.len()).ok()?;
    let bytes = [&length.to_be_bytes()[..], &bytes].concat();
    timeout(ANSWER_MAX, send.write_all(&bytes)).await.ok()?.ok()?;
    send.finish().ok()?;
    // The asker closes once it has the whole answer. One that was killed once it had it holds no seat.
    let _ = timeout(ANSWER_MAX, send.stopped()).await;
    shared.joins.answered(key, connection);
    let _ = timeout(ANSWER_MAX, connection.closed()).await;
    Some(())
}
