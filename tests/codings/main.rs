//! Compressed files, archives and encodings: the same answers as of the plain file, or a clear error.

mod archive_files;
mod archives;
mod compressed;
mod damaged;
mod encodings;
mod overlap;
mod pack;

use std::rc::Rc;
use std::sync::Arc;

use futures::executor::block_on;
use millrace_engine::source::{MemorySource, Source};
use millrace_engine::{Clock, Engine, EngineOptions, Error, Pool};
use millrace_protocol::{Cell, ErrorInfo, TableInfo};

/// Thread counts and split sizes that must agree.
const SHAPES: [(usize, u64); 4] = [(1, 1 << 20), (2, 30_000), (3, 5_000), (8, 2_000)];

fn engine(threads: usize, split_bytes: u64, cache_bytes: u64) -> Engine {
    engine_of(threads, split_bytes, cache_bytes, None)
}

fn engine_of(threads: usize, split_bytes: u64, cache_bytes: u64, clock: Option<Arc<dyn Clock>>) -> Engine {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let options = EngineOptions {
        threads,
        slots: threads + 1,
        split_bytes,
        memory_budget_bytes: 128 << 20,
        cache_bytes,
        pool: Pool::Own(Arc::new(pool)),
        clock,
        spill: None,
        cache_store: None,
        cache_disk_bytes: 0,
    };
    Engine::new(options).expect("an engine")
}

fn add(engine: &Engine, file: &str, bytes: &[u8]) -> Result<TableInfo, ErrorInfo> {
    let source: Rc<dyn Source> = Rc::new(MemorySource::new(file, bytes));
    block_on(engine.add_table(Some("t"), vec![source])).map_err(|error| error.info())
}

fn try_rows(engine: &Engine, sql: &str) -> Result<Vec<Vec<Cell>>, Error> {
    let job = engine.query(sql);
    job.handle().request_snapshot();
    let finished = block_on(job.run(|_| ()))?;
    let count = usize::try_from(finished.result.row_count()).expect("few rows");
    Ok(finished.result.rows(None, 0, count))
}

fn rows(engine: &Engine, sql: &str) -> Vec<Vec<Cell>> {
    try_rows(engine, sql).unwrap_or_else(|error| panic!("{sql}: {:?}", error.info()))
}

/// A table with quotes over lines, records longer than the usual look-ahead, and what the sample does not show.
fn csv(records: usize) -> String {
    let mut text = String::from("id,name,note\n");
    for id in 0..records {
        let note = match id % 97 {
            11 => "\"two\nlines, and a \"\"word\"\"\"".to_owned(),
            _ if id == records / 2 => format!("\"{}\"", "long, ".repeat(20_000)),
            rest => format!("note {}", rest * 7919 % 1009),
        };
        text.push_str(&format!("{id},name {},{note}\n", id * id % 4_001));
    }
    text
}

/// What must not depend on how the bytes come.
const QUERIES: [&str; 4] = [
    "SELECT count(*), sum(id), max(name), sum(length(note)) FROM t",
    "SELECT name, count(*) AS n, min(length(note)) FROM t GROUP BY name ORDER BY n DESC, name LIMIT 20",
    "SELECT id, note FROM t WHERE id % 191 = 11",
    "SELECT count(*) FROM (SELECT * FROM t LIMIT 7) AS a JOIN t AS b ON a.id = b.id + 1",
];
