//! Bodies of acts with particulars drawn at random.

use regulation::act::{
    Agree, AttachClass, Body, Content, Dispatch, EmergencyLine, FileHash, Finding, Had, Heard, Joins, MediaType,
    Outcome, Party, Rating, Reached, RejectGround, RequestKind, Satisfaction, Seen, SetAsideGround, Solved,
    SuperviseGround, SuperviseLevel, Urgency, Way,
};
use regulation::{ActId, ActKind, Author, Record, options};

use crate::city;
use crate::dice::Dice;

/// A ticket that merges name.
const ANOTHER: ActId = ActId([250; 32]);

/// One of the three things that are corrected by themselves.
fn reclassify(dice: &mut Dice) -> Body {
    match dice.below(3) {
        0 => Body::Reclassify { kind: None, confidential: Some(dice.percent(50)), anonymous: None },
        1 => Body::Reclassify { kind: None, confidential: None, anonymous: Some(dice.percent(50)) },
        _ => Body::Reclassify { kind: Some(*dice.pick(RequestKind::ALL)), confidential: None, anonymous: None },
    }
}

/// A body of that kind, as that author could mean it. A kind that begins a document gives a note.
pub fn any(dice: &mut Dice, kind: ActKind, record: &Record, author: &Author) -> Body {
    let mut dispatch = || {
        let lead = *dice.pick(&city::TOWNSHIPS);
        let assisting = city::TOWNSHIPS.into_iter().filter(|unit| *unit != lead && dice.percent(30)).collect();
        // Now and then the county has it, so that it can be sent on.
        Dispatch { lead: if dice.percent(25) { city::COUNTY } else { lead }, assisting }
    };
    match kind {
        ActKind::Dispatch => Body::Dispatch(dispatch()),
        ActKind::Designate => Body::Designate(dispatch()),
        ActKind::Redispatch => Body::Redispatch(dispatch()),
        ActKind::ReturnApprove => Body::ReturnApprove(dispatch()),
        ActKind::SubDispatch => {
            Body::SubDispatch(Dispatch { lead: *dice.pick(&city::TOWNSHIPS), assisting: Vec::new() })
        }
        ActKind::Contact => {
            // Most are at home: nothing is closed of which nobody heard.
            let reached = *dice.pick(&[Reached::ALL, &[Reached::Answered; 4]].concat());
            Body::Contact { way: if reached == Reached::Sent { Way::Sms } else { Way::Telephone }, reached }
        }
        ActKind::Complete => Body::Complete {
            outcome: *dice.pick(Outcome::ALL),
            told_at: city::MONDAY_NOON,
            told_way: *dice.pick(&[Way::Online, Way::Telephone]),
            told_whom: *dice.pick(Heard::ALL),
        },
        ActKind::FollowUp => Body::FollowUp {
            way: Way::Telephone,
            reached: Reached::Answered,
            rating: Some(Rating {
                contacted: regulation::act::Contacted::Yes,
                solved: *dice.pick(Solved::ALL),
                satisfaction: *dice.pick(Satisfaction::ALL),
            }),
            of: dice.percent(30).then_some(ANOTHER),
        },
        ActKind::Supplement => supplement(dice),
        ActKind::Merge => Body::Merge {
            into: ANOTHER,
            place: *dice.pick(&[Agree::Same, Agree::Other]),
            category: Agree::Same,
            kind: Agree::Same,
            intake: Agree::Same,
        },
        ActKind::SetUrgency => Body::SetUrgency { urgency: *dice.pick(Urgency::ALL) },
        ActKind::MeetingDecision => {
            Body::MeetingDecision { due: city::MONDAY_NOON + i64::from(dice.percent(50)) * 20 * 86_400_000 }
        }
        ActKind::Convey => Body::Convey { unit: *dice.pick(&city::TOWNSHIPS) },
        ActKind::Reclassify => reclassify(dice),
        ActKind::CorrectRequester => {
            Body::CorrectRequester { party: Some(*dice.pick(Party::ALL)), enterprise: Some(dice.percent(50)) }
        }
        ActKind::Reject => Body::Reject { ground: *dice.pick(RejectGround::ALL), duty: None },
        ActKind::ReferEmergency => {
            Body::ReferEmergency { line: *dice.pick(EmergencyLine::ALL), residue: dice.percent(50) }
        }
        ActKind::Recuse => {
            Body::Recuse { unit: if dice.percent(50) { city::COUNTY } else { *dice.pick(&city::TOWNSHIPS) } }
        }
        ActKind::NotifyByPhone => Body::NotifyByPhone { unit: *dice.pick(&city::TOWNSHIPS) },
        ActKind::SignForByPhone => Body::SignForByPhone { unit: *dice.pick(&city::TOWNSHIPS) },
        ActKind::MoreRoom => Body::MoreRoom { unit: *dice.pick(&city::TOWNSHIPS) },
        ActKind::Escalate => {
            Body::Escalate { to: if dice.percent(80) { city::COUNTY } else { *dice.pick(&city::TOWNSHIPS) } }
        }
        ActKind::Supervise => {
            Body::Supervise { level: *dice.pick(SuperviseLevel::ALL), ground: *dice.pick(SuperviseGround::ALL) }
        }
        ActKind::Progress => {
            let legal_due = dice.percent(30).then_some(city::MONDAY_NOON + 20 * 86_400_000);
            Body::Progress { way: Way::System, legal_due }
        }
        ActKind::Tolerate => Body::Tolerate { granted: dice.percent(70) },
        ActKind::Attach if dice.percent(50) => Body::Attach {
            class: AttachClass::Recording,
            root: [7; 32],
            bytes: 1,
            hash: FileHash::Blake3,
            media: MediaType::Wav,
        },
        ActKind::SendBack => Body::SendBack { form_only: dice.percent(50) },
        ActKind::ExtendApprove => {
            let by_law = dice.percent(20);
            Body::ExtendApprove { days: *dice.pick(&[5, 10, 15]), by_law }
        }
        ActKind::Redact => Body::Redact { content: Content::Text },
        ActKind::Witness if dice.percent(50) => Body::Witness(Seen::Late {
            not_before: city::MONDAY_NOON,
            received_at: city::MONDAY_NOON + 86_400_000,
            offline: dice.percent(50),
            clock_good: dice.percent(50),
        }),
        ActKind::VerifyRating => Body::VerifyRating { finding: *dice.pick(Finding::ALL) },
        ActKind::SetAsideRating => Body::SetAsideRating { ground: *dice.pick(SetAsideGround::ALL) },
        ActKind::DecideAppeal => Body::DecideAppeal { upheld: dice.percent(50) },
        ActKind::HandOver => Body::HandOver { to: *dice.pick(&city::people(author.unit)) },
        kind if kind.begins() => Body::Note,
        kind => options::fact(record, kind, author).body,
    }
}

/// Perhaps with what another ticket brings with it that is merged into this one.
fn supplement(dice: &mut Dice) -> Body {
    let unit = *dice.pick(&city::TOWNSHIPS);
    Body::Supplement {
        joined: dice.percent(60).then_some(ANOTHER),
        joins: Some(Joins {
            had: vec![Had { unit, until: Some(city::MONDAY_NOON + 3 * 86_400_000), due: None }],
            anonymous: dice.percent(30),
            parted: dice.percent(30),
            urgent: dice.percent(20).then_some(city::MONDAY_NOON),
            units: vec![unit],
            kept_out: if dice.percent(10) { vec![*dice.pick(&city::TOWNSHIPS)] } else { Vec::new() },
            confidential: dice.percent(10),
            same_as: None,
        }),
    }
}
