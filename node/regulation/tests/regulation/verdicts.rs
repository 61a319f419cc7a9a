//! How a due stands at a time: every line of the verdict, on both sides of each edge; and which rating is a bad one.

use regulation::act::{Contacted, Rating, Satisfaction, Solved};
use regulation::rule::Article;
use regulation::terms::{Arrival, DueItem, DueKind, DueVerdict, Length, Terms, Undecided, next_due};
use regulation::{ActId, UnitId};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// The first moment that is too late.
const DUE: i64 = 1_000 * HOUR;

fn item(met_at: Option<i64>, provisional: bool, late: Option<Arrival>) -> DueItem {
    DueItem {
        what: DueKind::Finish,
        unit: UnitId(3),
        due: DUE,
        provisional,
        undecided: None,
        of: None,
        start: 0,
        length: Length::WorkingDays(5),
        article: Article(21, 3),
        met_at,
        met_by: met_at.map(|_| ActId([1; 32])),
        late,
        calendar: 1,
    }
}

const fn arrival(not_before: i64, received_at: i64, credible: bool, decided: Option<bool>) -> Option<Arrival> {
    Some(Arrival { not_before, received_at, credible, decided, decide_by: received_at + DAY })
}

#[test]
fn what_is_not_done_is_overdue_from_the_due_on_and_near_a_day_before() {
    let terms = Terms::default();
    for (now, provisional, expected) in [
        (DUE - 24 * HOUR - 1, false, DueVerdict::Normal),
        (DUE - 24 * HOUR, false, DueVerdict::DueSoon),
        (DUE - 1, false, DueVerdict::DueSoon),
        (DUE, false, DueVerdict::Overdue),
        (i64::MAX, false, DueVerdict::Overdue),
        (DUE - 24 * HOUR - 1, true, DueVerdict::Provisional),
        (DUE - 1, true, DueVerdict::DueSoon),
        // What may still change is never called overdue.
        (DUE, true, DueVerdict::Provisional),
    ] {
        assert_eq!(item(None, provisional, None).verdict(now, &terms), expected, "{now} {provisional}");
        assert_eq!(item(None, provisional, None).in_time(), None, "nothing is done yet");
    }
}

#[test]
fn what_is_done_stands_as_it_was_done() {
    for (met_at, provisional, expected, in_time) in [
        (DUE - 1, false, DueVerdict::Normal, true),
        (DUE, false, DueVerdict::Overdue, false),
        (DUE - 1, true, DueVerdict::Provisional, true),
        (DUE, true, DueVerdict::Provisional, false),
    ] {
        let item = item(Some(met_at), provisional, None);
        assert_eq!(item.verdict(i64::MAX, &Terms::default()), expected, "{met_at} {provisional}");
        assert_eq!((item.in_time(), item.late_sync()), (Some(in_time), false));
    }
}

#[test]
fn what_reached_the_city_late_counts_by_what_is_known_of_its_time() {
    // When it was done by its own account, between when it was made at the earliest and when it was there.
    for (why, claimed, late, in_time, late_sync) in [
        ("it was there in time", DUE - 9, arrival(DUE - 20, DUE - 1, false, None), Some(true), false),
        ("whatever was decided", DUE - 9, arrival(DUE - 20, DUE - 1, false, Some(false)), Some(true), false),
        ("it cannot have been made in time", DUE - 9, arrival(DUE, DUE + 9, true, Some(true)), Some(false), false),
        ("made in time, believed", DUE - 1, arrival(DUE - 20, DUE, true, None), Some(true), true),
        ("made in time, not believed", DUE - 1, arrival(DUE - 20, DUE, false, None), None, false),
        ("an officer believes it", DUE - 1, arrival(DUE - 20, DUE, false, Some(true)), Some(true), true),
        ("an officer does not", DUE - 1, arrival(DUE - 20, DUE, true, Some(false)), Some(false), false),
        ("late by its own account", DUE, arrival(DUE - 20, DUE + 9, true, None), Some(false), false),
        ("late by its own account, excused", DUE, arrival(DUE - 20, DUE + 9, true, Some(true)), Some(true), true),
        ("a claim from before it can have been made", 0, arrival(DUE - 1, DUE + 9, true, None), Some(true), true),
        ("a claim from after it was there", DUE + 99, arrival(DUE - 20, DUE, true, None), Some(false), false),
    ] {
        let item = item(Some(claimed), false, late);
        assert_eq!((item.in_time(), item.late_sync()), (in_time, late_sync), "{why}");
        let expected = match in_time {
            Some(true) => DueVerdict::Normal,
            Some(false) => DueVerdict::Overdue,
            None => DueVerdict::Disputed,
        };
        let verdict = |now| item.verdict(now, &Terms::default());
        assert_eq!(verdict(DUE), expected, "{why}");
        // Until somebody should have decided.
        let at_last = if in_time.is_none() { DueVerdict::Overdue } else { expected };
        assert_eq!(verdict(i64::MAX), at_last, "{why}");
        if let Some(late) = late.filter(|_| in_time.is_none()) {
            assert_eq!((verdict(late.decide_by - 1), verdict(late.decide_by)), (expected, at_last), "{why}");
            assert_eq!(item.done_at(), Some(late.received_at), "{why}");
        }
    }
}

#[test]
fn what_hangs_on_a_time_that_nobody_decides_on_comes_to_what_it_would_be_without_that() {
    let undecided = |provisional| Some(Undecided { until: DUE - 2 * DAY, due: DUE - 4 * DAY, provisional });
    let open = DueItem { undecided: undecided(false), ..item(None, true, None) };
    let verdict = |item: &DueItem, now| item.verdict(now, &Terms::default());
    assert_eq!(verdict(&open, DUE - 2 * DAY - 1), DueVerdict::Provisional);
    assert_eq!(verdict(&open, DUE - 2 * DAY), DueVerdict::Overdue);
    assert_eq!(open.overdue_from(), Some(DUE - 2 * DAY), "not before it should have been decided");
    let later = DueItem { undecided: Some(Undecided { until: 0, due: DUE, provisional: false }), ..open.clone() };
    assert_eq!(later.overdue_from(), Some(DUE));
    let other = DueItem { undecided: undecided(true), ..open };
    assert_eq!((verdict(&other, DUE), other.overdue_from()), (DueVerdict::Provisional, None));
    assert_eq!((item(None, false, None).overdue_from(), item(None, true, None).overdue_from()), (Some(DUE), None));
}

#[test]
fn the_next_due_is_the_earliest_that_is_not_met_and_no_right() {
    let at = |what, due, met_at| DueItem { what, due, ..item(met_at, false, None) };
    let items = [
        at(DueKind::SignFor, 10, Some(5)),
        at(DueKind::Return, 20, None),
        at(DueKind::Finish, 50, None),
        at(DueKind::Contact, 30, None),
    ];
    assert_eq!(next_due(&items).map(|item| item.what), Some(DueKind::Contact));
    assert_eq!(next_due(&items[..2]), None, "to return is a right");
}

#[test]
fn a_right_that_nobody_used_is_no_lateness() {
    let returning = DueItem { what: DueKind::Return, ..item(None, false, None) };
    let verdict = |item: &DueItem, now| item.verdict(now, &Terms::default());
    assert_eq!(verdict(&returning, DUE), DueVerdict::Unused);
    assert_eq!(verdict(&returning, DUE - 1), DueVerdict::DueSoon);
    assert_eq!(verdict(&item(None, false, None), DUE), DueVerdict::Overdue, "a duty is");
    let asked_late = DueItem { what: DueKind::Return, ..item(Some(DUE), false, None) };
    assert_eq!(verdict(&asked_late, DUE), DueVerdict::Overdue, "what was asked for too late is");
}

#[test]
fn verdicts_have_names() {
    for (verdict, names) in [
        (DueVerdict::Normal, ("normal", "正常")),
        (DueVerdict::DueSoon, ("due_soon", "临期")),
        (DueVerdict::Overdue, ("overdue", "逾期")),
        (DueVerdict::Provisional, ("provisional", "暂定")),
        (DueVerdict::Disputed, ("disputed", "待认定")),
        (DueVerdict::Unused, ("unused", "已过，未用")),
    ] {
        assert_eq!(verdict.names(), names);
    }
}

#[test]
fn a_rating_is_bad_if_nothing_was_solved_or_nobody_is_content() {
    for solved in Solved::ALL.iter().copied() {
        for satisfaction in Satisfaction::ALL.iter().copied() {
            let bad = solved.code() == "no" || satisfaction.code() == "dissatisfied";
            let rating = Rating { contacted: Contacted::Yes, solved, satisfaction };
            assert_eq!(rating.bad(), bad, "{rating:?}");
        }
    }
}
