//! Documents against `serde_json`: which rows they have, and that splits change nothing.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Json;
use crate::format::testing::{
    bad, cells, check_selection, columns, cuts, decode_all, decode_split, read_as, whole,
};
use crate::format::{FORMATS, Format, RecordStart, Sniffed};

fn rows(text: &str) -> Vec<Vec<String>> {
    let (sniffed, decoded) = read_as(&Json, text.as_bytes());
    assert_eq!(columns(&sniffed)[0], "id Int64");
    assert_eq!(decoded.next_record, Some(text.len() as u64));
    cells(&decoded)
}

const PRETTY: &str = "[\n  {\n    \"id\": 1,\n    \"tags\": [\n      {\"x\": \"a]},{\"}\n    ]\n  },\n  {\n    \"id\": 2,\n    \"tags\": []\n  }\n]\n";

#[test]
fn arrays_on_one_line_and_over_many() {
    let expected = [["1", "[{x: a]},{}]"], ["2", "[]"]];
    assert_eq!(rows(PRETTY), expected);
    assert_eq!(rows(&PRETTY.replace(['\n', ' '], "")), expected);
    assert_eq!(rows(&PRETTY.replace('\n', "\r\n")), expected);
}

#[test]
fn the_largest_array_in_an_object() {
    let rows_of_data = "[{\"id\": 1, \"b\": \"xxxxxxxx\"}, {\"id\": 2, \"b\": \"xxxxxxxxxxxxxxxx\"}]";
    let text = format!(
        "{{\"meta\": {{\"few\": [{{\"z\": 1}}]}}, \"out\": {{\"data\": {rows_of_data}}}, \"n\": [1]}}\n"
    );
    let (sniffed, decoded) = read_as(&Json, text.as_bytes());
    assert_eq!(cells(&decoded), [["1", "xxxxxxxx"], ["2", "xxxxxxxxxxxxxxxx"]]);
    let said = "The file is one object. The rows are those of the array `out.data`, the largest in it.";
    assert_eq!(sniffed.warnings, [said]);
}

#[test]
fn objects_over_several_lines() {
    assert_eq!(rows("{\n  \"id\": 1\n}\n{\n  \"id\": 2\n}\n"), [["1"], ["2"]]);
    let (_, one) = read_as(
        &Json,
        b"{\n  \"id\": 1,\n  \"few\": [{\"a\": 1}],\n  \"long\": \"xxxxxxxxxxxxxxxxxxxx\"\n}\n",
    );
    assert_eq!(cells(&one).len(), 1);
}

#[test]
fn what_is_claimed() {
    let claimed = |name: &str, text: &str| {
        FORMATS.iter().find(|format| format.claims(name, text.as_bytes())).map(|format| format.name())
    };
    for (name, text, format) in [
        ("a.json", PRETTY, "json"),
        ("a", PRETTY, "json"),
        ("a.json", "[{\"a\": 1}, {\"a\": 2}]", "json"),
        ("a.json", "[{\"a\": 1}]", "ndjson"),
        ("a.json", "[\n{\"a\": 1},\n{\"a\": 2}\n]\n", "ndjson"),
        ("a.json", "{\"a\": 1}\n{\"a\": 2}\n", "ndjson"),
        ("a.json", "{\n\"a\": 1\n}\n", "json"),
        ("a.json", "{\"data\": [{\"a\": 1}, {\"a\": 2}]}\n", "json"),
        ("a.ndjson", "{\"data\": [{\"a\": 1}, {\"a\": 2}]}\n", "ndjson"),
        ("a.json", "[{}, {\"a\": 2}]", "json"),
        ("a.txt", "{\nnot json\n}\n", "text"),
        ("a.txt", "[section]\nkey = value\n", "text"),
        ("a.txt", "[1, 2]\n[3, 4]\n", "csv"),
    ] {
        assert_eq!(claimed(name, text), Some(format), "{name}: {text}");
    }
}

#[test]
fn elements_that_are_no_objects_are_counted_with_their_line() {
    let text = "[\n  {\"id\":\n 1},\n  7,\n  {\"id\": x},\n  {\"id\": 4}\n]\n";
    let (_, decoded) = read_as(&Json, text.as_bytes());
    assert_eq!(cells(&decoded), [["1"], ["∅"], ["∅"], ["4"]]);
    let lines: Vec<u64> = bad(&decoded).into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, [2, 3]);
}

#[test]
fn documents_that_end_too_early_or_hold_nothing() {
    let (sniffed, _) = read_as(&Json, b"[{\"id\": 1}, {\"id\": 2}]");
    let cut = decode_all(sniffed.decoder.as_ref(), b"[{\"id\": 1}, {\"id\": 2", 1, &[0]);
    assert_eq!(cells(&cut), [["1"], ["∅"]]);
    assert_eq!(cut.bad_shapes.count, 1);
    for text in ["[]", "[\n]\n", "", "7"] {
        assert!(Json.sniff(&whole(text.as_bytes())).is_err(), "{text}");
    }
}

/// The rows of all splits between `cuts`: guesses are repaired as the scan repairs them. With how many were
/// wrong.
fn repaired(found: &Sniffed, text: &[u8], cuts: &[usize], look_ahead: usize) -> (Vec<Vec<String>>, usize) {
    let all: Vec<usize> = (0..found.schema.fields().len()).collect();
    let decoder = found.decoder.as_ref();
    let (mut expected, mut rows, mut wrong) = (found.first_record, Vec::new(), 0);
    for (number, cut) in cuts.windows(2).enumerate() {
        let owned = cut[0]..cut[1];
        let at = RecordStart::At(expected);
        let start = if number == 0 { at } else { RecordStart::Guess };
        let mut decoded = decode_split(decoder, text, owned.clone(), start, look_ahead, 7, &all);
        let right = (expected < owned.end as u64).then_some(expected);
        if decoded.first_record != right {
            wrong += 1;
            decoded = decode_split(decoder, text, owned, at, look_ahead, 7, &all);
            assert_eq!(decoded.first_record, right);
        }
        expected = decoded.next_record.unwrap_or(expected);
        rows.extend(cells(&decoded));
    }
    assert!(expected >= text.len() as u64);
    (rows, wrong)
}

#[test]
fn guesses_are_mostly_right() {
    let record = |id: u64| json!({"id": id, "items": [{"id": 1, "x": "},{\"id\":"}, {"id": 2}], "name": "x".repeat(id as usize % 30)});
    let records: Vec<Value> = (0..500).map(record).collect();
    let object = json!({"a": 1, "rows": records, "z": 2});
    for text in [
        serde_json::to_string(&records).expect("JSON"),
        serde_json::to_string_pretty(&records).expect("JSON"),
        serde_json::to_string(&object).expect("JSON"),
        serde_json::to_string_pretty(&object).expect("JSON"),
    ] {
        let (found, decoded) = read_as(&Json, text.as_bytes());
        let splits = cuts(found.first_record as usize, text.len(), &[1_000]);
        let (rows, wrong) = repaired(&found, text.as_bytes(), &splits, 2_000);
        assert_eq!(rows, cells(&decoded));
        assert!(wrong * 20 <= splits.len(), "{wrong} of {} guesses are wrong", splits.len());
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-99i64..99).prop_map(Value::from),
        "[a-z\\[\\]{},:\"\\\\ \n]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("(id|a|b)", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_splits_give_all_rows(
        values in prop::collection::vec(value(), 1..12),
        pretty in any::<bool>(),
        in_object in any::<bool>(),
        sizes in prop_oneof![prop::collection::vec(1usize..4, 1..4), prop::collection::vec(1usize..200, 1..4)],
        look_ahead in 0usize..60,
        wanted in prop::collection::vec(any::<bool>(), 1..9),
    ) {
        let records: Vec<Value> =
            values.iter().enumerate().map(|(id, value)| json!({"id": id, "v": value})).collect();
        let filler = "y".repeat(3);
        let document = if in_object { json!({"a": filler, "r": records, "z": [{"id": 7}]}) } else { json!(records) };
        let text = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) };
        let text = text.expect("JSON");
        let found = Json.sniff(&whole(text.as_bytes()));
        prop_assume!(found.is_ok());
        let found = found.expect("just checked");
        prop_assume!(found.schema.field(0).name() == "id" && found.warnings.iter().all(|said| said.contains("`r`")));
        let all: Vec<usize> = (0..found.schema.fields().len()).collect();
        let one = decode_all(found.decoder.as_ref(), text.as_bytes(), found.first_record, &all);
        prop_assert_eq!(one.rows, records.len() as u64);
        prop_assert_eq!(one.bad().count, 0);
        check_selection(&found, text.as_bytes(), 3, &wanted);
        let cuts = cuts(found.first_record as usize, text.len(), &sizes);
        let (rows, _) = repaired(&found, text.as_bytes(), &cuts, look_ahead);
        prop_assert_eq!(rows, cells(&one));
    }

    /// Nothing panics or hangs on broken documents.
    #[test]
    fn changed_bytes_do_no_harm(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        pretty in any::<bool>(),
    ) {
        let mut text = if pretty { PRETTY.to_owned() } else { PRETTY.replace(['\n', ' '], "") }.into_bytes();
        let (found, _) = read_as(&Json, &text);
        for (place, byte) in edits {
            let place = place.index(text.len());
            text[place] = byte;
        }
        drop(Json.sniff(&whole(&text)));
        let all: Vec<usize> = (0..found.schema.fields().len()).collect();
        drop(decode_all(found.decoder.as_ref(), &text, found.first_record, &all));
        for start in [0, 3, 20] {
            drop(decode_split(found.decoder.as_ref(), &text, start..text.len(), RecordStart::Guess, 0, 7, &all));
        }
    }
}
