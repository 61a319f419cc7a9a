//! What is known of drafts without looking into the drawer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use regulation::{ActId, PersonId};

use crate::drawer::Drawer;

/// How often one person may keep drafts within a minute: some windows, each once a second.
pub const DRAFT_SAVES_PER_MINUTE_MAX: u32 = 240;
const MINUTE: Duration = Duration::from_secs(60);

/// Which documents to look at, and who has kept much lately.
#[derive(Default)]
pub(crate) struct Drafts {
    /// Documents of which there may be one.
    docs: Mutex<BTreeSet<ActId>>,
    /// Since when a person's drafts are counted, and how many there were.
    counts: Mutex<BTreeMap<PersonId, (Duration, u32)>>,
}

impl Drafts {
    pub(crate) fn open(drawer: &Drawer) -> Self {
        let docs = drawer.now(|drawer| drawer.documents()).unwrap_or_default();
        Self { docs: Mutex::new(docs.into_iter().collect()), counts: Mutex::default() }
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
        let mut counts = lock(&self.counts);
        let (since, count) = counts.entry(person).or_insert((now, 0));
        if now.saturating_sub(*since) >= MINUTE {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        *count <= DRAFT_SAVES_PER_MINUTE_MAX
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_keeps_too_much_within_a_minute_waits_and_holds_nobody_up() {
        let drafts = Drafts::default();
        let (wang, li) = (PersonId(1), PersonId(2));
        for _ in 0..DRAFT_SAVES_PER_MINUTE_MAX {
            assert!(drafts.may(wang, Duration::ZERO));
        }
        assert!(!drafts.may(wang, MINUTE / 2) && drafts.may(li, Duration::ZERO));
        assert!(drafts.may(wang, MINUTE), "and goes on");
    }
}
