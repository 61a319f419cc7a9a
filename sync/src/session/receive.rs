//! The receiving half: from the peer's feed to this node's store.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Delivery, Output, PARKED_BYTES_MAX, PIECES_BYTES_MAX, Session};
use crate::frame::{Carried, Frame};
use crate::{Mark, ScopeKey};

/// A batch as it came.
pub(super) struct Batch {
    pub from: u64,
    pub before: [u8; 16],
    pub to: Mark,
    pub restart: bool,
    pub more: bool,
    pub round: u64,
    pub pieces: u64,
    pub last_piece: u64,
    pub items: Vec<Carried>,
}

/// Pieces by their number, whichever order they came in.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pieces: BTreeMap<u64, (ScopeKey, Vec<Carried>)>,
    bytes: usize,
}

impl Kept {
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn put(&mut self, scope: ScopeKey, number: u64, items: Vec<Carried>) {
        if self.pieces.contains_key(&number) {
            return;
        }
        let bytes = weight(&items);
        if self.bytes + bytes > PIECES_BYTES_MAX {
            // Their batch will not be taken, and be sent again; nobody can make this node keep more.
            *self = Self::default();
        }
        self.bytes += bytes;
        self.pieces.insert(number, (scope, items));
    }

    /// The items of the `count` Pieces up to number `last`, if all of them are there. Those of batches that were given
    /// up before go with them.
    fn take(&mut self, scope: ScopeKey, count: u64, last: u64) -> Option<Vec<Carried>> {
        if count == 0 {
            return Some(Vec::new());
        }
        let first = last - count + 1;
        let whole = self.pieces.range(first..=last).filter(|(_, (of, _))| *of == scope).count() as u64 == count;
        let newer = self.pieces.split_off(&last.saturating_add(1));
        let mut older = std::mem::replace(&mut self.pieces, newer);
        self.bytes = self.pieces.values().map(|(_, items)| weight(items)).sum();
        whole.then(|| older.split_off(&first).into_values().flat_map(|(_, items)| items).collect())
    }
}

/// Frames that came before they could be taken.
#[derive(Debug, Default)]
pub(super) struct Parked {
    frames: VecDeque<Vec<u8>>,
    bytes: usize,
    /// Scopes of which a frame was dropped for want of room.
    dropped: BTreeSet<ScopeKey>,
}

impl Parked {
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Session {
    /// Takes a frame, unless it is a batch and the peer's cursors are not known. A batch leaves out what came from here,
    /// and is only whole if that is still here: so a node that was put back first finds out that it was. That is what
    /// makes a cursor mean that everything up to it is held.
    pub(super) fn frame_or_park(&mut self, now: i64, frame: Frame, bytes: Vec<u8>) {
        if self.apart.is_some() && !matches!(frame, Frame::Hello(_)) {
            self.stats.ignored += 1;
            return;
        }
        let (Frame::Batch { scope, .. } | Frame::Pieces { scope, .. }) = &frame else { return self.frame(now, frame) };
        // Pieces have numbers: they are kept for their batch whatever is before it.
        let joins = !self.delivering && self.parked.frames.is_empty() || matches!(frame, Frame::Pieces { .. });
        if self.verified() && joins {
            self.frame(now, frame);
        } else if !self.scopes.contains_key(scope) {
            self.stats.ignored += 1;
        } else if self.parked.bytes + bytes.len() + FRAME_WEIGHT > PARKED_BYTES_MAX {
            self.parked.dropped.insert(*scope);
        } else {
            self.parked.bytes += bytes.len() + FRAME_WEIGHT;
            self.parked.frames.push_back(bytes);
        }
    }

    /// Takes what waited, one delivery at a time, since the next one joins where it ended.
    pub(super) fn unpark(&mut self, now: i64) {
        while self.verified() && !self.delivering {
            let Some(bytes) = self.parked.frames.pop_front() else { break };
            self.parked.bytes -= bytes.len() + FRAME_WEIGHT;
            if let Ok(frame) = Frame::decode(&bytes) {
                self.frame(now, frame);
            }
        }
        if self.parked.frames.is_empty() && self.verified() && !self.delivering {
            for scope in std::mem::take(&mut self.parked.dropped) {
                let Some(state) = self.scopes.get(&scope) else { continue };
                let mark = state.received;
                self.send(&Frame::Ack { scope, mark, gap: true });
            }
        }
    }

    /// Takes a batch that joins the cursor; tells the peer where it stands otherwise.
    pub(super) fn take_batch(&mut self, now: i64, scope: ScopeKey, batch: Batch) {
        let Some(state) = self.scopes.get_mut(&scope) else {
            // Not shared: nothing of it is taken, and nothing tells whether it exists here.
            self.stats.ignored += 1;
            return;
        };
        let pieces = self.pieces.take(scope, batch.pieces, batch.last_piece);
        if batch.round != state.wanted {
            // It left before the peer heard of the rewind, and may leave out what is wanted. If none is under way the
            // peer has forgotten it, as when the scope was not shared for a while.
            if state.awaited.is_none() && batch.to.lseq > state.received.lseq {
                let mark = state.received;
                self.rewind(scope, mark);
            }
            return;
        }
        state.awaited = None;
        if batch.restart && batch.from == 1 {
            state.received = Mark::default();
        }
        let received = state.received;
        if batch.to.lseq <= received.lseq {
            // What is sent again may still be the peer's last word; that more follows is of the past.
            self.more &= batch.more;
            self.send(&Frame::Ack { scope, mark: received, gap: false });
            return;
        }
        // Until it joins, more must follow, whatever it says of itself.
        self.more = true;
        // A batch that begins before the cursor proves nothing of what lies between, so it joins as little as one that
        // begins after it: the peer looks the cursor up on its feed and goes on from there.
        let overlaps = batch.from <= received.lseq;
        let joins = pieces.filter(|_| batch.from == received.lseq + 1);
        let Some(mut items) = joins else {
            if overlaps || state.gap_told != Some(received.lseq) {
                state.gap_told = Some(received.lseq);
                self.send(&Frame::Ack { scope, mark: received, gap: true });
            }
            return;
        };
        if batch.before != received.running {
            self.send(&Frame::Mismatch { scope });
            return;
        }
        self.more = batch.more;
        if batch.restart {
            self.offer_all(now, scope);
        }
        items.extend(batch.items);
        let full = items.iter().filter(|item| matches!(item, Carried::Item { .. })).count();
        self.stats.items_received += full as u64;
        self.delivering = true;
        self.outputs.push(Output::Deliver(Delivery { scope, to: batch.to, items }));
    }

    /// Keeps items for the batch that follows.
    pub(super) fn take_pieces(&mut self, scope: ScopeKey, number: u64, items: Vec<Carried>) {
        if self.scopes.contains_key(&scope) {
            self.pieces.put(scope, number, items);
        } else {
            self.stats.ignored += 1;
        }
    }

    /// A delivery is stored: only now the peer is told.
    pub(super) fn stored(&mut self, scope: ScopeKey, mark: Mark) {
        self.delivering = false;
        let Some(state) = self.scopes.get_mut(&scope) else { return };
        state.received = mark;
        // Not before: of a batch that joins and is declined each time, the next one would tell of the gap each time, and
        // both ends would go round in circles.
        state.gap_told = None;
        self.send(&Frame::Ack { scope, mark, gap: false });
    }

    /// A delivery named an item that is not here.
    pub(super) fn unresolved(&mut self, scope: ScopeKey) {
        self.delivering = false;
        let Some(state) = self.scopes.get_mut(&scope) else { return };
        let mark = state.received;
        self.rewind(scope, mark);
    }

    /// Asks for everything after `mark` in full. Nothing that the peer sent before it heard of that is taken.
    pub(super) fn rewind(&mut self, scope: ScopeKey, mark: Mark) {
        let Some(state) = self.scopes.get_mut(&scope) else { return };
        state.wanted += 1;
        state.awaited = Some(mark);
        let round = state.wanted;
        self.more = true;
        self.send(&Frame::Rewind { scope, mark, round });
    }
}

/// Bytes of memory that a frame takes up beside its items, whatever it says.
const FRAME_WEIGHT: usize = 128;

/// Bytes of memory. What holds an item weighs too: a few bytes on the wire can be thousands of empty ones.
fn weight(items: &[Carried]) -> usize {
    let bytes_of = |item: &Carried| match item {
        Carried::Item { bytes, .. } => bytes.len(),
        Carried::Known(_) | Carried::Newer => 0,
    };
    FRAME_WEIGHT + size_of_val(items) + items.iter().map(bytes_of).sum::<usize>()
}
