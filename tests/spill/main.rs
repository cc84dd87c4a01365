//! Queries whose state is larger than their memory: the same rows as with memory for all of it, by way of
//! the storage; and what becomes of them when the storage is missing or fails.

mod stores;

use std::fmt::Write;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use futures::executor::block_on;
use millrace_engine::source::MemorySource;
use millrace_engine::spill::file::FileSpillStore;
use millrace_engine::spill::{SpillError, SpillStore};
use millrace_engine::{Engine, EngineOptions, Finished, Pool};
use millrace_protocol::{Cell, ErrorKind};
use proptest::prelude::*;

use stores::{Failing, Folder};

const ROWS: u64 = 60_000;
const SPLIT_BYTES: u64 = 48 << 10;

/// Memory for all of it.
const AMPLE_BYTES: u64 = 1 << 30;

/// The least with which each of [`QUERIES`] runs: what a few tasks need for the rows of their splits.
const LEAST_BYTES: u64 = 3 << 20;

/// Large states, small results.
const QUERIES: &[&str] = &[
    "SELECT count(*), min(n), max(n), sum(s) FROM \
     (SELECT key, word, count(*) AS n, sum(value) AS s FROM t GROUP BY key, word)",
    "SELECT key, word, sum(value) AS s FROM t GROUP BY key, word ORDER BY s DESC, key LIMIT 20",
    "SELECT count(*), sum(value) FROM (SELECT DISTINCT word, value FROM t)",
    "SELECT count(DISTINCT word) FROM t",
    "SELECT max(cardinality(values)), sum(cardinality(values)) FROM \
     (SELECT key, array_agg(word) AS values FROM t GROUP BY key)",
    "SELECT count(*), sum(a.value - b.value), min(a.word || b.word) FROM t a JOIN t b ON a.key = b.key",
    "SELECT count(*), count(b.key) FROM t a LEFT JOIN (SELECT * FROM t WHERE value % 3 = 0) b \
     ON a.word = b.word AND a.key = b.key",
    "SELECT count(*), count(a.key) FROM t a FULL JOIN (SELECT key + 7000 AS other, word AS w FROM t) b \
     ON a.key = b.other AND a.word = b.w",
    "SELECT count(*), sum(value) FROM t a WHERE NOT EXISTS (SELECT * FROM t b WHERE b.word = a.word AND b.value > a.value)",
    "SELECT count(*), sum(value) FROM t WHERE word IN (SELECT word FROM t WHERE value % 5 > 0)",
    "SELECT * FROM t ORDER BY word DESC, value LIMIT 7 OFFSET 20000",
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
        let word =
            if mixed % 50 == 0 { String::new() } else { format!("word number {}", mixed % (ROWS / 2)) };
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
        clock: None,
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
            assert!(finished.progress.spilled_bytes > 1 << 20, "{sql}: {:?}", finished.progress);
            drop(finished);
            given_back(engine, &folder);
        }
    }
}

/// Tasks that were being polled as a query ended let go of what they hold at their next batch.
fn given_back(engine: &Engine, folder: &Folder) {
    for _ in 0..500 {
        if engine.state_bytes() == 0 && folder.files() == 0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{} bytes of memory and {} files are left", engine.state_bytes(), folder.files());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn budgets_do_not_matter(
        sql in proptest::sample::select(QUERIES),
        threads in 1usize..=8,
        budget_bytes in LEAST_BYTES..6 * LEAST_BYTES,
    ) {
        let folder = Folder::new();
        let expected = rows(&run(&engine(2, AMPLE_BYTES, None), sql));
        let engine = engine(threads, budget_bytes, file_store(folder.path()));
        // The second time the cache is full.
        for _ in 0..2 {
            prop_assert_eq!(&rows(&run(&engine, sql)), &expected, "{} threads, {} bytes", threads, budget_bytes);
        }
        given_back(&engine, &folder);
    }
}

#[test]
fn with_memory_for_all_of_it_nothing_is_put_aside() {
    let folder = Folder::new();
    let engine = engine(2, AMPLE_BYTES, file_store(folder.path()));
    for sql in QUERIES {
        assert_eq!(run(&engine, sql).progress.spilled_bytes, 0, "{sql}");
    }
    assert_eq!(folder.files(), 0);
}

#[test]
fn without_storage_or_when_it_fails_the_error_says_so_and_the_engine_lives_on() {
    let missing = SpillError::Missing { reason: "no storage in private windows".to_owned() };
    let failed = SpillError::Failed { reason: "the disk is gone".to_owned() };
    let failing =
        |room_bytes, why| -> Option<Arc<dyn SpillStore>> { Some(Arc::new(Failing::after(room_bytes, why))) };
    for (store, kind, words) in [
        (None, ErrorKind::Memory, "needs more memory than its budget"),
        (failing(0, missing), ErrorKind::Memory, "no storage in private windows"),
        (failing(1 << 20, SpillError::Full), ErrorKind::Storage, "is full"),
        (failing(0, failed.clone()), ErrorKind::Storage, "the disk is gone"),
        // Written, but not to be read again.
        (failing(u64::MAX, failed), ErrorKind::Storage, "the disk is gone"),
    ] {
        let engine = engine(2, LEAST_BYTES, store);
        for sql in [QUERIES[0], QUERIES[5]] {
            let error =
                block_on(engine.query(sql).run(|_| ())).map(|_| ()).expect_err("there is no room").info();
            assert_eq!(error.kind, kind, "{}", error.message);
            assert!(error.message.contains(words) && error.hint.is_some(), "{error:?}");
            assert_eq!(rows(&run(&engine, "SELECT count(*) FROM t")), [[Cell::Int(ROWS as i64)]]);
        }
    }
}

#[test]
fn a_result_that_does_not_fit_is_told() {
    let folder = Folder::new();
    let engine = engine(2, LEAST_BYTES, file_store(folder.path()));
    let joined = "FROM t a JOIN t b ON a.key = b.key";
    for sql in [format!("SELECT * {joined}"), format!("SELECT a.*, b.word {joined} ORDER BY a.word, b.value")]
    {
        let error =
            block_on(engine.query(&sql).run(|_| ())).map(|_| ()).expect_err("more than the budget").info();
        assert_eq!(error.kind, ErrorKind::Memory, "{}", error.message);
        given_back(&engine, &folder);
    }
}

#[test]
fn a_cancelled_query_leaves_nothing_behind() {
    let folder = Folder::new();
    let engine = engine(2, LEAST_BYTES, file_store(folder.path()));
    let job = engine.query(QUERIES[0]);
    let handle = job.handle();
    let watch = async {
        while handle.progress().spilled_bytes == 0 {
            futures::pending!();
        }
        handle.cancel();
    };
    let outcome = block_on(async { futures::join!(job.run(|_| ()), watch).0 });
    assert_eq!(outcome.map(|_| ()).expect_err("it was cancelled").info().kind, ErrorKind::Cancelled);
    given_back(&engine, &folder);
}

#[test]
fn queries_at_the_same_time_share_the_storage() {
    let folder = Folder::new();
    let engine = engine(3, 3 * LEAST_BYTES, file_store(folder.path()));
    let expected = [QUERIES[0], QUERIES[5]].map(|sql| rows(&run(&engine, sql)));
    let (first, second) = block_on(async {
        futures::join!(engine.query(QUERIES[0]).run(|_| ()), engine.query(QUERIES[5]).run(|_| ()))
    });
    let both = [first, second].map(|finished| rows(&finished.expect("room for both")));
    assert_eq!(both, expected);
    given_back(&engine, &folder);
}
