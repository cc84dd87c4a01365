//! JSON lines against `serde_json`.

use millrace_protocol::Cell;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{caches, engine_of, rows};

/// Records that settle the types.
const SURE: &str =
    r#"{"id": 1, "name": "x", "share": 0.5, "user": {"age": 1, "tags": ["a"]}, "at": "2026-01-01"}"#;

/// What may have been asked before: it leaves no columns, some of them or all in memory.
const FIRST_QUERIES: &[&str] = &[
    "SELECT count(*) FROM t",
    "SELECT \"user\" FROM t",
    "SELECT name, id FROM t LIMIT 3",
    "SELECT * FROM t",
];

const QUERY: &str = "SELECT id, name, share, \"user\"['age'], \"user\"['tags'][2], array_length(\"user\"['tags'])::BIGINT, at FROM t";

/// What does not fit the types is part of the sample here and would change them; it is tested where
/// records are decoded.
fn record() -> impl Strategy<Value = Value> {
    let text = || prop_oneof!["[a-z ]{0,18}", "[a-zäß漢🦀\"\\\\/\n\t{}\\[\\],:]{0,8}"];
    let id = prop_oneof![5 => any::<i64>().prop_map(|id| json!(id)), 1 => Just(Value::Null)];
    let share = prop_oneof![
        5 => (-4096i32..4096).prop_map(|share| json!(f64::from(share) / 64.0)),
        1 => Just(json!(7)),
    ];
    let tags = prop_oneof![
        5 => prop::collection::vec(text(), 0..4).prop_map(|tags| json!(tags)),
        1 => Just(json!(["a", null, "c"])),
    ];
    let user = prop_oneof![
        5 => (0..99i64, tags).prop_map(|(age, tags)| json!({"age": age, "tags": tags})),
        1 => Just(json!({"tags": null, "new": 1})),
    ];
    let at = prop_oneof![3 => Just(json!("2025-12-31")), 1 => Just(json!("1999-01-31"))];
    let members = (id, text(), share, user, at).prop_map(|(id, name, share, user, at)| {
        json!({"id": id, "name": name, "share": share, "user": user, "at": at, "late": [{}]})
    });
    // Which members are there.
    (members, any::<u8>()).prop_map(|(mut members, mask)| {
        if let Value::Object(members) = &mut members {
            let mut bit = 0;
            members.retain(|_, _| {
                bit += 1;
                mask >> bit & 1 == 0
            });
        }
        members
    })
}

fn line() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        8 => record().prop_map(|record| record.to_string()),
        1 => record().prop_map(|record| serde_json::to_string_pretty(&record).unwrap_or_default().replace('\n', "\t")),
        1 => "[a-z{\":]{1,9}",
        1 => "[ \t]{0,3}",
    ];
    (text, prop_oneof![4 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\n \n")])
        .prop_map(|(text, end)| text + end)
}

fn cells(line: &str) -> Vec<Cell> {
    let record: Value = serde_json::from_str(line).unwrap_or_default();
    let int = |value: &Value| value.as_i64().map_or(Cell::Null, Cell::Int);
    let text = |value: &Value| value.as_str().map_or(Cell::Null, |text| Cell::Text(text.to_owned()));
    let user = &record["user"];
    let tags = user["tags"].as_array();
    vec![
        int(&record["id"]),
        text(&record["name"]),
        record["share"].as_f64().map_or(Cell::Null, Cell::Number),
        int(&user["age"]),
        tags.and_then(|tags| tags.get(1)).map_or(Cell::Null, text),
        // The length of an empty list is the number 0, in other dialects null.
        tags.map_or(Cell::Null, |tags| Cell::Int(tags.len() as i64)),
        text(&record["at"]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn splits_and_threads_do_not_matter(
        lines in prop::collection::vec(line(), 0..30),
        ended in any::<bool>(),
        threads in 1usize..=8,
        split_bytes in prop_oneof![1u64..=8, 9u64..=300, Just(1 << 20)],
        first_sql in prop::sample::select(FIRST_QUERIES),
        cache in caches(),
    ) {
        let mut text = format!("{SURE}\n").repeat(45) + &lines.concat();
        if !ended {
            text.truncate(text.trim_end().len());
        }
        let engine = engine_of("t.ndjson", text.as_bytes(), threads, split_bytes, cache);
        rows(&engine, first_sql);
        let filled = text.split('\n').filter(|line| !line.trim_matches([' ', '\t', '\r']).is_empty());
        let expected: Vec<Vec<Cell>> = filled.map(cells).collect();
        prop_assert_eq!(rows(&engine, QUERY), expected);
    }
}
