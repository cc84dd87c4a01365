//! Runs every `*.scenario` file beside this one: SQL over small tables, and the rows expected.
//!
//! Each query runs with several thread counts and split sizes, and must give the same rows each
//! time. `MILLRACE_REFRESH=1 cargo test -p millrace-tests --test scenarios` writes what came out
//! into the files; read the diff before you keep it.
//!
//! A file has sections, each headed by a line that starts with `--- `:
//!
//! ```text
//! --- table NAME           the text of a CSV file
//! --- table NAME.ENDING    the text of a file with another ending, of whatever format that is
//! --- query                one SQL statement
//! --- rows                 the result as CSV, in this order
//! --- rows unordered       the result as CSV, in any order
//! --- error KIND           the message, then the hint on a line of its own, then the place
//! ```

mod script;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use futures::executor::block_on;
use millrace_engine::source::MemorySource;
use millrace_engine::{Engine, EngineOptions, Error, Pool};

use script::{Expected, Script};

/// Thread counts and split sizes that must agree.
const SHAPES: [(usize, u64); 5] = [(1, 1 << 20), (2, 64), (1, 7), (4, 31), (8, 1)];

#[test]
fn scenarios_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let refresh = std::env::var_os("MILLRACE_REFRESH").is_some();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder of scenarios")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "scenario"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no scenarios in {}", folder.display());
    let mut failures = Vec::new();
    let mut queries = 0;
    for file in &files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file).expect("a readable scenario");
        let mut script = Script::parse(&text).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        for (threads, split_bytes) in SHAPES {
            let engine = engine(threads, split_bytes);
            for (table, text) in &script.tables {
                let file = if table.contains('.') { table.clone() } else { format!("{table}.csv") };
                let source = Rc::new(MemorySource::new(file, text.as_str()));
                let name = table.split_once('.').map_or(table.as_str(), |(name, _)| name);
                let added = block_on(engine.add_table(Some(name), vec![source]));
                added.unwrap_or_else(|error| panic!("{name}: table {table}: {error}"));
            }
            for case in &mut script.cases {
                queries += 1;
                let actual = answer(&engine, &case.sql, &case.expected);
                // The second time the columns are there already.
                let again = answer(&engine, &case.sql, &case.expected);
                if refresh && (threads, split_bytes) == SHAPES[0] {
                    case.expected = actual;
                    continue;
                }
                for actual in [actual, again].iter().filter(|actual| **actual != case.expected) {
                    failures.push(format!(
                        "{name}, {threads} threads, splits of {split_bytes} bytes:\n{}\nexpected {}\ngot {}",
                        case.sql, case.expected, actual
                    ));
                }
            }
        }
        if refresh {
            std::fs::write(file, script.to_string()).expect("a writable scenario");
        }
    }
    assert!(failures.is_empty(), "{} of {queries} differ:\n\n{}", failures.len(), failures.join("\n\n"));
}

fn engine(threads: usize, split_bytes: u64) -> Engine {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let pool = Pool::Own(Arc::new(pool));
    let options = EngineOptions {
        threads,
        slots: threads * 3,
        split_bytes,
        memory_budget_bytes: 256 << 20,
        cache_bytes: 64 << 20,
        pool,
        clock: None,
        spill: None,
        cache_store: None,
        cache_disk_bytes: 0,
    };
    Engine::new(options).expect("an engine")
}

/// Runs a query and writes its outcome in the form of what is expected.
fn answer(engine: &Engine, sql: &str, expected: &Expected) -> Expected {
    let job = engine.query(sql);
    let handle = job.handle();
    handle.request_snapshot();
    let outcome: Result<_, Error> = block_on(job.run(|partial| {
        assert!(partial.fraction < 1.0, "a partial result says that it is one");
    }));
    match outcome {
        Ok(finished) => {
            let csv = finished.result.csv(None).collect::<Vec<_>>().concat();
            let csv = String::from_utf8(csv).expect("CSV is text");
            Expected::rows(&csv, matches!(expected, Expected::Rows { ordered: false, .. }))
        }
        Err(error) => Expected::error(&error.info()),
    }
}
