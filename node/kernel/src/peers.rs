//! Peers: which scopes are shared with them, and the sync session with each.

use std::collections::{BTreeSet, VecDeque};

use regulation::{DeviceId, Millis, UnitId};
use replica::seal::hash;
use replica::{Class, Entry};
use store::{Cursor, FeedEntry as StoredEntry, Mark as StoredMark, RefusedRow, ScopeId};
use sync::{Delivery, EntryKind, FeedEntry, Item, Mark, Output, Received, ScopeKey, Session, SharedScope, Slice};

use crate::ingest::{Source, need_key};
use crate::scopes::{self, REGISTRY};
use crate::sight::Run;
use crate::{ConnId, Effect, Fault, Kernel, Sabotage};

/// A peer, named by its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PeerId(pub DeviceId);

// Whatever a feed holds must fit a frame, or the link with whoever lacks it ends again and again.
const _: () = assert!(replica::limits::SEALED_BYTES_MAX <= sync::frame::ITEM_BYTES_MAX);
const _: () = assert!(replica::limits::ENTRY_BYTES_MAX <= sync::frame::ITEM_BYTES_MAX);

/// Feed entries read at once.
const SLICE_ENTRIES_MAX: usize = 512;
/// Work of one group on what peers sent: [`ITEM_WORK`] for each item, and for each act that is taken in what is folded
/// with it. Some 10 ms on a small machine; what is left is the next group's.
pub const GROUP_WORK_MAX: usize = 1_600;
/// Work of an item, whatever it is: its signature and its rows.
const ITEM_WORK: usize = 40;

/// What a session wants to read of a feed.
pub(crate) struct Read {
    conn: ConnId,
    scope: ScopeKey,
    after: u64,
    budget_bytes: usize,
}

/// What a peer sent and what is not taken in yet. Its session waits for the end of it.
pub(crate) struct Coming {
    scope: ScopeKey,
    to: Mark,
    items: std::vec::IntoIter<Received>,
    run: Run,
}

/// A connected peer.
pub(crate) struct Peer {
    pub id: PeerId,
    /// The key that its link has proven.
    pub key: [u8; 32],
    pub session: Session,
    pub shared: BTreeSet<ScopeKey>,
    pub coming: Option<Coming>,
}

impl Kernel {
    pub(crate) fn connected(&mut self, now: Millis, conn: ConnId, key: &[u8; 32]) -> Result<(), Fault> {
        let known = self.registry.now().device_of_key(key).map(|(id, device)| (id, device.unit, device.class));
        let (Some((device, unit, class)), Some(_)) = (known, &self.me) else {
            let reason = "the device is not in the registry".to_owned();
            self.group.effects.push(Effect::Close { conn, reason });
            return Ok(());
        };
        let id = PeerId(device);
        let shared = self.shared_with(unit, class);
        let session =
            Session::new(sync::Config { reliable: self.identity.reliable_links }, &self.shared_scopes(id, &shared)?);
        self.peers.insert(conn, Peer { id, key: *key, session, shared, coming: None });
        self.session(now, conn, sync::Input::Start)
    }

    /// The scopes that this device and that peer both hold.
    fn shared_with(&self, unit: UnitId, class: Class) -> BTreeSet<ScopeKey> {
        let Some(me) = &self.me else { return BTreeSet::new() };
        let theirs: BTreeSet<ScopeKey> = scopes::held(&self.registry.now(), unit, class).into_iter().collect();
        if self.sabotage == Sabotage::LeakScopes {
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
                })
            })
            .collect()
    }

    fn head(&self, scope: ScopeKey) -> Result<Mark, Fault> {
        if scope == REGISTRY {
            let running = self.marks.last().copied().unwrap_or_default();
            return Ok(Mark { lseq: u64::from(self.registry.version()), running });
        }
        Ok(mark(self.store.feed_head(ScopeId(scope.0))?))
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
                        self.group.reads.push_back(Read { conn, scope, after, budget_bytes });
                    }
                    Output::ReadMark { scope, lseq } => {
                        let mark = self.mark_at(scope, lseq)?;
                        inputs.push_back(sync::Input::MarkAt { scope, lseq, mark });
                    }
                    Output::Deliver(Delivery { scope, to, items }) => {
                        let coming = Coming { scope, to, items: items.into_iter(), run: Run::default() };
                        inputs.extend(self.go_on(now, conn, id, coming)?);
                    }
                    Output::Acked { scope, mark, full_upto } => {
                        if let Some(unit) = self.registry.now().device(id.0).map(|device| device.unit) {
                            let before = self.store.cursor(id.0, ScopeId(scope.0))?.acked.lseq;
                            self.note_arrivals(unit, scope, before, mark.lseq)?;
                        }
                        self.move_cursor(id, scope, |cursor| {
                            cursor.acked = stored(mark);
                            cursor.full_upto = full_upto;
                        })?;
                    }
                    Output::Idle => self.group.settle = true,
                    Output::Close(reason) => {
                        self.peers.remove(&conn);
                        let reason = reason.to_string();
                        self.group.effects.push(Effect::Close { conn, reason });
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads what the sessions want to send, once all that came in the group is taken in: whoever is kept out by it, or
    /// has no part any more, is not sent what was allowed a moment ago.
    pub(crate) fn serve_reads(&mut self, now: Millis) -> Result<(), Fault> {
        while let Some(Read { conn, scope, after, budget_bytes }) = self.group.reads.pop_front() {
            let Some(id) = self.peers.get(&conn).map(|peer| peer.id) else { continue };
            let slice = self.slice(id, scope, after, budget_bytes)?;
            self.session(now, conn, sync::Input::Slice(slice))?;
        }
        Ok(())
    }

    fn mark_at(&self, scope: ScopeKey, lseq: u64) -> Result<Option<Mark>, Fault> {
        if lseq == 0 {
            return Ok(Some(Mark::default()));
        }
        if scope == REGISTRY {
            let place = usize::try_from(lseq - 1).ok();
            let running = place.and_then(|place| self.marks.get(place));
            return Ok(running.map(|running| Mark { lseq, running: *running }));
        }
        Ok(self.store.feed_mark(ScopeId(scope.0), lseq)?.map(|running| Mark { lseq, running }))
    }

    /// The entries of a feed after `after`, with what they stand for, until the budget is spent.
    fn slice(&self, peer: PeerId, scope: ScopeKey, after: u64, budget: usize) -> Result<Slice, Fault> {
        if scope == REGISTRY {
            return self.registry_slice(peer, after, budget);
        }
        let mut entries = Vec::new();
        let mut bytes = 0;
        for row in self.store.feed_read(ScopeId(scope.0), after, SLICE_ENTRIES_MAX)? {
            if bytes >= budget {
                break;
            }
            let came_from_peer = row.peer == Some(peer.0);
            let (kind, id, items) = match row.entry {
                StoredEntry::Act(aseq) => {
                    let act = self.store.act_at(aseq)?.ok_or_else(|| missing("an act of a feed"))?;
                    (EntryKind::Act, act.id.0, self.items(peer, act.doc, &[act])?)
                }
                StoredEntry::Enter { doc, upto } => {
                    let id = self.store.doc_id(doc)?.ok_or_else(|| missing("a document of a feed"))?;
                    let acts = self.store.acts_of_upto(doc, upto)?;
                    (EntryKind::Enter, id.0, self.items(peer, doc, &acts)?)
                }
            };
            bytes += items.iter().map(|item| item.bytes.len()).sum::<usize>();
            let Mark { lseq, running } = mark(row.mark);
            entries.push(FeedEntry { lseq, running, kind, id, came_from_peer, items });
        }
        Ok(Slice { scope, entries })
    }

    /// Acts of one document as they go to a peer.
    fn items(&self, peer: PeerId, doc: store::DocNo, acts: &[store::ActRow]) -> Result<Vec<Item>, Fault> {
        let given = self.given(peer, doc, acts)?;
        acts.iter().zip(given).map(|(act, private)| crate::read::item(act, private)).collect()
    }

    fn registry_slice(&self, peer: PeerId, after: u64, budget: usize) -> Result<Slice, Fault> {
        let theirs = self.store.cursor(peer.0, ScopeId(REGISTRY.0))?.received.lseq;
        let mut entries = Vec::new();
        let mut spent = 0;
        let from = usize::try_from(after).unwrap_or(usize::MAX);
        for (entry, (bytes, running)) in (after + 1..).zip(self.registry.entries().zip(&self.marks).skip(from)) {
            if spent >= budget {
                break;
            }
            spent += bytes.len();
            let id = entry_id(bytes);
            entries.push(FeedEntry {
                lseq: entry,
                running: *running,
                kind: EntryKind::Act,
                id,
                came_from_peer: entry <= theirs,
                items: vec![Item { id, bytes: bytes.to_vec(), extent: 0 }],
            });
        }
        Ok(Slice { scope: REGISTRY, entries })
    }

    /// Goes on with what came before and was too much for one group, a peer after the other.
    pub(crate) fn go_on_all(&mut self, now: Millis) -> Result<(), Fault> {
        let mut conns: Vec<ConnId> = self.peers.keys().copied().collect();
        // Another one begins each time: nobody's flood holds up what a neighbour sent.
        self.turn = self.turn.wrapping_add(1);
        let first = self.turn % conns.len().max(1);
        conns.rotate_left(first);
        for conn in conns {
            let Some(peer) = self.peers.get_mut(&conn) else { continue };
            let (id, Some(coming)) = (peer.id, peer.coming.take()) else { continue };
            if let Some(input) = self.go_on(now, conn, id, coming)? {
                self.session(now, conn, input)?;
            }
        }
        Ok(())
    }

    /// Whether something is under way that the next group goes on with, whatever comes.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.peers.values().any(|peer| peer.coming.is_some())
    }

    /// Takes in what a peer sent as far as the group's work allows, and keeps the rest. What it is told in the end:
    /// nothing before everything is stored, so that a crash on the way costs no more than sending it again.
    fn go_on(
        &mut self,
        now: Millis,
        conn: ConnId,
        peer: PeerId,
        mut coming: Coming,
    ) -> Result<Option<sync::Input>, Fault> {
        loop {
            if self.group.work >= GROUP_WORK_MAX
                && let Some(kept) = self.peers.get_mut(&conn)
            {
                kept.coming = Some(coming);
                return Ok(None);
            }
            let Some(received) = coming.items.next() else { break };
            if let Some(answer) = self.take_received(now, peer, received, &mut coming)? {
                return Ok(Some(answer));
            }
        }
        let taken = self.bring(now, std::mem::take(&mut coming.run))?;
        self.retry(now)?;
        if !taken {
            return Ok(Some(sync::Input::Declined));
        }
        // Where the peer has to wait its cursor stays, so that nothing is lost and it is told nothing that is not so.
        let (scope, mark) = (coming.scope, coming.to);
        self.move_cursor(peer, scope, |cursor| cursor.received = stored(mark))?;
        Ok(Some(sync::Input::Stored { scope, mark }))
    }

    /// Takes in one item; what the session is told if it ends here.
    fn take_received(
        &mut self,
        now: Millis,
        peer: PeerId,
        received: Received,
        coming: &mut Coming,
    ) -> Result<Option<sync::Input>, Fault> {
        let scope = coming.scope;
        let source = Source { peer, scope };
        self.group.work += ITEM_WORK;
        let taken = match received {
            Received::Item { bytes } if scope == REGISTRY => self.take_entry(now, peer, &bytes)?,
            Received::Item { bytes } => self.take_in(now, bytes, source, &mut coming.run)?,
            Received::Known(_) if scope == REGISTRY => true,
            Received::Known(id) => {
                let taken = self.bring(now, std::mem::take(&mut coming.run))?;
                let Some(aseq) = self.known_to(peer, regulation::ActId(id))? else {
                    return Ok(Some(sync::Input::Unresolved { scope }));
                };
                self.join_scope(regulation::ActId(id), aseq, source)?;
                taken
            }
        };
        self.retry(now)?;
        Ok((!taken).then_some(sync::Input::Declined))
    }

    fn move_cursor(&mut self, peer: PeerId, scope: ScopeKey, change: impl FnOnce(&mut Cursor)) -> Result<(), Fault> {
        let mut cursor = self.store.cursor(peer.0, ScopeId(scope.0))?;
        change(&mut cursor);
        Ok(self.store.set_cursor(peer.0, ScopeId(scope.0), &cursor)?)
    }

    /// Takes in an entry of the registry. One that does not fit stops its log here, visibly: it is in quarantine, and
    /// its peer is never told that it was received, so that it comes again after an upgrade.
    fn take_entry(&mut self, now: Millis, peer: PeerId, bytes: &[u8]) -> Result<bool, Fault> {
        match self.append_entry(bytes)? {
            Ok(replica::registry::Appended::New) => {
                for version in self.registry.versions() {
                    self.release(need_key(&replica::Need::Registry(version)));
                }
                Ok(true)
            }
            Ok(replica::registry::Appended::Known) => Ok(true),
            Err(error) => {
                let (digest, reason) = (hash(b"jiesu/refused/1", bytes), error.to_string());
                let (bytes, source) = (Some(bytes.to_vec()), peer);
                let peer = Some(peer.0);
                self.store.refuse(&RefusedRow { digest, bytes, reason: reason.clone(), peer, received_at: now })?;
                self.alarm(crate::Alarm::RegistryRefused, &format!("device {}", source.0.0), &reason);
                Ok(false)
            }
        }
    }

    /// Appends an entry to the registry, if it fits.
    pub(crate) fn append_entry(
        &mut self,
        bytes: &[u8],
    ) -> Result<Result<replica::registry::Appended, replica::RegistryError>, Fault> {
        let appended = self.registry.append(bytes);
        if appended != Ok(replica::registry::Appended::New) {
            return Ok(appended);
        }
        self.store.registry_append(replica::registry::ROOT_LOG, self.registry.version(), bytes)?;
        self.push_mark(bytes);
        self.group.registry_changed = true;
        self.group.grown.insert(REGISTRY);
        self.know_myself();
        if Entry::decode(bytes).is_ok_and(|(entry, _)| entry.change.moves_dues()) {
            // Dues are stored as the calendar and the terms have them now.
            self.group.dirty.extend(crate::read::docs(&self.store)?);
        }
        Ok(appended)
    }

    /// The running hash of the registry feed goes on with an entry.
    pub(crate) fn push_mark(&mut self, bytes: &[u8]) {
        let last = self.marks.last().copied().unwrap_or_default();
        self.marks.push(sync::chain(last, EntryKind::Act, &entry_id(bytes)));
    }

    /// Who is a peer of what may have changed: every session learns anew what it shares.
    pub(crate) fn registry_changed(&mut self, now: Millis) -> Result<(), Fault> {
        self.group.effects.push(Effect::RegistryChanged);
        for conn in self.peers.keys().copied().collect::<Vec<_>>() {
            let Some(peer) = self.peers.get(&conn) else { continue };
            let id = peer.id;
            let known = self.registry.now().device_of_key(&peer.key).map(|(_, device)| (device.unit, device.class));
            let Some((unit, class)) = known else {
                // The device has another key now: whoever holds the old one hears nothing more.
                self.peers.remove(&conn);
                let reason = "the key is not that of the device any more".to_owned();
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

fn entry_id(bytes: &[u8]) -> [u8; 32] {
    hash(b"jiesu/registry/item", bytes)
}

fn missing(what: &str) -> Fault {
    Fault::Inconsistent(format!("{what} is not stored"))
}

fn mark(mark: StoredMark) -> Mark {
    Mark { lseq: mark.lseq, running: mark.running }
}

fn stored(mark: Mark) -> StoredMark {
    StoredMark { lseq: mark.lseq, running: mark.running }
}
