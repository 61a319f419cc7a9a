//! Follow-up and what answers a rating: articles 26 and 27.

use super::{Assignment, FollowUp, Part, Ticket, TicketState, Verified};
use std::collections::BTreeSet;

use crate::act::{Body, Finding, Rating, Reached};
use crate::calendar;
use crate::fact::Fact;
use crate::rule::{Broken, Rule};

/// Attempts in vain after which a follow-up ends, made on so many days at least `[D]`.
const ATTEMPTS_MAX: usize = 3;
const ATTEMPT_DAYS_MIN: usize = 2;

impl Ticket {
    pub(super) fn take_rating(&mut self, fact: &Fact) -> Result<(), Broken> {
        match &fact.body {
            Body::FollowUp { rating, reached, .. } => {
                if rating.is_some() != (*reached == Reached::Answered) {
                    return Err(Rule::RatingIncomplete.into());
                }
                // A rating that somebody has answered already is not asked for again.
                let of_round = self.follow_ups.iter().filter(|f| f.round == self.round);
                let answered = self.explained.or_else(|| of_round.filter_map(|f| f.set_aside).next());
                if self.state == TicketState::AwaitingArchive && answered.is_some() {
                    return Err(Rule::NoClosure.because(answered));
                }
                self.follow_up(*rating, *reached, fact);
            }
            Body::VerifyRating { finding } => {
                if *finding != Finding::NotDone {
                    self.found_not_done()?;
                }
                if let Some(rated) = self.rated_mut(fact) {
                    // Said once more, it was said before.
                    if rated.verified.is_none_or(|before| before.finding != *finding) {
                        rated.verified = Some(Verified { id: fact.id, at: fact.when(), finding: *finding });
                    }
                }
            }
            Body::DecideTime { .. } => return self.decide_time(fact),
            Body::Remedy => {
                self.round += 1;
                self.deferral = None;
                let handles = |a: &&mut Assignment| a.closed_by.is_none() && a.part != Part::Assisting;
                self.assignments.iter_mut().filter(handles).for_each(|a| a.begin_round(fact.when()));
                (self.completion, self.reported, self.closure, self.explained) = (None, None, None, None);
                self.state = TicketState::InProgress;
                self.drop_kept_out(fact);
            }
            Body::Explain => {
                self.found_not_done()?;
                self.explained = Some(fact.id);
                self.finish(TicketState::AwaitingArchive, fact);
            }
            Body::SetAsideRating { .. } => {
                if let Some(rated) = self.rated_mut(fact) {
                    rated.set_aside = Some(fact.id);
                }
                // Where nothing bad is left, nothing is left to be explained or objected to.
                if !self.rated_badly() {
                    self.explained = None;
                    if self.state == TicketState::AwaitingVerification {
                        self.finish(TicketState::AwaitingArchive, fact);
                    }
                }
            }
            Body::Object => {
                if self.objected.is_some() {
                    return Err(Rule::NotExplained.because(self.explained));
                }
                self.objected = Some(fact.when());
                (self.explained, self.finished, self.archived) = (None, None, None);
                self.state = TicketState::AwaitingVerification;
            }
            Body::Appeal => {
                let unit = fact.author.unit;
                if let Some((waits, _)) = self.appeals.iter().find(|(_, other)| *other == unit) {
                    return Err(Rule::AppealPending.because(Some(*waits)));
                }
                if self.follow_ups.iter().all(|f| f.rating.is_none()) {
                    return Err(Rule::NotRated.into());
                }
                self.appeals.push((fact.id, unit));
            }
            Body::DecideAppeal { .. } => self.appeals.retain(|(id, _)| Some(*id) != fact.answers),
            _ => {}
        }
        Ok(())
    }

    /// 应办未办 of any rating of this round that counts: then it is done, and nothing else (27(1)).
    fn found_not_done(&self) -> Result<(), Broken> {
        let of_round = self.follow_ups.iter().filter(|f| f.round == self.round && f.set_aside.is_none());
        match of_round.filter_map(|f| f.verified).find(|verified| verified.finding == Finding::NotDone) {
            Some(found) => Err(Rule::MustRemedy.because(Some(found.id))),
            None => Ok(()),
        }
    }

    /// The rating that an act answers.
    fn rated_mut(&mut self, fact: &Fact) -> Option<&mut FollowUp> {
        self.follow_ups.iter_mut().find(|f| Some(f.id) == fact.answers)
    }

    fn follow_up(&mut self, rating: Option<Rating>, reached: Reached, fact: &Fact) {
        let round = self.round;
        let attempt = FollowUp { id: fact.id, at: fact.when(), round, rating, set_aside: None, verified: None };
        self.follow_ups.push(attempt);
        if self.state == TicketState::Withdrawn {
            // Whether the requester withdrew of his own will: kept, and nothing else.
            return;
        }
        // Two people may have asked: one who is content does not take away what another one said.
        if self.rated_badly() {
            self.finished = None;
            self.state = TicketState::AwaitingVerification;
        } else if rating.is_some() || self.asked_in_vain(reached) {
            self.finish(TicketState::AwaitingArchive, fact);
        }
    }

    /// Whether a bad rating of this round counts.
    fn rated_badly(&self) -> bool {
        let of_round = self.follow_ups.iter().filter(|f| f.round == self.round && f.set_aside.is_none());
        of_round.filter_map(|f| f.rating).any(Rating::bad)
    }

    /// Whether it is no use to go on asking: the requester declined, gave no name and cannot be had, or was tried often
    /// enough on more than one day.
    fn asked_in_vain(&self, reached: Reached) -> bool {
        let in_vain = self.follow_ups.iter().filter(|f| f.round == self.round && f.rating.is_none());
        let days: BTreeSet<_> = in_vain.clone().map(|f| calendar::local_date(f.at)).collect();
        let often = in_vain.count() >= ATTEMPTS_MAX && days.len() >= ATTEMPT_DAYS_MIN;
        often || reached == Reached::Declined || self.register.anonymous
    }
}
