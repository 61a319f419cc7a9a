//! Nodes and the reliable links between them.

use std::collections::VecDeque;

use kernel::{ConnId, Effect, Input, Kernel};
use regulation::{DeviceId, Edition};

use crate::city::{self, NOON};

pub struct Net {
    pub nodes: Vec<(DeviceId, Kernel)>,
    pub now: i64,
    /// Two nodes each.
    links: Vec<(ConnId, usize, usize)>,
    under_way: VecDeque<(usize, ConnId, Vec<u8>)>,
    conns: u64,
    /// The one that runs an older program.
    pub older: Option<DeviceId>,
    /// The editions of the rules that programs carry, where it is not the newest released.
    pub carries: Vec<(DeviceId, Edition)>,
    /// Every frame that was sent: to which device.
    pub frames: Vec<(DeviceId, Vec<u8>)>,
}

impl Net {
    /// New nodes of these devices, not linked yet.
    pub fn new(devices: &[DeviceId]) -> Self {
        let nodes = devices.iter().map(|device| (*device, city::node(*device))).collect();
        Self {
            nodes,
            now: NOON,
            links: Vec::new(),
            under_way: VecDeque::new(),
            conns: 0,
            older: None,
            carries: Vec::new(),
            frames: Vec::new(),
        }
    }

    fn place(&self, device: DeviceId) -> usize {
        self.nodes.iter().position(|(other, _)| *other == device).unwrap()
    }

    pub fn node(&mut self, device: DeviceId) -> &mut Kernel {
        let place = self.place(device);
        &mut self.nodes[place].1
    }

    pub fn input(&mut self, device: DeviceId, input: Input) {
        let place = self.place(device);
        let effects = self.handle(place, input);
        self.carry_out(place, effects);
    }

    /// Does something as the program of that node does it.
    pub fn as_of<T>(&mut self, device: DeviceId, act: impl FnOnce(&mut Kernel) -> T) -> T {
        let older = self.older == Some(device);
        let node = self.node(device);
        if older { replica::newer::older::run(|| act(node)) } else { act(node) }
    }

    fn handle(&mut self, place: usize, input: Input) -> Vec<Effect> {
        let now = self.now;
        self.as_of(self.nodes[place].0, |node| node.handle(now, vec![input]).unwrap())
    }

    fn carry_out(&mut self, from: usize, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send { conn, bytes } => {
                    let link = self.links.iter().find(|(other, ..)| *other == conn);
                    let Some((_, a, b)) = link.copied() else { continue };
                    let to = if a == from { b } else { a };
                    self.frames.push((self.nodes[to].0, bytes.clone()));
                    self.under_way.push_back((to, conn, bytes));
                }
                Effect::Close { reason, .. } => panic!("{:?} closed: {reason}", self.nodes[from].0),
                Effect::Reply { .. }
                | Effect::Changed { .. }
                | Effect::RegistryChanged
                | Effect::Alarm { .. }
                | Effect::AlarmsChanged => {}
            }
        }
    }

    /// Effects of a command that a test gave to a node by itself.
    pub fn spread(&mut self, device: DeviceId, effects: Vec<Effect>) {
        let place = self.place(device);
        self.carry_out(place, effects);
    }

    pub fn connect(&mut self, a: DeviceId, b: DeviceId) {
        self.conns += 1;
        let conn = ConnId(self.conns);
        let (x, y) = (self.place(a), self.place(b));
        self.links.push((conn, x, y));
        for (me, other) in [(a, b), (b, a)] {
            self.input(me, Input::Connected { conn, key: city::key(other).public() });
        }
    }

    pub fn cut(&mut self) {
        self.under_way.clear();
        for (conn, a, b) in std::mem::take(&mut self.links) {
            for place in [a, b] {
                self.handle(place, Input::Gone { conn });
            }
        }
    }

    /// Delivers one frame; false if none is under way.
    pub fn step(&mut self) -> bool {
        let Some((to, conn, bytes)) = self.under_way.pop_front() else { return false };
        let effects = self.handle(to, Input::Frame { conn, bytes });
        self.carry_out(to, effects);
        true
    }

    /// Delivers everything, without any tick.
    pub fn run(&mut self) {
        let mut steps = 0;
        while self.step() {
            steps += 1;
            assert!(steps < 10_000, "never comes to rest");
        }
    }

    /// A node ends and begins again on what it had committed.
    pub fn restart(&mut self, device: DeviceId, restored: bool) {
        self.cut();
        let place = self.place(device);
        let (device, kernel) = self.nodes.remove(place);
        let carries = self.carries.iter().rev().find(|(other, _)| *other == device);
        let newest = carries.map_or(Edition::NEWEST, |(_, edition)| *edition);
        let open = || city::open_carrying(newest, device, kernel.into_store(), self.now, restored);
        let kernel = if self.older == Some(device) { replica::newer::older::run(open) } else { open() };
        self.nodes.insert(place, (device, kernel));
    }

    /// The node goes on with a program that carries the editions of the rules up to that one.
    pub fn upgrade(&mut self, device: DeviceId, newest: Edition) {
        self.carries.push((device, newest));
        self.restart(device, false);
    }
}
