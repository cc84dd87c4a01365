//! Event times as numbers, and the columns that windows add.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, PrimitiveArray, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options, filter_record_batch, is_not_null};
use arrow::datatypes::{
    ArrowTimestampType, DataType, Field, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType,
};
use datafusion::common::{exec_err, internal_err};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::metrics::Count;

/// Names of the columns that the table functions add, as in Flink.
pub(crate) const COLUMN_NAMES: [&str; 3] = ["window_start", "window_end", "window_time"];

/// The counter of rows in no window, for want of an event time.
pub(super) const ROWS_WITHOUT_TIME: &str = "rows_without_time";

/// Flink's event time of a window is its last millisecond.
pub(super) const NANOS_PER_MILLI: i64 = 1_000_000;

/// A column that a window adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Bound {
    Start,
    End,
    /// The last millisecond, which can be the event time of further windows.
    Time,
}

pub(super) const BOUNDS: [Bound; 3] = [Bound::Start, Bound::End, Bound::Time];

/// A column of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// A column of the input.
    Input(usize),
    /// A bound of the window.
    Bound(Bound),
}

/// Whether a column of this type can be an event time.
pub(crate) fn is_time(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(..))
}

/// Nanoseconds of a unit.
pub(super) fn unit_nanos(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => NANOS_PER_MILLI,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

/// The coarsest unit from milliseconds on in which times of unit `of_time` and these lengths in
/// nanoseconds are whole numbers.
pub(super) fn common_unit(of_time: TimeUnit, lengths_nanos: &[i64]) -> TimeUnit {
    let fits = |unit: &TimeUnit| {
        let nanos = unit_nanos(*unit);
        nanos <= unit_nanos(of_time) && lengths_nanos.iter().all(|length| length % nanos == 0)
    };
    [TimeUnit::Millisecond, TimeUnit::Microsecond].into_iter().find(fits).unwrap_or(TimeUnit::Nanosecond)
}

/// Unit of a timestamp's type. Numbers of rows have none, and are as they are.
pub(super) fn unit_of(data_type: &DataType) -> TimeUnit {
    match data_type {
        DataType::Timestamp(unit, _) => *unit,
        _ => TimeUnit::Nanosecond,
    }
}

/// The same type of timestamp in another unit.
pub(super) fn in_unit(data_type: &DataType, unit: TimeUnit) -> DataType {
    match data_type {
        DataType::Timestamp(_, zone) => DataType::Timestamp(unit, zone.clone()),
        other => other.clone(),
    }
}

/// The fields of a window's columns. They are never NULL.
pub(super) fn bound_fields(names: &[String; 3], data_type: &DataType) -> [Field; 3] {
    names.clone().map(|name| Field::new(name, data_type.clone(), false))
}

/// The rows of a batch that have an event time, and those times as numbers in the unit of `wanted`.
pub(super) fn times(
    batch: RecordBatch,
    time: &Arc<dyn PhysicalExpr>,
    wanted: &DataType,
    reach_nanos: i64,
    without_time: &Count,
) -> Result<(RecordBatch, Int64Array)> {
    let mut batch = batch;
    let mut times = time.evaluate(&batch)?.into_array(batch.num_rows())?;
    if times.null_count() > 0 {
        without_time.add(times.null_count());
        let present = is_not_null(&times)?;
        batch = filter_record_batch(&batch, &present)?;
        times = arrow::compute::filter(&times, &present)?;
    }
    let exact = CastOptions { safe: false, ..CastOptions::default() };
    let times = cast_with_options(&times, wanted, &exact)?;
    let times = cast_with_options(&times, &DataType::Int64, &exact)?;
    let Some(times) = times.as_any().downcast_ref::<Int64Array>() else {
        return internal_err!("an event time that is no number");
    };
    // Twice, so that sums in between fit as well.
    let reach = (reach_nanos / unit_nanos(unit_of(wanted))).saturating_add(1).saturating_mul(2);
    let least = arrow::compute::min(times).unwrap_or(0);
    let most = arrow::compute::max(times).unwrap_or(0);
    if least.checked_sub(reach).is_none() || most.checked_add(reach).is_none() {
        return exec_err!("An event time is so far away that its window cannot be counted.");
    }
    Ok((batch, times.clone()))
}

/// The columns of an output, from those of the input and from starts and ends.
pub(super) fn columns(
    outputs: &[Output],
    input: &[ArrayRef],
    starts: &[i64],
    ends: &[i64],
    bounds_type: &DataType,
) -> Result<Vec<ArrayRef>> {
    let column = |output: &Output| match output {
        Output::Input(place) => Ok(Arc::clone(&input[*place])),
        Output::Bound(bound) => bound_column(*bound, starts, ends, bounds_type),
    };
    outputs.iter().map(column).collect()
}

/// One of the columns that a window adds, from starts and ends in the unit of `data_type`.
fn bound_column(bound: Bound, starts: &[i64], ends: &[i64], data_type: &DataType) -> Result<ArrayRef> {
    // The last millisecond, or the last row.
    let last = if is_time(data_type) { NANOS_PER_MILLI / unit_nanos(unit_of(data_type)) } else { 1 };
    let values: Vec<i64> = match bound {
        Bound::Start => starts.to_vec(),
        Bound::End => ends.to_vec(),
        Bound::Time => ends.iter().map(|end| end - last).collect(),
    };
    let (unit, zone) = match data_type {
        DataType::Timestamp(unit, zone) => (unit, zone),
        DataType::Int64 => return Ok(Arc::new(Int64Array::from(values))),
        _ => return internal_err!("a window's bound that is no timestamp"),
    };
    Ok(match unit {
        TimeUnit::Millisecond => timestamps::<TimestampMillisecondType>(values, zone.clone()),
        TimeUnit::Microsecond => timestamps::<TimestampMicrosecondType>(values, zone.clone()),
        TimeUnit::Second | TimeUnit::Nanosecond => {
            timestamps::<TimestampNanosecondType>(values, zone.clone())
        }
    })
}

fn timestamps<T: ArrowTimestampType>(values: Vec<i64>, zone: Option<Arc<str>>) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::from_iter_values(values).with_timezone_opt(zone))
}
