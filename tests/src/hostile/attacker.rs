//! The attacker's end of the link: a device of a township with a valid key that says what it likes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use link::{Event, Link};
use regulation::DeviceId;
use replica::{Act, Draft, History, Part, Registry, Sealed};
use sync::frame::Carried;
use sync::{EntryKind, Frame, Mark, ScopeKey, chain};
use tokio::sync::mpsc;

use super::PATIENCE;
use super::victim::Victim;
use crate::forger::Forger;

/// Frames that may be under way before the attacker waits for an answer.
const UNDER_WAY: usize = 8;
/// How long the node may be silent before that counts as an answer.
const SILENCE: Duration = Duration::from_millis(1_500);

/// A connection of a hostile device.
pub struct Attacker {
    /// Which device.
    pub device: DeviceId,
    link: Link,
    events: mpsc::Receiver<Event>,
    conn: u64,
    /// How far its made-up feeds have come.
    feeds: BTreeMap<ScopeKey, Mark>,
    forger: Forger,
    /// Every frame that came back.
    pub heard: Vec<Frame>,
    /// Bytes of the frames that it sent.
    pub sent_bytes: u64,
    /// Why the node closed the connection.
    pub closed: Option<String>,
}

/// The secret of a device of the test city, as [`city::key`] makes it.
#[must_use]
pub fn secret(device: DeviceId) -> [u8; 32] {
    let mut secret = [7; 32];
    secret[..4].copy_from_slice(&device.0.to_be_bytes());
    secret
}

impl Attacker {
    /// Connects as that device and greets.
    ///
    /// # Errors
    /// The node does not let it in.
    pub async fn connect(victim: &Victim, device: DeviceId) -> Result<Self> {
        let (link, mut events) = Link::bind(
            std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
            &secret(device),
            Arc::new(|_| link::Standing::Welcome),
        )?;
        link.dial(&victim.quic);
        let conn = loop {
            let event = tokio::time::timeout(PATIENCE, events.recv()).await.context("no connection")?;
            match event.context("the link is gone")? {
                Event::Up { conn, .. } => break conn,
                Event::DialFailed { reason, .. } => bail!("not let in: {reason}"),
                _ => {}
            }
        };
        let mut attacker = Self {
            device,
            link,
            events,
            conn,
            feeds: BTreeMap::new(),
            forger: Forger::new(device, 1),
            heard: Vec::new(),
            sent_bytes: 0,
            closed: None,
        };
        let digest = sync::frame::cursor_digest(std::iter::empty());
        let version = sync::frame::VERSION;
        attacker.say(&Frame::Hello(sync::Hello {
            min: version,
            max: version,
            digest,
            ask: false,
            ..sync::Hello::default()
        }))?;
        Ok(attacker)
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// The connection is gone.
    pub fn say(&mut self, frame: &Frame) -> Result<()> {
        let bytes = frame.encode()?;
        self.sent_bytes += bytes.len() as u64;
        anyhow::ensure!(self.link.send(self.conn, bytes), "the connection is gone: {:?}", self.closed);
        Ok(())
    }

    /// Takes the next frame; nothing if the node is silent or has closed.
    pub async fn hear(&mut self) -> Option<Frame> {
        loop {
            match tokio::time::timeout(SILENCE, self.events.recv()).await {
                Ok(Some(Event::Frame { bytes, .. })) => {
                    let frame = Frame::decode(&bytes).ok()?;
                    self.heard.push(frame.clone());
                    return Some(frame);
                }
                Ok(Some(Event::Down { reason, .. })) => {
                    self.closed = Some(reason);
                    return None;
                }
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// Hears everything until the node is silent.
    pub async fn hear_out(&mut self) {
        while self.hear().await.is_some() {}
    }

    /// Sends items as the next entries of a feed of its own making, a batch at a time, and waits for the node in between.
    /// How many of the batches it took.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn push(
        &mut self,
        scope: ScopeKey,
        items: impl IntoIterator<Item = Vec<u8>>,
        a_batch: usize,
    ) -> Result<usize> {
        let mut items = items.into_iter().peekable();
        let (mut under_way, mut taken) = (Vec::new(), 0);
        while items.peek().is_some() {
            let batch: Vec<Carried> = items.by_ref().take(a_batch).map(Carried::item).collect();
            let restart = !self.feeds.contains_key(&scope);
            let mark = self.feeds.entry(scope).or_default();
            let (from, before) = (mark.lseq + 1, mark.running);
            for _ in &batch {
                *mark = Mark { lseq: mark.lseq + 1, running: chain(mark.running, EntryKind::Act, &[7; 32]) };
            }
            let to = *mark;
            let frame = Frame::Batch {
                scope,
                from,
                before,
                to,
                restart,
                more: false,
                round: 0,
                pieces: 0,
                last_piece: 0,
                items: batch,
            };
            self.say(&frame)?;
            under_way.push(to);
            while under_way.len() >= UNDER_WAY {
                if !self.acked(scope, &mut under_way, &mut taken).await {
                    return Ok(taken);
                }
            }
        }
        while !under_way.is_empty() && self.acked(scope, &mut under_way, &mut taken).await {}
        Ok(taken)
    }

    async fn acked(&mut self, scope: ScopeKey, under_way: &mut Vec<Mark>, taken: &mut usize) -> bool {
        let began = std::time::Instant::now();
        loop {
            match self.hear().await {
                Some(Frame::Ack { scope: of, mark, .. }) if of == scope => {
                    let before = under_way.len();
                    under_way.retain(|sent| sent.lseq > mark.lseq);
                    *taken += before - under_way.len();
                    return true;
                }
                Some(_) => {}
                None if self.closed.is_some() || began.elapsed() > PATIENCE / 8 => return false,
                None => {}
            }
        }
    }

    /// A sealed act of this device at the heads of a history.
    pub fn make(&mut self, registry: &Registry, history: &History, draft: Draft) -> Sealed {
        let (act, parts) = self.compose(registry, history, draft);
        self.seal(&act, parts)
    }

    /// An act of this device, not sealed yet, and its parts.
    pub fn compose(&mut self, registry: &Registry, history: &History, draft: Draft) -> (Act, Vec<Part>) {
        self.forger.compose(registry, history, draft, desk::clock::now())
    }

    /// Seals an act under this device's key.
    #[must_use]
    pub fn seal(&self, act: &Act, parts: Vec<Part>) -> Sealed {
        self.forger.seal(act, parts)
    }

    /// Whether anything that came back holds these bytes.
    #[must_use]
    pub fn heard_bytes(&self, needle: &[u8]) -> bool {
        self.heard.iter().any(|frame| match frame {
            Frame::Batch { items, .. } | Frame::Pieces { items, .. } => items.iter().any(|item| match item {
                Carried::Item { bytes, .. } => bytes.windows(needle.len()).any(|window| window == needle),
                Carried::Known(id) => id.as_slice() == needle,
                Carried::Newer => false,
            }),
            _ => false,
        })
    }
}
