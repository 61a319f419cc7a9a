//! What a hotline takes from a unit, what a unit returns, and what is given back to it (13, 17, 18).

use crate::fair::{finish, forbidden, forbidden_as, items, sent_on, ticket, to};
use crate::support::records::recorded;
use crate::support::story::{CITY, COUNTY, DAY, HOUR, LEAD, OTHER, Story, author, sum};
use regulation::act::{ClosureGround, Heard, Outcome, Way};
use regulation::terms::{DueKind, Terms};
use regulation::{ActKind as K, Body, Dispatch, PersonId, TicketState, options};

#[test]
fn whoever_took_a_request_from_a_unit_does_not_end_it_until_some_unit_has_reported_it_done() {
    let recuse = |unit| Some(Body::Recuse { unit });
    let alone = [K::Answer, K::ReferRegion, K::ReferEmergency, K::Reject];
    for (taken, by) in [(K::Recall, None), (K::Recuse, recuse(LEAD))] {
        let mut story = Story::begin();
        story.says("city", K::Dispatch, Some(Body::Dispatch(to(LEAD, &[])))).says("city", taken, by);
        assert_eq!(ticket(&story).state, TicketState::AwaitingDispatch, "{taken:?}");
        for end in alone {
            assert_eq!(forbidden(&story, "city", end), Some("took-it-back"), "{taken:?} {end:?}");
            assert_eq!(forbidden(&story, "second", end), None, "{taken:?} {end:?}");
        }
        // Given to somebody who has not dealt with it, and taken from him by another person: it is neither's to end.
        story.says("city", K::Dispatch, Some(Body::Dispatch(to(OTHER, &[])))).does("other", K::SignFor);
        story.does("second", K::Recall);
        for (end, who) in alone.into_iter().flat_map(|end| [(end, "city"), (end, "second")]) {
            assert_eq!(forbidden(&story, who, end), Some("took-it-back"), "{taken:?} {end:?} {who}");
        }
        // Once somebody has reported it done, it is whoever takes it from him then.
        story.says("city", K::Dispatch, Some(Body::Dispatch(to(OTHER, &[])))).does("other", K::Complete);
        story.does("city", K::SendBack).does("second", K::Recall);
        for end in alone {
            assert_eq!(forbidden(&story, "city", end), None, "{taken:?} {end:?}");
            assert_eq!(forbidden(&story, "second", end), Some("took-it-back"), "{taken:?} {end:?}");
        }
    }
}

#[test]
fn a_withdrawal_rests_on_what_was_heard_since_the_city_dispatched_it() {
    let mut story = Story::begin();
    story.says("city", K::Attach, Some(recorded(1)));
    assert_eq!(forbidden(&story, "city", K::Withdraw), None, "nobody has it");
    story.says("city", K::Dispatch, Some(Body::Dispatch(to(COUNTY, &[]))));
    assert_eq!(forbidden(&story, "city", K::Withdraw), Some("recording-missing"), "of the call that was dispatched");
    story.says("city", K::Attach, Some(recorded(1)));
    assert_eq!(forbidden(&story, "city", K::Withdraw), Some("recording-missing"), "nor the same file once more");
    story.says("city", K::Attach, Some(recorded(2)));
    assert_eq!(forbidden(&story, "city", K::Withdraw), None);
    // What a county does with it takes nothing from what the requester has said.
    let mut below = story.clone();
    below.says("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD, &[]))));
    assert_eq!(forbidden(&below, "city", K::Withdraw), None);
    story.says("city", K::Redispatch, Some(Body::Redispatch(to(OTHER, &[]))));
    assert_eq!(forbidden(&story, "city", K::Withdraw), Some("recording-missing"));
}

#[test]
fn a_hotline_gives_it_to_another_than_it_gave_it_to() {
    let story = sent_on();
    let redispatch = |lead| forbidden_as(&story, "city", K::Redispatch, Body::Redispatch(to(lead, &[])));
    assert_eq!(redispatch(COUNTY), Some("same-lead"));
    assert_eq!(redispatch(LEAD), None, "past the county, straight to the unit");
    let by_county = |lead| forbidden_as(&story, "county", K::Redispatch, Body::Redispatch(to(lead, &[])));
    assert_eq!((by_county(LEAD), by_county(OTHER)), (Some("same-lead"), None));
}

#[test]
fn whoever_is_kept_out_leads_nothing_alone_by_whatever_way_it_comes_back() {
    let recuse = |unit| Some(Body::Recuse { unit });
    let left = |story: &Story| (ticket(story).state, ticket(story).lead().map(|lead| lead.unit));
    let nobody = (TicketState::AwaitingDispatch, None);
    // Both hops, in either order.
    for order in [[LEAD, COUNTY], [COUNTY, LEAD]] {
        let mut story = Story::begin();
        story.says("city", K::Dispatch, Some(Body::Dispatch(to(COUNTY, &[]))));
        story.says("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD, &[]))));
        for unit in order {
            story.says("city", K::Recuse, recuse(unit));
        }
        assert_eq!(left(&story), nobody, "{order:?}");
    }
    // A county that is kept out decides nothing on what it sent on; the city does.
    let mut below = Story::begin();
    below.says("city", K::Dispatch, Some(Body::Dispatch(to(COUNTY, &[]))));
    below.says("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD, &[]))));
    below.says("city", K::Recuse, recuse(COUNTY)).does("lead", K::SignFor);
    assert_eq!(forbidden(&below, "county", K::Recall), Some("dispatcher-only"));
    below.does("lead", K::Complete);
    assert_eq!(forbidden(&below, "county", K::ConfirmClosure), Some("dispatcher-only"));
    assert_eq!(forbidden(&below, "city", K::ConfirmClosure), None);
    // Sent back, to be done again, or taken back out of a merge.
    let mut alone = Story::begin();
    alone.says("city", K::Dispatch, Some(Body::Dispatch(to(LEAD, &[])))).does("lead", K::SignFor);
    let mut back = alone.clone();
    back.does("lead", K::Complete).says("city", K::Recuse, recuse(LEAD)).does("city", K::SendBack);
    assert_eq!(left(&back), nobody);
    let mut again = alone.clone();
    again.close().bad().says("city", K::Recuse, recuse(LEAD)).does("lead", K::Remedy);
    assert_eq!(left(&again), nobody);
    let mut merged = alone;
    merged.does("city", K::Merge).says("city", K::Recuse, recuse(LEAD)).does("city", K::Unmerge);
    assert_eq!(left(&merged), nobody);
}

#[test]
fn whoever_asks_once_more_may_finish_instead() {
    let mut story = Story::in_hand();
    story.does("lead", K::ReturnRequest);
    // To ask is no reason to let the work lie: what is done, or taken back, was not asked for.
    let mut done = story.clone();
    done.does("lead", K::Complete);
    assert_eq!(ticket(&done).return_request(), None);
    let usual = finish(&Story::in_hand(), LEAD);
    let mut back = story.clone();
    back.now += 5 * DAY;
    back.does("lead", K::ReturnWithdraw);
    assert_eq!((ticket(&back).return_request(), finish(&back, LEAD)), (None, usual));
    assert_eq!(forbidden(&back, "lead", K::ReturnWithdraw), Some("no-return-pending"));
    assert_eq!(forbidden(&back, "lead", K::ReturnRequest), None);
    story.does("city", K::ReturnDeny).does("lead", K::ReturnRequest).does("lead", K::Complete);
    let lead = ticket(&story).lead().expect("a lead");
    assert_eq!((lead.return_request, ticket(&story).state), (None, TicketState::AwaitingClosure));
    // What the county above it asks for keeps no unit from finishing.
    let mut below = sent_on();
    below.does("lead", K::SignFor).does("county", K::ReturnRequest);
    assert_eq!(forbidden(&below, "lead", K::Complete), None);
}

#[test]
fn a_county_that_takes_it_back_on_request_agrees_to_the_return() {
    let mut story = sent_on();
    story.does("lead", K::ReturnRequest).does("county", K::Recall);
    assert_eq!((story.of(LEAD).returns_asked, story.of(LEAD).returns_agreed), (1, 1));
}

#[test]
fn a_refusal_that_was_mended_starts_the_clock_of_the_dispatch_anew() {
    let mut story = Story::begin();
    story.does("city", K::Reject);
    let mut confirm = options::fact(&story.record, K::ConfirmIntake, &author("city"));
    (confirm.claimed_at, confirm.author.person) = (story.now, Some(PersonId(9)));
    regulation::apply(&mut story.record, &confirm).expect("another person");
    assert_eq!(ticket(&story).taken_in.map(|taken_in| (taken_in.unit, taken_in.at)), Some((CITY, story.now)));
    assert!(!ticket(&story).by_proxy());
}

#[test]
fn what_is_given_back_to_a_unit_that_had_returned_it_goes_on() {
    let mut story = Story::in_hand();
    story.does("lead", K::ReturnRequest);
    let end = finish(&story, LEAD);
    story.now = end - 5 * HOUR;
    story.says("city", K::ReturnApprove, Some(Body::ReturnApprove(to(OTHER, &[]))));
    story.does("city", K::Recall).says("city", K::Dispatch, Some(Body::Dispatch(to(LEAD, &[]))));
    assert_eq!((finish(&story, LEAD), story.of(LEAD).dispatched), (end, 1));
    // What another had of the time does not count for it.
    let mut away = Story::in_hand();
    away.does("lead", K::ReturnRequest).says("city", K::ReturnApprove, Some(Body::ReturnApprove(to(OTHER, &[]))));
    let (taken, usual) = (away.last().claimed_at, finish(&Story::in_hand(), LEAD));
    away.now = taken + 7 * DAY;
    away.does("city", K::Recall).says("city", K::Dispatch, Some(Body::Dispatch(to(LEAD, &[]))));
    assert_eq!(finish(&away, LEAD), usual + 7 * DAY);
}

#[test]
fn what_could_not_be_solved_waits_on_where_the_unit_has_it_again() {
    let mut waits = Story::in_hand();
    let review_at = waits.now + 30 * DAY;
    waits.does("lead", K::Defer).says("city", K::DeferApprove, Some(Body::DeferApprove { review_at }));
    let (usual, until) = (finish(&Story::in_hand(), LEAD), finish(&waits, LEAD));
    assert!(until > usual);
    // Twice, and before it has arrived: what it had it has.
    let mut back = waits.clone();
    for _ in 0..2 {
        back.does("city", K::Recall).says("city", K::Dispatch, Some(Body::Dispatch(to(LEAD, &[]))));
    }
    let deferral = ticket(&back).deferral.expect("a deferral");
    assert_eq!((Some(deferral.dispatch), finish(&back, LEAD)), (ticket(&back).dispatch(), until));
    assert_eq!(forbidden(&back, "lead", K::DeferRelease), None);
    back.says("lead", K::Complete, Some(unsolved()));
    back.says("city", K::ConfirmClosure, Some(Body::ConfirmClosure { ground: ClosureGround::Other })).bad();
    let tally = sum(&back.score_in(&(i64::MIN..back.now)), LEAD, false);
    assert_eq!((tally.rated, tally.judged), (1, 0), "out of the solution rate alone");
    // Given to another it is over; given back, the unit has waited so long.
    waits.now += 7 * DAY;
    waits.says("city", K::Redispatch, Some(Body::Redispatch(to(OTHER, &[]))));
    assert_eq!(ticket(&waits).deferral, None);
    waits.says("city", K::Redispatch, Some(Body::Redispatch(to(LEAD, &[]))));
    assert_eq!((ticket(&waits).deferral, finish(&waits, LEAD)), (None, usual + 7 * DAY));
    // So it is below a county.
    let mut below = sent_on();
    let review_at = below.now + 30 * DAY;
    below.does("lead", K::SignFor).does("lead", K::Defer);
    below.says("city", K::DeferApprove, Some(Body::DeferApprove { review_at }));
    let until = [LEAD, COUNTY].map(|unit| finish(&below, unit));
    below.does("county", K::Recall).says("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD, &[]))));
    assert_eq!([LEAD, COUNTY].map(|unit| finish(&below, unit)), until);
    below.does("county", K::Recall).says("county", K::SubDispatch, Some(Body::SubDispatch(to(OTHER, &[]))));
    assert_eq!((ticket(&below).deferral, finish(&below, COUNTY) < until[1]), (None, true));
}

#[test]
fn what_nobody_has_any_more_is_due_to_be_dispatched_again() {
    let open = |story: &Story| {
        let items = items(story).into_iter().filter(|item| item.what == DueKind::Dispatch && item.met_at.is_none());
        items.map(|item| (item.unit, item.due)).collect::<Vec<_>>()
    };
    let minutes = i64::from(Terms::default().dispatch_minutes) * HOUR / 60;
    for (kind, body) in [(K::Recall, None), (K::Recuse, Some(Body::Recuse { unit: LEAD }))] {
        let mut story = Story::begin();
        story.says("city", K::Dispatch, Some(Body::Dispatch(to(LEAD, &[])))).does("lead", K::SignFor);
        assert_eq!(open(&story), []);
        story.now += 3 * DAY;
        story.says("city", kind, body);
        assert_eq!(open(&story), [(CITY, story.last().claimed_at + minutes)], "{kind:?}");
        let mut answered = story.clone();
        answered.does("second", K::Answer);
        assert_eq!(open(&answered), [], "{kind:?}");
        story.says("city", K::Dispatch, Some(Body::Dispatch(to(OTHER, &[]))));
        assert_eq!(open(&story), [], "{kind:?}");
    }
    // A county that takes it back has it.
    let mut below = sent_on();
    below.does("county", K::Recall);
    assert_eq!(open(&below), []);
    below.does("city", K::Recall);
    assert_eq!(open(&below).len(), 1);
}

fn unsolved() -> Body {
    Body::Complete { outcome: Outcome::Unsolved, told_at: 0, told_way: Way::Online, told_whom: Heard::QueryCode }
}

// Whoever is complained of leaves nothing in the ticket that others read once it was taken from him (13).
#[test]
fn whoever_is_kept_out_records_nothing_any_more() {
    let mut story = Story::begin();
    let alone = Dispatch { lead: LEAD, assisting: Vec::new() };
    story.says("city", K::Dispatch, Some(Body::Dispatch(alone))).does("lead", K::SignFor);
    let kinds = [K::Note, K::Tag, K::Attach, K::SetUrgency, K::Admonish, K::ReportInterference];
    let said = |story: &Story| kinds.map(|kind| crate::fair::forbidden(story, "lead", kind));
    assert!(said(&story).iter().all(Option::is_none), "{:?}", said(&story));
    story.says("city", K::Recuse, Some(Body::Recuse { unit: LEAD }));
    let out = Some("kept-out");
    assert_eq!(said(&story), [out, out, out, out, out, None]);
    story.dispatch(K::Dispatch, OTHER);
    assert_eq!(said(&story), [out, out, out, out, out, None]);
}
