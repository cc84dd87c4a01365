//! Sessions of rows that come sorted by their keys and event time.
//!
//! Each row is an interval: a raw one starts at its event time and lasts as long as its gap, and one that
//! stands for a part of a session has a start and an end. Intervals that overlap or touch are merged.
//! Rows wait here until it is known when their session ends.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, RecordBatchOptions};
use arrow::compute::{SortOptions, filter, filter_record_batch};
use arrow::datatypes::{DataType, IntervalMonthDayNano, IntervalMonthDayNanoType, SchemaRef};
use arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::metrics::Count;

use super::length::interval_nanos;
use super::time::{Output, columns, times, unit_nanos, unit_of};

/// What to read of a row.
#[derive(Clone, Debug)]
pub(super) struct SessionColumns {
    pub(super) time: Arc<dyn PhysicalExpr>,
    pub(super) end: End,
    pub(super) keys: Vec<Arc<dyn PhysicalExpr>>,
    /// What each column of the output is.
    pub(super) outputs: Vec<Output>,
}

impl SessionColumns {
    /// How rows must be sorted: those of a key together, by their starts.
    pub(super) fn order(&self) -> Option<LexOrdering> {
        let ascending = SortOptions { descending: false, nulls_first: true };
        let sorted = self.keys.iter().chain([&self.time]);
        LexOrdering::new(sorted.map(|expression| PhysicalSortExpr::new(Arc::clone(expression), ascending)))
    }
}

/// When a row's interval ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// An interval after its event time.
    After(Arc<dyn PhysicalExpr>),
    /// At another time, which is never NULL.
    At(Arc<dyn PhysicalExpr>),
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
        let (batch, from, to) = self.intervals(batch)?;
        let keys = self.columns.keys.iter().map(|key| key.evaluate(&batch)?.into_array(batch.num_rows()));
        let keys: Vec<ArrayRef> = keys.collect::<Result<_>>()?;
        let keys = if keys.is_empty() { None } else { Some(self.converter.convert_columns(&keys)?) };

        let mut ended = Vec::new();
        // Bounds of the first rows, whose sessions have ended.
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        for row in 0..batch.num_rows() {
            let (start, end) = (from.value(row), to.value(row));
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

    /// The rows that have an event time, and their starts and ends. Rows whose gap is NULL or not longer
    /// than zero are in no session, as in Spark.
    fn intervals(&self, batch: RecordBatch) -> Result<(RecordBatch, Int64Array, Int64Array)> {
        let (batch, starts) = times(batch, &self.columns.time, &self.bounds_type, 0, &self.without_time)?;
        let ends = self.ends(&batch, &starts)?;
        let later = |(start, end): (&i64, Option<i64>)| Some(end.is_some_and(|end| end > *start));
        let lasting: BooleanArray = starts.values().iter().zip(&ends).map(later).collect();
        if lasting.true_count() == batch.num_rows() {
            return Ok((batch, starts, ends));
        }
        self.without_time.add(batch.num_rows() - lasting.true_count());
        let starts = filter(&starts, &lasting)?.as_primitive().clone();
        let ends = filter(&ends, &lasting)?.as_primitive().clone();
        Ok((filter_record_batch(&batch, &lasting)?, starts, ends))
    }

    /// Ends in the unit of the bounds, rounded up.
    fn ends(&self, batch: &RecordBatch, starts: &Int64Array) -> Result<Int64Array> {
        let gap = match &self.columns.end {
            End::After(gap) => gap,
            End::At(end) => return Ok(times(batch.clone(), end, &self.bounds_type, 0, &self.without_time)?.1),
        };
        let gaps = gap.evaluate(batch)?.into_array(batch.num_rows())?;
        let unit = i128::from(unit_nanos(unit_of(&self.bounds_type)));
        let end = |start: i64, gap: IntervalMonthDayNano| {
            let Some(nanos) = interval_nanos(gap) else {
                return exec_err!("A session's gap must not have months or years.");
            };
            match i64::try_from(i128::from(start) + (i128::from(nanos) + unit - 1).div_euclid(unit)) {
                Ok(end) => Ok(end),
                Err(_) => exec_err!("A session ends too far away to be counted."),
            }
        };
        let gaps = gaps.as_primitive::<IntervalMonthDayNanoType>();
        let rows = starts.values().iter().zip(gaps.iter());
        rows.map(|(start, gap)| gap.map(|gap| end(*start, gap)).transpose()).collect()
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
        let columns = columns(&self.columns.outputs, batch.columns(), starts, ends, &self.bounds_type)?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}
