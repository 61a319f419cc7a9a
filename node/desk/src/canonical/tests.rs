use proptest::prelude::*;
use replica::seal::hash;
use serde_json::json;

use super::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap()).collect()
}

/// Written by hand from the format, and hashed by another program: neither may ever change.
#[test]
fn the_bytes_and_the_digest_of_a_value_are_pinned() {
    let value = json!({
        "件数": -2, "": "一\n", "b": [true, false, null, 258], "a": {}, "ab": i64::MAX,
    });
    let bytes = encode(&value).unwrap();
    let expected = "01 06 00000005
        00000000               04 00000004 e4b8800a
        00000001 61            06 00000000
        00000002 6162          03 7fffffffffffffff
        00000001 62            05 00000004  02 01 00 03 0000000000000102
        00000006 e4bbb6e695b0  03 fffffffffffffffe";
    assert_eq!(hex(&bytes), hex(&unhex(expected)));
    assert_eq!(
        hex(&hash(b"jiesu/locked/1", &bytes)),
        "f0cecab2b3cad38f8f801cf730cdd8e2cb94d97066ce1a7d425bea317ccf884d"
    );
    assert_eq!(decode::<Json>(&bytes), Ok(value));
}

#[test]
fn the_order_in_which_members_are_given_changes_nothing() {
    #[derive(Serialize)]
    struct One {
        b: u8,
        a: Option<u8>,
        c: [u8; 2],
    }
    #[derive(Serialize)]
    struct Other {
        c: Vec<i64>,
        a: (),
        b: u64,
    }
    let bytes = encode(&One { b: 1, a: None, c: [2, 3] }).unwrap();
    assert_eq!(encode(&Other { c: vec![2, 3], a: (), b: 1 }).unwrap(), bytes);
    for text in [r#"{"a":null,"b":1,"c":[2,3]}"#, r#"{ "c": [2, 3], "\u0062": 1, "a": null }"#] {
        assert_eq!(encode(&serde_json::from_str::<Json>(text).unwrap()).unwrap(), bytes, "{text}");
    }
}

/// As a library hands them out that keeps the order in which they came (`preserve_order`), or any other.
#[test]
fn the_order_in_which_a_library_keeps_members_changes_nothing() {
    let value = json!({ "a": 1, "b": { "x": [], "y": "" }, "ab": null, "件数": true });
    let members: Vec<(&str, &Json)> =
        value.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value)).collect();
    let expected = encode(&value).unwrap();
    for turn in 0..members.len() {
        let turned = || members.iter().cycle().skip(turn).take(members.len()).copied();
        let written = |given: Vec<(&str, &Json)>| {
            let mut out = vec![VERSION];
            put_map(&mut out, given.into_iter(), 8).unwrap();
            out
        };
        assert_eq!(written(turned().collect()), expected);
        assert_eq!(written(turned().collect::<Vec<_>>().into_iter().rev().collect()), expected);
    }
}

#[test]
fn numbers_that_are_not_whole_have_no_encoding() {
    for value in [json!(1.5), json!([1.0]), json!({ "a": u64::MAX })] {
        assert!(matches!(encode(&value), Err(NotCanonical::Value(_))), "{value}");
    }
}

#[test]
fn bytes_that_are_not_what_would_be_written_are_refused() {
    for (bytes, why) in [
        ("", "bytes are missing"),
        ("02 00", "another version of the encoding"),
        ("01", "bytes are missing"),
        ("01 00 00", "bytes too many"),
        ("01 07", "no kind of value"),
        ("01 03 00000000000000", "bytes are missing"),
        ("01 04 00000002 61", "bytes are missing"),
        ("01 04 00000001 ff", "text that is not UTF-8"),
        ("01 05 ffffffff 00", "bytes are missing"),
        ("01 06 00000002 00000001 61 00 00000001 61 00", "a name twice, or not in the order of bytes"),
        ("01 06 00000002 00000001 62 00 00000001 61 00", "a name twice, or not in the order of bytes"),
    ] {
        let refused = decode::<Json>(&unhex(bytes));
        assert!(matches!(refused, Err(NotCanonical::Bytes { why: said, .. }) if said == why), "{bytes}: {refused:?}");
    }
}

#[test]
fn what_is_nested_too_deep_is_neither_written_nor_read() {
    let nested = |depth: u32| (1..depth).fold(json!([]), |inner, _| json!([inner]));
    let most = encode(&nested(CANONICAL_DEPTH_MAX)).unwrap();
    assert_eq!(decode::<Json>(&most), Ok(nested(CANONICAL_DEPTH_MAX)));
    assert!(encode(&nested(CANONICAL_DEPTH_MAX + 1)).is_err());
    let mut deep = vec![VERSION];
    (0..1_000_000).for_each(|_| deep.extend([LIST, 0, 0, 0, 1]));
    assert!(matches!(decode::<Json>(&deep), Err(NotCanonical::Bytes { why: "nested too deep", .. })));
}

/// Values of few names, texts and numbers, so that two are often nearly the same.
fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-2i64..3).prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        "[ab\u{0}市]{0,3}".prop_map(Json::from),
        any::<String>().prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec(("[ab市]{0,2}", inner), 0..4)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn two_values_that_differ_have_other_bytes(one in value(), other in value()) {
        let bytes = (encode(&one).unwrap(), encode(&other).unwrap());
        prop_assert_eq!(one == other, bytes.0 == bytes.1);
        prop_assert_eq!(decode::<Json>(&bytes.0), Ok(one));
    }

    #[test]
    fn whatever_is_read_is_written_in_the_same_bytes(one in value(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = encode(&one).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = decode::<Json>(&bytes) {
            prop_assert_eq!(encode(&read).unwrap(), bytes);
        }
    }
}
