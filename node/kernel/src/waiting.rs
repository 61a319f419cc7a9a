//! What waits for its turn: work that peers bring about is done in portions, so that a person's click never waits behind
//! all of it. A group has so many *steps*; what is left goes on in the next one, each peer in its turn.
//!
//! Nothing of it has to survive a crash: a batch is acknowledged once all of it is stored, a read is asked for again by
//! the next conversation, and the rest follows from what is stored.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use regulation::{ActId, Millis};
use sync::{Carried, Credit, Delivery, Name, ScopeKey};

use crate::sight::Run;
use crate::source::PeerId;
use crate::{ConnId, Kernel};

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

/// What a session wants to read of a feed.
pub(crate) struct Read {
    pub conn: ConnId,
    pub scope: ScopeKey,
    pub after: u64,
    pub budget_bytes: usize,
}

/// An answer to a question for items, of which not everything is taken in yet.
#[derive(Default)]
pub(crate) struct Given {
    pub run: Run,
    pub came: Vec<ActId>,
}

/// What a peer sent of which not everything is taken in yet.
pub(crate) struct Taking {
    pub conn: ConnId,
    pub scope: ScopeKey,
    pub items: VecDeque<Carried>,
    pub what: Sent,
}

/// What it is.
pub(crate) enum Sent {
    /// A batch. Of what is of a document that is not known to be shared, until all is seen; and the cursor once all is stored.
    Batch(Run, sync::Mark),
    /// What was asked for by name.
    Given(Given),
}

/// A question for items, and whether the peer has paid for it.
pub(crate) struct Want {
    pub conn: ConnId,
    pub peer: PeerId,
    pub scope: ScopeKey,
    pub names: Vec<Name>,
    pub paid: bool,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Waiting {
    pub taking: VecDeque<Taking>,
    pub reads: VecDeque<Read>,
    pub wants: VecDeque<Want>,
    /// Peers that told of more than was looked through for arrivals.
    pub told: BTreeSet<(PeerId, ScopeKey)>,
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

    /// A peer told that it holds this node's feed up to an entry. What is told a second time is not looked at again.
    pub(crate) fn peer_told(&mut self, peer: PeerId, scope: ScopeKey) {
        self.waiting.told.insert((peer, scope));
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
