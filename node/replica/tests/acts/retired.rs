//! A hub that is out of use: what an entry may say of it, and what becomes of acts that its key signs.

use regulation::{DeviceId, PersonId, UnitId};
use replica::registry::{Clash, sign_entry};
use replica::{Change, Class, Device, Registry, RegistryError, Sealed, Verdict, compose};

use crate::city::{self, CITY, HUB, LAPTOP, NOON, OFFICE, TOWN};

/// A hub of the township, and one of the city's that is not the hub by which it settles.
const TOWN_HUB: DeviceId = DeviceId(7);
const SPARE: DeviceId = DeviceId(8);
const SECOND: PersonId = PersonId(11);

fn write(registry: &mut Registry, by: Option<PersonId>, change: Change) -> Result<(), Clash> {
    let entry = sign_entry(by, registry, change, NOON, &city::root());
    match registry.append(&entry) {
        Ok(_) => Ok(()),
        Err(RegistryError::Inconsistent { clash, .. }) => Err(clash),
        Err(other) => panic!("{other}"),
    }
}

fn device(unit: UnitId, id: DeviceId) -> Device {
    Device { unit, class: Class::Hub, key: city::key(id).public(), name: format!("设备{}", id.0) }
}

fn registry() -> Registry {
    let mut registry = city::registry();
    for (unit, id) in [(TOWN, TOWN_HUB), (CITY, SPARE)] {
        write(&mut registry, None, Change::Device(id, device(unit, id))).unwrap();
    }
    let second =
        replica::Person { login: "p11".to_owned(), ..registry.now().person(city::person(CITY)).unwrap().clone() };
    write(&mut registry, None, Change::Person(SECOND, second)).unwrap();
    registry
}

fn retire(registry: &mut Registry, hub: DeviceId) -> Result<(), Clash> {
    write(registry, Some(city::person(CITY)), Change::Proposed(Box::new(Change::Retired(hub))))?;
    let confirm = Change::Confirmed(registry.head());
    write(registry, Some(SECOND), confirm)
}

#[test]
fn only_a_hub_that_is_not_the_citys_is_taken_out_by_two_people_and_for_good() {
    let mut registry = registry();
    for (id, clash) in
        [(HUB, Clash::Retire), (LAPTOP, Clash::Retire), (OFFICE, Clash::Retire), (DeviceId(99), Clash::NoSuchDevice)]
    {
        assert_eq!(retire(&mut registry, id), Err(clash), "{id:?}");
    }
    for by in [None, Some(city::person(CITY))] {
        let alone = write(&mut registry, by, Change::Retired(TOWN_HUB));
        assert!(matches!(alone, Err(Clash::NeedsSecond | Clash::NotTheirs)), "{alone:?}");
    }
    assert_eq!(retire(&mut registry.clone(), TOWN_HUB), Ok(()));
    // Proposed twice, by two people: what is brought about once is not brought about again.
    let proposes = Change::Proposed(Box::new(Change::Retired(TOWN_HUB)));
    write(&mut registry, Some(city::person(CITY)), proposes.clone()).unwrap();
    let confirm = Change::Confirmed(registry.head());
    assert_eq!(write(&mut registry, Some(SECOND), proposes), Err(Clash::ProposedAlready));
    write(&mut registry, Some(SECOND), confirm).unwrap();
    assert_eq!(retire(&mut registry, TOWN_HUB), Err(Clash::Retired));

    let at = registry.now();
    assert!(!at.in_use(TOWN_HUB) && at.device_of_key(&city::key(TOWN_HUB).public()).is_none());
    assert!(at.device(TOWN_HUB).is_some(), "its name stays known");
    assert!(at.devices().all(|(id, _)| id != TOWN_HUB) && at.hubs().all(|(id, ..)| id != TOWN_HUB));
    let renamed = Device { name: "别名".to_owned(), ..device(TOWN, TOWN_HUB) };
    let successor = Device { key: [5; 32], ..device(TOWN, TOWN_HUB) };
    for (change, clash) in [
        (Change::Device(TOWN_HUB, renamed), Clash::Retired),
        (Change::Rekey(TOWN_HUB, [5; 32]), Clash::Retired),
        (Change::Enrol(DeviceId(9), device(TOWN, TOWN_HUB), None), Clash::DeviceKey),
        (Change::Enrol(DeviceId(9), successor, None), Clash::DeviceName("设备7".to_owned())),
    ] {
        assert_eq!(write(&mut registry.clone(), None, change.clone()), Err(clash), "{change:?}");
    }
    retire(&mut registry, SPARE).unwrap();
    assert_eq!(write(&mut registry, None, Change::Hub(SPARE)), Err(Clash::Hub));
}

#[test]
fn act_of_its_key_is_judged_by_the_registry_that_it_names() {
    let before = registry();
    let mut history = replica::History::default();
    city::make(&before, &mut history, HUB, 1, city::register());
    city::make(&before, &mut history, HUB, 2, city::dispatch(TOWN));
    let mut after = before.clone();
    retire(&mut after, TOWN_HUB).unwrap();
    let sealed = |registry: &Registry| {
        let (act, parts) = compose(&history, city::tag("供暖"), city::stamp(registry, TOWN_HUB, 1));
        Sealed::new(&act, &city::key(TOWN_HUB), parts)
    };
    let take = |sealed: &Sealed, registry: &Registry| city::take(registry, &mut history.clone(), sealed);
    for registry in [&before, &after] {
        assert_eq!(take(&sealed(&before), registry), Ok(Verdict::Admitted), "made while it was in use");
    }
    let why = take(&sealed(&after), &after);
    assert_eq!(why, Err("refused: the registry that the act names has no device 7 in use".to_owned()));
    assert!(take(&sealed(&after), &before).is_err_and(|why| why.starts_with("held")), "not heard of here");
}
