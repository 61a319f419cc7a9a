//! What a peer sends at once is taken in by slices: a click goes between, and the peer is told when all of it is stored.

use kernel::{Command, ConnId, Effect, Input, Kernel, Request};
use regulation::act::Dispatch;
use regulation::{ActId, Body};
use replica::Draft;
use replica::limits::EPOCHS_MAX;
use sync::frame::Carried;
use sync::{Frame, ScopeKey};

use crate::city::{self, CITY, HUB, LAPTOP, NOON, OFFICE, OTHER_OFFICE, OTHER_TOWN, TOWN};
use crate::liar::{Answers, Liar, STEPS};

const SCOPE: ScopeKey = ScopeKey(TOWN.0);

/// A hub with a ticket of the township's, and acts of it that nobody has heard of yet, one behind the other.
fn flooded(count: usize) -> (Kernel, ActId, Liar, Vec<Carried>) {
    let mut hub = city::node(HUB);
    let person = city::people(CITY)[0];
    let doc = city::begin(&mut hub, NOON, person, city::register("供暖不热"));
    city::act(&mut hub, NOON, person, doc, city::dispatch(TOWN));
    let mut office = Liar::connect(&mut hub, OFFICE);
    office.waits = false;
    let mut history = Liar::history(&hub, doc);
    let mut items = Vec::new();
    for n in 0..count {
        let sealed = office.make(&hub, &history, city::tag(&format!("标签{n}")));
        Liar::take(&hub, &mut history, &sealed);
        items.push(Carried::item(sealed.encode()));
    }
    (hub, doc, office, items)
}

fn held(hub: &Kernel, doc: ActId) -> usize {
    Liar::history(hub, doc).nodes().len() - 2
}

/// Goes on until nothing is under way; what the peer is told meanwhile.
fn go_on(hub: &mut Kernel) -> Answers {
    let mut answers = Answers::default();
    while hub.waits() {
        for effect in hub.step(NOON, Vec::new(), STEPS).unwrap() {
            if let Effect::Send { bytes, .. } = effect {
                answers.frames.push(Frame::decode(&bytes).unwrap());
            }
        }
    }
    answers
}

#[test]
fn a_click_goes_between_the_slices_of_a_delivery_and_the_ack_comes_at_its_end() {
    let (mut hub, doc, mut office, items) = flooded(150);
    let other = city::begin(&mut hub, NOON, city::people(CITY)[0], city::register("路灯不亮"));
    let answers = office.send(&mut hub, SCOPE, items);
    assert!(hub.waits() && !office.acked(&answers, SCOPE), "told before it is stored");
    let first = held(&hub, doc);
    assert!((1..=60).contains(&first), "{first} acts in one group");
    let person = city::people(CITY)[0];
    let command = Command::Act { doc: other, draft: city::tag("供暖") };
    let click = Input::Request(Box::new(Request { ticket: 1, person: Some(person), command }));
    let effects = hub.step(NOON, vec![click], STEPS).unwrap();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Reply { ticket: 1, result: Ok(_) })), "not answered");
    assert!(held(&hub, doc) <= first + 60 && hub.waits(), "the click waited for the rest");
    let answers = go_on(&mut hub);
    assert!(office.acked(&answers, SCOPE), "{answers:?}");
    assert_eq!(held(&hub, doc), 150);
    assert_eq!(hub.store().ticket(hub.store().doc_no(&doc).unwrap().unwrap()).unwrap().unwrap().unsettled, 150);
}

#[test]
fn a_delivery_that_is_cut_off_on_the_way_is_taken_in_when_it_comes_again() {
    let (mut hub, doc, mut office, items) = flooded(150);
    office.send(&mut hub, SCOPE, items.clone());
    let conn: ConnId = hub.sessions()[0].0;
    let first = held(&hub, doc);
    hub.handle(NOON, vec![Input::Gone { conn }]).unwrap();
    assert!(!hub.waits() && held(&hub, doc) < 150, "{first}");
    let mut office = Liar::connect(&mut hub, OFFICE);
    office.waits = false;
    let answers = office.send(&mut hub, SCOPE, items);
    assert!(!office.acked(&answers, SCOPE));
    let answers = go_on(&mut hub);
    assert!(office.acked(&answers, SCOPE), "the cursor stood at the beginning: {answers:?}");
    assert_eq!(held(&hub, doc), 150);
}

#[test]
fn the_hub_settles_in_one_pass_more_lines_than_an_act_can_name() {
    let mut hub = city::node(HUB);
    let person = city::people(CITY)[0];
    let doc = city::begin(&mut hub, NOON, person, city::register("供暖不热"));
    let body = Body::Dispatch(Dispatch { lead: TOWN, assisting: vec![OTHER_TOWN] });
    city::act(&mut hub, NOON, person, doc, Draft::new(body));
    let history = Liar::history(&hub, doc);
    for (device, scope) in [(OFFICE, TOWN), (LAPTOP, CITY), (OTHER_OFFICE, OTHER_TOWN)] {
        let mut peer = Liar::connect(&mut hub, device);
        for epoch in 1..=EPOCHS_MAX as u64 {
            peer.epoch = epoch;
            let sealed = peer.make(&hub, &history, city::tag(&format!("标签{epoch}")));
            peer.push(&mut hub, ScopeKey(scope.0), &[sealed.encode()]);
        }
    }
    let before = Liar::history(&hub, doc);
    assert!(before.open_lines() > replica::limits::DEPS_MAX, "{} lines", before.open_lines());
    hub.handle(NOON, vec![Input::Tick]).unwrap();
    assert!(hub.settled());
    let history = Liar::history(&hub, doc);
    assert_eq!(history.unsettled(), 0, "all are settled");
    assert_eq!(history.nodes().len() - before.nodes().len(), 2, "by two acts");
    let hubs: Vec<usize> = (0..history.nodes().len()).filter(|index| history.nodes()[*index].hub()).collect();
    assert_eq!(history.folded().hub_line(), hubs, "the hub's acts are one chain");
}
