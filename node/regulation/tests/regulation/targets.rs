//! Which act is answered: of several that may be, any; and nobody answers what concerns another.

use regulation::act::{Seen, SetAsideGround, SuperviseGround, SuperviseLevel};
use regulation::{ActId, ActKind as K, Body, Dispatch, Fact, apply, options};

use crate::support::story::{CITY, COUNTY, LEAD, OTHER, Story, author};

/// Somebody answers that act, or none, in this way; the rule that forbids it, if one does.
fn tries(story: &mut Story, who: &str, kind: K, body: Option<Body>, answers: Option<ActId>) -> Option<&'static str> {
    let fact = options::fact(&story.record, kind, &author(who));
    let id = ActId([u8::try_from(100 + story.acts.len()).expect("few acts"); 32]);
    let fact = Fact { id, body: body.unwrap_or(fact.body.clone()), answers, claimed_at: story.now, ..fact };
    let result = apply(&mut story.record, &fact);
    if result.is_ok() {
        story.acts.push(fact);
    }
    result.err().map(|broken| broken.rule.code())
}

fn supervise() -> Option<Body> {
    Some(Body::Supervise { level: SuperviseLevel::Supervise, ground: SuperviseGround::Overdue })
}

fn set_aside() -> Option<Body> {
    Some(Body::SetAsideRating { ground: SetAsideGround::Mistaken })
}

/// One of the city proposes that a rating be set aside, another confirms.
fn sets_aside(story: &mut Story, rating: ActId) -> Option<&'static str> {
    let proposed = tries(story, "city", K::SetAsideRating, set_aside(), Some(rating));
    let proposal = story.last().id;
    proposed.or_else(|| tries(story, "second", K::Confirm, None, Some(proposal)))
}

#[test]
fn of_two_supervisions_either_is_replied_to_and_released() {
    let mut story = Story::in_hand();
    let first = story.says("city", K::Supervise, supervise()).last().id;
    let second = story.says("city", K::Supervise, supervise()).last().id;
    let target = |story: &Story| story.record.ticket().and_then(|t| t.target(K::SuperviseReply, LEAD));
    assert_eq!(target(&story), Some(second), "a form proposes the newest");
    assert_eq!(tries(&mut story, "lead", K::SuperviseReply, None, Some(first)), None);
    assert_eq!(tries(&mut story, "assisting", K::SuperviseReply, None, Some(second)), Some("not-supervised"));
    assert_eq!(tries(&mut story, "city", K::SuperviseRelease, None, Some(first)), None);
    assert_eq!(tries(&mut story, "city", K::SuperviseRelease, None, Some(first)), Some("not-supervised"), "once");
    assert_eq!(target(&story), Some(second));
}

#[test]
fn whom_a_supervision_concerns_replies_and_whoever_raised_it_releases_it() {
    let mut story = Story::begin();
    let below = Dispatch { lead: LEAD, assisting: Vec::new() };
    story.dispatch(K::Dispatch, COUNTY).says("county", K::SubDispatch, Some(Body::SubDispatch(below)));
    story.does("lead", K::SignFor);
    let of_county = story.says("city", K::Supervise, supervise()).last().id;
    let of_lead = story.says("county", K::Supervise, supervise()).last().id;
    for (who, kind, answers, expected) in [
        ("lead", K::SuperviseReply, of_county, Some("not-supervised")),
        ("county", K::SuperviseRelease, of_county, Some("not-supervised")),
        ("city", K::SuperviseRelease, of_lead, Some("not-supervised")),
        ("lead", K::SuperviseReply, of_lead, None),
        ("county", K::SuperviseReply, of_county, None),
        ("county", K::SuperviseRelease, of_lead, None),
        ("city", K::SuperviseRelease, of_county, None),
    ] {
        assert_eq!(tries(&mut story, who, kind, None, Some(answers)), expected, "{who} {kind:?}");
    }
}

#[test]
fn any_bad_rating_may_be_set_aside_but_the_one_that_counts_is_verified() {
    let mut story = Story::closed();
    let first = story.bad().last().id;
    let second = story.bad().last().id;
    // Of two that say the same the first counts.
    assert_eq!(tries(&mut story, "lead", K::VerifyRating, None, Some(second)), Some("no-bad-rating"));
    assert_eq!(sets_aside(&mut story, ActId([99; 32])), Some("no-bad-rating"));
    assert_eq!(sets_aside(&mut story, first), None);
    assert_eq!(sets_aside(&mut story, first), Some("no-bad-rating"), "once");
    assert_eq!(tries(&mut story, "lead", K::VerifyRating, None, Some(second)), None);
    // One that was set aside is not verified, nor is one of an earlier round.
    let mut two = Story::closed();
    let first = two.bad().last().id;
    let second = two.bad().last().id;
    assert_eq!(two.record.ticket().and_then(|ticket| ticket.bad_rating()), Some(first));
    assert_eq!(sets_aside(&mut two, first), None);
    assert_eq!(two.record.ticket().and_then(|ticket| ticket.bad_rating()), Some(second));
    let third = two.does("lead", K::Remedy).close().bad().last().id;
    let fourth = two.bad().last().id;
    assert_eq!(sets_aside(&mut two, third), None);
    assert_eq!(two.record.ticket().and_then(|ticket| ticket.bad_rating()), Some(fourth));
    // Of what went well there is nothing to verify, and yet it may have been said by mistake.
    let mut content = Story::closed();
    let rating = content.good().last().id;
    let ticket = content.record.ticket().expect("a ticket");
    for (kind, unit, expected) in [
        (K::VerifyRating, LEAD, None),
        (K::Explain, LEAD, None),
        (K::Remedy, LEAD, None),
        (K::SetAsideRating, CITY, Some(rating)),
    ] {
        assert_eq!(ticket.target(kind, unit), expected, "{kind:?}");
    }
}

#[test]
fn of_two_appeals_either_is_decided() {
    let mut story = Story::closed();
    story.bad().does("lead", K::Appeal).does("assisting", K::Appeal);
    let second = story.last().id;
    assert_eq!(tries(&mut story, "city", K::DecideAppeal, None, Some(ActId([99; 32]))), Some("nothing-appealed"));
    assert_eq!(tries(&mut story, "city", K::DecideAppeal, None, Some(second)), None);
    story.does("second", K::Confirm);
    assert_eq!(tries(&mut story, "city", K::DecideAppeal, None, Some(second)), Some("nothing-appealed"), "once");
}

#[test]
fn of_two_late_acts_either_is_decided() {
    let mut story = Story::in_hand();
    let first = story.does("lead", K::Contact).last().id;
    let second = story.does("lead", K::Progress).last().id;
    for act in [first, second] {
        let (not_before, received_at) = (story.now, story.now + 1);
        let late = Body::Witness(Seen::Late { not_before, received_at, offline: false, clock_good: false });
        assert_eq!(tries(&mut story, "hub", K::Witness, Some(late), Some(act)), None);
    }
    let decide = |story: &mut Story, act| tries(story, "city", K::DecideTime, None, Some(act));
    assert_eq!(decide(&mut story, ActId([99; 32])), Some("nothing-disputed"));
    assert_eq!(decide(&mut story, second), None);
    assert_eq!(decide(&mut story, second), Some("nothing-disputed"), "once");
    assert_eq!(decide(&mut story, first), None);
}

#[test]
fn what_must_name_a_dispatch_and_names_none_is_told_so() {
    let mut story = Story::in_hand();
    for (who, kind) in [("lead", K::Complete), ("lead", K::Contact), ("city", K::Recall), ("city", K::Redispatch)] {
        assert_eq!(tries(&mut story, who, kind, None, None), Some("answer-missing"), "{kind:?}");
    }
    story.does("lead", K::Complete);
    assert_eq!(tries(&mut story, "city", K::ConfirmClosure, None, None), Some("no-completion"));
}

#[test]
fn who_lost_the_lead_and_assists_now_is_told_that_it_does_not_lead() {
    let mut story = Story::in_hand();
    let turned = Dispatch { lead: OTHER, assisting: vec![LEAD] };
    let now = story.says("city", K::Redispatch, Some(Body::Redispatch(turned))).last().id;
    assert_eq!(tries(&mut story, "lead", K::Complete, None, Some(now)), Some("lead-only"));
    // Who has no part any more is told by what it was taken away.
    assert_eq!(tries(&mut story, "assisting", K::AssistFeedback, None, Some(now)), Some("not-current-dispatch"));
}

#[test]
fn each_hotline_decides_on_the_extension_that_it_was_asked_for() {
    let mut story = Story::begin();
    let below = Dispatch { lead: LEAD, assisting: Vec::new() };
    story.dispatch(K::Dispatch, COUNTY).says("county", K::SubDispatch, Some(Body::SubDispatch(below)));
    story.does("lead", K::SignFor);
    let of_county = story.does("county", K::ExtendRequest).last().id;
    let of_lead = story.does("lead", K::ExtendRequest).last().id;
    assert_eq!(tries(&mut story, "county", K::ExtendApprove, None, Some(of_county)), Some("no-extension-pending"));
    let granted = |story: &Story| {
        let ticket = story.record.ticket().expect("a ticket");
        [COUNTY, LEAD].map(|unit| ticket.part_of(unit).map_or(0, |part| part.extensions.len()))
    };
    assert_eq!(tries(&mut story, "county", K::ExtendApprove, None, Some(of_lead)), None);
    assert_eq!(granted(&story), [0, 1]);
    assert_eq!(tries(&mut story, "city", K::ExtendApprove, None, Some(of_county)), None);
    assert_eq!(granted(&story), [1, 1]);
}
