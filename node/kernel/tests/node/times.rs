//! Times that the hub signed, by their numbers: what an act is late by, and what a wrong clock of the hub's comes to.

use kernel::beacon::{TIME_NUMBER_MS, TIME_NUMBERS_SKIPPED, signed_time};
use kernel::{Command, Done, Input, Kernel};
use regulation::act::Seen;
use regulation::terms::{DueKind, DueVerdict};
use regulation::{ActId, Body, DeviceId};
use replica::{Change, Draft, Standing};

use crate::city::{self, CITY, COUNTY_HUB, DAY_MS, HUB, LAPTOP, NOON, OFFICE, OTHER_OFFICE, OTHER_TOWN, TOWN};
use crate::net::Net;

const HOUR_MS: i64 = 3_600_000;
const YEAR_MS: i64 = 365 * DAY_MS;

/// The number that an act says.
fn number(kernel: &Kernel, id: ActId) -> u64 {
    let row = kernel.store().act(&id).unwrap().unwrap();
    replica::Act::decode(&row.bytes).unwrap().beacon
}

fn tag(kernel: &mut Kernel, now: i64, doc: ActId) -> u64 {
    let unit = kernel.registry().now().device(kernel.device().unwrap()).unwrap().unit;
    let act = city::act(kernel, now, city::people(unit)[0], doc, city::tag("供暖"));
    number(kernel, act)
}

fn time(kernel: &Kernel, number: u64) -> Option<i64> {
    signed_time(kernel.store(), &kernel.registry().now(), number).unwrap()
}

/// Two people of the city void these numbers.
fn void(net: &mut Net, from: u64, to: u64) {
    let confirm = city::proposed(net.node(HUB), Change::void(from, to, "中心节点时钟有误"));
    let command = Command::Registry { seen: u32::MAX, change: Box::new(confirm) };
    let (done, effects) = city::ask(net.node(HUB), NOON, Some(city::people(CITY)[1]), command);
    assert!(matches!(done, Ok(Done::Registry(_))), "{done:?}");
    net.spread(HUB, effects);
    net.run();
}

fn standings(kernel: &Kernel, doc: ActId) -> Vec<(ActId, Option<Standing>, Option<u32>)> {
    let history = kernel::read::history(kernel.store(), kernel.registry(), doc).unwrap();
    let of =
        |(index, node): (usize, &replica::Node)| (node.id, history.standing(index), history.folded().stratum[index]);
    let mut all: Vec<_> = history.nodes().iter().enumerate().map(of).collect();
    all.sort_unstable_by_key(|(id, ..)| *id);
    all
}

/// What comes of a sign-for that was made in time by an office that was cut off, and had heard of the hub while that had a
/// clock that was so much ahead for an hour: what the hub says of it, and the verdict.
fn late(ahead: i64, voided: bool) -> (Seen, Option<DueVerdict>) {
    let mut net = Net::new(&[HUB, OFFICE]);
    let doc = city::begin(net.node(HUB), NOON, city::people(CITY)[0], city::register("供暖不热"));
    city::act(net.node(HUB), NOON, city::people(CITY)[0], doc, city::dispatch(TOWN));
    net.connect(HUB, OFFICE);
    net.run();
    net.cut();
    // The hour of the wrong clock: somebody works at the hub, and the office hears of it.
    net.now = NOON + HOUR_MS + ahead;
    for minute in 0..3 {
        assert_eq!(
            tag(net.node(HUB), NOON + HOUR_MS + ahead + minute * TIME_NUMBER_MS, doc),
            2 + minute.cast_unsigned()
        );
    }
    net.connect(HUB, OFFICE);
    net.run();
    net.cut();
    let person = city::people(TOWN)[0];
    let signed = city::act(net.node(OFFICE), NOON + 6 * HOUR_MS, person, doc, Draft::new(Body::SignFor));
    assert_eq!(number(net.node(OFFICE), signed), 4);
    // It is right again.
    net.now = NOON + 3 * DAY_MS;
    let now = net.now;
    assert_eq!(tag(net.node(HUB), now, doc), 5, "numbers rise though the clock was put back");
    if voided {
        let before = standings(net.node(HUB), doc);
        void(&mut net, 2, 4);
        assert_eq!(standings(net.node(HUB), doc), before);
        assert_eq!(time(net.node(HUB), 4), Some(NOON), "as for the number before them");
    }
    net.connect(HUB, OFFICE);
    net.run();
    net.input(HUB, Input::Tick);
    net.run();
    assert_eq!(standings(net.node(HUB), doc), standings(net.node(OFFICE), doc));
    let kernel = net.node(HUB);
    let history = kernel::read::history(kernel.store(), kernel.registry(), doc).unwrap();
    let seen = history.nodes().iter().find_map(|node| match &node.fact.body {
        Body::Witness(seen @ Seen::Late { .. }) if node.act.answers == Some(signed) => Some(*seen),
        _ => None,
    });
    let at = kernel.registry().now();
    let terms = at.settings();
    let items = kernel::project::dues(&history, &at);
    let due = items.iter().find(|item| item.what == DueKind::SignFor);
    (seen.unwrap(), due.map(|item| item.verdict(NOON + 3 * DAY_MS, terms)))
}

#[test]
fn hour_of_a_clock_a_year_ahead_testifies_to_nothing_whether_its_numbers_were_voided_or_not() {
    let (seen, verdict) = late(0, false);
    let Seen::Late { not_before, received_at, clock_good: true, .. } = seen else { panic!("{seen:?}") };
    assert_eq!((not_before, received_at), (NOON + HOUR_MS + 2 * TIME_NUMBER_MS, NOON + 3 * DAY_MS));
    // What is later than the receiver's present says nothing: the township is not late for no fault of its own.
    let (ahead, just) = late(YEAR_MS, false);
    let Seen::Late { not_before, clock_good: true, .. } = ahead else { panic!("{ahead:?}") };
    assert_eq!((not_before, just), (NOON, verdict));
    let (voided, just) = late(YEAR_MS, true);
    let Seen::Late { not_before, received_at, clock_good: true, .. } = voided else { panic!("{voided:?}") };
    assert_eq!((not_before, received_at), (NOON, NOON + 3 * DAY_MS));
    assert_eq!(just, verdict, "as if the clock had never been wrong");
}

#[test]
fn entry_of_a_city_that_was_founded_ahead_makes_no_honest_work_late() {
    let mut net = Net::new(&[HUB, OFFICE]);
    let doc = city::begin(net.node(HUB), NOON, city::people(CITY)[0], city::register("供暖不热"));
    city::act(net.node(HUB), NOON, city::people(CITY)[0], doc, city::dispatch(TOWN));
    net.connect(HUB, OFFICE);
    net.run();
    // The registry of a clock that is 400 days ahead, which all work names from then on.
    let person = net.node(HUB).registry().now().person(city::people(TOWN)[0]).unwrap().clone();
    let change = Change::Person(city::people(TOWN)[0], replica::Person { name: "职员".to_owned(), ..person });
    let command = Command::Registry { seen: u32::MAX, change: Box::new(change) };
    let (done, effects) = city::ask(net.node(HUB), NOON + 400 * DAY_MS, Some(city::people(CITY)[0]), command);
    assert!(matches!(done, Ok(Done::Registry(_))), "{done:?}");
    net.spread(HUB, effects);
    net.run();
    net.cut();
    let signed = city::act(net.node(OFFICE), NOON + HOUR_MS, city::people(TOWN)[0], doc, Draft::new(Body::SignFor));
    net.now = NOON + 3 * DAY_MS;
    net.connect(HUB, OFFICE);
    net.run();
    net.input(HUB, Input::Tick);
    net.run();
    let history = {
        let hub = net.node(HUB);
        kernel::read::history(hub.store(), hub.registry(), doc)
    }
    .unwrap();
    let seen = history.nodes().iter().find_map(|node| match &node.fact.body {
        Body::Witness(seen @ Seen::Late { .. }) if node.act.answers == Some(signed) => Some(*seen),
        _ => None,
    });
    let seen = seen.unwrap();
    assert!(matches!(seen, Seen::Late { not_before: NOON, offline: true, clock_good: true, .. }), "{seen:?}");
}

#[test]
fn what_a_wrong_clock_raised_is_annulled_by_the_entry_that_voids_it() {
    let mut net = Net::new(&[HUB, OFFICE]);
    let doc = city::begin(net.node(HUB), NOON, city::people(CITY)[0], city::register("供暖不热"));
    city::act(net.node(HUB), NOON, city::people(CITY)[0], doc, city::dispatch(TOWN));
    net.connect(HUB, OFFICE);
    net.run();
    net.now = NOON + YEAR_MS;
    net.input(HUB, Input::Tick);
    net.run();
    let raised = |kernel: &Kernel| {
        let history = kernel::read::history(kernel.store(), kernel.registry(), doc).unwrap();
        let all = history.record().ticket().unwrap().supervisions.clone();
        all.iter().map(|s| (s.released.is_some(), s.annulled)).collect::<Vec<_>>()
    };
    let before = raised(net.node(HUB));
    assert!(!before.is_empty() && before.iter().all(|known| *known == (false, false)), "{before:?}");
    // It is put right; the numbers of that year are voided, and nothing else is done.
    net.now = NOON + HOUR_MS;
    void(&mut net, 2, 9);
    net.input(HUB, Input::Tick);
    net.run();
    for device in [HUB, OFFICE] {
        let after = raised(net.node(device));
        assert_eq!(after, vec![(true, true); before.len()], "{device:?}");
    }
    // What arises in truth is raised.
    net.now = NOON + 2 * DAY_MS;
    net.input(HUB, Input::Tick);
    net.run();
    let after = raised(net.node(HUB));
    assert!(after.len() > before.len() && after.last() == Some(&(false, false)), "{after:?}");
}

#[test]
fn voided_times_raise_no_doubt_of_anybodys_clock_any_more() {
    let mut net = Net::new(&[HUB, OFFICE]);
    let doc = city::begin(net.node(HUB), NOON, city::people(CITY)[0], city::register("供暖不热"));
    city::act(net.node(HUB), NOON + YEAR_MS, city::people(CITY)[0], doc, city::dispatch(TOWN));
    net.now = NOON + YEAR_MS;
    net.connect(HUB, OFFICE);
    net.run();
    let office = net.node(OFFICE);
    office.handle(NOON + HOUR_MS, vec![Input::Clock(1_000)]).unwrap();
    assert_eq!(office.clock_doubt(), Some(kernel::alarm::Doubt::Behind));
    void(&mut net, 2, 2);
    let office = net.node(OFFICE);
    office.handle(NOON + HOUR_MS, vec![Input::Clock(1_000)]).unwrap();
    assert_eq!(office.clock_doubt(), None);
    // And after a restart.
    net.restart(OFFICE, false);
    let office = net.node(OFFICE);
    office.handle(NOON + HOUR_MS, vec![Input::Clock(2_000)]).unwrap();
    assert_eq!(office.clock_doubt(), None);
}

#[test]
fn acts_of_the_hub_have_one_number_a_minute_and_none_while_its_clock_is_in_doubt() {
    let mut hub = city::node(HUB);
    hub.handle(NOON, vec![Input::Clock(0)]).unwrap();
    let doc = city::begin(&mut hub, NOON, city::people(CITY)[0], city::register("供暖不热"));
    assert_eq!(number(&hub, doc), 1);
    assert_eq!(tag(&mut hub, NOON + TIME_NUMBER_MS - 1, doc), 1);
    assert_eq!(tag(&mut hub, NOON + TIME_NUMBER_MS, doc), 2);
    assert_eq!((time(&hub, 1), time(&hub, 2), time(&hub, 9)), (Some(NOON), Some(NOON + 60_000), Some(NOON + 60_000)));
    hub.handle(NOON + YEAR_MS, vec![Input::Clock(120_000)]).unwrap();
    assert_eq!(tag(&mut hub, NOON + YEAR_MS, doc), 0);
    assert_eq!(time(&hub, 9), Some(NOON + 60_000), "nobody takes a time from it that is not believed");
    hub.handle(NOON + 180_000, vec![Input::Clock(180_000)]).unwrap();
    assert_eq!(tag(&mut hub, NOON + 180_000, doc), 3);
}

#[test]
fn number_whose_time_is_not_here_makes_no_act_wait_and_stands_for_the_one_before_it() {
    let mut net = Net::new(&[HUB, LAPTOP, OFFICE, OTHER_OFFICE]);
    let doc = city::begin(net.node(HUB), NOON, city::people(CITY)[0], city::register("供暖不热"));
    city::act(net.node(HUB), NOON, city::people(CITY)[0], doc, city::dispatch(TOWN));
    net.connect(HUB, OFFICE);
    net.run();
    net.cut();
    let article = city::begin(net.node(OFFICE), NOON, city::people(TOWN)[0], city::article());
    assert_eq!(number(net.node(OFFICE), article), 1);
    net.connect(OFFICE, OTHER_OFFICE);
    net.run();
    let other = net.node(OTHER_OFFICE);
    assert_eq!(number(other, article), 1, "it was taken in");
    assert_eq!(other.store().held_after(None, 10).unwrap().len(), 0);
    assert_eq!(time(other, 1), None, "and its time comes with an act of the hub's");
    let own = city::begin(other, NOON, city::people(OTHER_TOWN)[0], city::article());
    assert_eq!(number(other, own), 0, "it knows of none itself");
    net.cut();
    net.connect(HUB, OTHER_OFFICE);
    net.connect(HUB, OFFICE);
    net.run();
    let other = net.node(OTHER_OFFICE);
    assert_eq!(time(other, 1), Some(NOON));
}

fn given_by(net: &mut Net, device: DeviceId, doc: ActId, now: i64) -> u64 {
    tag(net.node(device), now, doc)
}

#[test]
fn hub_that_was_put_back_gives_no_number_twice() {
    let mut net = Net::new(&[HUB, LAPTOP, COUNTY_HUB]);
    let doc = city::begin(net.node(HUB), NOON, city::people(CITY)[0], city::register("供暖不热"));
    let copy = net.node(HUB).store().snapshot().unwrap();
    assert_eq!(given_by(&mut net, HUB, doc, NOON + HOUR_MS), 2);
    net.connect(HUB, LAPTOP);
    net.run();
    net.cut();
    *net.node(HUB) = city::open(HUB, copy, NOON, true);
    net.now = NOON + 2 * HOUR_MS;
    net.connect(HUB, LAPTOP);
    net.connect(HUB, COUNTY_HUB);
    net.run();
    net.cut();
    let after = given_by(&mut net, HUB, doc, NOON + 2 * HOUR_MS);
    assert!(after > TIME_NUMBERS_SKIPPED, "{after}");
    assert_eq!(given_by(&mut net, HUB, doc, NOON + 3 * HOUR_MS), after + 1, "once");
    let hub = net.node(HUB);
    assert_eq!((time(hub, 2), time(hub, after - 1)), (Some(NOON + HOUR_MS), Some(NOON + HOUR_MS)));
}
