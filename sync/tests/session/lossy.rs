//! Links that lose, double and reorder frames: everything comes all the same, once the link is calm.

use crate::end::{Dice, End, noise};
use crate::pair::{Faults, Pair};

const SCOPES: [u32; 2] = [1, 2];

/// Both ends write now and then while the link does its worst, and connect anew at times.
fn through(seed: u64, faults: Faults, steps: usize) -> Pair {
    let mut dice = Dice::new(seed);
    let mut pair = Pair::new(End::new(&SCOPES), End::new(&SCOPES), false);
    pair.connect();
    for step in 0..steps {
        if dice.percent(20) {
            let (at, scope, len) = (dice.below(2), SCOPES[dice.below(2)], 10 + dice.below(4_000));
            pair.ends[at].write(scope, noise(dice.bits(), len));
            let frames = pair.ends[at].grown(pair.now, scope);
            pair.send(1 - at, frames);
        }
        if step % 40 == 39 {
            pair.tick(5_000);
        }
        if dice.percent(1) {
            pair.connect();
        }
        pair.faulty_step(&mut dice, faults);
    }
    pair.calm(&mut dice);
    pair.assert_equal(&SCOPES);
    pair
}

#[test]
fn lost_frames_are_sent_again() {
    for seed in 0..40 {
        through(seed, Faults { lose: 25, double: 0, overtake: 0 }, 200);
    }
}

#[test]
fn doubled_frames_are_taken_once() {
    for seed in 0..40 {
        through(seed, Faults { lose: 0, double: 40, overtake: 0 }, 200).assert_delivered_once();
    }
}

#[test]
fn overtaken_frames_join_in_the_end() {
    for seed in 0..40 {
        through(seed, Faults { lose: 0, double: 0, overtake: 60 }, 200);
    }
}

#[test]
fn all_faults_at_once_lose_nothing() {
    for seed in 0..60 {
        through(seed, Faults { lose: 15, double: 15, overtake: 30 }, 300);
    }
}

/// A document that needs Pieces, with others before and behind it.
fn with_pieces(seed: u64, faults: Faults) {
    let mut dice = Dice::new(seed);
    let (mut a, b) = (End::new(&SCOPES), End::new(&SCOPES));
    a.write(1, noise(1, 100));
    // Many small items make several Pieces as well as few large ones do, and are made faster.
    a.enter(1, (0..9_000).map(|n: u32| n.to_be_bytes().to_vec()).collect());
    a.write(1, noise(2, 100));
    let mut pair = Pair::new(a, b, false);
    pair.connect();
    for step in 0..60 {
        if step % 10 == 9 {
            pair.tick(5_000);
        }
        pair.faulty_step(&mut dice, faults);
    }
    pair.calm(&mut dice);
    pair.assert_equal(&SCOPES);
}

#[test]
fn pieces_that_are_lost_and_doubled_are_never_mistaken_for_each_other() {
    for seed in 0..8 {
        with_pieces(seed, Faults { lose: 20, double: 40, overtake: 30 });
    }
}
