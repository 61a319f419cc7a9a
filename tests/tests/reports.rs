//! Reports are made of what is kept, and say what counting every ticket says.

use std::collections::BTreeSet;

use tests::city::{MONDAY_NOON, root_key};
use tests::{matrix, reported};

use regulation::calendar::{Day, local_date};
use regulation::rates::{Exclusion, Tally};
use replica::Change;
use replica::registry::sign_entry;

#[test]
fn reports_of_tickets_of_every_kind_are_what_counting_them_comes_to() {
    let mut registry = matrix::registry();
    let holiday = Day { date: local_date(MONDAY_NOON), working: false, name: "假日".to_owned() };
    let entry = sign_entry(None, &registry, Change::Calendar(vec![holiday]), MONDAY_NOON, &root_key());
    registry.append(&entry).unwrap();
    let tickets = matrix::tickets(&registry, 15, 5).unwrap();
    let kernel = reported::hub(&registry, &tickets, MONDAY_NOON + 900 * 86_400_000).unwrap();
    assert_eq!(kernel.store().figures_off().unwrap(), [""; 0]);
    let seen = reported::check(&kernel, MONDAY_NOON + 200 * 86_400_000).unwrap();
    let all = Tally::FIGURES.iter().copied().chain(Exclusion::ALL.iter().map(|reason| reason.names().0));
    let unseen: BTreeSet<&str> = all.filter(|name| !seen.contains(*name)).collect();
    // Of these the regulation's own tests tell; that they are added up they share with the others.
    let parts = Tally::FIGURES.iter().copied().filter(|name| name.ends_with("_parts"));
    let others = ["proxy", "anonymous", "declined", "unreached", "deferred", "barred"];
    // These tickets were never confirmed by the city, and what is not confirmed is in time for nobody.
    let confirmed = ["signed_in_time", "left_unsigned", "closed_in_time", "finished_in_time", "responded", "fed_back"]
        .into_iter()
        .chain(["fed_back_in_time", "fed_back_open", "withdrawn-after-contact"]);
    let others: BTreeSet<&str> = confirmed.chain(parts).chain(others).collect();
    assert!(unseen.is_subset(&others), "of {} tickets, {unseen:?} was nothing to count", tickets.len());
}
