//! Random months as JSON lines, a ticket each: what it is and what was due on it, and what the rates say that it comes to. A naive
//! recomputation compares the two (`tests/rates/check.py`).

use regulation::act::{Rating, Reached, RequestKind};
use regulation::calendar::{local_day, month_of_day};
use regulation::rates::{Item, What, past};
use regulation::terms::{DueItem, Terms, dues};
use regulation::{ActKind, Assignment, Body, Fact, Level, Part, Ticket};
use serde_json::{Value, json};

use crate::matrix::records;

#[path = "../../node/regulation/tests/regulation/support/months.rs"]
#[allow(clippy::expect_used, clippy::panic, missing_docs, reason = "shared with the tests of the regulation")]
mod random;
#[path = "../../node/regulation/tests/regulation/support/story.rs"]
#[allow(clippy::expect_used, clippy::panic, missing_docs, reason = "shared with the tests of the regulation")]
mod story;

/// The tickets of a month.
pub fn month(seed: u64, tickets: u32) -> impl Iterator<Item = Value> {
    let mut dice = random::Dice(seed + 1);
    (0..tickets).map(move |_| ticket(&random::live(&mut dice, |_, _, _| ())))
}

fn ticket(story: &story::Story) -> Value {
    let Some(ticket) = story.record.ticket() else { return Value::Null };
    let terms = Terms::default();
    let calendar = story::calendar();
    let due = |ticket: &Ticket| dues(ticket, calendar, &terms);
    let stands = |ticket: &Ticket, dues: &[DueItem]| {
        json!({
            "round": ticket.round,
            "state": ticket.state.names().0,
            "closure": ticket.closure.map(|(id, at)| (id.hex(), at)),
            "completion": ticket.completion.map(|(id, _)| id.hex()),
            "parts": ticket.assignments.iter().map(part).collect::<Vec<_>>(),
            "dues": dues.iter().map(item).collect::<Vec<_>>(),
        })
    };
    let before = past(ticket, due).into_iter().map(|past| {
        let mut then = stands(&past.ticket, &past.dues);
        (then["by"], then["at"]) = (json!(past.by.hex()), json!(past.at));
        then
    });
    json!({
        "registered_by": ticket.registered_by.0,
        "city": ticket.taken_in.map(|taken_in| taken_in.unit.0),
        "by_proxy": ticket.by_proxy(),
        "urgent": ticket.urgent(),
        "help": ticket.register.kind == RequestKind::Help,
        "alarms": ticket.alarms.iter().map(|a| (a.raised.1, a.ended.map(|(_, at)| at))).collect::<Vec<_>>(),
        "anonymous": ticket.register.anonymous,
        "answer": ticket.answer.map(|id| id.hex()),
        "joined": ticket.joined.iter().map(|joined| joined.ticket.hex()).collect::<Vec<_>>(),
        "merged": ticket.merged.map(|merged| merged.id.hex()),
        "tolerated": ticket.tolerated.map(|id| id.hex()),
        "recused": ticket.recused.iter().map(|unit| unit.0).collect::<Vec<_>>(),
        "now": stands(ticket, &due(ticket)),
        "past": before.collect::<Vec<_>>(),
        "ratings": ticket.follow_ups.iter().map(|f| json!({
            "id": f.id.hex(),
            "at": f.at,
            "round": f.round,
            "rating": f.rating.map(rating),
            "aside": f.set_aside.map(|id| id.hex()),
            "finding": f.verified.map(|verified| verified.finding.code()),
            "found": f.found,
            "of": f.of.map(|ticket| ticket.hex()),
        })).collect::<Vec<_>>(),
        "supervisions": ticket.supervisions.iter().map(|s| (s.at, s.unit.0, s.dispatch.hex())).collect::<Vec<_>>(),
        "appeals": ticket.appeals.iter().map(|a| json!({
            "id": a.id.hex(),
            "at": a.at,
            "unit": a.unit.0,
            "round": a.round,
            "decided": a.decided.map(|(id, _)| id.hex()),
            "upheld": a.decided.is_some_and(|(_, upheld)| upheld),
        })).collect::<Vec<_>>(),
        "acts": story.acts.iter().map(act).collect::<Vec<_>>(),
        "found": story.items().iter().map(found).collect::<Vec<_>>(),
    })
}

fn rating(Rating { contacted, solved, satisfaction }: Rating) -> [&'static str; 3] {
    [contacted.code(), solved.code(), satisfaction.code()]
}

fn part(a: &Assignment) -> Value {
    json!({
        "dispatch": a.dispatch.hex(),
        "unit": a.unit.0,
        "part": match a.part { Part::Lead => "lead", Part::Outer => "outer", Part::Assisting => "assisting" },
        "by": a.by.0,
        "dispatched_at": a.dispatched_at,
        "signed_at": a.signed_for.map(|(_, at)| at),
        "contacted": a.first_contact.is_some(),
        "return_asked_at": a.return_asked.map(|(_, at)| at),
        "return_waits": a.return_request.map(|(id, _)| id.hex()),
        "returns_refused": a.returns_refused,
        "had_from": a.had_from(),
        "back_at": a.back.map(|(_, at)| at),
        "gone": a.pauses.iter().filter(|pause| pause.why.gone()).map(|pause| (pause.from, pause.to)).collect::<Vec<_>>(),
        "resumes": a.resumed.map(|resumed| resumed.by.hex()),
        "away_from": a.resumed.map(|resumed| resumed.away_from),
        "fed_back": a.fed_back.map(|(_, at)| at),
        "closed_by": a.closed_by.map(|id| id.hex()),
    })
}

fn item(item: &DueItem) -> Value {
    json!({
        "what": item.what.names().0,
        "unit": item.unit.0,
        "due": item.due,
        "provisional": item.provisional,
        "met_at": item.met_at,
    })
}

fn act(fact: &Fact) -> Value {
    let reached = match &fact.body {
        Body::Contact { reached, .. } | Body::FollowUp { reached, .. } => Some(*reached),
        _ => None,
    };
    let way = match &fact.body {
        Body::Contact { way, .. } => way.code(),
        _ => "",
    };
    let said = match &fact.body {
        Body::Complete { outcome, .. } => outcome.code(),
        Body::ConfirmClosure { ground } => ground.code(),
        _ => reached.map_or("", Reached::code),
    };
    json!({
        "id": fact.id.hex(),
        "kind": fact.body.kind().code(),
        "unit": fact.author.unit.0,
        "city": fact.author.level == Level::CityHotline,
        "at": fact.when(),
        "answers": fact.answers.map(|id| id.hex()),
        "lead": fact.body.dispatch().map(|dispatch| dispatch.lead.0),
        "named": fact.body.names().first().map(|unit| unit.0),
        "said": said,
        "way": way,
        "of_city": matches!(fact.body, Body::ExtendRequest { of_city: true, .. }),
        "term": matches!(fact.body, Body::Progress { legal_due: Some(_), .. }),
        "own_matter": fact.body.kind() == ActKind::OwnMatter,
    })
}

/// Month, unit, list, and what of it.
fn found(item: &Item) -> Value {
    let month = month_of_day(local_day(item.at));
    let of = match &item.what {
        What::Adds(tally) => json!(tally.figures()),
        What::Leaves(excluded) => json!([(excluded.reason.names().0, 1)]),
    };
    let apart = item.apart && matches!(item.what, What::Adds(_));
    json!([month, item.unit.0, apart, of])
}
