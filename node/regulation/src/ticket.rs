//! A ticket (诉求工单) from registration to archive: articles 9 to 28.
//!
//! [`Ticket::apply`] checks an act against its row of [`crate::table`] and then lets it take effect; the effects are in
//! the modules below, each with what a row cannot say.

mod close;
mod dispatch;
mod handle;
mod intake;
mod rate;

use crate::act::{Body, Rating, Register, RequestKind, SuperviseGround, SuperviseLevel, Urgency};
use crate::ids::{ActId, Millis, PersonId, UnitId};
use crate::kind::ActKind;
use crate::record::{Author, Fact, Level};
use crate::rule::{Broken, Rule};
use crate::table::{self, Target, Who};

macro_rules! states {
    ($($variant:ident = $code:literal, $chinese:literal;)*) => {
        /// Where a ticket stands; the lead assignment's state.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum TicketState { $(#[doc = $chinese] $variant,)* }

        impl TicketState {
            /// Every state.
            pub const ALL: [Self; 16] = [$(Self::$variant,)*];

            /// Code name and Chinese name.
            #[must_use]
            pub const fn names(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($code, $chinese),)* }
            }
        }
    };
}

states! {
    Registered = "registered", "已登记";
    AwaitingConfirmation = "awaiting-confirmation", "待受理确认";
    Answered = "answered", "已即时答复";
    Rejected = "rejected", "不予受理";
    Referred = "referred", "已转其他热线";
    AwaitingDispatch = "awaiting-dispatch", "待派发";
    AwaitingSignFor = "awaiting-sign-for", "待签收";
    InProgress = "in-progress", "办理中";
    AwaitingClosure = "awaiting-closure", "待办结认定";
    AwaitingFollowUp = "awaiting-follow-up", "待回访";
    AwaitingVerification = "awaiting-verification", "待核实";
    AwaitingArchive = "awaiting-archive", "待归档";
    Archived = "archived", "已归档";
    OwnMatter = "own-matter", "自办件";
    Withdrawn = "withdrawn", "已撤单";
    Merged = "merged", "已合并";
}

impl TicketState {
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
    /// 已下派的县热线: its outer terms go on while another unit leads.
    Outer,
}

/// An extension that was asked for (22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The request.
    pub id: ActId,
    /// When it was made.
    pub at: Millis,
    /// Working days.
    pub days: u8,
}

/// An extension that was granted (22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The request.
    pub asked: ActId,
    /// When it was made: one that was made too late moves no due.
    pub asked_at: Millis,
    /// Working days granted.
    pub days: u32,
    /// A law or regulation provides for more than the usual most.
    pub by_law: bool,
}

/// A term of a law, regulation or rule that the unit named for the matter (21(6)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegalTerm {
    /// The report that named it.
    pub id: ActId,
    /// When it was named.
    pub at: Millis,
    /// The first moment that is too late under it.
    pub due: Millis,
    /// The hotline found that it governs; until then it holds, but nothing is called overdue or in time by it.
    pub confirmed: bool,
}

/// Why a clock of a unit stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseWhy {
    /// A hotline decided on a return that it then refused (18).
    Return,
    /// A hotline looked at a completion that it then sent back (24).
    Review,
    /// The matter could not be solved for the time being (21(7)).
    Deferral,
}

/// Time that does not count for a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// From when.
    pub from: Millis,
    /// Until when.
    pub to: Millis,
    /// The act that it began with: the return request, the completion, the report.
    pub act: ActId,
    /// Why.
    pub why: PauseWhy,
}

/// One unit's part under one dispatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The act that assigned it: `dispatch`, `redispatch`, `designate`, `sub-dispatch` or `return-approve`.
    pub dispatch: ActId,
    /// The unit.
    pub unit: UnitId,
    /// Its part.
    pub part: Part,
    /// The hotline that dispatched.
    pub by: UnitId,
    /// When it was dispatched.
    pub dispatched_at: Millis,
    /// When it was first at the unit's node, or the unit was told by telephone (送达, `[D]`).
    pub delivered_at: Option<Millis>,
    /// It was designated: no further return (17).
    pub designated: bool,
    /// The sign-for and when.
    pub signed_for: Option<(ActId, Millis)>,
    /// The first time that the requester was reached or tried, and by which act (19).
    pub first_contact: Option<(ActId, Millis)>,
    /// A return request that waits for a decision, and when it was made.
    pub return_request: Option<(ActId, Millis)>,
    /// When a return was first asked for.
    pub return_asked_at: Option<Millis>,
    /// Returns that were refused: after the first one the unit may ask once more, with new facts (18, `[D]`).
    pub returns_refused: u8,
    /// When a county took the ticket back from a unit that had asked to return it: it may pass the return on.
    pub back_at: Option<Millis>,
    /// Times that do not count.
    pub pauses: Vec<Pause>,
    /// An extension that waits for a decision.
    pub extension: Option<Asked>,
    /// Extensions granted, oldest first (22).
    pub extensions: Vec<Extension>,
    /// When an extension was last decided, and when the requester heard of it (22; asked and decided, `[D]`).
    pub tell: Option<(Millis, Option<Millis>)>,
    /// The statutory term that the unit named (21(6)).
    pub legal: Option<LegalTerm>,
    /// Feedback of an assisting unit.
    pub fed_back: Option<Millis>,
    /// The unit's own archive (28).
    pub archived: Option<ActId>,
    /// The act that took the ticket away again.
    pub closed_by: Option<ActId>,
}

impl Assignment {
    /// 送达: a witness or a call shows that the unit has it, or what it did does.
    #[must_use]
    pub const fn arrived(&self) -> bool {
        self.delivered_at.is_some() || self.signed_for.is_some() || self.return_asked_at.is_some()
    }
}

/// One attempt of follow-up (26).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// The act.
    pub id: ActId,
    /// When.
    pub at: Millis,
    /// The round of handling that it asks about, from 1.
    pub round: u32,
    /// What the requester said, if reached.
    pub rating: Option<Rating>,
    /// It was set aside (27(3)): kept, not counted.
    pub set_aside: bool,
}

/// One supervision (25).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supervision {
    /// The act.
    pub id: ActId,
    /// When.
    pub at: Millis,
    /// The hotline that raised it.
    pub by: UnitId,
    /// The unit that answers for it.
    pub unit: UnitId,
    /// The dispatch by which that unit has the ticket.
    pub dispatch: ActId,
    /// The round of handling, from 1.
    pub round: u32,
    /// Its grade.
    pub level: SuperviseLevel,
    /// The item of article 25.
    pub ground: SuperviseGround,
    /// The newest reply.
    pub replied_at: Option<Millis>,
    /// It was released.
    pub released_at: Option<Millis>,
}

/// An escalation that waits for an opinion (20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// The act.
    pub id: ActId,
    /// The government or superior that was asked.
    pub to: UnitId,
    /// When.
    pub at: Millis,
}

/// A matter that cannot be solved for now (21(7)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deferral {
    /// The report.
    pub id: ActId,
    /// When it was reported.
    pub at: Millis,
    /// 挂账: when it is looked at again, once the city agreed.
    pub review_at: Option<Millis>,
}

/// An act that reached the city later than it says it was made, as the city hub witnessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Late {
    /// The act.
    pub act: ActId,
    /// It cannot have been made before.
    pub not_before: Millis,
    /// It was made by then.
    pub received_at: Millis,
    /// Its device was out of reach meanwhile, as far as can be seen.
    pub offline: bool,
    /// What it says lies between the two, give or take the allowance for clocks.
    pub clock_good: bool,
    /// What an officer decided: whether it counts as in time.
    pub decided: Option<bool>,
}

/// A merge that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MergedInto {
    /// The act.
    pub id: ActId,
    /// The ticket that goes on.
    pub into: ActId,
    /// The state before.
    pub before: TicketState,
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
    /// The city hotline's unit and the time, once it took the ticket in (15).
    pub taken_in: Option<(UnitId, Millis)>,
    /// Typed fields of the registration.
    pub register: Register,
    /// Urgency as it is now.
    pub urgency: Urgency,
    /// Where it stands.
    pub state: TicketState,
    /// Every assignment, in the order in which they were made.
    pub assignments: Vec<Assignment>,
    /// The lead unit's first report on it, and when.
    pub first_report: Option<(ActId, Millis)>,
    /// Units that are kept out (13).
    pub recused: Vec<UnitId>,
    /// An escalation that waits (20).
    pub escalation: Option<Escalation>,
    /// Governments and superiors that were asked.
    pub asked: Vec<UnitId>,
    /// A deferral that was reported or agreed (21(7)).
    pub deferral: Option<Deferral>,
    /// The completion in force, and when the work was done.
    pub completion: Option<(ActId, Millis)>,
    /// The report by which in time or not is judged: the completion in force, or one before it that was sent back for its
    /// form alone.
    pub reported: Option<(ActId, Millis)>,
    /// The closure in force, and when it was confirmed.
    pub closure: Option<(ActId, Millis)>,
    /// Round of handling, from 1; each remedy begins another (27(1)).
    pub round: u32,
    /// When the present round began, if it is not the first, or the completion was last sent back.
    pub again_from: Option<Millis>,
    /// Follow-ups, oldest first.
    pub follow_ups: Vec<FollowUp>,
    /// The explanation that the requester was given (27(2)).
    pub explained: Option<ActId>,
    /// The requester objected to it already.
    pub objected: bool,
    /// Supervisions, oldest first.
    pub supervisions: Vec<Supervision>,
    /// Appeals that wait for a decision, one a unit, oldest first.
    pub appeals: Vec<(ActId, UnitId)>,
    /// Acts that reached the city late, as the city hub witnessed; oldest first.
    pub late: Vec<Late>,
    /// How often the requester urged.
    pub urges: u32,
    /// Tickets of other requesters that were merged into this one.
    pub joined: Vec<ActId>,
    /// Whoever works on it at the hotline.
    pub claimed_by: Option<PersonId>,
    /// The answer, rejection or referral that ended it at intake.
    pub answer: Option<ActId>,
    /// When the last step before the archive was made, and by whom.
    pub finished: Option<(Millis, Option<PersonId>)>,
    /// The merge in force.
    pub merged: Option<MergedInto>,
    /// The city's archive (28).
    pub archived: Option<ActId>,
}

impl Ticket {
    /// The unit that leads now: the deepest one of a chain of sub-dispatches.
    #[must_use]
    pub fn lead(&self) -> Option<&Assignment> {
        self.assignments.iter().find(|a| a.closed_by.is_none() && a.part == Part::Lead)
    }

    /// The assignments in force.
    pub fn in_force(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(|assignment| assignment.closed_by.is_none())
    }

    /// The assisting assignments in force.
    pub fn assisting(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(|a| a.closed_by.is_none() && a.part == Part::Assisting)
    }

    /// The dispatch that the lead unit has the ticket by.
    #[must_use]
    pub fn dispatch(&self) -> Option<ActId> {
        self.lead().map(|lead| lead.dispatch)
    }

    /// A return request that waits for a decision, and when it was made.
    #[must_use]
    pub fn return_request(&self) -> Option<(ActId, Millis)> {
        self.in_force().find_map(|assignment| assignment.return_request)
    }

    /// An extension that waits for a decision.
    #[must_use]
    pub fn extension(&self) -> Option<Asked> {
        self.in_force().find_map(|assignment| assignment.extension)
    }

    /// The rating that the unit has to verify: the newest bad one of this round that was not set aside.
    #[must_use]
    pub fn bad_rating(&self) -> Option<ActId> {
        let of_round = self.follow_ups.iter().rev().filter(|f| f.round == self.round && !f.set_aside);
        let mut bad = of_round.filter(|f| f.rating.is_some_and(Rating::bad));
        bad.next().map(|f| f.id).filter(|_| self.state == TicketState::AwaitingVerification)
    }

    /// Whether the request is urgent help (21(3)).
    #[must_use]
    pub fn urgent(&self) -> bool {
        self.urgency == Urgency::Urgent && self.register.kind == RequestKind::Help
    }

    /// The oldest act whose time nobody has decided on yet: one that reached the city late, or one that names a statutory
    /// term.
    #[must_use]
    pub fn disputed(&self) -> Option<ActId> {
        let late = self.late.iter().find(|late| late.decided.is_none()).map(|late| late.act);
        let legal = || {
            let open = self.assignments.iter().filter(|a| a.closed_by.is_none());
            open.filter_map(|a| a.legal).find(|legal| !legal.confirmed).map(|legal| legal.id)
        };
        late.or_else(legal)
    }

    /// The supervisions in force.
    pub fn supervised(&self) -> impl Iterator<Item = &Supervision> {
        self.supervisions.iter().filter(|s| s.released_at.is_none())
    }

    /// The act that an act of this kind by this unit would answer, made now.
    #[must_use]
    pub fn target(&self, kind: ActKind, unit: UnitId) -> Option<ActId> {
        let made = || self.assignments.iter().filter(|a| a.closed_by.is_none() && a.by == unit);
        match table::row(kind)?.target {
            Target::Nothing => None,
            Target::OwnDispatch => self.part_of(unit).map(|own| own.dispatch),
            Target::MadeDispatch => made().find(|a| a.part != Part::Assisting).map(|a| a.dispatch),
            Target::Return => made().find_map(|a| a.return_request).map(|(id, _)| id),
            Target::Extension => made().find_map(|a| a.extension).map(|asked| asked.id),
            Target::Escalation => self.escalation.map(|escalation| escalation.id),
            Target::Deferral => self.deferral.map(|deferral| deferral.id),
            Target::Completion => self.completion.map(|(id, _)| id),
            Target::Closure => self.closure.map(|(id, _)| id),
            // Any rating may turn out to be mistaken or malicious, even one that the unit has already answered.
            Target::Rating if kind == ActKind::SetAsideRating => self
                .bad_rating()
                .or_else(|| self.follow_ups.iter().rev().find(|f| f.rating.is_some() && !f.set_aside).map(|f| f.id)),
            Target::Rating => self.bad_rating(),
            Target::Refusal => self.answer.filter(|_| self.state == TicketState::Rejected),
            Target::Explanation => self.explained,
            // Whoever raised it releases it; whoever it was raised against replies.
            Target::Supervision if kind == ActKind::SuperviseRelease => {
                self.supervised().filter(|s| s.by == unit).last().map(|s| s.id)
            }
            Target::Supervision => self.supervised().filter(|s| s.unit == unit).last().map(|s| s.id),
            Target::Time => self.disputed(),
            Target::Appeal => self.appeals.first().map(|(id, _)| *id),
            Target::Merge => self.merged.map(|merged| merged.id),
            Target::Archive => self.archived,
        }
    }

    pub(crate) fn apply(&mut self, fact: &Fact) -> Result<(), Broken> {
        let kind = fact.body.kind();
        let Some(row) = table::row(kind) else { return Err(Rule::WrongDocument.into()) };
        let here = row.from.contains(&self.state) || self.reports_beforehand(kind, fact.author.unit);
        if !here && self.ended() {
            return Err(Rule::NotOpen.because(self.merged.map(|merged| merged.id).or(self.answer)));
        }
        self.check_who(row.who, &fact.author)?;
        self.check_target(row.target, kind, fact)?;
        if !here {
            return Err(row.elsewhere.because(self.in_the_way()));
        }
        self.take(fact)
    }

    /// Ended at intake, by the requester or by a merge: whatever comes then is told so, not that it is the wrong unit's.
    const fn ended(&self) -> bool {
        use TicketState as S;
        matches!(self.state, S::Answered | S::Rejected | S::Referred | S::OwnMatter | S::Withdrawn | S::Merged)
    }

    /// 先行处置 (21(3)): what a unit did on urgent help that it wrote down itself stays told, whatever becomes of the ticket.
    fn reports_beforehand(&self, kind: ActKind, unit: UnitId) -> bool {
        matches!(kind, ActKind::Progress | ActKind::Contact) && self.is_proxy_of(unit)
    }

    /// Lets an act that its row allows take effect.
    fn take(&mut self, fact: &Fact) -> Result<(), Broken> {
        use ActKind as K;
        match fact.body.kind() {
            K::ConfirmIntake
            | K::OwnMatter
            | K::SetUrgency
            | K::Answer
            | K::Reject
            | K::ReferEmergency
            | K::ReferRegion
            | K::Urge
            | K::Supplement
            | K::Withdraw
            | K::Merge
            | K::Split
            | K::Unmerge => self.take_intake(fact),
            K::Dispatch
            | K::SubDispatch
            | K::Designate
            | K::Recall
            | K::Redispatch
            | K::Recuse
            | K::ReturnRequest
            | K::ReturnApprove
            | K::ReturnDeny
            | K::NotifyByPhone
            | K::Witness => self.take_dispatch(fact),
            K::SignFor
            | K::SignForByPhone
            | K::Contact
            | K::Progress
            | K::Escalate
            | K::Opinion
            | K::ExtendRequest
            | K::ExtendApprove
            | K::ExtendDeny
            | K::Defer
            | K::DeferApprove
            | K::DeferRelease
            | K::AssistFeedback => self.take_handling(fact),
            K::Complete
            | K::ConfirmClosure
            | K::SendBack
            | K::Supervise
            | K::SuperviseReply
            | K::SuperviseRelease
            | K::Archive
            | K::Unarchive => self.take_closing(fact),
            K::FollowUp
            | K::VerifyRating
            | K::Remedy
            | K::Explain
            | K::SetAsideRating
            | K::Object
            | K::Appeal
            | K::DecideAppeal => self.take_rating(fact),
            K::Claim => {
                if self.claimed_by.is_some() {
                    return Err(Rule::AlreadyClaimed.into());
                }
                self.claimed_by = fact.author.person;
                Ok(())
            }
            K::HandOver => {
                if let Body::HandOver { to } = fact.body {
                    self.claimed_by = Some(to);
                }
                Ok(())
            }
            K::DecideTime => {
                self.decide_time(fact);
                Ok(())
            }
            K::Redact | K::Ratify => another_person(fact),
            K::ReferMeeting
            | K::Remind
            | K::Attach
            | K::Correct
            | K::Note
            | K::Tag
            | K::Admonish
            | K::ReportInterference
            | K::Settle => Ok(()),
            K::Register
            | K::RegisterByProxy
            | K::ArticleCreate
            | K::ArticleEdit
            | K::ArticleReview
            | K::ArticlePublish
            | K::ArticleCorrect
            | K::ArticleRetire => Err(Rule::WrongDocument.into()),
        }
    }

    /// An officer decides whether what arrived late counts as in time, or whether the statutory term that was named governs.
    fn decide_time(&mut self, fact: &Fact) {
        let Body::DecideTime { in_time } = fact.body else { return };
        if let Some(late) = self.late.iter_mut().find(|late| Some(late.act) == fact.answers) {
            late.decided = Some(in_time);
            return;
        }
        let named = |a: &&mut Assignment| a.legal.is_some_and(|legal| Some(legal.id) == fact.answers);
        if let Some(assignment) = self.assignments.iter_mut().find(named) {
            assignment.legal = assignment.legal.filter(|_| in_time).map(|legal| LegalTerm { confirmed: true, ..legal });
        }
    }

    fn check_who(&self, who: Who, author: &Author) -> Result<(), Broken> {
        let (unit, city) = (author.unit, author.level == Level::CityHotline);
        let own = self.part_of(unit);
        let dispatched = self.assignments.iter().any(|a| a.closed_by.is_none() && a.by == unit);
        let good = match who {
            Who::City => city,
            Who::Dispatcher if self.lead().is_none() => {
                return Err(Rule::NotDispatched.because(self.answer));
            }
            Who::Dispatcher => dispatched,
            Who::CityOrDispatcher => city || dispatched,
            Who::Hotline => author.level != Level::Unit,
            Who::LeadingCounty => author.level == Level::CountyHotline && own.is_some_and(|own| own.part == Part::Lead),
            Who::Party => {
                let had = self.assignments.iter().any(|a| a.unit == unit);
                city || dispatched || had || self.registered_by == unit
            }
            Who::LeadOrOuter => own.is_some_and(|own| own.part != Part::Assisting),
            Who::Lead => own.is_some_and(|own| own.part == Part::Lead),
            Who::Assisting => own.is_some_and(|own| own.part == Part::Assisting),
            Who::Assigned => own.is_some() || self.is_proxy_of(unit),
            Who::Holder => own.is_some() || city || dispatched || self.is_proxy_of(unit),
            Who::Named => self.asked.contains(&unit),
            Who::Proxy => !city,
            Who::Hub => author.hub,
            Who::Clock => author.hub || author.level == Level::CountyHotline,
        };
        if good {
            return Ok(());
        }
        let lost = self.closer_of(unit);
        match (who, lost) {
            // Whoever had a part and lost it is told by what.
            (Who::Lead | Who::LeadOrOuter | Who::Assisting | Who::Assigned | Who::LeadingCounty, Some(_))
                if own.is_none() =>
            {
                Err(Rule::NotCurrentDispatch.because(lost))
            }
            (Who::Lead | Who::LeadOrOuter | Who::Assisting | Who::Assigned | Who::LeadingCounty, None)
                if self.lead().is_none() =>
            {
                Err(Rule::NotDispatched.because(self.answer))
            }
            _ => Err(who.names().0.because(lost.or(self.dispatch()))),
        }
    }

    fn check_target(&self, target: Target, kind: ActKind, fact: &Fact) -> Result<(), Broken> {
        if target == Target::Nothing || self.is_proxy_of(fact.author.unit) && target == Target::OwnDispatch {
            return Ok(());
        }
        let current = self.target(kind, fact.author.unit);
        match fact.answers {
            Some(answered) if Some(answered) == current || self.also_a_target(target, kind, answered, fact) => Ok(()),
            // An opinion that comes when nobody waits for it any more is still one.
            _ if target == Target::Escalation && current.is_none() => Ok(()),
            _ if target == Target::Refusal && self.state != TicketState::Rejected => Ok(()),
            None if target == Target::OwnDispatch || target == Target::MadeDispatch => Err(Rule::AnswerMissing.into()),
            _ => Err(target.names().0.because(current.or_else(|| self.in_the_way()))),
        }
    }

    /// Of several acts that can be answered any may be, though forms propose one.
    fn also_a_target(&self, target: Target, kind: ActKind, answered: ActId, fact: &Fact) -> bool {
        let unit = fact.author.unit;
        match target {
            Target::Supervision if kind == ActKind::SuperviseRelease => {
                self.supervised().any(|s| s.id == answered && s.by == unit)
            }
            Target::Supervision => self.supervised().any(|s| s.id == answered && s.unit == unit),
            Target::Rating if kind == ActKind::SetAsideRating => {
                self.follow_ups.iter().any(|f| f.id == answered && f.rating.is_some() && !f.set_aside)
            }
            Target::Appeal => self.appeals.iter().any(|(id, _)| *id == answered),
            Target::Time => self.late.iter().any(|late| late.act == answered && late.decided.is_none()),
            _ => false,
        }
    }

    /// The unit wrote the ticket down for the city, and nobody has been given it yet.
    fn is_proxy_of(&self, unit: UnitId) -> bool {
        let by_the_city = self.taken_in.is_some_and(|(city, _)| city == self.registered_by);
        self.registered_by == unit && !by_the_city && self.assignments.is_empty()
    }

    /// The unit's part in force.
    #[must_use]
    pub fn part_of(&self, unit: UnitId) -> Option<&Assignment> {
        self.assignments.iter().find(|a| a.closed_by.is_none() && a.unit == unit)
    }

    /// Nothing is left to do but the archive.
    fn finish(&mut self, state: TicketState, fact: &Fact) {
        self.state = state;
        self.finished = Some((fact.when(), fact.author.person));
    }

    fn part_of_mut(&mut self, unit: UnitId) -> Result<&mut Assignment, Broken> {
        let closer = self.closer_of(unit);
        self.assignments
            .iter_mut()
            .find(|a| a.closed_by.is_none() && a.unit == unit)
            .ok_or(Rule::NoSuchAssignment.because(closer))
    }

    fn lead_mut(&mut self) -> Option<&mut Assignment> {
        self.assignments.iter_mut().find(|a| a.closed_by.is_none() && a.part == Part::Lead)
    }

    /// The act that last took the ticket away from a unit.
    fn closer_of(&self, unit: UnitId) -> Option<ActId> {
        self.assignments.iter().rev().find(|a| a.unit == unit).and_then(|a| a.closed_by)
    }

    /// What brought the ticket to where it stands, as far as one act did.
    fn in_the_way(&self) -> Option<ActId> {
        let closed = self.closure.or(self.completion).map(|(id, _)| id);
        let rated = self.follow_ups.last().map(|follow_up| follow_up.id);
        let merged = self.merged.map(|merged| merged.id);
        self.archived.or(merged).or(rated).or(closed).or_else(|| self.dispatch()).or(self.answer)
    }
}

/// What two people decide is signed by one and names the other.
fn another_person(fact: &Fact) -> Result<(), Broken> {
    match fact.body {
        Body::SetAsideRating { second, .. } | Body::Redact { second, .. } | Body::Ratify { second }
            if fact.author.person == Some(second) =>
        {
            Err(Rule::SecondPerson.into())
        }
        _ => Ok(()),
    }
}
