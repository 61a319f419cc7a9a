//! The fold: strata by the city hub's acts, an order inside each, and a walk that lets an act stand or overrules it.
//!
//! Hub acts form one chain. The stratum of an act is the first hub act that is it or has it in its past; an act with
//! none is unsettled and comes last. Inside a stratum: of the acts whose deps are all taken, take the highest
//! authority, then the lowest hash. Claimed time never orders. Since a stratum is closed by a hub act's past, nothing
//! that arrives later can come before something settled: settled standings never change.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use regulation::{Body, Broken, DeviceId, Fact, Record, Rule, apply};

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
    identities: BTreeMap<(DeviceId, u64, u64), usize>,
    strata: u32,
}

/// Folds a causally closed set of acts. Pure in the set: arrival order, indices and clocks do not matter.
#[must_use]
pub fn fold(nodes: &[Node], set: &ActSet) -> Folded {
    let mut folded =
        Folded { standing: vec![None; nodes.len()], stratum: vec![None; nodes.len()], ..Folded::default() };
    let mut taken = ActSet::default();
    for hub in hub_chain(nodes, set) {
        let mut upto = nodes[hub].past.clone();
        upto.insert(hub);
        let stratum = folded.strata;
        folded.strata += 1;
        walk(nodes, &without(&upto, &taken), Some(stratum), &mut folded);
        taken.extend(&upto);
    }
    walk(nodes, &without(set, &taken), None, &mut folded);
    folded
}

impl Folded {
    /// Takes one more act that has everything folded so far in its past: the same as folding again with it.
    pub fn append(&mut self, nodes: &[Node], index: usize) {
        self.standing.resize(nodes.len(), None);
        self.stratum.resize(nodes.len(), None);
        let node = &nodes[index];
        if node.hub() {
            let stratum = self.strata;
            self.strata += 1;
            for settled in node.past.iter().chain([index]) {
                self.stratum[settled].get_or_insert(stratum);
            }
        }
        let twin = self.identities.insert(node.act.identity(), index);
        self.step(nodes, index, twin.is_some());
    }

    /// Whether an act is settled.
    #[must_use]
    pub fn settled(&self, index: usize) -> bool {
        self.stratum.get(index).copied().flatten().is_some()
    }

    fn step(&mut self, nodes: &[Node], index: usize, twin: bool) {
        self.order.push(index);
        if !nodes[index].admitted() {
            return;
        }
        let standing = if twin {
            Standing::Overruled(Rule::Clone.into())
        } else {
            match enact(&mut self.record, nodes, index, &self.standing) {
                Ok(()) => Standing::Effective,
                Err(broken) => Standing::Overruled(broken),
            }
        };
        self.standing[index] = Some(standing);
    }
}

/// Lets an act take effect on what stands before it. One that ratifies an act of a cloned device brings that act about
/// anew, in its own place and under its own id: what was overruled stays so, and nothing settled changes.
fn enact(record: &mut Record, nodes: &[Node], index: usize, standing: &[Option<Standing>]) -> Result<(), Broken> {
    let node = &nodes[index];
    if !matches!(node.fact.body, Body::Ratify { .. }) {
        return apply(record, &node.fact);
    }
    let ratified = ratified(nodes, node).ok_or(Rule::NothingToRatify)?;
    if standing[ratified] != Some(Standing::Overruled(Rule::Clone.into())) {
        return Err(Rule::NothingToRatify.into());
    }
    let mut tried = record.clone();
    apply(&mut tried, &node.fact)?;
    apply(&mut tried, &Fact { id: node.id, ..nodes[ratified].fact.clone() })?;
    *record = tried;
    Ok(())
}

/// The act in its past that an act ratifies.
fn ratified(nodes: &[Node], node: &Node) -> Option<usize> {
    node.past.iter().find(|index| Some(nodes[*index].id) == node.fact.answers)
}

/// What an act brings about: its own body, or that of the act which it ratifies.
#[must_use]
pub fn brings<'n>(nodes: &'n [Node], node: &'n Node) -> &'n Body {
    match node.fact.body {
        Body::Ratify { .. } => ratified(nodes, node).map_or(&node.fact.body, |index| &nodes[index].fact.body),
        _ => &node.fact.body,
    }
}

/// Whether an act could be brought about at its past, which `set` is.
pub(crate) fn lawful(nodes: &[Node], node: &Node, set: &ActSet) -> Result<(), Broken> {
    let mut folded = fold(nodes, set);
    let mut with: Vec<Node> = nodes.to_vec();
    with.push(node.clone());
    enact(&mut folded.record, &with, nodes.len(), &folded.standing)
}

/// The hub's acts in `set`, first to last. In a chain each has those before it in its past; a chain that was forked by
/// a restored hub is put in order by epoch and hash, the same everywhere.
fn hub_chain(nodes: &[Node], set: &ActSet) -> Vec<usize> {
    let mut hubs: Vec<usize> = set.iter().filter(|index| nodes[*index].hub()).collect();
    hubs.sort_by_key(|index| (nodes[*index].past.len(), nodes[*index].act.epoch, nodes[*index].id));
    hubs
}

fn without(set: &ActSet, taken: &ActSet) -> Vec<usize> {
    set.iter().filter(|index| !taken.contains(*index)).collect()
}

fn walk(nodes: &[Node], acts: &[usize], stratum: Option<u32>, folded: &mut Folded) {
    if acts.is_empty() {
        return;
    }
    let mut twins: BTreeMap<(DeviceId, u64, u64), usize> = BTreeMap::new();
    for act in acts {
        *twins.entry(nodes[*act].act.identity()).or_default() += 1;
    }
    for index in ready_list(nodes, acts) {
        folded.stratum[index] = stratum;
        let identity = nodes[index].act.identity();
        // A twin in a later stratum falls; two in one stratum both do, whichever the walk meets first.
        let twin = twins[&identity] > 1 || folded.identities.contains_key(&identity);
        folded.step(nodes, index, twin);
    }
    for act in acts {
        folded.identities.insert(nodes[*act].act.identity(), *act);
    }
}

/// Kahn's order: of the acts whose deps are all taken, the highest authority, then the lowest hash.
fn ready_list(nodes: &[Node], acts: &[usize]) -> Vec<usize> {
    let inside: BTreeMap<usize, usize> = acts.iter().enumerate().map(|(i, act)| (*act, i)).collect();
    let mut missing = vec![0usize; acts.len()];
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); acts.len()];
    let mut ready: BinaryHeap<Reverse<(Rank, [u8; 32], usize)>> = BinaryHeap::new();
    let key = |act: usize| Reverse((nodes[act].rank, nodes[act].id.0, act));
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
