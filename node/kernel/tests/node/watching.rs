//! What a hotline's node does by itself: it witnesses arrivals and what came late, and raises supervisions; and what is
//! erased is gone everywhere.

use kernel::{Command, Done, Input, Kernel};
use regulation::act::{
    AttachClass, Content, FileHash, MediaType, Outcome, Reached, Seen, SuperviseGround, SuperviseLevel, Way,
};
use regulation::terms::{DueKind, DueVerdict};
use regulation::{ActId, ActKind, Body, Dispatch, Ticket};
use replica::{Draft, History, PartKind};

use crate::city::{self, CITY, COUNTY, COUNTY_HUB, DAY_MS, HUB, LAPTOP, NOON, OFFICE, TOWN};
use crate::net::Net;

const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;

fn history(kernel: &Kernel, doc: ActId) -> History {
    kernel::read::history(kernel.store(), kernel.registry(), doc).unwrap()
}

fn ticket(kernel: &Kernel, doc: ActId) -> Ticket {
    history(kernel, doc).record().ticket().unwrap().clone()
}

fn acts(kernel: &Kernel, doc: ActId, kind: ActKind) -> Vec<Body> {
    let history = history(kernel, doc);
    history.nodes().iter().map(|node| node.fact.body.clone()).filter(|body| body.kind() == kind).collect()
}

fn sign_for() -> Draft {
    Draft::new(Body::SignFor)
}

fn contact() -> Draft {
    Draft::new(Body::Contact { way: Way::Telephone, reached: Reached::Answered })
}

fn complete() -> Draft {
    Draft::new(Body::Complete {
        outcome: Outcome::Solved,
        told_at: NOON,
        told_way: regulation::act::Way::Online,
        told_whom: regulation::act::Heard::QueryCode,
    })
    .text(["已解决"])
}

/// A ticket that the city gave to the township, and who is linked: the hub with the office, or with the county in between.
fn given(devices: &[regulation::DeviceId]) -> (Net, ActId) {
    let mut net = Net::new(devices);
    let person = city::people(CITY)[0];
    let doc = city::begin(net.node(HUB), NOON, person, city::register("供暖不热"));
    city::act(net.node(HUB), NOON, person, doc, city::dispatch(TOWN));
    (net, doc)
}

#[test]
fn what_has_reached_a_unit_is_witnessed_once_by_whoever_sees_it() {
    for path in [&[HUB, OFFICE][..], &[HUB, COUNTY_HUB, OFFICE]] {
        let (mut net, doc) = given(path);
        net.now = NOON + 20 * MINUTE_MS;
        for pair in path.windows(2) {
            net.connect(pair[0], pair[1]);
        }
        net.run();
        net.input(HUB, Input::Tick);
        net.run();
        for device in path {
            let lead = ticket(net.node(*device), doc).lead().unwrap().clone();
            assert_eq!(lead.delivered_at, Some(NOON + 20 * MINUTE_MS), "{device:?}");
        }
        net.cut();
        for pair in path.windows(2) {
            net.connect(pair[0], pair[1]);
        }
        net.run();
        assert_eq!(acts(net.node(HUB), doc, ActKind::Witness).len(), 1, "{path:?}");
    }
}

#[test]
fn what_has_not_reached_a_unit_is_not_witnessed_and_not_overdue() {
    let (mut net, doc) = given(&[HUB, COUNTY_HUB, OFFICE]);
    net.connect(HUB, COUNTY_HUB);
    net.run();
    net.now = NOON + 3 * DAY_MS;
    net.input(HUB, Input::Tick);
    net.run();
    assert_eq!(acts(net.node(HUB), doc, ActKind::Witness), []);
    assert_eq!(acts(net.node(HUB), doc, ActKind::Supervise), []);
    let at = net.node(HUB).registry().now();
    let terms = *at.settings();
    let items = kernel::project::dues(&history(net.node(HUB), doc), &net.node(HUB).registry().now());
    let verdict =
        |what| items.iter().find(|item| item.what == what).map(|item| item.verdict(NOON + 3 * DAY_MS, &terms));
    assert_eq!(verdict(DueKind::SignFor), Some(DueVerdict::Provisional));
    assert_eq!(
        verdict(DueKind::Deliver),
        Some(DueVerdict::Overdue),
        "it is the hotline that is late: it must telephone"
    );
}

/// What the hub witnessed of acts that the office made while it was cut off, or says that it made then.
fn late(entered: i64, heard_between: bool) -> (Ticket, Vec<Body>) {
    let (mut net, doc) = given(&[HUB, OFFICE]);
    let person = city::people(TOWN)[0];
    net.connect(HUB, OFFICE);
    net.run();
    net.cut();
    if heard_between {
        net.now = NOON + 9 * HOUR_MS;
        city::begin(net.node(OFFICE), NOON + 9 * HOUR_MS, person, city::article());
        net.connect(HUB, OFFICE);
        net.run();
        net.cut();
    }
    city::act(net.node(OFFICE), entered, person, doc, sign_for());
    net.now = NOON + DAY_MS;
    net.connect(HUB, OFFICE);
    net.run();
    net.input(HUB, Input::Tick);
    net.run();
    let seen = acts(net.node(OFFICE), doc, ActKind::Witness);
    assert_eq!(seen, acts(net.node(HUB), doc, ActKind::Witness));
    assert!(net.node(HUB).settled());
    (ticket(net.node(OFFICE), doc), seen.into_iter().skip(1).collect())
}

#[test]
fn the_hub_says_of_what_came_late_between_which_times_it_was_made() {
    let at = NOON + DAY_MS;
    let seen = |offline, clock_good| {
        vec![Body::Witness(Seen::Late { not_before: NOON, received_at: at, offline, clock_good })]
    };
    // Cut off for a day: what was made meanwhile can be believed.
    let (ticket, witnessed) = late(NOON + 6 * HOUR_MS, false);
    assert_eq!(witnessed, seen(true, true));
    assert_eq!(ticket.late.len(), 1);
    assert_eq!(ticket.late[0].act, ticket.lead().unwrap().signed_for.unwrap().0);
    // Somebody put the clock back: the office had heard of the hub at noon.
    assert_eq!(late(NOON - 6 * HOUR_MS, false).1, seen(true, false));
    // The office was in reach after the time that it claims, and had sent what it had then.
    let (_, witnessed) = late(NOON + 6 * HOUR_MS, true);
    let [Body::Witness(Seen::Late { offline, .. })] = witnessed[..] else { panic!("{witnessed:?}") };
    assert!(!offline);
    // What came in a few minutes is not late.
    assert_eq!(late(at - 5 * MINUTE_MS, false).1, []);
    // A clock that runs ahead.
    assert_eq!(late(at + HOUR_MS, false).1, seen(true, false));
}

#[test]
fn what_a_county_did_while_it_was_cut_off_is_witnessed_as_that_of_a_unit_is() {
    for (claimed, good) in [(NOON + 6 * HOUR_MS, true), (NOON - 6 * HOUR_MS, false)] {
        let mut net = Net::new(&[HUB, COUNTY_HUB]);
        let city = city::people(CITY)[0];
        let doc = city::begin(net.node(HUB), NOON, city, city::register("供暖不热"));
        city::act(net.node(HUB), NOON, city, doc, city::dispatch(COUNTY));
        net.connect(HUB, COUNTY_HUB);
        net.run();
        net.cut();
        let on = Draft::new(Body::SubDispatch(Dispatch { lead: TOWN, assisting: Vec::new() }));
        let given = city::act(net.node(COUNTY_HUB), claimed, city::people(COUNTY)[0], doc, on);
        net.now = NOON + DAY_MS;
        net.connect(HUB, COUNTY_HUB);
        net.run();
        net.input(HUB, Input::Tick);
        net.run();
        let late = ticket(net.node(COUNTY_HUB), doc).late.into_iter().find(|late| late.act == given).unwrap();
        assert_eq!((late.not_before, late.received_at), (NOON, NOON + DAY_MS));
        assert_eq!((late.offline, late.clock_good), (true, good));
    }
}

/// What the hub witnessed of an act that a device of a unit made at that time, said to be of another, and sent at once.
fn typed(device: regulation::DeviceId, unit: regulation::UnitId, draft: Draft, photo: bool) -> Vec<Seen> {
    let (mut net, doc) = given(&[HUB, LAPTOP, OFFICE]);
    net.connect(HUB, LAPTOP);
    net.connect(HUB, OFFICE);
    net.run();
    city::act(net.node(OFFICE), NOON, city::people(TOWN)[0], doc, sign_for());
    let person = city::people(unit)[0];
    // The device is heard of meanwhile.
    net.now = NOON + 4 * HOUR_MS;
    let (_, effects) =
        city::ask(net.node(device), NOON + 4 * HOUR_MS, Some(person), Command::Act { doc, draft: city::tag("供暖") });
    net.spread(device, effects);
    net.run();
    net.now = NOON + 8 * HOUR_MS;
    let now = net.now;
    if photo {
        let body = Body::Attach {
            class: AttachClass::Form,
            root: [1; 32],
            bytes: 9,
            hash: FileHash::Blake3,
            media: MediaType::Jpeg,
        };
        let attach = Command::Act { doc, draft: Draft::new(body).text(["现场确认单"]) };
        let (done, effects) = city::ask(net.node(device), now, Some(person), attach);
        assert!(matches!(done, Ok(Done::Made { .. })), "{done:?}");
        net.spread(device, effects);
        net.run();
    }
    let (done, effects) = city::ask(net.node(device), now, Some(person), Command::Act { doc, draft });
    let Ok(Done::Made { act, .. }) = done else { panic!("{done:?}") };
    net.spread(device, effects);
    net.run();
    net.input(HUB, Input::Tick);
    net.run();
    let history = history(net.node(HUB), doc);
    let seen = |node: &replica::Node| match &node.fact.body {
        Body::Witness(seen) if node.act.answers == Some(act) => Some(*seen),
        _ => None,
    };
    history.nodes().iter().filter_map(seen).collect()
}

#[test]
fn what_is_typed_of_the_past_while_in_touch_counts_when_it_is_typed_whoever_types_it() {
    let now = NOON + 8 * HOUR_MS;
    let past = |draft: Draft| Draft { happened: Some(NOON + HOUR_MS), ..draft };
    let supplement = || Draft::new(Body::Supplement { joined: None, joins: None }).text(["另有两户"]);
    for (device, unit, draft) in [(OFFICE, TOWN, contact()), (LAPTOP, CITY, supplement())] {
        let seen = typed(device, unit, past(draft.clone()), false);
        let [Seen::Late { not_before, clock_good, .. }] = seen[..] else { panic!("{seen:?}") };
        assert_eq!((not_before, clock_good), (now, false), "{unit:?}");
        assert_eq!(typed(device, unit, draft, false), [], "what says nothing of the past came at once");
    }
    // With a form of the day it is for the city to decide.
    let seen = typed(OFFICE, TOWN, past(contact()), true);
    let [Seen::Late { not_before, offline, .. }] = seen[..] else { panic!("{seen:?}") };
    assert!(not_before < now && !offline, "{seen:?}");
}

#[test]
fn a_supervision_is_raised_when_its_ground_arises_and_by_whoever_dispatched() {
    let (mut net, doc) = given(&[HUB, LAPTOP, COUNTY_HUB, OFFICE]);
    for (a, b) in [(HUB, LAPTOP), (HUB, COUNTY_HUB), (COUNTY_HUB, OFFICE)] {
        net.connect(a, b);
    }
    net.run();
    let tick = |net: &mut Net| {
        for device in [HUB, LAPTOP, COUNTY_HUB, OFFICE] {
            net.input(device, Input::Tick);
            net.run();
        }
    };
    let raised = |net: &mut Net| {
        let list = |device, net: &mut Net| {
            let of = |s: &regulation::ticket::Supervision| (s.by, s.unit, s.level, s.ground);
            ticket(net.node(device), doc).supervisions.iter().map(of).collect::<Vec<_>>()
        };
        let here = list(HUB, net);
        assert_eq!(here, list(OFFICE, net));
        here
    };
    // Monday noon: signing for is due with Tuesday.
    net.now = NOON + DAY_MS + 12 * HOUR_MS - 1;
    tick(&mut net);
    assert_eq!(raised(&mut net), []);
    net.now += 1;
    tick(&mut net);
    tick(&mut net);
    let unsigned = (CITY, TOWN, SuperviseLevel::Urge, SuperviseGround::NotSignedFor);
    assert_eq!(raised(&mut net), [unsigned]);
    // A node that was away when it arose raises it when it comes back, and none twice.
    net.restart(HUB, false);
    net.now = NOON + 9 * DAY_MS;
    net.connect(HUB, COUNTY_HUB);
    net.connect(COUNTY_HUB, OFFICE);
    net.connect(HUB, LAPTOP);
    net.run();
    tick(&mut net);
    tick(&mut net);
    let overdue = (CITY, TOWN, SuperviseLevel::Supervise, SuperviseGround::Overdue);
    assert_eq!(raised(&mut net), [unsigned, overdue]);
    let history = history(net.node(HUB), doc);
    let supervise = history.nodes().iter().find(|node| node.fact.body.kind() == ActKind::Supervise).unwrap();
    assert_eq!((supervise.act.person, supervise.act.device), (None, HUB));
    assert!(supervise.segment(PartKind::Text, 0).is_some_and(|text| text.contains("签收")));
    // What is done is not supervised.
    let (person, now) = (city::people(TOWN)[0], net.now);
    for draft in [sign_for(), contact(), complete()] {
        let (done, effects) = city::ask(net.node(OFFICE), now, Some(person), Command::Act { doc, draft });
        assert!(matches!(done, Ok(Done::Made { .. })), "{done:?}");
        net.spread(OFFICE, effects);
        net.run();
    }
    net.now += 30 * DAY_MS;
    tick(&mut net);
    assert_eq!(raised(&mut net).len(), 2);
}

#[test]
fn a_county_supervises_what_it_sent_on() {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE]);
    let (city, county) = (city::people(CITY)[0], city::people(COUNTY)[0]);
    let doc = city::begin(net.node(HUB), NOON, city, city::register("供暖不热"));
    city::act(net.node(HUB), NOON, city, doc, city::dispatch(COUNTY));
    net.connect(HUB, COUNTY_HUB);
    net.connect(COUNTY_HUB, OFFICE);
    net.run();
    let on = Draft::new(Body::SubDispatch(Dispatch { lead: TOWN, assisting: Vec::new() }));
    let (done, effects) = city::ask(net.node(COUNTY_HUB), NOON, Some(county), Command::Act { doc, draft: on });
    assert!(matches!(done, Ok(Done::Made { .. })), "{done:?}");
    net.spread(COUNTY_HUB, effects);
    net.run();
    net.now = NOON + 2 * DAY_MS;
    for device in [COUNTY_HUB, HUB] {
        net.input(device, Input::Tick);
        net.run();
    }
    let ticket = ticket(net.node(HUB), doc);
    let of = |s: &regulation::ticket::Supervision| (s.by, s.unit, s.ground);
    let raised: Vec<_> = ticket.supervisions.iter().map(of).collect();
    assert_eq!(raised, [(COUNTY, TOWN, SuperviseGround::NotSignedFor)], "the city sees that the county had it in time");
}

#[test]
fn what_two_people_erase_is_gone_on_every_node_and_the_signatures_still_hold() {
    let (mut net, doc) = given(&[HUB, LAPTOP, OFFICE]);
    net.connect(HUB, OFFICE);
    net.connect(HUB, LAPTOP);
    net.run();
    let private = |net: &mut Net, device| {
        let history = history(net.node(device), doc);
        history.nodes()[0].segment(PartKind::Private, 1).unwrap()
    };
    for device in [HUB, LAPTOP, OFFICE] {
        assert_eq!(private(&mut net, device), "13800000000");
    }
    let people = city::people(CITY);
    let erase =
        |answers| Draft::new(Body::Redact { content: Content::Private }).text(["诉求人要求"]).answering(answers);
    let dispatch = ticket(net.node(HUB), doc).dispatch();
    for nothing in [None, dispatch, Some(ActId([9; 32]))] {
        let command = Command::Act { doc, draft: erase(nothing) };
        let (refused, _) = city::ask(net.node(LAPTOP), NOON, Some(people[0]), command);
        assert!(refused.is_err(), "{nothing:?} has no private part");
    }
    // The laptop's word waits for the hub.
    let (done, effects) =
        city::ask(net.node(LAPTOP), NOON, Some(people[0]), Command::Act { doc, draft: erase(Some(doc)) });
    assert!(matches!(done, Ok(Done::Made { .. })), "{done:?}");
    net.spread(LAPTOP, effects);
    net.run();
    // One person alone erases nothing; another confirms, at another machine of the city.
    for device in [HUB, LAPTOP, OFFICE] {
        assert_eq!(private(&mut net, device), "13800000000");
    }
    let confirm = || Command::Act { doc, draft: Draft::new(Body::Confirm) };
    let (refused, _) = city::ask(net.node(HUB), NOON, Some(people[0]), confirm());
    assert_eq!(refused, Err(kernel::Refusal::Rule(regulation::Rule::SecondPerson)));
    let (done, effects) = city::ask(net.node(HUB), NOON, Some(people[1]), confirm());
    assert!(matches!(done, Ok(Done::Made { .. })), "{done:?}");
    net.spread(HUB, effects);
    net.run();
    for device in [HUB, LAPTOP, OFFICE] {
        assert_eq!(private(&mut net, device), "███████████", "{device:?}");
        let store = net.node(device).store();
        let row = store.act(&doc).unwrap().unwrap();
        assert!(row.parts.iter().all(|part| part.kind != PartKind::Private.number()), "{device:?} keeps it");
    }
    // It does not come back by a peer that has not heard of it.
    net.restart(OFFICE, false);
    net.connect(HUB, OFFICE);
    net.run();
    assert_eq!(private(&mut net, OFFICE), "███████████");
}
