//! What was set aside, or is here, and is asked for by name.

use std::collections::BTreeMap;

use regulation::{DeviceId, Millis};
use replica::Act;
use store::{ScopeId, Weight};
use sync::frame::WANT_IDS_MAX;
use sync::{Carried, Item, Name, ScopeKey};

use crate::item::ORDINARY;
use crate::source::{PeerId, Source};
use crate::waiting::Given;
use crate::{ConnId, Fault, Kernel};

/// Bytes of an answer to a question for items.
const GIVEN_BYTES_MAX: usize = 512 << 10;
/// So long an answer to a question for items is waited for, before something else is asked for.
pub const WANT_WAIT_MS_MAX: Millis = 60_000;

impl Kernel {
    /// Asks the peers for what was set aside, where there is room now or something of others waits for it.
    pub(crate) fn ask_for_aside(&mut self, now: Millis) -> Result<(), Fault> {
        if self.store.aside_count()? == 0 {
            return Ok(());
        }
        for conn in self.peers.keys().copied().collect::<Vec<_>>() {
            self.ask(now, conn)?;
        }
        Ok(())
    }

    /// Each is asked for once a connection: a peer that has it later brings it by its feed. A peer is asked one thing at a
    /// time, so that no more of its answers wait here than one.
    pub(crate) fn ask(&mut self, now: Millis, conn: ConnId) -> Result<(), Fault> {
        let Some(peer) = self.peers.get(&conn) else { return Ok(()) };
        if peer.asking.is_some_and(|(_, at)| now.saturating_sub(at) < WANT_WAIT_MS_MAX) {
            return Ok(());
        }
        for scope in peer.shared.clone() {
            let mut rows = self.store.aside_needed(ScopeId(scope.0), store::ASIDE_ROWS_MAX)?;
            let mut spent = BTreeMap::<(Weight, DeviceId), usize>::new();
            for row in self.store.aside_in(ScopeId(scope.0), None, store::ASIDE_ROWS_MAX)? {
                let spent = spent.entry((row.weight, row.device)).or_default();
                *spent = spent.saturating_add(usize::try_from(row.bytes).unwrap_or(usize::MAX));
                if self.room(row.weight, row.device, *spent)? && !rows.contains(&row) {
                    rows.push(row);
                }
            }
            let Some(peer) = self.peers.get_mut(&conn) else { return Ok(()) };
            let new = rows.iter().map(|row| row.act.0).filter(|id| !peer.asked.contains(id));
            let ids: Vec<[u8; 32]> = new.take(WANT_IDS_MAX).collect();
            if !ids.is_empty() {
                peer.asked.extend(&ids);
                peer.asking = Some((scope, now));
                let names = ids.into_iter().map(Name::of).collect();
                return self.session(now, conn, sync::Input::Want { scope, names });
            }
        }
        Ok(())
    }

    /// Items that a peer asks for. Only what stands in the feed of that scope goes, as the peer may have it, and nothing
    /// tells of the rest.
    pub(crate) fn wanted(&self, peer: PeerId, scope: ScopeKey, names: &[Name]) -> Result<Vec<Item>, Fault> {
        let mut items = Vec::new();
        let mut bytes = 0;
        for name in names.iter().filter(|name| name.kind == ORDINARY) {
            let found = self.item_named(peer, scope, &name.id)?;
            let Some(item) = found.filter(|item| name.part.is_none_or(|part| brings(item, part))) else { continue };
            bytes += item.bytes.len();
            if bytes > GIVEN_BYTES_MAX && !items.is_empty() {
                break;
            }
            items.push(item);
        }
        Ok(items)
    }

    /// What was asked for has come, or a portion of it. Whatever else a peer sends this way is passed over.
    pub(crate) fn take_given(
        &mut self,
        now: Millis,
        source: Source,
        items: Vec<Carried>,
        given: &mut Given,
        last: bool,
    ) -> Result<(), Fault> {
        let scope = ScopeId(source.scope.0);
        for item in items {
            let Carried::Item { kind: ORDINARY, bytes } = item else { continue };
            let Ok(sealed) = replica::Sealed::decode(&bytes) else { continue };
            let id = sealed.id();
            if Act::decode(&sealed.bytes).is_ok() && self.store.is_aside(&id, scope)? {
                given.came.push(id);
                self.take_in(now, bytes, source, true, &mut given.run)?;
                self.retry(now)?;
            }
        }
        if !last {
            return Ok(());
        }
        self.end(now, &mut given.run, source)?;
        for id in std::mem::take(&mut given.came) {
            if self.store.aseq_of(&id)?.is_some() || self.store.holds_act(&id)? {
                self.store.drop_aside(&id, scope)?;
            }
        }
        Ok(())
    }
}

/// Whether an item brings that part of what it stands for.
fn brings(item: &Item, part: u16) -> bool {
    let sealed = replica::Sealed::decode(&item.bytes);
    sealed.is_ok_and(|sealed| sealed.parts.iter().any(|held| u16::from(held.kind.number()) == part))
}
