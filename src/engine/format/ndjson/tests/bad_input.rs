//! Input that is not as it should be.

use super::{Ndjson, read};
use crate::format::testing::{bad, cells, decode_all, read_as};
use crate::format::{DecodeError, MAX_BAD_PER_SPLIT, RecordStart, SplitBytes};

/// Decodes lines with the columns of `{"n":1,"t":"x","d":"2024-01-01","s":{"k":[1]}}`.
fn decode(text: &[u8], projection: &[usize]) -> crate::format::Decoded {
    let (sniffed, _) = read("{\"n\":1,\"t\":\"x\",\"d\":\"2024-01-01\",\"s\":{\"k\":[1]}}\n");
    decode_all(sniffed.decoder.as_ref(), text, 0, projection)
}

#[test]
fn lines_that_are_no_objects_are_kept_and_listed() {
    let text = b"{\"n\":1}\nno json\r\n\n[1]\n{\"n\":2,}\n{\"n\":3}\n{\"n\":4";
    let decoded = decode(text, &[0]);
    assert_eq!(cells(&decoded).concat(), ["1", "∅", "∅", "∅", "3", "∅"]);
    assert_eq!((decoded.rows, decoded.lines, decoded.bad_shapes.count), (6, 6, 4));
    let listed: Vec<_> = decoded
        .bad()
        .listed
        .into_iter()
        .map(|bad| (bad.line_in_split, bad.reason.replace("this is no JSON object: ", ""), bad.text))
        .collect();
    let right = [
        (1, "an object was expected at byte 1", "no json"),
        (3, "an object was expected at byte 1", "[1]"),
        (4, "a key in quotes was expected at byte 8", "{\"n\":2,}"),
        (6, "a comma or `}` was expected at byte 7", "{\"n\":4"),
    ];
    assert_eq!(listed, right.map(|(line, reason, text)| (line, reason.to_owned(), text.to_owned())));
}

#[test]
fn values_of_another_type_are_null_and_listed() {
    let text = b"{\"n\":\"1\",\"t\":2,\"d\":\"soon\",\"s\":{\"k\":[\"a\",2,\"b\"]}}\n{\"n\":1.5,\"t\":null,\"s\":[]}\n{\"n\":1e400}\n";
    let decoded = decode(text, &[0, 1, 2, 3]);
    assert_eq!(
        cells(&decoded),
        [["∅", "∅", "∅", "{k: [∅, 2, ∅]}"], ["∅", "∅", "∅", "∅"], ["∅", "∅", "∅", "∅"]]
    );
    let right = [
        (0, "column n: '1' is not a BIGINT"),
        (0, "column t: '2' is not a VARCHAR"),
        (0, "column d: 'soon' is not a DATE"),
        (0, "column s.k[]: 'a' is not a BIGINT"),
        (1, "column n: '1.5' is not a BIGINT"),
        (1, "column s: '[]' is not a STRUCT"),
        (2, "column n: '1e400' is not a BIGINT"),
    ];
    assert_eq!(bad(&decoded), right.map(|(line, reason)| (line, reason.to_owned())));
    assert_eq!(decode(text, &[1]).bad().count, 1, "only what is decoded");
}

#[test]
fn numbers_that_are_too_large() {
    let (_, decoded) = read("{\"d\":1.5}\n{\"d\":1e999}\n{\"d\":-1e999}\n{\"d\":1e-999}\n");
    assert_eq!(cells(&decoded).concat(), ["1.5", "∅", "∅", "0.0"]);
    assert_eq!(bad(&decoded)[0].1, "column d: '1e999' is not a DOUBLE");
    let digits = format!("{{\"n\":{}}}\n", "9".repeat(10_000));
    assert_eq!(decode(digits.as_bytes(), &[0]).bad().count, 1);
}

#[test]
fn bytes_that_are_not_utf8_are_replaced_and_counted() {
    let decoded =
        decode(b"{\"t\":\"a\xffb\"}\n{\"\xfe\":1,\"t\":\"\xc3\xa9\"}\n{\"t\":\"\\n\xff\"}\n\xff\n", &[1]);
    assert_eq!(cells(&decoded).concat(), ["a\u{fffd}b", "é", "\n\u{fffd}", "∅"]);
    assert_eq!((decoded.bad_shapes.count, decoded.bad_fields[0].count), (1, 2));
    assert!(bad(&decoded)[0].1.contains("not UTF-8"));
}

#[test]
fn half_surrogate_pairs_are_replaced_and_counted() {
    let text = br#"{"t":"\ud83d"}
{"t":"\ude00x"}
{"t":"\ud83d\u0041"}
{"t":"\ud83d\ud83d\ude00"}
"#;
    let decoded = decode(text, &[1]);
    assert_eq!(cells(&decoded).concat(), ["\u{fffd}", "\u{fffd}x", "\u{fffd}A", "\u{fffd}😀"]);
    assert_eq!(decoded.bad().count, 4);
    assert!(bad(&decoded)[0].1.contains("surrogate"));
}

#[test]
fn an_unclosed_string_at_the_end_of_the_file() {
    let decoded = decode(b"{\"n\":1}\n{\"t\":\"abc", &[0]);
    assert_eq!((decoded.rows, decoded.lines, decoded.next_record), (2, 1, Some(17)));
    assert_eq!(bad(&decoded), [(1, "this is no JSON object: a string is not closed at byte 10".to_owned())]);
}

#[test]
fn nul_bytes_are_no_json() {
    let decoded = decode(b"\0\n{\"n\":1}\0\n{\"t\":\"\0\"}\n{\"t\":\"\\u0000\"}\n", &[1]);
    assert_eq!(cells(&decoded).concat(), ["∅", "∅", "∅", "\0"]);
    assert_eq!(decoded.bad_shapes.count, 3);
}

#[test]
fn bombs_of_brackets() {
    let text = format!("{{\"x\":{}\n{{\"n\":1}}\n", "[".repeat(1 << 20));
    let decoded = decode(text.as_bytes(), &[0]);
    assert_eq!(cells(&decoded).concat(), ["∅", "1"]);
    assert!(bad(&decoded)[0].1.contains("128 deep"));
}

#[test]
fn all_bad_records_are_counted_but_only_the_first_listed() {
    let decoded = decode("{\"n\":true}\nx\n".repeat(5_000).as_bytes(), &[0]);
    assert_eq!((decoded.rows, decoded.bad().count), (10_000, 10_000));
    let lines: Vec<u64> = bad(&decoded).into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, (0..MAX_BAD_PER_SPLIT as u64).collect::<Vec<_>>());
}

#[test]
fn keys_that_come_late_are_told() {
    let text = b"{\"n\":1,\"new\":1}\n{\"new\":null}\n\n{\"new\":2,\"s\":{\"k\":[],\"extra\":1},\"e\\u0078\":1}\n{\"bad\":1\n";
    let decoded = decode(text, &[0, 3]);
    let all = decoded.bad();
    let told = all.unknown_keys.iter().map(|(key, found)| (key.as_str(), found.records, found.line_in_split));
    assert_eq!(told.collect::<Vec<_>>(), [("ex", 1, 3), ("new", 2, 0), ("s.extra", 1, 3)]);
    assert_eq!(all.count, 1, "only the last line is bad");
    assert!(!decode(text, &[0]).bad().unknown_keys.contains_key("s.extra"), "s was not decoded");
    let many: String = (0..1_000).map(|key| format!("{{\"k{key}\":1}}\n")).collect();
    assert_eq!(decode(many.as_bytes(), &[]).bad().unknown_keys.len(), MAX_BAD_PER_SPLIT);
}

#[test]
fn a_record_of_20_mb_over_many_splits() {
    let giant = "a long text, \\\"quoted\\\" ".repeat(1_000_000);
    let text = format!("{{\"n\":1}}\n{{\"n\":2,\"t\":\"{giant}\"}}\n{{\"n\":3}}\n");
    let (sniffed, _) = read_as(&Ndjson, b"{\"n\":1,\"t\":\"x\"}\n");
    let split = |owned: std::ops::Range<usize>, end: usize| {
        let offset = owned.start.saturating_sub(1);
        sniffed.decoder.decode(
            &SplitBytes {
                bytes: &text.as_bytes()[offset..end],
                offset: offset as u64,
                owned: owned.start as u64..owned.end as u64,
                at_end_of_file: end == text.len(),
                start: RecordStart::Guess,
                batch_rows: 10,
            },
            &[0, 1],
            None,
        )
    };
    let cut = 8 << 20;
    assert!(matches!(split(0..cut, cut + 100), Err(DecodeError::Truncated)));
    let first = split(0..cut, text.len()).expect("all bytes are there");
    assert_eq!((first.rows, first.lines, first.next_record), (2, 2, Some(text.len() as u64 - 8)));
    assert_eq!(cells(&first)[1][1].len(), giant.replace('\\', "").len());
    let middle = split(cut..2 * cut, 2 * cut + 100).expect("no record starts here");
    assert_eq!((middle.rows, middle.first_record, middle.next_record), (0, None, None));
    let last = split(2 * cut..text.len(), text.len()).expect("the last record");
    assert_eq!(cells(&last), [["3", "∅"]]);
}

#[test]
fn ten_thousand_columns() {
    let members: Vec<String> = (0..10_000).map(|column| format!("\"c{column}\":{column}")).collect();
    let record = format!("{{{}}}\n", members.join(","));
    let (sniffed, decoded) = read(&record.repeat(2));
    assert_eq!((sniffed.schema.fields().len(), decoded.bad().count), (10_000, 0));
    assert_eq!(cells(&decoded)[1][9_999], "9999");
}
