//! How a run goes on after the ticket that every one begins with. What is rare by chance is set up in some runs of every
//! sort, and in all that have to show that a fault in it is seen.

use kernel::command::{Command, Request};
use kernel::{Input, Quotas, Sabotage};
use regulation::act::{Body, Dispatch, RequestKind};
use regulation::{ActId, Role, UnitId};
use replica::{Change, Draft, Effect, Person};

use super::Sim;
use crate::city;

/// Quotas that a liar reaches with a few acts.
pub(super) const FEW: Quotas = Quotas {
    held_bytes: 600,
    unlawful_bytes: 600,
    aside_acts: 2,
    aside_brought: 40,
    stubs: 2,
    idle_acts: 2,
    brought_acts: 4_096,
    begun_a_day: 1_000,
};

/// How a run begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beginning {
    /// With nothing more.
    Plain,
    /// With an act by somebody who has lost the roles for it, made where that was not known yet.
    Behind,
    /// With quotas that are soon used up.
    Crowded,
    /// With a ticket for each township.
    Dispatched,
}

impl Beginning {
    pub(super) fn of(seed: u64, sabotage: Sabotage) -> Self {
        match sabotage {
            Sabotage::RegistryAsOfNow => Self::Behind,
            Sabotage::CursorThoughDeclined => Self::Crowded,
            Sabotage::EnterWithoutMembership => Self::Dispatched,
            _ => match seed / 4 % 4 {
                0 => Self::Plain,
                1 => Self::Behind,
                2 => Self::Crowded,
                _ => Self::Dispatched,
            },
        }
    }
}

/// Whether only a node that lies brings this fault to light.
pub(super) fn lied_to(sabotage: Sabotage) -> bool {
    matches!(
        sabotage,
        Sabotage::EnterWithoutMembership
            | Sabotage::SignatureUnchecked
            | Sabotage::CursorThoughDeclined
            | Sabotage::RetryDropping
            | Sabotage::TwinsIgnored
    )
}

impl Sim {
    pub(super) fn begin(&mut self, beginning: Beginning) -> Result<(), String> {
        match beginning {
            Beginning::Plain | Beginning::Crowded => Ok(()),
            Beginning::Behind => self.begin_behind(),
            Beginning::Dispatched => self.begin_dispatched(),
        }
    }

    /// A ticket of the hub's for one unit.
    fn dispatched(&mut self, unit: UnitId) -> Result<ActId, String> {
        let clerk = city::people(city::CITY)[0];
        self.now += 1;
        let draft = self.register(RequestKind::Help);
        self.request(0, clerk, Command::Begin(draft))?;
        self.handle(0)?;
        let Some(doc) = self.newest(0)? else { return Err("the ticket was not made".to_owned()) };
        let draft = Draft::new(Body::Dispatch(Dispatch { lead: unit, assisting: Vec::new() }));
        self.request(0, clerk, Command::Act { doc, draft })?;
        self.handle(0)?;
        Ok(doc)
    }

    /// Connects the hub with a node and delivers until that one holds the ticket, or for a while.
    fn until_held(&mut self, node: usize, doc: ActId) -> Result<(), String> {
        if self.links[&(0, node)].is_none() {
            self.connect((0, node))?;
        }
        for _ in 0..100 {
            self.deliver_next()?;
            self.handle(0)?;
            self.handle(node)?;
            if self.newest(node)? == Some(doc) {
                break;
            }
        }
        Ok(())
    }

    /// Every township has a ticket, of which the others must never hear.
    fn begin_dispatched(&mut self) -> Result<(), String> {
        for (unit, node) in city::TOWNSHIPS.into_iter().zip(3..self.nodes.len()) {
            let doc = self.dispatched(unit)?;
            self.until_held(node, doc)?;
        }
        Ok(())
    }

    /// A township works on a ticket, cut off from the hub, by somebody from whom the hub has meanwhile taken the roles.
    fn begin_behind(&mut self) -> Result<(), String> {
        let unit = city::TOWNSHIPS[0];
        let person = city::people(unit)[1];
        let doc = self.dispatched(unit)?;
        self.until_held(3, doc)?;
        self.cut((0, 3))?;
        let Some(hub) = &self.nodes[0].kernel else { return Ok(()) };
        let seen = hub.registry().version();
        let Some(known) = hub.registry().now().person(person).cloned() else { return Ok(()) };
        let change = Box::new(Change::Person(person, Person { roles: vec![Role::Statistics], ..known }));
        let command = Command::Registry { seen, change };
        self.input(0, Input::Request(Box::new(Request { ticket: 0, person: None, command })))?;
        self.handle(0)?;
        let draft = Draft::new(Body::Tag).effects(vec![Effect::AddTag("供暖".to_owned())]);
        self.request(3, person, Command::Act { doc, draft })?;
        self.handle(3)
    }
}
