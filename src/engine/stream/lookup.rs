//! Tables of files beside streams: their rows are read once, before the first step, and looked up from each
//! micro-batch.
//!
//! A join with a table is planned as one over files, with the table as the side whose hash table is built. As the table
//! does not change, rows of the stream go through the join one by one, and it takes part in the stages as a filter does.

use std::fmt;
use std::sync::{Arc, OnceLock};

use arrow::array::{Int64Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{JoinType, Statistics, internal_datafusion_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};
use datafusion::physical_plan::memory::MemoryStream;
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, SendableRecordBatchStream,
};

use super::plan::find;
use super::table::StreamScanExec;
use crate::Error;
use crate::engine::Engine;
use crate::stage::{Stage, batch_bytes, input_stage};

/// A table of files as a query over streams may name it.
#[derive(Clone, Debug)]
pub(super) struct LookupTable {
    pub(super) name: String,
    pub(super) schema: SchemaRef,
}

#[async_trait]
impl TableProvider for LookupTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all = || (0..self.schema.fields().len()).collect();
        let projection: Vec<usize> = projection.cloned().unwrap_or_else(all);
        let schema = Arc::new(self.schema.project(&projection)?);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            // So that it can be a side of a join as it is, without an exchange.
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        let (table, rows) = (self.name.clone(), Arc::default());
        Ok(Arc::new(LookupExec { table, schema, rows, properties: Arc::new(properties) }))
    }
}

/// Gives columns of a table that were read before.
#[derive(Debug)]
pub(super) struct LookupExec {
    table: String,
    schema: SchemaRef,
    rows: Arc<OnceLock<Vec<RecordBatch>>>,
    properties: Arc<PlanProperties>,
}

impl DisplayAs for LookupExec {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "LookupExec: table={}", self.table)
    }
}

impl ExecutionPlan for LookupExec {
    fn name(&self) -> &'static str {
        "LookupExec"
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

    /// Next to nothing, whatever the table holds: beside a stream it is the side that is built.
    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], _: &StatisticsArgs) -> Result<Arc<Statistics>> {
        let unknown = Statistics::new_unknown(&self.schema);
        Ok(Arc::new(unknown.with_num_rows(Precision::Inexact(1)).with_total_byte_size(Precision::Inexact(1))))
    }

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = self.rows.get().ok_or_else(|| internal_datafusion_err!("a table that was not read"))?;
        Ok(Box::pin(MemoryStream::try_new(rows.clone(), Arc::clone(&self.schema), None)?))
    }
}

impl Engine {
    /// Reads the columns of tables that the stages look up. They count against the budget in `memory`.
    ///
    /// # Errors
    /// When a table cannot be read, or the memory does not suffice.
    pub(super) async fn read_lookups(
        &self,
        stages: &[Stage],
        memory: &MemoryReservation,
    ) -> Result<(), Error> {
        for scan in stages.iter().flat_map(|stage| find::<LookupExec>(&stage.plan)) {
            if scan.rows.get().is_some() {
                continue;
            }
            let rows = self.read_lookup(scan).await?;
            for batch in &rows {
                memory.try_grow(batch_bytes(batch))?;
            }
            // Nobody else fills it meanwhile.
            let _ = scan.rows.set(rows);
        }
        Ok(())
    }

    async fn read_lookup(&self, scan: &LookupExec) -> Result<Vec<RecordBatch>, Error> {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let columns: Vec<String> = scan.schema.fields().iter().map(|field| quoted(field.name())).collect();
        let is_counted = columns.is_empty();
        let wanted = if is_counted { "count(*)".to_owned() } else { columns.join(", ") };
        let sql = format!("SELECT {wanted} FROM {}", quoted(&scan.table));
        let read = self.query(&sql).run(|_| ()).await?.result;
        let of_columns = |batch: &RecordBatch| {
            let batch = match is_counted {
                false => RecordBatch::try_new(Arc::clone(&scan.schema), batch.columns().to_vec()),
                true => {
                    let count = batch.column(0).as_any().downcast_ref::<Int64Array>();
                    let rows = count.map_or(0, |count| count.iter().flatten().sum::<i64>());
                    let options = RecordBatchOptions::new().with_row_count(usize::try_from(rows).ok());
                    RecordBatch::try_new_with_options(Arc::clone(&scan.schema), Vec::new(), &options)
                }
            };
            batch.map_err(DataFusionError::from)
        };
        Ok(read.batches().iter().map(of_columns).collect::<Result<_>>()?)
    }
}

/// The join of a plan whose one side is a table, which is built, and whose other side's rows go through it.
pub(super) fn looked_up(plan: &Arc<dyn ExecutionPlan>) -> Option<&HashJoinExec> {
    let passes = |join: &&HashJoinExec| {
        let kinds = [JoinType::Inner, JoinType::Right, JoinType::RightSemi, JoinType::RightAnti];
        *join.partition_mode() == PartitionMode::CollectLeft
            && kinds.contains(join.join_type())
            && is_table(join.left())
            && !is_table(join.right())
    };
    plan.downcast_ref::<HashJoinExec>().filter(passes)
}

/// Whether what a plan gives never changes: it reads neither a stream nor what another stage has left.
fn is_table(plan: &Arc<dyn ExecutionPlan>) -> bool {
    input_stage(plan).is_none() && !plan.is::<StreamScanExec>() && plan.children().into_iter().all(is_table)
}

/// Whether tables stand in a plan only where they are looked up.
pub(super) fn only_looks_up(plan: &Arc<dyn ExecutionPlan>) -> bool {
    match looked_up(plan) {
        Some(join) => only_looks_up(join.right()),
        None => !is_table(plan) && plan.children().into_iter().all(only_looks_up),
    }
}

/// The column of the rows that go through a join which a column of its output is, if it is one of theirs.
pub(super) fn passed_column(join: &HashJoinExec, place: usize) -> Option<usize> {
    let place = join.projection.as_ref().map_or(Some(place), |places| places.get(place).copied())?;
    match join.join_type() {
        JoinType::RightSemi | JoinType::RightAnti => Some(place),
        _ => place.checked_sub(join.left().schema().fields().len()),
    }
}

/// The plan as it was before it ran, but for the hash tables of tables that are looked up, which are kept.
pub(super) fn reset_but_tables(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    plan.transform_up(|plan| {
        let is_kept = looked_up(&plan).is_some() || is_table(&plan);
        Ok(Transformed::yes(if is_kept { plan } else { plan.reset_state()? }))
    })
    .data()
}
