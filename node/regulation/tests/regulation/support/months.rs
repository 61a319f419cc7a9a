//! Random tickets of a month: every kind, several units, a county, two people who decide.

#![allow(dead_code, reason = "each test uses some of it")]

use regulation::act::{
    ClosureGround, Contacted, Finding, Had, Heard, Joins, Outcome, Rating, Reached, RequestKind, Satisfaction,
    SetAsideGround, Solved, SuperviseGround, SuperviseLevel, Urgency, Way,
};
use regulation::{ActId, ActKind as K, Body, Dispatch, Fact, Millis, Record, apply, options};

use super::records::{ASSISTING, COUNTY, LEAD, OTHER, author, recorded};
use super::story::{DAY, HOUR, NOON, Story};

/// The end of the month in which the tickets begin.
pub const MONTH_OVER: Millis = NOON - 12 * HOUR + 29 * DAY;
/// Acts that are tried on each ticket.
const TRIES: u32 = 300;

/// A plain generator: the same numbers in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % most
    }

    pub fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }
}

/// Who tries what: what carries a ticket on is tried more often.
const CARRIES_ON: &[(&str, K)] = &[
    ("city", K::Dispatch),
    ("lead", K::SignFor),
    ("other", K::SignFor),
    ("county", K::SubDispatch),
    ("lead", K::Attach),
    ("other", K::Attach),
    ("lead", K::Complete),
    ("other", K::Complete),
    ("county", K::Complete),
    ("city", K::ConfirmClosure),
    ("county", K::ConfirmClosure),
    ("city", K::FollowUp),
    ("second", K::Confirm),
];
const BESIDE: &[K] = &[
    K::Recall,
    K::Redispatch,
    K::Designate,
    K::SignFor,
    K::ReturnRequest,
    K::ReturnApprove,
    K::ReturnDeny,
    K::Contact,
    K::Progress,
    K::ExtendRequest,
    K::ExtendApprove,
    K::ExtendDeny,
    K::Defer,
    K::DeferApprove,
    K::DeferRelease,
    K::AssistFeedback,
    K::SendBack,
    K::Supervise,
    K::SuperviseReply,
    K::SuperviseRelease,
    K::Withdraw,
    K::Merge,
    K::Unmerge,
    K::MergeOther,
    K::Confirm,
    K::Supplement,
    K::Supplement,
    K::FollowUp,
    K::VerifyRating,
    K::Remedy,
    K::Explain,
    K::Object,
    K::SetAsideRating,
    K::Appeal,
    K::DecideAppeal,
    K::Tolerate,
    K::NotifyByPhone,
    K::Attach,
    K::Archive,
    K::Unarchive,
    K::Recuse,
    K::Decline,
    K::Reclassify,
    K::Convey,
    K::Arrive,
    K::SetUrgency,
    K::NameTerm,
    K::DecideTime,
    K::ReturnWithdraw,
    K::Escalate,
    K::Opinion,
    K::SignForByPhone,
    K::ReferMeeting,
    K::MeetingDecision,
    K::Reject,
    K::Answer,
    K::OwnMatter,
    K::ReferEmergency,
    K::ReferRegion,
    K::Urge,
    K::Remind,
    K::Note,
    K::Tag,
];
/// Tickets that may join.
const JOINS: [ActId; 2] = [ActId([251; 32]), ActId([252; 32])];
const WHO: &[&str] = &["city", "county", "lead", "assisting", "other"];

fn particulars(dice: &mut Dice, kind: K, body: Body) -> Body {
    let lead = *dice.pick(&[LEAD, LEAD, OTHER, COUNTY]);
    let to = |lead| Dispatch { lead, assisting: vec![ASSISTING] };
    match kind {
        K::Dispatch => Body::Dispatch(to(lead)),
        K::Redispatch => Body::Redispatch(to(lead)),
        K::Designate => Body::Designate(to(lead)),
        K::ReturnApprove => Body::ReturnApprove(to(lead)),
        K::SubDispatch => Body::SubDispatch(Dispatch { lead: *dice.pick(&[LEAD, OTHER]), assisting: vec![] }),
        K::NotifyByPhone => Body::NotifyByPhone { unit: lead },
        K::Recuse => Body::Recuse { unit: lead },
        K::Contact => {
            let reached = *dice.pick(Reached::ALL);
            // In writing, too; where that breaks a rule it is not made.
            let way = *dice.pick(&[Way::Telephone, Way::OnSite, Way::Sms, Way::System]);
            Body::Contact { way: if reached == Reached::Sent { Way::Sms } else { way }, reached }
        }
        K::Complete => {
            let (told_way, told_whom) = (Way::Online, Heard::QueryCode);
            Body::Complete { outcome: *dice.pick(Outcome::ALL), told_at: 0, told_way, told_whom }
        }
        K::ConfirmClosure => {
            Body::ConfirmClosure { ground: *dice.pick(&[ClosureGround::Solved, ClosureGround::Other]) }
        }
        K::ExtendRequest => Body::ExtendRequest { days: 5, told_at: 0, of_city: dice.below(3) == 0 },
        K::SetUrgency => Body::SetUrgency { urgency: *dice.pick(Urgency::ALL) },
        K::Progress => {
            let legal_due = (dice.below(4) == 0).then_some(NOON + i64::try_from(dice.below(60)).expect("days") * DAY);
            Body::Progress { way: *dice.pick(&[Way::Telephone, Way::OnSite]), legal_due }
        }
        K::NameTerm => Body::NameTerm { legal_due: NOON + i64::try_from(dice.below(60)).expect("days") * DAY },
        K::SendBack => Body::SendBack { form_only: dice.below(2) == 0 },
        K::VerifyRating => Body::VerifyRating { finding: *dice.pick(Finding::ALL) },
        K::SetAsideRating => Body::SetAsideRating { ground: SetAsideGround::Mistaken },
        K::DecideAppeal => Body::DecideAppeal { upheld: dice.below(2) == 0 },
        K::Tolerate => Body::Tolerate { granted: dice.below(4) > 0 },
        K::Supervise => Body::Supervise { level: SuperviseLevel::Urge, ground: SuperviseGround::Other },
        K::Supplement => {
            let due = NOON + i64::try_from(dice.below(30)).expect("days") * DAY;
            // By a county, or directly: each hop has its own.
            let mut had = vec![Had { unit: lead, until: Some(due), due: None }];
            if dice.below(3) == 0 && lead != COUNTY {
                had.push(Had { unit: COUNTY, until: Some(due + 2 * DAY), due: None });
            }
            let anonymous = dice.below(3) == 0;
            let urgent = (dice.below(4) == 0).then_some(due - 2 * DAY);
            let joins = Joins { had, anonymous, parted: dice.below(6) == 0, urgent, ..Joins::default() };
            Body::Supplement { joined: Some(*dice.pick(&JOINS)), joins: Some(joins) }
        }
        K::Unmerge => {
            let until = NOON + i64::try_from(dice.below(30)).expect("days") * DAY;
            let had =
                if dice.below(2) == 0 { vec![Had { unit: lead, until: Some(until), due: None }] } else { Vec::new() };
            Body::Unmerge { had }
        }
        K::Attach => recorded(u8::try_from(dice.below(60)).expect("few files")),
        K::Convey => Body::Convey { unit: lead },
        K::Reclassify => match dice.below(3) {
            0 => Body::Reclassify { kind: None, confidential: Some(dice.below(2) == 0), anonymous: None },
            1 => Body::Reclassify { kind: None, confidential: None, anonymous: Some(dice.below(2) == 0) },
            _ => Body::Reclassify { kind: Some(*dice.pick(RequestKind::ALL)), confidential: None, anonymous: None },
        },
        K::FollowUp => {
            let reached = if dice.below(4) == 0 { Reached::NoAnswer } else { Reached::Answered };
            let rating = Rating {
                contacted: *dice.pick(Contacted::ALL),
                solved: *dice.pick(Solved::ALL),
                satisfaction: *dice.pick(Satisfaction::ALL),
            };
            let rating = Some(rating).filter(|_| reached == Reached::Answered);
            // Now and then somebody is asked who is not of it: then it is not made.
            let of = *dice.pick(&[None, None, Some(JOINS[0]), Some(JOINS[1])]);
            Body::FollowUp { way: Way::Telephone, reached, rating, of }
        }
        _ => body,
    }
}

/// Who might do what next.
fn next(dice: &mut Dice, story: &Story) -> Fact {
    let (who, kind) = match dice.below(2) {
        0 => *dice.pick(CARRIES_ON),
        _ => (*dice.pick(WHO), *dice.pick(BESIDE)),
    };
    let mut fact = options::fact(&story.record, kind, &author(who));
    fact.id = ActId([u8::try_from(story.acts.len() + 1).expect("few acts"); 32]);
    fact.claimed_at = story.now;
    fact.body = particulars(dice, kind, fact.body);
    fact
}

/// Lives a ticket through that begins in the month; each act is shown with how it stood before and after.
pub fn live(dice: &mut Dice, mut show: impl FnMut(&Story, &Story, &Fact)) -> Story {
    let mut story = Story::nothing();
    story.now += i64::try_from(dice.below(27)).expect("days") * DAY;
    // Some a unit writes down for the city.
    if dice.below(6) == 0 {
        story.does("other", K::RegisterByProxy).does("city", K::ConfirmIntake);
    } else {
        let mut fact = options::fact(&Record::Empty, K::Register, &author("city"));
        if let Body::Register(register) = &mut fact.body {
            register.anonymous = dice.below(8) == 0;
            register.kind = if dice.below(12) == 0 { RequestKind::Praise } else { register.kind };
        }
        story.says("city", K::Register, Some(fact.body));
    }
    for _ in 0..TRIES {
        let fact = next(dice, &story);
        let mut after = story.clone();
        if apply(&mut after.record, &fact).is_err() {
            continue;
        }
        after.acts.push(fact.clone());
        show(&story, &after, &fact);
        after.now += *dice.pick(&[1, 1, 2, 5, 24, 48, 72, 200]) * HOUR;
        story = after;
        if story.acts.len() > 60 {
            break;
        }
    }
    story
}
