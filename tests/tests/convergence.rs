//! The central bet, briefly: see `cargo run --release -p tests --bin histories` for the long run.

use tests::city;
use tests::histories::check;

#[test]
fn every_order_of_arrival_comes_to_the_same() {
    let registry = city::registry();
    for seed in 0..300 {
        if let Err(why) = check(&registry, seed, 24, 4) {
            panic!(
                "seed {seed}: {why}; replay with: cargo run --release -p tests --bin histories -- --seed {seed} --count 1"
            );
        }
    }
}
