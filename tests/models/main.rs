//! Models against what is known of them: NIST's reference sets for linear regression to the digits that are certified,
//! and scikit-learn's answers; in any number of splits and threads.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use futures::executor::block_on;
use millrace_engine::source::MemorySource;
use millrace_engine::{Engine, EngineOptions, Pool};
use millrace_protocol::Cell;

mod nist;
mod sklearn;
mod sql;

/// Threads and bytes of a split.
const SHAPES: [(usize, u64); 3] = [(1, 1 << 20), (2, 300), (4, 60)];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// An engine with the table `t` of a CSV file.
fn engine(text: &str, (threads, split_bytes): (usize, u64)) -> Engine {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let options = EngineOptions {
        threads,
        slots: threads + 2,
        split_bytes,
        memory_budget_bytes: 64 << 20,
        cache_bytes: 0,
        pool: Pool::Own(Arc::new(pool)),
        clock: None,
        spill: None,
        cache_store: None,
        cache_disk_bytes: 0,
    };
    let engine = Engine::new(options).expect("an engine");
    let source = MemorySource::new("t.csv", text.as_bytes());
    block_on(engine.add_table(Some("t"), vec![Rc::new(source)])).expect("a table");
    engine
}

fn rows(engine: &Engine, sql: &str) -> Vec<Vec<Cell>> {
    let finished = block_on(engine.query(sql).run(|_| ())).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let count = usize::try_from(finished.result.row_count()).expect("few rows");
    finished.result.rows(None, 0, count)
}

/// The numbers of the one row of a result.
fn numbers(engine: &Engine, sql: &str) -> Vec<f64> {
    let mut found = rows(engine, sql);
    assert_eq!(found.len(), 1, "{sql}");
    let number = |cell| match cell {
        Cell::Number(number) => number,
        Cell::Int(number) => number as f64,
        Cell::Null => f64::NAN,
        other => panic!("{sql}: {other:?} is no number"),
    };
    found.remove(0).into_iter().map(number).collect()
}

/// Correct decimal digits, up to 15: what is called LRE, log relative error.
fn digits(found: f64, certified: f64) -> f64 {
    if found == certified {
        return 15.0;
    }
    let error = if certified == 0.0 { found.abs() } else { ((found - certified) / certified).abs() };
    (-error.log10()).clamp(0.0, 15.0)
}

/// The values of a file with the columns `set`, `quantity` and `value`.
fn known_values(path: &Path) -> HashMap<(String, String), f64> {
    let text = read(path);
    let value = |line: &str| {
        let [set, quantity, value] = line.split(',').collect::<Vec<_>>().try_into().expect("three fields");
        ((set.to_owned(), quantity.to_owned()), value.parse().expect("a number"))
    };
    text.lines().skip(1).map(value).collect()
}
