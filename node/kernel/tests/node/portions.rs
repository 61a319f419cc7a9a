//! What peers bring about is done in portions: nobody waits behind all of it, a cut loses little of it, and what was done
//! once is not done again because a peer says the same again.

use kernel::{Alarm, Command, ConnId, Effect, Input, Kernel, Request};
use regulation::ActId;
use replica::{Act, Draft, Sealed};
use sync::{Frame, Mark, ScopeKey};

use crate::city::{self, CITY, HUB, NOON, OFFICE, OTHER_OFFICE, TOWN};
use crate::liar::Liar;
use crate::net::Net;

const TOWN_SCOPE: ScopeKey = ScopeKey(TOWN.0);

/// A tag with a long text beside it.
fn long(n: usize) -> Draft {
    city::tag(&format!("标签{n}")).text(["长".repeat(50_000)])
}

/// A hub with a ticket that the township has in hand.
fn hub() -> (Kernel, ActId) {
    let mut hub = city::node(HUB);
    let doc = city::begin(&mut hub, NOON, city::people(CITY)[0], city::register("供暖不热"));
    city::act(&mut hub, NOON, city::people(CITY)[0], doc, city::dispatch(TOWN));
    (hub, doc)
}

fn replied(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Reply { result: Ok(_), .. }))
}

fn acked(effects: &[Effect]) -> bool {
    let frame = |effect: &Effect| match effect {
        Effect::Send { bytes, .. } => Frame::decode(bytes).ok(),
        _ => None,
    };
    effects.iter().filter_map(frame).any(|frame| matches!(frame, Frame::Ack { .. }))
}

#[test]
fn request_is_answered_before_what_a_peer_sent_is_taken_in() {
    let (mut hub, doc) = hub();
    let mut office = Liar::connect(&mut hub, OFFICE);
    let history = Liar::history(&hub, doc);
    let acts: Vec<Sealed> = (0..200).map(|n| office.make(&hub, &history, city::tag(&format!("标签{n}")))).collect();
    let frame = office.frame(TOWN_SCOPE, &acts.iter().map(Sealed::encode).collect::<Vec<_>>());
    let before = hub.store().stats().unwrap().rows;
    let conn = hub.sessions()[0].0;
    hub.step(NOON, vec![Input::Frame { conn, bytes: frame.encode().unwrap() }], 0).unwrap();
    assert!(hub.waits());
    assert_eq!(hub.store().stats().unwrap().rows, before, "nothing is taken in without steps");
    let command = Command::Begin(city::register("路灯不亮"));
    let ask = Request { ticket: 1, person: Some(city::people(CITY)[0]), command };
    let effects = hub.step(NOON, vec![Input::Request(Box::new(ask))], 0).unwrap();
    assert!(replied(&effects) && !acked(&effects));
    // In portions; the peer hears of it once all is stored.
    let (mut groups, mut told) = (0, false);
    while hub.waits() {
        assert!(!told, "acknowledged before everything was stored");
        let had = acts.iter().filter(|act| hub.store().aseq_of(&act.id()).unwrap().is_some()).count();
        told = acked(&hub.step(NOON, Vec::new(), 32).unwrap());
        let has = acts.iter().filter(|act| hub.store().aseq_of(&act.id()).unwrap().is_some()).count();
        assert!(has - had <= 32, "{had}, then {has}");
        groups += 1;
        if told {
            break;
        }
    }
    assert!(told && groups >= 200 / 32, "{groups} groups");
}

#[test]
fn two_peers_take_turns() {
    let (mut hub, doc) = hub();
    let other = city::begin(&mut hub, NOON, city::people(CITY)[0], city::register("路灯不亮"));
    city::act(&mut hub, NOON, city::people(CITY)[0], other, city::dispatch(city::OTHER_TOWN));
    let mut frames = Vec::new();
    for (device, doc, scope, count) in
        [(OFFICE, doc, TOWN_SCOPE, 200), (OTHER_OFFICE, other, ScopeKey(city::OTHER_TOWN.0), 1)]
    {
        let mut peer = Liar::connect(&mut hub, device);
        let history = Liar::history(&hub, doc);
        let acts: Vec<Sealed> = (0..count).map(|n| peer.make(&hub, &history, city::tag(&format!("标签{n}")))).collect();
        let frame = peer.frame(scope, &acts.iter().map(Sealed::encode).collect::<Vec<_>>());
        let conn = hub.sessions().into_iter().find(|(_, other, ..)| *other == device).unwrap().0;
        frames.push((conn, frame.encode().unwrap(), acts.last().unwrap().id()));
    }
    for (conn, bytes, _) in &frames {
        hub.step(NOON, vec![Input::Frame { conn: *conn, bytes: bytes.clone() }], 0).unwrap();
    }
    hub.step(NOON, Vec::new(), 64).unwrap();
    let here = |hub: &Kernel, at: usize| hub.store().aseq_of(&frames[at].2).unwrap().is_some();
    assert!(!here(&hub, 0) && here(&hub, 1), "the second waits behind the whole of the first");
}

#[test]
fn hub_confirms_in_portions() {
    let mut hub = city::node(HUB);
    let docs: Vec<ActId> =
        (0..40).map(|n| city::begin(&mut hub, NOON, city::people(CITY)[0], city::register(&format!("{n}")))).collect();
    for doc in &docs {
        city::act(&mut hub, NOON, city::people(CITY)[0], *doc, city::dispatch(TOWN));
    }
    let mut office = Liar::connect(&mut hub, OFFICE);
    let histories: Vec<_> = docs.iter().map(|doc| Liar::history(&hub, *doc)).collect();
    let acts: Vec<Vec<u8>> = histories.iter().map(|h| office.make(&hub, h, city::tag("供暖")).encode()).collect();
    let frame = office.frame(TOWN_SCOPE, &acts).encode().unwrap();
    let conn = hub.sessions()[0].0;
    hub.step(NOON, vec![Input::Frame { conn, bytes: frame }], 0).unwrap();
    let (mut most, mut seen) = (0, 0);
    for _ in 0..200 {
        if hub.settled() && !hub.waits() {
            break;
        }
        hub.step(NOON, vec![Input::Tick], 16).unwrap();
        let now = hub.store().stats().unwrap().rows.iter().find(|(table, _)| *table == "acts").unwrap().1;
        most = most.max(now - seen.max(80));
        seen = now;
    }
    assert!(hub.settled());
    assert!(most <= 24, "{most} acts in one group");
}

/// Portion by portion.
fn all_acts(node: &Kernel, doc: store::DocNo) -> Vec<store::ActRow> {
    let mut acts: Vec<store::ActRow> = Vec::new();
    loop {
        let after = acts.last().map_or(store::Aseq(0), |act| act.aseq);
        let portion = node.store().acts_of(doc, after).unwrap();
        if portion.is_empty() {
            return acts;
        }
        acts.extend(portion);
    }
}

#[test]
fn large_document_enters_by_several_entries_and_goes_on_where_the_link_was_cut() {
    let mut net = Net::new(&[HUB, OFFICE]);
    let person = city::people(CITY)[0];
    let hub = net.node(HUB);
    let doc = city::begin(hub, NOON, person, city::register("供暖不热"));
    for n in 0..40 {
        city::act(hub, NOON, person, doc, long(n));
    }
    city::act(hub, NOON, person, doc, city::dispatch(TOWN));
    let row = hub.store().doc_no(&doc).unwrap().unwrap();
    let acts = all_acts(hub, row);
    let bytes: usize = acts.iter().flat_map(|act| &act.parts).map(|part| part.bytes.len()).sum();
    assert!(bytes > sync::session::PIECES_BYTES_MAX, "{bytes} bytes do not show anything");
    let entries = hub.store().feed_head(store::ScopeId(TOWN.0)).unwrap().lseq;
    assert!(entries >= 3, "{entries} entries");
    net.connect(HUB, OFFICE);
    // The link is cut once something is acknowledged.
    while net.node(HUB).store().cursor(OFFICE, store::ScopeId(TOWN.0)).unwrap().acked.lseq == 0 {
        assert!(net.step(), "nothing of it ever comes through");
    }
    net.cut();
    let before: usize = net.frames.iter().map(|(_, bytes)| bytes.len()).sum();
    net.connect(HUB, OFFICE);
    net.run();
    let after: usize = net.frames.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() - before;
    let office = net.node(OFFICE);
    let there = office.store().doc_no(&doc).unwrap().unwrap();
    assert!(all_acts(office, there).len() >= acts.len());
    assert_eq!(office.store().refused_count().unwrap(), 0);
    assert!(after < before + 100_000, "{before} bytes before the cut and {after} after it");
}

#[test]
fn what_a_peer_told_once_is_not_looked_at_again() {
    let (mut hub, doc) = hub();
    for n in 0..200 {
        city::act(&mut hub, NOON, city::people(CITY)[0], doc, city::tag(&format!("标签{n}")));
    }
    let office = Liar::connect(&mut hub, OFFICE);
    let conn = hub.sessions()[0].0;
    let head = hub.store().feed_head(store::ScopeId(TOWN.0)).unwrap();
    let all = Mark { lseq: head.lseq, running: head.running };
    office.say(&mut hub, &Frame::Ack { scope: TOWN_SCOPE, mark: all, gap: false });
    let cursor = |hub: &Kernel| hub.store().cursor(OFFICE, store::ScopeId(TOWN.0)).unwrap();
    // What it was dispatched has arrived: the hub has witnessed that, in a further entry.
    assert!(cursor(&hub).arrived >= head.lseq && hub.store().feed_head(store::ScopeId(TOWN.0)).unwrap() != head);
    for round in 1..10 {
        for frame in [
            Frame::Rewind { scope: TOWN_SCOPE, mark: Mark::default(), round },
            Frame::Ack { scope: TOWN_SCOPE, mark: all, gap: false },
        ] {
            hub.step(NOON, vec![Input::Frame { conn, bytes: frame.encode().unwrap() }], 0).unwrap();
        }
        assert_eq!(cursor(&hub).acked.lseq, all.lseq);
        // One look of a few entries is enough to see that there is nothing new.
        let looked = hub.step(NOON, Vec::new(), 16).unwrap();
        assert!(looked.len() < 100);
        assert!(cursor(&hub).arrived >= head.lseq);
    }
}

#[test]
fn twins_in_two_documents_are_told_with_both_ids() {
    let (mut hub, doc) = hub();
    let other = city::begin(&mut hub, NOON, city::people(CITY)[0], city::register("路灯不亮"));
    city::act(&mut hub, NOON, city::people(CITY)[0], other, city::dispatch(TOWN));
    let mut office = Liar::connect(&mut hub, OFFICE);
    let twin = |liar: &mut Liar, doc: ActId| {
        let (act, parts) = liar.compose(&hub, &Liar::history(&hub, doc), city::tag("供暖"));
        liar.seal(&Act { dseq: 1, ..act }, parts)
    };
    let acts = [twin(&mut office, doc), twin(&mut office, other)];
    office.push(&mut hub, TOWN_SCOPE, &acts.each_ref().map(Sealed::encode));
    for act in &acts {
        assert!(hub.store().aseq_of(&act.id()).unwrap().is_some(), "both are kept");
    }
    let alarm = hub.store().alarm(Alarm::TwinActs.code(), &format!("device {}", OFFICE.0)).unwrap().unwrap();
    assert!(acts.iter().all(|act| alarm.detail.contains(&act.id().hex())), "{}", alarm.detail);
    // Once: the same acts again are no further twins.
    office.push(&mut hub, TOWN_SCOPE, &acts.each_ref().map(Sealed::encode));
    assert_eq!(hub.store().alarm(Alarm::TwinActs.code(), &alarm.source).unwrap().unwrap().count, alarm.count);
}

#[test]
fn peers_that_let_pieces_pile_up_are_sent_away_once_there_is_no_room() {
    let (mut hub, _) = hub();
    let piece = |number: u64| {
        let items = vec![sync::frame::Carried::item(vec![7; 900_000])];
        Frame::Pieces { scope: TOWN_SCOPE, number, items }.encode().unwrap()
    };
    let key = city::key(OFFICE).public();
    let digest = sync::frame::cursor_digest(std::iter::empty());
    let hello =
        Frame::Hello(sync::Hello { min: 1, max: 1, digest, ask: false, ..sync::Hello::default() }).encode().unwrap();
    let mut sent_away = 0;
    for n in 0..80 {
        let conn = ConnId(1_000 + n);
        hub.handle(NOON, vec![Input::Connected { conn, key }, Input::Frame { conn, bytes: hello.clone() }]).unwrap();
        for number in 1..=4 {
            let effects = hub.handle(NOON, vec![Input::Frame { conn, bytes: piece(number) }]).unwrap();
            sent_away += effects.iter().filter(|effect| matches!(effect, Effect::Close { .. })).count();
        }
    }
    assert!(sent_away >= 5, "{sent_away} of 80");
}
