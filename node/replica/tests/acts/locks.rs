//! Registry entries of the rates: weights, and tables that are locked.

use regulation::rates::Weights;
use regulation::{PersonId, Role};
use replica::registry::sign_entry;
use replica::{Change, Entry, Lock, Month, Person, Registry, RegistryError};

use crate::city::{self, CITY, NOON, TOWN};

/// A second person of the city hotline, who does statistics.
const SECOND: PersonId = PersonId(11);
/// A third one, who does neither.
const THIRD: PersonId = PersonId(12);

fn registry() -> Registry {
    let mut registry = city::registry();
    for (id, role) in [(SECOND, Role::Statistics), (THIRD, Role::Intake)] {
        let (name, login) = ("职员".to_owned(), format!("p{}", id.0));
        let person = Person { unit: CITY, name, login, roles: vec![role] };
        append(&mut registry, Change::Person(id, person)).unwrap();
    }
    registry
}

fn append(registry: &mut Registry, change: Change) -> Result<(), RegistryError> {
    let entry = sign_entry(None, registry, change, NOON, &city::root());
    registry.append(&entry).map(|_| ())
}

fn lock(month: &str, number: u32) -> Lock {
    let month = Month::parse(month).unwrap();
    Lock { month, number, hash: [7; 32], by: city::person(CITY), second: SECOND }
}

#[test]
fn layout_of_weights_and_locks_is_pinned() {
    let weights = Weights { response: 30, solution: 35, satisfaction: 35, mostly: 80 };
    for (change, expected) in [
        (Change::Weights(weights), "8309f4a401181e021823031823041850".to_owned()),
        (Change::Lock(lock("2026-10", 3)), format!("830af4a6011907ea020a0303045820{}050a060b", "07".repeat(32))),
    ] {
        let entry = Entry { previous: [0xab; 32], ..city::entry(change) };
        let bytes = entry.encode(&[0xcd; 64]);
        assert_eq!(Entry::decode(&bytes).unwrap(), (entry, [0xcd; 64]));
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let tail = format!("{expected}5840{}", "cd".repeat(64));
        assert!(hex.ends_with(&tail), "{hex}");
    }
}

#[test]
fn weights_and_months_that_cannot_be_are_no_entry() {
    let of = |change| city::entry(change).encode(&[0; 64]);
    let unweighed = Weights { response: 10, solution: 50, satisfaction: 41, mostly: 90 };
    let generous = Weights { mostly: 101, ..Weights::default() };
    let month = |year, month| Change::Lock(Lock { month: Month { year, month }, ..lock("2026-10", 1) });
    for change in
        [Change::Weights(unweighed), Change::Weights(generous), month(2026, 13), month(2026, 0), month(1999, 1)]
    {
        assert!(Entry::decode(&of(change.clone())).is_err(), "{change:?}");
    }
    for (text, month) in [("2026-10", Month::new(2026, 10)), ("2026-1", None), ("2026-13", None), ("2026", None)] {
        assert_eq!(Month::parse(text), month, "{text}");
    }
    assert_eq!(Month::new(2026, 12).map(|month| month.next().text()).as_deref(), Some("2027-01"));
}

#[test]
fn each_version_has_the_weights_that_held_then() {
    let mut registry = registry();
    assert_eq!(registry.now().weights(), (0, Weights::default()), "the usual ones before any are set");
    let before = registry.versions();
    let others = Weights { response: 30, solution: 35, satisfaction: 35, mostly: 100 };
    append(&mut registry, Change::Weights(others)).unwrap();
    assert_eq!(registry.now().weights(), (registry.version(), others));
    assert_eq!(registry.at(&before).unwrap().weights(), (0, Weights::default()));
    assert_eq!(registry.written_at(registry.version()), Some(NOON));
}

#[test]
fn a_month_is_locked_once_in_its_turn_and_by_two_people() {
    let mut registry = registry();
    let refused = |registry: &Registry, lock: Lock| {
        let mut registry = registry.clone();
        matches!(append(&mut registry, Change::Lock(lock)), Err(RegistryError::Inconsistent { .. }))
    };
    let first = lock("2026-09", 1);
    for (why, wrong) in [
        ("the first has number 1", Lock { number: 2, ..first }),
        ("one person alone", Lock { second: first.by, ..first }),
        ("without the role", Lock { second: THIRD, ..first }),
        ("of a handling unit", Lock { by: city::person(TOWN), ..first }),
        ("a stranger", Lock { by: PersonId(99), ..first }),
    ] {
        assert!(refused(&registry, wrong), "{why}");
    }
    append(&mut registry, Change::Lock(first)).unwrap();
    assert!(refused(&registry, lock("2026-09", 2)), "a month is locked once");
    assert!(refused(&registry, lock("2026-11", 2)), "October comes first");
    assert!(refused(&registry, lock("2026-08", 2)), "nothing is locked backwards");
    assert!(refused(&registry, lock("2026-10", 1)), "a number is given once");
    append(&mut registry, Change::Lock(lock("2026-10", 2))).unwrap();
    let held: Vec<(u32, u32, String)> =
        registry.now().locks().map(|(version, lock)| (version, lock.number, lock.month.text())).collect();
    assert_eq!(held, [(12, 1, "2026-09".to_owned()), (13, 2, "2026-10".to_owned())]);
}
