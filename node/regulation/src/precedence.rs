//! Decisions of equal authority that were made at once: which goes first, and so stands where only one of them can.
//!
//! Inside a stratum the fold takes, of the acts whose pasts are taken, the highest authority, then the lowest precedence,
//! then the lowest hash. What serves the requester goes before what serves the unit, and what takes something away from
//! either goes last: of what is ready the lowest is taken, so an act with a low number is never kept waiting by one with a
//! high number, while one with a high number waits until nobody of its authority has anything else to do.

use crate::act::{Body, Finding, Urgency};
use crate::kind::{ActKind, Trait};

use ActKind as K;

/// Kinds in their order, each with why it goes where it goes; kinds of one line are as good as each other. What is told as a
/// fact goes before all of them: it stands wherever it goes.
pub const ORDER: &[(&[ActKind], &str)] = &[
    (&[K::Register, K::RegisterByProxy, K::ArticleCreate], "在前：没有它就没有工单或知识"),
    (
        &[
            K::Settle,
            K::Witness,
            K::ReferMeeting,
            K::Split,
            K::Correct,
            K::CorrectRequester,
            K::MoreRoom,
            K::Opinion,
            K::MeetingDecision,
        ],
        "只记录，不与他项相争",
    ),
    (&[K::Reclassify], "更正类型先于按类型的办理；先取消保密后保密，保密的留下"),
    (&[K::SetUrgency], "先调低后调高：调高的留下"),
    (&[K::ConfirmIntake, K::Recuse, K::Unmerge], "诉求得以受理，被反映单位不办"),
    (&[K::Object], "诉求人的异议先于归档及其撤销"),
    (&[K::Unarchive, K::VerifyRating], "应办未办先于其他核实结论"),
    (&[K::Remedy], "补充办理先于解释说明"),
    (&[K::SignForByPhone], "先签收，后报结、退单"),
    (&[K::ReturnWithdraw, K::ExtendRequest, K::Escalate, K::Defer, K::Claim], "申请、撤回退单申请先于报结：各自都留下"),
    (&[K::Dispatch], "派发先于答复、转出、不予受理"),
    (&[K::ReturnApprove], "准先于不准"),
    (&[K::Redispatch, K::Designate], "有人承办先于撤回"),
    (&[K::ExtendApprove, K::DeferApprove, K::DecideTime, K::ArticleReview], "准先于不准"),
    (&[K::NameTerm], "认定先于另定期限：各自都留下"),
    (&[K::Confirm], "复核先于不予复核和新的提议"),
    (
        &[K::SetAsideRating, K::Redact, K::Ratify, K::DecideAppeal, K::Tolerate, K::MergeOther, K::ArticlePublish],
        "提议",
    ),
    (&[K::SendBack], "发现的不足先补办，再由诉求人评价：退回重办先于认定"),
    (&[K::Complete, K::ConfirmClosure], "报结先于下派、退单；认定先于撤单、合并"),
    (&[K::SubDispatch, K::Explain, K::HandOver], "有人接着办，评价有答复"),
    (&[K::Supervise, K::Appeal], "督办、申诉先于归档"),
    (&[K::SuperviseRelease, K::DeferRelease, K::ArticleEdit], "解除、修改在后"),
    (
        &[K::ReturnDeny, K::ExtendDeny, K::Decline, K::ReturnRequest, K::ArticleCorrect],
        "不准、退出在后；纠错不因修改而消失",
    ),
    (&[K::ReferEmergency], "转紧急热线先于答复"),
    (&[K::Answer, K::Convey], "答复、转达先于转出"),
    (&[K::ReferRegion, K::Recall], "转出、撤回在后"),
    (&[K::Withdraw], "诉求人自己撤回先于机构的了结"),
    (&[K::Merge, K::OwnMatter, K::ArticleRetire], "了结在后"),
    (&[K::Reject], "不予受理最后"),
    (&[K::Archive], "归档在一切之后"),
];

/// Where an act goes among those of equal authority; the lower goes first. Of one kind, what it says may decide.
#[must_use]
pub fn precedence(body: &Body) -> u16 {
    let kind = body.kind();
    if kind.has(Trait::Told) {
        return 0;
    }
    // A kind in no line would go last; a test says that there is none.
    let place = ORDER.iter().position(|(kinds, _)| kinds.contains(&kind)).unwrap_or(ORDER.len());
    let last = match body {
        // To lower it first leaves it raised.
        // What protects goes last, and stays.
        Body::Reclassify { confidential, .. } => *confidential == Some(true),
        Body::SetUrgency { urgency } => *urgency == Urgency::Urgent,
        Body::DecideTime { in_time } => !in_time,
        Body::DecideAppeal { upheld } => !upheld,
        Body::Tolerate { granted } => !granted,
        Body::VerifyRating { finding } => *finding != Finding::NotDone,
        _ => false,
    };
    u16::try_from(2 * place + usize::from(last) + 1).unwrap_or(u16::MAX)
}
