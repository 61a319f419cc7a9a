//! Bodies of acts with particulars drawn at random.

use regulation::act::{
    AttachClass, Body, Content, Dispatch, EmergencyLine, FileHash, Finding, Heard, MediaType, Outcome, Rating, Reached,
    RejectGround, Satisfaction, Seen, SetAsideGround, Solved, SuperviseGround, SuperviseLevel, Urgency, Way,
};
use regulation::{ActKind, Author, Record, options};

use crate::city;
use crate::dice::Dice;

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
        ActKind::Contact => Body::Contact { way: Way::Telephone, reached: *dice.pick(Reached::ALL) },
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
        },
        ActKind::SetUrgency => Body::SetUrgency { urgency: *dice.pick(Urgency::ALL) },
        ActKind::Reject => Body::Reject { ground: *dice.pick(RejectGround::ALL) },
        ActKind::ReferEmergency => Body::ReferEmergency { line: *dice.pick(EmergencyLine::ALL) },
        ActKind::Recuse => {
            Body::Recuse { unit: if dice.percent(50) { city::COUNTY } else { *dice.pick(&city::TOWNSHIPS) } }
        }
        ActKind::NotifyByPhone => Body::NotifyByPhone { unit: *dice.pick(&city::TOWNSHIPS) },
        ActKind::SignForByPhone => Body::SignForByPhone { unit: *dice.pick(&city::TOWNSHIPS) },
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
