//! Histories at hand, so that a document is not read and folded anew for every act.

use std::collections::BTreeMap;

use regulation::ActId;
use replica::History;

/// Histories kept at most.
const HISTORIES_MAX: usize = 512;

/// The histories used last. A document that is not here is read from the store; dropping one loses nothing.
#[derive(Default)]
pub struct Cache {
    histories: BTreeMap<ActId, (u64, History)>,
    clock: u64,
}

impl Cache {
    /// Takes a history out, to be worked on and put back.
    pub fn take(&mut self, doc: ActId) -> Option<History> {
        self.histories.remove(&doc).map(|(_, history)| history)
    }

    /// Puts a history back; drops the one that was not used for longest.
    pub fn put(&mut self, doc: ActId, history: History) {
        self.clock += 1;
        self.histories.insert(doc, (self.clock, history));
        if self.histories.len() > HISTORIES_MAX {
            let oldest = self.histories.iter().min_by_key(|(_, (used, _))| *used).map(|(doc, _)| *doc);
            if let Some(doc) = oldest {
                self.histories.remove(&doc);
            }
        }
    }

    /// Forgets everything, as after a rollback.
    pub fn clear(&mut self) {
        self.histories.clear();
    }
}
