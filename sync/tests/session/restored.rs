//! Stores that were put back to an earlier state, emptied or replaced: what one of both still holds comes to both.

use sync::{Input, Mark, ScopeKey};

use crate::end::{Dice, End, Stored, noise};
use crate::pair::{Faults, Pair};

/// Both ends hold the same five items of each; the stores as they were after the first three.
fn drained(seed: u64) -> (Pair, [Stored; 2]) {
    let mut dice = Dice::new(seed);
    let mut pair = Pair::new(End::new(&[1]), End::new(&[1]), true);
    write(&mut pair, seed, 3);
    pair.connect();
    pair.run(&mut dice);
    let early = [pair.ends[0].stored.clone(), pair.ends[1].stored.clone()];
    write(&mut pair, seed + 1, 2);
    pair.connect();
    pair.run(&mut dice);
    pair.assert_equal(&[1]);
    assert_eq!(pair.ends[0].holds(1).len(), 10);
    (pair, early)
}

fn write(pair: &mut Pair, seed: u64, count: u64) {
    for n in 0..count {
        for at in [0, 1] {
            pair.ends[at].write(1, noise(1_000 * (seed + 1) + 10 * n + at as u64, 40));
        }
    }
}

#[test]
fn store_that_was_put_back_gets_everything_again_and_its_own_too() {
    for at in [0, 1] {
        let (mut pair, early) = drained(1);
        pair.ends[at] = End::of(&early[at]);
        pair.connect();
        pair.run(&mut Dice::new(2));
        pair.assert_equal(&[1]);
        assert_eq!(pair.ends[at].holds(1).len(), 10);
    }
}

#[test]
fn store_that_was_put_back_and_wrote_meanwhile_loses_neither() {
    for at in [0, 1] {
        let (mut pair, early) = drained(3);
        pair.ends[at] = End::of(&early[at]);
        for n in 0..4 {
            // More than it had lost, so that its feed is longer than the peer's cursor but another one.
            pair.ends[at].write(1, noise(90_000 + n, 40));
        }
        pair.connect();
        pair.run(&mut Dice::new(4));
        pair.assert_equal(&[1]);
        assert_eq!(pair.ends[at].holds(1).len(), 14);
    }
}

#[test]
fn both_stores_put_back_come_to_what_is_left() {
    let (mut pair, early) = drained(5);
    pair.ends = [End::of(&early[0]), End::of(&early[1])];
    pair.connect();
    pair.run(&mut Dice::new(6));
    pair.assert_equal(&[1]);
    assert_eq!(pair.ends[0].holds(1).len(), 6);
}

#[test]
fn empty_store_in_place_of_the_old_one_gets_everything() {
    for at in [0, 1] {
        let (mut pair, _) = drained(7);
        pair.ends[at] = End::new(&[1]);
        pair.connect();
        pair.run(&mut Dice::new(8));
        pair.assert_equal(&[1]);
        assert_eq!(pair.ends[at].holds(1).len(), 10);
    }
}

#[test]
fn feeds_of_one_length_that_differ_begin_anew() {
    let (mut pair, _) = drained(9);
    let claimed = Mark { lseq: pair.ends[0].head(ScopeKey(1)).lseq, running: [3; 16] };
    pair.ends[1].set_received(1, claimed);
    pair.connect();
    pair.run(&mut Dice::new(10));
    pair.assert_equal(&[1]);
    assert_eq!(pair.ends[1].received(1), pair.ends[0].head(ScopeKey(1)));
}

#[test]
fn cursor_beyond_every_feed_begins_anew() {
    for lseq in [11, u64::MAX / 2, u64::MAX - 1, u64::MAX] {
        let (mut pair, _) = drained(11);
        pair.ends[1].set_received(1, Mark { lseq, running: [3; 16] });
        pair.connect();
        pair.run(&mut Dice::new(12));
        pair.assert_equal(&[1]);
        assert_eq!(pair.ends[1].received(1), pair.ends[0].head(ScopeKey(1)), "from {lseq}");
    }
}

#[test]
fn peer_that_claims_any_mark_at_any_time_moves_only_what_is_sent_to_it() {
    let marks = [0, 1, 2, 9, 10, 11, u64::MAX].map(|lseq| Mark { lseq, running: [7; 16] });
    let scope = ScopeKey(1);
    for mark in marks {
        let (mut pair, _) = drained(13);
        pair.connect();
        pair.run(&mut Dice::new(14));
        let before = pair.ends[0].holds(1);
        let frames = [
            sync::Frame::Ack { scope, mark, gap: false },
            sync::Frame::Ack { scope, mark, gap: true },
            sync::Frame::Rewind { scope, mark, round: 1 },
            sync::Frame::Cursors(vec![(scope, mark), (scope, Mark::default())]),
            sync::Frame::Mismatch { scope },
        ];
        for frame in frames {
            pair.ends[0].handle(0, Input::Frame(frame.encode().unwrap()));
            assert_eq!(pair.ends[0].closed, None);
        }
        assert_eq!(pair.ends[0].holds(1), before);
        // A new conversation with an honest end puts everything right.
        pair.connect();
        pair.run(&mut Dice::new(15));
        pair.assert_equal(&[1]);
    }
}

#[test]
fn stores_put_back_again_and_again_over_any_link_end_equal() {
    for seed in 0..200 {
        let mut dice = Dice::new(seed);
        let reliable = dice.percent(50);
        let faults = if reliable {
            Faults { lose: 0, double: 0, overtake: 0 }
        } else {
            Faults { lose: 10, double: 10, overtake: 20 }
        };
        let mut pair = Pair::new(End::new(&[1, 2]), End::new(&[1, 2]), reliable);
        pair.connect();
        let mut copies = [pair.ends[0].stored.clone(), pair.ends[1].stored.clone()];
        for _ in 0..150 {
            let at = dice.below(2);
            match dice.below(100) {
                0..3 => copies[at] = pair.ends[at].stored.clone(),
                3..5 => {
                    pair.ends[at] = End::of(&copies[at]);
                    pair.connect();
                }
                5..10 => pair.connect(),
                10..35 => {
                    let scope = 1 + u32::from(dice.percent(50));
                    pair.ends[at].write(scope, noise(dice.bits(), 50));
                    let frames = pair.ends[at].grown(pair.now, scope);
                    pair.send(1 - at, frames);
                }
                35..37 => pair.tick(5_000),
                _ => pair.faulty_step(&mut dice, faults),
            }
        }
        pair.connect();
        pair.calm(&mut dice);
        println!("seed {seed}");
        pair.assert_equal(&[1, 2]);
    }
}
