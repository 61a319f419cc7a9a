//! A ticket (诉求工单) from registration to archive: articles 15 to 28.

use crate::act::{Body, Dispatch, Rating, Register, RequestKind, Satisfaction, Solved, Urgency};
use crate::ids::{ActId, Millis, UnitId};
use crate::record::{Fact, Level};
use crate::rule::{Broken, Rule};

/// Where a ticket stands; the lead assignment's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TicketState {
    /// 已登记
    Registered,
    /// 已即时答复
    Answered,
    /// 待签收
    AwaitingSignFor,
    /// 办理中
    InProgress,
    /// 待办结认定
    AwaitingClosure,
    /// 待回访
    AwaitingFollowUp,
    /// 待核实
    AwaitingVerification,
    /// 待归档
    AwaitingArchive,
    /// 已归档
    Archived,
}

impl TicketState {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Registered,
        Self::Answered,
        Self::AwaitingSignFor,
        Self::InProgress,
        Self::AwaitingClosure,
        Self::AwaitingFollowUp,
        Self::AwaitingVerification,
        Self::AwaitingArchive,
        Self::Archived,
    ];

    /// Code name and Chinese name.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Registered => ("registered", "已登记"),
            Self::Answered => ("answered", "已即时答复"),
            Self::AwaitingSignFor => ("awaiting-sign-for", "待签收"),
            Self::InProgress => ("in-progress", "办理中"),
            Self::AwaitingClosure => ("awaiting-closure", "待办结认定"),
            Self::AwaitingFollowUp => ("awaiting-follow-up", "待回访"),
            Self::AwaitingVerification => ("awaiting-verification", "待核实"),
            Self::AwaitingArchive => ("awaiting-archive", "待归档"),
            Self::Archived => ("archived", "已归档"),
        }
    }

    /// The state of that code or Chinese name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.names().0 == text || state.names().1 == text)
    }
}

/// A unit's part in a ticket (17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// 主办
    Lead,
    /// 协办
    Assisting,
}

/// One unit's part under one dispatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The act that assigned it: `dispatch`, `redispatch` or `return-approve`.
    pub dispatch: ActId,
    /// The unit.
    pub unit: UnitId,
    /// Its part.
    pub part: Part,
    /// The hotline that dispatched.
    pub by: UnitId,
    /// When it was dispatched.
    pub dispatched_at: Millis,
    /// The sign-for and when.
    pub signed_for: Option<(ActId, Millis)>,
    /// A return was asked for and refused; it may not be asked for again (18).
    pub return_denied: bool,
    /// The unit's own archive (28).
    pub archived: Option<ActId>,
    /// The act that took the ticket away again.
    pub closed_by: Option<ActId>,
}

/// One round of follow-up (26).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// The act.
    pub id: ActId,
    /// When.
    pub at: Millis,
    /// What the requester said, if reached.
    pub rating: Option<Rating>,
}

/// What the acts of a ticket come to. Text, category, place and tags are in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The registering act.
    pub registered: ActId,
    /// When it was registered.
    pub registered_at: Millis,
    /// The unit that registered it.
    pub registered_by: UnitId,
    /// Typed fields of the registration.
    pub register: Register,
    /// Where it stands.
    pub state: TicketState,
    /// Every assignment, in the order in which they were made.
    pub assignments: Vec<Assignment>,
    /// The dispatch in force.
    pub dispatch: Option<ActId>,
    /// A return request that waits for a decision.
    pub return_request: Option<ActId>,
    /// When the unit in charge last asked to return it.
    pub return_requested_at: Option<Millis>,
    /// When the lead unit first reported on it.
    pub first_report: Option<Millis>,
    /// The completion in force, and when the work was done.
    pub completion: Option<(ActId, Millis)>,
    /// The closure in force, and when it was confirmed.
    pub closure: Option<(ActId, Millis)>,
    /// Follow-ups, oldest first.
    pub follow_ups: Vec<FollowUp>,
    /// The answer given at once.
    pub answer: Option<ActId>,
    /// The city's archive (28).
    pub archived: Option<ActId>,
}

impl Ticket {
    pub(crate) fn register(register: &Register, fact: &Fact) -> Result<Self, Broken> {
        city_only(fact)?;
        Ok(Self {
            registered: fact.id,
            registered_at: fact.when(),
            registered_by: fact.author.unit,
            register: register.clone(),
            state: TicketState::Registered,
            assignments: Vec::new(),
            dispatch: None,
            return_request: None,
            return_requested_at: None,
            first_report: None,
            completion: None,
            closure: None,
            follow_ups: Vec::new(),
            answer: None,
            archived: None,
        })
    }

    /// The lead assignment of the dispatch in force.
    #[must_use]
    pub fn lead(&self) -> Option<&Assignment> {
        self.assignments.iter().find(|a| a.closed_by.is_none() && a.part == Part::Lead)
    }

    /// The assisting assignments of the dispatch in force.
    pub fn assisting(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(|a| a.closed_by.is_none() && a.part == Part::Assisting)
    }

    /// Whether the request is urgent help (21(3)).
    #[must_use]
    pub fn urgent(&self) -> bool {
        self.register.urgency == Urgency::Urgent && self.register.kind == RequestKind::Help
    }

    pub(crate) fn apply(&mut self, fact: &Fact) -> Result<(), Broken> {
        match &fact.body {
            Body::Answer => self.answer(fact),
            Body::Dispatch(dispatch) => self.dispatch(dispatch, fact),
            Body::Redispatch(dispatch) => self.redispatch(dispatch, fact),
            Body::SignFor => self.sign_for(fact),
            Body::ReturnRequest { .. } => self.request_return(fact),
            Body::ReturnApprove(dispatch) => self.approve_return(dispatch, fact),
            Body::ReturnDeny => self.deny_return(fact),
            Body::Contact { .. } | Body::Progress { .. } => self.report(fact),
            Body::Complete { .. } => self.complete(fact),
            Body::ConfirmClosure { .. } => self.confirm_closure(fact),
            Body::FollowUp { rating, reached, .. } => {
                if rating.is_some() != (*reached == crate::act::Reached::Answered) {
                    return Err(Rule::RatingIncomplete.into());
                }
                self.follow_up(*rating, fact)
            }
            Body::Archive => self.archive(fact),
            Body::Note | Body::Tag | Body::Correct => self.write(fact),
            Body::Settle => Ok(()),
            Body::Register(_) | Body::ArticleCreate | Body::ArticleEdit | Body::ArticlePublish => {
                Err(Rule::WrongDocument.into())
            }
        }
    }

    fn answer(&mut self, fact: &Fact) -> Result<(), Broken> {
        city_only(fact)?;
        if self.state != TicketState::Registered {
            return Err(Rule::NotOpenForAnswer.because(self.answer.or(self.dispatch)));
        }
        self.state = TicketState::Answered;
        self.answer = Some(fact.id);
        Ok(())
    }

    fn dispatch(&mut self, dispatch: &Dispatch, fact: &Fact) -> Result<(), Broken> {
        city_only(fact)?;
        match self.state {
            TicketState::Registered => self.assign(dispatch, fact),
            TicketState::Answered => Err(Rule::NotOpenForAnswer.because(self.answer)),
            _ => Err(Rule::AlreadyDispatched.because(self.dispatch)),
        }
    }

    fn redispatch(&mut self, dispatch: &Dispatch, fact: &Fact) -> Result<(), Broken> {
        self.dispatching_hotline(fact)?;
        self.answers_dispatch(fact)?;
        if let Some((completion, _)) = self.completion {
            return Err(Rule::AfterCompletion.because(Some(completion)));
        }
        self.another_lead(dispatch)?;
        self.assign(dispatch, fact)
    }

    fn sign_for(&mut self, fact: &Fact) -> Result<(), Broken> {
        self.answers_dispatch(fact)?;
        let state = self.state;
        let assignment = self.assignment_of(fact)?;
        if let Some((earlier, _)) = assignment.signed_for {
            return Err(Rule::AlreadySignedFor.because(Some(earlier)));
        }
        assignment.signed_for = Some((fact.id, fact.when()));
        if assignment.part == Part::Lead && state == TicketState::AwaitingSignFor {
            self.state = TicketState::InProgress;
        }
        Ok(())
    }

    fn request_return(&mut self, fact: &Fact) -> Result<(), Broken> {
        self.answers_dispatch(fact)?;
        self.lead_only(fact)?;
        if let Some(request) = self.return_request {
            return Err(Rule::ReturnPending.because(Some(request)));
        }
        if self.lead().is_some_and(|lead| lead.return_denied) {
            return Err(Rule::ReturnOnce.into());
        }
        if !matches!(self.state, TicketState::AwaitingSignFor | TicketState::InProgress) {
            return Err(Rule::NotInHand.because(self.completion.map(|(id, _)| id)));
        }
        self.return_request = Some(fact.id);
        self.return_requested_at = Some(fact.when());
        Ok(())
    }

    fn approve_return(&mut self, dispatch: &Dispatch, fact: &Fact) -> Result<(), Broken> {
        self.dispatching_hotline(fact)?;
        self.answers_return(fact)?;
        self.another_lead(dispatch)?;
        self.assign(dispatch, fact)
    }

    fn deny_return(&mut self, fact: &Fact) -> Result<(), Broken> {
        self.dispatching_hotline(fact)?;
        self.answers_return(fact)?;
        self.return_request = None;
        self.state = TicketState::InProgress;
        if let Some(lead) = self.lead_mut() {
            lead.return_denied = true;
            // A return request counts as receipt (18): a unit gains no time by asking.
            lead.signed_for.get_or_insert((fact.id, fact.when()));
        }
        Ok(())
    }

    fn report(&mut self, fact: &Fact) -> Result<(), Broken> {
        self.answers_dispatch(fact)?;
        let assignment = self.assignment_of(fact)?;
        if assignment.signed_for.is_none() {
            return Err(Rule::NotSignedFor.into());
        }
        let lead = assignment.part == Part::Lead;
        if lead && matches!(fact.body, Body::Progress { .. }) {
            self.first_report.get_or_insert(fact.when());
        }
        Ok(())
    }

    fn complete(&mut self, fact: &Fact) -> Result<(), Broken> {
        self.answers_dispatch(fact)?;
        self.lead_only(fact)?;
        if self.return_request.is_some() {
            return Err(Rule::ReturnPending.because(self.return_request));
        }
        match self.state {
            TicketState::InProgress => {
                self.state = TicketState::AwaitingClosure;
                self.completion = Some((fact.id, fact.when()));
                Ok(())
            }
            TicketState::AwaitingSignFor => Err(Rule::NotSignedFor.into()),
            _ => Err(Rule::NotInHand.because(self.completion.map(|(id, _)| id))),
        }
    }

    fn confirm_closure(&mut self, fact: &Fact) -> Result<(), Broken> {
        self.dispatching_hotline(fact)?;
        let completion = self.completion.map(|(id, _)| id);
        if self.state != TicketState::AwaitingClosure || fact.answers != completion {
            return Err(Rule::NoCompletion.because(self.closure.map(|(id, _)| id).or(completion)));
        }
        self.state = TicketState::AwaitingFollowUp;
        self.closure = Some((fact.id, fact.when()));
        Ok(())
    }

    fn follow_up(&mut self, rating: Option<Rating>, fact: &Fact) -> Result<(), Broken> {
        city_only(fact)?;
        let open = matches!(self.state, TicketState::AwaitingFollowUp | TicketState::AwaitingVerification);
        let closure = self.closure.map(|(id, _)| id);
        if !open || fact.answers != closure {
            return Err(Rule::NoClosure.because(self.follow_ups.last().map(|f| f.id).or(closure)));
        }
        self.follow_ups.push(FollowUp { id: fact.id, at: fact.when(), rating });
        let bad = |r: Rating| r.solved == Solved::No || r.satisfaction == Satisfaction::Dissatisfied;
        let unreached = self.follow_ups.iter().filter(|f| f.rating.is_none()).count();
        self.state = match rating {
            Some(rating) if bad(rating) => TicketState::AwaitingVerification,
            Some(_) => TicketState::AwaitingArchive,
            // Three attempts in vain end the follow-up [D, domain.md T24].
            None if unreached >= 3 => TicketState::AwaitingArchive,
            None => self.state,
        };
        Ok(())
    }

    fn archive(&mut self, fact: &Fact) -> Result<(), Broken> {
        use TicketState::{Answered, Archived, AwaitingArchive};
        if !matches!(self.state, Answered | AwaitingArchive | Archived) {
            return Err(Rule::NotReadyForArchive.into());
        }
        if fact.author.level == Level::CityHotline {
            if self.archived.is_some() {
                return Err(Rule::AlreadyArchived.because(self.archived));
            }
            self.archived = Some(fact.id);
            self.state = Archived;
            return Ok(());
        }
        let assignment = self.assignment_of(fact)?;
        if assignment.archived.is_some() {
            return Err(Rule::AlreadyArchived.because(assignment.archived));
        }
        assignment.archived = Some(fact.id);
        Ok(())
    }

    /// Notes, tags and corrections: by the hotline or by a unit that handles it now.
    fn write(&self, fact: &Fact) -> Result<(), Broken> {
        let handles = self.assignments.iter().any(|a| a.closed_by.is_none() && a.unit == fact.author.unit);
        if handles || fact.author.level == Level::CityHotline || self.dispatched_by(fact.author.unit) {
            Ok(())
        } else {
            Err(Rule::HolderOnly.because(self.closer_of(fact.author.unit)))
        }
    }

    /// Closes the assignments in force and makes the new ones.
    fn assign(&mut self, dispatch: &Dispatch, fact: &Fact) -> Result<(), Broken> {
        let mut units: Vec<UnitId> = dispatch.assisting.iter().copied().chain([dispatch.lead]).collect();
        units.sort_unstable();
        if units.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Rule::UnitTwice.into());
        }
        for assignment in self.assignments.iter_mut().filter(|a| a.closed_by.is_none()) {
            assignment.closed_by = Some(fact.id);
        }
        let assignment = |unit, part| Assignment {
            dispatch: fact.id,
            unit,
            part,
            by: fact.author.unit,
            dispatched_at: fact.when(),
            signed_for: None,
            return_denied: false,
            archived: None,
            closed_by: None,
        };
        self.assignments.push(assignment(dispatch.lead, Part::Lead));
        self.assignments.extend(dispatch.assisting.iter().map(|unit| assignment(*unit, Part::Assisting)));
        self.dispatch = Some(fact.id);
        self.return_request = None;
        self.return_requested_at = None;
        self.first_report = None;
        self.state = TicketState::AwaitingSignFor;
        Ok(())
    }

    fn answers_dispatch(&self, fact: &Fact) -> Result<(), Broken> {
        let Some(current) = self.dispatch else { return Err(Rule::NotDispatched.because(self.answer)) };
        match fact.answers {
            None => Err(Rule::AnswerMissing.into()),
            Some(answered) if answered == current => Ok(()),
            Some(_) => Err(Rule::NotCurrentDispatch.because(self.closer_of(fact.author.unit).or(Some(current)))),
        }
    }

    fn answers_return(&self, fact: &Fact) -> Result<(), Broken> {
        if fact.answers.is_some() && fact.answers == self.return_request {
            Ok(())
        } else {
            Err(Rule::NoReturnPending.because(self.return_request.or(self.dispatch)))
        }
    }

    fn another_lead(&self, dispatch: &Dispatch) -> Result<(), Broken> {
        match self.lead() {
            Some(lead) if lead.unit == dispatch.lead => Err(Rule::SameLead.because(self.dispatch)),
            _ => Ok(()),
        }
    }

    fn lead_only(&self, fact: &Fact) -> Result<(), Broken> {
        match self.lead() {
            Some(lead) if lead.unit == fact.author.unit => Ok(()),
            _ => Err(Rule::LeadOnly.because(self.dispatch)),
        }
    }

    fn dispatching_hotline(&self, fact: &Fact) -> Result<(), Broken> {
        if self.dispatch.is_none() {
            return Err(Rule::NotDispatched.because(self.answer));
        }
        if self.dispatched_by(fact.author.unit) { Ok(()) } else { Err(Rule::DispatcherOnly.into()) }
    }

    fn dispatched_by(&self, unit: UnitId) -> bool {
        self.lead().is_some_and(|lead| lead.by == unit)
    }

    fn assignment_of(&mut self, fact: &Fact) -> Result<&mut Assignment, Broken> {
        let closer = self.closer_of(fact.author.unit);
        self.assignments
            .iter_mut()
            .find(|a| a.closed_by.is_none() && a.unit == fact.author.unit)
            .ok_or(Rule::AssignedOnly.because(closer))
    }

    fn lead_mut(&mut self) -> Option<&mut Assignment> {
        self.assignments.iter_mut().find(|a| a.closed_by.is_none() && a.part == Part::Lead)
    }

    /// The act that last took the ticket away from a unit.
    fn closer_of(&self, unit: UnitId) -> Option<ActId> {
        self.assignments.iter().rev().find(|a| a.unit == unit).and_then(|a| a.closed_by)
    }
}

fn city_only(fact: &Fact) -> Result<(), Broken> {
    if fact.author.level == Level::CityHotline { Ok(()) } else { Err(Rule::CityOnly.into()) }
}
