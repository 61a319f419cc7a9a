//! Connections that end after every possible number of frames, and begin again from what is stored.

use std::collections::BTreeSet;

use sync::{Frame, Input};

use crate::end::{Dice, End, carried, noise};
use crate::pair::Pair;

const SCOPES: [u32; 3] = [1, 2, 7];

/// Two ends that both have something in every scope: several batches, an item in two scopes, and a document that
/// needs Pieces.
fn two_ends() -> (End, End) {
    let (mut a, mut b) = (End::new(&SCOPES), End::new(&SCOPES));
    for n in 0..24 {
        a.write(1, noise(n, 14_000));
        b.write(2, noise(100 + n, 9_000));
    }
    for n in 0..3 {
        let both = noise(200 + n, 500);
        a.write(1, both.clone());
        a.write(7, both);
        b.write(1, noise(300 + n, 40));
    }
    a.enter(7, (400..409).map(|n| noise(n, 100_000)).collect());
    b.write(7, noise(500, 10));
    (a, b)
}

fn whole(dice: &mut Dice) -> Pair {
    let (a, b) = two_ends();
    let mut pair = Pair::new(a, b, true);
    pair.connect();
    pair.run(dice);
    pair
}

#[test]
fn uncut_conversation_brings_everything_once() {
    let pair = whole(&mut Dice::new(1));
    pair.assert_equal(&SCOPES);
    pair.assert_delivered_once();
    assert!(pair.ends.iter().all(|end| end.idle), "both ends are told that nothing more follows");
    let pieces = pair.sent_to[1].iter().filter(|frame| matches!(Frame::decode(frame), Ok(Frame::Pieces { .. })));
    assert!(pieces.count() > 0, "the document needs Pieces, or the cuts below prove little");
}

#[test]
fn cut_after_any_frame_loses_and_doubles_nothing() {
    for seed in 0..4 {
        let (a, b) = two_ends();
        let (stored_a, stored_b) = (a.stored.clone(), b.stored.clone());
        let frames = whole(&mut Dice::new(seed)).frames;
        assert!(frames > 30, "{frames} frames");
        for kept in 0..=frames {
            let mut dice = Dice::new(seed);
            let mut pair = Pair::new(End::of(&stored_a), End::of(&stored_b), true);
            pair.connect();
            for _ in 0..kept {
                assert!(pair.step(&mut dice));
            }
            pair.connect();
            pair.run(&mut dice);
            pair.assert_equal(&SCOPES);
            pair.assert_delivered_once();
        }
    }
}

#[test]
fn link_that_is_cut_again_and_again_comes_to_an_end() {
    for seed in 0..30 {
        let mut dice = Dice::new(seed);
        let (a, b) = two_ends();
        let mut pair = Pair::new(a, b, true);
        for _ in 0..12 {
            pair.connect();
            for _ in 0..dice.below(12) {
                pair.step(&mut dice);
            }
            if dice.percent(40) {
                let at = dice.below(2);
                let scope = SCOPES[dice.below(3)];
                let bytes = noise(dice.bits(), 3_000);
                pair.ends[at].write(scope, bytes);
            }
        }
        pair.connect();
        pair.run(&mut dice);
        pair.assert_equal(&SCOPES);
        pair.assert_delivered_once();
    }
}

#[test]
fn frame_cut_at_any_byte_ends_the_conversation_and_costs_nothing() {
    let (mut a, mut b) = (End::new(&[1, 2]), End::new(&[1, 2]));
    for n in 0..3 {
        a.write(1, noise(n, 60));
        b.write(2, noise(10 + n, 60));
    }
    let (stored_a, stored_b) = (a.stored, b.stored);
    let again = |dice: &mut Dice| {
        let mut pair = Pair::new(End::of(&stored_a), End::of(&stored_b), true);
        pair.connect();
        (pair, dice.bits())
    };
    let (mut whole, seed) = again(&mut Dice::new(3));
    whole.run(&mut Dice::new(seed));
    for kept in 0..whole.frames {
        for byte in 0.. {
            let (mut pair, seed) = again(&mut Dice::new(3));
            let mut dice = Dice::new(seed);
            for _ in 0..kept {
                pair.step(&mut dice);
            }
            let to = usize::from(pair.under_way[0].is_empty());
            let frame = pair.under_way[to].pop_front().unwrap();
            if byte == frame.len() {
                break;
            }
            pair.ends[to].handle(0, Input::Frame(frame[..byte].to_vec()));
            assert!(pair.ends[to].closed.take().is_some(), "{byte} of {} bytes were taken as a frame", frame.len());
            pair.connect();
            pair.run(&mut dice);
            pair.assert_equal(&[1, 2]);
            pair.assert_delivered_once();
        }
    }
}

#[test]
fn what_came_from_the_peer_is_not_sent_back() {
    let mut dice = Dice::new(5);
    let (a, b) = two_ends();
    let own = [&a, &b].map(|end| SCOPES.iter().flat_map(|scope| end.holds(*scope)).collect::<BTreeSet<_>>());
    let mut pair = Pair::new(a, b, true);
    for _ in 0..3 {
        pair.connect();
        pair.run(&mut dice);
    }
    pair.assert_equal(&SCOPES);
    for to in [0, 1] {
        for frame in &pair.sent_to[to] {
            let back = carried(frame).into_iter().filter(|id| own[to].contains(id)).count();
            assert_eq!(back, 0, "end {to} is sent what it made itself");
        }
    }
}

#[test]
fn nothing_changed_costs_one_frame_each_way() {
    let mut dice = Dice::new(6);
    let mut pair = whole(&mut dice);
    let before = pair.frames;
    pair.connect();
    pair.run(&mut dice);
    assert_eq!(pair.frames - before, 2);
    assert!(pair.ends.iter().all(|end| end.idle));
}
