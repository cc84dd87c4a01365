//! Any split size, any number of threads: the same table as the `csv` crate and `serde_json` read in
//! one pass, the same rows that pass a filter, and the same answer of approximate aggregates; and policies for bad rows.

use std::rc::Rc;
use std::sync::Arc;

use futures::executor::block_on;
use millrace_engine::source::MemorySource;
use millrace_engine::{Engine, EngineOptions, Finished, Pool};
use millrace_protocol::Cell;
use proptest::prelude::*;

use memory_store::MemoryStore;

mod aggregates;
mod calendar;
mod filters;
mod groups;
mod json;
mod memory_store;
mod policies;
mod windows;

/// Columns of the header; records may have fewer or more.
const COLUMNS: usize = 3;

/// Records that look the same, so that sniffing has no doubt.
const SURE_RECORDS: usize = 45;

/// What may have been asked before: it leaves no columns, some of them or all in memory.
const FIRST_QUERIES: &[&str] = &[
    "SELECT count(*) FROM t",
    "SELECT second_name FROM t",
    "SELECT third_name, first_name FROM t LIMIT 3",
    "SELECT * FROM t",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn splits_and_threads_do_not_matter(
        text in csv_text(),
        threads in 1usize..=8,
        split_bytes in prop_oneof![1u64..=8, 9u64..=200, Just(1 << 20)],
        first_sql in proptest::sample::select(FIRST_QUERIES),
        cache in caches(),
    ) {
        let expected = sequential(&text);
        let actual = parallel(&text, threads, split_bytes, cache, first_sql);
        prop_assert_eq!(actual, expected, "{} threads, splits of {} bytes", threads, split_bytes);
    }
}

/// A header, records that settle dialect and types, and random records. What sniffing makes of
/// unclear files is tested where it is done.
fn csv_text() -> impl Strategy<Value = String> {
    let plain = "[a-z0-9 äß漢🦀.;:-]{0,8}";
    let quoted = proptest::collection::vec(
        prop_oneof![
            "[a-z ,漢]{1,4}",
            Just("\n".to_owned()),
            Just("\r\n".to_owned()),
            Just("\"\"".to_owned())
        ],
        0..5,
    )
    .prop_map(|parts| format!("\"{}\"", parts.concat()));
    // Quotes where none belong are literal, as the csv crate has it.
    let odd = "[a-z]{1,3}\"[a-z]{0,3}";
    let field =
        prop_oneof![6 => plain.prop_map(|s: String| s), 3 => quoted, 1 => odd.prop_map(|s: String| s)];
    let fields = prop_oneof![6 => Just(COLUMNS), 1 => 1..=COLUMNS + 1];
    let record = fields
        .prop_flat_map(move |count| proptest::collection::vec(field.clone(), count))
        .prop_map(|fields| fields.join(","));
    let line_end = prop_oneof![4 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\r"), 1 => Just("\n\n")];
    (proptest::collection::vec((record, line_end), 0..40), any::<bool>()).prop_map(|(records, ended)| {
        let mut text = "first_name,second_name,third_name\n".to_owned() + &"x,y,z\n".repeat(SURE_RECORDS);
        for (record, line_end) in &records {
            text.push_str(record);
            text.push_str(line_end);
        }
        if !ended {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        text
    })
}

fn sequential(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    reader
        .records()
        .map(|record| {
            let record = record.expect("bytes in memory");
            (0..COLUMNS).map(|column| record.get(column).unwrap_or_default().to_owned()).collect()
        })
        .collect()
}

/// The whole table, after another query has been run over it.
fn parallel(
    text: &str,
    threads: usize,
    split_bytes: u64,
    cache: CacheBytes,
    first_sql: &str,
) -> Vec<Vec<String>> {
    let text_of = |cell| match cell {
        Cell::Text(text) => text,
        Cell::Null => String::new(),
        other => panic!("a column that is not text: {other:?}"),
    };
    let engine = engine_with_cache(text.as_bytes(), threads, split_bytes, cache);
    // Whatever columns are kept by then, the rows are the same.
    rows(&engine, first_sql);
    let rows = rows(&engine, "SELECT * FROM t");
    rows.into_iter().map(|row| row.into_iter().map(text_of).collect()).collect()
}

/// An engine with the table `t` of a CSV file.
fn engine(text: &str, threads: usize, split_bytes: u64) -> Engine {
    engine_with_cache(text.as_bytes(), threads, split_bytes, CacheBytes { memory: 16 << 20, disk: 0 })
}

/// What kept columns may take.
#[derive(Clone, Copy, Debug, Default)]
struct CacheBytes {
    memory: u64,
    disk: u64,
}

/// Room for all columns, for some, or for none, in memory and on disk.
fn caches() -> impl Strategy<Value = CacheBytes> {
    let memory = prop_oneof![2 => Just(16 << 20), 1 => Just(0), 1 => Just(3_000)];
    let disk = prop_oneof![2 => Just(16 << 20), 1 => Just(0), 1 => Just(20_000)];
    (memory, disk).prop_map(|(memory, disk)| CacheBytes { memory, disk })
}

fn engine_with_cache(text: &[u8], threads: usize, split_bytes: u64, cache: CacheBytes) -> Engine {
    engine_of("t.csv", text, threads, split_bytes, cache)
}

/// An engine with the table `t`.
fn engine_of(file: &str, text: &[u8], threads: usize, split_bytes: u64, cache: CacheBytes) -> Engine {
    let engine = empty_engine(threads, split_bytes, cache);
    block_on(engine.add_table(Some("t"), vec![Rc::new(MemorySource::new(file, text))])).expect("a table");
    engine
}

fn empty_engine(threads: usize, split_bytes: u64, cache: CacheBytes) -> Engine {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let options = EngineOptions {
        threads,
        slots: threads + 2,
        split_bytes,
        memory_budget_bytes: 64 << 20,
        cache_bytes: cache.memory,
        pool: Pool::Own(Arc::new(pool)),
        clock: None,
        spill: None,
        cache_store: Some(Arc::new(MemoryStore::default())),
        cache_disk_bytes: cache.disk,
    };
    Engine::new(options).expect("an engine")
}

fn finish(engine: &Engine, sql: &str) -> Finished {
    block_on(engine.query(sql).run(|_| ())).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn rows(engine: &Engine, sql: &str) -> Vec<Vec<Cell>> {
    let finished = finish(engine, sql);
    let count = usize::try_from(finished.result.row_count()).expect("few rows");
    finished.result.rows(None, 0, count)
}
