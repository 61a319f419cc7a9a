//! 更正登记类别 (15): the kind of a request, that it is confidential, that no name was given.
//!
//! The kind decides terms, standards of closure and figures, so nobody corrects it who has a part in the ticket, and nobody
//! once a round was found closed: a rating is not moved between kinds, nor a ticket out of the figures.

use super::{Charges, Ticket, TicketState};
use crate::act::{Body, RequestKind};
use crate::fact::{Fact, Level};
use crate::ids::{ActId, Millis};
use crate::rule::{Broken, Rule};

/// A kind that was corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reclassified {
    /// The act.
    pub id: ActId,
    /// When.
    pub at: Millis,
    /// The kind before it.
    pub before: RequestKind,
}

impl Ticket {
    pub(super) fn reclassify(&mut self, fact: &Fact) -> Result<(), Broken> {
        let Body::Reclassify { kind, confidential, anonymous } = fact.body else { return Ok(()) };
        let city = fact.author.level == Level::CityHotline;
        match confidential {
            None if kind.is_none() && anonymous.is_none() => return Err(Rule::EffectMissing.into()),
            // Who is protected hangs on nothing that may come too late.
            Some(_) if kind.is_some() || anonymous.is_some() => return Err(Rule::OneCorrection.into()),
            Some(false) if !city => return Err(Rule::CityOnly.because(self.dispatch())),
            Some(confidential) => {
                self.register.confidential = confidential;
                return Ok(());
            }
            None => {}
        }
        if let Some(own) = self.part_of(fact.author.unit) {
            return Err(Rule::OwnKind.because(Some(own.dispatch)));
        }
        if let Some(ended) = self.over() {
            return Err(Rule::KindSettled.because(ended));
        }
        // What somebody has had to handle is assessed.
        if kind == Some(RequestKind::Praise) && !self.assignments.is_empty() {
            return Err(Rule::NotPraise.because(self.dispatch()));
        }
        if let Some(kind) = kind {
            self.change_kind(kind, fact);
        }
        if let Some(anonymous) = anonymous {
            // Found to be nameless afterwards, the requester is asked as often as anybody: one call in vain ends nothing.
            self.named |= !self.register.anonymous;
            self.register.anonymous = anonymous;
        }
        Ok(())
    }

    /// What settled the kind: a round that was found closed, or the end of the ticket.
    fn over(&self) -> Option<Option<ActId>> {
        let closed = || self.closure.map(|(id, _)| id).or_else(|| self.closings_before().last().map(|(id, _)| id));
        let ended = self.ended() || self.state == TicketState::Archived;
        (ended || self.closed_round().is_some()).then(|| self.answer.or_else(closed))
    }

    fn change_kind(&mut self, kind: RequestKind, fact: &Fact) {
        let before = self.register.kind;
        if before == kind {
            return;
        }
        self.reclassified.push(Reclassified { id: fact.id, at: fact.when(), before });
        self.register.kind = kind;
        // Whoever tips off is protected unless the city finds that he wants it otherwise (13).
        self.register.confidential |= kind == RequestKind::TipOff;
        // Two hours are for urgent help alone: what was missed of them stays missed, and they begin where it turns out to be help.
        for alarm in self.alarms.iter_mut().filter(|alarm| alarm.ended.is_none()) {
            alarm.ended = Some(fact.done());
        }
        if self.urgent() {
            self.alarm(Charges::All, fact);
        }
    }
}
