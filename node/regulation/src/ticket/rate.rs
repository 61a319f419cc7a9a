//! Follow-up and what answers a rating: articles 26 and 27.

use super::{Afterwards, Appeal, Assignment, Finished, FollowUp, Part, Ticket, TicketState, Told, Verified};
use crate::act::{Body, Finding, Rating, Reached, Way};
use crate::fact::Fact;
use crate::ids::{ActId, UnitId};
use crate::rule::{Broken, Rule};

impl Ticket {
    pub(super) fn take_rating(&mut self, fact: &Fact) -> Result<(), Broken> {
        match &fact.body {
            Body::FollowUp { way, rating, reached, of } => {
                // What was filed is not asked about, but whether a request was taken back of the requester's own will.
                if self.state == TicketState::Archived && !self.withdrawn() {
                    return Err(Rule::AlreadyFiled.because(self.in_the_way()));
                }
                if *reached == Reached::Sent && !way.written() {
                    return Err(Rule::SentInWriting.into());
                }
                if rating.is_some() != (*reached == Reached::Answered) {
                    return Err(Rule::RatingIncomplete.into());
                }
                if way.written() && reached.replied() && self.replied_in_writing.is_none() {
                    return Err(Rule::ReplyMissing.because(fact.answers));
                }
                if !self.requesters().any(|asked| asked == *of) {
                    return Err(Rule::NotJoined.because(*of));
                }
                // A rating that somebody has answered already is not asked for again.
                let of_round = self.follow_ups.iter().filter(|f| f.round == self.round && f.of == *of);
                let answered = self.explained.or_else(|| of_round.filter_map(|f| f.set_aside).next());
                let over = matches!(self.state, TicketState::AwaitingArchive | TicketState::AwaitingFollowUp);
                if over && answered.is_some() && self.asked(*of) {
                    return Err(Rule::RatingAnswered.because(answered));
                }
                self.file(fact);
            }
            Body::VerifyRating { finding } => {
                if *finding != Finding::NotDone {
                    self.found_not_done()?;
                }
                if let Some(rated) = self.rated_mut(fact) {
                    rated.found |= *finding != Finding::Wrong;
                    // Said once more, it was said before.
                    if rated.verified.is_none_or(|before| before.finding != *finding) {
                        rated.verified = Some(Verified { id: fact.id, at: fact.when(), finding: *finding });
                    }
                }
            }
            Body::DecideTime { .. } => return self.decide_time(fact),
            Body::Remedy => {
                self.keep(fact);
                self.round += 1;
                self.deferral = None;
                let handles = |a: &&mut Assignment| a.closed_by.is_none() && a.part != Part::Assisting;
                self.assignments.iter_mut().filter(handles).for_each(|a| a.begin_round(fact.done()));
                (self.completion, self.reported, self.closure, self.explained) = (None, None, None, None);
                self.state = TicketState::InProgress;
                self.drop_kept_out(fact);
            }
            Body::Explain => {
                self.found_not_done()?;
                self.explained = Some(fact.id);
                let round = self.round;
                let told = self.follow_ups.iter_mut().filter(|f| f.round == round && f.bad());
                told.for_each(|f| f.explained = Some(fact.id));
                self.answered_for(fact);
            }
            Body::SetAsideRating { .. } => {
                if let Some(rated) = self.rated_mut(fact) {
                    rated.set_aside = Some(fact.id);
                }
                // Where nothing bad is left, nothing is left to be explained or objected to.
                if !self.rated_badly() {
                    self.explained = None;
                    if self.state == TicketState::AwaitingVerification {
                        self.answered_for(fact);
                    }
                }
            }
            Body::Object => {
                if self.objected.is_some() {
                    return Err(Rule::NotExplained.because(self.explained));
                }
                self.objected = Some(fact.done());
                let told = self.follow_ups.iter_mut().filter(|f| f.explained.is_some() && f.explained == fact.answers);
                told.for_each(|f| f.explained = None);
                (self.explained, self.finished, self.archived) = (None, None, None);
                self.state = TicketState::AwaitingVerification;
            }
            Body::Appeal => return self.appeal(fact),
            Body::DecideAppeal { upheld } => {
                let waits = |appeal: &&mut Appeal| Some(appeal.id) == fact.answers && appeal.decided.is_none();
                if let Some(appeal) = self.appeals.iter_mut().find(waits) {
                    appeal.decided = Some((fact.id, *upheld));
                }
            }
            Body::Tolerate { granted } => {
                let possible = if *granted { self.closed_round().is_some() } else { self.tolerated.is_some() };
                if !possible {
                    return Err(Rule::NothingTolerated.into());
                }
                self.tolerated = granted.then_some(fact.id);
            }
            _ => {}
        }
        Ok(())
    }

    /// One appeal on each round that was closed, of whoever led it or had sent it on, and one of each unit that assisted; what was
    /// decided is final: what a unit was refused its county does not ask once more.
    fn appeal(&mut self, fact: &Fact) -> Result<(), Broken> {
        let unit = fact.author.unit;
        let rated = |round: &u32| self.follow_ups.iter().any(|f| f.round == *round && f.rating.is_some());
        let round = self.closed_round().filter(rated).ok_or(Rule::NotRated)?;
        let same = |other: UnitId| other == unit || self.handled(round, unit) && self.handled(round, other);
        if let Some(before) = self.appeals.iter().find(|appeal| appeal.round == round && same(appeal.unit)) {
            return Err(match before.decided {
                None => Rule::AppealPending.because(Some(before.id)),
                Some((decided, _)) => Rule::AppealDecided.because(Some(decided)),
            });
        }
        self.appeals.push(Appeal { id: fact.id, unit, at: fact.when(), round, decided: None });
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

    /// What the requester says of a round, whatever became of that round since.
    pub(super) fn follow_up(
        &mut self,
        (of, way): (Option<ActId>, Way),
        rating: Option<Rating>,
        reached: Reached,
        fact: &Fact,
    ) {
        // One reply is one answer.
        if way.written() && reached.replied() {
            self.replied_in_writing = None;
        }
        let closed = fact.answers.and_then(|closure| self.round_closed_by(closure));
        // Whether the requester withdrew of his own will is kept, and nothing else.
        let withdrawn = self.withdrawn();
        let round = closed.or_else(|| (withdrawn || self.closure.is_some()).then_some(self.round)).unwrap_or_default();
        // Unsettled, it goes before the filing. After that nobody may put a word into the requester's mouth.
        let filed = self.state == TicketState::Archived && !withdrawn;
        let afterwards = self.filed.filter(|_| filed && rating.is_some());
        self.follow_ups.push(FollowUp {
            id: fact.id,
            at: fact.when(),
            entered_at: fact.claimed_at,
            round: if afterwards.is_some() { 0 } else { round },
            of,
            rating,
            declined: reached == Reached::Declined,
            // Nobody picks up a letter: what is written and not answered was sent.
            sent: way.written() && !reached.replied(),
            set_aside: None,
            verified: None,
            found: false,
            explained: None,
        });
        if let Some(before) = afterwards {
            let (act, at, what) = (fact.id, fact.when(), Told::Rating(round));
            self.afterwards.push(Afterwards { act, at, before, what });
        } else if !withdrawn && self.closure.is_some() && round == self.round {
            self.rated(rating, Finished { act: fact.id, at: fact.when(), person: fact.author.person });
        }
    }

    /// A follow-up of the round that is closed counts.
    pub(super) fn rated(&mut self, rating: Option<Rating>, finished: Finished) {
        if rating.is_some_and(Rating::bad) {
            // It undoes the filing, and what was explained was another one.
            (self.explained, self.finished, self.archived) = (None, None, None);
            self.state = TicketState::AwaitingVerification;
        } else {
            self.asked_one(finished);
        }
    }

    /// Whether a bad rating of this round counts.
    fn rated_badly(&self) -> bool {
        let of_round = self.follow_ups.iter().filter(|f| f.round == self.round && f.set_aside.is_none());
        of_round.filter_map(|f| f.rating).any(Rating::bad)
    }
}
