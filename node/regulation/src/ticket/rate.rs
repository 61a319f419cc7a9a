//! Follow-up and what answers a rating: articles 26 and 27.

use super::{FollowUp, Ticket, TicketState, another_person};
use std::collections::BTreeSet;

use crate::act::{Body, Rating, Reached, Satisfaction, Solved};
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
                if let Some(last) = self.follow_ups.last_mut() {
                    last.set_aside = true;
                }
                self.finish(TicketState::AwaitingArchive, fact);
            }
            Body::Object => {
                if self.objected {
                    return Err(Rule::NotExplained.because(self.explained));
                }
                self.objected = true;
                (self.explained, self.finished) = (None, None);
                self.state = TicketState::AwaitingVerification;
            }
            Body::Appeal => {
                if self.appeal.is_some() {
                    return Err(Rule::NothingAppealed.because(self.appeal));
                }
                self.appeal = Some(fact.id);
            }
            Body::DecideAppeal { .. } => self.appeal = None,
            _ => {}
        }
        Ok(())
    }

    fn follow_up(&mut self, rating: Option<Rating>, reached: Reached, fact: &Fact) {
        let round = self.round;
        self.follow_ups.push(FollowUp { id: fact.id, at: fact.when(), round, rating, set_aside: false });
        let bad = |r: Rating| r.solved == Solved::No || r.satisfaction == Satisfaction::Dissatisfied;
        match rating {
            Some(rating) if bad(rating) => self.state = TicketState::AwaitingVerification,
            Some(_) => self.finish(TicketState::AwaitingArchive, fact),
            None if self.asked_in_vain(reached) => self.finish(TicketState::AwaitingArchive, fact),
            None => {}
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
