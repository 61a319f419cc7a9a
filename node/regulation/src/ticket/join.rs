//! 合并 (16): what the ticket that goes on keeps of those that joined it, and whose requesters are asked.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{Alarm, Assignment, Carried, Charges, Finished, FollowUp, Part, Stood, Ticket, TicketState};
use crate::act::{Contacted, Had, Joins, Rating, Urgency};
use crate::calendar;
use crate::fact::Fact;
use crate::ids::{ActId, Millis};

/// Attempts in vain after which a follow-up ends, made on so many days at least `[D]`.
pub(super) const ATTEMPTS_MAX: usize = 3;
pub(super) const ATTEMPT_DAYS_MIN: usize = 2;

/// A ticket of another requester that was merged into this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The ticket.
    pub ticket: ActId,
    /// Its requester gave no name.
    pub anonymous: bool,
    /// Another ticket of the same requester: this one, or one that had joined.
    pub same_as: Option<ActId>,
    /// The act by which it joined.
    pub by: ActId,
    /// When.
    pub at: Millis,
    /// In which round.
    pub round: u32,
    /// Who had it there, each with its own due.
    pub had: Vec<Had>,
    /// The report that had been made by then: what came after it was not dealt with by it, and is not asked about it.
    pub after: Option<ActId>,
}

impl Ticket {
    /// A ticket joins, or joins no more.
    pub(super) fn join(&mut self, ticket: ActId, joins: Option<&Joins>, fact: &Fact) {
        if joins.is_some_and(|joins| joins.parted) {
            self.part_with(ticket, fact);
            return;
        }
        if self.has_joined(ticket) {
            return;
        }
        let (by, at) = fact.done();
        let joins = joins.cloned().unwrap_or_default();
        if let Some(since) = joins.urgent {
            self.urgent_since(&joins, since, fact);
        }
        let (anonymous, same_as, had) = (joins.anonymous, joins.same_as, joins.had);
        let (after, round) = (self.completion.map(|(id, _)| id), self.round);
        let joined = Joined { ticket, anonymous, same_as, by, at, round, had, after };
        let newest = self.reported.as_ref().and_then(|reported| reported.all().next_back()).map(|(id, _)| id);
        for part in self.assignments.iter_mut().filter(|a| a.closed_by.is_none() && a.part != Part::Assisting) {
            part.carry(&joined, (by, at), newest);
        }
        self.joined.push(joined);
        // Whoever is kept out of the one is kept out of the other (13).
        if !joins.kept_out.is_empty() {
            self.recused.extend(joins.kept_out);
            self.recused.sort_unstable();
            self.recused.dedup();
            self.drop_kept_out(fact);
        }
    }

    /// A unit that had a ticket which joined in this round is given this one: what was left of it goes on.
    pub(super) fn carry_to(&self, part: &mut Assignment, fact: &Fact) {
        for joined in self.joined.iter().filter(|joined| joined.round == self.round) {
            part.carry(joined, fact.done(), None);
        }
    }

    /// Until when each unit had a ticket that joined: until it reported, or it was taken from it, or `now`. What crossed the report
    /// that stands it never had.
    #[must_use]
    pub fn had_by(&self, ticket: ActId, now: Millis) -> Vec<Had> {
        let mut had: Vec<Had> = Vec::new();
        for part in &self.assignments {
            let Some(carried) = part.carried.iter().find(|carried| carried.ticket == ticket) else { continue };
            if had.iter().any(|had| had.unit == part.unit) {
                continue;
            }
            let taken = part.closed_by.and_then(|closer| self.ended_by(closer)).map(|stood| stood.at);
            let done = || self.reported_since(carried).map(|(_, at)| at);
            let crossed = self.unserved().any(|joined| joined.ticket == ticket).then_some(carried.at);
            had.push(Had { unit: part.unit, until: crossed.or(taken).or_else(done).or(Some(now)), due: None });
        }
        had
    }

    /// The first report, while a completion stands, that was made once a ticket had joined.
    fn reported_since(&self, carried: &Carried) -> Option<(ActId, Millis)> {
        let reported = self.reported.as_ref().filter(|_| self.completion.is_some())?;
        reported.since(carried.after).next()
    }

    /// Urgent help joins: its two hours go on with the unit that had it; another one has two hours from then on.
    fn urgent_since(&mut self, joins: &Joins, since: Millis, fact: &Fact) {
        let same = self.lead().is_some_and(|lead| joins.had.iter().any(|had| had.unit == lead.unit));
        let at = if same { since.min(fact.when()) } else { fact.when() };
        let said = |alarm: &Alarm| alarm.ended.is_none() && alarm.charges == Charges::All && alarm.raised.1 <= at;
        if !self.alarms.iter().any(said) {
            self.alarms.push(Alarm {
                raised: (fact.id, at),
                charges: Charges::All,
                of_help: true,
                ended: None,
                reports: Vec::new(),
            });
        }
        self.urgency = Urgency::Urgent;
    }

    /// The merge of a ticket was undone. What its requester said of a round stays what it is.
    fn part_with(&mut self, ticket: ActId, fact: &Fact) {
        let by = self.joined.iter().find(|joined| joined.ticket == ticket).map(|joined| joined.by);
        self.joined.retain(|joined| joined.ticket != ticket);
        // It was urgent for that alone.
        if let Some(place) = self.alarms.iter().position(|alarm| Some(alarm.raised.0) == by) {
            self.alarms.remove(place);
            if self.alarms.iter().all(|alarm| alarm.ended.is_some()) {
                self.urgency = Urgency::Ordinary;
            }
            self.stood.iter_mut().for_each(|stood| stood.without_alarm(place));
        }
        // Its due is counted where it went back to, whatever was reported here: never twice.
        let stood = self.stood.iter_mut().flat_map(Stood::parts);
        for part in self.assignments.iter_mut().chain(stood) {
            part.carried.retain(|carried| carried.ticket != ticket);
        }
        if self.state == TicketState::AwaitingFollowUp && self.all_asked() {
            self.finish(TicketState::AwaitingArchive, fact);
        }
    }

    /// Whoever made that report had not heard of what had joined by then: it answers none of it.
    pub(super) fn unheard_by(&mut self, report: &Fact) {
        let crossed = |by: ActId| report.crossed.contains(&by);
        self.joined.iter_mut().filter(|joined| crossed(joined.by)).for_each(|joined| joined.after = Some(report.id));
        let carried = self.assignments.iter_mut().flat_map(|part| &mut part.carried);
        carried.filter(|carried| crossed(carried.by)).for_each(|carried| carried.after = Some(report.id));
    }

    /// Whether that ticket joined this one.
    #[must_use]
    pub fn has_joined(&self, ticket: ActId) -> bool {
        self.joined.iter().any(|joined| joined.ticket == ticket)
    }

    /// Those that joined once it was reported, beside that report: nobody has dealt with them.
    pub(super) fn unserved(&self) -> impl Iterator<Item = &Joined> {
        let reported = self.completion.map(|(id, _)| id);
        self.joined.iter().filter(move |joined| joined.after.is_some() && joined.after == reported)
    }

    /// Whose requesters are asked: the ticket's own, and those of the tickets that had joined when it was reported. One person is
    /// asked once.
    pub fn requesters(&self) -> impl Iterator<Item = Option<ActId>> + use<> {
        let reported = self.completion.map(|(id, _)| id);
        let mut asked = vec![self.registered];
        for joined in self.joined.iter().filter(|joined| joined.after.is_none() || joined.after != reported) {
            if joined.same_as.is_none_or(|other| !asked.contains(&other)) {
                asked.push(joined.ticket);
            }
        }
        let own = self.registered;
        asked.into_iter().map(move |ticket| (ticket != own).then_some(ticket))
    }

    /// Those who are still to be asked in this round.
    pub fn to_ask(&self) -> impl Iterator<Item = Option<ActId>> {
        self.requesters().filter(|of| !self.asked(*of))
    }

    pub(super) fn all_asked(&self) -> bool {
        self.to_ask().next().is_none()
    }

    /// Whether a requester has rated this round, or it is no use to go on asking: he declined, gave no name and cannot be had, or
    /// was tried often enough on more than one day.
    pub(super) fn asked(&self, of: Option<ActId>) -> bool {
        let mut of_round = self.follow_ups.iter().filter(|f| f.round == self.round && f.of == of);
        // What was sent waits for an answer.
        let in_vain = of_round.clone().filter(|f| f.rating.is_none() && !f.sent);
        // On which day it was tried says when it was written down, and not what was typed of it.
        let days: BTreeSet<_> = in_vain.clone().map(|f| calendar::local_date(f.entered_at)).collect();
        let often = in_vain.clone().count() >= ATTEMPTS_MAX && days.len() >= ATTEMPT_DAYS_MIN;
        let anonymous = self.anonymous(of) && in_vain.clone().next().is_some();
        often || anonymous || of_round.any(|f| f.rating.is_some() || f.declined)
    }

    fn anonymous(&self, of: Option<ActId>) -> bool {
        let of_joined = |ticket| self.joined.iter().any(|joined| joined.ticket == ticket && joined.anonymous);
        of.map_or(self.register.anonymous && !self.named, of_joined)
    }

    /// When the last of those who were asked was: reached first, or tried last. `None` while somebody is still to be asked.
    #[must_use]
    pub fn asking_ended(&self) -> Option<(ActId, Millis)> {
        if self.state == TicketState::AwaitingFollowUp || !self.joined.is_empty() && !self.all_asked() {
            return None;
        }
        let of_round = |of| self.follow_ups.iter().filter(move |f| f.round == self.round && f.of == of);
        let ended = |of| of_round(of).find(|f| f.rating.is_some()).or_else(|| of_round(of).next_back());
        self.requesters().filter_map(ended).map(|f| (f.id, f.at)).max_by_key(|(_, at)| *at)
    }

    /// The ratings of a round that count, one of each requester, of those that were not set aside: the one that the unit has
    /// verified and does not call wrong; else the worst. Neither the order in which they were heard nor a hash decides between two.
    #[must_use]
    pub fn ratings_of(&self, round: u32) -> Vec<&FollowUp> {
        let counted = move |f: &&FollowUp| f.round == round && f.set_aside.is_none() && f.rating.is_some();
        let of_round = || self.follow_ups.iter().filter(counted);
        let requesters: BTreeSet<Option<ActId>> = of_round().map(|f| f.of).collect();
        let counts = |of: Option<ActId>| {
            let own = || of_round().filter(|f| f.of == of);
            own().filter(|f| f.found).max_by_key(worst).or_else(|| own().max_by_key(worst))
        };
        // Of a ticket that joins no more it is told again where it went on. What is good counts there alone; what is worse than
        // anything that was said here stays, or whoever parts it would make the rest look better.
        let here = |of: &Option<ActId>| of.is_none_or(|ticket| self.has_joined(ticket));
        let (stay, parted): (Vec<_>, Vec<_>) = requesters.into_iter().partition(here);
        let mut ratings: Vec<&FollowUp> = stay.into_iter().filter_map(counts).collect();
        let best = ratings
            .iter()
            .filter_map(|f| f.rating)
            .map(said)
            .reduce(|one, other| [0, 1, 2].map(|of| one[of].min(other[of])));
        let worse = |f: &&FollowUp| {
            let than = best.unwrap_or([0; 3]);
            f.rating.map(said).is_some_and(|said| f.bad() || (0..3).any(|of| said[of] > than[of]))
        };
        ratings.extend(parted.into_iter().filter_map(counts).filter(worse));
        ratings
    }

    /// The worst of the ratings of a round that count.
    #[must_use]
    pub fn rating_of(&self, round: u32) -> Option<&FollowUp> {
        self.ratings_of(round).into_iter().max_by_key(worst)
    }

    /// The rating that the unit has to verify: the worst of this round that counts, if it is bad, of those whose requesters were
    /// given no explanation yet.
    #[must_use]
    pub fn bad_rating(&self) -> Option<ActId> {
        let open = |f: &&FollowUp| {
            let mut own = self.follow_ups.iter().filter(|other| (other.round, other.of) == (f.round, f.of));
            own.any(|other| other.set_aside.is_none() && other.bad() && other.explained.is_none())
        };
        let worst_of = |found: Vec<&FollowUp>| found.into_iter().max_by_key(worst).filter(|f| f.bad()).map(|f| f.id);
        let counts = self.ratings_of(self.round);
        let left = worst_of(counts.iter().copied().filter(open).collect());
        left.or_else(|| worst_of(counts)).filter(|_| self.state == TicketState::AwaitingVerification)
    }

    /// What there was to be said on the ratings of this round was said: nothing is left but the archive, once each was asked.
    pub(super) fn answered_for(&mut self, fact: &Fact) {
        if self.all_asked() {
            self.finish(TicketState::AwaitingArchive, fact);
        } else {
            self.state = TicketState::AwaitingFollowUp;
        }
    }

    /// The asking of a round goes on, or is over.
    pub(super) fn asked_one(&mut self, finished: Finished) {
        if self.state == TicketState::AwaitingFollowUp && self.all_asked() {
            // Two people may have asked: one who is content does not take away what another one said.
            self.finished = Some(finished);
            self.state = TicketState::AwaitingArchive;
        }
    }
}

impl Assignment {
    /// The due that this unit had in a ticket which joined, if it was open then and does not go on here already. Another unit's own
    /// due stands: nobody pays for another's delay.
    fn carry(&mut self, joined: &Joined, since: (ActId, Millis), after: Option<ActId>) {
        let Joined { ticket, by, at, .. } = *joined;
        let due = joined.had.iter().find(|had| had.unit == self.unit).and_then(|had| had.until);
        let known = self.carried.iter().any(|carried| carried.ticket == ticket);
        if let Some(due) = due.filter(|due| *due > at && !known) {
            self.carried.push(Carried { ticket, by, at, due, since, after });
        }
    }
}

impl FollowUp {
    /// 不满意 or 未解决.
    pub(super) fn bad(&self) -> bool {
        self.rating.is_some_and(Rating::bad)
    }
}

/// What a rating says of each thing: 0 is the best.
fn said(rating: Rating) -> [u8; 3] {
    let contacted = u8::from(rating.contacted != Contacted::Yes);
    [contacted, rating.solved.number() - 1, rating.satisfaction.number() - 1]
}

/// Of two that say the same the one that was asked first: what a unit does once it was asked about helps it no more.
fn worst(f: &&FollowUp) -> impl Ord + use<> {
    (f.rating.map(Rating::weight), Reverse(f.at), f.id)
}
