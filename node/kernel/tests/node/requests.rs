//! Requests that are asked again under the same id, and two acts that belong together.

use kernel::once::{REQUESTS_KEPT_DAYS_MAX, REQUESTS_KEPT_MAX};
use kernel::{Command, Done, Effect, Input, Kernel, Once, Refusal, Request};
use regulation::act::Agree;
use regulation::{ActId, Body, PersonId, Rule};
use replica::{Draft, Effect as Writes, Field, Value};

use crate::city::{self, CITY, DAY_MS, HUB, LAPTOP, NOON};

fn once(id: u8, digest: u8) -> Once {
    Once { id: [id; 32], digest: [digest; 32] }
}

fn begin(once: Once, title: &str) -> Command {
    Command::Once(once, Box::new(Command::Begin(city::register(title))))
}

fn ask(kernel: &mut Kernel, now: i64, person: PersonId, command: Command) -> Result<Done, Refusal> {
    city::ask(kernel, now, Some(person), command).0
}

fn acts(kernel: &Kernel) -> usize {
    let docs = kernel::read::docs(kernel.store()).unwrap();
    let count = |doc| kernel::read::history(kernel.store(), kernel.registry(), doc).unwrap().nodes().len();
    docs.into_iter().map(count).sum()
}

#[test]
fn asked_again_under_its_id_it_is_told_what_it_came_to_and_done_once() {
    let mut kernel = city::node(LAPTOP);
    let [one, two] = city::people(CITY);
    let first = ask(&mut kernel, NOON, one, begin(once(1, 1), "供暖不热")).unwrap();
    for (person, of, title, told) in [
        (one, once(1, 1), "供暖不热", Ok(first.clone())),
        (one, once(1, 2), "路灯不亮", Err(Refusal::OtherRequest)),
        (two, once(1, 1), "供暖不热", Err(Refusal::OtherRequest)),
    ] {
        assert_eq!(ask(&mut kernel, NOON + 1, person, begin(of, title)), told, "{person:?} {of:?}");
        assert_eq!(acts(&kernel), 1);
    }
    assert_eq!(kernel::once::told(kernel.store(), one, &[1; 32]).unwrap(), Some(first.clone()));
    assert_eq!(kernel::once::told(kernel.store(), two, &[1; 32]).unwrap(), None);
    assert_eq!(kernel::once::told(kernel.store(), one, &[2; 32]).unwrap(), None);
    // Under another id the same words are another request.
    assert_ne!(ask(&mut kernel, NOON + 2, one, begin(once(2, 1), "供暖不热")).unwrap(), first);
    assert_eq!(acts(&kernel), 2);
}

#[test]
fn asked_twice_in_one_group_it_is_done_once() {
    let mut kernel = city::node(LAPTOP);
    let person = Some(city::people(CITY)[0]);
    let asks = (1..=2)
        .map(|ticket| Input::Request(Box::new(Request { ticket, person, command: begin(once(1, 1), "供暖不热") })));
    let effects = kernel.handle(NOON, asks.collect()).unwrap();
    let told: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Reply { result, .. } => Some(result.clone().unwrap()),
            _ => None,
        })
        .collect();
    assert!(told.len() == 2 && told[0] == told[1], "{told:?}");
    assert_eq!(acts(&kernel), 1);
}

#[test]
fn answer_that_was_lost_with_the_process_is_given_after_the_next_start_and_in_a_copy_and_after_a_rebuild() {
    let mut kernel = city::node(LAPTOP);
    let person = city::people(CITY)[0];
    // Committed; the effects are dropped with the process.
    let request = Request { ticket: 1, person: Some(person), command: begin(once(1, 1), "供暖不热") };
    drop(kernel.handle(NOON, vec![Input::Request(Box::new(request))]).unwrap());
    let mut kernel = city::open(LAPTOP, kernel.into_store(), NOON, false);
    let told = ask(&mut kernel, NOON, person, begin(once(1, 1), "供暖不热")).unwrap();
    assert!(matches!(told, Done::Made { .. }) && acts(&kernel) == 1);
    city::ask(&mut kernel, NOON, None, Command::Rebuild).0.unwrap();
    assert_eq!(ask(&mut kernel, NOON, person, begin(once(1, 1), "供暖不热")), Ok(told.clone()));
    let mut copy = city::open(LAPTOP, kernel.store().snapshot().unwrap(), NOON, true);
    assert_eq!(ask(&mut copy, NOON, person, begin(once(1, 1), "供暖不热")), Ok(told));
    assert_eq!(acts(&copy), 1);
}

#[test]
fn what_was_not_done_is_not_kept() {
    let mut kernel = city::node(LAPTOP);
    let person = city::people(CITY)[0];
    let nobody = Command::Once(once(1, 1), Box::new(Command::Act { doc: ActId([9; 32]), draft: city::tag("供暖") }));
    assert_eq!(ask(&mut kernel, NOON, person, nobody), Err(Refusal::NotFound));
    assert!(ask(&mut kernel, NOON, person, begin(once(1, 2), "供暖不热")).is_ok(), "a refusal uses up no id");
    let tried = Command::Once(once(2, 1), Box::new(Command::Try(city::register("路灯不亮"))));
    assert_eq!(ask(&mut kernel, NOON, person, tried), Ok(Done::Would));
    assert!(ask(&mut kernel, NOON, person, begin(once(2, 2), "路灯不亮")).is_ok());
    assert_eq!(acts(&kernel), 2);
}

#[test]
fn kept_for_its_days_and_the_last_ones_of_each_person() {
    let mut kernel = city::node(HUB);
    let [one, two] = city::people(CITY);
    let add = |n: u32, name: &str| {
        let person = replica::Person { unit: CITY, name: name.to_owned(), login: format!("l{n}"), roles: Vec::new() };
        Command::Once(Once { id: [0xee; 32], digest: [1; 32] }, Box::new(Command::AddPerson(person)))
    };
    let first = ask(&mut kernel, NOON, two, add(1, "李")).unwrap();
    let number = |n: u32| {
        let mut id = [0; 32];
        id[..4].copy_from_slice(&n.to_be_bytes());
        Once { id, digest: [1; 32] }
    };
    let noted = |n| Command::Once(number(n), Box::new(Command::ConfirmClock { shown: NOON }));
    let asks = |range: std::ops::RangeInclusive<u32>| {
        range.map(|n| Input::Request(Box::new(Request { ticket: n.into(), person: Some(one), command: noted(n) })))
    };
    kernel.handle(NOON, asks(1..=REQUESTS_KEPT_MAX).collect()).unwrap();
    assert!(kernel.store().request(&number(1).id).unwrap().is_some());
    kernel.handle(NOON, asks(REQUESTS_KEPT_MAX + 1..=REQUESTS_KEPT_MAX + 2).collect()).unwrap();
    let there = [1, 2, 3, REQUESTS_KEPT_MAX + 2].map(|n| kernel.store().request(&number(n).id).unwrap().is_some());
    assert_eq!(there, [false, false, true, true], "the oldest went, and of that person alone");
    assert_eq!(ask(&mut kernel, NOON, two, add(1, "李")), Ok(first));
    // Many days later.
    let later = NOON + (REQUESTS_KEPT_DAYS_MAX + 1) * DAY_MS;
    let mut kernel = city::open(HUB, kernel.into_store(), later, false);
    let confirm = Command::Once(once(7, 7), Box::new(Command::ConfirmClock { shown: later }));
    ask(&mut kernel, later, one, confirm).unwrap();
    assert!(
        kernel.store().request(&[0xee; 32]).unwrap().is_none() && kernel.store().request(&[7; 32]).unwrap().is_some()
    );
}

#[test]
fn two_acts_that_belong_together_are_made_both_or_neither() {
    let mut kernel = city::node(LAPTOP);
    let person = city::people(CITY)[0];
    let [from, into] = ["供暖不热", "暖气不热"].map(|title| {
        let mut draft = city::register(title);
        draft.effects.push(Writes::Register(Field::Place, Value::Code("130608103".to_owned())));
        city::begin(&mut kernel, NOON, person, draft)
    });
    let both = |from: ActId, into: ActId, joined: ActId| {
        let merge = Draft::new(Body::Merge {
            into,
            place: Agree::Same,
            category: Agree::Same,
            kind: Agree::Same,
            intake: Agree::Same,
        });
        let joins = Draft::new(Body::Supplement { joined: Some(joined), joins: None }).text(["并入"]);
        Command::Once(once(1, 1), Box::new(Command::Both(Box::new([(from, merge), (into, joins)]))))
    };
    for (of, and, joined, refusal) in [
        (from, into, into, Refusal::Rule(Rule::SameTicket)),
        (from, from, from, Refusal::Rule(Rule::SameTicket)),
        (from, ActId([9; 32]), from, Refusal::NotFound),
        (ActId([9; 32]), into, from, Refusal::NotFound),
    ] {
        assert_eq!(ask(&mut kernel, NOON, person, both(of, and, joined)), Err(refusal));
        assert_eq!(acts(&kernel), 2, "neither");
    }
    let done = ask(&mut kernel, NOON, person, both(from, into, from)).unwrap();
    assert!(matches!(done, Done::Made { doc, .. } if doc == from));
    assert_eq!(acts(&kernel), 4, "both");
    assert_eq!(ask(&mut kernel, NOON, person, both(from, into, from)), Ok(done));
    assert_eq!(acts(&kernel), 4, "and once");
}
