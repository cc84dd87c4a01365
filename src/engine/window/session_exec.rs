//! The operator that finds sessions: its input is partitioned by their keys, and sorted by keys and time.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Statistics, internal_err};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::logical_expr::lit;
use datafusion::physical_expr::expressions::Literal;
use datafusion::physical_expr::{Distribution, EquivalenceProperties, OrderingRequirements, PhysicalExpr};
use datafusion::physical_plan::execution_plan::EmissionType;
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricBuilder, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
    SendableRecordBatchStream, StatisticsArgs,
};
use futures::{StreamExt, TryStreamExt, stream};

use super::estimate::in_windows;
use super::length::shown;
use super::sessions::{End, SessionColumns, Sessions};
use super::time::ROWS_WITHOUT_TIME;

/// Gives each row start, end and time of its session, behind its columns.
#[derive(Debug)]
pub(crate) struct SessionExec {
    pub(super) input: Arc<dyn ExecutionPlan>,
    pub(super) columns: SessionColumns,
    pub(super) bounds_type: DataType,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl SessionExec {
    /// Sessions of the rows of `input`; the output has `schema`, in which columns of the input are where
    /// they were.
    pub(super) fn new(
        input: Arc<dyn ExecutionPlan>,
        columns: SessionColumns,
        schema: SchemaRef,
        bounds_type: DataType,
    ) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            input.output_partitioning().clone(),
            EmissionType::Incremental,
            input.boundedness(),
        );
        let (properties, metrics) = (Arc::new(properties), ExecutionPlanMetricsSet::new());
        Self { input, columns, bounds_type, schema, properties, metrics }
    }

    /// Whether two operators do the same with the same input.
    pub(crate) fn same(&self, other: &Self) -> bool {
        let (a, b) = (&self.columns, &other.columns);
        a.time.eq(&b.time)
            && a.end == b.end
            && a.keys == b.keys
            && a.outputs == b.outputs
            && self.bounds_type == other.bounds_type
    }
}

impl DisplayAs for SessionExec {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SessionColumns { time, end, keys, .. } = &self.columns;
        let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
        match end {
            End::After(gap) => {
                let constant = gap.downcast_ref::<Literal>().map(|gap| shown(&lit(gap.value().clone())));
                let gap = constant.unwrap_or_else(|| gap.to_string());
                write!(formatter, "SessionExec: time={time}, gap={gap}")?;
            }
            End::At(end) => write!(formatter, "SessionExec: start={time}, end={end}")?,
        }
        write!(formatter, ", keys=[{}]", keys.join(", "))
    }
}

impl ExecutionPlan for SessionExec {
    fn name(&self) -> &'static str {
        "SessionExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        let SessionColumns { time, end: End::After(end) | End::At(end), keys, .. } = &self.columns;
        for expression in [time, end].into_iter().chain(keys) {
            if visit(expression)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn required_input_distribution(&self) -> Vec<Distribution> {
        vec![match self.columns.keys.as_slice() {
            [] => Distribution::SinglePartition,
            keys => Distribution::KeyPartitioned(keys.to_vec()),
        }]
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        vec![self.columns.order().map(OrderingRequirements::from)]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(input) = children.into_iter().next() else { return internal_err!("sessions of nothing") };
        let (schema, bounds_type) = (Arc::clone(&self.schema), self.bounds_type.clone());
        Ok(Arc::new(Self::new(input, self.columns.clone(), schema, bounds_type)))
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        _: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        let bounds = self.schema.fields().len().saturating_sub(self.input.schema().fields().len());
        Ok(in_windows(inputs.first(), 1, bounds, &self.schema))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let sessions = Sessions::try_new(
            self.columns.clone(),
            &self.input.schema(),
            Arc::clone(&self.schema),
            self.bounds_type.clone(),
            MetricBuilder::new(&self.metrics).counter(ROWS_WITHOUT_TIME, partition),
            MemoryConsumer::new("sessions").register(context.memory_pool()),
        )?;
        let batches = self.input.execute(partition, context)?;
        // The end of the input ends the last session.
        let events = batches.map(|batch| batch.map(Some)).chain(stream::iter([Ok(None)]));
        let ended = events
            .scan(sessions, |sessions, event| {
                let ended = event.and_then(|batch| match batch {
                    Some(batch) => sessions.push(batch),
                    None => sessions.finish(),
                });
                std::future::ready(Some(ended.map(|batches| stream::iter(batches.into_iter().map(Ok)))))
            })
            .try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), ended.boxed())))
    }
}
