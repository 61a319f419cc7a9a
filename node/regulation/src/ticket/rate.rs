//! Follow-up and what answers a rating: articles 26 and 27.

use super::{FollowUp, Ticket, TicketState, another_person};
use std::collections::BTreeSet;

use crate::act::{Body, Rating, Reached};
use crate::calendar;
use crate::record::Fact;
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
                let answered =
                    self.explained.or_else(|| self.follow_ups.iter().find(|f| f.set_aside.is_some()).map(|f| f.id));
                if self.state == TicketState::AwaitingArchive && answered.is_some() {
                    return Err(Rule::NoClosure.because(answered));
                }
                self.follow_up(*rating, *reached, fact);
            }
            Body::Remedy => {
                self.round += 1;
                self.again_from = Some(fact.when());
                (self.completion, self.reported, self.closure, self.explained) = (None, None, None, None);
                self.state = TicketState::InProgress;
            }
            Body::Explain => {
                self.explained = Some(fact.id);
                self.finish(TicketState::AwaitingArchive, fact);
            }
            Body::SetAsideRating { .. } => {
                another_person(fact)?;
                if let Some(rated) = self.follow_ups.iter_mut().find(|f| Some(f.id) == fact.answers) {
                    rated.set_aside = Some(fact.id);
                }
                if self.state == TicketState::AwaitingVerification && self.bad_rating().is_none() {
                    self.finish(TicketState::AwaitingArchive, fact);
                }
            }
            Body::Object => {
                if self.objected {
                    return Err(Rule::NotExplained.because(self.explained));
                }
                self.objected = true;
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

    fn follow_up(&mut self, rating: Option<Rating>, reached: Reached, fact: &Fact) {
        let round = self.round;
        self.follow_ups.push(FollowUp { id: fact.id, at: fact.when(), round, rating, set_aside: None });
        let of_round = self.follow_ups.iter().filter(|f| f.round == round && f.set_aside.is_none());
        // Two people may have asked: one who is content does not take away what another one said.
        if of_round.filter_map(|f| f.rating).any(Rating::bad) {
            self.finished = None;
            self.state = TicketState::AwaitingVerification;
        } else if rating.is_some() || self.asked_in_vain(reached) {
            self.finish(TicketState::AwaitingArchive, fact);
        }
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
