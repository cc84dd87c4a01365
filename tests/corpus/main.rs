//! Files as they are met in the world: each folder beside this one is a case.
//!
//! A case has the file, `options.json` if the user says something about it (a `TableOptions`), and `expected.txt`:
//! what is found out about the file, and its rows. Each case is read in one piece and in splits of a few bytes.
//! Several files of a case become one table; then they have relative paths as names.
//!
//! `MILLRACE_REFRESH=1 cargo test -p millrace-tests --test corpus` writes what came out; read the diff before you
//! keep it, or compare it with another program: `tests/corpus/compare.py` does so with DuckDB.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use futures::executor::block_on;
use millrace_engine::source::{MemorySource, Source};
use millrace_engine::{Engine, EngineOptions, Error, Finished, Pool, TableRequest};
use millrace_protocol::{Cell, TableInfo, TableOptions};

const EXPECTED: &str = "expected.txt";
const OPTIONS: &str = "options.json";
/// Threads and split sizes that must agree.
const SHAPES: [(usize, u64); 3] = [(1, 1 << 20), (2, 7), (3, 61)];
/// Rows that a case may have.
const MAX_ROWS: usize = 200;

#[test]
fn every_case_is_read_as_expected() {
    let refresh = std::env::var_os("MILLRACE_REFRESH").is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut cases: Vec<PathBuf> = entries(&folder).into_iter().filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    let mut failures = Vec::new();
    for case in &cases {
        let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(case.join(EXPECTED)).unwrap_or_default();
        for (shape, (threads, split_bytes)) in SHAPES.into_iter().enumerate() {
            let actual = told(case, threads, split_bytes);
            if refresh && shape == 0 {
                std::fs::write(case.join(EXPECTED), &actual).expect("a writable case");
            } else if actual != expected && !refresh {
                failures.push(format!(
                    "{name}, splits of {split_bytes} bytes:\n{}",
                    difference(&expected, &actual)
                ));
                break;
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} differ:\n\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n\n")
    );
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of the corpus");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

/// All files of a case with their paths in it, sorted.
fn files(case: &Path) -> Vec<(String, Vec<u8>)> {
    let (mut files, mut folders) = (Vec::new(), vec![case.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            let name = path.strip_prefix(case).expect("inside the case").to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                folders.push(path);
            } else if name != EXPECTED && name != OPTIONS {
                files.push((name, std::fs::read(&path).expect("a readable file")));
            }
        }
    }
    files.sort();
    files
}

/// What is found out about a case, and its rows.
fn told(case: &Path, threads: usize, split_bytes: u64) -> String {
    let options = match std::fs::read_to_string(case.join(OPTIONS)) {
        Ok(text) => serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", case.display())),
        Err(_) => TableOptions::default(),
    };
    let source = |(name, bytes)| Rc::new(MemorySource::new(name, bytes)) as Rc<dyn Source>;
    let sources: Vec<Rc<dyn Source>> = files(case).into_iter().map(source).collect();
    let engine = engine(threads, split_bytes);
    let rows = |info: TableInfo| -> Result<String, Error> {
        let finished = block_on(engine.query("SELECT * FROM t").run(|_| ()))?;
        Ok(written(&info, &finished))
    };
    // Files of an archive are one table, too.
    let added = async {
        let sources = engine.open_archives(sources).await?;
        engine.add(TableRequest { name: Some("t".to_owned()), sources, options }).await
    };
    block_on(added).and_then(rows).unwrap_or_else(|error| {
        let info = error.info();
        format!("error: {}\n{}\n", info.message, info.hint.unwrap_or_default())
    })
}

fn written(info: &TableInfo, finished: &Finished) -> String {
    let mut text = format!("format: {}\n", info.format);
    if let Some(dialect) = &info.dialect {
        let dialect = serde_json::to_value(dialect).expect("plain data");
        let said =
            |value: &serde_json::Value| !matches!(value.to_string().as_str(), "\"\"" | "0" | "[]" | "null");
        for (key, value) in dialect.as_object().expect("a struct").iter().filter(|(_, value)| said(value)) {
            let _ = writeln!(text, "{key}: {value}");
        }
    }
    for warning in &info.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text.push_str("--- columns\n");
    for column in &info.columns {
        let _ = writeln!(text, "{} {}", column.name, column.type_name);
    }
    text.push_str("--- rows\n");
    for row in finished.result.rows(None, 0, MAX_ROWS) {
        let cells: Vec<String> = row.into_iter().map(cell).collect();
        let _ = writeln!(text, "{}", cells.join(" | "));
    }
    if finished.progress.bad_rows > 0 {
        let _ = writeln!(text, "--- bad: {}", finished.progress.bad_rows);
        for bad in &finished.bad_rows {
            let _ = writeln!(text, "{}:{}: {} <- {}", bad.file, bad.line, bad.reason, visible(&bad.text));
        }
    }
    text
}

fn cell(cell: Cell) -> String {
    match cell {
        Cell::Null => "∅".to_owned(),
        Cell::Bool(value) => value.to_string(),
        Cell::Int(value) => value.to_string(),
        Cell::Number(value) => value.to_string(),
        Cell::Text(text) => visible(&text),
    }
}

/// Text on one line, with a mark where it is empty.
fn visible(text: &str) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    text.replace('\\', "\\\\").replace('\r', "\\r").replace('\n', "\\n").replace('\t', "\\t")
}

/// The first line that differs, with the texts.
fn difference(expected: &str, actual: &str) -> String {
    let place = expected.lines().zip(actual.lines()).position(|(a, b)| a != b);
    let line = place.unwrap_or_else(|| expected.lines().count().min(actual.lines().count()));
    let of = |text: &str| text.lines().nth(line).unwrap_or("(nothing)").to_owned();
    format!("line {}:\nexpected {}\ngot      {}", line + 1, of(expected), of(actual))
}

fn engine(threads: usize, split_bytes: u64) -> Engine {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let options = EngineOptions {
        threads,
        slots: threads * 3,
        split_bytes,
        memory_budget_bytes: 256 << 20,
        cache_bytes: 16 << 20,
        pool: Pool::Own(Arc::new(pool)),
        clock: None,
        spill: None,
        cache_store: None,
        cache_disk_bytes: 0,
    };
    Engine::new(options).expect("an engine")
}
