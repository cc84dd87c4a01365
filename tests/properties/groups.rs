//! Groups of few and of many rows, by keys of all kinds: any split size, any number of threads, the same answer
//! as of an operator that knows nothing of ours.

use std::fmt::Write;

use super::{engine, rows};

const ROWS: u64 = 40_000;

/// Keys with few and with many values, some of them long, with gaps in all of them.
fn table() -> String {
    let mut text = "id,few,many,word,ts,day,flag,fraction\n".to_owned();
    for id in 0..ROWS {
        let mixed = id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        let or_empty = |each: u64, value: String| if mixed % each == 0 { String::new() } else { value };
        let long = if mixed % 3 == 0 { " that is longer than a view" } else { "" };
        let _ = writeln!(
            text,
            "{id},{},{},{},{},{},{},{}",
            or_empty(19, (mixed % 5).to_string()),
            or_empty(23, (mixed % 30_011).to_string()),
            or_empty(29, format!("word {}{long}", mixed % 1_009)),
            or_empty(31, format!("2026-01-{:02}T00:{:02}:{:02}Z", 1 + mixed % 28, mixed % 60, id % 60)),
            or_empty(37, format!("2026-02-{:02}", 1 + mixed % 28)),
            or_empty(41, (mixed % 2 == 0).to_string()),
            or_empty(43, format!("{}.{:02}", mixed % 300, mixed % 97)),
        );
    }
    text
}

/// Each with the same in words that our operators leave alone, as with a key that is a float.
const QUERIES: &[(&str, &str)] = &[
    (
        "SELECT few, count(*), sum(id), max(fraction) FROM t GROUP BY few",
        "SELECT few, count(*), sum(id), max(fraction) FROM t GROUP BY few, few * 1.5",
    ),
    (
        "SELECT word, few, count(*), count(fraction), min(ts) FROM t GROUP BY word, few",
        "SELECT word, few, count(*), count(fraction), min(ts) FROM t GROUP BY word, few, few * 1.5",
    ),
    (
        "SELECT many, day, flag, word, count(*), sum(id) FILTER (WHERE few > 1) FROM t GROUP BY many, day, flag, word",
        "SELECT many, day, flag, word, count(*), sum(id) FILTER (WHERE few > 1) FROM t
         GROUP BY many, day, flag, word, many * 1.5",
    ),
    (
        "SELECT date_trunc('minute', ts) AS m, count(DISTINCT many), median(id) FROM t GROUP BY m",
        "SELECT date_trunc('minute', ts) AS m, count(DISTINCT many), median(id) FROM t
         GROUP BY m, date_part('epoch', m)",
    ),
    (
        "SELECT id, place FROM (SELECT *, row_number() OVER (PARTITION BY few, flag ORDER BY fraction DESC, id) AS place
         FROM t) WHERE place <= 3",
        "SELECT id, place FROM (SELECT *, row_number() OVER (PARTITION BY few, flag ORDER BY fraction DESC, id) AS place
         FROM t) WHERE place * place < 10",
    ),
    (
        "SELECT id, place FROM (SELECT *, rank() OVER (PARTITION BY many ORDER BY ts NULLS FIRST) AS place FROM t)
         WHERE 2 > place",
        "SELECT id, place FROM (SELECT *, rank() OVER (PARTITION BY many ORDER BY ts NULLS FIRST) AS place FROM t)
         WHERE place * place < 2",
    ),
];

#[test]
fn splits_and_threads_do_not_matter() {
    let text = table();
    let shapes = [(1, 1 << 20), (2, 70_000), (4, 400_000), (8, 5_000)];
    let engines = shapes.map(|(threads, split_bytes)| engine(&text, threads, split_bytes));
    for (sql, general) in QUERIES {
        let sorted = |sql: &str, at: usize| {
            let mut rows = rows(&engines[at], sql);
            rows.sort_by_key(|row| format!("{row:?}"));
            rows
        };
        let expected = sorted(general, 0);
        assert!(!expected.is_empty());
        for (at, shape) in shapes.iter().enumerate() {
            assert!(sorted(sql, at) == expected, "{sql}, threads and split bytes {shape:?}");
        }
    }
}
