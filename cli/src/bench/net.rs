//! The hub and the units' nodes while the city is made: kernels in one process, with links that lose nothing.

use std::collections::VecDeque;
use std::time::Duration;

use desk::{Problem, clock};
use kernel::{Command, ConnId, Done, Effect, Identity, Input, Kernel, Refusal, Request};
use regulation::{Millis, PersonId};

/// Requests or frames of one group, at most: as many writers are at work at once.
pub const GROUP_MAX: usize = 64;
/// Frames until which the nodes must have come to rest.
const FRAMES_MAX: usize = 10_000_000;

/// What a request came to, with the number under which it was asked.
type Reply = (u64, Result<Done, Refusal>);

/// A unit's node and who works at it.
pub struct Unit {
    pub kernel: Kernel,
    pub person: PersonId,
    pub key: [u8; 32],
}

/// All of them.
pub struct Net {
    pub hub: Kernel,
    hub_key: [u8; 32],
    pub units: Vec<Unit>,
    pub now: Millis,
    /// To the hub (`None`) or to a unit.
    under_way: VecDeque<(Option<usize>, ConnId, Vec<u8>)>,
    /// What the hub's kernel took, commits included.
    pub hub_time: Duration,
}

impl Net {
    /// A hub that is alone.
    pub fn new(hub: Kernel, identity: &Identity, now: Millis) -> Self {
        let hub_key = identity.key.public();
        Self { hub, hub_key, units: Vec::new(), now, under_way: VecDeque::new(), hub_time: Duration::ZERO }
    }

    /// Links each unit's node with the hub.
    pub fn connect(&mut self) -> Result<(), Problem> {
        for unit in 0..self.units.len() {
            let conn = conn_of(unit);
            let key = self.units[unit].key;
            self.at_hub(vec![Input::Connected { conn, key }])?;
            let key = self.hub_key;
            self.at_unit(unit, vec![Input::Connected { conn, key }])?;
        }
        self.rest()
    }

    /// Commands at one node, in groups as of so many writers; what each came to.
    pub fn ask(
        &mut self,
        at: Option<usize>,
        person: Option<PersonId>,
        commands: Vec<Command>,
    ) -> Result<Vec<Result<Done, Refusal>>, Problem> {
        let mut results = Vec::with_capacity(commands.len());
        let mut commands = commands.into_iter().peekable();
        while commands.peek().is_some() {
            let group: Vec<Input> = (0..)
                .zip(commands.by_ref().take(GROUP_MAX))
                .map(|(ticket, command)| Input::Request(Box::new(Request { ticket, person, command })))
                .collect();
            let mut replies = match at {
                None => self.at_hub(group)?,
                Some(unit) => self.at_unit(unit, group)?,
            };
            replies.sort_by_key(|(ticket, _)| *ticket);
            results.extend(replies.into_iter().map(|(_, result)| result));
        }
        Ok(results)
    }

    /// Time passes at every node.
    pub fn tick(&mut self) -> Result<(), Problem> {
        for unit in 0..self.units.len() {
            self.at_unit(unit, vec![Input::Tick])?;
        }
        self.at_hub(vec![Input::Tick])?;
        self.rest()
    }

    /// Delivers everything that is under way.
    pub fn rest(&mut self) -> Result<(), Problem> {
        for _ in 0..FRAMES_MAX {
            let Some((to, conn, bytes)) = self.under_way.pop_front() else { return Ok(()) };
            let mut group = vec![Input::Frame { conn, bytes }];
            // What is under way to the same node next is one group with it.
            while group.len() < GROUP_MAX
                && let Some((_, conn, bytes)) = self.under_way.pop_front_if(|(next, ..)| *next == to)
            {
                group.push(Input::Frame { conn, bytes });
            }
            match to {
                None => self.at_hub(group)?,
                Some(unit) => self.at_unit(unit, group)?,
            };
        }
        Err(Problem::fault(&"the nodes of the benchmark never come to rest"))
    }

    fn at_hub(&mut self, inputs: Vec<Input>) -> Result<Vec<Reply>, Problem> {
        let began = clock::steady();
        let effects = self.hub.handle(self.now, inputs)?;
        self.hub_time += clock::steady().saturating_sub(began);
        self.carry_out(None, effects)
    }

    fn at_unit(&mut self, unit: usize, inputs: Vec<Input>) -> Result<Vec<Reply>, Problem> {
        let effects = self.units[unit].kernel.handle(self.now, inputs)?;
        self.carry_out(Some(unit), effects)
    }

    fn carry_out(&mut self, from: Option<usize>, effects: Vec<Effect>) -> Result<Vec<Reply>, Problem> {
        let mut replies = Vec::new();
        for effect in effects {
            match effect {
                Effect::Reply { ticket, result } => replies.push((ticket, result)),
                Effect::Send { conn, bytes } => {
                    let to = if from.is_none() { unit_of(conn) } else { None };
                    self.under_way.push_back((to, conn, bytes));
                }
                Effect::Close { reason, .. } => return Err(Problem::fault(&format!("a link was closed: {reason}"))),
                _ => {}
            }
        }
        Ok(replies)
    }
}

fn conn_of(unit: usize) -> ConnId {
    ConnId(u64::try_from(unit).unwrap_or_default())
}

fn unit_of(conn: ConnId) -> Option<usize> {
    usize::try_from(conn.0).ok()
}
