//! Items of kinds and forms that only a newer program understands: they stop nothing, and come again after an upgrade.

use kernel::{Input, Kernel};
use regulation::DeviceId;
use store::{AlarmRow, ScopeId};
use sync::{Carried, Frame, Mark, Name, ScopeKey, Spoken};

use crate::city::{self, CITY, HUB, NOON, OFFICE, TOWN};
use crate::liar::Liar;
use crate::net::Net;
use crate::newer::hub;

const SCOPE: ScopeKey = ScopeKey(TOWN.0);

fn cursor(hub: &Kernel) -> store::Cursor {
    hub.store().cursor(OFFICE, ScopeId(SCOPE.0)).unwrap()
}

/// The cursor of the township's feed as a peer is told it.
fn told(office: &Liar, hub: &mut Kernel) -> Option<Mark> {
    let answers = office.say(hub, &Frame::CursorsPlease);
    let [Frame::Cursors(cursors)] = answers.frames.as_slice() else { panic!("{answers:?}") };
    cursors.iter().find(|(scope, _)| *scope == SCOPE).map(|(_, mark)| *mark)
}

#[test]
fn item_of_an_unknown_kind_stops_nothing_and_comes_again_after_an_upgrade() {
    for newer in [Carried::Item { kind: 9, bytes: vec![7; 40] }, Carried::Newer] {
        let (mut hub, doc, mut office) = hub();
        let history = Liar::history(&hub, doc);
        let acts = ["一", "二", "三"].map(|tag| office.make(&hub, &history, city::tag(tag)));
        let items = acts.each_ref().map(|act| Carried::item(act.encode()));
        office.send(&mut hub, SCOPE, vec![items[0].clone()]);
        let before = cursor(&hub).received;
        // It stands before what is understood, and more follows: all of that is taken in, and acknowledged.
        let answers = office.send(&mut hub, SCOPE, vec![newer.clone(), items[1].clone()]);
        assert!(office.acked(&answers, SCOPE), "{answers:?}");
        let answers = office.send(&mut hub, SCOPE, vec![newer.clone(), items[2].clone()]);
        assert!(office.acked(&answers, SCOPE), "{answers:?}");
        assert!(acts.iter().all(|act| hub.store().aseq_of(&act.id()).unwrap().is_some()));
        assert_eq!(cursor(&hub).newer.unwrap().lseq, before.lseq);
        let alarms = hub.store().alarms(100).unwrap();
        assert!(alarms.iter().any(|row| row.kind == "newer-items" && row.over_at.is_none()), "{alarms:?}");
        let told_now = told(&office, &mut hub);

        // The same program understands no more than before.
        let mut hub = city::open(HUB, hub.into_store(), NOON, false);
        let mut office = Liar::connect(&mut hub, OFFICE);
        assert_eq!(told(&office, &mut hub), told_now);

        // Another one asks for everything from there again, once.
        let mut store = hub.into_store();
        store.begin().unwrap();
        store.set_meta("understood", b"of an older program").unwrap();
        store.commit().unwrap();
        let mut hub = city::open(HUB, store, NOON, false);
        office.reconnect(&mut hub);
        assert_eq!(told(&office, &mut hub).unwrap().lseq, before.lseq);
        assert_eq!(cursor(&hub).newer, None);
        let hub = city::open(HUB, hub.into_store(), NOON, false);
        assert_eq!(cursor(&hub).received.lseq, before.lseq, "and stays there until it came");
    }
}

#[test]
fn want_is_answered_by_act_part_and_entry_as_far_as_the_peer_may_have_them() {
    let (mut hub, doc, office) = hub();
    let given = |office: &Liar, hub: &mut Kernel, scope: ScopeKey, names: Vec<Name>| {
        hub.handle(NOON + 100_000, vec![Input::Tick]).unwrap();
        let answers = office.say(hub, &Frame::Want { scope, names });
        let [Frame::Given { items, .. }] = answers.frames.as_slice() else { panic!("{answers:?}") };
        items.clone()
    };
    let ask = |part| vec![Name { part, ..Name::of(doc.0) }];
    let whole = given(&office, &mut hub, SCOPE, ask(None));
    assert_eq!(whole.len(), 1);
    assert_eq!(given(&office, &mut hub, SCOPE, ask(Some(1))), whole, "its text is there");
    assert_eq!(given(&office, &mut hub, SCOPE, ask(Some(77))), [], "a part that it has not");
    let stub = Name { kind: 1, ..Name::of(doc.0) };
    assert_eq!(given(&office, &mut hub, SCOPE, vec![stub]), [], "of a kind that is not asked for");
    // An entry of the registry, by its name in that feed; in no other.
    let bytes = hub.registry().entries().nth(1).unwrap().to_vec();
    let id = replica::seal::hash(b"jiesu/registry/item", &bytes);
    let registry = kernel::scopes::REGISTRY;
    assert_eq!(given(&office, &mut hub, registry, vec![Name::of(id)]), [Carried::item(bytes)]);
    assert_eq!(given(&office, &mut hub, registry, ask(None)), []);
    assert_eq!(given(&office, &mut hub, SCOPE, vec![Name::of(id)]), []);
}

#[test]
fn two_nodes_without_a_common_version_both_say_which_of_them_is_too_old() {
    let mut net = Net::new(&[HUB, OFFICE]);
    let newer = Spoken { min: 2, max: 3, ..Spoken::default() };
    let person = city::people(CITY)[0];
    let doc = city::begin(net.node(HUB), NOON, person, city::register("供暖不热"));
    city::act(net.node(HUB), NOON, person, doc, city::dispatch(TOWN));
    net.node(HUB).speak(newer);
    let apart = |net: &mut Net, device: DeviceId| -> Option<AlarmRow> {
        let alarms = net.node(device).store().alarms(10).unwrap();
        alarms.into_iter().find(|row| row.kind == "versions-apart")
    };
    for _ in 0..3 {
        net.connect(HUB, OFFICE);
        net.run();
        let (old, new) = (apart(&mut net, OFFICE).unwrap(), apart(&mut net, HUB).unwrap());
        assert_eq!((old.detail.as_str(), new.detail.as_str()), ("versions 1 1 2 3", "versions 2 3 1 1"));
        assert!(new.source == format!("device {}", OFFICE.0), "{new:?}");
        assert!(kernel::read::docs(net.node(OFFICE).store()).unwrap().is_empty(), "nothing is said");
        net.cut();
    }
    // Once one of them is upgraded everything goes on, and the alarms are over by themselves.
    net.node(OFFICE).speak(newer);
    net.connect(HUB, OFFICE);
    net.run();
    assert_eq!(kernel::read::docs(net.node(OFFICE).store()).unwrap(), [doc]);
    assert!([HUB, OFFICE].iter().all(|device| apart(&mut net, *device).unwrap().over_at.is_some()));
}
