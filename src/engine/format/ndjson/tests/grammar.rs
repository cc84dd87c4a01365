//! What is a JSON object and what is not, against `serde_json`.

use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::read;
use super::splits::record;
use crate::format::testing::decode_all;

/// Texts that are values (`y`) and texts that are none (`n`), of the classes that JSONTestSuite has
/// (Seriot, "Parsing JSON is a minefield", 2016).
const VALUES: &[(char, &str)] = &[
    ('y', "null"),
    ('y', "true"),
    ('y', "false"),
    ('y', "0"),
    ('y', "-0"),
    ('y', "-1"),
    ('y', "123456789012345678901234567890"),
    ('y', "0.5"),
    ('y', "-0.0"),
    ('y', "1e5"),
    ('y', "1E+5"),
    ('y', "1e-5"),
    ('y', "0e0"),
    ('y', "1.25E400"),
    ('y', "\"\""),
    ('y', "\"a\""),
    ('y', "\"äöü€😀\""),
    ('y', "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
    ('y', "\"\\u0041\\u00e4\""),
    ('y', "\"\\uD83D\\uDE00\""),
    ('y', "\"\\uD800\""),
    ('y', "\"\\u0000\""),
    ('y', "\"\u{7f}\u{2028}\""),
    ('y', "\"a longer string that is no key, with ] and } and , in it\""),
    ('y', "[]"),
    ('y', "[ ]"),
    ('y', "[1]"),
    ('y', "[1, \"a\", null, [], {}]"),
    ('y', "[[[[]]]]"),
    ('y', "{}"),
    ('y', "{ }"),
    ('y', "{\"a\":{\"b\":[{\"c\":{}}]}}"),
    ('y', "{\"a\":1,\"a\":2}"),
    ('y', "{\"\":0}"),
    ('y', " \t 1 \t "),
    ('n', ""),
    ('n', "nul"),
    ('n', "nulls"),
    ('n', "True"),
    ('n', "NaN"),
    ('n', "Infinity"),
    ('n', "-"),
    ('n', "+1"),
    ('n', "01"),
    ('n', "-01"),
    ('n', "1."),
    ('n', ".5"),
    ('n', "1.e5"),
    ('n', "1e"),
    ('n', "1e+"),
    ('n', "0x10"),
    ('n', "1 000"),
    ('n', "1_000"),
    ('n', "--1"),
    ('n', "\""),
    ('n', "\"a"),
    ('n', "'a'"),
    ('n', "a"),
    ('n', "\"\\\""),
    ('n', "\"\\x41\""),
    ('n', "\"\\u12\""),
    ('n', "\"\\u12G4\""),
    ('n', "\"\\U0041\""),
    ('n', "\"\t\""),
    ('n', "\"\u{1f}\""),
    ('n', "\"\u{0}\""),
    ('n', "\"a\"b\""),
    ('n', "["),
    ('n', "]"),
    ('n', "[1"),
    ('n', "[1,]"),
    ('n', "[,1]"),
    ('n', "[1,,2]"),
    ('n', "[1 2]"),
    ('n', "[1}"),
    ('n', "[[]"),
    ('n', "{"),
    ('n', "}"),
    ('n', "{\"a\"}"),
    ('n', "{\"a\":}"),
    ('n', "{\"a\":1"),
    ('n', "{\"a\":1,}"),
    ('n', "{,\"a\":1}"),
    ('n', "{a:1}"),
    ('n', "{1:1}"),
    ('n', "{\"a\" 1}"),
    ('n', "{\"a\"::1}"),
    ('n', "{\"a\":1 \"b\":2}"),
    ('n', "{\"a\":1]"),
    ('n', "{'a':1}"),
    ('n', "1 // one"),
    ('n', "/* one */ 1"),
    ('n', "\u{a0}1"),
    ('n', "\u{feff}1"),
    ('n', "1\u{0}"),
    ('n', "1\u{c}"),
];

fn is_object(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

/// Whether the decoder of another file takes a line as a record without fault. The decoder knows
/// the key `k` only, so that all other values are passed over.
fn accepts(line: &[u8]) -> bool {
    let (sniffed, _) = read("{\"k\":[\"x\"]}\n");
    let decoded = decode_all(sniffed.decoder.as_ref(), line, 0, &[0]);
    assert_eq!(decoded.rows, 1, "{:?}", String::from_utf8_lossy(line));
    decoded.bad_shapes.count == 0
}

#[test]
fn values_inside_objects() {
    for (verdict, text) in VALUES {
        // Behind a known key, behind an unknown one, and deeper inside.
        for line in [
            format!("{{\"k\":{text}}}"),
            format!("{{\"other\" : {text} , \"k\":null}}"),
            format!("{{\"other\":[{{\"k\":[0,{text}]}}]}}"),
            format!(" {{\"k\":[[0,{text}],0]}} \r"),
        ] {
            assert_eq!(is_object(line.as_bytes()), *verdict == 'y', "serde_json: {line}");
            assert_eq!(accepts(line.as_bytes()), *verdict == 'y', "{line}");
        }
    }
}

#[test]
fn what_stands_around_an_object() {
    for (right, line) in [
        (true, "{}"),
        (true, " \t{\"k\":1}\t \r"),
        (false, "{}{}"),
        (false, "{} x"),
        (false, "{},"),
        (false, "[{}]"),
        (false, "1"),
        (false, "\"k\""),
        (false, "null"),
        (false, "{}\u{0}"),
        (false, "\u{0}"),
    ] {
        assert_eq!(accepts(line.as_bytes()), right, "{line}");
        assert_eq!(is_object(line.as_bytes()), right, "serde_json: {line}");
    }
}

#[test]
fn depth_is_limited() {
    let nested = |depth: usize| format!("{{\"x\":{}1{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert!(accepts(nested(128).as_bytes()));
    assert!(!accepts(nested(129).as_bytes()));
    let objects = "{\"k\":".repeat(200);
    assert!(!accepts(objects.as_bytes()));
    assert!(!accepts("{\"k\":[".repeat(1_000_000).as_bytes()));
}

#[derive(Clone, Debug)]
enum Change {
    Replace(u8),
    Insert(u8),
    Remove,
    Cut,
}

fn change() -> impl Strategy<Value = Change> {
    let byte = || {
        prop_oneof![
            4 => prop::sample::select(b"{}[]\",:\\ue0159.-+ tfn\r\t".to_vec()),
            1 => any::<u8>(),
        ]
    };
    prop_oneof![
        4 => byte().prop_map(Change::Replace),
        4 => byte().prop_map(Change::Insert),
        3 => Just(Change::Remove),
        1 => Just(Change::Cut),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn changed_records_are_accepted_when_serde_json_accepts_them(
        record in record(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), change()), 1..4),
    ) {
        let mut line = record.into_bytes();
        for (place, change) in changes {
            if line.is_empty() {
                break;
            }
            let at = place.index(line.len());
            match change {
                Change::Replace(byte) => line[at] = byte,
                Change::Insert(byte) => line.insert(at, byte),
                Change::Remove => drop(line.remove(at)),
                Change::Cut => line.truncate(at),
            }
        }
        line.retain(|&byte| byte != b'\n');
        prop_assume!(!line.trim_ascii().is_empty() && !line.iter().all(|b| b" \t\r".contains(b)));
        prop_assert_eq!(accepts(&line), is_object(&line), "{}", String::from_utf8_lossy(&line));
    }

    #[test]
    fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 1..300)) {
        let (sniffed, _) = read("{\"k\":[\"x\"]}\n");
        let decoded = decode_all(sniffed.decoder.as_ref(), &bytes, 0, &[0]);
        prop_assert!(decoded.rows <= bytes.len() as u64);
    }
}
