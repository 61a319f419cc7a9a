//! The duty list: stated by two people from a day on, its numbers given once; and what quotes it is judged by the version that
//! it names.

use regulation::calendar::day_begins;
use regulation::{Body, DutyId, PersonId, Role, Rule};
use replica::registry::{Appended, Clash, Duty, Holder, RegistryError, sign_entry};
use replica::{Change, Draft, History, Person, Registry, UnitKind, Verdict};

use crate::city::{self, CITY, LAPTOP, NOON, OFFICE, OTHER_TOWN, TODAY, TOWN};

const FIRST: PersonId = PersonId(10);
const SECOND: PersonId = PersonId(11);

fn registry() -> Registry {
    let mut registry = city::registry();
    let second = Person { unit: CITY, name: "职员".into(), login: "p11".into(), roles: vec![Role::Administer] };
    write(&mut registry, NOON, None, Change::Person(SECOND, second)).unwrap();
    registry
}

fn write(registry: &mut Registry, time: i64, by: Option<PersonId>, change: Change) -> Result<Appended, Clash> {
    registry.append(&sign_entry(by, registry, change, time, &city::root())).map_err(|error| match error {
        RegistryError::Inconsistent { clash, .. } => clash,
        other => panic!("{other:?}"),
    })
}

fn duty(holder: Holder, text: &str) -> Option<Duty> {
    Some(Duty { holder, category: Some("0101".into()), text: text.into(), basis: "三定规定".into() })
}

fn proposes(change: Change) -> Change {
    Change::Proposed(Box::new(change))
}

fn one(from: Option<i32>, number: u32, duty: Option<Duty>) -> Change {
    Change::duties(from, [(DutyId(number), duty)])
}

fn decided(registry: &mut Registry, change: Change) {
    write(registry, NOON, Some(FIRST), proposes(change)).unwrap();
    let hash = registry.head();
    write(registry, NOON, Some(SECOND), Change::Confirmed(hash)).unwrap();
}

/// Entry 1 is the town's, entry 2 that of every township, entry 3 the other town's.
fn listed() -> Registry {
    let mut registry = registry();
    let [town, townships, other] = [Holder::Unit(TOWN), Holder::Kind(UnitKind::Township), Holder::Unit(OTHER_TOWN)];
    let list = [(town, "供暖"), (townships, "村道"), (other, "水库")];
    decided(&mut registry, Change::duties(None, (1..).map(DutyId).zip(list.map(|(holder, text)| duty(holder, text)))));
    registry
}

#[test]
fn two_people_state_it_the_first_list_at_once_and_what_follows_from_a_day_that_has_not_begun() {
    let mut registry = registry();
    let entry = || duty(Holder::Unit(TOWN), "供暖");
    for alone in [one(None, 1, entry()), one(Some(TODAY + 1), 1, entry())] {
        assert_eq!(write(&mut registry, NOON, Some(FIRST), alone), Err(Clash::NotTheirs));
    }
    assert_eq!(registry.fits(&one(None, 1, entry())), Err(Clash::NeedsSecond), "nor the writer of the log for nobody");
    write(&mut registry, NOON, Some(FIRST), proposes(one(None, 1, entry()))).unwrap();
    let (first, before) = (registry.head(), registry.version());
    assert_eq!(write(&mut registry, NOON, Some(FIRST), Change::Confirmed(first)), Err(Clash::SamePerson));
    assert!(!registry.now().has_duty(DutyId(1)), "what is proposed holds nothing");
    write(&mut registry, NOON, Some(SECOND), Change::Confirmed(first)).unwrap();
    assert_eq!(registry.now().duty(DutyId(1)).map(|(since, duty)| (since, duty.text.as_str())), Some((NOON, "供暖")));
    // From here on something may rest on it.
    assert_eq!(write(&mut registry, NOON, Some(FIRST), proposes(one(None, 2, entry()))), Err(Clash::Undated));
    assert_eq!(write(&mut registry, NOON, Some(FIRST), proposes(one(Some(TODAY), 2, entry()))), Err(Clash::Begun));
    decided(&mut registry, one(Some(TODAY + 1), 1, duty(Holder::Unit(TOWN), "供暖、供水")));
    let [tomorrow, later] = [TODAY + 1, TODAY + 9].map(|day| day_begins(day).unwrap());
    let says = |registry: &Registry, time| registry.now().on(time).duty(DutyId(1)).map(|(_, duty)| duty.text.clone());
    assert_eq!(says(&registry, tomorrow - 1).as_deref(), Some("供暖"));
    assert_eq!(says(&registry, tomorrow).as_deref(), Some("供暖、供水"));
    decided(&mut registry, one(Some(TODAY + 9), 1, None));
    assert_eq!((says(&registry, later - 1).as_deref(), says(&registry, later)), (Some("供暖、供水"), None));
    assert_eq!(registry.now().duties_planned().len(), 2);
    // Each version says what it said then.
    let then = registry.at(&[replica::RegistryVersion { log: 0, version: before }]).unwrap();
    assert!(!then.has_duty(DutyId(1)));
    let quoted = |time| registry.now().duty_quoted(DutyId(1), before + 1, time).map(|duty| duty.text.as_str());
    assert_eq!((quoted(NOON), quoted(later)), (Some("供暖"), Some("供暖")), "as whoever quoted it read it");
}

#[test]
fn a_number_is_of_one_holder_is_never_given_again_and_bad_entries_are_refused() {
    let mut registry = listed();
    decided(&mut registry, one(Some(TODAY + 1), 3, None));
    let from = Some(TODAY + 2);
    let words = |text: &str, basis: &str| Duty {
        text: text.into(),
        basis: basis.into(),
        ..duty(Holder::Unit(TOWN), "").unwrap()
    };
    let strange = Duty { category: Some("9999".into()), ..words("供暖", "三定规定") };
    for (change, clash) in [
        (one(from, 1, duty(Holder::Unit(OTHER_TOWN), "供暖")), Clash::DutyHolder(1)),
        (one(from, 3, duty(Holder::Unit(OTHER_TOWN), "水库")), Clash::DutyRetired(3)),
        (one(from, 3, None), Clash::DutyRetired(3)),
        (one(from, 9, None), Clash::NoSuchDuty(9)),
        (one(from, 0, duty(Holder::Unit(TOWN), "供暖")), Clash::DutyWords(0)),
        (one(from, 9, Some(words("供暖", ""))), Clash::DutyWords(9)),
        (one(from, 9, Some(words("供\n暖", "三定规定"))), Clash::DutyWords(9)),
        (one(from, 9, Some(words(&"供".repeat(301), "三定规定"))), Clash::DutyWords(9)),
        (one(from, 9, Some(strange)), Clash::DutyCategory(9)),
        (one(from, 9, duty(Holder::Unit(regulation::UnitId(99)), "供暖")), Clash::NoSuchUnit),
        (one(from, 9, duty(Holder::Kind(UnitKind::Other(77)), "供暖")), Clash::DutyWords(9)),
        (Change::duties(from, []), Clash::DutyNone),
    ] {
        assert_eq!(write(&mut registry, NOON, Some(FIRST), proposes(change.clone())), Err(clash), "{change:?}");
    }
    // What was decided without having seen what was stated since is decided anew.
    let other = duty(Holder::Unit(TOWN), "供暖、供水");
    write(&mut registry, NOON, Some(FIRST), proposes(one(from, 1, other))).unwrap();
    let overtaken = registry.head();
    write(&mut registry, NOON, Some(SECOND), proposes(one(from, 1, duty(Holder::Unit(TOWN), "供暖、供气")))).unwrap();
    let hash = registry.head();
    write(&mut registry, NOON, Some(FIRST), Change::Confirmed(hash)).unwrap();
    assert_eq!(write(&mut registry, NOON, Some(SECOND), Change::Confirmed(overtaken)), Err(Clash::Overtaken));
}

fn asks(duty: Option<u32>) -> Draft {
    Draft::new(Body::ReturnRequest { suggested: None, duty: duty.map(DutyId) }).text(["不是本镇职责"])
}

fn denies(duty: Option<u32>) -> Draft {
    Draft::new(Body::ReturnDeny { duty: duty.map(DutyId) }).text(["是"])
}

/// What is found of an act that answers the newest of a history.
fn found(registry: &Registry, history: &mut History, device: regulation::DeviceId, dseq: u64, draft: Draft) -> Verdict {
    let newest = history.nodes().last().map(|node| node.id);
    let (_, sealed) = city::seal(registry, history, device, dseq, draft.answering(newest));
    city::take(registry, history, &sealed).unwrap()
}

#[test]
fn what_is_quoted_is_there_in_the_version_that_the_act_names_and_a_refusal_quotes_what_is_the_askers_duty() {
    let (before, after) = (registry(), listed());
    let mut history = History::default();
    city::make(&before, &mut history, LAPTOP, 1, city::register());
    city::make(&before, &mut history, LAPTOP, 2, city::dispatch(TOWN));
    // What nobody has stated yet, nobody can quote, whatever has been stated by the time that it arrives.
    for unknown in [Some(1), Some(99)] {
        let mut history = history.clone();
        let (_, sealed) =
            city::seal(&before, &history, OFFICE, 1, asks(unknown).answering(history.nodes().last().map(|n| n.id)));
        for knows in [&before, &after] {
            let verdict = city::take(knows, &mut history.clone(), &sealed).unwrap();
            assert_eq!(verdict, Verdict::Unlawful(Rule::NoSuchDuty), "{unknown:?}");
        }
        assert_eq!(found(&after, &mut history, OFFICE, 2, asks(Some(99))), Verdict::Unlawful(Rule::NoSuchDuty));
    }
    for (quotes, lawful) in [(None, true), (Some(1), true), (Some(2), true), (Some(3), false), (Some(99), false)] {
        let mut history = history.clone();
        assert_eq!(
            found(&after, &mut history, OFFICE, 1, asks(Some(3))),
            Verdict::Admitted,
            "another's duty is a ground"
        );
        let rule = if quotes == Some(99) { Rule::NoSuchDuty } else { Rule::OtherDuty };
        let expected = if lawful { Verdict::Admitted } else { Verdict::Unlawful(rule) };
        assert_eq!(found(&after, &mut history, LAPTOP, 3, denies(quotes)), expected, "{quotes:?}");
    }
    // A refusal to take it in quotes nothing that is not there either.
    let mut history = History::default();
    city::make(&after, &mut history, LAPTOP, 1, city::register());
    let ground = regulation::act::RejectGround::OutOfScope;
    let reject = |duty| Draft::new(Body::Reject { ground, duty }).text(["不属于受理范围"]);
    let (_, sealed) = city::seal(&after, &history, LAPTOP, 2, reject(Some(DutyId(99))));
    assert_eq!(city::take(&after, &mut history.clone(), &sealed), Ok(Verdict::Unlawful(Rule::NoSuchDuty)));
    city::make(&after, &mut history, LAPTOP, 2, reject(Some(DutyId(3))));
}

#[test]
fn an_entry_that_is_retired_can_still_be_judged_and_read() {
    let mut registry = listed();
    decided(&mut registry, one(Some(TODAY + 1), 3, None));
    let mut history = History::default();
    city::make(&registry, &mut history, LAPTOP, 1, city::register());
    city::make(&registry, &mut history, LAPTOP, 2, city::dispatch(TOWN));
    // On which day is claimed time, and decides nothing: the form looks at it.
    assert_eq!(found(&registry, &mut history, OFFICE, 1, asks(Some(3))), Verdict::Admitted);
    let quoted = registry.now().duty_quoted(DutyId(3), registry.version(), day_begins(TODAY + 5).unwrap());
    assert_eq!(quoted.map(|duty| duty.text.as_str()), Some("水库"), "what it said last");
}
