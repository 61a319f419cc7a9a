//! What waited is judged again, once what it needed has come.

use std::collections::BTreeSet;

use regulation::Millis;
use store::HeldRow;
use sync::ScopeKey;

use crate::ingest::Opened;
use crate::keys::row_key;
use crate::sabotage::sabotaged;
use crate::sight::Run;
use crate::source::{PeerId, Source, Taken};
use crate::{Fault, Kernel};

impl Kernel {
    /// Judges again what waited for what has come. A row goes only when its act has a verdict.
    pub(crate) fn retry(&mut self, now: Millis) -> Result<(), Fault> {
        if !self.group.released.is_empty() && self.store.total("held")? == 0 {
            self.group.released.clear();
        }
        while let Some(need) = self.group.released.pop_front() {
            let mut after = None;
            loop {
                let waiting = self.store.held_waiting_for(&need, after.as_ref())?;
                let Some(last) = waiting.last() else { break };
                after = Some(last.id);
                for held in waiting {
                    self.take_again(now, held)?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn take_again(&mut self, now: Millis, held: HeldRow) -> Result<(), Fault> {
        if sabotaged!(self, RetryDropping) {
            return self.store.drop_held(&held.id).map(drop).map_err(Fault::from);
        }
        let (Some(peer), Some(scope)) = (held.peer, held.scope) else { return Ok(()) };
        let source = Source { peer: PeerId(peer), scope: ScopeKey(scope.0) };
        let taken = match self.open_up(now, held.bytes, source, (Some(held.id), false))? {
            Opened::Shown(brought) => {
                return match self.take_shown(now, brought, None)? {
                    Taken::Early(id) => self.join_or_wait(now, id, source, Some(held.id)).map(drop),
                    Taken::Kept | Taken::Waits(_) | Taken::TooMany => Ok(()),
                };
            }
            Opened::Strange(brought) => {
                return self.bring(now, vec![brought]).map(drop);
            }
            Opened::Done(taken) => taken,
        };
        if taken != Taken::Waits(held.id) && taken != Taken::TooMany {
            self.store.drop_held(&held.id)?;
        }
        Ok(())
    }

    /// Nothing more comes right behind. False if too much of an author's waits here already.
    pub(crate) fn end(&mut self, now: Millis, run: &mut Run, source: Source) -> Result<bool, Fault> {
        let mut fits = self.bring(now, run.acts())?;
        self.retry(now)?;
        let mut waits = BTreeSet::new();
        for id in std::mem::take(&mut run.early) {
            let (joined, doc) = self.join_or_wait(now, id, source, None)?;
            fits &= joined;
            waits.extend(doc);
        }
        // What was shared no longer when the rest of it came waits with what came before: together they may show the part.
        for doc in waits {
            if let Some(first) = self.store.held(&row_key(doc, source.scope))? {
                self.take_again(now, first)?;
            }
        }
        Ok(fits)
    }
}
