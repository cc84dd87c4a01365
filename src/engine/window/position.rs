//! Where a row stands in its file, for what depends on the order of rows.
//!
//! A scan has one partition per split, in the order of the file, and gives rows in that order. So the number
//! of the partition with the number of the row in it orders rows as the file does, wherever it was cut.
//! The numbers themselves depend on the splits and are not shown.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DFSchema, DFSchemaRef, Statistics, internal_err};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{CardinalityEffect, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning,
    PlanProperties, SendableRecordBatchStream, StatisticsArgs,
};
use futures::StreamExt;

use super::estimate::in_windows;

/// Name of the added column.
pub(super) const POSITION: &str = "__position";

/// A split has fewer rows.
const ROW_BITS: u32 = 40;

/// Adds the position to each row of its input.
#[derive(Clone, Debug)]
pub(super) struct PositionNode {
    input: LogicalPlan,
    schema: DFSchemaRef,
}

impl PositionNode {
    /// Over a plan whose rows come in the order of a file.
    ///
    /// # Errors
    /// When there is a column of that name.
    pub(super) fn try_new(input: LogicalPlan) -> Result<Self> {
        let fields = input.schema().iter().map(|(qualifier, field)| (qualifier.cloned(), Arc::clone(field)));
        let fields = fields.chain([(None, Arc::new(position_field()))]).collect();
        let schema = DFSchema::new_with_metadata(fields, input.schema().metadata().clone())?;
        Ok(Self { input, schema: Arc::new(schema) })
    }
}

fn position_field() -> Field {
    Field::new(POSITION, DataType::Int64, false)
}

impl PartialEq for PositionNode {
    fn eq(&self, other: &Self) -> bool {
        self.input == other.input
    }
}

impl Eq for PositionNode {}

impl Hash for PositionNode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.input.hash(state);
    }
}

impl PartialOrd for PositionNode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.input.partial_cmp(&other.input)
    }
}

impl UserDefinedLogicalNodeCore for PositionNode {
    fn name(&self) -> &'static str {
        "Position"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    /// Rows that are left keep their order.
    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        HashSet::from([POSITION.to_owned()])
    }

    fn fmt_for_explain(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Position")
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        match inputs.into_iter().next() {
            Some(input) => Self::try_new(input),
            None => internal_err!("positions in nothing"),
        }
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        let columns = self.input.schema().fields().len();
        Some(vec![output_columns.iter().copied().filter(|column| *column < columns).collect()])
    }
}

/// Adds the position to each row of a partition.
#[derive(Debug)]
pub(super) struct PositionExec {
    input: Arc<dyn ExecutionPlan>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl PositionExec {
    pub(super) fn new(input: Arc<dyn ExecutionPlan>) -> Self {
        let below = input.schema();
        let fields = below.fields().iter().map(|field| field.as_ref().clone()).chain([position_field()]);
        let schema = Schema::new(fields.collect::<Vec<_>>()).with_metadata(below.metadata().clone());
        let schema = Arc::new(schema);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(input.output_partitioning().partition_count()),
            EmissionType::Incremental,
            input.boundedness(),
        );
        Self { input, schema, properties: Arc::new(properties) }
    }
}

impl DisplayAs for PositionExec {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PositionExec")
    }
}

impl ExecutionPlan for PositionExec {
    fn name(&self) -> &'static str {
        "PositionExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match children.into_iter().next() {
            Some(input) => Ok(Arc::new(Self::new(input))),
            None => internal_err!("positions in nothing"),
        }
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::Equal
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        _: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        Ok(in_windows(inputs.first(), 1, 1, &self.schema))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let schema = Arc::clone(&self.schema);
        let mut next = i64::try_from(partition).unwrap_or(i64::MAX) << ROW_BITS;
        let placed = self.input.execute(partition, context)?.map(move |batch| {
            let batch = batch?;
            let end = next + batch.num_rows() as i64;
            let mut columns = batch.columns().to_vec();
            columns.push(Arc::new(Int64Array::from_iter_values(next..end)));
            next = end;
            Ok(RecordBatch::try_new(Arc::clone(&schema), columns)?)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), placed.boxed())))
    }
}
