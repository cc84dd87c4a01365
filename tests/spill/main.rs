//! Queries whose state is larger than their memory: the same rows as with memory for all of it, by way of
//! the storage; and what becomes of them when the storage is missing or fails.

mod stores;

use std::fmt::Write;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use futures::executor::block_on;
use millrace_engine::source::MemorySource;
use millrace_engine::spill::SpillStore;
use millrace_engine::spill::file::FileSpillStore;
use millrace_engine::{Engine, EngineOptions, Finished, Pool};
use millrace_protocol::{Cell, ErrorKind};
use proptest::prelude::*;

use stores::{Failing, Folder};

const ROWS: u64 = 60_000;
const SPLIT_BYTES: u64 = 48 << 10;

/// Memory for all of it.
const AMPLE_BYTES: u64 = 1 << 30;

/// The least with which each of [`QUERIES`] runs: what a few tasks need for the rows of their splits.
const LEAST_BYTES: u64 = 2 << 20;

/// Large states, small results.
const QUERIES: &[&str] = &[
    "SELECT count(*), min(n), max(n), sum(s) FROM \
     (SELECT key, word, count(*) AS n, sum(value) AS s FROM t GROUP BY key, word)",
    "SELECT key, word, sum(value) AS s FROM t GROUP BY key, word ORDER BY s DESC, key LIMIT 20",
    "SELECT count(*), sum(value) FROM (SELECT DISTINCT word, value FROM t)",
    "SELECT count(DISTINCT word), count(DISTINCT value) FROM t",
    "SELECT max(cardinality(values)), sum(cardinality(values)) FROM \
     (SELECT key, array_agg(word) AS values FROM t GROUP BY key)",
    "SELECT count(*), sum(a.value - b.value), min(a.word || b.word) FROM t a JOIN t b ON a.key = b.key",
    "SELECT count(*), count(b.key) FROM t a LEFT JOIN (SELECT * FROM t WHERE value % 3 = 0) b \
     ON a.word = b.word AND a.key = b.key",
    "SELECT count(*), count(a.key) FROM t a FULL JOIN (SELECT key + 7000 AS other, word AS w FROM t) b \
     ON a.key = b.other AND a.word = b.w",
    "SELECT count(*), sum(value) FROM t WHERE key NOT IN (SELECT key FROM t WHERE value % 5 > 0)",
    "SELECT * FROM t ORDER BY word DESC, value LIMIT 7 OFFSET 40000",
    "SELECT value, key FROM t ORDER BY key DESC, value LIMIT 9",
    "SELECT sum(place * value) FROM \
     (SELECT value, row_number() OVER (PARTITION BY key ORDER BY word, value) AS place FROM t)",
    "SELECT sum(place * value) FROM (SELECT value, row_number() OVER (ORDER BY word, value) AS place FROM t)",
    "WITH sums AS (SELECT key, word, sum(value) AS total FROM t GROUP BY key, word) \
     SELECT count(*), min(key) FROM sums WHERE total = (SELECT max(total) FROM sums)",
    "SELECT count(*) FROM (SELECT key, word FROM t WHERE value % 2 = 0 UNION SELECT key, word FROM t)",
    "SELECT count(*), sum(n) FROM (SELECT a.key, a.word, count(*) AS n FROM t a JOIN t b ON a.key = b.key \
     GROUP BY a.key, a.word)",
];

/// Keys that come four times each, words that come once or twice, in no order.
fn table() -> String {
    let mut text = "key,word,value\n".to_owned();
    for row in 0..ROWS {
        let mixed = row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let word = if mixed % 50 == 0 { String::new() } else { format!("word number {}", mixed % (ROWS / 2)) };
        let _ = writeln!(text, "{},{word},{row}", mixed % (ROWS / 4));
    }
    text
}

fn engine(threads: usize, memory_budget_bytes: u64, spill: Option<Arc<dyn SpillStore>>) -> Engine {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let options = EngineOptions {
        threads,
        slots: threads + 2,
        split_bytes: SPLIT_BYTES,
        memory_budget_bytes,
        cache_bytes: memory_budget_bytes / 4,
        pool: Pool::Own(Arc::new(pool)),
        spill,
    };
    let engine = Engine::new(options).expect("an engine");
    let source = Rc::new(MemorySource::new("t.csv", table()));
    block_on(engine.add_table(Some("t"), vec![source])).expect("a table");
    engine
}

fn file_store(folder: &Path) -> Option<Arc<dyn SpillStore>> {
    Some(Arc::new(FileSpillStore::new(folder)))
}

fn run(engine: &Engine, sql: &str) -> Finished {
    block_on(engine.query(sql).run(|_| ())).unwrap_or_else(|error| panic!("{sql}: {}", error.info().message))
}

fn rows(finished: &Finished) -> Vec<Vec<Cell>> {
    let count = usize::try_from(finished.result.row_count()).expect("few rows");
    finished.result.rows(None, 0, count)
}

#[test]
fn beyond_memory_every_query_gives_the_same_rows() {
    let folder = Folder::new();
    let ample = engine(2, AMPLE_BYTES, None);
    let tight = [1, 4].map(|threads| engine(threads, LEAST_BYTES, file_store(folder.path())));
    for sql in QUERIES {
        let expected = rows(&run(&ample, sql));
        for (engine, threads) in tight.iter().zip([1, 4]) {
            let finished = run(engine, sql);
            assert_eq!(rows(&finished), expected, "{sql}, {threads} threads");
            eprintln!("{} {threads} {sql}", finished.progress.spilled_bytes);
        }
    }
}
