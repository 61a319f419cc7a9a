//! Peers: which scopes are shared with them, and the sync session with each.

use std::collections::{BTreeSet, VecDeque};

use regulation::{ActId, Millis, UnitId};
use replica::registry::ROOT_LOG;
use replica::seal::{hash, verify};
use replica::{Class, Entry, Need, RegistryError, RegistryVersion};
use store::{Cursor, FeedEntry as StoredEntry, Mark as StoredMark, RefusedRow, ScopeId};
use sync::{Apart, Carried, Delivery, EntryKind, FeedEntry, Item, Mark, Output, ScopeKey, Session, SharedScope, Slice};

use crate::alarm::{Alarm, Cause, Detail, Unfit};
use crate::chain;
use crate::item::{ORDINARY, STUB};
use crate::joining::Joining;
use crate::keys::need_key;
use crate::sabotage::sabotaged;
use crate::scopes::{self, REGISTRY};
use crate::sight::Run;
use crate::source::{PeerId, Source};
use crate::{ConnId, Effect, Fault, Kernel};

// Whatever a feed holds must fit a frame, or the link with whoever lacks it ends again and again.
const _: () = assert!(replica::limits::SEALED_BYTES_MAX <= sync::frame::ITEM_BYTES_MAX);
const _: () = assert!(replica::limits::ENTRY_BYTES_MAX <= sync::frame::ITEM_BYTES_MAX);

const _: () = assert!(crate::feeds::ENTER_BYTES_MAX <= sync::session::PIECES_BYTES_MAX / 2);

/// Feed entries read at once.
const SLICE_ENTRIES_MAX: usize = 512;

/// Items that this program understands: raised with each kind or form that is added, so that what came too early is asked
/// for again.
const UNDERSTOOD: u64 = 1;
const UNDERSTOOD_META: &str = "understood";

/// What a session wants to read of a feed.
pub(crate) struct Read {
    pub conn: ConnId,
    pub scope: ScopeKey,
    pub after: u64,
    pub budget_bytes: usize,
}

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

    fn mark_at(&self, scope: ScopeKey, lseq: u64) -> Result<Option<Mark>, Fault> {
        if lseq == 0 {
            return Ok(Some(Mark::default()));
        }
        if scope == REGISTRY {
            let place = usize::try_from(lseq - 1).ok();
            let running = place.and_then(|place| self.marks.get(place));
            return Ok(running.map(|running| Mark { lseq, running: *running }));
        }
        chain::mark_at(&self.store, ScopeId(scope.0), lseq)
    }

    /// The entries of a feed after `after`, with what they stand for, until the budget is spent.
    pub(crate) fn slice(&self, peer: PeerId, scope: ScopeKey, after: u64, budget: usize) -> Result<Slice, Fault> {
        if scope == REGISTRY {
            return self.registry_slice(peer, after, budget);
        }
        // What came from the peer, and may not have been lost by it, is not sent: nothing of it is read but its name.
        // One entry stands for `ENTER_BYTES_MAX` at most, so that a slice holds no more than that beyond the budget.
        let full_upto = self.store.cursor(peer.0, ScopeId(scope.0))?.full_upto;
        let mut entries = Vec::new();
        let mut bytes = 0;
        let Some(Mark { mut running, .. }) = self.mark_at(scope, after)? else { return Ok(Slice { scope, entries }) };
        for row in self.store.feed_read(ScopeId(scope.0), after, SLICE_ENTRIES_MAX)? {
            if bytes >= budget {
                break;
            }
            let came_from_peer = row.peer == Some(peer.0);
            let (kind, id, items) = match row.entry {
                _ if came_from_peer && row.lseq > full_upto => (EntryKind::Act, [0; 32], Vec::new()),
                StoredEntry::Act(aseq) => {
                    let act = self.store.act_at(aseq)?.ok_or_else(|| missing("an act of a feed"))?;
                    (EntryKind::Act, act.id.0, self.items(peer, act.doc, &[act])?)
                }
                StoredEntry::Stub(number) => {
                    let item = self.stub_item(number)?;
                    (EntryKind::Stub, item.id, vec![item])
                }
                StoredEntry::Enter { doc, after, upto } => {
                    let id = self.store.doc_id(doc)?.ok_or_else(|| missing("a document of a feed"))?;
                    let acts = self.store.acts_between(doc, after, upto)?;
                    (EntryKind::Enter, id.0, self.items(peer, doc, &acts)?)
                }
            };
            bytes += items.iter().map(|item| item.bytes.len()).sum::<usize>();
            running = chain::behind(&self.store, running, row.entry)?;
            entries.push(FeedEntry { lseq: row.lseq, running, kind, id, came_from_peer, items });
        }
        Ok(Slice { scope, entries })
    }

    /// Acts of one document as they go to a peer.
    pub(crate) fn items(&self, peer: PeerId, doc: store::DocNo, acts: &[store::ActRow]) -> Result<Vec<Item>, Fault> {
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
                items: vec![Item { kind: ORDINARY, id, bytes: bytes.to_vec(), extent: 0 }],
            });
        }
        Ok(Slice { scope: REGISTRY, entries })
    }

    /// Stores what a peer sent, or a portion of it; `run` goes from one portion to the next. With the `last` one it is noted
    /// how far its feed is now received: what the session hears then. Where the peer has to wait its cursor stays, so that
    /// nothing is lost and it is told nothing that is not so.
    pub(crate) fn deliver(
        &mut self,
        now: Millis,
        peer: PeerId,
        delivery: Delivery,
        run: &mut Run,
        last: bool,
    ) -> Result<Option<sync::Input>, Fault> {
        let (scope, to) = (delivery.scope, delivery.to);
        let source = Source { peer, scope };
        for carried in delivery.items {
            let taken = match carried {
                Carried::Item { kind: ORDINARY, bytes } if scope == REGISTRY => self.take_entry(now, peer, &bytes)?,
                Carried::Item { kind: ORDINARY, bytes } => self.take_in(now, bytes, source, false, run)?,
                Carried::Item { kind: STUB, bytes } if scope != REGISTRY => self.take_stub(now, &bytes, source)?,
                Carried::Item { .. } | Carried::Newer => self.note_newer(peer, scope)?,
                Carried::Known(_) if scope == REGISTRY => true,
                Carried::Known(id) => {
                    let Some(taken) = self.take_named(now, ActId(id), source, run)? else {
                        return Ok(Some(sync::Input::Unresolved { scope }));
                    };
                    taken
                }
            };
            self.retry(now)?;
            if !taken {
                return self.decline(peer, scope, to).map(Some);
            }
        }
        if !last {
            return Ok(None);
        }
        if !self.end(now, run, source)? {
            return self.decline(peer, scope, to).map(Some);
        }
        self.receive_up_to(peer, scope, to).map(Some)
    }

    fn receive_up_to(&mut self, peer: PeerId, scope: ScopeKey, to: Mark) -> Result<sync::Input, Fault> {
        self.move_cursor(peer, scope, |cursor| cursor.received = stored(to))?;
        Ok(sync::Input::Stored { scope, mark: to })
    }

    /// Not everything of a delivery was kept: its cursor stays where it is, so that it comes again.
    fn decline(&mut self, peer: PeerId, scope: ScopeKey, to: Mark) -> Result<sync::Input, Fault> {
        if sabotaged!(self, CursorThoughDeclined) {
            return self.receive_up_to(peer, scope, to);
        }
        Ok(sync::Input::Declined)
    }

    /// Something came that this program does not understand, not even so far that it could be kept and named. It stops nothing:
    /// the place before it is noted, and from there the feed is asked for again once this program is another.
    fn note_newer(&mut self, peer: PeerId, scope: ScopeKey) -> Result<bool, Fault> {
        self.move_cursor(peer, scope, |cursor| cursor.newer = cursor.newer.or(Some(cursor.received)))?;
        self.alarm(Alarm::NewerItems, Cause::Device(peer.0), Detail::Scope { scope: scope.0 });
        Ok(true)
    }

    /// This program may understand more than the one before it.
    pub(crate) fn go_back_for_newer(&mut self) -> Result<(), Fault> {
        if self.store.meta(UNDERSTOOD_META)?.as_deref() != Some(&UNDERSTOOD.to_be_bytes()) {
            self.store.go_back_for_newer()?;
            self.store.set_meta(UNDERSTOOD_META, &UNDERSTOOD.to_be_bytes())?;
        }
        Ok(())
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
                let version = self.registry.version();
                self.release(need_key(&Need::Registry(RegistryVersion { log: ROOT_LOG, version })));
                self.note_beyond(now)?;
                Ok(true)
            }
            Ok(replica::registry::Appended::Known) => Ok(true),
            Err(error) => {
                let forked = self.is_fork(&error, bytes);
                let alarm = if forked { Alarm::RegistryForked } else { Alarm::RegistryRefused };
                self.alarm(alarm, Cause::Device(peer.0), unfit(&error));
                let (digest, reason) = (hash(b"jiesu/refused/1", bytes), error.to_string());
                let (bytes, peer) = (Some(bytes.to_vec()), Some(peer.0));
                self.store.refuse(&RefusedRow { digest, bytes, reason, peer, received_at: now })?;
                Ok(false)
            }
        }
    }

    /// Whether the root key has signed two entries of one version. Anybody can make up one that it has not signed.
    fn is_fork(&self, error: &RegistryError, bytes: &[u8]) -> bool {
        let signed = |key: [u8; 32]| {
            Entry::decode(bytes).is_ok_and(|(entry, signature)| verify(&key, &entry.hash(), &signature))
        };
        matches!(error, RegistryError::Fork { .. }) && self.registry.root_key().is_some_and(signed)
    }

    /// Appends an entry to the registry, if it fits.
    pub(crate) fn append_entry(
        &mut self,
        bytes: &[u8],
    ) -> Result<Result<replica::registry::Appended, replica::RegistryError>, Fault> {
        let acted = self.registry.acted();
        let next = self.registry.version() + 1;
        if self.joining.as_ref().is_some_and(|joining| !joining.fits(next, bytes)) {
            return Ok(Err(RegistryError::Fork { version: next }));
        }
        let appended = self.registry.append(bytes);
        if appended != Ok(replica::registry::Appended::New) {
            return Ok(appended);
        }
        self.store.registry_append(ROOT_LOG, self.registry.version(), bytes)?;
        self.push_mark(bytes);
        self.group.registry_changed = true;
        self.group.grown.insert(REGISTRY);
        self.know_myself();
        if self.me.is_some() {
            self.joining = None;
        }
        let acted = self.registry.acted() > acted;
        if acted {
            self.look_up_time()?;
        }
        if acted && Entry::decode(bytes).is_ok_and(|(entry, _)| self.registry.brought(&entry.change).moves_dues()) {
            // Dues are stored as the calendar and the terms have them: each document's are found again in its turn.
            self.want_projections()?;
        }
        Ok(appended)
    }

    /// The running hash of the registry feed goes on with an entry.
    pub(crate) fn push_mark(&mut self, bytes: &[u8]) {
        let (last, id) = (self.marks.last().copied().unwrap_or_default(), entry_id(bytes));
        self.entry_ids.insert(id, self.marks.len());
        self.marks.push(sync::chain(last, EntryKind::Act, &id));
    }

    /// An entry of the registry by its name.
    pub(crate) fn entry_of(&self, id: &[u8; 32]) -> Option<Item> {
        let bytes = self.registry.entries().nth(*self.entry_ids.get(id)?)?.to_vec();
        Some(Item { kind: ORDINARY, id: *id, bytes, extent: 0 })
    }

    /// Who is a peer of what may have changed: every session learns anew what it shares.
    pub(crate) fn registry_changed(&mut self, now: Millis) -> Result<(), Fault> {
        self.group.effects.push(Effect::RegistryChanged);
        for conn in self.peers.keys().copied().collect::<Vec<_>>() {
            let Some(peer) = self.peers.get(&conn).filter(|_| self.joining.is_none()) else { continue };
            let id = peer.id;
            let known = self.registry.now().device_of_key(&peer.key).map(|(_, device)| (device.unit, device.class));
            let Some((unit, class)) = known else {
                // The device has another key now: whoever holds the old one hears nothing more.
                self.part_from(conn);
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

fn unfit(error: &RegistryError) -> Detail {
    let (version, why) = match error {
        RegistryError::Malformed(_) => (0, Unfit::Malformed),
        RegistryError::Gap { found, .. } => (*found, Unfit::Gap),
        RegistryError::Fork { version } => (*version, Unfit::Fork),
        RegistryError::Signature { version } => (*version, Unfit::NotSigned),
        RegistryError::Inconsistent { version, .. } => (*version, Unfit::Clash),
    };
    Detail::Unfit { version, why }
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
