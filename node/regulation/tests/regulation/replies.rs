//! What is asked and answered in writing (26): no call, and no rating without the requester's own words.

use regulation::act::{Contacted, Outcome, Reached, Satisfaction, Solved, Way};
use regulation::{ActId, ActKind as K, Body, TicketState, options};

use crate::fair::{forbidden, forbidden_as, ticket};
use crate::support::records::recorded;
use crate::support::story::{DAY, LEAD, Story, author};

/// Nobody speaks to anybody.
const WRITTEN: [Way; 4] = [Way::Sms, Way::Online, Way::Letter, Way::System];

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
fn nothing_that_is_written_ends_the_asking_without_the_requesters_words() {
    let mut story = Story::closed();
    for way in WRITTEN {
        let declined = asked(way, Reached::Declined);
        assert_eq!(forbidden_as(&story, "city", K::FollowUp, declined), Some("reply-missing"), "{way:?}");
        for reached in [Reached::NoAnswer, Reached::DeadNumber] {
            story.now += DAY;
            story.says("city", K::FollowUp, Some(asked(way, reached)));
        }
    }
    assert_eq!(ticket(&story).state, TicketState::AwaitingFollowUp, "eight letters are not one call");
    story.says("city", K::Attach, Some(recorded(1)));
    story.says("city", K::FollowUp, Some(asked(Way::Letter, Reached::Declined)));
    assert_eq!(ticket(&story).state, TicketState::AwaitingArchive, "he wrote that he does not want to say");
}

#[test]
fn a_rating_in_writing_rests_on_the_requesters_own_words_since_the_closure() {
    let answered = |story: &Story, way| forbidden_as(story, "city", K::FollowUp, asked(way, Reached::Answered));
    let attach = |story: &mut Story, who: &str, file| {
        story.says(who, K::Attach, Some(recorded(file)));
    };
    let mut story = Story::in_hand();
    attach(&mut story, "city", 1);
    story.close();
    for way in WRITTEN {
        assert_eq!(answered(&story, way), Some("reply-missing"), "what came before the closure says nothing of it");
    }
    assert_eq!([Way::Telephone, Way::OnSite].map(|way| answered(&story, way)), [None; 2]);
    attach(&mut story, "lead", 2);
    assert_eq!(answered(&story, Way::Sms), Some("reply-missing"), "the city's, not the unit's");
    attach(&mut story, "city", 1);
    assert_eq!(answered(&story, Way::Sms), Some("reply-missing"), "nor the same file once more");
    attach(&mut story, "city", 3);
    assert_eq!(WRITTEN.map(|way| answered(&story, way)), [None; 4]);
    story.says("city", K::FollowUp, Some(asked(Way::System, Reached::Answered)));
    assert_eq!(ticket(&story).state, TicketState::AwaitingArchive);
    let rating = ticket(&story).rating_of(1).and_then(|told| told.rating);
    assert_eq!(rating.map(|rating| rating.satisfaction), Some(Satisfaction::Satisfied));
    attach(&mut story, "city", 3);
    assert_eq!(answered(&story, Way::Sms), Some("reply-missing"), "one reply is one rating, and so is one file");
}

#[test]
fn one_reply_is_the_rating_of_one_requester() {
    let other = ActId([77; 32]);
    let mut story = Story::in_hand();
    story.joined(other, None).close().says("city", K::Attach, Some(recorded(1)));
    let rates = |story: &Story, of| {
        let Body::FollowUp { way, reached, rating, .. } = asked(Way::System, Reached::Answered) else {
            panic!("a follow-up")
        };
        forbidden_as(story, "city", K::FollowUp, Body::FollowUp { way, reached, rating, of })
    };
    assert_eq!([None, Some(other)].map(|of| rates(&story, of)), [None; 2]);
    story.says("city", K::FollowUp, Some(asked(Way::System, Reached::Answered)));
    story.says("city", K::Attach, Some(recorded(1)));
    assert_eq!(rates(&story, Some(other)), Some("reply-missing"));
    story.says("city", K::Attach, Some(recorded(2)));
    assert_eq!(rates(&story, Some(other)), None);
}

#[test]
fn what_is_written_to_the_requester_is_no_attempt_to_reach_him_and_no_answer_without_his_words() {
    let wrote = |way, reached| Body::Contact { way, reached };
    let mut story = Story::in_hand();
    let refused = |story: &Story, way, reached| forbidden_as(story, "lead", K::Contact, wrote(way, reached));
    assert_eq!(refused(&story, Way::Telephone, Reached::Sent), Some("sent-in-writing"));
    for way in WRITTEN {
        for reached in [Reached::Answered, Reached::Declined, Reached::Appointed] {
            assert_eq!(refused(&story, way, reached), Some("reply-missing"), "{way:?} {reached:?}");
        }
        // Nobody picks up a letter: it was sent.
        for reached in [Reached::Sent, Reached::NoAnswer, Reached::DeadNumber] {
            story.says("lead", K::Contact, Some(wrote(way, reached)));
            story.now += DAY;
        }
    }
    let lead = ticket(&story).lead().expect("a lead");
    assert_eq!((lead.first_contact, lead.tries.len()), (None, 0));
    story.says("lead", K::Attach, Some(recorded(1)));
    story.says("lead", K::Contact, Some(wrote(Way::Sms, Reached::Answered)));
    let lead = ticket(&story).lead().expect("a lead");
    assert_eq!((lead.first_contact.is_some(), lead.tries.len()), (true, 1), "an answer is one");
}

#[test]
fn what_is_told_in_writing_without_the_words_is_no_contact_and_closes_nothing() {
    let told = |told_way| Body::Complete {
        outcome: Outcome::Solved,
        told_at: 0,
        told_way,
        told_whom: regulation::act::Heard::Requester,
    };
    for (way, contact) in WRITTEN.map(|way| (way, false)).into_iter().chain([(Way::Telephone, true)]) {
        let mut story = Story::in_hand();
        let mut complete = options::fact(&story.record, K::Complete, &author("lead"));
        (complete.id, complete.body, complete.claimed_at) = (ActId([90; 32]), told(way), story.now);
        regulation::apply(&mut story.record, &complete).expect("reported");
        assert_eq!(ticket(&story).lead().map(|lead| lead.first_contact.is_some()), Some(contact), "{way:?}");
        assert_eq!(forbidden(&story, "city", K::ConfirmClosure), Some("not-told"), "{way:?}");
        story.says("lead", K::Attach, Some(recorded(1)));
        let closes = (way == Way::Telephone).then_some("not-told");
        assert_eq!(forbidden(&story, "city", K::ConfirmClosure), closes, "{way:?}");
    }
}

#[test]
fn what_was_written_answers_no_requester_who_does_not_remember() {
    let contacted = |way| {
        let mut story = Story::in_hand();
        story.says("lead", K::Attach, Some(recorded(1)));
        story.says("lead", K::Contact, Some(Body::Contact { way, reached: Reached::Answered }));
        story.close().rated(Contacted::Unsure, Solved::Yes, Satisfaction::Satisfied);
        let tally = story.of(LEAD);
        (tally.rated, tally.contacted)
    };
    assert_eq!(WRITTEN.map(contacted), [(1, 0); 4]);
    assert_eq!([Way::Telephone, Way::OnSite].map(contacted), [(1, 1); 2]);
}

#[test]
fn the_same_file_of_an_earlier_round_tells_nothing_of_the_next_one() {
    let mut story = Story::in_hand();
    story.says("lead", K::Attach, Some(recorded(1))).close().bad().does("lead", K::Remedy);
    for (file, shows) in [(1, false), (2, true)] {
        story.says("lead", K::Attach, Some(recorded(file)));
        assert_eq!(ticket(&story).lead().map(|lead| lead.words.is_some()), Some(shows), "{file}");
    }
}
