//! A ticket as it goes, with every act that took effect, for the figures that are made of it.

#![allow(dead_code, reason = "each test uses some of it")]

use std::ops::Range;
use std::sync::LazyLock;

#[allow(unused_imports, reason = "each program of tests uses some of them")]
pub use super::records::{ASSISTING, CITY, COUNTY, LEAD, OTHER, author, recorded, recording};
use regulation::act::{Contacted, Had, Joins, Rating, Reached, Satisfaction, Solved, Way};
use regulation::calendar::Calendar;
use regulation::rates::{Item, Life, Score, Tally, items, past, score};
use regulation::terms::{Terms, dues};
use regulation::{ActId, ActKind as K, Body, Dispatch, Fact, Millis, Record, Ticket, UnitId, apply, options};

/// The calendar that a new city starts with.
static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| {
    let days = Calendar::parse_csv(include_str!("../../../../data/holidays.csv")).expect("data");
    Calendar::from_days(1, &days)
});

/// The same.
pub fn calendar() -> &'static Calendar {
    &CALENDAR
}

/// Every time.
pub const ALWAYS: Range<Millis> = i64::MIN..i64::MAX;
/// Milliseconds of an hour.
pub const HOUR: Millis = 3_600_000;
/// Milliseconds of a day.
pub const DAY: Millis = 24 * HOUR;
/// 2026-11-02, noon, UTC+8: a working Monday.
pub const NOON: Millis = 1_793_592_000_000;

/// A ticket as it goes, with every act that took effect; each is made an hour after the one before.
#[derive(Clone)]
pub struct Story {
    pub record: Record,
    pub acts: Vec<Fact>,
    pub now: Millis,
}

impl Story {
    /// Before it is written down.
    pub fn nothing() -> Self {
        Self { record: Record::Empty, acts: Vec::new(), now: NOON }
    }

    /// Registered.
    pub fn begin() -> Self {
        let mut story = Self::nothing();
        story.does("city", K::Register);
        story
    }

    /// Dispatched to the lead, signed for.
    pub fn in_hand() -> Self {
        let mut story = Self::begin();
        story.dispatch(K::Dispatch, LEAD).does("lead", K::SignFor);
        story
    }

    /// Reported, and found closed by the city.
    pub fn closed() -> Self {
        let mut story = Self::in_hand();
        story.close();
        story
    }

    /// Somebody acts, with those particulars.
    pub fn says(&mut self, who: &str, kind: K, body: Option<Body>) -> &mut Self {
        // Whoever tells the result in writing has put the words on the ticket.
        if kind == K::Complete {
            self.makes(who, K::Attach, Some(self.new_file()));
        }
        self.makes(who, kind, body);
        self.now += HOUR;
        self
    }

    fn makes(&mut self, who: &str, kind: K, body: Option<Body>) {
        let mut fact = options::fact(&self.record, kind, &author(who));
        fact.id = ActId([u8::try_from(self.acts.len() + 1).expect("few acts"); 32]);
        fact.claimed_at = self.now;
        fact.body = body.unwrap_or(fact.body);
        apply(&mut self.record, &fact).unwrap_or_else(|broken| panic!("{who} {kind:?}: {broken:?}"));
        self.acts.push(fact);
    }

    /// Somebody acts, with particulars that break no rule.
    pub fn does(&mut self, who: &str, kind: K) -> &mut Self {
        self.says(who, kind, None)
    }

    /// One person of the city proposes, with those particulars, and another confirms.
    pub fn decided(&mut self, kind: K, body: Option<Body>) -> &mut Self {
        self.says("city", kind, body).does("second", K::Confirm)
    }

    /// The city gives it to a lead and an assisting unit.
    pub fn dispatch(&mut self, kind: K, lead: UnitId) -> &mut Self {
        let dispatch = Dispatch { lead, assisting: vec![ASSISTING] };
        let body = match kind {
            K::Redispatch => Body::Redispatch(dispatch),
            K::ReturnApprove => Body::ReturnApprove(dispatch),
            K::Designate => Body::Designate(dispatch),
            _ => Body::Dispatch(dispatch),
        };
        self.says("city", kind, Some(body))
    }

    /// The lead reports it, the city finds it closed.
    pub fn close(&mut self) -> &mut Self {
        self.does("lead", K::Complete).does("city", K::ConfirmClosure)
    }

    /// A recording that was not attached before.
    fn new_file(&self) -> Body {
        recorded(u8::try_from(100 + self.acts.len()).expect("few acts"))
    }

    /// The requester takes it back, in a call that was recorded.
    pub fn withdraw(&mut self) -> &mut Self {
        self.says("city", K::Attach, Some(self.new_file())).does("city", K::Withdraw)
    }

    /// The requester answers the follow-up.
    pub fn rated(&mut self, contacted: Contacted, solved: Solved, satisfaction: Satisfaction) -> &mut Self {
        let rating = Some(Rating { contacted, solved, satisfaction });
        self.says(
            "city",
            K::FollowUp,
            Some(Body::FollowUp { way: Way::Telephone, reached: Reached::Answered, rating, of: None }),
        )
    }

    /// Contacted, solved, satisfied.
    pub fn good(&mut self) -> &mut Self {
        self.rated(Contacted::Yes, Solved::Yes, Satisfaction::Satisfied)
    }

    /// Contacted, but neither solved nor satisfied.
    pub fn bad(&mut self) -> &mut Self {
        self.rated(Contacted::Yes, Solved::No, Satisfaction::Dissatisfied)
    }

    /// A follow-up that reaches nobody, on a day of its own.
    pub fn in_vain(&mut self, reached: Reached) -> &mut Self {
        self.now += DAY;
        self.says("city", K::FollowUp, Some(Body::FollowUp { way: Way::Telephone, reached, rating: None, of: None }))
    }

    /// A ticket of another requester joins, whose lead had so long to finish it, if it had.
    pub fn joined(&mut self, ticket: ActId, due: Option<(UnitId, Millis)>) -> &mut Self {
        let had = due.map(|(unit, due)| Had { unit, until: Some(due), due: None }).into_iter().collect();
        let joins = Some(Joins { had, ..Joins::default() });
        self.says("city", K::Supplement, Some(Body::Supplement { joined: Some(ticket), joins }))
    }

    /// The merge of a ticket was undone.
    pub fn parted(&mut self, ticket: ActId) -> &mut Self {
        let joins = Some(Joins { parted: true, ..Joins::default() });
        self.says("city", K::Supplement, Some(Body::Supplement { joined: Some(ticket), joins }))
    }

    /// The requester of a ticket that joined, or of this one, answers the follow-up.
    pub fn rated_by(&mut self, of: Option<ActId>, solved: Solved, satisfaction: Satisfaction) -> &mut Self {
        let rating = Some(Rating { contacted: Contacted::Yes, solved, satisfaction });
        self.says(
            "city",
            K::FollowUp,
            Some(Body::FollowUp { way: Way::Telephone, reached: Reached::Answered, rating, of }),
        )
    }

    /// The newest act.
    pub fn last(&self) -> &Fact {
        self.acts.last().expect("an act")
    }

    /// All that it ever adds and leaves out.
    pub fn items(&self) -> Vec<Item> {
        self.with(items)
    }

    /// What it comes to in a period.
    pub fn score_in(&self, period: &Range<Millis>) -> Score {
        self.with(|life, calendar, terms| score(life, period, calendar, terms))
    }

    fn with<T>(&self, work: impl FnOnce(&Life<'_>, &Calendar, &Terms) -> T) -> T {
        let acts: Vec<&Fact> = self.acts.iter().collect();
        let (calendar, terms) = (&*CALENDAR, Terms::default());
        let ticket = self.record.ticket().expect("a ticket");
        let due = |ticket: &Ticket| dues(ticket, calendar, &terms);
        let life = Life { ticket, acts: &acts, dues: &due(ticket), past: &past(ticket, due) };
        work(&life, calendar, &terms)
    }

    /// What it comes to in all.
    pub fn score(&self) -> Score {
        self.score_in(&ALWAYS)
    }

    /// What it adds for a unit, in the main table.
    pub fn of(&self, unit: UnitId) -> Tally {
        sum(&self.score(), unit, false)
    }
}

/// What a score adds for a unit.
pub fn sum(score: &Score, unit: UnitId, apart: bool) -> Tally {
    let mut all = Tally::default();
    for entry in score.entries.iter().filter(|entry| entry.unit == unit && entry.apart == apart) {
        all.add(&entry.tally);
    }
    all
}
