//! Frames of a newer version: fields that are not known are passed over at every level, and the table of those that are
//! stands in docs/protocol.md.

use std::collections::BTreeSet;

use super::*;

/// Any value of CBOR that has a definite length, as bytes.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(|n| minicbor::to_vec(n).unwrap()),
        any::<i64>().prop_map(|n| minicbor::to_vec(n).unwrap()),
        any::<bool>().prop_map(|flag| minicbor::to_vec(flag).unwrap()),
        any::<f64>().prop_map(|n| minicbor::to_vec(n).unwrap()),
        "[a-z接诉]{0,9}".prop_map(|text| minicbor::to_vec(text).unwrap()),
        prop::collection::vec(any::<u8>(), 0..40)
            .prop_map(|bytes| minicbor::to_vec(minicbor::bytes::ByteVec::from(bytes)).unwrap()),
        Just(vec![0xf6]),
        Just(vec![0xf7]),
        Just(vec![0xe0]),
        Just(vec![0xc1, 0x00]),
    ];
    leaf.prop_recursive(4, 20, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4).prop_map(|values| {
            let len = u8::try_from(values.len()).unwrap();
            [vec![0x80 | len], values.concat()].concat()
        });
        let map = prop::collection::vec((inner.clone(), inner), 0..3).prop_map(|values| {
            let len = u8::try_from(values.len()).unwrap();
            [vec![0xa0 | len], values.into_iter().flat_map(|(a, b)| [a, b]).flatten().collect()].concat()
        });
        prop_oneof![list, map]
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn fields_that_are_not_known_change_nothing_at_any_level(
        frame in 0usize..10,
        added in prop::collection::vec((any::<prop::sample::Index>(), 20u64..400, value()), 1..6),
    ) {
        let frame = frames()[frame].clone();
        let mut tree = Value::of(&frame.encode().unwrap());
        let mut places = BTreeSet::new();
        for (index, number, value) in added {
            let map = index.index(tree.maps());
            if places.insert((map, number)) {
                tree = tree.changed(map, |fields| {
                    fields.push((number, Value::Plain(value)));
                    fields.sort_by_key(|(number, _)| *number);
                });
            }
        }
        let (read, passed) = Frame::read(&tree.bytes()).unwrap();
        prop_assert_eq!(read, frame);
        prop_assert_eq!(passed, places.len() as u64);
    }
}

#[test]
fn every_level_of_every_frame_can_grow() {
    // The frame itself, and each cursor, item and name in it.
    let levels: Vec<usize> = frames()[..10].iter().map(|frame| Value::of(&frame.encode().unwrap()).maps()).collect();
    assert_eq!(levels, [1, 1, 3, 4, 4, 1, 1, 1, 3, 4]);
}

/// Type, name and fields of each frame, as docs/protocol.md lists them.
fn table() -> Vec<(u64, String, Vec<u64>)> {
    let page = include_str!("../../../docs/protocol.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("| frame |")).skip(2);
    let row = |line: &str| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let (kind, name) = cells.next()?.split_once(' ')?;
        let numbers = cells.next()?.split(", ").filter_map(|field| field.split(' ').next()?.parse().ok());
        Some((kind.parse().ok()?, name.to_owned(), numbers.collect()))
    };
    rows.take_while(|line| line.starts_with('|')).map(|line| row(line).unwrap()).collect()
}

#[test]
fn table_of_the_documentation_is_what_is_written() {
    let table = table();
    assert_eq!(table.len(), 10);
    for ((kind, name, fields), frame) in table.iter().zip(frames()) {
        assert_eq!((*kind, format!("{frame:?}").starts_with(name.as_str())), (frame.kind(), true), "{frame:?}");
        let Value::Map(written) = Value::of(&frame.encode().unwrap()) else { unreachable!() };
        let written: Vec<u64> = written.iter().map(|(number, _)| *number).skip(1).collect();
        assert_eq!(*fields, written, "{name}");
    }
}
