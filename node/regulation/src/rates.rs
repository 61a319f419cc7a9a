//! Rates of article 38 and the figures of the daily table (31): pure functions of tickets, the calendar and the terms.
//!
//! Numerators and denominators stay whole numbers; nothing is rounded here. A rate without a base is absent, never 0 or
//! 100; totals are pooled sums, never means of rates. The regulation gives no weights: [`Weights`] are settings `[D]`.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::act::{Contacted, Satisfaction, Solved};
use crate::calendar::Calendar;
use crate::ids::{ActId, Millis, UnitId};
use crate::terms::{self, DueKind, Terms};
use crate::ticket::{Assignment, Part, Ticket, TicketState};

/// How much each rate counts, in percent, and how much of a whole half an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// 响应率
    pub response: u32,
    /// 解决率
    pub solution: u32,
    /// 满意率
    pub satisfaction: u32,
    /// 基本解决 and 基本满意, in percent of a whole one.
    pub mostly: u32,
}

impl Default for Weights {
    fn default() -> Self {
        Self { response: 10, solution: 50, satisfaction: 40, mostly: 90 }
    }
}

/// Why a closed ticket has no say in the rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exclusion {
    /// 未接通、空号、拒访: nobody answered the follow-up.
    Unreached,
    /// 评价不予采纳 (27(3)).
    SetAside,
    /// 挂账 that the city agreed to (21(7)).
    Deferred,
    /// 回访未完成: the follow-up has not ended yet.
    Open,
}

impl Exclusion {
    /// Code name and Chinese name.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Unreached => ("unreached", "未接通或拒访"),
            Self::SetAside => ("set-aside", "评价不予采纳"),
            Self::Deferred => ("deferred", "挂账"),
            Self::Open => ("open", "回访未完成"),
        }
    }
}

/// What a unit did in a period: whole numbers, to be added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// 派发量: dispatched to it as lead.
    pub dispatched: u64,
    /// Of them urgent help.
    pub urgent: u64,
    /// 签收量
    pub signed: u64,
    /// Signed for in time.
    pub signed_in_time: u64,
    /// 退单申请
    pub returns_asked: u64,
    /// 退单同意
    pub returns_agreed: u64,
    /// 办结量: closures found in the period.
    pub closed: u64,
    /// Of them reported in time.
    pub closed_in_time: u64,
    /// Of them done again at least once.
    pub again: u64,
    /// 督办
    pub supervised: u64,
    /// Closed, rated and adopted: the base of the three rates.
    pub rated: u64,
    /// 已联系
    pub contacted: u64,
    /// 解决
    pub solved: u64,
    /// 基本解决
    pub mostly_solved: u64,
    /// 满意
    pub satisfied: u64,
    /// 基本满意
    pub mostly_satisfied: u64,
    /// Closed tickets that have no say, by reason.
    pub excluded: BTreeMap<Exclusion, Vec<ActId>>,
}

/// A rate: a number of hundredths over a base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Hundredths.
    pub hundredths: u64,
    /// The base.
    pub base: u64,
}

impl Rate {
    fn of(hundredths: u64, base: u64) -> Option<Self> {
        (base > 0).then_some(Self { hundredths, base })
    }

    /// In hundredths of a percent, rounded half up: for display only.
    #[must_use]
    pub fn basis_points(self) -> u64 {
        (self.hundredths * 100 * 2 + self.base) / (self.base * 2)
    }
}

/// Fewer ratings than this are too few to rank by `[D]`.
pub const SAMPLE_MIN: u64 = 5;

impl Tally {
    /// 响应率
    #[must_use]
    pub fn response(&self) -> Option<Rate> {
        Rate::of(self.contacted * 100, self.rated)
    }

    /// 解决率
    #[must_use]
    pub fn solution(&self, weights: &Weights) -> Option<Rate> {
        Rate::of(self.solved * 100 + self.mostly_solved * u64::from(weights.mostly), self.rated)
    }

    /// 满意率
    #[must_use]
    pub fn satisfaction(&self, weights: &Weights) -> Option<Rate> {
        Rate::of(self.satisfied * 100 + self.mostly_satisfied * u64::from(weights.mostly), self.rated)
    }

    /// 综合成绩: the three by their weights, over the same base.
    #[must_use]
    pub fn score(&self, weights: &Weights) -> Option<Rate> {
        let part = |rate: Option<Rate>, weight: u32| rate.map_or(0, |rate| rate.hundredths * u64::from(weight));
        let whole = part(self.response(), weights.response)
            + part(self.solution(weights), weights.solution)
            + part(self.satisfaction(weights), weights.satisfaction);
        let weight = u64::from(weights.response + weights.solution + weights.satisfaction);
        Rate::of(whole, self.rated * weight)
    }

    /// 按时签收率
    #[must_use]
    pub fn sign_for_rate(&self) -> Option<Rate> {
        Rate::of(self.signed_in_time * 100, self.signed)
    }

    /// 按时办结率
    #[must_use]
    pub fn in_time_rate(&self) -> Option<Rate> {
        Rate::of(self.closed_in_time * 100, self.closed)
    }

    /// 有效回访率
    #[must_use]
    pub fn valid_rate(&self) -> Option<Rate> {
        Rate::of(self.rated * 100, self.closed)
    }

    /// Adds another: totals are pooled.
    pub fn add(&mut self, other: &Self) {
        self.dispatched += other.dispatched;
        self.urgent += other.urgent;
        self.signed += other.signed;
        self.signed_in_time += other.signed_in_time;
        self.returns_asked += other.returns_asked;
        self.returns_agreed += other.returns_agreed;
        self.closed += other.closed;
        self.closed_in_time += other.closed_in_time;
        self.again += other.again;
        self.supervised += other.supervised;
        self.rated += other.rated;
        self.contacted += other.contacted;
        self.solved += other.solved;
        self.mostly_solved += other.mostly_solved;
        self.satisfied += other.satisfied;
        self.mostly_satisfied += other.mostly_satisfied;
        for (reason, tickets) in &other.excluded {
            self.excluded.entry(*reason).or_default().extend(tickets);
        }
    }
}

/// What a ticket adds to the tallies of the units that led it, in a period.
#[must_use]
pub fn tally(ticket: &Ticket, period: &Range<Millis>, calendar: &Calendar, terms: &Terms) -> Vec<(UnitId, Tally)> {
    let within = |at: Millis| period.contains(&at);
    let mut tallies = Vec::new();
    for part in ticket.assignments.iter().filter(|part| part.part == Part::Lead) {
        let mut tally = Tally::default();
        if within(part.dispatched_at) {
            tally.dispatched = 1;
            tally.urgent = u64::from(ticket.urgent());
        }
        if let Some((_, signed)) = part.signed_for
            && within(signed)
        {
            let start = part.delivered_at.unwrap_or(part.dispatched_at);
            tally.signed = 1;
            tally.signed_in_time = u64::from(signed < calendar.due(start, terms.sign_for_wd).due);
        }
        let asked = part.return_request.map(|(_, at)| at);
        tally.returns_asked = u64::from(asked.is_some_and(within));
        tally.returns_agreed = u64::from(asked.is_some_and(within) && part.closed_by.is_some());
        if part.closed_by.is_none() {
            closure(ticket, part, &within, calendar, terms, &mut tally);
            tally.supervised = ticket.supervisions.iter().filter(|s| within(s.at)).count() as u64;
        }
        if tally != Tally::default() {
            tallies.push((part.unit, tally));
        }
    }
    tallies
}

/// The closure of the unit that led in the end, in the period of the last one (38; the last adopted round counts once).
fn closure(
    ticket: &Ticket,
    part: &Assignment,
    within: &impl Fn(Millis) -> bool,
    calendar: &Calendar,
    terms: &Terms,
    tally: &mut Tally,
) {
    let Some((_, closed_at)) = ticket.closure.filter(|(_, at)| within(*at)) else { return };
    tally.closed = 1;
    tally.again = u64::from(ticket.round > 1);
    let finish = terms::dues(ticket, calendar, terms)
        .into_iter()
        .find(|item| item.what == DueKind::Finish && item.unit == part.unit);
    // On time is judged by when the unit reported, not by when the hotline looked.
    let reported = ticket.completion.map_or(closed_at, |(_, at)| at);
    tally.closed_in_time = u64::from(finish.is_none_or(|item| reported < item.due));
    match rated(ticket) {
        Err(reason) => tally.excluded.entry(reason).or_default().push(ticket.registered),
        Ok(rating) => {
            tally.rated = 1;
            // 记不清: the contact log decides.
            let contacted = match rating.contacted {
                Contacted::Yes => true,
                Contacted::No => false,
                Contacted::Unsure => part.first_contact.is_some(),
            };
            tally.contacted = u64::from(contacted);
            tally.solved = u64::from(rating.solved == Solved::Yes);
            tally.mostly_solved = u64::from(rating.solved == Solved::Mostly);
            tally.satisfied = u64::from(rating.satisfaction == Satisfaction::Satisfied);
            tally.mostly_satisfied = u64::from(rating.satisfaction == Satisfaction::Mostly);
        }
    }
}

/// The rating that counts: the newest of the last round.
fn rated(ticket: &Ticket) -> Result<crate::act::Rating, Exclusion> {
    if ticket.deferral.is_some_and(|deferral| deferral.review_at.is_some()) {
        return Err(Exclusion::Deferred);
    }
    let last = ticket.follow_ups.iter().rev().find(|f| f.round == ticket.round && f.rating.is_some());
    match (last, ticket.state) {
        (Some(follow_up), _) if follow_up.set_aside => Err(Exclusion::SetAside),
        (Some(follow_up), _) => follow_up.rating.ok_or(Exclusion::Unreached),
        (None, TicketState::AwaitingArchive | TicketState::Archived) => Err(Exclusion::Unreached),
        (None, _) => Err(Exclusion::Open),
    }
}
