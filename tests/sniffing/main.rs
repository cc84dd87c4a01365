//! How often the form of a file is found out: generated files whose dialect and types are known.
//!
//! `cargo test -p millrace-tests --test sniffing -- --nocapture` prints the shares. With `MILLRACE_SNIFF_FOLDER`, files
//! and truth are also written there, for `tests/bench/sniffing.py`, which asks DuckDB the same.

mod made;

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use futures::executor::block_on;
use millrace_engine::source::MemorySource;
use millrace_engine::{Engine, EngineOptions, Pool};
use millrace_protocol::TableInfo;
use serde_json::json;

use made::{FILES, Made};

/// Share of files of which all is found out.
const GOAL: f64 = 0.98;

#[test]
fn dialects_and_types_are_found_out() {
    let engine = engine();
    let files: Vec<Made> = (0..FILES).map(Made::of_seed).collect();
    let mut wrong = Vec::new();
    let mut right = [0usize; 5];
    let mut truths = Vec::new();
    for file in &files {
        let source = Rc::new(MemorySource::new(file.name.as_str(), file.text.as_str()));
        let told = block_on(engine.add_table(Some("t"), vec![source]))
            .unwrap_or_else(|error| panic!("{}: {error}", file.name));
        let verdict = verdict(file, &told);
        for (count, is_right) in right.iter_mut().zip(verdict) {
            *count += usize::from(is_right);
        }
        right[4] += usize::from(verdict.iter().all(|is_right| *is_right));
        if verdict.contains(&false) {
            wrong.push(format!("{} {verdict:?}: {:?}\n{}", file.name, told.dialect, start_of(&file.text)));
        }
        truths.push(json!({
            "file": file.name, "delimiter": file.delimiter, "quote": file.quote, "header": file.header,
            "types": file.types, "millrace": verdict,
        }));
    }
    let share = |count: usize| count as f64 / files.len() as f64;
    for (what, count) in ["delimiter", "quote", "header", "types", "all of these"].iter().zip(right) {
        println!("{what}: {:.1} % of {} files", 100.0 * share(count), files.len());
    }
    for wrong in &wrong {
        println!("{wrong}");
    }
    if let Some(folder) = std::env::var_os("MILLRACE_SNIFF_FOLDER") {
        let folder = Path::new(&folder);
        for file in &files {
            std::fs::write(folder.join(&file.name), &file.text).expect("a writable folder");
        }
        let truths = serde_json::to_string(&truths).expect("plain data");
        std::fs::write(folder.join("truth.json"), truths).expect("a writable folder");
    }
    assert!(share(right[4]) >= GOAL, "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(files.len() >= 200);
}

/// Whether delimiter, quote, header and types are right.
fn verdict(file: &Made, told: &TableInfo) -> [bool; 4] {
    let dialect = told.dialect.as_ref().expect("delimited text has a dialect");
    let types: Vec<&str> = told.columns.iter().map(|column| column.type_name.as_str()).collect();
    [
        dialect.delimiter == file.delimiter,
        file.quote.is_empty() || dialect.quote == file.quote,
        dialect.header == file.header,
        types == file.types,
    ]
}

fn start_of(text: &str) -> String {
    text.lines().take(6).collect::<Vec<_>>().join("\n")
}

fn engine() -> Engine {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let options = EngineOptions {
        threads: 1,
        slots: 3,
        split_bytes: 1 << 20,
        memory_budget_bytes: 64 << 20,
        cache_bytes: 0,
        pool: Pool::Own(Arc::new(pool)),
        clock: None,
        spill: None,
        cache_store: None,
        cache_disk_bytes: 0,
    };
    Engine::new(options).expect("an engine")
}
