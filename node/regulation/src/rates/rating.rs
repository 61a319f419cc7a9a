//! Which rating counts, for what, and what of it is left out.

use super::closed::Closed;
use super::item::Scored;
use super::{ByAct, Exclusion, Life, Tally, mean};
use crate::act::{Body, ClosureGround, Contacted, Finding, Outcome, Rating, Reached, Satisfaction, Solved};
use crate::calendar;
use crate::fact::{Fact, Level};
use crate::ids::{ActId, Millis};
use crate::kind::ActKind;
use crate::terms::{self, DueKind};
use crate::ticket::{Appeal, Assignment, FollowUp, Part, TicketState};

/// Why something is left out, and by which act.
pub(super) type Left = (Exclusion, Option<ByAct>);

impl Life<'_> {
    /// What keeps a closure out of all figures of a part that handled it, and what came due of that part in it.
    pub(super) fn left_out(&self, closed: &Closed<'_>, part: &Assignment, scored: &Scored<'_>) -> Option<Left> {
        let before = |tolerated: &ActId| self.after(closed.act).any(|fact| fact.id == *tolerated);
        if let Some(tolerated) = self.ticket.tolerated.filter(before) {
            return Some((Exclusion::Tolerated, self.by(tolerated)));
        }
        // By the unit that is scored or the county above it, in time. While it waits everything counts as it does: to ask is no
        // gain. What a unit below was wronged in is no excuse of the county's.
        let theirs = |appeal: &&Appeal| {
            let above = |own: &Assignment| own.unit == appeal.unit && own.part == Part::Outer;
            appeal.unit == part.unit || part.part == Part::Lead && closed.ticket.in_force().any(above)
        };
        let month = calendar::month_ends(calendar::month_of_day(calendar::local_day(closed.at)));
        let limit = scored.calendar.due(month.saturating_sub(1), scored.terms.appeal_wd).due;
        let in_time =
            |appeal: &&Appeal| terms::before(self.ticket, (appeal.id, appeal.at), limit, scored.calendar, scored.terms);
        let of_it = self.ticket.appeals.iter().filter(|appeal| appeal.round == closed.ticket.round);
        let upheld =
            of_it.filter(theirs).filter(in_time).find_map(|appeal| appeal.decided.filter(|(_, upheld)| *upheld));
        upheld.map(|(decided, _)| (Exclusion::AppealUpheld, self.by(decided)))
    }

    /// What the rating that counts adds to a closure, and what it leaves out: where several requesters rated it, the mean of
    /// what they said (16).
    pub(super) fn rating(
        &self,
        closed: &Closed<'_>,
        all: &[Closed<'_>],
        tally: &mut Tally,
        scored: &Scored<'_>,
    ) -> Option<Left> {
        let told = match self.adopted(closed, all) {
            Err(left) => return Some(left),
            Ok(told) => told,
        };
        let of = told.len();
        let much = |says: &dyn Fn(&FollowUp, Rating) -> bool| {
            told.iter().filter(|f| f.rating.is_some_and(|rating| says(f, rating))).count()
        };
        tally.rated = 1;
        let contacted = much(&|f, _| self.contacted(closed, f, scored));
        (tally.contacted, tally.contacted_parts) = mean(contacted, of);
        let satisfied = |said| mean(much(&|_, rating| rating.satisfaction == said), of);
        (tally.satisfied, tally.satisfied_parts) = satisfied(Satisfaction::Satisfied);
        (tally.mostly_satisfied, tally.mostly_satisfied_parts) = satisfied(Satisfaction::Mostly);
        match self.waits(closed) {
            Some((agreed, _)) => Some((Exclusion::Deferred, Some(ByAct::of(agreed)))),
            None => self.judged(closed, &told, tally),
        }
    }

    /// What waits when it is closed counts for the solution rate when its end has come, as that stands with what it waited for:
    /// when, what it adds, and what it leaves out.
    pub(super) fn waited(&self, closed: &Closed<'_>, all: &[Closed<'_>]) -> Option<(Millis, Tally, Option<Left>)> {
        let (_, due) = self.waits(closed)?;
        let told = self.adopted(closed, all).ok()?;
        let mut tally = Tally::default();
        let left = self.judged(closed, &told, &mut tally);
        Some((due.saturating_sub(1), tally, left))
    }

    /// Whether it was solved, by those who rated it.
    fn judged(&self, closed: &Closed<'_>, told: &[&FollowUp], tally: &mut Tally) -> Option<Left> {
        // Whoever says that something is not solved which could not be does not count for it.
        let left = |said| self.barred(closed, said);
        let much = |says: &dyn Fn(Solved) -> bool| {
            told.iter().filter(|f| f.rating.is_some_and(|rating| says(rating.solved))).count()
        };
        let judged = much(&|said| left(said).is_none());
        if judged == 0 {
            return told.iter().find_map(|f| left(f.rating?.solved));
        }
        tally.judged = 1;
        let solved = |as_said| mean(much(&|said| said == as_said && left(said).is_none()), judged);
        (tally.solved, tally.solved_parts) = solved(Solved::Yes);
        (tally.mostly_solved, tally.mostly_solved_parts) = solved(Solved::Mostly);
        None
    }

    /// The ratings that count for a unit, one of each requester: those of the last round of its own of which one was adopted. A
    /// round that was begun and never came to that leaves those before in force.
    fn adopted(&self, closed: &Closed<'_>, all: &[Closed<'_>]) -> Result<Vec<&FollowUp>, Left> {
        let round = closed.ticket.round;
        let own = all.iter().filter(|other| other.lead.unit == closed.lead.unit);
        let last = own.filter_map(|other| self.ticket.rating_of(other.ticket.round)).max_by_key(|f| f.round);
        let attempts = self.ticket.follow_ups.iter().rev().filter(|f| f.round == round);
        let rated = self.ticket.ratings_of(round);
        if !rated.is_empty() {
            return match last {
                Some(last) if last.round != round => Err((Exclusion::Superseded, self.fact(last.id).map(ByAct::of))),
                _ => Ok(rated),
            };
        }
        if let Some(decided) = attempts.clone().find_map(|f| f.set_aside) {
            return Err((Exclusion::SetAside, self.by(decided)));
        }
        if !matches!(closed.ticket.state, TicketState::AwaitingArchive | TicketState::Archived) {
            return Err((Exclusion::Open, None));
        }
        let attempt = attempts.clone().next().and_then(|attempt| self.fact(attempt.id));
        let declined = |fact: &Fact| matches!(fact.body, Body::FollowUp { reached: Reached::Declined, .. });
        let reason = match attempt {
            _ if self.ticket.register.anonymous => Exclusion::Anonymous,
            Some(fact) if declined(fact) => Exclusion::Declined,
            _ => Exclusion::Unreached,
        };
        Err((reason, attempt.map(ByAct::of)))
    }

    /// 记不清: the log of calls decides, as it was when the requester was asked; whoever was written to may not have read it. What
    /// was entered afterwards came too late for it; what reached the city late counts where its own account of the time does.
    fn contacted(&self, closed: &Closed<'_>, rated: &FollowUp, scored: &Scored<'_>) -> bool {
        let spoke = |fact: &Fact| {
            fact.author.unit == closed.lead.unit
                && matches!(fact.body, Body::Contact { way, reached: Reached::Answered } if !way.written())
                && terms::before(self.ticket, (fact.id, fact.claimed_at), rated.at, scored.calendar, scored.terms)
        };
        match rated.rating.map(|rating| rating.contacted) {
            Some(Contacted::Yes) => true,
            Some(Contacted::Unsure) => self.after(closed.lead.dispatch).any(spoke),
            Some(Contacted::No) | None => false,
        }
    }

    /// What the city put on the list of what cannot be solved yet, where it was not released when it was closed, and was reported as
    /// not solved; and when its end comes. It leaves the solution rate while it waits, and no longer.
    fn waits(&self, closed: &Closed<'_>) -> Option<(&Fact, Millis)> {
        let agreed = self.deferred(closed)?;
        let completed = closed.ticket.completion.and_then(|(id, _)| self.fact(id))?;
        // What came to anything else than that it is not solved waits for nothing any more.
        let unsolved = matches!(completed.body, Body::Complete { outcome: Outcome::Unsolved, .. });
        let due = closed.all(DueKind::Finish).map(|item| item.due).max()?;
        (unsolved && due > closed.at).then_some((agreed, due))
    }

    /// What the city closed under 24(5) because something bars it leaves the solution rate alone. That
    /// rests on the city's finding alone: not on whether the unit has explained it, nor on whether the requester objects; a unit
    /// that finds it not done, or does it again, finds nothing that barred it.
    fn barred(&self, closed: &Closed<'_>, said: Solved) -> Option<Left> {
        let (completed, found) = (closed.ticket.completion.and_then(|(id, _)| self.fact(id)), self.fact(closed.act));
        let of_round =
            self.ticket.follow_ups.iter().filter(|f| f.round == closed.ticket.round && f.set_aside.is_none());
        let not_done = of_round.filter_map(|f| f.verified).any(|verified| verified.finding == Finding::NotDone);
        if not_done || closed.until.is_some() {
            return None;
        }
        let (completed, found) = (completed?, found?);
        let unsolved = matches!(
            completed.body,
            Body::Complete { outcome: Outcome::Explained | Outcome::NotAdopted | Outcome::Unsolved, .. }
        );
        let by_city = found.author.level == Level::CityHotline
            && found.body == Body::ConfirmClosure { ground: ClosureGround::Other };
        let barred = unsolved && by_city && said == Solved::No;
        barred.then(|| (Exclusion::Barred, Some(ByAct::of(found))))
    }

    /// The act by which the city agreed that the matter cannot be solved for now (21(7)), if that held when it was closed: unless
    /// it was released, or the ticket given to another unit, before. What is released afterwards, once it is rated, was not.
    fn deferred(&self, closed: &Closed<'_>) -> Option<&Fact> {
        let first = self.first_dispatch(closed.lead);
        let last = self.between(first, Some(closed.act)).find(|fact| {
            let kind = fact.body.kind();
            let ends = matches!(kind, ActKind::DeferRelease | ActKind::Remedy)
                || fact.body.dispatch().is_some_and(|dispatch| dispatch.lead != closed.lead.unit);
            kind == ActKind::DeferApprove || ends
        });
        last.filter(|fact| fact.body.kind() == ActKind::DeferApprove)
    }

    /// The first round that was rated at all, if that is this one and its rating was adopted.
    pub(super) fn first_rating(&self, closed: &Closed<'_>, tally: &mut Tally) {
        let rated = self.ticket.follow_ups.iter().filter(|f| f.rating.is_some() && f.round > 0).map(|f| f.round).min();
        let told = self.ticket.ratings_of(closed.ticket.round);
        if rated == Some(closed.ticket.round) && !told.is_empty() {
            tally.first_rated = 1;
            let solved = told.iter().filter(|f| f.rating.is_some_and(|rating| rating.solved == Solved::Yes)).count();
            (tally.first_solved, tally.first_solved_parts) = mean(solved, told.len());
        }
    }
}
