//! Random months as JSON lines, a ticket each: what it is and what was due on it, and what the rates say that it comes to. A naive
//! recomputation compares the two (`tests/rates/check.py`). Behind the tickets of a month stand the tables that were locked in between.

use regulation::act::{Rating, Reached, RequestKind};
use std::collections::{BTreeMap, BTreeSet};

use regulation::calendar::{local_day, month_begins, month_of_day};
use regulation::rates::{Book, Correction, Item, Key, Tally, What, carried, corrections, past};
use regulation::terms::{DueItem, Terms, dues};
use regulation::{ActId, ActKind, Assignment, Body, Fact, Level, Millis, Part, Ticket, UnitId, apply};
use serde_json::{Value, json};

use crate::matrix::records;

#[path = "../../node/regulation/tests/regulation/support/months.rs"]
#[allow(clippy::expect_used, clippy::panic, missing_docs, reason = "shared with the tests of the regulation")]
mod random;
#[path = "../../node/regulation/tests/regulation/support/story.rs"]
#[allow(clippy::expect_used, clippy::panic, missing_docs, reason = "shared with the tests of the regulation")]
mod story;

/// Days after a month's end on which it is locked.
const LOCKED_AFTER: i64 = 5;
/// Months that are locked while their tickets go on; one more is once all is over.
const LOCKED_BETWEEN: i64 = 6;

/// The tickets of a month, one after the other; behind them the tables that were locked while they went on.
#[must_use]
pub fn month(seed: u64, tickets: u32) -> Vec<Value> {
    let mut dice = random::Dice(seed + 1);
    let stories: Vec<story::Story> = (0..tickets).map(|_| random::live(&mut dice, |_, _, _| ())).collect();
    let mut lines: Vec<Value> = stories.iter().map(ticket).collect();
    lines.push(locked(&stories));
    lines
}

/// What the table of each month comes to when it is locked, what it carries of earlier ones with it; and what none could carry.
fn locked(stories: &[story::Story]) -> Value {
    let first = month_of_day(local_day(story::NOON));
    let (mut counted, mut tables, mut waiting): (BTreeMap<i64, Book>, Vec<Value>, Vec<Value>) = Default::default();
    for month in first..=first + LOCKED_BETWEEN {
        let last = month == first + LOCKED_BETWEEN;
        let known = if last { i64::MAX } else { month_begins(month + 1) + LOCKED_AFTER * story::DAY };
        let mut now = books(stories, known);
        // All that is later counts in the last.
        let own = if last { merged(now.split_off(&month)) } else { now.remove(&month).unwrap_or_default() };
        let mut sums: BTreeMap<(UnitId, bool), Tally> = BTreeMap::new();
        own.iter().for_each(|(key, tally)| sums.entry((key.unit, key.apart)).or_default().add(tally));
        waiting.clear();
        let found: Vec<(i64, Correction)> = (first..month)
            .flat_map(|before| {
                let none = Book::new();
                let (was, is) = (counted.get(&before).unwrap_or(&none), now.get(&before).unwrap_or(&none));
                corrections(was, is).into_iter().map(move |correction| (before, correction)).collect::<Vec<_>>()
            })
            .collect();
        let lists: BTreeSet<(UnitId, bool)> = found.iter().map(|(_, of)| (of.key.unit, of.key.apart)).collect();
        for list in lists {
            let of = |(_, found): &&(i64, Correction)| (found.key.unit, found.key.apart) == list;
            let of_list: Vec<&(i64, Correction)> = found.iter().filter(of).collect();
            let differences: Vec<&Tally> = of_list.iter().map(|(_, found)| &found.difference).collect();
            let sum = sums.entry(list).or_default();
            for ((before, found), fits) in of_list.iter().zip(carried(&sum.clone(), &differences)) {
                if fits {
                    sum.add(&found.difference);
                    counted.entry(*before).or_default().entry(found.key).or_default().add(&found.difference);
                } else {
                    waiting.push(json!([list.0.0, list.1, found.difference.figures()]));
                }
            }
        }
        counted.insert(month, own);
        tables.extend(sums.iter().map(|((unit, apart), sum)| json!([month, unit.0, apart, sum.figures()])));
    }
    json!({ "tables": tables, "waiting": waiting })
}

/// What the tickets come to by what was known then, by month.
fn books(stories: &[story::Story], known: Millis) -> BTreeMap<i64, Book> {
    let mut books: BTreeMap<i64, Book> = BTreeMap::new();
    for (number, story) in stories.iter().enumerate() {
        let mut then = story::Story::nothing();
        for fact in story.acts.iter().take_while(|fact| fact.claimed_at < known) {
            // It was made so, after those before it.
            if apply(&mut then.record, fact).is_ok() {
                then.acts.push(fact.clone());
            }
        }
        if then.acts.is_empty() {
            continue;
        }
        let ticket = ActId([u8::try_from(number).unwrap_or(u8::MAX); 32]);
        for item in then.items() {
            let key = Key { unit: item.unit, ticket, apart: item.apart };
            if let What::Adds(tally) = &item.what {
                let month = month_of_day(local_day(item.at));
                books.entry(month).or_default().entry(key).or_default().add(tally);
            }
        }
    }
    books.values_mut().for_each(|book| book.retain(|_, tally| *tally != Tally::default()));
    books
}

fn merged(books: BTreeMap<i64, Book>) -> Book {
    let mut all = Book::new();
    for (key, tally) in books.into_values().flatten() {
        all.entry(key).or_default().add(&tally);
    }
    all
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
