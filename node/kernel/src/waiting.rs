//! What waits for its turn: work that peers bring about is done in portions, so that a person's click never waits behind
//! all of it. A group has so many *steps*; what is left goes on in the next one, each peer in its turn.
//!
//! Nothing of it has to survive a crash: a batch is acknowledged once all of it is stored, a read is asked for again by
//! the next conversation, and the rest follows from what is stored.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use regulation::{ActId, Millis};
use store::ScopeId;
use sync::{Carried, Credit, Delivery, Name, ScopeKey};

use crate::peers::Read;
use crate::quota::Given;
use crate::sight::Run;
use crate::source::{PeerId, Source};
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

/// Questions for items of one peer that wait, at most; what it asks beyond that is passed over.
pub const WANTS_WAITING_MAX: usize = 16;
/// Questions for items that a peer is answered at once.
pub const WANTS_MAX: u32 = 16;
/// After so many milliseconds there is one more.
pub const WANT_MS: Millis = 1_000;

/// What a peer sent of which not everything is taken in yet.
struct Taking {
    conn: ConnId,
    scope: ScopeKey,
    items: VecDeque<Carried>,
    what: Sent,
}

/// What it is.
enum Sent {
    /// A batch. Of what is of a document that is not known to be shared, until all is seen; and the cursor once all is stored.
    Batch(Run, sync::Mark),
    /// What was asked for by name.
    Given(Given),
}

/// A question for items, and whether the peer has paid for it.
struct Want {
    conn: ConnId,
    peer: PeerId,
    scope: ScopeKey,
    names: Vec<Name>,
    paid: bool,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Waiting {
    taking: VecDeque<Taking>,
    pub reads: VecDeque<Read>,
    wants: VecDeque<Want>,
    /// Peers that told of more than was looked through for arrivals.
    told: BTreeSet<(PeerId, ScopeKey)>,
    /// Documents that the hub is about to confirm.
    pub settling: BTreeSet<ActId>,
    /// What each peer has left of having things sent again.
    credits: BTreeMap<(PeerId, ScopeKey), Credit>,
    /// What each peer has left of asking for items, over all its connections.
    asking: BTreeMap<PeerId, Credit>,
}

impl Kernel {
    /// Whether a group without inputs would do anything.
    #[must_use]
    pub fn waits(&self) -> bool {
        let Waiting { taking, reads, wants, told, settling, .. } = &self.waiting;
        let paid = wants.iter().any(|want| want.paid);
        paid || !(taking.is_empty() && reads.is_empty() && told.is_empty() && settling.is_empty())
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
        let what = Sent::Batch(Run::default(), to);
        self.waiting.taking.push_back(Taking { conn, scope, items: items.into(), what });
    }

    /// What was asked for is to be taken in. Of a peer that was asked nothing, or has answered, nothing more waits here.
    pub(crate) fn given_later(&mut self, conn: ConnId, scope: ScopeKey, items: Vec<Carried>) {
        let asked = self.peers.get_mut(&conn).and_then(|peer| peer.asking.take_if(|(of, _)| *of == scope));
        if asked.is_some() {
            let items = items.into();
            self.waiting.taking.push_back(Taking { conn, scope, items, what: Sent::Given(Given::default()) });
        }
    }

    /// A peer asks for items. It is answered in its turn, and as often as it has credit for.
    pub(crate) fn want_later(
        &mut self,
        now: Millis,
        (conn, peer): (ConnId, PeerId),
        scope: ScopeKey,
        names: Vec<Name>,
    ) {
        if self.waiting.wants.iter().filter(|want| want.peer == peer).count() < WANTS_WAITING_MAX {
            self.waiting.wants.push_back(Want { conn, peer, scope, names, paid: false });
            self.pay_wants(now);
        }
    }

    /// Whoever asked for too much at once is answered as time passes.
    pub(crate) fn pay_wants(&mut self, now: Millis) {
        let Waiting { wants, asking, .. } = &mut self.waiting;
        for want in wants.iter_mut().filter(|want| !want.paid) {
            want.paid = asking.entry(want.peer).or_insert(Credit::of(WANTS_MAX, WANT_MS)).take(now);
        }
    }

    /// Reads what peers asked for.
    pub(crate) fn serve_wants(&mut self, now: Millis) -> Result<(), Fault> {
        while self.group.steps > 0 {
            let Some(next) = self.waiting.wants.iter().position(|want| want.paid) else { break };
            let Some(Want { conn, peer, scope, names, .. }) = self.waiting.wants.remove(next) else { break };
            if self.peers.get(&conn).is_some_and(|peer| peer.shared.contains(&scope)) {
                self.spend(READ_STEPS);
                let items = self.wanted(peer, scope, &names)?;
                self.session(now, conn, sync::Input::Give { scope, items })?;
            }
        }
        Ok(())
    }

    /// Stores what peers sent, a few items of each in turn.
    pub(crate) fn take_deliveries(&mut self, now: Millis) -> Result<(), Fault> {
        while self.group.steps > 0 {
            let Some(mut taking) = self.waiting.taking.pop_front() else { break };
            let Some(peer) = self.peers.get(&taking.conn) else { continue };
            let (id, shared) = (peer.id, peer.shared.contains(&taking.scope));
            let given = matches!(taking.what, Sent::Given(_));
            if !shared && given {
                continue;
            }
            if !shared {
                self.session(now, taking.conn, sync::Input::Declined)?;
                continue;
            }
            let mut items = Vec::new();
            while items.len() < TURN_ITEMS_MAX && self.group.steps > 0 {
                let Some(item) = taking.items.pop_front() else { break };
                let bytes = if let Carried::Item { bytes, .. } = &item { bytes.len() } else { 0 };
                self.spend(1 + bytes / STEP_BYTES);
                items.push(item);
            }
            let last = taking.items.is_empty();
            // A batch that brings nothing costs something too.
            self.spend(usize::from(items.is_empty()));
            let Taking { conn, scope, ref mut what, .. } = taking;
            match what {
                Sent::Batch(run, to) => {
                    let portion = Delivery { scope, to: *to, items };
                    match self.deliver(now, id, portion, run, last)? {
                        Some(input) => self.session(now, conn, input)?,
                        None => self.waiting.taking.push_back(taking),
                    }
                }
                Sent::Given(given) => {
                    self.take_given(now, Source { peer: id, scope }, items, given, last)?;
                    match last {
                        true => self.ask(now, conn)?,
                        false => self.waiting.taking.push_back(taking),
                    }
                }
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
        self.waiting.wants.retain(|want| want.conn != conn);
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
