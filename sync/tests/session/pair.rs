//! Two ends and the frames under way between them.

use std::collections::VecDeque;

use crate::end::{Dice, End};

/// What a lossy link does to a frame, in percent.
#[derive(Clone, Copy)]
pub struct Faults {
    pub lose: usize,
    pub double: usize,
    pub overtake: usize,
}

pub struct Pair {
    pub ends: [End; 2],
    /// Frames on their way to each end.
    pub under_way: [VecDeque<Vec<u8>>; 2],
    pub now: i64,
    /// Frames that came, both ways.
    pub frames: usize,
    pub reliable: bool,
    /// Every frame that was sent to each end.
    pub sent_to: [Vec<Vec<u8>>; 2],
}

impl Pair {
    pub fn new(a: End, b: End, reliable: bool) -> Self {
        Self {
            ends: [a, b],
            under_way: [VecDeque::new(), VecDeque::new()],
            now: 0,
            frames: 0,
            reliable,
            sent_to: [Vec::new(), Vec::new()],
        }
    }

    /// A new connection: whatever was under way is gone.
    pub fn connect(&mut self) {
        self.under_way = [VecDeque::new(), VecDeque::new()];
        for at in [0, 1] {
            self.ends[at].idle = false;
            let frames = self.ends[at].start(self.now, self.reliable);
            self.send(1 - at, frames);
        }
    }

    pub fn send(&mut self, to: usize, frames: Vec<Vec<u8>>) {
        self.sent_to[to].extend(frames.iter().cloned());
        self.under_way[to].extend(frames);
    }

    /// Takes one frame off the link, in order; false if nothing is under way.
    pub fn step(&mut self, dice: &mut Dice) -> bool {
        let to = match [self.under_way[0].is_empty(), self.under_way[1].is_empty()] {
            [true, true] => return false,
            [true, false] => 1,
            [false, true] => 0,
            [false, false] => dice.below(2),
        };
        let frame = self.under_way[to].pop_front().unwrap();
        self.arrive(to, frame);
        true
    }

    pub fn arrive(&mut self, to: usize, frame: Vec<u8>) {
        self.frames += 1;
        let frames = self.ends[to].handle(self.now, sync::Input::Frame(frame));
        self.send(1 - to, frames);
    }

    /// Delivers everything until nothing is under way.
    pub fn run(&mut self, dice: &mut Dice) {
        while self.step(dice) {
            assert!(self.frames < 100_000, "never comes to rest");
        }
    }

    /// One frame meets the faults of the link.
    pub fn faulty_step(&mut self, dice: &mut Dice, faults: Faults) {
        let to = dice.below(2);
        let count = self.under_way[to].len();
        if count == 0 {
            return;
        }
        let at = if dice.percent(faults.overtake) { dice.below(count) } else { 0 };
        let frame = self.under_way[to].remove(at).unwrap();
        if dice.percent(faults.lose) {
            return;
        }
        if dice.percent(faults.double) {
            self.under_way[to].push_back(frame.clone());
        }
        self.arrive(to, frame);
    }

    pub fn tick(&mut self, after_ms: i64) {
        self.now += after_ms;
        for at in [0, 1] {
            let frames = self.ends[at].handle(self.now, sync::Input::Tick);
            self.send(1 - at, frames);
        }
    }

    /// Loses nothing any more, and lets time pass until both ends have nothing more to say.
    pub fn calm(&mut self, dice: &mut Dice) {
        for _ in 0..50 {
            self.run(dice);
            if self.ends.iter().all(|end| end.session.as_ref().unwrap().in_sync()) {
                return;
            }
            self.tick(61_000);
        }
        panic!("never comes to rest");
    }

    pub fn assert_equal(&self, scopes: &[u32]) {
        for scope in scopes {
            let (a, b) = (self.ends[0].holds(*scope), self.ends[1].holds(*scope));
            assert!(a == b, "scope {scope}: {} and {} items", a.len(), b.len());
        }
        for end in &self.ends {
            assert_eq!(end.closed, None);
            assert!(end.session.as_ref().unwrap().in_sync());
        }
    }

    /// Nothing was given to a store that had it already in that scope.
    pub fn assert_delivered_once(&self) {
        for end in &self.ends {
            if let Some(((scope, _), times)) = end.deliveries.iter().find(|(_, times)| **times > 1) {
                panic!("an item of {scope:?} was delivered {times} times");
            }
        }
    }
}
