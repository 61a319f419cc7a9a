//! The central bet, briefly: see `cargo run --release -p tests --bin histories` for the long run.

use replica::history::{Reading, Sabotage};
use tests::city;
use tests::histories::{Registries, check, flood};

#[test]
fn every_order_of_arrival_comes_to_the_same() {
    let registries = Registries::new().unwrap();
    for seed in 0..300 {
        if let Err(why) = check(&registries, seed, 24, 4, Sabotage::None) {
            panic!(
                "seed {seed}: {why}; replay with: cargo run --release -p tests --bin histories -- --seed {seed} --count 1"
            );
        }
    }
}

#[test]
fn what_is_built_on_wrongly_is_seen() {
    let registries = Registries::new().unwrap();
    for sabotage in [Sabotage::KeepTooMuch, Sabotage::PutLast, Sabotage::LookBackAmiss] {
        let failing = (0..40).filter(|seed| check(&registries, *seed, 24, 2, sabotage).is_err()).count();
        assert!(failing >= 10, "{sabotage:?}: {failing} of 40");
    }
}

#[test]
fn a_stratum_that_is_weighed_by_the_newest_edition_is_seen() {
    let registries = Registries::new().unwrap();
    let corrected = |seed| check(&registries, seed, 24, 1, Sabotage::None).unwrap().corrected;
    let corrected = (0..40).map(corrected).sum::<usize>();
    assert!(corrected >= 10, "{corrected} acts on which the edition decides");
    let reading = Sabotage::Reads(Reading::NewestEdition);
    reading.build_in();
    let found = (0..160).filter_map(|seed| check(&registries, seed, 24, 4, reading).err().map(|why| (seed, why)));
    let found: Vec<_> = found.collect();
    // Only where the edition changes, and there it shows.
    assert!(found.len() >= 4 && found.iter().all(|(seed, _)| seed % 4 == 1), "{found:?}");
}

#[test]
fn floods_clones_and_hubs_that_were_put_back_change_nothing_that_they_may_not() {
    let registry = city::registry();
    let mut total = flood::Count::default();
    for (name, shape) in flood::shapes() {
        let count = if shape.burst > 10 { 4 } else { 20 };
        for seed in 0..count {
            match flood::check(&registry, seed, shape, 2, Sabotage::None) {
                Ok(count) => total.join(&count),
                Err(why) => panic!(
                    "{name}, seed {seed}: {why}; replay with: cargo run --release -p tests --bin histories -- --floods --seed {seed} --count 1"
                ),
            }
        }
    }
    // What was tried is what it is about.
    for what in
        ["evil acts", "fell for their place", "unlawful", "put aside", "names bounded", "mishaps", "hub mishaps"]
    {
        assert!(total.of.get(what).is_some_and(|n| *n > 0), "{what}: none in {total:?}");
    }
}

/// Of the hub's acts that its disk lost, the longer part was shown to nobody but a device that keeps no rule.
#[test]
fn a_line_of_the_hubs_that_was_held_back_changes_nothing_below_what_all_have_and_all_agree_once_it_is_shown() {
    let (_, lost) = flood::shapes().into_iter().find(|(_, shape)| shape.hub == flood::Hub::Rollback).unwrap();
    match flood::check(&city::registry(), 27, lost, 2, Sabotage::None) {
        Ok(count) => assert_eq!(count.of.get("a hub's line was held back"), Some(&1)),
        Err(why) => panic!("seed 27: {why}"),
    }
}

#[test]
fn each_looser_reading_of_the_rules_is_seen() {
    let registry = city::registry();
    // Each with the property that it fails, as `histories/flood.rs` names them.
    let readings = [
        (Sabotage::Reads(Reading::TwinsIgnored), "i: "),
        (Sabotage::Reads(Reading::HubBySize), "a: "),
        (Sabotage::Reads(Reading::ByArrival), "k: "),
        (Sabotage::Reads(Reading::NothingReserved), "n: "),
        (Sabotage::OwnUnnamed, "e: "),
        (Sabotage::HeadsNamed, "f: "),
        (Sabotage::KeepTooMuch, "the incremental fold"),
        (Sabotage::PutLast, "the incremental fold"),
        (Sabotage::LookBackAmiss, "admission "),
    ];
    for (sabotage, property) in readings {
        let tried = flood::shapes().into_iter().flat_map(|(_, shape)| (0..40).map(move |seed| (seed, shape)));
        let tried = tried.filter(|(_, shape)| shape.burst <= 10);
        let found = tried.filter_map(|(seed, shape)| flood::check(&registry, seed, shape, 2, sabotage).err());
        let mut others: Vec<String> = Vec::new();
        let seen = found.into_iter().any(|why| {
            others.push(why.chars().take(60).collect());
            why.starts_with(property)
        });
        assert!(seen, "{sabotage:?} does not fail by {property:?}, but by {others:?}");
    }
}
