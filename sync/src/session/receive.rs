//! The receiving half: from the peer's feed to this node's store.

use super::{Delivery, Output, Received, Session};
use crate::frame::{Carried, Frame, ITEMS_BYTES_MAX};
use crate::{Mark, ScopeKey};

/// Bytes of Pieces kept for the batch that they belong to.
const PIECES_BYTES_MAX: usize = 8 * ITEMS_BYTES_MAX;

/// A batch as it came.
pub(super) struct Batch {
    pub from: u64,
    pub before: [u8; 16],
    pub to: Mark,
    pub restart: bool,
    pub more: bool,
    pub pieces: u32,
    pub items: Vec<Carried>,
}

impl Session {
    /// Takes a batch that joins the cursor; tells the peer where it stands otherwise.
    pub(super) fn take_batch(&mut self, scope: ScopeKey, batch: Batch) {
        let Some(state) = self.scopes.get_mut(&scope) else {
            // Not shared: nothing of it is taken, and nothing tells whether it exists here.
            self.stats.ignored += 1;
            return;
        };
        self.peer_has_more = batch.more;
        let (mut items, pieces) = (std::mem::take(&mut state.pieces), std::mem::take(&mut state.pieces_count));
        if batch.restart && batch.from == 1 {
            state.received = Mark::default();
        }
        let received = state.received;
        if batch.to.lseq <= received.lseq {
            self.send(&Frame::Ack { scope, mark: received, gap: false });
            return;
        }
        // A batch that begins before the cursor proves nothing of what lies between, so it joins as little as one that
        // begins after it: the peer looks the cursor up on its feed and goes on from there.
        let overlaps = batch.from <= received.lseq;
        if overlaps || batch.from > received.lseq + 1 || pieces != batch.pieces {
            if overlaps || state.gap_told != Some(received.lseq) {
                state.gap_told = Some(received.lseq);
                self.send(&Frame::Ack { scope, mark: received, gap: true });
            }
            return;
        }
        if batch.before != received.running {
            self.send(&Frame::Mismatch { scope });
            return;
        }
        state.gap_told = None;
        items.extend(batch.items.into_iter().map(into_received));
        let full = items.iter().filter(|item| matches!(item, Received::Item { .. })).count();
        self.stats.items_received += full as u64;
        self.outputs.push(Output::Deliver(Delivery { scope, to: batch.to, items }));
    }

    /// Keeps items for the batch that follows.
    pub(super) fn take_pieces(&mut self, scope: ScopeKey, items: Vec<Carried>) {
        let Some(state) = self.scopes.get_mut(&scope) else {
            self.stats.ignored += 1;
            return;
        };
        let kept: usize = state.pieces.iter().map(bytes_of).sum();
        if kept > PIECES_BYTES_MAX {
            // The batch will not fit its count and be sent again; nobody can make this node keep more.
            state.pieces.clear();
            state.pieces_count = 0;
            return;
        }
        state.pieces.extend(items.into_iter().map(into_received));
        state.pieces_count += 1;
    }

    /// A delivery is stored: only now the peer is told.
    pub(super) fn stored(&mut self, scope: ScopeKey, mark: Mark) {
        let Some(state) = self.scopes.get_mut(&scope) else { return };
        state.received = mark;
        self.send(&Frame::Ack { scope, mark, gap: false });
    }

    /// A delivery named an item that is not here.
    pub(super) fn unresolved(&mut self, scope: ScopeKey) {
        let Some(state) = self.scopes.get_mut(&scope) else { return };
        let mark = state.received;
        self.send(&Frame::Rewind { scope, mark });
    }
}

fn into_received(item: Carried) -> Received {
    match item {
        Carried::Item(bytes) => Received::Item { bytes },
        Carried::Known(id) => Received::Known(id),
    }
}

fn bytes_of(item: &Received) -> usize {
    match item {
        Received::Item { bytes } => bytes.len(),
        Received::Known(_) => 32,
    }
}
