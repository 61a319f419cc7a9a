//! What an entry of the registry may not contradict: whatever names somebody is given once.

use regulation::{DeviceId, PersonId, Role, UnitId};
use replica::registry::{Clash, sign_entry};
use replica::{Change, Class, Device, Person, Registry, RegistryError, Unit, UnitKind};

use crate::city::{self, CITY, HUB, LAPTOP, NOON, OFFICE, OTHER_TOWN, TOWN};

fn append(registry: &mut Registry, change: Change) -> Result<(), Clash> {
    let entry = sign_entry(None, registry, change, NOON, &city::root());
    match registry.append(&entry) {
        Ok(_) => Ok(()),
        Err(RegistryError::Inconsistent { clash, .. }) => Err(clash),
        Err(other) => panic!("{other}"),
    }
}

fn device(unit: UnitId, key: u8, name: &str) -> Device {
    Device { unit, class: Class::Office, key: [key; 32], name: name.to_owned() }
}

fn person(unit: UnitId, login: &str) -> Person {
    Person { unit, name: "职员".to_owned(), login: login.to_owned(), roles: Vec::new() }
}

fn unit(code: &str, kind: UnitKind, parent: Option<UnitId>) -> Unit {
    Unit::new(code, code, code, kind, parent)
}

#[test]
fn entry_that_contradicts_what_is_held_changes_nothing() {
    let registry = city::registry();
    let now = registry.now();
    let laptop = now.device(LAPTOP).unwrap().clone();
    let clerk = city::person(TOWN);
    let (new, stranger) = (DeviceId(9), UnitId(99));
    let units = |id: UnitId, unit: Unit| Change::Units(vec![(id, unit)]);
    let cases = [
        // People.
        (Change::Person(clerk, person(TOWN, "other")), Clash::PersonNumber),
        (Change::Person(PersonId(7), person(CITY, "p20")), Clash::Login("p20".to_owned())),
        (Change::Person(PersonId(7), person(CITY, "P20")), Clash::Login("P20".to_owned())),
        (Change::Person(PersonId(7), person(CITY, "")), Clash::BadLogin),
        (Change::Person(PersonId(7), person(CITY, "a b")), Clash::BadLogin),
        (Change::Person(PersonId(7), Person { name: "张\n三".to_owned(), ..person(CITY, "a") }), Clash::BadName),
        (Change::Person(PersonId(7), Person { name: " ".to_owned(), ..person(CITY, "a") }), Clash::BadName),
        (Change::Person(PersonId(7), person(stranger, "a")), Clash::NoSuchUnit),
        (Change::Person(clerk, Person { roles: Role::ALL.to_vec(), ..person(TOWN, "p20") }), Clash::Officers),
        (
            Change::Person(PersonId(7), Person { roles: vec![Role::Security, Role::Audit], ..person(TOWN, "a") }),
            Clash::Officers,
        ),
        (
            Change::Enrol(
                new,
                device(TOWN, 5, "新机"),
                Some((PersonId(7), Person { roles: vec![Role::Administer, Role::Audit], ..person(TOWN, "a") })),
            ),
            Clash::Officers,
        ),
        (
            Change::Person(PersonId(7), Person { roles: vec![Role::Handle, Role::Inspect], ..person(TOWN, "a") }),
            Clash::Inspector,
        ),
        (
            Change::Person(PersonId(7), Person { roles: vec![Role::Inspect, Role::Other(99)], ..person(CITY, "a") }),
            Clash::Inspector,
        ),
        // Devices.
        (Change::Device(LAPTOP, Device { key: [5; 32], ..laptop.clone() }), Clash::DeviceNumber),
        (Change::Device(LAPTOP, Device { unit: TOWN, ..laptop.clone() }), Clash::DeviceMoved),
        (Change::Device(new, Device { name: "新机".to_owned(), ..laptop.clone() }), Clash::DeviceKey),
        (Change::Device(new, device(TOWN, 5, &laptop.name)), Clash::DeviceName(laptop.name.clone())),
        (Change::Device(new, device(TOWN, 5, "新机\n")), Clash::BadDeviceName),
        (Change::Device(new, device(TOWN, 5, "")), Clash::BadDeviceName),
        (Change::Device(new, device(stranger, 5, "新机")), Clash::NoSuchUnit),
        (Change::Rekey(new, [5; 32]), Clash::NoSuchDevice),
        (Change::Rekey(OFFICE, laptop.key), Clash::DeviceKey),
        (Change::Enrol(LAPTOP, device(TOWN, 5, "新机"), None), Clash::DeviceNumber),
        (Change::Enrol(new, device(TOWN, 5, "新机"), Some((clerk, person(TOWN, "p20")))), Clash::PersonNumber),
        (
            Change::Enrol(new, device(TOWN, 5, "新机"), Some((PersonId(7), person(TOWN, "p20")))),
            Clash::Login("p20".to_owned()),
        ),
        (Change::Enrol(new, device(TOWN, 5, "新机"), Some((PersonId(7), person(CITY, "a")))), Clash::NoSuchUnit),
        // The hub.
        (Change::Hub(new), Clash::NoSuchDevice),
        (Change::Hub(LAPTOP), Clash::Hub),
        (Change::Hub(OFFICE), Clash::Hub),
        // Units and categories.
        (units(UnitId(9), unit("U2", UnitKind::Township, Some(CITY))), Clash::UnitCode("U2".to_owned())),
        (units(UnitId(9), unit("U9", UnitKind::Township, Some(stranger))), Clash::UnitAbove("U9".to_owned())),
        (units(TOWN, unit("U2", UnitKind::Township, Some(TOWN))), Clash::UnitAbove("U2".to_owned())),
        (units(UnitId(9), unit("U9", UnitKind::CityHotline, None)), Clash::CityHotline),
        (units(CITY, unit("U1", UnitKind::Township, None)), Clash::CityHotline),
        (
            Change::Categories(vec![("01".to_owned(), "甲".to_owned()), ("01".to_owned(), "乙".to_owned())]),
            Clash::Category("01".to_owned()),
        ),
    ];
    for (change, clash) in cases {
        let mut tried = registry.clone();
        assert_eq!(append(&mut tried, change.clone()), Err(clash), "{change:?}");
        assert_eq!(tried.version(), registry.version(), "{change:?}");
        let count = |registry: &Registry| (registry.now().devices().count(), registry.now().people().count());
        assert_eq!(count(&tried), count(&registry), "{change:?}");
    }
}

#[test]
fn what_may_be_changed_of_people_and_devices_is_changed() {
    let mut registry = city::registry();
    let clerk = city::person(TOWN);
    let moved = Person { name: "李四".to_owned(), ..person(OTHER_TOWN, "p20") };
    append(&mut registry, Change::Person(clerk, moved.clone())).unwrap();
    assert_eq!(registry.now().person(clerk), Some(&moved));
    let renamed = Device { name: "前台".to_owned(), ..registry.now().device(LAPTOP).unwrap().clone() };
    append(&mut registry, Change::Device(LAPTOP, renamed.clone())).unwrap();
    assert_eq!(registry.now().device(LAPTOP), Some(&renamed));
    append(&mut registry, Change::Rekey(LAPTOP, [5; 32])).unwrap();
    assert_eq!(registry.now().device(LAPTOP), Some(&Device { key: [5; 32], ..renamed.clone() }));
    // The key that it had before comes back for nobody.
    let again = Device { key: renamed.key, ..device(TOWN, 5, "新机") };
    assert_eq!(append(&mut registry, Change::Device(DeviceId(9), again)), Err(Clash::DeviceKey));
    let newcomer = (PersonId(7), person(TOWN, "new"));
    append(&mut registry, Change::Enrol(DeviceId(9), device(TOWN, 9, "新机"), Some(newcomer.clone()))).unwrap();
    assert_eq!(registry.now().device_of_key(&[9; 32]).map(|(id, _)| id), Some(DeviceId(9)));
    assert_eq!(registry.now().person(newcomer.0), Some(&newcomer.1));
    append(&mut registry, Change::Hub(HUB)).unwrap();
}

#[test]
fn entry_touches_what_it_speaks_of_and_nothing_else() {
    let mut registry = city::registry();
    let clerk = Change::Person(city::person(TOWN), person(TOWN, "p20"));
    let before = registry.version();
    assert!(registry.touched(&clerk) <= before);
    let other = Person { roles: vec![regulation::Role::Administer], ..person(CITY, "p10") };
    append(&mut registry, Change::Person(city::person(CITY), other)).unwrap();
    assert!(registry.touched(&clerk) <= before, "somebody else was changed");
    append(&mut registry, clerk.clone()).unwrap();
    assert_eq!(registry.touched(&clerk), registry.version());
    assert_eq!(registry.touched(&Change::weights(&regulation::rates::Weights::default())), 0, "never set");
    let categories = Change::Categories(Vec::new());
    append(&mut registry, categories.clone()).unwrap();
    assert_eq!(registry.touched(&categories), registry.version());
}
