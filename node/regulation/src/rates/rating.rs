//! Which rating of a closure counts, and for what.

use super::{ByAct, Exclusion, Life, Tally};
use crate::act::{Body, ClosureGround, Contacted, Outcome, Rating, Reached, Satisfaction, Solved};
use crate::fact::{Fact, Level};
use crate::ids::{ActId, Millis};
use crate::kind::ActKind;
use crate::ticket::{Assignment, FollowUp, Part, TicketState};

/// Why something is left out, and by which act.
pub(super) type Left = (Exclusion, Option<ByAct>);

impl Life<'_> {
    /// What keeps a closure out of all figures.
    pub(super) fn left_out(&self, part: &Assignment, closure: ActId) -> Option<Left> {
        if let Some(tolerated) = self.tolerated {
            return Some((Exclusion::Tolerated, self.by(tolerated)));
        }
        // An appeal of the round that was closed last, by the unit that is scored or the county above it.
        let theirs = |appeal: &Fact| {
            let of = |own: &Assignment| own.unit == appeal.author.unit && own.part != Part::Assisting;
            part.unit == appeal.author.unit
                || self.ticket.assignments.iter().any(|own| own.closed_by.is_none() && of(own))
        };
        let appeals = || self.after(closure).filter(|fact| fact.body == Body::Appeal && theirs(fact));
        let upheld = self.after(closure).find(|fact| {
            fact.body == Body::DecideAppeal { upheld: true } && appeals().any(|appeal| Some(appeal.id) == fact.answers)
        });
        if let Some(upheld) = upheld {
            return Some((Exclusion::AppealUpheld, Some(ByAct::of(upheld))));
        }
        let waits = appeals().find(|appeal| self.ticket.appeals.iter().any(|(id, _)| *id == appeal.id));
        waits.map(|_| (Exclusion::UnderAppeal, None))
    }

    /// What the rating that counts adds to a closure, and what it leaves out.
    pub(super) fn rating(&self, part: &Assignment, tally: &mut Tally) -> Option<Left> {
        let rating = match self.adopted() {
            Err(left) => return Some(left),
            Ok(rating) => rating,
        };
        tally.rated = 1;
        tally.contacted = i64::from(self.contacted(part, rating));
        tally.satisfied = i64::from(rating.satisfaction == Satisfaction::Satisfied);
        tally.mostly_satisfied = i64::from(rating.satisfaction == Satisfaction::Mostly);
        let left = self.cannot_be_solved(part, rating);
        if left.is_none() {
            tally.judged = 1;
            tally.solved = i64::from(rating.solved == Solved::Yes);
            tally.mostly_solved = i64::from(rating.solved == Solved::Mostly);
        }
        left
    }

    /// The rating that counts: the newest of the last round.
    fn adopted(&self) -> Result<Rating, Left> {
        let of_round = |follow_up: &&FollowUp| follow_up.round == self.ticket.round;
        let last = self.ticket.follow_ups.iter().rev().filter(of_round).find(|follow_up| follow_up.rating.is_some());
        match last {
            Some(FollowUp { set_aside: Some(decided), .. }) => Err((Exclusion::SetAside, self.by(*decided))),
            Some(FollowUp { rating: Some(rating), .. }) => Ok(*rating),
            _ if !matches!(self.ticket.state, TicketState::AwaitingArchive | TicketState::Archived) => {
                Err((Exclusion::Open, None))
            }
            _ => {
                let attempt =
                    self.ticket.follow_ups.iter().rev().find(of_round).and_then(|attempt| self.fact(attempt.id));
                let declined = |fact: &Fact| matches!(fact.body, Body::FollowUp { reached: Reached::Declined, .. });
                let reason = match attempt {
                    _ if self.ticket.register.anonymous => Exclusion::Anonymous,
                    Some(fact) if declined(fact) => Exclusion::Declined,
                    _ => Exclusion::Unreached,
                };
                Err((reason, attempt.map(ByAct::of)))
            }
        }
    }

    /// 记不清: the contact log decides.
    fn contacted(&self, part: &Assignment, rating: Rating) -> bool {
        let spoke = |fact: &Fact| {
            fact.author.unit == part.unit && matches!(fact.body, Body::Contact { reached: Reached::Answered, .. })
        };
        match rating.contacted {
            Contacted::Yes => true,
            Contacted::No => false,
            Contacted::Unsure => self.after(part.dispatch).any(spoke),
        }
    }

    /// What leaves the solution rate alone: what the city put on the list of what cannot be solved yet, until it is
    /// released; and what the city closed under 24(5) because something bars it, once that was explained to the requester.
    fn cannot_be_solved(&self, part: &Assignment, rating: Rating) -> Option<Left> {
        if let Some(agreed) = self.deferred(part) {
            return Some((Exclusion::Deferred, Some(ByAct::of(agreed))));
        }
        self.ticket.explained?;
        let fact = |found: Option<(ActId, Millis)>| found.and_then(|(id, _)| self.fact(id));
        let (completed, closed) = (fact(self.ticket.completion)?, fact(self.ticket.closure)?);
        let unsolved = matches!(
            completed.body,
            Body::Complete { outcome: Outcome::Explained | Outcome::NotAdopted | Outcome::Unsolved, .. }
        );
        let by_city = closed.author.level == Level::CityHotline
            && closed.body == Body::ConfirmClosure { ground: ClosureGround::Other };
        let barred = unsolved && by_city && rating.solved != Solved::Yes;
        barred.then(|| (Exclusion::Barred, Some(ByAct::of(closed))))
    }

    /// The act by which the city agreed that the matter cannot be solved for now (21(7)), unless it was released, or the
    /// ticket given on, since.
    fn deferred(&self, part: &Assignment) -> Option<&Fact> {
        let last = self.after(part.dispatch).find(|fact| {
            let kind = fact.body.kind();
            let ends = matches!(kind, ActKind::DeferRelease | ActKind::Recall | ActKind::Remedy)
                || fact.body.dispatch().is_some();
            kind == ActKind::DeferApprove || ends
        });
        last.filter(|fact| fact.body.kind() == ActKind::DeferApprove)
    }

    /// The first rating of all, if it was made of this unit's work and not set aside.
    pub(super) fn first_rating(&self, part: &Assignment, tally: &mut Tally) {
        let Some(first) = self.ticket.follow_ups.iter().find(|follow_up| follow_up.rating.is_some()) else { return };
        let of_this_unit = self.after(part.dispatch).any(|fact| fact.id == first.id);
        if let Some(rating) = first.rating.filter(|_| first.set_aside.is_none() && of_this_unit) {
            tally.first_rated = 1;
            tally.first_solved = i64::from(rating.solved == Solved::Yes);
        }
    }
}
