//! One task: a partition of a stage, from its leaves to the exchange.

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::metrics::Time;
use datafusion::physical_plan::repartition::BatchPartitioner;
use datafusion::physical_plan::{ExecutionPlan, collect};
use futures::StreamExt;

use super::{Exchange, JobContext, Routing, Stage};
use crate::estimate::Observed;
use crate::{Error, aggregate};

/// Runs task number `task` of a stage and commits its output, which `observed` hears of first.
pub(crate) async fn run_task(
    stage: Arc<Stage>,
    task: usize,
    context: Arc<TaskContext>,
    job: Arc<JobContext>,
    exchange: Arc<Exchange>,
    observed: Option<Arc<Observed>>,
) -> Result<usize, Error> {
    job.check()?;
    let mut stream = stage.plan.execute(task, context)?;
    let mut router = Router::new(&stage, task)?;
    let mut output = Vec::new();
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        job.check()?;
        let batch = batch?;
        rows += batch.num_rows();
        router.route(batch, &mut output)?;
    }
    drop(stream);
    if let Some(observed) = observed {
        observed.add(task, &output.iter().map(|(_, batch)| batch).collect::<Vec<_>>());
    }
    exchange.commit(task, output).await?;
    Ok(rows)
}

/// Merges partial aggregate states that are in memory, so that they take the room of one state a group.
///
/// # Errors
/// When memory does not suffice, and states cannot go to the storage instead.
pub(crate) async fn compact(
    stage: Arc<Stage>,
    context: Arc<TaskContext>,
    exchange: Arc<Exchange>,
) -> Result<(), Error> {
    match merge_states(&stage, context, &exchange).await {
        Err(DataFusionError::ResourcesExhausted(_)) if exchange.postpone_compaction() => Ok(()),
        outcome => Ok(outcome?),
    }
}

async fn merge_states(
    stage: &Stage,
    context: Arc<TaskContext>,
    exchange: &Exchange,
) -> Result<(), DataFusionError> {
    if partial_aggregate(stage).is_none() {
        return Ok(());
    }
    let frozen = exchange.freeze();
    let mut merged = Vec::new();
    for partition in 0..stage.routing.partitions(stage.tasks()) {
        merged.push(merge(stage, Arc::clone(&context), frozen.read(partition)).await?);
    }
    exchange.replace(&frozen, merged)
}

/// The partial states that a stage has given for one partition, merged. Other rows stay as they are.
///
/// # Errors
/// When memory does not suffice.
pub(crate) async fn merge(
    stage: &Stage,
    context: Arc<TaskContext>,
    batches: Vec<RecordBatch>,
) -> Result<Vec<RecordBatch>, DataFusionError> {
    let Some(partial) = partial_aggregate(stage) else { return Ok(batches) };
    let source = MemorySourceConfig::try_new_exec(&[batches], partial.schema(), None)?;
    let reduce = AggregateExec::try_new(
        AggregateMode::PartialReduce,
        partial.group_expr().as_final(),
        partial.aggr_expr().to_vec(),
        vec![None; partial.aggr_expr().len()],
        source,
        Arc::clone(&partial.input_schema),
    )?;
    collect(Arc::new(reduce) as Arc<dyn ExecutionPlan>, context).await
}

/// The partitions that rows of a stage's output belong to.
///
/// # Errors
/// When they cannot be routed.
pub(crate) fn route(
    stage: &Stage,
    batches: Vec<RecordBatch>,
) -> Result<Vec<(usize, RecordBatch)>, DataFusionError> {
    let mut router = Router::new(stage, 0)?;
    let mut output = Vec::new();
    batches.into_iter().try_for_each(|batch| router.route(batch, &mut output))?;
    Ok(output)
}

/// The partial aggregate at the top of a stage, whose output states can be merged.
pub(crate) fn partial_aggregate(stage: &Stage) -> Option<&AggregateExec> {
    let aggregate = stage.plan.downcast_ref::<AggregateExec>()?;
    (*aggregate.mode() == AggregateMode::Partial).then_some(aggregate)
}

/// Whether the states of the partial aggregate at the top of a stage are worth merging while they are
/// few: some are sketches, and none has to stay in the order of the tasks.
pub(crate) fn holds_sketches(stage: &Stage) -> bool {
    let Some(partial) = partial_aggregate(stage) else { return false };
    let names = || partial.aggr_expr().iter().map(|aggregate| aggregate.fun().name());
    names().any(aggregate::is_sketch) && !names().any(aggregate::depends_on_order)
}

/// Sends batches to their partitions.
enum Router {
    One(usize),
    Many(Box<BatchPartitioner>),
}

impl Router {
    fn new(stage: &Stage, task: usize) -> Result<Self, DataFusionError> {
        Ok(match &stage.routing {
            Routing::Gather { .. } => Self::One(0),
            Routing::Keep => Self::One(task),
            Routing::Partition(partitioning) => Self::Many(Box::new(BatchPartitioner::try_new(
                partitioning.clone(),
                Time::new(),
                task,
                stage.tasks().max(1),
            )?)),
        })
    }

    fn route(
        &mut self,
        batch: RecordBatch,
        output: &mut Vec<(usize, RecordBatch)>,
    ) -> Result<(), DataFusionError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        match self {
            Self::One(partition) => output.push((*partition, batch)),
            Self::Many(partitioner) => partitioner.partition(batch, |partition, part| {
                output.push((partition, part));
                Ok(())
            })?,
        }
        Ok(())
    }
}
