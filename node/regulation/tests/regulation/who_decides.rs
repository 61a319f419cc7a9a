//! Whoever is judged does not judge, and whoever gains by a word does not get to say it alone: each cheat as it was done, and
//! what comes of it.

use regulation::act::{ClosureGround, Heard, Outcome, Reached, RequestKind, Seen, Way};
use regulation::{
    ActId, ActKind as K, Body, Fact, Level, PersonId, Register, Role, TicketState, UnitId, apply, decide, options,
};

use crate::fair::{forbidden_as, sent_on, ticket};
use crate::support::story::{CITY, COUNTY, DAY, LEAD, Story, author, recorded, recording};

fn told(told_way: Way, told_whom: Heard) -> Option<Body> {
    Some(Body::Complete { outcome: Outcome::Solved, told_at: 0, told_way, told_whom })
}

fn register(change: impl FnOnce(&mut Register)) -> Option<Body> {
    let Body::Register(mut register) = Body::sample(K::Register) else { panic!("a registration") };
    change(&mut register);
    Some(Body::Register(register))
}

fn in_hand(change: impl FnOnce(&mut Register)) -> Story {
    let mut story = Story::nothing();
    story.says("city", K::Register, register(change)).dispatch(K::Dispatch, LEAD).does("lead", K::SignFor);
    story
}

fn closing(story: &Story, ground: ClosureGround) -> Option<&'static str> {
    forbidden_as(story, "city", K::ConfirmClosure, Body::ConfirmClosure { ground })
}

#[test]
fn a_closure_names_the_standard_of_its_kind() {
    use ClosureGround as G;
    for (kind, own) in [
        (RequestKind::Inquiry, G::Answered),
        (RequestKind::Help, G::Solved),
        (RequestKind::Suggestion, G::Replied),
        (RequestKind::Complaint, G::DealtWith),
        (RequestKind::TipOff, G::DealtWith),
    ] {
        let mut story = in_hand(|register| register.kind = kind);
        story.does("lead", K::Complete);
        for ground in G::ALL.iter().copied() {
            let expected = (ground != own && ground != G::Other).then_some("ground-of-kind");
            assert_eq!(closing(&story, ground), expected, "{kind:?} by {ground:?}");
        }
    }
    // What has no standard of its own gives reasons; what was dealt with by law, its basis or document.
    let segments = |ground| Body::ConfirmClosure { ground }.segments();
    assert_eq!(G::ALL.iter().map(|ground| segments(*ground)).collect::<Vec<_>>(), [0, 0, 0, 1, 1]);
}

#[test]
fn no_standard_is_met_by_what_its_own_report_says_is_not_solved() {
    use ClosureGround as G;
    let found = |outcome, ground| {
        let mut story = Story::in_hand();
        let (told_way, told_whom) = (Way::Online, Heard::QueryCode);
        story.says("lead", K::Complete, Some(Body::Complete { outcome, told_at: 0, told_way, told_whom }));
        closing(&story, ground)
    };
    for outcome in [Outcome::Unsolved, Outcome::NotAdopted] {
        assert_eq!(
            (found(outcome, G::Solved), found(outcome, G::Other)),
            (Some("ground-of-outcome"), None),
            "{outcome:?}"
        );
    }
    assert_eq!(found(Outcome::Solved, G::Solved), None);
    assert!(G::Replied.agrees(Outcome::NotAdopted) && !G::Replied.agrees(Outcome::Unsolved));
}

#[test]
fn nothing_is_closed_of_which_nobody_heard() {
    let contact = |reached| Some(Body::Contact { way: Way::Telephone, reached });
    let ground = ClosureGround::Solved;
    // It is told on the telephone, says the unit alone; the report stands, and is not closed.
    let mut alone = Story::in_hand();
    alone.says("lead", K::Complete, told(Way::Telephone, Heard::Requester));
    assert_eq!((ticket(&alone).state, closing(&alone, ground)), (TicketState::AwaitingClosure, Some("not-told")));
    // A contact that was answered, before or after the report.
    alone.says("lead", K::Contact, contact(Reached::Answered));
    assert_eq!(closing(&alone, ground), None);
    // In writing.
    for (way, expected) in [
        (Way::Sms, None),
        (Way::Online, None),
        (Way::Letter, None),
        (Way::System, None),
        (Way::OnSite, Some("not-told")),
    ] {
        let mut written = Story::in_hand();
        written.says("lead", K::Complete, told(way, Heard::Requester));
        assert_eq!(closing(&written, ground), expected, "{way:?}");
    }
    // That something was written says nobody by saying so: the words are on the ticket, by the unit, under this dispatch.
    let mut bare = Story::in_hand();
    let mut fact = options::fact(&bare.record, K::Complete, &author("lead"));
    (fact.id, fact.claimed_at) = (ActId([90; 32]), bare.now);
    fact.body =
        Body::Complete { outcome: Outcome::Solved, told_at: 0, told_way: Way::Letter, told_whom: Heard::Household };
    apply(&mut bare.record, &fact).expect("reported");
    assert_eq!(closing(&bare, ground), Some("not-told"));
    let photo = Body::sample(K::Attach);
    for (who, words) in [("lead", photo), ("assisting", recording()), ("city", recording())] {
        bare.says(who, K::Attach, Some(words));
        assert_eq!(closing(&bare, ground), Some("not-told"), "{who}");
    }
    // What others have attached is theirs: one file is one evidence.
    bare.says("lead", K::Attach, Some(recording()));
    assert_eq!(closing(&bare, ground), Some("not-told"));
    bare.says("lead", K::Attach, Some(recorded(8)));
    assert_eq!(closing(&bare, ground), None);
    // Whoever gave no name reads it at the query code, and nowhere else.
    for (whom, expected) in [(Heard::QueryCode, None), (Heard::Requester, Some("not-told"))] {
        let mut unnamed = in_hand(|register| register.anonymous = true);
        unnamed.says("lead", K::Complete, told(Way::Online, whom));
        assert_eq!(closing(&unnamed, ground), expected, "{whom:?}");
    }
    // Three calls in vain, on two days.
    let tried = |at: &[i64]| {
        let mut story = Story::in_hand();
        let begin = story.now;
        for at in at {
            story.now = begin + at;
            story.says("lead", K::Contact, contact(Reached::NoAnswer));
        }
        story.now = begin + 5 * DAY;
        story.says("lead", K::Complete, told(Way::Telephone, Heard::Requester));
        story
    };
    assert_eq!(closing(&tried(&[0, 1, 2]), ground), Some("not-told"), "on one day");
    assert_eq!(closing(&tried(&[0, DAY]), ground), Some("not-told"), "two");
    assert_eq!(closing(&tried(&[0, 1, DAY]), ground), None);
    // Of another round they say nothing.
    let mut again = tried(&[0, 1, DAY]);
    again.does("city", K::ConfirmClosure).bad().does("lead", K::Remedy);
    again.says("lead", K::Complete, told(Way::Telephone, Heard::Requester));
    assert_eq!(closing(&again, ground), Some("not-told"));
}

#[test]
fn days_that_are_only_claimed_are_none() {
    let ground = ClosureGround::Solved;
    // Typed in one minute, as if on three days.
    let mut story = Story::in_hand();
    for days in 1..=3 {
        let mut fact = options::fact(&story.record, K::Contact, &author("lead"));
        fact.id = ActId([100 + days; 32]);
        fact.body = Body::Contact { way: Way::Telephone, reached: Reached::NoAnswer };
        (fact.claimed_at, fact.happened_at) = (story.now, Some(story.now - i64::from(days) * DAY));
        apply(&mut story.record, &fact).expect("told");
    }
    story.says("lead", K::Complete, told(Way::Telephone, Heard::Requester));
    assert_eq!(closing(&story, ground), Some("not-told"));
    // A clock that was put back: the hub saw when they were made at the earliest.
    let mut back = Story::in_hand();
    let (begin, mut acts) = (back.now, Vec::new());
    for days in 0..3 {
        back.now = begin + days * DAY;
        let body = Some(Body::Contact { way: Way::Telephone, reached: Reached::NoAnswer });
        acts.push(back.says("lead", K::Contact, body).last().id);
    }
    back.now = begin + 3 * DAY;
    back.says("lead", K::Complete, told(Way::Telephone, Heard::Requester));
    assert_eq!(closing(&back, ground), None);
    for act in acts {
        let (not_before, received_at) = (begin + 2 * DAY + 60_000, begin + 2 * DAY + 120_000);
        let mut witness = options::fact(&back.record, K::Witness, &author("hub"));
        witness.body = Body::Witness(Seen::Late { not_before, received_at, offline: true, clock_good: false });
        (witness.answers, witness.claimed_at) = (Some(act), back.now);
        apply(&mut back.record, &witness).expect("witnessed");
    }
    assert_eq!(closing(&back, ground), Some("not-told"));
}

#[test]
fn appeals_and_honest_errors_are_decided_by_two() {
    let mut story = Story::closed();
    story.bad().does("lead", K::Appeal);
    let waits = |story: &Story| ticket(story).appeals_waiting().count();
    let upheld = |story: &Story| {
        ticket(story).appeals.iter().filter(|appeal| appeal.decided.is_some_and(|(_, upheld)| upheld)).count()
    };
    story.does("city", K::DecideAppeal);
    assert_eq!((waits(&story), upheld(&story)), (1, 0), "one person decides nothing");
    let confirms = |story: &Story, who: &str, person| {
        let mut fact = options::fact(&story.record, K::Confirm, &author(who));
        (fact.author.person, fact.answers) = (Some(PersonId(person)), Some(story.last().id));
        decide(&story.record, &fact).err().map(|broken| broken.rule.code())
    };
    assert_eq!(confirms(&story, "city", 1), Some("second-person"));
    assert_eq!(confirms(&story, "lead", 5), Some("city-only"));
    assert_eq!(confirms(&story, "county", 6), Some("city-only"));
    story.does("second", K::Confirm);
    assert_eq!((waits(&story), upheld(&story)), (0, 1));
    story.does("city", K::Tolerate);
    assert_eq!(ticket(&story).tolerated, None);
    assert_eq!((confirms(&story, "city", 1), confirms(&story, "lead", 5)), (Some("second-person"), Some("city-only")));
    story.does("second", K::Confirm);
    assert_eq!(ticket(&story).tolerated, Some(story.last().id));
}

/// Nobody decides on what his own unit did, asked for or is charged with: in no story, of whatever kind.
#[test]
fn whoever_is_judged_does_not_judge() {
    let judges = [
        K::ReturnApprove,
        K::ReturnDeny,
        K::ExtendApprove,
        K::ExtendDeny,
        K::DeferApprove,
        K::ConfirmClosure,
        K::SendBack,
        K::SuperviseRelease,
        K::FollowUp,
        K::SetAsideRating,
        K::DecideAppeal,
        K::Tolerate,
    ];
    let concerned = |story: &Story| -> Vec<UnitId> { ticket(story).lead().map(|lead| lead.unit).into_iter().collect() };
    let mut stories = vec![sent_on(), Story::in_hand()];
    for asks in [K::ReturnRequest, K::ExtendRequest, K::Defer, K::Complete] {
        for mut story in [sent_on(), Story::in_hand()] {
            if ticket(&story).state == TicketState::AwaitingSignFor {
                story.does("lead", K::SignFor);
            }
            story.does("lead", asks);
            stories.push(story);
        }
    }
    let mut rated = Story::closed();
    rated.bad().does("lead", K::Appeal);
    stories.push(rated);
    let mut at_county = Story::begin();
    at_county.dispatch(K::Dispatch, COUNTY).does("county", K::SignFor).does("county", K::ExtendRequest);
    stories.push(at_county);
    let mut watched = Story::in_hand();
    watched.does("city", K::Supervise).does("lead", K::SuperviseReply);
    let mut content = Story::closed();
    content.good();
    stories.extend([watched, Story::closed(), content]);
    let rule = |story: &Story, kind, who: &str| {
        let fact = options::fact(&story.record, kind, &author(who));
        decide(&story.record, &fact).err().map(|broken| broken.rule.code())
    };
    let mut by_rule = Vec::new();
    for story in &stories {
        for kind in judges {
            let hotlines = [("county", COUNTY), ("city", CITY)].into_iter();
            let may = hotlines
                .filter(|(_, unit)| !concerned(story).contains(unit))
                .any(|(who, _)| rule(story, kind, who).is_none());
            for (who, unit) in [("lead", LEAD), ("county", COUNTY), ("city", CITY)] {
                if concerned(story).contains(&unit) {
                    let refused = rule(story, kind, who);
                    assert!(refused.is_some(), "{who} {kind:?}");
                    // Where it may be decided, it is refused for who he is.
                    if may {
                        assert!(matches!(refused, Some("city-only" | "dispatcher-only")), "{who} {kind:?} {refused:?}");
                        by_rule.push(kind);
                    }
                }
            }
        }
    }
    let never: Vec<K> = judges.into_iter().filter(|kind| !by_rule.contains(kind)).collect();
    assert_eq!(never, [], "somebody may decide in some story");
    // Nor may a unit with a part confirm anything, whatever body it is of.
    let mut proposed = Story::closed();
    proposed.bad().does("city", K::SetAsideRating);
    let mut confirm: Fact = options::fact(&proposed.record, K::Confirm, &author("second"));
    confirm.author.unit = LEAD;
    confirm.answers = Some(proposed.last().id);
    let refused = decide(&proposed.record, &confirm).err().map(|broken| broken.rule.code());
    assert_eq!(refused, Some("concerned"));
}

#[test]
fn what_two_people_should_hold_is_shown_where_one_does() {
    let both = |one, other, level| {
        let roles = [one, other];
        regulation::split::held_together(&roles, level)
            .map(|split| (split.one, split.other, split.never))
            .collect::<Vec<_>>()
    };
    let (handle, review) = (Role::Handle, Role::Review);
    for level in [Level::Unit, Level::CountyHotline] {
        assert_eq!(both(review, handle, level), [(handle, review, false)], "{level:?}");
    }
    assert_eq!(both(handle, review, Level::CityHotline), [], "nothing is dispatched to the city");
    for level in [Level::Unit, Level::CountyHotline, Level::CityHotline] {
        let (dispatch, asks) = (Role::Dispatch, Role::FollowUp);
        assert_eq!(both(dispatch, asks, level), [(dispatch, asks, false)], "{level:?}");
        assert_eq!(both(dispatch, review, level), [], "{level:?}");
    }
}
