//! What one device may have a node keep that comes to nothing, or not yet; and that nobody else waits for it.

use kernel::equal::{Holding, compare};
use kernel::scopes::KNOWLEDGE;
use kernel::{Alarm, Effect, Input, Kernel, Quotas, read};
use regulation::{ActId, DeviceId};
use replica::{Act, History, Sealed};
use store::Weight;
use sync::frame::Carried;
use sync::{Frame, ScopeKey};

use crate::city::{self, CITY, COUNTY_HUB, HUB, NOON, OFFICE, OTHER_TOWN, TOWN};
use crate::liar::Liar;
use crate::net::Net;

const TOWN_SCOPE: ScopeKey = ScopeKey(TOWN.0);
const TIGHT: Quotas = Quotas {
    held_bytes: 20_000,
    unlawful_bytes: 5_000,
    aside_acts: 20,
    aside_brought: 1_000,
    stubs: 40,
    idle_acts: 16,
    brought_acts: 4_096,
    begun_a_day: 1_000,
};
const NOTHING: Quotas =
    Quotas { held_bytes: 0, unlawful_bytes: 0, aside_acts: 1_000, aside_brought: 1_000, stubs: 1_000, ..TIGHT };

/// A hub with a ticket of the township.
fn hub() -> (Kernel, ActId) {
    let mut hub = city::node(HUB);
    let person = city::people(CITY)[0];
    let doc = city::begin(&mut hub, NOON, person, city::register("供暖不热"));
    city::act(&mut hub, NOON, person, doc, city::dispatch(TOWN));
    (hub, doc)
}

fn orphan(liar: &mut Liar, kernel: &Kernel, doc: ActId, n: u8) -> Sealed {
    let (act, parts) = liar.compose(kernel, &History::default(), city::tag("供暖"));
    liar.seal(&Act { doc: Some(doc), deps: vec![ActId([n; 32])], ..act }, parts)
}

fn holding(kernel: &Kernel) -> Holding<'_> {
    Holding { device: kernel.device().unwrap(), store: kernel.store(), registry: kernel.registry() }
}

/// How often an alarm was raised about a device.
fn alarms(kernel: &Kernel, alarm: Alarm, device: DeviceId) -> u64 {
    let row = kernel.store().alarm(alarm.code(), &format!("device {}", device.0)).unwrap();
    row.map_or(0, |row| row.count)
}

#[test]
fn acts_that_never_can_be_judged_are_bounded_in_bytes_and_only_their_authors_link_waits() {
    let (mut hub, doc) = hub();
    hub.set_quotas(TIGHT);
    let mut office = Liar::connect(&mut hub, OFFICE);
    let mut acked = 0;
    for n in 0..200 {
        let act = orphan(&mut office, &hub, doc, n);
        let answers = office.push(&mut hub, TOWN_SCOPE, &[act.encode()]);
        acked += u32::from(office.acked(&answers, TOWN_SCOPE));
    }
    let store = hub.store();
    assert!(store.weight_of(Weight::Held, OFFICE).unwrap() <= TIGHT.held_bytes);
    assert_eq!(store.aside_count().unwrap(), TIGHT.aside_acts, "of what is beyond that the ids are kept");
    let held = store.held_counts().unwrap()[0].1;
    assert_eq!(u64::from(acked), held + TIGHT.aside_acts, "then its link waits");
    assert_eq!(store.alarms(10).unwrap().len(), 1, "one alarm");
    assert!(alarms(&hub, Alarm::OverQuota, OFFICE) >= TIGHT.aside_acts);
    // Whoever else holds the scope goes on, with the same ticket.
    let mut county = Liar::connect(&mut hub, COUNTY_HUB);
    let good = county.make(&hub, &Liar::history(&hub, doc), city::tag("老人"));
    let answers = county.push(&mut hub, TOWN_SCOPE, &[good.encode()]);
    assert!(county.acked(&answers, TOWN_SCOPE));
    assert!(hub.store().aseq_of(&good.id()).unwrap().is_some());
}

#[test]
fn forged_signatures_are_one_alarm_and_push_out_nothing_of_others() {
    let (mut hub, doc) = hub();
    let mut county = Liar::connect(&mut hub, COUNTY_HUB);
    county.push(&mut hub, TOWN_SCOPE, &[b"of another"]);
    let mut office = Liar::connect(&mut hub, OFFICE);
    let history = Liar::history(&hub, doc);
    let forged: Vec<Vec<u8>> = (0..500)
        .map(|_| {
            let mut act = office.make(&hub, &history, city::tag("供暖"));
            act.signatures[0].bytes[0] ^= 1;
            act.encode()
        })
        .collect();
    for items in forged.chunks(100) {
        let answers = office.push(&mut hub, TOWN_SCOPE, items);
        assert!(office.acked(&answers, TOWN_SCOPE));
    }
    let refused = hub.store().refused(usize::MAX).unwrap();
    assert_eq!(refused.iter().filter(|row| row.peer == Some(OFFICE)).count(), store::REFUSED_OF_PEER_MAX);
    assert_eq!(refused.iter().filter(|row| row.peer == Some(COUNTY_HUB)).count(), 1);
    assert_eq!(alarms(&hub, Alarm::PeerFaulty, OFFICE), 500);
    assert_eq!(hub.store().alarms(10).unwrap().len(), 2, "one a source");
}

#[test]
fn unlawful_beginnings_are_not_passed_on_and_the_city_counts_them_by_their_stubs() {
    let mut net = Net::new(&[HUB, COUNTY_HUB]);
    let county = net.node(COUNTY_HUB);
    county.set_quotas(Quotas { stubs: 1_000, ..TIGHT });
    let mut office = Liar::connect(county, OFFICE);
    let acts: Vec<Sealed> =
        (0..60).map(|_| office.make(county, &History::default(), city::register("假工单"))).collect();
    for act in &acts {
        let answers = office.push(county, TOWN_SCOPE, &[act.encode()]);
        assert!(office.acked(&answers, TOWN_SCOPE));
    }
    assert!(county.store().weight_of(Weight::Unlawful, OFFICE).unwrap() <= TIGHT.unlawful_bytes + 1_000);
    let kept = read::docs(county.store()).unwrap().len();
    assert!(kept > 0 && kept < 60, "{kept} of sixty are kept themselves");
    net.connect(HUB, COUNTY_HUB);
    net.run();
    let hub = net.node(HUB);
    assert!(read::docs(hub.store()).unwrap().is_empty(), "none is passed on");
    assert_eq!(hub.store().acts_counted(OFFICE, 1).unwrap(), (60, 60), "and none is missing in the count");
    assert_eq!(hub.store().refused_count().unwrap(), 0);
    // Nothing of any of them went to the city.
    for (to, frame) in &net.frames {
        if let (true, Ok(sync::Frame::Batch { items, .. })) = (*to == HUB, sync::Frame::decode(frame)) {
            let has = |item: &sync::frame::Carried| matches!(item, sync::frame::Carried::Item { bytes, .. } if bytes.windows(9).any(|w| w == "假工单".as_bytes()));
            assert!(!items.iter().any(has));
        }
    }
}

#[test]
fn flood_of_unlawful_beginnings_ends_on_its_own_link() {
    let mut hub = city::node(HUB);
    hub.set_quotas(TIGHT);
    let mut office = Liar::connect(&mut hub, OFFICE);
    let mut acked = 0;
    for _ in 0..200 {
        let act = office.make(&hub, &History::default(), city::register("假工单"));
        let answers = office.push(&mut hub, TOWN_SCOPE, &[act.encode()]);
        acked += u64::from(office.acked(&answers, TOWN_SCOPE));
    }
    let kept = read::docs(hub.store()).unwrap().len() as u64;
    assert_eq!(acked, kept + TIGHT.stubs, "what it may do, and their stubs");
    assert_eq!(hub.store().acts_counted(OFFICE, 1).unwrap(), (acked, acked));
    // A stub that another device signed, or of another unit's scope, is none.
    let (mut forged, scope) = (orphan(&mut office, &hub, ActId([1; 32]), 1), TOWN_SCOPE);
    forged.signatures[0].bytes[0] ^= 1;
    let act = Act::decode(&forged.bytes).unwrap();
    let stub = replica::Stub::of(&act, &forged).encode();
    let mut county = Liar::connect(&mut hub, COUNTY_HUB);
    hub.set_quotas(Quotas::default());
    county.push_stub(&mut hub, scope, stub);
    assert_eq!(hub.store().acts_counted(OFFICE, 1).unwrap(), (acked, acked));
    assert_eq!(alarms(&hub, Alarm::PeerFaulty, COUNTY_HUB), 1);
}

#[test]
fn what_is_set_aside_is_asked_for_once_there_is_room() {
    let (mut hub, doc) = hub();
    let mut office = Liar::connect(&mut hub, OFFICE);
    let unlawful = office.make(&hub, &Liar::history(&hub, doc), city::dispatch(OTHER_TOWN));
    office.push(&mut hub, TOWN_SCOPE, &[unlawful.encode()]);
    assert!(hub.store().act(&unlawful.id()).unwrap().unwrap().rule.is_some());
    hub.handle(NOON, vec![Input::Tick]).unwrap();
    assert!(!Liar::history(&hub, doc).heads().contains(&unlawful.id()), "nothing follows it");
    let mut net = Net::new(&[COUNTY_HUB]);
    net.nodes.push((HUB, hub));
    net.node(COUNTY_HUB).set_quotas(Quotas { held_bytes: TIGHT.held_bytes, ..NOTHING });
    net.connect(HUB, COUNTY_HUB);
    net.run();
    let county = net.node(COUNTY_HUB);
    assert!(county.store().aseq_of(&doc).unwrap().is_some());
    assert!(county.store().aseq_of(&unlawful.id()).unwrap().is_none());
    assert!(county.store().aside_count().unwrap() > 0, "it is too much");
    county.set_quotas(Quotas::default());
    for _ in 0..2 {
        net.input(COUNTY_HUB, Input::Tick);
        net.run();
    }
    assert!(net.node(COUNTY_HUB).store().aseq_of(&unlawful.id()).unwrap().is_some());
    assert_eq!(net.node(COUNTY_HUB).store().aside_count().unwrap(), 0);
    let nodes = &net.nodes;
    compare(holding(&nodes[0].1), holding(&nodes[1].1)).unwrap();
}

#[test]
fn nothing_that_waited_is_lost_for_being_too_much() {
    let (mut hub, doc) = hub();
    let mut office = Liar::connect(&mut hub, OFFICE);
    let history = Liar::history(&hub, doc);
    let (one, two) = (office.make(&hub, &history, city::tag("一")), office.make(&hub, &history, city::tag("二")));
    let (act, parts) = office.compose(&hub, &history, city::tag("三"));
    let mut deps = vec![one.id(), two.id()];
    deps.sort_unstable();
    let both = office.seal(&Act { deps, ..act }, parts);
    office.push(&mut hub, TOWN_SCOPE, &[both.encode()]);
    assert_eq!(hub.store().held_counts().unwrap(), [(OFFICE, 1)]);
    // Looked at again it waits for the other, and by now nothing more may wait.
    hub.set_quotas(NOTHING);
    let mut order = [&one, &two];
    order.sort_by_key(|act| act.id());
    office.push(&mut hub, TOWN_SCOPE, &[order[0].encode()]);
    assert_eq!(hub.store().held_counts().unwrap(), [(OFFICE, 1)], "it is still there");
    office.push(&mut hub, TOWN_SCOPE, &[order[1].encode()]);
    assert!(hub.store().aseq_of(&both.id()).unwrap().is_some());
}

#[test]
fn what_waited_for_the_registry_is_not_lost_when_it_must_wait_for_more() {
    let (mut hub, doc) = hub();
    let mut registry = city::registry();
    let entry = city::append(&mut registry, replica::Change::Categories(Vec::new()));
    let mut office = Liar::connect(&mut hub, OFFICE);
    let history = Liar::history(&hub, doc);
    let (act, parts) = office.compose(&hub, &history, city::tag("一"));
    let one = office.seal(&Act { registry: registry.versions(), ..act }, parts);
    let (act, parts) = office.compose(&hub, &history, city::tag("二"));
    let two = office.seal(&Act { registry: registry.versions(), deps: vec![one.id()], ..act }, parts);
    office.push(&mut hub, TOWN_SCOPE, &[two.encode()]);
    hub.set_quotas(NOTHING);
    office.push(&mut hub, kernel::scopes::REGISTRY, &[entry]);
    assert_eq!(hub.store().held_counts().unwrap(), [(OFFICE, 1)]);
    office.push(&mut hub, TOWN_SCOPE, &[one.encode()]);
    assert!(hub.store().aseq_of(&two.id()).unwrap().is_some());
}

/// An act of the township's office that it may not make, of a ticket that it shares.
fn unlawful(office: &mut Liar, kernel: &Kernel, doc: ActId) -> Sealed {
    office.make(kernel, &Liar::history(kernel, doc), city::dispatch(OTHER_TOWN))
}

#[test]
fn relay_that_brings_too_much_of_one_device_is_not_stopped_and_what_leaves_no_trace_is_told() {
    let (mut hub, doc) = hub();
    hub.set_quotas(Quotas { aside_brought: 10, stubs: 15, ..NOTHING });
    let mut office = Liar::connect(&mut hub, OFFICE);
    let mut county = Liar::connect(&mut hub, COUNTY_HUB);
    for _ in 0..30 {
        let act = unlawful(&mut office, &hub, doc);
        let answers = county.push(&mut hub, TOWN_SCOPE, &[act.encode()]);
        assert!(county.acked(&answers, TOWN_SCOPE), "its link waits for what is of another");
    }
    assert_eq!(hub.store().aside_count().unwrap(), 10);
    assert_eq!(hub.store().acts_counted(OFFICE, 1).unwrap().0, 15);
    assert_eq!(alarms(&hub, Alarm::NotKept, OFFICE), 20 + 15, "of twenty no id is kept, of fifteen no stub");
    // What is lawful still comes, even of that device.
    let good = office.make(&hub, &Liar::history(&hub, doc), city::tag("老人"));
    let answers = county.push(&mut hub, TOWN_SCOPE, &[good.encode()]);
    assert!(county.acked(&answers, TOWN_SCOPE) && hub.store().aseq_of(&good.id()).unwrap().is_some());
}

#[test]
fn stubs_that_are_too_many_make_no_silent_gap() {
    let (mut hub, doc) = hub();
    hub.set_quotas(Quotas { stubs: 5, ..NOTHING });
    let mut office = Liar::connect(&mut hub, OFFICE);
    let mut county = Liar::connect(&mut hub, COUNTY_HUB);
    let stub = |act: &Sealed| replica::Stub::of(&Act::decode(&act.bytes).unwrap(), act).encode();
    for _ in 0..8 {
        let stub = stub(&unlawful(&mut office, &hub, doc));
        let answers = county.push_stub(&mut hub, TOWN_SCOPE, stub);
        assert!(county.acked(&answers, TOWN_SCOPE));
    }
    assert_eq!(hub.store().acts_counted(OFFICE, 1).unwrap().0, 5);
    assert_eq!(alarms(&hub, Alarm::NotKept, OFFICE), 3);
    // Its own stub it sends again later: nothing is lost, and its link waits.
    let own = stub(&unlawful(&mut office, &hub, doc));
    let answers = office.push_stub(&mut hub, TOWN_SCOPE, own);
    assert!(!office.acked(&answers, TOWN_SCOPE));
    assert_eq!(alarms(&hub, Alarm::NotKept, OFFICE), 3);
}

fn given(effects: &[Effect]) -> usize {
    let is = |effect: &&Effect| matches!(effect, Effect::Send { bytes, .. } if matches!(Frame::decode(bytes), Ok(Frame::Given { .. })));
    effects.iter().filter(is).count()
}

#[test]
fn whoever_asks_for_items_again_and_again_is_answered_in_its_turn_and_ever_more_slowly() {
    let (mut hub, doc) = hub();
    let _office = Liar::connect(&mut hub, OFFICE);
    let conn = hub.sessions()[0].0;
    let want = Frame::Want { scope: TOWN_SCOPE, names: vec![sync::Name::of(doc.0)] }.encode().unwrap();
    let frames = |count| (0..count).map(|_| Input::Frame { conn, bytes: want.clone() }).collect::<Vec<_>>();
    assert_eq!(given(&hub.step(NOON, frames(3), 0).unwrap()), 0, "it waits for its turn");
    assert!(hub.waits());
    assert_eq!(given(&hub.step(NOON, Vec::new(), 1).unwrap()), 1, "one after the other");
    let answered: usize = (0..100).map(|_| given(&hub.handle(NOON, frames(1)).unwrap())).sum();
    assert_eq!(answered + 1, kernel::WANTS_MAX as usize, "so many at once");
    assert!(!hub.waits(), "what has no credit is no work");
    // A new connection is no new credit.
    hub.handle(NOON, vec![Input::Gone { conn }]).unwrap();
    let _office = Liar::connect(&mut hub, OFFICE);
    let conn = hub.sessions()[0].0;
    let frame = Input::Frame { conn, bytes: want.clone() };
    assert_eq!(given(&hub.handle(NOON, vec![frame]).unwrap()), 0);
    assert_eq!(given(&hub.handle(NOON + kernel::WANT_MS, vec![Input::Tick]).unwrap()), 1, "as time passes");
}

#[test]
fn what_was_asked_for_is_taken_in_by_portions_and_what_was_not_never_waits() {
    let (mut hub, doc) = hub();
    hub.set_quotas(NOTHING);
    let mut office = Liar::connect(&mut hub, OFFICE);
    let acts: Vec<Sealed> = (0..40).map(|_| unlawful(&mut office, &hub, doc)).collect();
    office.push(&mut hub, TOWN_SCOPE, &acts.iter().map(Sealed::encode).collect::<Vec<_>>());
    assert_eq!(hub.store().aside_count().unwrap(), 40);
    let conn = hub.sessions()[0].0;
    let items = acts.iter().map(|act| Carried::item(act.encode())).collect();
    let bytes = Frame::Given { scope: TOWN_SCOPE, items }.encode().unwrap();
    let answer = || vec![Input::Frame { conn, bytes: bytes.clone() }];
    hub.step(NOON, answer(), 0).unwrap();
    assert!(!hub.waits(), "nothing was asked for");
    // Unlawful acts count for nothing: here all of them are to come in.
    hub.set_quotas(Quotas { idle_acts: 1_000, ..Quotas::default() });
    hub.step(NOON, vec![Input::Tick], 0).unwrap();
    hub.step(NOON, answer(), 0).unwrap();
    assert!(hub.waits());
    assert_eq!(hub.store().aside_count().unwrap(), 40, "nothing is taken in without steps");
    let here = |hub: &Kernel| acts.iter().filter(|act| hub.store().aseq_of(&act.id()).unwrap().is_some()).count();
    while hub.waits() {
        let had = here(&hub);
        hub.step(NOON, Vec::new(), 8).unwrap();
        assert!(here(&hub) - had <= 8);
    }
    assert_eq!((here(&hub), hub.store().aside_count().unwrap()), (40, 0));
    hub.step(NOON, answer(), 0).unwrap();
    assert!(!hub.waits(), "it has answered");
}

#[test]
fn nothing_of_what_nobody_can_tell_the_signer_of_goes_to_the_city_as_a_stub() {
    let mut county = city::node(COUNTY_HUB);
    county.set_quotas(NOTHING);
    let mut office = Liar::connect(&mut county, OFFICE);
    let (act, parts) = office.compose(&county, &History::default(), city::register("假工单"));
    let mut ahead = act.registry.clone();
    ahead[0].version += 1;
    for (device, known) in [(OFFICE, true), (COUNTY_HUB, false)] {
        // By a registry that is not here yet: it is set aside, and of its own name alone it can be told that it is true.
        let sealed = office.seal(&Act { device, registry: ahead.clone(), ..act.clone() }, parts.clone());
        let answers = office.push(&mut county, TOWN_SCOPE, &[sealed.encode()]);
        assert!(office.acked(&answers, TOWN_SCOPE));
        assert_eq!(county.store().stub_of(&sealed.id()).unwrap().is_some(), known, "{device:?}");
        assert!(county.store().is_aside(&sealed.id(), store::ScopeId(TOWN.0)).unwrap(), "it is asked for");
    }
}

#[test]
fn whoever_begins_documents_without_end_is_told_of_and_nobody_is_kept_out() {
    let mut hub = city::node(HUB);
    hub.set_quotas(Quotas { begun_a_day: 3, ..Quotas::default() });
    let mut office = Liar::connect(&mut hub, OFFICE);
    for n in 0..5_u64 {
        let article = office.make(&hub, &History::default(), city::article());
        office.push(&mut hub, KNOWLEDGE, &[article.encode()]);
        assert!(hub.store().aseq_of(&article.id()).unwrap().is_some());
        assert_eq!(alarms(&hub, Alarm::ManyBegun, OFFICE), (n + 1).saturating_sub(3));
    }
}
