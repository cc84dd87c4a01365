//! Event times of rows, and the rows that come too late for all of their windows.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, Int64Array, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options, filter_record_batch, not};
use arrow::datatypes::{DataType, Int64Type, TimeUnit};
use datafusion::error::Result;

use super::plan::Late;
use crate::output::ResultSet;
use crate::stage::drop_unused_text;

/// The rows that came too late: the first of them, and how many they all are.
#[derive(Debug)]
pub(super) struct LateRows {
    most: usize,
    pub(super) count: u64,
    /// By the number of the stream.
    pub(super) kept: BTreeMap<usize, Vec<RecordBatch>>,
}

impl LateRows {
    /// Keeps so many rows of all streams together.
    pub(super) fn new(most: usize) -> Self {
        Self { most, count: 0, kept: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, table: usize, rows: RecordBatch) {
        self.count += rows.num_rows() as u64;
        let held: usize = self.kept.values().flatten().map(RecordBatch::num_rows).sum();
        let rows = rows.slice(0, rows.num_rows().min(self.most.saturating_sub(held)));
        if rows.num_rows() > 0 {
            self.kept.entry(table).or_default().push(drop_unused_text(rows));
        }
    }

    /// The rows that are kept of a stream.
    pub(super) fn rows(&self, table: usize, schema: &arrow::datatypes::SchemaRef) -> ResultSet {
        ResultSet::new(Arc::clone(schema), self.kept.get(&table).cloned().unwrap_or_default())
    }
}

/// Event times in microseconds, rounded down; NULL where there is none.
pub(super) fn event_times(batch: &RecordBatch, column: usize) -> Result<Int64Array> {
    let times = batch.column(column);
    let zone = match times.data_type() {
        DataType::Timestamp(_, zone) => zone.clone(),
        _ => None,
    };
    let safe = CastOptions::default();
    let nanos = matches!(times.data_type(), DataType::Timestamp(TimeUnit::Nanosecond, _));
    let numbers = if nanos {
        // Casting cuts towards zero.
        let nanos = cast_with_options(times, &DataType::Int64, &safe)?;
        let micros: Int64Array = nanos.as_primitive::<Int64Type>().unary(|nanos| nanos.div_euclid(1000));
        return Ok(micros);
    } else {
        let micros = cast_with_options(times, &DataType::Timestamp(TimeUnit::Microsecond, zone), &safe)?;
        cast_with_options(&micros, &DataType::Int64, &safe)?
    };
    Ok(numbers.as_primitive::<Int64Type>().clone())
}

/// Parts the rows of a batch: those that are in time, and those that are late for every use of their stream,
/// when windows up to `closed` have closed.
pub(super) fn part(
    batch: RecordBatch,
    times: &Int64Array,
    uses: &[&Late],
    closed: i64,
) -> Result<(RecordBatch, Option<RecordBatch>)> {
    let is_late = |time: i64| {
        // A window ends behind the rows that it holds.
        time < closed && uses.iter().all(|late| late.last_end(time) <= closed)
    };
    if uses.is_empty() || !times.iter().flatten().any(is_late) {
        return Ok((batch, None));
    }
    let late: BooleanArray = times.iter().map(|time| Some(time.is_some_and(is_late))).collect();
    Ok((filter_record_batch(&batch, &not(&late)?)?, Some(filter_record_batch(&batch, &late)?)))
}
