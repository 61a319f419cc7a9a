//! When a ground of supervision arises (25), and when it does not.

use regulation::act::{SuperviseGround, SuperviseLevel};
use regulation::supervise::{self, Ground};
use regulation::terms::{DueKind, Terms, dues};
use regulation::ticket::Joined;
use regulation::{ActId, Ticket, UnitId};

use crate::support::script::*;

fn grounds(ticket: &Ticket, by: UnitId, now: &str) -> Vec<Ground> {
    let (calendar, terms) = (calendar(), Terms::default());
    supervise::grounds(ticket, &dues(ticket, &calendar, &terms), by, &calendar, &terms, time(now))
}

#[test]
fn grounds_of_supervision_arise_by_themselves() {
    const SENT: &str = "11-23 09:00 help\n11-23 09:05 dispatch\n";
    let raised = |script: &str, now: &str| {
        let ticket = ticket(&format!("{SENT}{script}"));
        let grounds = grounds(&ticket, CITY, now);
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
        ("11-23 10:00 sign\n11-24 09:00 escalate", "12-01 23:59", ""),
        ("11-23 10:00 sign\n11-24 09:00 escalate", "12-02 00:00", "overdue supervise"),
        ("11-23 10:00 sign\n11-24 09:00 escalate\n11-25 09:00 advise", "12-01 00:00", "overdue supervise"),
        ("11-23 10:00 sign\n11-30 09:00 extend", "12-03 23:59", ""),
        ("11-23 10:00 sign\n11-30 09:00 defer", "12-03 23:59", ""),
        ("11-23 10:00 sign\n11-30 09:00 statute", "12-03 23:59", ""),
        // But the silence of whoever was asked is none for ever.
        ("11-23 10:00 sign\n11-30 09:00 extend", "12-04 00:00", "overdue supervise"),
        ("11-23 10:00 sign\n11-30 09:00 defer", "12-04 00:00", "overdue supervise"),
        ("11-23 10:00 sign\n11-30 09:00 statute", "12-04 00:00", "overdue supervise"),
        ("11-24 09:00 ask", "12-02 23:59", ""),
        ("11-24 09:00 ask", "12-03 00:00", "overdue supervise"),
        // But not a return that was asked for too late, or once more.
        ("11-23 10:00 sign\n11-27 09:00 ask", "12-01 00:00", "overdue supervise"),
        ("11-23 10:00 sign\n11-24 09:00 ask\n11-24 09:30 deny\n11-24 10:00 ask", "12-01 00:00", "overdue supervise"),
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
    let none = grounds(&sent, CITY, "12-25 09:00");
    assert_eq!(none, vec![], "what has not arrived is nobody's refusal to sign");
    assert_eq!(grounds(&ticket(SENT), COUNTY, "12-25 09:00"), vec![]);
    // The clock knows when to look again.
    let next = |script: &str, now: &str| {
        let (ticket, calendar, terms) = (ticket(&format!("{SENT}{script}")), calendar(), Terms::default());
        supervise::next(&ticket, &dues(&ticket, &calendar, &terms), CITY, &calendar, &terms, time(now)).map(shown)
    };
    assert_eq!(next("", "11-23 09:10").as_deref(), Some("11-25 00:00"));
    assert_eq!(next("", "11-25 00:00").as_deref(), Some("12-02 00:00"));
    assert_eq!(next("11-23 10:00 sign", "11-24 09:00").as_deref(), Some("12-01 00:00"));
    assert_eq!(next("11-23 10:00 sign\n11-24 09:00 escalate", "12-01 00:00").as_deref(), Some("12-02 00:00"));
    assert_eq!(next("11-23 10:00 sign", "12-01 00:00").as_deref(), Some("12-08 00:00"));
    assert_eq!(next("11-23 10:00 sign\n11-24 10:00 complete", "11-25 00:00"), None);
}

#[test]
fn many_calls_are_a_ground_too() {
    let mut ticket = ticket("11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign");
    let raised = |ticket: &Ticket| {
        let grounds = grounds(ticket, CITY, "11-24 09:00");
        grounds.first().map(|ground| (ground.ground, ground.level))
    };
    assert_eq!(raised(&ticket), None);
    let repeated = Some((SuperviseGround::Repeated, SuperviseLevel::Supervise));
    for (times, joined, round, expected) in
        [(2, 3, 2, None), (3, 0, 1, repeated), (1, 4, 1, repeated), (1, 0, 3, repeated)]
    {
        ticket.register.times = times;
        ticket.joined = (0..joined)
            .map(|n| Joined {
                ticket: ActId([n; 32]),
                same_as: None,
                anonymous: false,
                by: ActId([n; 32]),
                at: 0,
                round: 1,
                had: Vec::new(),
                after: None,
            })
            .collect();
        ticket.round = round;
        assert_eq!(raised(&ticket), expected, "{times} {joined} {round}");
    }
}

#[test]
fn what_a_unit_writes_down_of_anothers_work_supervises_nobody_and_opens_no_tip_off() {
    use crate::support::story::Story;
    use regulation::act::RequestKind;
    let registered = |who, kind, proxy: fn(regulation::Register) -> regulation::Body| {
        let mut register = regulation::Register::sample();
        (register.kind, register.times, register.confidential) = (kind, 3, false);
        let body = proxy(register);
        let mut story = Story::nothing();
        story.says(who, body.kind(), Some(body));
        let ticket = story.record.ticket().expect("a ticket");
        (ticket.register.times, ticket.register.confidential)
    };
    use RequestKind::{Complaint, TipOff};
    use regulation::Body::{Register, RegisterByProxy};
    assert_eq!(registered("city", Complaint, Register), (3, false), "the hotline counts");
    assert_eq!(registered("other", Complaint, RegisterByProxy), (1, false));
    assert_eq!(registered("city", TipOff, Register), (3, true));
    assert_eq!(registered("other", TipOff, RegisterByProxy), (1, true));
}

#[test]
fn a_supervision_wants_a_reply_in_its_time() {
    let items = run("11-23 09:00 help\n11-23 09:05 dispatch\n11-25 09:00 supervise", &Terms::default());
    let replies = items.iter().filter(|item| item.what == DueKind::SuperviseReply);
    let replies: Vec<_> = replies.map(|item| (item.unit, shown(item.due))).collect();
    assert_eq!(replies, [(LEAD, "11-28 00:00".to_owned())], "whoever assists is not asked");
}

#[test]
fn what_was_raised_on_one_unit_is_raised_anew_on_the_next_but_not_what_the_requester_repeats() {
    use SuperviseGround::{NotSignedFor, Overdue, Repeated};
    let passed_on = |ground| {
        let script = "11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-24 09:00 urge\n11-24 09:30 urge\n
                      11-25 09:00 supervise\n11-26 09:00 redispatch";
        let mut ticket = ticket(script);
        ticket.supervisions[0].ground = ground;
        let raised = grounds(&ticket, CITY, "12-25 09:00");
        raised.iter().map(|ground| ground.ground).collect::<Vec<_>>()
    };
    assert_eq!(passed_on(Overdue), [NotSignedFor, Overdue, Repeated]);
    assert_eq!(passed_on(Repeated), [NotSignedFor, Overdue]);
}
