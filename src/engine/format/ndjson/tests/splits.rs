//! Random records, cut anywhere, against `serde_json`.

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::format::Sniffed;
use crate::format::ndjson::column_type::JsonType;
use crate::format::ndjson::decode::{Layout, NdjsonDecoder};
use crate::format::testing::{check_selection, cuts, decode_splits};
use crate::format::value::ColumnType;

/// The value of a row as JSON.
fn json_of(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Boolean => json!(array.as_boolean().value(row)),
        DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => json!(array.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8View => json!(array.as_string_view().value(row)),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            (0..items.len()).map(|item| json_of(&items, item)).collect()
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns().iter();
            Value::Object(
                fields
                    .iter()
                    .zip(columns)
                    .map(|(f, column)| (f.name().clone(), json_of(column, row)))
                    .collect(),
            )
        }
        other => panic!("no column of a test is {other}"),
    }
}

/// Whether a column of this type makes `cell` of `value`. The text of JSON is right when it says the
/// same.
fn agrees(kind: &JsonType, cell: &Value, value: &Value) -> bool {
    let says = |value: &Value| {
        let parsed = cell.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        parsed.as_ref() == Some(value)
    };
    match (kind, value) {
        (_, Value::Null) => cell.is_null(),
        (JsonType::Json, _) => says(value),
        (JsonType::Unknown, Value::String(_)) => cell == value,
        (JsonType::Unknown, _) => says(value),
        (JsonType::Simple(ColumnType::Boolean), Value::Bool(_)) => cell == value,
        (JsonType::Simple(ColumnType::Bigint), Value::Number(number)) if number.is_i64() => cell == value,
        (JsonType::Simple(ColumnType::Double), Value::Number(number)) => cell.as_f64() == number.as_f64(),
        (JsonType::Simple(ColumnType::Varchar), Value::String(_)) => cell == value,
        (JsonType::List(kind), Value::Array(items)) => cell.as_array().is_some_and(|cells| {
            cells.len() == items.len() && cells.iter().zip(items).all(|(cell, item)| agrees(kind, cell, item))
        }),
        (JsonType::Struct(kinds), Value::Object(members)) => {
            let of = |key: &String| members.get(key).unwrap_or(&Value::Null);
            cell.is_object() && kinds.iter().all(|(key, kind)| agrees(kind, &cell[key], of(key)))
        }
        _ => cell.is_null(),
    }
}

/// Keys and types of the columns.
fn columns() -> Vec<(String, JsonType)> {
    let simple = JsonType::Simple;
    let list = |items| JsonType::List(Box::new(items));
    let deep = JsonType::Struct(vec![("a".into(), JsonType::Unknown), ("b".into(), JsonType::Json)]);
    let inner = vec![
        ("name".to_owned(), simple(ColumnType::Varchar)),
        ("list".to_owned(), list(simple(ColumnType::Double))),
        ("flag".to_owned(), simple(ColumnType::Boolean)),
        ("x".to_owned(), deep),
    ];
    let columns = [
        ("id", simple(ColumnType::Bigint)),
        ("a", simple(ColumnType::Varchar)),
        ("b", simple(ColumnType::Double)),
        ("x", JsonType::Struct(inner)),
        ("y", JsonType::Unknown),
        ("c", JsonType::Json),
        ("q\"\\", list(list(JsonType::Unknown))),
        ("", simple(ColumnType::Boolean)),
    ];
    columns.map(|(key, kind)| (key.to_owned(), kind)).into()
}

/// What sniffing would find out.
fn found(text: &str) -> Sniffed {
    let columns = columns();
    let fields: Vec<Field> =
        columns.iter().map(|(key, kind)| Field::new(key, kind.arrow_type(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let types = columns.iter().map(|(_, kind)| kind.clone()).collect();
    let keys = columns.iter().map(|(key, _)| key.as_bytes());
    let blank: usize = text.split_inclusive('\n').take_while(|line| is_blank(line)).map(str::len).sum();
    Sniffed {
        schema: Arc::clone(&schema),
        dialect: None,
        first_record: blank as u64,
        first_line: 1,
        mean_record_bytes: 1.0,
        decoder: Arc::new(NdjsonDecoder::new(keys, types, schema, Layout::Lines)),
        warnings: Vec::new(),
    }
}

fn is_blank(line: &str) -> bool {
    line.trim_matches([' ', '\t', '\r', '\n']).is_empty()
}

fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z ]{0,20}",
        2 => "[a-zäö€😀\"\\\\/\n\t\u{0}\u{7f}{}\\[\\],:]{0,14}",
        1 => "[a-z]{0,90}",
    ]
    .prop_map(|text| serde_json::to_string(&text).expect("text is JSON"))
}

fn escaped() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("\"\\u0061\\/\\u00E9\"".to_owned()),
        Just("\"\\ud83d\\uDE00 \\b\\f\"".to_owned()),
        Just("\"\\\\\\\"\"".to_owned()),
    ]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|value| value.to_string()),
        (-999i32..999).prop_map(|value| value.to_string()),
        (any::<i32>(), 0u32..7)
            .prop_map(|(value, digits)| format!("{}", f64::from(value) / 2f64.powi(digits as i32))),
        (-99i32..99, -9i32..9).prop_map(|(value, exponent)| format!("{value}e{exponent}")),
    ]
}

fn any_value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => string(),
        1 => escaped(),
        3 => number(),
        1 => prop::sample::select(vec!["null", "true", "false", "[]", "{}"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let items =
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", ")));
        let members = prop::collection::vec((key(), inner), 0..4).prop_map(object);
        prop_oneof![items, members]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(vec!["a", "b", "c", "x", "y", "id"]).prop_map(|key| format!("\"{key}\"")),
        1 => Just("\"\\u0061\"".to_owned()),
        1 => Just("\"q\\\"\\\\\"".to_owned()),
        1 => Just("\"\"".to_owned()),
        1 => string(),
    ]
}

fn object(members: Vec<(String, String)>) -> String {
    let members: Vec<String> = members.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// The text of an object: of one kind mostly, so that columns get types.
pub(super) fn record() -> impl Strategy<Value = String> {
    let list = prop::collection::vec(number(), 0..4).prop_map(|items| format!("[{}]", items.join(",")));
    let inner = (string(), list, prop::bool::ANY)
        .prop_map(|(name, list, flag)| format!("{{\"name\":{name}, \"list\" :{list},\t\"flag\":{flag}}}"));
    let usual = (any::<i32>(), string(), (-1e6..1e6f64), inner).prop_map(|(id, text, share, inner)| {
        let share = (share * 64.0).round() / 64.0;
        format!("{{\"id\":{id}, \"a\": {text},\"b\":{share:?},\"x\":{inner}}}")
    });
    let wild = prop::collection::vec((key(), any_value()), 0..6).prop_map(object);
    prop_oneof![4 => usual, 2 => wild]
}

fn line() -> impl Strategy<Value = String> {
    let content = prop_oneof![
        12 => record(),
        2 => "[ \t]{0,3}",
        1 => "[a-z{\"\u{0}:,]{1,12}",
    ];
    (content, prop_oneof![5 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\n\n"), 1 => Just(" \n \r\n")])
        .prop_map(|(content, end)| content + end)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_splits_give_the_records_of_serde_json(
        lines in prop::collection::vec(line(), 1..30),
        cut_end in any::<bool>(),
        sizes in prop_oneof![
            prop::collection::vec(1usize..4, 1..4),
            prop::collection::vec(1usize..80, 1..4),
            prop::collection::vec(1usize..600, 1..4),
        ],
        look_ahead in 0usize..100,
        batch_rows in 1usize..70,
        wanted in prop::collection::vec(any::<bool>(), 1..9),
    ) {
        let mut text = lines.concat();
        if cut_end {
            text.truncate(text.trim_end().len());
        }
        let found = found(&text);
        check_selection(&found, text.as_bytes(), batch_rows, &wanted);
        let cuts = cuts(found.first_record as usize, text.len(), &sizes);
        let splits = decode_splits(&found, text.as_bytes(), &cuts, look_ahead, batch_rows);
        let mut rows = splits.iter().flat_map(|split| &split.batches).flat_map(|batch| {
            let row = |row| batch.columns().iter().map(|column| json_of(column, row)).collect::<Vec<_>>();
            (0..batch.num_rows()).map(row).collect::<Vec<_>>()
        });
        let mut no_objects = 0;
        for line in text.split('\n').filter(|line| !is_blank(line)) {
            let record = serde_json::from_str(line).ok().filter(Value::is_object);
            no_objects += u64::from(record.is_none());
            let row = rows.next().expect("a row for each line");
            for ((key, kind), cell) in columns().iter().zip(&row) {
                let value = record.as_ref().and_then(|record| record.get(key)).unwrap_or(&Value::Null);
                prop_assert!(agrees(kind, cell, value), "{} of {}: {}", key, line, cell);
            }
        }
        prop_assert!(rows.next().is_none());
        prop_assert_eq!(splits.iter().map(|split| split.bad_shapes.count).sum::<u64>(), no_objects);
    }
}
