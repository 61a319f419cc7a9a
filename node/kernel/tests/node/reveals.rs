//! Whoever is shown personal data leaves a trace, and is shown so much an hour.

use kernel::reveal::{Reason, Reveal, Way, reveals_per_hour_max};
use kernel::{Command, Done, Effect, Input, Kernel, Refusal, Request};
use regulation::{ActId, PersonId, Role};
use store::RevealFilter;

use crate::city::{self, CITY, HUB, NOON};

const HOUR_MS: i64 = 3_600_000;

fn reveal(doc: ActId, reason: Reason, note: &str) -> Reveal {
    Reveal { doc, way: Way::Page, reason, note: note.to_owned(), what: "requester" }
}

fn ask(kernel: &mut Kernel, now: i64, person: Option<PersonId>, asked: Vec<Reveal>) -> Vec<Result<Done, Refusal>> {
    let inputs = asked
        .into_iter()
        .zip(0..)
        .map(|(reveal, ticket)| Input::Request(Box::new(Request { ticket, person, command: Command::Reveal(reveal) })));
    let effects = kernel.handle(now, inputs.collect()).unwrap();
    let replies = effects.into_iter().filter_map(|effect| match effect {
        Effect::Reply { result, .. } => Some(result),
        _ => None,
    });
    replies.collect()
}

#[test]
fn who_was_shown_what_is_kept_and_outlasts_a_restart() {
    let (mut kernel, person) = (city::node(HUB), city::people(CITY)[0]);
    let doc = city::begin(&mut kernel, NOON, person, city::register("供暖不热"));
    let done = ask(&mut kernel, NOON, Some(person), vec![reveal(doc, Reason::Other, " 核对地址 ")]);
    assert_eq!(done, [Ok(Done::Revealed)]);
    let kernel = city::open(HUB, kernel.into_store(), NOON, false);
    let rows = kernel.store().reveals(RevealFilter::default(), 10).unwrap();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((row.at, row.person, row.doc), (NOON, person, doc));
    assert_eq!((&*row.way, &*row.reason, &*row.note, &*row.what), ("page", "other", "核对地址", "requester"));
}

#[test]
fn what_is_refused_leaves_no_trace() {
    let (mut kernel, person) = (city::node(HUB), city::people(CITY)[0]);
    let doc = city::begin(&mut kernel, NOON, person, city::register("供暖不热"));
    let contact = || vec![reveal(doc, Reason::Contact, "")];
    for who in [None, Some(PersonId(999)), Some(city::people(city::TOWN)[0])] {
        assert_eq!(ask(&mut kernel, NOON, who, contact()), [Err(Refusal::NoNeedToKnow)], "{who:?}");
    }
    for wrong in [
        reveal(doc, Reason::Other, "  "),
        reveal(doc, Reason::Contact, &"长".repeat(201)),
        reveal(doc, Reason::Contact, "一\n二"),
        reveal(ActId([7; 32]), Reason::Contact, ""),
    ] {
        let done = ask(&mut kernel, NOON, Some(person), vec![wrong.clone()]);
        assert!(matches!(done[..], [Err(Refusal::BadInput(_) | Refusal::NotFound)]), "{wrong:?}: {done:?}");
    }
    assert!(kernel.store().reveals(RevealFilter::default(), 10).unwrap().is_empty());
}

#[test]
fn so_many_an_hour_are_shown_also_if_all_are_asked_for_at_once_and_whatever_the_clock_does() {
    let (mut kernel, person) = (city::node(HUB), city::people(CITY)[0]);
    let doc = city::begin(&mut kernel, NOON, person, city::register("供暖不热"));
    let most = Role::ALL.into_iter().map(reveals_per_hour_max).max().unwrap();
    let many = |count| (0..count).map(|_| reveal(doc, Reason::Contact, "")).collect::<Vec<_>>();
    let shown = |done: &[Result<Done, Refusal>]| done.iter().filter(|done| done.is_ok()).count();
    let done = ask(&mut kernel, NOON, Some(person), many(most + 50));
    assert_eq!(shown(&done), most);
    assert_eq!(done.last(), Some(&Err(Refusal::ShownTooOften { wait_s: 3_600 })));
    for at in [NOON + HOUR_MS - 1, NOON - HOUR_MS + 1] {
        assert_eq!(shown(&ask(&mut kernel, at, Some(person), many(1))), 0);
    }
    // Somebody else is counted by themselves.
    assert_eq!(shown(&ask(&mut kernel, NOON, Some(city::people(CITY)[1]), many(1))), 1);
    // A clock that was put back for days does not bar for days.
    assert_eq!(shown(&ask(&mut kernel, NOON - 40 * city::DAY_MS, Some(person), many(1))), 1);
    assert_eq!(shown(&ask(&mut kernel, NOON + HOUR_MS, Some(person), many(most + 50))), most);
}
