//! When something counts as done (`[D]`): what somebody says of the past counts within what can be, from the act that it
//! answers, or the first contact, to the act's own time; and once the city hub has witnessed when it came, within that.

use std::borrow::Cow;

use super::{Afterwards, Assignment, Deferral, Late, Ticket, Told};
use crate::fact::Fact;
use crate::ids::{ActId, Millis, UnitId};

impl Ticket {
    /// The act with the time that counts. What was done before it was possible counts from when it was.
    pub(super) fn timed<'f>(&self, fact: &'f Fact) -> Cow<'f, Fact> {
        let counts = fact.when().max(self.earliest(fact)).min(fact.claimed_at);
        if counts == fact.when() {
            return Cow::Borrowed(fact);
        }
        Cow::Owned(Fact { happened_at: Some(counts), ..fact.clone() })
    }

    /// Before when this cannot have been done, by what the ticket itself shows: the act that it answers, or that the requester
    /// had been in touch.
    #[must_use]
    pub fn earliest(&self, fact: &Fact) -> Millis {
        let first_contact = self.register.raised_at.min(self.registered_at);
        fact.answers
            .and_then(|act| self.time_of(act, fact.author.unit))
            .map_or(first_contact, |at| at.max(first_contact))
    }

    /// When an act that can be answered was made; of a dispatch, when the present round of that unit began.
    fn time_of(&self, act: ActId, unit: UnitId) -> Option<Millis> {
        let of_part = |a: &Assignment| {
            let asked = a.return_request.filter(|(id, _)| *id == act).map(|(_, at)| at);
            let extension = a.extension.filter(|asked| asked.id == act).map(|asked| asked.at);
            let legal = a.legal.filter(|legal| legal.id == act).map(|legal| legal.at);
            let own = || a.again.map_or(a.dispatched_at, |(_, at)| at.max(a.dispatched_at));
            asked.or(extension).or(legal).or_else(|| (a.dispatch == act && a.unit == unit).then(own))
        };
        let made = self.assignments.iter().map(|a| (a.dispatch, a.dispatched_at));
        let pairs = [self.completion, self.closure, self.objected];
        let mut found = pairs.into_iter().flatten().find(|(id, _)| *id == act).map(|(_, at)| at);
        found = found.or_else(|| self.assignments.iter().rev().find_map(of_part));
        found = found.or_else(|| made.into_iter().find(|(id, _)| *id == act).map(|(_, at)| at));
        found = found.or_else(|| self.follow_ups.iter().find(|f| f.id == act).map(|f| f.at));
        found = found.or_else(|| self.closings_before().find(|(id, _)| *id == act).map(|(_, at)| at));
        found = found.or_else(|| self.supervisions.iter().find(|s| s.id == act).map(|s| s.at));
        found = found.or_else(|| self.escalation.filter(|e| e.id == act).map(|e| e.at));
        found = found.or_else(|| self.deferral.filter(|d| d.id == act).map(|d| d.at));
        // The answer, the explanation, the merge: what a ticket ended with.
        found.or_else(|| self.finished.filter(|finished| finished.act == act).map(|finished| finished.at))
    }

    /// The city hub has witnessed when an act was made: whatever rests on its time is moved into that. When it was received is
    /// the surer of the two.
    pub(super) fn count_as_seen(&mut self, late: &Late) {
        self.each_time(&mut |act, at| {
            if act == late.act {
                *at = late.counts(*at);
            }
        });
    }

    /// Shows each time that something hangs on, with the act that says it.
    fn each_time(&mut self, see: &mut dyn FnMut(ActId, &mut Millis)) {
        see(self.registered, &mut self.registered_at);
        self.register.raised_at = self.register.raised_at.min(self.registered_at);
        let pairs =
            [&mut self.completion, &mut self.closure, &mut self.objected, &mut self.filed, &mut self.unarchived];
        pairs.into_iter().flatten().for_each(|(act, at)| see(*act, at));
        self.reported.iter_mut().for_each(|reported| reported.each_time(see));
        self.taken_in.iter_mut().for_each(|taken_in| see(taken_in.id, &mut taken_in.at));
        self.escalation.iter_mut().for_each(|escalation| see(escalation.id, &mut escalation.at));
        self.deferral.iter_mut().for_each(|deferral| deferral.each_time(see));
        self.finished.iter_mut().for_each(|finished| see(finished.act, &mut finished.at));
        for follow_up in &mut self.follow_ups {
            see(follow_up.id, &mut follow_up.at);
            follow_up.verified.iter_mut().for_each(|verified| see(verified.id, &mut verified.at));
        }
        for supervision in &mut self.supervisions {
            see(supervision.id, &mut supervision.at);
            let pairs = [&mut supervision.replied, &mut supervision.released];
            pairs.into_iter().flatten().for_each(|(act, at)| see(*act, at));
        }
        self.joined.iter_mut().for_each(|joined| see(joined.by, &mut joined.at));
        self.reclassified.iter_mut().for_each(|corrected| see(corrected.id, &mut corrected.at));
        self.alarms.iter_mut().for_each(|alarm| alarm.each_time(see));
        self.assignments.iter_mut().for_each(|assignment| assignment.each_time(see));
        self.stood.iter_mut().for_each(|stood| stood.each_time(see));
        for aside in &mut self.put_aside {
            see(aside.act, &mut aside.from);
            see(aside.by, &mut aside.to);
        }
        self.meetings.iter_mut().for_each(|meeting| meeting.each_time(see));
        self.appeals.iter_mut().for_each(|appeal| see(appeal.id, &mut appeal.at));
        self.afterwards.iter_mut().for_each(|told| told.each_time(see));
    }
}

impl Assignment {
    pub(super) fn each_time(&mut self, see: &mut dyn FnMut(ActId, &mut Millis)) {
        see(self.dispatch, &mut self.dispatched_at);
        let pairs = [
            &mut self.signed_for,
            &mut self.first_contact,
            &mut self.return_request,
            &mut self.return_asked,
            &mut self.back,
            &mut self.again,
            &mut self.fed_back,
        ];
        pairs.into_iter().flatten().for_each(|(act, at)| see(*act, at));
        // Of a county's call the city's word counts: see `told_late`.
        if let (Some(call), Some(at), None) = (self.called, &mut self.delivered_at, self.delivered_by) {
            see(call, at);
        }
        for pause in &mut self.pauses {
            see(pause.act, &mut pause.from);
            see(pause.by, &mut pause.to);
            if let Some(agreed) = &mut pause.agreed {
                see(agreed.by, &mut agreed.at);
                pause.to = agreed.until.min(pause.to);
            }
        }
        self.tries.iter_mut().for_each(|tried| see(tried.act, &mut tried.at));
        for carried in &mut self.carried {
            see(carried.by, &mut carried.at);
            see(carried.since.0, &mut carried.since.1);
        }
        self.extension.iter_mut().for_each(|asked| see(asked.id, &mut asked.at));
        for granted in &mut self.extensions {
            see(granted.asked, &mut granted.asked_at);
            see(granted.since.0, &mut granted.since.1);
        }
        self.legal.iter_mut().for_each(|legal| see(legal.id, &mut legal.at));
        for governs in &mut self.governs {
            see(governs.term.id, &mut governs.term.at);
            see(governs.since.0, &mut governs.since.1);
        }
        if let Some(tell) = &mut self.tell {
            see(tell.decided.0, &mut tell.decided.1);
            tell.told.iter_mut().for_each(|(act, at)| see(*act, at));
        }
    }
}

impl Deferral {
    pub(super) fn each_time(&mut self, see: &mut dyn FnMut(ActId, &mut Millis)) {
        see(self.id, &mut self.at);
        self.agreed.iter_mut().for_each(|agreed| see(agreed.by, &mut agreed.at));
    }
}

impl Afterwards {
    fn each_time(&mut self, see: &mut dyn FnMut(ActId, &mut Millis)) {
        see(self.act, &mut self.at);
        see(self.before.0, &mut self.before.1);
        if let Told::Work(report) = &mut self.what {
            see(report.done.0, &mut report.done.1);
        }
    }
}

impl Late {
    /// When it counts as done, if it says so.
    #[must_use]
    pub fn counts(&self, claimed: Millis) -> Millis {
        claimed.max(self.not_before).min(self.received_at)
    }
}
