//! Follow-up and what answers a rating: articles 26 and 27.

use super::{FollowUp, Ticket, TicketState};
use crate::act::{Body, Rating, Reached, Satisfaction, Solved};
use crate::record::Fact;
use crate::rule::{Broken, Rule};

/// Attempts in vain after which a follow-up ends `[D]`.
const ATTEMPTS_MAX: usize = 3;

impl Ticket {
    pub(super) fn take_rating(&mut self, fact: &Fact) -> Result<(), Broken> {
        match &fact.body {
            Body::FollowUp { rating, reached, .. } => {
                if rating.is_some() != (*reached == Reached::Answered) {
                    return Err(Rule::RatingIncomplete.into());
                }
                self.follow_up(*rating, fact);
            }
            Body::Remedy => {
                self.round += 1;
                self.again_from = Some(fact.when());
                (self.completion, self.closure, self.explained) = (None, None, None);
                self.state = TicketState::InProgress;
            }
            Body::Explain => {
                self.explained = Some(fact.id);
                self.state = TicketState::AwaitingArchive;
            }
            Body::SetAsideRating { second, .. } => {
                if fact.author.person == Some(*second) {
                    return Err(Rule::SecondPerson.into());
                }
                if let Some(last) = self.follow_ups.last_mut() {
                    last.set_aside = true;
                }
                self.state = TicketState::AwaitingArchive;
            }
            Body::Object => {
                if self.objected {
                    return Err(Rule::NotExplained.because(self.explained));
                }
                self.objected = true;
                self.explained = None;
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

    fn follow_up(&mut self, rating: Option<Rating>, fact: &Fact) {
        let round = self.round;
        self.follow_ups.push(FollowUp { id: fact.id, at: fact.when(), round, rating, set_aside: false });
        let bad = |r: Rating| r.solved == Solved::No || r.satisfaction == Satisfaction::Dissatisfied;
        let in_vain = self.follow_ups.iter().filter(|f| f.round == round && f.rating.is_none()).count();
        self.state = match rating {
            Some(rating) if bad(rating) => TicketState::AwaitingVerification,
            Some(_) => TicketState::AwaitingArchive,
            None if in_vain >= ATTEMPTS_MAX => TicketState::AwaitingArchive,
            None => self.state,
        };
    }
}
