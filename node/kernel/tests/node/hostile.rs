//! A peer with a valid key that lies: nothing of it is stored but in quarantine, nobody learns what they may not, and no
//! node stops.

use kernel::{BadInput, Command, ConnId, Done, Effect, Input, Kernel, Refusal, scopes};
use regulation::{ActId, DeviceId};
use replica::malformed::{Malformed, Measure, Wrong};
use replica::registry::sign_entry;
use replica::{Act, Change, Class, Entry, History, Sealed};
use sync::{Frame, Mark, ScopeKey};

use crate::city::{self, CITY, HUB, LAPTOP, NOON, OFFICE, OTHER_TOWN, TOWN};
use crate::liar::Liar;
use crate::net::Net;

pub const TOWN_SCOPE: ScopeKey = ScopeKey(TOWN.0);
pub const OTHER_SCOPE: ScopeKey = ScopeKey(OTHER_TOWN.0);

/// A hub with a ticket of each township and one that the city keeps, and their ids.
pub fn hub() -> (Kernel, [ActId; 3]) {
    let mut hub = city::node(HUB);
    let person = city::people(CITY)[0];
    let docs =
        ["供暖不热", "路灯不亮", "噪声扰民"].map(|title| city::begin(&mut hub, NOON, person, city::register(title)));
    city::act(&mut hub, NOON, person, docs[0], city::dispatch(TOWN));
    city::act(&mut hub, NOON, person, docs[1], city::dispatch(OTHER_TOWN));
    (hub, docs)
}

/// Everything that counts: acts, feeds, registry, projections, what waits.
pub fn state(kernel: &Kernel) -> (Vec<(&'static str, u64)>, Vec<String>, u32) {
    let counted = |table: &str| !["refused", "cursors", "backlog", "meta", "alarms"].contains(&table);
    let rows = kernel.store().stats().unwrap().rows.into_iter().filter(|(table, _)| counted(table)).collect();
    (rows, kernel.store().dump_projections().unwrap(), kernel.registry().version())
}

#[test]
fn garbage_in_a_feed_goes_into_quarantine_and_the_feed_goes_on() {
    let (mut hub, docs) = hub();
    let mut office = Liar::connect(&mut hub, OFFICE);
    let before = state(&hub);
    let good = office.make(&hub, &Liar::history(&hub, docs[0]), city::tag("供暖"));
    let mut forged = good.clone();
    forged.signatures[0].bytes[0] ^= 1;
    let whole = good.encode();
    let garbage: Vec<Vec<u8>> = vec![
        Vec::new(),
        vec![0xff; 100],
        b"SELECT * FROM acts".to_vec(),
        whole[..whole.len() / 2].to_vec(),
        [whole.as_slice(), &[0]].concat(),
        forged.encode(),
        vec![0x83; 200_000],
    ];
    let answers = office.push(&mut hub, TOWN_SCOPE, &garbage);
    assert!(office.acked(&answers, TOWN_SCOPE), "{answers:?}");
    assert!(state(&hub) == before);
    assert_eq!(hub.store().refused_count().unwrap(), garbage.len() as u64);
    let largest = hub.store().refused(100).unwrap().iter().filter_map(|row| Some(row.bytes.as_ref()?.len())).max();
    assert!(largest.unwrap() <= store::REFUSED_BYTES_MAX);
    // A good act beside the bad ones, and the bad ones again.
    office.push(&mut hub, TOWN_SCOPE, &garbage);
    office.push(&mut hub, TOWN_SCOPE, &[whole]);
    assert!(hub.store().aseq_of(&good.id()).unwrap().is_some());
    assert_eq!(hub.store().refused_count().unwrap(), garbage.len() as u64, "each is kept once");
}

#[test]
fn bytes_that_are_no_frame_end_the_connection_alone() {
    let (mut hub, _) = hub();
    for bytes in [Vec::new(), vec![0xff; 40], vec![0x9b; 9], vec![0x81, 0x01]] {
        let office = Liar::connect(&mut hub, OFFICE);
        let answers = office.bytes(&mut hub, bytes);
        assert!(answers.closed.is_some_and(|why| why.contains("malformed")));
        assert!(hub.sessions().is_empty());
        // What comes over it still is passed over.
        let answers = office.say(&mut hub, &Frame::CursorsPlease);
        assert!(answers.frames.is_empty() && answers.closed.is_none());
    }
}

#[test]
fn stranger_is_sent_away_and_told_nothing() {
    let (mut hub, _) = hub();
    let key = replica::DeviceKey::from_secret(&[0x55; 32]).public();
    let effects = hub.handle(NOON, vec![Input::Connected { conn: ConnId(9), key }]).unwrap();
    assert!(matches!(effects.as_slice(), [Effect::Close { .. }]), "{effects:?}");
    let hello = Frame::Hello(sync::Hello { min: 1, max: 1, digest: [0; 16], ask: true, ..sync::Hello::default() })
        .encode()
        .unwrap();
    assert!(hub.handle(NOON, vec![Input::Frame { conn: ConnId(9), bytes: hello }]).unwrap().is_empty());
}

#[test]
fn forged_registry_entries_change_nothing() {
    let (mut hub, _) = hub();
    let registry = city::registry();
    let change = || Change::Hub(OFFICE);
    let thief = city::key(OFFICE);
    let (entry, signature) = Entry::decode(&sign_entry(None, &registry, change(), NOON, &thief)).unwrap();
    let sign = |entry: &Entry| entry.encode(&thief.sign(&entry.hash()));
    let first = registry.entries().next().unwrap().to_vec();
    let mut changed = first.clone();
    *changed.last_mut().unwrap() ^= 1;
    let device = city::device(DeviceId(90), CITY, Class::Hub, &thief);
    let forged = [
        sign(&entry),
        entry.encode(&[0; 64]),
        Entry { change: device, ..entry.clone() }.encode(&signature),
        sign(&Entry { version: 0, ..entry.clone() }),
        sign(&Entry { version: 1, previous: [0; 32], ..entry.clone() }),
        sign(&Entry { version: u32::MAX, ..entry.clone() }),
        sign(&Entry { log: 7, ..entry.clone() }),
        sign(&Entry { previous: [1; 32], ..entry }),
        changed,
        Vec::new(),
        vec![0xff; 1_000],
    ];
    let before = state(&hub);
    for bytes in &forged {
        // A log that does not go on is not said to have been received: what was meant for it may come yet.
        let mut office = Liar::connect(&mut hub, OFFICE);
        let answers = office.push(&mut hub, scopes::REGISTRY, &[bytes]);
        assert!(!office.acked(&answers, scopes::REGISTRY), "{answers:?}");
    }
    assert!(state(&hub) == before);
    assert_eq!(hub.registry().now().hub(), Some(HUB));
    assert_eq!(hub.store().refused_count().unwrap(), forged.len() as u64);
    // What is known is no forgery, and the node opens on what it has.
    let mut office = Liar::connect(&mut hub, OFFICE);
    let answers = office.push(&mut hub, scopes::REGISTRY, &[first]);
    assert!(office.acked(&answers, scopes::REGISTRY), "{answers:?}");
    assert_eq!(hub.store().refused_count().unwrap(), forged.len() as u64);
    assert!(state(&city::open(HUB, hub.into_store(), NOON, false)) == before);
}

#[test]
fn cursors_and_marks_beyond_everything_move_nothing_of_this_node() {
    let (mut hub, _) = hub();
    let before = state(&hub);
    for lseq in [1, 5, i64::MAX.unsigned_abs(), i64::MAX.unsigned_abs() + 1, u64::MAX] {
        for scope in [TOWN_SCOPE, scopes::KNOWLEDGE, scopes::REGISTRY] {
            let mark = Mark { lseq, running: [9; 16] };
            let office = Liar::connect(&mut hub, OFFICE);
            let (restart, more, pieces, last_piece) = (true, true, 0, 0);
            let (from, before, to, items) = (1, [0; 16], mark, Vec::new());
            let frames = [
                Frame::Cursors(vec![(scope, mark)]),
                Frame::Ack { scope, mark, gap: true },
                Frame::Rewind { scope, mark, round: u64::MAX },
                Frame::Batch {
                    scope,
                    from,
                    before,
                    to,
                    restart,
                    more,
                    round: 0,
                    pieces,
                    last_piece,
                    items: items.clone(),
                },
                Frame::Batch { scope, from, before, to, restart, more, round: 1, pieces, last_piece, items },
            ];
            for frame in frames {
                assert_eq!(office.say(&mut hub, &frame).closed, None, "{frame:?}");
            }
            hub.handle(NOON, vec![Input::Tick]).unwrap();
            hub.handle(NOON, vec![Input::Gone { conn: hub.sessions()[0].0 }]).unwrap();
        }
    }
    assert!(state(&hub) == before);
    // An honest conversation with the same device puts the cursors right.
    let mut net = Net::new(&[OFFICE]);
    net.nodes.push((HUB, hub));
    // It has had everything sent again so often that it has to wait for more.
    net.now += sync::credit::RETURN_MS;
    net.connect(HUB, OFFICE);
    net.run();
    assert_eq!(kernel::read::docs(net.node(OFFICE).store()).unwrap().len(), 1);
}

#[test]
fn times_and_days_out_of_all_range_are_projected_all_the_same() {
    let (mut hub, _) = hub();
    let mut laptop = Liar::connect(&mut hub, LAPTOP);
    let city_scope = ScopeKey(CITY.0);
    for (time, happened, day) in [
        (i64::MAX, Some(i64::MAX), i32::MAX),
        (i64::MIN, Some(i64::MIN), i32::MIN),
        (i64::MAX, None, -1),
        (0, Some(i64::MIN), i32::MAX),
    ] {
        let mut draft = city::register("供暖不热");
        let regulation::Body::Register(register) = &mut draft.body else { unreachable!() };
        (register.day, register.serial, register.raised_at) = (day, u32::MAX, time);
        let (act, parts) = laptop.compose(&hub, &History::default(), draft);
        let first = laptop.seal(&Act { time, happened, ..act }, parts);
        laptop.push(&mut hub, city_scope, &[first.encode()]);
        hub.handle(NOON, vec![Input::Tick]).unwrap();
        let history = Liar::history(&hub, first.id());
        assert_eq!(history.nodes().len(), 2, "taken in, and settled");
        let (act, parts) = laptop.compose(&hub, &history, city::dispatch(TOWN));
        let dispatch = laptop.seal(&Act { time, happened, ..act }, parts);
        laptop.push(&mut hub, city_scope, &[dispatch.encode()]);
        let row = hub.store().doc_no(&first.id()).unwrap().and_then(|row| hub.store().ticket(row).unwrap()).unwrap();
        assert_eq!(row.state, "awaiting-sign-for");
    }
    assert_eq!(hub.store().refused_count().unwrap(), 0);
}

#[test]
fn acts_whose_deps_never_come_wait_and_hold_up_nobody_else() {
    let (mut hub, docs) = hub();
    let mut office = Liar::connect(&mut hub, OFFICE);
    let history = Liar::history(&hub, docs[0]);
    let orphans: Vec<Vec<u8>> = (0..50)
        .map(|n| {
            let (act, parts) = office.compose(&hub, &history, city::tag("供暖"));
            office.seal(&Act { deps: vec![ActId([n; 32])], ..act }, parts).encode()
        })
        .collect();
    let good = office.make(&hub, &history, city::tag("老人"));
    let answers = office.push(&mut hub, TOWN_SCOPE, &orphans);
    assert!(office.acked(&answers, TOWN_SCOPE));
    assert_eq!(hub.store().held_counts().unwrap(), [(OFFICE, 50)]);
    office.push(&mut hub, TOWN_SCOPE, &[good.encode()]);
    assert!(hub.store().aseq_of(&good.id()).unwrap().is_some());
}

#[test]
fn everything_that_waited_for_one_thing_is_judged_when_it_comes() {
    // More than the store gives out at once.
    let count = store::HELD_ROWS_MAX + 5;
    let (mut hub, _) = hub();
    let mut registry = city::registry();
    let entry = city::append(&mut registry, Change::Categories(Vec::new()));
    let mut laptop = Liar::connect(&mut hub, LAPTOP);
    let versions = registry.versions();
    let items: Vec<Vec<u8>> = (0..count)
        .map(|_| {
            let (act, parts) = laptop.compose(&hub, &History::default(), city::article());
            laptop.seal(&Act { registry: versions.clone(), ..act }, parts).encode()
        })
        .collect();
    for items in items.chunks(400) {
        laptop.push(&mut hub, scopes::KNOWLEDGE, items);
    }
    assert_eq!(hub.store().held_counts().unwrap(), [(LAPTOP, count as u64)]);
    laptop.push(&mut hub, scopes::REGISTRY, &[entry]);
    assert_eq!(hub.registry().version(), registry.version());
    assert_eq!(hub.store().held_counts().unwrap(), []);
}

#[test]
fn forged_copy_of_an_act_that_cannot_be_checked_yet_does_not_take_its_place() {
    let (mut hub, _) = hub();
    let mut registry = city::registry();
    let entry = city::append(&mut registry, Change::Categories(Vec::new()));
    let mut office = Liar::connect(&mut hub, OFFICE);
    let (act, parts) = office.compose(&hub, &History::default(), city::article());
    let honest = office.seal(&Act { registry: registry.versions(), ..act }, parts);
    // Somebody between them sends it first, with a signature that nobody here can check before the registry comes.
    let mut forged = honest.clone();
    forged.signatures[0].bytes[0] ^= 1;
    let mut laptop = Liar::connect(&mut hub, LAPTOP);
    laptop.push(&mut hub, scopes::KNOWLEDGE, &[forged.encode()]);
    assert_eq!(hub.store().held_counts().unwrap(), [(LAPTOP, 1)], "it counts against whoever brought it");
    office.push(&mut hub, scopes::KNOWLEDGE, &[honest.encode()]);
    assert_eq!(hub.store().held_counts().unwrap(), [(LAPTOP, 1), (OFFICE, 1)]);
    office.push(&mut hub, scopes::REGISTRY, &[entry]);
    assert!(hub.store().aseq_of(&honest.id()).unwrap().is_some());
    assert_eq!(hub.store().held_counts().unwrap(), []);
}

#[test]
fn what_no_peer_would_take_is_not_made_here() {
    // Each part is within its limit, and the whole is not: everybody else would refuse the act, and all that follow it.
    let mut hub = city::node(HUB);
    let before = state(&hub);
    let mut draft = city::register("供暖不热").text(["标题".to_owned(), "🏠".repeat(40_000)]);
    draft.private = vec!["🏠".repeat(40_000)];
    let (done, _) = city::ask(&mut hub, NOON, Some(city::people(CITY)[0]), Command::Begin(draft));
    let Err(Refusal::BadInput(BadInput::Unfit(Malformed { wrong, newer: None }))) = done else {
        panic!("{:?}", done.map(|_| ()))
    };
    assert!(matches!(wrong, Wrong::TooMuch { of: Measure::SealedBytes, found, most } if found > most), "{wrong:?}");
    assert!(state(&hub) == before);
    let fits = city::register("供暖不热").text(["标题".to_owned(), "🏠".repeat(40_000)]);
    let (done, _) = city::ask(&mut hub, NOON, Some(city::people(CITY)[0]), Command::Begin(fits));
    assert!(matches!(done, Ok(Done::Made { .. })));
}

#[test]
fn twin_of_an_act_is_kept_as_evidence_and_has_no_effect() {
    let (mut hub, docs) = hub();
    let mut office = Liar::connect(&mut hub, OFFICE);
    let history = Liar::history(&hub, docs[0]);
    let twin = |liar: &mut Liar, word: &str| {
        let (act, parts) = liar.compose(&hub, &history, city::tag(word));
        liar.seal(&Act { dseq: 1, ..act }, parts)
    };
    let acts = [twin(&mut office, "供暖"), twin(&mut office, "老人")];
    office.push(&mut hub, TOWN_SCOPE, &acts.each_ref().map(Sealed::encode));
    assert_eq!(hub.store().acts_of_identity(OFFICE, 1, 1).unwrap().len(), 2);
    let row = hub.store().ticket(hub.store().doc_no(&docs[0]).unwrap().unwrap()).unwrap().unwrap();
    assert_eq!((row.overruled, row.unsettled), (0, 1), "one of the two counts, and of the other no list tells");
    let mut history = Liar::history(&hub, docs[0]);
    assert_eq!(history.nodes().len(), 4);
    assert_eq!(history.document().unwrap().tags().len(), 1);
    hub.handle(NOON, vec![Input::Tick]).unwrap();
    assert!(hub.settled(), "nothing of it is left to settle");
}

#[test]
fn unlawful_beginning_is_kept_and_stops_nobody() {
    let (mut hub, _) = hub();
    let mut office = Liar::connect(&mut hub, OFFICE);
    // A township registers nothing.
    let first = office.make(&hub, &History::default(), city::register("假工单"));
    office.push(&mut hub, TOWN_SCOPE, &[first.encode()]);
    hub.handle(NOON, vec![Input::Tick]).unwrap();
    assert_eq!(hub.store().act(&first.id()).unwrap().unwrap().rule.as_deref(), Some("city-only"));
    assert!(hub.store().doc_no(&first.id()).unwrap().and_then(|row| hub.store().ticket(row).unwrap()).is_none());
    let mut hub = city::open(HUB, hub.into_store(), NOON, false);
    hub.handle(NOON, vec![Input::Tick]).unwrap();
    assert_eq!(Liar::history(&hub, first.id()).nodes().len(), 1);
}

#[test]
fn device_with_a_new_key_is_cut_off_under_its_old_one() {
    let (mut hub, docs) = hub();
    let mut office = Liar::connect(&mut hub, OFFICE);
    let laptop = Liar::connect(&mut hub, LAPTOP);
    let change = Change::Rekey(OFFICE, replica::DeviceKey::from_secret(&[0x66; 32]).public());
    let (done, effects) =
        city::ask(&mut hub, NOON, None, Command::Registry { seen: u32::MAX, change: Box::new(change) });
    assert!(done.is_ok());
    let closed: Vec<&Effect> = effects.iter().filter(|effect| matches!(effect, Effect::Close { .. })).collect();
    assert_eq!(closed.len(), 1, "{effects:?}");
    let left: Vec<DeviceId> = hub.sessions().iter().map(|(_, device, ..)| *device).collect();
    assert_eq!(left, [LAPTOP]);
    let before = state(&hub);
    let act = office.make(&hub, &Liar::history(&hub, docs[0]), city::tag("供暖"));
    assert!(office.push(&mut hub, TOWN_SCOPE, &[act.encode()]).frames.is_empty());
    assert!(state(&hub) == before);
    let old = hub.handle(NOON, vec![Input::Connected { conn: ConnId(99), key: city::key(OFFICE).public() }]).unwrap();
    assert!(matches!(old.as_slice(), [Effect::Close { .. }]));
    assert!(!laptop.say(&mut hub, &Frame::CursorsPlease).frames.is_empty());
}
