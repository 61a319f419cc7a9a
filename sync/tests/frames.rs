//! Frames as bytes: the layout is pinned, and nothing that comes from outside is more than an error.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use sync::frame::{Carried, FRAME_BYTES_MAX, Frame, ITEM_BYTES_MAX, ITEMS_BYTES_MAX, ITEMS_MAX, SCOPES_MAX, VERSION};
use sync::{Mark, ScopeKey};

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
    vec![Carried::Item(b"item".to_vec()), Carried::Known([0xcc; 32])]
}

/// One of each type.
fn frames() -> Vec<Frame> {
    vec![
        Frame::Hello { min: 1, max: 2, digest: [0xdd; 16], ask: true },
        Frame::CursorsPlease,
        Frame::Cursors(vec![(ScopeKey(1), mark(5)), (ScopeKey(u32::MAX), mark(u64::MAX))]),
        batch(items()),
        Frame::Pieces { scope: SCOPE, number: 8, items: items() },
        Frame::Ack { scope: SCOPE, mark: mark(6), gap: true },
        Frame::Rewind { scope: SCOPE, mark: mark(6), round: 3 },
        Frame::Mismatch { scope: SCOPE },
        Frame::Want { scope: SCOPE, ids: vec![[0xee; 32]] },
        Frame::Given { scope: SCOPE, items: items() },
        Frame::Unknown(11),
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
        format!("85 01 01 02 50{dd} f5"),
        "81 02".to_owned(),
        format!("82 03 82 83 01 05 50{aa} 83 1affffffff 1bffffffffffffffff 50{aa}"),
        format!("8c 04 07 02 50{bb} 19012c 50{aa} 03 04 02 09 182c"),
        "85 05 07 08 182c".to_owned(),
        format!("85 06 07 06 50{aa} f5"),
        format!("85 07 07 06 50{aa} 03"),
        "82 08 07".to_owned(),
        format!("83 09 07 81 5820{}", "ee".repeat(32)),
        "84 0a 07 182c".to_owned(),
        "81 0b".to_owned(),
    ];
    for (frame, expected) in frames().iter().zip(expected) {
        let (encoded, expected) = (frame.encode().unwrap(), unhex(&expected));
        let packed = matches!(frame, Frame::Batch { .. } | Frame::Pieces { .. } | Frame::Given { .. });
        let pinned = if packed { &encoded[..expected.len()] } else { &encoded[..] };
        assert_eq!(hex(pinned), hex(&expected), "{frame:?}");
    }
}

#[test]
fn layout_of_items_is_pinned() {
    let plain = unhex(&format!("82 82 00 44 6974656d 82 01 5820 {}", "cc".repeat(32)));
    assert_eq!(plain.len(), 0x2c);
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
    for bytes in ["81 0b", "83 1863 f5 ff", "82 1bffffffffffffffff 00", "98ff 0b"] {
        assert!(matches!(Frame::decode(&unhex(bytes)), Ok(Frame::Unknown(_))), "{bytes}");
    }
}

/// A Batch of which the part behind the flags is given.
fn batch_bytes(rest: &str) -> Vec<u8> {
    unhex(&format!("8c 04 07 02 50{} 19012c 50{} 00 00 00 00 {rest}", "bb".repeat(16), "aa".repeat(16)))
}

fn pieces_bytes(length: &str, plain: &[u8]) -> Vec<u8> {
    let zstd = zstd::bulk::compress(plain, 1).unwrap();
    let mut bytes = unhex(&format!("85 05 07 01 {length} 5a {:08x}", zstd.len()));
    bytes.extend(zstd);
    bytes
}

#[test]
fn length_that_is_beyond_its_limit_is_malformed_and_allocates_nothing() {
    let huge = ["1a 7fffffff", "1b 7fffffffffffffff", "1b 8000000000000000", "1b ffffffffffffffff"];
    for length in huge {
        let array = length.replace("1a", "9a").replace("1b", "9b");
        let of_bytes = length.replace("1a", "5a").replace("1b", "5b");
        // The frame's own array, a list of cursors, the decompressed length, the bytes, the number of items.
        let malformed = [
            unhex(&format!("{array} 02")),
            unhex(&format!("82 03 {array}")),
            batch_bytes(&format!("{length} 40")),
            batch_bytes(&format!("01 {of_bytes}")),
            pieces_bytes("09", &unhex(&array)),
            pieces_bytes("0b", &unhex(&format!("81 82 00 {of_bytes}"))),
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
        format!("9f 01 01 01 50{dd} f5 ff"),
        format!("85 01 01 01 5f 50{dd} ff f5"),
        format!("85 01 20 01 50{dd} f5"),
        format!("85 01 01 01 50{dd} 01"),
        "82 08 3a ffffffff".to_owned(),
        "82 03 9f ff".to_owned(),
        "80".to_owned(),
        "a1 01 01".to_owned(),
        "00".to_owned(),
    ];
    for bytes in malformed {
        assert!(Frame::decode(&unhex(&bytes)).is_err(), "{bytes}");
    }
}

#[test]
fn array_of_another_length_than_its_fields_is_malformed() {
    let dd = "dd".repeat(16);
    let malformed = [
        format!("84 01 01 01 50{dd}"),
        "82 02 00".to_owned(),
        // A cursor of two and one of four.
        "82 03 81 82 01 05".to_owned(),
        format!("82 03 81 82 01 05 50{dd}"),
        format!("82 03 81 84 01 05 50{dd} 00"),
        // A digest of fifteen bytes.
        format!("85 01 01 01 4f{} f5", &dd[2..]),
    ];
    for bytes in malformed {
        assert!(Frame::decode(&unhex(&bytes)).is_err(), "{bytes}");
    }
    // Items of one field, of three, and of an unknown type.
    for items in ["81 81 00", "81 83 00 41 00 00", "81 82 02 41 00", "81 80"] {
        let plain = unhex(items);
        assert!(Frame::decode(&pieces_bytes(&format!("{:02x}", plain.len()), &plain)).is_err(), "{items}");
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
        let mut bytes = batch_bytes(&format!("{length} 5a {:08x}", bomb.len()));
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
    let item = |len: usize| Frame::Pieces { scope: SCOPE, number: 1, items: vec![Carried::Item(vec![7; len])] };
    let many = |len: usize| {
        let items = vec![Carried::Item(vec![7; len]); ITEMS_BYTES_MAX / len + 1];
        Frame::Pieces { scope: SCOPE, number: 1, items }
    };
    for (at, beyond) in [
        (cursors(SCOPES_MAX), cursors(SCOPES_MAX + 1)),
        (known(ITEMS_MAX), known(ITEMS_MAX + 1)),
        (item(ITEM_BYTES_MAX), item(ITEM_BYTES_MAX + 1)),
        (item(1), many(ITEM_BYTES_MAX)),
    ] {
        assert!(Frame::decode(&at.encode().unwrap()).is_ok());
        assert!(Frame::decode(&beyond.encode().unwrap()).is_err());
    }
    let mut unknown = unhex("81 0b");
    unknown.resize(FRAME_BYTES_MAX, 0);
    assert!(Frame::decode(&unknown).is_ok());
    unknown.push(0);
    assert!(Frame::decode(&unknown).is_err());
}

/// The same cases in every run, and no file of failures.
fn config() -> ProptestConfig {
    let (failure_persistence, rng_seed) = (None, RngSeed::Fixed(1));
    ProptestConfig { cases: 2_000, failure_persistence, rng_seed, ..ProptestConfig::default() }
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
        let _ = Frame::decode(&[&[0x80 | len, kind], bytes.as_slice()].concat());
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
        let mut plain = unhex(&format!("82 82 00 44 6974656d 82 01 5820 {}", "cc".repeat(32)));
        for (index, byte) in changes {
            let place = index.index(plain.len());
            plain[place] = byte;
        }
        let _ = Frame::decode(&pieces_bytes(&format!("18{:02x}", plain.len()), &plain));
    }
}
