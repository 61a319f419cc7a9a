//! A device and what it holds. One that keeps no rule is one too.

use std::collections::BTreeSet;

use regulation::{ActId, DeviceId, UnitId};
use replica::{DeviceKey, History};

/// What a copy of a disk holds.
#[derive(Clone)]
pub(super) struct Disk {
    pub history: History,
    pub epoch: u64,
    pub dseq: u64,
    pub made: BTreeSet<ActId>,
}

/// See the module.
#[derive(Clone)]
pub(super) struct Device {
    pub id: DeviceId,
    pub unit: UnitId,
    pub key: DeviceKey,
    pub good: bool,
    pub disk: Disk,
    pub backup: Option<Box<Disk>>,
}
