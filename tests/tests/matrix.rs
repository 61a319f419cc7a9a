//! Pairs of acts made at once, in every order of arrival: a share of them here, all of them in
//! `cargo run --release -p tests --bin matrix`.

use tests::matrix::{Tally, check, registry, stories};

/// Of so many pairs one is tried here.
const EVERY: usize = 20;

#[test]
fn what_comes_of_two_acts_made_at_once_is_what_the_page_says_in_every_order_of_arrival() {
    let registry = registry();
    let mut total = Tally::default();
    for story in 0..stories() {
        match check(&registry, story, 1, EVERY) {
            Ok(tally) => total.add(tally),
            Err(why) => panic!("{why}"),
        }
    }
    let differing = total.against_the_page(false);
    assert!(differing.is_empty(), "docs/reconciliation.md says something else: {differing:#?}");
    assert!(total.pairs > 1_000 && total.orders > 10_000, "{} pairs, {} orders", total.pairs, total.orders);
}
