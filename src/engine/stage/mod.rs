//! Runs a physical plan as stages of tasks.
//!
//! Owns: cutting a plan at its exchanges ([`cut`]), the exchanges and what of them is put aside, the scan
//! with one partition per split and the conditions that it evaluates, the scheduling of tasks, and the check
//! that guesses about split starts were right.
//! Touches: DataFusion's operators, the pool, the formats. It asks for bytes by messages to the
//! coordinator and never waits for them on a thread.

mod all_bad;
mod batch;
mod block_read;
mod coded_read;
mod compact;
mod cut;
mod divide;
mod exchange;
mod filter;
mod input;
mod misfits;
mod prune;
mod refine;
mod routing;
mod same;
mod scan;
mod schedule;
mod spill;
mod split_batches;
mod split_pruned;
mod split_read;
mod split_scan;
mod task;
mod verify;

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use datafusion::execution::TaskContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionConfig;
use futures::channel::{mpsc, oneshot};

pub(crate) use all_bad::{all_bad, listing_all};
pub(crate) use batch::{batch_bytes, drop_unused_text};
pub(crate) use cut::cut;
pub(crate) use exchange::Exchange;
pub(crate) use input::input_stage;
pub(crate) use misfits::Misfits;
pub(crate) use routing::Routing;
pub(crate) use scan::ScanExec;
pub(crate) use schedule::{Runner, Snapshot};
pub(crate) use spill::JobSpill;
pub(crate) use split_read::LOOK_AHEAD_BYTES;
pub(crate) use task::{merge, partial_aggregate, route, run_task};
pub(crate) use verify::{Verdict, bad_count, bad_rows, verify};

use crate::Error;
use crate::cache::ColumnCache;
use crate::format::BadRecords;
use crate::source::{Slot, SourceError};
use crate::timeline::{ReadMark, Recorder};

/// Part of a plan between exchanges: its partitions are its tasks.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    /// The operators; leaves are scans and inputs from earlier stages.
    pub(crate) plan: Arc<dyn ExecutionPlan>,
    /// Where the output goes.
    pub(crate) routing: Routing,
}

impl Stage {
    /// Number of tasks.
    pub(crate) fn tasks(&self) -> usize {
        self.plan.properties().output_partitioning().partition_count()
    }

    /// Scans inside this stage.
    pub(crate) fn scans(&self) -> Vec<&ScanExec> {
        fn walk<'a>(plan: &'a Arc<dyn ExecutionPlan>, found: &mut Vec<&'a ScanExec>) {
            found.extend(plan.downcast_ref::<ScanExec>());
            for child in plan.children() {
                walk(child, found);
            }
        }
        let mut found = Vec::new();
        walk(&self.plan, &mut found);
        found
    }
}

/// A wish of a task for bytes, granted by the coordinator.
#[derive(Debug)]
pub(crate) struct ReadRequest {
    /// Index of the source in the engine.
    pub(crate) source: usize,
    /// What to read.
    pub(crate) range: Range<u64>,
    /// How far the next ones will probably read on from there.
    pub(crate) on_to: u64,
    /// Since when it is wished for, and for which task.
    pub(crate) mark: ReadMark,
    /// Where the filled slot goes.
    pub(crate) answer: oneshot::Sender<Result<Slot, SourceError>>,
}

/// What one scan of a split found, for verification and line numbers.
#[derive(Clone, Debug)]
pub(crate) struct SplitLog {
    pub(crate) first_record: Option<u64>,
    pub(crate) next_record: Option<u64>,
    pub(crate) lines: u64,
    pub(crate) bad: BadRecords,
}

/// What all tasks of a job share.
#[derive(Debug)]
pub(crate) struct JobContext {
    reads: mpsc::UnboundedSender<ReadRequest>,
    cancelled: AtomicBool,
    visits_stretches: AtomicBool,
    /// What each split of each table held, by table id.
    logs: Mutex<HashMap<usize, Vec<Option<SplitLog>>>>,
    /// Splits of files that a filter leaves out as a whole, by table id.
    left_out: Mutex<HashMap<usize, BTreeSet<usize>>>,
    /// Columns that earlier queries have decoded.
    pub(crate) cache: Arc<ColumnCache>,
    /// The number of this query there.
    pub(crate) query: u64,
    pub(crate) counters: Counters,
    pub(crate) misfits: Misfits,
    pub(crate) recorder: Recorder,
}

/// Counters that tasks raise.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Bytes of the splits that are done, whether they were read or their columns were kept.
    pub(crate) bytes_done: AtomicU64,
    pub(crate) bytes_read: AtomicU64,
    pub(crate) rows_read: AtomicU64,
    pub(crate) bad_rows: AtomicU64,
    pub(crate) splits_done: AtomicU32,
    /// Bytes written to the storage for what memory does not hold.
    pub(crate) spilled_bytes: AtomicU64,
}

impl JobContext {
    pub(crate) fn new(
        reads: mpsc::UnboundedSender<ReadRequest>,
        cache: Arc<ColumnCache>,
        recorder: Recorder,
    ) -> Self {
        Self {
            reads,
            query: cache.begin_query(),
            cache,
            cancelled: AtomicBool::new(false),
            visits_stretches: AtomicBool::new(false),
            logs: Mutex::default(),
            left_out: Mutex::default(),
            counters: Counters::default(),
            misfits: Misfits::default(),
            recorder,
        }
    }

    /// Makes tasks end at their next batch.
    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Fails once the job is cancelled.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.cancelled.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// Says whether the tasks that follow visit stretches of neighbouring splits side by side.
    pub(crate) fn visit_stretches(&self, stretches: bool) {
        self.visits_stretches.store(stretches, Ordering::Relaxed);
    }

    /// Asks for bytes and waits without holding a thread. When neighbours are visited one after the other, the
    /// next of them will read on from there up to `on_to`.
    pub(crate) async fn read(&self, source: usize, range: Range<u64>, on_to: u64) -> Result<Slot, Error> {
        let (answer, answered) = oneshot::channel();
        let on_to = if self.visits_stretches.load(Ordering::Relaxed) { on_to } else { range.end };
        let wish = ReadRequest { source, range, on_to, mark: self.recorder.wish(), answer };
        self.reads.unbounded_send(wish).map_err(|_| Error::Cancelled)?;
        Ok(answered.await.map_err(|_| Error::Cancelled)??)
    }

    /// Notes what a split held.
    fn log(&self, table: usize, splits: usize, split: usize, log: SplitLog) {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let entries = logs.entry(table).or_insert_with(|| vec![None; splits]);
        if let Some(entry) = entries.get_mut(split) {
            *entry = Some(log);
        }
    }

    /// Notes that a filter leaves out the whole file of a split.
    fn leave_out(&self, table: usize, split: usize) {
        let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        left_out.entry(table).or_default().insert(split);
    }

    /// The splits of a table whose files were left out as a whole.
    pub(crate) fn left_out_of(&self, table: usize) -> BTreeSet<usize> {
        let left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        left_out.get(&table).cloned().unwrap_or_default()
    }

    /// What the splits of a table held, as far as they were scanned.
    pub(crate) fn logs_of(&self, table: usize) -> Vec<Option<SplitLog>> {
        let logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.get(&table).cloned().unwrap_or_default()
    }
}

/// What operators of a run reach through their task context: stage inputs find their exchange here,
/// so that a snapshot can run the same plan over other exchanges.
#[derive(Debug)]
pub(crate) struct RunContext {
    pub(crate) job: Arc<JobContext>,
    pub(crate) exchanges: Vec<Arc<Exchange>>,
}

impl RunContext {
    /// The context of the run's tasks. It has no functions: these are found by name when a query is planned, and
    /// copying all of them takes longer than a small stage.
    pub(crate) fn of_tasks(
        self,
        session_id: &str,
        config: SessionConfig,
        runtime: Arc<RuntimeEnv>,
    ) -> Arc<TaskContext> {
        let config = config.with_extension(Arc::new(self));
        let (scalar, higher_order) = (HashMap::new(), HashMap::new());
        let (aggregate, window) = (HashMap::new(), HashMap::new());
        let context = TaskContext::new(
            None,
            session_id.to_owned(),
            config,
            scalar,
            higher_order,
            aggregate,
            window,
            runtime,
        );
        Arc::new(context)
    }
}
