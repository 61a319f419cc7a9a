//! Acts of kinds that a newer program makes: kept byte for byte, counted, and in nobody's way.

use kernel::{Command, Kernel};
use regulation::ActId;
use replica::{History, Sealed, Signature};
use sync::ScopeKey;

use crate::city::{self, CITY, HUB, NOON, OFFICE, TOWN};
use crate::liar::Liar;

const SCOPE: ScopeKey = ScopeKey(TOWN.0);

/// A hub with a ticket of the township, and the township's device.
fn hub() -> (Kernel, ActId, Liar) {
    let mut hub = city::node(HUB);
    let person = city::people(CITY)[0];
    let doc = city::begin(&mut hub, NOON, person, city::register("供暖不热"));
    city::act(&mut hub, NOON, person, doc, city::dispatch(TOWN));
    let office = Liar::connect(&mut hub, OFFICE);
    (hub, doc, office)
}

/// An act of an unknown kind, and a known one on top of it.
fn newer(hub: &Kernel, doc: ActId, office: &mut Liar) -> (Sealed, Sealed) {
    let history = Liar::history(hub, doc);
    let unknown = office.make_unknown(hub, &history);
    let (mut act, parts) = office.compose(hub, &history, city::tag("老人"));
    act.deps = vec![unknown.id()];
    let after = office.seal(&act, parts);
    (unknown, after)
}

#[test]
fn act_of_an_unknown_kind_is_held_byte_for_byte_and_counted() {
    let (mut hub, doc, mut office) = hub();
    let (unknown, after) = newer(&hub, doc, &mut office);
    let answers = office.push(&mut hub, SCOPE, &[unknown.encode(), after.encode()]);
    assert!(office.acked(&answers, SCOPE), "it does not stop the feed: {answers:?}");
    let check = |hub: &Kernel| {
        let rows = hub.store().held_after(None, 10).unwrap();
        let held = rows.iter().find(|row| row.act == unknown.id()).unwrap();
        assert_eq!(held.bytes, unknown.encode());
        assert_eq!((held.device, held.peer), (OFFICE, Some(OFFICE)));
        assert!(held.reason.contains("Upgrade(Kind(500))"), "{}", held.reason);
        // What follows it waits too, and nothing counts as malformed.
        assert!(rows.iter().any(|row| row.act == after.id() && row.bytes == after.encode()));
        assert_eq!(hub.store().held_counts().unwrap(), [(OFFICE, 2)]);
        assert_eq!(hub.store().refused_count().unwrap(), 0);
        assert!(hub.store().aseq_of(&unknown.id()).unwrap().is_none());
    };
    check(&hub);
    let hub = city::open(HUB, hub.into_store(), NOON, false);
    check(&hub);
}

#[test]
fn ticket_with_a_held_act_stays_readable_and_others_go_on() {
    let (mut hub, doc, mut office) = hub();
    let (unknown, _) = newer(&hub, doc, &mut office);
    let before = hub.store().dump_projections().unwrap();
    office.push(&mut hub, SCOPE, &[unknown.encode()]);
    assert!(hub.store().dump_projections().unwrap() == before);
    // Another document of the same device, after it in the feed.
    let article = office.make(&hub, &History::default(), city::article());
    let answers = office.push(&mut hub, kernel::scopes::KNOWLEDGE, &[article.encode()]);
    assert!(office.acked(&answers, kernel::scopes::KNOWLEDGE));
    assert!(hub.store().aseq_of(&article.id()).unwrap().is_some());
    let command = Command::Begin(city::register("路灯不亮"));
    assert!(city::ask(&mut hub, NOON, Some(city::people(CITY)[0]), command).0.is_ok());
}

#[test]
fn unknown_kind_that_its_device_did_not_sign_is_refused() {
    let (mut hub, doc, mut office) = hub();
    let (mut unknown, _) = newer(&hub, doc, &mut office);
    unknown.signatures[0].bytes[5] ^= 1;
    office.push(&mut hub, SCOPE, &[unknown.encode()]);
    assert!(hub.store().held_counts().unwrap().is_empty());
    assert_eq!(hub.store().refused_count().unwrap(), 1);
}

#[test]
fn envelope_of_a_newer_version_or_algorithm_is_held_as_it_came() {
    for place in [1, 2] {
        let (mut hub, doc, mut office) = hub();
        let (unknown, _) = newer(&hub, doc, &mut office);
        let mut bytes = unknown.bytes;
        assert_eq!(bytes[..3], [0x89, 1, 1]);
        bytes[place] = 2;
        let signed = |bytes: Vec<u8>| {
            let bare = Sealed { bytes, signatures: Vec::new(), parts: Vec::new() };
            let signature = Signature::of_device(OFFICE, &city::key(OFFICE), &bare.id());
            Sealed { signatures: vec![signature], ..bare }
        };
        let newer = signed(bytes.clone()).encode();
        // Nothing behind the spine needs to be of a form that is known here.
        bytes.extend([0xff; 3]);
        let stranger = signed(bytes).encode();
        let answers = office.push(&mut hub, SCOPE, &[newer.clone(), stranger.clone()]);
        assert!(office.acked(&answers, SCOPE));
        assert!(hub.store().refused(10).unwrap().is_empty());
        let rows = hub.store().held_after(None, 10).unwrap();
        assert!(rows.iter().any(|row| row.bytes == newer) && rows.iter().any(|row| row.bytes == stranger));
    }
}

#[test]
fn act_whose_signatures_are_still_to_come_waits_for_them() {
    let (mut hub, doc, mut office) = hub();
    let signed = office.make(&hub, &Liar::history(&hub, doc), city::tag("供暖"));
    let bare = Sealed { signatures: Vec::new(), ..signed.clone() };
    let strange = Signature { kind: 900, signer: 4_000_000_000, bytes: vec![7; 5_000] };
    let unknown = Sealed { signatures: vec![strange], ..signed.clone() };
    office.push(&mut hub, SCOPE, &[bare.encode(), unknown.encode()]);
    assert!(hub.store().aseq_of(&signed.id()).unwrap().is_none());
    assert_eq!(hub.store().held_counts().unwrap(), [(OFFICE, 2)]);
    office.push(&mut hub, SCOPE, &[signed.encode()]);
    assert!(hub.store().aseq_of(&signed.id()).unwrap().is_some());
    assert!(hub.store().held_counts().unwrap().is_empty(), "nothing is awaited any longer");
    assert_eq!(hub.store().refused_count().unwrap(), 0);
}
