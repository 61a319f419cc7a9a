//! Tickets that have left a unit: what is done there all the same comes to the city, and what comes back through another
//! unit is taken in.

use kernel::{Command, Done, Refusal};
use regulation::act::{Body, Dispatch};
use regulation::{ActId, DeviceId};
use replica::Draft;

use crate::city::{self, COUNTY_HUB, HUB, NOON, OFFICE, OTHER_TOWN, TOWN};
use crate::net::Net;

fn give(net: &mut Net, device: DeviceId, command: Command) -> Result<ActId, Refusal> {
    let unit = city::DEVICES.iter().find(|(id, ..)| *id == device).unwrap().1;
    let (done, effects) = city::ask(net.node(device), NOON, Some(city::people(unit)[0]), command);
    net.spread(device, effects);
    net.run();
    done.map(|done| match done {
        Done::Made { act, .. } => act,
        other => panic!("{other:?}"),
    })
}

fn act(doc: ActId, body: Body) -> Command {
    Command::Act { doc, draft: Draft::new(body).text(["已按规定办理"]) }
}

fn holds(net: &mut Net, device: DeviceId, id: ActId) -> bool {
    net.node(device).store().aseq_of(&id).unwrap().is_some()
}

/// The city and two nodes that it reaches; a ticket was given to a township.
fn given(other: DeviceId) -> (Net, ActId) {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE]);
    let doc = give(&mut net, HUB, Command::Begin(city::register("供暖不热"))).unwrap();
    give(&mut net, HUB, Command::Act { doc, draft: city::dispatch(TOWN) }).unwrap();
    net.connect(HUB, other);
    net.run();
    assert!(holds(&mut net, other, doc));
    (net, doc)
}

#[test]
fn what_a_unit_does_after_it_lost_the_ticket_comes_to_the_city() {
    let (mut net, doc) = given(OFFICE);
    let elsewhere = Dispatch { lead: OTHER_TOWN, assisting: vec![] };
    let redispatch = give(&mut net, HUB, act(doc, Body::Redispatch(elsewhere))).unwrap();
    assert!(holds(&mut net, OFFICE, redispatch), "it is told that it lost it");
    let later = give(&mut net, HUB, act(doc, Body::Admonish)).unwrap();
    assert!(!holds(&mut net, OFFICE, later), "and nothing more");
    // Linked, and once more while it is not.
    let first = give(&mut net, OFFICE, Command::Act { doc, draft: city::tag("供暖") }).unwrap();
    net.cut();
    let second = give(&mut net, OFFICE, Command::Act { doc, draft: city::tag("老人") }).unwrap();
    net.connect(HUB, OFFICE);
    net.run();
    for id in [first, second] {
        assert!(holds(&mut net, HUB, id), "{id:?} never came to the city");
    }
    assert!(!holds(&mut net, OFFICE, later));
}

#[test]
fn ticket_that_left_comes_back_through_another_unit_on_what_was_done_meanwhile() {
    let (mut net, doc) = given(COUNTY_HUB);
    give(&mut net, HUB, act(doc, Body::Recuse { unit: TOWN })).unwrap();
    let meanwhile = give(&mut net, HUB, act(doc, Body::Admonish)).unwrap();
    assert!(!holds(&mut net, COUNTY_HUB, meanwhile), "it has left");
    let designate = Body::Designate(Dispatch { lead: OTHER_TOWN, assisting: vec![] });
    let designated = give(&mut net, HUB, act(doc, designate)).unwrap();
    for id in [meanwhile, designated] {
        assert!(holds(&mut net, COUNTY_HUB, id));
    }
    assert!(net.node(COUNTY_HUB).store().held_after(None, 10).unwrap().is_empty(), "nothing waits");
    let hub = kernel::read::scope_acts(net.node(HUB).store(), kernel::scopes::of_unit(OTHER_TOWN)).unwrap();
    let county = kernel::read::scope_acts(net.node(COUNTY_HUB).store(), kernel::scopes::of_unit(OTHER_TOWN)).unwrap();
    assert_eq!(hub, county);
}

#[test]
fn document_that_enters_a_scope_with_other_acts_makes_another_entry() {
    let entered = |more: bool| {
        let mut hub = city::node(HUB);
        let person = city::people(city::CITY)[0];
        let doc = city::begin(&mut hub, NOON, person, city::register("供暖不热"));
        if more {
            city::act(&mut hub, NOON, person, doc, city::tag("供暖"));
        }
        city::act(&mut hub, NOON, person, doc, city::dispatch(TOWN));
        (doc, hub.store().feed_head(store::ScopeId(TOWN.0)).unwrap())
    };
    let ((doc, first), (same, other)) = (entered(false), entered(true));
    assert_eq!((doc, first.lseq), (same, other.lseq), "as after a database was put back");
    assert_ne!(first.running, other.running, "who has the one has not the other");
}
