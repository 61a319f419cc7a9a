//! A report reads sums and one page of a list, however many tickets there are.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use desk::report::{EXCLUSION_TICKETS_MAX, Kind, Report, report};
use regulation::calendar::{Day, local_date, local_day};
use regulation::rates::{Exclusion, Sum, Tally};
use regulation::{ActId, UnitId};
use replica::registry::sign_entry;
use replica::{Change, DeviceKey, Registry, Unit, UnitKind};
use store::{CountRow, Store};

/// Noon of 2026-11-18 in local time.
const NOON: i64 = 1_794_974_400_000;
/// Tables with as many rows as there are units, states, days, months or a limit has; and the registry's.
const SMALL: [&str; 5] = ["figures", "sums", "generations", "projection", "meta"];
/// The end of an index.
const NEWEST: &str = "SELECT max(updated_at) FROM tickets";
/// A page of a list, by an index.
const LEFT_OUT: &str = "SELECT c.day, c.doc, d.id FROM counts c CROSS JOIN docs d ON d.doc = c.doc WHERE c.unit = ?1 \
                        AND c.leaves = 1 AND (c.day, c.doc) > (?2, ?3) AND c.day <= ?4 GROUP BY c.day, c.doc ORDER BY c.day, c.doc LIMIT ?5";

fn registry() -> Registry {
    let root = DeviceKey::from_secret(&[0xee; 32]);
    let day = Day { date: local_date(NOON), working: false, name: "假日".to_owned() };
    let changes = [
        Change::Found { city: "示例市".to_owned(), root_key: root.public() },
        Change::Units(vec![(UnitId(1), Unit::new("130600", "市热线", "市热线", UnitKind::CityHotline, None))]),
        Change::Calendar(vec![day]),
    ];
    let mut registry = Registry::default();
    for change in changes {
        let entry = sign_entry(None, &registry, change, 0, &root);
        registry.append(&entry).unwrap();
    }
    registry
}

/// A store with so many tickets, each of which does not count for unit 3.
fn store(tickets: u32) -> Store {
    let mut store = Store::in_memory().unwrap();
    let sum = Sum {
        tally: Tally { dispatched: 1, ..Tally::default() },
        excluded: [(Exclusion::Recalled, 1)].into_iter().collect(),
    };
    let numbers = sum.numbers();
    store.begin().unwrap();
    for n in 0..tickets {
        let mut id = [0; 32];
        id[..4].copy_from_slice(&n.to_be_bytes());
        let doc = store.add_doc(&ActId(id)).unwrap();
        let day = local_day(NOON) - i64::from(n % 17);
        let row =
            CountRow { day, afternoon: true, unit: UnitId(3), apart: false, leaves: true, numbers: numbers.clone() };
        store.put_counts(doc, &[row]).unwrap();
    }
    store.commit().unwrap();
    store
}

/// A report, and the statements that it took.
fn traced(tickets: u32, kind: Kind, period: &str) -> (Report, Vec<String>) {
    let mut store = store(tickets);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = heard.clone();
    store.trace(move |sql| told.lock().unwrap().push(sql.split_whitespace().collect::<Vec<_>>().join(" "))).unwrap();
    let made = report(&store, &registry(), UnitId(1), (kind, period, None), NOON).unwrap();
    let heard = heard.lock().unwrap().clone();
    (made, heard)
}

/// What was raised on one day, so many at most, by an index.
const RAISED: &str = "SELECT category, place, flags FROM tickets WHERE raised_at >= ?1 AND raised_at < ?2 AND state NOT IN \
                      ('awaiting-confirmation', 'own-matter') ORDER BY raised_at DESC LIMIT ?3";

/// The tables that a statement names.
fn tables(sql: &str) -> BTreeSet<&str> {
    let words: Vec<&str> =
        sql.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let named = words.windows(2).filter(|pair| ["FROM", "JOIN"].contains(&pair[0]) && pair[1] != "SELECT");
    named.map(|pair| pair[1]).collect()
}

#[test]
fn report_takes_the_same_statements_however_many_tickets_there_are() {
    for (kind, period) in [
        (Kind::Daily, "2026-11-18"),
        (Kind::Daily, "2026-11-19-noon"),
        (Kind::Daily, "2026-11"),
        (Kind::Rates, "2026-11"),
        (Kind::Rates, "2026"),
        (Kind::Exclusions, "2026-11"),
    ] {
        let ((few, of_few), (many, of_many)) = (traced(2_000, kind, period), traced(6_000, kind, period));
        assert_eq!(of_few, of_many, "{kind:?} of {period}");
        assert!(few.rows[0].dispatched < many.rows[0].dispatched && many.cursor.is_some(), "{kind:?} of {period}");
        let own = |sql: &&String| !tables(sql).iter().all(|table| SMALL.contains(table));
        let others: Vec<&String> =
            of_many.iter().filter(own).filter(|sql| ![NEWEST, LEFT_OUT, RAISED].contains(&&***sql)).collect();
        // What is left is of the tickets that stand on the page, each found by its document.
        let of_page = others.iter().filter(|sql| sql.contains("WHERE id = ?1") || sql.contains("doc = ?1")).count();
        assert_eq!(of_page, others.len(), "{others:#?}");
        assert!(of_page <= 2 * EXCLUSION_TICKETS_MAX, "{of_page}");
    }
}
