//! Acts that take no place wait outside once enough of their device's are here, and are brought in by what takes its place.

use kernel::equal::{Holding, compare};
use kernel::{Effect, Input, Kernel, Quotas, read};
use regulation::act::{Body, Content, Dispatch};
use regulation::{ActId, DeviceId};
use replica::{Act, Draft, History, Sealed};
use sync::ScopeKey;

use crate::city::{self, CITY, COUNTY_HUB, HUB, LAPTOP, NOON, OFFICE, OTHER_TOWN, TOWN};
use crate::liar::Liar;
use crate::net::Net;

const SCOPE: ScopeKey = ScopeKey(TOWN.0);

/// A hub with a ticket of the township's, and so many acts of the township under one number; the hub has them all.
fn equivocated(count: usize) -> (Kernel, ActId, Liar, Vec<Sealed>) {
    let mut hub = city::node(HUB);
    let person = city::people(CITY)[0];
    let doc = city::begin(&mut hub, NOON, person, city::register("供暖不热"));
    city::act(&mut hub, NOON, person, doc, city::dispatch(TOWN));
    let mut office = Liar::connect(&mut hub, OFFICE);
    let history = Liar::history(&hub, doc);
    let acts: Vec<Sealed> = (0..count)
        .map(|n| {
            let (act, parts) = office.compose(&hub, &history, city::tag(&format!("标签{n}")));
            office.seal(&Act { dseq: 1, ..act }, parts)
        })
        .collect();
    let bytes: Vec<Vec<u8>> = acts.iter().map(Sealed::encode).collect();
    let answers = office.push(&mut hub, SCOPE, &bytes);
    assert!(office.acked(&answers, SCOPE), "what waits keeps no cursor back");
    (hub, doc, office, acts)
}

fn inside(hub: &Kernel, act: &Sealed) -> bool {
    hub.store().aseq_of(&act.id()).unwrap().is_some()
}

fn waiting(hub: &Kernel) -> u64 {
    hub.store().held_count_of(OFFICE).unwrap()
}

#[test]
fn what_takes_no_place_waits_outside_once_enough_of_its_device_is_here() {
    let (mut hub, doc, _, acts) = equivocated(60);
    let inside_now = acts.iter().filter(|act| inside(&hub, act)).count();
    // The one that counts, and sixteen that do not.
    assert_eq!(inside_now, 1 + 16);
    assert_eq!(waiting(&hub), 60 - 17, "nothing is lost");
    let history = Liar::history(&hub, doc);
    assert_eq!(history.idle_of(OFFICE), 16);
    hub.handle(NOON, vec![kernel::Input::Tick]).unwrap();
    assert!(hub.settled());
    assert_eq!(waiting(&hub), 60 - 17);
}

#[test]
fn what_follows_one_that_waits_and_one_that_is_missing_waits_for_the_missing_one() {
    let (mut hub, doc, mut office, acts) = equivocated(40);
    let outside = acts.iter().find(|act| !inside(&hub, act)).unwrap();
    let mut seen = of_the_hub(&hub, doc);
    let mut laptop = Liar::connect(&mut hub, LAPTOP);
    let first = laptop.make(&hub, &seen, city::tag("先"));
    for act in [outside, &first] {
        Liar::take(&hub, &mut seen, act);
    }
    let both = laptop.make(&hub, &seen, city::tag("急"));
    assert!(honest_names(&both, outside) && honest_names(&both, &first));
    office.push(&mut hub, SCOPE, &[both.encode()]);
    assert!(!inside(&hub, &both));
    office.push(&mut hub, SCOPE, &[first.encode()]);
    assert!(inside(&hub, &first) && inside(&hub, &both) && inside(&hub, outside));
}

#[test]
fn what_takes_its_place_brings_in_what_it_follows() {
    let (mut hub, doc, mut office, acts) = equivocated(40);
    let outside = acts.iter().find(|act| !inside(&hub, act)).unwrap();
    // The city's laptop was shown another of them than the hub, and one more behind it.
    let mut seen = History::default();
    let first = Liar::history(&hub, doc);
    for node in first.nodes().iter().filter(|node| node.act.device == HUB) {
        let row = hub.store().act(&node.id).unwrap().unwrap();
        Liar::take(&hub, &mut seen, &kernel::read::sealed(&row).unwrap());
    }
    Liar::take(&hub, &mut seen, outside);
    let behind = office.make(&hub, &seen, city::tag("其后"));
    Liar::take(&hub, &mut seen, &behind);
    office.push(&mut hub, SCOPE, &[behind.encode()]);
    assert!(!inside(&hub, &behind) && !inside(&hub, outside), "it follows one that waits, and takes no place either");
    let mut laptop = Liar::connect(&mut hub, LAPTOP);
    let honest = laptop.make(&hub, &seen, city::tag("急"));
    assert!(honest_names(&honest, &behind));
    let before = waiting(&hub);
    office.push(&mut hub, SCOPE, &[honest.encode()]);
    assert!(inside(&hub, &honest) && inside(&hub, &behind) && inside(&hub, outside));
    assert_eq!(waiting(&hub), before - 2);
    hub.handle(NOON, vec![kernel::Input::Tick]).unwrap();
    let history = Liar::history(&hub, doc);
    let place = |act: &Sealed| history.index_of(act.id()).unwrap();
    assert_eq!(history.standing(place(&honest)), Some(replica::Standing::Effective));
    assert!(history.counts(place(outside)), "it is in the past of what counts");
    assert_eq!(history.unsettled(), 0);
}

fn honest_names(honest: &Sealed, other: &Sealed) -> bool {
    Act::decode(&honest.bytes).unwrap().deps.contains(&other.id())
}

/// What the city's laptop holds that has seen the hub's acts alone.
fn of_the_hub(hub: &Kernel, doc: ActId) -> History {
    let mut seen = History::default();
    for node in Liar::history(hub, doc).nodes().iter().filter(|node| node.act.device == HUB) {
        let row = hub.store().act(&node.id).unwrap().unwrap();
        Liar::take(hub, &mut seen, &read::sealed(&row).unwrap());
    }
    seen
}

/// So many acts of the township in a row, from the one of that number on, each on the one before.
fn chain(
    kernel: &Kernel,
    office: &mut Liar,
    seen: &mut History,
    word: &str,
    (first, count): (u64, u64),
) -> Vec<Sealed> {
    let make = |n: u64| {
        let (act, parts) = office.compose(kernel, seen, city::tag(&format!("{word}{n}")));
        let sealed = office.seal(&Act { dseq: first + n, ..act }, parts);
        Liar::take(kernel, seen, &sealed);
        sealed
    };
    (0..count).map(make).collect()
}

/// The same beside an act of the same number, which comes first: of equal rank the lowest id does.
fn behind(kernel: &Kernel, office: &mut Liar, base: &History, first: ActId, count: u64) -> Vec<Sealed> {
    let chains = (0..).map(|n| chain(kernel, office, &mut base.clone(), &format!("其{n}之"), (1, count)));
    chains.into_iter().find(|chain| chain[0].id() > first).unwrap()
}

fn push(kernel: &mut Kernel, liar: &mut Liar, acts: &[Sealed]) {
    for act in acts {
        let answers = liar.push(kernel, SCOPE, &[act.encode()]);
        assert!(liar.acked(&answers, SCOPE), "what waits keeps no cursor back");
    }
}

/// Two nodes that hold a ticket of the township's, and are not linked any more.
fn two() -> (Net, ActId) {
    let mut net = Net::new(&[HUB, COUNTY_HUB]);
    let person = city::people(CITY)[0];
    let doc = city::begin(net.node(HUB), NOON, person, city::register("供暖不热"));
    city::act(net.node(HUB), NOON, person, doc, city::dispatch(TOWN));
    net.connect(HUB, COUNTY_HUB);
    net.run();
    net.cut();
    assert!(net.node(COUNTY_HUB).store().aseq_of(&doc).unwrap().is_some());
    (net, doc)
}

#[test]
fn what_waits_outside_waits_through_a_restart_and_is_brought_in_after_it() {
    let (hub, doc, office, acts) = equivocated(40);
    let outside = acts.iter().find(|act| !inside(&hub, act)).unwrap();
    let before = waiting(&hub);
    let mut hub = city::open(HUB, hub.into_store(), NOON, false);
    assert_eq!(waiting(&hub), before);
    let mut seen = of_the_hub(&hub, doc);
    Liar::take(&hub, &mut seen, outside);
    let mut laptop = Liar::connect(&mut hub, LAPTOP);
    let honest = laptop.make(&hub, &seen, city::tag("急"));
    laptop.push(&mut hub, ScopeKey(CITY.0), &[honest.encode()]);
    assert!(inside(&hub, &honest) && inside(&hub, outside));
    assert_eq!(waiting(&hub), before - 1);
    drop(office);
}

#[test]
fn honest_act_that_comes_before_what_it_follows_brings_that_in() {
    let (mut hub, doc, mut office, acts) = equivocated(40);
    let mut seen = of_the_hub(&hub, doc);
    let late = chain(&hub, &mut office, &mut seen, "其", (1, 3));
    let mut laptop = Liar::connect(&mut hub, LAPTOP);
    let honest = laptop.make(&hub, &seen, city::tag("急"));
    laptop.push(&mut hub, ScopeKey(CITY.0), &[honest.encode()]);
    assert!(!inside(&hub, &honest), "what it follows is nowhere");
    // The last first: each waits for the one before.
    let backwards: Vec<Sealed> = late.iter().rev().cloned().collect();
    push(&mut hub, &mut office, &backwards);
    assert!(inside(&hub, &honest) && late.iter().all(|act| inside(&hub, act)));
    assert_eq!(waiting(&hub), 40 - 17, "{}", acts.len());
}

#[test]
fn what_a_unit_that_lost_the_ticket_makes_without_end_waits_outside_too() {
    let (mut hub, doc, mut office, acts) = equivocated(40);
    let person = city::people(CITY)[0];
    let lost = of_the_hub(&hub, doc);
    let redispatch = Body::Redispatch(Dispatch { lead: OTHER_TOWN, assisting: Vec::new() });
    city::act(&mut hub, NOON, person, doc, Draft::new(redispatch).text(["管辖不同"]));
    hub.handle(NOON, vec![Input::Tick]).unwrap();
    let later = city::act(&mut hub, NOON, person, doc, city::tag("转办"));
    // It follows one of its own that waits, which it knows: it waits as that does, and for nothing else.
    let outside = acts.iter().find(|act| !inside(&hub, act)).unwrap();
    let mut seen = lost.clone();
    Liar::take(&hub, &mut seen, outside);
    let behind = chain(&hub, &mut office, &mut seen, "其", (2, 1));
    push(&mut hub, &mut office, &behind);
    let rows = || hub.store().held_after(None, 100).unwrap();
    let row = rows().into_iter().find(|row| row.act == behind[0].id()).unwrap();
    assert!(read::waits_outside(hub.store(), &row).unwrap());
    // What came later it does not know: naming that waits as if it were nowhere.
    let (act, parts) = office.compose(&hub, &seen, city::tag("供暖"));
    let named = office.seal(&Act { deps: vec![later], dseq: 50, ..act }, parts);
    push(&mut hub, &mut office, std::slice::from_ref(&named));
    let row = hub.store().held_after(None, 100).unwrap().into_iter().find(|row| row.act == named.id()).unwrap();
    assert!(!read::waits_outside(hub.store(), &row).unwrap());
    // An act of the city's that follows what waits brings it in all the same.
    let mut laptop = Liar::connect(&mut hub, LAPTOP);
    let honest = laptop.make(&hub, &seen, city::tag("急"));
    laptop.push(&mut hub, ScopeKey(CITY.0), &[honest.encode()]);
    assert!(inside(&hub, &honest) && inside(&hub, &behind[0]) && inside(&hub, outside));
}

#[test]
fn nodes_that_keep_other_acts_outside_agree_once_the_hub_has_settled() {
    for turned in [false, true] {
        let (mut net, doc) = two();
        let mut office = Liar::connect(net.node(HUB), OFFICE);
        let history = Liar::history(net.node(HUB), doc);
        let mut acts: Vec<Sealed> = Vec::new();
        for n in 0..60 {
            // Some with another behind them.
            let mut seen = history.clone();
            acts.extend(chain(net.node(HUB), &mut office, &mut seen, &n.to_string(), (n % 7 + 1, 1 + n % 2)));
        }
        push(net.node(HUB), &mut office, &acts);
        let mut there = Liar::connect(net.node(COUNTY_HUB), OFFICE);
        acts.rotate_left(if turned { 30 } else { 45 });
        push(net.node(COUNTY_HUB), &mut there, &acts);
        let held = |net: &mut Net, device: DeviceId| -> Vec<ActId> {
            let history = Liar::history(net.node(device), doc);
            history.nodes().iter().map(|node| node.id).collect()
        };
        let (here, other) = (held(&mut net, HUB), held(&mut net, COUNTY_HUB));
        assert!(here.iter().any(|act| !other.contains(act)) && other.iter().any(|act| !here.contains(act)));
        let compared = |net: &Net| {
            let holding = |at: usize| {
                let (device, kernel) = &net.nodes[at];
                Holding { device: *device, store: kernel.store(), registry: kernel.registry() }
            };
            compare(holding(0), holding(1))
        };
        let before = compared(&net).unwrap_err().to_string();
        assert!(
            before.contains("among those that one lacks"),
            "what counts at one may not be missing at the other: {before}"
        );
        net.connect(HUB, COUNTY_HUB);
        net.run();
        net.input(HUB, Input::Tick);
        net.run();
        let compared = compared(&net).unwrap();
        assert_eq!((compared.docs, compared.partial), (1, 0));
        let history = Liar::history(net.node(COUNTY_HUB), doc);
        assert_eq!(history.unsettled(), 0);
        // 16 of its own, and what the other node had.
        assert!(history.idle_of(OFFICE) <= 2 * 17 + 1, "{}", history.idle_of(OFFICE));
    }
}

#[test]
fn a_flood_is_one_alarm() {
    let (mut net, doc) = two();
    let hub = net.node(HUB);
    let mut office = Liar::connect(hub, OFFICE);
    let mut told = Vec::new();
    for n in 0..40 {
        let mut seen = Liar::history(hub, doc);
        if n == 0 {
            let first = chain(hub, &mut office, &mut seen, "先", (1, 1));
            push(hub, &mut office, &first);
            continue;
        }
        let mut seen = of_the_hub(hub, doc);
        let act = chain(hub, &mut office, &mut seen, "其", (1 + n, 1));
        let frame = office.frame(SCOPE, &[act[0].encode()]);
        let effects = hub.handle(NOON, vec![office.input_of(&frame)]).unwrap();
        told.extend(effects.into_iter().filter(|effect| matches!(effect, Effect::Alarm { .. })));
    }
    assert!(waiting(hub) > 20);
    assert_eq!(told.len(), 1, "{told:?}");
    let rows: Vec<_> = hub.store().alarms(100).unwrap().into_iter().filter(|row| row.kind == "over-quota").collect();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0].source, "device 4");
}

#[test]
fn what_waits_outside_can_be_erased_though_it_is_unlawful() {
    let (mut hub, doc, mut office, _) = equivocated(40);
    let mut seen = Liar::history(&hub, doc);
    // Its number is not above that of its own which it follows.
    let said = city::tag("号码").text(["电话13800000000"]);
    let (act, parts) = office.compose(&hub, &seen, said);
    let unlawful = office.seal(&Act { dseq: 1, ..act }, parts);
    push(&mut hub, &mut office, std::slice::from_ref(&unlawful));
    assert!(!inside(&hub, &unlawful));
    Liar::take(&hub, &mut seen, &unlawful);
    assert!(!seen.node(unlawful.id()).unwrap().admitted());
    let mut laptop = Liar::connect(&mut hub, LAPTOP);
    let redact = Draft::new(Body::Redact { content: Content::Text }).text(["误录"]).answering(Some(unlawful.id()));
    let redact = laptop.make(&hub, &seen, redact);
    Liar::take(&hub, &mut seen, &redact);
    let next = laptop.make(&hub, &seen, city::tag("急"));
    laptop.push(&mut hub, ScopeKey(CITY.0), &[redact.encode(), next.encode()]);
    assert!(inside(&hub, &redact) && inside(&hub, &unlawful) && inside(&hub, &next));
    let history = Liar::history(&hub, doc);
    assert_eq!(history.standing(history.index_of(redact.id()).unwrap()), Some(replica::Standing::Effective));
    // What follows it otherwise is unlawful, and waits.
    let (act, parts) = office.compose(&hub, &seen, city::tag("其后"));
    let deps = vec![unlawful.id()];
    let after = office.seal(&Act { deps, dseq: 60, ..act }, parts);
    push(&mut hub, &mut office, std::slice::from_ref(&after));
    assert!(!inside(&hub, &after));
}

#[test]
fn what_waits_behind_acts_that_fell_comes_in_when_those_stand() {
    let (mut net, doc) = two();
    let base = Liar::history(net.node(HUB), doc);
    let mut hub = Liar::connect(net.node(COUNTY_HUB), HUB);
    hub.epoch = base.nodes()[0].act.epoch;
    hub.skip(100);
    let county = net.node(COUNTY_HUB);
    let mut office = Liar::connect(county, OFFICE);
    // A copy of the township's disk made one act before the township made twenty.
    let copy = chain(county, &mut office, &mut base.clone(), "先", (1, 1));
    push(county, &mut office, &copy);
    let acts = behind(county, &mut office, &base, copy[0].id(), 20);
    push(county, &mut office, &acts);
    assert_eq!(acts.iter().filter(|act| !inside(county, act)).count(), 4);
    // The hub had sixteen of the township's, and not the copy's.
    let mut at_hub = base.clone();
    acts[..16].iter().for_each(|act| Liar::take(county, &mut at_hub, act));
    let settle = hub.make(county, &at_hub, city::tag("定"));
    push(county, &mut office, std::slice::from_ref(&settle));
    Liar::take(county, &mut at_hub, &settle);
    assert!(at_hub.node(settle.id()).unwrap().admitted());
    assert!(inside(county, &settle));
    assert!(acts.iter().all(|act| inside(county, act)));
    let history = Liar::history(county, doc);
    assert!(acts.iter().all(|act| history.counts(history.index_of(act.id()).unwrap())));
    assert!(!history.counts(history.index_of(copy[0].id()).unwrap()));
}

#[test]
fn a_chain_without_end_costs_a_look_for_each_act_of_it() {
    // Beside what stands; and unlawful behind it, so that the township's newest is in the past of each.
    for unlawful in [false, true] {
        let (mut net, doc) = two();
        let hub = net.node(HUB);
        let mut office = Liar::connect(hub, OFFICE);
        let base = of_the_hub(hub, doc);
        let mut seen = base.clone();
        let first = chain(hub, &mut office, &mut seen, "先", (1, 1));
        push(hub, &mut office, &first);
        let mut before: Option<Sealed> = None;
        let mut next = |hub: &Kernel, n: u64| {
            let base = if unlawful { &seen } else { &base };
            let (act, parts) = office.compose(hub, base, city::tag(&format!("其{n}")));
            let mut deps: Vec<ActId> = before.iter().map(Sealed::id).chain(base.heads()).collect();
            deps.sort_unstable();
            let sealed = office.seal(&Act { deps, dseq: if unlawful { 1 } else { 2 + n }, ..act }, parts);
            // The other comes before it.
            if before.is_some() || sealed.id() > first[0].id() {
                before = Some(sealed.clone());
            }
            before.clone().filter(|kept| kept.id() == sealed.id())
        };
        let acts: Vec<Sealed> = (0..).filter_map(|n| next(hub, n)).take(400).collect();
        let weighed = hub.weighed();
        push(hub, &mut office, &acts);
        assert_eq!(waiting(hub), 400 - 16);
        let weighed = hub.weighed() - weighed;
        assert!(weighed <= 3 * 400, "{weighed} acts were weighed or read");
        assert_eq!(Liar::history(hub, doc).idle_of(OFFICE), 16);
    }
}

#[test]
fn more_than_one_act_may_bring_in_waits_for_the_hub() {
    let (mut net, doc) = two();
    let base = Liar::history(net.node(HUB), doc);
    let mut hub = Liar::connect(net.node(COUNTY_HUB), HUB);
    hub.epoch = base.nodes()[0].act.epoch;
    hub.skip(100);
    let county = net.node(COUNTY_HUB);
    county.set_quotas(Quotas { idle_acts: 0, brought_acts: 5, ..Quotas::default() });
    let mut office = Liar::connect(county, OFFICE);
    let mut seen = base.clone();
    let first = chain(county, &mut office, &mut seen, "先", (1, 1));
    push(county, &mut office, &first);
    let acts = behind(county, &mut office, &base, first[0].id(), 6);
    let mut seen = base.clone();
    acts.iter().for_each(|act| Liar::take(county, &mut seen, act));
    push(county, &mut office, &acts);
    assert!(acts.iter().all(|act| !inside(county, act)));
    let mut laptop = Liar::connect(county, LAPTOP);
    let honest = laptop.make(county, &seen, city::tag("急"));
    push(county, &mut office, std::slice::from_ref(&honest));
    assert!(!inside(county, &honest), "six wait, and five may be brought in");
    Liar::take(county, &mut seen, &honest);
    let settle = hub.make(county, &seen, city::tag("定"));
    push(county, &mut office, std::slice::from_ref(&settle));
    assert!(inside(county, &settle) && inside(county, &honest) && acts.iter().all(|act| inside(county, act)));
}

#[test]
fn branch_of_the_hub_that_wins_by_one_act_is_taken_in() {
    let (mut net, doc) = two();
    let base = Liar::history(net.node(HUB), doc);
    let mut hub = Liar::connect(net.node(COUNTY_HUB), HUB);
    hub.epoch = base.nodes()[0].act.epoch;
    let county = net.node(COUNTY_HUB);
    county.set_quotas(Quotas { idle_acts: 0, ..Quotas::default() });
    // A hub that runs twice: of two branches that are as long the one of the lower number would go first.
    let short = chain(county, &mut hub, &mut base.clone(), "短", (101, 2));
    let long = chain(county, &mut hub, &mut base.clone(), "长", (103, 3));
    let mut office = Liar::connect(county, OFFICE);
    push(county, &mut office, &short);
    push(county, &mut office, &long);
    assert!(long.iter().all(|act| inside(county, act)));
    let history = Liar::history(county, doc);
    let place = |act: &Sealed| history.index_of(act.id()).unwrap();
    assert!(history.folded().hub_line().ends_with(&long.iter().map(place).collect::<Vec<_>>()));
    assert!(short.iter().all(|act| !history.counts(place(act))));
}
