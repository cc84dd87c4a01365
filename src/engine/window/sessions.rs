//! Sessions of rows that come sorted by their keys and event time.
//!
//! Each row is an interval that starts at its event time and lasts as long as its gap, and intervals
//! that overlap or touch are merged. Rows wait here until it is known when their session ends.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, RecordBatchOptions};
use arrow::compute::{filter, filter_record_batch};
use arrow::datatypes::{DataType, IntervalMonthDayNanoType, SchemaRef};
use arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::metrics::Count;

use super::length::interval_nanos;
use super::time::{BOUNDS, bound_column, times, unit_nanos, unit_of};

/// What to read of a row.
#[derive(Clone, Debug)]
pub(super) struct SessionColumns {
    pub(super) time: Arc<dyn PhysicalExpr>,
    /// An interval.
    pub(super) gap: Arc<dyn PhysicalExpr>,
    pub(super) keys: Vec<Arc<dyn PhysicalExpr>>,
}

/// The sessions of a partition.
pub(super) struct Sessions {
    columns: SessionColumns,
    bounds_type: DataType,
    schema: SchemaRef,
    converter: RowConverter,
    without_time: Count,
    open: Option<Open>,
    /// Rows of the open session, from earlier batches.
    waiting: Vec<RecordBatch>,
    reservation: MemoryReservation,
}

/// A session that further rows may belong to. Its key is missing where there is only one.
struct Open {
    key: Option<OwnedRow>,
    start: i64,
    end: i64,
}

impl Sessions {
    /// None yet, of rows with the columns of `input`. Waiting rows are counted in `reservation`.
    ///
    /// # Errors
    /// When keys of such types cannot be compared.
    pub(super) fn try_new(
        columns: SessionColumns,
        input: &SchemaRef,
        schema: SchemaRef,
        bounds_type: DataType,
        without_time: Count,
        reservation: MemoryReservation,
    ) -> Result<Self> {
        let fields = columns.keys.iter().map(|key| Ok(SortField::new(key.data_type(input)?)));
        let converter = RowConverter::new(fields.collect::<Result<_>>()?)?;
        let (open, waiting) = (None, Vec::new());
        Ok(Self { columns, bounds_type, schema, converter, without_time, open, waiting, reservation })
    }

    /// Takes the next rows and gives those whose sessions have ended.
    ///
    /// # Errors
    /// When a gap is no length of time, or waiting rows need more memory than there is.
    pub(super) fn push(&mut self, batch: RecordBatch) -> Result<Vec<RecordBatch>> {
        let (batch, times, gaps) = self.intervals(batch)?;
        let keys = self.columns.keys.iter().map(|key| key.evaluate(&batch)?.into_array(batch.num_rows()));
        let keys: Vec<ArrayRef> = keys.collect::<Result<_>>()?;
        let keys = if keys.is_empty() { None } else { Some(self.converter.convert_columns(&keys)?) };

        let mut ended = Vec::new();
        // Bounds of the first rows, whose sessions have ended.
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        for row in 0..batch.num_rows() {
            let start = times.value(row);
            let Some(end) = start.checked_add(gaps.value(row)) else {
                return exec_err!("A session ends too far away to be counted.");
            };
            let key = keys.as_ref().map(|keys| keys.row(row));
            match &mut self.open {
                Some(open) if open.key.as_ref().map(OwnedRow::row) == key && start <= open.end => {
                    open.end = open.end.max(end);
                }
                open => {
                    let key = key.map(|key| key.owned());
                    if let Some(before) = open.replace(Open { key, start, end }) {
                        starts.resize(row, before.start);
                        ends.resize(row, before.end);
                        ended.append(&mut self.end_waiting(&before)?);
                    }
                }
            }
        }
        let known = starts.len();
        if known > 0 {
            ended.push(self.with_bounds(&batch.slice(0, known), &starts, &ends)?);
        }
        if known < batch.num_rows() {
            let rest = batch.slice(known, batch.num_rows() - known);
            self.reservation.try_grow(rest.get_array_memory_size())?;
            self.waiting.push(rest);
        }
        Ok(ended)
    }

    /// The rows of the last session, when no more rows come.
    ///
    /// # Errors
    /// When columns cannot be made of them.
    pub(super) fn finish(&mut self) -> Result<Vec<RecordBatch>> {
        match self.open.take() {
            Some(open) => self.end_waiting(&open),
            None => Ok(Vec::new()),
        }
    }

    /// The rows that have an event time and a gap longer than zero (others are in no session, as in
    /// Spark), and both as numbers.
    fn intervals(&self, batch: RecordBatch) -> Result<(RecordBatch, Int64Array, Int64Array)> {
        let (batch, times) = times(batch, &self.columns.time, &self.bounds_type, 0, &self.without_time)?;
        let gaps = self.gaps(&batch)?;
        let lasting: BooleanArray = gaps.iter().map(|gap| Some(gap.is_some_and(|gap| gap > 0))).collect();
        if lasting.true_count() == batch.num_rows() {
            return Ok((batch, times, gaps));
        }
        self.without_time.add(batch.num_rows() - lasting.true_count());
        let times = filter(&times, &lasting)?.as_primitive().clone();
        let gaps = filter(&gaps, &lasting)?.as_primitive().clone();
        Ok((filter_record_batch(&batch, &lasting)?, times, gaps))
    }

    /// Gaps in the unit of the bounds, rounded up.
    fn gaps(&self, batch: &RecordBatch) -> Result<Int64Array> {
        let gaps = self.columns.gap.evaluate(batch)?.into_array(batch.num_rows())?;
        let unit = unit_nanos(unit_of(&self.bounds_type));
        let length = |gap| match interval_nanos(gap) {
            Some(nanos) => Ok((nanos as i128 + i128::from(unit) - 1).div_euclid(i128::from(unit)) as i64),
            None => exec_err!("A session's gap must not have months or years."),
        };
        let gaps = gaps.as_primitive::<IntervalMonthDayNanoType>();
        gaps.iter().map(|gap| gap.map(length).transpose()).collect()
    }

    /// The waiting rows, of a session that has ended.
    fn end_waiting(&mut self, session: &Open) -> Result<Vec<RecordBatch>> {
        let waiting = std::mem::take(&mut self.waiting);
        self.reservation.free();
        let bounded = waiting.iter().map(|batch| {
            let rows = batch.num_rows();
            self.with_bounds(batch, &vec![session.start; rows], &vec![session.end; rows])
        });
        bounded.collect()
    }

    fn with_bounds(&self, batch: &RecordBatch, starts: &[i64], ends: &[i64]) -> Result<RecordBatch> {
        let mut columns = batch.columns().to_vec();
        for bound in BOUNDS {
            columns.push(bound_column(bound, starts, ends, &self.bounds_type)?);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}
