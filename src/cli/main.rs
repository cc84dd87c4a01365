//! `millrace "SELECT …" file.csv`: the engine of the page, over files of the system: CSV, JSON, logs, text, Parquet,
//! Arrow, Avro, SQLite, workbooks, compressed or not.
//!
//! Owns: the command line. Touches: the engine and std. For terminals, tests and benchmarks.

mod follow;
mod reading;
mod timeline;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use futures::executor::block_on;
use millrace_engine::output::ResultSet;
use millrace_engine::source::Source;
use millrace_engine::source::file::FileSource;
use millrace_engine::spill::file::FileSpillStore;
use millrace_engine::{Clock, Engine, EngineOptions, Error, Finished, Pool, TableRequest};
use millrace_protocol::{ColumnMisfits, ErrorInfo, ErrorKind, Progress};

use crate::follow::{Follow, follow};
use crate::reading::Reading;
use crate::timeline::{SystemClock, stage_table};

/// Runs SQL over files, in parallel, without loading them whole.
#[derive(Debug, Parser)]
#[command(name = "millrace", version)]
struct Arguments {
    /// The query. Each file is a table named after it: `sales.csv` is `sales`. Of a workbook with several sheets each
    /// is one, with its own name behind that of the file.
    sql: String,
    /// Files to query; NAME=PATH gives a table another name, and files of one name become one table. Files in an
    /// archive are tables each, or together the one that is named.
    #[arg(required = true)]
    files: Vec<String>,
    /// Threads that compute [default: one a core].
    #[arg(long)]
    threads: Option<usize>,
    /// Length of a split in bytes.
    #[arg(long, default_value_t = 4 << 20)]
    split_bytes: u64,
    /// Memory for the state of the query, in bytes.
    #[arg(long, default_value_t = 4 << 30)]
    memory_bytes: u64,
    /// Folder for what does not fit into it, removed afterwards [default: that of the system].
    #[arg(long)]
    spill_folder: Option<PathBuf>,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
    /// Times that the query is run; the result is that of the last.
    #[arg(long, default_value_t = 1)]
    repeat: u32,
    /// Prints bytes, rows and times to standard error: of adding the files and of each run.
    #[arg(long)]
    stats: bool,
    /// Prints to standard error where the time of each run went, stage by stage.
    #[arg(long)]
    timeline: bool,
    /// Writes everything in the tables that does not fit to this file, as CSV.
    #[arg(long)]
    bad_rows_file: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    follow: Follow,
}

/// Forms of the result.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    /// For reading.
    Table,
    /// For other programs.
    Csv,
}

/// Failures of this program that are not the engine's.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Engine(#[from] Error),
    #[error("no thread pool: {0}")]
    Pool(#[from] rayon::ThreadPoolBuildError),
    #[error("the result cannot be written: {0}")]
    Output(#[from] io::Error),
    #[error("the result cannot be shown: {0}")]
    Show(#[from] arrow::error::ArrowError),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let threads = arguments
        .threads
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let spill_folder = arguments.spill_folder.clone().unwrap_or_else(std::env::temp_dir);
    let engine = Engine::new(EngineOptions {
        threads,
        slots: threads * 3,
        split_bytes: arguments.split_bytes,
        memory_budget_bytes: arguments.memory_bytes,
        // What is asked once need not be kept.
        cache_bytes: if arguments.repeat > 1 { arguments.memory_bytes / 2 } else { 0 },
        pool: Pool::Own(Arc::new(pool)),
        clock: arguments.timeline.then(|| Arc::new(SystemClock::start()) as Arc<dyn Clock>),
        spill: Some(Arc::new(FileSpillStore::new(&spill_folder))),
        cache_store: None,
        cache_disk_bytes: 0,
    })?;
    if arguments.follow.follow {
        let Arguments { sql, files, output, .. } = arguments;
        return block_on(follow(&engine, sql, files, &arguments.follow, *output));
    }
    let tables = block_on(add_files(&engine, arguments))?;
    if let Some(path) = &arguments.bad_rows_file {
        write_bad_rows(&engine, &tables, path)?;
    }
    for _ in 1..arguments.repeat {
        block_on(query(&engine, arguments))?;
    }
    let finished = block_on(query(&engine, arguments))?;
    write_rows(&finished.result, arguments.output, true)?;
    for bad in &finished.bad_rows {
        eprintln!("{}:{}: {}", bad.file, bad.line, bad.reason);
    }
    for misfits in &finished.misfits {
        let ColumnMisfits { table, column, type_name, count, first, wider_type } = misfits;
        let first = first.as_ref().map_or(String::new(), |bad| format!(", the first on line {}", bad.line));
        eprintln!(
            "{table}: {count} values of column {column} are no {type_name}{first}; --type '{column}={wider_type}' keeps them"
        );
    }
    if finished.progress.rows_without_time > 0 {
        eprintln!("{} rows have no event time and are in no window", finished.progress.rows_without_time);
    }
    Ok(())
}

async fn add_files(engine: &Engine, arguments: &Arguments) -> Result<Vec<String>, Error> {
    let started = Instant::now();
    let mut requests: Vec<TableRequest> = Vec::new();
    for file in &arguments.files {
        let (name, path) = named(file);
        let source: Rc<dyn Source> = Rc::new(FileSource::open(&path)?);
        let sources = engine.open_archives(vec![source]).await?;
        let same = |request: &&mut TableRequest| name.is_some() && request.name.as_deref() == name;
        if let Some(request) = requests.iter_mut().find(same) {
            request.sources.extend(sources);
            continue;
        }
        let of_tables = match name {
            Some(_) => vec![sources],
            None => sources.into_iter().map(|source| vec![source]).collect(),
        };
        requests.extend(of_tables.into_iter().map(|sources| TableRequest {
            name: name.map(str::to_owned),
            sources,
            options: arguments.reading.options(),
        }));
    }
    let mut tables = Vec::new();
    for request in requests {
        for table in engine.add_all(request).await? {
            for warning in &table.warnings {
                eprintln!("{}: {warning}", table.name);
            }
            tables.push(table.name);
        }
    }
    if arguments.stats {
        eprintln!("{} files added in {:.1} ms", arguments.files.len(), millis_since(started));
    }
    Ok(tables)
}

/// Writes all bad rows of all tables, under one header.
fn write_bad_rows(engine: &Engine, tables: &[String], path: &Path) -> Result<(), Failure> {
    let mut file = std::fs::File::create(path)?;
    let mut written = Ok(());
    for (number, table) in tables.iter().enumerate() {
        let mut is_header = true;
        let part = |part: Vec<u8>| {
            if !std::mem::take(&mut is_header) || number == 0 {
                let outcome = file.write_all(&part);
                written = std::mem::replace(&mut written, Ok(())).and(outcome);
            }
        };
        block_on(engine.export_bad_rows(table, part))?;
    }
    Ok(written?)
}

/// A file as it is given: `NAME=PATH` or `PATH`.
fn named(file: &str) -> (Option<&str>, PathBuf) {
    match file.split_once('=') {
        Some((name, path)) => (Some(name), PathBuf::from(path)),
        None => (None, PathBuf::from(file)),
    }
}

async fn query(engine: &Engine, arguments: &Arguments) -> Result<Finished, Error> {
    let started = Instant::now();
    let job = engine.query(&arguments.sql);
    let recording = job.handle().recording();
    let finished = job.run(|_| ()).await?;
    if arguments.stats {
        let Progress { bytes_done, bytes_read, rows_read, bad_rows, spilled_bytes, .. } = &finished.progress;
        let millis = millis_since(started);
        eprintln!(
            "{bytes_done} bytes, {bytes_read} of them read, {spilled_bytes} put aside, {rows_read} rows, {bad_rows} bad, \
             {millis:.1} ms"
        );
    }
    if let Some(recording) = recording {
        eprint!("{}", stage_table(&recording.timeline(0)));
    }
    Ok(finished)
}

fn millis_since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1000.0
}

fn write_rows(rows: &ResultSet, output: Output, with_header: bool) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match output {
        Output::Csv => {
            // The header is the first line of the first piece.
            let mut skips = !with_header;
            for piece in rows.csv(None) {
                let end = piece.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                out.write_all(if std::mem::take(&mut skips) { &piece[end..] } else { &piece })?;
            }
        }
        Output::Table => {
            let batches = rows.batches();
            let table = if batches.is_empty() {
                let empty = arrow::array::RecordBatch::new_empty(Arc::clone(rows.schema()));
                arrow::util::pretty::pretty_format_batches(&[empty])?
            } else {
                arrow::util::pretty::pretty_format_batches(batches)?
            };
            writeln!(out, "{table}")?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Tells a failure as compilers do: what, where, and what to do.
fn report(failure: &Failure) {
    let info = match failure {
        Failure::Engine(error) => error.info(),
        other => ErrorInfo::new(ErrorKind::Internal, other.to_string()),
    };
    let paint = io::stderr().is_terminal();
    let (bold, plain) = if paint { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    let place = info.position.map(|at| format!(" (line {}, column {})", at.line, at.column));
    eprintln!("{bold}error{plain}: {}{}", info.message, place.unwrap_or_default());
    if let Some(hint) = info.hint {
        eprintln!("{bold}hint{plain}: {hint}");
    }
}
