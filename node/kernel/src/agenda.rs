//! When to look at which document again: whatever a hotline's node does by itself falls due.

use std::collections::{BTreeMap, BTreeSet};

use regulation::terms::DueItem;
use regulation::{ActId, Level, Millis, TicketState, UnitId, supervise};
use replica::{Class, History};
use store::TicketFilter;

use crate::{Fault, Kernel};

/// When to look at which document again.
#[derive(Default)]
pub(crate) struct Agenda {
    by_time: BTreeSet<(Millis, ActId)>,
    by_doc: BTreeMap<ActId, Millis>,
}

impl Agenda {
    /// Looks at a document at that time, and at no other.
    pub fn set(&mut self, doc: ActId, at: Option<Millis>) {
        if let Some(before) = self.by_doc.remove(&doc) {
            self.by_time.remove(&(before, doc));
        }
        if let Some(at) = at {
            self.by_doc.insert(doc, at);
            self.by_time.insert((at, doc));
        }
    }

    pub fn due(&mut self, now: Millis, most: usize) -> Vec<ActId> {
        let due: Vec<ActId> =
            self.by_time.iter().take_while(|(at, _)| *at <= now).take(most).map(|(_, doc)| *doc).collect();
        for doc in &due {
            self.set(*doc, None);
        }
        due
    }
}

impl Kernel {
    /// The unit of this device, if it is the node of a hotline that watches by itself.
    pub(crate) fn watcher(&self) -> Option<UnitId> {
        let now = self.registry.now();
        let (me, device) = (self.me.as_ref()?, now.device(self.device()?)?);
        let county = now.level(device.unit) == Level::CountyHotline && device.class == Class::Hub;
        (me.hub || county).then_some(device.unit)
    }

    /// Whether this node watches what arrives where.
    pub(crate) fn watches(&self) -> bool {
        self.watcher().is_some()
    }

    /// Finds out when to look at a document again, by what is due in it.
    pub(crate) fn schedule(&mut self, doc: ActId, history: &History, dues: &[DueItem], now: Millis) {
        let Some(unit) = self.watcher() else { return };
        let at = self.registry.now().on(now);
        let next = match (history.record().ticket(), at.calendar()) {
            (Some(ticket), Some(calendar)) => {
                let terms = at.settings();
                let raised = supervise::grounds(ticket, dues, unit, calendar, terms, now);
                if raised.is_empty() { supervise::next(ticket, dues, unit, calendar, terms, now) } else { Some(now) }
            }
            _ => None,
        };
        self.agenda.set(doc, next);
    }

    /// After a restart: everything that is under way is looked at once.
    pub(crate) fn plan(&mut self) -> Result<(), Fault> {
        if self.watcher().is_none() {
            return Ok(());
        }
        for state in [TicketState::AwaitingSignFor, TicketState::InProgress] {
            let filter = TicketFilter { state: Some(state.names().0.to_owned()), ..TicketFilter::default() };
            let mut after = None;
            loop {
                let (docs, next) = self.store.ticket_ids(&filter, after.as_ref())?;
                docs.into_iter().for_each(|doc| self.agenda.set(doc, Some(Millis::MIN)));
                if next.is_none() {
                    break;
                }
                after = next;
            }
        }
        Ok(())
    }
}
