//! What waits is done in turn, as much of it as the group may still do.

use regulation::Millis;
use store::ScopeId;
use sync::{Carried, Delivery};

use crate::source::Source;
use crate::waiting::{Read, Sent, Taking, Want};
use crate::{Fault, Kernel, scopes};

/// Items of one peer that are taken in before the next peer has its turn.
const TURN_ITEMS_MAX: usize = 16;
/// Bytes of an item that make one step; what is larger takes more of them.
const STEP_BYTES: usize = 16 * 1024;
/// Steps of one read of a feed, which is compressed and sent.
const READ_STEPS: usize = 8;
/// Steps of one look for arrivals, and the feed entries that it covers.
const LOOK_STEPS: usize = 4;
/// Feed entries that one look for arrivals covers.
const LOOK_ENTRIES_MAX: usize = 64;

impl Kernel {
    /// Reads what peers asked for.
    pub(crate) fn serve_wants(&mut self, now: Millis) -> Result<(), Fault> {
        while self.group.steps > 0 {
            let Some(next) = self.waiting.wants.iter().position(|want| want.paid) else { break };
            let Some(Want { conn, peer, scope, names, .. }) = self.waiting.wants.remove(next) else { break };
            if self.peers.get(&conn).is_some_and(|peer| peer.shared.contains(&scope)) {
                self.spend(READ_STEPS);
                let items = self.wanted(peer, scope, &names)?;
                self.session(now, conn, sync::Input::Give { scope, items })?;
            }
        }
        Ok(())
    }

    /// Stores what peers sent, a few items of each in turn.
    pub(crate) fn take_deliveries(&mut self, now: Millis) -> Result<(), Fault> {
        while self.group.steps > 0 {
            let Some(mut taking) = self.waiting.taking.pop_front() else { break };
            let Some(peer) = self.peers.get(&taking.conn) else { continue };
            let (id, shared) = (peer.id, peer.shared.contains(&taking.scope));
            let given = matches!(taking.what, Sent::Given(_));
            if !shared && given {
                continue;
            }
            if !shared {
                self.session(now, taking.conn, sync::Input::Declined)?;
                continue;
            }
            let mut items = Vec::new();
            while items.len() < TURN_ITEMS_MAX && self.group.steps > 0 {
                let Some(item) = taking.items.pop_front() else { break };
                let bytes = if let Carried::Item { bytes, .. } = &item { bytes.len() } else { 0 };
                self.spend(1 + bytes / STEP_BYTES);
                items.push(item);
            }
            let last = taking.items.is_empty();
            // A batch that brings nothing costs something too.
            self.spend(usize::from(items.is_empty()));
            let Taking { conn, scope, ref mut what, .. } = taking;
            match what {
                Sent::Batch(run, to) => {
                    let portion = Delivery { scope, to: *to, items };
                    match self.deliver(now, id, portion, run, last)? {
                        Some(input) => self.session(now, conn, input)?,
                        None => self.waiting.taking.push_back(taking),
                    }
                }
                Sent::Given(given) => {
                    self.take_given(now, Source { peer: id, scope }, items, given, last)?;
                    match last {
                        true => self.ask(now, conn)?,
                        false => self.waiting.taking.push_back(taking),
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads what the sessions want to send, once all that came in the group is taken in: whoever is kept out by it, or
    /// has no part any more, is not sent what was allowed a moment ago.
    pub(crate) fn serve_reads(&mut self, now: Millis) -> Result<(), Fault> {
        while self.group.steps > 0 {
            let Some(Read { conn, scope, after, budget_bytes }) = self.waiting.reads.pop_front() else { break };
            let Some(id) = self.peers.get(&conn).map(|peer| peer.id) else { continue };
            self.spend(READ_STEPS);
            let slice = self.slice(id, scope, after, budget_bytes)?;
            self.session(now, conn, sync::Input::Slice(slice))?;
        }
        Ok(())
    }

    /// Looks for what has arrived at the units of peers, as far as they have told.
    pub(crate) fn look_for_arrivals(&mut self) -> Result<(), Fault> {
        while self.group.steps > 0 {
            let Some((peer, scope)) = self.waiting.told.first().copied() else { break };
            self.spend(LOOK_STEPS);
            let mut cursor = self.store.cursor(peer.0, ScopeId(scope.0))?;
            let unit = self.registry.now().device(peer.0).map(|device| device.unit);
            let unit = unit.filter(|unit| scope == scopes::of_unit(*unit) && self.watches());
            let before = cursor.arrived;
            match unit {
                Some(unit) if before < cursor.acked.lseq => {
                    cursor.arrived = self.note_arrivals(unit, scope, before, cursor.acked.lseq, LOOK_ENTRIES_MAX)?;
                }
                _ => cursor.arrived = before.max(cursor.acked.lseq),
            }
            if cursor.arrived > before {
                self.store.set_cursor(peer.0, ScopeId(scope.0), &cursor)?;
            }
            if cursor.arrived == before || cursor.arrived >= cursor.acked.lseq {
                self.waiting.told.remove(&(peer, scope));
            }
        }
        Ok(())
    }
}
