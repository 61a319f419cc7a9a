//! A city hotline with its hub, a county hotline with its hub, and a township below it with an office.

use regulation::act::{Body, Register};
use regulation::{DeviceId, PersonId, UnitId};
use replica::registry::{ROOT_LOG, sign_entry};
use replica::{Change, Class, Device, DeviceKey, Draft, Effect, Field, Person, Registry, Unit, UnitKind, Value};
use store::Store;

pub const OFFICE: DeviceId = DeviceId(2);

pub fn key(id: DeviceId) -> DeviceKey {
    DeviceKey::from_secret(&[id.0.to_be_bytes()[3]; 32])
}

pub fn root() -> DeviceKey {
    DeviceKey::from_secret(&[0xee; 32])
}

pub fn registry() -> Registry {
    let root = root();
    let unit = |code: &str, kind, parent| Unit::new(code, code, code, kind, parent);
    let device = |id: DeviceId, unit, class| Device { unit, class, key: key(id).public(), name: id.0.to_string() };
    let person = |unit: UnitId| {
        let (name, login) = ("职员".to_owned(), format!("p{}", unit.0));
        Person { unit, name, login, roles: regulation::split::all_of_one() }
    };
    let changes = [
        Change::Found { city: "示例市".to_owned(), root_key: root.public() },
        Change::Units(vec![
            (UnitId(1), unit("130600", UnitKind::CityHotline, None)),
            (UnitId(3), unit("130602", UnitKind::CountyHotline, Some(UnitId(1)))),
            (UnitId(2), unit("130601", UnitKind::Township, Some(UnitId(3)))),
        ]),
        Change::Device(DeviceId(1), device(DeviceId(1), UnitId(1), Class::Hub)),
        Change::Device(OFFICE, device(OFFICE, UnitId(2), Class::Office)),
        Change::Device(DeviceId(3), device(DeviceId(3), UnitId(3), Class::Hub)),
        Change::Hub(DeviceId(1)),
        Change::Person(PersonId(1), person(UnitId(1))),
        Change::Person(PersonId(2), person(UnitId(2))),
    ];
    let mut registry = Registry::default();
    for change in changes {
        let entry = sign_entry(None, &registry, change, 0, &root);
        registry.append(&entry).unwrap();
    }
    registry
}

pub fn register() -> Draft {
    let body = Body::Register(Register { day: 20_759, ..Register::sample() });
    let title = vec![Effect::Register(Field::Title, Value::Segment(0))];
    Draft::new(body).text(["供暖不热", "不到十六度"]).effects(title)
}

pub fn store(registry: &Registry) -> Store {
    let mut store = Store::in_memory().unwrap();
    store.begin().unwrap();
    for (version, entry) in (1..).zip(registry.entries()) {
        store.registry_append(ROOT_LOG, version, entry).unwrap();
    }
    store.commit().unwrap();
    store
}
