//! One end of one conversation between two nodes.

mod io;
mod receive;
mod send;
mod spoken;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::frame::{Carried, Frame, Hello, PASSED_FROM, cursor_digest};
use crate::{Credit, Mark, ScopeKey};

pub use io::{CloseReason, Config, Delivery, FeedEntry, Input, Item, Output, SharedScope, Slice, Stats};
pub use spoken::{Apart, Common, Spoken};

/// Bytes sent and not yet acknowledged, at most.
pub const WINDOW_BYTES_MAX: usize = 256 * 1024;
/// Items count in the window as packed to no less than one in so many bytes: whoever takes them in unpacks them, and what is
/// urgent waits behind all that is under way. Text packs to one in four or five.
pub const PACKED_TO_MIN: usize = 8;
/// Bytes of items read for one batch: some 8 to 16 kB when compressed.
pub const BATCH_BYTES: usize = 48 * 1024;
/// Bytes of items in one frame; more go ahead as Pieces.
pub const PIECE_BYTES_MAX: usize = 768 * 1024;
/// Bytes of frames that wait until the peer's cursors are known.
pub const PARKED_BYTES_MAX: usize = 4 * WINDOW_BYTES_MAX;
/// Bytes of memory for Pieces whose batch has not come yet. No entry of a feed may stand for more than half of it.
pub const PIECES_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of memory for the names of items that went either way; beyond that a session forgets them, and sends in full again.
pub const KNOWN_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes that one of them takes: the name, how much beside it, and its place in the tree, half full.
pub const KNOWN_BYTES: usize = 64;
/// Entries of which the peer needs nothing that are passed before a batch without items covers them: so many are read again
/// at most by the next conversation, though everything that is here came from the peer.
pub const PASSED_ENTRIES_MAX: u64 = 1_024;
/// First wait before something is sent again, on links that lose frames. Doubles up to the next.
pub const RETRY_MS_MIN: i64 = 3_000;
/// Longest wait before something is sent again.
pub const RETRY_MS_MAX: i64 = 60_000;

/// How a mark that the peer named is to be understood once this node's feed was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Claim {
    mark: Mark,
    why: Why,
}

/// Why the peer named a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// It stands there.
    Stands,
    /// It stands there, and what was sent after it did not join it.
    Gap,
    /// It wants everything after it again.
    Rewind,
}

/// One scope in a session.
#[derive(Clone, Debug)]
struct ScopeState {
    priority: u8,
    head: Mark,
    acked: Mark,
    /// Sent up to here.
    sent: Mark,
    /// Between `sent` and here there is nothing that the peer needs.
    scanned: Mark,
    reading: bool,
    /// The next batch tells the peer to begin anew.
    restart: bool,
    /// Up to here nothing is left out because it came from the peer.
    full_upto: u64,
    /// Up to here every item goes in full.
    resend_upto: u64,
    claim: Option<Claim>,
    /// The newest round that the peer asked for.
    round: u64,
    /// It has not been answered yet.
    asked: bool,
    received: Mark,
    /// The newest round that was asked of the peer.
    wanted: u64,
    /// From where it was asked to send again, until a batch of that round comes.
    awaited: Option<Mark>,
    /// The cursor for which a gap was last told, so that it is told once.
    gap_told: Option<u64>,
    /// How often it may still be gone back.
    credit: Credit,
    /// It was gone back beyond that: nothing more is read until there is credit for it.
    owes: bool,
    /// Where the peer was when something was last sent again for a gap: again from there is not progress.
    gap_at: Option<u64>,
}

impl ScopeState {
    fn new(scope: &SharedScope) -> Self {
        Self {
            priority: scope.priority,
            head: scope.head,
            acked: scope.acked,
            sent: scope.acked,
            scanned: scope.acked,
            reading: false,
            restart: false,
            full_upto: scope.full_upto,
            resend_upto: 0,
            claim: None,
            round: 0,
            asked: false,
            received: scope.received,
            wanted: 0,
            awaited: None,
            gap_told: None,
            credit: scope.credit,
            owes: false,
            gap_at: None,
        }
    }
}

/// One end of one conversation.
#[derive(Debug)]
pub struct Session {
    config: Config,
    scopes: BTreeMap<ScopeKey, ScopeState>,
    /// Items that went either way in full in this session, with how much beside them.
    known_items: BTreeMap<[u8; 32], u8>,
    /// Batches under way: scope, up to where, bytes.
    outstanding: VecDeque<(ScopeKey, Mark, usize)>,
    /// Pieces sent so far.
    pieces_sent: u64,
    /// Pieces that came and whose batch did not yet.
    pieces: receive::Kept,
    /// Batches and Pieces that came too early, in order.
    parked: receive::Parked,
    /// A delivery is being stored.
    delivering: bool,
    greeted: bool,
    /// What both ends speak, once that is known.
    common: Option<Common>,
    program: String,
    /// Why the two have nothing to say to each other.
    apart: Option<Apart>,
    awaiting_cursors: bool,
    /// The peer has more to send, in whichever scope: it said so, or was told that something is missing.
    more: bool,
    /// The peer believes that of this end: the last batch must tell it otherwise, even if it brings nothing.
    promised: bool,
    progress_at: i64,
    retry_ms: i64,
    idle_told: bool,
    stats: Stats,
    outputs: Vec<Output>,
}

impl Session {
    /// A session over what both ends hold.
    #[must_use]
    pub fn new(config: Config, scopes: &[SharedScope]) -> Self {
        Self {
            config,
            scopes: scopes.iter().map(|scope| (scope.key, ScopeState::new(scope))).collect(),
            known_items: BTreeMap::new(),
            outstanding: VecDeque::new(),
            pieces_sent: 0,
            pieces: receive::Kept::default(),
            parked: receive::Parked::default(),
            delivering: false,
            greeted: false,
            common: None,
            program: String::new(),
            apart: None,
            awaiting_cursors: false,
            more: false,
            promised: false,
            progress_at: 0,
            retry_ms: RETRY_MS_MIN,
            idle_told: false,
            stats: Stats::default(),
            outputs: Vec::new(),
        }
    }

    /// Takes an input at a time in milliseconds; what is to be done, in order.
    pub fn handle(&mut self, now: i64, input: Input) -> Vec<Output> {
        match input {
            Input::Start => {
                self.progress_at = now;
                self.hello(false);
            }
            Input::Frame(bytes) => {
                self.stats.frames_received += 1;
                self.stats.bytes_received += bytes.len() as u64;
                self.stats.round_trips += u64::from(std::mem::take(&mut self.stats.spoke_last));
                match Frame::read(&bytes) {
                    Ok((frame, passed)) => {
                        self.stats.passed_fields += passed;
                        self.frame_or_park(now, frame, bytes);
                    }
                    Err(error) => self.outputs.push(Output::Close(error.into())),
                }
            }
            Input::Slice(slice) => self.slice(slice),
            Input::MarkAt { scope, lseq, mark } => self.mark_at(now, scope, lseq, mark),
            Input::Grown { scope, head } => {
                if let Some(state) = self.scopes.get_mut(&scope) {
                    state.head = head;
                }
            }
            Input::Stored { scope, mark } => self.stored(scope, mark),
            Input::Unresolved { scope } => self.unresolved(scope),
            Input::Declined => self.delivering = false,
            Input::Want { scope, names } => {
                if self.scopes.contains_key(&scope) && self.greeted {
                    self.send(&Frame::Want { scope, names });
                }
            }
            Input::Give { scope, items } => {
                let items = items.into_iter().map(|Item { kind, bytes, .. }| Carried::Item { kind, bytes }).collect();
                self.send(&Frame::Given { scope, items });
            }
            Input::Scopes(scopes) => self.change_scopes(&scopes),
            Input::Tick => self.tick(now),
        }
        if self.apart.is_none() {
            self.unpark(now);
            self.pump(now);
            self.last_word();
            self.tell_idle();
        }
        std::mem::take(&mut self.outputs)
    }

    /// Nothing under way in either direction, as far as this end knows.
    #[must_use]
    pub fn in_sync(&self) -> bool {
        self.greeted
            && !self.awaiting_cursors
            && !self.more
            && !self.delivering
            && self.outstanding.is_empty()
            && self.scopes.values().all(|state| state.drained() && state.awaited.is_none())
    }

    /// What is left to the peer of going back, by scope; to be kept for its next session.
    pub fn credits(&self) -> impl Iterator<Item = (ScopeKey, Credit)> {
        self.scopes.iter().map(|(scope, state)| (*scope, state.credit))
    }

    /// Bytes of memory that wait for what the peer has not said yet.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        self.parked.bytes() + self.pieces.bytes()
    }

    /// What both ends speak, once the peer has greeted.
    #[must_use]
    pub fn common(&self) -> Option<&Common> {
        self.common.as_ref()
    }

    /// What the peer's program calls its version, once it has greeted, also where no version is spoken by both. Nothing
    /// hangs on it.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Figures so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// The peer's cursors are known, and all of them are on this node's feeds.
    fn verified(&self) -> bool {
        self.greeted && !self.awaiting_cursors && self.scopes.values().all(|state| state.claim.is_none())
    }

    fn frame(&mut self, now: i64, frame: Frame) {
        match frame {
            Frame::Hello(hello) => {
                if hello.ask {
                    self.hello(false);
                    self.once_more(now);
                }
                // What it still has to send may have been of a scope that is not shared any more.
                self.more = false;
                self.greet(hello);
            }
            Frame::CursorsPlease => {
                let cursors = self.scopes.iter().filter(|(_, state)| state.received.lseq > 0);
                let cursors = cursors.map(|(scope, state)| (*scope, state.received)).collect();
                self.send(&Frame::Cursors(cursors));
            }
            Frame::Cursors(cursors) => self.cursors(now, &cursors),
            Frame::Batch { scope, from, before, to, restart, more, round, pieces, last_piece, items } => {
                let batch = receive::Batch { from, before, to, restart, more, round, pieces, last_piece, items };
                self.take_batch(now, scope, batch);
            }
            Frame::Pieces { scope, number, items } => self.take_pieces(scope, number, items),
            Frame::Ack { scope, mark, gap } => self.acked(now, scope, mark, gap),
            Frame::Rewind { scope, mark, round } => self.rewound(now, scope, mark, round),
            Frame::Mismatch { scope } => self.begin_anew(now, scope),
            Frame::Want { scope, .. } | Frame::Given { scope, .. } if !self.scopes.contains_key(&scope) => {
                self.stats.ignored += 1;
            }
            Frame::Want { scope, names } => self.outputs.push(Output::Wanted { scope, names }),
            Frame::Given { scope, items } => self.outputs.push(Output::Given { scope, items }),
            Frame::Unknown(kind) if kind < PASSED_FROM => {
                self.outputs.push(Output::Close(CloseReason::Newer { kind }));
            }
            Frame::Unknown(_) => self.stats.passed_frames += 1,
        }
    }

    fn hello(&mut self, ask: bool) {
        let digest = cursor_digest(self.scopes.iter().map(|(scope, state)| (*scope, state.received)));
        let Spoken { min, max, features, program } = self.config.spoken;
        let (features, program) = (features.to_vec(), program.to_owned());
        let of_itself = self.config.of_itself.clone();
        self.send(&Frame::Hello(Hello { min, max, digest, ask, features, program, of_itself }));
    }

    fn greet(&mut self, hello: Hello) {
        self.program.clone_from(&hello.program);
        if !hello.of_itself.is_empty() {
            self.outputs.push(Output::OfItself(hello.of_itself.clone()));
        }
        match self.config.spoken.with(&hello) {
            Ok(common) => self.common = Some(common),
            // Nothing more is said, but the connection stays: only so both ends hear for certain which of them is too old,
            // and neither dials again and again.
            Err(apart) => return self.part(apart),
        }
        self.greeted = true;
        let noted = cursor_digest(self.scopes.iter().map(|(scope, state)| (*scope, state.acked)));
        if noted != hello.digest {
            self.awaiting_cursors = true;
            self.send(&Frame::CursorsPlease);
        }
    }

    fn part(&mut self, apart: Apart) {
        if self.apart.replace(apart).is_none() {
            self.outputs.push(Output::Apart(apart));
        }
    }

    fn change_scopes(&mut self, scopes: &[SharedScope]) {
        let keys: BTreeSet<ScopeKey> = scopes.iter().map(|scope| scope.key).collect();
        self.scopes.retain(|key, _| keys.contains(key));
        self.outstanding.retain(|(scope, ..)| keys.contains(scope));
        let before = self.scopes.len();
        for scope in scopes {
            let state = self.scopes.entry(scope.key).or_insert_with(|| ScopeState::new(scope));
            state.head = scope.head;
        }
        let more = self.scopes.len() > before;
        // What the peer has of a scope that is new here is not known yet.
        self.greeted &= !more;
        self.hello(more);
    }

    fn tick(&mut self, now: i64) {
        if self.apart.is_some() || self.config.reliable || now - self.progress_at < self.retry_ms || self.in_sync() {
            return;
        }
        self.progress_at = now;
        self.retry_ms = (self.retry_ms * 2).min(RETRY_MS_MAX);
        let waiting = std::mem::take(&mut self.more);
        if !self.greeted || waiting || !self.outstanding.is_empty() {
            self.hello(!self.greeted);
        }
        if self.awaiting_cursors {
            self.send(&Frame::CursorsPlease);
        }
        let awaited = |(scope, state): (&ScopeKey, &ScopeState)| Some((*scope, state.awaited?, state.wanted));
        for (scope, mark, round) in self.scopes.iter().filter_map(awaited).collect::<Vec<_>>() {
            self.send(&Frame::Rewind { scope, mark, round });
        }
        let lost: Vec<ScopeKey> = self.outstanding.drain(..).map(|(scope, ..)| scope).collect();
        for scope in lost {
            if let Some(state) = self.scopes.get_mut(&scope) {
                state.send_again();
            }
        }
    }

    fn tell_idle(&mut self) {
        let idle = self.in_sync();
        if idle && !self.idle_told {
            self.outputs.push(Output::Idle);
        }
        self.idle_told = idle;
    }

    fn send(&mut self, frame: &Frame) -> usize {
        match frame.encode() {
            Ok(bytes) => {
                let len = bytes.len();
                self.stats.frames_sent += 1;
                self.stats.bytes_sent += len as u64;
                self.stats.spoke_last = true;
                self.outputs.push(Output::Send(bytes));
                len
            }
            Err(error) => {
                self.outputs.push(Output::Close(error.into()));
                0
            }
        }
    }
}
