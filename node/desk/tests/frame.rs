//! What stands around every page is read from what is kept: from no table that grows with what a node holds.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use desk::{Me, Status, view};
use regulation::{DeviceId, UnitId};
use replica::registry::sign_entry;
use replica::{Change, Class, Device, DeviceKey, Registry, Unit, UnitKind};
use store::{Cursor, Mark, ScopeId, Store};

/// Tables with as many rows as there are peers, scopes, units, states, days with dues or alarms, or a limit has.
const SMALL: [&str; 9] =
    ["alarms", "backlog", "cursors", "figures", "generations", "meta", "projection", "refused", "totals"];
/// One row of `acts` by the index of a device's newest line: when the hub was heard last.
const LAST_OF_DEVICE: &str = "SELECT received_at FROM lines l CROSS JOIN acts a ON a.line = l.line \
                              WHERE l.device = ?1 ORDER BY l.epoch DESC, a.dseq DESC LIMIT 1";

/// Acts that are newer than the program stand in an index of their own, and quotas bound them.
const NEWER: &str = "SELECT count(*), count(DISTINCT doc) FROM acts WHERE verdict = 3";

fn registry() -> Registry {
    let root = DeviceKey::from_secret(&[0xee; 32]);
    let unit = |name: &str, kind, parent| Unit {
        code: name.to_owned(),
        short: name.to_owned(),
        name: name.to_owned(),
        kind,
        parent,
        government: None,
        superiors: Vec::new(),
    };
    let device = |id: u8, unit, class| Device {
        unit,
        class,
        key: DeviceKey::from_secret(&[id; 32]).public(),
        name: format!("设备{id}"),
    };
    let changes = [
        Change::Found { city: "示例市".to_owned(), root_key: root.public() },
        Change::Units(vec![
            (UnitId(1), unit("130600", UnitKind::CityHotline, None)),
            (UnitId(2), unit("130601", UnitKind::Township, Some(UnitId(1)))),
        ]),
        Change::Device(DeviceId(1), device(1, UnitId(1), Class::Hub)),
        Change::Device(DeviceId(2), device(2, UnitId(2), Class::Office)),
        Change::Hub(DeviceId(1)),
    ];
    let mut registry = Registry::default();
    for change in changes {
        let entry = sign_entry(None, &registry, change, 0, &root);
        registry.append(&entry).unwrap();
    }
    registry
}

/// The tables that a statement names.
fn tables(sql: &str) -> BTreeSet<String> {
    let words: Vec<&str> =
        sql.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let named = words.windows(2).filter(|pair| ["FROM", "JOIN"].contains(&pair[0]) && pair[1] != "SELECT");
    named.map(|pair| pair[1].to_owned()).collect()
}

#[test]
fn frame_of_a_page_reads_no_table_that_grows() {
    let registry = registry();
    for id in [DeviceId(1), DeviceId(2)] {
        let mut store = Store::in_memory().unwrap();
        store.begin().unwrap();
        for peer in [1, 2, 3] {
            let cursor = Cursor { acked: Mark { lseq: 1, running: [0; 16] }, ..Cursor::default() };
            store.set_cursor(DeviceId(peer), ScopeId(2), &cursor).unwrap();
        }
        store.commit().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let told = heard.clone();
        store.trace(move |sql| told.lock().unwrap().push(sql.to_owned())).unwrap();
        let device = registry.now().device(id).unwrap().clone();
        let me = Me { id, hub: id == DeviceId(1), device };
        view::sync(&store, &registry, &me, &Status::default(), &[], 1_000).unwrap();
        let heard = heard.lock().unwrap();
        assert!(heard.len() > 5, "{heard:?}");
        for sql in heard.iter() {
            let plain = sql.split_whitespace().collect::<Vec<_>>().join(" ");
            let known = tables(&plain).iter().all(|table| SMALL.contains(&table.as_str()));
            assert!(known || [LAST_OF_DEVICE, NEWER].contains(&plain.as_str()), "{plain}");
        }
    }
}
