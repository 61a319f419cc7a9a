//! How much room a device has left in a ticket is said before anybody types what would be refused.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/city.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod city;

use city::{OFFICE, key, register, registry};
use desk::{Me, view};
use regulation::act::{Body, Dispatch};
use regulation::{Author, DeviceId, PersonId, UnitId};
use replica::{Draft, Effect, History, Judgement, Registry, Sealed, Stamp, Verdict, compose, judge};

/// What a device makes; false if there is a rule against it.
fn make(registry: &Registry, history: &mut History, device: DeviceId, dseq: u64, draft: Draft) -> bool {
    let stamp = Stamp {
        device,
        epoch: 1,
        dseq,
        person: Some(PersonId(device.0)),
        registry: registry.versions(),
        time: 1_793_592_000_000,
        beacon: 0,
        salts: [[1; 16], [2; 16]],
    };
    let (act, parts) = compose(history, draft, stamp);
    let sealed = Sealed::new(&act, &key(device), parts);
    let Judgement::Judged(node) = judge(history, &sealed, act, registry).unwrap() else { panic!("it is judged") };
    let admitted = node.verdict == Verdict::Admitted;
    if admitted {
        history.insert(*node);
    }
    admitted
}

#[test]
fn what_is_left_is_told_where_it_is_little_and_an_option_says_why_not() {
    let registry = registry();
    let mut history = History::default();
    assert!(make(&registry, &mut history, DeviceId(1), 1, register()));
    let lead = Dispatch { lead: UnitId(2), assisting: Vec::new() };
    assert!(make(&registry, &mut history, DeviceId(1), 2, Draft::new(Body::Dispatch(lead))));
    let at = registry.now();
    let me = Me { id: OFFICE, hub: false, device: at.device(OFFICE).unwrap().clone() };
    let roles = regulation::split::all_of_one();
    let author = Author { unit: UnitId(2), level: at.level(UnitId(2)), hub: false, person: Some(PersonId(2)), roles };
    assert_eq!(view::room(&mut history, &me, &author), None, "there is plenty");
    let (mut made, mut left) = (0, None);
    loop {
        let tag = Draft::new(Body::Tag).effects(vec![Effect::AddTag("供暖".to_owned())]);
        let room = view::room(&mut history, &me, &author);
        if !make(&registry, &mut history, OFFICE, made + 1, tag) {
            break;
        }
        if let Some(room) = &room {
            assert!(room.notes <= view::ROOM_SCARCE_ACTS && room.notes > 0);
            assert!(left.is_none_or(|left| left == room.notes + 1), "one less each time");
            assert!(room.notes < room.repeated && room.repeated < room.demanded);
            left = Some(room.notes);
        }
        made += 1;
    }
    assert_eq!(left, Some(1), "it was told up to the last one, of {made}");
    let options = view::options(&mut history, &me, &author, at.edition());
    let of = |kind: &str| options.iter().find(|option| option.kind == kind).unwrap();
    for kind in ["note", "tag", "attach"] {
        assert_eq!((of(kind).allowed, of(kind).rule.as_deref()), (false, Some("room-reserved")), "{kind}");
        assert!(of(kind).reason.as_ref().is_some_and(|why| why.contains("续页")));
    }
    for kind in ["sign-for", "return-request"] {
        assert!(of(kind).allowed, "{kind}: {:?}", of(kind).rule);
    }
}
