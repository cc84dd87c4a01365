//! What a job does besides giving the right rows: snapshots, cancel, budgets, repair, recovery, timelines,
//! columns kept on disk, what is read of files made of blocks, many rows between stages.

mod blocks;
mod disk_cache;
mod files;
mod json;
mod many_groups;
mod timeline;
mod windows;

use std::cell::Cell as StdCell;
use std::fmt::Write;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use futures::executor::block_on;
use futures::future::{FutureExt, LocalBoxFuture};
use millrace_engine::source::{MemorySource, Slot, Source, SourceError};
use millrace_engine::{Clock, Engine, EngineOptions, Finished, Pool, TableRequest};
use millrace_protocol::{Cell, ErrorKind, TableOptions};

const BUDGET_BYTES: u64 = 48 << 20;
const CACHE_BYTES: u64 = 8 << 20;

fn engine(split_bytes: u64) -> Engine {
    engine_of(split_bytes, BUDGET_BYTES, None)
}

fn engine_of(split_bytes: u64, memory_budget_bytes: u64, clock: Option<Arc<dyn Clock>>) -> Engine {
    let threads = 2;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let pool = Pool::Own(Arc::new(pool));
    let options = EngineOptions {
        threads,
        slots: 4,
        split_bytes,
        memory_budget_bytes,
        cache_bytes: CACHE_BYTES,
        pool,
        clock,
        spill: None,
        cache_store: None,
        cache_disk_bytes: 0,
    };
    Engine::new(options).expect("an engine")
}

fn add(engine: &Engine, text: &str) {
    let source = Rc::new(MemorySource::new("t.csv", text));
    block_on(engine.add_table(Some("t"), vec![source])).expect("a table");
}

fn run(engine: &Engine, sql: &str) -> Finished {
    block_on(engine.query(sql).run(|_| ())).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn first_row(finished: &Finished) -> Vec<Cell> {
    finished.result.rows(None, 0, 1).into_iter().next().expect("a row")
}

/// `rows` records with a key that comes twice, far apart, and a value.
fn keyed(rows: u32) -> String {
    let mut text = "key,value\n".to_owned();
    for row in 0..rows {
        let _ = writeln!(text, "k{},{row}", row % (rows / 2));
    }
    text
}

#[test]
fn snapshots_cover_a_part_and_grow_towards_the_result() {
    let engine = engine(512);
    add(&engine, &keyed(20_000));
    let job = engine.query("SELECT count(*) AS n, sum(value) AS s FROM t");
    let handle = job.handle();
    let mut seen = Vec::new();
    for _ in 0..3 {
        handle.request_snapshot();
    }
    let finished = block_on(job.run(|partial| {
        handle.request_snapshot();
        let Some([Cell::Int(count), _]) = partial
            .result
            .rows(None, 0, 1)
            .first()
            .map(Vec::as_slice)
            .map(|row| <[Cell; 2]>::try_from(row.to_vec()).expect("two columns"))
        else {
            panic!("a snapshot of an aggregate has one row");
        };
        seen.push((partial.fraction, count));
    }))
    .expect("a result");
    assert_eq!(first_row(&finished), [Cell::Int(20_000), Cell::Int(199_990_000)]);
    assert!(seen.len() >= 2, "{seen:?}");
    for pair in seen.windows(2) {
        assert!(pair[0].0 <= pair[1].0 && pair[0].1 <= pair[1].1, "{seen:?}");
    }
    for (fraction, count) in seen {
        assert!(fraction > 0.0 && fraction < 1.0 && count < 20_000);
        let expected = fraction * 20_000.0;
        assert!((count as f64 - expected).abs() < 1500.0, "{count} rows at {fraction}");
    }
}

#[test]
fn states_of_many_groups_are_merged_on_the_way() {
    let engine = engine(16 << 10);
    let rows = 400_000;
    add(&engine, &keyed(rows));
    let sql = "SELECT count(*), min(n), max(n), sum(s) FROM \
               (SELECT key, count(*) AS n, sum(value) AS s FROM t GROUP BY key)";
    let sum = i64::from(rows) * i64::from(rows - 1) / 2;
    assert_eq!(
        first_row(&run(&engine, sql)),
        [Cell::Int(i64::from(rows / 2)), Cell::Int(2), Cell::Int(2), Cell::Int(sum)]
    );
}

/// A distinct count has a state of 16 KiB in each split, all of them more than twice the budget.
#[test]
fn sketches_are_merged_on_the_way() {
    let engine = engine(64);
    let rows = 40_000;
    add(&engine, &keyed(rows));
    let Cell::Int(count) = first_row(&run(&engine, "SELECT approx_distinct(value) FROM t"))[0] else {
        panic!("a count is a whole number");
    };
    assert!((count as f64 / f64::from(rows) - 1.0).abs() < 0.04, "{count}");
}

#[test]
fn sketches_of_many_groups_are_merged_on_the_way() {
    let engine = engine_of(16 << 10, 4 * BUDGET_BYTES, None);
    add(&engine, &keyed(300_000));
    let sql = "SELECT count(*), min(cardinality(drawn)), max(cardinality(drawn)), max(most - least) FROM \
               (SELECT key, distinct_sample(value, 3) AS drawn, approx_quantile(value, 1) AS most, \
               min(value) AS least FROM t GROUP BY key)";
    let expected = [Cell::Int(150_000), Cell::Int(2), Cell::Int(2), Cell::Number(150_000.0)];
    assert_eq!(first_row(&run(&engine, sql)), expected);
}

#[test]
fn sketches_of_too_many_groups_are_told_by_their_memory() {
    let engine = engine(64 << 10);
    add(&engine, &keyed(400_000));
    let sql = "SELECT key, approx_top_k(value, 3), histogram(value, 9) FROM t GROUP BY key";
    let error = block_on(engine.query(sql).run(|_| ())).expect_err("too much");
    assert_eq!(error.info().kind, ErrorKind::Memory, "{}", error.info().message);
    assert_eq!(first_row(&run(&engine, "SELECT count(*) FROM t")), [Cell::Int(400_000)]);
}

#[test]
fn what_a_query_names_twice_is_computed_once() {
    let engine = engine(16 << 10);
    let rows = 300_000;
    add(&engine, &keyed(rows));
    // Sums of tenths depend on their order in the last digit, which an equality would see.
    let twice = "WITH sums AS (SELECT key, sum(value * 0.1) AS total FROM t GROUP BY key) \
                 SELECT count(*) FROM sums WHERE total = (SELECT max(total) FROM sums)";
    let differing = "SELECT a.n, b.n FROM (SELECT count(*) AS n FROM t WHERE value < 10) AS a, \
                     (SELECT count(*) AS n FROM t WHERE value < 20) AS b";
    let by_chance = "SELECT count(*) FROM (SELECT count(*) AS n FROM t WHERE random() < 0.5) AS a, \
                     (SELECT count(*) AS n FROM t WHERE random() < 0.5) AS b WHERE a.n > 0 AND b.n > 0";
    for (sql, expected, scans) in [(twice, &[1][..], 1), (differing, &[10, 20], 2), (by_chance, &[1], 2)] {
        let finished = run(&engine, sql);
        let expected: Vec<Cell> = expected.iter().map(|&count| Cell::Int(count)).collect();
        assert_eq!((first_row(&finished), finished.progress.rows_read), (expected, scans * u64::from(rows)));
    }
}

#[test]
fn over_the_budget_a_query_ends_and_the_engine_lives_on() {
    let engine = engine(64 << 10);
    add(&engine, &keyed(200_000));
    let sql = "SELECT a.value FROM t a CROSS JOIN (SELECT * FROM t LIMIT 1000) b ORDER BY a.value";
    let error = block_on(engine.query(sql).run(|_| ())).expect_err("too much");
    let info = error.info();
    assert_eq!(info.kind, ErrorKind::Memory, "{}", info.message);
    assert!(info.hint.is_some());
    for _ in 0..3 {
        assert_eq!(first_row(&run(&engine, "SELECT count(*) FROM t")), [Cell::Int(200_000)]);
    }
}

#[test]
fn a_cancelled_job_ends_and_the_next_one_runs() {
    let engine = engine(256);
    add(&engine, &keyed(50_000));
    let job = engine.query("SELECT key, count(*) FROM t GROUP BY key");
    let handle = job.handle();
    handle.request_snapshot();
    let outcome = block_on(job.run(|_| handle.cancel()));
    assert_eq!(outcome.expect_err("it was cancelled").info().kind, ErrorKind::Cancelled);
    assert_eq!(first_row(&run(&engine, "SELECT count(*) FROM t")), [Cell::Int(50_000)]);
}

#[test]
fn a_panic_on_the_pool_ends_one_piece_of_work() {
    let engine = engine(256);
    add(&engine, &keyed(1000));
    let outcome = block_on(engine.on_pool(|| -> u32 { panic!("on purpose") }));
    let info = outcome.expect_err("it panicked").info();
    assert_eq!(info.kind, ErrorKind::Internal);
    assert!(info.message.contains("on purpose"));
    assert_eq!(first_row(&run(&engine, "SELECT count(*) FROM t")), [Cell::Int(1000)]);
}

#[test]
fn wrong_guesses_about_quotes_are_found_and_repaired() {
    // Inside the quoted field every line looks like a record, and no quote tells otherwise.
    let inside = "5,looks like a record\n".repeat(400);
    let text = format!("id,note\n1,a\n2,\"{inside}\"\n3,b\n4,c\n");
    let engine = engine(300);
    add(&engine, &text);
    let sql = "SELECT count(*), sum(id), max(length(note)) FROM t";
    let expected = [Cell::Int(4), Cell::Int(10), Cell::Number(inside.len() as f64)];
    let first = run(&engine, sql);
    assert_eq!(first_row(&first), expected);
    assert!(first.progress.restarted, "the guess was wrong, so the scan ran again");
    let second = run(&engine, sql);
    assert_eq!(first_row(&second), expected);
    assert!(!second.progress.restarted, "the starts are known now");
}

#[test]
fn bad_rows_are_listed_with_their_lines_whatever_the_splits() {
    let mut text = "id,name\n".to_owned();
    for id in 0..300 {
        match id {
            77 => text.push_str("77\n"),
            150 => text.push_str("150,\"two\nlines\"\n"),
            200 => text.push_str("200,a,b,c\n"),
            _ => {
                let _ = writeln!(text, "{id},n{id}");
            }
        }
    }
    for split_bytes in [1 << 20, 100, 7] {
        let engine = engine(split_bytes);
        add(&engine, &text);
        let finished = run(&engine, "SELECT count(*), sum(id) FROM t");
        assert_eq!(first_row(&finished), [Cell::Int(300), Cell::Int(44_850)]);
        let lines: Vec<u64> = finished.bad_rows.iter().map(|bad| bad.line).collect();
        assert_eq!(lines, [79, 203], "splits of {split_bytes}: {:?}", finished.bad_rows);
        assert_eq!(finished.progress.bad_rows, 2);
    }
}

#[test]
fn a_limit_reads_no_more_than_it_needs() {
    let engine = engine(1 << 10);
    add(&engine, &keyed(100_000));
    let finished = run(&engine, "SELECT * FROM t LIMIT 5");
    assert_eq!(finished.result.row_count(), 5);
    assert_eq!(first_row(&finished), [Cell::Text("k0".to_owned()), Cell::Int(0)]);
    assert!(finished.progress.bytes_read < 64 << 10, "{} bytes", finished.progress.bytes_read);
}

#[test]
fn a_file_that_changes_while_it_is_read_fails_the_query() {
    let engine = engine(1 << 10);
    let changed = Rc::new(StdCell::new(false));
    let source =
        ChangingSource { inner: MemorySource::new("t.csv", keyed(1000)), changed: Rc::clone(&changed) };
    block_on(engine.add_table(Some("t"), vec![Rc::new(source)])).expect("a table");
    assert_eq!(first_row(&run(&engine, "SELECT count(*) FROM t")), [Cell::Int(1000)]);
    changed.set(true);
    let error = block_on(engine.query("SELECT count(*) FROM t").run(|_| ())).expect_err("it changed");
    assert_eq!(error.info().kind, ErrorKind::FileChanged);
}

/// A file that can be made to look changed.
struct ChangingSource {
    inner: MemorySource,
    changed: Rc<StdCell<bool>>,
}

impl Source for ChangingSource {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn len_bytes(&self) -> u64 {
        self.inner.len_bytes()
    }

    fn read(&self, range: Range<u64>, slot: Slot) -> LocalBoxFuture<'static, Result<Slot, SourceError>> {
        self.inner.read(range, slot)
    }

    fn verify_unchanged(&self) -> LocalBoxFuture<'static, Result<(), SourceError>> {
        let file = self.name().to_owned();
        let outcome = if self.changed.get() { Err(SourceError::Changed { file }) } else { Ok(()) };
        futures::future::ready(outcome).boxed_local()
    }
}

#[test]
fn columns_are_found_whatever_the_case() {
    let engine = engine(1 << 10);
    add(&engine, "Item,Unit Price\napple,1.5\npear,2\n");
    let sql = "SELECT ITEM, \"Unit Price\" AS price FROM T WHERE item <> 'pear' ORDER BY price";
    let finished = run(&engine, sql);
    assert_eq!(first_row(&finished), [Cell::Text("apple".to_owned()), Cell::Number(1.5)]);
}

#[test]
fn a_second_query_over_the_same_columns_reads_nothing() {
    let engine = engine(4 << 10);
    let rows = 20_000;
    add(&engine, &keyed(rows));
    let first = run(&engine, "SELECT count(*) AS n, sum(value) AS s, count(DISTINCT key) AS k FROM t");
    let cached = engine.cached();
    assert!(cached.bytes > 0 && cached.bytes <= CACHE_BYTES, "{cached:?}");
    let names: Vec<_> = cached.columns.iter().map(|kept| (kept.column.as_str(), kept.fraction)).collect();
    assert_eq!(names, [("key", 1.0), ("value", 1.0)]);
    for sql in [
        "SELECT count(*) AS n, sum(value) AS s, count(DISTINCT key) AS k FROM t",
        "SELECT count(*) AS n, sum(value) AS s, 10000 AS k FROM t",
    ] {
        let again = run(&engine, sql);
        assert_eq!(again.progress.bytes_read, 0, "{sql}");
        assert_eq!(again.progress.rows_read, u64::from(rows));
        assert_eq!(first_row(&again), first_row(&first));
    }
    assert_eq!(run(&engine, "SELECT count(*) FROM t").progress.bytes_read, 0);
    engine.clear_cache();
    assert_eq!(engine.cached().bytes, 0);
    assert!(run(&engine, "SELECT sum(value) FROM t").progress.bytes_read > 0);
    engine.remove_table("t");
    assert_eq!(engine.cached().bytes, 0);
}

#[test]
fn bad_rows_are_told_again_when_columns_come_from_memory() {
    let engine = engine(16 << 10);
    let mut text = "key,value,other\n".to_owned();
    for row in 0..200_000 {
        // Between the parts of the file from which the types are taken.
        let value = if (110_000..112_000).contains(&row) && row % 400 == 7 { -1 } else { row };
        let end = if row % 50_000 == 3 { ",extra" } else { "" };
        let _ = writeln!(text, "k{row},{value},{row}{end}");
    }
    let text = text.replace(",-1,", ",x,");
    add(&engine, &text);
    for columns in ["value", "other", "value, other", "count(*)"] {
        let sql = format!("SELECT {columns} FROM t");
        engine.clear_cache();
        let first = run(&engine, &sql);
        assert_eq!(first.progress.bad_rows, if columns.contains("value") { 9 } else { 4 }, "{columns}");
        let again = run(&engine, &sql);
        assert_eq!(again.progress.bytes_read, 0);
        assert_eq!((again.progress.bad_rows, again.bad_rows), (first.progress.bad_rows, first.bad_rows));
    }
}

#[test]
fn of_a_table_larger_than_the_cache_a_part_is_kept() {
    let engine = engine(64 << 10);
    let rows = 800_000;
    let mut text = "noise\n".to_owned();
    let mut state = 1u64;
    for _ in 0..rows {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let _ = writeln!(text, "{state}.5e{}", state % 7);
    }
    add(&engine, &text);
    let sql = "SELECT sum(noise), count(*) FROM t WHERE noise > 3";
    let whole = run(&engine, sql);
    let kept = engine.cached();
    let share = kept.columns[0].fraction;
    assert!(share > 0.5 && share < 1.0 && kept.bytes <= CACHE_BYTES, "{kept:?}");
    let again = run(&engine, sql);
    let read = again.progress.bytes_read as f64 / whole.progress.bytes_read as f64;
    assert!((read + share - 1.0).abs() < 0.05, "{read} of it is read again, {share} was kept");
    assert_eq!(first_row(&again)[1], first_row(&whole)[1]);
    assert_eq!(engine.cached().columns[0].fraction, share);
}

/// The lines of the physical plan.
fn explain(engine: &Engine, sql: &str) -> String {
    let finished = run(engine, &format!("EXPLAIN {sql}"));
    let rows = finished.result.rows(None, 0, 10);
    let plans = rows.into_iter().flatten().filter_map(|cell| match cell {
        Cell::Text(text) if text.contains("Exec") => Some(text),
        _ => None,
    });
    plans.collect::<Vec<_>>().concat()
}

#[test]
fn conditions_are_part_of_the_scan() {
    let engine = engine(1 << 10);
    add(&engine, "key,value,other\nk,1,x\nl,2,y\n");
    for (sql, columns, filter) in [
        ("SELECT key FROM t WHERE value > 1 AND other = 'y'", "[key]", "value > 1 AND other = y"),
        ("SELECT count(*) FROM t WHERE value > 1", "[]", "value > 1"),
        ("SELECT upper(key) FROM t WHERE value > 1", "[key]", "value > 1"),
        ("SELECT key FROM (SELECT key, value * 2 AS v FROM t) WHERE v > 2", "[key]", "value * 2 > 2"),
    ] {
        let plan = explain(&engine, sql);
        assert!(!plan.contains("FilterExec"), "{plan}");
        assert!(plan.contains(&format!("columns={columns}, filter={filter}")), "{sql}: {plan}");
    }
    let of_one_value = explain(&engine, "SELECT value FROM t WHERE key = 'k' ORDER BY key LIMIT 2");
    assert!(!of_one_value.contains("SortExec"), "{of_one_value}");
    let by_chance = explain(&engine, "SELECT key FROM t WHERE value > 1 AND random() < 0.5");
    assert!(
        by_chance.contains("FilterExec: random()") && by_chance.contains("filter=value > 1"),
        "{by_chance}"
    );
}

#[test]
fn a_split_in_which_no_row_passes_is_not_read_for_other_columns() {
    let engine = engine(4 << 10);
    let rows = 20_000;
    add(&engine, &keyed(rows));
    run(&engine, "SELECT sum(value) FROM t");
    let some = run(&engine, "SELECT min(key), max(key), count(*) FROM t WHERE value BETWEEN 15000 AND 15002");
    let text = |text: &str| Cell::Text(text.to_owned());
    assert_eq!(first_row(&some), [text("k5000"), text("k5002"), Cell::Int(3)]);
    assert!((1..3 * 4096).contains(&some.progress.bytes_read), "{} bytes", some.progress.bytes_read);
    assert_eq!(some.progress.rows_read, u64::from(rows));
    let none = run(&engine, "SELECT key FROM t WHERE value < 0");
    assert_eq!((none.result.row_count(), none.progress.bytes_read), (0, 0));
}

#[test]
fn a_limit_over_rows_that_pass_reads_no_more_than_it_needs() {
    let engine = engine(1 << 10);
    add(&engine, &keyed(100_000));
    let finished = run(&engine, "SELECT value FROM t WHERE key <> 'k0' AND value > 2 LIMIT 5");
    assert_eq!((finished.result.row_count(), first_row(&finished)), (5, vec![Cell::Int(3)]));
    assert!(finished.progress.bytes_read < 64 << 10, "{} bytes", finished.progress.bytes_read);
}

/// Fields that are not UTF-8: in `a` every second one, so that a split cannot list them all, and in `b`
/// every hundredth.
fn half_bad(rows: u32) -> Vec<u8> {
    let mut text = b"id,a,b\n".to_vec();
    for row in 0..rows {
        let (a, b) = (row.is_multiple_of(2), row.is_multiple_of(100));
        text.extend_from_slice(format!("{row},a{row}").as_bytes());
        text.extend_from_slice(if a { b"\xff,b" } else { b",b" });
        text.extend_from_slice(if b { b"\xff\n" } else { b"\n" });
    }
    text
}

#[test]
fn bad_fields_count_where_the_query_uses_them() {
    let rows = 20_000;
    for split_bytes in [1 << 20, 2_000] {
        for (sql, expected, first_line) in [
            ("SELECT a FROM t", 10_000, 2),
            ("SELECT b FROM t", 200, 2),
            ("SELECT a, b FROM t WHERE id < 1000", 510, 2),
            ("SELECT a, b FROM t WHERE id >= 19001", 499 + 9, 19_004),
            ("SELECT a, b FROM t WHERE id > 1000", 9_499 + 189, 1_004),
            ("SELECT count(*) FROM t WHERE id < 1000", 0, 0),
            ("SELECT a FROM t WHERE b LIKE 'b%' AND id < 1000", 700, 2),
            ("SELECT b FROM t WHERE b LIKE 'c%'", 200, 2),
        ] {
            let engine = engine(split_bytes);
            let source = Rc::new(MemorySource::new("t.csv", half_bad(rows)));
            // Without being told, no character beyond ASCII that is valid would make it windows-1252.
            let options = TableOptions { encoding: Some("utf-8".to_owned()), ..TableOptions::default() };
            let request = TableRequest { name: Some("t".to_owned()), sources: vec![source], options };
            block_on(engine.add(request)).expect("a table");
            let mut told = Vec::new();
            for before in [None, None, Some("SELECT * FROM t"), Some("SELECT b FROM t WHERE id = 7")] {
                before.map(|sql| run(&engine, sql));
                let finished = run(&engine, sql);
                assert_eq!(finished.progress.bad_rows, expected, "{sql}, after {before:?}");
                told.push(finished.bad_rows);
            }
            assert_eq!(told[0].first().map_or(0, |bad| bad.line), first_line, "{sql}");
            assert!(told.iter().all(|bad| *bad == told[0]), "{sql}");
        }
    }
}
