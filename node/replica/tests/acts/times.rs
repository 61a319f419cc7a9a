//! Numbers of times that the hub signed: what an act's past forbids, and what two people void.

use regulation::Role;
use regulation::{Body, DeviceId, PersonId, Rule};
use replica::registry::{Clash, VOID_REASON_CHARS_MAX, Voided, sign_entry};
use replica::{Change, Draft, Entry, History, Person, Registry, RegistryError, Sealed, Stamp, Verdict, compose};

use crate::city::{self, CITY, HUB, LAPTOP, NOON, OFFICE};

const FIRST: PersonId = PersonId(10);
const SECOND: PersonId = PersonId(11);

/// What becomes of an act with that number.
fn says(
    registry: &Registry,
    history: &mut History,
    (device, epoch, dseq): (DeviceId, u64, u64),
    beacon: u64,
    draft: Draft,
) -> Verdict {
    let person = (draft.body != Body::Settle).then(|| city::stamp(registry, device, dseq).person).flatten();
    let stamp = Stamp { epoch, beacon, person, ..city::stamp(registry, device, dseq) };
    let (act, parts) = compose(history, draft, stamp);
    city::take(registry, history, &Sealed::new(&act, &city::key(device), parts)).unwrap()
}

#[test]
fn act_that_names_an_older_time_than_its_past_shows_that_it_had_is_unlawful() {
    let registry = city::registry();
    let mut history = History::default();
    let (lawful, behind) = (Verdict::Admitted, Verdict::Unlawful(Rule::TimeBehind));
    assert_eq!(says(&registry, &mut history, (LAPTOP, 1, 1), 5, city::register()), lawful);
    // Its own act named 5; a hub's one names 7.
    let try_it = |history: &History, (epoch, dseq), beacon| {
        says(&registry, &mut history.clone(), (LAPTOP, epoch, dseq), beacon, city::tag("供暖"))
    };
    assert_eq!(try_it(&history, (1, 2), 4), behind);
    assert_eq!(try_it(&history, (1, 2), 5), lawful);
    assert_eq!(try_it(&history, (2, 1), 0), lawful, "who was put back may have lost it");
    assert_eq!(says(&registry, &mut history, (HUB, 1, 1), 7, Draft::new(Body::Settle)), lawful);
    assert_eq!(try_it(&history, (1, 2), 6), behind);
    assert_eq!(try_it(&history, (2, 1), 6), behind, "it names an act of the hub's that says 7");
    assert_eq!(try_it(&history, (1, 2), 7), lawful);
    assert_eq!(try_it(&history, (1, 2), u64::MAX), lawful, "what it may have heard elsewhere nobody can tell");
    // Of a third device it need not know.
    assert_eq!(says(&registry, &mut history, (LAPTOP, 1, 2), 9, city::dispatch(city::TOWN)), lawful);
    assert_eq!(says(&registry, &mut history.clone(), (OFFICE, 1, 1), 7, city::tag("供暖")), lawful);
    // The hub's own rise too; one whose clock is in doubt names none.
    for (beacon, verdict) in [(6, behind), (7, lawful), (0, lawful)] {
        assert_eq!(says(&registry, &mut history.clone(), (HUB, 1, 2), beacon, Draft::new(Body::Settle)), verdict);
    }
}

fn registry() -> Registry {
    let mut registry = city::registry();
    let (name, login) = ("职员".to_owned(), "p11".to_owned());
    let second = Person { unit: CITY, name, login, roles: vec![Role::Administer] };
    writes(&mut registry, None, Change::Person(SECOND, second)).unwrap();
    registry
}

fn writes(registry: &mut Registry, by: Option<PersonId>, change: Change) -> Result<(), Clash> {
    let entry = sign_entry(by, registry, change, NOON, &city::root());
    registry.append(&entry).map(drop).map_err(|error| match error {
        RegistryError::Inconsistent { clash, .. } => clash,
        other => panic!("{other:?}"),
    })
}

fn proposes(registry: &mut Registry, from: u64, to: u64, reason: &str) -> Result<(), Clash> {
    writes(registry, Some(FIRST), Change::Proposed(Box::new(Change::void(from, to, reason))))
}

fn void(registry: &mut Registry, from: u64, to: u64) {
    proposes(registry, from, to, "时钟有误").unwrap();
    let head = registry.head();
    writes(registry, Some(SECOND), Change::Confirmed(head)).unwrap();
}

#[test]
fn two_people_void_numbers_and_nobody_alone() {
    let mut registry = registry();
    for by in [None, Some(FIRST)] {
        let clash = writes(&mut registry, by, Change::void(1, 2, "时钟有误")).unwrap_err();
        assert!(matches!(clash, Clash::NeedsSecond | Clash::NotTheirs), "{clash:?}");
    }
    let long = "长".repeat(VOID_REASON_CHARS_MAX + 1);
    for (from, to, reason) in [(0, 2, "时钟"), (3, 2, "时钟"), (1, 2, ""), (1, 2, " "), (1, 2, "一\n二"), (1, 2, &long)]
    {
        assert_eq!(proposes(&mut registry, from, to, reason), Err(Clash::Void));
    }
    proposes(&mut registry, 10, 20, "时钟有误").unwrap();
    let (head, before) = (registry.head(), registry.version());
    assert_eq!(registry.now().voided().count(), 0, "what is proposed holds nothing");
    assert_eq!(writes(&mut registry, Some(FIRST), Change::Confirmed(head)), Err(Clash::SamePerson));
    writes(&mut registry, Some(SECOND), Change::Confirmed(head)).unwrap();
    let now = registry.now();
    assert_eq!(
        now.voided().map(|(version, voided)| (version, voided.numbers())).collect::<Vec<_>>(),
        [(before + 1, 10..=20)]
    );
    let then = registry.at(&[replica::RegistryVersion { log: 0, version: before }]).unwrap();
    assert_eq!((then.good_time(15), now.good_time(15)), (Some(15), Some(9)));
    assert_eq!(proposes(&mut registry, 12, 20, "时钟有误"), Err(Clash::Voided), "for good, and once");
}

#[test]
fn numbers_that_were_voided_stand_for_the_newest_good_one_before_them() {
    let mut registry = registry();
    for (from, to) in [(10, 20), (21, 30), (15, 40), (1, 3), (u64::MAX - 1, u64::MAX)] {
        void(&mut registry, from, to);
    }
    for (number, good) in [
        (0, None),
        (1, None),
        (3, None),
        (4, Some(4)),
        (9, Some(9)),
        (10, Some(9)),
        (25, Some(9)),
        (40, Some(9)),
        (41, Some(41)),
        (u64::MAX, Some(u64::MAX - 2)),
    ] {
        assert_eq!(registry.now().good_time(number), good, "{number}");
    }
}

#[test]
fn layout_of_what_voids_numbers_is_pinned() {
    let change = Change::void(300, 310, "clock");
    let entry = Entry { previous: [0xab; 32], ..city::entry(change.clone()) };
    let bytes = entry.encode(&[0xcd; 64]);
    assert_eq!(Entry::decode(&bytes).unwrap(), (entry, [0xcd; 64]));
    assert!(city::hex(&bytes).contains("8310f4a30119012c0219013603 65636c6f636b".replace(' ', "").as_str()));
    assert!(!change.critical(), "times and figures alone");
    let Change::Void(Voided { from: 300, to: 310, .. }) = change else { panic!("{change:?}") };
}

#[test]
fn entry_of_a_wrong_clock_is_set_right_by_each_that_follows_it() {
    let mut registry = city::registry();
    let write = |registry: &mut Registry, time| {
        let entry = sign_entry(None, registry, Change::Calendar(Vec::new()), time, &city::root());
        registry.append(&entry).unwrap();
        registry.version()
    };
    let wrong = write(&mut registry, NOON + 1_000_000);
    assert_eq!(registry.not_before(wrong), Some(NOON + 1_000_000));
    let right = write(&mut registry, NOON + 10);
    assert_eq!((registry.not_before(wrong), registry.not_before(right)), (Some(NOON + 10), Some(NOON + 10)));
    assert_eq!((registry.not_before(0), registry.not_before(right + 1)), (None, None));
}
