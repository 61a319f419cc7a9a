//! What waits for its turn: work that peers bring about is done in portions, so that a person's click never waits behind
//! all of it. A group has so many *steps*; what is left goes on in the next one, each peer in its turn.
//!
//! Nothing of it has to survive a crash: a batch is acknowledged once all of it is stored, a read is asked for again by
//! the next conversation, and the rest follows from what is stored.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use regulation::{ActId, Millis};
use store::ScopeId;
use sync::{Credit, Delivery, Received, ScopeKey};

use crate::peers::{PeerId, Read};
use crate::sight::Run;
use crate::{ConnId, Fault, Kernel, scopes};

/// Items of one peer that are taken in before the next peer has its turn.
const TURN_ITEMS_MAX: usize = 16;
/// Bytes of an item that make one step; what is larger takes more of them.
const STEP_BYTES: usize = 16 * 1024;
/// Steps of one read of a feed, which is compressed and sent.
const READ_STEPS: usize = 8;
/// Steps of one look for arrivals, and the feed entries that it covers.
const LOOK_STEPS: usize = 4;
/// Feed entries that one look for arrivals covers.
const LOOK_ENTRIES_MAX: usize = 64;
/// Steps of confirming one document, or of looking whether its time has come.
pub(crate) const SETTLE_STEPS: usize = 2;
/// Bytes that peers may have waiting here before their batches are whole, all together.
pub const PEERS_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Bytes that one peer may have waiting whatever the others have.
const PEER_BYTES_FREE: usize = 1024 * 1024;

/// A batch of which not everything is stored yet.
struct Taking {
    conn: ConnId,
    scope: ScopeKey,
    items: VecDeque<Received>,
    /// What of it is of a document that is not known to be shared, until all of it is seen.
    run: Run,
    /// The cursor once all is stored.
    to: sync::Mark,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Waiting {
    taking: VecDeque<Taking>,
    pub reads: VecDeque<Read>,
    /// Peers that told of more than was looked through for arrivals.
    told: BTreeSet<(PeerId, ScopeKey)>,
    /// Documents that the hub is about to confirm.
    pub settling: BTreeSet<ActId>,
    /// What each peer has left of having things sent again.
    credits: BTreeMap<(PeerId, ScopeKey), Credit>,
}

impl Kernel {
    /// Whether a group without inputs would do anything.
    #[must_use]
    pub fn waits(&self) -> bool {
        let Waiting { taking, reads, told, settling, .. } = &self.waiting;
        !(taking.is_empty() && reads.is_empty() && told.is_empty() && settling.is_empty())
    }

    /// Takes steps off what the group may still do; false if there are none.
    pub(crate) fn spend(&mut self, steps: usize) -> bool {
        let any = self.group.steps > 0;
        self.group.steps = self.group.steps.saturating_sub(steps);
        any
    }

    /// A batch is to be stored.
    pub(crate) fn take_later(&mut self, conn: ConnId, delivery: Delivery) {
        let Delivery { scope, to, items } = delivery;
        self.waiting.taking.push_back(Taking { conn, scope, items: items.into(), run: Run::default(), to });
    }

    /// Stores what peers sent, a few items of each in turn.
    pub(crate) fn take_deliveries(&mut self, now: Millis) -> Result<(), Fault> {
        while self.group.steps > 0 {
            let Some(mut taking) = self.waiting.taking.pop_front() else { break };
            let Some(peer) = self.peers.get(&taking.conn) else { continue };
            let (id, shared) = (peer.id, peer.shared.contains(&taking.scope));
            if !shared {
                self.session(now, taking.conn, sync::Input::Declined)?;
                continue;
            }
            let mut items = Vec::new();
            while items.len() < TURN_ITEMS_MAX && self.group.steps > 0 {
                let Some(item) = taking.items.pop_front() else { break };
                let bytes = if let Received::Item { bytes } = &item { bytes.len() } else { 0 };
                self.spend(1 + bytes / STEP_BYTES);
                items.push(item);
            }
            let last = taking.items.is_empty();
            // A batch that brings nothing costs something too.
            self.spend(usize::from(items.is_empty()));
            let portion = Delivery { scope: taking.scope, to: taking.to, items };
            match self.deliver(now, id, portion, &mut taking.run, last)? {
                Some(input) => self.session(now, taking.conn, input)?,
                None => self.waiting.taking.push_back(taking),
            }
        }
        Ok(())
    }

    /// Reads what the sessions want to send, once all that came in the group is taken in: whoever is kept out by it, or
    /// has no part any more, is not sent what was allowed a moment ago.
    pub(crate) fn serve_reads(&mut self, now: Millis) -> Result<(), Fault> {
        while self.group.steps > 0 {
            let Some(Read { conn, scope, after, budget_bytes }) = self.waiting.reads.pop_front() else { break };
            let Some(id) = self.peers.get(&conn).map(|peer| peer.id) else { continue };
            self.spend(READ_STEPS);
            let slice = self.slice(id, scope, after, budget_bytes)?;
            self.session(now, conn, sync::Input::Slice(slice))?;
        }
        Ok(())
    }

    /// A peer told that it holds this node's feed up to an entry. What is told a second time is not looked at again.
    pub(crate) fn peer_told(&mut self, peer: PeerId, scope: ScopeKey) {
        self.waiting.told.insert((peer, scope));
    }

    /// Looks for what has arrived at the units of peers, as far as they have told.
    pub(crate) fn look_for_arrivals(&mut self) -> Result<(), Fault> {
        while self.group.steps > 0 {
            let Some((peer, scope)) = self.waiting.told.first().copied() else { break };
            self.spend(LOOK_STEPS);
            let mut cursor = self.store.cursor(peer.0, ScopeId(scope.0))?;
            let unit = self.registry.now().device(peer.0).map(|device| device.unit);
            let unit = unit.filter(|unit| scope == scopes::of_unit(*unit) && self.watches());
            let before = cursor.arrived;
            match unit {
                Some(unit) if before < cursor.acked.lseq => {
                    cursor.arrived = self.note_arrivals(unit, scope, before, cursor.acked.lseq, LOOK_ENTRIES_MAX)?;
                }
                _ => cursor.arrived = before.max(cursor.acked.lseq),
            }
            if cursor.arrived > before {
                self.store.set_cursor(peer.0, ScopeId(scope.0), &cursor)?;
            }
            if cursor.arrived == before || cursor.arrived >= cursor.acked.lseq {
                self.waiting.told.remove(&(peer, scope));
            }
        }
        Ok(())
    }

    /// The next document that is to be confirmed, if the group may still do that.
    pub(crate) fn next_to_settle(&mut self) -> Option<ActId> {
        if self.waiting.settling.is_empty() || !self.spend(SETTLE_STEPS) {
            return None;
        }
        self.waiting.settling.pop_first()
    }

    /// What a peer has left of having things sent again.
    pub(crate) fn credit_of(&self, peer: PeerId, scope: ScopeKey) -> Credit {
        self.waiting.credits.get(&(peer, scope)).copied().unwrap_or_default()
    }

    /// A conversation is over. What the peer has left is kept for the next one: a new connection is no new credit.
    pub(crate) fn part_from(&mut self, conn: ConnId) {
        if let Some(peer) = self.peers.remove(&conn) {
            let left = peer.session.credits().map(|(scope, credit)| ((peer.id, scope), credit));
            self.waiting.credits.extend(left);
        }
    }

    /// Whether a peer has more waiting here than there is room for.
    pub(crate) fn crowds(&self, conn: ConnId) -> bool {
        let bytes_of = |conn: ConnId| self.peers.get(&conn).map_or(0, |peer| peer.session.waiting_bytes());
        bytes_of(conn) > PEER_BYTES_FREE
            && self.peers.keys().map(|conn| bytes_of(*conn)).sum::<usize>() > PEERS_BYTES_MAX
    }
}
