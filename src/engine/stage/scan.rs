//! The leaf that reads a table: one partition per split.
//!
//! It takes every condition on its rows that gives the same answer each time, and leaves none of it to the
//! operators above. Columns that only conditions need are not handed out.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use arrow::datatypes::SchemaRef;
use datafusion::common::config::ConfigOptions;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Statistics, internal_datafusion_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::equivalence::ProjectionMapping;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr, conjunction};
use datafusion::physical_expr_common::physical_expr::{fmt_sql, is_volatile};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, apply_expression_roots};
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterPushdownPhase, FilterPushdownPropagation, PushedDown,
};
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, SendableRecordBatchStream,
};
use futures::{StreamExt, TryStreamExt, stream};

use super::RunContext;
use super::filter::Filter;
use super::split_read::SplitReader;
use super::split_scan::SplitScan;
use crate::Error;
use crate::coding::Chain;
use crate::sql::Table;

/// Share of rows that a filter lets pass, as DataFusion's planner takes it where it knows nothing.
const USUAL_SHARE: f64 = 0.2;

/// Reads some columns of the rows of a table that pass a filter.
#[derive(Clone, Debug)]
pub(crate) struct ScanExec {
    pub(crate) table: Arc<Table>,
    projection: Vec<usize>,
    filter: Option<Arc<Filter>>,
    properties: Arc<PlanProperties>,
    /// The splits whose rows have been counted: a task that ran out of memory runs again.
    counted: Arc<[AtomicBool]>,
    /// The turns of tasks that unpack one after the other.
    chain: Arc<Chain>,
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
        Ok(Self {
            table,
            projection,
            filter: None,
            properties: Arc::new(properties),
            counted,
            chain: Arc::default(),
        })
    }

    /// Whether tasks have to visit splits in their order, because what one unpacks the next one goes on with.
    pub(crate) fn is_chained(&self) -> bool {
        self.table.files.iter().filter_map(|file| file.coded.as_ref()).any(|coded| !coded.is_seekable())
    }

    /// Tasks are about to be started, in the order of splits if this says so.
    pub(crate) fn begin(&self) -> bool {
        let is_chained = self.is_chained();
        let coded = |file: usize| self.table.files.get(file).and_then(|file| file.coded.as_ref());
        let goes_on = |(index, split): (usize, &crate::sql::Split)| {
            is_chained && coded(split.file).is_some_and(|coded| !coded.is_first(index))
        };
        self.chain.begin(self.table.splits.iter().enumerate().map(goes_on));
        is_chained
    }

    /// The same columns of the rows that pass these conditions as well.
    fn with_conditions(&self, conditions: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        // What the planner would know of a filter above: columns that have one value, or the same one.
        let above = FilterExec::try_new(conjunction(conditions.clone()), Arc::new(self.clone()))?;
        let known = above.properties().eq_properties.clone();
        let properties = PlanProperties::clone(&self.properties).with_eq_properties(known);
        let all = self.conditions().iter().cloned().chain(conditions).collect();
        let filter = Filter::try_new(all, &self.table.schema)?;
        Ok(Self { filter: Some(Arc::new(filter)), properties: Arc::new(properties), ..self.clone() })
    }

    /// The same rows, with fewer columns: those at `places`.
    fn with_columns(&self, places: &[usize]) -> Result<Self> {
        let column = |&place: &usize| self.projection.get(place).copied();
        let columns = places.iter().filter_map(column).collect();
        let scan = Self::try_new(Arc::clone(&self.table), columns)?;
        let mapping = ProjectionMapping::from_indices(places, &self.schema())?;
        let known = self.properties.eq_properties.project(&mapping, scan.schema());
        let properties = PlanProperties::clone(&scan.properties).with_eq_properties(known);
        Ok(Self { filter: self.filter.clone(), properties: Arc::new(properties), ..scan })
    }

    /// Numbers in the table of the columns that are handed out.
    pub(crate) fn projection(&self) -> &[usize] {
        &self.projection
    }

    /// What must hold for a row to be handed out, over all columns of the table.
    pub(crate) fn conditions(&self) -> &[Arc<dyn PhysicalExpr>] {
        self.filter.as_ref().map_or(&[], |filter| filter.expressions())
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
        )?;
        let conditions: Vec<_> =
            self.conditions().iter().map(|each| fmt_sql(each.as_ref()).to_string()).collect();
        if conditions.is_empty() {
            Ok(())
        } else {
            write!(formatter, ", filter={}", conditions.join(" AND "))
        }
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
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        apply_expression_roots(self.conditions(), visit)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], _: &StatisticsArgs) -> Result<Arc<Statistics>> {
        let mut statistics = Self::table_statistics(&self.table, &self.schema());
        if self.filter.is_some() {
            statistics.num_rows = statistics.num_rows.with_estimated_selectivity(USUAL_SHARE);
            statistics.total_byte_size = statistics.total_byte_size.with_estimated_selectivity(USUAL_SHARE);
        }
        Ok(Arc::new(statistics))
    }

    /// Hands out no more columns than the projection above needs, and in its order if it does nothing
    /// else.
    fn try_swapping_with_projection(
        &self,
        projection: &ProjectionExec,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let column_of = |each: &ProjectionExpr| {
            let column = each.expr.downcast_ref::<Column>().filter(|column| column.name() == each.alias)?;
            Some(column.index())
        };
        let as_they_are: Option<Vec<usize>> = projection.expr().iter().map(column_of).collect();
        let needed: BTreeSet<usize> = projection
            .expr()
            .iter()
            .flat_map(|each| collect_columns(&each.expr))
            .map(|column| column.index())
            .collect();
        if let Some(places) = as_they_are.filter(|places| places.len() == needed.len()) {
            return Ok(Some(Arc::new(self.with_columns(&places)?)));
        }
        if needed.len() == self.projection.len() {
            return Ok(None);
        }
        let scan = self.with_columns(&Vec::from_iter(needed))?;
        let over_fewer = |each: &ProjectionExpr| {
            let expr = reassign_expr_columns(Arc::clone(&each.expr), &scan.schema())?;
            Ok(ProjectionExpr { expr, alias: each.alias.clone() })
        };
        let expressions = projection.expr().iter().map(over_fewer).collect::<Result<Vec<_>>>()?;
        let above = ProjectionExec::try_new_with_schema_metadata(
            expressions,
            Arc::new(scan),
            projection.schema().as_ref(),
        )?;
        Ok(Some(Arc::new(above)))
    }

    /// Takes the conditions of operators above. Those that come late refer to other operators, and their
    /// values to the order in which tasks ran.
    fn handle_child_pushdown_result(
        &self,
        phase: FilterPushdownPhase,
        result: ChildPushdownResult,
        _: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        if phase != FilterPushdownPhase::Pre {
            return Ok(FilterPushdownPropagation::all_unsupported(result));
        }
        let takes = |given: &Arc<dyn PhysicalExpr>| !is_volatile(given);
        let given: Vec<_> = result.parent_filters.into_iter().map(|parent| parent.filter).collect();
        let taken = given.iter().map(|each| if takes(each) { PushedDown::Yes } else { PushedDown::No });
        let outcome = FilterPushdownPropagation::with_parent_pushdown_result(taken.collect());
        let conditions: Vec<_> = given.into_iter().filter(takes).collect();
        if conditions.is_empty() {
            return Ok(outcome);
        }
        Ok(outcome.with_updated_node(Arc::new(self.with_conditions(conditions)?)))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let run = context
            .session_config()
            .get_extension::<RunContext>()
            .ok_or_else(|| internal_datafusion_err!("a scan outside of a job"))?;
        let of_filter = self.filter.as_ref().map_or(&[][..], |filter| filter.columns());
        let mut columns = of_filter.to_vec();
        let mut place = |column: &usize| {
            of_filter.binary_search(column).unwrap_or_else(|_| {
                columns.push(*column);
                columns.len() - 1
            })
        };
        let output = self.projection.iter().map(&mut place).collect();
        let scan = SplitScan {
            reader: SplitReader {
                job: Arc::clone(&run.job),
                table: Arc::clone(&self.table),
                batch_rows: context.session_config().batch_size(),
                turn: Mutex::new(self.chain.turn(partition)),
            },
            columns,
            output,
            filter: self.filter.clone(),
            schema: self.schema(),
            counted: Arc::clone(&self.counted),
        };
        let batches = stream::once(async move {
            let batches = scan.run(partition).await.map_err(Error::into_datafusion)?;
            Ok::<_, DataFusionError>(stream::iter(batches))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches.try_flatten().boxed())))
    }
}
