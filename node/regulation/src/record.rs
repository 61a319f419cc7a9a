//! A record is what the fold of a document's acts comes to.

use crate::act::Body;
use crate::fact::Fact;
use crate::knowledge::Knowledge;
use crate::proposal::Proposal;
use crate::rule::{Broken, Rule};
use crate::ticket::Ticket;

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
