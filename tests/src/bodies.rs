//! Bodies of acts with particulars drawn at random.

use regulation::ActKind;
use regulation::act::{Body, ClosureGround, Contacted, Dispatch, Outcome, Rating, Reached, Satisfaction, Solved, Way};

use crate::city;
use crate::histories::Dice;

/// A body of that kind. A kind that begins a document gives a note.
pub fn any(dice: &mut Dice, kind: ActKind) -> Body {
    let mut dispatch = || {
        let lead = *dice.pick(&city::TOWNSHIPS);
        let assisting = city::TOWNSHIPS.into_iter().filter(|unit| *unit != lead && dice.percent(30)).collect();
        Dispatch { lead, assisting }
    };
    match kind {
        ActKind::Dispatch => Body::Dispatch(dispatch()),
        ActKind::Redispatch => Body::Redispatch(dispatch()),
        ActKind::ReturnApprove => Body::ReturnApprove(dispatch()),
        ActKind::ReturnRequest => Body::ReturnRequest { suggested: None },
        ActKind::Contact => Body::Contact { way: Way::Telephone, reached: *dice.pick(Reached::ALL) },
        ActKind::Progress => Body::Progress { way: Way::System },
        ActKind::Complete => Body::Complete { outcome: *dice.pick(Outcome::ALL), told_at: city::MONDAY_NOON },
        ActKind::ConfirmClosure => Body::ConfirmClosure { ground: ClosureGround::Solved },
        ActKind::FollowUp => Body::FollowUp {
            way: Way::Telephone,
            reached: Reached::Answered,
            rating: Some(Rating {
                contacted: Contacted::Yes,
                solved: *dice.pick(Solved::ALL),
                satisfaction: *dice.pick(Satisfaction::ALL),
            }),
        },
        ActKind::Answer => Body::Answer,
        ActKind::SignFor => Body::SignFor,
        ActKind::ReturnDeny => Body::ReturnDeny,
        ActKind::Archive => Body::Archive,
        ActKind::Tag => Body::Tag,
        ActKind::Correct => Body::Correct,
        ActKind::Settle => Body::Settle,
        ActKind::ArticleEdit => Body::ArticleEdit,
        ActKind::ArticlePublish => Body::ArticlePublish,
        ActKind::Note | ActKind::Register | ActKind::ArticleCreate => Body::Note,
    }
}
