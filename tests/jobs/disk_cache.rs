//! Columns that find no room in memory are kept on disk: the next query reads them from there.

#[path = "../spill/stores.rs"]
mod stores;

use std::time::Duration;

use millrace_engine::spill::file::FileSpillStore;
use millrace_engine::spill::{SpillError, SpillStore};
use millrace_protocol::{CacheInfo, DiskCacheInfo};

use super::*;
use stores::{Failing, Folder};

const MEMORY_BYTES: u64 = 100 << 10;
const DISK_BYTES: u64 = 64 << 20;
const SPLIT_BYTES: u64 = 64 << 10;
const ROWS: u64 = 60_000;

/// Queries with and without filters, over some columns and all.
const QUERIES: &[&str] = &[
    "SELECT count(*), sum(value), sum(noise), min(word), max(word) FROM t",
    "SELECT word, count(*), avg(value) FROM t WHERE noise > 0.5 GROUP BY word ORDER BY word LIMIT 20",
    "SELECT * FROM t WHERE value = 37777",
    "SELECT * FROM t WHERE value < 0",
    "SELECT sum(noise) FROM t WHERE word LIKE 'w1%'",
    "SELECT count(*) FROM t",
];

/// Numbers that are packed and numbers that are not, texts, nulls, and a bad record now and then.
fn table() -> String {
    let mut text = "value,noise,word\n".to_owned();
    let mut state = 1u64;
    for row in 0..ROWS {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let noise = (state >> 11) as f64 / (1u64 << 53) as f64;
        let word = if row % 11 == 0 { String::new() } else { format!("w{}", state % 30_000) };
        let end = if row % 7_000 == 3 { ",extra" } else { "" };
        let _ = writeln!(text, "{row},{noise},{word}{end}");
    }
    text
}

fn disk_engine(memory_bytes: u64, disk_bytes: u64, store: Option<Arc<dyn SpillStore>>) -> Engine {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a pool");
    let options = EngineOptions {
        threads: 2,
        slots: 4,
        split_bytes: SPLIT_BYTES,
        memory_budget_bytes: BUDGET_BYTES,
        cache_bytes: memory_bytes,
        pool: Pool::Own(Arc::new(pool)),
        clock: None,
        spill: None,
        cache_store: store,
        cache_disk_bytes: disk_bytes,
    };
    let engine = Engine::new(options).expect("an engine");
    add(&engine, &table());
    engine
}

fn file_store(folder: &Folder) -> Option<Arc<dyn SpillStore>> {
    Some(Arc::new(FileSpillStore::new(folder.path())))
}

fn rows(finished: &Finished) -> String {
    let csv = finished.result.csv(None).collect::<Vec<_>>().concat();
    String::from_utf8(csv).expect("text")
}

fn disk(cache: &CacheInfo) -> &DiskCacheInfo {
    cache.disk.as_ref().expect("a store")
}

/// Waits until what is kept is as it should be: writes go on when their query has ended.
fn wait_until(engine: &Engine, is_so: impl Fn(&CacheInfo) -> bool) -> CacheInfo {
    for _ in 0..1000 {
        let cache = engine.cached();
        if is_so(&cache) {
            return cache;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{:?}", engine.cached());
}

fn is_whole(cache: &CacheInfo) -> bool {
    cache.columns.len() == 3 && cache.columns.iter().all(|column| column.fraction == 1.0)
}

/// Waits until all files of the folder are gone.
fn wait_until_empty(folder: &Folder) {
    for _ in 0..1000 {
        if folder.files() == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{} files are left", folder.files());
}

#[test]
fn with_the_disk_a_second_query_reads_nothing() {
    let folder = Folder::new();
    let plain = disk_engine(0, 0, None);
    let engine = disk_engine(MEMORY_BYTES, DISK_BYTES, file_store(&folder));
    run(&engine, QUERIES[0]);
    let cache = wait_until(&engine, is_whole);
    assert!(cache.bytes > 0 && cache.bytes <= MEMORY_BYTES, "{cache:?}");
    assert!(disk(&cache).bytes > 1 << 19 && disk(&cache).bytes < DISK_BYTES, "{cache:?}");
    assert_eq!(cache.columns.iter().map(|column| column.disk_bytes).sum::<u64>(), disk(&cache).bytes);
    for sql in QUERIES {
        let (expected, again) = (run(&plain, sql), run(&engine, sql));
        assert_eq!(again.progress.bytes_read, 0, "{sql}");
        assert_eq!(again.progress.rows_read, ROWS, "{sql}");
        let without_rounding = |text: String| text.split(['\n', ',']).map(rounded).collect::<Vec<_>>();
        assert_eq!(without_rounding(rows(&again)), without_rounding(rows(&expected)), "{sql}");
        assert_eq!(again.progress.bad_rows, expected.progress.bad_rows, "{sql}");
        assert_eq!(again.bad_rows, expected.bad_rows, "{sql}");
    }
    engine.clear_cache();
    let cache = engine.cached();
    assert_eq!((cache.bytes, disk(&cache).bytes, cache.columns.len()), (0, 0, 0));
    wait_until_empty(&folder);
    assert!(run(&engine, QUERIES[0]).progress.bytes_read > 0);
    wait_until(&engine, is_whole);
    engine.remove_table("t");
    assert_eq!(disk(&engine.cached()).bytes, 0);
    wait_until_empty(&folder);
}

/// Sums of floats depend on the order of their tasks in the last digits.
fn rounded(text: &str) -> String {
    let number = text.parse::<f64>().ok().filter(|_| text.contains('.'));
    number.map_or_else(|| text.to_owned(), |number| format!("{number:.6}"))
}

#[test]
fn of_a_table_larger_than_the_disk_allows_a_part_is_kept() {
    let (folder, limit) = (Folder::new(), 240 << 10);
    let engine = disk_engine(MEMORY_BYTES, limit, file_store(&folder));
    let whole = run(&engine, QUERIES[0]);
    let full = |cache: &CacheInfo| disk(cache).bytes > limit * 3 / 4;
    let cache = wait_until(&engine, full);
    assert!(disk(&cache).bytes <= limit && !is_whole(&cache), "{cache:?}");
    let again = run(&engine, QUERIES[0]);
    assert_eq!(first_row(&again)[0], first_row(&whole)[0]);
    let read = again.progress.bytes_read as f64 / whole.progress.bytes_read as f64;
    assert!(read > 0.2 && read < 0.95, "{read} of it is read again");
    // Another table takes the place of the columns that were not used for longer.
    let source = Rc::new(MemorySource::new("u.csv", table()));
    block_on(engine.add_table(Some("u"), vec![source])).expect("a table");
    run(&engine, "SELECT count(*), sum(value), sum(noise), max(word) FROM u");
    let of_other = |cache: &CacheInfo| {
        cache.columns.iter().filter(|column| column.table == "u").map(|column| column.disk_bytes).sum::<u64>()
    };
    let cache = wait_until(&engine, |cache| of_other(cache) > limit / 2);
    assert!(disk(&cache).bytes <= limit && cache.bytes <= MEMORY_BYTES, "{cache:?}");
    let files = std::fs::read_dir(folder.path()).expect("the folder");
    let lengths = files.map(|file| file.and_then(|file| file.metadata()).expect("a file").len());
    assert!(lengths.sum::<u64>() <= limit);
}

#[test]
fn it_is_off_until_it_is_wanted() {
    let folder = Folder::new();
    let engine = disk_engine(MEMORY_BYTES, 0, file_store(&folder));
    run(&engine, QUERIES[0]);
    assert_eq!((disk(&engine.cached()).bytes, folder.files()), (0, 0));
    engine.set_cache_disk_bytes(DISK_BYTES);
    run(&engine, QUERIES[0]);
    wait_until(&engine, is_whole);
    assert_eq!(run(&engine, QUERIES[0]).progress.bytes_read, 0);
    engine.set_cache_disk_bytes(0);
    assert_eq!(disk(&engine.cached()).bytes, 0);
    wait_until_empty(&folder);
    assert!(run(&engine, QUERIES[0]).progress.bytes_read > 0);
}

#[test]
fn a_store_that_fails_is_no_longer_used_and_the_rows_are_right() {
    let gone = || SpillError::Failed { reason: "the disk is gone".to_owned() };
    let expected = run(&disk_engine(0, 0, None), QUERIES[2]);
    // Nothing can be written; some can, then no more; all can, but not be read.
    for room_bytes in [0, 150 << 10, u64::MAX] {
        let store = Failing::after(room_bytes, gone());
        let engine = disk_engine(MEMORY_BYTES, DISK_BYTES, Some(Arc::new(store)));
        for _ in 0..3 {
            let finished = run(&engine, "SELECT count(*), max(noise), max(value), min(word) FROM t");
            assert_eq!(first_row(&finished)[0], Cell::Int(ROWS as i64), "{room_bytes}");
            let finished = run(&engine, QUERIES[2]);
            assert_eq!(rows(&finished), rows(&expected), "{room_bytes}");
            assert_eq!(finished.progress.bad_rows, expected.progress.bad_rows);
        }
        let cache = wait_until(&engine, |cache| disk(cache).failure.is_some());
        assert_eq!((disk(&cache).bytes, disk(&cache).limit_bytes), (0, 0));
        assert!(cache.bytes > 0 && disk(&cache).failure.as_ref().is_some_and(|why| why.contains("gone")));
    }
}

#[test]
fn a_query_that_is_cancelled_leaves_what_it_has_written() {
    let folder = Folder::new();
    let engine = disk_engine(MEMORY_BYTES, DISK_BYTES, file_store(&folder));
    let job = engine.query(QUERIES[0]);
    let handle = job.handle();
    let watch = async {
        while handle.progress().splits_done < 20 {
            futures::pending!();
        }
        handle.cancel();
    };
    let outcome = block_on(async { futures::join!(job.run(|_| ()), watch).0 });
    assert_eq!(outcome.map(|_| ()).expect_err("it was cancelled").info().kind, ErrorKind::Cancelled);
    let some = run(&engine, QUERIES[0]);
    wait_until(&engine, is_whole);
    let again = run(&engine, QUERIES[0]);
    assert_eq!((first_row(&again)[0].clone(), again.progress.bytes_read), (first_row(&some)[0].clone(), 0));
    engine.clear_cache();
    wait_until_empty(&folder);
}

#[test]
fn a_file_that_changed_is_forgotten_on_disk() {
    let folder = Folder::new();
    let engine = disk_engine(MEMORY_BYTES, DISK_BYTES, file_store(&folder));
    let changed = Rc::new(StdCell::new(false));
    let inner = MemorySource::new("c.csv", table());
    let source = Rc::new(ChangingSource { inner, changed: Rc::clone(&changed) });
    block_on(engine.add_table(Some("c"), vec![source])).expect("a table");
    run(&engine, "SELECT sum(value), sum(noise), max(word) FROM c");
    wait_until(&engine, is_whole);
    changed.set(true);
    let error = block_on(engine.query("SELECT sum(value) FROM c").run(|_| ())).map(|_| ());
    assert_eq!(error.expect_err("it changed").info().kind, ErrorKind::FileChanged);
    assert_eq!(disk(&engine.cached()).bytes, 0);
    wait_until_empty(&folder);
}
