//! What a person may do with a document now, and why not the rest: the same [`apply`] that judges the act afterwards.

use crate::act::{Body, ClosureGround, Contacted, Dispatch, Outcome, Rating, Reached, Satisfaction, Solved, Way};
use crate::ids::{ActId, UnitId};
use crate::kind::ActKind;
use crate::record::{Author, Fact, Record, apply};
use crate::rule::Broken;

/// The act that an act of this kind would answer, made now.
#[must_use]
pub fn answers(record: &Record, kind: ActKind) -> Option<ActId> {
    let ticket = record.ticket()?;
    match kind {
        ActKind::Redispatch
        | ActKind::SignFor
        | ActKind::ReturnRequest
        | ActKind::Contact
        | ActKind::Progress
        | ActKind::Complete => ticket.dispatch,
        ActKind::ReturnApprove | ActKind::ReturnDeny => ticket.return_request,
        ActKind::ConfirmClosure => ticket.completion.map(|(id, _)| id),
        ActKind::FollowUp => ticket.closure.map(|(id, _)| id),
        _ => None,
    }
}

/// Each kind that belongs to this sort of document, with the rule that forbids it now, if any.
#[must_use]
pub fn options(record: &Record, author: &Author) -> Vec<(ActKind, Result<(), Broken>)> {
    let knowledge = record.knowledge().is_some();
    ActKind::ALL
        .iter()
        .copied()
        .filter(|kind| !kind.begins() && !kind.of_hub() && kind.of_knowledge() == knowledge)
        .filter_map(|kind| {
            let fact = Fact {
                id: ActId([0; 32]),
                body: sample(kind)?,
                answers: answers(record, kind),
                author: author.clone(),
                claimed_at: 0,
                happened_at: None,
            };
            Some((kind, apply(&mut record.clone(), &fact)))
        })
        .collect()
}

/// A body of that kind whose particulars break no rule, so that what is found depends on the record alone.
fn sample(kind: ActKind) -> Option<Body> {
    let elsewhere = Dispatch { lead: UnitId(u32::MAX), assisting: Vec::new() };
    let rating = Rating { contacted: Contacted::Yes, solved: Solved::Yes, satisfaction: Satisfaction::Satisfied };
    Some(match kind {
        ActKind::Register | ActKind::ArticleCreate | ActKind::Settle => return None,
        ActKind::Answer => Body::Answer,
        ActKind::Dispatch => Body::Dispatch(elsewhere),
        ActKind::Redispatch => Body::Redispatch(elsewhere),
        ActKind::SignFor => Body::SignFor,
        ActKind::ReturnRequest => Body::ReturnRequest { suggested: None },
        ActKind::ReturnApprove => Body::ReturnApprove(elsewhere),
        ActKind::ReturnDeny => Body::ReturnDeny,
        ActKind::Contact => Body::Contact { way: Way::Telephone, reached: Reached::Answered },
        ActKind::Progress => Body::Progress { way: Way::System },
        ActKind::Complete => Body::Complete { outcome: Outcome::Solved, told_at: 0 },
        ActKind::ConfirmClosure => Body::ConfirmClosure { ground: ClosureGround::Other },
        ActKind::FollowUp => Body::FollowUp { way: Way::Telephone, reached: Reached::Answered, rating: Some(rating) },
        ActKind::Archive => Body::Archive,
        ActKind::Note => Body::Note,
        ActKind::Tag => Body::Tag,
        ActKind::Correct => Body::Correct,
        ActKind::ArticleEdit => Body::ArticleEdit,
        ActKind::ArticlePublish => Body::ArticlePublish,
    })
}
