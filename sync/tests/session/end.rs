//! One end of a conversation with its feeds in memory: what a node's store is to a session, and nothing else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sha2::{Digest, Sha256};
use sync::{
    Apart, Carried, CloseReason, Config, Credit, Delivery, EntryKind, FeedEntry, Frame, Input, Item, Mark, Output,
    ScopeKey, Session, SharedScope, Slice, Spoken, chain,
};

pub type Id = [u8; 32];

/// A small deterministic source of choices (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.bits() % n.max(1) as u64).unwrap()
    }

    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// `len` bytes that do not compress, different for each `seed`.
pub fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut dice = Dice::new(seed.wrapping_mul(0x1234_5678_9abc_def1));
    std::iter::repeat_with(|| dice.bits().to_le_bytes()).flatten().take(len).collect()
}

pub fn id_of(bytes: &[u8]) -> Id {
    Sha256::digest(bytes).into()
}

#[derive(Clone, Debug)]
struct Entry {
    kind: EntryKind,
    id: Id,
    from_peer: bool,
    items: Vec<Id>,
    running: [u8; 16],
}

/// What the peer has acknowledged, and up to where it is sent its own things back.
type Acked = (Mark, u64);

/// Everything here but the session survives a crash.
#[derive(Clone, Default)]
pub struct Stored {
    feeds: BTreeMap<ScopeKey, Vec<Entry>>,
    /// What the entries of each feed stand for.
    held: BTreeMap<ScopeKey, BTreeSet<Id>>,
    items: BTreeMap<Id, Vec<u8>>,
    /// Of what kind those are that are not the ordinary ones.
    kinds: BTreeMap<Id, u16>,
    received: BTreeMap<ScopeKey, Mark>,
    acked: BTreeMap<ScopeKey, Acked>,
}

#[derive(Default)]
pub struct End {
    pub stored: Stored,
    pub session: Option<Session>,
    /// How often each item was given to the store, by scope.
    pub deliveries: BTreeMap<(ScopeKey, Id), usize>,
    /// Times that an item was named that was not here.
    pub unresolved: usize,
    pub closed: Option<CloseReason>,
    pub idle: bool,
    /// What the peer had left when a conversation ended.
    pub credits: BTreeMap<ScopeKey, Credit>,
    /// What it speaks.
    pub spoken: Spoken,
    /// What it says of itself, and what the other has said.
    pub of_itself: Vec<u8>,
    pub heard: Vec<Vec<u8>>,
    pub apart: Option<Apart>,
    /// Entries of feeds that were read.
    pub read: usize,
}

impl End {
    /// An end that shares these scopes, with nothing in them.
    pub fn new(scopes: &[u32]) -> Self {
        let mut end = Self::default();
        end.stored.feeds.extend(scopes.iter().map(|scope| (ScopeKey(*scope), Vec::new())));
        end
    }

    /// An end that starts again from what is stored.
    pub fn of(stored: &Stored) -> Self {
        Self { stored: stored.clone(), ..Self::default() }
    }

    /// Holds one more scope.
    pub fn add_scope(&mut self, scope: u32) {
        self.stored.feeds.entry(ScopeKey(scope)).or_default();
    }

    /// Puts an item of its own into a feed, as when somebody acts here.
    pub fn write(&mut self, scope: u32, bytes: Vec<u8>) -> Id {
        let id = id_of(&bytes);
        self.stored.items.insert(id, bytes);
        self.append(ScopeKey(scope), EntryKind::Act, id, vec![id], false);
        id
    }

    /// Puts an item of another kind into a feed.
    pub fn write_kind(&mut self, scope: u32, kind: u16, bytes: Vec<u8>) -> Id {
        let id = self.write(scope, bytes);
        self.stored.kinds.insert(id, kind);
        id
    }

    /// An item as it is stored.
    pub fn item(&self, id: &Id) -> (u16, &[u8]) {
        (self.stored.kinds.get(id).copied().unwrap_or_default(), &self.stored.items[id])
    }

    /// A document of these items enters a scope.
    pub fn enter(&mut self, scope: u32, items: Vec<Vec<u8>>) {
        let ids: Vec<Id> = items.iter().map(|bytes| id_of(bytes)).collect();
        let doc = id_of(&ids.concat());
        self.stored.items.extend(ids.iter().copied().zip(items));
        self.append(ScopeKey(scope), EntryKind::Enter, doc, ids, false);
    }

    fn append(&mut self, scope: ScopeKey, kind: EntryKind, id: Id, items: Vec<Id>, from_peer: bool) {
        let previous = self.head(scope).running;
        let running = chain(previous, kind, &id);
        self.stored.held.entry(scope).or_default().extend(&items);
        self.stored.feeds.entry(scope).or_default().push(Entry { kind, id, from_peer, items, running });
    }

    pub fn head(&self, scope: ScopeKey) -> Mark {
        let feed = &self.stored.feeds[&scope];
        feed.last().map_or(Mark::default(), |last| Mark { lseq: feed.len() as u64, running: last.running })
    }

    pub fn received(&self, scope: u32) -> Mark {
        self.stored.received.get(&ScopeKey(scope)).copied().unwrap_or_default()
    }

    /// Claims to have received this of the peer's feed, whether it did or not.
    pub fn set_received(&mut self, scope: u32, mark: Mark) {
        self.stored.received.insert(ScopeKey(scope), mark);
    }

    /// Items of a scope.
    pub fn holds(&self, scope: u32) -> BTreeSet<Id> {
        self.stored.held.get(&ScopeKey(scope)).cloned().unwrap_or_default()
    }

    /// Begins a conversation from what is stored; its first frames.
    pub fn start(&mut self, now: i64, reliable: bool) -> Vec<Vec<u8>> {
        if let Some(session) = &self.session {
            self.credits = session.credits().collect();
        }
        let shared: Vec<SharedScope> = self.stored.feeds.keys().map(|scope| self.shared(*scope)).collect();
        self.session =
            Some(Session::new(Config { reliable, spoken: self.spoken, of_itself: self.of_itself.clone() }, &shared));
        self.handle(now, Input::Start)
    }

    pub fn shared(&self, scope: ScopeKey) -> SharedScope {
        let (acked, full_upto) = self.stored.acked.get(&scope).copied().unwrap_or_default();
        let received = self.received(scope.0);
        // The lower number goes first, except that it may be the same for two: then the number decides.
        let (head, priority) = (self.head(scope), u8::from(scope.0 > 1));
        let credit = self.credits.get(&scope).copied().unwrap_or_default();
        SharedScope { key: scope, priority, head, received, acked, full_upto, credit }
    }

    /// Gives the session an input, carries out what it wants, and returns the frames that it sends.
    pub fn handle(&mut self, now: i64, input: Input) -> Vec<Vec<u8>> {
        let mut inputs = VecDeque::from([input]);
        let mut frames = Vec::new();
        while let Some(input) = inputs.pop_front() {
            let Some(session) = &mut self.session else { return frames };
            for output in session.handle(now, input) {
                match output {
                    Output::Send(bytes) => frames.push(bytes),
                    Output::Read { scope, after, budget_bytes } => {
                        inputs.push_back(Input::Slice(self.slice(scope, after, budget_bytes)));
                    }
                    Output::ReadMark { scope, lseq } => {
                        inputs.push_back(Input::MarkAt { scope, lseq, mark: self.mark_at(scope, lseq) });
                    }
                    Output::Deliver(delivery) => self.deliver(delivery, &mut inputs),
                    Output::Acked { scope, mark, full_upto } => {
                        self.stored.acked.insert(scope, (mark, full_upto));
                    }
                    Output::Idle => self.idle = true,
                    Output::Apart(apart) => self.apart = Some(apart),
                    Output::OfItself(said) => self.heard.push(said),
                    Output::Wanted { .. } | Output::Given { .. } => {}
                    Output::Close(reason) => {
                        self.closed = Some(reason);
                        self.session = None;
                        return frames;
                    }
                }
            }
        }
        frames
    }

    /// Tells the session that a feed has grown.
    pub fn grown(&mut self, now: i64, scope: u32) -> Vec<Vec<u8>> {
        let scope = ScopeKey(scope);
        let head = self.head(scope);
        self.handle(now, Input::Grown { scope, head })
    }

    fn slice(&mut self, scope: ScopeKey, after: u64, budget: usize) -> Slice {
        let mut bytes = 0;
        let mut entries = Vec::new();
        for (entry, lseq) in self.stored.feeds[&scope].iter().zip(1..).skip(usize::try_from(after).unwrap()) {
            if bytes >= budget {
                break;
            }
            let item = |id: &Id| {
                let (kind, bytes) = self.item(id);
                Item { kind, id: *id, bytes: bytes.to_vec(), extent: 0 }
            };
            let items: Vec<Item> = entry.items.iter().map(item).collect();
            bytes += items.iter().map(|item| item.bytes.len()).sum::<usize>();
            let Entry { kind, id, from_peer, running, .. } = *entry;
            entries.push(FeedEntry { lseq, running, kind, id, came_from_peer: from_peer, items });
        }
        self.read += entries.len();
        Slice { scope, entries }
    }

    fn mark_at(&self, scope: ScopeKey, lseq: u64) -> Option<Mark> {
        if lseq == 0 {
            return Some(Mark::default());
        }
        let entry = self.stored.feeds[&scope].get(usize::try_from(lseq - 1).ok()?)?;
        Some(Mark { lseq, running: entry.running })
    }

    fn deliver(&mut self, delivery: Delivery, inputs: &mut VecDeque<Input>) {
        let scope = delivery.scope;
        let mut grown = false;
        for received in delivery.items {
            let id = match received {
                Carried::Item { kind, bytes } => {
                    let id = id_of(&bytes);
                    self.stored.items.insert(id, bytes);
                    if kind > 0 {
                        self.stored.kinds.insert(id, kind);
                    }
                    *self.deliveries.entry((scope, id)).or_default() += 1;
                    id
                }
                Carried::Known(id) if self.stored.items.contains_key(&id) => id,
                Carried::Known(_) | Carried::Newer => {
                    self.unresolved += 1;
                    inputs.push_back(Input::Unresolved { scope });
                    return;
                }
            };
            if !self.stored.held.get(&scope).is_some_and(|held| held.contains(&id)) {
                self.append(scope, EntryKind::Act, id, vec![id], true);
                grown = true;
            }
        }
        self.stored.received.insert(scope, delivery.to);
        inputs.push_back(Input::Stored { scope, mark: delivery.to });
        if grown {
            inputs.push_back(Input::Grown { scope, head: self.head(scope) });
        }
    }
}

/// What a frame carries in full, and by name.
pub fn carried(bytes: &[u8]) -> Vec<Id> {
    let (Frame::Batch { items, .. } | Frame::Pieces { items, .. }) = Frame::decode(bytes).unwrap() else {
        return Vec::new();
    };
    items
        .iter()
        .map(|item| match item {
            Carried::Item { bytes, .. } => id_of(bytes),
            Carried::Known(id) => *id,
            Carried::Newer => [0; 32],
        })
        .collect()
}
