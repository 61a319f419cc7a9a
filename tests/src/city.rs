//! A small city for tests: a city hotline with its hub and a laptop, a county hotline, three townships, two people each.

use regulation::{DeviceId, PersonId, UnitId};
use replica::registry::sign_entry;
use replica::{Change, Class, Device, DeviceKey, Person, Registry, Unit, UnitKind};

/// The city hotline.
pub const CITY: UnitId = UnitId(1);
/// The county hotline.
pub const COUNTY: UnitId = UnitId(2);
/// Townships of the county.
pub const TOWNSHIPS: [UnitId; 3] = [UnitId(3), UnitId(4), UnitId(5)];

/// The city hub.
pub const HUB: DeviceId = DeviceId(1);
/// A laptop of the city hotline.
pub const CITY_LAPTOP: DeviceId = DeviceId(2);
/// The county hub.
pub const COUNTY_HUB: DeviceId = DeviceId(3);

/// Noon of a working Monday, 2026-11-02, UTC+8.
pub const MONDAY_NOON: i64 = 1_793_592_000_000;

/// The key of a device, from its number.
#[must_use]
pub fn key(device: DeviceId) -> DeviceKey {
    let mut secret = [7; 32];
    secret[..4].copy_from_slice(&device.0.to_be_bytes());
    DeviceKey::from_secret(&secret)
}

/// The root key of the city.
#[must_use]
pub fn root_key() -> DeviceKey {
    DeviceKey::from_secret(&[9; 32])
}

/// The two people of a unit: one of them edits, the other publishes.
#[must_use]
pub fn people(unit: UnitId) -> [PersonId; 2] {
    [PersonId(unit.0 * 10), PersonId(unit.0 * 10 + 1)]
}

/// Devices with their units and classes: the hub, a city laptop, the county hub, one office machine a township, and a
/// laptop of the first township.
#[must_use]
pub fn devices() -> Vec<(DeviceId, UnitId, Class)> {
    let mut devices =
        vec![(HUB, CITY, Class::Hub), (CITY_LAPTOP, CITY, Class::Laptop), (COUNTY_HUB, COUNTY, Class::Hub)];
    devices.extend(TOWNSHIPS.iter().zip(4..).map(|(unit, number)| (DeviceId(number), *unit, Class::Office)));
    devices.push((DeviceId(7), TOWNSHIPS[0], Class::Laptop));
    devices
}

/// Its registry.
///
/// # Panics
/// Never: the entries are consistent.
#[must_use]
#[expect(clippy::expect_used, reason = "the entries are constants")]
pub fn registry() -> Registry {
    let mut registry = Registry::default();
    let root = root_key();
    let unit = |id: UnitId, kind, parent| {
        let name = format!("单位{}", id.0);
        (id, Unit::new(&format!("U{}", id.0), &name, &name, kind, parent))
    };
    let mut units = vec![unit(CITY, UnitKind::CityHotline, None), unit(COUNTY, UnitKind::CountyHotline, Some(CITY))];
    units.extend(TOWNSHIPS.map(|id| unit(id, UnitKind::Township, Some(COUNTY))));
    let mut changes = vec![
        Change::Found { city: "示例市".to_owned(), root_key: root.public() },
        Change::Units(units),
        Change::Categories(vec![("0101".to_owned(), "城乡建设/供暖".to_owned())]),
    ];
    for unit in [CITY, COUNTY].into_iter().chain(TOWNSHIPS) {
        for person in people(unit) {
            let login = format!("p{}", person.0);
            changes.push(Change::Person(
                person,
                Person { unit, name: format!("职员{}", person.0), login, roles: regulation::split::all_of_one() },
            ));
        }
    }
    for (id, unit, class) in devices() {
        changes.push(Change::Device(id, Device { unit, class, key: key(id).public(), name: format!("设备{}", id.0) }));
    }
    changes.push(Change::Hub(HUB));
    for change in changes {
        let entry = sign_entry(None, &registry, change, MONDAY_NOON, &root);
        registry.append(&entry).expect("the entries are consistent");
    }
    registry
}
