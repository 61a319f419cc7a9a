//! A device and what it holds. One that keeps no rule is one too.

use std::collections::{BTreeMap, BTreeSet};

use regulation::{ActId, DeviceId, UnitId};
use replica::graph::ActSet;
use replica::{DeviceKey, History};

/// What a disk holds.
#[derive(Clone)]
pub(super) struct Disk {
    pub history: History,
    /// What is in the history, by the places of the world, in the order in which it came.
    pub acts: Vec<usize>,
    /// The same as a set.
    pub held: ActSet,
    /// Acts that found no place, by the places of the world, and how many acts were held then: they find none before more
    /// are.
    pub aside: BTreeMap<usize, usize>,
    pub epoch: u64,
    pub dseq: u64,
    pub made: BTreeSet<ActId>,
}

impl Disk {
    /// One that holds nothing.
    pub fn new(history: History, epoch: u64) -> Self {
        let (held, aside, made) = (ActSet::default(), BTreeMap::new(), BTreeSet::new());
        Self { history, acts: Vec::new(), held, aside, epoch, dseq: 0, made }
    }

    /// Counts in what its history took.
    pub fn has(&mut self, index: usize) {
        if !self.held.contains(index) {
            self.acts.push(index);
            self.held.insert(index);
        }
    }

    /// A copy of it.
    pub fn copied(&self) -> Copied {
        Copied { acts: self.acts.clone(), epoch: self.epoch, dseq: self.dseq, made: self.made.clone() }
    }
}

/// A copy of a disk: its acts are read again when it is put back.
#[derive(Clone)]
pub(super) struct Copied {
    pub acts: Vec<usize>,
    pub epoch: u64,
    pub dseq: u64,
    pub made: BTreeSet<ActId>,
}

/// See the module.
#[derive(Clone)]
pub(super) struct Device {
    pub id: DeviceId,
    pub unit: UnitId,
    pub key: &'static DeviceKey,
    pub good: bool,
    pub disk: Disk,
    pub backup: Option<Copied>,
}
