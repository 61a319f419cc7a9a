//! A county's hub whose machine is lost for good, taken out of use by two people: nothing waits for it any more, its key gets
//! nothing, what it had made stands, and another device takes its place.

use kernel::equal::{Holding, compare};
use kernel::{Command, ConnId, Done, Effect, Enrolment, Input, Kernel, Refusal};
use regulation::act::Dispatch;
use regulation::settings::EDITION;
use regulation::{ActId, Body, DeviceId, Edition, PersonId};
use replica::registry::Clash;
use replica::{Change, Class, Draft};
use store::Verdict;

use crate::city::{self, CITY, COUNTY, COUNTY_HUB, HUB, NOON, OFFICE, TOWN};
use crate::net::Net;

/// An edition of the rules that the program of the dead hub does not carry.
const NEXT: Edition = Edition(2);
/// The device that takes the place of the dead hub.
const SUCCESSOR: DeviceId = DeviceId(6);

fn write(kernel: &mut Kernel, person: PersonId, change: Change) -> Result<Done, Refusal> {
    let command = Command::Registry { seen: u32::MAX, change: Box::new(change) };
    city::ask(kernel, NOON, Some(person), command).0
}

/// Two people take a hub out of use.
fn retire(net: &mut Net, hub: DeviceId) {
    let confirm = city::proposed(net.node(HUB), Change::Retired(hub));
    write(net.node(HUB), city::people(CITY)[1], confirm).unwrap();
}

fn sync(net: &mut Net, pairs: &[(DeviceId, DeviceId)]) {
    net.cut();
    for (one, other) in pairs {
        net.connect(*one, *other);
    }
    net.run();
    net.cut();
}

fn holding(kernel: &Kernel) -> Holding<'_> {
    Holding { device: kernel.device().unwrap(), store: kernel.store(), registry: kernel.registry() }
}

/// Whether a node sends whoever connects with the key of a device away, without a word.
fn refuses(net: &mut Net, device: DeviceId, other: DeviceId) -> bool {
    let (conn, key) = (ConnId(900), city::key(other).public());
    let effects = net.node(device).handle(NOON, vec![Input::Connected { conn, key }]).unwrap();
    net.node(device).handle(NOON, vec![Input::Gone { conn }]).unwrap();
    let said = effects.iter().any(|effect| matches!(effect, Effect::Send { .. }));
    !said && effects.iter().any(|effect| matches!(effect, Effect::Close { .. }))
}

fn verdict(net: &mut Net, device: DeviceId, act: ActId) -> Option<Verdict> {
    net.node(device).store().act(&act).unwrap().map(|row| row.verdict)
}

/// A ticket of a township of the county, which the city, the county and the township have.
fn ticket(net: &mut Net) -> ActId {
    let clerk = city::people(CITY)[0];
    let doc = city::begin(net.node(HUB), NOON, clerk, city::register("路灯不亮"));
    city::act(net.node(HUB), NOON, clerk, doc, city::dispatch(TOWN));
    sync(net, &[(HUB, COUNTY_HUB), (COUNTY_HUB, OFFICE)]);
    doc
}

#[test]
fn an_edition_waits_no_longer_for_a_hub_that_is_out_of_use() {
    let mut net = Net::new(&[HUB]);
    net.upgrade(HUB, NEXT);
    let edition = || Change::Proposed(Box::new(Change::settings(vec![(EDITION, NEXT.0.into())])));
    let [one, other] = city::people(CITY);
    let behind = Clash::EditionAhead(vec!["设备3".to_owned()]);
    assert_eq!(write(net.node(HUB), one, edition()), Err(Refusal::Clash(behind)));
    retire(&mut net, COUNTY_HUB);
    write(net.node(HUB), one, edition()).unwrap();
    let confirm = Change::Confirmed(net.node(HUB).registry().head());
    write(net.node(HUB), other, confirm).unwrap();
    assert_eq!(net.node(HUB).registry().now().edition(), NEXT);
}

#[test]
fn its_key_is_let_in_nowhere_and_a_connection_that_stands_is_cut() {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE]);
    net.connect(HUB, COUNTY_HUB);
    net.run();
    let confirm = city::proposed(net.node(HUB), Change::Retired(COUNTY_HUB));
    let command = Command::Registry { seen: u32::MAX, change: Box::new(confirm) };
    let (done, effects) = city::ask(net.node(HUB), NOON, Some(city::people(CITY)[1]), command);
    done.unwrap();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Close { .. })), "{effects:?}");
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Send { .. })), "not even that it is out of use");
    net.cut();
    assert!(refuses(&mut net, HUB, COUNTY_HUB));
    // The township has not heard of it yet, and then it has.
    assert!(!refuses(&mut net, OFFICE, COUNTY_HUB));
    sync(&mut net, &[(HUB, OFFICE)]);
    assert!(refuses(&mut net, OFFICE, COUNTY_HUB));
    // One that hears of itself that it is out of use acts and connects no more.
    let known = city::store(net.node(HUB).registry());
    let mut dead = city::open(COUNTY_HUB, known, NOON, false);
    assert_eq!(dead.device(), None);
    let command = Command::Begin(city::register("路灯不亮"));
    let (done, _) = city::ask(&mut dead, NOON, Some(city::people(COUNTY)[0]), command);
    assert!(matches!(done, Err(Refusal::NotEnrolled(_))), "{done:?}");
}

#[test]
fn what_it_had_made_is_settled_though_it_comes_later_by_others() {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE]);
    let clerk = city::people(CITY)[0];
    let doc = city::begin(net.node(HUB), NOON, clerk, city::register("路灯不亮"));
    city::act(net.node(HUB), NOON, clerk, doc, city::dispatch(COUNTY));
    sync(&mut net, &[(HUB, COUNTY_HUB)]);
    // It sends the ticket on to the township, and never speaks to anybody again.
    let on = Draft::new(Body::SubDispatch(Dispatch { lead: TOWN, assisting: Vec::new() }));
    let act = city::act(net.node(COUNTY_HUB), NOON, city::people(COUNTY)[0], doc, on);
    sync(&mut net, &[(COUNTY_HUB, OFFICE)]);
    retire(&mut net, COUNTY_HUB);
    assert_eq!(verdict(&mut net, HUB, act), None);
    sync(&mut net, &[(HUB, OFFICE)]);
    assert_eq!(verdict(&mut net, HUB, act), Some(Verdict::Admitted));
    let hub = net.node(HUB);
    let history = kernel::read::history(hub.store(), hub.registry(), doc).unwrap();
    let place = history.nodes().iter().position(|node| node.id == act).unwrap();
    assert!(history.folded().settled(place) && history.counts(place), "{:?}", history.standing(place));
}

#[test]
fn another_device_takes_its_place() {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE]);
    let doc = ticket(&mut net);
    retire(&mut net, COUNTY_HUB);
    let (key, class) = (city::key(SUCCESSOR).public(), Class::Hub);
    let joins = Enrolment { unit: COUNTY, class, key, name: None, person: None, keep: None };
    let by = city::people(CITY)[0];
    let enrolled = city::ask(net.node(HUB), NOON, Some(by), Command::Enrol(Box::new(joins))).0;
    assert_eq!(enrolled, Ok(Done::Enrolled { device: SUCCESSOR, person: None }));
    let begun = city::store(net.node(HUB).registry());
    net.nodes.push((SUCCESSOR, city::open(SUCCESSOR, begun, NOON, false)));
    // The township hears from the city which hub it has now, and then syncs with that one alone.
    sync(&mut net, &[(HUB, SUCCESSOR), (HUB, OFFICE)]);
    let act = city::act(net.node(OFFICE), NOON, city::people(TOWN)[0], doc, Draft::new(Body::SignFor));
    sync(&mut net, &[(OFFICE, SUCCESSOR)]);
    sync(&mut net, &[(HUB, SUCCESSOR)]);
    assert_eq!(verdict(&mut net, HUB, act), Some(Verdict::Admitted));
    let place = |device| net.nodes.iter().position(|(other, _)| *other == device).unwrap();
    let [a, b] = [HUB, SUCCESSOR].map(|device| &net.nodes[place(device)].1);
    let same = compare(holding(a), holding(b)).unwrap();
    assert!(same.docs >= 1 && same.partial == 0, "{same:?}");
}
