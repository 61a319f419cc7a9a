//! What a long feed costs: entries of which the peer needs nothing, and names of items that went before.

use sync::session::{KNOWN_BYTES, KNOWN_BYTES_MAX, PACKED_TO_MIN, PASSED_ENTRIES_MAX, WINDOW_BYTES_MAX};
use sync::{Carried, Frame};

use crate::end::{Dice, End, carried, id_of, noise};
use crate::pair::Pair;

/// A hub that has written so many entries, and a node that has none of its own.
fn received(entries: usize) -> Pair {
    let mut pair = Pair::new(End::new(&[1]), End::new(&[1]), true);
    for n in 0..entries {
        pair.ends[0].write(1, noise(n as u64, 40));
    }
    pair.connect();
    pair.run(&mut Dice::new(1));
    pair.assert_equal(&[1]);
    pair
}

/// Entries that the second end reads of its own feed when it connects again.
fn read_again(pair: &mut Pair) -> usize {
    pair.ends[1].read = 0;
    pair.connect();
    pair.run(&mut Dice::new(2));
    pair.assert_equal(&[1]);
    pair.ends[1].read
}

#[test]
fn a_node_that_only_receives_does_not_read_its_feed_again_at_each_connection() {
    let limit = usize::try_from(PASSED_ENTRIES_MAX).unwrap();
    // Up to the limit it does: a batch that brings nothing would cost more.
    assert_eq!(read_again(&mut received(limit - 1)), limit - 1);
    let mut pair = received(limit);
    assert_eq!(read_again(&mut pair), 0);
    let mut pair = received(5 * limit + 100);
    let sent = pair.sent_to[0].len();
    assert!(read_again(&mut pair) < limit);
    // It tells once, and then there is nothing more to tell.
    assert!(pair.sent_to[0].len() - sent <= 3, "{} frames", pair.sent_to[0].len() - sent);
    assert!(read_again(&mut pair) < limit);
}

#[test]
fn a_store_that_was_put_back_after_its_feed_was_covered_gets_everything_again() {
    let limit = usize::try_from(PASSED_ENTRIES_MAX).unwrap();
    for at in [0, 1] {
        for early in [limit / 2, 2 * limit] {
            let mut pair = received(early);
            let stored = pair.ends[at].stored.clone();
            for n in 0..limit {
                pair.ends[0].write(1, noise(1_000_000 + n as u64, 40));
            }
            pair.connect();
            pair.run(&mut Dice::new(3));
            pair.ends[at] = End::of(&stored);
            pair.ends[at].write(1, noise(9_000_000, 40));
            pair.connect();
            pair.run(&mut Dice::new(4));
            pair.assert_equal(&[1]);
            assert_eq!(pair.ends[at].holds(1).len(), early + limit + 1);
        }
    }
}

#[test]
fn items_are_named_while_their_names_take_no_more_than_they_may() {
    let most = KNOWN_BYTES_MAX / KNOWN_BYTES;
    for (others, named) in [(most - 1, true), (most, false)] {
        let mut pair = Pair::new(End::new(&[1, 7]), End::new(&[1, 7]), true);
        let both = noise(0, 40);
        pair.ends[0].write(1, both.clone());
        for n in 1..=others {
            pair.ends[0].write(1, n.to_be_bytes().to_vec());
        }
        pair.ends[0].write(7, both.clone());
        pair.connect();
        pair.run(&mut Dice::new(1));
        pair.assert_equal(&[1, 7]);
        let last = pair.sent_to[1].iter().rev().find_map(|frame| match Frame::decode(frame) {
            Ok(Frame::Batch { scope, items, .. }) if scope.0 == 7 => items.into_iter().next(),
            _ => None,
        });
        assert_eq!(last == Some(Carried::Known(id_of(&both))), named, "{others} others");
    }
}

#[test]
fn what_packs_to_nothing_fills_the_window_all_the_same() {
    let mut pair = Pair::new(End::new(&[1, 2]), End::new(&[1, 2]), true);
    for n in 0..200_u64 {
        pair.ends[0].write(2, [&n.to_be_bytes()[..], &[0; 100_000]].concat());
    }
    pair.connect();
    // The other end hears nothing but the greeting, and acknowledges nothing.
    let greeting = pair.under_way[1].pop_front().unwrap();
    pair.arrive(1, greeting);
    while let Some(frame) = pair.under_way[0].pop_front() {
        pair.arrive(0, frame);
    }
    let under_way: usize = pair.sent_to[1].iter().map(|frame| carried(frame).len() * 100_000).sum();
    let most = WINDOW_BYTES_MAX * PACKED_TO_MIN;
    assert!((most / 2..most + 200_000).contains(&under_way), "{under_way} bytes to unpack are under way");
    pair.run(&mut Dice::new(1));
    pair.assert_equal(&[1, 2]);
}
