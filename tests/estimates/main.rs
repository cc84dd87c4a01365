//! The intervals of running queries hold what they promise: the exact value in 95 of 100 cases.

use std::cell::RefCell;
use std::fmt::Write;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use futures::executor::block_on;
use millrace_engine::source::MemorySource;
use millrace_engine::{Engine, EngineOptions, Error, Finished, PartialResult, Pool};
use millrace_protocol::{Cell, Estimate};
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma};
use rand_xoshiro::Xoshiro256PlusPlus;

const RUNS: u64 = 400;
const ROWS: usize = 10_000;
const GROUPS: [(&str, f64); 4] = [("a", 0.4), ("b", 0.3), ("c", 0.2), ("d", 0.1)];
const SQL: &str = "SELECT g AS name, avg(v) AS mean, count(*) AS n, sum(v) AS total, max(v) AS most \
                   FROM t GROUP BY g ORDER BY total DESC";
/// Columns of [`SQL`] that can be estimated.
const MEAN: usize = 1;
const COUNT: usize = 2;
const TOTAL: usize = 3;

fn engine() -> Engine {
    // One after the other, so that a seed always gives the same sample.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    Engine::new(EngineOptions {
        threads: 1,
        slots: 1,
        split_bytes: 1 << 10,
        memory_budget_bytes: 256 << 20,
        cache_bytes: 0,
        pool: Pool::Own(Arc::new(pool)),
        clock: None,
        spill: None,
        cache_store: None,
        cache_disk_bytes: 0,
    })
    .expect("an engine")
}

/// Replaces the table.
fn add(engine: &Engine, text: &str) {
    block_on(engine.add_table(Some("t"), vec![Rc::new(MemorySource::new("t.csv", text))])).expect("a table");
}

/// Rows in no order, as they come from many users; and the number and the sum of each group.
fn events(seed: u64) -> (String, [(f64, f64); 4]) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let price = Gamma::<f64>::new(2.0, 10.0).expect("a distribution");
    let mut text = "g,v\n".to_owned();
    let mut exact = [(0.0, 0.0); 4];
    for _ in 0..ROWS {
        let mut share: f64 = random.random();
        let group = GROUPS.iter().position(|(_, weight)| {
            share -= weight;
            share < 0.0
        });
        let group = group.unwrap_or(3);
        let cents = (price.sample(&mut random) * 100.0).round();
        exact[group].0 += 1.0;
        exact[group].1 += cents / 100.0;
        let _ = writeln!(text, "{},{:.2}", GROUPS[group].0, cents / 100.0);
    }
    (text, exact)
}

/// Runs a query until a snapshot covers at least `fraction`, or to its end. The snapshot is asked for when so much has
/// been read, not before: each costs as much as the final result.
fn run(engine: &Engine, sql: &str, fraction: f64) -> (Option<PartialResult>, Result<Finished, Error>) {
    let job = engine.query(sql);
    let handle = job.handle();
    let first = RefCell::new(None);
    let mut work = pin!(job.run(|partial| {
        if partial.fraction >= fraction {
            first.borrow_mut().get_or_insert(partial);
            handle.cancel();
        } else {
            handle.request_snapshot();
        }
    }));
    let mut is_asked = false;
    let finished = block_on(poll_fn(|context| {
        let progress = handle.progress();
        let enough = fraction * progress.splits_total as f64;
        if !is_asked && progress.splits_total > 0 && f64::from(progress.splits_done) >= enough {
            is_asked = true;
            handle.request_snapshot();
        }
        work.as_mut().poll(context)
    }));
    (first.take(), finished)
}

/// Estimates of a column by the name of their group.
fn estimates(partial: &PartialResult, column: usize) -> Vec<(Cell, Estimate)> {
    let rows = partial.result.rows(None, 0, 100);
    let all = partial.result.estimates(None, 0, rows.len());
    let of_column = all.into_iter().find(|estimates| estimates.column as usize == column);
    let values = of_column.map(|estimates| estimates.values).unwrap_or_default();
    rows.into_iter().zip(values).filter_map(|(row, value)| Some((row[0].clone(), value?))).collect()
}

#[test]
fn intervals_hold_the_exact_value_in_95_of_100_runs() {
    let mut held = [(0u32, 0u32); 4];
    let engine = engine();
    for seed in 0..RUNS {
        let (text, exact) = events(seed);
        add(&engine, &text);
        let (partial, _) = run(&engine, SQL, 0.3);
        let Some(partial) = partial else { continue };
        for column in [MEAN, COUNT, TOTAL] {
            for (group, estimate) in estimates(&partial, column) {
                let number = GROUPS.iter().position(|(name, _)| group == Cell::Text((*name).to_owned()));
                let (count, sum) = exact[number.expect("a group of the table")];
                let value = [0.0, sum / count, count, sum][column];
                held[column].0 += u32::from(estimate.low <= value && value <= estimate.high);
                held[column].1 += 1;
            }
        }
    }
    for column in [MEAN, COUNT, TOTAL] {
        let (held, all) = held[column];
        let share = f64::from(held) / f64::from(all);
        println!("column {column}: {held} of {all}, {share:.4}");
        assert!(all > 1_400, "{all} intervals of column {column}");
        assert!((0.93..=0.97).contains(&share), "column {column}: {held} of {all} hold, {share}");
    }
}

#[test]
fn only_what_can_be_estimated_is() {
    let engine = engine();
    add(&engine, &events(1).0);
    let (partial, _) = run(&engine, SQL, 0.3);
    let partial = partial.expect("a snapshot");
    let columns: Vec<u32> =
        partial.result.estimates(None, 0, 1).iter().map(|estimates| estimates.column).collect();
    assert_eq!(columns, [1, 2, 3], "neither the name nor the greatest value");
    for sql in [
        "SELECT max(v) FROM t",
        "SELECT count(DISTINCT g) FROM t",
        "SELECT count(*) FILTER (WHERE v > 3) FROM t",
        "SELECT count(*) + 1 FROM t",
        "SELECT count(*) FROM t GROUP BY g",
        "SELECT g, n FROM (SELECT g, v, count(*) AS n FROM t GROUP BY g, v)",
        "SELECT g, v FROM t",
        "SELECT g, count(*) OVER (PARTITION BY g) AS n FROM t",
    ] {
        let (partial, _) = run(&engine, sql, 0.3);
        let (_, finished) = run(&engine, sql, 1.0);
        let estimated =
            |result: &millrace_engine::output::ResultSet| !result.estimates(None, 0, 10).is_empty();
        assert!(!partial.is_some_and(|partial| estimated(&partial.result)), "{sql}");
        assert!(!estimated(&finished.expect("a result").result), "{sql}: an exact result is not estimated");
    }
}

/// The minutes of the hour that the rows of [`minutes`] are in.
const MINUTES: usize = 60;

/// Rows in no order, each at a minute of an hour; and the number and the sum of each minute.
fn minutes(seed: u64) -> (String, [(f64, f64); MINUTES]) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let price = Gamma::<f64>::new(2.0, 10.0).expect("a distribution");
    let mut text = "ts,v\n".to_owned();
    let mut exact = [(0.0, 0.0); MINUTES];
    for _ in 0..ROWS {
        let minute = random.random_range(0..MINUTES);
        let cents = (price.sample(&mut random) * 100.0).round();
        exact[minute].0 += 1.0;
        exact[minute].1 += cents / 100.0;
        let _ = writeln!(text, "2024-01-01T12:{minute:02}:00Z,{:.2}", cents / 100.0);
    }
    (text, exact)
}

#[test]
fn intervals_of_windows_that_overlap_hold_the_exact_value() {
    let engine = engine();
    for (window, ends) in [
        ("HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '10' MINUTES, INTERVAL '20' MINUTES)", 7),
        ("CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' MINUTES, INTERVAL '30' MINUTES)", 6),
    ] {
        let sql = format!(
            "SELECT window_start, window_end, avg(v) AS mean, count(*) AS n, sum(v) AS total FROM {window} \
             GROUP BY window_start, window_end ORDER BY window_start, window_end"
        );
        let (mut held, mut all) = ([0u32; 3], [0u32; 3]);
        for seed in 0..RUNS / 2 {
            let (text, exact) = minutes(seed);
            add(&engine, &text);
            let (partial, _) = run(&engine, &sql, 0.1);
            let Some(partial) = partial else { continue };
            let rows = partial.result.rows(None, 0, 100);
            assert_eq!(rows.len(), ends, "{sql}");
            for estimates in partial.result.estimates(None, 0, rows.len()) {
                for (row, estimate) in rows.iter().zip(&estimates.values) {
                    let Some(estimate) = estimate else { continue };
                    let minutes = minute(&row[0])..minute(&row[1]);
                    let (count, sum) = exact[minutes]
                        .iter()
                        .fold((0.0, 0.0), |(counts, sums), (count, sum)| (counts + count, sums + sum));
                    let column = estimates.column as usize - 2;
                    let value = [sum / count, count, sum][column];
                    held[column] += u32::from(estimate.low <= value && value <= estimate.high);
                    all[column] += 1;
                }
            }
        }
        for column in 0..3 {
            let share = f64::from(held[column]) / f64::from(all[column].max(1));
            println!("{window}, column {column}: {} of {}, {share:.4}", held[column], all[column]);
            assert!(all[column] > 700, "{} intervals of column {column}", all[column]);
            // Windows of one run share rows, so that their intervals hold or fail together.
            assert!((0.92..=0.98).contains(&share), "{window}, column {column}: {share}");
        }
    }
}

/// Which minute of the hour a timestamp is, the first or the one behind the last if it is before or after.
fn minute(cell: &Cell) -> usize {
    let Cell::Text(text) = cell else { panic!("{cell:?} is no timestamp") };
    let part = |range: std::ops::Range<usize>| text[range].parse::<usize>().expect("digits");
    (part(11..13) * 60 + part(14..16)).clamp(12 * 60, 13 * 60) - 12 * 60
}

#[test]
fn windows_that_depend_on_other_rows_are_not_estimated() {
    let engine = engine();
    add(&engine, &minutes(1).0);
    for window in [
        "SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '30' SECONDS)",
        "COUNT_WINDOW(TABLE t, DESCRIPTOR(ts), 1000)",
    ] {
        let sql = format!("SELECT window_start, window_end, count(*) AS n FROM {window} GROUP BY 1, 2");
        let (partial, _) = run(&engine, &sql, 0.1);
        if let Some(partial) = partial {
            assert!(partial.result.estimates(None, 0, 10).is_empty(), "{sql}");
        }
    }
}

#[test]
fn a_result_of_one_row_is_estimated_too() {
    let engine = engine();
    add(&engine, &events(2).0);
    let (partial, _) = run(&engine, "SELECT count(*) AS n FROM t WHERE v < 1000", 0.5);
    let partial = partial.expect("a snapshot");
    let estimates = partial.result.estimates(None, 0, 1);
    let estimate = estimates[0].values[0].expect("an estimate");
    let exact = ROWS as f64;
    assert!((estimate.value - exact).abs() < exact * 0.02, "{estimate:?}, exactly {exact}");
    assert!(estimate.low <= estimate.value && estimate.value <= estimate.high);
}
