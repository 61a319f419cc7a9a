//! When the hub confirms what came from others, and what it knows of that after it was started again.

use kernel::{Effect, Input};
use regulation::ActId;

use crate::city::{self, CITY, HUB, LAPTOP, NOON, OFFICE, TOWN};
use crate::net::Net;

/// Strata of the acts of a document, as the hub has them.
fn unsettled(net: &mut Net, doc: ActId) -> u32 {
    let store = net.node(HUB).store();
    let row = store.doc_no(&doc).unwrap().unwrap();
    store.ticket(row).unwrap().unwrap().unsettled
}

#[test]
fn hub_settles_once_a_peer_has_nothing_more_to_say_and_needs_no_tick() {
    let mut net = Net::new(&[HUB, LAPTOP]);
    let person = city::people(CITY)[0];
    let mut docs = Vec::new();
    // Something in several scopes both ways: then one batch says that more follows, and another that nothing does.
    city::begin(net.node(HUB), NOON, person, city::article());
    city::begin(net.node(LAPTOP), NOON, person, city::article());
    for n in 0..3 {
        docs.push(city::begin(net.node(LAPTOP), NOON + n, person, city::register("供暖不热")));
    }
    net.connect(HUB, LAPTOP);
    net.run();
    for doc in docs {
        assert_eq!(unsettled(&mut net, doc), 0, "{doc:?}");
    }
    assert!(net.node(HUB).settled());
    let idle = net.node(LAPTOP).sessions().iter().all(|(.., in_sync)| *in_sync);
    assert!(idle, "the laptop has its receipts");
}

/// A hub that received an act and ended before it confirmed it; the document.
fn interrupted() -> (Net, ActId) {
    let mut net = Net::new(&[HUB, LAPTOP, OFFICE]);
    let person = city::people(CITY)[0];
    let doc = city::begin(net.node(LAPTOP), NOON, person, city::register("供暖不热"));
    net.connect(HUB, LAPTOP);
    // The act is there, and before the conversation is over the hub ends.
    while net.node(HUB).store().doc_no(&doc).unwrap().is_none() {
        // Something of its own under way keeps the hub from believing that it is over.
        let (_, effects) = city::ask(net.node(HUB), NOON, Some(person), kernel::Command::Begin(city::article()));
        net.spread(HUB, effects);
        assert!(net.step());
    }
    assert!(!net.node(HUB).settled(), "it was not confirmed yet");
    (net, doc)
}

#[test]
fn hub_that_was_started_again_knows_what_is_unsettled() {
    let (mut net, doc) = interrupted();
    net.restart(HUB, false);
    assert!(!net.node(HUB).settled());
    assert_eq!(unsettled(&mut net, doc), 1);
    net.input(HUB, Input::Tick);
    assert!(net.node(HUB).settled());
    assert_eq!(unsettled(&mut net, doc), 0);
}

#[test]
fn node_that_is_not_the_hub_settles_nothing() {
    let mut net = Net::new(&[HUB, LAPTOP]);
    let person = city::people(CITY)[0];
    let doc = city::begin(net.node(LAPTOP), NOON, person, city::register("供暖不热"));
    let before = net.node(LAPTOP).store().stats().unwrap();
    let (done, effects) = city::ask(net.node(LAPTOP), NOON, None, kernel::Command::Settle);
    assert_eq!(done, Ok(kernel::Done::Documents(0)));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Changed { .. })));
    net.input(LAPTOP, Input::Tick);
    assert_eq!(net.node(LAPTOP).store().stats().unwrap().rows, before.rows);
    assert!(net.node(LAPTOP).store().doc_no(&doc).unwrap().is_some());
}

#[test]
fn receipt_reaches_the_unit_that_acted() {
    let mut net = Net::new(&[HUB, OFFICE]);
    let person = city::people(CITY)[0];
    let doc = city::begin(net.node(HUB), NOON, person, city::register("供暖不热"));
    city::act(net.node(HUB), NOON, person, doc, city::dispatch(TOWN));
    net.connect(HUB, OFFICE);
    net.run();
    let sign_for = replica::Draft::new(regulation::Body::SignFor);
    let command = kernel::Command::Act { doc, draft: sign_for };
    let (done, effects) = city::ask(net.node(OFFICE), NOON, Some(city::people(TOWN)[0]), command);
    assert!(done.is_ok(), "{done:?}");
    net.spread(OFFICE, effects);
    net.run();
    let store = net.node(OFFICE).store();
    let row = store.ticket(store.doc_no(&doc).unwrap().unwrap()).unwrap().unwrap();
    assert_eq!((row.unsettled, row.state.as_str()), (0, "in-progress"));
}
