//! Numbers of other systems: one number is one ticket, however many come at once; what says something else is told.

use kernel::{Command, Done, Effect, Input, Kernel, Refusal, Request};
use regulation::ActId;
use regulation::act::{Body, ExternalNumber};
use replica::Draft;

use crate::city::{self, CITY, COUNTY_HUB, HUB, LAPTOP, NOON, OFFICE, TOWN};
use crate::net::Net;

fn row(number: &str, title: &str) -> Draft {
    let mut draft = city::register(title);
    if let Body::Register(register) = &mut draft.body {
        register.external = Some(ExternalNumber { system: "old".to_owned(), number: number.to_owned() });
    }
    draft
}

/// Begins all of them in one group.
fn begin_all(kernel: &mut Kernel, drafts: Vec<Draft>) -> Vec<Result<Done, Refusal>> {
    let person = Some(city::people(CITY)[0]);
    let request =
        |(ticket, draft)| Input::Request(Box::new(Request { ticket, person, command: Command::Begin(draft) }));
    let effects = kernel.handle(NOON, (0..).zip(drafts).map(request).collect()).unwrap();
    let replies = effects.into_iter().filter_map(|effect| match effect {
        Effect::Reply { result, .. } => Some(result),
        _ => None,
    });
    replies.collect()
}

/// Refused for the ticket that has the number.
fn told(done: &Result<Done, Refusal>, of: ActId) -> bool {
    matches!(done, Err(Refusal::OtherText { doc, number, unit }) if *doc == of && !number.is_empty() && !unit.is_empty())
}

fn made(done: &Result<Done, Refusal>) -> ActId {
    match done {
        Ok(Done::Made { doc, .. }) => *doc,
        other => panic!("{other:?}"),
    }
}

#[test]
fn rows_that_come_twice_in_one_group_are_one_ticket_each() {
    let mut hub = city::node(HUB);
    let rows: Vec<Draft> = (0..40).map(|n| row(&format!("{}", n / 2), &format!("诉求{}", n / 2))).collect();
    let done = begin_all(&mut hub, rows);
    for pair in done.chunks(2) {
        assert_eq!(pair[1], Ok(Done::Known { doc: made(&pair[0]) }));
    }
    assert_eq!(kernel::read::docs(hub.store()).unwrap().len(), 20);
}

#[test]
fn number_that_comes_with_another_text_is_told_with_the_ticket_that_has_it() {
    let mut hub = city::node(HUB);
    let mut other_caller = row("1", "路灯不亮");
    other_caller.private = vec!["王某".to_owned(), "13900000000".to_owned()];
    let mut other_system = row("1", "供暖不热");
    if let Body::Register(register) = &mut other_system.body {
        register.external = Some(ExternalNumber { system: "new".to_owned(), number: "1".to_owned() });
    }
    let rows = vec![row("1", "路灯不亮"), row("1", "供暖不热"), other_caller, other_system, row("1", "路灯不亮")];
    let done = begin_all(&mut hub, rows.clone());
    let doc = made(&done[0]);
    assert!(told(&done[1], doc));
    assert!(told(&done[2], doc), "the same words of somebody else");
    assert!(made(&done[3]) != doc, "another system counts for itself");
    assert_eq!(done[4], Ok(Done::Known { doc }));
    // The same after a restart, and after everything that is computed was thrown away.
    let mut hub = city::open(HUB, hub.into_store(), NOON, false);
    city::ask(&mut hub, NOON, None, Command::Rebuild).0.unwrap();
    let again = begin_all(&mut hub, rows[..2].to_vec());
    assert!(again[0] == Ok(Done::Known { doc }) && told(&again[1], doc), "{again:?}");
}

#[test]
fn number_of_a_ticket_that_came_from_a_peer_is_known() {
    let mut net = Net::new(&[HUB, LAPTOP]);
    let done = begin_all(net.node(LAPTOP), vec![row("1", "路灯不亮")]);
    net.connect(HUB, LAPTOP);
    net.run();
    let doc = made(&done[0]);
    let done = begin_all(net.node(HUB), vec![row("1", "路灯不亮"), row("1", "供暖不热")]);
    assert!(done[0] == Ok(Done::Known { doc }) && told(&done[1], doc), "{done:?}");
}

#[test]
fn number_that_a_township_wrote_down_keeps_nothing_of_the_citys_out_and_both_are_shown_as_perhaps_the_same() {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE]);
    let mut proxy = row("P301", "占着编号");
    if let Body::Register(register) = proxy.body.clone() {
        proxy.body = Body::RegisterByProxy(register);
    }
    let of_town = city::begin(net.node(OFFICE), NOON, city::people(TOWN)[0], proxy.clone());
    net.connect(HUB, COUNTY_HUB);
    net.connect(COUNTY_HUB, OFFICE);
    net.run();
    assert!(kernel::read::docs(net.node(HUB).store()).unwrap().contains(&of_town), "the city has it");
    let done = begin_all(net.node(HUB), vec![row("P301", "举报占着编号的乡镇"), row("P301", "又一件")]);
    let of_city = made(&done[0]);
    assert!(told(&done[1], of_city), "{done:?}");
    let Err(Refusal::OtherText { number, unit, .. }) = &done[1] else { unreachable!() };
    assert!(number.starts_with("U1") && unit == "单位1", "{number} {unit}");
    // Within the township a number is one ticket as before.
    let again = city::ask(net.node(OFFICE), NOON, Some(city::people(TOWN)[0]), Command::Begin(proxy)).0;
    assert_eq!(again, Ok(Done::Known { doc: of_town }));
    let registry = city::registry();
    let store = net.node(HUB).store();
    for (doc, other) in [(of_city, of_town), (of_town, of_city)] {
        let row = store.doc_no(&doc).unwrap().unwrap();
        let found = kernel::duplicates::duplicates(store, &registry.now(), row).unwrap();
        assert!(found.iter().any(|found| found.likeness.same_number && found.ticket.id == other), "{found:?}");
    }
}

#[test]
fn what_was_not_lawful_takes_no_number() {
    let mut hub = city::node(HUB);
    let mut nameless = row("1", "路灯不亮");
    nameless.effects.clear();
    let done = begin_all(&mut hub, vec![nameless, row("1", "路灯不亮")]);
    assert!(matches!(done[0], Err(Refusal::Rule(_))), "{done:?}");
    made(&done[1]);
}
