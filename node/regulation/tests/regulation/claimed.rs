//! Times that somebody claims, and a clock that is wrong, gain nobody anything and harm nobody else.

use regulation::act::{Reached, Urgency, Way};
use regulation::terms::{self, DueItem, DueKind, Terms};
use regulation::{ActId, ActKind as K, Body, Register, TicketState, UnitId, decide, options};

use crate::fair::{claims, finish, forbidden, items, seen, sent_on, ticket};
use crate::support::story::{DAY, HOUR, LEAD, Story, author};

/// A year, and more than that.
const FAR: i64 = 4 * 365 * DAY;

#[test]
fn a_deferral_that_its_own_unit_releases_in_2030_gives_it_no_day() {
    let (mut cheat, mut honest) = (Story::in_hand(), Story::in_hand());
    let ahead = cheat.now + FAR;
    cheat.does("lead", K::Defer);
    claims(&mut cheat, "lead", K::DeferRelease, None, ahead);
    honest.does("lead", K::Defer).does("lead", K::DeferRelease);
    assert_eq!(finish(&cheat, LEAD), finish(&honest, LEAD));
    // Nor by a clock that is so much ahead, where the city has agreed until a day: it waits until that day at most.
    let agreed = |ahead: i64| {
        let mut story = Story::in_hand();
        story.does("lead", K::Defer);
        let review_at = story.now + 7 * DAY;
        story.says("city", K::DeferApprove, Some(Body::DeferApprove { review_at }));
        story.now += ahead;
        finish(story.does("lead", K::DeferRelease), LEAD)
    };
    assert_eq!(agreed(FAR), agreed(7 * DAY));
    // Nor is it excused up to a release that came late and was witnessed, once that day was over.
    let mut late = Story::in_hand();
    late.does("lead", K::Defer);
    let review_at = late.now + 2 * DAY;
    late.says("city", K::DeferApprove, Some(Body::DeferApprove { review_at }));
    late.now += 9 * DAY;
    let released = late.does("lead", K::DeferRelease).last().id;
    let (before, at) = (finish(&late, LEAD), late.now);
    seen(&mut late, released, at - HOUR, at);
    assert_eq!(finish(&late, LEAD), before);
}

#[test]
fn an_alarm_in_2030_keeps_no_other_from_counting() {
    let urgent = || Some(Body::SetUrgency { urgency: Urgency::Urgent });
    for who in ["lead", "assisting"] {
        let mut story = Story::in_hand();
        let ahead = story.now + FAR;
        claims(&mut story, who, K::SetUrgency, urgent(), ahead);
        let at = story.now;
        story.says("city", K::SetUrgency, urgent());
        let raised = ticket(&story).alarms.last().map(|alarm| alarm.raised.1);
        assert_eq!(raised, Some(at), "{who}");
        let due = items(&story).into_iter().filter(|item| item.what == DueKind::Urgent).map(|item| item.due).min();
        assert!(due.is_some_and(|due| due <= at + 2 * HOUR), "{who}");
    }
}

#[test]
fn a_closure_dated_2099_takes_no_rating_out_of_its_month() {
    let mut story = Story::in_hand();
    let ahead = story.now + 70 * 365 * DAY;
    story.does("lead", K::Complete);
    let (from, to) = (story.now - DAY, story.now + 30 * DAY);
    claims(&mut story, "city", K::ConfirmClosure, None, ahead);
    story.bad();
    let tally = story.score_in(&(from..to));
    assert_eq!(crate::support::story::sum(&tally, LEAD, false).rated, 1);
    // By a clock that is so much ahead it counts from when the city hub got it.
    let mut clock = Story::in_hand();
    clock.does("lead", K::Complete);
    let (closed, received) = (clock.now + 70 * 365 * DAY, clock.now);
    clock.now = closed;
    let act = clock.does("city", K::ConfirmClosure).last().id;
    seen(&mut clock, act, received - HOUR, received);
    assert_eq!(ticket(&clock).closure, Some((act, received)));
}

#[test]
fn a_county_that_sends_back_next_year_moves_no_due_of_its_township() {
    let sent_back = |ahead: i64| {
        let mut story = sent_on();
        story.does("lead", K::SignFor).does("lead", K::Complete);
        let at = story.now + ahead;
        claims(&mut story, "county", K::SendBack, None, at);
        finish(&story, LEAD)
    };
    assert_eq!(sent_back(365 * DAY), sent_back(0));
    // Nor back in time.
    assert_eq!(sent_back(-DAY), sent_back(0));
    // By a clock that is ahead, it counts from when the hub had it.
    let mut story = sent_on();
    story.does("lead", K::SignFor).does("lead", K::Complete);
    let received = story.now;
    story.now += 365 * DAY;
    let act = story.does("county", K::SendBack).last().id;
    seen(&mut story, act, received, received);
    assert_eq!(finish(&story, LEAD), sent_back(0));
}

#[test]
fn a_call_to_a_unit_counts_from_when_it_was_written_down() {
    for kind in [K::NotifyByPhone, K::SignForByPhone] {
        let mut story = Story::begin();
        story.dispatch(K::Dispatch, LEAD);
        story.now += 5 * DAY;
        let (at, back) = (story.now, story.now - 5 * DAY);
        claims(&mut story, "city", kind, None, back);
        assert_eq!(ticket(&story).lead().and_then(|lead| lead.delivered_at), Some(at), "{kind:?}");
        let late = |item: &DueItem| item.verdict(at, &Terms::default()) == terms::DueVerdict::Overdue;
        assert!(!items(&story).iter().any(|item| item.unit == LEAD && late(item)), "{kind:?}");
        // At a clock that was behind, no earlier than the hub says.
        let act = story.last().id;
        seen(&mut story, act, at + HOUR, at + DAY);
        assert_eq!(ticket(&story).lead().and_then(|lead| lead.delivered_at), Some(at + HOUR), "{kind:?}");
    }
}

#[test]
fn what_is_typed_at_the_city_hub_counts_when_it_is_typed() {
    let mut story = Story::in_hand();
    story.does("lead", K::Complete);
    story.now += 5 * DAY;
    let (now, back) = (story.now, story.now - 4 * DAY);
    let mut fact = options::fact(&story.record, K::ConfirmClosure, &author("city"));
    (fact.id, fact.claimed_at, fact.happened_at, fact.author.hub) = (ActId([90; 32]), now, Some(back), true);
    regulation::apply(&mut story.record, &fact).expect("closed");
    assert_eq!(ticket(&story).closure.map(|(_, at)| at), Some(now));
}

#[test]
fn what_the_hubs_clock_was_wrong_about_is_taken_back_by_it_alone_and_never_counted() {
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, LEAD);
    let clock = |story: &Story, kind, who| {
        let mut fact = options::fact(&story.record, kind, &author(who));
        (fact.id, fact.claimed_at, fact.author.person) = (ActId([91; 32]), story.now, None);
        fact
    };
    let raised = clock(&story, K::Supervise, "hub");
    regulation::apply(&mut story.record, &raised).expect("raised");
    assert_eq!(story.of(LEAD).supervised, 1);
    let mut annul = clock(&story, K::SuperviseRelease, "county");
    annul.id = ActId([92; 32]);
    assert_eq!(decide(&story.record, &annul).err().map(|broken| broken.rule.code()), Some("person-missing"));
    (annul.answers, annul.author) = (Some(raised.id), regulation::Author { person: None, ..author("hub") });
    regulation::apply(&mut story.record, &annul).expect("nobody has to reply to it");
    assert_eq!((story.of(LEAD).supervised, ticket(&story).supervised().count()), (0, 0));
    // What arises in truth is raised all the same.
    regulation::apply(&mut story.record, &regulation::Fact { id: ActId([93; 32]), ..raised }).expect("raised again");
    assert_eq!(story.of(LEAD).supervised, 1);
    // By a person it is released once it was replied to, and counts.
    assert_eq!(forbidden(&story, "city", K::SuperviseRelease), Some("not-replied"));
}

#[test]
fn three_calls_in_a_minute_are_not_made_on_two_days() {
    let mut story = Story::closed();
    story.now += DAY;
    let in_vain = || Some(Body::FollowUp { way: Way::Telephone, reached: Reached::NoAnswer, rating: None, of: None });
    let now = story.now;
    for back in [20 * HOUR, 10 * HOUR, 0] {
        story.now = now;
        claims(&mut story, "city", K::FollowUp, in_vain(), now - back);
    }
    assert_eq!(ticket(&story).state, TicketState::AwaitingFollowUp);
    story.says("city", K::FollowUp, in_vain());
    assert_eq!(ticket(&story).state, TicketState::AwaitingFollowUp, "still on one day");
    story.now += DAY;
    story.says("city", K::FollowUp, in_vain());
    assert_eq!(ticket(&story).state, TicketState::AwaitingArchive);
}

#[test]
fn a_time_to_come_has_a_most_and_moves_nothing_before_somebody_agreed() {
    let calendar = crate::support::script::calendar();
    let days = |from: i64, days: u32| calendar.due(from, days).due;
    let far = Body::Progress { way: Way::System, legal_due: Some(i64::MAX) };
    let mut story = Story::in_hand();
    let usual = finish(&story, LEAD);
    let at = story.now;
    let named = story.says("lead", K::Progress, Some(far)).last().id;
    assert_eq!(finish(&story, LEAD), usual, "named by the unit alone it moves nothing");
    let mut fact = options::fact(&story.record, K::DecideTime, &author("city"));
    (fact.answers, fact.body, fact.claimed_at) = (Some(named), Body::DecideTime { in_time: true }, story.now);
    regulation::apply(&mut story.record, &fact).expect("agreed");
    assert_eq!(finish(&story, LEAD), days(at, Terms::default().legal_wd_max));
    let mut waits = Story::in_hand();
    let at = waits.now;
    waits.does("lead", K::Defer);
    assert_eq!(finish(&waits, LEAD), usual);
    waits.says("city", K::DeferApprove, Some(Body::DeferApprove { review_at: i64::MAX }));
    let review = items(&waits).into_iter().find(|item| item.what == DueKind::DeferReview).map(|item| item.due);
    assert_eq!(review, Some(days(at, Terms::default().defer_wd_max)));
    assert!(finish(&waits, LEAD) <= days(at, Terms::default().defer_wd_max + Terms::default().help_wd + 1));
}

#[test]
fn a_term_of_a_law_that_comes_when_the_due_is_over_moves_nothing() {
    let far = |story: &Story| Some(Body::NameTerm { legal_due: story.now + 200 * DAY });
    let due = finish(&Story::in_hand(), LEAD);
    let named = |at| {
        let mut story = Story::in_hand();
        story.now = at;
        let body = far(&story);
        story.says("city", K::NameTerm, body);
        story
    };
    assert_eq!(finish(&named(due - 1), LEAD), due - 1 + 200 * DAY);
    let mut late = named(due);
    assert_eq!(finish(&late, LEAD), due);
    // Nor one that is dated back, nor a second one once the first is over.
    let body = far(&late);
    claims(&mut late, "city", K::NameTerm, body, due - DAY);
    assert_eq!((finish(&late, LEAD), late.of(LEAD).finish_due), (due, 1));
    let mut twice = Story::in_hand();
    let first = twice.now + DAY;
    twice.says("city", K::NameTerm, Some(Body::NameTerm { legal_due: first }));
    twice.now = first;
    let body = far(&twice);
    twice.says("city", K::NameTerm, body);
    assert_eq!(finish(&twice, LEAD), first);
    // What a unit named in time is agreed to in time, or not.
    let agreed = |at| {
        let mut story = Story::in_hand();
        let legal_due = Some(story.now + 200 * DAY);
        story.says("lead", K::Progress, Some(Body::Progress { way: Way::System, legal_due }));
        story.now = at;
        finish(story.does("city", K::DecideTime), LEAD)
    };
    assert_eq!(agreed(due), due);
    assert!(agreed(due - 1) > due);
    // To name one is no way to be rid of the shorter one that the hotline named.
    let mut rid = Story::in_hand();
    let first = rid.now + DAY;
    let legal_due = Some(rid.now + 200 * DAY);
    rid.says("city", K::NameTerm, Some(Body::NameTerm { legal_due: first }));
    rid.says("lead", K::Progress, Some(Body::Progress { way: Way::System, legal_due }));
    assert_eq!(finish(&rid, LEAD), first);
}

#[test]
fn an_extension_by_law_has_the_most_of_a_statutory_term_and_names_the_law() {
    let mut story = Story::in_hand();
    let usual = finish(&story, LEAD);
    let granted = |by_law| Body::ExtendApprove { days: 255, by_law };
    story.does("lead", K::ExtendRequest).says("city", K::ExtendApprove, Some(granted(true)));
    let most = crate::support::script::calendar().due(usual - 1, Terms::default().legal_wd_max).due;
    assert_eq!(finish(&story, LEAD), most);
    story.does("lead", K::ExtendRequest).says("city", K::ExtendApprove, Some(granted(true)));
    assert_eq!(finish(&story, LEAD), most, "nor by asking once more");
    assert_eq!((granted(true).segments(), granted(false).segments()), (1, 0));
}

#[test]
fn what_is_said_of_the_past_counts_from_when_it_was_possible() {
    // A contact before the dispatch, a completion of the round before, a request that was raised when it is not yet.
    let mut story = Story::begin();
    let dispatched = story.now;
    story.dispatch(K::Dispatch, LEAD).does("lead", K::SignFor);
    let back = story.now - 9 * DAY;
    claims(&mut story, "lead", K::Contact, None, back);
    assert_eq!(ticket(&story).lead().and_then(|lead| lead.first_contact).map(|(_, at)| at), Some(dispatched));
    story.close().bad();
    story.now += 30 * DAY;
    let again = story.now;
    story.does("lead", K::Remedy);
    claims(&mut story, "lead", K::Complete, None, back);
    assert_eq!(ticket(&story).completion.map(|(_, at)| at), Some(again), "not before the round began");
    let mut early = Story::nothing();
    let Body::Register(mut register) = Body::sample(K::Register) else { unreachable!("a registration") };
    register.raised_at = early.now + FAR;
    let now = early.now;
    early.says("city", K::Register, Some(Body::Register(register)));
    assert_eq!(ticket(&early).register.raised_at, now);
}

#[test]
fn a_unit_whose_clock_is_ahead_raises_nothing_later_than_it_came_nor_long_before_it_wrote_it_down() {
    let by_proxy = |raised_at: i64| {
        let mut story = Story::nothing();
        let Body::RegisterByProxy(register) = Body::sample(K::RegisterByProxy) else { unreachable!("a registration") };
        let body = Body::RegisterByProxy(Register { raised_at, ..register });
        story.says("lead", K::RegisterByProxy, Some(body));
        story
    };
    let received = Story::nothing().now;
    let raised = |story: &Story| ticket(story).register.raised_at;
    let mut ahead = Story::nothing();
    ahead.now = received + 3 * DAY;
    let Body::RegisterByProxy(register) = Body::sample(K::RegisterByProxy) else { unreachable!("a registration") };
    let body = Body::RegisterByProxy(Register { raised_at: received + 2 * DAY, ..register });
    let written = ahead.says("lead", K::RegisterByProxy, Some(body)).last().id;
    seen(&mut ahead, written, received - HOUR, received);
    assert_eq!((ticket(&ahead).registered_at, raised(&ahead)), (received, received));
    // What was raised before stays so, however late it came.
    let mut late = by_proxy(received - 2 * DAY);
    let written = late.last().id;
    seen(&mut late, written, received - HOUR, received + 9 * DAY);
    assert_eq!(raised(&late), received - 2 * DAY);
    assert_eq!(raised(&by_proxy(received - FAR)), received - 30 * DAY);
}

#[test]
fn the_hubs_word_moves_whatever_rests_on_a_time_and_its_receipt_is_the_surer_word() {
    // Each act of a long life, made a year ahead and received now: no due, no figure knows of the year.
    let life: [(&str, K); 9] = [
        ("lead", K::SignFor),
        ("lead", K::ReturnRequest),
        ("city", K::ReturnDeny),
        ("lead", K::ExtendRequest),
        ("city", K::ExtendApprove),
        ("lead", K::Contact),
        ("lead", K::Complete),
        ("city", K::SendBack),
        ("lead", K::Complete),
    ];
    let mut honest = Story::begin();
    honest.dispatch(K::Dispatch, LEAD);
    for (who, kind) in life {
        honest.does(who, kind);
    }
    for (ahead, (_, kind)) in life.iter().enumerate() {
        let mut story = Story::begin();
        story.dispatch(K::Dispatch, LEAD);
        for (place, (who, kind)) in life.into_iter().enumerate() {
            let now = story.now;
            story.now += if place == ahead { 365 * DAY } else { 0 };
            let act = story.does(who, kind).last().id;
            story.now = now + HOUR;
            if place == ahead {
                // It cannot have been made later than it was here, whatever it is said to follow.
                seen(&mut story, act, now + FAR, now);
            }
        }
        let dues = |story: &Story| {
            let of = |item: DueItem| (item.what, item.unit, item.due, item.met_at);
            items(story).into_iter().map(of).collect::<Vec<_>>()
        };
        let without = |list: Vec<(DueKind, UnitId, i64, Option<i64>)>| {
            list.into_iter().filter(|item| item.0 != DueKind::TimeReview).collect::<Vec<_>>()
        };
        assert_eq!(without(dues(&story)), without(dues(&honest)), "{kind:?}");
    }
}
