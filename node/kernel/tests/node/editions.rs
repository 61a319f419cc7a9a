//! An edition of the rules is put in force when every hub has a program that carries it, and what belongs to it is made from
//! then on: so no hub is given what it cannot judge.

use kernel::equal::{Holding, compare};
use kernel::{Command, Done, Kernel, Refusal};
use regulation::act::{Body, Reached, Way};
use regulation::settings::EDITION;
use regulation::{ActId, DeviceId, Edition, Rule};
use replica::newer::older;
use replica::registry::{Carried, Clash, sign_entry};
use replica::{Change, Draft, RegistryError};
use store::Verdict;

use crate::city::{self, CITY, COUNTY_HUB, HUB, LAPTOP, NOON, OFFICE, TOWN};
use crate::net::Net;

/// The edition to which belongs what the older program does not know.
const NEXT: Edition = Edition(2);

/// A call to the requester: of a kind that the older program does not know.
fn contact() -> Draft {
    Draft::new(Body::Contact { way: Way::Telephone, reached: Reached::Answered }).text(["已电话联系"])
}

fn edition() -> Change {
    Change::settings(vec![(EDITION, NEXT.0.into())])
}

/// Whether the city puts the next edition in force, by two people.
fn raise(hub: &mut Kernel) -> Result<Done, Refusal> {
    let [one, other] = city::people(CITY);
    let write = |hub: &mut Kernel, person, change| {
        let command = Command::Registry { seen: u32::MAX, change: Box::new(change) };
        city::ask(hub, NOON, Some(person), command).0
    };
    write(hub, one, Change::Proposed(Box::new(edition())))?;
    let confirm = Change::Confirmed(hub.registry().head());
    write(hub, other, confirm)
}

fn tell(net: &mut Net, devices: &[DeviceId]) {
    for device in devices {
        net.connect(HUB, *device);
        net.run();
    }
    net.cut();
}

fn holding(kernel: &Kernel) -> Holding<'_> {
    Holding { device: kernel.device().unwrap(), store: kernel.store(), registry: kernel.registry() }
}

fn call(office: &mut Kernel, doc: ActId) -> Result<Done, Refusal> {
    city::ask(office, NOON, Some(city::people(TOWN)[0]), Command::Act { doc, draft: contact() }).0
}

#[test]
fn a_kind_is_made_once_every_hub_carries_its_edition_and_the_registry_says_so() {
    older::learnt_with(NEXT);
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE, LAPTOP]);
    net.older = Some(LAPTOP);
    for device in [HUB, OFFICE] {
        net.upgrade(device, NEXT);
    }
    let clerk = city::people(CITY)[0];
    let doc = city::begin(net.node(HUB), NOON, clerk, Draft { private: Vec::new(), ..city::register("供暖不热") });
    city::act(net.node(HUB), NOON, clerk, doc, city::dispatch(TOWN));
    tell(&mut net, &[COUNTY_HUB]);
    net.connect(COUNTY_HUB, OFFICE);
    net.run();
    net.cut();
    city::act(net.node(OFFICE), NOON, city::people(TOWN)[0], doc, Draft::new(Body::SignFor));

    // The county's hub has not said that it carries the edition: neither is it put in force, nor is the kind made.
    assert_eq!(call(net.node(OFFICE), doc), Err(Refusal::Rule(Rule::NotYet)));
    let behind = Clash::EditionAhead(vec!["设备3".to_owned()]);
    assert_eq!(raise(net.node(HUB)), Err(Refusal::Clash(behind.clone())));

    // Once upgraded it says so at its next connection, and the log has it.
    net.upgrade(COUNTY_HUB, NEXT);
    tell(&mut net, &[COUNTY_HUB]);
    let hubs: Vec<_> = net.node(HUB).registry().now().hubs().map(|(id, _, edition)| (id, edition)).collect();
    assert_eq!(hubs, [(HUB, NEXT), (COUNTY_HUB, NEXT)]);
    assert_eq!(call(net.node(OFFICE), doc), Err(Refusal::Rule(Rule::NotYet)), "not before the edition is in force");
    assert!(raise(net.node(HUB)).is_ok());
    tell(&mut net, &[COUNTY_HUB]);
    net.connect(COUNTY_HUB, OFFICE);
    net.run();
    net.cut();
    let Ok(Done::Made { act, .. }) = call(net.node(OFFICE), doc) else { panic!("it is in force") };
    net.connect(COUNTY_HUB, OFFICE);
    net.run();
    net.cut();
    tell(&mut net, &[COUNTY_HUB, LAPTOP]);

    // Whoever is not upgraded keeps it, and after an upgrade comes to the same as everybody.
    net.as_of(LAPTOP, |laptop| {
        assert_eq!(laptop.registry().now().edition(), Edition::FIRST);
        let held = laptop.store().act(&act).unwrap().map(|row| row.verdict);
        assert!(held.is_none_or(|verdict| verdict == Verdict::Newer), "{held:?}");
        assert_eq!(laptop.store().refused_count().unwrap(), 0);
    });
    net.older = None;
    net.upgrade(LAPTOP, NEXT);
    tell(&mut net, &[COUNTY_HUB, LAPTOP]);
    let place = |device| net.nodes.iter().position(|(other, _)| *other == device).unwrap();
    let [a, b] = [HUB, LAPTOP].map(|device| &net.nodes[place(device)].1);
    assert!(b.store().act(&act).unwrap().is_some_and(|row| row.verdict == Verdict::Admitted));
    let same = compare(holding(a), holding(b)).unwrap();
    assert!(same.docs >= 1 && same.partial == 0, "{same:?}");
}

#[test]
fn whoever_writes_the_log_cannot_put_an_edition_in_force_before_every_hub_said_so() {
    let mut registry = replica::Registry::carrying(NEXT);
    city::registry().entries().for_each(|entry| assert!(registry.append(entry).is_ok()));
    let city_id = registry.city_id().unwrap();
    let [one, other] = city::people(CITY);
    let write = |registry: &mut replica::Registry, by, change| {
        let entry = sign_entry(by, registry, change, NOON, &city::root());
        registry.append(&entry).map_err(|error| match error {
            RegistryError::Inconsistent { clash, .. } => clash,
            error => panic!("{error}"),
        })
    };
    let said =
        |device: DeviceId, edition| Change::Carried(Carried::signed(&city_id, device, edition, &city::key(device)));
    let proposes = || Change::Proposed(Box::new(edition()));
    let behind = |devices: [&str; 2]| Err(Clash::EditionAhead(devices.map(str::to_owned).to_vec()));
    assert_eq!(write(&mut registry, Some(one), proposes()), behind(["设备1", "设备3"]));
    write(&mut registry, None, said(HUB, NEXT)).unwrap();
    // Only the hub itself says what its program carries, and what it says holds for this city and this device.
    let forged = [
        Carried { device: COUNTY_HUB, ..Carried::signed(&city_id, COUNTY_HUB, NEXT, &city::key(HUB)) },
        Carried { edition: NEXT, ..Carried::signed(&city_id, COUNTY_HUB, Edition(1), &city::key(COUNTY_HUB)) },
        Carried::signed(&[7; 32], COUNTY_HUB, NEXT, &city::key(COUNTY_HUB)),
        Carried { device: COUNTY_HUB, ..Carried::signed(&city_id, HUB, NEXT, &city::key(COUNTY_HUB)) },
        Carried::signed(&city_id, OFFICE, NEXT, &city::key(OFFICE)),
        Carried::signed(&city_id, HUB, NEXT, &city::key(HUB)),
    ];
    for carried in forged {
        assert_eq!(write(&mut registry, None, Change::Carried(carried.clone())), Err(Clash::Carried), "{carried:?}");
    }
    assert_eq!(write(&mut registry, Some(one), said(COUNTY_HUB, NEXT)), Err(Clash::NotTheirs), "nobody has it written");
    write(&mut registry, None, said(COUNTY_HUB, NEXT)).unwrap();
    // A hub that is enrolled while it waits must say it as well.
    write(&mut registry, Some(one), proposes()).unwrap();
    let confirm = Change::Confirmed(registry.head());
    let second = DeviceId(9);
    let device = city::device(second, CITY, replica::Class::Hub, &city::key(second));
    write(&mut registry, None, device).unwrap();
    assert_eq!(write(&mut registry, Some(other), confirm.clone()), Err(Clash::EditionAhead(vec!["设备9".to_owned()])));
    // One that has another key has said nothing by it.
    write(&mut registry, None, said(second, NEXT)).unwrap();
    write(&mut registry, None, Change::Rekey(second, [9; 32])).unwrap();
    assert_eq!(write(&mut registry, Some(other), confirm.clone()), Err(Clash::EditionAhead(vec!["设备9".to_owned()])));
    // One that is out of use is a hub no more.
    let out = Change::Device(
        second,
        replica::Device { class: replica::Class::Office, ..registry.now().device(second).unwrap().clone() },
    );
    write(&mut registry, None, out).unwrap();
    write(&mut registry, Some(other), confirm).unwrap();
    assert_eq!(registry.now().edition(), NEXT);
}

#[test]
fn a_hub_says_once_what_its_program_carries() {
    let mut net = Net::new(&[HUB, COUNTY_HUB]);
    let before = net.node(HUB).registry().version();
    // What the writer of the registry does not carry itself it goes past.
    net.upgrade(COUNTY_HUB, NEXT);
    tell(&mut net, &[COUNTY_HUB]);
    assert_eq!(net.node(HUB).registry().version(), before);
    net.upgrade(HUB, NEXT);
    for _ in 0..3 {
        tell(&mut net, &[COUNTY_HUB]);
        net.restart(COUNTY_HUB, false);
        net.restart(HUB, false);
    }
    assert_eq!(net.node(HUB).registry().version(), before + 2, "one entry a hub");
    assert_eq!(net.node(COUNTY_HUB).registry().version(), before + 2);
}
