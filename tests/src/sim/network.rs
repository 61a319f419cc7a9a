//! The links between nodes: what is under way on them, how long it takes, and what becomes of it.

use kernel::{ConnId, Input};

use super::{Event, Sim};
use crate::city;

impl Sim {
    pub(super) fn deliver_next(&mut self) -> Result<(), String> {
        for _ in 0..=self.dice.below(6) {
            let Some(((at, _), event)) = self.queue.pop_first() else { return Ok(()) };
            self.now = self.now.max(at);
            let Event::Frame { conn, to, bytes, lies } = event;
            // A connection that was cut has lost what was under way.
            if self.links.values().any(|link| *link == Some(conn)) {
                self.run.frames += 1;
                self.delivered(&lies);
                self.input(to, Input::Frame { conn, bytes })?;
            }
        }
        Ok(())
    }

    /// The next frame that is under way to a node.
    pub(super) fn deliver_to(&mut self, node: usize) -> Result<(), String> {
        let next = self.queue.iter().find(|(_, Event::Frame { to, .. })| *to == node).map(|(at, _)| *at);
        let Some(Event::Frame { conn, to, bytes, lies }) = next.and_then(|at| self.queue.remove(&at)) else {
            return Ok(());
        };
        if self.links.values().any(|link| *link == Some(conn)) {
            self.run.frames += 1;
            self.delivered(&lies);
            self.input(to, Input::Frame { conn, bytes })?;
        }
        Ok(())
    }

    pub(super) fn toggle_link(&mut self) -> Result<(), String> {
        let pairs: Vec<(usize, usize)> = self.links.keys().copied().collect();
        let pair = *self.dice.pick(&pairs);
        if self.links[&pair].is_some() { self.cut(pair) } else { self.connect(pair) }
    }

    pub(super) fn connect(&mut self, pair: (usize, usize)) -> Result<(), String> {
        self.counter += 1;
        let conn = ConnId(self.counter);
        self.links.insert(pair, Some(conn));
        for (me, other) in [(pair.0, pair.1), (pair.1, pair.0)] {
            let key = city::key(self.nodes[other].device).public();
            self.input(me, Input::Connected { conn, key })?;
        }
        Ok(())
    }

    pub(super) fn cut(&mut self, pair: (usize, usize)) -> Result<(), String> {
        let Some(conn) = self.links.insert(pair, None).flatten() else { return Ok(()) };
        self.input(pair.0, Input::Gone { conn })?;
        self.input(pair.1, Input::Gone { conn })
    }

    pub(super) fn send(&mut self, from: usize, conn: ConnId, bytes: Vec<u8>) -> Result<(), String> {
        let pair = self.links.iter().find(|(_, link)| **link == Some(conn)).map(|(pair, _)| *pair);
        let Some((a, b)) = pair else { return Ok(()) };
        let to = if a == from { b } else { a };
        self.check_scope(to, &bytes)?;
        self.check_private(from, to, &bytes)?;
        for (bytes, lies) in self.lied(from, to, bytes)? {
            self.carry(conn, to, &bytes, &lies);
        }
        Ok(())
    }

    /// A frame is under way.
    pub(super) fn carry(&mut self, conn: ConnId, to: usize, bytes: &[u8], lies: &[usize]) {
        let copies = match self.dice.below(100) {
            _ if self.calm || self.reliable => 1,
            0..6 => {
                self.run.lost += 1;
                0
            }
            6..9 => 2,
            _ => 1,
        };
        for _ in 0..copies {
            let delay = if self.calm { 5 } else { 5 + self.dice.below(900) };
            self.counter += 1;
            let mut at = self.now + i64::try_from(delay).unwrap_or_default();
            if self.reliable {
                let newest = self.newest.entry((conn, to)).or_default();
                at = at.max(*newest);
                *newest = at;
            }
            let (bytes, lies) = (bytes.to_vec(), lies.to_vec());
            self.queue.insert((at, self.counter), Event::Frame { conn, to, bytes, lies });
        }
    }
}
