//! What does not count in the rates: why, what it leaves, who decided.

use crate::support::story::{ALWAYS, CITY, COUNTY, HOUR, LEAD, NOON, OTHER, Story, author, sum};
use regulation::act::{ClosureGround, Outcome, Reached, SetAsideGround};
use regulation::rates::{Excluded, Exclusion, Leaves, Score, Tally};
use regulation::{ActKind as K, Body, Dispatch, PersonId, Record, TicketState, options};

/// Checks why a ticket is left out for the lead, whether the city decided so, and how often it is among the closed, the
/// rated and the base of the solution rate.
fn check(reason: Option<Exclusion>, by_city: bool, counted: (i64, i64, i64), live: impl Fn(&mut Story)) {
    let mut story = Story::in_hand();
    live(&mut story);
    let score = story.score();
    let found: Vec<Excluded> = score.excluded.iter().filter(|excluded| excluded.unit == LEAD).copied().collect();
    assert!(found.len() <= 1, "{found:?}");
    assert_eq!(found.first().map(|excluded| excluded.reason), reason);
    let decided = found.first().and_then(|excluded| excluded.decided).map(|by| by.unit);
    assert_eq!(decided, by_city.then_some(CITY), "{reason:?}");
    let tally = sum(&score, LEAD, false);
    assert_eq!((tally.closed, tally.rated, tally.judged), counted, "{reason:?}");
}

#[test]
fn what_never_came_to_a_closure_is_in_no_figure() {
    let out = |reason, live: fn(&mut Story)| check(Some(reason), true, (0, 0, 0), live);
    out(Exclusion::Withdrawn, |s| {
        s.does("city", K::Withdraw);
    });
    out(Exclusion::Withdrawn, |s| {
        s.does("city", K::Withdraw).does("city", K::Archive);
    });
    out(Exclusion::WithdrawnAfterContact, |s| {
        s.does("lead", K::Contact).does("city", K::Withdraw);
    });
    out(Exclusion::Merged, |s| {
        s.does("city", K::Merge);
    });
    out(Exclusion::Recalled, |s| {
        s.does("city", K::Recall);
    });
    out(Exclusion::Redispatched, |s| {
        s.dispatch(K::Redispatch, OTHER);
    });
    out(Exclusion::Returned, |s| {
        s.does("lead", K::ReturnRequest).dispatch(K::ReturnApprove, OTHER);
    });
    // Who names another unit while a return is asked for agrees to it; who names the same does not.
    out(Exclusion::Returned, |s| {
        s.does("lead", K::ReturnRequest).dispatch(K::Designate, OTHER);
    });
    check(None, false, (0, 0, 0), |s| {
        s.does("lead", K::ReturnRequest).dispatch(K::Designate, LEAD);
    });
    // A merge that was undone left nothing out.
    check(None, false, (1, 1, 1), |s| {
        s.does("city", K::Merge).does("city", K::Unmerge).close().good();
    });
}

#[test]
fn what_cannot_be_asked_or_is_set_aside_leaves_the_ratings_alone() {
    let out = |reason, by_city, live: fn(&mut Story)| check(Some(reason), by_city, (1, 0, 0), live);
    out(Exclusion::Open, false, |s| {
        s.close();
    });
    out(Exclusion::Open, false, |s| {
        s.close().in_vain(Reached::NoAnswer);
    });
    out(Exclusion::Unreached, true, |s| {
        s.close().in_vain(Reached::NoAnswer).in_vain(Reached::NoAnswer).in_vain(Reached::DeadNumber);
    });
    out(Exclusion::Declined, true, |s| {
        s.close().in_vain(Reached::NoAnswer).in_vain(Reached::NoAnswer).in_vain(Reached::Declined);
    });
    out(Exclusion::SetAside, true, |s| {
        s.close().bad();
        s.decided(K::SetAsideRating, Some(set_aside(SetAsideGround::Mistaken)));
    });
    out(Exclusion::SetAside, true, |s| {
        s.close().bad();
        s.decided(K::SetAsideRating, Some(set_aside(SetAsideGround::Malicious))).does("city", K::Archive);
    });
}

fn set_aside(ground: SetAsideGround) -> Body {
    Body::SetAsideRating { ground }
}

#[test]
fn what_is_deferred_leaves_the_solution_rate_until_it_is_released() {
    check(Some(Exclusion::Deferred), true, (1, 1, 0), |s| {
        s.does("lead", K::Defer).does("city", K::DeferApprove).close().bad();
    });
    // Nor does it outlive the round.
    check(None, false, (1, 1, 1), |s| {
        s.does("lead", K::Defer).does("city", K::DeferApprove).close().bad().does("lead", K::Remedy).close().bad();
    });
    // What the city has not agreed to, or what is released, counts.
    check(None, false, (1, 1, 1), |s| {
        s.does("lead", K::Defer).close().bad();
    });
    check(None, false, (1, 1, 1), |s| {
        s.does("lead", K::Defer).does("city", K::DeferApprove).does("city", K::DeferRelease).close().bad();
    });
}

#[test]
fn an_explanation_leaves_the_solution_rate_only_where_the_city_found_the_bar() {
    let explained = |outcome, ground| {
        move |s: &mut Story| {
            s.says("lead", K::Complete, Some(Body::Complete { outcome, told_at: 0 }));
            s.says("city", K::ConfirmClosure, Some(Body::ConfirmClosure { ground })).bad().does("lead", K::Explain);
        }
    };
    for outcome in [Outcome::Unsolved, Outcome::Explained, Outcome::NotAdopted] {
        check(Some(Exclusion::Barred), true, (1, 1, 0), explained(outcome, ClosureGround::Other));
    }
    check(None, false, (1, 1, 1), explained(Outcome::Explained, ClosureGround::DealtWith));
    check(None, false, (1, 1, 1), explained(Outcome::Solved, ClosureGround::Other));
    // Once the requester objects it is not explained any more.
    check(None, false, (1, 1, 1), |s| {
        explained(Outcome::Unsolved, ClosureGround::Other)(s);
        s.does("city", K::Object);
    });
}

#[test]
fn an_appeal_leaves_everything_while_it_waits_and_if_it_is_upheld() {
    check(Some(Exclusion::UnderAppeal), false, (0, 0, 0), |s| {
        s.close().bad().does("lead", K::Appeal);
    });
    check(Some(Exclusion::AppealUpheld), true, (0, 0, 0), |s| {
        s.close().bad().does("lead", K::Appeal).does("city", K::DecideAppeal);
    });
    check(None, false, (1, 1, 1), |s| {
        s.close().bad().does("lead", K::Appeal);
        s.says("city", K::DecideAppeal, Some(Body::DecideAppeal { upheld: false }));
    });
    // That of an assisting unit concerns what it did itself.
    check(None, false, (1, 1, 1), |s| {
        s.close().bad().does("assisting", K::Appeal).does("city", K::DecideAppeal);
    });
    // That of the county above the unit, which answers for it to the city, does as its own would.
    let mut below = Story::begin();
    below.dispatch(K::Dispatch, COUNTY);
    let sent_on = Dispatch { lead: LEAD, assisting: Vec::new() };
    below.says("county", K::SubDispatch, Some(Body::SubDispatch(sent_on))).does("lead", K::SignFor);
    below.does("lead", K::Complete).does("county", K::ConfirmClosure).bad().does("county", K::Appeal);
    assert_eq!(below.score().excluded.first().map(|left| left.reason), Some(Exclusion::UnderAppeal));
    below.does("city", K::DecideAppeal);
    assert_eq!(below.score().excluded.first().map(|left| left.reason), Some(Exclusion::AppealUpheld));
    assert_eq!(below.of(LEAD).closed, 0);
    // That of an earlier round is over with the round.
    check(None, false, (1, 1, 1), |s| {
        s.close().bad().does("lead", K::Appeal).does("city", K::DecideAppeal).does("lead", K::Remedy).close().good();
    });
}

#[test]
fn a_decision_names_its_act_its_people_and_its_time() {
    let mut story = Story::closed();
    let body = Body::SetAsideRating { ground: SetAsideGround::Mistaken };
    story.bad().decided(K::SetAsideRating, Some(body));
    let by = story.score().excluded[0].decided.expect("a decision");
    let act = story.last();
    assert_eq!((by.act, by.person, by.second, by.at), (act.id, Some(PersonId(1)), Some(PersonId(2)), act.claimed_at));
}

#[test]
fn who_asked_for_it_is_named_where_somebody_did() {
    let asked = |live: fn(&mut Story)| {
        let mut story = Story::in_hand();
        live(&mut story);
        let excluded = *story.score().excluded.first().expect("something");
        (excluded.asked.map(|by| by.unit), excluded.decided.map(|by| by.unit))
    };
    let (lead, city) = (Some(LEAD), Some(CITY));
    let returned = asked(|s| {
        s.does("lead", K::ReturnRequest).dispatch(K::ReturnApprove, OTHER);
    });
    assert_eq!(returned, (lead, city));
    let deferred = asked(|s| {
        s.does("lead", K::Defer).does("city", K::DeferApprove).close().bad();
    });
    assert_eq!(deferred, (lead, city));
    let waiting = asked(|s| {
        s.close().bad().does("lead", K::Appeal);
    });
    assert_eq!(waiting, (lead, None));
    let upheld = asked(|s| {
        s.close().bad().does("lead", K::Appeal).does("city", K::DecideAppeal);
    });
    assert_eq!(upheld, (lead, city));
    let withdrawn = asked(|s| {
        s.does("city", K::Withdraw);
    });
    assert_eq!(withdrawn, (None, city));
}

#[test]
fn what_was_withdrawn_is_listed_in_the_period_in_which_it_was() {
    let mut story = Story::in_hand();
    story.does("city", K::Withdraw);
    assert_eq!(story.score_with(&(NOON..NOON + 3 * HOUR), None).excluded, []);
    assert_eq!(story.score_with(&(NOON + 3 * HOUR..i64::MAX), None).excluded.len(), 1);
}

#[test]
fn each_reason_says_what_it_leaves() {
    for (leaves, code, chinese) in [
        (Leaves::Everything, "all", "全部"),
        (Leaves::Ratings, "ratings", "三率（仍计办结量）"),
        (Leaves::Solution, "solution", "仅解决率"),
    ] {
        assert_eq!(leaves.names(), (code, chinese));
    }
    for reason in Exclusion::ALL {
        let expected = match reason {
            Exclusion::Deferred | Exclusion::Barred => Leaves::Solution,
            Exclusion::SetAside
            | Exclusion::Anonymous
            | Exclusion::Declined
            | Exclusion::Unreached
            | Exclusion::Open => Leaves::Ratings,
            _ => Leaves::Everything,
        };
        assert_eq!(reason.leaves(), expected, "{reason:?}");
    }
}

#[test]
fn what_was_answered_rejected_or_referred_never_enters() {
    for kind in [K::Answer, K::Reject, K::ReferRegion, K::ReferEmergency] {
        let mut story = Story::begin();
        story.does("city", kind);
        assert_eq!(story.score(), Score::default(), "{kind:?}");
    }
}

#[test]
fn an_anonymous_requester_who_cannot_be_asked_leaves_the_ratings() {
    let mut story = Story::nothing();
    let mut fact = options::fact(&Record::Empty, K::Register, &author("city"));
    if let Body::Register(register) = &mut fact.body {
        register.anonymous = true;
    }
    story.says("city", K::Register, Some(fact.body)).dispatch(K::Dispatch, LEAD).does("lead", K::SignFor).close();
    while story.record.ticket().is_some_and(|ticket| ticket.state == TicketState::AwaitingFollowUp) {
        story.in_vain(Reached::NoAnswer);
    }
    assert_eq!(story.score().excluded[0].reason, Exclusion::Anonymous);
}

#[test]
fn what_a_unit_wrote_down_itself_is_shown_apart() {
    let mut story = Story::nothing();
    story.does("other", K::RegisterByProxy);
    let mut own = story.clone();
    own.does("city", K::OwnMatter).does("city", K::Archive);
    let score = own.score();
    assert_eq!(sum(&score, OTHER, true).own_matters, 1);
    assert_eq!(score.excluded.iter().map(|excluded| excluded.reason).collect::<Vec<_>>(), [Exclusion::OwnMatter]);
    story.does("city", K::ConfirmIntake).dispatch(K::Dispatch, LEAD).does("lead", K::SignFor).close().good();
    let score = story.score();
    assert_eq!(sum(&score, LEAD, false), Tally::default());
    let apart = sum(&score, LEAD, true);
    assert_eq!((apart.dispatched, apart.closed, apart.rated), (1, 1, 1));
    let confirmed = score.excluded[0];
    assert_eq!(
        (confirmed.reason, confirmed.decided.map(|by| by.act)),
        (Exclusion::Proxy, Some(story.acts[1].id)),
        "whoever took it in decided that it is shown apart"
    );
}

#[test]
fn an_honest_error_that_the_city_lets_go_is_left_out() {
    let mut story = Story::closed();
    story.bad().does("city", K::Tag);
    let granted = story.last().id;
    let score = story.score_with(&ALWAYS, Some(granted));
    let found = score.excluded[0];
    assert_eq!((found.reason, found.decided.map(|by| by.act)), (Exclusion::Tolerated, Some(granted)));
    assert_eq!(sum(&score, LEAD, false).closed, 0);
}
