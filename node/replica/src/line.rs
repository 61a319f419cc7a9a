//! Lines: the acts of one device and epoch, of which each follows the one before. They decide what counts at all.
//!
//! Walking in order, an admitted act takes its place in its line if the line's tip is in its past. What does not is
//! overruled, takes no place and has no effect on anything; so a device counts for no more than its lines, however much it
//! makes. The *view* is the lines with their pasts: whatever is shown, written or projected is a function of it.

use std::collections::BTreeMap;

use regulation::{DeviceId, Rule};

use crate::act::Act;
use crate::graph::{ActSet, Node, Standing, closure};
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
    pub(crate) acts: usize,
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

    /// The last act of a line.
    pub fn tip(&self, line: Line) -> Option<usize> {
        self.tips.get(&line).copied()
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
