//! When something was delivered, as clocks other than the unit's own have seen it.

use regulation::act::Seen;
use regulation::{ActId, ActKind as K, Author, Body, Fact, options};

use crate::fair::{forbidden_as, sent_on, ticket};
use crate::support::story::{ASSISTING, CITY, DAY, HOUR, LEAD, Story, author};

/// The clock of a hotline says what it has seen of the dispatch in force.
fn sees(story: &mut Story, who: &str, claimed_at: i64, seen: Seen, answers: Option<ActId>) -> Result<(), &'static str> {
    let by = Author { person: None, ..author(who) };
    let number = u8::try_from(story.acts.len() + 1).expect("few acts");
    let fact = Fact {
        id: ActId([number; 32]),
        claimed_at,
        body: Body::Witness(seen),
        answers: answers.or(ticket(story).dispatch()),
        ..options::fact(&story.record, K::Witness, &by)
    };
    regulation::apply(&mut story.record, &fact).map_err(|broken| broken.rule.code())?;
    story.acts.push(fact);
    Ok(())
}

fn delivered(at: i64) -> Seen {
    Seen::Delivered { unit: LEAD, at }
}

fn delivered_at(story: &Story) -> Option<i64> {
    ticket(story).lead().expect("a lead").delivered_at
}

#[test]
fn the_word_of_a_countys_clock_gives_no_time_of_its_choice() {
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, LEAD);
    let sent = ticket(&story).lead().expect("a lead").dispatched_at;
    assert_eq!(sees(&mut story, "county", sent + HOUR, delivered(sent + HOUR + 1), None), Err("witnessed-ahead"));
    // Nothing arrives before it was sent.
    sees(&mut story, "county", sent + 3 * DAY, delivered(sent - DAY), None).expect("seen");
    assert_eq!(delivered_at(&story), Some(sent));
    // The city heard of it late: it counts from then.
    let told = story.last().id;
    let late = Seen::Late { not_before: sent, received_at: sent + 3 * DAY, offline: false, clock_good: false };
    sees(&mut story, "hub", sent + 3 * DAY, late, Some(told)).expect("told late");
    assert_eq!(delivered_at(&story), Some(sent + 3 * DAY));
    assert_eq!(ticket(&story).disputed(CITY), None, "it is no deed of the unit's that somebody would have to judge");
}

#[test]
fn what_the_city_has_seen_no_county_says_otherwise() {
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, LEAD);
    let sent = ticket(&story).lead().expect("a lead").dispatched_at;
    sees(&mut story, "hub", sent + DAY, delivered(sent + DAY), None).expect("seen");
    assert_eq!(sees(&mut story, "county", sent + DAY, delivered(sent), None), Err("already-witnessed"));
    assert_eq!(delivered_at(&story), Some(sent + DAY));
    sees(&mut story, "hub", sent + DAY, delivered(sent + HOUR), None).expect("the city knows better itself");
}

#[test]
fn a_delivery_that_a_unit_disputes_is_set_aside_by_the_city() {
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, LEAD);
    let sent = ticket(&story).lead().expect("a lead").dispatched_at;
    sees(&mut story, "county", sent + HOUR, delivered(sent), None).expect("seen");
    let told = Some(story.last().id);
    story.does("lead", K::Note);
    let decides = |story: &mut Story, who: &str, in_time: bool| {
        let mut fact = options::fact(&story.record, K::DecideTime, &author(who));
        (fact.answers, fact.body) = (told, Body::DecideTime { in_time });
        regulation::apply(&mut story.record, &fact).map_err(|broken| broken.rule.code())
    };
    assert_eq!(decides(&mut story, "lead", false), Err("dispatcher-only"));
    let mut stands = story.clone();
    decides(&mut stands, "city", true).expect("it stands");
    assert_eq!(delivered_at(&stands), Some(sent));
    decides(&mut story, "city", false).expect("set aside");
    assert_eq!(delivered_at(&story), None);
    assert_eq!(sees(&mut story, "county", sent + DAY, delivered(sent), None), Err("already-witnessed"));
    sees(&mut story, "hub", sent + DAY, delivered(sent + DAY), None).expect("the city sees for itself");
    assert_eq!(delivered_at(&story), Some(sent + DAY));
}

#[test]
fn a_county_telephones_only_those_that_it_dispatched_to() {
    let story = sent_on();
    for (unit, expected) in [(LEAD, None), (ASSISTING, Some("dispatcher-only"))] {
        assert_eq!(forbidden_as(&story, "county", K::NotifyByPhone, Body::NotifyByPhone { unit }), expected);
        assert_eq!(forbidden_as(&story, "county", K::SignForByPhone, Body::SignForByPhone { unit }), expected);
        assert_eq!(forbidden_as(&story, "city", K::NotifyByPhone, Body::NotifyByPhone { unit }), None);
    }
}
