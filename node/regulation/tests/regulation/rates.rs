//! The three rates, from tickets that lived through it.

use crate::support::story::{ALWAYS, ASSISTING, COUNTY, DAY, HOUR, LEAD, NOON, OTHER, Story, author, sum};
use regulation::act::{Contacted, Reached, Satisfaction, Seen, Solved, Way};
use regulation::calendar;
use regulation::rates::{self, Exclusion, Rate, Score, Sum, Tally, Weights};
use regulation::{ActId, ActKind as K, Body, Dispatch, Millis, UnitId, apply, options};

#[test]
fn rates_are_those_of_article_38() {
    let weights = Weights::default();
    let mut all = Tally::default();
    for (contacted, solved, satisfaction) in [
        (Contacted::Yes, Solved::Yes, Satisfaction::Satisfied),
        (Contacted::Yes, Solved::Mostly, Satisfaction::Mostly),
        (Contacted::No, Solved::No, Satisfaction::Dissatisfied),
        // Nobody of the unit had called: the log decides.
        (Contacted::Unsure, Solved::Yes, Satisfaction::Satisfied),
    ] {
        all.add(&Story::closed().rated(contacted, solved, satisfaction).of(LEAD));
    }
    assert_eq!((all.closed, all.rated, all.judged), (4, 4, 4));
    assert_eq!(all.response(), Some(Rate { hundredths: 200, base: 4 }));
    assert_eq!(all.solution(&weights), Some(Rate { hundredths: 290, base: 4 }));
    assert_eq!(all.satisfaction(&weights), Some(Rate { hundredths: 290, base: 4 }));
    // 0.10 · 50 % + 0.50 · 72.5 % + 0.40 · 72.5 %
    assert_eq!(all.score(&weights).map(Rate::basis_points), Some(7_025));
    assert_eq!(all.score(&weights), Some(Rate { hundredths: 28_100, base: 400 }), "over the base of all three");
    assert_eq!(all.solution(&weights).map(Rate::basis_points), Some(7_250));
    let even = Weights::from_numbers([30, 35, 35, 100]).expect("weights");
    // 0.30 · 50 % + 0.35 · 75 % + 0.35 · 75 %
    assert_eq!(all.score(&even).map(Rate::basis_points), Some(6_750));
    assert!(all.small_sample(), "four ratings are too few to rank by");
}

/// Every formula from whole numbers of one tally, in hundredths of a percent.
#[test]
fn each_formula_has_its_own_base() {
    let tally = Tally {
        signed: 8,
        signed_in_time: 6,
        returns_asked: 4,
        returns_agreed: 3,
        closed: 16,
        closed_in_time: 12,
        again: 2,
        responded: 14,
        rated: 10,
        contacted: 9,
        judged: 8,
        solved: 4,
        mostly_solved: 2,
        satisfied: 6,
        mostly_satisfied: 3,
        first_rated: 9,
        first_solved: 6,
        assisted: 3,
        fed_back: 3,
        fed_back_in_time: 2,
        ..Tally::default()
    };
    let weights = Weights::default();
    for (name, rate, expected) in [
        ("response 9/10", tally.response(), 9_000),
        ("solution (4+0.9·2)/8", tally.solution(&weights), 7_250),
        ("satisfaction (6+0.9·3)/10", tally.satisfaction(&weights), 8_700),
        // 0.1 · 90 + 0.5 · 72.5 + 0.4 · 87
        ("score", tally.score(&weights), 8_005),
        ("first solution 6/9", tally.first_solution(), 6_667),
        ("process 14/16", tally.process(), 8_750),
        ("signed for in time 6/8", tally.sign_for_rate(), 7_500),
        ("closed in time 12/16", tally.in_time_rate(), 7_500),
        ("again 2/16", tally.again_rate(), 1_250),
        ("returns agreed 3/4", tally.return_rate(), 7_500),
        ("valid 10/16", tally.valid_rate(), 6_250),
        ("feedback 2/3", tally.feedback_rate(), 6_667),
    ] {
        assert_eq!(rate.map(Rate::basis_points), Some(expected), "{name}");
    }
    assert!(!tally.small_sample());
    assert!(!Tally { rated: 5, ..Tally::default() }.small_sample(), "five are enough");
}

#[test]
fn a_rate_without_a_base_is_absent() {
    let (none, weights) = (Tally::default(), Weights::default());
    for rate in [
        none.response(),
        none.solution(&weights),
        none.satisfaction(&weights),
        none.score(&weights),
        none.first_solution(),
        none.process(),
        none.sign_for_rate(),
        none.in_time_rate(),
        none.again_rate(),
        none.return_rate(),
        none.valid_rate(),
        none.feedback_rate(),
    ] {
        assert_eq!(rate, None);
    }
    let deferred = Tally { rated: 2, contacted: 2, satisfied: 2, ..Tally::default() };
    assert_eq!((deferred.solution(&weights), deferred.score(&weights)), (None, None), "no score without one of three");
    let unweighed = Weights::from_numbers([50, 0, 50, 90]).expect("weights");
    assert_eq!(deferred.score(&unweighed).map(Rate::basis_points), Some(10_000));
    assert_eq!(Rate { hundredths: 100, base: 3 }.basis_points(), 3_333);
    assert_eq!(Rate { hundredths: 200, base: 3 }.basis_points(), 6_667);
    // What corrections take back may leave no rate at all, but never one below 0 or above 100 percent.
    assert_eq!(Tally { rated: -1, contacted: -1, ..Tally::default() }.response(), None);
    assert_eq!(Tally { rated: 1, contacted: 2, ..Tally::default() }.response(), None);
    assert_eq!(Tally { rated: 1, contacted: -1, ..Tally::default() }.response(), None);
}

#[test]
fn weights_count_a_hundred_percent() {
    assert_eq!(Weights::from_numbers(Weights::default().numbers()), Some(Weights::default()));
    for wrong in [[10, 50, 41, 90], [0, 0, 0, 90], [10, 50, 40, 101], [u32::MAX, 1, 100, 90]] {
        assert_eq!(Weights::from_numbers(wrong), None, "{wrong:?}");
    }
}

#[test]
fn a_return_that_was_agreed_passes_to_the_new_unit() {
    let mut story = Story::in_hand();
    story.does("lead", K::ReturnRequest).dispatch(K::ReturnApprove, OTHER).does("other", K::SignFor);
    story.does("other", K::Complete).does("city", K::ConfirmClosure).good();
    let (first, then) = (story.of(LEAD), story.of(OTHER));
    assert_eq!((first.dispatched, first.returns_asked, first.returns_agreed, first.closed), (1, 1, 1, 0));
    assert_eq!((then.dispatched, then.returns_asked, then.closed, then.rated), (1, 0, 1, 1));
    let mut refused = Story::in_hand();
    refused.does("lead", K::ReturnRequest).does("city", K::ReturnDeny);
    assert_eq!((refused.of(LEAD).returns_asked, refused.of(LEAD).returns_agreed), (1, 0));
}

#[test]
fn a_return_that_was_refused_first_is_agreed_in_the_period_of_the_request_that_was() {
    let mut story = Story::in_hand();
    story.does("lead", K::ReturnRequest).does("city", K::ReturnDeny);
    let between = story.now;
    story.now += DAY;
    story.does("lead", K::ReturnRequest).dispatch(K::ReturnApprove, OTHER);
    let of = |period: &std::ops::Range<i64>| {
        let tally = sum(&story.score_with(period, None), LEAD, false);
        (tally.returns_asked, tally.returns_agreed)
    };
    assert_eq!((of(&(0..between)), of(&(between..i64::MAX)), of(&ALWAYS)), ((1, 0), (1, 1), (2, 1)));
}

#[test]
fn what_is_kept_by_day_adds_up_to_the_whole() {
    let mut story = Story::in_hand();
    story.does("lead", K::ReturnRequest).dispatch(K::ReturnApprove, OTHER).does("other", K::SignFor);
    story.now += 3 * DAY;
    story.does("other", K::Complete).does("city", K::ConfirmClosure);
    story.now += 40 * DAY;
    story.good();
    let (mut all, items) = (Sum::default(), story.items());
    for (place, sum) in rates::days(&items) {
        let day = items.iter().filter(|item| calendar::local_day(item.at) == place.day && item.unit == place.unit);
        assert!(day.count() > 0 && !place.apart, "{place:?}");
        assert_eq!(Sum::from_numbers(sum.numbers()), Some(sum.clone()));
        all.add(&sum);
    }
    let score = story.score();
    let mut whole = Tally::default();
    score.entries.iter().for_each(|entry| whole.add(&entry.tally));
    assert_eq!((all.tally, all.excluded), (whole, [(Exclusion::Returned, 1)].into_iter().collect()));
    assert_eq!(Sum::from_numbers([(63, 1)]), None, "a number of nothing");
}

#[test]
fn each_figure_and_each_reason_has_a_number_of_its_own() {
    let numbers = (0..=u8::MAX).filter(|number| Sum::from_numbers([(*number, 1)]).is_some()).count();
    assert_eq!(numbers, Tally::FIGURES.len() + Exclusion::ALL.len());
    assert!(Exclusion::ALL.iter().all(|reason| reason.number() >= 64));
}

#[test]
fn who_does_not_remember_is_answered_by_the_contact_log() {
    let answer = |reached: Option<Reached>| {
        let mut story = Story::in_hand();
        if let Some(reached) = reached {
            story.says("lead", K::Contact, Some(Body::Contact { way: Way::Telephone, reached }));
        }
        story.close().rated(Contacted::Unsure, Solved::Yes, Satisfaction::Satisfied).of(LEAD).contacted
    };
    assert_eq!(answer(None), 0);
    assert_eq!(answer(Some(Reached::NoAnswer)), 0, "to have tried is not to have spoken");
    assert_eq!(answer(Some(Reached::Answered)), 1);
}

#[test]
fn the_first_rating_counts_for_once_and_the_last_round_for_the_three_rates() {
    let mut story = Story::closed();
    story.bad().does("lead", K::Remedy);
    assert_eq!(story.of(LEAD).closed, 0, "being done again, it is not closed");
    story.close().good();
    let tally = story.of(LEAD);
    assert_eq!((tally.closed, tally.rated, tally.solved, tally.again), (1, 1, 1, 1));
    assert_eq!((tally.first_rated, tally.first_solved), (1, 0));
    // It counts once, in the period of the last closure.
    let (early, late) = (NOON..NOON + 6 * HOUR, NOON + 6 * HOUR..i64::MAX);
    assert_eq!(sum(&story.score_with(&early, None), LEAD, false).closed, 0);
    assert_eq!(sum(&story.score_with(&late, None), LEAD, false).closed, 1);
    // Whoever had it at the first rating answers for that alone.
    let mut passed = Story::closed();
    passed.bad().does("lead", K::Remedy).dispatch(K::Redispatch, OTHER).does("other", K::SignFor);
    passed.does("other", K::Complete).does("city", K::ConfirmClosure).good();
    assert_eq!((passed.of(OTHER).rated, passed.of(OTHER).first_rated), (1, 0));
    let mut once = Story::closed();
    let tally = once.good().of(LEAD);
    assert_eq!((tally.first_rated, tally.first_solved, tally.again), (1, 1, 0));
}

#[test]
fn each_answer_counts_for_what_it_says() {
    for (solved, satisfaction, expected) in [
        (Solved::Yes, Satisfaction::Satisfied, (1, 0, 1, 0)),
        (Solved::Mostly, Satisfaction::Mostly, (0, 1, 0, 1)),
        (Solved::No, Satisfaction::Dissatisfied, (0, 0, 0, 0)),
    ] {
        let tally = Story::closed().rated(Contacted::Yes, solved, satisfaction).of(LEAD);
        let found = (tally.solved, tally.mostly_solved, tally.satisfied, tally.mostly_satisfied);
        assert_eq!(found, expected, "{solved:?} {satisfaction:?}");
    }
}

#[test]
fn who_signs_late_for_what_arrived_is_not_in_time() {
    let signed = |wait: Millis| {
        let mut story = Story::begin();
        story.dispatch(K::Dispatch, LEAD).says("city", K::NotifyByPhone, Some(Body::NotifyByPhone { unit: LEAD }));
        story.now += wait;
        let tally = story.does("lead", K::SignFor).does("lead", K::Contact).close().of(LEAD);
        (tally.signed, tally.signed_in_time, tally.responded)
    };
    assert_eq!((signed(0), signed(3 * DAY)), ((1, 1, 1), (1, 0, 0)));
}

#[test]
fn in_time_is_by_the_report_unless_the_city_finds_otherwise() {
    // Made after so many days by its own account, and at the city after thirty.
    let late = |days: i64, found: Option<bool>| {
        let mut story = Story::in_hand();
        story.now += days * DAY;
        let completion = story.does("lead", K::Complete).last().id;
        let (not_before, received_at) = (NOON + (days - 1) * DAY, NOON + 40 * DAY);
        let seen = Seen::Late { not_before, received_at, offline: false, clock_good: true };
        let mut fact = options::fact(&story.record, K::Witness, &author("hub"));
        (fact.id, fact.body, fact.answers) = (ActId([99; 32]), Body::Witness(seen), Some(completion));
        apply(&mut story.record, &fact).expect("witnessed");
        if let Some(in_time) = found {
            story.says("city", K::DecideTime, Some(Body::DecideTime { in_time }));
        }
        story.does("city", K::ConfirmClosure).of(LEAD).closed_in_time
    };
    assert_eq!((late(3, None), late(3, Some(true)), late(3, Some(false))), (1, 1, 0), "in dispute nobody is late yet");
    assert_eq!((late(30, None), late(30, Some(true))), (0, 0), "what is proven is not decided otherwise");
    assert_eq!(Story::closed().of(LEAD).closed_in_time, 1);
}

#[test]
fn process_response_needs_sign_for_contact_and_report_in_time() {
    let story = |wait: Millis, contact: bool| {
        let mut story = Story::begin();
        story.dispatch(K::Dispatch, LEAD).does("lead", K::SignFor);
        story.now += wait;
        if contact {
            story.does("lead", K::Contact);
        }
        story.close().of(LEAD).responded
    };
    // Whoever tells the end in a day has been in touch.
    assert_eq!((story(0, true), story(0, false), story(5 * DAY, true), story(5 * DAY, false)), (1, 1, 0, 0));
    let urgent = |wait: Millis| {
        let mut story = Story::begin();
        story.does("city", K::SetUrgency).dispatch(K::Dispatch, LEAD).does("lead", K::SignFor).does("lead", K::Contact);
        story.now += wait;
        story.does("lead", K::Progress).close().of(LEAD).responded
    };
    assert_eq!((urgent(-2 * HOUR), urgent(DAY)), (1, 0), "urgent help is reported on within two hours");
}

#[test]
fn an_assisting_unit_has_no_rates_but_its_feedback() {
    let story = |wait: Option<Millis>| {
        let mut story = Story::in_hand();
        story.does("assisting", K::SignFor);
        if let Some(wait) = wait {
            story.now += wait;
            story.does("assisting", K::AssistFeedback);
        }
        story.close().good().of(ASSISTING)
    };
    let of = |tally: Tally| (tally.assisted, tally.fed_back, tally.fed_back_in_time, tally.closed, tally.rated);
    assert_eq!(of(story(Some(0))), (1, 1, 1, 0, 0));
    assert_eq!(of(story(Some(30 * DAY))), (1, 1, 0, 0, 0));
    assert_eq!(of(story(None)), (1, 0, 0, 0, 0));
    // Four acts came before it, an hour each; the lead's term ends with the fifth working day.
    let end = 7 * DAY + 12 * HOUR - 4 * HOUR;
    assert_eq!((story(Some(end - 1)).fed_back_in_time, story(Some(end)).fed_back_in_time), (1, 0));
    assert_eq!(story(None).feedback_rate().map(Rate::basis_points), Some(0));
}

#[test]
fn only_what_falls_into_the_period_counts_and_only_for_who_led() {
    let mut story = Story::closed();
    story.good();
    assert_eq!(story.score_with(&(1..2), None), Score::default());
    let units: Vec<UnitId> = story.score().entries.iter().map(|entry| entry.unit).collect();
    assert_eq!(units, [LEAD, ASSISTING]);
    // What was taken away is listed in the period in which it was.
    let mut recalled = Story::in_hand();
    recalled.does("city", K::Recall);
    assert_eq!(recalled.score_with(&(NOON..NOON + 3 * HOUR), None).excluded, []);
    assert_eq!(recalled.score_with(&(NOON + 3 * HOUR..i64::MAX), None).excluded.len(), 1);
    // A county that sends it on has no rates: its township has.
    let mut sent_on = Story::begin();
    sent_on.dispatch(K::Dispatch, COUNTY);
    let below = Dispatch { lead: LEAD, assisting: Vec::new() };
    sent_on.says("county", K::SubDispatch, Some(Body::SubDispatch(below))).does("lead", K::SignFor);
    sent_on.does("lead", K::Complete).does("county", K::ConfirmClosure).good();
    assert_eq!((sent_on.of(COUNTY).closed, sent_on.of(LEAD).closed), (0, 1));
}

#[test]
fn a_unit_that_was_left_out_of_the_last_dispatch_has_assisted_nobody() {
    let mut story = Story::in_hand();
    assert_eq!(story.clone().close().good().of(ASSISTING).assisted, 1);
    let alone = Dispatch { lead: OTHER, assisting: Vec::new() };
    story.says("city", K::Redispatch, Some(Body::Redispatch(alone))).does("other", K::SignFor);
    story.does("other", K::Complete).does("city", K::ConfirmClosure).good();
    assert_eq!((story.of(OTHER).closed, story.of(ASSISTING)), (1, Tally::default()));
}

#[test]
fn whoever_signs_in_time_does_so_whatever_the_county_took() {
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, COUNTY).says("city", K::NotifyByPhone, Some(Body::NotifyByPhone { unit: COUNTY }));
    story.now += 3 * DAY;
    let below = Dispatch { lead: LEAD, assisting: Vec::new() };
    story.says("county", K::SubDispatch, Some(Body::SubDispatch(below)));
    story.says("county", K::NotifyByPhone, Some(Body::NotifyByPhone { unit: LEAD })).does("lead", K::SignFor);
    assert_eq!((story.of(LEAD).signed, story.of(LEAD).signed_in_time), (1, 1));
}
