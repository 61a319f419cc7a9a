//! What every room of the node builds on: who it is, the history of a document at hand, what a group may still do.

use rand_chacha::rand_core::Rng;
use regulation::{ActId, Millis, UnitId};
use replica::{Act, History};

use crate::sabotage::sabotaged;
use crate::{Fault, Kernel, Me, scopes};

impl Kernel {
    /// Begins a new epoch: the old one counts from a state that is gone. The higher bits are the time, or what follows the
    /// old epoch if the clock was put back, so that of two epochs the lower is the older; the lower bits keep two copies
    /// of one backup apart.
    pub(crate) fn new_epoch(&mut self, now: Millis) {
        let time = u64::try_from(now).unwrap_or_default().max((self.epoch >> 16) + 1);
        self.epoch = (time << 16) | self.rng.next_u64() & 0xffff;
        self.dseq = 0;
    }

    pub(crate) fn keep_epoch(&mut self) -> Result<(), Fault> {
        self.store.set_meta("epoch", &self.epoch.to_be_bytes())?;
        self.store.set_meta("dseq", &self.dseq.to_be_bytes())?;
        Ok(())
    }

    /// Finds out from the registry which device this is and what it holds.
    pub(crate) fn know_myself(&mut self) {
        let now = self.registry.now();
        self.me = now.device_of_key(&self.identity.key.public()).map(|(device, known)| Me {
            device,
            hub: now.hub() == Some(device),
            scopes: scopes::held(&now, known.unit, known.class).into_iter().collect(),
        });
    }

    pub(crate) fn unit(&self) -> Option<UnitId> {
        let device = self.device()?;
        self.registry.now().device(device).map(|device| device.unit)
    }

    pub(crate) fn put_back(&mut self, history: History) {
        if let Some(doc) = history.id() {
            self.cache.put(doc, history);
        }
    }

    /// The history of a document, from the cache or the store; empty if the document is not held.
    pub(crate) fn take_history(&mut self, doc: ActId) -> Result<History, Fault> {
        match self.cache.take(doc) {
            Some(mut history) => {
                history.weigh_by(self.registry.now().edition());
                Ok(history)
            }
            None => crate::read::history(&self.store, &self.registry, doc),
        }
    }

    pub(crate) fn is_hub(&self) -> bool {
        self.me.as_ref().is_some_and(|me| me.hub)
    }

    /// The act as it is judged: by the registry that it names, and no other.
    pub(crate) fn as_judged(&self, act: Act) -> Act {
        if sabotaged!(self, RegistryAsOfNow) && self.registry.at(&act.registry).is_some() {
            return Act { registry: self.registry.versions(), ..act };
        }
        act
    }

    /// Takes steps off what the group may still do; false if there are none.
    pub(crate) fn spend(&mut self, steps: usize) -> bool {
        let any = self.group.steps > 0;
        self.group.steps = self.group.steps.saturating_sub(steps);
        any
    }

    /// What waits for this is judged again, once the act at hand is taken in.
    pub(crate) fn release(&mut self, need: [u8; 32]) {
        self.group.released.push_back(need);
    }
}
