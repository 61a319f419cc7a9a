//! What a joint meeting decides (4): who records it, until when the lead reports, and by what.

use regulation::terms::{self, DueItem, DueKind, Terms};
use regulation::{ActKind as K, Body, Dispatch, Rule, decide, options};

use crate::fair::{forbidden_as, ticket};
use crate::support::story::{COUNTY, DAY, LEAD, OTHER, Story, author, calendar};

fn items(story: &Story) -> Vec<DueItem> {
    let all = terms::dues(ticket(story), calendar(), &Terms::default());
    all.into_iter().filter(|item| item.what == DueKind::Meeting).collect()
}

/// Brought before the meeting, which decides; to be carried out in so many days.
fn decided(days: i64) -> Story {
    let mut story = Story::in_hand();
    let due = story.now + days * DAY;
    story.does("county", K::ReferMeeting).says("city", K::MeetingDecision, Some(Body::MeetingDecision { due }));
    story
}

#[test]
fn the_city_records_what_the_meeting_decided_once_for_each_question() {
    let mut story = Story::in_hand();
    let decision = Body::MeetingDecision { due: story.now + DAY };
    let may = |story: &Story, who| forbidden_as(story, who, K::MeetingDecision, decision.clone());
    assert_eq!(may(&story, "city"), Some(Rule::NothingForMeeting.code()));
    story.does("county", K::ReferMeeting).does("city", K::ReferMeeting);
    assert_eq!([may(&story, "county"), may(&story, "lead")], [Some("city-only"); 2]);
    // The second question first.
    let mut fact = options::fact(&story.record, K::MeetingDecision, &author("city"));
    fact.answers = Some(story.last().id);
    assert_eq!(decide(&story.record, &fact), Ok(()));
    story.says("city", K::MeetingDecision, Some(decision.clone())).says(
        "city",
        K::MeetingDecision,
        Some(decision.clone()),
    );
    assert_eq!(may(&story, "city"), Some(Rule::NothingForMeeting.code()));
    assert_eq!(K::MeetingDecision.segments(), 2, "minutes and decision");
}

#[test]
fn the_lead_reports_on_it_by_the_day_that_was_named() {
    let mut story = decided(10);
    let asked = items(&story);
    assert_eq!((asked.len(), asked[0].unit, asked[0].met_at), (1, LEAD, None));
    let finish = |story: &Story| {
        let all = terms::dues(ticket(story), calendar(), &Terms::default());
        all.into_iter().find(|item| item.what == DueKind::Finish).map(|item| item.due)
    };
    assert_eq!(finish(&story), finish(&Story::in_hand()), "no other term is moved");
    // Whoever assists has not to, nor is a call a report.
    story.does("assisting", K::SignFor).does("assisting", K::Progress).does("lead", K::Contact);
    assert_eq!(items(&story)[0].met_at, None);
    let at = story.now;
    story.does("lead", K::Progress).does("lead", K::Progress);
    assert_eq!(items(&story)[0].met_at, Some(at), "the first");
    let mut done = decided(10);
    let at = done.now;
    done.does("lead", K::Complete);
    assert_eq!(items(&done)[0].met_at, Some(at));
    // What was told before it was no answer to it.
    let mut before = Story::in_hand();
    before.does("lead", K::Progress).does("city", K::ReferMeeting).does("city", K::MeetingDecision);
    assert_eq!(items(&before)[0].met_at, None);
}

#[test]
fn a_day_lies_between_the_decision_and_the_most_and_binds_nobody_who_came_after_it() {
    let due = |days: i64| items(&decided(days))[0].due;
    assert_eq!(due(1_000), due(2_000), "the most that is set");
    assert!(due(20) < due(1_000));
    let past = decided(-5);
    assert_eq!(items(&past)[0].due, items(&past)[0].start, "no earlier than it was decided");
    let to = |lead| Some(Body::Redispatch(Dispatch { lead, assisting: vec![] }));
    let mut given = decided(10);
    given.says("city", K::Redispatch, to(OTHER));
    assert_eq!(items(&given)[0].unit, OTHER);
    let mut late = decided(10);
    late.now += 20 * DAY;
    late.says("city", K::Redispatch, to(COUNTY));
    assert!(items(&late).is_empty());
    // Found closed, nothing is left of it.
    let mut closed = Story::in_hand();
    closed.does("city", K::ReferMeeting).does("lead", K::Complete).does("city", K::MeetingDecision);
    assert_eq!(items(&closed).len(), 1);
    closed.does("city", K::ConfirmClosure);
    assert!(items(&closed).is_empty());
}
