//! What one ticket adds to the figures of the units that had it, and what of it does not count.

use std::ops::Range;

use super::{ByAct, Excluded, Exclusion, Leaves, Life, Tally};
use crate::act::Body;
use crate::calendar::Calendar;
use crate::fact::Fact;
use crate::ids::{ActId, Millis, UnitId};
use crate::kind::ActKind;
use crate::terms::{self, DueItem, DueKind, DueVerdict, Terms};
use crate::ticket::{Assignment, Part};

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

/// Something that a ticket adds for a unit, or that does not count for it, and when that was: in which period it counts
/// hangs on nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// When.
    pub at: Millis,
    /// The unit.
    pub unit: UnitId,
    /// As in [`Entry::apart`].
    pub apart: bool,
    /// What.
    pub what: What,
    /// Place of the unit's part in the ticket; none of what a unit wrote down itself.
    part: Option<usize>,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It adds this.
    Adds(Tally),
    /// This does not count.
    Leaves(Excluded),
}

/// All that a ticket ever adds and leaves out, each with its time. A closure counts in the period of the last one, for the
/// unit that led in the end (38); what never came to a closure is left out in the period in which that was decided.
#[must_use]
pub fn items(life: &Life<'_>, calendar: &Calendar, terms: &Terms) -> Vec<Item> {
    let mut scored = Scored { calendar, terms, apart: false, part: None, items: Vec::new() };
    life.own_matter(&mut scored);
    scored.apart = life.taken_in_later().is_some();
    for (place, part) in life.ticket.assignments.iter().enumerate() {
        scored.part = Some(place);
        match part.part {
            Part::Lead => {
                life.handling(part, &mut scored);
                match part.closed_by {
                    Some(closer) => life.taken_away(part, closer, &mut scored),
                    None => life.closure(part, &mut scored),
                }
            }
            Part::Assisting if part.closed_by.is_none() => life.assisting(part, &mut scored),
            Part::Assisting | Part::Outer => {}
        }
    }
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

/// What was found so far, of which part.
struct Scored<'s> {
    calendar: &'s Calendar,
    terms: &'s Terms,
    apart: bool,
    part: Option<usize>,
    items: Vec<Item>,
}

impl Scored<'_> {
    fn adds(&mut self, unit: UnitId, at: Millis, tally: Tally) {
        if tally != Tally::default() {
            self.push(unit, at, What::Adds(tally));
        }
    }

    fn leaves(&mut self, at: Millis, excluded: Excluded) {
        self.push(excluded.unit, at, What::Leaves(excluded));
    }

    fn push(&mut self, unit: UnitId, at: Millis, what: What) {
        self.items.push(Item { at, unit, apart: self.apart, what, part: self.part });
    }
}

impl Life<'_> {
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
    fn own_matter(&self, scored: &mut Scored<'_>) {
        let ended = self.ticket.answer.and_then(|id| self.fact(id));
        if let Some(fact) = ended.filter(|fact| fact.body == Body::OwnMatter) {
            let unit = self.ticket.registered_by;
            scored.apart = true;
            scored.adds(unit, fact.when(), Tally { own_matters: 1, ..Tally::default() });
            scored.leaves(fact.when(), self.excluded(unit, Exclusion::OwnMatter, Some(ByAct::of(fact))));
        }
    }

    /// What is counted of every dispatch to a lead, whatever became of it.
    fn handling(&self, part: &Assignment, scored: &mut Scored<'_>) {
        let urgent = self.ticket.urgent() && !scored.terms.edition().counts_no_urgent();
        let dispatched = Tally { dispatched: 1, urgent: i64::from(urgent), ..Tally::default() };
        scored.adds(part.unit, part.dispatched_at, dispatched);
        if let Some((_, signed)) = part.signed_for {
            let signed_in_time = i64::from(self.signed_in_time(part, scored));
            scored.adds(part.unit, signed, Tally { signed: 1, signed_in_time, ..Tally::default() });
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
        for supervision in self.ticket.supervisions.iter().filter(|supervision| supervision.concerns(part)) {
            scored.adds(part.unit, supervision.at, Tally { supervised: 1, ..Tally::default() });
        }
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

    fn taken_away(&self, part: &Assignment, closer: ActId, scored: &mut Scored<'_>) {
        if let (Some(reason), Some(decided)) = (self.why_taken_away(part, closer), self.by(closer)) {
            let returned = part.return_request.filter(|_| reason == Exclusion::Returned);
            let asked = returned.and_then(|(request, _)| self.by(request));
            scored.leaves(decided.at, Excluded { unit: part.unit, reason, asked, decided: Some(decided) });
        }
    }

    /// The closure of the unit that led in the end.
    fn closure(&self, part: &Assignment, scored: &mut Scored<'_>) {
        let ended = self.ticket.answer.and_then(|id| self.fact(id));
        if let Some(fact) = ended.filter(|fact| fact.body == Body::Withdraw) {
            let contacted = part.first_contact.is_some();
            let reason = if contacted { Exclusion::WithdrawnAfterContact } else { Exclusion::Withdrawn };
            scored.leaves(fact.when(), self.excluded(part.unit, reason, Some(ByAct::of(fact))));
        }
        let Some((closure, closed_at)) = self.ticket.closure else { return };
        if let Some(confirmed) = self.taken_in_later() {
            scored.leaves(closed_at, self.excluded(part.unit, Exclusion::Proxy, Some(ByAct::of(confirmed))));
        }
        if let Some((reason, decision)) = self.left_out(part, closure) {
            scored.leaves(closed_at, self.excluded(part.unit, reason, decision));
            return;
        }
        let due = |what| self.dues.iter().find(|item| item.what == what && item.unit == part.unit);
        // On time is judged by when the unit reported, not by when the hotline looked. In dispute nobody is late yet.
        let before_due = |item: &DueItem| item.verdict(closed_at, scored.terms) != DueVerdict::Overdue;
        let in_time = due(DueKind::Finish).is_none_or(before_due);
        let responded = self.responded(part, due(DueKind::Contact), due(DueKind::Urgent), scored);
        let mut tally = Tally {
            closed: 1,
            closed_in_time: i64::from(in_time),
            again: i64::from(self.ticket.round > 1),
            responded: i64::from(responded),
            ..Tally::default()
        };
        self.first_rating(part, &mut tally);
        let left = self.rating(part, &mut tally);
        scored.adds(part.unit, closed_at, tally);
        if let Some((reason, decision)) = left {
            scored.leaves(closed_at, self.excluded(part.unit, reason, decision));
        }
    }

    /// Signed for in time, tried to reach the requester in time, and reported on urgent help in time.
    fn responded(
        &self,
        part: &Assignment,
        contact: Option<&DueItem>,
        urgent: Option<&DueItem>,
        scored: &Scored<'_>,
    ) -> bool {
        let good =
            |item: &DueItem| item.met_at.is_some() && item.verdict(i64::MAX, scored.terms) != DueVerdict::Overdue;
        let contacted = contact.is_some_and(good);
        let reported = urgent.is_none_or(good);
        self.signed_in_time(part, scored) && contacted && reported
    }

    /// Of a part that is over nothing is due any more: it is judged by the rules of the period.
    fn signed_in_time(&self, part: &Assignment, scored: &Scored<'_>) -> bool {
        let of_this = |item: &&DueItem| item.what == DueKind::SignFor && item.unit == part.unit;
        let open = self.dues.iter().find(of_this).filter(|_| part.closed_by.is_none()).cloned();
        let item = open.unwrap_or_else(|| terms::sign_for_due(self.ticket, part, scored.calendar, scored.terms));
        item.met_at.is_some() && item.verdict(i64::MAX, scored.terms) != DueVerdict::Overdue
    }

    /// An assisting unit is asked for its feedback alone, before the lead's term ends; it has no rates.
    fn assisting(&self, part: &Assignment, scored: &mut Scored<'_>) {
        let (Some(lead), Some((_, closed_at))) = (self.ticket.lead(), self.ticket.closure) else { return };
        let finish = self.dues.iter().find(|item| item.what == DueKind::Finish && item.unit == lead.unit);
        let in_time = |at: Millis| finish.is_none_or(|item| at < item.due);
        let tally = Tally {
            assisted: 1,
            fed_back: i64::from(part.fed_back.is_some()),
            fed_back_in_time: i64::from(part.fed_back.is_some_and(in_time)),
            ..Tally::default()
        };
        scored.adds(part.unit, closed_at, tally);
    }
}

impl Excluded {
    /// Which figures it leaves.
    #[must_use]
    pub const fn leaves(&self) -> Leaves {
        self.reason.leaves()
    }
}
