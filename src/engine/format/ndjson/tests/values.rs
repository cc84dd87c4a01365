//! Values of each type.

use super::{read, rows};
use crate::format::testing::{bad, cells, columns, decode_all};

/// The only column of records with these values, and what is bad about it.
fn values(texts: &[&str]) -> (String, Vec<String>, u64) {
    let text: String = texts.iter().map(|text| format!("{{\"v\":{text}}}\n")).collect();
    let (sniffed, decoded) = read(&text);
    (columns(&sniffed)[0].clone(), cells(&decoded).concat(), decoded.bad().count)
}

#[test]
fn types_of_values() {
    for (texts, column, shown) in [
        (&["1", "-2", "null"][..], "v Int64", &["1", "-2", "∅"][..]),
        (&["1", "2.5", "1e3", "-0"], "v Float64", &["1.0", "2.5", "1000.0", "-0.0"]),
        (&["9223372036854775807", "9223372036854775808"], "v Float64", &["9.223372036854776e18"; 2]),
        (&["true", "false"], "v Boolean", &["true", "false"]),
        (&["\"2024-02-29\"", "\"1999-12-31\"", "\"\""], "v Date32", &["2024-02-29", "1999-12-31", "∅"]),
        (
            &["\"2024-01-01T10:00:00Z\"", "\"2024-01-01\""],
            "v Timestamp(ms)",
            &["2024-01-01T10:00:00", "2024-01-01T00:00:00"],
        ),
        (&["\"2024-01-01 10:00:00.123456+02:00\""], "v Timestamp(µs)", &["2024-01-01T08:00:00.123456"]),
        (&["\"2024\\u002d01-01\""], "v Date32", &["2024-01-01"]),
        (&["\"12\"", "\"13\""], "v Utf8View", &["12", "13"]),
        (&["\"true\""], "v Utf8View", &["true"]),
        (&["\"\"", "\" a\""], "v Utf8View", &["", " a"]),
        (&["null", "null"], "v Utf8View", &["∅", "∅"]),
        (&["1", "\"a\\u0062\"", "true", "null"], "v Utf8View", &["1", "\"a\\u0062\"", "true", "∅"]),
        (&["{\"a\": 1}", "[ 1 ]"], "v Utf8View", &["{\"a\": 1}", "[ 1 ]"]),
        (&["{}", "{}"], "v Utf8View", &["{}", "{}"]),
        (&["[1, null]", "[]", "null"], "v List(Int64)", &["[1, ∅]", "[]", "∅"]),
        (&["[]"], "v List(Utf8View)", &["[]"]),
        (&["[1, \"a\"]"], "v List(Utf8View)", &["[1, \"a\"]"]),
        (&["[[1.5], [], null]"], "v List(List(Float64))", &["[[1.5], [], ∅]"]),
        (
            &["{\"a\":1}", "{\"b\":true,\"a\":null}", "null"],
            "v Struct(\"a\": Int64, \"b\": Boolean)",
            &["{a: 1, b: ∅}", "{a: ∅, b: true}", "∅"],
        ),
        (&["[{\"a\":\"x\"},{}]"], "v List(Struct(\"a\": Utf8View))", &["[{a: x}, {a: ∅}]"]),
    ] {
        let (found, cells, bad) = values(texts);
        assert_eq!(found.replace("non-null ", ""), column, "{texts:?}");
        assert_eq!((cells, bad), (shown.iter().map(|&cell| cell.to_owned()).collect(), 0), "{texts:?}");
    }
}

#[test]
fn strings_are_unescaped() {
    let text = r#"{"s":"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00 and a good deal of text behind"}"#;
    assert_eq!(rows(text), [["\"\\/\u{8}\u{c}\n\r\té😀 and a good deal of text behind"]]);
}

#[test]
fn keys_in_any_order_and_form() {
    let text = "{\"a\":1,\"b\":2}\n{\"b\":3,\"a\":4}\n{}\n{\"b\":5}\n{\"\\u0061\":6,\"b\":null,\"b\":7}\n{\"a\":8,\"a\":null}\n";
    let right = [["1", "2"], ["4", "3"], ["∅", "∅"], ["∅", "5"], ["6", "7"], ["∅", "∅"]];
    assert_eq!(rows(text), right);
}

#[test]
fn keys_that_must_be_escaped_are_never_taken_for_others() {
    let (sniffed, decoded) = read("{\"a\\\"\":1,\"b\":2}\n{\"a\\\"\":3,\"b\":4}\n");
    assert_eq!(columns(&sniffed), ["a\" Int64", "b Int64"]);
    assert_eq!(cells(&decoded), [["1", "2"], ["3", "4"]]);
    let text = b"{\"a\\\"\":1}\n{\"a\"\":5}\n{\"\"\":6}\n{\"a\\\":7}\n";
    let broken = decode_all(sniffed.decoder.as_ref(), text, 0, &[0]);
    assert_eq!(
        (cells(&broken).concat(), broken.bad_shapes.count),
        (["1", "∅", "∅", "∅"].map(str::to_owned).into(), 3)
    );
}

#[test]
fn projection_keeps_the_order_asked_for() {
    let text = "{\"a\":1,\"b\":\"x\",\"c\":[1]}\n{\"c\":[2],\"a\":2}\n";
    let (sniffed, _) = read(text);
    let decoder = sniffed.decoder.as_ref();
    let decoded = decode_all(decoder, text.as_bytes(), 0, &[2, 0]);
    assert_eq!(cells(&decoded), [["[1]", "1"], ["[2]", "2"]]);
    let counted = decode_all(decoder, b"{\"a\":\"wrong\"}\nno json\n", 0, &[]);
    assert_eq!((counted.batches[0].num_rows(), counted.batches[0].num_columns()), (2, 0));
    assert_eq!((counted.bad().count, bad(&counted)[0].0), (1, 1), "shapes count, whatever is decoded");
}

#[test]
fn arrays_with_an_object_a_line() {
    for text in [
        "[\n{\"a\":1},\n{\"a\":2}\n]\n",
        "[{\"a\":1},\r\n {\"a\":2}]",
        "\u{feff}[\n\n  {\"a\":1}\n, {\"a\":2}\n\n]",
        "[ {\"a\":1} ,\n{\"a\":2} ] \n\n",
    ] {
        let (sniffed, decoded) = read(text);
        assert_eq!(
            (columns(&sniffed), cells(&decoded)),
            (vec!["a Int64".to_owned()], vec![vec!["1".to_owned()], vec!["2".to_owned()]]),
            "{text}"
        );
        assert_eq!((decoded.bad().count, decoded.next_record), (0, Some(text.len() as u64)), "{text}");
    }
}
