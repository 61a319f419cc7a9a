//! What does not count in the rates: why, what it leaves, who decided.

use crate::fair::{finish, forbidden_as};
use crate::support::script::calendar;
use crate::support::story::{CITY, COUNTY, DAY, HOUR, LEAD, NOON, OTHER, Story, author, sum};
use regulation::act::{ClosureGround, Heard, Outcome, Reached, SetAsideGround, Way};
use regulation::rates::{Excluded, Exclusion, Leaves, Score, Tally};
use regulation::terms::{DueKind, Terms, dues};
use regulation::{ActKind as K, Body, Dispatch, PersonId, Record, TicketState, options};

/// Checks why a ticket is left out for the lead, whether the city decided so, and how often it is among the closed, the
/// rated and the base of the solution rate, by the time of its last act.
fn check(reason: Option<Exclusion>, by_city: bool, counted: (i64, i64, i64), live: impl Fn(&mut Story)) {
    let mut story = Story::in_hand();
    live(&mut story);
    let score = story.score_in(&(i64::MIN..story.now));
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
        s.withdraw();
    });
    out(Exclusion::Withdrawn, |s| {
        s.withdraw().does("city", K::Archive);
    });
    out(Exclusion::WithdrawnAfterContact, |s| {
        s.does("lead", K::Contact).withdraw();
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
fn what_is_deferred_leaves_the_solution_rate_until_it_is_released_or_solved() {
    fn unsolved(s: &mut Story) -> &mut Story {
        s.says("lead", K::Complete, Some(completed(Outcome::Unsolved)));
        s.says("city", K::ConfirmClosure, Some(Body::ConfirmClosure { ground: ClosureGround::Other })).bad()
    }
    check(Some(Exclusion::Deferred), true, (1, 1, 0), |s| {
        unsolved(s.does("lead", K::Defer).does("city", K::DeferApprove));
    });
    // Nor does it outlive the round.
    check(Some(Exclusion::Superseded), true, (2, 1, 1), |s| {
        unsolved(s.does("lead", K::Defer).does("city", K::DeferApprove)).does("lead", K::Remedy).close().bad();
    });
    // Nor does another round take it away.
    check(Some(Exclusion::Deferred), true, (1, 1, 0), |s| {
        unsolved(s.does("lead", K::Defer).does("city", K::DeferApprove)).does("lead", K::Remedy);
    });
    // What the city has not agreed to, or what is released, is not deferred.
    let solved = |s: &mut Story| {
        s.says("lead", K::Complete, Some(completed(Outcome::Unsolved)));
        s.says("city", K::ConfirmClosure, Some(Body::ConfirmClosure { ground: ClosureGround::Other })).good();
    };
    check(None, false, (1, 1, 1), |s| solved(s.does("lead", K::Defer)));
    check(None, false, (1, 1, 1), |s| {
        solved(s.does("lead", K::Defer).does("city", K::DeferApprove).does("city", K::DeferRelease));
    });
    check(Some(Exclusion::Deferred), true, (1, 1, 0), |s| {
        solved(s.does("lead", K::Defer).does("city", K::DeferApprove));
    });
    // What came to anything else than that it is not solved is judged like any other, though nobody released it.
    for outcome in Outcome::ALL.iter().filter(|outcome| **outcome != Outcome::Unsolved) {
        for ground in [ClosureGround::Other, ClosureGround::Solved].into_iter().filter(|g| g.agrees(*outcome)) {
            let mut story = Story::in_hand();
            story.does("lead", K::Defer).does("city", K::DeferApprove);
            story.says("lead", K::Complete, Some(completed(*outcome)));
            story.says("city", K::ConfirmClosure, Some(Body::ConfirmClosure { ground })).bad();
            let left: Vec<Exclusion> = story.score().excluded.iter().map(|left| left.reason).collect();
            assert!(!left.contains(&Exclusion::Deferred), "{outcome:?} {ground:?}");
        }
    }
}

#[test]
fn what_waits_counts_for_the_solution_rate_in_the_month_of_its_new_due() {
    let closed = || {
        let mut story = Story::in_hand();
        let review_at = story.now + 30 * DAY;
        story.does("lead", K::Defer).says("city", K::DeferApprove, Some(Body::DeferApprove { review_at }));
        story.says("lead", K::Complete, Some(completed(Outcome::Unsolved)));
        story.says("city", K::ConfirmClosure, Some(Body::ConfirmClosure { ground: ClosureGround::Other }));
        story
    };
    let due = |story: &Story| finish(story, LEAD);
    // Rated, judged, solved, and what leaves: until its end comes, and in the day on which it does.
    let counts = |story: &Story| {
        let due = due(story);
        [i64::MIN..due - 1, due - 1..i64::MAX].map(|period| {
            let (score, left) = (story.score_in(&period), |left: &Excluded| left.reason);
            let tally = sum(&score, LEAD, false);
            ([tally.rated, tally.judged, tally.solved], score.excluded.iter().map(left).collect::<Vec<_>>())
        })
    };
    let mut story = closed();
    let until = due(&story);
    story.good();
    assert!(until > story.now + 29 * DAY, "no day of the wait is lost");
    assert_eq!(counts(&story), [([1, 0, 0], vec![Exclusion::Deferred]), ([0, 1, 1], vec![])]);
    // Released once it was closed, it counts so much earlier.
    let mut released = closed();
    released.does("city", K::DeferRelease).good();
    assert!(due(&released) < until - 20 * DAY);
    assert_eq!(counts(&released), counts(&story));
    // Found closed when its end has come, it waits for nothing.
    let mut over = Story::in_hand();
    let review_at = over.now + 30 * DAY;
    over.does("lead", K::Defer).says("city", K::DeferApprove, Some(Body::DeferApprove { review_at }));
    over.says("lead", K::Complete, Some(completed(Outcome::Unsolved)));
    over.now = due(&over);
    over.says("city", K::ConfirmClosure, Some(Body::ConfirmClosure { ground: ClosureGround::Other })).good();
    assert_eq!((sum(&over.score(), LEAD, false).judged, over.score().excluded.len()), (1, 0));
    // What else leaves the rate leaves it then.
    let mut barred = closed();
    barred.bad();
    assert_eq!(counts(&barred), [([1, 0, 0], vec![Exclusion::Deferred]), ([0, 0, 0], vec![Exclusion::Barred])]);
}

#[test]
fn what_the_city_found_barred_leaves_the_solution_rate_whatever_the_unit_does_but_own_up() {
    let barred = |outcome, ground| {
        move |s: &mut Story| {
            s.says("lead", K::Complete, Some(completed(outcome)));
            s.says("city", K::ConfirmClosure, Some(Body::ConfirmClosure { ground })).bad();
        }
    };
    let found = barred(Outcome::Unsolved, ClosureGround::Other);
    for outcome in [Outcome::Unsolved, Outcome::Explained, Outcome::NotAdopted] {
        check(Some(Exclusion::Barred), true, (1, 1, 0), barred(outcome, ClosureGround::Other));
    }
    check(None, false, (1, 1, 1), barred(Outcome::Explained, ClosureGround::Solved));
    check(None, false, (1, 1, 1), barred(Outcome::Solved, ClosureGround::Other));
    // To explain it changes nothing: it is the unit's own deed. Nor does that the requester objects.
    check(Some(Exclusion::Barred), true, (1, 1, 0), |s| {
        found(s);
        s.does("lead", K::Explain);
    });
    check(Some(Exclusion::Barred), true, (1, 1, 0), |s| {
        found(s);
        s.does("lead", K::Explain).does("city", K::Object);
    });
    // What the unit has not done, as it finds itself, or does again, was not barred.
    check(None, false, (1, 1, 1), |s| {
        found(s);
        s.does("lead", K::VerifyRating);
    });
    check(None, false, (1, 1, 1), |s| {
        found(s);
        s.does("lead", K::Remedy);
    });
}

/// A completion that comes to that, and tells it in writing.
fn completed(outcome: Outcome) -> Body {
    Body::Complete { outcome, told_at: 0, told_way: Way::Online, told_whom: Heard::QueryCode }
}

/// An appeal, and what two people decide on it.
fn appealed(story: &mut Story, who: &str, upheld: bool) {
    story.does(who, K::Appeal).decided(K::DecideAppeal, Some(Body::DecideAppeal { upheld }));
}

#[test]
fn an_appeal_moves_nothing_until_two_people_uphold_it() {
    check(None, false, (1, 1, 1), |s| {
        s.close().bad().does("lead", K::Appeal);
    });
    check(None, false, (1, 1, 1), |s| {
        s.close().bad().does("lead", K::Appeal).does("city", K::DecideAppeal);
    });
    check(Some(Exclusion::AppealUpheld), true, (0, 0, 0), |s| appealed(s.close().bad(), "lead", true));
    check(None, false, (1, 1, 1), |s| appealed(s.close().bad(), "lead", false));
    // That of an assisting unit concerns what it did itself.
    check(None, false, (1, 1, 1), |s| appealed(s.close().bad(), "assisting", true));
    // That of the county above the unit, which answers for it to the city, does as its own would.
    let mut below = Story::begin();
    below.dispatch(K::Dispatch, COUNTY);
    let sent_on = Dispatch { lead: LEAD, assisting: Vec::new() };
    below.says("county", K::SubDispatch, Some(Body::SubDispatch(sent_on))).does("lead", K::SignFor);
    below.does("lead", K::Complete).does("county", K::ConfirmClosure).bad();
    appealed(&mut below, "county", true);
    assert_eq!(below.score().excluded.first().map(|left| left.reason), Some(Exclusion::AppealUpheld));
    assert_eq!(below.of(LEAD).closed, 0);
    // It is of its round: what was upheld stays so, and says nothing of the next one.
    check(Some(Exclusion::AppealUpheld), true, (1, 1, 1), |s| {
        appealed(s.close().bad(), "lead", true);
        s.does("lead", K::Remedy).close().good();
    });
    // It may be of a round after which another was begun already.
    check(Some(Exclusion::AppealUpheld), true, (0, 0, 0), |s| {
        appealed(s.close().bad().does("lead", K::Remedy), "lead", true)
    });
}

#[test]
fn a_unit_appeals_once_and_in_time_and_what_was_decided_is_final() {
    let forbidden = |story: &Story| forbidden_as(story, "lead", K::Appeal, Body::Appeal);
    let mut story = Story::closed();
    assert_eq!(forbidden(&story), Some("not-rated"));
    story.bad().does("lead", K::Appeal);
    assert_eq!(forbidden(&story), Some("appeal-pending"));
    let due = |story: &Story| {
        let items = dues(story.record.ticket().expect("a ticket"), &calendar(), &Terms::default());
        items.into_iter().find(|item| item.what == DueKind::AppealReview).map(|item| (item.unit, item.due))
    };
    // Made on Monday at six in the evening; three working days.
    assert_eq!(due(&story), Some((CITY, NOON - 12 * HOUR + 4 * 24 * HOUR)));
    story.decided(K::DecideAppeal, Some(Body::DecideAppeal { upheld: false }));
    assert_eq!((due(&story), forbidden(&story)), (None, Some("appeal-decided")));
    assert_eq!(
        forbidden_as(&story, "city", K::DecideAppeal, Body::DecideAppeal { upheld: true }),
        Some("nothing-appealed")
    );
    assert_eq!(forbidden_as(&story, "assisting", K::Appeal, Body::Appeal), None, "another unit has its own");
    story.does("lead", K::Remedy);
    assert_eq!(forbidden(&story), Some("appeal-decided"), "of that round still");
    assert_eq!(forbidden(story.close().bad()), None, "the next round is another matter");
    // What a unit was refused its county does not ask once more, nor the other way round.
    for (first, then) in [("lead", "county"), ("county", "lead")] {
        let mut below = crate::fair::sent_on();
        below.does("lead", K::SignFor).close().bad();
        assert_eq!(forbidden_as(&below, then, K::Appeal, Body::Appeal), None);
        below.does(first, K::Appeal);
        assert_eq!(forbidden_as(&below, then, K::Appeal, Body::Appeal), Some("appeal-pending"));
        below.decided(K::DecideAppeal, Some(Body::DecideAppeal { upheld: false }));
        assert_eq!(forbidden_as(&below, then, K::Appeal, Body::Appeal), Some("appeal-decided"));
    }
    // The table of November is provisional from December on: three working days.
    let december = NOON - 12 * HOUR + 29 * 24 * HOUR;
    let made = |at| {
        let mut story = Story::closed();
        story.bad();
        story.now = at;
        appealed(&mut story, "lead", true);
        story.of(LEAD).closed
    };
    assert_eq!((made(december + 71 * HOUR), made(december + 72 * HOUR)), (0, 1));
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
        s.does("lead", K::Defer).does("city", K::DeferApprove);
        s.says("lead", K::Complete, Some(completed(Outcome::Unsolved)));
        s.says("city", K::ConfirmClosure, Some(Body::ConfirmClosure { ground: ClosureGround::Other })).bad();
    });
    assert_eq!(deferred, (lead, city));
    let upheld = asked(|s| appealed(s.close().bad(), "lead", true));
    assert_eq!(upheld, (lead, city));
    let withdrawn = asked(|s| {
        s.withdraw();
    });
    assert_eq!(withdrawn, (None, city));
}

#[test]
fn what_was_withdrawn_is_listed_in_the_period_in_which_it_was() {
    let mut story = Story::in_hand();
    story.withdraw();
    assert_eq!(story.score_in(&(NOON..NOON + 4 * HOUR)).excluded, []);
    assert_eq!(story.score_in(&(NOON + 4 * HOUR..i64::MAX)).excluded.len(), 1);
}

#[test]
fn each_reason_says_what_it_leaves() {
    for (leaves, code, chinese) in [
        (Leaves::Everything, "all", "全部"),
        (Leaves::Unclosed, "unclosed", "未认定办结的部分（此前认定的办结仍计）"),
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
            | Exclusion::Superseded
            | Exclusion::Open => Leaves::Ratings,
            Exclusion::Withdrawn
            | Exclusion::WithdrawnAfterContact
            | Exclusion::Merged
            | Exclusion::Returned
            | Exclusion::Recalled
            | Exclusion::Redispatched => Leaves::Unclosed,
            _ => Leaves::Everything,
        };
        assert_eq!(reason.leaves(), expected, "{reason:?}");
    }
}

#[test]
fn what_is_merged_in_a_second_round_leaves_the_closure_of_the_first_in_the_figures() {
    let mut story = Story::closed();
    story.bad().does("lead", K::Remedy).does("city", K::Merge);
    let left: Vec<Excluded> = story.score().excluded.into_iter().filter(|left| left.unit == LEAD).collect();
    assert_eq!(left.iter().map(Excluded::leaves).collect::<Vec<_>>(), [Leaves::Unclosed]);
    assert_eq!((story.of(LEAD).closed, story.of(LEAD).rated), (1, 1));
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
    // Whoever else handles it chose nothing: it counts as any other.
    story.does("city", K::ConfirmIntake);
    let mut others = story.clone();
    others.dispatch(K::Dispatch, LEAD).does("lead", K::SignFor).close().good();
    let score = others.score();
    let main = sum(&score, LEAD, false);
    assert_eq!((main.dispatched, main.closed, main.rated), (1, 1, 1));
    assert_eq!((sum(&score, LEAD, true), score.excluded), (Tally::default(), vec![]));
    story.dispatch(K::Dispatch, OTHER).does("other", K::SignFor);
    story.does("other", K::Complete).does("city", K::ConfirmClosure).good();
    let score = story.score();
    assert_eq!(sum(&score, OTHER, false), Tally::default());
    let apart = sum(&score, OTHER, true);
    assert_eq!((apart.dispatched, apart.closed, apart.rated), (1, 1, 1));
    let confirmed = score.excluded[0];
    assert_eq!(
        (confirmed.reason, confirmed.decided.map(|by| by.act)),
        (Exclusion::Proxy, Some(story.acts[1].id)),
        "whoever took it in decided that it is shown apart"
    );
}

#[test]
fn an_honest_error_that_two_people_let_go_is_left_out() {
    let tolerate = |granted| Body::Tolerate { granted };
    let mut story = Story::closed();
    story.bad().says("city", K::Tolerate, Some(tolerate(true)));
    assert_eq!(story.of(LEAD).closed, 1, "one alone lets nothing go");
    story.does("second", K::Confirm);
    let score = story.score();
    let (found, act) = (score.excluded[0], story.last().id);
    let by = found.decided.expect("a decision");
    assert_eq!((found.reason, by.act), (Exclusion::Tolerated, act));
    assert_eq!((by.person, by.second), (Some(PersonId(1)), Some(PersonId(2))));
    assert_eq!(story.of(LEAD).closed, 0);
    // It is of what was closed by then.
    let mut again = story.clone();
    again.does("lead", K::Remedy).close().good();
    assert_eq!((again.of(LEAD).closed, again.of(LEAD).rated), (1, 1));
    // Two people take it back.
    story.decided(K::Tolerate, Some(tolerate(false)));
    assert_eq!(story.of(LEAD).closed, 1);
    // There must be something to let go, or to take back.
    for (story, granted) in [(Story::in_hand(), true), (Story::closed(), false)] {
        assert_eq!(forbidden_as(&story, "city", K::Tolerate, tolerate(granted)), Some("nothing-tolerated"));
    }
    assert_eq!(forbidden_as(&story, "lead", K::Tolerate, tolerate(true)), Some("city-only"));
}
