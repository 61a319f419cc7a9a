//! Two programs of different releases: what both speak holds, and where there is nothing both know it.

use std::collections::BTreeSet;

use sync::{CloseReason, Frame, Hello, Input, Spoken};

use crate::end::{Dice, End, noise};
use crate::pair::Pair;

const OLDER: Spoken = Spoken { min: 1, max: 2, features: &[3, 7], program: "0.2" };
const NEWER: Spoken = Spoken { min: 2, max: 3, features: &[7, 9], program: "0.3" };
const NEWEST: Spoken = Spoken { min: 3, max: 4, features: &[], program: "0.4" };

fn pair(of: [Spoken; 2]) -> Pair {
    let ends = of.map(|spoken| {
        let mut end = End { spoken, ..End::new(&[1, 2]) };
        for n in 0..40 {
            end.write(1 + n % 2, noise(u64::from(n) + u64::from(spoken.max) * 100, 900));
        }
        end
    });
    let [a, b] = ends;
    Pair::new(a, b, true)
}

#[test]
fn two_releases_speak_the_newest_version_and_the_features_of_both() {
    let mut pair = pair([OLDER, NEWER]);
    pair.connect();
    pair.run(&mut Dice::new(1));
    pair.assert_equal(&[1, 2]);
    for (end, program) in pair.ends.iter().zip(["0.3", "0.2"]) {
        let common = end.session.as_ref().unwrap().common().unwrap();
        assert_eq!((common.version, &common.features), (2, &BTreeSet::from([7])));
        assert_eq!(end.session.as_ref().unwrap().program(), program);
    }
}

#[test]
fn what_an_end_says_of_itself_is_told_and_may_be_nothing() {
    let mut pair = pair([OLDER, NEWER]);
    pair.ends[0].of_itself = vec![1, 2, 3];
    pair.connect();
    pair.run(&mut Dice::new(1));
    assert!(pair.ends[0].heard.is_empty());
    assert!(!pair.ends[1].heard.is_empty() && pair.ends[1].heard.iter().all(|said| *said == [1, 2, 3]));
    let long = Hello { min: 1, max: 2, of_itself: vec![0; sync::frame::OF_ITSELF_BYTES_MAX + 1], ..Hello::default() };
    assert!(Frame::decode(&Frame::Hello(long).encode().unwrap()).is_err());
}

/// The frame with one more field than this version knows.
fn with_a_field(frame: &[u8]) -> Vec<u8> {
    assert!((0xa0..0xb7).contains(&frame[0]));
    [&[frame[0] + 1], &frame[1..], &[0x17, 0x82, 0x01, 0xf6]].concat()
}

#[test]
fn what_a_newer_release_adds_to_its_frames_changes_nothing() {
    let mut pair = pair([OLDER, NEWER]);
    let mut dice = Dice::new(2);
    pair.connect();
    let mut added = 0;
    for _ in 0..10_000 {
        let [frame, ..] = pair.under_way[0].make_contiguous() else {
            if pair.step(&mut dice) { continue } else { break }
        };
        *frame = with_a_field(frame);
        let frame = pair.under_way[0].pop_front().unwrap();
        pair.arrive(0, frame);
        // And a frame of a type that may be passed over.
        pair.arrive(0, vec![0xa2, 0x00, 0x18, 0x4d, 0x01, 0x02]);
        added += 1;
    }
    pair.assert_equal(&[1, 2]);
    pair.assert_delivered_once();
    let stats = pair.ends[0].session.as_ref().unwrap().stats();
    assert!(added >= 5, "{added}");
    assert_eq!((stats.passed_fields, stats.passed_frames, stats.ignored), (added, added, 0));
}

#[test]
fn item_of_any_kind_and_any_bytes_is_given_on_as_it_is() {
    let (mut a, b) = (End::new(&[1]), End::new(&[1]));
    let kinds = [0, 1, 2, 77, u16::MAX];
    // More than one signature, parts of kinds that nobody knows: to the engine all of it is bytes.
    let items: Vec<Vec<u8>> = (0..60).map(|n| noise(n, usize::try_from(n * 37).unwrap())).collect();
    let ids: Vec<_> =
        items.iter().zip(kinds.iter().cycle()).map(|(item, kind)| a.write_kind(1, *kind, item.clone())).collect();
    let mut pair = Pair::new(a, b, true);
    pair.connect();
    pair.run(&mut Dice::new(5));
    pair.assert_equal(&[1]);
    for ((id, item), kind) in ids.iter().zip(&items).zip(kinds.iter().cycle()) {
        assert_eq!(pair.ends[1].item(id), (*kind, item.as_slice()));
    }
}

#[test]
fn where_no_version_is_spoken_by_both_each_end_knows_which_is_too_old() {
    for reliable in [true, false] {
        let mut pair = pair([OLDER, NEWEST]);
        pair.reliable = reliable;
        pair.connect();
        pair.run(&mut Dice::new(3));
        for _ in 0..20 {
            pair.tick(61_000);
            pair.run(&mut Dice::new(4));
        }
        let [older, newest] = [0, 1].map(|at| pair.ends[at].apart.unwrap());
        assert_eq!((older.mine, older.theirs), ((1, 2), (3, 4)));
        assert_eq!((newest.mine, newest.theirs), ((3, 4), (1, 2)));
        for (end, own) in pair.ends.iter().zip([1, 2]) {
            assert_eq!((end.holds(own).len(), end.closed.clone(), end.idle), (20, None, false), "nothing was taken");
        }
        assert!(pair.frames < 20, "they say the same again and again");
    }
}

#[test]
fn frame_that_may_not_be_passed_over_ends_the_conversation_and_says_who_is_too_old() {
    let mut end = End::new(&[1]);
    end.start(0, true);
    end.handle(0, Input::Frame(Frame::Hello(Hello { min: 1, max: 1, ..Hello::default() }).encode().unwrap()));
    end.handle(0, Input::Frame(Frame::Unknown(64).encode().unwrap()));
    assert_eq!(end.closed, None);
    end.handle(0, Input::Frame(Frame::Unknown(11).encode().unwrap()));
    assert_eq!(end.closed, Some(CloseReason::Newer { kind: 11 }));
    assert!(end.closed.unwrap().to_string().contains("this node must be upgraded"));
}
