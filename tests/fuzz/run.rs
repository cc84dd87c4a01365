//! One file through the engine: all of its tables, all of their rows.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use millrace_engine::source::{MemorySource, Source};
use millrace_engine::{Engine, EngineOptions, Error, Pool, TableRequest};
use millrace_protocol::{Cell, ErrorKind};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::memory;
use crate::seeds::Input;

/// What a file may take.
pub struct Limits {
    time: Duration,
    bytes: usize,
}

impl Limits {
    /// Far above what sound files of these lengths take, in debug builds on a busy machine too.
    pub const USUAL: Self = Self { time: Duration::from_secs(30), bytes: 768 << 20 };
}

/// Rows that are compared.
const COMPARED_ROWS: usize = 5_000;

/// What is there of a table.
#[derive(Debug, PartialEq)]
struct Rows {
    name: String,
    columns: Vec<String>,
    count: u64,
    bad: u64,
    cells: Vec<Vec<String>>,
}

/// Reads files.
pub struct Runner {
    pools: [Arc<ThreadPool>; 2],
}

impl Runner {
    /// With one thread and with two.
    pub fn new() -> Self {
        let pool = |threads| Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool"));
        Self { pools: [pool(1), pool(2)] }
    }

    /// Reads a file whole and in splits.
    ///
    /// # Errors
    /// What is wrong with the engine: a mistake of ours, other rows, or too much time or memory.
    pub fn check(&self, input: &Input, split_bytes: u64, limits: &Limits) -> Result<(), String> {
        let (before, begin) = (memory::begin(), Instant::now());
        let whole = read(input, &self.pools[0], 1 << 20);
        let split = read(input, &self.pools[1], split_bytes);
        let (bytes, took) = (memory::peak().saturating_sub(before), begin.elapsed());
        for outcome in [&whole, &split] {
            if let Err(error) = outcome {
                let info = error.info();
                if info.kind == ErrorKind::Internal {
                    return Err(format!("a mistake of ours: {}", info.message));
                }
                if info.message.is_empty() {
                    return Err("an error that says nothing".to_owned());
                }
            }
        }
        match (&whole, &split) {
            (Ok(whole), Ok(split)) if whole != split => {
                return Err(format!(
                    "other rows in splits of {split_bytes} bytes: {}",
                    difference(whole, split)
                ));
            }
            (Ok(_), Err(error)) | (Err(error), Ok(_)) => {
                return Err(format!(
                    "read in one way only, with splits of {split_bytes} bytes: {}",
                    error.info().message
                ));
            }
            _ => (),
        }
        if took > limits.time {
            return Err(format!("takes {took:?}"));
        }
        if bytes > limits.bytes {
            return Err(format!("takes {} MB", bytes >> 20));
        }
        Ok(())
    }
}

fn read(input: &Input, pool: &Arc<ThreadPool>, split_bytes: u64) -> Result<Vec<Rows>, Error> {
    let threads = pool.current_num_threads();
    let engine = Engine::new(EngineOptions {
        threads,
        slots: threads * 2,
        split_bytes,
        memory_budget_bytes: 64 << 20,
        cache_bytes: 0,
        pool: Pool::Own(Arc::clone(pool)),
        clock: None,
        spill: None,
        cache_store: None,
        cache_disk_bytes: 0,
    })?;
    let source: Rc<dyn Source> = Rc::new(MemorySource::new(input.name.as_str(), input.bytes.clone()));
    let mut tables = Vec::new();
    for file in block_on(engine.open_archives(vec![source]))? {
        let request = TableRequest { name: None, sources: vec![file], options: input.options.clone() };
        for info in block_on(engine.add_all(request))? {
            let sql = format!("SELECT * FROM \"{}\"", info.name.replace('"', "\"\""));
            let finished = block_on(engine.query(&sql).run(|_| ()))?;
            let cells = finished.result.rows(None, 0, COMPARED_ROWS).into_iter();
            tables.push(Rows {
                name: info.name,
                columns: info
                    .columns
                    .iter()
                    .map(|column| format!("{} {}", column.name, column.type_name))
                    .collect(),
                count: finished.result.row_count(),
                bad: finished.progress.bad_rows,
                cells: cells.map(|row| row.into_iter().map(shown).collect()).collect(),
            });
        }
    }
    Ok(tables)
}

/// As text, so that not-a-numbers are equal.
fn shown(cell: Cell) -> String {
    format!("{cell:?}")
}

fn difference(whole: &[Rows], split: &[Rows]) -> String {
    for (whole, split) in whole.iter().zip(split) {
        if (&whole.name, &whole.columns, whole.count, whole.bad)
            != (&split.name, &split.columns, split.count, split.bad)
        {
            let told = |rows: &Rows| {
                format!("{} {:?}, {} rows, {} bad", rows.name, rows.columns, rows.count, rows.bad)
            };
            return format!("{}; {}", told(whole), told(split));
        }
        if let Some((a, b)) = whole.cells.iter().zip(&split.cells).find(|(a, b)| a != b) {
            return format!("{a:?}; {b:?}");
        }
    }
    format!("{} tables; {} tables", whole.len(), split.len())
}
