//! A city hub that was put back from a copy: it makes no act before every county was heard, or two people waived it.

use kernel::{Command, Done, Enrolment, Refusal};
use regulation::{ActId, Body, DeviceId, PersonId, Role};
use replica::{Change, Class, Draft, History, Person};

use crate::city::{self, COUNTY, COUNTY_HUB, HUB, LAPTOP, NOON, OFFICE, TOWN};
use crate::net::Net;

/// A city whose hub was put back from a copy that lacks its two last acts on a ticket, one of which settles what the
/// township did. Everybody else has them.
fn city_put_back() -> (Net, ActId) {
    put_back(None)
}

/// The same, with one more entry of the registry.
fn put_back(more: Option<Change>) -> (Net, ActId) {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE, LAPTOP]);
    if let Some(change) = more {
        let command = Command::Registry { seen: u32::MAX, change: Box::new(change) };
        city::ask(net.node(HUB), NOON, None, command).0.unwrap();
    }
    for device in [COUNTY_HUB, OFFICE, LAPTOP] {
        net.connect(HUB, device);
    }
    let doc = city::begin(net.node(HUB), NOON, city::people(city::CITY)[0], city::register("路灯不亮"));
    city::act(net.node(HUB), NOON, city::people(city::CITY)[0], doc, city::dispatch(TOWN));
    reconnect(&mut net);
    let copy = net.node(HUB).store().snapshot().unwrap();
    city::act(net.node(OFFICE), NOON, city::people(TOWN)[0], doc, Draft::new(Body::SignFor));
    reconnect(&mut net);
    net.cut();
    *net.node(HUB) = city::open(HUB, copy, NOON, true);
    (net, doc)
}

/// Everybody hears everything.
fn reconnect(net: &mut Net) {
    net.cut();
    for device in [COUNTY_HUB, OFFICE, LAPTOP] {
        net.connect(HUB, device);
    }
    net.run();
}

fn note(net: &mut Net, doc: ActId) -> Result<Done, Refusal> {
    let draft = city::tag("路灯");
    city::ask(net.node(HUB), NOON, Some(city::people(city::CITY)[0]), Command::Act { doc, draft }).0
}

fn waive(net: &mut Net, by: PersonId) -> Result<Done, Refusal> {
    waive_of(net, by, &[])
}

fn waive_of(net: &mut Net, by: PersonId, hubs: &[DeviceId]) -> Result<Done, Refusal> {
    city::ask(net.node(HUB), NOON, Some(by), Command::Waive(hubs.to_vec())).0
}

fn waits(net: &mut Net, doc: ActId, names: &[&str]) {
    let unheard = names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(note(net, doc), Err(Refusal::HubPutBack { unheard }));
}

fn stands(net: &mut Net, kind: &str) -> bool {
    net.node(HUB).store().alarm(kind, "").unwrap().is_some_and(|row| row.over_at.is_none())
}

/// Whether an alarm says that the hub goes on without that node.
fn waived(net: &mut Net, device: DeviceId) -> bool {
    let source = format!("device {}", device.0);
    net.node(HUB).store().alarm("hub-waived", &source).unwrap().is_some_and(|row| row.over_at.is_none())
}

/// The nodes that the hub has not heard, and whether it goes on without them.
fn unheard(net: &mut Net) -> Vec<(DeviceId, bool)> {
    let kernel = net.node(HUB);
    kernel::put_back::unheard(kernel.store(), &kernel.registry().now(), HUB).unwrap()
}

/// What every act of a ticket comes to at a node, settled or not.
fn standings(net: &mut Net, device: DeviceId, doc: ActId) -> Vec<(ActId, String)> {
    let kernel = net.node(device);
    let history: History = kernel::read::history(kernel.store(), kernel.registry(), doc).unwrap();
    let of = |(index, node): (usize, &replica::Node)| {
        (node.id, format!("{:?} {:?}", history.standing(index), history.folded().stratum[index]))
    };
    history.nodes().iter().enumerate().map(of).collect()
}

#[test]
fn hub_makes_no_act_before_every_county_was_heard_and_nothing_settled_changes() {
    let (mut net, doc) = city_put_back();
    let before = standings(&mut net, COUNTY_HUB, doc);
    waits(&mut net, doc, &["设备3"]);
    assert!(stands(&mut net, "hub-put-back"));
    // That it is so outlives a restart; what the township says is not what the county says; time alone brings nothing about.
    net.restart(HUB, false);
    net.connect(HUB, OFFICE);
    net.run();
    net.input(HUB, kernel::Input::Tick);
    waits(&mut net, doc, &["设备3"]);
    net.connect(HUB, COUNTY_HUB);
    net.run();
    assert!(!stands(&mut net, "hub-put-back"));
    assert!(note(&mut net, doc).is_ok());
    reconnect(&mut net);
    let after = standings(&mut net, COUNTY_HUB, doc);
    assert!(before.iter().all(|settled| after.contains(settled)), "{before:#?} became {after:#?}");
    assert_eq!(standings(&mut net, HUB, doc).len(), after.len());
}

fn waived_by(by: &[PersonId], left: u8) -> Done {
    Done::Waived { by: by.iter().copied().collect(), left }
}

#[test]
fn two_administrators_together_waive_it_and_nobody_else() {
    let (mut net, doc) = city_put_back();
    let [one, other] = city::people(city::CITY);
    let stranger = waive(&mut net, city::people(COUNTY)[0]);
    assert!(matches!(stranger, Err(Refusal::Clash(_))), "{stranger:?}");
    assert_eq!(waive(&mut net, one), Ok(waived_by(&[one], 1)));
    assert_eq!(waive(&mut net, one), Ok(waived_by(&[one], 1)), "the same once more");
    waits(&mut net, doc, &["设备3"]);
    net.restart(HUB, false);
    assert_eq!(waive(&mut net, other), Ok(waived_by(&[one, other], 0)));
    assert!(note(&mut net, doc).is_ok());
    assert!(!stands(&mut net, "hub-put-back") && waived(&mut net, COUNTY_HUB));
    assert_eq!(waive(&mut net, one), Err(Refusal::NothingToWaive));
    // Whoever was not waited for comes: everybody comes to the same all the same, and it is over.
    reconnect(&mut net);
    assert!(!waived(&mut net, COUNTY_HUB));
    assert_eq!(standings(&mut net, HUB, doc).len(), standings(&mut net, COUNTY_HUB, doc).len());
}

#[test]
fn one_county_is_waived_the_other_waited_for_and_who_was_heard_outlives_a_restart() {
    const OTHER_HUB: DeviceId = DeviceId(6);
    let enrols = city::device(OTHER_HUB, city::OTHER_TOWN, Class::Hub, &city::key(OTHER_HUB));
    let (mut net, doc) = put_back(Some(enrols));
    let [one, other] = city::people(city::CITY);
    assert_eq!(unheard(&mut net), [(COUNTY_HUB, false), (OTHER_HUB, false)]);
    assert_eq!(waive_of(&mut net, one, &[OFFICE]), Err(Refusal::NothingToWaive), "nobody waits for it");
    assert_eq!(waive_of(&mut net, one, &[OTHER_HUB]), Ok(waived_by(&[one], 1)));
    waits(&mut net, doc, &["设备3", "设备6"]);
    assert_eq!(waive_of(&mut net, other, &[COUNTY_HUB]), Ok(waived_by(&[other], 1)), "each county has its two");
    assert_eq!(waive_of(&mut net, other, &[OTHER_HUB]), Ok(waived_by(&[one, other], 0)));
    waits(&mut net, doc, &["设备3"]);
    assert_eq!(unheard(&mut net), [(COUNTY_HUB, false), (OTHER_HUB, true)]);
    assert!(stands(&mut net, "hub-put-back") && waived(&mut net, OTHER_HUB) && !waived(&mut net, COUNTY_HUB));
    net.restart(HUB, false);
    waits(&mut net, doc, &["设备3"]);
    net.connect(HUB, COUNTY_HUB);
    net.run();
    assert!(!stands(&mut net, "hub-put-back") && note(&mut net, doc).is_ok());
    net.restart(HUB, false);
    assert!(note(&mut net, doc).is_ok(), "it has not forgotten who was heard");
    assert_eq!(unheard(&mut net), [(OTHER_HUB, true)], "what may change is still known");
    assert!(waived(&mut net, OTHER_HUB));
}

#[test]
fn county_whose_hub_is_enrolled_since_is_not_waited_for() {
    let (mut net, doc) = city_put_back();
    for by in city::people(city::CITY) {
        waive(&mut net, by).unwrap();
    }
    let [by, _] = city::people(city::CITY);
    let (key, class) = (city::key(DeviceId(6)).public(), Class::Hub);
    let joins = Enrolment { unit: COUNTY, class, key, name: None, person: None, keep: None };
    let enrolled = city::ask(net.node(HUB), NOON, Some(by), Command::Enrol(Box::new(joins))).0;
    assert!(matches!(enrolled, Ok(Done::Enrolled { .. })), "{enrolled:?}");
    assert!(note(&mut net, doc).is_ok());
    assert_eq!(unheard(&mut net), [(COUNTY_HUB, true)]);
}

#[test]
fn hub_that_is_put_back_once_more_waits_once_more_and_every_alarm_is_over_in_the_end() {
    let (mut net, doc) = city_put_back();
    for by in city::people(city::CITY) {
        waive(&mut net, by).unwrap();
    }
    assert!(note(&mut net, doc).is_ok() && waived(&mut net, COUNTY_HUB));
    net.restart(HUB, true);
    waits(&mut net, doc, &["设备3"]);
    reconnect(&mut net);
    assert!(note(&mut net, doc).is_ok());
    assert!(!stands(&mut net, "hub-put-back") && !waived(&mut net, COUNTY_HUB));
}

#[test]
fn whoever_is_not_the_city_hub_writes_at_once() {
    let mut laptop = city::node(LAPTOP);
    let copy = laptop.store().snapshot().unwrap();
    city::begin(&mut laptop, NOON, city::people(city::CITY)[0], city::register("甲"));
    let mut laptop = city::open(LAPTOP, copy, NOON, true);
    city::begin(&mut laptop, NOON, city::people(city::CITY)[0], city::register("乙"));
    assert_eq!(
        city::ask(&mut laptop, NOON, Some(city::people(city::CITY)[0]), Command::Waive(Vec::new())).0,
        Err(Refusal::NothingToWaive)
    );
}

#[test]
fn office_that_stands_under_no_other_hub_is_waited_for_as_a_county_is() {
    const AWAY: DeviceId = DeviceId(6);
    let enrols = city::device(AWAY, city::CITY, Class::Office, &city::key(AWAY));
    let (mut net, doc) = put_back(Some(enrols));
    assert_eq!(unheard(&mut net), [(COUNTY_HUB, false), (AWAY, false)]);
    net.connect(HUB, COUNTY_HUB);
    net.run();
    waits(&mut net, doc, &["设备6"]);
    for by in city::people(city::CITY) {
        waive_of(&mut net, by, &[AWAY]).unwrap();
    }
    assert!(note(&mut net, doc).is_ok() && waived(&mut net, AWAY));
}

/// Two people take a county's hub out of use.
fn retire(net: &mut Net, hub: DeviceId) {
    let confirm = city::proposed(net.node(HUB), Change::Retired(hub));
    let command = Command::Registry { seen: u32::MAX, change: Box::new(confirm) };
    city::ask(net.node(HUB), NOON, Some(city::people(city::CITY)[1]), command).0.unwrap();
}

#[test]
fn county_that_was_waived_and_whose_hub_is_out_of_use_since_is_heard_by_its_townships() {
    let (mut net, doc) = city_put_back();
    let proposes = Change::Proposed(Box::new(Change::Retired(COUNTY_HUB)));
    let command = Command::Registry { seen: u32::MAX, change: Box::new(proposes) };
    let early = city::ask(net.node(HUB), NOON, Some(city::people(city::CITY)[0]), command).0;
    assert!(matches!(early, Err(Refusal::RegistryUnsure { .. })), "{early:?}");
    for by in city::people(city::CITY) {
        waive(&mut net, by).unwrap();
    }
    retire(&mut net, COUNTY_HUB);
    // The dead hub will never be heard; the townships that stood under it may, and nothing waits for them.
    assert_eq!(unheard(&mut net), [(OFFICE, true), (city::OTHER_OFFICE, true)]);
    assert!(!waived(&mut net, COUNTY_HUB) && waived(&mut net, OFFICE) && waived(&mut net, city::OTHER_OFFICE));
    net.restart(HUB, false);
    assert!(note(&mut net, doc).is_ok() && !stands(&mut net, "hub-put-back"));
    net.connect(HUB, OFFICE);
    net.run();
    assert_eq!(unheard(&mut net), [(city::OTHER_OFFICE, true)]);
    assert!(!waived(&mut net, OFFICE));
}

#[test]
fn townships_of_a_county_without_a_hub_are_waited_for_as_a_county_is() {
    let mut net = Net::new(&[HUB, OFFICE]);
    retire(&mut net, COUNTY_HUB);
    let copy = net.node(HUB).store().snapshot().unwrap();
    *net.node(HUB) = city::open(HUB, copy, NOON, true);
    assert_eq!(unheard(&mut net), [(OFFICE, false), (city::OTHER_OFFICE, false)]);
}

#[test]
fn the_only_administrator_waives_alone() {
    let [one, other] = city::people(city::CITY);
    let roles = vec![Role::Review];
    let clerk = Person { unit: city::CITY, name: "职员".to_owned(), login: format!("p{}", other.0), roles };
    let (mut net, doc) = put_back(Some(Change::Person(other, clerk)));
    assert!(matches!(waive(&mut net, other), Err(Refusal::Clash(_))));
    assert_eq!(waive(&mut net, one), Ok(waived_by(&[one], 0)));
    assert!(note(&mut net, doc).is_ok());
}
