//! Frames as bytes: the layout is pinned, and nothing that comes from outside is more than an error.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "frames/cbor.rs"]
mod cbor;
#[path = "frames/newer.rs"]
mod newer;

use proptest::prelude::*;
use sync::frame::{
    FEATURES_MAX, FIELDS_MAX, FRAME_BYTES_MAX, ITEM_BYTES_MAX, ITEMS_BYTES_MAX, ITEMS_MAX, PASSED_FROM, SCOPES_MAX,
    VERSION, WANT_IDS_MAX,
};
use sync::{Carried, Frame, Hello, Mark, Name, ScopeKey};

use cbor::Value;

const SCOPE: ScopeKey = ScopeKey(7);

fn mark(lseq: u64) -> Mark {
    Mark { lseq, running: [0xaa; 16] }
}

fn batch(items: Vec<Carried>) -> Frame {
    let (from, before, to) = (2, [0xbb; 16], mark(300));
    let (restart, more, round, pieces, last_piece) = (true, true, 4, 2, 9);
    Frame::Batch { scope: SCOPE, from, before, to, restart, more, round, pieces, last_piece, items }
}

fn items() -> Vec<Carried> {
    vec![Carried::item(b"item".to_vec()), Carried::Known([0xcc; 32]), Carried::Item { kind: 5, bytes: vec![7] }]
}

/// One of each type.
fn frames() -> Vec<Frame> {
    vec![
        Frame::Hello(Hello {
            min: 1,
            max: 2,
            digest: [0xdd; 16],
            ask: true,
            features: vec![3, 400],
            program: "1.2".to_owned(),
            of_itself: vec![8, 9],
        }),
        Frame::CursorsPlease,
        Frame::Cursors(vec![(ScopeKey(1), mark(5)), (ScopeKey(u32::MAX), mark(u64::MAX))]),
        batch(items()),
        Frame::Pieces { scope: SCOPE, number: 8, items: items() },
        Frame::Ack { scope: SCOPE, mark: mark(6), gap: true },
        Frame::Rewind { scope: SCOPE, mark: mark(6), round: 3 },
        Frame::Mismatch { scope: SCOPE },
        Frame::Want {
            scope: SCOPE,
            names: vec![Name::of([0xee; 32]), Name { kind: 1, id: [0xef; 32], part: Some(2) }],
        },
        Frame::Given { scope: SCOPE, items: items() },
        Frame::Unknown(64),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes from hexadecimal digits; blanks are for the reader.
fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

// A change here is a change of the wire: it needs another version, and docs/protocol.md.
#[test]
fn layout_of_every_frame_is_pinned() {
    assert_eq!(VERSION, 1);
    let (aa, bb, dd) = ("aa".repeat(16), "bb".repeat(16), "dd".repeat(16));
    // Where zstd bytes follow, only what stands before them; they are looked into below.
    let expected = [
        format!("a8 00 01 01 01 02 02 03 50{dd} 04 f5 05 82 03 190190 06 63 312e32 07 42 0809"),
        "a1 00 02".to_owned(),
        format!("a2 00 03 01 82 a3 01 01 02 05 03 50{aa} a3 01 1affffffff 02 1bffffffffffffffff 03 50{aa}"),
        format!("ac 00 04 01 07 02 02 03 50{bb} 04 19012c 05 50{aa} 06 03 07 04 08 02 09 09 0a 1832 0b"),
        "a5 00 05 01 07 02 08 03 1832 04".to_owned(),
        format!("a5 00 06 01 07 02 06 03 50{aa} 04 f5"),
        format!("a5 00 07 01 07 02 06 03 50{aa} 04 03"),
        "a2 00 08 01 07".to_owned(),
        format!("a3 00 09 01 07 02 82 a1 02 5820{} a3 01 01 02 5820{} 03 02", "ee".repeat(32), "ef".repeat(32)),
        "a4 00 0a 01 07 02 1832 03".to_owned(),
        "a1 00 1840".to_owned(),
    ];
    for (frame, expected) in frames().iter().zip(expected) {
        let (encoded, expected) = (frame.encode().unwrap(), unhex(&expected));
        let packed = matches!(frame, Frame::Batch { .. } | Frame::Pieces { .. } | Frame::Given { .. });
        let pinned = if packed { &encoded[..expected.len()] } else { &encoded[..] };
        assert_eq!(hex(pinned), hex(&expected), "{frame:?}");
    }
}

// What is at its default is left out: most batches are no longer than their positions would be.
#[test]
fn what_is_at_its_default_is_not_written() {
    let plain = [
        Frame::Hello(Hello { min: 1, max: 1, ..Hello::default() }),
        Frame::Cursors(Vec::new()),
        Frame::Ack { scope: SCOPE, mark: mark(6), gap: false },
        Frame::Given { scope: SCOPE, items: Vec::new() },
    ];
    let lens = [4, 1, 4, 2];
    for (frame, len) in plain.iter().zip(lens) {
        let bytes = frame.encode().unwrap();
        assert_eq!(bytes[0], 0xa0 | len, "{frame:?}");
        assert_eq!(Frame::decode(&bytes).unwrap(), *frame);
    }
    let Frame::Batch { scope, from, before, to, .. } = batch(Vec::new()) else { unreachable!() };
    let (restart, more, round, pieces, last_piece, items) = (false, false, 0, 0, 0, Vec::new());
    let empty = Frame::Batch { scope, from, before, to, restart, more, round, pieces, last_piece, items };
    assert_eq!(empty.encode().unwrap()[0], 0xa6);
    assert_eq!(Frame::decode(&empty.encode().unwrap()).unwrap(), empty);
}

#[test]
fn layout_of_items_is_pinned() {
    let plain = unhex(&format!("83 a1 02 44 6974656d a1 03 5820 {} a2 01 05 02 41 07", "cc".repeat(32)));
    assert_eq!(plain.len(), 0x32);
    for frame in [batch(items()), Frame::Pieces { scope: SCOPE, number: 8, items: items() }] {
        let encoded = frame.encode().unwrap();
        let zstd = encoded.windows(4).position(|bytes| bytes == [0x28, 0xb5, 0x2f, 0xfd]).unwrap();
        assert_eq!(hex(&zstd::bulk::decompress(&encoded[zstd..], 1_000).unwrap()), hex(&plain));
        // Whatever level the peer packs with: it is the same frame.
        let other = zstd::bulk::compress(&plain, 19).unwrap();
        let mut again = encoded[..zstd - 2].to_vec();
        again.extend([0x58, u8::try_from(other.len()).unwrap()]);
        again.extend(other);
        assert_eq!(Frame::decode(&again).unwrap(), frame);
    }
}

#[test]
fn every_frame_is_read_as_it_was_written() {
    for frame in frames() {
        assert_eq!(Frame::decode(&frame.encode().unwrap()).unwrap(), frame);
    }
}

#[test]
fn frame_that_ends_anywhere_but_at_its_end_is_malformed() {
    for frame in frames() {
        let bytes = frame.encode().unwrap();
        for len in 0..bytes.len() {
            assert!(Frame::decode(&bytes[..len]).is_err(), "{frame:?} at {len}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        if !matches!(frame, Frame::Unknown(_)) {
            assert!(Frame::decode(&longer).is_err(), "{frame:?} with a byte too many");
        }
    }
}

#[test]
fn type_of_a_newer_version_is_unknown_whatever_it_holds() {
    for bytes in ["a1 00 0b", "a3 00 1863 f5 ff", "a2 00 1bffffffffffffffff 00", "b8ff 00 0b"] {
        assert!(matches!(Frame::decode(&unhex(bytes)), Ok(Frame::Unknown(_))), "{bytes}");
    }
    assert_eq!(PASSED_FROM, 64, "what may be passed over is told by its number, for ever");
}

/// A Batch of which the fields of its items are given.
fn batch_bytes(rest: &str) -> Vec<u8> {
    unhex(&format!("a8 00 04 01 07 02 02 03 50{} 04 19012c 05 50{} {rest}", "bb".repeat(16), "aa".repeat(16)))
}

fn pieces_bytes(length: &str, plain: &[u8]) -> Vec<u8> {
    let zstd = zstd::bulk::compress(plain, 1).unwrap();
    let mut bytes = unhex(&format!("a5 00 05 01 07 02 01 03 {length} 04 5a {:08x}", zstd.len()));
    bytes.extend(zstd);
    bytes
}

#[test]
fn length_that_is_beyond_its_limit_is_malformed_and_allocates_nothing() {
    let huge = ["1a 7fffffff", "1b 7fffffffffffffff", "1b 8000000000000000", "1b ffffffffffffffff"];
    for length in huge {
        let map = length.replace("1a", "ba").replace("1b", "bb");
        let array = length.replace("1a", "9a").replace("1b", "9b");
        let of_bytes = length.replace("1a", "5a").replace("1b", "5b");
        // The frame's own map, a list of cursors, a cursor, the decompressed length, the bytes, the number of items, an
        // item, and values of fields that are not known.
        let malformed = [
            unhex(&format!("{map} 00 02")),
            unhex(&format!("a2 00 03 01 {array}")),
            unhex(&format!("a2 00 03 01 81 {map}")),
            batch_bytes(&format!("0a {length} 0b 40")),
            batch_bytes(&format!("0a 01 0b {of_bytes}")),
            pieces_bytes("09", &unhex(&array)),
            pieces_bytes("0a", &unhex(&format!("81 {map}"))),
            pieces_bytes("0b", &unhex(&format!("81 a1 02 {of_bytes}"))),
            unhex(&format!("a2 00 02 01 {array} 00")),
            unhex(&format!("a2 00 02 01 {map} 00")),
            unhex(&format!("a2 00 02 01 {of_bytes} 00")),
        ];
        for bytes in malformed {
            assert!(Frame::decode(&bytes).is_err(), "{}", hex(&bytes));
        }
    }
}

#[test]
fn lengths_that_are_indefinite_or_negative_are_malformed() {
    let dd = "dd".repeat(16);
    let malformed = [
        format!("bf 00 01 01 01 02 01 03 50{dd} ff"),
        format!("a4 00 01 01 01 02 01 03 5f 50{dd} ff"),
        format!("a4 00 01 01 20 02 01 03 50{dd}"),
        format!("a5 00 01 01 01 02 01 03 50{dd} 04 01"),
        "a2 00 08 01 3a ffffffff".to_owned(),
        "a2 00 03 01 9f ff".to_owned(),
        // Fields that are not known: a list without an end, a break where none may be.
        "a2 00 02 01 9f ff".to_owned(),
        "a2 00 02 01 ff".to_owned(),
        "a0".to_owned(),
        "81 02".to_owned(),
        "a1 01 01".to_owned(),
        "a1 20 01".to_owned(),
        "00".to_owned(),
    ];
    for bytes in malformed {
        assert!(Frame::decode(&unhex(&bytes)).is_err(), "{bytes}");
    }
}

#[test]
fn frame_that_lacks_a_field_is_malformed() {
    // All that may be left out, by type; the last of some Pieces only with their number.
    let optional: [(u64, &[u64]); 7] =
        [(1, &[4, 5, 6, 7]), (3, &[1]), (4, &[6, 7, 8]), (5, &[]), (6, &[4]), (9, &[2]), (10, &[])];
    for frame in frames().into_iter().filter(|frame| frame.kind() < PASSED_FROM) {
        let Value::Map(fields) = Value::of(&frame.encode().unwrap()) else { unreachable!() };
        let may = optional.iter().find(|(kind, _)| *kind == frame.kind()).map_or(&[][..], |(_, may)| may);
        for at in 0..fields.len() {
            let mut fewer = fields.clone();
            let (number, _) = fewer.remove(at);
            let read = Frame::decode(&Value::Map(fewer).bytes());
            assert_eq!(read.is_ok(), may.contains(&number), "{frame:?} without {number}: {read:?}");
        }
    }
}

#[test]
fn fields_that_come_twice_or_out_of_order_are_malformed() {
    for frame in frames().into_iter().filter(|frame| frame.kind() < PASSED_FROM) {
        let whole = Value::of(&frame.encode().unwrap());
        for at in 0..whole.maps() {
            for wrong in [
                whole.clone().changed(at, |fields| fields.push(fields[0].clone())),
                whole.clone().changed(at, |fields| fields.extend(fields.clone())),
                whole.clone().changed(at, |fields| fields.insert(0, (900, Value::Plain(vec![0x01])))),
            ] {
                assert!(Frame::decode(&wrong.bytes()).is_err(), "{frame:?}: {wrong:?}");
            }
        }
        let Value::Map(fields) = whole else { unreachable!() };
        if fields.len() > 2 {
            let mut turned = fields.clone();
            turned[1..].reverse();
            assert!(Frame::decode(&Value::Map(turned).bytes()).is_err(), "{frame:?}");
        }
    }
}

#[test]
fn values_of_another_type_or_length_are_malformed() {
    let dd = "dd".repeat(16);
    let malformed = [
        // A cursor that is a list, and one without a running hash.
        format!("a2 00 03 01 81 83 01 05 50{dd}"),
        "a2 00 03 01 81 a2 01 01 02 05".to_owned(),
        // A digest of fifteen bytes; a flag that is a number; a version of three bytes.
        format!("a4 00 01 01 01 02 01 03 4f{}", &dd[2..]),
        format!("a5 00 01 01 01 02 01 03 50{dd} 04 00"),
        format!("a4 00 01 01 1a00010000 02 01 03 50{dd}"),
        // What a program calls its version: too long, and with a line feed.
        format!("a5 00 01 01 01 02 01 03 50{dd} 06 7821{}", "61".repeat(33)),
        format!("a5 00 01 01 01 02 01 03 50{dd} 06 61 0a"),
    ];
    for bytes in malformed {
        assert!(Frame::decode(&unhex(&bytes)).is_err(), "{bytes}");
    }
    // Items that are no maps, and one whose bytes are text.
    for items in ["81 80", "81 82 00 41 00", "81 a1 02 61 61", "a1 01 01"] {
        let plain = unhex(items);
        assert!(Frame::decode(&pieces_bytes(&format!("{:02x}", plain.len()), &plain)).is_err(), "{items}");
    }
    // In a form that is not known, or of a kind beyond all numbers: it can be seen that they are newer.
    for items in ["81 a0", "81 a1 18c8 01", "81 a2 01 1a00010000 02 41 00", "81 a2 01 01 03 5820"] {
        let plain = [unhex(items), if items.ends_with("5820") { vec![1; 32] } else { Vec::new() }].concat();
        let frame = Frame::decode(&pieces_bytes(&format!("18 {:02x}", plain.len()), &plain)).unwrap();
        assert!(matches!(frame, Frame::Pieces { items, .. } if items == [Carried::Newer]), "{items}");
    }
}

#[test]
fn batch_that_covers_what_cannot_be_is_malformed() {
    let of = |from: u64, lseq: u64, pieces: u64, last_piece: u64| {
        let Frame::Batch { scope, before, restart, more, round, items, .. } = batch(Vec::new()) else { unreachable!() };
        let to = mark(lseq);
        Frame::Batch { scope, from, before, to, restart, more, round, pieces, last_piece, items }.encode().unwrap()
    };
    for (from, lseq, pieces, last_piece) in
        [(0, 5, 0, 0), (0, 0, 0, 0), (7, 5, 0, 0), (u64::MAX, 5, 0, 0), (1, 5, 2, 1)]
    {
        assert!(
            Frame::decode(&of(from, lseq, pieces, last_piece)).is_err(),
            "{from} to {lseq}, {pieces} of {last_piece}"
        );
    }
    for (from, lseq) in [(1, 0), (6, 5), (5, 5), (u64::MAX, u64::MAX), (1, u64::MAX)] {
        assert!(Frame::decode(&of(from, lseq, 0, 0)).is_ok(), "{from} to {lseq}");
    }
}

#[test]
fn bomb_ends_where_its_stated_length_ends() {
    // 200 MB of zeros in some 20 kB.
    let bomb = zstd::bulk::compress(&vec![0; 200_000_000], 1).unwrap();
    assert!(bomb.len() < 40_000);
    for length in [format!("1a {ITEMS_BYTES_MAX:08x}"), "01".to_owned(), "1a 0bebc200".to_owned()] {
        let mut bytes = batch_bytes(&format!("0a {length} 0b 5a {:08x}", bomb.len()));
        bytes.extend(&bomb);
        assert!(Frame::decode(&bytes).is_err(), "stated as {length}");
    }
    // One that states less than it holds, and one that states more.
    for length in ["00", "02"] {
        assert!(Frame::decode(&pieces_bytes(length, &[0x80])).is_err());
    }
    assert!(Frame::decode(&pieces_bytes("01", &[0x80])).is_ok());
}

#[test]
fn limits_hold_at_the_limit_and_not_beyond() {
    let cursors = |count: usize| Frame::Cursors((0..).map(|n| (ScopeKey(n), mark(1))).take(count).collect());
    let known = |count: usize| Frame::Pieces { scope: SCOPE, number: 1, items: vec![Carried::Known([1; 32]); count] };
    let item = |len: usize| Frame::Pieces { scope: SCOPE, number: 1, items: vec![Carried::item(vec![7; len])] };
    let many = |len: usize| {
        let items = vec![Carried::item(vec![7; len]); ITEMS_BYTES_MAX / len + 1];
        Frame::Pieces { scope: SCOPE, number: 1, items }
    };
    let names = |count: usize| Frame::Want { scope: SCOPE, names: vec![Name::of([1; 32]); count] };
    let hello = |count: u16| Frame::Hello(Hello { features: (0..count).collect(), ..Hello::default() });
    let features = u16::try_from(FEATURES_MAX).unwrap();
    for (at, beyond) in [
        (names(WANT_IDS_MAX), names(WANT_IDS_MAX + 1)),
        (hello(features), hello(features + 1)),
        (cursors(SCOPES_MAX), cursors(SCOPES_MAX + 1)),
        (known(ITEMS_MAX), known(ITEMS_MAX + 1)),
        (item(ITEM_BYTES_MAX), item(ITEM_BYTES_MAX + 1)),
        (item(1), many(ITEM_BYTES_MAX)),
    ] {
        assert!(Frame::decode(&at.encode().unwrap()).is_ok());
        assert!(Frame::decode(&beyond.encode().unwrap()).is_err());
    }
    let fields = |count: u64| {
        let fields = (0..count).map(|n| (n, Value::Plain(vec![if n == 0 { 2 } else { 0 }])));
        Value::Map(fields.collect()).bytes()
    };
    assert!(Frame::decode(&fields(FIELDS_MAX as u64)).is_ok());
    assert!(Frame::decode(&fields(FIELDS_MAX as u64 + 1)).is_err());
    let mut unknown = unhex("a1 00 0b");
    unknown.resize(FRAME_BYTES_MAX, 0);
    assert!(Frame::decode(&unknown).is_ok());
    unknown.push(0);
    assert!(Frame::decode(&unknown).is_err());
}

/// No file of failures: the seed that `.cargo/config.toml` or the caller gives brings them again.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_bytes_are_at_most_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Frame::decode(&bytes);
    }

    #[test]
    fn random_fields_behind_any_type_are_at_most_an_error(
        kind in 0u8..10, len in 0u8..24, bytes in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let _ = Frame::decode(&[&[0xa0 | len, 0, kind], bytes.as_slice()].concat());
    }

    #[test]
    fn mutated_frame_is_an_error_or_another_frame(
        at in 0usize..9, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = frames()[at].encode().unwrap();
        for (index, byte) in changes {
            let place = index.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(frame) = Frame::decode(&bytes) {
            prop_assert_eq!(Frame::decode(&frame.encode().unwrap()), Ok(frame));
        }
    }

    #[test]
    fn mutated_items_are_an_error_or_other_items(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        // Changed before they are packed, so that the changes get behind the decompression.
        let mut plain = unhex(&format!("82 a1 02 44 6974656d a1 03 5820 {}", "cc".repeat(32)));
        for (index, byte) in changes {
            let place = index.index(plain.len());
            plain[place] = byte;
        }
        let _ = Frame::decode(&pieces_bytes(&format!("18{:02x}", plain.len()), &plain));
    }
}
