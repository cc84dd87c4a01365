//! The leaf that reads what an earlier stage put into its exchange.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::memory::MemoryStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, SendableRecordBatchStream,
};
use futures::{Stream, StreamExt, TryStreamExt, stream};

use super::RunContext;
use super::exchange::{Found, FoundPiece};
use super::spill::ExchangeSpill;

/// Blocks that are asked for before they are wanted, so that the storage works while operators do.
const READ_AHEAD: usize = 2;

/// Stands in a plan for the output of another stage.
#[derive(Debug)]
pub(crate) struct StageInputExec {
    stage: usize,
    properties: Arc<PlanProperties>,
}

impl StageInputExec {
    /// Output of stage number `stage`, with the properties that the exchange promised.
    pub(crate) fn new(stage: usize, properties: Arc<PlanProperties>) -> Self {
        Self { stage, properties }
    }

    /// The same over another number of partitions.
    pub(crate) fn with_partitions(&self, count: usize) -> Self {
        let partitioning = match &self.properties.partitioning {
            Partitioning::Hash(keys, _) => Partitioning::Hash(keys.clone(), count),
            _ => Partitioning::UnknownPartitioning(count),
        };
        let properties = PlanProperties::clone(&self.properties).with_partitioning(partitioning);
        Self { stage: self.stage, properties: Arc::new(properties) }
    }
}

/// Number of the stage whose output this operator reads, if it is such a leaf.
pub(crate) fn input_stage(plan: &Arc<dyn ExecutionPlan>) -> Option<usize> {
    plan.downcast_ref::<StageInputExec>().map(|input| input.stage)
}

impl DisplayAs for StageInputExec {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "StageInputExec: stage={}", self.stage)
    }
}

impl ExecutionPlan for StageInputExec {
    fn name(&self) -> &'static str {
        "StageInputExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let run = context.session_config().get_extension::<RunContext>();
        let exchange = run.as_ref().and_then(|run| run.exchanges.get(self.stage)).ok_or_else(|| {
            DataFusionError::Internal(format!("stage {} has no exchange in this run", self.stage))
        })?;
        Ok(match exchange.find(partition) {
            Found::Memory(batches) => Box::pin(MemoryStream::try_new(batches, self.schema(), None)?),
            Found::Mixed { pieces, spill, fetch } => {
                Box::pin(RecordBatchStreamAdapter::new(self.schema(), read_back(pieces, spill, fetch)))
            }
        })
    }
}

/// The first `fetch` rows of pieces, of which some are in the storage.
fn read_back(
    pieces: Vec<FoundPiece>,
    spill: ExchangeSpill,
    fetch: Option<usize>,
) -> impl Stream<Item = Result<RecordBatch>> + Send {
    let load = move |piece| {
        let spill = spill.clone();
        async move {
            let batches = match piece {
                FoundPiece::Memory(batch) => vec![batch],
                FoundPiece::Spilled(piece) => spill.load(piece).await?,
            };
            Ok::<_, DataFusionError>(stream::iter(batches).map(Ok))
        }
    };
    let mut wanted = fetch.unwrap_or(usize::MAX);
    let batches = stream::iter(pieces).map(load).buffered(READ_AHEAD).try_flatten();
    let batches = batches.map_ok(move |batch: RecordBatch| {
        let rows = batch.num_rows().min(wanted);
        wanted -= rows;
        batch.slice(0, rows)
    });
    // No piece is empty, so that an empty one comes behind the last row that is wanted.
    batches.try_take_while(|batch| futures::future::ready(Ok(batch.num_rows() > 0)))
}
