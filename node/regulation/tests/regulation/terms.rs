//! What is due on a ticket, as tables: a script of acts in, one line an item out.

use std::collections::BTreeSet;

use regulation::act::{RequestKind, Urgency};
use regulation::calendar::Calendar;
use regulation::terms::{DueItem, DueKind, DueVerdict, Rules, Terms, dues, dues_under, next_due};
use regulation::{ActId, Body, Fact, Record, apply};

use crate::support::script::*;

/// One line an item: what, unit, due, `?` if provisional, when met.
fn check(script: &str, expected: &str) {
    let lines = |text: &str| text.lines().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect::<Vec<_>>();
    let items = run(script, &Terms::default());
    let found: Vec<String> = items
        .iter()
        .map(|item| {
            let mark = if item.provisional { "?" } else { "" };
            let met = item.met_at.map(|at| format!(" met {}", shown(at))).unwrap_or_default();
            format!("{} {} {}{mark}{met} {}", item.what.names().0, item.unit.0, shown(item.due), item.article.code())
        })
        .collect();
    assert_eq!(found, lines(expected), "\n{script}");
}

#[test]
fn a_registered_ticket_waits_for_its_dispatch() {
    check("11-23 09:00 inquiry", "dispatch 1 11-23 09:30 16(2)");
    check("11-23 09:00 inquiry\n11-23 09:10 answer", "archive 1 12-01 00:00 28");
}

#[test]
fn what_was_answered_before_it_was_written_down_is_filed_from_then_on() {
    let mut record = Record::Empty;
    let registered =
        fact(ActId([1; 32]), CITY, register(RequestKind::Inquiry, Urgency::Ordinary), None, time("11-23 09:00"));
    apply(&mut record, &registered).expect("registered");
    let answered = Fact {
        happened_at: Some(time("01-05 09:00")),
        ..fact(ActId([2; 32]), CITY, Body::Answer { cites: None }, None, time("11-23 09:00"))
    };
    apply(&mut record, &answered).expect("answered");
    let items = dues(record.ticket().expect("a ticket"), &calendar(), &Terms::default());
    assert_eq!(items.iter().map(|item| shown(item.due)).collect::<Vec<_>>(), ["12-01 00:00"]);
}

#[test]
fn after_dispatch_the_unit_must_sign_and_may_return() {
    check(
        "11-27 18:20 complaint\n11-27 18:25 dispatch",
        "dispatch 1 11-27 18:50 met 11-27 18:25 16(2)
         sign_for 2 12-01 00:00 21(1)
         return 2 12-02 00:00 21(1)
         finish 2 12-10 00:00 21(5)
         sign_for 3 12-01 00:00 21(1)
         feedback 3 12-10 00:00 17",
    );
}

#[test]
fn urgent_help_is_reported_in_two_clock_hours_over_midnight_and_holiday() {
    let urgent = |script: &str| {
        let items = run(script, &Terms::default());
        items.iter().find(|item| item.what == DueKind::Urgent).map(|item| (shown(item.due), item.met_at.map(shown)))
    };
    let start = "10-01 23:00 urgent\n10-01 23:05 dispatch\n10-01 23:10 sign\n";
    assert_eq!(urgent(start), Some(("10-02 01:05".to_owned(), None)));
    let report = format!("{start}10-02 00:30 report\n");
    assert_eq!(urgent(&report), Some(("10-02 01:05".to_owned(), Some("10-02 00:30".to_owned()))));
    assert_eq!(
        urgent(&format!("{start}10-02 01:00 complete")).and_then(|(_, met)| met).as_deref(),
        Some("10-02 01:00")
    );
    assert_eq!(urgent("11-23 09:00 help\n11-23 09:05 dispatch"), None);
}

#[test]
fn a_return_request_waits_for_the_hotline_and_counts_as_receipt_if_refused() {
    let asked = "11-23 09:00 help\n11-23 09:05 dispatch\n11-24 10:00 ask\n";
    check(
        asked,
        "dispatch 1 11-23 09:30 met 11-23 09:05 16(2)
         sign_for 2 11-25 00:00 met 11-24 10:00 21(1)
         return 2 11-26 00:00 met 11-24 10:00 21(1)
         finish 2 12-03 00:00 21(3)
         return_review 1 11-26 00:00 18
         sign_for 3 11-25 00:00 21(1)
         feedback 3 12-03 00:00 17",
    );
    check(
        &format!("{asked}11-25 11:00 deny"),
        "dispatch 1 11-23 09:30 met 11-23 09:05 16(2)
         sign_for 2 11-25 00:00 met 11-24 10:00 21(1)
         return 2 11-26 00:00 met 11-24 10:00 21(1)
         contact 2 11-27 00:00 19
         finish 2 12-03 00:00 21(3)
         sign_for 3 11-25 00:00 21(1)
         feedback 3 12-03 00:00 17",
    );
}

#[test]
fn others_have_terms_of_their_own() {
    const SIGNED: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n";
    let of = |script: &str, what: DueKind| {
        let items = run(script, &Terms::default());
        let item = items.iter().find(|item| item.what == what && item.unit != ASSISTING)?;
        Some((item.unit, shown(item.due), item.met_at.map(shown), item.article.code()))
    };
    let met = |text: &str| Some(text.to_owned());
    for (script, what, unit, due, met, article) in [
        ("", DueKind::Contact, LEAD, "11-25 00:00", None, "19"),
        ("11-24 09:00 contact", DueKind::Contact, LEAD, "11-25 00:00", met("11-24 09:00"), "19"),
        // The days in which the hotline decided on a return are not the unit's.
        ("11-24 09:00 ask\n11-25 09:00 deny", DueKind::Contact, LEAD, "11-26 00:00", None, "19"),
        ("11-24 09:00 ask\n11-26 09:00 deny", DueKind::Contact, LEAD, "11-26 00:00", None, "19"),
        (
            "11-24 09:00 ask\n11-26 09:00 deny\n12-02 09:00 defer",
            DueKind::Progress,
            LEAD,
            "12-02 00:00",
            met("12-02 09:00"),
            "21(7)",
        ),
        ("11-24 10:00 alarm", DueKind::Urgent, LEAD, "11-24 12:00", None, "21(3)"),
        ("11-25 09:00 complete\n11-26 09:00 form", DueKind::Rework, LEAD, "12-01 00:00", None, "24"),
        (
            "11-25 09:00 complete\n11-26 09:00 close\n11-26 10:00 discontent\n11-27 09:00 verify",
            DueKind::Verify,
            LEAD,
            "12-02 00:00",
            met("11-27 09:00"),
            "27",
        ),
        (
            "11-25 09:00 complete\n11-26 09:00 close\n11-26 10:00 discontent\n11-27 09:00 verify",
            DueKind::RatingReview,
            CITY,
            "12-01 00:00",
            None,
            "27(3)",
        ),
        // What was decided on an extension is told by whoever tells the end, and stays told.
        (
            "11-24 09:00 extend\n11-24 10:00 grant\n11-25 09:00 complete\n11-26 09:00 send-back",
            DueKind::Tell,
            LEAD,
            "11-26 00:00",
            met("11-25 09:00"),
            "22",
        ),
        ("11-24 09:00 escalate", DueKind::Opinion, OTHER, "12-02 00:00", None, "20"),
        ("11-24 09:00 statute", DueKind::Progress, LEAD, "12-01 00:00", met("11-24 09:00"), "21(6)"),
        ("11-24 09:00 statute", DueKind::TimeReview, CITY, "11-26 00:00", None, "21(6)"),
        ("12-02 09:00 defer", DueKind::Progress, LEAD, "12-01 00:00", met("12-02 09:00"), "21(7)"),
        ("11-25 09:00 defer\n11-26 09:00 agree", DueKind::DeferReview, LEAD, "12-18 00:00", None, "21(7)"),
        ("11-24 09:00 extend", DueKind::ExtensionReview, CITY, "11-26 00:00", None, "22"),
        ("11-24 09:00 extend\n11-24 10:00 refuse", DueKind::Tell, LEAD, "11-26 00:00", None, "22"),
        (
            "11-24 09:00 extend\n11-24 10:00 grant\n11-24 11:00 contact",
            DueKind::Tell,
            LEAD,
            "11-26 00:00",
            met("11-24 11:00"),
            "22",
        ),
    ] {
        let expected = Some((unit, due.to_owned(), met, article.to_owned()));
        assert_eq!(of(&format!("{SIGNED}{script}"), what), expected, "{script}");
    }
    // What the same unit reported when it had the ticket before stands; the hour in which another had it does not count.
    let back =
        "11-23 09:00 urgent\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-23 10:30 report\n11-23 11:00 redispatch\n
                11-23 12:00 redispatch-lead";
    let items = run(back, &Terms::default());
    let urgent =
        items.iter().find(|item| item.what == DueKind::Urgent).map(|item| (shown(item.due), item.met_at.map(shown)));
    assert_eq!(urgent, Some(("11-23 12:05".to_owned(), met("11-23 10:30"))));
    let verified = "11-25 09:00 complete\n11-26 09:00 close\n11-26 10:00 discontent\n11-27 09:00 verify-limited";
    assert_eq!(
        of(&format!("{SIGNED}{verified}"), DueKind::Verify).map(|verify| verify.2),
        Some(None),
        "still to be answered"
    );
    for (script, what) in [
        ("11-24 09:00 escalate\n11-25 09:00 advise", DueKind::Opinion),
        ("11-24 09:00 statute\n11-24 10:00 governs", DueKind::TimeReview),
        ("11-24 09:00 report", DueKind::Progress),
        ("11-25 09:00 complete\n11-26 09:00 send-back", DueKind::Rework),
        ("11-25 09:00 complete\n11-26 09:00 form\n11-26 10:00 complete", DueKind::Rework),
    ] {
        assert_eq!(of(&format!("{SIGNED}{script}"), what), None, "{script}");
    }
    assert_eq!(
        of("11-23 09:00 help\n11-23 09:05 reject", DueKind::RefusalReview),
        Some((CITY, "11-25 00:00".to_owned(), None, "12".to_owned()))
    );
}

#[test]
fn what_a_unit_wrote_down_waits_for_the_city() {
    check("11-23 09:00 proxy", "confirm 4 11-25 00:00 15");
    check(
        "11-23 09:00 proxy\n11-24 08:00 confirm",
        "confirm 1 11-25 00:00 met 11-24 08:00 15
         dispatch 1 11-24 08:30 16(2)",
    );
}

#[test]
fn a_redispatch_starts_the_clocks_of_the_new_unit() {
    check(
        "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-26 09:00 redispatch",
        "dispatch 1 11-23 09:30 met 11-23 09:05 16(2)
         sign_for 4 11-28 00:00 21(1)
         return 4 12-01 00:00 21(1)
         finish 4 12-05 00:00 21(3)",
    );
}

#[test]
fn from_completion_to_archive() {
    let done = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-23 10:05 co-sign\n11-25 16:00 complete\n";
    let unit = "sign_for 2 11-25 00:00 met 11-23 10:00 21(1)\n\
                contact 2 11-25 00:00 met 11-25 16:00 19\nfinish 2 12-01 00:00 met 11-25 16:00 21(3)\n";
    let (dispatch, co) =
        ("dispatch 1 11-23 09:30 met 11-23 09:05 16(2)\n", "sign_for 3 11-25 00:00 met 11-23 10:05 21(1)\n");
    check(done, &format!("{dispatch}{unit}closure 1 11-27 00:00 24\n{co}"));
    let closed = format!("{done}11-26 09:00 close\n");
    let unit = format!("{unit}closure 1 11-27 00:00 met 11-26 09:00 24\n");
    check(&closed, &format!("{dispatch}follow_up 1 12-02 00:00 26\n{unit}{co}"));
    let once = format!("{closed}11-27 09:00 unreached\n");
    check(&once, &format!("{dispatch}follow_up 1 12-02 00:00 26\n{unit}{co}"));
    let reached = format!("{once}11-30 09:00 content\n");
    let followed = "follow_up 1 12-02 00:00 met 11-30 09:00 26\n";
    let archive = |unit: u32| format!("archive {unit} 12-08 00:00 28\n");
    let (a1, a2, a3) = (archive(1), archive(2), archive(3));
    check(&reached, &format!("{dispatch}{followed}{a1}{unit}{a2}{co}{a3}"));
    let archived = format!("{reached}12-01 09:00 archive\n12-01 09:05 lead-archive\n");
    check(&archived, &format!("{dispatch}{followed}{unit}{co}{a3}"));
}

#[test]
fn a_discontented_requester_was_followed_up_and_nothing_is_archived_yet() {
    check(
        "11-23 09:00 inquiry\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-23 11:00 complete\n11-23 12:00 close\n
         11-24 09:00 discontent",
        "dispatch 1 11-23 09:30 met 11-23 09:05 16(2)
         follow_up 1 11-27 00:00 met 11-24 09:00 26
         sign_for 2 11-25 00:00 met 11-23 10:00 21(1)
         contact 2 11-25 00:00 met 11-23 11:00 19
         finish 2 11-27 00:00 met 11-23 11:00 21(2)
         closure 1 11-25 00:00 met 11-23 12:00 24
         verify 2 11-28 00:00 27
         sign_for 3 11-25 00:00 21(1)",
    );
}

#[test]
fn another_call_in_vain_gives_no_more_time_to_verify() {
    let rated = "11-23 09:00 inquiry\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-23 11:00 complete\n11-23 12:00 close\n
                 11-24 09:00 discontent\n";
    let verify = |script: &str| {
        let items = run(script, &Terms::default());
        items.iter().find(|item| item.what == DueKind::Verify).map(|item| shown(item.due))
    };
    assert_eq!(verify(rated).as_deref(), Some("11-28 00:00"));
    assert_eq!(verify(&format!("{rated}11-26 09:00 unreached")), verify(rated));
}

#[test]
fn a_term_into_a_year_without_notice_is_provisional() {
    check(
        "12-25 09:00 complaint\n12-25 09:05 dispatch",
        "dispatch 1 12-25 09:30 met 12-25 09:05 16(2)
         sign_for 2 12-29 00:00 21(1)
         return 2 12-30 00:00? 21(1)
         finish 2 01-08 00:00? 21(5)
         sign_for 3 12-29 00:00 21(1)
         feedback 3 01-08 00:00? 17",
    );
    // A term whose start is not certain is not certain either.
    let terms = Terms { sign_for_wd: 3, help_wd: 0, ..Terms::default() };
    let items = run("12-25 09:00 help\n12-25 09:05 dispatch", &terms);
    assert!(items.iter().filter(|item| item.what == DueKind::Finish).all(|item| item.provisional));
}

#[test]
fn rules_that_change_move_open_terms_in_the_units_favour_alone() {
    const SIGNED: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n";
    let off = |days: &[&str]| {
        let holidays = include_str!("../../../data/holidays.csv");
        let mut all = Calendar::parse_csv(holidays).expect("readable");
        for day in days {
            let date = day.parse().expect("a date");
            all.push(regulation::calendar::Day { date, working: false, name: "停工".to_owned() });
        }
        Calendar::from_days(2, &all)
    };
    let (usual, longer) = (calendar(), off(&["2026-11-26", "2026-11-27"]));
    let (terms, shorter) = (Terms::default(), Terms { help_wd: 3, ..Terms::default() });
    let more = Terms { help_wd: 7, ..Terms::default() };
    let rules = |since: &str, calendar, terms| Rules { version: 1, since: time(since), calendar, terms };
    let finish = |script: &str, rules: &[Rules<'_>]| {
        let items = dues_under(&ticket(&format!("{SIGNED}{script}")), rules, &|_| None);
        let item = items.into_iter().find(|item| item.what == DueKind::Finish).expect("a finishing term");
        (shown(item.due), item.calendar)
    };
    let at = |due: &str, calendar| (due.to_owned(), calendar);
    let first = rules("01-01 00:00", &usual, &terms);
    assert_eq!(finish("", &[first]), at("12-01 00:00", 1));
    // Two days off are two days more for what is open, also if they are taken back again.
    let second = rules("11-25 09:00", &longer, &terms);
    assert_eq!(finish("", &[first, second]), at("12-03 00:00", 2));
    assert_eq!(finish("", &[first, second, rules("11-26 09:00", &usual, &terms)]), at("12-03 00:00", 2));
    // Shorter terms are for what comes after; longer ones are for all.
    assert_eq!(finish("", &[first, rules("11-25 09:00", &usual, &shorter)]), at("12-01 00:00", 1));
    assert_eq!(finish("", &[first, rules("11-25 09:00", &usual, &more)]), at("12-03 00:00", 1));
    // What was done before stays judged as it was.
    assert_eq!(finish("11-24 09:00 complete", &[first, second]), at("12-01 00:00", 1));
    assert_eq!(finish("12-02 09:00 complete", &[first, second]), at("12-03 00:00", 2));
    assert_eq!(finish("12-02 09:00 complete", &[first, rules("12-02 10:00", &longer, &terms)]), at("12-01 00:00", 1));
    // Where the notice was missing the first count was none.
    let guess = Calendar::from_days(1, &[]);
    let guessed = rules("01-01 00:00", &guess, &terms);
    assert_eq!(finish("11-24 09:00 complete", &[guessed, rules("11-25 09:00", &longer, &terms)]), at("12-03 00:00", 2));
    assert_eq!(dues_under(&ticket(SIGNED), &[], &|_| None), vec![]);
    // What is to hold from a day after the end of a term is nothing that it could be kept by.
    let coming = |since| finish("", &[first, rules(since, &usual, &more)]);
    assert_eq!((coming("11-30 23:59"), coming("12-01 00:00")), (at("12-03 00:00", 1), at("12-01 00:00", 1)));
}

#[test]
fn verdicts() {
    let terms = Terms::default();
    let items = run("11-23 09:00 help\n11-23 09:05 dispatch", &terms);
    let sign_for = items.iter().find(|item| item.what == DueKind::SignFor).expect("a term");
    for (now, verdict) in [
        ("11-23 09:05", DueVerdict::Normal),
        ("11-23 23:59", DueVerdict::Normal),
        ("11-24 00:00", DueVerdict::DueSoon),
        ("11-24 23:59", DueVerdict::DueSoon),
        ("11-25 00:00", DueVerdict::Overdue),
    ] {
        assert_eq!(sign_for.verdict(time(now), &terms), verdict, "{now}");
    }
    for (met, verdict) in [("11-24 23:59", DueVerdict::Normal), ("11-25 00:00", DueVerdict::Overdue)] {
        let done = DueItem { met_at: Some(time(met)), ..sign_for.clone() };
        assert_eq!(done.verdict(time("12-25 09:00"), &terms), verdict, "met {met}");
    }
    let unsure = DueItem { provisional: true, ..sign_for.clone() };
    for (now, verdict) in [
        ("11-23 09:05", DueVerdict::Provisional),
        ("11-24 09:00", DueVerdict::DueSoon),
        ("11-25 00:00", DueVerdict::Provisional),
    ] {
        assert_eq!(unsure.verdict(time(now), &terms), verdict, "provisional, {now}");
    }
    let never = DueItem { due: i64::MAX, ..sign_for.clone() };
    assert_eq!(never.verdict(i64::MIN, &terms), DueVerdict::Normal);
}

#[test]
fn the_next_due_is_the_earliest_duty() {
    let items = run("11-23 09:00 urgent\n11-23 09:05 dispatch", &Terms::default());
    assert_eq!(next_due(&items).map(|item| item.what), Some(DueKind::Urgent));
    let of_assisting = next_due(items.iter().filter(|item| item.unit == ASSISTING));
    assert_eq!(of_assisting.map(|item| item.what), Some(DueKind::SignFor));
    let signed =
        run("11-23 09:00 help\n11-23 09:05 dispatch\n11-23 09:30 sign\n11-23 09:30 co-sign", &Terms::default());
    assert_eq!(next_due(&signed).map(|item| item.what), Some(DueKind::Contact));
    assert_eq!(next_due(&[]), None);
}

#[test]
fn a_county_that_sent_on_too_late_has_nothing_to_extend() {
    let items = run(
        "11-23 09:00 help\n11-23 09:05 to-county\n11-27 09:00 send-on\n11-27 10:00 sign\n11-30 09:00 extend\n11-30 10:00 county-grant",
        &Terms::default(),
    );
    let finish = |unit| items.iter().find(|item| item.what == DueKind::Finish && item.unit == unit);
    assert_eq!(finish(COUNTY).map(|item| shown(item.due)).as_deref(), Some("12-02 00:00"));
    assert_eq!(finish(LEAD).map(|item| shown(item.due)).as_deref(), Some("12-05 00:00"));
}

#[test]
fn nothing_is_wanted_of_anybody_once_it_has_ended() {
    for end in ["urge\n11-24 09:00 record\n11-24 09:00 withdraw", "merge"] {
        let items = run(
            &format!("11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-24 09:00 {end}"),
            &Terms::default(),
        );
        let open: BTreeSet<DueKind> = items.iter().filter(|item| item.met_at.is_none()).map(|item| item.what).collect();
        assert_eq!(open, BTreeSet::from([DueKind::Archive]), "{end}");
    }
    let waiting = run("11-23 09:00 help\n11-23 09:05 merge", &Terms::default());
    assert!(waiting.iter().all(|item| item.what == DueKind::Archive), "{waiting:?}");
}

#[test]
fn a_call_tells_the_unit_that_it_has_it() {
    let items = run("11-23 09:00 help\n11-23 09:05 send\n11-26 10:00 phone-sign", &Terms::default());
    let of = |what| items.iter().find(|item| item.what == what && item.unit == LEAD).map(|item| shown(item.due));
    assert_eq!(of(DueKind::SignFor).as_deref(), Some("11-28 00:00"));
    assert_eq!(of(DueKind::Finish).as_deref(), Some("12-04 00:00"));
}
