//! The three rates, from tickets that lived through it.

use crate::support::story::{ALWAYS, ASSISTING, CITY, COUNTY, DAY, HOUR, LEAD, NOON, OTHER, Story, author, sum};
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
    assert!(all.small_sample(5), "four ratings are too few to rank by");
}

/// Every formula from whole numbers of one tally, in hundredths of a percent.
#[test]
fn each_formula_has_its_own_base() {
    let tally = Tally {
        signed: 8,
        sign_for_due: 9,
        signed_in_time: 6,
        sign_for_open: 1,
        finish_due: 18,
        finished_in_time: 12,
        finish_open: 2,
        left_open: 3,
        reviews_due: 5,
        reviewed_in_time: 4,
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
        ("signed for in time 6/(9-1)", tally.sign_for_rate(), 7_500),
        ("finished in time 12/(18-2)", tally.in_time_rate(), 7_500),
        ("finished by the end of its month (18-2-3)/(18-2)", tally.closing_rate(), 8_125),
        ("reviewed in time 4/5", tally.review_rate(), 8_000),
        ("again 2/16", tally.again_rate(), 1_250),
        ("returns agreed 3/4", tally.return_rate(), 7_500),
        ("valid 10/16", tally.valid_rate(), 6_250),
        ("feedback 2/3", tally.feedback_rate(), 6_667),
    ] {
        assert_eq!(rate.map(Rate::basis_points), Some(expected), "{name}");
    }
    assert!(!tally.small_sample(5));
    assert!(!Tally { rated: 5, ..Tally::default() }.small_sample(5), "five are enough");
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
        none.closing_rate(),
        none.review_rate(),
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
        let tally = sum(&story.score_in(period), LEAD, false);
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
fn who_does_not_remember_is_answered_by_the_contact_log_as_it_was_when_he_was_asked() {
    let answer = |before: Option<Reached>, after: bool| {
        let mut story = Story::in_hand();
        let contact = |reached| Some(Body::Contact { way: Way::Telephone, reached });
        if let Some(reached) = before {
            story.says("lead", K::Contact, contact(reached));
        }
        story.close().rated(Contacted::Unsure, Solved::Yes, Satisfaction::Satisfied);
        if after {
            story.says("lead", K::Contact, contact(Reached::Answered));
        }
        story.of(LEAD).contacted
    };
    assert_eq!(answer(None, false), 0);
    assert_eq!(answer(Some(Reached::NoAnswer), false), 0, "to have tried is not to have spoken");
    assert_eq!(answer(Some(Reached::Answered), false), 1);
    assert_eq!(answer(None, true), 0, "to speak afterwards is not to have spoken");
}

/// What a story comes to for the lead: closed, closed again, rated, solved.
fn rounds(story: &Story) -> (i64, i64, i64, i64) {
    let tally = story.of(LEAD);
    (tally.closed, tally.again, tally.rated, tally.solved)
}

#[test]
fn each_closure_counts_in_its_own_period_and_the_last_adopted_rating_once() {
    let mut story = Story::closed();
    story.bad();
    let end = story.now;
    let (october, november) = (NOON..end, end..i64::MAX);
    let of = |story: &Story, period| {
        let score = story.score_in(period);
        let why: Vec<Exclusion> = score.excluded.iter().map(|excluded| excluded.reason).collect();
        let tally = sum(&score, LEAD, false);
        ((tally.closed, tally.rated, tally.solved), (tally.first_rated, tally.first_solved), why)
    };
    let before = of(&story, &october);
    assert_eq!(before, ((1, 1, 0), (1, 0), vec![]));
    // Begun anew, reported, found closed, called in vain: nothing of that takes the rating back.
    story.does("lead", K::Remedy);
    assert_eq!((of(&story, &october), of(&story, &november)), (before.clone(), ((0, 0, 0), (0, 0), vec![])));
    story.close();
    assert_eq!(of(&story, &october), before);
    assert_eq!(of(&story, &november), ((1, 0, 0), (0, 0), vec![Exclusion::Open]));
    let mut unreached = story.clone();
    unreached.in_vain(Reached::NoAnswer).in_vain(Reached::NoAnswer).in_vain(Reached::NoAnswer);
    assert_eq!(of(&unreached, &october), before);
    assert_eq!(of(&unreached, &november), ((1, 0, 0), (0, 0), vec![Exclusion::Unreached]));
    // The requester alone does, by what he says of the next round.
    story.good();
    assert_eq!(of(&story, &october), ((1, 0, 0), (1, 0), vec![Exclusion::Superseded]));
    assert_eq!(of(&story, &november), ((1, 1, 1), (0, 0), vec![]));
    assert_eq!(rounds(&story), (2, 1, 1, 1));
    let mut once = Story::closed();
    let tally = once.good().of(LEAD);
    assert_eq!((tally.first_rated, tally.first_solved, tally.again), (1, 1, 0));
}

#[test]
fn a_rating_stays_with_whoever_led_whatever_becomes_of_the_ticket() {
    let mut story = Story::closed();
    story.bad().does("lead", K::Remedy);
    let end = |live: &dyn Fn(&mut Story)| {
        let mut ended = story.clone();
        live(&mut ended);
        rounds(&ended)
    };
    let stays = (1, 0, 1, 0);
    assert_eq!(end(&|_| ()), stays);
    assert_eq!(
        end(&|s| {
            s.dispatch(K::Redispatch, OTHER);
        }),
        stays
    );
    assert_eq!(
        end(&|s| {
            s.does("lead", K::ReturnRequest).dispatch(K::ReturnApprove, OTHER);
        }),
        stays
    );
    assert_eq!(
        end(&|s| {
            s.does("city", K::Recall);
        }),
        stays
    );
    assert_eq!(
        end(&|s| {
            s.withdraw();
        }),
        stays
    );
    assert_eq!(
        end(&|s| {
            s.does("city", K::Merge);
        }),
        stays
    );
    // Another unit answers for its own round, and for no first rating that was not its own.
    let mut passed = story.clone();
    passed.dispatch(K::Redispatch, OTHER).does("other", K::SignFor);
    passed.does("other", K::Complete).does("city", K::ConfirmClosure).good();
    assert_eq!((rounds(&passed), passed.of(OTHER).rated, passed.of(OTHER).first_rated), (stays, 1, 0));
}

#[test]
fn a_late_closure_is_not_made_good_by_beginning_anew() {
    let mut story = Story::in_hand();
    story.now += 30 * DAY;
    story.close().bad().does("lead", K::Remedy);
    assert_eq!((story.of(LEAD).closed, story.of(LEAD).closed_in_time), (1, 0));
    story.close().good();
    assert_eq!((story.of(LEAD).closed, story.of(LEAD).closed_in_time), (2, 1));
}

#[test]
fn of_two_ratings_of_one_round_the_worse_counts_until_it_is_verified() {
    let counts = |story: &Story| (story.of(LEAD).solved, story.of(LEAD).mostly_solved, story.of(LEAD).satisfied);
    let two = |first: (Solved, Satisfaction), then: (Solved, Satisfaction)| {
        let mut story = Story::closed();
        story.rated(Contacted::Yes, first.0, first.1).rated(Contacted::Yes, then.0, then.1);
        story
    };
    let (worst, bad) = ((Solved::No, Satisfaction::Dissatisfied), (Solved::Mostly, Satisfaction::Dissatisfied));
    let good = (Solved::Yes, Satisfaction::Satisfied);
    for (first, then) in [(worst, good), (good, worst), (worst, bad), (bad, worst)] {
        let mut story = two(first, then);
        assert_eq!(counts(&story), (0, 0, 0), "{first:?} {then:?}");
        // It is the one that is set aside, if it was a mistake; then the other counts.
        let aside = Body::SetAsideRating { ground: regulation::act::SetAsideGround::Mistaken };
        story.decided(K::SetAsideRating, Some(aside));
        let other = if first == worst { then } else { first };
        let left = (i64::from(other == good), i64::from(other == bad), i64::from(other == good));
        assert_eq!(counts(&story), left, "{first:?} {then:?}");
    }
    // What the unit has verified is what counts, whatever else is asked in that round.
    let mut story = Story::closed();
    story.rated(Contacted::Yes, bad.0, bad.1).does("lead", K::VerifyRating).rated(Contacted::Yes, worst.0, worst.1);
    assert_eq!(counts(&story), (0, 1, 0));
    // To call it wrong verifies nothing.
    let mut story = Story::closed();
    let wrong = Body::VerifyRating { finding: regulation::act::Finding::Wrong };
    story.rated(Contacted::Yes, bad.0, bad.1).says("lead", K::VerifyRating, Some(wrong));
    assert_eq!(counts(story.rated(Contacted::Yes, worst.0, worst.1)), (0, 0, 0));
    // Of two that say the same the first: a call that was made since helps nobody who does not know whether he was called.
    let mut story = Story::closed();
    story.rated(Contacted::Unsure, bad.0, bad.1).does("lead", K::Contact).rated(Contacted::Unsure, bad.0, bad.1);
    assert_eq!((story.of(LEAD).rated, story.of(LEAD).contacted), (1, 0));
    // Nor is the first rating of all the one that was heard first.
    let first = |story: Story| (story.of(LEAD).first_rated, story.of(LEAD).first_solved);
    assert_eq!((first(two(worst, good)), first(two(good, worst))), ((1, 0), (1, 0)));
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
        let tally = story.does("city", K::ConfirmClosure).of(LEAD);
        (tally.closed_in_time, tally.closed_open)
    };
    let found = (late(3, None), late(3, Some(true)), late(3, Some(false)));
    assert_eq!(found, ((0, 0), (1, 0), (0, 0)), "silence is no gain");
    assert_eq!((late(30, None), late(30, Some(true))), ((0, 0), (0, 0)), "what is proven is not decided otherwise");
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
    assert_eq!(story.score_in(&(1..2)), Score::default());
    let units: Vec<UnitId> = story.score().entries.iter().map(|entry| entry.unit).collect();
    assert_eq!(units, [LEAD, ASSISTING, CITY], "the city for its own decisions");
    // What was taken away is listed in the period in which it was.
    let mut recalled = Story::in_hand();
    recalled.does("city", K::Recall);
    assert_eq!(recalled.score_in(&(NOON..NOON + 3 * HOUR)).excluded, []);
    assert_eq!(recalled.score_in(&(NOON + 3 * HOUR..i64::MAX)).excluded.len(), 1);
    // A county that sends it on has no rates: its township has.
    let mut sent_on = Story::begin();
    sent_on.dispatch(K::Dispatch, COUNTY);
    let below = Dispatch { lead: LEAD, assisting: Vec::new() };
    sent_on.says("county", K::SubDispatch, Some(Body::SubDispatch(below))).does("lead", K::SignFor);
    sent_on.does("lead", K::Complete).does("county", K::ConfirmClosure).good();
    let of = |unit| (sent_on.of(unit).dispatched, sent_on.of(unit).signed, sent_on.of(unit).closed);
    assert_eq!((of(COUNTY), of(LEAD)), ((1, 1, 0), (1, 1, 1)));
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
