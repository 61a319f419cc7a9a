//! Who must do what on a ticket, step by step: the hotline, each unit with a part, and whoever is asked for something.

use super::clock::{Done, done};
use super::finish::asked_of;
use super::{DueItem, DueKind, Dues, Length};
use crate::act::{Finding, SuperviseLevel};
use crate::ids::UnitId;
use crate::rule::Article;
use crate::ticket::{Assignment, Late, Part, PauseWhy, Ticket, TicketState};

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
            let met = taken_in.map(|at| (None, at));
            self.days(DueKind::Confirm, city, start, terms.confirm_wd, Article(15, 0), met);
        }
        if let Some(start) = taken_in
            && ticket.answer.is_none()
        {
            let first = ticket.assignments.first().map(|first| (Some(first.dispatch), first.dispatched_at));
            let length = Length::Minutes(terms.dispatch_minutes);
            self.items.push(self.clock.item(DueKind::Dispatch, city, start, length, Article(16, 2), first));
        }
    }

    /// What the city hotline does last: follow up, look again at a refusal, archive.
    pub(super) fn closing(&mut self) {
        let (ticket, terms) = (self.ticket, self.terms);
        let city = self.city();
        if let Some((_, closed)) = ticket.closure {
            let met = followed_up(ticket);
            self.days(DueKind::FollowUp, city, closed, terms.follow_up_wd, Article(26, 0), met);
        }
        if let (Some((ended, _)), None) = (ticket.finished, ticket.archived) {
            // What ended before it was written down, as an imported one did, is filed from then on.
            let start = ended.max(ticket.registered_at);
            if ticket.state == TicketState::Rejected {
                self.days(DueKind::RefusalReview, city, start, terms.refusal_review_wd, Article(12, 0), None);
            }
            self.days(DueKind::Archive, city, start, filing(terms), Article(28, 0), None);
        }
    }

    /// What a unit must do under an assignment in force, and what the hotline that dispatched must decide on it.
    pub(super) fn assignment(&mut self, assignment: &Assignment) {
        let (ticket, terms) = (self.ticket, self.terms);
        let mut sign_for = self.clock.sign_for(assignment);
        sign_for.provisional |= sign_for.met_at.is_none() && self.waits_for_return(assignment);
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
                self.items.push(finish);
                self.tell(assignment);
                self.asked_for(assignment);
            }
            Part::Assisting => self.feedback(assignment),
        }
        if let (Some((start, _)), None) = (ticket.finished, assignment.archived) {
            self.days(DueKind::Archive, unit, start, filing(terms), Article(28, 0), None);
        }
        for supervision in ticket.supervised().filter(|s| s.concerns(assignment)) {
            let days = match supervision.level {
                SuperviseLevel::Urge => terms.supervise_reply_1_wd,
                SuperviseLevel::Supervise => terms.supervise_reply_2_wd,
                SuperviseLevel::Special => terms.supervise_reply_3_wd,
            };
            let met = supervision.replied_at.map(|at| (None, at));
            self.days(DueKind::SuperviseReply, unit, supervision.at, days, Article(25, 0), met);
        }
    }

    /// The first report on urgent help, from when the unit had it, or it became urgent.
    fn urgent(&mut self, assignment: &Assignment, sign_for: &DueItem) {
        let ticket = self.ticket;
        if !ticket.urgent() {
            return;
        }
        // Its own report, or of whomever it sent the ticket on to since, also if that one has lost it meanwhile.
        let own = |a: &Assignment| a.dispatch == assignment.dispatch && a.unit == assignment.unit;
        let since = ticket.assignments.iter().skip_while(|a| !own(a));
        let reported = since.filter_map(|a| a.first_report).min_by_key(|(_, at)| *at);
        let start = ticket.urgent_since.map_or(sign_for.start, |since| since.max(sign_for.start));
        let (unit, length) = (assignment.unit, Length::Hours(self.terms.urgent_hours));
        let mut urgent = self.clock.item(DueKind::Urgent, unit, start, length, Article(21, 3), done(reported));
        urgent.provisional |= sign_for.provisional;
        self.items.push(urgent);
    }

    fn lead(&mut self, lead: &Assignment, sign_for: &DueItem) {
        let (ticket, terms) = (self.ticket, self.terms);
        let unit = lead.unit;
        self.urgent(lead, sign_for);
        let may_ask = matches!(ticket.state, TicketState::AwaitingSignFor | TicketState::InProgress);
        if lead.return_asked_at.is_some() || (may_ask && !lead.designated) {
            let met = lead.return_asked_at.map(|at| (None, at));
            let item = self.return_due(lead, met);
            self.items.push(item);
        }
        if let Some((_, signed)) = lead.signed_for {
            let met = done(lead.first_contact);
            let days = terms.contact_wd + self.returning(lead, signed);
            self.days(DueKind::Contact, unit, signed, days, Article(19, 0), met);
        }
        let finish = self.finish(lead, sign_for);
        self.items.push(finish);
        self.rework(lead);
        self.reports(lead, sign_for);
        self.decisions(lead);
        let bad = ticket.bad_rating().and_then(|id| ticket.follow_ups.iter().find(|follow_up| follow_up.id == id));
        if let Some(rating) = bad {
            let start = ticket.objected.map_or(rating.at, |at| at.max(rating.at));
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

    /// What was sent back for its form alone keeps its time, and is put right in some days all the same (24).
    fn rework(&mut self, lead: &Assignment) {
        let sent_back = lead.pauses.iter().rev().find(|pause| pause.why == PauseWhy::Review);
        if let (Some(_), None, Some(back)) = (self.ticket.reported, self.ticket.completion, sent_back) {
            self.days(DueKind::Rework, lead.unit, back.to, self.terms.rework_wd, Article(24, 0), None);
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
        let met = assignment.fed_back.map(|at| (None, at));
        let (start, length) = (assignment.dispatched_at, Length::Until(finish.due));
        let item = self.clock.item(DueKind::Feedback, assignment.unit, start, length, Article(17, 0), met);
        let provisional = finish.provisional || !assignment.arrived();
        self.items.push(DueItem { provisional, ..item });
    }

    /// What is reported on the way where the usual term does not do: a statutory term, or that nothing can be done yet.
    fn reports(&mut self, lead: &Assignment, sign_for: &DueItem) {
        let (ticket, terms) = (self.ticket, self.terms);
        let start = self.handled_from(lead, sign_for);
        let days = terms.progress_wd + self.returning(lead, start);
        let legal = lead.legal.map(|legal| (legal.id, legal.at, Article(21, 6)));
        let deferral = ticket.deferral.map(|deferral| (deferral.id, deferral.at, Article(21, 7)));
        for (id, at, article) in legal.into_iter().chain(deferral) {
            self.days(DueKind::Progress, lead.unit, start, days, article, Some((Some(id), at)));
        }
        if let Some((deferral, review_at)) = ticket.deferral.and_then(|d| Some((d, d.review_at?))) {
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
        if let Some((decided, told)) = assignment.tell {
            let met = told.map(|at| (None, at));
            self.days(DueKind::Tell, assignment.unit, decided, self.terms.tell_wd, Article(22, 0), met);
        }
    }

    /// What others must decide before the unit can go on.
    fn decisions(&mut self, lead: &Assignment) {
        let (ticket, terms) = (self.ticket, self.terms);
        self.asked_for(lead);
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
            self.days(DueKind::ReturnReview, by, start, terms.review_wd, Article(18, 0), None);
        }
        if let Some(asked) = assignment.extension {
            let start = self.clock.heard(asked.id, asked.at);
            self.days(DueKind::ExtensionReview, by, start, terms.review_wd, Article(22, 0), None);
        }
        if let Some(legal) = assignment.legal.filter(|legal| !legal.confirmed) {
            let start = self.clock.heard(legal.id, legal.at);
            self.days(DueKind::TimeReview, by, start, terms.time_review_wd, Article(21, 6), None);
        }
    }

    /// Some due hangs on when this act was made, and nobody has decided.
    fn in_dispute(&self, late: &Late) -> bool {
        let met = |item: &DueItem| item.met_by == Some(late.act) && item.met_at.is_some() && item.in_time().is_none();
        let asked = self.ticket.in_force().flat_map(asked_of).filter(|(act, _)| *act == late.act);
        self.items.iter().any(met) || self.unsure(asked)
    }
}

/// When the requester was reached, or had been tried often enough, in this round.
fn followed_up(ticket: &Ticket) -> Done {
    if ticket.state == TicketState::AwaitingFollowUp {
        return None;
    }
    let mut of_round = ticket.follow_ups.iter().filter(|follow_up| follow_up.round == ticket.round);
    let reached = of_round.clone().find(|follow_up| follow_up.rating.is_some());
    reached.or(of_round.next_back()).map(|follow_up| (Some(follow_up.id), follow_up.at))
}

const fn filing(terms: &super::Terms) -> u32 {
    if terms.edition().files_in_twice_the_term() { 2 * terms.archive_wd } else { terms.archive_wd }
}
