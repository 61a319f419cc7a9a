//! A ticket as a script of lines `MM-DD HH:MM act`, for tests of what is due.

use chrono::{DateTime, FixedOffset};
use regulation::act::{
    Agree, ClosureGround, Contacted, Finding, Heard, Outcome, Rating, Reached, RejectGround, RequestKind, Satisfaction,
    Seen, Solved, SuperviseGround, SuperviseLevel, Urgency, Way,
};
use regulation::calendar::Calendar;
use regulation::terms::{DueItem, Terms, dues};
use regulation::{ActId, Author, Body, Dispatch, Fact, Level, PersonId, Record, Register, Ticket, UnitId, apply};

pub const CITY: UnitId = UnitId(1);
pub const LEAD: UnitId = UnitId(2);
pub const ASSISTING: UnitId = UnitId(3);
pub const OTHER: UnitId = UnitId(4);
pub const COUNTY: UnitId = UnitId(5);

pub fn calendar() -> Calendar {
    Calendar::from_days(1, &Calendar::parse_csv(include_str!("../../../../data/holidays.csv")).expect("readable"))
}

/// `11-23 09:00` of 2026, local time.
pub fn time(text: &str) -> i64 {
    let text = format!("2026-{}:00+08:00", text.replace(' ', "T"));
    DateTime::parse_from_rfc3339(&text).expect("a good time").timestamp_millis()
}

pub fn shown(at: i64) -> String {
    let zone = FixedOffset::east_opt(8 * 3600).expect("an offset");
    DateTime::from_timestamp_millis(at).expect("a moment").with_timezone(&zone).format("%m-%d %H:%M").to_string()
}

pub fn register(kind: RequestKind, urgency: Urgency) -> Body {
    Body::Register(Register { kind, urgency, ..Register::sample() })
}

fn completed() -> Body {
    Body::Complete { outcome: Outcome::Solved, told_at: 0, told_way: Way::Online, told_whom: Heard::QueryCode }
}

fn merged() -> Body {
    Body::Merge {
        into: ActId([250; 32]),
        place: Agree::Same,
        category: Agree::Same,
        kind: Agree::Same,
        intake: Agree::Same,
    }
}

/// Who does the act of that word, what it is, and the act that it answers: the dispatch, the request, and so on.
pub fn act(word: &str, ticket: Option<&Ticket>) -> (UnitId, Body, Option<ActId>) {
    let dispatch = ticket.and_then(Ticket::dispatch);
    let rating = |satisfaction| Some(Rating { contacted: Contacted::Yes, solved: Solved::Yes, satisfaction });
    let follow_up = |reached, rating| {
        let answers = ticket.and_then(|t| t.closure).map(|(id, _)| id);
        (CITY, Body::FollowUp { way: Way::Telephone, reached, rating, of: None }, answers)
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
        "reject" => (CITY, Body::Reject { ground: RejectGround::OutOfScope, duty: None }, None),
        // Sent, but not there yet; `dispatch` arrives at once.
        "send" | "dispatch" => (CITY, Body::Dispatch(Dispatch { lead: LEAD, assisting: vec![ASSISTING] }), None),
        "redispatch" => (CITY, Body::Redispatch(Dispatch { lead: OTHER, assisting: vec![] }), dispatch),
        "redispatch-lead" => (CITY, Body::Redispatch(Dispatch { lead: LEAD, assisting: vec![] }), dispatch),
        "to-county" => (CITY, Body::Dispatch(Dispatch { lead: COUNTY, assisting: vec![] }), None),
        "send-on" => (COUNTY, Body::SubDispatch(Dispatch { lead: LEAD, assisting: vec![] }), dispatch),
        "county-grant" => (COUNTY, Body::ExtendApprove { days: 10, by_law: false }, asked()),
        "county-recall" => (COUNTY, Body::Recall, dispatch),
        "sign" => (LEAD, Body::SignFor, dispatch),
        "phone-sign" => (CITY, Body::SignForByPhone { unit: LEAD }, None),
        "alarm" => (LEAD, Body::SetUrgency { urgency: Urgency::Urgent }, None),
        "co-sign" => (ASSISTING, Body::SignFor, dispatch),
        "ask" => (LEAD, Body::ReturnRequest { suggested: None, duty: None }, dispatch),
        "deny" => (CITY, Body::ReturnDeny { duty: None }, ticket.and_then(|t| t.return_request().map(|(id, _)| id))),
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
        "governs" => (CITY, Body::DecideTime { in_time: true }, ticket.and_then(|t| t.disputed(CITY))),
        "governs-not" => (CITY, Body::DecideTime { in_time: false }, ticket.and_then(|t| t.disputed(CITY))),
        "complete" => (LEAD, completed(), dispatch),
        "close" => {
            let ground = ticket.map_or(ClosureGround::Solved, |t| ClosureGround::of(t.register.kind));
            (CITY, Body::ConfirmClosure { ground }, ticket.and_then(|t| t.completion).map(|(id, _)| id))
        }
        "content" => follow_up(Reached::Answered, rating(Satisfaction::Satisfied)),
        "discontent" => follow_up(Reached::Answered, rating(Satisfaction::Dissatisfied)),
        "unreached" => follow_up(Reached::NoAnswer, None),
        "called" => (CITY, Body::NotifyByPhone { unit: LEAD }, None),
        "extend" => (LEAD, Body::ExtendRequest { days: 5, told_at: 0, of_city: false }, dispatch),
        "county-extend" => {
            let own = ticket.and_then(|t| t.part_of(COUNTY)).map(|part| part.dispatch);
            (COUNTY, Body::ExtendRequest { days: 5, told_at: 0, of_city: false }, own)
        }
        "grant" => (CITY, Body::ExtendApprove { days: 5, by_law: false }, asked()),
        "grant-by-law" => (CITY, Body::ExtendApprove { days: 20, by_law: true }, asked()),
        "grant-15" => (CITY, Body::ExtendApprove { days: 15, by_law: false }, asked()),
        "refuse" => (CITY, Body::ExtendDeny, asked()),
        "form" => (CITY, Body::SendBack { form_only: true }, ticket.and_then(|t| t.completion).map(|(id, _)| id)),
        "send-back" => (CITY, Body::SendBack { form_only: false }, ticket.and_then(|t| t.completion).map(|(id, _)| id)),
        "county-back" => {
            (COUNTY, Body::SendBack { form_only: false }, ticket.and_then(|t| t.completion).map(|(id, _)| id))
        }
        "urge" => (CITY, Body::Urge, None),
        "verify" => (LEAD, Body::VerifyRating { finding: Finding::Wrong }, ticket.and_then(Ticket::bad_rating)),
        "verify-limited" => {
            (LEAD, Body::VerifyRating { finding: Finding::Limited }, ticket.and_then(Ticket::bad_rating))
        }
        "county-form" => {
            (COUNTY, Body::SendBack { form_only: true }, ticket.and_then(|t| t.completion).map(|(id, _)| id))
        }
        "record" => (CITY, super::story::recording(), None),
        "withdraw" if ticket.is_some_and(|t| !t.heard.is_empty()) => {
            (CITY, Body::Withdraw, ticket.and_then(|t| t.heard.last().copied()))
        }
        "withdraw" => (CITY, Body::Withdraw, None),
        "merge" => (CITY, merged(), None),
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
pub fn ticket(script: &str) -> Ticket {
    let mut record = Record::Empty;
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty());
    for (number, line) in (1u8..).zip(lines) {
        let (at, word) = line.split_at(12);
        // Whoever tells the result in writing has put the words on the ticket.
        if word == "complete" {
            let words = fact(ActId([150 + number; 32]), LEAD, super::story::recorded(number), None, time(at.trim()));
            apply(&mut record, &words).expect("attached");
        }
        let (unit, body, answers) = act(word, record.ticket());
        let id = ActId([number; 32]);
        apply(&mut record, &fact(id, unit, body, answers, time(at.trim())))
            .unwrap_or_else(|broken| panic!("{line}: {broken:?}"));
        if matches!(word, "dispatch" | "redispatch" | "redispatch-lead" | "to-county" | "send-on") {
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

pub fn fact(id: ActId, unit: UnitId, body: Body, answers: Option<ActId>, claimed_at: i64) -> Fact {
    let level = match unit {
        CITY => Level::CityHotline,
        COUNTY => Level::CountyHotline,
        _ => Level::Unit,
    };
    let author = Author { unit, level, hub: false, person: Some(PersonId(1)), roles: regulation::split::all_of_one() };
    Fact {
        id,
        body,
        answers,
        author,
        claimed_at,
        happened_at: None,
        edition: regulation::Edition::FIRST,
        crossed: Vec::new(),
    }
}

/// What the city hub saw.
pub fn witness(record: &mut Record, of: ActId, seen: Seen) {
    let author = Author { unit: CITY, level: Level::CityHotline, hub: true, person: None, roles: vec![] };
    let (id, body) = (ActId([200; 32]), Body::Witness(seen));
    let claimed_at = match seen {
        Seen::Delivered { at, .. } => at,
        Seen::Late { received_at, .. } => received_at,
    };
    let fact = Fact {
        id,
        body,
        answers: Some(of),
        author,
        claimed_at,
        happened_at: None,
        edition: regulation::Edition::FIRST,
        crossed: Vec::new(),
    };
    apply(record, &fact).unwrap_or_else(|broken| panic!("{seen:?}: {broken:?}"));
}

/// The dues after a script.
pub fn run(script: &str, terms: &Terms) -> Vec<DueItem> {
    dues(&ticket(script), &calendar(), terms)
}
