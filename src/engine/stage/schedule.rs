//! Starts tasks, keeps as many of them in flight as there are slots, and makes snapshots.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;

use arrow::array::RecordBatch;
use datafusion::execution::TaskContext;
use datafusion::execution::context::SessionContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_plan::execution_plan::reset_plan_states;
use futures::channel::mpsc;
use futures::future::{Fuse, FusedFuture, FutureExt, LocalBoxFuture};
use futures::stream::FuturesUnordered;
use futures::{StreamExt, select_biased};

use super::refine::is_out_of_memory;
use super::spill::ExchangeSpill;
use super::task::{compact, holds_sketches, partial_aggregate, run_task};
use super::{Exchange, JobContext, JobSpill, Routing, RunContext, Stage};
use crate::Error;
use crate::estimate::{Estimates, Estimator};
use crate::pool::{Executor, Priority};
use crate::source::spread_order;
use crate::timeline::Work;

/// Starts the tasks of one job.
pub(crate) struct Runner<'a> {
    pub(crate) session: &'a SessionContext,
    pub(crate) executor: &'a Executor,
    pub(crate) job: Arc<JobContext>,
    /// Where rows go that memory does not hold.
    pub(crate) spill: Option<Arc<JobSpill>>,
    /// Tasks that run or wait for bytes at one time.
    pub(crate) in_flight: usize,
    /// Bytes of all scans of the plan.
    pub(crate) bytes_total: u64,
    /// A wish for a snapshot that could not yet be granted.
    pub(crate) snapshot_wanted: Cell<bool>,
}

/// The stages of one job and their exchanges.
pub(super) struct Run {
    pub(super) stages: Vec<Arc<Stage>>,
    pub(super) exchanges: Vec<Arc<Exchange>>,
    /// How snapshots can be estimated.
    estimator: Option<Estimator>,
}

/// Rows of the result over a part of the input.
pub(crate) struct Snapshot {
    /// Share of the input bytes, below 1.
    pub(crate) fraction: f64,
    pub(crate) batches: Vec<RecordBatch>,
    pub(crate) estimates: Estimates,
}

/// A snapshot that is too large to be made often is not made at all: rows of an exchange beyond
/// which a sort, join or window over them is left to the end.
const SNAPSHOT_ROWS: usize = 1_000_000;

type SnapshotFuture<'a> = LocalBoxFuture<'a, Option<Snapshot>>;

impl Runner<'_> {
    /// Runs all stages and gives the exact rows. Whenever `wanted` says so, a snapshot is made, if
    /// this is the last stage that scans, and handed to `on_snapshot`.
    ///
    /// # Errors
    /// The first failure of a task; the other tasks are then cancelled.
    pub(crate) async fn run(
        &self,
        stages: Vec<Stage>,
        wanted: &mut mpsc::UnboundedReceiver<()>,
        on_snapshot: &mut dyn FnMut(Snapshot),
    ) -> Result<Vec<RecordBatch>, Error> {
        let last_scan = stages.iter().rposition(|stage| !stage.scans().is_empty());
        let last = stages.len().saturating_sub(1);
        let mut run = Run {
            estimator: last_scan.and_then(|scanning| Estimator::new(&stages, scanning)),
            exchanges: (0..)
                .zip(&stages)
                .map(|(index, stage)| self.new_exchange(stage, index == last))
                .collect(),
            stages: stages.into_iter().map(Arc::new).collect(),
        };
        for index in 0..run.stages.len() {
            let progressive = last_scan == Some(index);
            let in_flight = self.prepare(&mut run, index, last_scan, false).await?;
            let outcome = self.run_stage(&run, index, in_flight, progressive, wanted, on_snapshot).await;
            match outcome {
                Err(error)
                    if self.spill.is_some() && is_out_of_memory(&error) && run.input_bytes(index) > 0 =>
                {
                    // Once more, without its inputs in memory and so without snapshots.
                    run.exchanges[index] = self.new_exchange(&run.stages[index], index == last);
                    let in_flight = self.prepare(&mut run, index, last_scan, true).await?;
                    self.run_stage(&run, index, in_flight, false, wanted, on_snapshot).await?;
                }
                outcome => outcome?,
            }
            run.clear_behind(index);
        }
        Ok(run.exchanges.last().map(|result| result.read(0)).unwrap_or_default())
    }

    async fn run_stage(
        &self,
        run: &Run,
        index: usize,
        in_flight: usize,
        progressive: bool,
        wanted: &mut mpsc::UnboundedReceiver<()>,
        on_snapshot: &mut dyn FnMut(Snapshot),
    ) -> Result<(), Error> {
        let (mut stage, exchange) = (Arc::clone(&run.stages[index]), &run.exchanges[index]);
        let (mut in_flight, mut again, mut alone) = (in_flight, Vec::new(), None);
        let context = self.context(&run.exchanges);
        let in_order = stage.scans().into_iter().fold(false, |in_order, scan| scan.begin() | in_order);
        let spread = !in_order && visits_spread(&stage);
        self.job.visit_stretches(spread);
        let tasks = if spread { spread_order(stage.tasks()) } else { (0..stage.tasks()).collect() };
        let mut waiting = VecDeque::from(tasks);
        let mut running = FuturesUnordered::new();
        let mut compaction = Fuse::terminated();
        let mut snapshot: Fuse<SnapshotFuture<'_>> = Fuse::terminated();
        let mut given = GivenRows::new(&stage);
        let observed = run.estimator.as_ref().filter(|_| progressive).map(Estimator::observed);
        let sketches = holds_sketches(&stage);
        let spawn = |stage: &Arc<Stage>, task| {
            let work = run_task(
                Arc::clone(stage),
                task,
                Arc::clone(&context),
                Arc::clone(&self.job),
                Arc::clone(exchange),
                observed.cloned(),
            );
            let work = self.job.recorder.record(Work::task(index, task), work);
            self.executor.spawn(Priority::Normal, async move { Ok((task, work.await)) })
        };
        loop {
            // Tasks that make sketches of few rows would fill the memory while others are merged.
            let held_back = sketches && !compaction.is_terminated() && exchange.merging_is_behind();
            while running.len() < in_flight && again.is_empty() && !given.enough() && !held_back {
                let Some(task) = waiting.pop_front() else { break };
                running.push(spawn(&stage, task));
            }
            if running.is_empty() && !again.is_empty() && !given.enough() {
                snapshot = Fuse::terminated();
                stage = self.relieve(&stage).await?;
                in_flight = (in_flight / 2).max(1);
                alone = again.first().copied().filter(|_| in_flight == 1);
                again.drain(..).rev().for_each(|task| waiting.push_front(task));
                continue;
            }
            if progressive && snapshot.is_terminated() && exchange.rows() > 0 && self.snapshot_wanted.take() {
                snapshot = self.snapshot(run, index).fuse();
            }
            if running.is_empty() && !held_back || given.enough() {
                // A compaction under way is not worth waiting for: the final stage merges anyway.
                exchange.seal();
                return Ok(());
            }
            // What tasks have done comes first: whoever keeps asking for snapshots must not hold them up.
            select_biased! {
                done = compaction => done?,
                done = running.select_next_some() => {
                    let (task, rows) = match done? {
                        (task, Err(error)) if self.may_run_again(&error, run, index, alone == Some(task)) => {
                            again.push(task);
                            continue;
                        }
                        (task, rows) => (task, rows?),
                    };
                    given.add(task, rows);
                    self.job.recorder.task_done(index, rows);
                    let merges = partial_aggregate(&stage).is_some() && compaction.is_terminated();
                    if merges && exchange.wants_compaction(sketches) {
                        let work = compact(Arc::clone(&stage), Arc::clone(&context), Arc::clone(exchange));
                        let work = self.job.recorder.record(Work::merge(index), work);
                        compaction = self.executor.spawn(Priority::Normal, work).fuse();
                    }
                },
                made = snapshot => if let Some(made) = made {
                    on_snapshot(made);
                },
                request = wanted.next() => self.snapshot_wanted.set(request.is_some()),
            }
        }
    }

    /// Runs the stages behind `index` over a frozen copy of what its exchange holds; none is made once
    /// rows have left memory.
    fn snapshot<'a>(&'a self, run: &'a Run, index: usize) -> SnapshotFuture<'a> {
        let frozen = Arc::new(run.exchanges[index].freeze());
        let done = self.job.counters.bytes_done.load(Ordering::Relaxed);
        let fraction = (done as f64 / self.bytes_total.max(1) as f64).min(0.999_999);
        let last = run.stages.len() - 1;
        if index == last {
            let rows = Snapshot { fraction, batches: frozen.read(0), estimates: Estimates::default() };
            // Not at once: whoever asks for the next one in turn must not keep the job from granting reads.
            return yield_once().map(|()| Some(rows)).boxed_local();
        }
        let has_spilled = run.exchanges[..=index].iter().any(|exchange| exchange.has_spilled());
        if has_spilled || frozen.rows() > SNAPSHOT_ROWS {
            return futures::future::ready(None).boxed_local();
        }
        async move {
            let mut exchanges = run.exchanges.clone();
            exchanges[index] = frozen;
            for later in index + 1..=last {
                let stage = &run.stages[later];
                exchanges[later] =
                    Arc::new(Exchange::new(&stage.routing, stage.tasks(), self.new_reservation(), None));
                let fresh = reset_plan_states(Arc::clone(&stage.plan)).ok()?;
                let stage = Arc::new(Stage { plan: fresh, routing: stage.routing.clone() });
                let context = self.context(&exchanges);
                let tasks: FuturesUnordered<_> = (0..stage.tasks())
                    .map(|task| {
                        let work = run_task(
                            Arc::clone(&stage),
                            task,
                            Arc::clone(&context),
                            Arc::clone(&self.job),
                            Arc::clone(&exchanges[later]),
                            None,
                        );
                        let work = self.job.recorder.record(Work::snapshot(later, task), work);
                        self.executor.spawn(Priority::Urgent, work)
                    })
                    .collect();
                // A failure that matters will come again in the exact run, and be told then.
                let outcomes: Vec<_> = tasks.collect().await;
                if outcomes.iter().any(Result::is_err) {
                    return None;
                }
            }
            let batches = exchanges[last].read(0);
            let estimates = run.estimator.as_ref().map(|estimator| estimator.estimate(&batches));
            Some(Snapshot { fraction, batches, estimates: estimates.unwrap_or_default() })
        }
        .boxed_local()
    }

    /// The exchange behind a stage; behind the last one it holds the result.
    pub(super) fn new_exchange(&self, stage: &Stage, is_result: bool) -> Arc<Exchange> {
        let spill = self.spill.clone().map(|job| match is_result {
            true => ExchangeSpill::of_result(job),
            false => ExchangeSpill::new(job, &stage.routing, stage.tasks()),
        });
        let exchange = Exchange::new(&stage.routing, stage.tasks(), self.new_reservation(), spill);
        let exchange = Arc::new(exchange);
        if let Some(spill) = self.spill.as_ref().filter(|_| !is_result) {
            spill.register(&exchange);
        }
        exchange
    }

    fn new_reservation(&self) -> MemoryReservation {
        MemoryConsumer::new("exchange").register(&self.session.runtime_env().memory_pool)
    }

    /// A task context whose operators find this job and these exchanges.
    fn context(&self, exchanges: &[Arc<Exchange>]) -> Arc<TaskContext> {
        let run = RunContext { job: Arc::clone(&self.job), exchanges: exchanges.to_vec() };
        run.of_tasks(&self.session.session_id(), self.session.copied_config(), self.session.runtime_env())
    }
}

/// Lets everything else on this thread go on before it is ready.
fn yield_once() -> impl Future<Output = ()> {
    let mut yielded = false;
    futures::future::poll_fn(move |context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

/// Scanning stages whose result is a summary are read spread out, so that an early snapshot stands
/// for the whole; stages that pass rows on are read in order, so that rows come in the order of the
/// file and a limit can stop early. So are compressed files, whose tasks wait for those before them.
fn visits_spread(stage: &Stage) -> bool {
    let summarises = !matches!(stage.routing, Routing::Gather { .. }) || partial_aggregate(stage).is_some();
    summarises && !stage.scans().is_empty()
}

/// Rows that the first tasks in order have given, to stop when they are enough.
struct GivenRows {
    fetch: Option<usize>,
    rows: Vec<Option<usize>>,
    settled_tasks: usize,
    settled_rows: usize,
}

impl GivenRows {
    fn new(stage: &Stage) -> Self {
        Self {
            fetch: stage.routing.fetch(),
            rows: vec![None; stage.tasks()],
            settled_tasks: 0,
            settled_rows: 0,
        }
    }

    fn add(&mut self, task: usize, rows: usize) {
        if let Some(entry) = self.rows.get_mut(task) {
            *entry = Some(rows);
        }
        while let Some(Some(rows)) = self.rows.get(self.settled_tasks) {
            self.settled_rows += rows;
            self.settled_tasks += 1;
        }
    }

    fn enough(&self) -> bool {
        self.fetch.is_some_and(|fetch| self.settled_rows >= fetch)
    }
}
