//! A device that makes acts as it likes. Its key is good; what it signs need not be.

use regulation::{DeviceId, Millis};
use replica::{Act, Draft, History, Part, Registry, Sealed, Stamp, compose};

use crate::city;

/// A device of the test city and how far it has counted its acts.
#[derive(Clone, Copy, Debug)]
pub struct Forger {
    /// Which device.
    pub device: DeviceId,
    /// The epoch of its acts.
    pub epoch: u64,
    /// The number of its newest act.
    pub dseq: u64,
}

impl Forger {
    /// The forger at that device, which has made nothing yet.
    #[must_use]
    pub fn new(device: DeviceId, epoch: u64) -> Self {
        Self { device, epoch, dseq: 0 }
    }

    /// An act at the heads of a history, not sealed yet, and its parts: by the first person of the device's unit.
    pub fn compose(&mut self, registry: &Registry, history: &History, draft: Draft, time: Millis) -> (Act, Vec<Part>) {
        self.dseq += 1;
        let unit = registry.now().device(self.device).map_or(city::TOWNSHIPS[0], |device| device.unit);
        let stamp = Stamp {
            device: self.device,
            epoch: self.epoch,
            dseq: self.dseq,
            person: Some(city::people(unit)[0]),
            registry: registry.versions(),
            time,
            beacon: history.newest_number(),
            salts: [[1; 16], [2; 16]],
        };
        compose(history, draft, stamp)
    }

    /// Seals an act under the key of this device, whoever it says that it is by.
    #[must_use]
    pub fn seal(&self, act: &Act, parts: Vec<Part>) -> Sealed {
        Sealed::new(act, &city::key(self.device), parts)
    }
}
