//! Merges (16): of one matter, of another one, what of the dues goes on, and that each requester is asked and counts.

use regulation::act::{Agree, Finding, Had, Joins, Reached, RequestKind, Satisfaction, Solved, Urgency, Way};
use regulation::rates::{Exclusion, Tally, Weights};
use regulation::terms::{DueItem, DueKind, Terms, dues};
use regulation::{ActId, ActKind as K, Body, Fact, Ticket, TicketState, UnitId, decide, options};

use crate::fair::forbidden;
use crate::support::story::*;

const ONE: ActId = ActId([201; 32]);
const TWO: ActId = ActId([202; 32]);
const GOOD: (Solved, Satisfaction) = (Solved::Yes, Satisfaction::Satisfied);
const BAD: (Solved, Satisfaction) = (Solved::No, Satisfaction::Dissatisfied);
const MOSTLY: (Solved, Satisfaction) = (Solved::Mostly, Satisfaction::Mostly);

fn ticket(story: &Story) -> &Ticket {
    story.record.ticket().expect("a ticket")
}

fn rule(story: &Story, who: &str, kind: K, body: Body) -> Option<&'static str> {
    let fact = Fact { body, claimed_at: story.now, ..options::fact(&story.record, kind, &author(who)) };
    decide(&story.record, &fact).err().map(|broken| broken.rule.code())
}

fn finish(story: &Story, unit: UnitId) -> DueItem {
    let items = dues(ticket(story), calendar(), &Terms::default());
    items.into_iter().find(|item| item.what == DueKind::Finish && item.unit == unit).expect("a term")
}

/// Each in its turn says that.
fn asked(story: &mut Story, said: &[(Option<ActId>, (Solved, Satisfaction))]) {
    for (of, (solved, satisfaction)) in said {
        story.rated_by(*of, *solved, *satisfaction);
    }
}

#[test]
fn one_person_merges_what_is_of_one_matter_and_two_what_is_not() {
    use Agree::{Other, Same, Unknown};
    for (place, category, kind, intake, broken) in [
        (Same, Same, Same, Same, None),
        (Same, Unknown, Same, Same, None),
        (Unknown, Same, Same, Same, None),
        (Same, Same, Unknown, Same, None),
        (Unknown, Unknown, Same, Same, Some("other-matter")),
        (Same, Other, Same, Same, Some("other-category")),
        (Other, Same, Same, Same, Some("other-place")),
        (Other, Other, Same, Same, Some("other-place")),
        (Unknown, Other, Same, Same, Some("other-category")),
        (Same, Same, Other, Same, Some("other-kind")),
        (Same, Same, Same, Other, Some("other-intake")),
    ] {
        let story = Story::in_hand();
        let alone = rule(&story, "city", K::Merge, Body::Merge { into: ONE, place, category, kind, intake });
        assert_eq!(alone, broken, "{place:?} {category:?} {kind:?} {intake:?}");
        let mut two = story.clone();
        two.says("city", K::MergeOther, Some(Body::MergeOther { into: ONE, place, category, kind, intake }));
        assert_eq!(ticket(&two).state, TicketState::InProgress, "it waits for a second person");
        assert_eq!(rule(&two, "city", K::Confirm, Body::Confirm), Some("second-person"));
        two.does("second", K::Confirm);
        assert_eq!(
            (ticket(&two).state, ticket(&two).merged.map(|merged| merged.into)),
            (TicketState::Merged, Some(ONE))
        );
        let left: Vec<Exclusion> = two.score().excluded.iter().map(|excluded| excluded.reason).collect();
        assert!(!left.is_empty() && left.iter().all(|reason| *reason == Exclusion::Merged), "{left:?}");
        two.does("city", K::Unmerge);
        assert_eq!((ticket(&two).state, two.score().excluded.len()), (TicketState::InProgress, 0));
    }
}

#[test]
fn nobody_is_lost_in_a_chain_and_nothing_joins_what_is_over() {
    let joins = || Body::Supplement { joined: Some(TWO), joins: None };
    let mut story = Story::in_hand();
    story.joined(ONE, None);
    let merge =
        |into| Body::Merge { into, place: Agree::Same, category: Agree::Same, kind: Agree::Same, intake: Agree::Same };
    assert_eq!(rule(&story, "city", K::Merge, merge(TWO)), Some("has-joined"));
    story.says("city", K::Attach, Some(recording()));
    assert_eq!(rule(&story, "city", K::Withdraw, Body::Withdraw), Some("has-joined"), "the other one asks on");
    story.parted(ONE);
    assert_eq!(rule(&story, "city", K::Merge, merge(TWO)), None);
    assert_eq!(rule(&story, "city", K::Withdraw, Body::Withdraw), None);
    for end in [K::Answer, K::Withdraw, K::Merge] {
        let mut over = Story::begin();
        over.does("city", end);
        assert_eq!(rule(&over, "city", K::Supplement, joins()), Some("not-open"), "{end:?}");
        let parted = Some(Joins { parted: true, ..Joins::default() });
        let parts = Body::Supplement { joined: Some(TWO), joins: parted };
        assert_eq!(rule(&over, "city", K::Supplement, parts), None, "what joined may part");
    }
    let mut filed = Story::closed();
    filed.good().does("city", K::Archive);
    assert_eq!(rule(&filed, "city", K::Supplement, joins()), Some("not-open"));
}

#[test]
fn whatever_comes_after_the_report_is_not_dealt_with_by_it_and_does_not_rate_it() {
    let joins = || Body::Supplement { joined: Some(TWO), joins: Some(Joins::default()) };
    let mut story = Story::in_hand();
    assert_eq!(rule(&story, "city", K::Supplement, joins()), None);
    story.does("lead", K::Contact).does("lead", K::Complete);
    assert_eq!(rule(&story, "city", K::Supplement, joins()), Some("joins-late"), "reported");
    story.does("city", K::ConfirmClosure);
    assert_eq!(rule(&story, "city", K::Supplement, joins()), Some("joins-late"), "to be followed up");
    let mut bad = story.clone();
    bad.bad();
    assert_eq!(rule(&bad, "city", K::Supplement, joins()), Some("joins-late"), "to be verified");
    // Made beside the report and its closure it stands; of that report its requester is not asked.
    let mut beside = Story::in_hand();
    beside.does("lead", K::Contact).does("lead", K::Complete).does("city", K::ConfirmClosure);
    let mut fact = options::fact(&beside.record, K::Supplement, &author("city"));
    (fact.id, fact.body) = (ActId([99; 32]), joins());
    regulation::bring_in(&mut beside.record, &fact).expect("a fact is brought in");
    assert_eq!(ticket(&beside).joined.len(), 1);
    assert_eq!(ticket(&beside).to_ask().collect::<Vec<_>>(), [None]);
    let of = Body::FollowUp {
        way: regulation::act::Way::Telephone,
        reached: Reached::Declined,
        rating: None,
        of: Some(TWO),
    };
    assert_eq!(rule(&beside, "city", K::FollowUp, of.clone()), Some("not-joined"));
    // Of the next one he is.
    beside
        .bad()
        .does("lead", K::Remedy)
        .does("lead", K::Contact)
        .does("lead", K::Complete)
        .does("city", K::ConfirmClosure);
    assert_eq!(rule(&beside, "city", K::FollowUp, of), None);
}

#[test]
fn the_two_hours_of_urgent_help_go_on_with_the_unit_that_had_them() {
    let urgent = |story: &Story| {
        let items = dues(ticket(story), calendar(), &Terms::default());
        items.into_iter().find(|item| item.what == DueKind::Urgent && item.unit == LEAD).map(|item| item.due)
    };
    let mut story = Story::in_hand();
    story.does("lead", K::Contact);
    assert_eq!(urgent(&story), None);
    let since = story.now - 30 * 60_000;
    for (unit, start) in [(LEAD, since), (OTHER, story.now)] {
        let mut joined = story.clone();
        let joins =
            Some(Joins { had: vec![Had { unit, until: None, due: None }], urgent: Some(since), ..Joins::default() });
        joined.says("city", K::Supplement, Some(Body::Supplement { joined: Some(ONE), joins }));
        assert_eq!(ticket(&joined).urgency, Urgency::Urgent);
        assert_eq!(urgent(&joined), Some(start + 2 * HOUR), "{unit:?}");
        joined.parted(ONE);
        assert_eq!((ticket(&joined).urgency, urgent(&joined)), (Urgency::Ordinary, None));
    }
}

#[test]
fn what_is_supervised_is_merged_into_nothing() {
    let mut story = Story::in_hand();
    let level = regulation::act::SuperviseLevel::Urge;
    let ground = regulation::act::SuperviseGround::Other;
    story.says("city", K::Supervise, Some(Body::Supervise { level, ground }));
    let raised = story.last().id;
    for kind in [K::Merge, K::MergeOther] {
        assert_eq!(forbidden(&story, "city", kind), Some("supervised"), "{kind:?}");
    }
    story.does("lead", K::SuperviseReply);
    let mut release = options::fact(&story.record, K::SuperviseRelease, &author("city"));
    release.answers = Some(raised);
    regulation::apply(&mut story.record, &release).expect("released");
    assert_eq!(forbidden(&story, "city", K::Merge), None);
}

#[test]
fn what_others_joined_ends_at_no_desk_whoever_they_are() {
    // One that a unit had is merged into one that nobody has, and that one is ended at the hotline's own desk.
    let praise = |kind| match Body::sample(K::Register) {
        Body::Register(mut register) => {
            register.kind = kind;
            Body::Register(register)
        }
        _ => unreachable!("a registration"),
    };
    for (kind, end) in [
        (RequestKind::Help, K::Answer),
        (RequestKind::Praise, K::Convey),
        (RequestKind::Help, K::ReferRegion),
        (RequestKind::Help, K::ReferEmergency),
        (RequestKind::Help, K::Reject),
        (RequestKind::Help, K::Withdraw),
    ] {
        let mut story = Story::nothing();
        story.says("city", K::Register, Some(praise(kind)));
        let body = options::fact(&story.record, end, &author("city")).body;
        assert_eq!(rule(&story, "city", end, body.clone()), None, "{end:?}");
        story.joined(ONE, None);
        for who in ["city", "second"] {
            assert_eq!(rule(&story, who, end, body.clone()), Some("has-joined"), "{end:?} by {who}");
        }
        story.parted(ONE);
        assert_eq!(rule(&story, "city", end, body), None, "{end:?}: it joins no more");
    }
    let mut proxy = Story::nothing();
    proxy.does("other", K::RegisterByProxy).joined(ONE, None);
    assert_eq!(rule(&proxy, "city", K::OwnMatter, Body::OwnMatter), Some("has-joined"));
    // Where something of it is left to handle it goes on.
    let mut residue = Story::begin();
    residue.joined(ONE, None);
    let mut refer = options::fact(&residue.record, K::ReferEmergency, &author("city")).body;
    let Body::ReferEmergency { residue: left, .. } = &mut refer else { unreachable!("a referral") };
    *left = true;
    assert_eq!(rule(&residue, "city", K::ReferEmergency, refer), None);
}

#[test]
fn the_stricter_due_goes_on_with_the_unit_that_had_it_and_with_nobody_else() {
    let own = finish(&Story::in_hand(), LEAD).due;
    let earlier = own - 2 * DAY;
    for (unit, due, expected, why) in [
        (LEAD, earlier, earlier, "nobody sheds a due by a merge"),
        (LEAD, own + DAY, own, "the strictest goes on"),
        (OTHER, earlier, own, "nobody pays for another's delay"),
        (ASSISTING, earlier, own, "an assisting unit finishes nothing"),
        (LEAD, NOON, own, "what had come due is late in the ticket in which it was"),
        (LEAD, Story::in_hand().now, own, "and what comes due at that moment"),
    ] {
        let mut story = Story::in_hand();
        story.joined(ONE, Some((unit, due)));
        assert_eq!(finish(&story, LEAD).due, expected, "{why}");
        // Given to the same unit again it goes on; taken out of the merge it does not.
        let mut again = story.clone();
        again.dispatch(K::Redispatch, OTHER).dispatch(K::Redispatch, LEAD);
        let carries = |story: &Story| ticket(story).part_of(LEAD).map(|part| part.carried.clone());
        assert_eq!(carries(&again), carries(&story), "{why}");
        story.parted(ONE);
        assert_eq!(finish(&story, LEAD).due, own, "{why}: undone");
    }
}

#[test]
fn what_is_granted_afterwards_prolongs_the_stricter_due_too() {
    let own = finish(&Story::in_hand(), LEAD).due;
    let mut story = Story::in_hand();
    story.joined(ONE, Some((LEAD, own - 2 * DAY)));
    story.does("lead", K::ExtendRequest).does("city", K::ExtendApprove);
    let mut alone = Story::in_hand();
    alone.does("lead", K::ExtendRequest).does("city", K::ExtendApprove);
    let (joined, alone) = (finish(&story, LEAD).due, finish(&alone, LEAD).due);
    assert!(joined > own && joined < alone, "{joined} {alone}");
    // Another round has a term of its own.
    let mut again = Story::in_hand();
    again.joined(ONE, Some((LEAD, own - 2 * DAY))).close().bad().does("lead", K::Remedy);
    assert!(finish(&again, LEAD).due >= own, "{:?}", finish(&again, LEAD));
}

#[test]
fn asking_ends_when_each_requester_was_asked() {
    let mut story = Story::in_hand();
    story.joined(ONE, None).joined(TWO, None).close();
    let follow =
        |of| Body::FollowUp { way: regulation::act::Way::Telephone, reached: Reached::Declined, rating: None, of };
    assert_eq!(rule(&story, "city", K::FollowUp, follow(Some(ActId([9; 32])))), Some("not-joined"));
    story.rated_by(None, GOOD.0, GOOD.1);
    assert_eq!(ticket(&story).state, TicketState::AwaitingFollowUp, "two are still to be asked");
    story.says("city", K::FollowUp, Some(follow(Some(ONE))));
    assert_eq!(ticket(&story).to_ask().collect::<Vec<_>>(), [Some(TWO)]);
    let due = |story: &Story| dues(ticket(story), calendar(), &Terms::default());
    let open = |story: &Story| due(story).iter().any(|item| item.what == DueKind::FollowUp && item.met_at.is_none());
    assert!(open(&story));
    // One of them leaves the merge: the rest have been asked.
    let mut parted = story.clone();
    parted.parted(TWO);
    assert_eq!(ticket(&parted).state, TicketState::AwaitingArchive);
    story.rated_by(Some(TWO), GOOD.0, GOOD.1);
    assert_eq!(ticket(&story).state, TicketState::AwaitingArchive);
    assert!(!open(&story));
}

#[test]
fn one_person_is_asked_once_and_counts_once() {
    let joins = |ticket: ActId, same_as| {
        Some(Body::Supplement { joined: Some(ticket), joins: Some(Joins { same_as, ..Joins::default() }) })
    };
    let own = ticket(&Story::in_hand()).registered;
    // He raised both; or two others are one.
    for (one, two, left) in [(Some(own), None, vec![None, Some(TWO)]), (None, Some(ONE), vec![None, Some(ONE)])] {
        let mut story = Story::in_hand();
        story.says("city", K::Supplement, joins(ONE, one)).says("city", K::Supplement, joins(TWO, two)).close();
        assert_eq!(ticket(&story).requesters().collect::<Vec<_>>(), left);
        let rating = |of| Body::FollowUp { way: Way::Telephone, reached: Reached::NoAnswer, rating: None, of };
        let twice = if left.contains(&Some(ONE)) { TWO } else { ONE };
        assert_eq!(rule(&story, "city", K::FollowUp, rating(Some(twice))), Some("not-joined"));
        for of in left {
            story.rated_by(of, GOOD.0, GOOD.1);
        }
        assert_eq!(ticket(&story).state, TicketState::AwaitingArchive);
    }
    // Whose other ticket has left is asked here; and two that name each other are one, not none.
    let mut story = Story::in_hand();
    story.says("city", K::Supplement, joins(ONE, None)).says("city", K::Supplement, joins(TWO, Some(ONE)));
    story.parted(ONE);
    assert_eq!(ticket(&story).requesters().collect::<Vec<_>>(), [None, Some(TWO)]);
    let mut story = Story::in_hand();
    story.says("city", K::Supplement, joins(ONE, Some(TWO))).says("city", K::Supplement, joins(TWO, Some(ONE)));
    assert_eq!(ticket(&story).requesters().collect::<Vec<_>>(), [None, Some(ONE)]);
}

#[test]
fn one_who_is_not_satisfied_begins_the_verification_and_the_others_are_still_asked() {
    let mut story = Story::in_hand();
    story.joined(ONE, None).joined(TWO, None).close();
    story.rated_by(Some(ONE), BAD.0, BAD.1);
    let first = story.last().id;
    assert_eq!((ticket(&story).state, ticket(&story).bad_rating()), (TicketState::AwaitingVerification, Some(first)));
    story.says("lead", K::VerifyRating, Some(Body::VerifyRating { finding: Finding::Limited }));
    story.does("lead", K::Explain);
    assert_eq!(ticket(&story).state, TicketState::AwaitingFollowUp, "two were not asked yet");
    assert_eq!(rule(&story, "city", K::Object, Body::Object), None);
    story.rated_by(None, Solved::Mostly, Satisfaction::Dissatisfied);
    let second = story.last().id;
    // Not so bad as the first, which was explained.
    assert_eq!(ticket(&story).bad_rating(), Some(second));
    story.decided(K::SetAsideRating, None);
    assert_eq!(ticket(&story).state, TicketState::AwaitingVerification, "the first one stands");
    story.does("lead", K::Explain).rated_by(Some(TWO), GOOD.0, GOOD.1);
    assert_eq!(ticket(&story).state, TicketState::AwaitingArchive);
    let tally = story.of(LEAD);
    assert_eq!((tally.rated, tally.solved_parts, tally.satisfied_parts), (1, 500, 500), "{tally:?}");
}

#[test]
fn ratings_of_several_are_averaged_into_one() {
    let weights = Weights::default();
    for (said, expected, solution, why) in [
        (vec![GOOD, GOOD, GOOD], (1, 0, 0, 0), 10_000, "of one mind"),
        (vec![GOOD, GOOD, BAD], (0, 667, 0, 0), 6_670, "to the nearest"),
        (vec![GOOD, BAD, BAD], (0, 333, 0, 0), 3_330, "to the nearest"),
        (vec![GOOD, MOSTLY, BAD], (0, 333, 0, 333), 6_327, "each for itself"),
        (vec![MOSTLY, MOSTLY, MOSTLY], (0, 0, 1, 0), 9_000, "of one mind"),
        (vec![BAD, BAD, BAD], (0, 0, 0, 0), 0, "of one mind"),
    ] {
        let mut story = Story::in_hand();
        story.joined(ONE, None).joined(TWO, None).close();
        let whose = [None, Some(ONE), Some(TWO)];
        asked(&mut story, &whose.into_iter().zip(said).collect::<Vec<_>>());
        let tally = story.of(LEAD);
        let Tally { solved, solved_parts, mostly_solved, mostly_solved_parts, .. } = tally;
        assert_eq!((solved, solved_parts, mostly_solved, mostly_solved_parts), expected, "{why}");
        assert_eq!((tally.rated, tally.judged, tally.contacted), (1, 1, 1), "one closure, one rating: {why}");
        assert_eq!(tally.solution(&weights).map(|rate| rate.basis_points()), Some(solution), "{why}");
        assert!(tally.score(&weights).is_some_and(|score| score.basis_points() <= 10_000), "{why}");
    }
    // A half goes against the unit: of sixteen one is 62.5 thousandths.
    let mut many = Story::in_hand();
    let others: Vec<ActId> = (100..115).map(|n| ActId([n; 32])).collect();
    others.iter().for_each(|other| {
        many.joined(*other, None);
    });
    many.close().rated_by(None, GOOD.0, GOOD.1);
    asked(&mut many, &others.iter().map(|other| (Some(*other), BAD)).collect::<Vec<_>>());
    assert_eq!(many.of(LEAD).solved_parts, 62);
}

#[test]
fn whoever_does_not_rate_is_left_out_of_the_mean_and_what_was_said_stays_when_the_merge_is_undone() {
    let mut story = Story::in_hand();
    story.joined(ONE, None).joined(TWO, None).close().rated_by(Some(ONE), BAD.0, BAD.1);
    story.rated_by(None, GOOD.0, GOOD.1);
    assert_eq!(story.of(LEAD).solved_parts, 500);
    let before = story.of(LEAD);
    story.parted(ONE);
    assert_eq!(story.of(LEAD), before, "nobody's rating is taken away with his ticket");
    assert_eq!(ticket(&story).state, TicketState::AwaitingVerification);
}

#[test]
fn whoever_is_merged_into_one_ticket_after_another_is_content_with_the_last_alone() {
    let mut story = Story::in_hand();
    story.joined(ONE, None).close().rated_by(Some(ONE), GOOD.0, GOOD.1).rated_by(None, BAD.0, BAD.1);
    assert_eq!(story.of(LEAD).solved_parts, 500);
    story.parted(ONE);
    let tally = story.of(LEAD);
    assert_eq!((tally.rated, tally.solved, tally.solved_parts), (1, 0, 0), "he is asked where his ticket goes on");
}
