//! What a person may do with a document now, and why not the rest: the same [`decide`] that judges the act afterwards.

use crate::act::{
    AttachClass, Body, Channel, ClosureGround, Contacted, Content, Dispatch, EmergencyLine, FileHash, Finding,
    MediaType, Outcome, Rating, Reached, Register, RejectGround, RequestKind, Satisfaction, Seen, SetAsideGround,
    Solved, SuperviseGround, SuperviseLevel, Urgency, Way,
};
use crate::edition::Edition;
use crate::ids::{ActId, Millis, PersonId, UnitId};
use crate::kind::ActKind;
use crate::pairs;
use crate::record::{Author, Fact, Record, decide};
use crate::rule::Broken;

/// The act that an act of this kind by this unit would answer, made now.
#[must_use]
pub fn answers(record: &Record, kind: ActKind, unit: UnitId) -> Option<ActId> {
    if kind.of_pairs() {
        return pairs::waiting(record).next().map(|(proposal, _)| proposal.id);
    }
    let ticket = record.ticket()?;
    match kind {
        // Whose arrival is witnessed, unless it is said: that of the dispatch in force.
        ActKind::Witness => ticket.dispatch(),
        _ => ticket.target(kind, unit),
    }
}

/// Each kind that belongs to this sort of document, with the rule of that edition that forbids it now, if any.
#[must_use]
pub fn options(record: &Record, author: &Author, edition: Edition) -> Vec<(ActKind, Result<(), Broken>)> {
    let knowledge = record.knowledge().is_some();
    ActKind::ALL
        .iter()
        .copied()
        .filter(|kind| !kind.begins() && !kind.of_clock() && kind.fits(knowledge))
        // Whatever was done already was done before now.
        .map(|kind| (kind, decide(record, &Fact { claimed_at: Millis::MAX, edition, ..fact(record, kind, author) })))
        .collect()
}

/// An act of that kind as that author would make it now, with particulars that break no rule, so that what is found
/// depends on the record alone.
#[must_use]
pub fn fact(record: &Record, kind: ActKind, author: &Author) -> Fact {
    Fact {
        id: ActId([0; 32]),
        body: sample(record, kind),
        answers: match kind {
            kind if kind.of_pairs() => pairs::answers(record, kind, author),
            kind => answers(record, kind, author.unit),
        },
        author: author.clone(),
        claimed_at: 0,
        happened_at: None,
        edition: Edition::FIRST,
    }
}

/// A unit and a person that no registry has: nobody has a part in anything yet.
const ELSEWHERE: u32 = u32::MAX;

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
        again: None,
        times: 1,
        history: false,
    };
    match kind {
        ActKind::Register => Body::Register(register()),
        ActKind::RegisterByProxy => Body::RegisterByProxy(register()),
        ActKind::SetUrgency => Body::SetUrgency { urgency: other },
        ActKind::Answer => Body::Answer { cites: None },
        ActKind::Reject => Body::Reject { ground: RejectGround::OutOfScope },
        ActKind::ReferEmergency => Body::ReferEmergency { line: EmergencyLine::Police },
        ActKind::Dispatch => Body::Dispatch(dispatch),
        ActKind::SubDispatch => Body::SubDispatch(dispatch),
        ActKind::NotifyByPhone => Body::NotifyByPhone { unit },
        ActKind::Designate => Body::Designate(dispatch),
        ActKind::Redispatch => Body::Redispatch(dispatch),
        ActKind::Recuse => Body::Recuse { unit: UnitId(ELSEWHERE) },
        ActKind::SignForByPhone => Body::SignForByPhone { unit },
        ActKind::ReturnRequest => Body::ReturnRequest { suggested: None },
        ActKind::ReturnApprove => Body::ReturnApprove(dispatch),
        ActKind::Contact => Body::Contact { way: Way::Telephone, reached: Reached::Answered },
        ActKind::Progress => Body::Progress { way: Way::System, legal_due: None },
        ActKind::Escalate => Body::Escalate { to: UnitId(ELSEWHERE) },
        ActKind::ExtendRequest => Body::ExtendRequest { days: 5, told_at: 0 },
        ActKind::ExtendApprove => Body::ExtendApprove { days: 5, by_law: false },
        ActKind::DeferApprove => Body::DeferApprove { review_at: 0 },
        ActKind::Complete => Body::Complete { outcome: Outcome::Solved, told_at: 0 },
        ActKind::ConfirmClosure => Body::ConfirmClosure { ground: ClosureGround::Other },
        ActKind::SendBack => Body::SendBack { form_only: false },
        ActKind::Supervise => Body::Supervise { level: SuperviseLevel::Urge, ground: SuperviseGround::Other },
        ActKind::Supplement => Body::Supplement { joined: None },
        ActKind::Merge => Body::Merge { into: ActId([0; 32]) },
        ActKind::Split => Body::Split { into: ActId([0; 32]) },
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
        ActKind::SetAsideRating => Body::SetAsideRating { ground: SetAsideGround::Mistaken },
        ActKind::DecideAppeal => Body::DecideAppeal { upheld: true },
        ActKind::DecideTime => Body::DecideTime { in_time: true },
        ActKind::Witness => Body::Witness(Seen::Delivered { unit, at: 0 }),
        ActKind::Attach => Body::Attach {
            class: AttachClass::Photo,
            root: [0; 32],
            bytes: 1,
            hash: FileHash::Blake3,
            media: MediaType::Other,
        },
        ActKind::Redact => Body::Redact { content: Content::Private },
        ActKind::HandOver => Body::HandOver { to: PersonId(ELSEWHERE) },
        // The rest has no fields: a note stands for what cannot be.
        kind => Body::plain(kind).unwrap_or(Body::Note),
    }
}
