//! Who must do what on a ticket, step by step: the hotline, each unit with a part, and whoever is asked for something.

use super::clock::{Done, done};
use super::finish::asked_of;
use super::item::{HOUR_MS, MINUTE_MS};
use super::{DueItem, DueKind, Dues, Length};
use crate::act::{Finding, RequestKind, SuperviseLevel};
use crate::ids::{ActId, Millis, UnitId};
use crate::rule::Article;
use crate::ticket::{Assignment, Governs, Late, Part, Reach, Report, TicketState};

impl Dues<'_> {
    /// The city hotline, once it took the ticket in; whoever wrote it down until then.
    fn city(&self) -> UnitId {
        self.ticket.taken_in.map_or(self.ticket.registered_by, |taken_in| taken_in.unit)
    }

    /// What the city hotline does first: confirm what a unit wrote down, dispatch.
    pub(super) fn intake(&mut self) {
        let (ticket, terms) = (self.ticket, self.terms);
        let city = self.city();
        let taken_in = ticket.taken_in.map(|taken_in| taken_in.at);
        if ticket.by_proxy() {
            // What a unit wrote down out of reach nobody could confirm before it came.
            let start = self.clock.heard(ticket.registered, ticket.registered_at);
            let met = ticket.taken_in.map(|taken_in| (Some(taken_in.id), taken_in.at));
            self.days(DueKind::Confirm, city, start, terms.confirm_wd, Article(15, 0), met);
        }
        if let Some(start) = taken_in
            && ticket.answer.is_none()
            && ticket.register.kind != RequestKind::Praise
        {
            let first = ticket.assignments.first().map(|first| (Some(first.dispatch), first.dispatched_at));
            self.dispatch_due(start, first);
            // What nobody has any more is given to somebody again, as soon.
            let taken = ticket.taken_back.filter(|_| ticket.lead().is_none());
            if let Some(taken) = taken.and_then(|act| ticket.stood.iter().find(|stood| stood.by == act)) {
                self.dispatch_due(self.clock.heard(taken.by, taken.at), None);
            }
        }
    }

    /// The hotline dispatches in so many minutes; those in which the ticket was merged do not count, unless it was late by then.
    fn dispatch_due(&mut self, mut start: Millis, met: Done) {
        let minutes = self.terms.dispatch_minutes;
        for aside in &self.ticket.put_aside {
            if aside.from < start.saturating_add(i64::from(minutes) * MINUTE_MS) {
                start = start.saturating_add(aside.to.saturating_sub(aside.from.max(start)).max(0));
            }
        }
        let (city, length) = (self.city(), Length::Minutes(minutes));
        self.items.push(self.clock.item(DueKind::Dispatch, city, start, length, Article(16, 2), met));
    }

    /// What the city hotline does last: follow up, look again at a refusal, archive.
    pub(super) fn closing(&mut self) {
        let (ticket, terms) = (self.ticket, self.terms);
        let city = self.city();
        if let Some((_, closed)) = ticket.closure {
            let met = done(ticket.asking_ended());
            self.days(DueKind::FollowUp, city, closed, terms.follow_up_wd, Article(26, 0), met);
        }
        for appeal in ticket.appeals_waiting() {
            let start = self.clock.heard(appeal.id, appeal.at);
            self.days(DueKind::AppealReview, city, start, terms.appeal_review_wd, Article(38, 0), None);
        }
        if let Some((withdrawn, ended)) = self.sampled() {
            let asked = ticket.follow_ups.iter().find(|follow_up| follow_up.at >= ended && !follow_up.sent);
            let met = asked.map(|follow_up| (Some(follow_up.id), follow_up.at));
            let start = self.clock.heard(withdrawn, ended);
            self.days(DueKind::FollowUp, city, start, terms.follow_up_wd, Article(26, 0), met);
        }
        if let (Some(finished), None) = (ticket.finished, ticket.archived) {
            // What ended before it was written down, as an imported one did, is filed from then on.
            let start = finished.at.max(ticket.registered_at);
            let start = ticket.unarchived.map_or(start, |(_, at)| at.max(start));
            if ticket.state == TicketState::Rejected {
                self.days(DueKind::RefusalReview, city, start, terms.refusal_review_wd, Article(12, 0), None);
            }
            self.days(DueKind::Archive, city, start, filing(terms), Article(28, 0), None);
        }
    }

    /// What the requester withdrew after a unit had it, if it is one of those that he is asked about. Which these are hangs on the
    /// id of the act, which nobody knows before it is made.
    fn sampled(&self) -> Option<(ActId, Millis)> {
        let ticket = self.ticket;
        let had = ticket.withdrawn() && !ticket.assignments.is_empty();
        let (id, ended) = ticket.answer.filter(|_| had).zip(ticket.finished.map(|finished| finished.at))?;
        let drawn = u32::from_be_bytes([id.0[0], id.0[1], id.0[2], id.0[3]]);
        (drawn % self.terms.withdrawn_sample.max(1) == 0).then_some((id, ended))
    }

    /// What a unit must do under an assignment in force, and what the hotline that dispatched must decide on it.
    pub(super) fn assignment(&mut self, assignment: &Assignment) {
        let (ticket, terms) = (self.ticket, self.terms);
        let sign_for = self.sign_for(assignment);
        let (unit, start) = (assignment.unit, sign_for.start);
        self.items.push(sign_for.clone());
        if !assignment.arrived() {
            let minutes = if ticket.urgent() { terms.undelivered_urgent_minutes } else { terms.undelivered_minutes };
            let (by, length) = (ticket.decider(assignment.by), Length::Minutes(minutes));
            self.items.push(self.clock.item(DueKind::Deliver, by, start, length, Article(21, 1), None));
        }
        match assignment.part {
            Part::Lead => self.lead(assignment, &sign_for),
            // A county answers towards the city for what it sent on, hop by hop.
            Part::Outer => {
                self.urgent(assignment, &sign_for);
                let finish = self.finish(assignment, &sign_for);
                self.items.extend(finish);
                self.tell(assignment);
                self.asked_for(assignment);
            }
            Part::Assisting => self.feedback(assignment),
        }
        if let (Some(finished), None) = (ticket.finished, assignment.archived) {
            self.days(DueKind::Archive, unit, finished.at, filing(terms), Article(28, 0), None);
        }
        for supervision in ticket.supervised().filter(|s| s.concerns(assignment)) {
            let days = match supervision.level {
                SuperviseLevel::Urge => terms.supervise_reply_1_wd,
                SuperviseLevel::Supervise => terms.supervise_reply_2_wd,
                SuperviseLevel::Special => terms.supervise_reply_3_wd,
            };
            let met = done(supervision.replied);
            self.days(DueKind::SuperviseReply, unit, supervision.at, days, Article(25, 0), met);
        }
    }

    /// The first report on urgent help, from when the unit had it, or it became urgent: of each alarm. Who has it to handle is
    /// disputed meanwhile or not: a return that was asked for stops nothing here.
    fn urgent(&mut self, assignment: &Assignment, sign_for: &DueItem) {
        let ticket = self.ticket;
        // Its own report, or of whomever it sent the ticket on to since, also if that one has lost it meanwhile; and what it
        // did before anybody dispatched it.
        let own = |a: &Assignment| a.dispatch == assignment.dispatch && a.unit == assignment.unit;
        let since: Vec<&Assignment> = ticket.assignments.iter().skip_while(|a| !own(a)).collect();
        // What it did before the ticket was taken from it and given back is its own as well.
        let before = |report: &Report| assignment.resumed.is_some() && report.unit == assignment.unit;
        let answers = |report: &&Report| match report.dispatch {
            _ if before(report) => true,
            Some(dispatch) => since.iter().any(|a| (a.dispatch, a.unit) == (dispatch, report.unit)),
            None => report.unit == assignment.unit,
        };
        let given = (assignment.dispatch, assignment.dispatched_at);
        let term = i64::from(self.terms.urgent_hours) * HOUR_MS;
        // What had passed of the two hours when the city found that it is urgent no more, of an alarm that nobody has answered.
        let mut passed = 0;
        for alarm in ticket.alarms.iter().filter(|alarm| alarm.of_help && alarm.charges(assignment.unit)) {
            // What was done on the scene is not asked of the next one.
            let seen = |report: &Report| report.on_scene && report.done.1 <= given.1 && !answers(&report);
            if alarm.reports.iter().any(seen) {
                continue;
            }
            let reported = alarm.reports.iter().filter(answers).map(|report| report.done).min_by_key(|(_, at)| *at);
            let mut start = alarm.raised.1.max(sign_for.start);
            // Said again, it goes on where it was, with a quarter of the time at least: nobody renews it by two words.
            start = start.saturating_sub(passed.min(term - term / 4));
            // What the unit did not have meanwhile it could not report on.
            let away = assignment.pauses.iter().filter(|pause| pause.why.gone()).copied();
            for pause in away.chain(assignment.away()) {
                let over = pause.from >= start.saturating_add(term);
                let without = pause.to.saturating_sub(pause.from.max(start)).max(0);
                start = start.saturating_add(if over { 0 } else { without });
            }
            let (unit, length) = (assignment.unit, Length::Hours(self.terms.urgent_hours));
            let mut urgent = self.clock.item(DueKind::Urgent, unit, start, length, Article(21, 3), done(reported));
            let ended = alarm.ended.map(|(_, at)| at).filter(|_| reported.is_none());
            passed = ended.map_or(0, |at| at.saturating_sub(start).max(0));
            // Found not to be urgent before its time was over nothing was missed.
            if alarm.ended.is_some_and(|(_, at)| at < urgent.due) && urgent.met_at.is_none_or(|at| at >= urgent.due) {
                continue;
            }
            urgent.provisional |= !assignment.arrived();
            self.items.push(urgent);
        }
    }

    fn lead(&mut self, lead: &Assignment, sign_for: &DueItem) {
        let (ticket, terms) = (self.ticket, self.terms);
        let unit = lead.unit;
        self.urgent(lead, sign_for);
        let may_ask = matches!(ticket.state, TicketState::AwaitingSignFor | TicketState::InProgress);
        if lead.return_asked.is_some() || (may_ask && !lead.designated) {
            let met = done(lead.return_asked);
            let item = self.return_due(lead, met);
            self.items.push(item);
        }
        if let Some((_, signed)) = lead.signed_for {
            let met = done(lead.first_contact);
            let days = self.with_returns(lead, signed, terms.contact_wd);
            self.days(DueKind::Contact, unit, signed, days, Article(19, 0), met);
        }
        let finish = self.finish(lead, sign_for);
        self.items.extend(finish);
        self.rework(lead);
        self.meeting(lead);
        self.reports(lead, sign_for);
        self.decisions(lead);
        let bad = ticket.bad_rating().and_then(|id| ticket.follow_ups.iter().find(|follow_up| follow_up.id == id));
        if let Some(rating) = bad {
            // One that was brought in late is answered from when it came.
            let heard = self.clock.heard(rating.id, rating.at);
            let start = ticket.objected.map_or(heard, |(_, at)| at.max(heard));
            // Looked at is not answered, save where the unit says that it is for the city to answer.
            let wrong = rating.verified.filter(|verified| verified.finding == Finding::Wrong && verified.at >= start);
            let met = wrong.map(|verified| (Some(verified.id), verified.at));
            self.days(DueKind::Verify, unit, start, terms.verify_wd, Article(27, 0), met);
            if let Some(verified) = wrong {
                let (city, start) = (self.city(), self.clock.heard(verified.id, verified.at));
                self.days(DueKind::RatingReview, city, start, terms.review_wd, Article(27, 3), None);
            }
        }
    }

    /// What the joint meeting decided the lead reports on by the day that was named, no later than it can be (4). Whoever was
    /// given the ticket after that day had no such day, and once it is found closed nothing is left to be carried out.
    fn meeting(&mut self, lead: &Assignment) {
        let (ticket, most) = (self.ticket, self.terms.meeting_wd_max);
        for decision in ticket.meetings.iter().filter_map(|meeting| meeting.decided) {
            let due = decision.due.max(decision.at).min(self.clock.calendar.due(decision.at, most).due);
            let open = ticket.closure.is_none() && due > lead.clocks_from();
            if decision.met.is_some() || open {
                let (start, length) = (decision.at, Length::Until(due));
                let (what, met) = (DueKind::Meeting, done(decision.met));
                self.items.push(self.clock.item(what, lead.unit, start, length, Article(4, 0), met));
            }
        }
    }

    /// What was sent back for its form alone keeps its time, and is put right in some days all the same (24).
    fn rework(&mut self, lead: &Assignment) {
        let mended = self.ticket.reported.as_ref().map(|reported| &*reported.mended).unwrap_or_default();
        if let (Some(start), Some(due), None) = (mended.first(), self.mend_due(mended), self.ticket.completion) {
            let (start, length) = (start.back.1, Length::WorkingDays(self.terms.rework_wd));
            let item = self.clock.item(DueKind::Rework, lead.unit, start, length, Article(24, 0), None);
            self.items.push(DueItem { due, ..item });
        }
    }

    /// An assisting unit feeds the lead before the lead's own term ends (17).
    fn feedback(&mut self, assignment: &Assignment) {
        let Some(lead) = self.ticket.lead() else { return };
        if assignment.fed_back.is_none() && self.ticket.completion.is_some() {
            return;
        }
        let of_lead = |item: &&DueItem| item.what == DueKind::Finish && item.unit == lead.unit;
        let Some(finish) = self.items.iter().find(of_lead).cloned() else { return };
        let met = done(assignment.fed_back);
        let (start, length) = (assignment.dispatched_at, Length::Until(finish.due));
        let item = self.clock.item(DueKind::Feedback, assignment.unit, start, length, Article(17, 0), met);
        let provisional = finish.provisional || !assignment.arrived();
        self.items.push(DueItem { provisional, ..item });
    }

    /// What is reported on the way where the usual term does not do: a statutory term, or that nothing can be done yet.
    fn reports(&mut self, lead: &Assignment, sign_for: &DueItem) {
        let (ticket, terms) = (self.ticket, self.terms);
        let start = self.handled_from(lead, sign_for);
        let days = self.with_returns(lead, start, terms.progress_wd);
        let own = |governs: &&Governs| matches!(governs.reach, Reach::Whole | Reach::Within);
        let legal = lead.legal.or_else(|| lead.governs.iter().rev().find(own).map(|governs| governs.term));
        let legal = legal.map(|legal| (legal.id, legal.at, Article(21, 6)));
        let deferral = ticket.deferral.map(|deferral| (deferral.id, deferral.at, Article(21, 7)));
        for (id, at, article) in legal.into_iter().chain(deferral) {
            self.days(DueKind::Progress, lead.unit, start, days, article, Some((Some(id), at)));
        }
        if let Some((deferral, review_at)) = ticket.deferral.and_then(|d| Some((d, self.review_due(&d)?))) {
            let length = Length::Until(review_at);
            self.items.push(self.clock.item(
                DueKind::DeferReview,
                lead.unit,
                deferral.at,
                length,
                Article(21, 7),
                None,
            ));
        }
        self.tell(lead);
    }

    /// The requester hears what was decided on an extension.
    fn tell(&mut self, assignment: &Assignment) {
        if let Some(tell) = assignment.tell {
            let (_, decided) = tell.decided;
            self.days(DueKind::Tell, assignment.unit, decided, self.terms.tell_wd, Article(22, 0), done(tell.told));
        }
    }

    /// What others must decide before the unit can go on.
    fn decisions(&mut self, lead: &Assignment) {
        let (ticket, terms) = (self.ticket, self.terms);
        self.asked_for(lead);
        if let Some(waits) = ticket.deferral.filter(|deferral| deferral.agreed.is_none()) {
            let (city, start) = (self.city(), self.clock.heard(waits.id, waits.at));
            self.days(DueKind::DeferDecision, city, start, terms.defer_review_wd, Article(21, 7), None);
        }
        if let Some(escalation) = ticket.escalation {
            let start = self.clock.heard(escalation.id, escalation.at);
            self.days(DueKind::Opinion, escalation.to, start, terms.opinion_wd, Article(20, 0), None);
        }
        if let Some((id, at)) = ticket.completion {
            let start = self.clock.heard(id, at);
            self.days(
                DueKind::Closure,
                ticket.decider(lead.by),
                start,
                terms.review_wd,
                Article(24, 0),
                done(ticket.closure),
            );
        }
        if let Some(late) = ticket.late.iter().find(|late| self.in_dispute(late)) {
            let city = self.city();
            self.days(DueKind::TimeReview, city, late.received_at, terms.time_review_wd, Article(38, 0), None);
        }
    }

    /// What a unit, or a county that sent the ticket on, has asked the hotline above it for.
    fn asked_for(&mut self, assignment: &Assignment) {
        let (by, terms) = (self.ticket.decider(assignment.by), self.terms);
        if let Some((id, at)) = assignment.return_request {
            let start = self.clock.heard(id, at);
            // Duty disputes do not stop urgent help: they are decided at once, on any day.
            let length = if self.ticket.urgent() {
                Length::Minutes(terms.urgent_return_minutes)
            } else {
                Length::WorkingDays(terms.review_wd)
            };
            self.items.push(self.clock.item(DueKind::ReturnReview, by, start, length, Article(18, 0), None));
        }
        if let Some(asked) = assignment.extension {
            let by = self.ticket.extends(assignment, &asked);
            let start = self.clock.heard(asked.id, asked.at);
            self.days(DueKind::ExtensionReview, by, start, terms.review_wd, Article(22, 0), None);
        }
        if let Some(legal) = assignment.legal {
            let start = self.clock.heard(legal.id, legal.at);
            self.days(DueKind::TimeReview, by, start, terms.time_review_wd, Article(21, 6), None);
        }
    }

    /// Some due hangs on when this act was made, and nobody has decided.
    fn in_dispute(&self, late: &Late) -> bool {
        let met = |item: &DueItem| item.met_by == Some(late.act) && item.met_at.is_some() && item.in_time().is_none();
        let asked = self.ticket.in_force().flat_map(asked_of).filter(|(act, _)| *act == late.act);
        self.items.iter().any(met) || self.decided_by(asked).is_some()
    }
}

const fn filing(terms: &super::Terms) -> u32 {
    if terms.edition().files_in_twice_the_term() { 2 * terms.archive_wd } else { terms.archive_wd }
}
