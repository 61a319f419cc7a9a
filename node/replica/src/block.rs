//! Which blocks the acts of an article brought, and who set them: what admission asks, from the acts alone. No text, no
//! merged order and no length comes into it.

use std::collections::{BTreeMap, BTreeSet};

use regulation::ActId;

use crate::effect::{BlockId, Effect};
use crate::graph::{ActSet, Node};

/// Who wrote each block, in the order in which their acts were taken in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocks {
    written: BTreeMap<BlockId, Vec<Write>>,
    /// Blocks of which some value was replaced twice: in no other can two values stand in any past.
    contested: BTreeSet<BlockId>,
}

/// A value of a block.
#[derive(Clone, Debug)]
struct Write {
    act: usize,
    /// The acts whose values it replaced.
    over: Vec<usize>,
    /// It removed the block.
    removes: bool,
}

impl Blocks {
    /// Takes in what an act wrote. `index` finds the acts before it.
    pub fn take(&mut self, act: usize, node: &Node, index: &BTreeMap<ActId, usize>) {
        if !node.writes() {
            return;
        }
        for (effect, place) in node.act.effects.iter().zip(0..=u8::MAX) {
            let (block, over, removes) = match effect {
                Effect::Insert { .. } => (BlockId { act: node.id, effect: place }, Vec::new(), false),
                Effect::Set { block, over, segment } => {
                    (*block, over.iter().filter_map(|id| index.get(id).copied()).collect(), segment.is_none())
                }
                _ => continue,
            };
            let writes = self.written.entry(block).or_default();
            if writes.iter().any(|write| write.over.iter().any(|replaced| over.contains(replaced))) {
                self.contested.insert(block);
            }
            writes.push(Write { act, over, removes });
        }
    }

    /// Whether an act wrote a block.
    pub fn wrote(&self, act: usize, block: &BlockId) -> bool {
        self.written.get(block).is_some_and(|writes| writes.iter().any(|write| write.act == act))
    }

    /// Whether in some block two values stand in a past, of which nobody there has chosen one. Blocks that several removed
    /// are gone, whoever it was.
    pub fn open(&self, past: &ActSet) -> bool {
        self.contested.iter().any(|block| {
            let writes = || self.written[block].iter().filter(|write| past.contains(write.act));
            let replaced: BTreeSet<usize> = writes().flat_map(|write| write.over.iter().copied()).collect();
            let mut stand = writes().filter(|write| !replaced.contains(&write.act));
            match stand.next() {
                Some(first) => stand.any(|other| !(first.removes && other.removes)),
                None => false,
            }
        })
    }

    /// Bytes of memory, about.
    pub fn weight(&self) -> usize {
        let of = |writes: &Vec<Write>| {
            let over: usize = writes.iter().map(|write| size_of_val(write.over.as_slice())).sum();
            size_of::<BlockId>() + size_of_val(writes.as_slice()) + over
        };
        self.written.values().map(of).sum::<usize>() + self.contested.len() * size_of::<BlockId>()
    }
}

/// Blocks that the acts of one device brought in a past.
pub(crate) fn brought(nodes: &[Node], past: &ActSet, device: regulation::DeviceId) -> usize {
    let own = past.iter().map(|act| &nodes[act]).filter(|node| node.act.device == device && node.writes());
    own.map(|node| inserts(&node.act.effects)).sum()
}

/// Blocks that these effects bring.
pub(crate) fn inserts(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Insert { .. })).count()
}
