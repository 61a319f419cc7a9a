//! Lines: the acts of one device and epoch, of which each follows the one before. They decide what counts at all.
//!
//! Walking in order, an admitted act takes its place in its line if the line's tip is in its past. What does not is
//! overruled, takes no place and has no effect on anything; so a device counts for no more than its lines, however much it
//! makes. The *view* is the lines with their pasts: whatever is shown, written or projected is a function of it.

use std::collections::{BTreeMap, BTreeSet};

use regulation::{ActId, ActKind, DeviceId, Rule};

use crate::act::Act;
use crate::fold::{Folded, Standing};
use crate::graph::{ActSet, Node, closure};
use crate::limits::Limits;

/// A device and one of its epochs.
pub(crate) type Line = (DeviceId, u64);

/// The line of an act.
pub(crate) fn line(act: &Act) -> Line {
    (act.device, act.epoch)
}

/// Why an act may fall for its place, and not by the regulation.
const FOR_PLACE: [Rule; 2] = [Rule::Clone, Rule::TooManyEpochs];

/// Whether an act fell for its place: it counts for nothing.
#[must_use]
pub(crate) fn fell(standing: Option<Standing>) -> bool {
    matches!(standing, Some(Standing::Overruled(broken)) if FOR_PLACE.contains(&broken.rule))
}

/// The lines of a document as far as they were walked.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Lines {
    /// The last act of each line.
    tips: BTreeMap<Line, usize>,
    /// Acts in lines, those of the hub left out.
    acts: usize,
}

impl Lines {
    /// Whether an act finds its place; else why it falls. A cut of the registry is to be asked before this: what is cut off
    /// must take no place.
    pub fn place(&self, node: &Node, limits: &Limits) -> Result<(), Rule> {
        let (device, epoch) = line(&node.act);
        match self.tips.get(&(device, epoch)) {
            Some(tip) if !node.past.contains(*tip) => Err(Rule::Clone),
            None if !node.hub() && self.of(device).count() >= limits.epochs => Err(Rule::TooManyEpochs),
            _ => Ok(()),
        }
    }

    /// An act takes its place.
    pub fn take(&mut self, nodes: &[Node], index: usize) {
        self.tips.insert(line(&nodes[index].act), index);
        self.acts += usize::from(!nodes[index].hub());
    }

    /// The tips.
    pub fn tips(&self) -> impl Iterator<Item = usize> + '_ {
        self.tips.values().copied()
    }

    fn of(&self, device: DeviceId) -> impl Iterator<Item = usize> + '_ {
        self.tips.range((device, 0)..=(device, u64::MAX)).map(|(_, tip)| *tip)
    }
}

/// What the hub's acts are ordered by first: since when its device is the hub, and the epoch.
fn reign(node: &Node) -> (u32, u64) {
    (node.hub_since, node.act.epoch)
}

/// Whether a hub's act that has all others in its past continues the hub's line after `last`.
pub(crate) fn continues(nodes: &[Node], last: Option<usize>, index: usize) -> bool {
    nodes[index].hub() && nodes[index].admitted() && last.is_none_or(|last| reign(&nodes[last]) <= reign(&nodes[index]))
}

/// The hub's line among these acts, whose acts make the strata: the longest chain of admitted acts of the newest epoch of
/// the hub's (of equals the first by number, then hash); before it, by the same rule, the hub's line of what its first act
/// had in its past. A hub that was put back, or runs twice, makes acts beside it: they are ordinary ones.
pub(crate) fn hub_line(nodes: &[Node], acts: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut hubs: Vec<usize> = acts.filter(|index| nodes[*index].hub() && nodes[*index].admitted()).collect();
    hubs.sort_by_cached_key(|index| (reign(&nodes[*index]), nodes[*index].act.dseq, nodes[*index].id));
    let mut whole: Vec<usize> = Vec::new();
    while let Some(newest) = hubs.last().map(|index| reign(&nodes[*index])) {
        let epoch = hubs.partition_point(|index| reign(&nodes[*index]) < newest);
        let mut line = longest_chain(nodes, &hubs[epoch..]);
        hubs.retain(|index| nodes[line[0]].past.contains(*index));
        line.append(&mut whole);
        whole = line;
    }
    whole
}

/// The longest chain of these acts, of which none is in the past of one before it; of equals the first.
fn longest_chain(nodes: &[Node], acts: &[usize]) -> Vec<usize> {
    // Of the longest chain that ends with each act: its length, and the place of the act before.
    let mut chains: Vec<(usize, Option<usize>)> = Vec::with_capacity(acts.len());
    let mut best = 0;
    for (at, act) in acts.iter().enumerate() {
        let past = &nodes[*act].past;
        let before = match chains.get(best) {
            // As a rule there is one chain, and each act goes on with it.
            Some(_) if past.contains(acts[best]) => Some(best),
            _ => (0..at).filter(|other| past.contains(acts[*other])).rev().max_by_key(|other| chains[*other].0),
        };
        chains.push((before.map_or(1, |before| chains[before].0 + 1), before));
        if chains[at].0 > chains[best].0 {
            best = at;
        }
    }
    let mut line = Vec::new();
    let mut next = (!acts.is_empty()).then_some(best);
    while let Some(at) = next {
        line.push(acts[at]);
        next = chains[at].1;
    }
    line.reverse();
    line
}

/// What counts: the lines with their pasts.
#[must_use]
pub(crate) fn view(nodes: &[Node], lines: &Lines) -> ActSet {
    closure(nodes, &lines.tips().collect::<Vec<_>>())
}

/// What an act names that its device makes: its own newest, the hub's newest, what it answers, then tips of lines, one of
/// each device before a second of any; each only if it is not in the past of what is named yet, and not more than fit.
pub(crate) fn names(
    nodes: &[Node],
    folded: &Folded,
    device: DeviceId,
    epoch: u64,
    answers: Option<usize>,
) -> Vec<ActId> {
    let mut nth: BTreeMap<DeviceId, usize> = BTreeMap::new();
    let mut tips: Vec<usize> = folded.lines().tips().collect();
    tips.sort_unstable_by_key(|tip| nodes[*tip].id);
    let rest = tips.into_iter().map(|tip| {
        let nth = nth.entry(nodes[tip].act.device).or_default();
        *nth += 1;
        (*nth, nodes[tip].id, tip)
    });
    let mut rest: Vec<_> = rest.collect();
    rest.sort_unstable();
    let first = [own_newest(nodes, folded, device, epoch), folded.hub_line().last().copied(), answers];
    let mut named: Vec<usize> = Vec::new();
    let mut over = ActSet::default();
    for index in first.into_iter().flatten().chain(rest.into_iter().map(|(.., tip)| tip)) {
        if named.len() < folded.limits().deps && !over.contains(index) {
            named.retain(|other| !nodes[index].past.contains(*other));
            named.push(index);
            over.extend(&nodes[index].past);
            over.insert(index);
        }
    }
    let mut ids: Vec<ActId> = named.into_iter().map(|index| nodes[index].id).collect();
    ids.sort_unstable();
    ids
}

/// The newest act of a device: of its epoch, or of the newest before. One that fell beside it is named through the tips.
fn own_newest(nodes: &[Node], folded: &Folded, device: DeviceId, epoch: u64) -> Option<usize> {
    let own = (0..nodes.len()).filter(|index| nodes[*index].act.device == device && nodes[*index].admitted());
    own.max_by_key(|index| {
        let node = &nodes[*index];
        let counts = !fell(folded.standing.get(*index).copied().flatten());
        (node.act.epoch == epoch, node.act.epoch, node.act.dseq, counts, std::cmp::Reverse(node.id))
    })
}

/// What an act's past forbids of its place, its number and what it names; `found` is the fold of that past.
pub(crate) fn lawful(nodes: &[Node], node: &Node, found: &Folded) -> Result<(), Rule> {
    let limits = found.limits();
    let own = node.past.iter().map(|index| &nodes[index].act).filter(|act| act.device == node.act.device);
    let own: Vec<&Act> = own.collect();
    if own.iter().any(|act| act.epoch == node.act.epoch && act.dseq >= node.act.dseq) {
        return Err(Rule::NumberNotRising);
    }
    if !node.hub() {
        let epochs: BTreeSet<u64> = own.iter().map(|act| act.epoch).chain([node.act.epoch]).collect();
        if epochs.len() > limits.epochs {
            return Err(Rule::TooManyEpochs);
        }
        // Nobody can keep a unit from closing its file; the regulation lets it do so once.
        if node.fact.body.kind() != ActKind::Archive {
            if own.len() >= limits.own_acts[node.rank as usize] {
                return Err(Rule::AllowanceUsed);
            }
            if found.lines().acts >= limits.line_acts[node.rank as usize] {
                return Err(Rule::TooLong);
            }
        }
    }
    let answered = |index: usize| Some(nodes[index].id) == node.fact.answers;
    // What is to be erased may be anything.
    let erased = |index: usize| node.fact.body.kind() == ActKind::Redact && answered(index);
    if node.deps.iter().any(|dep| !nodes[*dep].admitted() && !erased(*dep)) {
        return Err(Rule::NamesIdle);
    }
    let idle = |dep: &&usize| fell(found.standing.get(**dep).copied().flatten()) && !answered(**dep);
    let idle: Vec<&usize> = node.deps.iter().filter(idle).collect();
    if idle.len() > 1 || idle.iter().any(|dep| nodes[**dep].act.device != node.act.device) {
        return Err(Rule::NamesIdle);
    }
    Ok(())
}
