//! Columns and types from samples.

use super::{Ndjson, read, refusal};
use crate::format::testing::{cells, columns};
use crate::format::{Format, Sample};

#[test]
fn columns_in_the_order_of_their_first_appearance() {
    let (sniffed, decoded) =
        read("\u{feff}\r\n{\"b\":1,\"a\":\"x\"}\r\n\r\n{\"c\":true,\"a\":null,\"b\":2.5}\r\n");
    assert_eq!(columns(&sniffed), ["b Float64", "a Utf8View", "c Boolean"]);
    assert_eq!((sniffed.first_record, sniffed.first_line), (5, 2));
    assert_eq!(cells(&decoded), [["1.0", "x", "∅"], ["2.5", "∅", "true"]]);
    assert_eq!((decoded.lines, decoded.bad().count), (3, 0));
    assert!(sniffed.warnings.is_empty());
}

#[test]
fn pieces_from_further_on_count() {
    let head = b"{\"a\":1}\n{\"a\":2}\n{\"a\":";
    let pieces: Vec<&[u8]> =
        vec![b"\"cut\"}\n{\"a\":1.5,\"b\":1}\n{\"a\":", b"no newline", b"\n\nbroken\n{\"c\":1}\n"];
    let sniffed = Ndjson
        .sniff(&Sample { head, pieces, file_len: 1_000, options: Default::default() })
        .expect("records");
    assert_eq!(columns(&sniffed), ["a Float64", "b Int64", "c Int64"]);
    assert_eq!(sniffed.mean_record_bytes, 8.0);
}

#[test]
fn names_become_unique() {
    let (sniffed, decoded) = read("{\"a\":1,\"A\":2,\"\":3,\" a \":4}\n");
    assert_eq!(columns(&sniffed), ["a Int64", "A_2 Int64", "column_3 Int64", "a_3 Int64"]);
    assert_eq!(cells(&decoded), [["1", "2", "3", "4"]]);
    assert_eq!(sniffed.warnings.len(), 1);
}

#[test]
fn objects_whose_keys_are_data_stay_json() {
    let members: Vec<String> = (0..501).map(|user| format!("\"u{user}\":{user}")).collect();
    let (sniffed, _) = read(&format!("{{\"users\":{{{}}},\"few\":{{\"u1\":1}}}}\n", members.join(",")));
    assert_eq!(columns(&sniffed)[0], "users Utf8View");
    assert!(columns(&sniffed)[1].starts_with("few Struct"));
}

#[test]
fn what_is_too_deep_for_types_stays_json() {
    let (sniffed, decoded) = read(&format!("{{\"a\":{}1{}}}\n", "[".repeat(100), "]".repeat(100)));
    assert_eq!(columns(&sniffed)[0].matches("List").count(), 16);
    assert_eq!(decoded.bad().count, 0);
    assert!(cells(&decoded)[0][0].contains("[[[[1]]]]"));
}

#[test]
fn forms_of_json_that_cannot_be_cut_say_so() {
    for (text, message) in [
        ("", "the file is empty"),
        ("\u{feff}\r\n \n", "the file has only blank lines"),
        ("[]", "the array is empty"),
        ("[\n]\n", "the array is empty"),
        ("{}\n{}\n", "no record has a key"),
        ("{\n  \"a\": 1\n}\n", "a JSON document over several lines cannot be read yet"),
        (
            "{\"type\": \"x\", \"features\": [\n{\"a\": 1},\n{\"a\": 2}\n]}\n",
            "a JSON document over several lines cannot be read yet",
        ),
        (
            "[\n  {\n    \"a\": 1\n  }\n]\n",
            "a JSON array whose objects go over several lines cannot be read yet",
        ),
        ("[{\"a\":1},{\"a\":2}]", "a JSON array on a single line cannot be read yet"),
        ("[{\"a\":1},{\"a\":2},\n{\"a\":3},{\"a\":4}]", "a JSON array on a single line cannot be read yet"),
        ("[1, 2]\n", "the items of the array are no objects"),
        ("a,b\n1,2\n", "most lines are no JSON objects: an object was expected at byte 1"),
    ] {
        let error = refusal(text);
        assert_eq!(error.message, message, "{text}");
        assert!(error.hint.is_some());
    }
    let long = format!("[{{\"a\":1}},{}", "{\"a\":1},".repeat(100));
    let sample =
        Sample { head: long.as_bytes(), pieces: Vec::new(), file_len: 1 << 30, options: Default::default() };
    let error = Ndjson.sniff(&sample).expect_err("an array on one line");
    assert_eq!(error.message, "a JSON array on a single line cannot be read yet");
    assert!(error.hint.is_some_and(|hint| hint.contains("jq -c '.[]'")));
}
