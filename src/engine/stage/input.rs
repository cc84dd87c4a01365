//! The leaf that reads what an earlier stage put into its exchange.

use std::fmt;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::memory::MemoryStream;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};

use super::RunContext;

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
        let batches = exchange.read(partition);
        Ok(Box::pin(MemoryStream::try_new(batches, self.schema(), None)?))
    }
}
