//! Peers: which scopes are shared with them, and the sync session with each.

use std::collections::{BTreeSet, VecDeque};

use regulation::{ActId, Millis, UnitId};
use replica::Class;
use store::ScopeId;
use sync::{Apart, Output, ScopeKey, Session, SharedScope};

use crate::alarm::{Alarm, Cause, Detail};
use crate::feed::{mark, stored};
use crate::joining::Joining;
use crate::sabotage::sabotaged;
use crate::scopes;
use crate::source::PeerId;
use crate::waiting::Read;
use crate::{ConnId, Effect, Fault, Kernel};

/// A connected peer.
pub(crate) struct Peer {
    pub id: PeerId,
    /// The key that its link has proven.
    pub key: [u8; 32],
    pub session: Session,
    pub shared: BTreeSet<ScopeKey>,
    /// What was set aside here and asked of it, over this connection.
    pub asked: BTreeSet<[u8; 32]>,
    /// What it has not answered yet: of which scope, and since when.
    pub asking: Option<(ScopeKey, Millis)>,
}

impl Kernel {
    pub(crate) fn connected(&mut self, now: Millis, conn: ConnId, key: &[u8; 32]) -> Result<(), Fault> {
        let known = self.registry.now().device_of_key(key).map(|(id, device)| (id, device.unit, device.class));
        let (id, shared) = match (known, &self.me, &self.joining) {
            (Some((device, unit, class)), Some(_), _) => (PeerId(device), self.shared_with(unit, class)),
            (_, None, Some(joining)) if joining.host_key == *key => (joining.host, Joining::scopes()),
            _ => {
                let reason = "the device is not in the registry".to_owned();
                self.group.effects.push(Effect::Close { conn, reason });
                return Ok(());
            }
        };
        let spoken = sync::Spoken { program: crate::PROGRAM, ..self.spoken };
        let config = sync::Config { reliable: self.identity.reliable_links, spoken, of_itself: self.of_itself() };
        let session = Session::new(config, &self.shared_scopes(id, &shared)?);
        self.peers.insert(conn, Peer { id, key: *key, session, shared, asked: BTreeSet::new(), asking: None });
        self.session(now, conn, sync::Input::Start)
    }

    /// The scopes that this device and that peer both hold.
    fn shared_with(&self, unit: UnitId, class: Class) -> BTreeSet<ScopeKey> {
        let Some(me) = &self.me else { return BTreeSet::new() };
        let theirs: BTreeSet<ScopeKey> = scopes::held(&self.registry.now(), unit, class).into_iter().collect();
        if sabotaged!(self, LeakScopes) {
            return me.scopes.clone();
        }
        me.scopes.intersection(&theirs).copied().collect()
    }

    fn shared_scopes(&self, peer: PeerId, shared: &BTreeSet<ScopeKey>) -> Result<Vec<SharedScope>, Fault> {
        shared
            .iter()
            .map(|scope| {
                let cursor = self.store.cursor(peer.0, ScopeId(scope.0))?;
                Ok(SharedScope {
                    key: *scope,
                    priority: scopes::priority(*scope),
                    head: self.head(*scope)?,
                    received: mark(cursor.received),
                    acked: mark(cursor.acked),
                    full_upto: cursor.full_upto,
                    credit: self.credit_of(peer, *scope),
                })
            })
            .collect()
    }

    /// Feeds an input to the session of a connection and does what it asks for.
    pub(crate) fn session(&mut self, now: Millis, conn: ConnId, input: sync::Input) -> Result<(), Fault> {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let Some(peer) = self.peers.get_mut(&conn) else { return Ok(()) };
            let id = peer.id;
            for output in peer.session.handle(now, input) {
                match output {
                    Output::Send(bytes) => self.group.effects.push(Effect::Send { conn, bytes }),
                    Output::Read { scope, after, budget_bytes } => {
                        self.waiting.reads.push_back(Read { conn, scope, after, budget_bytes });
                    }
                    Output::ReadMark { scope, lseq } => {
                        let mark = self.mark_at(scope, lseq)?;
                        inputs.push_back(sync::Input::MarkAt { scope, lseq, mark });
                    }
                    Output::Deliver(delivery) => self.take_later(conn, delivery),
                    Output::Acked { scope, mark, full_upto } => {
                        self.peer_told(id, scope);
                        self.move_cursor(id, scope, |cursor| {
                            cursor.acked = stored(mark);
                            cursor.full_upto = full_upto;
                        })?;
                    }
                    Output::Wanted { scope, names } => self.want_later(now, (conn, id), scope, names),
                    Output::Given { scope, items } => self.given_later(conn, scope, items),
                    Output::OfItself(said) => self.note_carried(now, &said)?,
                    Output::Apart(apart) => self.tell_apart(id, apart),
                    Output::Idle => {
                        self.alarm_over(now, Alarm::VersionsApart, Cause::Device(id.0))?;
                        self.group.settle = true;
                        self.heard_to_the_end(now, id.0)?;
                    }
                    Output::Close(reason) => {
                        self.part_from(conn);
                        let reason = reason.to_string();
                        self.group.effects.push(Effect::Close { conn, reason });
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// A peer speaks no version that this node speaks: both ends say which of them is too old.
    fn tell_apart(&mut self, peer: PeerId, apart: Apart) {
        let ((min, max), (their_min, their_max)) = (apart.mine, apart.theirs);
        let detail = Detail::Versions { min, max, their_min, their_max };
        self.alarm(Alarm::VersionsApart, Cause::Device(peer.0), detail);
    }

    /// What a peer sent it holds: through other scopes it is sent no more than its name.
    pub(crate) fn heard(&mut self, peer: PeerId, id: ActId, parts: usize) {
        let extent = u8::try_from(parts).unwrap_or(u8::MAX);
        for peer in self.peers.values_mut().filter(|known| known.id == peer) {
            peer.session.heard(id.0, extent);
        }
    }

    /// Who is a peer of what may have changed: every session learns anew what it shares.
    pub(crate) fn registry_changed(&mut self, now: Millis) -> Result<(), Fault> {
        self.group.effects.push(Effect::RegistryChanged);
        for conn in self.peers.keys().copied().collect::<Vec<_>>() {
            let Some(peer) = self.peers.get(&conn).filter(|_| self.joining.is_none()) else { continue };
            let id = peer.id;
            let known = self.registry.now().device_of_key(&peer.key).map(|(_, device)| (device.unit, device.class));
            let Some((unit, class)) = known else {
                // The device has another key now, or is out of use: whoever holds this one hears nothing more.
                self.part_from(conn);
                let reason = "the key is not that of a device any more".to_owned();
                self.group.effects.push(Effect::Close { conn, reason });
                continue;
            };
            let shared = self.shared_with(unit, class);
            if shared != peer.shared {
                let scopes = self.shared_scopes(id, &shared)?;
                if let Some(peer) = self.peers.get_mut(&conn) {
                    peer.shared = shared;
                }
                self.session(now, conn, sync::Input::Scopes(scopes))?;
            }
        }
        Ok(())
    }

    /// Tells every session which of its feeds have grown.
    pub(crate) fn tell_peers(&mut self, now: Millis) -> Result<(), Fault> {
        // A session that hears of growth may deliver nothing, so no feed grows while this goes on.
        let grown = std::mem::take(&mut self.group.grown);
        for conn in self.peers.keys().copied().collect::<Vec<_>>() {
            for scope in &grown {
                if self.peers.get(&conn).is_some_and(|peer| peer.shared.contains(scope)) {
                    let head = self.head(*scope)?;
                    self.session(now, conn, sync::Input::Grown { scope: *scope, head })?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn tick_peers(&mut self, now: Millis) -> Result<(), Fault> {
        for conn in self.peers.keys().copied().collect::<Vec<_>>() {
            self.session(now, conn, sync::Input::Tick)?;
        }
        Ok(())
    }
}
