//! The three rates, from tickets that lived through it.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/records.rs"]
mod records;

use records::{LEAD, OTHER, act, act_at, records};
use regulation::act::{Contacted, Rating, Reached, Satisfaction, SetAsideGround, Solved, Way};
use regulation::calendar::Calendar;
use regulation::rates::{Exclusion, Rate, Tally, Weights, tally};
use regulation::terms::Terms;
use regulation::{ActKind, Body, PersonId, Record};

const ALWAYS: std::ops::Range<i64> = i64::MIN..i64::MAX;

fn record(name: &str) -> Record {
    records().into_iter().find(|(other, _)| *other == name).expect("a record").1
}

fn of(record: &Record, period: &std::ops::Range<i64>) -> Tally {
    let calendar = Calendar::from_days(1, &Calendar::parse_csv(include_str!("../../data/holidays.csv")).expect("data"));
    let mut all = Tally::default();
    for (_, tally) in tally(record.ticket().expect("a ticket"), period, &calendar, &Terms::default()) {
        all.add(&tally);
    }
    all
}

/// A closed ticket whose requester was asked.
fn rated(contacted: Contacted, solved: Solved, satisfaction: Satisfaction) -> Record {
    let mut record = record("closed");
    let rating = Some(Rating { contacted, solved, satisfaction });
    let body = Body::FollowUp { way: Way::Telephone, reached: Reached::Answered, rating };
    act(&mut record, 90, "city", ActKind::FollowUp, Some(body));
    record
}

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
        all.add(&of(&rated(contacted, solved, satisfaction), &ALWAYS));
    }
    assert_eq!((all.closed, all.rated), (4, 4));
    assert_eq!(all.response(), Some(Rate { hundredths: 200, base: 4 }));
    assert_eq!(all.solution(&weights), Some(Rate { hundredths: 290, base: 4 }));
    assert_eq!(all.satisfaction(&weights), Some(Rate { hundredths: 290, base: 4 }));
    // 0.10 · 50 % + 0.50 · 72.5 % + 0.40 · 72.5 %
    assert_eq!(all.score(&weights).map(Rate::basis_points), Some(7_025));
    assert_eq!(all.solution(&weights).map(Rate::basis_points), Some(7_250));
}

#[test]
fn a_rate_without_a_base_is_absent() {
    let none = Tally::default();
    assert_eq!(
        (none.response(), none.solution(&Weights::default()), none.score(&Weights::default())),
        (None, None, None)
    );
    assert_eq!(Rate { hundredths: 100, base: 3 }.basis_points(), 3_333);
    assert_eq!(Rate { hundredths: 200, base: 3 }.basis_points(), 6_667);
}

#[test]
fn what_has_no_say_is_listed_with_its_reason() {
    let mut unreached = record("closed");
    for number in 90..93 {
        let body = Body::FollowUp { way: Way::Telephone, reached: Reached::NoAnswer, rating: None };
        let at = i64::from(number) * 86_400_000;
        act_at(&mut unreached, number, "city", ActKind::FollowUp, Some(body), at);
    }
    let mut set_aside = record("discontent");
    let body = Body::SetAsideRating { ground: SetAsideGround::Mistaken, second: PersonId(2) };
    act(&mut set_aside, 90, "city", ActKind::SetAsideRating, Some(body));
    let mut deferred = record("defer agreed");
    act(&mut deferred, 90, "lead", ActKind::Complete, None);
    act(&mut deferred, 91, "city", ActKind::ConfirmClosure, None);
    for (record, reason) in [
        (unreached, Exclusion::Unreached),
        (set_aside, Exclusion::SetAside),
        (deferred, Exclusion::Deferred),
        (record("closed"), Exclusion::Open),
    ] {
        let found = of(&record, &ALWAYS);
        assert_eq!(found.excluded.keys().copied().collect::<Vec<_>>(), [reason]);
        assert_eq!((found.closed, found.rated), (1, 0));
    }
}

#[test]
fn only_what_falls_into_the_period_counts_and_only_for_who_led() {
    let good = rated(Contacted::Yes, Solved::Yes, Satisfaction::Satisfied);
    assert_eq!(of(&good, &(1..2)), Tally::default());
    let calendar = Calendar::from_days(1, &[]);
    let units: Vec<_> = tally(good.ticket().expect("a ticket"), &ALWAYS, &calendar, &Terms::default());
    assert!(units.iter().all(|(unit, _)| *unit == LEAD) && !units.iter().any(|(unit, _)| *unit == OTHER));
}
