//! The central bet, briefly: see `cargo run --release -p tests --bin histories` for the long run.

use replica::history::Sabotage;
use tests::city;
use tests::histories::check;

#[test]
fn every_order_of_arrival_comes_to_the_same() {
    let registry = city::registry();
    for seed in 0..300 {
        if let Err(why) = check(&registry, seed, 24, 4, Sabotage::None) {
            panic!(
                "seed {seed}: {why}; replay with: cargo run --release -p tests --bin histories -- --seed {seed} --count 1"
            );
        }
    }
}

#[test]
fn what_is_built_on_wrongly_is_seen() {
    let registry = city::registry();
    for sabotage in [Sabotage::KeepTooMuch, Sabotage::PutLast, Sabotage::LookBackAmiss] {
        let failing = (0..40).filter(|seed| check(&registry, *seed, 24, 2, sabotage).is_err()).count();
        assert!(failing >= 10, "{sabotage:?}: {failing} of 40");
    }
}
