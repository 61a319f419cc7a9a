//! What is known of drafts without looking into the drawer.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use regulation::{ActId, PersonId};

use crate::drawer::Drawer;
use crate::often::Often;

/// How often one person may keep drafts within a minute: some windows, each once a second.
pub const DRAFT_SAVES_PER_MINUTE_MAX: u32 = 240;
const MINUTE: Duration = Duration::from_secs(60);

/// Which documents to look at, and who has kept much lately.
pub(crate) struct Drafts {
    /// Documents of which there may be one.
    docs: Mutex<BTreeSet<ActId>>,
    /// How many drafts of a person's there were.
    saves: Often,
}

impl Drafts {
    pub(crate) fn open(drawer: &Drawer) -> Self {
        let docs = drawer.now(|drawer| drawer.documents()).unwrap_or_default();
        let saves = Often::new(MINUTE, DRAFT_SAVES_PER_MINUTE_MAX);
        Self { docs: Mutex::new(docs.into_iter().collect()), saves }
    }

    /// There may be one of this document.
    pub(super) fn begun(&self, doc: Option<ActId>) {
        lock(&self.docs).extend(doc);
    }

    /// There is none of it any more.
    pub(super) fn gone(&self, doc: &ActId) {
        lock(&self.docs).remove(doc);
    }

    /// Those to look at: this one if there may be a draft of it, or all.
    pub(super) fn docs(&self, doc: Option<ActId>) -> Vec<ActId> {
        let known = lock(&self.docs);
        match doc {
            Some(doc) => known.get(&doc).copied().into_iter().collect(),
            None => known.iter().copied().collect(),
        }
    }

    /// Whether a person may keep one more now.
    pub(super) fn may(&self, person: PersonId, now: Duration) -> bool {
        self.saves.once_more(person, now).is_ok()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
