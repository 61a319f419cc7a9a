//! Registry entries of the rates: weights, and tables that are locked.

use regulation::calendar::day_begins;
use regulation::rates::Weights;
use regulation::terms::Terms;
use regulation::{PersonId, Role};
use replica::registry::{Clash, Duty, Holder, Outcome, PROPOSED_MAX, sign_entry};
use replica::{Change, Entry, Lock, Month, Person, Registry, RegistryError};

use crate::city::{self, CITY, NOON, TODAY, TOWN};

/// Somebody of the city hotline who has every role.
const FIRST: PersonId = PersonId(10);
/// A second person of the city hotline, who does statistics and looks after the system.
const SECOND: PersonId = PersonId(11);
/// A third one, who does neither.
const THIRD: PersonId = PersonId(12);

fn registry() -> Registry {
    let mut registry = city::registry();
    assert_eq!(city::person(CITY), FIRST);
    for (id, roles) in [(SECOND, vec![Role::Statistics, Role::Administer]), (THIRD, vec![Role::Intake])] {
        let (name, login) = ("职员".to_owned(), format!("p{}", id.0));
        let person = Person { unit: CITY, name, login, roles };
        append(&mut registry, Change::Person(id, person)).unwrap();
    }
    registry
}

fn append(registry: &mut Registry, change: Change) -> Result<(), RegistryError> {
    by(registry, None, change)
}

fn by(registry: &mut Registry, by: Option<PersonId>, change: Change) -> Result<(), RegistryError> {
    let entry = sign_entry(by, registry, change, NOON, &city::root());
    registry.append(&entry).map(|_| ())
}

/// What somebody writes: done, or what it contradicts.
fn writes(registry: &mut Registry, person: PersonId, change: Change) -> Result<(), Clash> {
    by(registry, Some(person), change).map_err(|error| match error {
        RegistryError::Inconsistent { clash, .. } => clash,
        other => panic!("{other:?}"),
    })
}

fn proposes(change: Change) -> Change {
    Change::Proposed(Box::new(change))
}

/// Proposes; the hash by which it is confirmed.
fn proposed(registry: &mut Registry, person: PersonId, change: Change) -> [u8; 32] {
    writes(registry, person, proposes(change)).unwrap();
    registry.head()
}

/// One proposes, another confirms.
fn decided(registry: &mut Registry, change: Change) {
    let hash = proposed(registry, FIRST, change);
    writes(registry, SECOND, Change::Confirmed(hash)).unwrap();
}

fn lock(month: &str, number: u32) -> Lock {
    let month = Month::parse(month).unwrap();
    Lock { month, number, hash: [7; 32] }
}

#[test]
fn layout_of_weights_and_locks_is_pinned() {
    let weights = Weights { response: 30, solution: 35, satisfaction: 35, mostly: 80 };
    for (change, expected) in [
        (Change::weights(&weights), "8305f4a4183c181e183d1823183e1823183f1850".to_owned()),
        (Change::Lock(lock("2026-10", 3)), format!("830af4a4011907ea020a0303045820{}", "07".repeat(32))),
        (proposes(Change::weights(&weights)), "830df4a1018305f4a4183c181e183d1823183e1823183f1850".to_owned()),
        (Change::Confirmed([7; 32]), format!("830ef4a1015820{}", "07".repeat(32))),
        (Change::declined([7; 32], "早"), format!("830ff4a2015820{}0263e697a9", "07".repeat(32))),
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
        [Change::weights(&unweighed), Change::weights(&generous), month(2026, 13), month(2026, 0), month(1999, 1)]
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
    append(&mut registry, Change::weights(&others)).unwrap();
    let set = registry.version();
    assert_eq!(registry.now().weights(), (set, others), "what founds is set once, by nobody");
    let later = Weights { mostly: 80, ..others };
    let hash = proposed(&mut registry, FIRST, Change::weights(&later).from_day(TODAY + 1));
    let then = day_begins(TODAY + 1).unwrap();
    assert_eq!(registry.now().on(then).weights(), (set, others), "what is proposed holds nothing");
    writes(&mut registry, SECOND, Change::Confirmed(hash)).unwrap();
    assert_eq!(registry.now().on(then - 1).weights(), (set, others), "until the day");
    assert_eq!(registry.now().on(then).weights(), (registry.version(), later), "once it is confirmed");
    assert_eq!(registry.at(&before).unwrap().weights(), (0, Weights::default()));
    assert_eq!(registry.written_at(registry.version()), Some(NOON));
}

#[test]
fn a_month_is_locked_once_in_its_turn_and_by_two_people() {
    let mut registry = registry();
    let refused = |registry: &Registry, person: PersonId, lock: Lock| {
        writes(&mut registry.clone(), person, proposes(Change::Lock(lock))).unwrap_err()
    };
    let first = lock("2026-09", 1);
    assert!(matches!(refused(&registry, FIRST, Lock { number: 2, ..first }), Clash::Lock(_)), "the first has number 1");
    for person in [THIRD, city::person(TOWN), PersonId(99)] {
        assert_eq!(refused(&registry, person, first), Clash::NotOfThePair, "{person:?}");
    }
    assert!(append(&mut registry, Change::Lock(first)).is_err(), "nobody locks without a proposal");
    assert_eq!(writes(&mut registry, FIRST, Change::Lock(first)), Err(Clash::NotTheirs));
    // Two have proposed: one is confirmed, and the other does not fit any more.
    let hashes = [(7, FIRST), (8, SECOND)]
        .map(|(hash, by)| proposed(&mut registry, by, Change::Lock(Lock { hash: [hash; 32], ..first })));
    assert_eq!(registry.now().locks().count(), 0);
    writes(&mut registry, SECOND, Change::Confirmed(hashes[0])).unwrap();
    assert!(matches!(writes(&mut registry, FIRST, Change::Confirmed(hashes[1])), Err(Clash::Lock(_))));
    for wrong in [lock("2026-09", 2), lock("2026-11", 2), lock("2026-08", 2), lock("2026-10", 1)] {
        assert!(matches!(refused(&registry, FIRST, wrong), Clash::Lock(_)), "{wrong:?}");
    }
    decided(&mut registry, Change::Lock(lock("2026-10", 2)));
    let held: Vec<_> = registry
        .now()
        .locks()
        .map(|(_, locked)| (locked.lock.number, locked.lock.month.text(), locked.by, locked.second))
        .collect();
    let locked = |number, month: &str| (number, month.to_owned(), FIRST, SECOND);
    assert_eq!(held, [locked(1, "2026-09"), locked(2, "2026-10")]);
}

#[test]
fn what_needs_two_people_is_proposed_by_one_and_confirmed_by_another() {
    let mut registry = registry();
    append(&mut registry, Change::weights(&Weights::default())).unwrap();
    append(&mut registry, Change::terms(&Terms::default())).unwrap();
    let weights = |mostly| Change::weights(&Weights { mostly, ..Weights::default() }).from_day(TODAY + 1);
    let terms = |sign_for_wd| Change::terms(&Terms { sign_for_wd, ..Terms::default() }).from_day(TODAY + 1);
    let then = day_begins(TODAY + 1).unwrap();
    for change in [weights(80), terms(2)] {
        // Neither one person alone, nor the writer of the log for nobody.
        assert_eq!(writes(&mut registry, FIRST, change.clone()), Err(Clash::NeedsSecond));
        assert!(append(&mut registry, change.clone()).is_err() && append(&mut registry, proposes(change)).is_err());
    }
    for (person, change, why) in [
        (THIRD, proposes(weights(80)), Clash::NotOfThePair),
        (city::person(TOWN), proposes(terms(2)), Clash::NotOfThePair),
        (FIRST, proposes(Change::Categories(Vec::new())), Clash::Alone),
        (FIRST, Change::Confirmed([9; 32]), Clash::NothingProposed),
    ] {
        assert_eq!(writes(&mut registry, person, change), Err(why));
    }
    let fourth = administrator(&mut registry, vec![Role::Administer]);
    let [first, other] = [(80, FIRST), (70, fourth)].map(|(mostly, by)| proposed(&mut registry, by, weights(mostly)));
    let seen: Vec<_> = registry.proposed().map(|proposed| (proposed.hash, proposed.by)).collect();
    assert_eq!(seen, [(first, FIRST), (other, fourth)]);
    for (person, why) in [(FIRST, Clash::SamePerson), (THIRD, Clash::NotOfThePair), (PersonId(99), Clash::NotOfThePair)]
    {
        assert_eq!(writes(&mut registry, person, Change::Confirmed(first)), Err(why), "{person:?}");
    }
    writes(&mut registry, SECOND, Change::Confirmed(first)).unwrap();
    assert_eq!(registry.now().on(then).weights().1.mostly, 80);
    // Confirmed once; and what was decided on other weights is decided anew.
    assert_eq!(writes(&mut registry, SECOND, Change::Confirmed(first)), Err(Clash::NothingProposed));
    assert_eq!(writes(&mut registry, SECOND, Change::Confirmed(other)), Err(Clash::Overtaken));
    assert_eq!((registry.proposed().count(), registry.standing().count()), (1, 0), "it waits, and stands no more");
    // It does not wait for ever: who proposed takes it back, who may confirm says no. Both say why.
    let no = |of, why: &str| Change::declined(of, why);
    assert_eq!(writes(&mut registry, THIRD, no(other, "不宜")), Err(Clash::NotOfThePair));
    for why in ["", " ", "两\n行", &"长".repeat(201)] {
        assert_eq!(writes(&mut registry, fourth, no(other, why)), Err(Clash::Reason), "{why}");
    }
    writes(&mut registry, fourth, no(other, "权重已改")).unwrap();
    let refused = proposed(&mut registry, FIRST, terms(3));
    writes(&mut registry, SECOND, no(refused, &"长".repeat(200))).unwrap();
    assert_eq!(writes(&mut registry, SECOND, Change::Confirmed(refused)), Err(Clash::NothingProposed));
    let outcome = |hash| registry.proposals().iter().find(|known| known.hash == hash).unwrap().outcome.clone();
    let version = registry.version();
    assert_eq!(outcome(first), Outcome::Confirmed(version - 3));
    assert_eq!(outcome(other), Outcome::Declined { version: version - 2, by: fourth, reason: "权重已改".to_owned() });
    assert_eq!(outcome(refused), Outcome::Declined { version, by: SECOND, reason: "长".repeat(200) });
    assert_eq!(
        (registry.proposed().count(), registry.now().on(then).settings()),
        (0, &Terms { mostly_percent: 80, ..Terms::default() })
    );
    // Whoever reads the log again comes to the same.
    let mut again = Registry::default();
    registry.entries().for_each(|entry| assert!(again.append(entry).is_ok()));
    assert_eq!((again.now().weights(), again.proposed().count()), (registry.now().weights(), 0));
    assert_eq!(again.proposals(), registry.proposals());
}

/// Somebody else of the city hotline.
fn administrator(registry: &mut Registry, roles: Vec<Role>) -> PersonId {
    let id = registry.next_person();
    let (name, login) = ("职员".to_owned(), format!("p{}", id.0));
    append(registry, Change::Person(id, Person { unit: CITY, name, login, roles })).unwrap();
    id
}

fn set(number: u16, value: u32) -> Change {
    Change::settings(vec![(number, value)]).from_day(TODAY + 1)
}

#[test]
fn a_later_proposal_of_one_person_on_one_matter_takes_the_place_of_the_earlier() {
    let mut registry = registry();
    let void = |from, to| Change::void(from, to, "时钟快");
    let two = |one, other| Change::settings(vec![one, other]).from_day(TODAY + 1);
    let lock = |hash| Change::Lock(Lock { hash: [hash; 32], ..lock("2026-09", 1) });
    let duty = |number, text: &str| {
        let (holder, text) = (Holder::Unit(city::TOWN), text.to_owned());
        let duty = Duty { holder, category: None, text, basis: "三定规定".to_owned() };
        Change::duties(None, [(regulation::DutyId(number), Some(duty))])
    };
    for (earlier, later, same) in [
        (set(13, 4), set(13, 3), true),
        (two((12, 2), (13, 4)), two((13, 3), (14, 4)), true),
        (set(20, 4), set(21, 3), false),
        (void(1, 5), void(5, 9), true),
        (void(20, 25), void(26, 29), false),
        (lock(1), lock(2), true),
        (duty(1, "供暖"), duty(1, "供水"), true),
        (duty(2, "供气"), duty(3, "供电"), false),
    ] {
        let hashes = [&earlier, &later].map(|change| proposed(&mut registry, FIRST, change.clone()));
        let other = proposed(
            &mut registry,
            SECOND,
            match &later {
                Change::Lock(_) => lock(3),
                Change::Void(_) => void(5, 29),
                Change::Duties(_) => duty(9, "供暖"),
                _ => set(13, 2),
            },
        );
        let outcome = |hash| registry.proposals().iter().find(|known| known.hash == hash).unwrap().outcome.clone();
        let expected = if same { Outcome::Superseded(registry.version() - 1) } else { Outcome::Waits };
        assert_eq!(outcome(hashes[0]), expected, "{earlier:?}");
        assert_eq!((outcome(hashes[1]), outcome(other)), (Outcome::Waits, Outcome::Waits), "{later:?}");
        let gone = writes(&mut registry.clone(), SECOND, Change::Confirmed(hashes[0]));
        assert_eq!(gone.err(), same.then_some(Clash::NothingProposed), "{earlier:?}");
        writes(&mut registry, SECOND, Change::declined(other, "另议")).unwrap();
    }
}

#[test]
fn what_waits_already_is_not_proposed_again_by_anybody_and_so_much_waits_of_one_person() {
    let mut registry = registry();
    let first = proposed(&mut registry, FIRST, set(13, 4));
    for person in [FIRST, SECOND] {
        assert_eq!(writes(&mut registry, person, proposes(set(13, 4))), Err(Clash::ProposedAlready), "{person:?}");
    }
    let numbers = (10..40).filter(|number| *number != 13);
    let mut waits = 1;
    for number in numbers {
        let written = writes(&mut registry, FIRST, proposes(set(number, 5)));
        assert_eq!(written, if waits < PROPOSED_MAX { Ok(()) } else { Err(Clash::ProposedMany) }, "{number}");
        waits += usize::from(written.is_ok());
    }
    // It is a bound on each person, on what stands; correcting oneself needs no room.
    writes(&mut registry, SECOND, proposes(set(40, 6))).unwrap();
    writes(&mut registry, FIRST, proposes(set(13, 3))).unwrap();
    assert_eq!(writes(&mut registry, SECOND, Change::Confirmed(first)), Err(Clash::NothingProposed));
    let corrected = registry.head();
    writes(&mut registry, SECOND, Change::Confirmed(corrected)).unwrap();
    writes(&mut registry, FIRST, proposes(set(41, 5))).unwrap();
    // What was declined may be proposed again.
    let again = registry.head();
    writes(&mut registry, SECOND, Change::declined(again, "再议")).unwrap();
    writes(&mut registry, SECOND, proposes(set(41, 5))).unwrap();
}

#[test]
fn what_somebody_proposed_who_has_lost_the_role_is_not_confirmed() {
    let mut registry = registry();
    let fourth = administrator(&mut registry, vec![Role::Statistics, Role::Administer]);
    let roles = |registry: &mut Registry, roles: &[Role]| {
        let person = registry.now().person(fourth).unwrap().clone();
        append(registry, Change::Person(fourth, Person { roles: roles.to_vec(), ..person })).unwrap();
    };
    let terms = proposed(&mut registry, fourth, set(13, 4));
    let locks = proposed(&mut registry, fourth, Change::Lock(lock("2026-09", 1)));
    roles(&mut registry, &[Role::Statistics]);
    assert_eq!(writes(&mut registry.clone(), SECOND, Change::Confirmed(terms)), Err(Clash::ProposerGone));
    assert_eq!(
        writes(&mut registry.clone(), SECOND, Change::Confirmed(locks)),
        Ok(()),
        "another role of the pair is left"
    );
    roles(&mut registry, &[]);
    assert_eq!(registry.standing().count(), 0);
    for of in [terms, locks] {
        assert_eq!(writes(&mut registry.clone(), SECOND, Change::Confirmed(of)), Err(Clash::ProposerGone));
        assert_eq!(writes(&mut registry.clone(), SECOND, Change::declined(of, "已离岗")), Ok(()));
        assert_eq!(
            writes(&mut registry.clone(), fourth, Change::declined(of, "撤回")),
            Ok(()),
            "his own he takes back"
        );
    }
    // It stands in nobody's way, and counts again when he has the role again.
    assert_eq!(writes(&mut registry.clone(), FIRST, proposes(set(13, 4))), Ok(()));
    roles(&mut registry, &[Role::Administer]);
    assert_eq!(writes(&mut registry, SECOND, Change::Confirmed(terms)), Ok(()));
    assert_eq!(registry.now().on(day_begins(TODAY + 1).unwrap()).settings().help_wd, 4);
}
