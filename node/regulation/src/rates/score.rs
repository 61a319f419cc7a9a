//! What one ticket adds to the figures of the units that had it, and what of it does not count.

use std::ops::Range;

use super::{ByAct, Excluded, Exclusion, Leaves, Tally};
use crate::act::{Body, Satisfaction, Solved};
use crate::calendar::Calendar;
use crate::fact::Fact;
use crate::ids::{ActId, Millis, UnitId};
use crate::kind::ActKind;
use crate::terms::{self, DueItem, DueKind, DueVerdict, Terms};
use crate::ticket::{Assignment, Part, Supervision, Ticket};

/// A ticket with the acts that made it what it is.
#[derive(Clone, Copy, Debug)]
pub struct Life<'a> {
    /// What they come to.
    pub ticket: &'a Ticket,
    /// Its effective acts, in the order in which they took effect.
    pub acts: &'a [&'a Fact],
    /// What is due on it, under the rules that hold for it.
    pub dues: &'a [DueItem],
    /// The act by which the city let it go as an honest error (容错, 41), if it did.
    pub tolerated: Option<ActId>,
}

/// What a ticket adds for a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The unit.
    pub unit: UnitId,
    /// A unit wrote the ticket down itself: shown apart, so that nobody rates what he chose to write down.
    pub apart: bool,
    /// What it adds.
    pub tally: Tally,
}

/// What a ticket comes to in a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// By unit; a unit that had it twice is there twice.
    pub entries: Vec<Entry>,
    /// What does not count.
    pub excluded: Vec<Excluded>,
}

/// What a ticket adds to the figures of a period. A closure counts in the period of the last one, for the unit that led
/// in the end (38); what never came to a closure is left out in the period in which that was decided.
#[must_use]
pub fn score(life: &Life<'_>, period: &Range<Millis>, calendar: &Calendar, terms: &Terms) -> Score {
    let scope = Scope { period, calendar, terms };
    let mut score = Score::default();
    let apart = life.taken_in_later();
    life.own_matter(&scope, &mut score);
    for part in &life.ticket.assignments {
        let mut tally = Tally::default();
        match part.part {
            Part::Lead => {
                life.handling(part, &scope, &mut tally);
                match part.closed_by {
                    Some(closer) => life.taken_away(part, closer, &scope, &mut score.excluded),
                    None => life.closure(part, &scope, &mut tally, &mut score.excluded),
                }
            }
            Part::Assisting if part.closed_by.is_none() => life.assisting(part, &scope, &mut tally),
            Part::Assisting | Part::Outer => {}
        }
        if tally != Tally::default() {
            score.entries.push(Entry { unit: part.unit, apart: apart.is_some(), tally });
        }
    }
    score
}

struct Scope<'s> {
    period: &'s Range<Millis>,
    calendar: &'s Calendar,
    terms: &'s Terms,
}

impl Scope<'_> {
    fn has(&self, at: Millis) -> bool {
        self.period.contains(&at)
    }
}

impl Life<'_> {
    pub(super) fn fact(&self, id: ActId) -> Option<&Fact> {
        self.acts.iter().copied().find(|fact| fact.id == id)
    }

    /// The acts after one, newest first.
    pub(super) fn after(&self, id: ActId) -> impl Iterator<Item = &Fact> {
        self.acts.iter().rev().copied().take_while(move |fact| fact.id != id)
    }

    pub(super) fn by(&self, id: ActId) -> Option<ByAct> {
        let fact = self.fact(id)?;
        let confirmed = fact.answers.filter(|_| fact.body == Body::Confirm).and_then(|proposal| self.fact(proposal));
        Some(confirmed.map_or_else(|| ByAct::of(fact), |proposal| ByAct::confirmed(proposal, fact)))
    }

    /// Something that was decided, with who asked for it.
    fn excluded(&self, unit: UnitId, reason: Exclusion, decided: Option<ByAct>) -> Excluded {
        let answered = decided.and_then(|by| self.fact(by.act)).and_then(|fact| fact.answers);
        let asked = match reason {
            Exclusion::Deferred | Exclusion::AppealUpheld => answered,
            Exclusion::UnderAppeal => self.ticket.appeals.first().map(|(id, _)| *id),
            _ => None,
        };
        Excluded { unit, reason, asked: asked.and_then(|id| self.by(id)), decided }
    }

    /// The city's act that took in what a unit had written down; `None` for what the city registered itself.
    fn taken_in_later(&self) -> Option<&Fact> {
        self.ticket.taken_in.filter(|_| self.ticket.by_proxy()).and_then(|taken_in| self.fact(taken_in.id))
    }

    /// A walk-in that the city did not take in: never scored, shown apart.
    fn own_matter(&self, scope: &Scope<'_>, score: &mut Score) {
        let ended = self.ticket.answer.and_then(|id| self.fact(id));
        if let Some(fact) = ended.filter(|fact| fact.body == Body::OwnMatter && scope.has(fact.when())) {
            let unit = self.ticket.registered_by;
            let tally = Tally { own_matters: 1, ..Tally::default() };
            score.entries.push(Entry { unit, apart: true, tally });
            score.excluded.push(self.excluded(unit, Exclusion::OwnMatter, Some(ByAct::of(fact))));
        }
    }

    /// What is counted of every dispatch to a lead, whatever became of it.
    fn handling(&self, part: &Assignment, scope: &Scope<'_>, tally: &mut Tally) {
        if scope.has(part.dispatched_at) {
            tally.dispatched = 1;
            tally.urgent = i64::from(self.ticket.urgent() && !scope.terms.edition().counts_no_urgent());
        }
        if let Some((_, signed)) = part.signed_for
            && scope.has(signed)
        {
            tally.signed = 1;
            tally.signed_in_time = i64::from(self.signed_in_time(part, scope));
        }
        let asked = |fact: &&&Fact| {
            let returns = matches!(fact.body, Body::ReturnRequest { .. });
            returns && fact.answers == Some(part.dispatch) && scope.has(fact.when())
        };
        tally.returns_asked = count(self.acts.iter().filter(asked));
        let reason = part.closed_by.and_then(|closer| self.why_taken_away(part, closer));
        tally.returns_agreed = tally.returns_asked.min(i64::from(reason == Some(Exclusion::Returned)));
        let of_this_part = |supervision: &&Supervision| supervision.concerns(part) && scope.has(supervision.at);
        tally.supervised = count(self.ticket.supervisions.iter().filter(of_this_part));
    }

    /// Why the ticket was taken away from a unit; `None` where it was given to the same one again.
    fn why_taken_away(&self, part: &Assignment, closer: ActId) -> Option<Exclusion> {
        let fact = self.fact(closer)?;
        if fact.body.dispatch().is_some_and(|dispatch| dispatch.lead == part.unit) {
            return None;
        }
        Some(match fact.body.kind() {
            ActKind::Merge => Exclusion::Merged,
            // Who takes it back, or gives it to another, while a return is asked for agrees to it.
            _ if part.return_request.is_some() => Exclusion::Returned,
            ActKind::Recall => Exclusion::Recalled,
            _ => Exclusion::Redispatched,
        })
    }

    fn taken_away(&self, part: &Assignment, closer: ActId, scope: &Scope<'_>, excluded: &mut Vec<Excluded>) {
        let decided = self.by(closer).filter(|decided| scope.has(decided.at));
        if let (Some(reason), Some(_)) = (self.why_taken_away(part, closer), decided) {
            let returned = part.return_request.filter(|_| reason == Exclusion::Returned);
            let asked = returned.and_then(|(request, _)| self.by(request));
            excluded.push(Excluded { unit: part.unit, reason, asked, decided });
        }
    }

    /// The closure of the unit that led in the end.
    fn closure(&self, part: &Assignment, scope: &Scope<'_>, tally: &mut Tally, excluded: &mut Vec<Excluded>) {
        let mut leave = |reason, decided| excluded.push(self.excluded(part.unit, reason, decided));
        let ended = self.ticket.answer.and_then(|id| self.fact(id));
        if let Some(fact) = ended.filter(|fact| fact.body == Body::Withdraw && scope.has(fact.when())) {
            let contacted = part.first_contact.is_some();
            let reason = if contacted { Exclusion::WithdrawnAfterContact } else { Exclusion::Withdrawn };
            leave(reason, Some(ByAct::of(fact)));
        }
        let Some((closure, closed_at)) = self.ticket.closure.filter(|(_, at)| scope.has(*at)) else { return };
        if let Some(confirmed) = self.taken_in_later() {
            leave(Exclusion::Proxy, Some(ByAct::of(confirmed)));
        }
        if let Some((reason, decision)) = self.left_out(part, closure) {
            leave(reason, decision);
            return;
        }
        let due = |what| self.dues.iter().find(|item| item.what == what && item.unit == part.unit);
        // On time is judged by when the unit reported, not by when the hotline looked. In dispute nobody is late yet.
        let before_due = |item: &DueItem| item.verdict(closed_at, scope.terms) != DueVerdict::Overdue;
        let in_time = due(DueKind::Finish).is_none_or(before_due);
        tally.closed = 1;
        tally.closed_in_time = i64::from(in_time);
        tally.again = i64::from(self.ticket.round > 1);
        tally.responded = i64::from(self.responded(part, due(DueKind::Contact), due(DueKind::Urgent), scope));
        self.first_rating(part, tally);
        match self.adopted() {
            Err((reason, decision)) => leave(reason, decision),
            Ok(rating) => {
                tally.rated = 1;
                tally.contacted = i64::from(self.contacted(part, rating));
                tally.satisfied = i64::from(rating.satisfaction == Satisfaction::Satisfied);
                tally.mostly_satisfied = i64::from(rating.satisfaction == Satisfaction::Mostly);
                if let Some((reason, decision)) = self.cannot_be_solved(part, rating) {
                    leave(reason, decision);
                } else {
                    tally.judged = 1;
                    tally.solved = i64::from(rating.solved == Solved::Yes);
                    tally.mostly_solved = i64::from(rating.solved == Solved::Mostly);
                }
            }
        }
    }

    /// Signed for in time, tried to reach the requester in time, and reported on urgent help in time.
    fn responded(
        &self,
        part: &Assignment,
        contact: Option<&DueItem>,
        urgent: Option<&DueItem>,
        scope: &Scope<'_>,
    ) -> bool {
        let good = |item: &DueItem| item.met_at.is_some() && item.verdict(i64::MAX, scope.terms) != DueVerdict::Overdue;
        let contacted = contact.is_some_and(good);
        let reported = urgent.is_none_or(good);
        self.signed_in_time(part, scope) && contacted && reported
    }

    /// Of a part that is over nothing is due any more: it is judged by the rules of the period.
    fn signed_in_time(&self, part: &Assignment, scope: &Scope<'_>) -> bool {
        let of_this = |item: &&DueItem| item.what == DueKind::SignFor && item.unit == part.unit;
        let open = self.dues.iter().find(of_this).filter(|_| part.closed_by.is_none()).cloned();
        let item = open.unwrap_or_else(|| terms::sign_for_due(self.ticket, part, scope.calendar, scope.terms));
        item.met_at.is_some() && item.verdict(i64::MAX, scope.terms) != DueVerdict::Overdue
    }

    /// An assisting unit is asked for its feedback alone, before the lead's term ends; it has no rates.
    fn assisting(&self, part: &Assignment, scope: &Scope<'_>, tally: &mut Tally) {
        let Some(lead) = self.ticket.lead() else { return };
        if !self.ticket.closure.is_some_and(|(_, at)| scope.has(at)) {
            return;
        }
        let finish = self.dues.iter().find(|item| item.what == DueKind::Finish && item.unit == lead.unit);
        let in_time = |at: Millis| finish.is_none_or(|item| at < item.due);
        tally.assisted = 1;
        tally.fed_back = i64::from(part.fed_back.is_some());
        tally.fed_back_in_time = i64::from(part.fed_back.is_some_and(in_time));
    }
}

impl Excluded {
    /// Which figures it leaves.
    #[must_use]
    pub const fn leaves(&self) -> Leaves {
        self.reason.leaves()
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> i64 {
    i64::try_from(items.count()).unwrap_or(i64::MAX)
}
