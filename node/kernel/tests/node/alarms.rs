//! The alarm register: each trouble once a source, told once, until it is over or somebody has taken note.

use kernel::alarm::ALARM_AGAIN_MS;
use kernel::{Alarm, Command, Done, Effect, Input, Kernel, Request};
use regulation::PersonId;

use crate::city::{self, NOON};

fn raise(source: &str) -> Input {
    Input::Alarm { alarm: Alarm::RegistryRefused, source: source.to_owned(), detail: "entry 7".to_owned() }
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
    let effects = kernel.handle(NOON, vec![raise("device 2"), raise("device 2"), raise("device 3")]).unwrap();
    assert_eq!(told(&effects), 2);
    assert_eq!(told(&kernel.handle(NOON + 5, vec![raise("device 2")]).unwrap()), 0, "it stands already");
    let row = kernel.store().alarm("registry-refused", "device 2").unwrap().unwrap();
    assert_eq!((row.count, row.first_at, row.last_at), (3, NOON, NOON + 5));
}

#[test]
fn what_was_acknowledged_is_quiet_for_a_day_and_only_a_person_acknowledges() {
    let mut kernel = city::node(city::HUB);
    kernel.handle(NOON, vec![raise("device 2")]).unwrap();
    assert!(!acknowledge(&mut kernel, NOON, None, "device 2"));
    assert!(!acknowledge(&mut kernel, NOON, Some(PersonId(1)), "device 9"), "no such alarm");
    assert!(acknowledge(&mut kernel, NOON + 1, Some(PersonId(1)), "device 2"));
    assert_eq!(told(&kernel.handle(NOON + 2, vec![raise("device 2")]).unwrap()), 0);
    assert_eq!(told(&kernel.handle(NOON + 1 + ALARM_AGAIN_MS, vec![raise("device 2")]).unwrap()), 1);
}

#[test]
fn what_is_over_is_told_anew_when_it_comes_again() {
    let mut kernel = city::node(city::HUB);
    kernel.handle(NOON, vec![raise("disk")]).unwrap();
    let over = Input::AlarmOver { alarm: Alarm::RegistryRefused, source: "disk".to_owned() };
    kernel.handle(NOON + 1, vec![over]).unwrap();
    assert_eq!(kernel.store().alarm("registry-refused", "disk").unwrap().unwrap().over_at, Some(NOON + 1));
    assert_eq!(told(&kernel.handle(NOON + 2, vec![raise("disk")]).unwrap()), 1);
}

#[test]
fn one_group_raises_no_more_than_so_many_and_no_control_characters() {
    let mut kernel = city::node(city::HUB);
    let many = (0..1_000).map(|n| raise(&format!("device {n}\n{}", "x".repeat(1_000)))).collect();
    assert_eq!(told(&kernel.handle(NOON, many).unwrap()), kernel::alarm::GROUP_ALARMS_MAX);
    for row in kernel.store().alarms(1_000).unwrap() {
        assert!(row.source.chars().count() <= kernel::alarm::ALARM_CHARS_MAX && !row.source.contains('\n'));
    }
}
