//! Private parts: who is sent them, who never is, and that everything else comes to the same without them.

use kernel::equal::{Compared, Holding, compare};
use kernel::{Command, ConnId, Effect, Input, Kernel, Request};
use regulation::act::{Body, Dispatch};
use regulation::{ActId, DeviceId, UnitId};
use replica::{Draft, PartKind};
use store::ACT_ROWS_MAX;
use sync::frame::{Carried, Frame};

use crate::city::{self, CITY, COUNTY, COUNTY_HUB, HUB, LAPTOP, NOON, OFFICE, OTHER_OFFICE, OTHER_TOWN, TOWN};
use crate::net::Net;

/// As `city::register` writes it.
const PHONE: &[u8] = b"13800000000";

fn linked() -> Net {
    let mut net = Net::new(&[HUB, LAPTOP, COUNTY_HUB, OFFICE, OTHER_OFFICE]);
    link(&mut net);
    net
}

fn link(net: &mut Net) {
    for (a, b) in [(HUB, LAPTOP), (HUB, COUNTY_HUB), (COUNTY_HUB, OFFICE), (COUNTY_HUB, OTHER_OFFICE)] {
        net.connect(a, b);
    }
    net.run();
}

fn give(net: &mut Net, device: DeviceId, command: Command) -> ActId {
    let unit = city::DEVICES.iter().find(|(id, ..)| *id == device).unwrap().1;
    let (done, effects) = city::ask(net.node(device), NOON, Some(city::people(unit)[0]), command);
    net.spread(device, effects);
    net.run();
    match done {
        Ok(kernel::Done::Made { act, .. }) => act,
        other => panic!("{other:?}"),
    }
}

fn register(net: &mut Net, confidential: bool) -> ActId {
    let mut draft = city::register("供暖不热");
    if let Body::Register(register) = &mut draft.body {
        register.confidential = confidential;
    }
    give(net, HUB, Command::Begin(draft))
}

fn act(net: &mut Net, device: DeviceId, doc: ActId, body: Body) {
    give(net, device, Command::Act { doc, draft: Draft::new(body).text(["按规定办理"]) });
}

fn dispatch(lead: UnitId, assisting: &[UnitId]) -> Dispatch {
    Dispatch { lead, assisting: assisting.to_vec() }
}

/// Acts of a document here, and how many private parts of them.
fn held(kernel: &Kernel, doc: ActId) -> (usize, usize) {
    let Some(doc) = kernel.store().doc_no(&doc).unwrap() else { return (0, 0) };
    let acts = kernel.store().acts_of(doc, store::Aseq(0)).unwrap();
    let private = acts.iter().flat_map(|act| &act.parts).filter(|part| part.kind == PartKind::Private.number());
    (acts.len(), private.count())
}

/// Whether the telephone number stands anywhere in what a node keeps of acts.
fn knows(kernel: &Kernel) -> bool {
    let has = |bytes: &[u8]| bytes.windows(PHONE.len()).any(|window| window == PHONE);
    let acts = kernel.store().acts_after(store::Aseq(0), ACT_ROWS_MAX).unwrap();
    acts.iter().any(|act| has(&act.bytes) || act.parts.iter().any(|part| has(&part.bytes)))
        || kernel.store().held_after(None, 1_000).unwrap().iter().any(|held| has(&held.bytes))
}

fn carries(frame: &[u8]) -> bool {
    let (Frame::Batch { items, .. } | Frame::Pieces { items, .. }) = Frame::decode(frame).unwrap() else {
        return false;
    };
    items
        .iter()
        .any(|item| matches!(item, Carried::Item { bytes, .. } if bytes.windows(PHONE.len()).any(|w| w == PHONE)))
}

fn all_equal(net: &Net) -> Compared {
    let mut all = Compared::default();
    for (at, (a, x)) in net.nodes.iter().enumerate() {
        for (b, y) in &net.nodes[at + 1..] {
            let one = Holding { device: *a, store: x.store(), registry: x.registry() };
            let other = Holding { device: *b, store: y.store(), registry: y.registry() };
            all.docs += compare(one, other).unwrap().docs;
        }
    }
    all
}

#[test]
fn recused_unit_is_never_sent_private_parts_and_all_else_comes_to_the_same() {
    let mut net = linked();
    let doc = register(&mut net, false);
    act(&mut net, HUB, doc, Body::Recuse { unit: TOWN });
    act(&mut net, HUB, doc, Body::Dispatch(dispatch(OTHER_TOWN, &[TOWN])));
    act(&mut net, OFFICE, doc, Body::SignFor);
    act(&mut net, OTHER_OFFICE, doc, Body::SignFor);
    act(&mut net, OFFICE, doc, Body::AssistFeedback);
    let count = held(net.node(HUB), doc).0;
    for (device, private) in [(HUB, 1), (LAPTOP, 1), (COUNTY_HUB, 1), (OFFICE, 0), (OTHER_OFFICE, 1)] {
        assert_eq!(held(net.node(device), doc), (count, private), "{device:?}");
        assert_eq!(knows(net.node(device)), private == 1, "{device:?}");
    }
    assert!(!net.frames.iter().any(|(to, frame)| *to == OFFICE && carries(frame)));
    assert_eq!(all_equal(&net).docs, 6, "every two that share a scope");
    // Everything is computed again without it.
    let dump = net.node(OFFICE).store().dump_projections().unwrap();
    city::ask(net.node(OFFICE), NOON, None, Command::Rebuild).0.unwrap();
    assert!(net.node(OFFICE).store().dump_projections().unwrap() == dump);
}

#[test]
fn unit_that_begins_anew_after_its_recusal_does_not_get_back_what_it_had() {
    let mut net = linked();
    let doc = register(&mut net, false);
    act(&mut net, HUB, doc, Body::Dispatch(dispatch(OTHER_TOWN, &[TOWN])));
    assert_eq!(held(net.node(OFFICE), doc).1, 1);
    act(&mut net, HUB, doc, Body::Recuse { unit: TOWN });
    assert_eq!(held(net.node(OFFICE), doc).1, 1, "what it has it has: its pages do not show it");
    assert_eq!(all_equal(&net).docs, 6);
    net.cut();
    let count = held(net.node(HUB), doc).0;
    *net.node(OFFICE) = city::node(OFFICE);
    link(&mut net);
    assert!(held(net.node(OFFICE), doc) == (count, 0) && !knows(net.node(OFFICE)));
    assert_eq!(all_equal(&net).docs, 6);
}

#[test]
fn recusal_counts_for_a_peer_that_comes_in_the_same_moment() {
    let mut net = Net::new(&[HUB]);
    let doc = register(&mut net, false);
    let person = Some(city::people(CITY)[0]);
    let request = |body| {
        let draft = Draft::new(body).text(["回避"]);
        Input::Request(Box::new(Request { ticket: 1, person, command: Command::Act { doc, draft } }))
    };
    let (conn, key) = (ConnId(9), city::key(OFFICE).public());
    let inputs = vec![
        request(Body::Recuse { unit: TOWN }),
        request(Body::Dispatch(dispatch(OTHER_TOWN, &[TOWN]))),
        Input::Connected { conn, key },
    ];
    let effects = net.node(HUB).handle(NOON, inputs).unwrap();
    let frames: Vec<&Vec<u8>> =
        effects.iter().filter_map(|e| if let Effect::Send { bytes, .. } = e { Some(bytes) } else { None }).collect();
    let items = |frame: &&Vec<u8>| matches!(Frame::decode(frame), Ok(Frame::Batch { scope, .. }) if scope.0 == TOWN.0);
    assert!(frames.iter().any(items), "the ticket itself is sent");
    assert!(!frames.iter().any(|frame| carries(frame)));
}

#[test]
fn recused_relay_does_not_carry_and_whoever_may_have_it_gets_it_from_the_city() {
    let mut net = linked();
    let doc = register(&mut net, false);
    act(&mut net, HUB, doc, Body::Recuse { unit: COUNTY });
    act(&mut net, HUB, doc, Body::Dispatch(dispatch(TOWN, &[])));
    for device in [COUNTY_HUB, OFFICE] {
        assert_eq!(held(net.node(device), doc).1, 0, "{device:?}");
    }
    net.connect(HUB, OFFICE);
    net.run();
    assert_eq!(held(net.node(OFFICE), doc).1, 1);
    assert!(!knows(net.node(COUNTY_HUB)), "nor does the town hand it up");
    assert!(all_equal(&net).docs > 0);
}

#[test]
fn confidential_goes_to_units_with_a_part_and_those_between_and_to_whoever_is_asked_only_once_it_has_one() {
    let mut net = linked();
    for confidential in [true, false] {
        let doc = register(&mut net, confidential);
        act(&mut net, HUB, doc, Body::Dispatch(dispatch(TOWN, &[])));
        act(&mut net, OFFICE, doc, Body::SignFor);
        act(&mut net, OFFICE, doc, Body::Escalate { to: OTHER_TOWN });
        let private = |net: &mut Net| [HUB, COUNTY_HUB, OFFICE, OTHER_OFFICE].map(|d| held(net.node(d), doc).1);
        assert_eq!(private(&mut net), [1, 1, 1, usize::from(!confidential)]);
        assert_eq!(held(net.node(OTHER_OFFICE), doc).0, held(net.node(HUB), doc).0, "the acts it has");
        assert!(all_equal(&net).docs > 0);
        // Over the same connections: what was sent without its private part is sent once more.
        act(&mut net, HUB, doc, Body::Redispatch(dispatch(OTHER_TOWN, &[])));
        assert_eq!(private(&mut net), [1, 1, 1, 1], "what a unit was sent is not taken from it");
        assert!(all_equal(&net).docs > 0);
    }
}

#[test]
fn confidentiality_that_is_corrected_acts_at_once_and_what_is_lifted_is_sent() {
    let mut net = linked();
    let correct = |confidential| Body::Reclassify { kind: None, confidential: Some(confidential), anonymous: None };
    let doc = register(&mut net, false);
    act(&mut net, HUB, doc, Body::Dispatch(dispatch(TOWN, &[])));
    act(&mut net, OFFICE, doc, Body::SignFor);
    act(&mut net, HUB, doc, correct(true));
    act(&mut net, OFFICE, doc, Body::Escalate { to: OTHER_TOWN });
    assert_eq!(held(net.node(OTHER_OFFICE), doc), (held(net.node(HUB), doc).0, 0), "asked, without a part in it");
    assert!(!net.frames.iter().any(|(to, frame)| *to == OTHER_OFFICE && carries(frame)));
    act(&mut net, HUB, doc, correct(false));
    assert_eq!(held(net.node(OTHER_OFFICE), doc).1, 1, "over the same connections");
    assert!(all_equal(&net).docs > 0);
}

#[test]
fn praise_goes_to_the_unit_that_is_praised_and_is_shown_it_until_it_is_filed() {
    let mut net = linked();
    let mut draft = city::register("感谢义安镇");
    if let Body::Register(register) = &mut draft.body {
        register.kind = regulation::act::RequestKind::Praise;
    }
    let doc = give(&mut net, HUB, Command::Begin(draft));
    act(&mut net, HUB, doc, Body::Convey { unit: TOWN });
    assert_eq!(held(net.node(OFFICE), doc).0, held(net.node(HUB), doc).0);
    assert_eq!(held(net.node(OTHER_OFFICE), doc), (0, 0));
    let shown = |net: &mut Net| {
        let store = net.node(OFFICE).store();
        let row = store.ticket(store.doc_no(&doc).unwrap().unwrap()).unwrap().unwrap();
        row.units.iter().map(|one| (one.unit, one.open)).collect::<Vec<_>>()
    };
    assert_eq!(shown(&mut net), [(TOWN, true)]);
    act(&mut net, HUB, doc, Body::Archive);
    assert_eq!(shown(&mut net), [(TOWN, false)]);
    assert!(all_equal(&net).docs > 0);
}

#[test]
fn confidential_ticket_of_a_unit_reaches_the_city_whole_through_the_county() {
    let mut net = linked();
    let mut draft = city::register("举报偷排");
    if let Body::Register(register) = draft.body {
        draft.body = Body::RegisterByProxy(regulation::Register { confidential: true, ..register });
    }
    let doc = give(&mut net, OFFICE, Command::Begin(draft));
    for (device, private) in [(HUB, 1), (COUNTY_HUB, 1), (OFFICE, 1), (OTHER_OFFICE, 0)] {
        assert_eq!(held(net.node(device), doc).1, private, "{device:?}");
    }
    // The unit that wrote it down is what it is about: another one gets the ticket, and it keeps what it wrote.
    act(&mut net, HUB, doc, Body::ConfirmIntake);
    act(&mut net, HUB, doc, Body::Recuse { unit: TOWN });
    act(&mut net, HUB, doc, Body::Dispatch(dispatch(OTHER_TOWN, &[])));
    assert_eq!(held(net.node(OTHER_OFFICE), doc).1, 1);
    assert!(all_equal(&net).docs > 0);
}

#[test]
fn report_of_interference_is_between_its_author_and_the_city() {
    let mut net = linked();
    let doc = register(&mut net, false);
    act(&mut net, HUB, doc, Body::Dispatch(dispatch(TOWN, &[OTHER_TOWN])));
    act(&mut net, OFFICE, doc, Body::SignFor);
    act(&mut net, OFFICE, doc, Body::ReportInterference);
    let count = held(net.node(HUB), doc).0;
    // The county lies on the way and carries it; whoever else handles the ticket learns nothing.
    for (device, private) in [(HUB, 2), (LAPTOP, 2), (COUNTY_HUB, 2), (OFFICE, 2), (OTHER_OFFICE, 1)] {
        assert_eq!(held(net.node(device), doc), (count, private), "{device:?}");
    }
    all_equal(&net);
    let registry = net.node(HUB).registry().clone();
    let hidden =
        |viewer| kernel::withheld::confided(&registry.now(), viewer, (TOWN, regulation::ActKind::ReportInterference));
    assert_eq!([CITY, TOWN, COUNTY, OTHER_TOWN].map(hidden), [false, false, true, true]);
    // Nor is the confirmation shown that confirms nothing else, nor are the heads that tell of the two.
    let history = kernel::read::history(net.node(HUB).store(), &registry, doc).unwrap();
    let last = history.nodes().last().unwrap();
    assert_eq!((last.fact.body.kind(), history.nodes().len()), (regulation::ActKind::Settle, count));
    let at = registry.now();
    for (viewer, shown) in [(CITY, count), (TOWN, count), (COUNTY, count - 2), (OTHER_TOWN, count - 2)] {
        let hidden = kernel::withheld::hidden(&history, &at, viewer);
        assert_eq!(history.nodes().len() - hidden.len(), shown, "{viewer:?}");
        let heads = kernel::withheld::shown_heads(&history, &hidden);
        assert!(heads.iter().all(|head| !hidden.contains(&history.index_of(*head).unwrap())), "{viewer:?}");
        assert_eq!((heads.len(), heads.contains(&last.id)), (1, shown == count), "{viewer:?}");
    }
    let row = net.node(OTHER_OFFICE).store();
    let row = row.ticket(row.doc_no(&doc).unwrap().unwrap()).unwrap().unwrap();
    assert_eq!(row.unsettled, 0);
}
