//! Rounds of handling that were found closed: each counts in its own period, whatever was begun afterwards.

use super::Life;
use crate::ids::{ActId, Millis};
use crate::terms::{DueItem, DueKind};
use crate::ticket::{Assignment, Part, Ticket};

/// A round that was found closed.
#[derive(Clone, Copy)]
pub(super) struct Closed<'a> {
    /// As it stood when the round ended, or stands.
    pub ticket: &'a Ticket,
    pub dues: &'a [DueItem],
    /// Who led it.
    pub lead: &'a Assignment,
    /// The closure.
    pub act: ActId,
    pub at: Millis,
    /// The act that began the next round.
    pub until: Option<ActId>,
}

impl<'a> Closed<'a> {
    fn of(ticket: &'a Ticket, dues: &'a [DueItem], until: Option<ActId>) -> Option<Self> {
        let ((act, at), lead) = ticket.closure.zip(ticket.lead())?;
        Some(Self { ticket, dues, lead, act, at, until })
    }

    /// Whether that part led it.
    pub fn led_by(&self, part: &Assignment) -> bool {
        (self.lead.dispatch, self.lead.unit) == (part.dispatch, part.unit)
    }

    /// What of that sort was due of the unit that led.
    pub fn due(&self, what: DueKind) -> Option<&'a DueItem> {
        self.all(what).next()
    }

    /// All of that sort.
    pub fn all(&self, what: DueKind) -> impl Iterator<Item = &'a DueItem> + use<'a> {
        let unit = self.lead.unit;
        self.dues.iter().filter(move |item| item.what == what && item.unit == unit)
    }

    /// Whether that part assisted in it.
    pub fn assisted_by(&self, part: &Assignment) -> bool {
        let same = |own: &Assignment| (own.dispatch, own.unit) == (part.dispatch, part.unit);
        self.ticket.in_force().any(|own| own.part == Part::Assisting && same(own))
    }
}

impl Life<'_> {
    /// The rounds that were found closed, oldest first.
    pub(super) fn closed(&self) -> Vec<Closed<'_>> {
        let past = self.past.iter().filter_map(|past| Closed::of(&past.ticket, &past.dues, Some(past.by)));
        past.chain(Closed::of(self.ticket, self.dues, None)).collect()
    }
}
