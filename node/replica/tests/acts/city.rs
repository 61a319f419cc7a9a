//! A city of one hotline and two townships, and devices that act in it.

use regulation::act::{Body, Dispatch, Register};
use regulation::{ActId, DeviceId, Edition, PersonId, UnitId};
use replica::codec::Writer;
use replica::fields::Fields;
use replica::registry::{Carried, sign_entry};
use replica::{
    Act, Behind, Change, Class, Device, DeviceKey, Draft, Effect, Entry, Field, History, Judgement, Part, Person,
    Registry, Sealed, Stamp, Unit, UnitKind, Value, Verdict, compose, judge,
};

pub const CITY: UnitId = UnitId(1);
pub const TOWN: UnitId = UnitId(2);
pub const OTHER_TOWN: UnitId = UnitId(3);

pub const HUB: DeviceId = DeviceId(1);
pub const LAPTOP: DeviceId = DeviceId(2);
pub const OFFICE: DeviceId = DeviceId(3);

/// 2026-11-02, noon, UTC+8.
pub const NOON: i64 = 1_793_592_000_000;
/// 2026-11-02 as the calendar counts, the day on which everything here is written.
pub const TODAY: i32 = 739_922;

pub fn key(device: DeviceId) -> DeviceKey {
    DeviceKey::from_secret(&[u8::try_from(device.0).unwrap(); 32])
}

pub fn root() -> DeviceKey {
    DeviceKey::from_secret(&[0xee; 32])
}

/// The two people of a unit: one edits, the other publishes.
pub fn person(unit: UnitId) -> PersonId {
    PersonId(unit.0 * 10)
}

fn unit(id: UnitId, kind: UnitKind, parent: Option<UnitId>) -> (UnitId, Unit) {
    (id, Unit::new(&format!("U{}", id.0), &format!("单位{}", id.0), "单位", kind, parent))
}

/// What founds the city, in order.
pub fn changes() -> Vec<Change> {
    let device = |id: DeviceId, unit, class| {
        Change::Device(id, Device { unit, class, key: key(id).public(), name: format!("设备{}", id.0) })
    };
    let person = |unit| {
        let (name, login) = ("职员".to_owned(), format!("p{}", person(unit).0));
        Change::Person(person(unit), Person { unit, name, login, roles: regulation::split::all_of_one() })
    };
    vec![
        Change::Found { city: "示例市".to_owned(), root_key: root().public() },
        Change::Units(vec![
            unit(CITY, UnitKind::CityHotline, None),
            unit(TOWN, UnitKind::Township, Some(CITY)),
            unit(OTHER_TOWN, UnitKind::Township, Some(CITY)),
        ]),
        Change::Categories(vec![("0101".to_owned(), "供暖".to_owned())]),
        device(HUB, CITY, Class::Hub),
        device(LAPTOP, CITY, Class::Laptop),
        device(OFFICE, TOWN, Class::Office),
        person(CITY),
        person(TOWN),
        Change::Hub(HUB),
    ]
}

/// Entry 7 with that change, after nothing.
pub fn entry(change: Change) -> Entry {
    let (log, critical) = (replica::registry::ROOT_LOG, change.critical());
    Entry { log, version: 7, previous: [0; 32], time: NOON, by: None, critical, change, kept: None }
}

/// Fields that hold numbers.
pub fn fields(numbers: &[(u16, u64)]) -> Fields {
    let mut fields = Fields::default();
    for (number, value) in numbers {
        fields.write(*number, |out| {
            out.uint(*value);
        });
    }
    fields
}

/// The next entry as a newer program writes it: of that number, with these fields, and with what stands behind the spine.
pub fn newer(registry: &Registry, number: u64, critical: bool, fields: &Fields, more: &[u64]) -> Vec<u8> {
    newer_by(None, registry, number, critical, fields, more)
}

/// The same as somebody had it written.
pub fn newer_by(
    by: Option<PersonId>,
    registry: &Registry,
    number: u64,
    critical: bool,
    fields: &Fields,
    more: &[u64],
) -> Vec<u8> {
    let mut out = Writer::default();
    out.array(7 + more.len()).uint(1).uint(0).uint(u64::from(registry.version()) + 1).bytes(&registry.head()).int(NOON);
    out.option(by, |out, by| {
        out.uint(by.0.into());
    });
    out.array(3).uint(number).flag(critical);
    fields.finish(&mut out);
    more.iter().for_each(|item| {
        out.uint(*item);
    });
    let payload = out.finish();
    let signature = root().sign(&replica::seal::hash(b"jiesu/registry/1", &payload));
    let mut out = Writer::default();
    out.array(2).bytes(&payload).bytes(&signature);
    out.finish()
}

pub fn registry() -> Registry {
    let mut registry = Registry::default();
    for change in changes() {
        let entry = sign_entry(None, &registry, change, NOON, &root());
        registry.append(&entry).unwrap();
    }
    registry
}

/// Every hub says that its program carries the editions of the rules up to that one.
pub fn hubs_say(registry: &mut Registry, newest: Edition) {
    let city = registry.city_id().unwrap();
    let behind: Vec<_> = registry.now().hubs().filter(|(.., carried)| *carried < newest).map(|(id, ..)| id).collect();
    for hub in behind {
        let said = Change::Carried(Carried::signed(&city, hub, newest, &key(hub)));
        let entry = sign_entry(None, registry, said, NOON, &root());
        registry.append(&entry).unwrap();
    }
}

pub fn register() -> Draft {
    let body = Body::Register(Register { raised_at: NOON, day: 20_759, ..Register::sample() });
    let mut draft = Draft::new(body)
        .text(["供暖不热", "三单元室温不到十六度"])
        .effects(vec![Effect::Register(Field::Title, Value::Segment(0))]);
    draft.private = vec!["李某".to_owned(), "13800000000".to_owned()];
    draft
}

pub fn article() -> Draft {
    Draft::new(Body::ArticleCreate).text(["供暖报修", "拨打热线，说明小区与楼栋。"]).effects(vec![
        Effect::Register(Field::Title, Value::Segment(0)),
        Effect::Insert { behind: Behind::Start, segment: 1 },
    ])
}

pub fn dispatch(lead: UnitId) -> Draft {
    Draft::new(Body::Dispatch(Dispatch { lead, assisting: Vec::new() }))
}

/// An article of these lines and sentences.
pub fn article_of(text: &str) -> Draft {
    let mut draft = Draft::new(Body::ArticleCreate).text(["供暖报修"]);
    draft.effects = vec![Effect::Register(Field::Title, Value::Segment(0))];
    replica::edit::write(&[], &[], text, draft.writing());
    draft
}

/// What it means that somebody types `text` over the article as `history` has it.
pub fn edit(history: &mut History, text: &str) -> Draft {
    let mut draft = Draft::new(Body::ArticleEdit);
    history.edit(&[], text, draft.writing()).unwrap();
    draft
}

pub fn note(text: &str) -> Draft {
    Draft::new(Body::Note).text([text])
}

/// A tag, which needs no document to be judged.
pub fn tag(word: &str) -> Draft {
    Draft::new(Body::Tag).effects(vec![Effect::AddTag(word.to_owned())])
}

pub fn stamp(registry: &Registry, device: DeviceId, dseq: u64) -> Stamp {
    let unit = registry.now().device(device).unwrap().unit;
    Stamp {
        device,
        epoch: 1,
        dseq,
        person: Some(person(unit)),
        registry: registry.versions(),
        time: NOON,
        beacon: 0,
        salts: [[1; 16], [2; 16]],
    }
}

/// The act that a device makes of a draft at the heads of a history, sealed.
pub fn seal(registry: &Registry, history: &History, device: DeviceId, dseq: u64, draft: Draft) -> (Act, Sealed) {
    let (act, parts) = compose(history, draft, stamp(registry, device, dseq));
    let sealed = Sealed::new(&act, &key(device), parts);
    (act, sealed)
}

/// The same in another epoch.
pub fn seal_in(
    registry: &Registry,
    history: &History,
    device: DeviceId,
    (epoch, dseq): (u64, u64),
    draft: Draft,
) -> Sealed {
    let (act, parts) = compose(history, draft, Stamp { epoch, ..stamp(registry, device, dseq) });
    Sealed::new(&act, &key(device), parts)
}

/// Makes an act and takes it in; its id and sealed form.
pub fn make(registry: &Registry, history: &mut History, device: DeviceId, dseq: u64, draft: Draft) -> Sealed {
    let (_, sealed) = seal(registry, history, device, dseq, draft);
    assert_eq!(take(registry, history, &sealed), Ok(Verdict::Admitted));
    sealed
}

/// Makes an act as that person, and takes it in, or not: what is found of it.
pub fn make_as(
    registry: &Registry,
    history: &mut History,
    (device, dseq): (DeviceId, u64),
    person: PersonId,
    draft: Draft,
) -> (ActId, Verdict) {
    let stamp = Stamp { person: Some(person), ..stamp(registry, device, dseq) };
    let (act, parts) = compose(history, draft, stamp);
    let sealed = Sealed::new(&act, &key(device), parts);
    (sealed.id(), take(registry, history, &sealed).unwrap())
}

/// The hub settles what a history holds.
pub fn settle(registry: &Registry, history: &mut History, dseq: u64) -> Sealed {
    let settle = Draft::new(Body::Settle);
    let (act, _) = compose(history, settle, Stamp { person: None, ..stamp(registry, HUB, dseq) });
    let sealed = Sealed::new(&act, &key(HUB), Vec::new());
    assert_eq!(take(registry, history, &sealed), Ok(Verdict::Admitted));
    sealed
}

/// Judges a sealed act and takes it in; why not, otherwise.
pub fn take(registry: &Registry, history: &mut History, sealed: &Sealed) -> Result<Verdict, String> {
    let act = Act::decode(&sealed.bytes).map_err(|malformed| malformed.to_string())?;
    match judge(history, sealed, act, registry).unwrap() {
        Judgement::Judged(node) => {
            let verdict = node.verdict;
            history.insert(*node);
            Ok(verdict)
        }
        Judgement::Held(need) => Err(format!("held: {need:?}")),
        Judgement::Refused(why) => Err(format!("refused: {why}")),
    }
}

/// A history of these acts, in this order.
pub fn history(registry: &Registry, acts: &[&Sealed]) -> History {
    let mut history = History::default();
    for sealed in acts {
        take(registry, &mut history, sealed).unwrap();
    }
    history
}

/// The part of that kind.
pub fn part(sealed: &Sealed, kind: replica::PartKind) -> Part {
    sealed.parts.iter().find(|part| part.kind == kind).unwrap().clone()
}

pub fn standing(history: &History, id: ActId) -> Option<replica::Standing> {
    history.standing(history.index_of(id).unwrap())
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
