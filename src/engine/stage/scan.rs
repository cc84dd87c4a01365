//! The leaf that reads a table: one partition per split.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arrow::datatypes::SchemaRef;
use datafusion::common::config::ConfigOptions;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Statistics, internal_datafusion_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterPushdownPhase, FilterPushdownPropagation,
};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, SendableRecordBatchStream,
};
use futures::{StreamExt, TryStreamExt, stream};

use super::RunContext;
use super::split_scan::SplitScan;
use crate::Error;
use crate::sql::Table;

/// Reads some columns of a table.
#[derive(Debug)]
pub(crate) struct ScanExec {
    pub(crate) table: Arc<Table>,
    projection: Vec<usize>,
    properties: Arc<PlanProperties>,
    /// The splits whose rows have been counted: a task that ran out of memory runs again.
    counted: Arc<[AtomicBool]>,
}

impl ScanExec {
    /// A scan of the columns in `projection`.
    ///
    /// # Errors
    /// When the projection names columns that the table does not have.
    pub(crate) fn try_new(table: Arc<Table>, projection: Vec<usize>) -> Result<Self> {
        let schema = Arc::new(table.schema.project(&projection)?);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(table.splits.len().max(1)),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        let counted = table.splits.iter().map(|_| AtomicBool::new(false)).collect();
        Ok(Self { table, projection, properties: Arc::new(properties), counted })
    }

    /// Estimates for the planner, which chooses the smaller side of a join by them.
    pub(crate) fn table_statistics(table: &Table, schema: &SchemaRef) -> Statistics {
        let bytes = table.splits.iter().map(|split| split.owned.end - split.owned.start).sum::<u64>();
        let share = schema.fields().len() as f64 / table.schema.fields().len().max(1) as f64;
        Statistics {
            num_rows: Precision::Inexact(table.rows_estimate as usize),
            total_byte_size: Precision::Inexact((bytes as f64 * share) as usize),
            column_statistics: Statistics::unknown_column(schema),
        }
    }
}

impl DisplayAs for ScanExec {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<_> = self.table.files.iter().map(|file| file.name.as_str()).collect();
        let columns: Vec<_> = self
            .properties
            .eq_properties
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        write!(
            formatter,
            "ScanExec: files=[{}], splits={}, columns=[{}]",
            files.join(", "),
            self.table.splits.len(),
            columns.join(", ")
        )
    }
}

impl ExecutionPlan for ScanExec {
    fn name(&self) -> &'static str {
        "ScanExec"
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

    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], _: &StatisticsArgs) -> Result<Arc<Statistics>> {
        Ok(Arc::new(Self::table_statistics(&self.table, &self.schema())))
    }

    /// Filters stay with the operator above: for a leaf the default would claim that all of them
    /// are taken care of.
    fn handle_child_pushdown_result(
        &self,
        _: FilterPushdownPhase,
        result: ChildPushdownResult,
        _: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        Ok(FilterPushdownPropagation::all_unsupported(result))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let run = context
            .session_config()
            .get_extension::<RunContext>()
            .ok_or_else(|| internal_datafusion_err!("a scan outside of a job"))?;
        let scan = SplitScan {
            job: Arc::clone(&run.job),
            table: Arc::clone(&self.table),
            projection: self.projection.clone(),
            schema: self.schema(),
            batch_rows: context.session_config().batch_size(),
            counted: Arc::clone(&self.counted),
        };
        let batches = stream::once(async move {
            let batches = scan.run(partition).await.map_err(Error::into_datafusion)?;
            Ok::<_, DataFusionError>(stream::iter(batches))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches.try_flatten().boxed())))
    }
}
