//! Frames on the wire, version 1. Each is a CBOR array that begins with its type:
//!
//! - `[1, min, max, digest, ask]` Hello: versions spoken; digest over all cursors, see [`cursor_digest`]; `ask`: no
//!   Hello of yours has come, greet again.
//! - `[2]` CursorsPlease: your digest is not what I have noted.
//! - `[3, [[scope, lseq, running], …]]` Cursors: what I have received of your feeds; scopes at 0 are left out.
//! - `[4, scope, from, before, lseq, running, flags, round, pieces, last, length, zstd]` Batch: entries `from` to `lseq`
//!   of my feed, those left out included; none if `from` is `lseq` + 1; `before` and `running` are the running hashes at
//!   both ends; flags: 1 restart, 2 more follows; `round`: of your newest Rewind that I have heard of, 0 for none;
//!   `pieces` Pieces belong to it, the newest of them has number `last` (0 and 0 without any); items as below, one zstd
//!   frame of `length` bytes.
//! - `[5, scope, number, length, zstd]` Pieces: items of a Batch that follows, where they are too many for one frame;
//!   `number` counts all Pieces of the session from 1, so that none is taken twice or for another.
//! - `[6, scope, lseq, running, gap]` Ack: durable here up to that mark; `gap`: something before what came is missing.
//! - `[7, scope, lseq, running, round]` Rewind: send again from that mark, with all items. Rounds count from 1 in a
//!   session; batches of earlier ones are not taken any more.
//! - `[8, scope]` Mismatch: our feeds were never the same up to your `before`.
//! - `[9, scope, [id, …]]` Want: items of that scope that were too much when they came. Each is answered by one Given.
//! - `[10, scope, length, zstd]` Given: those of them that stand in the feed of that scope, and fit; nothing tells of the
//!   others.
//!
//! Items: an array of `[0, bytes]` (an item) and `[1, id]` (one that was sent in this session through another scope).
//! A frame of an unknown type is ignored: a newer version may have more of them.

use minicbor::{Decoder, Encoder};
use sha2::{Digest, Sha256};

use crate::{Mark, ScopeKey};

/// The version spoken.
pub const VERSION: u8 = 1;
/// Bytes of a frame.
pub const FRAME_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of the items of a frame, decompressed: what compresses well brings no more work than what does not.
pub const ITEMS_BYTES_MAX: usize = FRAME_BYTES_MAX;
/// Items of a frame.
pub const ITEMS_MAX: usize = 4_096;
/// Bytes of one item: it fits a frame even where nothing can be compressed.
pub const ITEM_BYTES_MAX: usize = FRAME_BYTES_MAX - 8 * 1024;
/// Ids of a Want.
pub const WANT_IDS_MAX: usize = 64;
/// Scopes that Cursors may list.
pub const SCOPES_MAX: usize = 8_192;
/// zstd level: batches are small and links are thin.
const LEVEL: i32 = 9;

/// Bytes that are no frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed frame: {0}")]
pub struct FrameError(pub String);

impl From<minicbor::decode::Error> for FrameError {
    fn from(error: minicbor::decode::Error) -> Self {
        Self(error.to_string())
    }
}

/// An item, or the name of one that was sent before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// The item itself.
    Item(Vec<u8>),
    /// Sent earlier in this session.
    Known([u8; 32]),
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Opens a conversation, and again whenever what is shared has changed.
    Hello {
        /// Oldest version spoken.
        min: u8,
        /// Newest version spoken.
        max: u8,
        /// Over what was received of the other's feeds.
        digest: [u8; 16],
        /// The other's Hello has not come.
        ask: bool,
    },
    /// Asks for Cursors.
    CursorsPlease,
    /// What was received of the other's feeds.
    Cursors(Vec<(ScopeKey, Mark)>),
    /// Entries of a feed.
    Batch {
        /// Which feed.
        scope: ScopeKey,
        /// First entry.
        from: u64,
        /// Running hash before it.
        before: [u8; 16],
        /// Last entry.
        to: Mark,
        /// The receiver shall begin anew with this feed.
        restart: bool,
        /// More follows at once.
        more: bool,
        /// The newest Rewind that it answers.
        round: u64,
        /// How many Pieces belong to it.
        pieces: u64,
        /// Number of the newest of them.
        last_piece: u64,
        /// The items.
        items: Vec<Carried>,
    },
    /// Items that belong to a Batch that follows.
    Pieces {
        /// Of which feed.
        scope: ScopeKey,
        /// Counts the Pieces of the session, from 1.
        number: u64,
        /// The items.
        items: Vec<Carried>,
    },
    /// Durable up to here.
    Ack {
        /// Which feed.
        scope: ScopeKey,
        /// Up to where.
        mark: Mark,
        /// Something before what came is missing.
        gap: bool,
    },
    /// Send again from here.
    Rewind {
        /// Which feed.
        scope: ScopeKey,
        /// From where.
        mark: Mark,
        /// Its number in this session, from 1.
        round: u64,
    },
    /// Not the same feed up to there.
    Mismatch {
        /// Which feed.
        scope: ScopeKey,
    },
    /// Asks for items by their names.
    Want {
        /// Of which scope.
        scope: ScopeKey,
        /// Their names.
        ids: Vec<[u8; 32]>,
    },
    /// Answers a Want.
    Given {
        /// Of which scope.
        scope: ScopeKey,
        /// The items.
        items: Vec<Carried>,
    },
    /// A type of a newer version.
    Unknown(u64),
}

/// Digest over cursors: scopes in order, those at 0 left out.
#[must_use]
pub fn cursor_digest(cursors: impl Iterator<Item = (ScopeKey, Mark)>) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(b"jiesu/cursors/1\0");
    for (scope, mark) in cursors.filter(|(_, mark)| mark.lseq > 0) {
        hash.update(scope.0.to_be_bytes());
        hash.update(mark.lseq.to_be_bytes());
        hash.update(mark.running);
    }
    let mut digest = [0; 16];
    digest.copy_from_slice(&hash.finalize()[..16]);
    digest
}

type Fallible = Result<(), minicbor::encode::Error<core::convert::Infallible>>;

impl Frame {
    /// The bytes of the frame.
    ///
    /// # Errors
    /// zstd fails, which it does not in memory.
    pub fn encode(&self) -> Result<Vec<u8>, FrameError> {
        let packed = match self {
            Self::Batch { items, .. } | Self::Pieces { items, .. } | Self::Given { items, .. } => Some(pack(items)?),
            _ => None,
        };
        let mut out = Encoder::new(Vec::new());
        self.write(&mut out, packed.as_ref()).map_err(|error| FrameError(error.to_string()))?;
        Ok(out.into_writer())
    }

    fn write(&self, out: &mut Encoder<Vec<u8>>, packed: Option<&(usize, Vec<u8>)>) -> Fallible {
        let (length, zstd) = packed.map(|(length, zstd)| (*length as u64, zstd.as_slice())).unwrap_or_default();
        match self {
            Self::Hello { min, max, digest, ask } => {
                out.array(5)?.u8(1)?.u8(*min)?.u8(*max)?.bytes(digest)?.bool(*ask)?;
            }
            Self::CursorsPlease => {
                out.array(1)?.u8(2)?;
            }
            Self::Cursors(cursors) => {
                out.array(2)?.u8(3)?.array(cursors.len() as u64)?;
                for (scope, mark) in cursors {
                    out.array(3)?.u32(scope.0)?.u64(mark.lseq)?.bytes(&mark.running)?;
                }
            }
            Self::Batch { scope, from, before, to, restart, more, round, pieces, last_piece, .. } => {
                let flags = u8::from(*restart) | u8::from(*more) << 1;
                out.array(12)?.u8(4)?.u32(scope.0)?.u64(*from)?.bytes(before)?.u64(to.lseq)?.bytes(&to.running)?;
                out.u8(flags)?.u64(*round)?.u64(*pieces)?.u64(*last_piece)?.u64(length)?.bytes(zstd)?;
            }
            Self::Pieces { scope, number, .. } => {
                out.array(5)?.u8(5)?.u32(scope.0)?.u64(*number)?.u64(length)?.bytes(zstd)?;
            }
            Self::Ack { scope, mark, gap } => {
                out.array(5)?.u8(6)?.u32(scope.0)?.u64(mark.lseq)?.bytes(&mark.running)?.bool(*gap)?;
            }
            Self::Rewind { scope, mark, round } => {
                out.array(5)?.u8(7)?.u32(scope.0)?.u64(mark.lseq)?.bytes(&mark.running)?.u64(*round)?;
            }
            Self::Mismatch { scope } => {
                out.array(2)?.u8(8)?.u32(scope.0)?;
            }
            Self::Want { scope, ids } => {
                out.array(3)?.u8(9)?.u32(scope.0)?.array(ids.len() as u64)?;
                for id in ids {
                    out.bytes(id)?;
                }
            }
            Self::Given { scope, .. } => {
                out.array(4)?.u8(10)?.u32(scope.0)?.u64(length)?.bytes(zstd)?;
            }
            Self::Unknown(kind) => {
                out.array(1)?.u64(*kind)?;
            }
        }
        Ok(())
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// Not a frame, or over a limit.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        if bytes.len() > FRAME_BYTES_MAX {
            return Err(FrameError(format!("{} bytes", bytes.len())));
        }
        let mut input = Decoder::new(bytes);
        let len = input.array()?.ok_or_else(|| FrameError("indefinite length".to_owned()))?;
        let frame = match (input.u64()?, len) {
            (1, 5) => {
                let (min, max) = (input.u8()?, input.u8()?);
                Self::Hello { min, max, digest: fixed(&mut input)?, ask: input.bool()? }
            }
            (2, 1) => Self::CursorsPlease,
            (3, 2) => {
                let count = bounded(input.array()?, SCOPES_MAX)?;
                let mut cursors = Vec::with_capacity(count.min(1_024));
                for _ in 0..count {
                    tuple(&mut input, 3)?;
                    cursors.push((ScopeKey(input.u32()?), mark(&mut input)?));
                }
                Self::Cursors(cursors)
            }
            (4, 12) => {
                let scope = ScopeKey(input.u32()?);
                let (from, before, to) = (input.u64()?, fixed(&mut input)?, mark(&mut input)?);
                let (flags, round) = (input.u8()?, input.u64()?);
                let (pieces, last_piece, length) = (input.u64()?, input.u64()?, input.u64()?);
                let items = unpack(length, input.bytes()?)?;
                let (restart, more) = (flags & 1 == 1, flags & 2 == 2);
                if from == 0 || from - 1 > to.lseq || pieces > last_piece {
                    return Err(FrameError(format!("a batch from {from} to {}, {pieces} pieces", to.lseq)));
                }
                Self::Batch { scope, from, before, to, restart, more, round, pieces, last_piece, items }
            }
            (5, 5) => {
                let (scope, number, length) = (ScopeKey(input.u32()?), input.u64()?, input.u64()?);
                Self::Pieces { scope, number, items: unpack(length, input.bytes()?)? }
            }
            (6, 5) => Self::Ack { scope: ScopeKey(input.u32()?), mark: mark(&mut input)?, gap: input.bool()? },
            (7, 5) => Self::Rewind { scope: ScopeKey(input.u32()?), mark: mark(&mut input)?, round: input.u64()? },
            (8, 2) => Self::Mismatch { scope: ScopeKey(input.u32()?) },
            (9, 3) => {
                let scope = ScopeKey(input.u32()?);
                let count = bounded(input.array()?, WANT_IDS_MAX)?;
                let ids = (0..count).map(|_| fixed(&mut input)).collect::<Result<_, _>>()?;
                Self::Want { scope, ids }
            }
            (10, 4) => {
                let (scope, length) = (ScopeKey(input.u32()?), input.u64()?);
                Self::Given { scope, items: unpack(length, input.bytes()?)? }
            }
            (kind, _) if kind > 10 => return Ok(Self::Unknown(kind)),
            (kind, len) => return Err(FrameError(format!("type {kind} with {len} fields"))),
        };
        if input.position() != bytes.len() {
            return Err(FrameError(format!("{} bytes too many", bytes.len() - input.position())));
        }
        Ok(frame)
    }
}

fn fixed<const N: usize>(input: &mut Decoder<'_>) -> Result<[u8; N], FrameError> {
    let bytes = input.bytes()?;
    bytes.try_into().map_err(|_| FrameError(format!("{} bytes instead of {N}", bytes.len())))
}

fn mark(input: &mut Decoder<'_>) -> Result<Mark, FrameError> {
    Ok(Mark { lseq: input.u64()?, running: fixed(input)? })
}

fn tuple(input: &mut Decoder<'_>, len: u64) -> Result<(), FrameError> {
    match input.array()? {
        Some(found) if found == len => Ok(()),
        _ => Err(FrameError(format!("not an array of {len}"))),
    }
}

fn bounded(len: Option<u64>, max: usize) -> Result<usize, FrameError> {
    match len.and_then(|len| usize::try_from(len).ok()) {
        Some(len) if len <= max => Ok(len),
        _ => Err(FrameError(format!("more than {max} items"))),
    }
}

fn pack(items: &[Carried]) -> Result<(usize, Vec<u8>), FrameError> {
    let mut out = Encoder::new(Vec::new());
    let write = |out: &mut Encoder<Vec<u8>>| -> Fallible {
        out.array(items.len() as u64)?;
        for item in items {
            match item {
                Carried::Item(bytes) => out.array(2)?.u8(0)?.bytes(bytes)?,
                Carried::Known(id) => out.array(2)?.u8(1)?.bytes(id)?,
            };
        }
        Ok(())
    };
    write(&mut out).map_err(|error| FrameError(error.to_string()))?;
    let plain = out.into_writer();
    let packed = zstd::bulk::compress(&plain, LEVEL).map_err(|error| FrameError(error.to_string()))?;
    Ok((plain.len(), packed))
}

fn unpack(length: u64, packed: &[u8]) -> Result<Vec<Carried>, FrameError> {
    // The stated length bounds what is allocated, and the limit bounds the stated length: a bomb ends here.
    let length = bounded(Some(length), ITEMS_BYTES_MAX)?;
    let plain = zstd::bulk::decompress(packed, length).map_err(|error| FrameError(error.to_string()))?;
    if plain.len() != length {
        return Err(FrameError(format!("{} bytes instead of {length}", plain.len())));
    }
    let mut input = Decoder::new(&plain);
    let count = bounded(input.array()?, ITEMS_MAX)?;
    let mut items = Vec::with_capacity(count);
    for _ in 0..count {
        tuple(&mut input, 2)?;
        items.push(match input.u8()? {
            0 => {
                let bytes = input.bytes()?;
                if bytes.len() > ITEM_BYTES_MAX {
                    return Err(FrameError(format!("an item of {} bytes", bytes.len())));
                }
                Carried::Item(bytes.to_vec())
            }
            1 => Carried::Known(fixed(&mut input)?),
            other => return Err(FrameError(format!("no item of type {other}"))),
        });
    }
    if input.position() != plain.len() {
        return Err(FrameError("items are followed by something else".to_owned()));
    }
    Ok(items)
}
