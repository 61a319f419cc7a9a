//! The registry as its writer changes it: several who decided on the same state, in one group.

use kernel::{Command, Done, Effect, Enrolment, Input, KEPT, Kernel, Newcomer, Refusal, Request};
use regulation::rates::Weights;
use regulation::terms::Terms;
use regulation::{DeviceId, PersonId, Role};
use replica::registry::Clash;
use replica::{Change, Class, Person};

use crate::city::{self, COUNTY, COUNTY_HUB, HUB, LAPTOP, NOON, OFFICE, TOWN};
use crate::liar::Liar;
use crate::net::Net;

/// What came of commands that one group holds.
pub fn ask_all(kernel: &mut Kernel, commands: Vec<Command>) -> Vec<Result<Done, Refusal>> {
    let request = |(ticket, command)| Input::Request(Box::new(Request { ticket, person: None, command }));
    let effects = kernel.handle(NOON, (0..).zip(commands).map(request).collect()).unwrap();
    let replies = effects.into_iter().filter_map(|effect| match effect {
        Effect::Reply { result, .. } => Some(result),
        _ => None,
    });
    replies.collect()
}

fn person(login: &str) -> Person {
    Person { unit: TOWN, name: "新人".to_owned(), login: login.to_owned(), roles: vec![Role::Handle] }
}

fn enrolment(key: u8, login: &str) -> Enrolment {
    let newcomer = Newcomer { name: "新人".to_owned(), login: login.to_owned(), roles: vec![Role::Handle] };
    Enrolment {
        unit: TOWN,
        class: Class::Office,
        key: [key; 32],
        name: None,
        person: Some(newcomer),
        keep: Some(("invitations".to_owned(), vec![key])),
    }
}

#[test]
fn people_who_are_added_at_once_are_different_people() {
    let mut hub = city::node(HUB);
    let commands = (0..8).map(|n| Command::AddPerson(person(&format!("new{n}")))).collect();
    let done = ask_all(&mut hub, commands);
    let ids: Vec<PersonId> =
        done.iter().map(|done| if let Ok(Done::Person(id)) = done { *id } else { panic!() }).collect();
    for (n, id) in ids.iter().enumerate() {
        assert_eq!(hub.registry().now().person(*id).map(|person| person.login.clone()), Some(format!("new{n}")));
    }
}

#[test]
fn login_that_is_asked_for_eight_times_at_once_is_one_persons() {
    let mut hub = city::node(HUB);
    let before = hub.registry().now().people().count();
    let done = ask_all(&mut hub, vec![Command::AddPerson(person("new")); 8]);
    assert!(matches!(done[0], Ok(Done::Person(_))));
    assert!(done[1..].iter().all(|done| *done == Err(Refusal::Clash(Clash::Login("new".to_owned())))), "{done:?}");
    assert_eq!(hub.registry().now().people().count(), before + 1);
}

#[test]
fn devices_that_join_at_once_have_numbers_and_names_of_their_own() {
    let mut hub = city::node(HUB);
    let joins = |key, login| Command::Enrol(Box::new(enrolment(key, login)));
    let done = ask_all(&mut hub, vec![joins(50, "a"), joins(51, "b"), joins(50, "a"), joins(52, "a"), joins(53, "c")]);
    let numbers: Vec<Option<DeviceId>> = done
        .iter()
        .map(|done| if let Ok(Done::Enrolled { device, .. }) = done { Some(*device) } else { None })
        .collect();
    assert_eq!(numbers[0], numbers[2], "the same key gets the same answer");
    assert_eq!(done[0], done[2]);
    assert_eq!(done[3], Err(Refusal::Clash(Clash::Login("a".to_owned()))));
    let at = hub.registry().now();
    assert_eq!(at.device_of_key(&[52; 32]), None, "a device whose person is not taken does not come in either");
    assert_eq!(hub.store().meta(&format!("{KEPT}invitations")).unwrap(), Some(vec![53]), "nor is anything used up");
    let name = |key: u8| at.device_of_key(&[key; 32]).map(|(_, device)| device.name.clone()).unwrap();
    assert_eq!([name(50), name(51), name(53)], ["单位3办公机", "单位3办公机2", "单位3办公机3"]);
}

#[test]
fn key_of_another_unit_is_not_enrolled_again() {
    let mut hub = city::node(HUB);
    let known = hub.registry().now().device(LAPTOP).unwrap().key;
    let joins = Enrolment { unit: COUNTY, key: known, ..enrolment(50, "a") };
    let done = ask_all(&mut hub, vec![Command::Enrol(Box::new(joins))]);
    assert_eq!(done, [Err(Refusal::Clash(Clash::DeviceKey))]);
}

#[test]
fn what_was_decided_on_the_same_registry_is_not_overwritten() {
    let mut hub = city::node(HUB);
    let seen = hub.registry().version();
    let entry = |change| Command::Registry { seen, change: Box::new(change) };
    let clerk = city::people(TOWN)[0];
    let roles = |roles: Vec<Role>| {
        let person = city::registry().now().person(clerk).unwrap().clone();
        Change::Person(clerk, Person { roles, ..person })
    };
    for (first, second) in [
        (city::calendar(&[9]), city::calendar(&[10])),
        (Change::Categories(Vec::new()), Change::Categories(Vec::new())),
        (city::units("V"), city::units("W")),
        (Change::Hub(HUB), Change::Hub(HUB)),
        (roles(vec![Role::Handle]), roles(vec![Role::Review])),
    ] {
        let done = ask_all(&mut hub, vec![entry(first.clone()), entry(second.clone())]);
        assert!(matches!(done[0], Ok(Done::Registry(_))), "{first:?}: {done:?}");
        assert_eq!(done[1], Err(Refusal::Changed), "{second:?}");
        // Whoever looks again decides again.
        let again = Command::Registry { seen: hub.registry().version(), change: Box::new(second) };
        assert!(ask_all(&mut hub, vec![again])[0].is_ok());
    }
}

#[test]
fn what_two_people_change_is_confirmed_once_though_two_ask_at_once() {
    let mut hub = city::node(HUB);
    let people = city::people(city::CITY);
    let month = replica::Month::parse("2026-10").unwrap();
    let lock = Change::Lock(replica::Lock { month, number: 1, hash: [1; 32] });
    let terms = Change::terms(&Terms { sign_for_wd: 2, ..Terms::default() }).from_day(city::TOMORROW);
    let weights = Change::weights(&Weights { mostly: 80, ..Weights::default() }).from_day(city::TOMORROW);
    for change in [lock, weights, terms] {
        let ask = |hub: &mut Kernel, person: PersonId, change: Change| {
            let command = Command::Registry { seen: hub.registry().version(), change: Box::new(change) };
            city::ask(hub, NOON, Some(person), command).0
        };
        let proposed = Change::Proposed(Box::new(change.clone()));
        assert!(matches!(ask(&mut hub, people[0], proposed), Ok(Done::Registry(_))), "{change:?}");
        let hash = hub.registry().head();
        let confirm = || Change::Confirmed(hash);
        assert_eq!(ask(&mut hub, people[0], confirm()), Err(Refusal::Clash(Clash::SamePerson)));
        assert!(matches!(ask(&mut hub, people[1], confirm()), Ok(Done::Registry(_))), "{change:?}");
        assert_eq!(ask(&mut hub, people[1], confirm()), Err(Refusal::Clash(Clash::NothingProposed)));
    }
    let now = hub.registry().now().on(NOON + city::DAY_MS);
    assert_eq!((now.locks().count(), now.weights().1.mostly, now.settings().sign_for_wd), (1, 80, 2));
}

#[test]
fn whoever_does_not_hold_the_root_key_adds_nobody() {
    let mut laptop = city::node(LAPTOP);
    let done =
        ask_all(&mut laptop, vec![Command::AddPerson(person("new")), Command::Enrol(Box::new(enrolment(50, "a")))]);
    assert_eq!(done, [Err(Refusal::NoRootKey), Err(Refusal::NoRootKey)]);
}

/// A hub that was put back from a copy after it had enrolled somebody of whom its peers have heard.
fn put_back(devices: &[DeviceId]) -> Net {
    let mut net = Net::new(devices);
    for device in &devices[1..] {
        net.connect(HUB, *device);
    }
    net.run();
    let copy = net.node(HUB).store().snapshot().unwrap();
    let effects = ask(&mut net, "lost").unwrap();
    net.spread(HUB, effects);
    net.run();
    net.cut();
    *net.node(HUB) = city::open(HUB, copy, NOON, true);
    net
}

fn ask(net: &mut Net, login: &str) -> Result<Vec<Effect>, Refusal> {
    let (done, effects) = city::ask(net.node(HUB), NOON, None, Command::AddPerson(person(login)));
    done.map(|_| effects)
}

fn unsure(net: &mut Net, names: &[&str]) {
    let unheard = names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(ask(net, "later").unwrap_err(), Refusal::RegistryUnsure { unheard });
}

fn stands(net: &mut Net, device: DeviceId, kind: &str, source: &str) -> bool {
    net.node(device).store().alarm(kind, source).unwrap().is_some_and(|row| row.over_at.is_none())
}

#[test]
fn hub_that_was_put_back_signs_nothing_before_the_other_hubs_were_heard() {
    let mut net = put_back(&[HUB, COUNTY_HUB, OFFICE]);
    let before = net.node(HUB).registry().version();
    unsure(&mut net, &["设备3"]);
    assert!(stands(&mut net, HUB, "registry-unsure", ""));
    // That it is so outlives a restart; what somebody else says is not what the county says.
    net.restart(HUB, false);
    net.connect(HUB, OFFICE);
    net.run();
    assert_eq!(net.node(HUB).registry().version(), before + 1, "what was lost is back");
    unsure(&mut net, &["设备3"]);
    net.connect(HUB, COUNTY_HUB);
    net.run();
    let effects = ask(&mut net, "later").unwrap();
    net.spread(HUB, effects);
    net.run();
    assert!(!stands(&mut net, HUB, "registry-unsure", ""));
    for device in [HUB, COUNTY_HUB, OFFICE] {
        assert_eq!(net.node(device).registry().version(), before + 2, "{device:?}");
        assert!(!stands(&mut net, device, "registry-forked", &format!("device {}", HUB.0)));
    }
}

#[test]
fn hub_that_was_put_back_signs_when_two_waived_who_was_not_heard_and_a_fork_is_told() {
    let mut net = put_back(&[HUB, COUNTY_HUB]);
    unsure(&mut net, &["设备3"]);
    for by in city::people(city::CITY) {
        unsure(&mut net, &["设备3"]);
        city::ask(net.node(HUB), NOON, Some(by), Command::Waive(Vec::new())).0.unwrap();
    }
    assert!(!stands(&mut net, HUB, "registry-unsure", ""));
    // Which was not so.
    ask(&mut net, "other").unwrap();
    net.connect(HUB, COUNTY_HUB);
    for _ in 0..200 {
        net.step();
    }
    assert!(
        stands(&mut net, HUB, "registry-forked", "device 3")
            || stands(&mut net, COUNTY_HUB, "registry-forked", "device 1")
    );
}

#[test]
fn what_a_newer_program_wrote_is_passed_on_and_work_goes_on_under_what_is_understood() {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE]);
    net.connect(HUB, COUNTY_HUB);
    net.connect(COUNTY_HUB, OFFICE);
    net.run();
    let before = net.node(HUB).registry().version();
    let entry = city::newer(net.node(HUB).registry());
    let mut liar = Liar::connect(net.node(HUB), LAPTOP);
    liar.push(net.node(HUB), kernel::scopes::REGISTRY, std::slice::from_ref(&entry));
    net.cut();
    net.connect(HUB, COUNTY_HUB);
    net.connect(COUNTY_HUB, OFFICE);
    net.run();
    for device in [HUB, COUNTY_HUB, OFFICE] {
        let registry = net.node(device).registry();
        assert_eq!((registry.version(), registry.acted()), (before + 1, before), "{device:?}");
        assert_eq!(registry.entries().last(), Some(entry.as_slice()), "{device:?}");
        assert!(stands(&mut net, device, "registry-beyond", ""), "{device:?}");
    }
    assert_eq!(ask(&mut net, "later").unwrap_err(), Refusal::Clash(replica::registry::Clash::Beyond));
    let doc = city::begin(net.node(HUB), NOON, city::people(city::CITY)[0], city::register("供暖不热"));
    let named = net.node(HUB).store().act(&doc).unwrap().unwrap();
    assert_eq!(replica::Act::decode(&named.bytes).unwrap().registry[0].version, before);
    // Neither a restart nor the same entry again changes that.
    net.restart(HUB, false);
    assert_eq!(net.node(HUB).registry().acted(), before);
    assert!(stands(&mut net, HUB, "registry-beyond", ""));
}
