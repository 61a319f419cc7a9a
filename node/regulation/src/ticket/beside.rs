//! What was lawful where it was made, and takes its place beside what others did meanwhile: facts, and what a recall crossed.

use super::handle::earliest;
use super::{
    Afterwards, Assignment, Finished, Late, LegalTerm, Part, Report, Resumed, Ticket, TicketState, Told, Tried,
};
use crate::act::{Body, Reached};
use crate::fact::{Fact, Level};
use crate::ids::{ActId, Millis, UnitId};
use crate::kind::Trait;

impl Ticket {
    /// Files what tells a fact under the unit and dispatch that it is of, whatever became of that; nothing takes it away (26:
    /// 如实记录). False of what decides something.
    pub(crate) fn file(&mut self, fact: &Fact) -> bool {
        if !fact.body.kind().has(Trait::Told) {
            return false;
        }
        let fact = &*self.timed(fact);
        match &fact.body {
            Body::SignFor => {
                if let Some(dispatch) = fact.answers {
                    self.signed(fact.author.unit, dispatch, fact);
                }
            }
            Body::Contact { .. } | Body::Progress { .. } => self.report(fact),
            Body::AssistFeedback => {
                if let Some(dispatch) = fact.answers {
                    self.each_part((fact.author.unit, dispatch), fact.when(), |own| {
                        earliest(&mut own.fed_back, fact.done())
                    });
                }
            }
            Body::SuperviseReply => {
                if let Some(supervision) = self.answered(fact) {
                    supervision.replied = Some(fact.done());
                }
            }
            Body::FollowUp { way, rating, reached, of } => self.follow_up((*of, *way), *rating, *reached, fact),
            Body::NotifyByPhone { unit } => self.told_by_phone(*unit, fact),
            Body::Urge => self.urges += 1,
            Body::Supplement { joined: Some(ticket), joins } => self.join(*ticket, joins.as_ref(), fact),
            Body::Attach { class, root, .. } if class.of_words() => self.attach_words(*root, fact),
            _ => {}
        }
        true
    }

    /// What was said or written is attached. The same file once more shows nothing that it has not shown, whoever attaches it: the
    /// recording of a hotline's call is no reply of the unit's.
    fn attach_words(&mut self, root: [u8; 32], fact: &Fact) {
        if self.words.contains(&root) {
            return;
        }
        if fact.author.level == Level::CityHotline {
            self.heard.push(fact.id);
            self.replied_in_writing = Some(fact.id);
        } else if let Ok(own) = self.part_of_mut(fact.author.unit) {
            own.words = Some(fact.id);
        } else {
            return;
        }
        self.words.push(root);
    }

    /// A unit, or somebody in the telephone for it, has signed for what it was given by that dispatch.
    pub(super) fn signed(&mut self, unit: UnitId, dispatch: ActId, fact: &Fact) {
        self.each_part((unit, dispatch), fact.when(), |own| earliest(&mut own.signed_for, fact.done()));
        let signed = self.lead().is_some_and(|lead| lead.signed_for.is_some());
        if signed && self.state == TicketState::AwaitingSignFor {
            self.state = TicketState::InProgress;
        }
    }

    /// A call reached a unit; one about a dispatch that it has lost meanwhile says nothing of a later one.
    pub(super) fn told_by_phone(&mut self, unit: UnitId, fact: &Fact) {
        if let Ok(own) = self.part_of_mut(unit)
            && own.dispatched_at <= fact.claimed_at
        {
            own.deliver(fact.when(), fact);
        }
    }

    /// Contact and progress. What a unit did on what it wrote down itself, before the city confirmed it, answers no dispatch.
    fn report(&mut self, fact: &Fact) {
        let (unit, (act, at)) = (fact.author.unit, fact.done());
        let dispatch = fact.answers.filter(|dispatch| self.part_by(unit, *dispatch).is_some());
        let told = Report::of(fact, dispatch);
        let Some(dispatch) = dispatch else {
            if self.registered_by == unit {
                self.reported_by(&told);
            }
            return;
        };
        if let Body::Contact { reached, .. } = &fact.body
            && !told.sent
        {
            let tried = Tried { act, at: fact.claimed_at, reached: *reached == Reached::Answered };
            self.each_part((unit, dispatch), at, |own| own.tries.push(tried));
        }
        if let Some(before) = self.closure.filter(|(_, closed)| at < *closed) {
            self.afterwards.push(Afterwards { act, at, before, what: Told::Work(told) });
            return;
        }
        self.count(act, Told::Work(told));
        let leads = self.lead().is_some_and(|lead| (lead.unit, lead.dispatch) == (unit, dispatch));
        if leads && matches!(fact.body, Body::Progress { .. }) {
            self.reports_to_meeting((act, at));
        }
        if let &Body::Progress { legal_due: Some(due), .. } = &fact.body
            && let Some(own) = self.part_by(unit, dispatch)
            && own.part == Part::Lead
        {
            own.legal = Some(LegalTerm { id: act, at, due });
        }
    }

    /// What was told counts for the part that it is of.
    fn count(&mut self, act: ActId, what: Told) {
        match what {
            Told::Work(report) => {
                if let Some(dispatch) = report.dispatch.filter(|_| report.call) {
                    self.each_part((report.unit, dispatch), report.done.1, |own| {
                        if !report.sent {
                            earliest(&mut own.first_contact, report.done);
                        }
                        own.told(report.done);
                    });
                }
                self.reported_by(&report);
            }
            Told::Rating(round) => {
                let Some(told) = self.follow_ups.iter_mut().find(|told| told.id == act) else { return };
                told.round = round;
                let (rating, at) = (told.rating, told.at);
                if self.closure.is_some() && round == self.round {
                    self.rated(rating, Finished { act, at, person: None });
                }
            }
        }
    }

    /// What came after the closing was settled counts once the hub, or an officer of the city, finds that it was before.
    pub(super) fn witnessed_as_earlier(&mut self, late: &Late) {
        let Some(place) = self.afterwards.iter().position(|told| told.act == late.act) else { return };
        // Its time lies within what was witnessed already.
        let Afterwards { act, at, before: (_, before), what } = self.afterwards[place];
        let believed = late.decided.unwrap_or(late.offline && late.clock_good);
        if late.received_at < before || believed && at < before {
            self.afterwards.remove(place);
            self.count(act, what);
        }
    }

    /// A unit's part under that dispatch, in force or not.
    fn part_by(&mut self, unit: UnitId, dispatch: ActId) -> Option<&mut Assignment> {
        self.assignments.iter_mut().find(|a| a.unit == unit && a.dispatch == dispatch)
    }

    /// A unit's part under that dispatch, in force or not: what it did by then is of that part as it was when it was taken away,
    /// and of the one by which the unit was given the ticket again.
    fn each_part(&mut self, (unit, dispatch): (UnitId, ActId), at: Millis, mut file: impl FnMut(&mut Assignment)) {
        let Some(own) = self.part_by(unit, dispatch) else { return };
        file(own);
        let Some(closer) = own.closed_by else { return };
        let given = |resumed: Resumed| resumed.by == closer && at <= resumed.away_from;
        let again = |a: &&mut Assignment| a.unit == unit && a.resumed.is_some_and(given);
        self.assignments.iter_mut().filter(again).for_each(&mut file);
        if let Some(then) = self.taken_away(closer, (unit, dispatch), at) {
            file(then);
        }
    }

    /// What the ticket would be without the recall that a completion crossed: the only unit that had it had done the work.
    /// Nothing where anything was dispatched since the recall, the unit is kept out, or it is no such completion.
    pub(crate) fn uncrossed(&self, fact: &Fact) -> Option<Self> {
        if !matches!(fact.body, Body::Complete { .. }) {
            return None;
        }
        let id = self.taken_back?;
        let stood = self.ended_by(id)?;
        let (unit, dispatch) = (fact.author.unit, fact.answers);
        let own =
            |a: &&Assignment| (a.unit, Some(a.dispatch), a.part, a.closed_by) == (unit, dispatch, Part::Lead, Some(id));
        let by = self.assignments.iter().find(own).map(|a| a.by).filter(|_| !self.recused.contains(&unit))?;
        let mut before = self.clone();
        // A county that took it back leads since.
        match (self.state, before.lead_mut()) {
            (TicketState::AwaitingDispatch, None) => {}
            (TicketState::InProgress, Some(county)) if county.unit == by => {
                (county.part, county.back) = (Part::Outer, None);
            }
            _ => return None,
        }
        for part in before.assignments.iter_mut().filter(|a| a.closed_by == Some(id)) {
            part.closed_by = None;
        }
        (before.reported, before.state) = (stood.reported(), TicketState::InProgress);
        before.stood.retain(|stood| stood.by != id);
        before.taken_back = None;
        before.takers.retain(|taken| taken.id != id);
        Some(before)
    }
}
