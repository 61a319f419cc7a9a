//! The sending half: from this node's feed to the peer, and what the peer says of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    BATCH_BYTES, Claim, KNOWN_BYTES, KNOWN_BYTES_MAX, Output, PACKED_TO_MIN, PASSED_ENTRIES_MAX, PIECE_BYTES_MAX,
    RETRY_MS_MIN, ScopeState, Session, Slice, WINDOW_BYTES_MAX, Why,
};
use crate::frame::{Carried, Frame, ITEMS_MAX};
use crate::{Mark, ScopeKey};

impl ScopeState {
    /// Nothing of it is left to send.
    pub(super) fn drained(&self) -> bool {
        self.scanned.lseq >= self.head.lseq && !self.reading && self.claim.is_none()
    }

    /// What was sent is sent again; nothing more is known of the peer than before.
    pub(super) fn send_again(&mut self) {
        self.resend_upto = self.resend_upto.max(self.sent.lseq);
        self.sent = self.acked;
        self.scanned = self.acked;
        self.reading = false;
    }
}

impl ScopeState {
    /// Something is to be sent again. If the peer has had that too often it waits.
    fn charge(&mut self, now: i64, from: Mark) {
        if self.sent.lseq > from.lseq {
            self.owes = !self.credit.take(now);
        }
    }

    /// Whether it may be read on: what is owed is paid as soon as there is credit.
    fn paid(&mut self, now: i64) -> bool {
        self.owes = self.owes && !self.credit.take(now);
        !self.owes
    }
}

impl Session {
    /// Reads on where there is something to send and room for it.
    pub(super) fn pump(&mut self, now: i64) {
        let under_way: usize = self.outstanding.iter().map(|(.., bytes)| bytes).sum();
        if under_way >= WINDOW_BYTES_MAX {
            return;
        }
        let ready = |state: &ScopeState| state.scanned.lseq < state.head.lseq && state.claim.is_none();
        if self.scopes.values().any(|state| state.reading) {
            return;
        }
        let ready = self.scopes.iter_mut().filter(|(_, state)| ready(state));
        let next = ready.filter_map(|(key, state)| state.paid(now).then_some((key, state)));
        let next = next.min_by_key(|(key, state)| (state.priority, **key));
        if let Some((scope, state)) = next {
            state.reading = true;
            let (scope, after) = (*scope, state.scanned.lseq);
            self.outputs.push(Output::Read { scope, after, budget_bytes: BATCH_BYTES });
        }
    }

    /// The peer has the feed only up to `mark`: everything after it is sent again, what came from the peer included,
    /// since it may have lost that too.
    fn go_back(&mut self, now: i64, scope: ScopeKey, mark: Mark) {
        let Some(state) = self.scopes.get_mut(&scope) else { return };
        state.charge(now, mark);
        let full_upto = state.head.lseq;
        state.full_upto = full_upto;
        state.resend_upto = full_upto;
        state.acked = mark;
        state.sent = mark;
        state.scanned = mark;
        state.reading = false;
        state.claim = None;
        self.promised = true;
        self.outputs.push(Output::Acked { scope, mark, full_upto });
        self.forget_outstanding(scope);
    }

    /// The peer knows a feed that is not this one, so this node was put back to an earlier state. The peer begins anew
    /// with this feed: simple and correct; finding what differs instead has its place here. What this node lost, its own
    /// entries included, comes back if the peer sends everything after the cursor in full: by itself it would leave out
    /// what came from here.
    pub(super) fn begin_anew(&mut self, now: i64, scope: ScopeKey) {
        let Some(state) = self.scopes.get_mut(&scope) else { return };
        state.restart = true;
        let received = state.received;
        // Where both were put back, each names marks that the other does not know: once is enough.
        if state.awaited.is_none() {
            self.rewind(scope, received);
        }
        self.go_back(now, scope, Mark::default());
    }

    /// The peer begins anew: it was put back, and may have lost what came from it. Nothing else may ever tell, since
    /// its new feed is known from now on.
    pub(super) fn offer_all(&mut self, now: i64, scope: ScopeKey) {
        if let Some(acked) = self.scopes.get(&scope).map(|state| state.acked) {
            self.go_back(now, scope, acked);
        }
    }

    /// The peer sent this item, with so much beside it: its name is enough for it.
    pub fn heard(&mut self, id: [u8; 32], extent: u8) {
        let known = self.known_items.entry(id).or_default();
        *known = extent.max(*known);
        self.forget_names();
    }

    fn forget_names(&mut self) {
        if self.known_items.len() * KNOWN_BYTES > KNOWN_BYTES_MAX {
            self.known_items.clear();
        }
    }

    /// Sends what was read.
    pub(super) fn slice(&mut self, slice: Slice) {
        let scope = slice.scope;
        let Some(state) = self.scopes.get_mut(&scope).filter(|state| state.reading) else { return };
        state.reading = false;
        let Some(last) = slice.entries.last().map(|entry| Mark { lseq: entry.lseq, running: entry.running }) else {
            // The feed is shorter than was said.
            state.head = state.scanned;
            return;
        };
        if slice.entries.first().is_none_or(|first| first.lseq != state.scanned.lseq + 1) {
            return;
        }
        let mut items = Vec::new();
        for entry in slice.entries {
            if entry.came_from_peer && entry.lseq > state.full_upto {
                continue;
            }
            for item in entry.items {
                let again = entry.lseq <= state.resend_upto;
                let known = self.known_items.get(&item.id).copied();
                if known.is_none_or(|known| known < item.extent) || again {
                    self.known_items.insert(item.id, item.extent);
                    self.stats.items_sent += 1;
                    items.push(Carried::Item { kind: item.kind, bytes: item.bytes });
                } else {
                    items.push(Carried::Known(item.id));
                }
            }
        }
        state.scanned = last;
        let passed = state.scanned.lseq.saturating_sub(state.sent.lseq);
        if !items.is_empty() || state.restart || passed >= PASSED_ENTRIES_MAX {
            self.batch(scope, items);
        }
        self.forget_names();
        // Otherwise there is nothing that the peer needs: the next batch will cover these entries too.
    }

    /// What was promised and came to nothing: the peer waits for a batch all the same.
    pub(super) fn last_word(&mut self) {
        let asked = |(scope, state): (&ScopeKey, &ScopeState)| (state.asked && state.drained()).then_some(*scope);
        for scope in self.scopes.iter().filter_map(asked).collect::<Vec<_>>() {
            self.batch(scope, Vec::new());
        }
        if self.promised && self.scopes.values().all(ScopeState::drained) {
            let skipped = self.scopes.iter().find(|(_, state)| state.sent.lseq < state.scanned.lseq);
            if let Some(scope) = skipped.or(self.scopes.iter().next()).map(|(scope, _)| *scope) {
                self.batch(scope, Vec::new());
            }
        }
    }

    /// Sends everything between what was sent and what was read.
    fn batch(&mut self, scope: ScopeKey, items: Vec<Carried>) {
        let more = !self.scopes.values().all(|state| state.scanned.lseq >= state.head.lseq);
        let Some(state) = self.scopes.get_mut(&scope) else { return };
        let (from, before, to) = (state.sent.lseq + 1, state.sent.running, state.scanned);
        let restart = from <= to.lseq && std::mem::take(&mut state.restart);
        let round = state.round;
        let whole: usize = items.iter().map(size).sum();
        state.sent = to;
        state.asked = false;
        self.promised = more;
        let mut groups = groups(items);
        let items = groups.pop().unwrap_or_default();
        let pieces = groups.len() as u64;
        let mut bytes = 0;
        for items in groups {
            self.pieces_sent += 1;
            bytes += self.send(&Frame::Pieces { scope, number: self.pieces_sent, items });
        }
        let last_piece = if pieces > 0 { self.pieces_sent } else { 0 };
        let batch = Frame::Batch { scope, from, before, to, restart, more, round, pieces, last_piece, items };
        bytes += self.send(&batch);
        if from <= to.lseq {
            self.outstanding.push_back((scope, to, bytes.max(whole / PACKED_TO_MIN)));
        }
    }

    /// The peer has this much durably.
    pub(super) fn acked(&mut self, now: i64, scope: ScopeKey, mark: Mark, gap: bool) {
        let Some(state) = self.scopes.get_mut(&scope) else {
            self.stats.ignored += 1;
            return;
        };
        if self.outstanding.iter().any(|(other, to, _)| *other == scope && *to == mark) {
            state.acked = mark;
            self.progress(now, scope, mark);
        } else if mark != state.acked {
            self.look_up(scope, mark, if gap { Why::Gap } else { Why::Stands });
            return;
        }
        if gap {
            self.send_again(now, scope);
        }
    }

    fn send_again(&mut self, now: i64, scope: ScopeKey) {
        if let Some(state) = self.scopes.get_mut(&scope) {
            // A link that loses frames makes a gap now and then; one without progress since the last is no such.
            let at = state.acked;
            if state.gap_at.replace(at.lseq) == Some(at.lseq) {
                state.charge(now, at);
            }
            self.promised |= state.sent.lseq > state.acked.lseq;
            state.send_again();
        }
        self.forget_outstanding(scope);
    }

    /// The peer greets anew: what is under way may have come before it shared that scope, and it took nothing of it. A link
    /// that loses frames repeats by itself.
    pub(super) fn once_more(&mut self, now: i64) {
        if self.config.reliable {
            let scopes: BTreeSet<ScopeKey> = self.outstanding.iter().map(|(scope, ..)| *scope).collect();
            scopes.into_iter().for_each(|scope| self.send_again(now, scope));
        }
    }

    /// The peer asks for everything after `mark` in full.
    pub(super) fn rewound(&mut self, now: i64, scope: ScopeKey, mark: Mark, round: u64) {
        let Some(state) = self.scopes.get_mut(&scope).filter(|state| state.round < round) else {
            // Not shared, or said twice.
            self.stats.ignored += 1;
            return;
        };
        state.round = round;
        state.asked = true;
        if mark == state.acked || mark == Mark::default() {
            self.go_back(now, scope, mark);
        } else {
            self.look_up(scope, mark, Why::Rewind);
        }
    }

    /// The peer's cursors: where they are not what was noted, this node's feed tells whether they are on it.
    pub(super) fn cursors(&mut self, now: i64, cursors: &[(ScopeKey, Mark)]) {
        self.awaiting_cursors = false;
        self.progress_at = now;
        let named: BTreeMap<ScopeKey, Mark> = cursors.iter().copied().collect();
        for scope in self.scopes.keys().copied().collect::<Vec<_>>() {
            let mark = named.get(&scope).copied().unwrap_or_default();
            let Some(state) = self.scopes.get_mut(&scope) else { continue };
            if mark == state.acked {
                // What is under way may have come before the peer shared this scope.
                self.send_again(now, scope);
            } else if mark.lseq == 0 {
                self.go_back(now, scope, mark);
            } else {
                self.look_up(scope, mark, Why::Stands);
            }
        }
    }

    fn look_up(&mut self, scope: ScopeKey, mark: Mark, why: Why) {
        let Some(state) = self.scopes.get_mut(&scope) else { return };
        state.claim = Some(Claim { mark, why });
        self.outputs.push(Output::ReadMark { scope, lseq: mark.lseq });
    }

    /// Whether a mark that the peer named is on this node's feed.
    pub(super) fn mark_at(&mut self, now: i64, scope: ScopeKey, lseq: u64, mine: Option<Mark>) {
        let Some(state) = self.scopes.get_mut(&scope) else { return };
        let Some(claim) = state.claim.filter(|claim| claim.mark.lseq == lseq) else { return };
        state.claim = None;
        if mine != Some(claim.mark) {
            self.begin_anew(now, scope);
        } else if claim.mark.lseq < state.acked.lseq || claim.why == Why::Rewind {
            self.go_back(now, scope, claim.mark);
        } else {
            state.acked = claim.mark;
            if state.sent.lseq < claim.mark.lseq {
                state.sent = claim.mark;
            }
            if state.scanned.lseq < claim.mark.lseq {
                state.scanned = claim.mark;
            }
            self.progress(now, scope, claim.mark);
            if claim.why == Why::Gap {
                self.send_again(now, scope);
            }
        }
    }

    fn progress(&mut self, now: i64, scope: ScopeKey, mark: Mark) {
        self.outstanding.retain(|(other, to, _)| *other != scope || to.lseq > mark.lseq);
        self.progress_at = now;
        self.retry_ms = RETRY_MS_MIN;
        let full_upto = self.scopes.get(&scope).map_or(0, |state| state.full_upto);
        self.outputs.push(Output::Acked { scope, mark, full_upto });
    }

    pub(super) fn forget_outstanding(&mut self, scope: ScopeKey) {
        self.outstanding.retain(|(other, ..)| *other != scope);
    }
}

/// Bytes that an item takes in a frame before that is compressed.
fn size(item: &Carried) -> usize {
    match item {
        Carried::Item { bytes, .. } => bytes.len() + 12,
        Carried::Known(_) | Carried::Newer => 40,
    }
}

/// Items in groups that each fit a frame; the last one goes with the batch itself.
fn groups(items: Vec<Carried>) -> Vec<Vec<Carried>> {
    let mut groups: Vec<Vec<Carried>> = Vec::new();
    let mut bytes = 0;
    for item in items {
        let size = size(&item);
        match groups.last_mut().filter(|group| group.len() < ITEMS_MAX && bytes + size <= PIECE_BYTES_MAX) {
            Some(group) => {
                bytes += size;
                group.push(item);
            }
            None => {
                bytes = size;
                groups.push(vec![item]);
            }
        }
    }
    groups
}
