//! One running query: from its text to its exact result. Read this first.
//!
//! [`Job::run`] plans, cuts the plan into stages and starts their tasks on the pool; beside them,
//! on the coordinator, it grants the tasks' wishes for bytes. When all tasks are done it verifies
//! where splits started, and runs once more if a guess was wrong. Everything ends when the returned
//! future is dropped or the job is cancelled.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arrow::datatypes::SchemaRef;
use futures::channel::mpsc;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt, select_biased};
use millrace_protocol::{BadRow, BadRowPolicy, ColumnMisfits, Progress};

use crate::Error;
use crate::engine::Engine;
use crate::output::ResultSet;
use crate::pool::Priority;
use crate::source::SourceError;
use crate::sql::Table;
use crate::stage::{
    JobContext, JobSpill, ReadRequest, Runner, Snapshot, Stage, Verdict, bad_count, bad_rows, cut, verify,
};
use crate::timeline::{Recorder, Recording, Work};
use crate::window::rows_without_time;

/// A query that is ready to run.
pub struct Job {
    engine: Engine,
    sql: String,
    handle: JobHandle,
    cancelled: mpsc::UnboundedReceiver<()>,
    wanted: mpsc::UnboundedReceiver<()>,
}

/// Watches and steers a job from outside, while it runs.
#[derive(Clone, Debug)]
pub struct JobHandle {
    cancel: mpsc::UnboundedSender<()>,
    want: mpsc::UnboundedSender<()>,
    shared: Arc<Shared>,
}

/// A result that covers part of the input.
#[derive(Clone, Debug)]
pub struct PartialResult {
    /// Share of the input bytes, below 1.
    pub fraction: f64,
    /// The rows.
    pub result: ResultSet,
}

/// The exact result.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The rows.
    pub result: ResultSet,
    /// The first bad rows, by file and line, and behind them the keys that no column stands for.
    pub bad_rows: Vec<BadRow>,
    /// The columns with values that are not of their type, and the type that would hold them.
    pub misfits: Vec<ColumnMisfits>,
    /// Final counters.
    pub progress: Progress,
}

/// What the handle reads while the job writes it.
#[derive(Debug)]
struct Shared {
    context: std::sync::Mutex<Option<Arc<JobContext>>>,
    executor: crate::pool::Executor,
    bytes_total: AtomicU64,
    splits_total: AtomicU64,
    restarted: AtomicBool,
    recording: Option<Recording>,
}

impl Job {
    pub(crate) fn new(engine: Engine, sql: &str) -> Self {
        let (cancel, cancelled) = mpsc::unbounded();
        let (want, wanted) = mpsc::unbounded();
        let shared = Arc::new(Shared {
            context: std::sync::Mutex::default(),
            executor: engine.0.executor.clone(),
            bytes_total: AtomicU64::new(0),
            splits_total: AtomicU64::new(0),
            restarted: AtomicBool::new(false),
            recording: engine.new_recording(),
        });
        let handle = JobHandle { cancel, want, shared };
        Self { engine, sql: sql.to_owned(), handle, cancelled, wanted }
    }

    /// What steers this job. It may be cloned and kept while the job runs.
    pub fn handle(&self) -> JobHandle {
        self.handle.clone()
    }

    /// Runs the query. A snapshot that was asked for is handed to `on_snapshot` when it is made.
    ///
    /// # Errors
    /// Everything that keeps the query from an exact result, cancelling included.
    pub async fn run(self, mut on_snapshot: impl FnMut(PartialResult)) -> Result<Finished, Error> {
        let Self { engine, sql, handle, mut cancelled, mut wanted } = self;
        let work = async {
            loop {
                let attempt = attempt(&engine, &sql, &handle, &mut wanted, &mut on_snapshot).await;
                match attempt {
                    Ok(Some(finished)) => return Ok(finished),
                    Ok(None) => handle.shared.restarted.store(true, Ordering::Relaxed),
                    Err(error) => {
                        return Err(engine.explain(engine.explain_text_time(&sql, error).await));
                    }
                }
            }
        };
        let outcome = select_biased! {
            _ = cancelled.next() => Err(Error::Cancelled),
            outcome = work.fuse() => outcome,
        };
        if let Some(recording) = &handle.shared.recording {
            recording.end();
        }
        // Tasks that are being polled at this moment end at their next batch.
        if let Some(context) = handle.context() {
            context.cancel();
        }
        outcome
    }
}

impl JobHandle {
    /// Ends the job.
    pub fn cancel(&self) {
        // A job that has ended is no longer listening, and is as good as cancelled.
        let _ = self.cancel.unbounded_send(());
    }

    /// Asks for a snapshot. Nothing comes of it while the job cannot make one.
    pub fn request_snapshot(&self) {
        let _ = self.want.unbounded_send(());
    }

    /// What the threads do and did for the job, when the engine was given a clock.
    pub fn recording(&self) -> Option<Recording> {
        self.shared.recording.clone()
    }

    /// Counters at this moment. The engine has no clock: the caller adds the time.
    pub fn progress(&self) -> Progress {
        let shared = &self.shared;
        let mut progress = Progress {
            bytes_total: shared.bytes_total.load(Ordering::Relaxed),
            splits_total: u32::try_from(shared.splits_total.load(Ordering::Relaxed)).unwrap_or(u32::MAX),
            threads_busy: shared.executor.busy(),
            restarted: shared.restarted.load(Ordering::Relaxed),
            phase: "planning".to_owned(),
            ..Progress::default()
        };
        if let Some(context) = self.context() {
            let counters = &context.counters;
            progress.bytes_done = counters.bytes_done.load(Ordering::Relaxed);
            progress.bytes_read = counters.bytes_read.load(Ordering::Relaxed);
            progress.rows_read = counters.rows_read.load(Ordering::Relaxed);
            progress.bad_rows = counters.bad_rows.load(Ordering::Relaxed);
            progress.spilled_bytes = counters.spilled_bytes.load(Ordering::Relaxed);
            progress.splits_done = counters.splits_done.load(Ordering::Relaxed);
            let reading = progress.splits_done < progress.splits_total;
            progress.phase = if reading { "scanning" } else { "finishing" }.to_owned();
        }
        progress
    }

    fn context(&self) -> Option<Arc<JobContext>> {
        self.shared.context.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

/// Runs the query once. `None` when splits had been read from wrong starts, which are now known.
async fn attempt(
    engine: &Engine,
    sql: &str,
    handle: &JobHandle,
    wanted: &mut mpsc::UnboundedReceiver<()>,
    on_snapshot: &mut dyn FnMut(PartialResult),
) -> Result<Option<Finished>, Error> {
    let inner = &engine.0;
    let plan = engine.plan(sql).await?;
    let schema: SchemaRef = plan.schema();
    let stages = cut(plan)?;
    let tables = tables_of(&stages);
    let scans = || stages.iter().flat_map(Stage::scans);
    let bytes_total =
        scans().flat_map(|scan| &scan.table.splits).map(|split| split.owned.end - split.owned.start).sum();
    let splits_total = scans().map(|scan| scan.table.splits.len() as u64).sum();
    handle.shared.bytes_total.store(bytes_total, Ordering::Relaxed);
    handle.shared.splits_total.store(splits_total, Ordering::Relaxed);

    let (wishes, reads) = mpsc::unbounded();
    let recorder = Recorder::new(handle.shared.recording.as_ref(), &stages, &engine.table_names());
    let context = Arc::new(JobContext::new(wishes, Arc::clone(&inner.cache), recorder));
    *handle.shared.context.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
        Some(Arc::clone(&context));
    let spill = inner.spill.as_ref().map(|space| {
        let limit_bytes = usize::try_from(inner.options.memory_budget_bytes / 2).unwrap_or(usize::MAX);
        Arc::new(JobSpill::new(space.lease(), Arc::clone(&context), limit_bytes))
    });
    let runner = Runner {
        session: &inner.session,
        executor: &inner.executor,
        job: Arc::clone(&context),
        spill,
        in_flight: inner.options.slots.max(1),
        bytes_total,
        snapshot_wanted: Cell::new(false),
    };
    let mut snapshot = |Snapshot { fraction, batches, estimates }| {
        let result = ResultSet::new(Arc::clone(&schema), batches).with_estimates(estimates);
        on_snapshot(PartialResult { fraction, result });
    };
    let plans: Vec<_> = stages.iter().map(|stage| Arc::clone(&stage.plan)).collect();
    let work = async {
        let batches = runner.run(stages, wanted, &mut snapshot).await?;
        let mut exact = true;
        for table in tables.values() {
            let (job, table) = (Arc::clone(&context), Arc::clone(table));
            let work = context.recorder.record(Work::verify(), async move { verify(&job, &table).await });
            let verdict = inner.executor.spawn(Priority::Normal, work).await?;
            exact &= verdict == Verdict::Exact;
        }
        Ok::<_, Error>((batches, exact))
    };
    let (batches, exact) = select_biased! {
        outcome = work.fuse() => outcome?,
        () = serve_reads(engine, reads).fuse() => return Err(Error::Internal("reads ended".to_owned())),
    };
    if let Err(error) = verify_files(engine, &tables).await {
        // What was kept may be partly of the old file and partly of the new one.
        tables.keys().for_each(|table| inner.cache.forget_table(*table));
        return Err(error);
    }
    if !exact {
        return Ok(None);
    }
    for table in tables.values().filter(|table| table.bad_rows == BadRowPolicy::Stop) {
        let count = bad_count(&context, table);
        if let Some(first) = bad_rows(&context, table).into_iter().next().filter(|_| count > 0) {
            return Err(Error::BadRows { first: Box::new(first), count });
        }
    }
    let result = ResultSet::new(schema, batches);
    let (mut listed, mut misfits) = (Vec::new(), Vec::new());
    let names = engine.table_names();
    for table in tables.values() {
        let of_table = bad_rows(&context, table);
        if let Some(name) = names.get(&table.id) {
            misfits.extend(context.misfits.of_table(table, name, &of_table));
        }
        listed.extend(of_table);
    }
    listed.truncate(1000);
    let mut progress = handle.progress();
    progress.bad_rows = tables.values().map(|table| bad_count(&context, table)).sum();
    progress.rows_without_time = plans.iter().map(rows_without_time).sum();
    Ok(Some(Finished { result, bad_rows: listed, misfits, progress }))
}

fn tables_of(stages: &[Stage]) -> BTreeMap<usize, Arc<Table>> {
    let scans = stages.iter().flat_map(Stage::scans);
    scans.map(|scan| (scan.table.id, Arc::clone(&scan.table))).collect()
}

/// Grants the tasks' wishes for bytes until the job ends.
pub(crate) async fn serve_reads(engine: &Engine, mut wishes: mpsc::UnboundedReceiver<ReadRequest>) {
    let mut reads = FuturesUnordered::new();
    loop {
        select_biased! {
            wish = wishes.next() => match wish {
                Some(wish) => reads.push(grant(engine, wish)),
                None => return,
            },
            () = reads.select_next_some() => {}
        }
    }
}

async fn grant(engine: &Engine, wish: ReadRequest) {
    let ReadRequest { source, range, on_to, mark, answer } = wish;
    let found = engine.0.sources.borrow().get(source).and_then(Clone::clone);
    let outcome = match found {
        Some(source) => {
            let bytes = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
            let read = source.read_on(range, on_to, engine.0.slots.take(bytes));
            read.await
        }
        None => Err(SourceError::Unreadable {
            file: "a file".to_owned(),
            reason: "its table was removed".to_owned(),
        }),
    };
    mark.filled(outcome.as_ref().map_or(0, |slot| slot.bytes().len() as u64));
    // The task that asked may be gone with its query; the slot then goes back to the pool.
    let _ = answer.send(outcome);
}

async fn verify_files(engine: &Engine, tables: &BTreeMap<usize, Arc<Table>>) -> Result<(), Error> {
    for file in tables.values().flat_map(|table| &table.files) {
        let source = engine.0.sources.borrow().get(file.source).and_then(Clone::clone);
        if let Some(source) = source {
            source.verify_unchanged().await?;
        }
    }
    Ok(())
}
