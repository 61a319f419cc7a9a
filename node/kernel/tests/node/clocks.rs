//! A clock that is wrong: what a hotline's node does by itself stops, persons go on, and nothing is lost by it.

use kernel::alarm::Doubt;
use kernel::time::{CLOCK_AWAY_MS_MAX, CLOCK_STEP_MS_MAX};
use kernel::{Command, Done, Input, Kernel, Refusal};
use regulation::{ActId, ActKind, PersonId, Rule};
use replica::Change;

use crate::city::{self, CITY, COUNTY_HUB, DAY_MS, HUB, NOON, OFFICE, OTHER_OFFICE, TOWN};
use crate::net::Net;

const MINUTE_MS: i64 = 60_000;

fn clerk() -> Option<PersonId> {
    Some(city::people(CITY)[0])
}

/// A second passes, with the machine's clock at `boot`.
fn tick(kernel: &mut Kernel, now: i64, boot: i64) {
    kernel.handle(now, vec![Input::Clock(boot), Input::Tick]).unwrap();
}

fn count(kernel: &Kernel, doc: ActId, kind: ActKind) -> usize {
    let history = kernel::read::history(kernel.store(), kernel.registry(), doc).unwrap();
    history.nodes().iter().filter(|node| node.fact.body.kind() == kind).count()
}

/// Five tickets that the city gave to the township, which has them.
fn given() -> (Net, Vec<ActId>) {
    let mut net = Net::new(&[HUB, OFFICE]);
    tick(net.node(HUB), NOON, 1_000);
    let person = city::people(CITY)[0];
    let docs: Vec<ActId> =
        (0..5).map(|n| city::begin(net.node(HUB), NOON, person, city::register(&format!("诉求{n}")))).collect();
    for doc in &docs {
        city::act(net.node(HUB), NOON, person, *doc, city::dispatch(TOWN));
    }
    net.connect(HUB, OFFICE);
    net.run();
    for doc in &docs {
        assert_eq!(count(net.node(HUB), *doc, ActKind::Witness), 1);
    }
    (net, docs)
}

#[test]
fn five_seconds_of_a_clock_that_is_forty_days_ahead_raise_nothing() {
    let (mut net, docs) = given();
    let hub = net.node(HUB);
    for second in 1..=5 {
        tick(hub, NOON + 40 * DAY_MS + second * 1_000, 1_000 + second * 1_000);
        assert_eq!(hub.clock_doubt(), Some(Doubt::Ahead));
    }
    assert!(hub.store().alarm("clock-doubtful", "").unwrap().is_some_and(|alarm| alarm.over_at.is_none()));
    // Set right again it heals by itself.
    tick(hub, NOON + 6_000, 7_000);
    assert_eq!(hub.clock_doubt(), None);
    assert!(hub.store().alarm("clock-doubtful", "").unwrap().is_some_and(|alarm| alarm.over_at.is_some()));
    for doc in &docs {
        assert_eq!(count(hub, *doc, ActKind::Supervise), 0);
    }
    // Forty days that did pass raise what is due.
    tick(hub, NOON + 40 * DAY_MS, 1_000 + 40 * DAY_MS);
    assert_eq!(hub.clock_doubt(), None);
    for doc in &docs {
        assert!(count(hub, *doc, ActKind::Supervise) > 0);
    }
}

#[test]
fn what_arrives_while_the_clock_is_doubtful_is_witnessed_once_it_is_good_and_settling_goes_on() {
    let mut net = Net::new(&[HUB, OFFICE]);
    tick(net.node(HUB), NOON, 0);
    let person = city::people(CITY)[0];
    let doc = city::begin(net.node(HUB), NOON, person, city::register("供暖不热"));
    city::act(net.node(HUB), NOON, person, doc, city::dispatch(TOWN));
    let at = NOON + 40 * DAY_MS;
    net.now = at;
    tick(net.node(HUB), at, 1_000);
    net.connect(HUB, OFFICE);
    net.run();
    city::act(net.node(OFFICE), NOON, city::people(TOWN)[0], doc, city::tag("供暖"));
    net.cut();
    net.connect(HUB, OFFICE);
    net.run();
    assert_eq!(count(net.node(HUB), doc, ActKind::Witness), 0);
    let hub = net.node(HUB);
    hub.handle(at, vec![Input::Tick]).unwrap();
    assert!(hub.settled());
    let history = kernel::read::history(hub.store(), hub.registry(), doc).unwrap();
    let settle = history.nodes().iter().rfind(|node| node.fact.body.kind() == ActKind::Settle).unwrap();
    assert_eq!(settle.act.time, NOON + 1_000, "by what is known for sure: nobody takes the wrong time from it");
    tick(hub, NOON + 2_000, 2_000);
    assert_eq!(hub.clock_doubt(), None);
    assert_eq!(count(hub, doc, ActKind::Witness), 1);
    // Also of a dispatch whose arrival was told before a restart.
    let mut hub = city::open(HUB, std::mem::replace(hub, city::node(HUB)).into_store(), NOON + 3_000, false);
    tick(&mut hub, NOON + 3_000, 3_000);
    assert_eq!(count(&hub, doc, ActKind::Witness), 1, "once");
}

#[test]
fn receipt_is_not_dated_before_what_it_confirms_though_the_clock_is_doubtful() {
    let mut net = Net::new(&[HUB, OFFICE]);
    tick(net.node(HUB), NOON, 0);
    let person = city::people(CITY)[0];
    let doc = city::begin(net.node(HUB), NOON, person, city::register("供暖不热"));
    city::act(net.node(HUB), NOON, person, doc, city::dispatch(TOWN));
    net.connect(HUB, OFFICE);
    net.run();
    city::act(net.node(OFFICE), NOON, city::people(TOWN)[0], doc, city::tag("供暖"));
    net.cut();
    let ahead = NOON + 40 * DAY_MS;
    net.now = ahead;
    tick(net.node(HUB), ahead, 1_000);
    city::act(net.node(HUB), ahead, person, doc, city::tag("老旧小区"));
    net.connect(HUB, OFFICE);
    net.run();
    let hub = net.node(HUB);
    hub.handle(ahead, vec![Input::Tick]).unwrap();
    let history = kernel::read::history(hub.store(), hub.registry(), doc).unwrap();
    let settle = history.nodes().iter().rfind(|node| node.fact.body.kind() == ActKind::Settle).unwrap();
    assert_eq!((settle.act.time, settle.act.beacon), (ahead, 0), "and it signs no time");
}

#[test]
fn person_of_the_unit_confirms_the_time_that_was_shown_and_no_other() {
    let (mut net, docs) = given();
    let hub = net.node(HUB);
    let later = NOON + 40 * DAY_MS;
    tick(hub, later, 2_000);
    let confirm = |shown| Command::ConfirmClock { shown };
    for (person, shown, refused) in [
        (None, later, Refusal::Rule(Rule::PersonMissing)),
        (Some(city::people(TOWN)[0]), later, Refusal::Rule(Rule::PersonMissing)),
        (Some(PersonId(99)), later, Refusal::Rule(Rule::PersonMissing)),
        (clerk(), later - CLOCK_STEP_MS_MAX - 1, Refusal::OtherTime),
        (clerk(), i64::MIN, Refusal::OtherTime),
    ] {
        assert_eq!(city::ask(hub, later, person, confirm(shown)).0, Err(refused));
        assert_eq!(hub.clock_doubt(), Some(Doubt::Ahead));
    }
    assert_eq!(city::ask(hub, later + 1_000, clerk(), confirm(later)).0, Ok(Done::Clock));
    tick(hub, later + 2_000, 4_000);
    assert_eq!(hub.clock_doubt(), None);
    assert!(count(hub, docs[0], ActKind::Supervise) > 0, "it goes on");
    let alarm = hub.store().alarm("clock-doubtful", "").unwrap().unwrap();
    assert_eq!(alarm.acknowledged.map(|(person, _)| Some(person)), Some(clerk()), "who said so is kept");
}

#[test]
fn clock_is_compared_with_what_was_known_before_a_restart() {
    let restarted = |now: i64| {
        let (mut net, _) = given();
        let hub = std::mem::replace(net.node(HUB), city::node(HUB));
        let mut hub = city::open(HUB, hub.into_store(), now, false);
        tick(&mut hub, now, 5);
        hub
    };
    assert_eq!(restarted(NOON + CLOCK_AWAY_MS_MAX).clock_doubt(), None);
    assert_eq!(restarted(NOON + CLOCK_AWAY_MS_MAX + 1).clock_doubt(), Some(Doubt::Away));
    assert_eq!(restarted(NOON - CLOCK_STEP_MS_MAX).clock_doubt(), None);
    let mut behind = restarted(NOON - CLOCK_STEP_MS_MAX - 1);
    assert_eq!(behind.clock_doubt(), Some(Doubt::Behind));
    tick(&mut behind, NOON, 6);
    assert_eq!(behind.clock_doubt(), None, "set right");
    // What a person confirmed holds after the next restart.
    let later = NOON + 30 * DAY_MS;
    let mut hub = restarted(later);
    city::ask(&mut hub, later, clerk(), Command::ConfirmClock { shown: later }).0.unwrap();
    let mut hub = city::open(HUB, hub.into_store(), later + DAY_MS, false);
    tick(&mut hub, later + DAY_MS, 7);
    assert_eq!(hub.clock_doubt(), None);
}

#[test]
fn what_is_written_while_the_clock_is_doubtful_does_not_vouch_for_it() {
    let mut hub = city::node(HUB);
    tick(&mut hub, NOON, 0);
    let year = NOON + 365 * 86_400_000;
    let mut hub = city::open(HUB, hub.into_store(), year, false);
    tick(&mut hub, year, 0);
    assert_eq!(hub.clock_doubt(), Some(Doubt::Away));
    let person = replica::Person { unit: CITY, name: "新人".to_owned(), login: "xin".to_owned(), roles: Vec::new() };
    city::ask(&mut hub, year, clerk(), Command::AddPerson(person)).0.unwrap();
    assert!(hub.registry().now().written_at() < NOON + CLOCK_AWAY_MS_MAX);
    tick(&mut hub, year + 1, 1);
    assert_eq!(hub.clock_doubt(), Some(Doubt::Away), "its own word says nothing of its clock");
    let mut hub = city::open(HUB, hub.into_store(), NOON + 9, false);
    tick(&mut hub, NOON + 9, 0);
    assert_eq!(hub.clock_doubt(), None, "and the right clock is not doubted for it");
}

#[test]
fn unit_that_was_off_over_a_holiday_is_not_asked_for_its_clock() {
    let mut office = city::node(OFFICE);
    tick(&mut office, NOON, 0);
    let mut office = city::open(OFFICE, office.into_store(), NOON + 9 * DAY_MS, false);
    tick(&mut office, NOON + 9 * DAY_MS, 0);
    assert_eq!(office.clock_doubt(), None, "it does nothing by itself");
}

#[test]
fn clock_behind_the_citys_time_is_doubtful_until_somebody_disbelieves_the_city() {
    let mut net = Net::new(&[HUB, COUNTY_HUB]);
    // A clerk of the city works while the hub's clock is ahead.
    let ahead = NOON + DAY_MS;
    let doc = city::begin(net.node(HUB), ahead, city::people(CITY)[0], city::register("供暖不热"));
    city::act(net.node(HUB), ahead, city::people(CITY)[0], doc, city::dispatch(city::COUNTY));
    net.now = ahead;
    net.connect(HUB, COUNTY_HUB);
    net.run();
    let county = net.node(COUNTY_HUB);
    tick(county, NOON, 0);
    assert_eq!(county.clock_doubt(), Some(Doubt::Behind));
    let person = Some(city::people(city::COUNTY)[0]);
    city::ask(county, NOON, person, Command::ConfirmClock { shown: NOON }).0.unwrap();
    tick(county, NOON + 1_000, 1_000);
    assert_eq!(county.clock_doubt(), None);
}

#[test]
fn clocks_of_two_units_ahead_make_this_one_doubtful_and_one_alone_does_not() {
    let mut net = Net::new(&[HUB, OFFICE, OTHER_OFFICE]);
    tick(net.node(HUB), NOON, 0);
    for (device, unit, doubt) in [(OFFICE, TOWN, None), (OTHER_OFFICE, city::OTHER_TOWN, Some(Doubt::Peers))] {
        city::begin(net.node(device), NOON + 20 * MINUTE_MS, city::people(unit)[0], city::article());
        net.connect(HUB, device);
        net.run();
        tick(net.node(HUB), NOON + 1_000, 1_000);
        assert_eq!(net.node(HUB).clock_doubt(), doubt);
    }
    // One of them is set right.
    city::begin(net.node(OFFICE), NOON, city::people(TOWN)[0], city::article());
    net.cut();
    net.connect(HUB, OFFICE);
    net.run();
    tick(net.node(HUB), NOON + 2_000, 2_000);
    assert_eq!(net.node(HUB).clock_doubt(), None);
    let mut net = Net::new(&[HUB, OFFICE, OTHER_OFFICE]);
    tick(net.node(HUB), NOON, 0);
    for (device, unit) in [(OFFICE, TOWN), (OTHER_OFFICE, city::OTHER_TOWN)] {
        city::begin(net.node(device), NOON + DAY_MS, city::people(unit)[0], city::article());
        net.connect(HUB, device);
    }
    net.run();
    let hub = net.node(HUB);
    tick(hub, NOON + 1_000, 1_000);
    assert_eq!(hub.clock_doubt(), Some(Doubt::Peers));
    city::ask(hub, NOON + 1_000, clerk(), Command::ConfirmClock { shown: NOON }).0.unwrap();
    city::begin(net.node(OFFICE), NOON + DAY_MS, city::people(TOWN)[0], city::article());
    net.cut();
    net.connect(HUB, OFFICE);
    net.run();
    tick(net.node(HUB), NOON + 2_000, 2_000);
    assert_eq!(net.node(HUB).clock_doubt(), None, "they are known to be wrong");
}

#[test]
fn alarm_of_a_clock_that_was_set_right_while_the_node_was_off_is_over_and_both_judge_alike() {
    let (mut net, _) = given();
    let hub = std::mem::replace(net.node(HUB), city::node(HUB));
    let open = |kernel: Kernel, now| city::open(HUB, kernel.into_store(), now, false);
    let ahead = NOON + 10 * DAY_MS;
    let mut hub = open(hub, ahead);
    assert_eq!(hub.clock_doubt_at(ahead, 5_000), Some(Doubt::Away), "before anything was done");
    tick(&mut hub, ahead, 5_000);
    assert_eq!(hub.clock_doubt(), Some(Doubt::Away));
    let mut hub = open(hub, NOON + 60_000);
    assert_eq!(hub.clock_doubt_at(NOON + 60_000, 65_000), None);
    tick(&mut hub, NOON + 60_000, 65_000);
    let alarm = hub.store().alarm("clock-doubtful", "").unwrap().unwrap();
    assert_eq!((alarm.first_at, alarm.over_at), (ahead, Some(NOON + 60_000)), "when it was so is kept");
    // Of the next one it is told anew.
    tick(&mut hub, ahead, 66_000);
    assert!(hub.store().alarm("clock-doubtful", "").unwrap().unwrap().over_at.is_none());
}

#[test]
fn a_clock_that_is_ahead_locks_no_month_and_neither_does_one_before_the_month_is_over() {
    let (mut hub, [a, b], ahead) = (city::node(HUB), city::people(CITY), NOON + 40 * DAY_MS);
    let entry = |hub: &mut Kernel, now: i64, by: PersonId, change: Change| {
        let command = Command::Registry { seen: hub.registry().version(), change: Box::new(change) };
        city::ask(hub, now, Some(by), command).0
    };
    let lock = |month: &str| {
        let month = replica::Month::parse(month).unwrap();
        Change::Proposed(Box::new(Change::Lock(replica::Lock { month, number: 1, hash: [1; 32] })))
    };
    tick(&mut hub, NOON, 1_000);
    assert_eq!(entry(&mut hub, NOON, a, lock("2026-11")), Err(Refusal::LockEarly));
    tick(&mut hub, ahead, 2_000);
    for month in ["2026-10", "2026-11"] {
        assert_eq!(entry(&mut hub, ahead, a, lock(month)), Err(Refusal::LockDoubtful), "{month}");
    }
    tick(&mut hub, NOON + 2_000, 3_000);
    assert!(entry(&mut hub, NOON + 2_000, a, lock("2026-10")).is_ok());
    let confirm = Change::Confirmed(hub.registry().head());
    tick(&mut hub, ahead, 4_000);
    assert_eq!(entry(&mut hub, ahead, b, confirm.clone()), Err(Refusal::LockDoubtful));
    tick(&mut hub, NOON + 4_000, 5_000);
    assert!(entry(&mut hub, NOON + 4_000, b, confirm).is_ok());
}
