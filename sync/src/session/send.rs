//! The sending half: from this node's feed to the peer, and what the peer says of it.

use super::{
    BATCH_BYTES, Claim, Delivery, Output, PIECE_BYTES_MAX, RETRY_MS_MIN, ScopeState, Session, Slice, WINDOW_BYTES_MAX,
};
use crate::frame::{Carried, Frame, ITEMS_MAX};
use crate::{Mark, ScopeKey};

impl ScopeState {
    /// What was sent is sent again; nothing more is known of the peer than before.
    pub(super) fn send_again(&mut self) {
        self.resend_upto = self.resend_upto.max(self.sent.lseq);
        self.sent = self.acked;
        self.scanned = self.acked;
        self.reading = false;
    }
}

impl Session {
    /// Reads on where there is something to send and room for it.
    pub(super) fn pump(&mut self) {
        let under_way: usize = self.outstanding.iter().map(|(.., bytes)| bytes).sum();
        if under_way >= WINDOW_BYTES_MAX {
            return;
        }
        let ready = |state: &ScopeState| state.scanned.lseq < state.head.lseq && state.claim.is_none();
        if self.scopes.values().any(|state| state.reading) {
            return;
        }
        let next = self.scopes.iter_mut().filter(|(_, state)| ready(state)).min_by_key(|(key, s)| (s.priority, **key));
        if let Some((scope, state)) = next {
            state.reading = true;
            let (scope, after) = (*scope, state.scanned.lseq);
            self.outputs.push(Output::Read { scope, after, budget_bytes: BATCH_BYTES });
        }
    }

    /// The peer has the feed only up to `mark`: everything after it is sent again, what came from the peer included,
    /// since it may have lost that too.
    fn go_back(&mut self, scope: ScopeKey, mark: Mark) {
        let Some(state) = self.scopes.get_mut(&scope) else { return };
        let full_upto = state.head.lseq;
        state.full_upto = full_upto;
        state.resend_upto = full_upto;
        state.acked = mark;
        state.sent = mark;
        state.scanned = mark;
        state.reading = false;
        state.claim = None;
        self.outputs.push(Output::Acked { scope, mark, full_upto });
        self.forget_outstanding(scope);
    }

    /// There is no common beginning: the peer begins anew with this feed. Simple and correct; finding what differs
    /// instead has its place here.
    pub(super) fn begin_anew(&mut self, scope: ScopeKey) {
        self.go_back(scope, Mark::default());
        if let Some(state) = self.scopes.get_mut(&scope) {
            state.restart = true;
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
                if self.sent_items.insert(item.id) || again {
                    self.stats.items_sent += 1;
                    items.push(Carried::Item(item.bytes));
                } else {
                    items.push(Carried::Known(item.id));
                }
            }
        }
        state.scanned = last;
        if items.is_empty() && !state.restart {
            // Nothing that the peer needs: the next batch will cover these entries too.
            return;
        }
        let (from, before, restart) = (state.sent.lseq + 1, state.sent.running, std::mem::take(&mut state.restart));
        state.sent = last;
        let more = self.left();
        self.told_more = more;
        self.send_batch(scope, Frame::Batch { scope, from, before, to: last, restart, more, pieces: 0, items });
    }

    /// Whether something is left to look at.
    fn left(&self) -> bool {
        self.scopes.values().any(|state| state.scanned.lseq < state.head.lseq)
    }

    /// The peer was told that more follows, and then nothing did that it needs: tells it so.
    pub(super) fn tell_end(&mut self) {
        if self.left() || self.scopes.values().any(|state| state.reading || state.claim.is_some()) {
            return;
        }
        if std::mem::take(&mut self.told_more) {
            self.send(&Frame::End);
        }
    }

    fn send_batch(&mut self, scope: ScopeKey, mut batch: Frame) {
        let Frame::Batch { to, pieces, items, .. } = &mut batch else { return };
        let to = *to;
        let mut ahead = Vec::new();
        while size(items) > PIECE_BYTES_MAX || items.len() > ITEMS_MAX {
            let mut piece = Vec::new();
            while size(&piece) < PIECE_BYTES_MAX / 2 && piece.len() < ITEMS_MAX && items.len() > 1 {
                piece.push(items.remove(0));
            }
            if piece.is_empty() {
                break;
            }
            *pieces += 1;
            ahead.push(Frame::Pieces { scope, items: piece });
        }
        let mut bytes = 0;
        for frame in ahead.iter().chain([&batch]) {
            bytes += self.send(frame);
        }
        self.outstanding.push_back((scope, to, bytes));
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
            self.look_up(scope, mark, gap);
            return;
        }
        if gap {
            self.send_again(scope);
        }
    }

    fn send_again(&mut self, scope: ScopeKey) {
        if let Some(state) = self.scopes.get_mut(&scope) {
            state.send_again();
        }
        self.forget_outstanding(scope);
    }

    /// The peer asks for everything after `mark` in full.
    pub(super) fn rewound(&mut self, scope: ScopeKey, mark: Mark) {
        let Some(state) = self.scopes.get_mut(&scope) else {
            self.stats.ignored += 1;
            return;
        };
        if mark == state.acked || mark == Mark::default() {
            self.go_back(scope, mark);
        } else {
            self.look_up(scope, mark, false);
        }
    }

    /// The peer's cursors: where they are not what was noted, this node's feed tells whether they are on it.
    pub(super) fn cursors(&mut self, now: i64, cursors: &[(ScopeKey, Mark)]) {
        self.awaiting_cursors = false;
        self.progress_at = now;
        let named = |scope: ScopeKey| cursors.iter().find(|(key, _)| *key == scope).map(|(_, mark)| *mark);
        for scope in self.scopes.keys().copied().collect::<Vec<_>>() {
            let mark = named(scope).unwrap_or_default();
            let Some(state) = self.scopes.get_mut(&scope) else { continue };
            if mark == state.acked {
                // What is under way may have come before the peer shared this scope.
                self.send_again(scope);
            } else if mark.lseq == 0 {
                self.go_back(scope, mark);
            } else {
                self.look_up(scope, mark, false);
            }
        }
    }

    fn look_up(&mut self, scope: ScopeKey, mark: Mark, gap: bool) {
        let Some(state) = self.scopes.get_mut(&scope) else { return };
        state.claim = Some(Claim { mark, gap });
        self.outputs.push(Output::ReadMark { scope, lseq: mark.lseq });
    }

    /// Whether a mark that the peer named is on this node's feed.
    pub(super) fn mark_at(&mut self, now: i64, scope: ScopeKey, lseq: u64, mine: Option<Mark>) {
        let Some(state) = self.scopes.get_mut(&scope) else { return };
        let Some(claim) = state.claim.filter(|claim| claim.mark.lseq == lseq) else { return };
        state.claim = None;
        if mine != Some(claim.mark) {
            // The peer knows a feed that is not this one: this node was put back to an earlier state. What it may have
            // lost since, its own entries included, only comes back if it takes the peer's feed from the beginning.
            if state.received.lseq > 0 {
                self.peer_has_more = true;
                self.outputs.push(Output::Deliver(Delivery { scope, to: Mark::default(), items: Vec::new() }));
            }
            self.begin_anew(scope);
        } else if claim.mark.lseq < state.acked.lseq {
            self.go_back(scope, claim.mark);
        } else {
            state.acked = claim.mark;
            if state.sent.lseq < claim.mark.lseq {
                state.sent = claim.mark;
            }
            if state.scanned.lseq < claim.mark.lseq {
                state.scanned = claim.mark;
            }
            self.progress(now, scope, claim.mark);
            if claim.gap {
                self.send_again(scope);
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

fn size(items: &[Carried]) -> usize {
    items
        .iter()
        .map(|item| match item {
            Carried::Item(bytes) => bytes.len() + 8,
            Carried::Known(_) => 40,
        })
        .sum()
}
