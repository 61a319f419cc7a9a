//! What every connection is made with, of whatever protocol: dialling, the codes that end it, and frames behind their length.

use quinn::{Connection, Endpoint, RecvStream, VarInt};
use tokio::time::timeout;

use crate::reasons::NO_ANSWER;
use crate::{FRAME_TIME_MAX, OPENING_MAX};

pub(crate) const CODE_CLOSED: VarInt = VarInt::from_u32(0);
pub(crate) const CODE_NOT_ENROLLED: VarInt = VarInt::from_u32(1);
pub(crate) const CODE_DOUBLE: VarInt = VarInt::from_u32(2);
pub(crate) const CODE_SLOW: VarInt = VarInt::from_u32(3);
pub(crate) const CODE_PROTOCOL: VarInt = VarInt::from_u32(4);
pub(crate) const CODE_BUSY: VarInt = VarInt::from_u32(5);
pub(crate) const CODE_RETIRED: VarInt = VarInt::from_u32(6);
/// Characters of a reason that are kept; the peer may have written it.
const END_REASON_CHARS_MAX: usize = 200;

/// Resolves an address and shakes hands with the first that answers.
pub(crate) async fn connect(
    endpoint: &Endpoint,
    config: Option<&quinn::ClientConfig>,
    address: &str,
) -> Result<Connection, String> {
    let addresses = tokio::net::lookup_host(address).await.map_err(|error| format!("{address}: {error}"))?;
    let mut reason = format!("{address} names no address");
    for address in addresses {
        // The name is not checked: the key is what proves the peer.
        let dialled = match config {
            Some(config) => endpoint.connect_with(config.clone(), address, "jiesu"),
            None => endpoint.connect(address, "jiesu"),
        };
        match dialled {
            Ok(connecting) => match timeout(OPENING_MAX, connecting).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) => reason = plain(&error),
                Err(_) => reason = NO_ANSWER.to_owned(),
            },
            Err(error) => reason = plain(&error),
        }
    }
    Err(reason)
}

/// A reason as it may be shown and logged: the peer may have written it.
pub(crate) fn plain(reason: &impl ToString) -> String {
    let shown = |char: char| if char.is_control() { '?' } else { char };
    reason.to_string().chars().take(END_REASON_CHARS_MAX).map(shown).collect()
}

/// Reads one frame. The length may take as long as the connection lives, the rest has its time.
pub(crate) async fn read_frame(recv: &mut RecvStream, bytes_max: usize) -> Result<Vec<u8>, String> {
    let mut length = [0; 4];
    recv.read_exact(&mut length).await.map_err(|error| error.to_string())?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > bytes_max {
        return Err(format!("a frame of {length} bytes, where {bytes_max} are allowed"));
    }
    let mut frame = Vec::new();
    let whole = async {
        // Memory grows with what comes, not with what was announced.
        while frame.len() < length {
            let piece = recv.read_chunk((length - frame.len()).min(64 * 1024), true).await;
            match piece.map_err(|error| error.to_string())? {
                Some(piece) => frame.extend_from_slice(&piece.bytes),
                None => return Err("the stream ended within a frame".to_owned()),
            }
        }
        Ok(())
    };
    timeout(FRAME_TIME_MAX, whole).await.map_err(|_| "a frame took too long".to_owned())??;
    Ok(frame)
}
