//! The alarm register: each trouble once a source, told once, until it is over or somebody has taken note.

use kernel::alarm::{ALARM_AGAIN_MS, Doubt, Excess, Flaw, Gap, Listed, Unfit};
use kernel::{Alarm, Cause, Command, Detail, Done, Effect, Input, Kernel, Request};
use regulation::{ActId, DeviceId, PersonId};

use crate::city::{self, NOON};

fn raise(device: u32) -> Input {
    let (cause, detail) = (Cause::Device(DeviceId(device)), Detail::Unfit { version: 7, why: Unfit::Clash });
    Input::Alarm { alarm: Alarm::RegistryRefused, cause, detail }
}

fn told(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Alarm { .. })).count()
}

fn acknowledge(kernel: &mut Kernel, now: i64, person: Option<PersonId>, source: &str) -> bool {
    let command = Command::Acknowledge { kind: "registry-refused".to_owned(), source: source.to_owned() };
    let request = Request { ticket: 1, person, command };
    let effects = kernel.handle(now, vec![Input::Request(Box::new(request))]).unwrap();
    effects.iter().any(|effect| matches!(effect, Effect::Reply { result: Ok(Done::Acknowledged), .. }))
}

#[test]
fn trouble_stands_once_a_source_and_is_told_once() {
    let mut kernel = city::node(city::HUB);
    let effects = kernel.handle(NOON, vec![raise(2), raise(2), raise(3)]).unwrap();
    assert_eq!(told(&effects), 2);
    assert_eq!(told(&kernel.handle(NOON + 5, vec![raise(2)]).unwrap()), 0, "it stands already");
    let row = kernel.store().alarm("registry-refused", "device 2").unwrap().unwrap();
    assert_eq!((row.count, row.first_at, row.last_at), (3, NOON, NOON + 5));
}

#[test]
fn what_was_acknowledged_is_quiet_for_a_day_and_only_a_person_acknowledges() {
    let mut kernel = city::node(city::HUB);
    kernel.handle(NOON, vec![raise(2)]).unwrap();
    assert!(!acknowledge(&mut kernel, NOON, None, "device 2"));
    assert!(!acknowledge(&mut kernel, NOON, Some(PersonId(1)), "device 9"), "no such alarm");
    assert!(acknowledge(&mut kernel, NOON + 1, Some(PersonId(1)), "device 2"));
    assert_eq!(told(&kernel.handle(NOON + 2, vec![raise(2)]).unwrap()), 0);
    assert_eq!(told(&kernel.handle(NOON + 1 + ALARM_AGAIN_MS, vec![raise(2)]).unwrap()), 1);
}

#[test]
fn what_is_over_is_told_anew_when_it_comes_again() {
    let mut kernel = city::node(city::HUB);
    kernel.handle(NOON, vec![raise(9)]).unwrap();
    let over = Input::AlarmOver { alarm: Alarm::RegistryRefused, cause: Cause::Device(DeviceId(9)) };
    kernel.handle(NOON + 1, vec![over]).unwrap();
    assert_eq!(kernel.store().alarm("registry-refused", "device 9").unwrap().unwrap().over_at, Some(NOON + 1));
    assert_eq!(told(&kernel.handle(NOON + 2, vec![raise(9)]).unwrap()), 1);
}

#[test]
fn one_group_raises_no_more_than_so_many() {
    let mut kernel = city::node(city::HUB);
    let many = (0..1_000).map(raise).collect();
    assert_eq!(told(&kernel.handle(NOON, many).unwrap()), kernel::alarm::GROUP_ALARMS_MAX);
}

#[test]
fn what_is_kept_of_an_alarm_is_read_again_as_it_was() {
    let devices = |count: u32| (1..=count).map(DeviceId).collect::<Listed<_>>();
    let mut all = vec![
        Detail::Nothing {},
        Detail::Restored {},
        Detail::Entry { version: 7 },
        Detail::Scope { scope: u32::MAX },
        Detail::Versions { min: 1, max: 2, their_min: 3, their_max: 3 },
        Detail::Seen { at: ["192.0.2.3:4433", "[2001:db8::1]:4433"].iter().map(|at| at.parse().unwrap()).collect() },
        Detail::Since { since: NOON },
        Detail::Unheard { devices: devices(0) },
        Detail::Unheard { devices: devices(1_000) },
        Detail::Waived { devices: devices(2), by: [PersonId(3), PersonId(4)].into_iter().collect() },
        Detail::Twins { first: ActId([1; 32]), second: ActId([2; 32]), epoch: u64::MAX, dseq: 3 },
        Detail::Numbered { first: ActId([1; 32]), second: ActId([2; 32]) },
        Detail::Own { epoch: 1, dseq: 2 },
        Detail::Epoch { epoch: 3 },
    ];
    all.extend(Unfit::ALL.iter().map(|why| Detail::Unfit { version: 7, why: *why }));
    all.extend(Doubt::ALL.iter().map(|why| Detail::Clock { why: *why }));
    all.extend(Flaw::ALL.iter().map(|flaw| Detail::Flawed { flaw: *flaw }));
    all.extend(Excess::ALL.iter().map(|of| Detail::Excess { of: *of }));
    all.extend(Gap::ALL.iter().map(|of| Detail::Gap { of: *of }));
    for detail in &all {
        let kept = detail.encode();
        assert_eq!(Detail::parse(&kept).as_ref(), Some(detail), "{kept}");
        assert!(kept.is_ascii() && kept.len() <= 300, "{kept}");
        assert_eq!(Detail::parse(&format!("{kept} more")), None);
    }
    let shown = |word: &&str| all.iter().any(|detail| detail.encode().split(' ').next() == Some(*word));
    assert!(Detail::WORDS.iter().all(shown), "{:?}", Detail::WORDS);
    for text in ["who", "entry", "entry x", "unheard 1", "unheard 1,2", "clock slow", "own 1"] {
        assert_eq!(Detail::parse(text), None, "{text}");
    }
    let causes = [Cause::Here, Cause::Device(DeviceId(5)), Cause::Stranger, Cause::Address([192, 0, 2, 3].into())];
    for cause in causes {
        assert_eq!(Cause::parse(&cause.key()), Some(cause));
    }
    assert_eq!(Cause::parse("device x"), None);
}
