//! Settings by number: what is not named stays, what is not known is kept and gone past, what cannot be set is refused; and
//! what is proposed by a newer program stops nobody.

use regulation::calendar::day_begins;
use regulation::rates::Weights;
use regulation::settings::{BadSetting, EDITION};
use regulation::terms::Terms;
use regulation::{Edition, PersonId, Role, Settings};
use replica::fields::Fields;
use replica::registry::{Appended, At, Clash, ROOT_LOG, RegistryError, RegistryVersion, sign_entry};
use replica::{Change, Entry, Person, Registry};

use crate::city::{self, CITY, NOON, TODAY, fields};

const FIRST: PersonId = PersonId(10);
const SECOND: PersonId = PersonId(11);
/// Number of the entry of settings, and those of pairs.
const SETTINGS: u64 = 5;
const PROPOSED: u64 = 13;
const CONFIRMED: u64 = 14;

/// A city with two administrators, whose terms and weights were set when it was founded.
fn registry(newest: Edition) -> Registry {
    let mut registry = Registry::carrying(newest);
    city::registry().entries().for_each(|entry| assert_eq!(registry.append(entry), Ok(Appended::New)));
    assert_eq!(city::person(CITY), FIRST);
    let second = Person { unit: CITY, name: "职员".into(), login: "p11".into(), roles: vec![Role::Administer] };
    for change in
        [Change::Person(SECOND, second), Change::terms(&Settings::USUAL), Change::weights(&Weights::default())]
    {
        by(&mut registry, None, change).unwrap();
    }
    city::hubs_say(&mut registry, newest);
    registry
}

fn by(registry: &mut Registry, by: Option<PersonId>, change: Change) -> Result<Appended, RegistryError> {
    registry.append(&sign_entry(by, registry, change, NOON, &city::root()))
}

/// What stands against an entry that somebody writes.
fn clash(registry: &Registry, change: Change) -> Clash {
    match by(&mut registry.clone(), Some(FIRST), change) {
        Err(RegistryError::Inconsistent { clash, .. }) => clash,
        other => panic!("{other:?}"),
    }
}

fn proposes(change: Change) -> Change {
    Change::Proposed(Box::new(change))
}

/// One proposes; the hash by which another confirms.
fn proposed(registry: &mut Registry, change: Change) -> [u8; 32] {
    by(registry, Some(FIRST), proposes(change)).unwrap();
    registry.head()
}

fn decided(registry: &mut Registry, change: Change) {
    let hash = proposed(registry, change);
    by(registry, Some(SECOND), Change::Confirmed(hash)).unwrap();
}

#[test]
fn what_is_not_named_stays_and_each_version_has_what_held_then() {
    let mut registry = registry(Edition::NEWEST);
    let before = registry.versions();
    decided(&mut registry, tomorrow(&[(10, 2), (36, 15)]));
    let between = registry.versions();
    decided(&mut registry, tomorrow(&[(13, 4)]));
    let of = |at: At<'_>| {
        let held = at.on(day_begins(TODAY + 1).unwrap()).settings();
        (held.sign_for_wd, held.help_wd, held.late_minutes)
    };
    assert_eq!(registry.at(&before).unwrap().settings(), &Settings::USUAL);
    assert_eq!(of(registry.at(&between).unwrap()), (2, 5, 15));
    assert_eq!(of(registry.now()), (2, 4, 15));
    assert_eq!(registry.now().weights().1, Weights::default());
}

#[test]
fn a_setting_that_is_not_known_is_kept_and_gone_past_unless_it_is_critical() {
    for critical in [false, true] {
        let mut registry = city::registry();
        let before = registry.version();
        let bytes = city::newer(&registry, SETTINGS, critical, &fields(&[(10, 2), (9_999, 7), (60_000, 1)]), &[]);
        assert_eq!(registry.append(&bytes), Ok(Appended::New));
        let (entry, signature) = Entry::decode(&bytes).unwrap();
        assert_eq!((entry.change.clone(), entry.encode(&signature)), (Change::settings(vec![(10, 2)]), bytes.clone()));
        assert_eq!(registry.entries().last(), Some(bytes.as_slice()), "it is passed on byte for byte");
        assert_eq!(registry.now().settings().sign_for_wd, if critical { 1 } else { 2 }, "what is known of it holds");
        assert_eq!(registry.acted(), if critical { before } else { before + 1 });
    }
}

#[test]
fn what_cannot_be_set_is_refused_from_everybody() {
    for (number, value) in [(10, 2_001), (63, 101), (42, 0), (EDITION, 0)] {
        let mut registry = city::registry();
        let bytes = city::newer(&registry, SETTINGS, false, &fields(&[(number, value), (9_999, 1)]), &[]);
        let refused = registry.append(&bytes).unwrap_err();
        let expected = format!("setting {number} ");
        assert!(refused.to_string().contains(&expected) && refused.to_string().contains("it can be"), "{refused}");
    }
    let registry = registry(Edition::NEWEST);
    // What is not known here others may take in, and none of ours is written.
    let unknown = Change::settings(vec![(9_999, 1)]);
    assert_eq!(registry.fits(&proposes(unknown)), Err(Clash::Setting(BadSetting::Unknown(9_999))));
    let uneven = Change::settings(vec![(60, 10), (61, 50), (62, 41)]);
    assert_eq!(registry.fits(&proposes(uneven)), Err(Clash::Setting(BadSetting::Weights)));
}

#[test]
fn who_changes_other_settings_overtakes_nobody() {
    let mut registry = registry(Edition::NEWEST);
    let set = |number, value| tomorrow(&[(number, value)]);
    let [sign, help] = [set(10, 2), set(13, 4)].map(|change| proposed(&mut registry, change));
    by(&mut registry, Some(SECOND), proposes(set(10, 3))).unwrap();
    let same = registry.head();
    let weights = Change::weights(&Weights { mostly: 80, ..Weights::default() }).from_day(TODAY + 1);
    let weights = proposed(&mut registry, weights);
    by(&mut registry, Some(SECOND), Change::Confirmed(sign)).unwrap();
    let overtaken = by(&mut registry.clone(), Some(FIRST), Change::Confirmed(same)).unwrap_err();
    assert!(matches!(overtaken, RegistryError::Inconsistent { clash: Clash::Overtaken, .. }), "{overtaken}");
    for hash in [help, weights] {
        by(&mut registry, Some(SECOND), Change::Confirmed(hash)).unwrap();
    }
    let held = registry.now().on(day_begins(TODAY + 1).unwrap()).settings();
    assert_eq!((held.sign_for_wd, held.help_wd, held.mostly_percent), (2, 4, 80));
    // Two people, also for a setting that nobody has set by itself yet.
    assert_eq!(clash(&registry, set(44, 9)), Clash::NeedsSecond);
}

#[test]
fn what_a_newer_program_proposed_and_confirmed_stops_no_older_one() {
    for critical in [false, true] {
        for (number, inner) in
            [(4_000, fields(&[(1, 5)])), (SETTINGS, fields(&[(0, TODAY as u64 + 1), (10, 2), (9_999, 7)]))]
        {
            let mut registry = registry(Edition::NEWEST);
            let before = registry.version();
            let mut proposal = Fields::default();
            proposal.write(1, |out| {
                out.array(3).uint(number).flag(critical);
                inner.finish(out);
            });
            registry.append(&city::newer_by(Some(FIRST), &registry, PROPOSED, false, &proposal, &[])).unwrap();
            let hash = registry.head();
            assert_eq!(registry.acted(), before + 1, "what is proposed holds nothing");
            let waits = registry.proposed().last().unwrap();
            assert_eq!(
                registry.may_confirm(SECOND, waits),
                Err(Clash::Beyond),
                "who does not know it does not confirm it"
            );
            let mut confirm = Fields::default();
            confirm.write(1, |out| {
                out.bytes(&hash);
            });
            registry.append(&city::newer_by(Some(SECOND), &registry, CONFIRMED, critical, &confirm, &[])).unwrap();
            assert_eq!(registry.acted(), if critical { before + 1 } else { before + 2 }, "{number}");
            let known = number == SETTINGS && !critical;
            let then = registry.now().on(day_begins(TODAY + 1).unwrap());
            assert_eq!(then.settings().sign_for_wd, if known { 2 } else { 1 });
            by(&mut registry, None, Change::Hub(city::HUB)).unwrap();
            assert_eq!(registry.version(), before + 3, "and the chain goes on");
        }
    }
}

#[test]
fn an_edition_of_the_rules_is_set_by_two_people_by_itself_and_never_taken_back() {
    let mut registry = registry(Edition(3));
    let set = |edition| Change::settings(vec![(EDITION, edition)]);
    assert_eq!(registry.now().edition(), Edition::FIRST);
    assert_eq!(clash(&registry, set(2)), Clash::NeedsSecond);
    assert_eq!(registry.fits(&set(2)), Err(Clash::NeedsSecond), "nor does the writer of the log for nobody");
    assert_eq!(clash(&registry, proposes(set(1))), Clash::EditionBack);
    let mixed = Change::settings(vec![(EDITION, 2), (10, 2)]);
    assert_eq!(registry.fits(&proposes(mixed)), Err(Clash::Setting(BadSetting::Alone)));
    let before = registry.versions();
    decided(&mut registry, set(2));
    assert_eq!((registry.now().edition(), registry.at(&before).unwrap().edition()), (Edition(2), Edition::FIRST));
    let (confirm, _) = Entry::decode(registry.entries().last().unwrap()).unwrap();
    assert!(confirm.critical, "whoever carries it not must not act under it");
    decided(&mut registry, tomorrow(&[(10, 3)]));
    assert_eq!(registry.now().edition(), Edition(2), "other settings leave it");
    decided(&mut registry, set(3));
    assert_eq!(clash(&registry, proposes(set(2))), Clash::EditionBack);
}

#[test]
fn an_edition_that_is_not_carried_is_not_acted_under() {
    let mut newer = registry(Edition(2));
    let before = newer.version();
    decided(&mut newer, Change::settings(vec![(EDITION, 2)]));
    decided(&mut newer, tomorrow(&[(10, 3)]));
    let mut older = Registry::carrying(Edition::FIRST);
    newer.entries().for_each(|entry| assert_eq!(older.append(entry), Ok(Appended::New)));
    assert_eq!((older.version(), older.acted()), (newer.version(), before + 1), "the proposal holds nothing yet");
    assert_eq!(older.beyond().map(|entry| entry.version), Some(before + 2));
    let then = older.now().on(day_begins(TODAY + 1).unwrap());
    assert_eq!((older.now().edition(), then.settings().sign_for_wd), (Edition::FIRST, 1));
    assert_eq!(older.fits(&Change::Hub(city::HUB)), Err(Clash::Beyond));
    // Nor does it let its own people set what it does not carry.
    let mut own = registry(Edition::FIRST);
    city::hubs_say(&mut own, Edition(3));
    let hash = proposed(&mut own, Change::settings(vec![(EDITION, 2)]));
    assert_eq!(own.knows(&Change::Confirmed(hash)), Err(Clash::EditionUnknown(Edition(1))));
    assert_eq!(own.knows(&Change::terms(&Terms::default())), Ok(()));
    // Nor propose it: what is proposed here is understood here.
    let proposal = proposes(Change::settings(vec![(EDITION, 3)]));
    assert_eq!((own.knows(&proposal), own.may_sign(&proposal)), (Ok(()), Err(Clash::EditionUnknown(Edition(1)))));
    assert_eq!(own.may_sign(&proposes(Change::terms(&Terms::default()))), Ok(()));
}

fn set_from(from: i32, values: &[(u16, u32)]) -> Change {
    Change::settings(values.to_vec()).from_day(from)
}

fn tomorrow(values: &[(u16, u32)]) -> Change {
    set_from(TODAY + 1, values)
}

#[test]
fn a_setting_for_a_day_holds_from_the_day_on_and_its_version_knows_it_before() {
    let mut registry = registry(Edition::NEWEST);
    let [tomorrow, january] = [TODAY + 1, TODAY + 60].map(|day| day_begins(day).unwrap());
    assert!(tomorrow > NOON && tomorrow - NOON == 12 * 3_600_000);
    decided(&mut registry, set_from(TODAY + 60, &[(10, 4), (13, 9)]));
    decided(&mut registry, set_from(TODAY + 1, &[(10, 3)]));
    let of = |time| {
        let held = registry.now().on(time).settings();
        (held.sign_for_wd, held.help_wd)
    };
    assert_eq!(registry.now().settings().sign_for_wd, 1, "without a time: when it was written");
    assert_eq!((of(NOON), of(tomorrow - 1), of(tomorrow)), ((1, 5), (1, 5), (3, 5)));
    assert_eq!((of(january - 1), of(january)), ((3, 5), (4, 9)));
    let planned = |time| registry.now().on(time).planned().collect::<Vec<_>>();
    assert_eq!(planned(NOON), [(tomorrow, 10, 3), (january, 10, 4), (january, 13, 9)]);
    assert_eq!(planned(tomorrow).len(), 2);
    assert_eq!(registry.now().on(january).set_since(13).map(|(_, since)| since), Some(january));
    assert_eq!(registry.now().on(january - 1).set_since(13).map(|(_, since)| since), Some(NOON), "by the founding");
    // What was known before says nothing of it, whatever the time.
    let before = RegistryVersion { log: ROOT_LOG, version: registry.version() - 4 };
    assert_eq!(registry.at(&[before]).unwrap().on(january).settings(), &Settings::USUAL);
}

#[test]
fn rules_change_on_the_day_for_which_they_were_set() {
    let mut registry = registry(Edition::NEWEST);
    by(&mut registry, None, Change::Calendar(Vec::new())).unwrap();
    let begun = registry.version();
    decided(&mut registry, set_from(TODAY + 1, &[(10, 3)]));
    decided(&mut registry, set_from(TODAY + 60, &[(10, 4)]));
    let rules = |registry: &Registry| -> Vec<_> {
        registry.now().rules_since(begun).iter().map(|(at, _)| (at.time(), at.settings().sign_for_wd)).collect()
    };
    let [tomorrow, january] = [TODAY + 1, TODAY + 60].map(|day| day_begins(day).unwrap());
    assert_eq!(rules(&registry).last_chunk(), Some(&[(NOON, 1), (tomorrow, 3), (january, 4)]));
    // An entry that is written in between stands between them.
    let later = tomorrow + 86_400_000;
    let at = |registry: &mut Registry, person, change| {
        registry.append(&sign_entry(Some(person), registry, change, later, &city::root())).unwrap();
        registry.head()
    };
    let hash = at(&mut registry, FIRST, proposes(set_from(TODAY + 3, &[(10, 2)])));
    at(&mut registry, SECOND, Change::Confirmed(hash));
    let fourth = day_begins(TODAY + 3).unwrap();
    assert_eq!(rules(&registry).last_chunk(), Some(&[(tomorrow, 3), (later, 3), (fourth, 2), (january, 4)]));
}

#[test]
fn a_day_that_has_begun_an_edition_for_a_day_and_no_day_are_refused_from_everybody() {
    let mut registry = registry(Edition(2));
    assert_eq!(clash(&registry, proposes(Change::settings(vec![(10, 3)]))), Clash::Undated);
    for begun in [TODAY, TODAY - 1, 1] {
        assert_eq!(clash(&registry, proposes(set_from(begun, &[(10, 3)]))), Clash::Begun);
    }
    assert_eq!(clash(&registry, proposes(set_from(TODAY + 1, &[(EDITION, 2)]))), Clash::EditionDated);
    // Proposed before, confirmed when the day has begun.
    let hash = proposed(&mut registry, set_from(TODAY + 1, &[(10, 3)]));
    let late =
        sign_entry(Some(SECOND), &registry, Change::Confirmed(hash), day_begins(TODAY + 1).unwrap(), &city::root());
    let refused = registry.append(&late).unwrap_err();
    assert!(matches!(refused, RegistryError::Inconsistent { clash: Clash::Begun, .. }), "{refused}");
    by(&mut registry, Some(SECOND), Change::Confirmed(hash)).unwrap();
    // The day is a number of the calendar's, in its only form.
    let no_day = city::newer(&registry, SETTINGS, false, &fields(&[(0, u64::MAX), (10, 2)]), &[]);
    assert!(matches!(registry.append(&no_day), Err(RegistryError::Malformed(_))));
    // Who knows nothing of a setting keeps the day with it.
    let bytes = sign_entry(Some(FIRST), &registry, proposes(set_from(TODAY + 9, &[(10, 5)])), NOON, &city::root());
    let (entry, signature) = Entry::decode(&bytes).unwrap();
    assert_eq!((entry.change.clone(), entry.encode(&signature)), (proposes(set_from(TODAY + 9, &[(10, 5)])), bytes));
}
