//! A decision that comes when silence has counted as refused (21(7), 22): it moves nothing that is late by then.

use regulation::terms::DueKind;
use regulation::{ActKind as K, Body};

use crate::fair::{finish, sent_on};
use crate::silent::due;
use crate::support::story::{CITY, COUNTY, DAY, HOUR, LEAD, Story};

#[test]
fn an_extension_that_is_granted_when_silence_had_refused_it_moves_nothing_that_is_late() {
    let calendar = crate::support::script::calendar();
    let mut story = Story::in_hand();
    let usual = finish(&story, LEAD);
    story.now = usual - HOUR;
    story.does("lead", K::ExtendRequest);
    let ((_, review), refused) = (due(&story, DueKind::ExtensionReview).expect("a decision"), finish(&story, LEAD));
    let granted = |at: i64| {
        let mut story = story.clone();
        story.now = at;
        finish(story.does("city", K::ExtendApprove), LEAD)
    };
    // From the old due, as long as the unit is not late.
    let longer = calendar.due(usual - 1, 5).due;
    assert!(longer > refused);
    for at in [review - 1, review, refused - 1] {
        assert_eq!(granted(at), longer, "{}", at - review);
    }
    for at in [refused, refused + 4 * DAY] {
        assert_eq!(granted(at), refused, "{}", at - refused);
    }
    // The lateness stays in its month, whoever is asked afterwards.
    let mut late = story.clone();
    late.now = refused + 4 * DAY;
    let before = late.of(LEAD);
    late.does("city", K::ExtendApprove);
    let after = late.of(LEAD);
    assert_eq!((after.finish_due, after.finished_in_time), (before.finish_due, before.finished_in_time));
    late.close();
    assert_eq!((late.of(LEAD).finish_due, late.of(LEAD).closed_in_time), (1, 0));
    // And so does the decider's own.
    let reviews = (late.of(CITY).reviews_due, late.of(CITY).reviewed_in_time);
    assert_eq!((reviews.0 - reviews.1, story.of(CITY).reviewed_in_time), (1, 0));
}

#[test]
fn a_county_is_freed_of_no_lateness_by_what_the_city_grants_the_unit_below_it_afterwards() {
    let mut story = sent_on();
    story.does("lead", K::SignFor);
    let outer = finish(&story, COUNTY);
    story.now = outer - HOUR;
    story.says("lead", K::ExtendRequest, Some(Body::ExtendRequest { days: 10, told_at: 0, of_city: true }));
    let grant = || Some(Body::ExtendApprove { days: 10, by_law: false });
    let (_, review) = due(&story, DueKind::ExtensionReview).expect("a decision");
    let granted = |at: i64| {
        let mut story = story.clone();
        story.now = at;
        finish(story.says("city", K::ExtendApprove, grant()), COUNTY)
    };
    assert!(granted(review - 1) > outer, "in its time");
    assert_eq!(granted(review.max(outer) + 4 * DAY), outer);
}

#[test]
fn a_deferral_that_is_agreed_to_when_silence_had_refused_it_moves_nothing_that_is_late() {
    let mut story = Story::in_hand();
    let usual = finish(&story, LEAD);
    story.does("lead", K::Defer);
    let (_, review) = due(&story, DueKind::DeferDecision).expect("a decision");
    let agreed = |at: i64, until: i64| {
        let mut story = story.clone();
        story.now = at;
        story.says("city", K::DeferApprove, Some(Body::DeferApprove { review_at: until }));
        story
    };
    let until = usual + 20 * DAY;
    let in_time = finish(&agreed(review - 1, until), LEAD);
    let later = finish(&agreed(review + 2 * DAY, until), LEAD);
    assert!(usual < later && later < in_time, "from its own time on, and no earlier");
    for after in [0, 4 * DAY] {
        let mut late = agreed(usual + after, until);
        assert_eq!(finish(&late, LEAD), usual, "{after}");
        late.does("city", K::DeferRelease);
        assert_eq!(finish(&late, LEAD), usual, "released, {after}");
    }
    // Agreed to once more when the day was over and the term with it.
    let mut again = agreed(review - 1, review + DAY);
    let end = finish(&again, LEAD);
    let renewed = |at: i64| {
        let mut again = again.clone();
        again.now = at;
        finish(again.says("city", K::DeferApprove, Some(Body::DeferApprove { review_at: end + 20 * DAY })), LEAD)
    };
    assert!(renewed(review + DAY / 2) > end);
    assert!(renewed(end - 1) > end);
    assert_eq!(renewed(end), end);
    again.now = end + DAY;
    assert_eq!(finish(again.does("city", K::DeferRelease), LEAD), end);
}

#[test]
fn each_decision_is_charged_to_whoever_had_to_decide_and_by_its_own_term() {
    let reviews = |story: &Story| {
        [CITY, COUNTY, LEAD].map(|unit| {
            let tally = story.of(unit);
            (tally.reviews_due, tally.reviewed_in_time)
        })
    };
    let asked = |of_city| {
        let mut story = sent_on();
        let body = Body::ExtendRequest { days: 5, told_at: 0, of_city };
        story.does("lead", K::SignFor).says("lead", K::ExtendRequest, Some(body));
        story.now += 10 * DAY;
        reviews(&story)
    };
    assert_eq!(asked(false), [(0, 0), (1, 0), (0, 0)], "the county says nothing");
    assert_eq!(asked(true), [(1, 0), (0, 0), (0, 0)], "it was the city that was asked");
    // What cannot be solved yet, and an appeal, are the city's to decide on.
    let mut story = Story::in_hand();
    story.does("lead", K::Defer);
    let mut decided = story.clone();
    story.now += 10 * DAY;
    assert_eq!(reviews(&story)[0], (1, 0));
    decided.does("city", K::DeferApprove);
    decided.now += 10 * DAY;
    assert_eq!(reviews(&decided)[0], (1, 1));
    let mut story = Story::in_hand();
    story.close().bad().does("lead", K::Appeal);
    let before = reviews(&story)[0];
    let mut decided = story.clone();
    story.now += 10 * DAY;
    assert_eq!(reviews(&story)[0], (before.0, before.1), "it is due, and late");
    decided.does("city", K::DecideAppeal).does("second", K::Confirm);
    assert_eq!(reviews(&decided)[0], (before.0, before.1 + 1));
    // A return of urgent help is decided on within half an hour, on any day (18, 21(3)): a Saturday here.
    let returned = |wait: i64, urgent: bool| {
        let mut story = Story::in_hand();
        story.now += 5 * DAY;
        if urgent {
            story.does("city", K::SetUrgency);
        }
        story.does("lead", K::ReturnRequest);
        story.now += wait - HOUR;
        story.does("city", K::ReturnDeny);
        reviews(&story)[0]
    };
    let minute = HOUR / 60;
    assert_eq!([29, 30].map(|wait| returned(wait * minute, true)), [(1, 1), (1, 0)]);
    assert_eq!(returned(20 * HOUR, false), (1, 1), "any other by the next working day");
}
