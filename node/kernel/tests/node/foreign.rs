//! A peer with a valid key that knows ids of tickets that it has no part in: they open nothing and tell nothing.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use kernel::{Input, Kernel, read, scopes};
use regulation::act::{Body, Dispatch};
use regulation::{ActId, DeviceId};
use replica::{Act, Draft, History, Sealed};
use sync::frame::Carried;
use sync::{Frame, Mark, ScopeKey};

use crate::city::{self, CITY, COUNTY, COUNTY_HUB, HUB, NOON, OFFICE, OTHER_OFFICE, OTHER_TOWN, TOWN};
use crate::hostile::hub;
use crate::liar::{Answers, Liar};
use crate::net::Net;

const TOWN_SCOPE: ScopeKey = ScopeKey(TOWN.0);
const UNKNOWN: ActId = ActId([0x42; 32]);

fn heads(kernel: &Kernel, doc: ActId) -> Vec<ActId> {
    Liar::history(kernel, doc).heads()
}

/// What a hub says and does about what a liar sends, in a case of its own: every answer, every statement of its store, and
/// what it does by itself afterwards.
fn told(
    build: impl Fn() -> (Kernel, Vec<ActId>),
    device: DeviceId,
    lie: impl Fn(&mut Liar, &mut Kernel, &[ActId]) -> Vec<Answers>,
) -> (String, Vec<String>, Kernel) {
    let (hub, ids) = build();
    let mut store = hub.into_store();
    let trace: Arc<Mutex<Vec<String>>> = Arc::default();
    let keep = Arc::clone(&trace);
    store.trace(move |sql| keep.lock().unwrap().push(sql.to_owned())).unwrap();
    let mut hub = city::open(HUB, store, NOON, false);
    let mut liar = Liar::connect(&mut hub, device);
    let before = cursors(&hub, device);
    trace.lock().unwrap().clear();
    let mut said = lie(&mut liar, &mut hub, &ids);
    for _ in 0..3 {
        said.push(liar.say(&mut hub, &Frame::CursorsPlease));
        let ticked = hub.handle(NOON + 1, vec![Input::Tick]).unwrap();
        assert!(ticked.is_empty(), "{ticked:?}");
    }
    let statements = trace.lock().unwrap().clone();
    (format!("{said:?} {before:?} {:?}", cursors(&hub, device)), statements, hub)
}

fn cursors(kernel: &Kernel, device: DeviceId) -> Vec<store::Cursor> {
    let scopes = [TOWN_SCOPE, scopes::KNOWLEDGE, scopes::REGISTRY, ScopeKey(COUNTY.0)];
    scopes.map(|scope| kernel.store().cursor(device, store::ScopeId(scope.0)).unwrap()).to_vec()
}

/// Two cases are the same to whoever looks from outside, and to the disk.
fn same(
    build: impl Fn() -> (Kernel, Vec<ActId>) + Copy,
    device: DeviceId,
    foreign: impl Fn(&mut Liar, &mut Kernel, &[ActId]) -> Vec<Answers>,
    unknown: impl Fn(&mut Liar, &mut Kernel, &[ActId]) -> Vec<Answers>,
) -> Kernel {
    let (said, did, hub) = told(build, device, foreign);
    let (said_of_unknown, did_of_unknown, _) = told(build, device, unknown);
    assert_eq!(said, said_of_unknown, "the answers tell");
    assert_eq!(did, did_of_unknown, "the store does something else");
    hub
}

fn tagged(liar: &mut Liar, hub: &Kernel, doc: ActId, deps: Vec<ActId>) -> Sealed {
    let (act, parts) = liar.compose(hub, &History::default(), city::tag("供暖"));
    liar.seal(&Act { doc: Some(doc), deps, ..act }, parts)
}

#[test]
fn act_on_a_foreign_ticket_opens_nothing_and_tells_nothing() {
    let build = || {
        let (hub, docs) = hub();
        let heads = [heads(&hub, docs[1])[0], heads(&hub, docs[2])[0]];
        (hub, [&docs[..], &heads].concat())
    };
    for scope in [TOWN_SCOPE, scopes::KNOWLEDGE] {
        for (doc, head) in [(1, 3), (2, 4)] {
            let push = |liar: &mut Liar, hub: &mut Kernel, doc: ActId, deps: Vec<ActId>| {
                let acts = [
                    tagged(liar, hub, doc, deps.clone()),
                    tagged(liar, hub, doc, deps.clone()),
                    liar.make_unknown_on(hub, doc, deps),
                ];
                let mut said: Vec<Answers> = acts.iter().map(|act| liar.push(hub, scope, &[act.encode()])).collect();
                said.push(liar.push(hub, scope, &acts.each_ref().map(Sealed::encode)));
                said.push(liar.send(hub, scope, vec![Carried::Known(doc.0)]));
                for (kind, part) in [(0, None), (0, Some(1)), (0, Some(9)), (1, None), (7, None)] {
                    let names = vec![sync::Name { kind, id: doc.0, part }];
                    said.push(liar.say(hub, &Frame::Want { scope, names }));
                }
                said.push(liar.say(hub, &Frame::Rewind { scope, mark: Mark::default(), round: 1 }));
                said
            };
            let hub = same(
                build,
                OFFICE,
                |liar, hub, ids| push(liar, hub, ids[doc], vec![ids[head]]),
                |liar, hub, _| push(liar, hub, UNKNOWN, vec![ActId([0x43; 32])]),
            );
            // No ticket of others is in a scope of the township's, and its acts on them are kept, unlooked at.
            let (_, ids) = build();
            for scope in [TOWN_SCOPE, scopes::KNOWLEDGE] {
                let acts = read::scope_acts(hub.store(), scope).unwrap();
                assert!(!acts.contains(&ids[doc]) && !acts.contains(&ids[head]));
            }
            assert_eq!(Liar::history(&hub, ids[doc]).nodes().len(), Liar::history(&build().0, ids[doc]).nodes().len());
            assert_eq!(hub.store().held_counts().unwrap(), [(OFFICE, 3)]);
        }
    }
}

#[test]
fn what_came_after_a_unit_lost_a_ticket_is_as_unknown_to_it_as_what_never_was() {
    // The township had the first ticket; another has it now, and what that did stands in no feed of the township's.
    let build = || {
        let (mut hub, docs) = hub();
        let person = city::people(CITY)[0];
        let (doc, redispatch) = (docs[0], Body::Redispatch(Dispatch { lead: OTHER_TOWN, assisting: Vec::new() }));
        let known = heads(&hub, doc)[0];
        city::act(&mut hub, NOON, person, doc, Draft::new(redispatch).text(["管辖不同"]));
        hub.handle(NOON, vec![Input::Tick]).unwrap();
        let later = city::act(&mut hub, NOON, person, doc, city::tag("转办"));
        assert!(!read::scope_acts(hub.store(), TOWN_SCOPE).unwrap().contains(&later));
        (hub, vec![doc, known, later])
    };
    let push = |liar: &mut Liar, hub: &mut Kernel, doc: ActId, deps: Vec<ActId>| {
        let act = tagged(liar, hub, doc, deps.clone());
        let names = liar.send(hub, TOWN_SCOPE, vec![Carried::Known(deps[0].0)]);
        let wants = liar.say(hub, &Frame::Want { scope: TOWN_SCOPE, names: vec![sync::Name::of(deps[0].0)] });
        vec![names, wants, liar.push(hub, TOWN_SCOPE, &[act.encode()])]
    };
    let mut hub = same(
        build,
        OFFICE,
        |liar, hub, ids| push(liar, hub, ids[0], vec![ids[2]]),
        |liar, hub, ids| push(liar, hub, ids[0], vec![UNKNOWN]),
    );
    let (_, ids) = build();
    assert!(!read::scope_acts(hub.store(), TOWN_SCOPE).unwrap().contains(&ids[2]));
    // What it does late on what it knows is taken in, and counts in its scope.
    let mut office = Liar::connect(&mut hub, OFFICE);
    office.skip(100);
    let late = tagged(&mut office, &hub, ids[0], vec![ids[1]]);
    office.push(&mut hub, TOWN_SCOPE, &[late.encode()]);
    assert!(hub.store().aseq_of(&late.id()).unwrap().is_some());
    assert!(read::scope_acts(hub.store(), TOWN_SCOPE).unwrap().contains(&late.id()));
}

#[test]
fn county_that_lost_a_ticket_gives_on_no_more_than_it_had() {
    let mut hub = city::node(HUB);
    let person = city::people(CITY)[0];
    let doc = city::begin(&mut hub, NOON, person, city::register("供暖不热"));
    let dispatch = city::act(&mut hub, NOON, person, doc, city::dispatch(COUNTY));
    let had = Liar::history(&hub, doc);
    let before: Vec<Vec<u8>> = sealed(&hub, doc);
    let redispatch = Body::Redispatch(Dispatch { lead: OTHER_TOWN, assisting: Vec::new() });
    city::act(&mut hub, NOON, person, doc, Draft::new(redispatch).text(["管辖不同"]));
    hub.handle(NOON, vec![Input::Tick]).unwrap();
    let later = city::act(&mut hub, NOON, person, doc, city::tag("转办"));
    let county_had = read::scope_acts(hub.store(), ScopeKey(COUNTY.0)).unwrap();
    assert!(!county_had.contains(&later));
    // Made on what it had, it is lawful, and falls. All that it was made on comes with it.
    let mut county = Liar::connect(&mut hub, COUNTY_HUB);
    let give = Body::SubDispatch(Dispatch { lead: TOWN, assisting: Vec::new() });
    let sub = county.make(&hub, &had, Draft::new(give).text(["请办理"]).answering(Some(dispatch)));
    let items = [before, vec![sub.encode()]].concat();
    county.push(&mut hub, TOWN_SCOPE, &items);
    assert_eq!(hub.store().act(&sub.id()).unwrap().unwrap().rule, None);
    let town = read::scope_acts(hub.store(), TOWN_SCOPE).unwrap();
    let allowed: BTreeSet<ActId> = county_had.iter().copied().chain([sub.id()]).collect();
    assert!(town.contains(&sub.id()) && town.contains(&doc));
    assert!(town.is_subset(&allowed), "it got what came after the county had lost the ticket");
    hub.handle(NOON, vec![Input::Tick]).unwrap();
    assert!(read::scope_acts(hub.store(), TOWN_SCOPE).unwrap().is_subset(&allowed));
}

/// The acts of a document as a node has them.
fn sealed(kernel: &Kernel, doc: ActId) -> Vec<Vec<u8>> {
    let row = kernel.store().doc_no(&doc).unwrap().unwrap();
    kernel.store().acts_of(row, store::Aseq(0)).unwrap().iter().map(|act| read::sealed(act).unwrap().encode()).collect()
}

#[test]
fn ticket_that_a_peer_shows_to_be_of_the_scope_is_taken_in_at_once_and_in_pieces() {
    let (hub, docs) = hub();
    let acts = sealed(&hub, docs[0]);
    // Whole, one by one, and from the end: what shows that it is the township's is the dispatch.
    let orders: [Vec<Vec<usize>>; 3] = [vec![vec![0, 1]], vec![vec![0], vec![1]], vec![vec![1], vec![0]]];
    for order in orders {
        let mut county = city::node(COUNTY_HUB);
        let mut office = Liar::connect(&mut county, OFFICE);
        for batch in order {
            let items: Vec<&Vec<u8>> = batch.iter().map(|at| &acts[*at]).collect();
            office.push(&mut county, TOWN_SCOPE, &items);
        }
        assert_eq!(Liar::history(&county, docs[0]).nodes().len(), 2);
        assert_eq!(county.store().held_counts().unwrap(), []);
        assert_eq!(read::scope_acts(county.store(), TOWN_SCOPE).unwrap().len(), 2);
    }
    // Without it nothing shows that: it waits, and is of no scope.
    let mut county = city::node(COUNTY_HUB);
    let mut office = Liar::connect(&mut county, OFFICE);
    let answers = office.push(&mut county, TOWN_SCOPE, &acts[..1]);
    assert!(office.acked(&answers, TOWN_SCOPE));
    assert!(read::docs(county.store()).unwrap().is_empty());
    assert_eq!(county.store().held_counts().unwrap(), [(OFFICE, 1)], "whoever brought it answers for it");
}

#[test]
fn act_that_waited_for_a_part_is_taken_in_when_its_scope_is_given_one() {
    let (hub, docs) = hub();
    let mut net = Net::new(&[OFFICE, OTHER_OFFICE]);
    net.nodes.push((HUB, hub));
    // The township knew of the ticket before it was given it.
    let hub = net.node(HUB);
    let mut office = Liar::connect(hub, OFFICE);
    let early = tagged(&mut office, hub, docs[2], vec![docs[2]]);
    office.push(hub, TOWN_SCOPE, &[early.encode()]);
    assert!(hub.store().aseq_of(&early.id()).unwrap().is_none());
    city::act(hub, NOON, city::people(CITY)[0], docs[2], city::dispatch(TOWN));
    assert!(hub.store().aseq_of(&early.id()).unwrap().is_some());
    assert_eq!(hub.store().held_counts().unwrap(), []);
}
