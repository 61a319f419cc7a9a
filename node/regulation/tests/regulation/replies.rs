//! What is asked and answered in writing (26): no call, and no rating without the requester's own words.

use regulation::act::{Reached, Satisfaction, Way};
use regulation::{ActKind as K, Body, TicketState};

use crate::fair::{forbidden_as, ticket};
use crate::support::story::{DAY, LEAD, Story, recording};

fn asked(way: Way, reached: Reached) -> Body {
    let Body::FollowUp { rating, .. } = Body::sample(K::FollowUp) else { panic!("a follow-up") };
    Body::FollowUp { way, reached, rating: rating.filter(|_| reached == Reached::Answered), of: None }
}

#[test]
fn what_is_sent_is_no_call_and_ends_nothing_by_itself() {
    let mut story = Story::closed();
    for day in 0..3 {
        story.now += day * DAY;
        story.says("city", K::FollowUp, Some(asked(Way::Sms, Reached::Sent)));
    }
    assert_eq!(ticket(&story).state, TicketState::AwaitingFollowUp, "three on three days are not three calls");
    story.in_vain(Reached::NoAnswer).in_vain(Reached::NoAnswer).in_vain(Reached::NoAnswer);
    assert_eq!(ticket(&story).state, TicketState::AwaitingArchive, "three calls are");
    let closed = Story::closed();
    assert_eq!(
        forbidden_as(&closed, "city", K::FollowUp, asked(Way::Telephone, Reached::Sent)),
        Some("sent-in-writing")
    );
    // Of whoever gave no name either.
    let mut nameless = Story::nothing();
    let Body::Register(mut register) = Body::sample(K::Register) else { panic!("a registration") };
    register.anonymous = true;
    nameless
        .says("city", K::Register, Some(Body::Register(register)))
        .dispatch(K::Dispatch, LEAD)
        .does("lead", K::SignFor);
    nameless.close().says("city", K::FollowUp, Some(asked(Way::Online, Reached::Sent)));
    assert_eq!(ticket(&nameless).state, TicketState::AwaitingFollowUp);
}

#[test]
fn a_rating_in_writing_rests_on_the_requesters_own_words_since_the_closure() {
    let answered = |story: &Story, way| forbidden_as(story, "city", K::FollowUp, asked(way, Reached::Answered));
    let attach = |story: &mut Story, who: &str| {
        story.says(who, K::Attach, Some(recording()));
    };
    let mut story = Story::in_hand();
    attach(&mut story, "city");
    story.close();
    for way in [Way::Sms, Way::Online, Way::Letter] {
        assert_eq!(answered(&story, way), Some("reply-missing"), "what came before the closure says nothing of it");
    }
    assert_eq!([Way::Telephone, Way::OnSite].map(|way| answered(&story, way)), [None; 2]);
    attach(&mut story, "lead");
    assert_eq!(answered(&story, Way::Sms), Some("reply-missing"), "the city's, not the unit's");
    attach(&mut story, "city");
    assert_eq!(answered(&story, Way::Sms), None);
    story.says("city", K::FollowUp, Some(asked(Way::Sms, Reached::Answered)));
    assert_eq!(ticket(&story).state, TicketState::AwaitingArchive);
    let rating = ticket(&story).rating_of(1).and_then(|told| told.rating);
    assert_eq!(rating.map(|rating| rating.satisfaction), Some(Satisfaction::Satisfied));
    assert_eq!(answered(&story, Way::Sms), Some("reply-missing"), "one reply is one rating");
}

#[test]
fn a_contact_that_is_sent_is_no_attempt_to_reach_the_requester() {
    let mut story = Story::in_hand();
    let sent = Body::Contact { way: Way::Sms, reached: Reached::Sent };
    let by_telephone = Body::Contact { way: Way::Telephone, reached: Reached::Sent };
    assert_eq!(forbidden_as(&story, "lead", K::Contact, by_telephone), Some("sent-in-writing"));
    story.says("lead", K::Contact, Some(sent));
    let lead = ticket(&story).lead().expect("a lead");
    assert_eq!((lead.first_contact, lead.tries.len()), (None, 0));
    let answered = Body::Contact { way: Way::Sms, reached: Reached::Answered };
    story.says("lead", K::Contact, Some(answered));
    let lead = ticket(&story).lead().expect("a lead");
    assert_eq!((lead.first_contact.is_some(), lead.tries.len()), (true, 1), "an answer is one");
}
