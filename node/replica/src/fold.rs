//! The fold: strata by the city hub's acts, an order inside each, and a walk that lets an act stand or overrules it.
//!
//! Hub acts form one chain. The stratum of an act is the first hub act that is it or has it in its past; an act with
//! none is unsettled and comes last. Inside a stratum: of the acts whose deps are all taken, take the highest
//! authority, then the lowest hash. Claimed time never orders. Since a stratum is closed by a hub act's past, nothing
//! that arrives later can come before something settled: settled standings never change.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use regulation::{ActId, Body, Broken, Fact, Record, Rule, apply};

use crate::graph::{ActSet, Node, Rank};

/// Whether an admitted act counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Effective,
    /// A rule decided against it. It is kept and shown.
    Overruled(Broken),
}

/// What a causally closed set of acts comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    /// The state of the ticket or article.
    pub record: Record,
    /// Per act of the document (by place): its standing; `None` for unlawful acts and those outside the set.
    pub standing: Vec<Option<Standing>>,
    /// Per act: its stratum, counted from 0; `None` while unsettled.
    pub stratum: Vec<Option<u32>>,
    /// The walk: every act of the set in order.
    pub order: Vec<usize>,
    /// What it is built on.
    settled: Settled,
}

/// The closed strata and what they come to. They are the beginning of the walk whatever else arrives, unless it is an act
/// of a hub that was forked and comes before the last one; so what arrives is folded from here.
#[derive(Clone, Debug, Default, PartialEq)]
struct Settled {
    record: Record,
    acts: ActSet,
    strata: u32,
    /// The hub's last act.
    last: Option<HubKey>,
}

/// The place of a hub's act among the hub's acts. In a chain each has those before it in its past; a chain that was
/// forked by a restored hub is put in order by epoch and hash, the same everywhere.
type HubKey = (usize, u64, ActId);

fn hub_key(node: &Node) -> HubKey {
    (node.past.len(), node.act.epoch, node.id)
}

/// Folds a causally closed set of acts. Pure in the set: arrival order, indices and clocks do not matter.
#[must_use]
pub fn fold(nodes: &[Node], set: &ActSet) -> Folded {
    let mut folded = Folded::default();
    let mut hubs: Vec<usize> = set.iter().filter(|index| nodes[*index].hub()).collect();
    hubs.sort_by_key(|index| hub_key(&nodes[*index]));
    for hub in hubs {
        folded.close(nodes, hub);
    }
    folded.open(nodes, set);
    folded
}

impl Folded {
    /// Takes the newest act: the same as folding everything again with it. `last` says that all others are in its past.
    pub(crate) fn take(&mut self, nodes: &[Node], index: usize, last: bool) {
        let node = &nodes[index];
        let open_twin = node.twins.iter().any(|twin| !self.settled.acts.contains(*twin));
        if last && !open_twin {
            self.append(nodes, index, !node.twins.is_empty());
        } else if node.hub() {
            self.take_all(nodes, index);
        } else {
            self.slip_in(nodes, index);
        }
    }

    /// Keeps the first act as settled that is not.
    #[cfg(feature = "sabotage")]
    pub(crate) fn keep_too_much(&mut self, nodes: &[Node]) {
        if let Some(act) = self.order.get(self.settled.acts.len()).copied() {
            stand(&mut self.settled.record, nodes, act, &self.standing, false);
            self.settled.acts.insert(act);
        }
    }

    /// Puts an act behind all others.
    #[cfg(feature = "sabotage")]
    pub(crate) fn put_last(&mut self, nodes: &[Node], index: usize) {
        if let Some(at) = self.order.iter().position(|act| *act == index).filter(|_| !self.settled(index)) {
            self.order.remove(at);
            self.order.push(index);
            self.record.clone_from(&self.settled.record);
            for at in self.settled.acts.len()..self.order.len() {
                let act = self.order[at];
                let twin = !nodes[act].twins.is_empty();
                self.standing[act] = stand(&mut self.record, nodes, act, &self.standing, twin);
            }
        }
    }

    /// Takes all acts from `first` on: the same as taking one after the other.
    pub(crate) fn take_all(&mut self, nodes: &[Node], first: usize) {
        let all = ActSet::first(nodes.len());
        let mut hubs: Vec<usize> = (first..nodes.len()).filter(|index| nodes[*index].hub()).collect();
        hubs.sort_by_key(|index| hub_key(&nodes[*index]));
        if hubs.first().is_some_and(|hub| self.settled.last > Some(hub_key(&nodes[*hub]))) {
            *self = fold(nodes, &all);
            return;
        }
        hubs.into_iter().for_each(|hub| self.close(nodes, hub));
        self.open(nodes, &all);
    }

    /// What a past comes to; `self` is what everything does. Built on the settled strata if the past has all of them.
    pub(crate) fn at(&self, nodes: &[Node], past: &ActSet) -> Self {
        if !self.settled.acts.within(past) {
            return fold(nodes, past);
        }
        let mut folded = self.clone();
        folded.reopen();
        folded.open(nodes, past);
        folded
    }

    /// Takes an act that follows exactly what was folded and has no twin there.
    pub(crate) fn append(&mut self, nodes: &[Node], index: usize, twin: bool) {
        self.make_room(index);
        self.step(nodes, index, twin);
        if nodes[index].hub() {
            let stratum = self.settled.strata;
            for settled in nodes[index].past.iter().chain([index]) {
                self.stratum[settled].get_or_insert(stratum);
            }
            self.settle(nodes, index);
        }
    }

    /// Takes an act that nothing follows yet, and that settles nothing: the others keep their order, and it comes before
    /// the first one that goes after it once all that it depends on is taken.
    fn slip_in(&mut self, nodes: &[Node], index: usize) {
        self.make_room(index);
        let begin = self.settled.acts.len();
        let deps = &nodes[index].deps;
        let free = self.order[begin..].iter().rposition(|act| deps.contains(act)).map_or(begin, |at| begin + at + 1);
        let later = |act: &usize| order_key(nodes, *act) > order_key(nodes, index);
        let at = self.order[free..].iter().position(later).map_or(self.order.len(), |at| free + at);
        self.order.insert(at, index);
        let twin = |act: usize| !nodes[act].twins.is_empty();
        // What is unlawful changes nothing but for its twins, and what comes last changes nothing before it.
        let from = match (twin(index), nodes[index].admitted()) {
            (false, false) => return,
            (false, true) if at + 1 == self.order.len() => at,
            _ => {
                self.record.clone_from(&self.settled.record);
                begin
            }
        };
        for at in from..self.order.len() {
            let act = self.order[at];
            self.standing[act] = stand(&mut self.record, nodes, act, &self.standing, twin(act));
        }
    }

    /// Whether an act is settled.
    #[must_use]
    pub fn settled(&self, index: usize) -> bool {
        self.stratum.get(index).copied().flatten().is_some()
    }

    /// Bytes of memory, about.
    pub(crate) fn weight(&self) -> usize {
        size_of_val(self.standing.as_slice())
            + size_of_val(self.stratum.as_slice())
            + size_of_val(self.order.as_slice())
    }

    /// Closes a stratum: all that the hub's act has in its past and that is in none yet.
    fn close(&mut self, nodes: &[Node], hub: usize) {
        self.reopen();
        let mut upto = nodes[hub].past.clone();
        upto.insert(hub);
        let stratum = self.settled.strata;
        self.walk(nodes, &upto, Some(stratum));
        self.settle(nodes, hub);
    }

    /// All that was walked is settled by the hub's act.
    fn settle(&mut self, nodes: &[Node], hub: usize) {
        self.settled.record.clone_from(&self.record);
        self.settled.acts.extend(&nodes[hub].past);
        self.settled.acts.insert(hub);
        self.settled.strata += 1;
        self.settled.last = Some(hub_key(&nodes[hub]));
    }

    /// Back to what is settled.
    fn reopen(&mut self) {
        let begin = self.settled.acts.len();
        if self.order.len() > begin {
            self.record.clone_from(&self.settled.record);
            self.order.drain(begin..).for_each(|act| self.standing[act] = None);
        }
    }

    /// Walks what is not settled.
    fn open(&mut self, nodes: &[Node], set: &ActSet) {
        self.reopen();
        self.walk(nodes, set, None);
    }

    fn walk(&mut self, nodes: &[Node], set: &ActSet, stratum: Option<u32>) {
        let acts: Vec<usize> = set.iter().filter(|index| !self.settled.acts.contains(*index)).collect();
        let Some(newest) = acts.last() else { return };
        self.make_room(*newest);
        for index in ready_list(nodes, &acts) {
            self.stratum[index] = stratum;
            // A twin in a later stratum falls; two in one stratum both do, whichever the walk meets first.
            let twin = |twin: &usize| set.contains(*twin) || self.settled.acts.contains(*twin);
            let twin = nodes[index].twins.iter().any(twin);
            self.step(nodes, index, twin);
        }
    }

    fn step(&mut self, nodes: &[Node], index: usize, twin: bool) {
        self.order.push(index);
        self.standing[index] = stand(&mut self.record, nodes, index, &self.standing, twin);
    }

    fn make_room(&mut self, index: usize) {
        let acts = self.standing.len().max(index + 1);
        self.standing.resize(acts, None);
        self.stratum.resize(acts, None);
    }
}

/// Lets an act stand or overrules it, after those before it.
fn stand(
    record: &mut Record,
    nodes: &[Node],
    index: usize,
    standing: &[Option<Standing>],
    twin: bool,
) -> Option<Standing> {
    let node = &nodes[index];
    if !node.admitted() {
        return None;
    }
    if twin {
        return Some(Standing::Overruled(Rule::Clone.into()));
    }
    Some(match enact(record, nodes, node, standing) {
        Ok(()) => Standing::Effective,
        Err(broken) => Standing::Overruled(broken),
    })
}

/// Lets an act take effect on what stands before it. A confirm that an act of a cloned device is ratified brings that act
/// about anew, in its own place and under its own id: what was overruled stays so, and nothing settled changes.
fn enact(record: &mut Record, nodes: &[Node], node: &Node, standing: &[Option<Standing>]) -> Result<(), Broken> {
    let confirms = node.fact.body == Body::Confirm;
    let proposal = if confirms { answered(nodes, node).map(|index| &nodes[index]) } else { Some(node) };
    let Some(proposal) = proposal.filter(|proposal| proposal.fact.body == Body::Ratify) else {
        return apply(record, &node.fact);
    };
    let ratified = answered(nodes, proposal).filter(|index| may_be_ratified(&nodes[*index].fact.body));
    let ratified = ratified.ok_or(Rule::NothingToRatify)?;
    if standing.get(ratified).copied().flatten() != Some(Standing::Overruled(Rule::Clone.into())) {
        return Err(Rule::NothingToRatify.into());
    }
    let mut tried = record.clone();
    apply(&mut tried, &node.fact)?;
    // A proposal is made of what could be brought about, and brings nothing about yet.
    let mut brought = tried.clone();
    apply(&mut brought, &Fact { id: node.id, ..nodes[ratified].fact.clone() })?;
    *record = if confirms { brought } else { tried };
    Ok(())
}

/// The act in its past that an act answers.
fn answered(nodes: &[Node], node: &Node) -> Option<usize> {
    node.past.iter().find(|index| Some(nodes[*index].id) == node.fact.answers)
}

/// What two people decide is proposed anew, and confirmed again: it waits as long as nobody did.
fn may_be_ratified(body: &Body) -> bool {
    let kind = body.kind();
    !kind.of_pairs() && regulation::table::pair(kind).is_none()
}

/// What an act brings about, and the act that it is about: its own body, that of the proposal which it confirms, or that of
/// the act which is so ratified.
#[must_use]
pub fn brings<'n>(nodes: &'n [Node], node: &'n Node) -> &'n Fact {
    let answered = |node: &Node| answered(nodes, node).map(|index| &nodes[index]);
    match (&node.fact.body, answered(node)) {
        (Body::Confirm, Some(proposal)) if proposal.fact.body == Body::Ratify => {
            answered(proposal).map_or(&node.fact, |ratified| &ratified.fact)
        }
        (Body::Confirm, Some(proposal)) => &proposal.fact,
        _ => &node.fact,
    }
}

/// Whether an act could be brought about at its past, which came to that.
pub(crate) fn lawful(nodes: &[Node], node: &Node, past: &Folded) -> Result<(), Broken> {
    enact(&mut past.record.clone(), nodes, node, &past.standing)
}

/// Of the acts whose deps are all taken the lowest goes first: the highest authority, then the lowest hash.
fn order_key(nodes: &[Node], act: usize) -> (Rank, [u8; 32], usize) {
    (nodes[act].rank, nodes[act].id.0, act)
}

/// Kahn's order, by [`order_key`].
fn ready_list(nodes: &[Node], acts: &[usize]) -> Vec<usize> {
    let inside: BTreeMap<usize, usize> = acts.iter().enumerate().map(|(i, act)| (*act, i)).collect();
    let mut missing = vec![0usize; acts.len()];
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); acts.len()];
    let mut ready: BinaryHeap<Reverse<(Rank, [u8; 32], usize)>> = BinaryHeap::new();
    let key = |act: usize| Reverse(order_key(nodes, act));
    for (i, act) in acts.iter().enumerate() {
        for dep in nodes[*act].deps.iter().filter_map(|dep| inside.get(dep)) {
            missing[i] += 1;
            followers[*dep].push(i);
        }
        if missing[i] == 0 {
            ready.push(key(*act));
        }
    }
    let mut order = Vec::with_capacity(acts.len());
    while let Some(Reverse((_, _, act))) = ready.pop() {
        order.push(act);
        for follower in &followers[inside[&act]] {
            missing[*follower] -= 1;
            if missing[*follower] == 0 {
                ready.push(key(acts[*follower]));
            }
        }
    }
    order
}
