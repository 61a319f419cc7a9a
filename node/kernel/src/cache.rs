//! Histories at hand, so that a document is not read and folded anew for every act.

use lru::LruCache;
use regulation::ActId;
use replica::History;

/// Histories kept at most.
const HISTORIES_MAX: usize = 512;
/// Bytes of the histories that are kept, about.
const CACHE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A history and what it weighs.
struct Kept {
    history: History,
    bytes: usize,
}

/// The histories used last. A document that is not here is read from the store; dropping one loses nothing.
pub struct Cache {
    histories: LruCache<ActId, Kept>,
    bytes: usize,
}

impl Default for Cache {
    fn default() -> Self {
        Self { histories: LruCache::unbounded(), bytes: 0 }
    }
}

impl Cache {
    /// Takes a history out, to be worked on and put back.
    pub fn take(&mut self, doc: ActId) -> Option<History> {
        let kept = self.histories.pop(&doc)?;
        self.bytes -= kept.bytes;
        Some(kept.history)
    }

    /// Puts a history back; drops those that were not used for longest. The one that is being worked on stays, whatever
    /// it weighs.
    pub fn put(&mut self, doc: ActId, history: History) {
        self.take(doc);
        let bytes = history.weight();
        self.bytes += bytes;
        self.histories.put(doc, Kept { history, bytes });
        while self.histories.len() > HISTORIES_MAX || (self.bytes > CACHE_BYTES_MAX && self.histories.len() > 1) {
            let Some((_, oldest)) = self.histories.pop_lru() else { break };
            self.bytes -= oldest.bytes;
        }
    }

    /// Forgets everything, as after a rollback.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}
