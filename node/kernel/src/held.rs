//! What waits is held until what it needs has come.

use regulation::{ActId, DeviceId, Millis};
use store::{HeldRow, ScopeId, Weight};

use crate::keys::row_key;
use crate::sight::Brought;
use crate::source::Taken;
use crate::{Fault, Kernel};

impl Kernel {
    /// Holds an act whose signature is good.
    pub(crate) fn hold_brought(
        &mut self,
        now: Millis,
        brought: &Brought,
        answers: DeviceId,
        needs: &[[u8; 32]],
        why: String,
    ) -> Result<Taken, Fault> {
        let row = row_key(brought.sealed.id(), brought.source.scope);
        self.hold(now, brought, row, answers, needs, why)
    }

    pub(crate) fn hold(
        &mut self,
        now: Millis,
        brought: &Brought,
        row: ActId,
        answers: DeviceId,
        needs: &[[u8; 32]],
        reason: String,
    ) -> Result<Taken, Fault> {
        // What is here already is never lost for being too much.
        let kept = brought.held.is_some() || brought.wanted;
        if !kept && !self.room(Weight::Held, answers, brought.bytes.len())? {
            return self.set_aside(now, brought, Weight::Held, answers);
        }
        let held = HeldRow {
            id: row,
            act: brought.sealed.id(),
            bytes: brought.bytes.clone(),
            scope: Some(ScopeId(brought.source.scope.0)),
            peer: Some(brought.source.peer.0),
            received_at: now,
            device: answers,
            reason,
        };
        self.store.hold(&held, needs)?;
        if let Some(before) = brought.held.filter(|before| *before != row) {
            self.store.drop_held(&before)?;
        }
        Ok(Taken::Waits(row))
    }
}
