//! What a person may do with a document now, and why not the rest: the same [`decide`] that judges the act afterwards.

use crate::act::{
    Body, Channel, ClosureGround, Contacted, Dispatch, EmergencyLine, Finding, Outcome, Rating, Reached, Register,
    RejectGround, RequestKind, Satisfaction, SetAsideGround, Solved, SuperviseGround, SuperviseLevel, Urgency, Way,
};
use crate::ids::{ActId, PersonId, UnitId};
use crate::kind::ActKind;
use crate::record::{Author, Fact, Record, decide};
use crate::rule::Broken;

/// The act that an act of this kind by this unit would answer, made now.
#[must_use]
pub fn answers(record: &Record, kind: ActKind, unit: UnitId) -> Option<ActId> {
    record.ticket()?.target(kind, unit)
}

/// Each kind that belongs to this sort of document, with the rule that forbids it now, if any.
#[must_use]
pub fn options(record: &Record, author: &Author) -> Vec<(ActKind, Result<(), Broken>)> {
    let knowledge = record.knowledge().is_some();
    ActKind::ALL
        .iter()
        .copied()
        .filter(|kind| !kind.begins() && !kind.of_hub() && kind.of_knowledge() == knowledge)
        .map(|kind| (kind, decide(record, &fact(record, kind, author))))
        .collect()
}

/// An act of that kind as that author would make it now, with particulars that break no rule, so that what is found
/// depends on the record alone.
#[must_use]
pub fn fact(record: &Record, kind: ActKind, author: &Author) -> Fact {
    Fact {
        id: ActId([0; 32]),
        body: sample(record, kind),
        answers: answers(record, kind, author.unit),
        author: author.clone(),
        claimed_at: 0,
        happened_at: None,
    }
}

/// A unit and a person that no registry has: nobody has a part in anything yet.
const ELSEWHERE: u32 = u32::MAX;

#[expect(clippy::too_many_lines, reason = "one line a kind")]
fn sample(record: &Record, kind: ActKind) -> Body {
    let dispatch = Dispatch { lead: UnitId(ELSEWHERE), assisting: Vec::new() };
    let ticket = record.ticket();
    // Whom a telephone call would concern: a unit that has not signed yet, or else the lead.
    let unsigned = ticket.and_then(|t| t.assignments.iter().find(|a| a.closed_by.is_none() && a.signed_for.is_none()));
    let unit = unsigned.or(ticket.and_then(|t| t.lead())).map_or(UnitId(ELSEWHERE), |assignment| assignment.unit);
    let other = ticket.map_or(Urgency::Urgent, |ticket| match ticket.urgency {
        Urgency::Urgent => Urgency::Ordinary,
        Urgency::Ordinary => Urgency::Urgent,
    });
    let register = || Register {
        kind: RequestKind::Help,
        urgency: Urgency::Ordinary,
        channel: Channel::Telephone,
        raised_at: 0,
        day: 0,
        serial: 1,
        confidential: false,
        anonymous: false,
        external: None,
    };
    match kind {
        ActKind::Register => Body::Register(register()),
        ActKind::RegisterByProxy => Body::RegisterByProxy(register()),
        ActKind::ConfirmIntake => Body::ConfirmIntake,
        ActKind::OwnMatter => Body::OwnMatter,
        ActKind::SetUrgency => Body::SetUrgency { urgency: other },
        ActKind::Answer => Body::Answer,
        ActKind::Reject => Body::Reject { ground: RejectGround::OutOfScope },
        ActKind::ReferEmergency => Body::ReferEmergency { line: EmergencyLine::Police },
        ActKind::ReferRegion => Body::ReferRegion,
        ActKind::Dispatch => Body::Dispatch(dispatch),
        ActKind::SubDispatch => Body::SubDispatch(dispatch),
        ActKind::NotifyByPhone => Body::NotifyByPhone { unit },
        ActKind::Designate => Body::Designate(dispatch),
        ActKind::Recall => Body::Recall,
        ActKind::Redispatch => Body::Redispatch(dispatch),
        ActKind::Recuse => Body::Recuse { unit: UnitId(ELSEWHERE) },
        ActKind::SignFor => Body::SignFor,
        ActKind::SignForByPhone => Body::SignForByPhone { unit },
        ActKind::ReturnRequest => Body::ReturnRequest { suggested: None },
        ActKind::ReturnApprove => Body::ReturnApprove(dispatch),
        ActKind::ReturnDeny => Body::ReturnDeny,
        ActKind::Contact => Body::Contact { way: Way::Telephone, reached: Reached::Answered },
        ActKind::Progress => Body::Progress { way: Way::System },
        ActKind::Escalate => Body::Escalate { to: UnitId(ELSEWHERE) },
        ActKind::Opinion => Body::Opinion,
        ActKind::ReferMeeting => Body::ReferMeeting,
        ActKind::ExtendRequest => Body::ExtendRequest { days: 5, told_at: 0 },
        ActKind::ExtendApprove => Body::ExtendApprove { days: 5, by_law: false },
        ActKind::ExtendDeny => Body::ExtendDeny,
        ActKind::Defer => Body::Defer,
        ActKind::DeferApprove => Body::DeferApprove { review_at: 0 },
        ActKind::DeferRelease => Body::DeferRelease,
        ActKind::AssistFeedback => Body::AssistFeedback,
        ActKind::Complete => Body::Complete { outcome: Outcome::Solved, told_at: 0 },
        ActKind::ConfirmClosure => Body::ConfirmClosure { ground: ClosureGround::Other },
        ActKind::SendBack => Body::SendBack,
        ActKind::Supervise => Body::Supervise { level: SuperviseLevel::Urge, ground: SuperviseGround::Other },
        ActKind::SuperviseReply => Body::SuperviseReply,
        ActKind::SuperviseRelease => Body::SuperviseRelease,
        ActKind::Remind => Body::Remind,
        ActKind::Urge => Body::Urge,
        ActKind::Supplement => Body::Supplement,
        ActKind::Withdraw => Body::Withdraw,
        ActKind::Merge => Body::Merge { into: ActId([0; 32]) },
        ActKind::Split => Body::Split { into: ActId([0; 32]) },
        ActKind::Unmerge => Body::Unmerge,
        ActKind::FollowUp => Body::FollowUp {
            way: Way::Telephone,
            reached: Reached::Answered,
            rating: Some(Rating {
                contacted: Contacted::Yes,
                solved: Solved::Yes,
                satisfaction: Satisfaction::Satisfied,
            }),
        },
        ActKind::VerifyRating => Body::VerifyRating { finding: Finding::NotDone },
        ActKind::Remedy => Body::Remedy,
        ActKind::Explain => Body::Explain,
        ActKind::SetAsideRating => {
            Body::SetAsideRating { ground: SetAsideGround::Mistaken, second: PersonId(ELSEWHERE) }
        }
        ActKind::Object => Body::Object,
        ActKind::Appeal => Body::Appeal,
        ActKind::DecideAppeal => Body::DecideAppeal { upheld: true },
        ActKind::DecideTime => Body::DecideTime { in_time: true },
        ActKind::Witness => Body::Witness { unit, delivered_at: 0 },
        ActKind::Correct => Body::Correct,
        ActKind::Note => Body::Note,
        ActKind::Tag => Body::Tag,
        ActKind::Claim => Body::Claim,
        ActKind::HandOver => Body::HandOver { to: PersonId(ELSEWHERE) },
        ActKind::Admonish => Body::Admonish,
        ActKind::ReportInterference => Body::ReportInterference,
        ActKind::Archive => Body::Archive,
        ActKind::Unarchive => Body::Unarchive,
        ActKind::Settle => Body::Settle,
        ActKind::ArticleCreate => Body::ArticleCreate,
        ActKind::ArticleEdit => Body::ArticleEdit,
        ActKind::ArticleReview => Body::ArticleReview,
        ActKind::ArticlePublish => Body::ArticlePublish,
        ActKind::ArticleCorrect => Body::ArticleCorrect,
        ActKind::ArticleRetire => Body::ArticleRetire,
    }
}
