//! What has not arrived, and what reached the city late: who is blamed for which time.

use regulation::act::Seen;
use regulation::terms::{DueKind, DueVerdict, Terms, dues};
use regulation::{ActId, Body, Record, apply};

use crate::support::script::*;

#[test]
fn nobody_is_blamed_for_what_has_not_reached_him() {
    let terms = Terms::default();
    let sent = ticket("11-23 09:00 urgent\n11-23 09:05 send");
    let items = dues(&sent, &calendar(), &terms);
    for item in items.iter().filter(|item| item.unit == LEAD && item.what != DueKind::Return) {
        assert_eq!(item.verdict(time("12-25 09:00"), &terms), DueVerdict::Provisional, "{item:?}");
    }
    // It is the hotline that must telephone.
    for (script, due) in [("urgent", "11-23 09:10"), ("help", "11-23 09:35")] {
        let items = run(&format!("11-23 09:00 {script}\n11-23 09:05 send"), &terms);
        let deliver = items.iter().find(|item| item.what == DueKind::Deliver).map(|item| (item.unit, shown(item.due)));
        assert_eq!(deliver, Some((CITY, due.to_owned())), "{script}");
    }
    // A call, a sign-for or a witness shows that it is there.
    for there in ["called", "sign", "ask"] {
        let sent = ticket(&format!("11-23 09:00 help\n11-23 09:05 send\n11-23 09:10 {there}"));
        let arrived: Vec<_> = sent.assignments.iter().map(|a| (a.unit, a.arrived())).collect();
        assert_eq!(arrived, [(LEAD, true), (ASSISTING, false)], "{there}");
    }
}

#[test]
fn what_came_late_to_the_unit_starts_late() {
    let items = run("11-23 09:00 help\n11-23 09:05 send\n11-25 10:00 called", &Terms::default());
    let sign_for = items.iter().find(|item| item.what == DueKind::SignFor && item.unit == LEAD).expect("a term");
    assert_eq!(shown(sign_for.due), "11-27 00:00");
}

/// Late, offline and disputed time: the table of verdicts.
#[test]
fn what_reaches_the_city_late_is_judged_by_what_is_proven() {
    // The finishing term ends with 11-30.
    const DONE: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n";
    let terms = Terms::default();
    for (claimed, not_before, received, offline, clock, verdict, late_sync) in [
        // In time whatever it says: the city had it before the due.
        ("11-30 10:00", "11-25 09:00", "11-30 23:00", false, false, DueVerdict::Normal, false),
        // Late whatever it says: it cannot have been made before the due.
        ("11-30 10:00", "12-01 00:00", "12-02 09:00", true, true, DueVerdict::Overdue, false),
        // Late by its own account.
        ("12-01 09:00", "11-25 09:00", "12-02 09:00", true, true, DueVerdict::Overdue, false),
        // In time by its own account, which can be believed: 离线补传.
        ("11-30 23:59", "11-25 09:00", "12-02 09:00", true, true, DueVerdict::Normal, true),
        ("11-30 10:00", "11-25 09:00", "12-03 23:59", true, true, DueVerdict::Normal, true),
        // One minute outside the allowance of three working days, in reach meanwhile, or with a wrong clock: in dispute.
        ("11-30 10:00", "11-25 09:00", "12-04 00:00", true, true, DueVerdict::Disputed, false),
        ("11-30 10:00", "11-25 09:00", "12-02 09:00", false, true, DueVerdict::Disputed, false),
        ("11-30 10:00", "11-25 09:00", "12-02 09:00", true, false, DueVerdict::Disputed, false),
        // What it says lies before what it cannot have been made before: taken as that.
        ("11-20 10:00", "11-25 09:00", "12-02 09:00", true, false, DueVerdict::Disputed, false),
        // What it says lies after it was received: taken as that.
        ("12-05 10:00", "11-25 09:00", "11-30 09:00", true, false, DueVerdict::Normal, false),
    ] {
        let mut record = Record::Ticket(Box::new(ticket(&format!("{DONE}{claimed} complete"))));
        let completion = record.ticket().and_then(|t| t.completion).expect("completed").0;
        let (not_before, received_at) = (time(not_before), time(received));
        witness(&mut record, completion, Seen::Late { not_before, received_at, offline, clock_good: clock });
        let finish = |record: &Record| {
            let items = dues(record.ticket().expect("a ticket"), &calendar(), &terms);
            items.into_iter().find(|item| item.what == DueKind::Finish).expect("a finishing term")
        };
        let item = finish(&record);
        let name = format!("{claimed} {received} {offline} {clock}");
        assert_eq!((item.verdict(received_at, &terms), item.late_sync()), (verdict, late_sync), "{name}");
        // What nobody decides on in his time counts from when it was here.
        let at_last = if verdict == DueVerdict::Disputed { DueVerdict::Overdue } else { verdict };
        assert_eq!(item.verdict(time("12-25 09:00"), &terms), at_last, "{name}");
        assert_eq!(
            item.in_time(),
            match verdict {
                DueVerdict::Disputed => None,
                verdict => Some(verdict == DueVerdict::Normal),
            }
        );
        // The hotline has a day to decide what is in dispute, and then it is decided.
        let waits = |record: &Record| {
            let items = dues(record.ticket().expect("a ticket"), &calendar(), &terms);
            items.into_iter().any(|item| item.what == DueKind::TimeReview)
        };
        assert_eq!(waits(&record), verdict == DueVerdict::Disputed, "{name}");
        for (in_time, decided) in [(true, DueVerdict::Normal), (false, DueVerdict::Overdue)] {
            let mut record = record.clone();
            let body = Body::DecideTime { in_time };
            let fact = fact(ActId([201; 32]), CITY, body, Some(completion), received_at);
            apply(&mut record, &fact).unwrap_or_else(|broken| panic!("{broken:?}"));
            // What is proven is not decided otherwise.
            let expected = if verdict == DueVerdict::Disputed { decided } else { finish(&record).verdict(0, &terms) };
            assert_eq!(finish(&record).verdict(time("12-25 09:00"), &terms), expected, "{name}");
            assert!(!waits(&record), "{name}");
        }
    }
}

#[test]
fn what_was_asked_for_late_but_claims_to_be_early_is_in_dispute() {
    const SIGNED: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n";
    let extension = ("11-30 09:00 extend\n12-01 09:00 grant", "12-01 08:00", "12-08 00:00");
    let denied = ("11-24 09:00 ask\n11-30 09:00 deny", "11-27 08:00", "12-05 00:00");
    for ((asked, received, believed), offline) in
        [extension, denied].into_iter().flat_map(|row| [true, false].map(|offline| (row, offline)))
    {
        let mut record = Record::Ticket(Box::new(ticket(&format!("{SIGNED}{asked}"))));
        let (not_before, received_at) = (time("11-23 12:00"), time(received));
        witness(&mut record, ActId([4; 32]), Seen::Late { not_before, received_at, offline, clock_good: true });
        let look = |record: &Record| {
            let items = dues(record.ticket().expect("a ticket"), &calendar(), &Terms::default());
            let item = items.iter().find(|item| item.what == DueKind::Finish).expect("a finishing term").clone();
            (shown(item.due), item.provisional, items.iter().any(|item| item.what == DueKind::TimeReview))
        };
        assert_eq!(look(&record), (believed.to_owned(), !offline, !offline), "{asked} offline {offline}");
        // Silence believes nothing.
        let items = dues(record.ticket().expect("a ticket"), &calendar(), &Terms::default());
        let item = items.iter().find(|item| item.what == DueKind::Finish).expect("a finishing term");
        let at_last = item.at(i64::MAX);
        let expected = if offline { believed } else { "12-01 00:00" };
        assert_eq!((shown(at_last.due).as_str(), at_last.provisional), (expected, false), "{asked} offline {offline}");
        let decided = Body::DecideTime { in_time: false };
        apply(&mut record, &fact(ActId([201; 32]), CITY, decided, Some(ActId([4; 32])), received_at)).expect("decided");
        assert_eq!(look(&record), ("12-01 00:00".to_owned(), false, false), "{asked} offline {offline}");
    }
}

#[test]
fn whoever_decides_has_his_time_from_when_it_arrived() {
    const SIGNED: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-24 09:00 ";
    for (script, number, what) in [
        ("11-24 09:00 proxy".to_owned(), 1, DueKind::Confirm),
        (format!("{SIGNED}ask"), 4, DueKind::ReturnReview),
        (format!("{SIGNED}extend"), 4, DueKind::ExtensionReview),
        (format!("{SIGNED}complete"), 4, DueKind::Closure),
        (format!("{SIGNED}statute"), 4, DueKind::TimeReview),
    ] {
        let mut record = Record::Ticket(Box::new(ticket(&script)));
        let due = |record: &Record| {
            let items = dues(record.ticket().expect("a ticket"), &calendar(), &Terms::default());
            items.iter().find(|item| item.what == what).map(|item| shown(item.due))
        };
        assert_eq!(due(&record).as_deref(), Some("11-26 00:00"), "{what:?}");
        let (not_before, received_at) = (time("11-24 08:00"), time("11-27 09:00"));
        let late = Seen::Late { not_before, received_at, offline: true, clock_good: true };
        witness(&mut record, ActId([number; 32]), late);
        assert_eq!(due(&record).as_deref(), Some("12-01 00:00"), "{what:?}");
    }
    let opinion = |record: &Record| {
        let items = dues(record.ticket().expect("a ticket"), &calendar(), &Terms::default());
        items.iter().find(|item| item.what == DueKind::Opinion).map(|item| shown(item.due))
    };
    let mut asked = Record::Ticket(Box::new(ticket(&format!("{SIGNED}escalate"))));
    assert_eq!(opinion(&asked).as_deref(), Some("12-02 00:00"));
    let late = Seen::Late {
        not_before: time("11-24 08:00"),
        received_at: time("11-26 09:00"),
        offline: true,
        clock_good: true,
    };
    witness(&mut asked, ActId([4; 32]), late);
    assert_eq!(opinion(&asked).as_deref(), Some("12-04 00:00"));
}
