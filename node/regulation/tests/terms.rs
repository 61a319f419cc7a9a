//! What is due on a ticket, as tables: a script of acts in, one line an item out.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use chrono::{DateTime, FixedOffset};
use regulation::act::{
    Channel, ClosureGround, Contacted, Outcome, Rating, Reached, RequestKind, Satisfaction, Solved, SuperviseGround,
    SuperviseLevel, Urgency, Way,
};
use regulation::calendar::{Calendar, TERM_WORKING_DAYS_MAX};
use regulation::terms::{DueItem, DueKind, DueVerdict, Terms, dues, next_due};
use regulation::{ActId, Author, Body, Dispatch, Fact, Level, PersonId, Record, Register, Role, Ticket, UnitId, apply};

const CITY: UnitId = UnitId(1);
const LEAD: UnitId = UnitId(2);
const ASSISTING: UnitId = UnitId(3);
const OTHER: UnitId = UnitId(4);

fn calendar() -> Calendar {
    Calendar::from_days(1, &Calendar::parse_csv(include_str!("../../data/holidays.csv")).expect("readable"))
}

/// `11-23 09:00` of 2026, local time.
fn time(text: &str) -> i64 {
    let text = format!("2026-{}:00+08:00", text.replace(' ', "T"));
    DateTime::parse_from_rfc3339(&text).expect("a good time").timestamp_millis()
}

fn shown(at: i64) -> String {
    let zone = FixedOffset::east_opt(8 * 3600).expect("an offset");
    DateTime::from_timestamp_millis(at).expect("a moment").with_timezone(&zone).format("%m-%d %H:%M").to_string()
}

fn register(kind: RequestKind, urgency: Urgency) -> Body {
    Body::Register(Register {
        kind,
        urgency,
        channel: Channel::Telephone,
        raised_at: 0,
        day: 0,
        serial: 1,
        confidential: false,
        anonymous: false,
        external: None,
    })
}

/// Who does the act of that word, what it is, and the act that it answers: the dispatch, the request, and so on.
fn act(word: &str, ticket: Option<&Ticket>) -> (UnitId, Body, Option<ActId>) {
    let dispatch = ticket.and_then(Ticket::dispatch);
    let rating = |satisfaction| Some(Rating { contacted: Contacted::Yes, solved: Solved::Yes, satisfaction });
    let follow_up = |reached, rating| {
        let answers = ticket.and_then(|t| t.closure).map(|(id, _)| id);
        (CITY, Body::FollowUp { way: Way::Telephone, reached, rating }, answers)
    };
    match word {
        "inquiry" => (CITY, register(RequestKind::Inquiry, Urgency::Ordinary), None),
        "help" => (CITY, register(RequestKind::Help, Urgency::Ordinary), None),
        "urgent" => (CITY, register(RequestKind::Help, Urgency::Urgent), None),
        "suggestion" => (CITY, register(RequestKind::Suggestion, Urgency::Ordinary), None),
        "complaint" => (CITY, register(RequestKind::Complaint, Urgency::Ordinary), None),
        "tip-off" => (CITY, register(RequestKind::TipOff, Urgency::Ordinary), None),
        "answer" => (CITY, Body::Answer, None),
        "dispatch" => (CITY, Body::Dispatch(Dispatch { lead: LEAD, assisting: vec![ASSISTING] }), None),
        "redispatch" => (CITY, Body::Redispatch(Dispatch { lead: OTHER, assisting: vec![] }), dispatch),
        "sign" => (LEAD, Body::SignFor, dispatch),
        "co-sign" => (ASSISTING, Body::SignFor, dispatch),
        "ask" => (LEAD, Body::ReturnRequest { suggested: None }, dispatch),
        "deny" => (CITY, Body::ReturnDeny, ticket.and_then(|t| t.return_request().map(|(id, _)| id))),
        "report" => (LEAD, Body::Progress { way: Way::Telephone }, dispatch),
        "complete" => (LEAD, Body::Complete { outcome: Outcome::Solved, told_at: 0 }, dispatch),
        "close" => {
            let answers = ticket.and_then(|t| t.completion).map(|(id, _)| id);
            (CITY, Body::ConfirmClosure { ground: ClosureGround::Solved }, answers)
        }
        "content" => follow_up(Reached::Answered, rating(Satisfaction::Satisfied)),
        "discontent" => follow_up(Reached::Answered, rating(Satisfaction::Dissatisfied)),
        "unreached" => follow_up(Reached::NoAnswer, None),
        "called" => (CITY, Body::NotifyByPhone { unit: LEAD }, None),
        "extend" => (LEAD, Body::ExtendRequest { days: 5, told_at: 0 }, dispatch),
        "grant" => {
            let asked = ticket.and_then(Ticket::extension).map(|asked| asked.id);
            (CITY, Body::ExtendApprove { days: 5, by_law: false }, asked)
        }
        "send-back" => (CITY, Body::SendBack, ticket.and_then(|t| t.completion).map(|(id, _)| id)),
        "remedy" => (LEAD, Body::Remedy, ticket.and_then(Ticket::bad_rating)),
        "proxy" => {
            let Body::Register(register) = register(RequestKind::Help, Urgency::Ordinary) else { unreachable!() };
            (OTHER, Body::RegisterByProxy(register), None)
        }
        "confirm" => (CITY, Body::ConfirmIntake, None),
        "supervise" => {
            (CITY, Body::Supervise { level: SuperviseLevel::Supervise, ground: SuperviseGround::Overdue }, None)
        }
        "archive" => (CITY, Body::Archive, None),
        "lead-archive" => (LEAD, Body::Archive, None),
        other => panic!("no act {other}"),
    }
}

/// The dues after a script of lines `MM-DD HH:MM act`.
fn run(script: &str, terms: &Terms) -> Vec<DueItem> {
    let mut record = Record::Empty;
    for (number, line) in (1u8..).zip(script.lines().map(str::trim).filter(|line| !line.is_empty())) {
        let (at, word) = line.split_at(12);
        let (unit, body, answers) = act(word, record.ticket());
        let level = if unit == CITY { Level::CityHotline } else { Level::Unit };
        let author = Author { unit, level, hub: false, person: Some(PersonId(1)), roles: Role::ALL.to_vec() };
        let claimed_at = time(at.trim());
        let fact = Fact { id: ActId([number; 32]), body, answers, author, claimed_at, happened_at: None };
        apply(&mut record, &fact).unwrap_or_else(|broken| panic!("{line}: {broken:?}"));
    }
    dues(record.ticket().expect("a ticket"), &calendar(), terms)
}

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
    check("11-23 09:00 inquiry\n11-23 09:10 answer", "");
}

#[test]
fn after_dispatch_the_unit_must_sign_and_may_return() {
    check(
        "11-27 18:20 complaint\n11-27 18:25 dispatch",
        "dispatch 1 11-27 18:50 met 11-27 18:25 16(2)
         sign_for 2 12-01 00:00 21(1)
         return 2 12-02 00:00 21(1)
         finish 2 12-10 00:00 21(5)
         sign_for 3 12-01 00:00 21(1)",
    );
}

#[test]
fn the_finishing_term_depends_on_the_kind_and_starts_at_sign_for() {
    for (kind, due, article) in [
        ("inquiry", "11-27 00:00", "21(2)"),
        ("help", "12-01 00:00", "21(3)"),
        ("suggestion", "12-01 00:00", "21(4)"),
        ("complaint", "12-03 00:00", "21(5)"),
        ("tip-off", "12-03 00:00", "21(5)"),
    ] {
        let script = format!("11-23 09:00 {kind}\n11-23 09:05 dispatch\n11-23 15:00 sign");
        let items = run(&script, &Terms::default());
        let finish = items.iter().find(|item| item.what == DueKind::Finish).expect("a finishing term");
        assert_eq!((shown(finish.due).as_str(), finish.article.code().as_str()), (due, article), "{kind}");
        assert_eq!(finish.start, time("11-23 15:00"));
    }
}

#[test]
fn signing_late_gains_no_time() {
    let finish = |script: &str| {
        let items = run(script, &Terms::default());
        items.iter().find(|item| item.what == DueKind::Finish).map(|item| shown(item.due))
    };
    let start = "11-23 09:00 help\n11-23 09:05 dispatch\n";
    let on_last_day = finish(&format!("{start}11-24 23:59 sign"));
    assert_eq!(on_last_day.as_deref(), Some("12-02 00:00"));
    assert_eq!(finish(&format!("{start}11-30 10:00 sign")), on_last_day);
    assert_eq!(finish(start), on_last_day);
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
         sign_for 2 11-25 00:00 21(1)
         return 2 11-26 00:00 met 11-24 10:00 21(1)
         finish 2 12-02 00:00 21(3)
         return_review 1 11-26 00:00 18
         sign_for 3 11-25 00:00 21(1)",
    );
    check(
        &format!("{asked}11-25 11:00 deny"),
        "dispatch 1 11-23 09:30 met 11-23 09:05 16(2)
         sign_for 2 11-25 00:00 met 11-24 10:00 21(1)
         return 2 11-26 00:00 met 11-24 10:00 21(1)
         finish 2 12-03 00:00 21(3)
         sign_for 3 11-25 00:00 21(1)",
    );
}

/// The finishing term after a script: its due, and whether it is provisional.
fn finish(script: &str) -> (String, bool) {
    let items = run(script, &Terms::default());
    let item = items.iter().find(|item| item.what == DueKind::Finish).expect("a finishing term");
    (shown(item.due), item.provisional)
}

#[test]
fn the_finishing_term_bends_where_the_regulation_says_so() {
    const SIGNED: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n";
    const DONE: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-25 10:00 complete\n";
    for (script, due, provisional) in [
        (SIGNED.to_owned(), "12-01 00:00", false),
        // Asked for in time, an extension holds until it is decided.
        (format!("{SIGNED}11-27 09:00 extend"), "12-01 00:00", true),
        (format!("{SIGNED}11-27 09:00 extend\n11-27 15:00 grant"), "12-08 00:00", false),
        // Asked for too late it holds nothing.
        (format!("{SIGNED}12-02 09:00 extend"), "12-01 00:00", false),
        // The hotline's two days do not count.
        (format!("{DONE}11-27 10:00 send-back"), "12-03 00:00", false),
        // What is sent back at the very end has two days at least.
        (format!("{SIGNED}11-30 23:00 complete\n12-01 09:00 send-back"), "12-04 00:00", false),
        // Another round has a term of its own.
        (format!("{DONE}11-26 09:00 close\n11-27 09:00 discontent\n11-30 09:00 remedy"), "12-08 00:00", false),
    ] {
        assert_eq!(finish(&script), (due.to_owned(), provisional), "\n{script}");
    }
}

#[test]
fn what_came_late_to_the_unit_starts_late() {
    let items = run("11-23 09:00 help\n11-23 09:05 dispatch\n11-25 10:00 called", &Terms::default());
    let sign_for = items.iter().find(|item| item.what == DueKind::SignFor && item.unit == LEAD).expect("a term");
    assert_eq!(shown(sign_for.due), "11-27 00:00");
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
fn a_supervision_wants_a_reply_in_its_time() {
    let items = run("11-23 09:00 help\n11-23 09:05 dispatch\n11-25 09:00 supervise", &Terms::default());
    let reply = items.iter().find(|item| item.what == DueKind::SuperviseReply).expect("a term");
    assert_eq!(shown(reply.due), "11-28 00:00");
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
    let unit = "sign_for 2 11-25 00:00 met 11-23 10:00 21(1)\nfinish 2 12-01 00:00 met 11-25 16:00 21(3)\n";
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
         finish 2 11-27 00:00 met 11-23 11:00 21(2)
         closure 1 11-25 00:00 met 11-23 12:00 24
         verify 2 11-28 00:00 27
         sign_for 3 11-25 00:00 21(1)",
    );
}

#[test]
fn a_term_into_a_year_without_notice_is_provisional() {
    check(
        "12-25 09:00 complaint\n12-25 09:05 dispatch",
        "dispatch 1 12-25 09:30 met 12-25 09:05 16(2)
         sign_for 2 12-29 00:00 21(1)
         return 2 12-30 00:00? 21(1)
         finish 2 01-08 00:00? 21(5)
         sign_for 3 12-29 00:00 21(1)",
    );
    // A term whose start is not certain is not certain either.
    let terms = Terms { sign_for_wd: 3, help_wd: 0, ..Terms::default() };
    let items = run("12-25 09:00 help\n12-25 09:05 dispatch", &terms);
    assert!(items.iter().filter(|item| item.what == DueKind::Finish).all(|item| item.provisional));
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
    assert_eq!(next_due(&signed).map(|item| item.what), Some(DueKind::Finish));
    assert_eq!(next_due(&[]), None);
}

#[test]
fn settings_travel_as_numbers() {
    let terms = Terms { help_wd: 4, ..Terms::default() };
    let numbers = terms.numbers();
    assert_eq!(Terms::from_numbers(&numbers), Some(terms.clone()));
    assert_eq!(terms.settings().len(), numbers.len());
    assert_eq!(Terms::from_numbers(&numbers[1..]), None);
    assert_eq!(Terms::from_numbers(&[numbers.as_slice(), &[1]].concat()), None);
    let mut too_long = numbers;
    too_long[0] = TERM_WORKING_DAYS_MAX + 1;
    assert_eq!(Terms::from_numbers(&too_long), None);
    let regulation =
        [("inquiry_wd", 3), ("help_wd", 5), ("complaint_wd", 7), ("urgent_hours", 2), ("extension_max_wd", 15)];
    assert!(regulation.iter().all(|setting| Terms::default().settings().contains(setting)));
}
