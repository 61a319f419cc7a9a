//! A record is what the fold of a document's acts comes to; [`apply`] is the one place where an act changes it.

use std::borrow::Cow;

use crate::act::Body;
use crate::edition::Edition;
use crate::ids::{ActId, Millis, PersonId, UnitId};
use crate::kind::{ActKind, Role};
use crate::knowledge::Knowledge;
use crate::pairs::{self, Proposal};
use crate::rule::{Broken, Rule};
use crate::ticket::Ticket;

/// Level of a unit; orders acts inside a stratum and decides who may act as hotline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 市热线工作机构
    CityHotline,
    /// 县级接诉即办工作机构
    CountyHotline,
    /// 承办单位
    Unit,
}

/// Who made an act, as the registry version that the act names has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The unit of the device.
    pub unit: UnitId,
    /// Level of that unit.
    pub level: Level,
    /// Whether the device is the one that the roster names city hub.
    pub hub: bool,
    /// The person; absent in hub and clock acts.
    pub person: Option<PersonId>,
    /// The roles of the person in that unit; empty without a person.
    pub roles: Vec<Role>,
}

/// An act as the regulation sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The act.
    pub id: ActId,
    /// Its typed fields.
    pub body: Body,
    /// The one act that it answers.
    pub answers: Option<ActId>,
    /// Who made it.
    pub author: Author,
    /// When it was entered, as its device says.
    pub claimed_at: Millis,
    /// When the work was done, if that was said.
    pub happened_at: Option<Millis>,
    /// The edition of the rules that it is weighed by: that of the registry which it names, unless it is said otherwise.
    pub edition: Edition,
}

impl Fact {
    /// When the work was done: as said, or when it was entered.
    #[must_use]
    pub fn when(&self) -> Millis {
        self.happened_at.unwrap_or(self.claimed_at)
    }

    /// The same weighed by that edition of the rules.
    #[must_use]
    pub fn under(&self, edition: Edition) -> Cow<'_, Self> {
        if self.edition == edition { Cow::Borrowed(self) } else { Cow::Owned(Self { edition, ..self.clone() }) }
    }
}

/// What the effective acts of a document come to.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Record {
    /// Nothing yet.
    #[default]
    Empty,
    /// A ticket (诉求工单).
    Ticket(Box<Ticket>),
    /// A knowledge article (知识).
    Knowledge(Box<Knowledge>),
}

impl Record {
    /// The ticket, if it is one.
    #[must_use]
    pub fn ticket(&self) -> Option<&Ticket> {
        match self {
            Self::Ticket(ticket) => Some(ticket),
            _ => None,
        }
    }

    /// The knowledge article, if it is one.
    #[must_use]
    pub fn knowledge(&self) -> Option<&Knowledge> {
        match self {
            Self::Knowledge(knowledge) => Some(knowledge),
            _ => None,
        }
    }

    /// What was proposed to be decided by two people, oldest first, with what became of it.
    #[must_use]
    pub fn proposals(&self) -> &[Proposal] {
        match self {
            Self::Empty => &[],
            Self::Ticket(ticket) => &ticket.proposals,
            Self::Knowledge(knowledge) => &knowledge.proposals,
        }
    }

    pub(crate) fn proposals_mut(&mut self) -> Option<&mut Vec<Proposal>> {
        match self {
            Self::Empty => None,
            Self::Ticket(ticket) => Some(&mut ticket.proposals),
            Self::Knowledge(knowledge) => Some(&mut knowledge.proposals),
        }
    }
}

/// Applies a fact to a record by the edition of the rules that it says, or says which rule it breaks and leaves the record as it was.
///
/// # Errors
/// The rule that the act breaks here, with the act that stands in its way.
pub fn apply(record: &mut Record, fact: &Fact) -> Result<(), Broken> {
    if fact.body.since() > fact.edition {
        return Err(Rule::NotYet.into());
    }
    may_author(fact)?;
    pairs::apply(record, fact)
}

/// What an act does by itself: one that needs a second person, what its confirm does.
pub(crate) fn take(record: &mut Record, fact: &Fact) -> Result<(), Broken> {
    match (&mut *record, &fact.body) {
        (Record::Empty, Body::ArticleCreate) => {
            *record = Record::Knowledge(Box::new(Knowledge::create(fact)));
            Ok(())
        }
        (Record::Empty, _) => {
            *record = Record::Ticket(Box::new(Ticket::begin(fact)?));
            Ok(())
        }
        (_, body) if body.kind().begins() => Err(Rule::AlreadyRegistered.into()),
        (Record::Ticket(ticket), _) => ticket.apply(fact),
        (Record::Knowledge(knowledge), _) => knowledge.apply(fact),
    }
}

/// Whether an act may be made now, and if not, why: the same [`apply`] on a copy.
///
/// # Errors
/// The rule that the act would break here.
pub fn decide(record: &Record, fact: &Fact) -> Result<(), Broken> {
    apply(&mut record.clone(), fact)
}

/// Whether somebody of that standing may make this kind at all. The city hub alone settles; a hotline's node witnesses, and
/// raises a supervision when its ground arises (25); people do everything else.
fn may_author(fact: &Fact) -> Result<(), Broken> {
    let (author, kind) = (&fact.author, fact.body.kind());
    let hotline = author.level != Level::Unit;
    match kind {
        ActKind::Settle if author.person.is_none() && author.hub => return Ok(()),
        ActKind::Witness if author.person.is_none() && hotline => return Ok(()),
        _ if kind.of_clock() => return Err(Rule::HubOnly.into()),
        ActKind::Supervise if author.person.is_none() && hotline => return Ok(()),
        _ => {}
    }
    if author.person.is_none() {
        return Err(Rule::PersonMissing.into());
    }
    if fact.edition.urge_needs_review() && kind == ActKind::Urge && !author.roles.contains(&Role::Review) {
        return Err(Rule::RoleMissing.into());
    }
    match kind.role() {
        Some(role) if !author.roles.contains(&role) => Err(Rule::RoleMissing.into()),
        _ => Ok(()),
    }
}
