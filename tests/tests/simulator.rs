//! Fixed seeds of the simulator, and proof that its checks see what they are for: see
//! `cargo run --release -p tests --bin sim` for the long run.

use kernel::Sabotage;
use tests::sim::lies::{Counted, Lie, Lies};
use tests::sim::{Plan, again, run};

/// Events of the first phase; enough for some eighty acts with crashes, cuts and restores between them.
const EVENTS: usize = 240;

fn all_hold(nodes: usize, seeds: std::ops::Range<u64>) {
    let plan = Plan { nodes, events: EVENTS, ..Plan::default() };
    let failed: Vec<String> = seeds
        .filter_map(|seed| {
            run(seed, plan, false).err().map(|why| format!("seed {seed}: {why}\n  {}", again(seed, plan)))
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

// Ten seeds a test, so that the threads of the test runner share them.

#[test]
fn five_nodes_lose_nothing_and_end_equal() {
    all_hold(5, 0..10);
}

#[test]
fn five_other_nodes_lose_nothing_and_end_equal() {
    all_hold(5, 10..20);
}

#[test]
fn six_nodes_lose_nothing_and_end_equal() {
    all_hold(6, 20..30);
}

#[test]
fn six_other_nodes_lose_nothing_and_end_equal() {
    all_hold(6, 30..40);
}

#[test]
fn seven_nodes_lose_nothing_and_end_equal() {
    all_hold(7, 40..50);
}

#[test]
fn seven_other_nodes_lose_nothing_and_end_equal() {
    all_hold(7, 50..60);
}

/// A fault that is built in shows within thirty seeds, and it is the check for it that speaks: in one of these ways.
fn caught(sabotage: Sabotage, ways: &[&str]) {
    let failed = (0..30).find_map(|seed| {
        let plan = Plan { nodes: 6, events: EVENTS, sabotage };
        run(seed, plan, false).err().map(|why| (seed, why))
    });
    let (seed, why) = failed.unwrap_or_else(|| panic!("no check noticed {sabotage:?}"));
    let seen = ways.iter().any(|way| way.split(" … ").all(|words| why.contains(words)));
    assert!(seen, "seed {seed} failed by another check: {why}");
}

#[test]
fn speaking_before_the_commit_is_caught() {
    // Either a person was told of an act that a crash then lost, or a peer counts on what was never durable.
    caught(Sabotage::AckBeforeCommit, &["which a person was told is saved", "as held by"]);
}

#[test]
fn sending_what_a_peer_may_not_hold_is_caught() {
    caught(Sabotage::LeakScopes, &["which does not hold it"]);
}

#[test]
fn sending_private_parts_to_whom_they_are_withheld_from_is_caught() {
    caught(Sabotage::LeakParts, &["sent a private part"]);
}

#[test]
fn forcing_nothing_to_the_disk_is_caught() {
    caught(Sabotage::FsyncOff, &["which a person was told is saved", "as held by"]);
}

#[test]
fn counting_a_document_into_a_scope_without_a_part_in_it_is_caught() {
    caught(Sabotage::EnterWithoutMembership, &["which has no part in it", "which was never sent to it"]);
}

#[test]
fn leaving_signatures_unchecked_is_caught() {
    caught(Sabotage::SignatureUnchecked, &["the signature is not that of the device"]);
}

#[test]
fn judging_by_the_registry_of_now_is_caught() {
    caught(Sabotage::RegistryAsOfNow, &["by the registry that it names it is"]);
}

#[test]
fn counting_as_received_what_was_declined_is_caught() {
    caught(Sabotage::CursorThoughDeclined, &["as received … has it not"]);
}

#[test]
fn letting_go_of_what_waited_is_caught() {
    // Gone from one group to the next; or within one group, and then what was received is not there.
    caught(Sabotage::RetryDropping, &["which waited there, and nothing became of it", "as received"]);
}

#[test]
fn skipping_a_projection_is_caught() {
    // One node differs from another, or from itself once all is computed again; or who is kept out is, which is projected, is not known.
    let ways = ["differ: projections of", "the rebuilt projections differ", "sent a private part"];
    caught(Sabotage::ProjectionSkipped, &ways);
}

#[test]
fn folding_in_the_order_of_arrival_is_caught() {
    // One node comes to something else than another; or than itself, once what came late has settled in another place.
    caught(Sabotage::FoldByArrival, &["differ", "settled as"]);
}

#[test]
fn counting_twins_is_caught() {
    caught(Sabotage::TwinsIgnored, &["which is of the same line"]);
}

#[test]
fn leaving_ones_own_newest_unnamed_is_caught() {
    caught(Sabotage::OwnUnnamed, &["which is honest, fall for its place"]);
}

/// Lies that never get to the place that they are for prove nothing, nor do terms that never end.
#[test]
fn lies_come_to_where_they_are_told_and_days_bring_delays_and_urging() {
    let (mut lies, mut late, mut urged) = (Lies::default(), 0, 0);
    for seed in (0..40).filter(|seed| seed / 2 % 2 == 0) {
        let plan = Plan { nodes: 6, events: EVENTS, ..Plan::default() };
        let run = run(seed, plan, false).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        lies.add(&run.lies);
        (late, urged) = (late + run.late, urged + run.urged);
    }
    println!("{}\ntickets late {late}, units urged {urged}", lies.lines().join("\n"));
    assert!(late > 0 && urged > 0, "tickets late {late}, units urged {urged}");
    for lie in Lie::ALL {
        assert!(lies.of(lie, Counted::Delivered) > 0, "no {lie:?} came to anybody");
    }
    for (lie, answers) in [
        (Lie::ForeignId, Counted::Held),
        (Lie::UnknownId, Counted::Held),
        (Lie::ForgedName, Counted::Refused),
        (Lie::ChangedByte, Counted::Refused),
        (Lie::RegistryAhead, Counted::Held),
        (Lie::NeverComes, Counted::Held),
    ] {
        assert!(lies.of(lie, answers) > 0, "no {lie:?} was {answers:?}");
    }
    for lie in [Lie::UnknownId, Lie::ForgedName, Lie::ChangedByte, Lie::NeverComes] {
        assert_eq!(lies.of(lie, Counted::Admitted) + lies.of(lie, Counted::Unlawful), 0, "{lie:?} was judged");
    }
}
