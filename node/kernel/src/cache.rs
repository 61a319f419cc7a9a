//! Histories at hand, so that a document is not read and folded anew for every act.

use std::collections::BTreeMap;

use regulation::ActId;
use replica::History;

/// Histories kept at most.
const HISTORIES_MAX: usize = 512;
/// Bytes of the histories that are kept, about.
const CACHE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A history, when it was last used and what it weighs.
struct Kept {
    history: History,
    used: u64,
    bytes: usize,
}

/// The histories used last. A document that is not here is read from the store; dropping one loses nothing.
#[derive(Default)]
pub struct Cache {
    histories: BTreeMap<ActId, Kept>,
    clock: u64,
    bytes: usize,
}

impl Cache {
    /// Takes a history out, to be worked on and put back.
    pub fn take(&mut self, doc: ActId) -> Option<History> {
        let kept = self.histories.remove(&doc)?;
        self.bytes -= kept.bytes;
        Some(kept.history)
    }

    /// Puts a history back; drops those that were not used for longest. The one that is being worked on stays, whatever
    /// it weighs.
    pub fn put(&mut self, doc: ActId, history: History) {
        self.take(doc);
        self.clock += 1;
        let bytes = history.weight();
        self.bytes += bytes;
        self.histories.insert(doc, Kept { history, used: self.clock, bytes });
        while self.histories.len() > HISTORIES_MAX || (self.bytes > CACHE_BYTES_MAX && self.histories.len() > 1) {
            let oldest = self.histories.iter().min_by_key(|(_, kept)| kept.used).map(|(doc, _)| *doc);
            let Some(oldest) = oldest else { break };
            self.take(oldest);
        }
    }

    /// Forgets everything, as after a rollback.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}
