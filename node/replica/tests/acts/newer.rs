//! What a newer program wrote into the registry: kept byte for byte, counted, passed on, and never acted under where it is
//! critical and not understood.

use regulation::{Body, DeviceId, Level, PersonId, Role, Rule, UnitId};
use replica::codec::Writer;
use replica::fields::Fields;
use replica::registry::{Appended, Clash, Lacking, RegistryError, sign_entry};
use replica::{
    Change, Class, Device, Entry, History, Judgement, Need, Person, Registry, Unit, UnitKind, Verdict, judge,
};

use crate::city::{self, CITY, LAPTOP, NOON, OFFICE, TOWN, fields, person};

/// A number that no change has.
const UNKNOWN: u64 = 4_000;

fn text(number: u16, text: &str, fields: &mut Fields) {
    fields.write(number, |out| {
        out.text(text);
    });
}

fn append(registry: &mut Registry, change: Change) -> Result<Appended, RegistryError> {
    registry.append(&sign_entry(None, registry, change, NOON, &city::root()))
}

/// A person of the town with a field that no version has.
fn clerk(name: &str) -> Fields {
    let mut fields = fields(&[(1, 77), (2, TOWN.0.into())]);
    text(3, name, &mut fields);
    text(4, "p77", &mut fields);
    fields.write(5, |out: &mut Writer| {
        out.array(1).uint(3);
    });
    text(9, "电话", &mut fields);
    fields
}

#[test]
fn a_change_that_is_not_known_is_kept_and_stepped_over_unless_it_is_critical() {
    for critical in [false, true] {
        let mut registry = city::registry();
        let before = registry.version();
        let bytes = city::newer(&registry, UNKNOWN, critical, &fields(&[(1, 5), (300, 6)]), &[]);
        assert_eq!(registry.append(&bytes), Ok(Appended::New));
        assert_eq!(registry.append(&bytes), Ok(Appended::Known), "it is one entry however often it comes");
        append_anyhow(&mut registry, Change::Hub(city::HUB));
        assert_eq!(registry.version(), before + 2, "every entry counts");
        assert_eq!(registry.entries().nth(before as usize), Some(bytes.as_slice()), "and is kept byte for byte");
        let acted = if critical { before } else { before + 2 };
        assert_eq!((registry.acted(), registry.now().version()), (acted, acted));
        assert_eq!(registry.versions()[0].version, acted, "what is made here names what is understood here");
        assert_eq!(registry.beyond().map(|entry| entry.version), critical.then_some(before + 1));
        let (entry, signature) = Entry::decode(&bytes).unwrap();
        assert_eq!((entry.change.clone(), entry.critical), (Change::Newer(4_000), critical));
        assert_eq!(entry.encode(&signature), bytes);
    }
}

/// Appends an entry that another node has written.
fn append_anyhow(registry: &mut Registry, change: Change) {
    let entry = sign_entry(None, registry, change, NOON, &city::root());
    assert_eq!(registry.append(&entry), Ok(Appended::New));
}

#[test]
fn behind_a_critical_entry_the_chain_goes_on_and_nobody_here_writes() {
    let mut registry = city::registry();
    let stop = registry.version() + 1;
    registry.append(&city::newer(&registry, UNKNOWN, true, &fields(&[]), &[])).unwrap();
    // What follows is not acted under, whatever it is; that it follows, and who signed it, is looked at as ever.
    let key = [9; 32];
    append_anyhow(&mut registry, Change::Rekey(LAPTOP, key));
    assert_eq!(registry.now().device_of_key(&key), None);
    assert_ne!(registry.now().device(LAPTOP).unwrap().key, key);
    let forged = sign_entry(None, &registry, Change::Hub(OFFICE), NOON, &city::key(OFFICE));
    assert_eq!(registry.append(&forged), Err(RegistryError::Signature { version: stop + 2 }));
    let (entry, _) = Entry::decode(&sign_entry(None, &registry, Change::Hub(OFFICE), NOON, &city::root())).unwrap();
    let fork = Entry { version: stop, ..entry };
    let fork = fork.encode(&city::root().sign(&fork.hash()));
    assert_eq!(registry.append(&fork), Err(RegistryError::Fork { version: stop }));
    for change in [Change::Hub(city::HUB), Change::Categories(Vec::new()), Change::Rekey(OFFICE, [8; 32])] {
        assert_eq!(registry.fits(&change), Err(Clash::Beyond), "{change:?}");
    }
}

#[test]
fn an_act_that_names_what_is_not_understood_is_held_for_an_upgrade_and_others_go_on() {
    let mut older = city::registry();
    let mut history = History::default();
    city::make(&older, &mut history, LAPTOP, 1, city::register());
    let (before, named) = (older.versions(), older.version() + 1);
    older.append(&city::newer(&older, UNKNOWN, true, &fields(&[]), &[])).unwrap();
    append_anyhow(&mut older, Change::Hub(city::HUB));
    let acts = |version: u32| {
        let (mut act, _) = city::seal(&older, &history, LAPTOP, 2, city::dispatch(TOWN));
        act.registry[0].version = version;
        let sealed = replica::Sealed::new(&act, &city::key(LAPTOP), Vec::new());
        (act, sealed)
    };
    for version in [named, named + 1] {
        let (act, sealed) = acts(version);
        let judged = judge(&mut history.clone(), &sealed, act.clone(), &older).unwrap();
        let Judgement::Held(Need::Beyond(entry)) = judged else { panic!("{judged:?}") };
        assert_eq!(
            entry.version, named,
            "whatever it names, the first entry that is not understood is what it waits for"
        );
        assert_eq!(older.lacks(&act.registry), Some(Lacking::Program(entry)));
    }
    let (act, sealed) = acts(named + 2);
    let judged = judge(&mut history.clone(), &sealed, act, &older).unwrap();
    assert!(matches!(judged, Judgement::Held(Need::Registry(entry)) if entry.version == named + 2), "{judged:?}");
    let (act, sealed) = acts(before[0].version);
    let judged = judge(&mut history.clone(), &sealed, act, &older).unwrap();
    assert!(matches!(judged, Judgement::Judged(_)), "{judged:?}");
}

#[test]
fn an_act_under_a_log_that_is_not_here_is_held_for_it() {
    let registry = city::registry();
    let mut history = History::default();
    city::make(&registry, &mut history, LAPTOP, 1, city::register());
    let (mut act, _) = city::seal(&registry, &history, LAPTOP, 2, city::dispatch(TOWN));
    let county = replica::RegistryVersion { log: 6, version: 3 };
    act.registry.push(county);
    let sealed = replica::Sealed::new(&act, &city::key(LAPTOP), Vec::new());
    let judged = judge(&mut history, &sealed, act, &registry).unwrap();
    assert!(matches!(judged, Judgement::Held(Need::Registry(entry)) if entry == county), "{judged:?}");
}

#[test]
fn a_field_that_is_not_known_is_kept_and_what_is_known_holds_unless_the_entry_is_critical() {
    for critical in [false, true] {
        let mut registry = city::registry();
        let bytes = city::newer(&registry, 8, critical, &clerk("赵某"), &[]);
        registry.append(&bytes).unwrap();
        let known = registry.now().person(PersonId(77)).map(|person| person.name.clone());
        assert_eq!(known, (!critical).then(|| "赵某".to_owned()));
        assert_eq!(registry.beyond().is_some(), critical);
        assert_eq!(registry.entries().last(), Some(bytes.as_slice()));
    }
    // The same behind the spine of an entry.
    let mut registry = city::registry();
    registry.append(&city::newer(&registry, 7, false, &fields(&[(1, 1)]), &[5])).unwrap();
    assert_eq!(registry.beyond(), None);
    registry.append(&city::newer(&registry, 7, true, &fields(&[(1, 1)]), &[5])).unwrap();
    assert!(registry.beyond().is_some());
    // What is known of a change must be there and fit, whoever wrote it.
    let lacking = city::newer(&city::registry(), 8, false, &fields(&[(1, 77), (9, 1)]), &[]);
    assert!(matches!(city::registry().append(&lacking), Err(RegistryError::Malformed(_))));
    let taken = city::newer(&city::registry(), 7, false, &fields(&[(1, LAPTOP.0.into()), (2, 1)]), &[]);
    assert!(matches!(city::registry().append(&taken), Err(RegistryError::Inconsistent { clash: Clash::Hub, .. })));
}

#[test]
fn a_kind_a_class_and_a_role_that_are_not_known_are_kept_and_allow_nothing() {
    let mut registry = city::registry();
    let unit = Unit::new("U50", "单位50", "单位50", UnitKind::Other(50), Some(CITY));
    append(&mut registry, Change::Units(vec![(UnitId(50), unit)])).unwrap();
    let device = Device { unit: TOWN, class: Class::Other(60), key: [6; 32], name: "柜台".to_owned() };
    append(&mut registry, Change::Device(DeviceId(60), device)).unwrap();
    let known = registry.now().person(person(CITY)).unwrap().clone();
    append(&mut registry, Change::Person(person(CITY), Person { roles: vec![Role::Intake, Role::Other(70)], ..known }))
        .unwrap_err();
    let roles = vec![Role::Administer, Role::Other(70)];
    let known = registry.now().person(person(CITY)).unwrap().clone();
    append(&mut registry, Change::Person(person(CITY), Person { roles: roles.clone(), ..known })).unwrap();
    let mut again = Registry::default();
    registry.entries().for_each(|entry| assert_eq!(again.append(entry), Ok(Appended::New)));
    let at = again.now();
    assert_eq!(at.unit(UnitId(50)).unwrap().kind, UnitKind::Other(50));
    assert_eq!(at.level(UnitId(50)), Level::Unit);
    assert_eq!(at.device(DeviceId(60)).unwrap().class, Class::Other(60));
    assert!(!at.covers(TOWN, Class::Other(60), TOWN), "what such a device may hold is not known");
    assert_eq!(at.roles(person(CITY), CITY), roles);
}

#[test]
fn what_is_not_in_its_only_form_is_no_entry_also_where_it_is_not_understood() {
    let registry = city::registry();
    let with = |value: &[u8]| {
        let mut out = Fields::default();
        out.write(1, |out| {
            out.raw(value);
        });
        let bytes = city::newer(&registry, UNKNOWN, false, &out, &[]);
        registry.clone().append(&bytes)
    };
    for fine in [&[0x18, 0x20][..], &[0xf6], &[0xa2, 0x01, 0x02, 0x02, 0x41, 0x00], &[0x63, 0xe4, 0xb8, 0x80]] {
        assert_eq!(with(fine), Ok(Appended::New), "{fine:02x?}");
    }
    let wrong: [(&str, &[u8]); 9] = [
        ("a number that is longer than it must be", &[0x18, 0x02]),
        ("an array without end", &[0x9f, 0xff]),
        ("bytes without end", &[0x5f, 0xff]),
        ("fields that fall", &[0xa2, 0x02, 0x02, 0x01, 0x01]),
        ("a field twice", &[0xa2, 0x01, 0x02, 0x01, 0x02]),
        ("names of fields", &[0xa1, 0x61, 0x61, 0x01]),
        ("a fraction", &[0xf9, 0x3c, 0x00]),
        ("no text", &[0x61, 0xff]),
        ("undefined", &[0xf7]),
    ];
    for (what, value) in wrong {
        assert!(matches!(with(value), Err(RegistryError::Malformed(_))), "{what}");
    }
    let deep: Vec<u8> = std::iter::repeat_n(0x81, 5_000).chain([0x01]).collect();
    assert!(matches!(with(&deep), Err(RegistryError::Malformed(_))), "turtles");
}

#[test]
fn who_is_asked_for_an_opinion_is_the_government_or_a_superior_or_the_county_where_these_are_not_said() {
    let mut registry = city::registry();
    let mut history = History::default();
    city::make(&registry, &mut history, LAPTOP, 1, city::register());
    let sent = city::make(&registry, &mut history, LAPTOP, 2, city::dispatch(TOWN)).id();
    city::make(&registry, &mut history, OFFICE, 1, replica::Draft::new(Body::SignFor).answering(Some(sent)));
    let (government, superior, other) = (UnitId(50), UnitId(51), city::OTHER_TOWN);
    let above = |id: UnitId, kind| (id, Unit::new(&format!("U{}", id.0), "上级", "上级", kind, Some(CITY)));
    let units = vec![above(government, UnitKind::CountyGovernment), above(superior, UnitKind::Department)];
    append(&mut registry, Change::Units(units)).unwrap();
    let asked = |registry: &Registry, to: UnitId| {
        let draft = replica::Draft::new(Body::Escalate { to }).text(["需协调"]).answering(Some(sent));
        let (_, sealed) = city::seal(registry, &history, OFFICE, 2, draft);
        city::take(registry, &mut history.clone(), &sealed).unwrap()
    };
    for to in [government, superior, other] {
        assert_eq!(asked(&registry, to), Verdict::Unlawful(Rule::NotAbove), "nothing is said of it: {to:?}");
    }
    // Then it asks the county that it belongs to.
    let (mut of_county, county) = (registry.clone(), UnitId(52));
    append(&mut of_county, Change::Units(vec![above(county, UnitKind::CountyHotline)])).unwrap();
    let below = Unit { parent: Some(county), ..of_county.now().unit(TOWN).unwrap().clone() };
    append(&mut of_county, Change::Units(vec![(TOWN, below)])).unwrap();
    assert_eq!(asked(&of_county, county), Verdict::Admitted);
    assert_eq!(asked(&of_county, other), Verdict::Unlawful(Rule::NotAbove));
    let town = registry.now().unit(TOWN).unwrap().clone();
    for wrong in [TOWN, UnitId(99)] {
        let unit = Unit { government: Some(wrong), ..town.clone() };
        let clash =
            RegistryError::Inconsistent { version: registry.version() + 1, clash: Clash::UnitAsks("U2".to_owned()) };
        assert_eq!(append(&mut registry, Change::Units(vec![(TOWN, unit)])), Err(clash), "{wrong:?}");
    }
    let unit = Unit { government: Some(government), superiors: vec![superior], ..town };
    append(&mut registry, Change::Units(vec![(TOWN, unit.clone())])).unwrap();
    assert_eq!(registry.now().unit(TOWN), Some(&unit));
    assert_eq!(asked(&registry, government), Verdict::Admitted);
    assert_eq!(asked(&registry, superior), Verdict::Admitted);
    assert_eq!(asked(&registry, other), Verdict::Unlawful(Rule::NotAbove));
}
