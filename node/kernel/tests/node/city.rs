//! A city hotline with its hub and a laptop, a county hub, two townships of the county.

use kernel::{Command, Done, Effect, Identity, Input, Kernel, Refusal, Request};
use regulation::act::{Body, Dispatch, Register};
use regulation::calendar::{Calendar, Day};
use regulation::terms::Terms;
use regulation::{ActId, DeviceId, Edition, PersonId, UnitId};
use replica::registry::{ROOT_LOG, sign_entry};
use replica::{
    Change, Class, Device, DeviceKey, Draft, Effect as Write, Entry, Field, Person, Registry, Unit, UnitKind, Value,
};
use store::Store;

pub const CITY: UnitId = UnitId(1);
pub const COUNTY: UnitId = UnitId(2);
pub const TOWN: UnitId = UnitId(3);
pub const OTHER_TOWN: UnitId = UnitId(4);

pub const HUB: DeviceId = DeviceId(1);
pub const LAPTOP: DeviceId = DeviceId(2);
pub const COUNTY_HUB: DeviceId = DeviceId(3);
pub const OFFICE: DeviceId = DeviceId(4);
pub const OTHER_OFFICE: DeviceId = DeviceId(5);

pub const DEVICES: [(DeviceId, UnitId, Class); 5] = [
    (HUB, CITY, Class::Hub),
    (LAPTOP, CITY, Class::Laptop),
    (COUNTY_HUB, COUNTY, Class::Hub),
    (OFFICE, TOWN, Class::Office),
    (OTHER_OFFICE, OTHER_TOWN, Class::Office),
];

/// 2026-11-02, noon, UTC+8: a working Monday.
pub const NOON: i64 = 1_793_592_000_000;
/// The day after it as the calendar counts, from which on settings can be set.
pub const TOMORROW: i32 = 739_923;
pub const DAY_MS: i64 = 86_400_000;

pub fn key(device: DeviceId) -> DeviceKey {
    DeviceKey::from_secret(&[u8::try_from(device.0).unwrap(); 32])
}

pub fn root() -> DeviceKey {
    DeviceKey::from_secret(&[0xee; 32])
}

/// The two people of a unit: one edits, the other publishes.
pub fn people(unit: UnitId) -> [PersonId; 2] {
    [PersonId(unit.0 * 10), PersonId(unit.0 * 10 + 1)]
}

pub fn units(code: &str) -> Change {
    let unit = |id: UnitId, kind, parent| {
        let name = format!("单位{}", id.0);
        (id, Unit::new(&format!("{code}{}", id.0), &name, &name, kind, parent))
    };
    // One that may ask another for an opinion.
    let asking = |(id, unit): (UnitId, Unit), superior| (id, Unit { superiors: vec![superior], ..unit });
    Change::Units(vec![
        unit(CITY, UnitKind::CityHotline, None),
        unit(COUNTY, UnitKind::CountyHotline, Some(CITY)),
        asking(unit(TOWN, UnitKind::Township, Some(COUNTY)), OTHER_TOWN),
        unit(OTHER_TOWN, UnitKind::Township, Some(COUNTY)),
    ])
}

/// The published calendar, with these days of November 2026 off as well.
pub fn calendar(off: &[i32]) -> Change {
    let mut days = Calendar::parse_csv(include_str!("../../../data/holidays.csv")).unwrap();
    // Days count from 0001-01-01 as 1; the first of November 2026 is 739,921.
    days.extend(off.iter().map(|day| Day::from_number(739_920 + day, false, "停工".to_owned()).unwrap()));
    Change::Calendar(days)
}

pub fn device(id: DeviceId, unit: UnitId, class: Class, key: &DeviceKey) -> Change {
    Change::Device(id, Device { unit, class, key: key.public(), name: format!("设备{}", id.0) })
}

/// The registry that every node begins with.
pub fn registry() -> Registry {
    let mut changes = vec![
        Change::Found { city: "示例市".to_owned(), root_key: root().public() },
        units("U"),
        Change::Categories(vec![("0101".to_owned(), "供暖".to_owned())]),
        calendar(&[]),
        Change::terms(&Terms::default()),
    ];
    for (id, unit, class) in DEVICES {
        changes.push(device(id, unit, class, &key(id)));
    }
    for unit in [CITY, COUNTY, TOWN, OTHER_TOWN] {
        for id in people(unit) {
            let (name, login) = (format!("职员{}", id.0), format!("p{}", id.0));
            changes.push(Change::Person(id, Person { unit, name, login, roles: regulation::split::all_of_one() }));
        }
    }
    changes.push(Change::Hub(HUB));
    let mut registry = Registry::default();
    for change in changes {
        append(&mut registry, change);
    }
    registry
}

pub fn append(registry: &mut Registry, change: Change) -> Vec<u8> {
    let entry = sign_entry(None, registry, change, NOON, &root());
    registry.append(&entry).unwrap();
    entry
}

/// The next entry as a newer program writes it: a critical change that this one does not know.
pub fn newer(registry: &Registry) -> Vec<u8> {
    let (entry, _) = Entry::decode(&sign_entry(None, registry, Change::Newer(4_000), NOON, &root())).unwrap();
    assert!(entry.beyond());
    entry.encode(&root().sign(&entry.hash()))
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

/// The keys of a device; the hub holds the root key too.
pub fn identity(device: DeviceId) -> Identity {
    Identity { key: key(device), root: (device == HUB).then(root), reliable_links: true }
}

pub fn open(device: DeviceId, store: Store, now: i64, restored: bool) -> Kernel {
    open_carrying(Edition::NEWEST, device, store, now, restored)
}

/// The same with a program that carries the editions of the rules up to that one.
pub fn open_carrying(newest: Edition, device: DeviceId, store: Store, now: i64, restored: bool) -> Kernel {
    let seed = [u8::try_from(device.0).unwrap(); 32];
    Kernel::open_carrying(newest, store, identity(device), seed, now, restored).unwrap()
}

pub fn node(device: DeviceId) -> Kernel {
    open(device, store(&registry()), NOON, false)
}

/// What the first person of the city proposes, and what confirms it.
pub fn proposed(kernel: &mut Kernel, change: Change) -> Change {
    let proposes = Box::new(Change::Proposed(Box::new(change)));
    let command = Command::Registry { seen: u32::MAX, change: proposes };
    assert!(ask(kernel, NOON, Some(people(CITY)[0]), command).0.is_ok());
    Change::Confirmed(kernel.registry().head())
}

/// Has a command carried out; what came of it, and the other effects.
pub fn ask(
    kernel: &mut Kernel,
    now: i64,
    person: Option<PersonId>,
    command: Command,
) -> (Result<Done, Refusal>, Vec<Effect>) {
    let mut effects =
        kernel.handle(now, vec![Input::Request(Box::new(Request { ticket: 7, person, command }))]).unwrap();
    let at = effects.iter().position(|effect| matches!(effect, Effect::Reply { .. })).unwrap();
    let Effect::Reply { ticket: 7, result } = effects.remove(at) else { unreachable!() };
    (result, effects)
}

/// Begins a document; its id.
pub fn begin(kernel: &mut Kernel, now: i64, person: PersonId, draft: Draft) -> ActId {
    match ask(kernel, now, Some(person), Command::Begin(draft)).0 {
        Ok(Done::Made { doc, .. }) => doc,
        other => panic!("{other:?}"),
    }
}

/// Acts on a document; the act.
pub fn act(kernel: &mut Kernel, now: i64, person: PersonId, doc: ActId, draft: Draft) -> ActId {
    match ask(kernel, now, Some(person), Command::Act { doc, draft }).0 {
        Ok(Done::Made { act, .. }) => act,
        other => panic!("{other:?}"),
    }
}

pub fn register(title: &str) -> Draft {
    let body = Body::Register(Register { raised_at: NOON, serial: 0, ..Register::sample() });
    let mut draft = Draft::new(body).text([title, "三单元室温不到十六度"]).effects(vec![
        Write::Register(Field::Title, Value::Segment(0)),
        Write::Register(Field::Category, Value::Code("0101".to_owned())),
    ]);
    draft.private = vec!["李某".to_owned(), "13800000000".to_owned()];
    draft
}

pub fn article() -> Draft {
    Draft::new(Body::ArticleCreate).text(["供暖报修", "拨打热线，说明小区与楼栋。"]).effects(vec![
        Write::Register(Field::Title, Value::Segment(0)),
        Write::Insert { behind: replica::Behind::Start, segment: 1 },
    ])
}

pub fn dispatch(lead: UnitId) -> Draft {
    Draft::new(Body::Dispatch(Dispatch { lead, assisting: Vec::new() }))
}

pub fn tag(word: &str) -> Draft {
    Draft::new(Body::Tag).effects(vec![Write::AddTag(word.to_owned())])
}
