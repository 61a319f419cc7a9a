//! What is due on a ticket, as tables: a script of acts in, one line an item out.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use chrono::{DateTime, FixedOffset};
use regulation::act::{
    Channel, ClosureGround, Contacted, Outcome, Rating, Reached, RejectGround, RequestKind, Satisfaction, Seen, Solved,
    SuperviseGround, SuperviseLevel, Urgency, Way,
};
use regulation::calendar::{Calendar, TERM_WORKING_DAYS_MAX};
use regulation::supervise;
use regulation::terms::{DueItem, DueKind, DueVerdict, Rules, Terms, dues, dues_under, next_due};
use regulation::{ActId, Author, Body, Dispatch, Fact, Level, PersonId, Record, Register, Role, Ticket, UnitId, apply};

const CITY: UnitId = UnitId(1);
const LEAD: UnitId = UnitId(2);
const ASSISTING: UnitId = UnitId(3);
const OTHER: UnitId = UnitId(4);
const COUNTY: UnitId = UnitId(5);

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
        again: None,
        times: 1,
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
    let asked = || ticket.and_then(Ticket::extension).map(|asked| asked.id);
    match word {
        "inquiry" => (CITY, register(RequestKind::Inquiry, Urgency::Ordinary), None),
        "help" => (CITY, register(RequestKind::Help, Urgency::Ordinary), None),
        "urgent" => (CITY, register(RequestKind::Help, Urgency::Urgent), None),
        "suggestion" => (CITY, register(RequestKind::Suggestion, Urgency::Ordinary), None),
        "complaint" => (CITY, register(RequestKind::Complaint, Urgency::Ordinary), None),
        "tip-off" => (CITY, register(RequestKind::TipOff, Urgency::Ordinary), None),
        "answer" => (CITY, Body::Answer { cites: None }, None),
        "reject" => (CITY, Body::Reject { ground: RejectGround::OutOfScope }, None),
        // Sent, but not there yet; `dispatch` arrives at once.
        "send" | "dispatch" => (CITY, Body::Dispatch(Dispatch { lead: LEAD, assisting: vec![ASSISTING] }), None),
        "redispatch" => (CITY, Body::Redispatch(Dispatch { lead: OTHER, assisting: vec![] }), dispatch),
        "to-county" => (CITY, Body::Dispatch(Dispatch { lead: COUNTY, assisting: vec![] }), None),
        "send-on" => (COUNTY, Body::SubDispatch(Dispatch { lead: LEAD, assisting: vec![] }), dispatch),
        "county-grant" => (COUNTY, Body::ExtendApprove { days: 10, by_law: false }, asked()),
        "county-recall" => (COUNTY, Body::Recall, dispatch),
        "sign" => (LEAD, Body::SignFor, dispatch),
        "co-sign" => (ASSISTING, Body::SignFor, dispatch),
        "ask" => (LEAD, Body::ReturnRequest { suggested: None }, dispatch),
        "deny" => (CITY, Body::ReturnDeny, ticket.and_then(|t| t.return_request().map(|(id, _)| id))),
        "report" => (LEAD, Body::Progress { way: Way::Telephone, legal_due: None }, dispatch),
        "statute" => {
            let legal_due = Some(time("12-25 00:00"));
            (LEAD, Body::Progress { way: Way::System, legal_due }, dispatch)
        }
        "contact" => (LEAD, Body::Contact { way: Way::Telephone, reached: Reached::Answered }, dispatch),
        "escalate" => (LEAD, Body::Escalate { to: OTHER }, dispatch),
        "advise" => (OTHER, Body::Opinion, ticket.and_then(|t| t.escalation).map(|e| e.id)),
        "defer" => (LEAD, Body::Defer, dispatch),
        "agree" => {
            let review_at = time("12-18 00:00");
            (CITY, Body::DeferApprove { review_at }, ticket.and_then(|t| t.deferral).map(|d| d.id))
        }
        "go-on" => (LEAD, Body::DeferRelease, ticket.and_then(|t| t.deferral).map(|d| d.id)),
        "governs" => (CITY, Body::DecideTime { in_time: true }, ticket.and_then(Ticket::disputed)),
        "governs-not" => (CITY, Body::DecideTime { in_time: false }, ticket.and_then(Ticket::disputed)),
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
        "grant" => (CITY, Body::ExtendApprove { days: 5, by_law: false }, asked()),
        "grant-by-law" => (CITY, Body::ExtendApprove { days: 20, by_law: true }, asked()),
        "grant-15" => (CITY, Body::ExtendApprove { days: 15, by_law: false }, asked()),
        "refuse" => (CITY, Body::ExtendDeny, asked()),
        "form" => (CITY, Body::SendBack { form_only: true }, ticket.and_then(|t| t.completion).map(|(id, _)| id)),
        "send-back" => (CITY, Body::SendBack { form_only: false }, ticket.and_then(|t| t.completion).map(|(id, _)| id)),
        "urge" => (CITY, Body::Urge, None),
        "remedy" => (LEAD, Body::Remedy, ticket.and_then(Ticket::bad_rating)),
        "proxy" => {
            let Body::Register(register) = register(RequestKind::Help, Urgency::Ordinary) else { unreachable!() };
            (OTHER, Body::RegisterByProxy(register), None)
        }
        "confirm" => (CITY, Body::ConfirmIntake, None),
        "supervise" => {
            (CITY, Body::Supervise { level: SuperviseLevel::Supervise, ground: SuperviseGround::Overdue }, dispatch)
        }
        "archive" => (CITY, Body::Archive, None),
        "lead-archive" => (LEAD, Body::Archive, None),
        other => panic!("no act {other}"),
    }
}

/// The ticket after a script of lines `MM-DD HH:MM act`.
fn ticket(script: &str) -> Ticket {
    let mut record = Record::Empty;
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty());
    for (number, line) in (1u8..).zip(lines) {
        let (at, word) = line.split_at(12);
        let (unit, body, answers) = act(word, record.ticket());
        let id = ActId([number; 32]);
        apply(&mut record, &fact(id, unit, body, answers, time(at.trim())))
            .unwrap_or_else(|broken| panic!("{line}: {broken:?}"));
        if matches!(word, "dispatch" | "redispatch" | "to-county" | "send-on") {
            let units: Vec<UnitId> = record
                .ticket()
                .map_or(Vec::new(), |t| t.assignments.iter().filter(|a| a.dispatch == id).map(|a| a.unit).collect());
            for unit in units {
                witness(&mut record, id, Seen::Delivered { unit, at: time(at.trim()) });
            }
        }
    }
    record.ticket().expect("a ticket").clone()
}

fn fact(id: ActId, unit: UnitId, body: Body, answers: Option<ActId>, claimed_at: i64) -> Fact {
    let level = match unit {
        CITY => Level::CityHotline,
        COUNTY => Level::CountyHotline,
        _ => Level::Unit,
    };
    let author = Author { unit, level, hub: false, person: Some(PersonId(1)), roles: Role::ALL.to_vec() };
    Fact { id, body, answers, author, claimed_at, happened_at: None }
}

/// What the city hub saw.
fn witness(record: &mut Record, of: ActId, seen: Seen) {
    let author = Author { unit: CITY, level: Level::CityHotline, hub: true, person: None, roles: vec![] };
    let (id, body) = (ActId([200; 32]), Body::Witness(seen));
    let fact = Fact { id, body, answers: Some(of), author, claimed_at: 0, happened_at: None };
    apply(record, &fact).unwrap_or_else(|broken| panic!("{seen:?}: {broken:?}"));
}

/// The dues after a script.
fn run(script: &str, terms: &Terms) -> Vec<DueItem> {
    dues(&ticket(script), &calendar(), terms)
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
         sign_for 3 11-25 00:00 21(1)
         feedback 3 12-02 00:00 17",
    );
    check(
        &format!("{asked}11-25 11:00 deny"),
        "dispatch 1 11-23 09:30 met 11-23 09:05 16(2)
         sign_for 2 11-25 00:00 met 11-24 10:00 21(1)
         return 2 11-26 00:00 met 11-24 10:00 21(1)
         contact 2 11-26 00:00 19
         finish 2 12-03 00:00 21(3)
         sign_for 3 11-25 00:00 21(1)
         feedback 3 12-03 00:00 17",
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
        // Extensions come to fifteen days in all, and each counts only if it was asked for before the due of its time.
        (
            format!("{SIGNED}11-27 09:00 extend\n11-27 15:00 grant\n12-07 09:00 extend\n12-07 10:00 grant"),
            "12-15 00:00",
            false,
        ),
        (format!("{SIGNED}12-02 09:00 extend\n12-02 10:00 grant"), "12-01 00:00", false),
        (format!("{SIGNED}11-27 09:00 extend\n11-27 15:00 refuse"), "12-01 00:00", false),
        // A return that is refused stops the clock while it is decided; asking once more does not, nor does asking too late.
        (format!("{SIGNED}11-24 09:00 ask\n11-26 09:00 deny"), "12-03 00:00", false),
        (format!("{SIGNED}11-24 09:00 ask\n11-24 10:00 deny\n11-24 11:00 ask\n11-26 09:00 deny"), "12-01 00:00", false),
        (format!("{SIGNED}11-27 09:00 ask\n11-30 09:00 deny"), "12-01 00:00", false),
        // A statutory term takes the place of the usual one; until the hotline has looked nothing is overdue by it.
        (format!("{SIGNED}11-24 09:00 statute"), "12-25 00:00", true),
        (format!("{SIGNED}11-24 09:00 statute\n11-24 10:00 governs"), "12-25 00:00", false),
        (format!("{SIGNED}11-24 09:00 statute\n11-24 10:00 governs-not"), "12-01 00:00", false),
        // What was reported in time as not to be solved for now is not overdue, and the time does not count.
        (format!("{SIGNED}11-25 09:00 defer"), "12-01 00:00", true),
        (format!("{SIGNED}11-25 09:00 defer\n11-26 09:00 agree\n12-09 09:00 go-on"), "12-15 00:00", false),
        // Reported too late it is no reason.
        (format!("{SIGNED}12-02 09:00 defer"), "12-01 00:00", false),
        (format!("{SIGNED}12-02 09:00 defer\n12-04 09:00 go-on"), "12-01 00:00", false),
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
    let items = run("11-23 09:00 help\n11-23 09:05 send\n11-25 10:00 called", &Terms::default());
    let sign_for = items.iter().find(|item| item.what == DueKind::SignFor && item.unit == LEAD).expect("a term");
    assert_eq!(shown(sign_for.due), "11-27 00:00");
}

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
fn a_county_extends_within_its_own_term_and_passes_returns_on() {
    const ON: &str = "11-23 09:00 help\n11-23 09:05 to-county\n11-24 09:00 send-on\n11-24 10:00 sign\n";
    let of = |script: &str, unit: UnitId, what: DueKind, terms: &Terms| {
        let items = run(script, terms);
        items.iter().find(|item| item.unit == unit && item.what == what).map(|item| shown(item.due))
    };
    let usual = Terms::default();
    // The county has the ticket since it sent it on; the unit below signed on the same day.
    assert_eq!(of(ON, COUNTY, DueKind::Finish, &usual).as_deref(), Some("12-02 00:00"));
    assert_eq!(of(ON, LEAD, DueKind::Finish, &usual).as_deref(), Some("12-02 00:00"));
    let later = ON.replace("11-24 10:00 sign", "11-25 10:00 sign");
    assert_eq!(of(&later, LEAD, DueKind::Finish, &usual).as_deref(), Some("12-03 00:00"));
    // It grants ten days, and has none left to give.
    let granted = format!("{ON}11-26 09:00 extend\n11-26 10:00 county-grant");
    assert_eq!(of(&granted, LEAD, DueKind::Finish, &usual).as_deref(), Some("12-02 00:00"));
    // Where the county is itself the handling unit its own term is that of the unit below.
    let handles = Terms { county_handles: 1, ..Terms::default() };
    assert_eq!(of(&later, LEAD, DueKind::Finish, &handles).as_deref(), Some("12-02 00:00"));
    // A return that it agrees to it may pass on for a day, though its own term is over.
    let back = format!("{ON}11-25 09:00 ask\n11-30 09:00 county-recall");
    assert_eq!(of(&back, COUNTY, DueKind::Return, &usual).as_deref(), Some("12-02 00:00"));
    let plain = format!("{ON}11-30 09:00 county-recall");
    assert_eq!(of(&plain, COUNTY, DueKind::Return, &usual).as_deref(), Some("11-26 00:00"));
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
    for (script, what) in [
        ("11-24 09:00 escalate\n11-25 09:00 advise", DueKind::Opinion),
        ("11-24 09:00 statute\n11-24 10:00 governs", DueKind::TimeReview),
        ("11-24 09:00 report", DueKind::Progress),
    ] {
        assert_eq!(of(&format!("{SIGNED}{script}"), what), None, "{script}");
    }
    assert_eq!(
        of("11-23 09:00 help\n11-23 09:05 reject", DueKind::RefusalReview),
        Some((CITY, "11-25 00:00".to_owned(), None, "12".to_owned()))
    );
}

#[test]
fn a_completion_sent_back_for_its_form_keeps_its_time() {
    const DONE: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-30 10:00 complete\n";
    for (back, met) in [("form", "11-30 10:00"), ("send-back", "12-07 10:00")] {
        let items = run(&format!("{DONE}12-01 10:00 {back}\n12-07 10:00 complete"), &Terms::default());
        let finish = items.iter().find(|item| item.what == DueKind::Finish).expect("a finishing term");
        assert_eq!(finish.met_at.map(shown).as_deref(), Some(met), "{back}");
    }
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
        assert_eq!((item.verdict(time("12-25 09:00"), &terms), item.late_sync()), (verdict, late_sync), "{name}");
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
    const SIGNED: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-30 09:00 extend\n";
    for (offline, due, provisional, waits) in [(true, "12-08 00:00", false, false), (false, "12-08 00:00", true, true)]
    {
        let mut record = Record::Ticket(Box::new(ticket(&format!("{SIGNED}12-01 09:00 grant"))));
        let (not_before, received_at) = (time("11-25 09:00"), time("12-01 08:00"));
        witness(&mut record, ActId([4; 32]), Seen::Late { not_before, received_at, offline, clock_good: true });
        let look = |record: &Record| {
            let items = dues(record.ticket().expect("a ticket"), &calendar(), &Terms::default());
            let item = items.iter().find(|item| item.what == DueKind::Finish).expect("a finishing term").clone();
            (shown(item.due), item.provisional, items.iter().any(|item| item.what == DueKind::TimeReview))
        };
        assert_eq!(look(&record), (due.to_owned(), provisional, waits), "offline {offline}");
        let decided = Body::DecideTime { in_time: false };
        apply(&mut record, &fact(ActId([201; 32]), CITY, decided, Some(ActId([4; 32])), received_at)).expect("decided");
        assert_eq!(look(&record), ("12-01 00:00".to_owned(), false, false), "offline {offline}");
    }
}

#[test]
fn grounds_of_supervision_arise_by_themselves() {
    const SENT: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n";
    let raised = |script: &str, now: &str| {
        let ticket = ticket(&format!("{SENT}{script}"));
        let grounds = supervise::grounds(&ticket, CITY, &calendar(), &Terms::default(), time(now));
        grounds.iter().map(|g| format!("{} {}", g.ground.code(), g.level.code())).collect::<Vec<_>>().join(", ")
    };
    for (script, now, expected) in [
        ("", "11-24 23:59", ""),
        ("", "11-25 00:00", "not-signed-for urge"),
        // Whoever does not sign runs out of time all the same; five working days later it is graver.
        ("", "12-02 00:00", "not-signed-for urge, overdue supervise"),
        ("", "12-09 00:00", "not-signed-for urge, overdue special"),
        ("11-23 10:00 sign", "12-01 00:00", "overdue supervise"),
        ("11-23 10:00 sign", "12-07 23:59", "overdue supervise"),
        ("11-23 10:00 sign", "12-08 00:00", "overdue special"),
        // Good reasons.
        ("11-23 10:00 sign\n11-24 09:00 escalate", "12-01 00:00", ""),
        ("11-23 10:00 sign\n11-24 09:00 escalate\n11-25 09:00 advise", "12-01 00:00", "overdue supervise"),
        ("11-23 10:00 sign\n11-24 09:00 extend", "12-01 00:00", ""),
        ("11-23 10:00 sign\n11-24 09:00 defer", "12-01 00:00", ""),
        ("11-23 10:00 sign\n11-24 09:00 statute", "12-01 00:00", ""),
        ("11-24 09:00 ask", "12-02 00:00", ""),
        ("11-23 10:00 sign\n11-30 09:00 complete", "12-08 00:00", ""),
        // Raised once.
        ("11-25 09:00 supervise", "12-02 00:00", "not-signed-for urge"),
        ("11-25 09:00 supervise", "12-09 00:00", "not-signed-for urge, overdue special"),
        // 多次反映.
        ("11-23 10:00 sign\n11-24 09:00 urge", "11-24 10:00", ""),
        ("11-23 10:00 sign\n11-24 09:00 urge\n11-24 09:30 urge", "11-24 10:00", "repeated urge"),
    ] {
        assert_eq!(raised(script, now), expected, "{script} at {now}");
    }
    let sent = ticket("11-23 09:00 help\n11-23 09:05 send");
    let none = supervise::grounds(&sent, CITY, &calendar(), &Terms::default(), time("12-25 09:00"));
    assert_eq!(none, vec![], "what has not arrived is nobody's refusal to sign");
    assert_eq!(supervise::grounds(&ticket(SENT), COUNTY, &calendar(), &Terms::default(), time("12-25 09:00")), vec![]);
    // The clock knows when to look again.
    let next = |script: &str, now: &str| {
        supervise::next(&ticket(&format!("{SENT}{script}")), CITY, &calendar(), &Terms::default(), time(now)).map(shown)
    };
    assert_eq!(next("", "11-23 09:10").as_deref(), Some("11-25 00:00"));
    assert_eq!(next("", "11-25 00:00").as_deref(), Some("12-02 00:00"));
    assert_eq!(next("11-23 10:00 sign", "11-24 09:00").as_deref(), Some("12-01 00:00"));
    assert_eq!(next("11-23 10:00 sign", "12-01 00:00").as_deref(), Some("12-08 00:00"));
    assert_eq!(next("11-23 10:00 sign\n11-24 10:00 complete", "11-25 00:00"), None);
}

#[test]
fn many_calls_are_a_ground_too() {
    let mut ticket = ticket("11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign");
    let raised = |ticket: &Ticket| {
        let grounds = supervise::grounds(ticket, CITY, &calendar(), &Terms::default(), time("11-24 09:00"));
        grounds.first().map(|ground| (ground.ground, ground.level))
    };
    assert_eq!(raised(&ticket), None);
    let repeated = Some((SuperviseGround::Repeated, SuperviseLevel::Supervise));
    for (times, joined, round, expected) in
        [(2, 3, 2, None), (3, 0, 1, repeated), (1, 4, 1, repeated), (1, 0, 3, repeated)]
    {
        ticket.register.times = times;
        ticket.joined = (0..joined).map(|n| ActId([n; 32])).collect();
        ticket.round = round;
        assert_eq!(raised(&ticket), expected, "{times} {joined} {round}");
    }
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
        let holidays = include_str!("../../data/holidays.csv");
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
    let rules = |since: &str, calendar, terms| Rules { since: time(since), calendar, terms };
    let finish = |script: &str, rules: &[Rules<'_>]| {
        let items = dues_under(&ticket(&format!("{SIGNED}{script}")), rules);
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
    assert_eq!(dues_under(&ticket(SIGNED), &[]), vec![]);
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

#[test]
fn a_pause_of_an_earlier_round_is_over() {
    let first = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-25 10:00 complete\n";
    let script = format!(
        "{first}11-27 10:00 send-back\n11-30 10:00 complete\n12-01 09:00 close\n12-02 09:00 discontent\n12-03 09:00 remedy"
    );
    assert_eq!(finish(&script), ("12-11 00:00".to_owned(), false));
}

#[test]
fn extensions_end_where_the_law_or_the_setting_ends() {
    let signed = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n";
    // What a law provides for has no most.
    let by_law = format!("{signed}11-27 09:00 extend\n11-27 15:00 grant-by-law");
    assert_eq!(finish(&by_law), ("12-29 00:00".to_owned(), false));
    // A city may set a smaller most than the regulation: five and five come to eight.
    let twice = format!("{signed}11-27 09:00 extend\n11-27 15:00 grant\n12-07 09:00 extend\n12-07 10:00 grant");
    let items = run(&twice, &Terms { extension_max_wd: 8, ..Terms::default() });
    let due = items.iter().find(|item| item.what == DueKind::Finish).map(|item| shown(item.due));
    assert_eq!(due.as_deref(), Some("12-11 00:00"));
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
