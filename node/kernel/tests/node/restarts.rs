//! Epochs, serials and numbers across the end of a process and the return of a database from a copy.

use kernel::{Input, Kernel};
use regulation::ActId;
use replica::Act;

use crate::city::{self, CITY, HUB, LAPTOP, NOON};
use crate::liar::Liar;
use crate::net::Net;

fn register(kernel: &mut Kernel, now: i64) -> (String, Act) {
    let doc = city::begin(kernel, now, city::people(CITY)[0], city::register("供暖不热"));
    let store = kernel.store();
    let row = store.ticket(store.doc_no(&doc).unwrap().unwrap()).unwrap().unwrap();
    (row.number, Act::decode(&store.act(&doc).unwrap().unwrap().bytes).unwrap())
}

/// The serial in a number, and the day.
fn serial(number: &str) -> (u32, &str) {
    let parts: Vec<&str> = number.split('-').collect();
    (parts[3].parse().unwrap(), parts[2])
}

#[test]
fn serials_count_from_one_each_day_and_go_on_after_a_restart() {
    let mut kernel = city::node(LAPTOP);
    let (first, _) = register(&mut kernel, NOON);
    let (second, _) = register(&mut kernel, NOON + 1);
    assert_eq!([serial(&first), serial(&second)], [(1, "20261102"), (2, "20261102")]);
    let mut kernel = city::open(LAPTOP, kernel.into_store(), NOON, false);
    let (third, act) = register(&mut kernel, NOON + 2);
    assert_eq!((serial(&third), act.dseq), ((3, "20261102"), 3));
    // Midnight is that of UTC+8: twelve hours after noon, less a millisecond.
    let (late, _) = register(&mut kernel, NOON + city::DAY_MS / 2 - 1);
    let (next, _) = register(&mut kernel, NOON + city::DAY_MS / 2);
    assert_eq!([serial(&late), serial(&next)], [(4, "20261102"), (1, "20261103")]);
}

#[test]
fn no_number_is_given_twice_though_the_clock_was_ahead_once() {
    let mut kernel = city::node(LAPTOP);
    let mut given = std::collections::BTreeSet::new();
    let mut register = |kernel: &mut Kernel, now| {
        let number = register(kernel, now).0;
        assert!(given.insert(number.clone()), "{number} was given twice");
        number
    };
    let (hour, year) = (3_600_000, 365 * city::DAY_MS);
    let midnight = NOON + city::DAY_MS / 2;
    register(&mut kernel, NOON);
    register(&mut kernel, NOON + year);
    assert_eq!(serial(&register(&mut kernel, NOON + 1)), (2, "20261102"), "and back");
    // Two hours back over midnight, and on.
    register(&mut kernel, midnight + hour);
    register(&mut kernel, midnight - hour);
    register(&mut kernel, midnight + hour + 1);
    // The clock is ahead again, after a restart.
    let mut kernel = city::open(LAPTOP, kernel.into_store(), NOON + year, false);
    assert_eq!(serial(&register(&mut kernel, NOON + year)), (2, "20271102"));
    // What was given out after the copy was made is given out by nobody again, on whatever day it was.
    let copy = kernel.store().snapshot().unwrap();
    for at in [NOON + 2, midnight + hour + 2, NOON + 2 * city::DAY_MS, NOON + year + 1] {
        register(&mut kernel, at);
    }
    let mut kernel = city::open(LAPTOP, copy, NOON + 2 * city::DAY_MS, true);
    for at in [NOON + 2, midnight + hour + 2, NOON + 2 * city::DAY_MS, NOON + year + 1] {
        assert!(serial(&register(&mut kernel, at)).0 > 1_000);
    }
}

#[test]
fn epoch_stays_through_a_restart() {
    let mut kernel = city::node(LAPTOP);
    let (_, before) = register(&mut kernel, NOON);
    let mut kernel = city::open(LAPTOP, kernel.into_store(), NOON + city::DAY_MS, false);
    let (_, after) = register(&mut kernel, NOON + city::DAY_MS);
    assert_eq!((after.epoch, after.dseq), (before.epoch, before.dseq + 1));
}

#[test]
fn restored_node_takes_a_new_epoch_and_skips_serials() {
    let mut kernel = city::node(LAPTOP);
    let (_, first) = register(&mut kernel, NOON);
    let copy = kernel.store().snapshot().unwrap();
    let lost: Vec<String> = (1..4).map(|n| register(&mut kernel, NOON + n).0).collect();
    let later = NOON + 3_600_000;
    let mut kernel = city::open(LAPTOP, copy, later, true);
    let (number, act) = register(&mut kernel, later);
    assert!(!lost.contains(&number));
    assert_eq!(serial(&number), (1_002, "20261102"));
    assert!(act.epoch > first.epoch, "of two epochs the lower is the older");
    assert_eq!(act.dseq, 1);
    // Once is enough: the next start is an ordinary one.
    let mut kernel = city::open(LAPTOP, kernel.into_store(), later, false);
    let (number, next) = register(&mut kernel, later);
    assert_eq!((serial(&number).0, next.epoch, next.dseq), (1_003, act.epoch, 2));
}

#[test]
fn epoch_is_newer_though_the_clock_was_put_back() {
    let mut kernel = city::node(LAPTOP);
    let mut last = register(&mut kernel, NOON).1.epoch;
    for now in [NOON, NOON - city::DAY_MS, 0, -1, i64::MIN, NOON] {
        kernel = city::open(LAPTOP, kernel.into_store(), now, true);
        let (_, act) = register(&mut kernel, NOON);
        assert!(act.epoch > last, "at {now}");
        last = act.epoch;
    }
}

#[test]
fn copy_that_was_restored_twice_takes_two_epochs() {
    let mut kernel = city::node(LAPTOP);
    register(&mut kernel, NOON);
    let copies = [kernel.store().snapshot().unwrap(), kernel.store().snapshot().unwrap()];
    let epochs: Vec<u64> = (0..)
        .zip(copies)
        .map(|(n, copy)| {
            // Two machines draw from different randomness, even in the same millisecond.
            let mut kernel = Kernel::open(copy, city::identity(LAPTOP), [n; 32], NOON, true).unwrap();
            register(&mut kernel, NOON).1.epoch
        })
        .collect();
    assert_ne!(epochs[0], epochs[1]);
}

#[test]
fn restored_node_gets_its_own_acts_back_and_everybody_accepts_what_it_makes() {
    let mut net = Net::new(&[HUB, LAPTOP]);
    net.connect(HUB, LAPTOP);
    net.run();
    let copy = net.node(LAPTOP).store().snapshot().unwrap();
    let person = city::people(CITY)[0];
    let (done, effects) =
        city::ask(net.node(LAPTOP), NOON, Some(person), kernel::Command::Begin(city::register("丢失的")));
    let Ok(kernel::Done::Made { doc: lost, .. }) = done else { panic!("{done:?}") };
    net.spread(LAPTOP, effects);
    net.run();
    net.cut();
    // The disk is put back, and somebody works before the link is up again.
    let place = net.nodes.iter().position(|(device, _)| *device == LAPTOP).unwrap();
    net.now += city::DAY_MS;
    net.nodes[place].1 = city::open(LAPTOP, copy, net.now, true);
    let now = net.now;
    let fresh = city::begin(net.node(LAPTOP), now, person, city::register("新的"));
    net.connect(HUB, LAPTOP);
    net.run();
    for device in [HUB, LAPTOP] {
        let store = net.node(device).store();
        for doc in [lost, fresh] {
            let row = store.doc_no(&doc).unwrap().and_then(|row| store.ticket(row).unwrap()).unwrap();
            assert_eq!((row.overruled, row.unsettled), (0, 0), "{device:?} {}", row.title);
        }
        assert_eq!(store.refused_count().unwrap(), 0);
    }
    everybody_is_told(&mut net);
}

/// That the laptop has lost something is an alarm there, and at the hub.
fn everybody_is_told(net: &mut Net) {
    assert!(net.node(LAPTOP).store().alarm("lost-here", "").unwrap().is_some());
    let source = format!("device {}", LAPTOP.0);
    assert!(net.node(HUB).store().alarm("lost-there", &source).unwrap().is_some());
}

#[test]
fn node_that_sees_an_act_of_its_own_that_it_lost_takes_a_new_epoch() {
    // Nobody said that the database was put back: the first act of the node's own that comes from outside says it.
    let mut net = Net::new(&[HUB, LAPTOP]);
    net.connect(HUB, LAPTOP);
    net.run();
    register(net.node(LAPTOP), NOON - 1);
    let copy = net.node(LAPTOP).store().snapshot().unwrap();
    let (_, lost) = register(net.node(LAPTOP), NOON);
    net.cut();
    net.connect(HUB, LAPTOP);
    net.run();
    net.cut();
    assert!(net.node(LAPTOP).store().alarm("lost-here", "").unwrap().is_none());
    let place = net.nodes.iter().position(|(device, _)| *device == LAPTOP).unwrap();
    net.nodes[place].1 = city::open(LAPTOP, copy, NOON + 1, false);
    net.connect(HUB, LAPTOP);
    net.run();
    let (number, act) = register(net.node(LAPTOP), NOON + 2);
    assert!(act.epoch > lost.epoch && act.dseq == 1, "epoch {}, dseq {}", act.epoch, act.dseq);
    assert!(serial(&number).0 > 1_000, "{number}: which numbers were given is not known");
    let ids: Vec<ActId> = kernel::read::docs(net.node(LAPTOP).store()).unwrap();
    assert_eq!(ids.len(), 3);
    net.input(LAPTOP, Input::Tick);
    net.run();
    assert_eq!(net.node(HUB).store().refused_count().unwrap(), 0);
    net.cut();
    net.connect(HUB, LAPTOP);
    net.run();
    everybody_is_told(&mut net);
}

#[test]
fn node_that_hears_of_an_act_of_its_own_epoch_that_it_did_not_make_takes_a_new_one() {
    let mut laptop = city::node(LAPTOP);
    register(&mut laptop, NOON);
    // A copy of the disk runs elsewhere, and both go on.
    let mut copy = city::open(LAPTOP, laptop.store().snapshot().unwrap(), NOON, false);
    let (_, theirs) = register(&mut copy, NOON + 7);
    for _ in 0..3 {
        register(&mut laptop, NOON + 1);
    }
    let (_, mine) = register(&mut laptop, NOON + 2);
    assert!(mine.epoch == theirs.epoch && mine.dseq > theirs.dseq);
    let last = *kernel::read::docs(copy.store()).unwrap().last().unwrap();
    let row = copy.store().act(&last).unwrap().unwrap();
    let mut peer = Liar::connect(&mut laptop, HUB);
    peer.push(&mut laptop, sync::ScopeKey(CITY.0), &[kernel::read::sealed(&row).unwrap().encode()]);
    let (number, next) = register(&mut laptop, NOON + 3);
    assert!(next.epoch > mine.epoch && next.dseq == 1, "epoch {}, dseq {}", next.epoch, next.dseq);
    assert!(serial(&number).0 > 1_000, "{number}: which numbers the copy gives is not known");
    let source = format!("device {}", LAPTOP.0);
    assert!(laptop.store().alarm("twin-acts", &source).unwrap().is_some());
    // Once: what the copy made before says nothing new.
    peer.push(&mut laptop, sync::ScopeKey(CITY.0), &[kernel::read::sealed(&row).unwrap().encode()]);
    assert_eq!(register(&mut laptop, NOON + 4).1.epoch, next.epoch);
}

#[test]
fn hub_that_hears_of_a_later_epoch_of_its_own_goes_above_it() {
    let mut hub = city::node(HUB);
    let (_, mine) = register(&mut hub, NOON);
    // The same machine, as it runs elsewhere with a later epoch.
    let mut elsewhere = Liar::connect(&mut city::node(LAPTOP), HUB);
    elsewhere.epoch = mine.epoch + (5 << 16);
    let theirs = elsewhere.make(&hub, &replica::History::default(), city::register("另一台"));
    let mut peer = Liar::connect(&mut hub, LAPTOP);
    peer.push(&mut hub, sync::ScopeKey(CITY.0), &[theirs.encode()]);
    assert!(hub.store().aseq_of(&theirs.id()).unwrap().is_some());
    assert!(register(&mut hub, NOON + 1).1.epoch > elsewhere.epoch);
}

#[test]
fn database_is_opened_with_no_other_devices_key() {
    let mut kernel = city::node(LAPTOP);
    register(&mut kernel, NOON);
    // Both are enrolled.
    let opened = Kernel::open(kernel.into_store(), city::identity(HUB), [1; 32], NOON, false);
    assert!(matches!(opened, Err(kernel::Fault::OtherKey)));
}

/// The day of noon, as serials count.
const DAY: i32 = 20_759;

/// A laptop that has lost two tickets, the last that it registered on a day after a copy of it was made, and `before` others
/// that went nowhere; the hub has the two.
fn laptop_that_lost(before: u32) -> (Net, store::Store) {
    let mut net = Net::new(&[HUB, LAPTOP]);
    net.connect(HUB, LAPTOP);
    net.run();
    net.cut();
    let copy = net.node(LAPTOP).store().snapshot().unwrap();
    let place = net.nodes.iter().position(|(device, _)| *device == LAPTOP).unwrap();
    let mut store = std::mem::replace(&mut net.nodes[place].1, city::node(LAPTOP)).into_store();
    store.begin().unwrap();
    store.put_serial(DAY, before).unwrap();
    store.commit().unwrap();
    net.nodes[place].1 = city::open(LAPTOP, store, NOON, false);
    for n in 0..2 {
        register(net.node(LAPTOP), NOON + n);
    }
    net.connect(HUB, LAPTOP);
    net.run();
    net.cut();
    (net, copy)
}

fn put_back(net: &mut Net, copy: store::Store) {
    let place = net.nodes.iter().position(|(device, _)| *device == LAPTOP).unwrap();
    net.nodes[place].1 = city::open(LAPTOP, copy, net.now, true);
}

fn numbers(kernel: &Kernel) -> Vec<String> {
    let store = kernel.store();
    let docs = kernel::read::docs(store).unwrap();
    docs.iter().map(|doc| store.ticket(store.doc_no(doc).unwrap().unwrap()).unwrap().unwrap().number).collect()
}

#[test]
fn no_number_is_given_that_came_back_and_beyond_those_left_out_as_many_again_are() {
    let (mut net, copy) = laptop_that_lost(1_003);
    put_back(&mut net, copy);
    net.connect(HUB, LAPTOP);
    net.run();
    let held = numbers(net.node(LAPTOP));
    assert_eq!(held.iter().map(|number| serial(number).0).collect::<Vec<_>>(), [1_004, 1_005]);
    let (number, _) = register(net.node(LAPTOP), NOON + 5_000);
    assert!(!held.contains(&number), "{number} is held already");
    assert!(serial(&number).0 > 2_000, "{number}: others may be yet to come");
    assert!(net.node(LAPTOP).store().alarm("number-twice", &format!("device {}", LAPTOP.0)).unwrap().is_none());
}

#[test]
fn a_copy_put_back_twice_gives_no_number_that_it_holds_and_one_given_blindly_is_told_everywhere() {
    let (mut net, copy) = laptop_that_lost(0);
    let again = copy.snapshot().unwrap();
    put_back(&mut net, copy);
    let (first, _) = register(net.node(LAPTOP), NOON + 100);
    net.connect(HUB, LAPTOP);
    net.run();
    net.cut();
    // Put back again, it hears first and gives another number.
    put_back(&mut net, again.snapshot().unwrap());
    net.connect(HUB, LAPTOP);
    net.run();
    let (second, _) = register(net.node(LAPTOP), NOON + 200);
    assert_ne!(first, second);
    // And once more, cut off: it cannot know.
    net.run();
    net.cut();
    put_back(&mut net, again);
    let (third, _) = register(net.node(LAPTOP), NOON + 300);
    assert_eq!(first, third);
    net.connect(HUB, LAPTOP);
    net.run();
    for device in [HUB, LAPTOP] {
        let store = net.node(device).store();
        let alarm = store.alarm("number-twice", &format!("device {}", LAPTOP.0)).unwrap().expect("an alarm");
        let twice = store.tickets_by_number(&third).unwrap();
        assert_eq!((twice.len(), alarm.count), (2, 1), "{device:?}");
        assert!(twice.iter().all(|row| alarm.detail.contains(&row.id.hex())), "{}", alarm.detail);
    }
}
