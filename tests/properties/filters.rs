//! Conditions that the scan evaluates, against the same conditions where it may not: any split size, any
//! number of threads, with and without kept columns.

use std::fmt::Write;

use millrace_engine::{Engine, Finished};
use proptest::prelude::*;

use super::{engine_with_cache, finish};

/// Records that settle the types of the columns.
const SURE_RECORDS: usize = 45;
const CACHE_BYTES: u64 = 16 << 20;

/// Comparisons of the columns with values that some records have.
const CONDITIONS: &[&str] = &[
    "a > 3",
    "a = 7",
    "a IS NULL",
    "a + id % 5 <> 4",
    "id > 60",
    "id BETWEEN 50 AND 55",
    "b LIKE 'x%'",
    "b IN ('x', 'yes', 'a long text that fills no view')",
    "b IS NOT NULL",
    "length(b) > 3",
    "c = 'q,\"\"q'",
    "c < 'm'",
    "upper(c) LIKE '%L_NE%'",
    "d < 0.5",
    "d * 2 >= a",
    "CASE WHEN a > 5 THEN d > 0 ELSE b IS NULL END",
    "10 / (a * a + 1) > 2",
];

/// What is handed out of the rows that pass.
const OUTPUTS: &[&str] = &[
    "id",
    "*",
    "c, id",
    "b",
    "count(*)",
    "a, count(*) AS n, count(b) AS b, min(c) AS c",
    "count(d), min(d), max(id)",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn filters_in_the_scan_do_not_matter(
        text in table(),
        condition in condition(),
        output in proptest::sample::select(OUTPUTS),
        threads in 1usize..=4,
        split_bytes in prop_oneof![1 => 1u64..=8, 4 => 9u64..=400, 1 => Just(1 << 20)],
        cache_bytes in prop_oneof![2 => Just(CACHE_BYTES), 1 => Just(0), 1 => Just(3_000)],
        before in prop_oneof![Just("SELECT count(*) FROM t"), Just("SELECT b, a FROM t"), Just("SELECT * FROM t")],
    ) {
        let end = if output.starts_with("a,") { "GROUP BY a ORDER BY a" } else { "" };
        let pushed = format!("SELECT {output} FROM t WHERE {condition} {end}");
        let held_back =
            format!("SELECT {output} FROM t WHERE CASE WHEN random() >= 0 THEN {condition} END {end}");
        let expected = finish(&engine_with_cache(&text, 1, 1 << 20, 0), &held_back);
        let plain = finish(&engine_with_cache(&text, 1, 1 << 20, 0), &pushed);
        prop_assert_eq!(rows(&plain), rows(&expected), "{}", pushed);
        let engine = engine_with_cache(&text, threads, split_bytes, cache_bytes);
        check(&engine, &pushed, &plain)?;
        check(&engine, &pushed, &plain)?;
        let warm = engine_with_cache(&text, threads, split_bytes, cache_bytes);
        finish(&warm, before);
        check(&warm, &pushed, &plain)?;
    }
}

/// The same rows and the same bad ones.
fn check(engine: &Engine, sql: &str, expected: &Finished) -> Result<(), TestCaseError> {
    let actual = finish(engine, sql);
    prop_assert_eq!(rows(&actual), rows(expected), "{}", sql);
    prop_assert_eq!(actual.progress.bad_rows, expected.progress.bad_rows, "{}", sql);
    let listed = |finished: &Finished| {
        let of_row = |bad: &millrace_protocol::BadRow| (bad.line, bad.reason.clone());
        let mut listed: Vec<_> = finished.bad_rows.iter().map(of_row).collect();
        listed.sort();
        listed
    };
    // A split lists the first hundred of each column.
    if expected.progress.bad_rows < 100 {
        prop_assert_eq!(listed(&actual), listed(expected), "{}", sql);
    }
    Ok(())
}

fn rows(finished: &Finished) -> String {
    let csv = finished.result.csv(None).collect::<Vec<_>>().concat();
    String::from_utf8_lossy(&csv).into_owned()
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(CONDITIONS).prop_map(str::to_owned);
    leaf.prop_recursive(3, 6, 2, |inner| {
        prop_oneof![
            3 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} AND {b}")),
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} OR {b})")),
            1 => inner.prop_map(|a| format!("NOT ({a})")),
        ]
    })
}

/// Numbered records, with empty fields, fields in quotes, bytes that are not UTF-8, and too few or too
/// many fields.
fn table() -> impl Strategy<Value = Vec<u8>> {
    let a = prop_oneof![3 => (0..10i32).prop_map(|a| a.to_string()), 1 => Just(String::new())];
    let b = prop_oneof![
        2 => "x[a-z]{0,3}".prop_map(String::from),
        1 => Just("yes".to_owned()),
        1 => Just("a long text that fills no view".to_owned()),
        2 => Just(String::new()),
        // Stands for a byte that is not UTF-8.
        1 => Just("\u{1}".to_owned()),
        1 => Just("x\u{1} in a text that fills no view".to_owned()),
    ];
    let c = prop_oneof![
        2 => "[a-z]{1,3}".prop_map(String::from),
        1 => Just("\"q,\"\"q\"".to_owned()),
        1 => Just("\"one line\nand the next\"".to_owned()),
        1 => Just("l\u{1}ne".to_owned()),
        1 => Just("\"\"".to_owned()),
    ];
    let d = prop_oneof![3 => (-20..20i32).prop_map(|d| f64::from(d).to_string() + ".5"), 1 => Just(String::new())];
    let end = prop_oneof![8 => Just("\n"), 1 => Just(",more\n"), 1 => Just("\r\n")];
    let record = (a, b, c, d, end, 0..12u8);
    proptest::collection::vec(record, 0..40).prop_map(|records| {
        let mut text = "id,a,b,c,d\n".to_owned();
        for id in 0..SURE_RECORDS {
            let _ = writeln!(text, "{id},{},x,y,{id}.5", id % 9);
        }
        for (number, (a, b, c, d, end, kind)) in records.into_iter().enumerate() {
            let id = number + SURE_RECORDS;
            let _ = match kind {
                0 => writeln!(text, "{id},{a}"),
                _ => write!(text, "{id},{a},{b},{c},{d}{end}"),
            };
        }
        text.into_bytes().into_iter().map(|byte| if byte == 1 { 0xff } else { byte }).collect()
    })
}
