//! A peer with a valid key that says what it likes.

use std::collections::BTreeMap;

use kernel::{ConnId, Effect, Input, Kernel};
use regulation::{ActId, DeviceId};
use replica::{Act, Content, Draft, History, Newer, Part, Sealed, Stamp, compose};
use sync::frame::Carried;
use sync::{EntryKind, Frame, Mark, ScopeKey, chain};

use crate::city::{self, NOON};

/// Steps of a group where the node does not do everything at once.
pub const STEPS: usize = 40;

pub struct Liar {
    device: DeviceId,
    conn: ConnId,
    /// The epoch in which it makes acts.
    pub epoch: u64,
    dseq: u64,
    /// Whether it waits until the node has done with what it was sent.
    pub waits: bool,
    /// How far its made-up feeds have come.
    feeds: BTreeMap<ScopeKey, Mark>,
}

/// What a node answered.
#[derive(Debug, Default)]
pub struct Answers {
    pub frames: Vec<Frame>,
    pub closed: Option<String>,
}

impl Liar {
    /// Connects as that device and greets.
    pub fn connect(kernel: &mut Kernel, device: DeviceId) -> Self {
        let conn = ConnId(u64::from(device.0) << 32 | kernel.sessions().len() as u64);
        let liar = Self { device, conn, epoch: 1, dseq: 0, waits: true, feeds: BTreeMap::new() };
        let key = city::key(device).public();
        let answers = liar.input(kernel, Input::Connected { conn, key });
        assert_eq!(answers.closed, None);
        let digest = sync::frame::cursor_digest(std::iter::empty());
        liar.say(kernel, &Frame::Hello(sync::Hello { min: 1, max: 1, digest, ask: false, ..sync::Hello::default() }));
        liar
    }

    /// Connects once more, with the feeds that it has.
    pub fn reconnect(&mut self, kernel: &mut Kernel) {
        let again = Self::connect(kernel, self.device);
        self.conn = again.conn;
    }

    fn input(&self, kernel: &mut Kernel, input: Input) -> Answers {
        let mut answers = Answers::default();
        // Whatever a peer says, it is no fault of this machine.
        let steps = if self.waits { usize::MAX } else { STEPS };
        for effect in kernel.step(NOON, vec![input], steps).expect("a peer's fault stopped the node") {
            match effect {
                Effect::Send { conn, bytes } if conn == self.conn => {
                    answers.frames.push(Frame::decode(&bytes).unwrap())
                }
                Effect::Close { conn, reason } if conn == self.conn => answers.closed = Some(reason),
                _ => {}
            }
        }
        answers
    }

    /// A frame as the node is given it.
    pub fn input_of(&self, frame: &Frame) -> Input {
        Input::Frame { conn: self.conn, bytes: frame.encode().unwrap() }
    }

    pub fn bytes(&self, kernel: &mut Kernel, bytes: Vec<u8>) -> Answers {
        self.input(kernel, Input::Frame { conn: self.conn, bytes })
    }

    pub fn say(&self, kernel: &mut Kernel, frame: &Frame) -> Answers {
        self.bytes(kernel, frame.encode().unwrap())
    }

    /// Sends items as the next entries of a feed.
    pub fn send(&mut self, kernel: &mut Kernel, scope: ScopeKey, items: Vec<Carried>) -> Answers {
        let frame = self.batch(scope, items);
        self.say(kernel, &frame)
    }

    /// The frame that brings whole items as the next entries of a feed.
    pub fn frame<T: AsRef<[u8]>>(&mut self, scope: ScopeKey, items: &[T]) -> Frame {
        self.batch(scope, items.iter().map(|bytes| Carried::item(bytes.as_ref().to_vec())).collect())
    }

    fn batch(&mut self, scope: ScopeKey, items: Vec<Carried>) -> Frame {
        let mark = self.feeds.entry(scope).or_default();
        let (from, before) = (mark.lseq + 1, mark.running);
        for _ in &items {
            *mark = Mark { lseq: mark.lseq + 1, running: chain(mark.running, EntryKind::Act, &[7; 32]) };
        }
        let (to, restart, more, round, pieces, last_piece) = (*mark, false, false, 0, 0, 0);
        Frame::Batch { scope, from, before, to, restart, more, round, pieces, last_piece, items }
    }

    /// Sends whole items.
    pub fn push<T: AsRef<[u8]>>(&mut self, kernel: &mut Kernel, scope: ScopeKey, items: &[T]) -> Answers {
        self.send(kernel, scope, items.iter().map(|bytes| Carried::item(bytes.as_ref().to_vec())).collect())
    }

    /// Sends a stub.
    pub fn push_stub(&mut self, kernel: &mut Kernel, scope: ScopeKey, stub: Vec<u8>) -> Answers {
        self.send(kernel, scope, vec![Carried::Item { kind: 1, bytes: stub }])
    }

    /// Whether an answer takes everything that was sent of a feed.
    pub fn acked(&self, answers: &Answers, scope: ScopeKey) -> bool {
        let mark = self.feeds[&scope];
        answers.closed.is_none() && answers.frames.contains(&Frame::Ack { scope, mark, gap: false })
    }

    fn stamp(&mut self, kernel: &Kernel, history: &History) -> Stamp {
        self.dseq += 1;
        let unit = kernel.registry().now().device(self.device).unwrap().unit;
        Stamp {
            device: self.device,
            epoch: self.epoch,
            dseq: self.dseq,
            person: Some(city::people(unit)[0]),
            registry: kernel.registry().versions(),
            time: NOON,
            beacon: history.newest_number(),
            salts: [[1; 16], [2; 16]],
        }
    }

    /// The history of a document as a node holds it.
    pub fn history(kernel: &Kernel, doc: ActId) -> History {
        kernel::read::history(kernel.store(), kernel.registry(), doc).unwrap()
    }

    /// Takes an act into a history.
    pub fn take(kernel: &Kernel, history: &mut History, sealed: &Sealed) {
        let act = Act::decode(&sealed.bytes).unwrap();
        match replica::judge(history, sealed, act, kernel.registry()).unwrap() {
            replica::Judgement::Judged(node) => history.insert(*node),
            other => panic!("{other:?}"),
        }
    }

    /// An act at the heads of a history, and its parts.
    pub fn compose(&mut self, kernel: &Kernel, history: &History, draft: Draft) -> (Act, Vec<Part>) {
        let stamp = self.stamp(kernel, history);
        compose(history, draft, stamp)
    }

    pub fn seal(&self, act: &Act, parts: Vec<Part>) -> Sealed {
        Sealed::new(act, &city::key(self.device), parts)
    }

    /// A sealed act at the heads of a history.
    pub fn make(&mut self, kernel: &Kernel, history: &History, draft: Draft) -> Sealed {
        let (act, parts) = self.compose(kernel, history, draft);
        self.seal(&act, parts)
    }

    /// Another conversation: what was sent before counts.
    pub fn skip(&mut self, acts: u64) {
        self.dseq += acts;
    }

    /// An act of a kind that no program knows yet.
    pub fn make_unknown(&mut self, kernel: &Kernel, history: &History) -> Sealed {
        let doc = history.id().unwrap_or(ActId([0; 32]));
        self.make_unknown_on(kernel, doc, history.heads())
    }

    /// A document that begins with such an act.
    pub fn begin_unknown(&mut self, kernel: &Kernel) -> Sealed {
        let (act, parts) = self.compose(kernel, &History::default(), city::tag("供暖"));
        let content = Content::Newer(Newer::of_kind(501, b"of a newer version"));
        self.seal(&Act { content, ..act }, parts)
    }

    /// The same on any document, or none that there is.
    pub fn make_unknown_on(&mut self, kernel: &Kernel, doc: ActId, deps: Vec<ActId>) -> Sealed {
        let (act, parts) = self.compose(kernel, &History::default(), city::tag("供暖"));
        let content = Content::Newer(Newer::of_kind(500, b"of a newer version"));
        self.seal(&Act { content, doc: Some(doc), deps, ..act }, parts)
    }
}
