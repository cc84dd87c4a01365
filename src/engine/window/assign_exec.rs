//! The operator that gives each row the windows that depend on its event time alone.

use std::fmt;
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions, UInt32Array};
use arrow::compute::take_arrays;
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Statistics, internal_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{CardinalityEffect, EmissionType};
use datafusion::physical_plan::metrics::{Count, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning,
    PlanProperties, SendableRecordBatchStream, StatisticsArgs,
};
use futures::{StreamExt, TryStreamExt, stream};

use super::ends::Wanted;
use super::estimate::in_windows;
use super::time::{Output, ROWS_WITHOUT_TIME, columns, times, unit_of};
use super::{Assigner, WindowSpec};

/// Copies each row into every window that it is in.
#[derive(Debug)]
pub(crate) struct AssignExec {
    pub(crate) input: Arc<dyn ExecutionPlan>,
    pub(super) spec: WindowSpec,
    pub(super) time: Arc<dyn PhysicalExpr>,
    /// How far behind the start of its pane the event time stands, in units of the bounds.
    pub(super) behind: i64,
    /// What each column of the output is.
    pub(super) columns: Vec<Output>,
    /// Type of starts and ends.
    pub(super) bounds_type: DataType,
    /// Which windows are given, if not all.
    wanted: Option<Wanted>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl AssignExec {
    /// Windows over `input`, whose output has `columns` as in `schema`.
    pub(super) fn new(
        input: Arc<dyn ExecutionPlan>,
        spec: WindowSpec,
        time: Arc<dyn PhysicalExpr>,
        columns: Vec<Output>,
        schema: SchemaRef,
        bounds_type: DataType,
    ) -> Self {
        // Rows stay where they are, but what says so may name columns that have moved.
        let kept_places = columns
            .iter()
            .enumerate()
            .all(|(place, column)| matches!(column, Output::Bound(_)) || *column == Output::Input(place));
        let partitioning = match input.output_partitioning() {
            hash @ Partitioning::Hash(..) if kept_places => hash.clone(),
            other => Partitioning::UnknownPartitioning(other.partition_count()),
        };
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            partitioning,
            EmissionType::Incremental,
            input.boundedness(),
        );
        let (behind, properties) = (0, Arc::new(properties));
        let metrics = ExecutionPlanMetricsSet::new();
        let wanted = None;
        Self { input, spec, time, behind, columns, bounds_type, wanted, schema, properties, metrics }
    }

    /// The same with only some of the windows.
    pub(super) fn with_wanted(mut self, wanted: Option<Wanted>) -> Self {
        self.wanted = wanted;
        self
    }

    /// The same with an event time that stands this far behind the moment whose windows are meant.
    pub(super) fn with_time_behind(mut self, behind: i64) -> Self {
        self.behind = behind;
        self
    }

    /// The same windows over another input with the same columns.
    pub(super) fn over(&self, input: Arc<dyn ExecutionPlan>, spec: WindowSpec) -> Self {
        let (time, columns) = (Arc::clone(&self.time), self.columns.clone());
        let made = Self::new(input, spec, time, columns, Arc::clone(&self.schema), self.bounds_type.clone());
        made.with_time_behind(self.behind).with_wanted(self.wanted.clone())
    }

    /// The rows of a batch in their windows, apart from any task.
    ///
    /// # Errors
    /// When windows cannot be counted.
    pub(crate) fn spread(&self, batch: RecordBatch) -> Result<RecordBatch> {
        let work = self.work(batch.num_rows(), Count::new())?;
        let (batch, times) = work.times(batch)?;
        work.assign(&batch, &times)
    }

    /// What gives rows their windows, of batches of so many rows.
    fn work(&self, batch_rows: usize, without_time: Count) -> Result<Work> {
        let Some(assigner) = self.spec.assigner(unit_of(&self.bounds_type)) else {
            return internal_err!("{} is not assigned row by row", self.spec);
        };
        Ok(Work {
            // Rows of a batch whose copies fill about one batch again.
            rows_at_once: (batch_rows / assigner.most()).max(1),
            assigner,
            time: Arc::clone(&self.time),
            behind: self.behind,
            wanted: self.wanted.clone(),
            reach_nanos: self.spec.reach_nanos(),
            columns: self.columns.clone(),
            bounds_type: self.bounds_type.clone(),
            schema: Arc::clone(&self.schema),
            without_time,
        })
    }

    /// Whether two operators do the same with the same input.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.spec == other.spec
            && self.time.eq(&other.time)
            && self.behind == other.behind
            && self.columns == other.columns
            && self.bounds_type == other.bounds_type
    }
}

impl DisplayAs for AssignExec {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AssignExec: {}, time={}", self.spec, self.time)
    }
}

impl ExecutionPlan for AssignExec {
    fn name(&self) -> &'static str {
        "AssignExec"
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
        visit(&self.time)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match children.into_iter().next() {
            Some(input) => Ok(Arc::new(self.over(input, self.spec.clone()))),
            None => internal_err!("windows over nothing"),
        }
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::GreaterEqual
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        _: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        let windows = self.spec.assigner(unit_of(&self.bounds_type)).map_or(1, |assigner| assigner.most());
        let bounds = self.columns.iter().filter(|column| matches!(column, Output::Bound(_))).count();
        Ok(in_windows(inputs.first(), windows, bounds, &self.schema))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let without_time = MetricBuilder::new(&self.metrics).counter(ROWS_WITHOUT_TIME, partition);
        let work = Arc::new(self.work(context.session_config().batch_size(), without_time)?);
        let batches = self.input.execute(partition, context)?;
        let windowed = batches.map(move |batch| {
            let (batch, times) = work.times(batch?)?;
            let work = Arc::clone(&work);
            let pieces = (0..batch.num_rows()).step_by(work.rows_at_once).map(move |first| {
                let rows = work.rows_at_once.min(batch.num_rows() - first);
                work.assign(&batch.slice(first, rows), &times[first..first + rows])
            });
            Ok::<_, DataFusionError>(stream::iter(pieces))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), windowed.try_flatten().boxed())))
    }
}

/// What a task needs to know to give rows their windows.
struct Work {
    assigner: Box<dyn Assigner>,
    rows_at_once: usize,
    time: Arc<dyn PhysicalExpr>,
    behind: i64,
    wanted: Option<Wanted>,
    reach_nanos: i64,
    columns: Vec<Output>,
    bounds_type: DataType,
    schema: SchemaRef,
    without_time: Count,
}

impl Work {
    /// The rows that have an event time, and those times.
    fn times(&self, batch: RecordBatch) -> Result<(RecordBatch, Vec<i64>)> {
        let (batch, times) =
            times(batch, &self.time, &self.bounds_type, self.reach_nanos, &self.without_time)?;
        Ok((batch, times.values().iter().map(|time| time - self.behind).collect()))
    }

    fn assign(&self, batch: &RecordBatch, times: &[i64]) -> Result<RecordBatch> {
        let (mut rows, mut starts, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for (row, time) in (0..).zip(times) {
            self.assigner.windows_of(*time, &mut |start, end| {
                if self.wanted.as_ref().is_none_or(|wanted| wanted.has(start, end)) {
                    rows.push(row);
                    starts.push(start);
                    ends.push(end);
                }
            });
        }
        let copied = if self.assigner.most() == 1 && self.wanted.is_none() {
            batch.columns().to_vec()
        } else {
            take_arrays(batch.columns(), &UInt32Array::from(rows), None)?
        };
        let columns = columns(&self.columns, &copied, &starts, &ends, &self.bounds_type)?;
        let options = RecordBatchOptions::new().with_row_count(Some(starts.len()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}
