//! What one ticket adds to the figures of the units that had it, and what of it does not count.

use std::ops::Range;

use super::closed::Closed;
use super::item::{Item, Scored, What};
use super::{ByAct, Excluded, Exclusion, Leaves, Life, Tally};
use crate::act::Body;
use crate::calendar::Calendar;
use crate::fact::Fact;
use crate::ids::{ActId, Millis, UnitId};
use crate::kind::ActKind;
use crate::terms::{DueItem, DueKind, DueVerdict, Terms};
use crate::ticket::{Appeal, Assignment, Part};

/// What a ticket adds for a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The unit.
    pub unit: UnitId,
    /// The unit wrote the ticket down itself: shown apart, so that nobody rates what he chose to write down. Whoever else handles
    /// it chose nothing.
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

/// All that a ticket ever adds and leaves out, each with its time. Each closure counts in its own period for the unit that led
/// then, whatever was begun afterwards; its rating does if it is the last one of that unit that was adopted (38). What never
/// came to a closure is left out in the period in which that was decided.
#[must_use]
pub fn items(life: &Life<'_>, calendar: &Calendar, terms: &Terms) -> Vec<Item> {
    let mut scored = Scored { calendar, terms, apart: None, part: None, items: Vec::new() };
    life.own_matter(&mut scored);
    life.praise(&mut scored);
    scored.apart = life.taken_in_later().map(|_| life.ticket.registered_by);
    let closed = life.closed();
    for (place, part) in life.ticket.assignments.iter().enumerate() {
        scored.part = Some(place);
        life.come_due(part, &closed, &mut scored);
        // Each hop for its own: a county that has sent it on answers for that, whoever is below it for the rest.
        if part.part != Part::Assisting {
            life.handling(part, &mut scored);
            match part.closed_by {
                Some(closer) => life.taken_away(part, closer, &mut scored),
                None => life.withdrawn(part, &mut scored),
            }
        }
        for round in closed.iter().filter(|round| round.led_by(part)) {
            life.closure(round, &closed, &mut scored);
        }
        // Once for each part, however often the ticket was closed.
        if let Some(round) = closed.iter().find(|round| round.assisted_by(part)) {
            life.assisting(part, round, &mut scored);
        }
    }
    scored.part = None;
    life.reviewed(&mut scored);
    scored.items
}

/// What a ticket adds to the figures of a period.
#[must_use]
pub fn score(life: &Life<'_>, period: &Range<Millis>, calendar: &Calendar, terms: &Terms) -> Score {
    let mut score = Score::default();
    let mut last = None;
    for item in items(life, calendar, terms).into_iter().filter(|item| period.contains(&item.at)) {
        match (item.what, score.entries.last_mut()) {
            (What::Leaves(excluded), _) => score.excluded.push(excluded),
            (What::Adds(tally), Some(entry)) if last == Some(item.part) => entry.tally.add(&tally),
            (What::Adds(tally), _) => {
                last = Some(item.part);
                score.entries.push(Entry { unit: item.unit, apart: item.apart, tally });
            }
        }
    }
    score
}

/// Whether something was done in time. Of several the worst counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum InTime {
    /// It was.
    Yes,
    /// It may still change, or is in dispute.
    Open,
    /// It was not.
    No,
}

impl InTime {
    const fn of(verdict: DueVerdict) -> Self {
        match verdict {
            DueVerdict::Normal | DueVerdict::DueSoon => Self::Yes,
            DueVerdict::Provisional | DueVerdict::Disputed => Self::Open,
            DueVerdict::Overdue | DueVerdict::Unused => Self::No,
        }
    }

    /// Of something that was to be done; what is not done is not in time.
    fn met(item: &DueItem, terms: &Terms) -> Self {
        if item.met_at.is_none() { Self::No } else { Self::of(item.verdict(i64::MAX, terms)) }
    }

    /// What it adds to those in time, and to those that are open.
    const fn counts(self) -> (i64, i64) {
        match self {
            Self::Yes => (1, 0),
            Self::Open => (0, 1),
            Self::No => (0, 0),
        }
    }
}

impl Life<'_> {
    /// Something that was decided, with who asked for it.
    fn excluded(&self, unit: UnitId, reason: Exclusion, decided: Option<ByAct>) -> Excluded {
        let answered = decided.and_then(|by| self.fact(by.act)).and_then(|fact| fact.answers);
        let asked = match reason {
            Exclusion::Deferred => answered,
            Exclusion::AppealUpheld => {
                let by_it = |appeal: &&Appeal| appeal.decided.map(|(act, _)| act) == decided.map(|by| by.act);
                self.ticket.appeals.iter().find(by_it).map(|appeal| appeal.id)
            }
            _ => None,
        };
        Excluded { unit, reason, asked: asked.and_then(|id| self.by(id)), decided }
    }

    /// The city's act that took in what a unit had written down; `None` for what the city registered itself.
    fn taken_in_later(&self) -> Option<&Fact> {
        self.ticket.taken_in.filter(|_| self.ticket.by_proxy()).and_then(|taken_in| self.fact(taken_in.id))
    }

    /// A walk-in that the city did not take in: never scored, shown apart.
    fn own_matter(&self, scored: &mut Scored<'_>) {
        let ended = self.ticket.answer.and_then(|id| self.fact(id));
        if let Some(fact) = ended.filter(|fact| fact.body == Body::OwnMatter) {
            let unit = self.ticket.registered_by;
            scored.apart = Some(unit);
            scored.adds(unit, fact.when(), Tally { own_matters: 1, ..Tally::default() });
            scored.leaves(fact.when(), self.excluded(unit, Exclusion::OwnMatter, Some(ByAct::of(fact))));
        }
    }

    /// What was conveyed to the unit that is praised counts for nothing, good or bad.
    fn praise(&self, scored: &mut Scored<'_>) {
        let ended = self.ticket.answer.and_then(|id| self.fact(id));
        if let Some(fact) = ended
            && let Body::Convey { unit } = fact.body
        {
            scored.leaves(fact.when(), self.excluded(unit, Exclusion::Praise, Some(ByAct::of(fact))));
        }
    }

    /// What is counted of every dispatch to a lead or to a county that has sent it on, whatever became of it.
    fn handling(&self, part: &Assignment, scored: &mut Scored<'_>) {
        let urgent = self.ticket.urgent() && !scored.terms.edition().counts_no_urgent();
        let dispatched = Tally { dispatched: 1, urgent: i64::from(urgent), ..Tally::default() };
        if part.resumed.is_none() {
            scored.adds(part.unit, part.dispatched_at, dispatched);
        }
        // What goes on where it was counts once.
        let resumed = |at: Millis| part.resumed.is_some_and(|resumed| at <= resumed.away_from);
        if let Some((_, signed)) = part.signed_for.filter(|(_, at)| !resumed(*at)) {
            scored.adds(part.unit, signed, Tally { signed: 1, ..Tally::default() });
        }
        let asked =
            |fact: &&&Fact| matches!(fact.body, Body::ReturnRequest { .. }) && fact.answers == Some(part.dispatch);
        let requests: Vec<&Fact> = self.acts.iter().filter(asked).copied().collect();
        let reason = part.closed_by.and_then(|closer| self.why_taken_away(part, closer));
        // What was agreed to is the last request: those before it were refused. It counts when it was made, as the request does.
        let agreed = requests.last().filter(|_| reason == Some(Exclusion::Returned)).map(|fact| fact.id);
        for fact in requests {
            let returns_agreed = i64::from(agreed == Some(fact.id));
            scored.adds(part.unit, fact.when(), Tally { returns_asked: 1, returns_agreed, ..Tally::default() });
        }
        for supervision in self.ticket.supervisions.iter().filter(|s| s.concerns(part) && !s.annulled) {
            scored.adds(part.unit, supervision.at, Tally { supervised: 1, ..Tally::default() });
        }
    }

    /// Why the ticket was taken away from a unit; `None` where it was given to the same one again.
    fn why_taken_away(&self, part: &Assignment, closer: ActId) -> Option<Exclusion> {
        let fact = self.fact(closer)?;
        // By one person, or by the confirm of a second one.
        if self.ticket.merged.is_some_and(|merged| merged.id == closer) {
            return Some(Exclusion::Merged);
        }
        if fact.body.dispatch().is_some_and(|dispatch| dispatch.lead == part.unit) {
            return None;
        }
        Some(match fact.body.kind() {
            // Who takes it back, or gives it to another, while a return is asked for agrees to it.
            _ if part.return_request.is_some() => Exclusion::Returned,
            ActKind::Recall => Exclusion::Recalled,
            _ => Exclusion::Redispatched,
        })
    }

    fn taken_away(&self, part: &Assignment, closer: ActId, scored: &mut Scored<'_>) {
        if let (Some(reason), Some(decided)) = (self.why_taken_away(part, closer), self.by(closer)) {
            let returned = part.return_request.filter(|_| reason == Exclusion::Returned);
            let asked = returned.and_then(|(request, _)| self.by(request));
            scored.leaves(decided.at, Excluded { unit: part.unit, reason, asked, decided: Some(decided) });
        }
    }

    /// What the requester took back.
    fn withdrawn(&self, part: &Assignment, scored: &mut Scored<'_>) {
        let ended = self.ticket.answer.and_then(|id| self.fact(id));
        if let Some(fact) = ended.filter(|fact| fact.body == Body::Withdraw) {
            let contacted = part.first_contact.is_some();
            let reason = if contacted { Exclusion::WithdrawnAfterContact } else { Exclusion::Withdrawn };
            scored.leaves(fact.when(), self.excluded(part.unit, reason, Some(ByAct::of(fact))));
        }
    }

    /// A closure of the unit that led.
    fn closure(&self, closed: &Closed<'_>, all: &[Closed<'_>], scored: &mut Scored<'_>) {
        let (unit, at) = (closed.lead.unit, closed.at);
        if let Some(confirmed) = self.taken_in_later().filter(|_| scored.apart == Some(unit)) {
            scored.leaves(at, self.excluded(unit, Exclusion::Proxy, Some(ByAct::of(confirmed))));
        }
        if let Some((reason, decision)) = self.left_out(closed, closed.lead, scored) {
            scored.leaves(at, self.excluded(unit, reason, decision));
            return;
        }
        // On time is judged by when the unit reported, not by when the hotline looked; of several that joined the worst counts.
        // What crossed the report is not of this closure.
        let crossed = |item: &&DueItem| item.met_at.is_none() && item.provisional;
        let ends = closed.all(DueKind::Finish).filter(|item| !crossed(item));
        let ends = ends.map(|item| InTime::of(item.verdict(Millis::MAX, scored.terms)));
        let in_time = ends.max().unwrap_or(InTime::Yes);
        let (closed_in_time, closed_open) = in_time.counts();
        let (responded, responded_open) = responded(closed, scored).counts();
        let mut tally = Tally {
            closed: 1,
            closed_in_time,
            closed_open,
            again: i64::from(closed.ticket.round > 1),
            responded,
            responded_open,
            ..Tally::default()
        };
        self.first_rating(closed, &mut tally);
        let left = self.rating(closed, all, &mut tally, scored);
        scored.adds(unit, at, tally);
        if let Some((reason, decision)) = left {
            scored.leaves(at, self.excluded(unit, reason, decision));
        }
        if let Some((due, tally, left)) = self.waited(closed, all) {
            scored.adds(unit, due, tally);
            if let Some((reason, decision)) = left {
                scored.leaves(due, self.excluded(unit, reason, decision));
            }
        }
    }

    /// An assisting unit is asked for its feedback alone, before the lead's term ends; it has no rates. What comes after the
    /// closure feeds nobody.
    fn assisting(&self, part: &Assignment, closed: &Closed<'_>, scored: &mut Scored<'_>) {
        let finish = closed.due(DueKind::Finish);
        let feedback = closed.dues.iter().find(|item| item.what == DueKind::Feedback && item.unit == part.unit);
        let fed_back = part.fed_back.filter(|(_, at)| *at < closed.at);
        let in_time = match (feedback, fed_back) {
            (Some(item), Some(_)) => InTime::met(item, scored.terms),
            (None, Some((_, at))) if finish.is_none_or(|item| at < item.due) => InTime::Yes,
            _ => InTime::No,
        };
        let (fed_back_in_time, fed_back_open) = in_time.counts();
        let tally = Tally {
            assisted: 1,
            fed_back: i64::from(fed_back.is_some()),
            fed_back_in_time,
            fed_back_open,
            ..Tally::default()
        };
        scored.adds(part.unit, closed.at, tally);
    }
}

/// Signed for in time, tried to reach the requester in time, and reported on urgent help in time, each time that it was.
fn responded(closed: &Closed<'_>, scored: &Scored<'_>) -> InTime {
    let good = |item: &DueItem| InTime::met(item, scored.terms);
    let once = [DueKind::SignFor, DueKind::Contact].map(|what| closed.due(what).map_or(InTime::No, good));
    closed.all(DueKind::Urgent).map(good).chain(once).max().unwrap_or(InTime::No)
}

impl Excluded {
    /// Which figures it leaves.
    #[must_use]
    pub const fn leaves(&self) -> Leaves {
        self.reason.leaves()
    }
}
