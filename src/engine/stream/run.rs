//! Runs the stages of a stream: those that scan over micro-batches, the later ones over what is kept.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result as DataFusionResult;
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::session_state::SessionState;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::execution_plan::reset_plan_states;
use futures::TryStreamExt;
use futures::future::try_join_all;

use super::lookup::reset_but_tables;
use super::plan::{Merging, StateStage};
use super::scope::groups_by_start;
use super::table::MicroBatch;
use crate::Error;
use crate::pool::{Executor, Priority};
use crate::stage::{Exchange, JobContext, RunContext, Stage, merge, run_task};
use crate::window::AssignExec;

/// Where and how stages run.
pub(super) struct Machine {
    /// Of the session that planned the query, which would give a copy of it each time.
    pub(super) session: SessionState,
    pub(super) executor: Executor,
    pub(super) job: Arc<JobContext>,
    pub(super) stages: Vec<Stage>,
}

/// Windows of which rows are wanted, by their ends in microseconds.
#[derive(Clone, Debug)]
pub(super) enum Chosen {
    All,
    /// Those that end behind the first and up to the second.
    Between(i64, i64),
    These(BTreeSet<i64>),
}

impl Chosen {
    pub(super) fn contains(&self, end: i64) -> bool {
        match self {
            Self::All => true,
            Self::Between(after, upto) => end > *after && end <= *upto,
            Self::These(ends) => ends.contains(&end),
        }
    }
}

impl Machine {
    pub(super) fn reservation(&self, of: &str) -> MemoryReservation {
        MemoryConsumer::new(of).register(&self.session.runtime_env().memory_pool)
    }

    /// Forgets the measurements that joins with tables have gathered, and with them the hash tables, which are built
    /// once more.
    ///
    /// # Errors
    /// When an operator does not take its children.
    pub(super) fn renew(&mut self) -> Result<(), Error> {
        for stage in &mut self.stages {
            stage.plan = reset_plan_states(Arc::clone(&stage.plan))?;
        }
        Ok(())
    }

    /// Runs a stage that scans over a micro-batch and gives its output by partition.
    ///
    /// # Errors
    /// The first failure of a task.
    pub(super) async fn scan(
        &self,
        state: &StateStage,
        rows: &Arc<MicroBatch>,
    ) -> Result<Vec<Vec<RecordBatch>>, Error> {
        let stage = &self.stages[state.stage];
        let output = self.run(stage, Vec::new(), Some(Arc::clone(rows))).await?;
        Ok((0..output.partitions()).map(|partition| output.read(partition)).collect())
    }

    /// Merges rows of the state, partition by partition.
    ///
    /// # Errors
    /// When the memory does not suffice.
    pub(super) async fn merge(
        &self,
        state: &StateStage,
        partitions: Vec<Vec<RecordBatch>>,
    ) -> Result<Vec<Vec<RecordBatch>>, Error> {
        let tasks = match &state.merging {
            // Many small pieces take more room than a large one.
            Merging::Never => {
                return Ok(partitions.iter().map(|pieces| joined(pieces)).collect::<Result<_, _>>()?);
            }
            Merging::Groups => {
                let merge = |batches| {
                    let (stage, context) = (self.stages[state.stage].clone(), self.context(Vec::new(), None));
                    let work = async move { Ok(merge(&stage, context, batches).await?) };
                    self.executor.spawn(Priority::Normal, work)
                };
                partitions.into_iter().map(merge).collect::<Vec<_>>()
            }
            Merging::Sessions(plan) => {
                let plan = reset_plan_states(Arc::clone(plan))?;
                let count = partitions.len();
                let mut exchanges = self.exchanges();
                exchanges[state.stage] = self.filled(state.stage, partitions).await?;
                let context = self.context(exchanges, None);
                let merge = |partition| {
                    let (plan, context) = (Arc::clone(&plan), Arc::clone(&context));
                    let work = async move { Ok(whole(plan, partition, context).await?) };
                    self.executor.spawn(Priority::Normal, work)
                };
                (0..count).map(merge).collect()
            }
        };
        try_join_all(tasks).await
    }

    /// Runs the later stages over rows of the states, and gives the rows of the result. Rows of panes are
    /// in several windows, of which only the chosen ones are given.
    ///
    /// # Errors
    /// The first failure of a task.
    pub(super) async fn result(
        &self,
        kept: Vec<(usize, Vec<Vec<RecordBatch>>)>,
        chosen: &Chosen,
    ) -> Result<Vec<RecordBatch>, Error> {
        let mut exchanges = self.exchanges();
        let mut done = BTreeSet::new();
        for (stage, partitions) in kept {
            exchanges[stage] = self.filled(stage, partitions).await?;
            done.insert(stage);
        }
        for number in 0..self.stages.len() {
            if done.contains(&number) {
                continue;
            }
            let Stage { plan, routing } = self.stages[number].clone();
            let stage = Stage { plan: restrict(plan, chosen)?, routing };
            exchanges[number] = self.run(&stage, exchanges.clone(), None).await?;
        }
        Ok(exchanges.last().map(|result| result.read(0)).unwrap_or_default())
    }

    async fn run(
        &self,
        stage: &Stage,
        exchanges: Vec<Arc<Exchange>>,
        rows: Option<Arc<MicroBatch>>,
    ) -> Result<Arc<Exchange>, Error> {
        // Operators keep their measurements, and some their state, as long as they live.
        let plan = reset_but_tables(Arc::clone(&stage.plan))?;
        let stage = Arc::new(Stage { plan, routing: stage.routing.clone() });
        let output = Arc::new(self.exchange(&stage));
        let context = self.context(exchanges, rows);
        let task = |task| {
            let work = run_task(
                Arc::clone(&stage),
                task,
                Arc::clone(&context),
                Arc::clone(&self.job),
                Arc::clone(&output),
                None,
            );
            self.executor.spawn(Priority::Normal, work)
        };
        try_join_all((0..stage.tasks()).map(task).collect::<Vec<_>>()).await?;
        Ok(output)
    }

    fn exchange(&self, stage: &Stage) -> Exchange {
        Exchange::new(&stage.routing, stage.tasks(), self.reservation("exchange"), None)
    }

    fn exchanges(&self) -> Vec<Arc<Exchange>> {
        self.stages.iter().map(|stage| Arc::new(self.exchange(stage))).collect()
    }

    /// The exchange behind a stage, with these rows. They are counted where they are kept, too.
    async fn filled(&self, stage: usize, partitions: Vec<Vec<RecordBatch>>) -> Result<Arc<Exchange>, Error> {
        let exchange = self.exchange(&self.stages[stage]);
        let pieces = partitions.into_iter().enumerate();
        let pieces =
            pieces.flat_map(|(partition, pieces)| pieces.into_iter().map(move |piece| (partition, piece)));
        exchange.commit(0, pieces.collect()).await?;
        Ok(Arc::new(exchange))
    }

    fn context(&self, exchanges: Vec<Arc<Exchange>>, rows: Option<Arc<MicroBatch>>) -> Arc<TaskContext> {
        let run = RunContext { job: Arc::clone(&self.job), exchanges };
        let mut config = self.session.config().clone();
        if let Some(rows) = rows {
            config = config.with_extension(rows);
        }
        run.of_tasks(self.session.session_id(), config, Arc::clone(self.session.runtime_env()))
    }
}

fn joined(pieces: &[RecordBatch]) -> DataFusionResult<Vec<RecordBatch>> {
    let Some(first) = pieces.first() else { return Ok(Vec::new()) };
    Ok(vec![concat_batches(first.schema_ref(), pieces)?])
}

/// All rows of a partition.
async fn whole(
    plan: Arc<dyn ExecutionPlan>,
    partition: usize,
    context: Arc<TaskContext>,
) -> DataFusionResult<Vec<RecordBatch>> {
    plan.execute(partition, context)?.try_collect().await
}

/// The plan with only the chosen windows of panes.
fn restrict(plan: Arc<dyn ExecutionPlan>, chosen: &Chosen) -> DataFusionResult<Arc<dyn ExecutionPlan>> {
    if matches!(chosen, Chosen::All) {
        return Ok(plan);
    }
    plan.transform_up(|plan| {
        let spread = plan.downcast_ref::<AssignExec>().filter(|windows| windows.spreads_panes());
        let Some(spread) = spread else { return Ok(Transformed::no(plan)) };
        let chosen = chosen.clone();
        let only = spread.only(groups_by_start(spread), Arc::new(move |end| chosen.contains(end)));
        Ok(Transformed::yes(Arc::new(only)))
    })
    .data()
}
