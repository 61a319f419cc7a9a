//! Requests that nobody below handles, or that somebody else answers: praise, what is invalid, other regions, emergencies; and
//! arriving on the scene (9, 11(5), 12, 16(4), 21(3)).

use regulation::act::{EmergencyLine, RejectGround, RequestKind, Urgency, Way};
use regulation::rates::Exclusion;
use regulation::terms::{self, DueKind, Terms};
use regulation::{ActKind as K, Body, Dispatch, Register, TicketState};

use crate::fair::{forbidden_as, ticket};
use crate::support::story::{LEAD, Story, calendar};

fn forbidden(story: &Story, who: &str, kind: K) -> Option<&'static str> {
    let fact = regulation::options::fact(&story.record, kind, &crate::support::story::author(who));
    regulation::decide(&story.record, &fact).err().map(|broken| broken.rule.code())
}

fn registered(kind: RequestKind) -> Story {
    let mut story = Story::nothing();
    story.says("city", K::Register, Some(Body::Register(Register { kind, ..Register::sample() })));
    story
}

#[test]
fn praise_is_conveyed_and_never_assessed() {
    let mut praise = registered(RequestKind::Praise);
    let due = |story: &Story| terms::dues(ticket(story), calendar(), &Terms::default());
    assert!(due(&praise).is_empty(), "it waits for nobody's handling");
    for (kind, body) in [
        (K::Dispatch, Body::Dispatch(Dispatch { lead: LEAD, assisting: vec![] })),
        (K::Designate, Body::Designate(Dispatch { lead: LEAD, assisting: vec![] })),
    ] {
        assert_eq!(forbidden_as(&praise, "city", kind, body), Some("praise-conveyed"));
    }
    assert_eq!(forbidden(&Story::begin(), "city", K::Convey), Some("not-praise"));
    assert_eq!(forbidden(&praise, "lead", K::Convey), Some("city-only"));
    praise.says("city", K::Convey, Some(Body::Convey { unit: LEAD }));
    assert_eq!(ticket(&praise).state, TicketState::Answered);
    let waits: Vec<DueKind> = due(&praise).iter().map(|item| item.what).collect();
    assert_eq!(waits, [DueKind::Archive]);
    let score = praise.score();
    assert!(score.entries.is_empty());
    let excluded: Vec<_> = score.excluded.iter().map(|excluded| (excluded.unit, excluded.reason)).collect();
    assert_eq!(excluded, [(LEAD, Exclusion::Praise)]);
    praise.does("city", K::Archive);
    assert_eq!(ticket(&praise).state, TicketState::Archived);
}

#[test]
fn what_somebody_has_had_does_not_become_praise() {
    let praise = || Body::Reclassify { kind: Some(RequestKind::Praise), confidential: None, anonymous: None };
    assert_eq!(forbidden_as(&Story::begin(), "city", K::Reclassify, praise()), None);
    let mut had = Story::in_hand();
    assert_eq!(forbidden_as(&had, "city", K::Reclassify, praise()), Some("not-praise"));
    had.does("city", K::Recall);
    assert_eq!(forbidden_as(&had, "city", K::Reclassify, praise()), Some("not-praise"));
    // The other way it is dispatched as any other.
    let mut mistaken = registered(RequestKind::Praise);
    let complaint = Body::Reclassify { kind: Some(RequestKind::Complaint), confidential: None, anonymous: None };
    mistaken.says("city", K::Reclassify, Some(complaint)).dispatch(K::Dispatch, LEAD);
    assert_eq!(ticket(&mistaken).state, TicketState::AwaitingSignFor);
}

#[test]
fn what_is_invalid_is_told_and_looked_at_by_another() {
    let mut story = Story::begin();
    let invalid = Body::Reject { ground: RejectGround::Invalid, duty: None };
    assert_eq!(invalid.segments(), 1, "the reason that is told");
    story.says("city", K::Reject, Some(invalid));
    assert_eq!(forbidden(&story, "city", K::Archive), Some("second-person"));
    assert_eq!(forbidden(&story, "second", K::Archive), None);
    assert_eq!(forbidden(&story, "second", K::ConfirmIntake), None, "or it is taken in");
}

#[test]
fn another_region_answers_what_was_referred_to_it() {
    let mut story = Story::begin();
    assert_eq!(K::ReferRegion.segments(), 2, "how, and who receives it");
    assert_eq!(forbidden(&story, "city", K::RegionAnswer), Some("not-referred"));
    story.does("city", K::ReferRegion);
    let referral = story.last().id;
    story.does("city", K::RegionAnswer);
    assert_eq!((story.last().answers, ticket(&story).state), (Some(referral), TicketState::Referred));
    story.does("city", K::Archive).does("city", K::RegionAnswer);
    assert_eq!(ticket(&story).state, TicketState::Archived, "told later it is filed all the same");
    let mut emergency = Story::begin();
    emergency.does("city", K::ReferEmergency);
    assert!(forbidden(&emergency, "city", K::RegionAnswer).is_some());
}

#[test]
fn what_is_left_beside_an_emergency_goes_on() {
    let refer = |residue| Body::ReferEmergency { line: EmergencyLine::Fire, residue };
    let mut ends = Story::begin();
    ends.says("city", K::ReferEmergency, Some(refer(false)));
    assert_eq!(ticket(&ends).state, TicketState::Referred);
    let mut goes_on = Story::begin();
    let before = ticket(&goes_on).clone();
    goes_on.says("city", K::ReferEmergency, Some(refer(true)));
    assert_eq!(ticket(&goes_on), &before, "it is on record, and nothing else");
    goes_on.dispatch(K::Dispatch, LEAD).does("lead", K::SignFor);
    assert_eq!(forbidden_as(&goes_on, "city", K::ReferEmergency, refer(true)), None, "also while somebody has it");
    assert_eq!(forbidden_as(&goes_on, "city", K::ReferEmergency, refer(false)), Some("not-open-for-answer"));
    goes_on.close();
    assert!(forbidden_as(&goes_on, "city", K::ReferEmergency, refer(true)).is_some());
    assert!(forbidden_as(&ends, "city", K::ReferEmergency, refer(true)).is_some());
}

#[test]
fn arriving_on_the_scene_is_told_and_is_no_report() {
    let mut story = Story::nothing();
    let urgent = Register { urgency: Urgency::Urgent, ..Register::sample() };
    story.says("city", K::Register, Some(Body::Register(urgent))).dispatch(K::Dispatch, LEAD);
    assert_eq!(forbidden(&story, "other", K::Arrive), Some("assigned-only"));
    let before = ticket(&story).clone();
    story.does("lead", K::Arrive).does("assisting", K::Arrive);
    assert_eq!(ticket(&story), &before, "it counts as nothing else");
    let reported = |story: &Story| {
        let items = terms::dues(ticket(story), calendar(), &Terms::default());
        items.iter().find(|item| item.what == DueKind::Urgent).and_then(|item| item.met_at).is_some()
    };
    story.does("lead", K::SignFor);
    assert!(!reported(&story));
    story.says("lead", K::Progress, Some(Body::Progress { way: Way::OnSite, legal_due: None }));
    assert!(reported(&story));
    // Whoever wrote it down was there before anybody dispatched it.
    let mut proxy = Story::nothing();
    proxy.does("other", K::RegisterByProxy).does("other", K::Arrive);
}
