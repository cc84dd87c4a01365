//! The leaf that reads a table: one partition per split.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::RecordBatch;
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

use super::{JobContext, RunContext, SplitLog};
use crate::Error;
use crate::format::{DecodeError, Decoded, RecordStart, SplitBytes};
use crate::sql::Table;

/// Bytes read behind a split for the end of its last record. Most records are shorter; a longer one
/// makes the split be read again with [`LOOK_AHEAD_GROWTH`] times as much.
pub(crate) const LOOK_AHEAD_BYTES: u64 = 64 << 10;
const LOOK_AHEAD_GROWTH: u64 = 16;
/// The longest record that is taken.
const RECORD_LIMIT_BYTES: u64 = 256 << 20;

/// Reads some columns of a table.
#[derive(Debug)]
pub(crate) struct ScanExec {
    pub(crate) table: Arc<Table>,
    projection: Vec<usize>,
    properties: Arc<PlanProperties>,
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
        Ok(Self { table, projection, properties: Arc::new(properties) })
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
            batch_rows: context.session_config().batch_size(),
        };
        let batches = stream::once(async move {
            let batches = scan.run(partition).await.map_err(Error::into_datafusion)?;
            Ok::<_, DataFusionError>(stream::iter(batches.into_iter().map(Ok)))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches.try_flatten().boxed())))
    }
}

/// Reads and decodes splits, for queries and for the repair of wrong starts.
pub(super) struct SplitScan {
    pub(super) job: Arc<JobContext>,
    pub(super) table: Arc<Table>,
    pub(super) projection: Vec<usize>,
    pub(super) batch_rows: usize,
}

impl SplitScan {
    /// The rows of a split, decoded at once so that its slot is free before operators run.
    async fn run(&self, index: usize) -> Result<Vec<RecordBatch>, Error> {
        let Some(split) = self.table.splits.get(index) else { return Ok(Vec::new()) };
        let start = match self.table.known_starts() {
            Some(starts) => starts.get(index).map_or(RecordStart::Guess, |&at| RecordStart::At(at)),
            None if split.owned.start == self.file(index)?.first_record => RecordStart::At(split.owned.start),
            None => RecordStart::Guess,
        };
        let decoded = self.decode(index, start).await?;
        let counters = &self.job.counters;
        counters.bytes_read.fetch_add(split.owned.end - split.owned.start, Ordering::Relaxed);
        counters.rows_read.fetch_add(decoded.rows, Ordering::Relaxed);
        counters.bad_rows.fetch_add(decoded.bad_count, Ordering::Relaxed);
        counters.splits_done.fetch_add(1, Ordering::Relaxed);
        let log = SplitLog {
            first_record: decoded.first_record,
            next_record: decoded.next_record,
            lines: decoded.lines,
            bad_count: decoded.bad_count,
            bad: decoded.bad,
        };
        self.job.log(self.table.id, self.table.splits.len(), index, log);
        Ok(decoded.batches)
    }

    /// Reads a split, with as much behind it as its last record needs, and decodes it.
    pub(super) async fn decode(&self, index: usize, start: RecordStart) -> Result<Decoded, Error> {
        let file = self.file(index)?;
        let owned = self.table.splits[index].owned.clone();
        let offset = owned.start.saturating_sub(1);
        let mut ahead = LOOK_AHEAD_BYTES;
        loop {
            self.job.check()?;
            let end = file.len_bytes.min(owned.end.saturating_add(ahead));
            let slot = self.job.read(file.source, offset..end).await?;
            let split = SplitBytes {
                bytes: slot.bytes(),
                offset,
                owned: owned.clone(),
                at_end_of_file: end == file.len_bytes,
                start,
                batch_rows: self.batch_rows,
            };
            match file.decoder.decode(&split, &self.projection) {
                Ok(decoded) => return Ok(decoded),
                Err(DecodeError::Format(error)) => return Err(error.into()),
                // The guess itself may be what makes the record long. Verification will find that the
                // split holds records after all, and read it from its right start.
                Err(DecodeError::Truncated) if ahead >= RECORD_LIMIT_BYTES && start == RecordStart::Guess => {
                    return Ok(Decoded::empty());
                }
                Err(DecodeError::Truncated) if ahead >= RECORD_LIMIT_BYTES || end == file.len_bytes => {
                    return Err(Error::RecordTooLong {
                        file: file.name.clone(),
                        offset: owned.start,
                        limit_bytes: RECORD_LIMIT_BYTES,
                    });
                }
                Err(DecodeError::Truncated) => ahead = RECORD_LIMIT_BYTES.min(ahead * LOOK_AHEAD_GROWTH),
            }
        }
    }

    fn file(&self, index: usize) -> Result<&crate::sql::TableFile, Error> {
        let split = self.table.splits.get(index);
        split
            .and_then(|split| self.table.files.get(split.file))
            .ok_or_else(|| Error::Internal(format!("split {index} belongs to no file")))
    }
}
