//! Acts of kinds that a newer program makes: kept byte for byte, counted, and in nobody's way.

use kernel::{Command, Kernel, Quotas};
use regulation::ActId;
use replica::{History, Sealed, Signature};
use sync::ScopeKey;

use crate::city::{self, CITY, COUNTY, COUNTY_HUB, HUB, NOON, OFFICE, TOWN};
use crate::liar::Liar;

const SCOPE: ScopeKey = ScopeKey(TOWN.0);

/// A hub with a ticket of the township, and the township's device.
pub fn hub() -> (Kernel, ActId, Liar) {
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
        // What follows it waits too, and nothing counts as malformed.
        for sealed in [&unknown, &after] {
            let row = hub.store().act(&sealed.id()).unwrap().unwrap();
            assert_eq!(kernel::read::sealed(&row).unwrap().encode(), sealed.encode());
            assert_eq!((row.verdict, row.device, row.peer), (store::Verdict::Newer, OFFICE, Some(OFFICE)));
            assert!(hub.store().feed_holds(store::ScopeId(SCOPE.0), row.aseq).unwrap(), "it is passed on");
        }
        assert_eq!(hub.store().newer_count().unwrap(), (2, 1));
        assert_eq!(hub.store().refused_count().unwrap(), 0);
        assert_eq!(Liar::history(hub, doc).nodes().len(), 2);
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
    // Nothing but its flag says that it is there.
    let after: Vec<String> = hub.store().dump_projections().unwrap();
    assert!(after != before && after.iter().any(|line| line.contains("needs-upgrade")));
    let row = |lines: &[String]| {
        lines.iter().map(|line| line.replace(" needs-upgrade", "").replace("needs-upgrade", "")).collect::<Vec<_>>()
    };
    assert_eq!(row(&after), row(&before));
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
    assert_eq!(hub.store().newer_count().unwrap(), (0, 0));
    assert_eq!(hub.store().refused_count().unwrap(), 1);
}

#[test]
fn newer_act_of_which_the_place_is_not_known_is_held_and_goes_to_nobody() {
    let (mut hub, doc, mut office) = hub();
    let missing = ActId([7; 32]);
    let mut county = Liar::connect(&mut hub, COUNTY_HUB);
    let strays = [
        // It follows what is not here.
        office.make_unknown_on(&hub, doc, vec![missing]),
        // Of a document that is not here.
        office.make_unknown_on(&hub, missing, vec![missing]),
    ];
    office.push(&mut hub, SCOPE, &strays.each_ref().map(Sealed::encode));
    // A beginning through the scope of a unit that its device is not of.
    let first = county.begin_unknown(&hub);
    county.push(&mut hub, SCOPE, &[first.encode()]);
    for stray in strays.iter().chain([&first]) {
        assert!(hub.store().aseq_of(&stray.id()).unwrap().is_none());
        assert!(hub.store().holds_act(&stray.id()).unwrap());
    }
    // Through that of its own unit it has its place.
    county.push(&mut hub, ScopeKey(COUNTY.0), &[first.encode()]);
    assert!(hub.store().aseq_of(&first.id()).unwrap().is_some());
}

#[test]
fn newer_acts_count_against_the_quota_of_their_device() {
    let (mut hub, doc, mut office) = hub();
    hub.set_quotas(Quotas { held_bytes: 2_000, ..Quotas::default() });
    let history = Liar::history(&hub, doc);
    let acts: Vec<Vec<u8>> = (0..20).map(|_| office.make_unknown(&hub, &history).encode()).collect();
    for act in acts {
        office.push(&mut hub, SCOPE, &[act]);
    }
    assert!(hub.store().weight_of(store::Weight::Held, OFFICE).unwrap() <= 2_000);
    let (kept, aside) = (hub.store().newer_count().unwrap().0, hub.store().aside_count().unwrap());
    assert!(kept > 0 && kept + aside == 20, "{kept} and {aside}");
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
        for bytes in [newer, stranger] {
            let sealed = Sealed::decode(&bytes).unwrap();
            let row = hub.store().act(&sealed.id()).unwrap().unwrap();
            assert_eq!((row.verdict, kernel::read::sealed(&row).unwrap()), (store::Verdict::Newer, sealed));
        }
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
