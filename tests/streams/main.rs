//! Queries over streams: the same rows as over a file when nothing is late, whatever the micro-batches; what
//! is late and when windows close; checkpoints; sources; what is refused.

mod arrival;
mod arrow;
mod checkpoints;
mod folder;
mod lookup;
mod memory;
mod modes;
mod properties;
mod rolling;
mod script;
mod sources;
mod speed;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use futures::executor::block_on;
use futures::future::{FutureExt, LocalBoxFuture, ready};
use millrace_engine::output::ResultSet;
use millrace_engine::source::{MemorySource, Source, SourceError};
use millrace_engine::stream::{
    GrowingFile, PushHandle, StreamInput, StreamOptions, StreamQuery, StreamSource,
};
use millrace_engine::{Engine, EngineOptions, Pool};

fn engine(threads: usize) -> Engine {
    engine_of(threads, 256 << 20)
}

fn engine_of(threads: usize, memory_budget_bytes: u64) -> Engine {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let options = EngineOptions {
        threads,
        slots: 2 * threads,
        split_bytes: 512,
        memory_budget_bytes,
        cache_bytes: 0,
        pool: Pool::Own(Arc::new(pool)),
        clock: None,
        spill: None,
        cache_store: None,
        cache_disk_bytes: 0,
    };
    Engine::new(options).expect("an engine")
}

/// A source that gives one message in a step, if the query takes a row at a time.
fn pushed(engine: &Engine, name: &str, sample: &str) -> (Box<dyn StreamSource>, PushHandle) {
    let made = block_on(engine.push_source(name, sample.as_bytes(), None));
    let (source, handle) = made.unwrap_or_else(|error| panic!("{}", error.info().message));
    (Box::new(source), handle)
}

fn input(table: &str, source: Box<dyn StreamSource>, delay_millis: i64) -> StreamInput {
    StreamInput { table: table.to_owned(), source, delay_millis }
}

fn stream(engine: &Engine, sql: &str, inputs: Vec<StreamInput>, options: StreamOptions) -> StreamQuery {
    let query = block_on(engine.stream(sql, inputs, options));
    query.unwrap_or_else(|error| panic!("{sql}: {}", error.info().message))
}

/// The rows of a result as lines of CSV, without its header.
fn lines(result: &ResultSet) -> Vec<String> {
    let csv = String::from_utf8(result.csv(None).collect::<Vec<_>>().concat()).expect("text");
    csv.lines().skip(1).map(str::to_owned).collect()
}

fn emitted(query: &mut StreamQuery) -> Vec<String> {
    let rows = block_on(query.emit()).unwrap_or_else(|error| panic!("{}", error.info().message));
    lines(&rows)
}

fn step(query: &mut StreamQuery, now_millis: i64) -> u64 {
    block_on(query.step(now_millis)).unwrap_or_else(|error| panic!("{}", error.info().message)).rows
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// What the engine answers about the same rows as a file, sorted.
fn over_file(engine: &Engine, table: &str, text: &str, sql: &str) -> Vec<String> {
    let source = Rc::new(MemorySource::new(format!("{table}.csv"), text));
    block_on(engine.add_table(Some(table), vec![source])).expect("a table");
    let finished = block_on(engine.query(sql).run(|_| ()));
    let finished = finished.unwrap_or_else(|error| panic!("{sql}: {}", error.info().message));
    sorted(lines(&finished.result))
}

/// A file that tests write to.
#[derive(Clone, Default)]
struct Growing(Rc<RefCell<Vec<u8>>>);

impl Growing {
    fn holding(text: &str) -> Self {
        Self(Rc::new(RefCell::new(text.as_bytes().to_vec())))
    }

    fn append(&self, text: &str) {
        self.0.borrow_mut().extend_from_slice(text.as_bytes());
    }

    fn replace(&self, text: &str) {
        *self.0.borrow_mut() = text.as_bytes().to_vec();
    }
}

impl GrowingFile for Growing {
    fn name(&self) -> &str {
        "growing.csv"
    }

    fn look(&self) -> LocalBoxFuture<'static, Result<Rc<dyn Source>, SourceError>> {
        let now = Rc::new(MemorySource::new("growing.csv", self.0.borrow().clone()));
        ready(Ok(now as Rc<dyn Source>)).boxed_local()
    }
}
