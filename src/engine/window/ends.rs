//! When the windows of rows end, for whoever keeps rows until then: streams.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr_common::physical_expr::is_volatile;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};

use super::length::interval_nanos;
use super::sessions::End;
use super::time::{Bound, NANOS_PER_MILLI, Output, unit_nanos, unit_of};
use super::{AssignExec, Assigner, SessionExec};

/// For each column of an operator, how many nanoseconds behind its value, at most, the last window ends that the
/// row is in. Nothing for columns that do not tell.
pub(crate) type Ends = Vec<Option<i64>>;

const NANOS_PER_MICRO: i128 = 1_000;

impl AssignExec {
    /// What is given windows.
    pub(crate) fn rows(&self) -> &Arc<dyn ExecutionPlan> {
        &self.input
    }

    /// The event time.
    pub(crate) fn event_time(&self) -> &Arc<dyn PhysicalExpr> {
        &self.time
    }

    /// Whether windows hold a number of rows.
    pub(crate) fn counts_rows(&self) -> bool {
        self.spec.kind.counts_rows()
    }

    /// Whether it copies the states of panes into windows, and not rows.
    pub(crate) fn spreads_panes(&self) -> bool {
        let below = self.input.downcast_ref::<AggregateExec>();
        below.is_some_and(|below| *below.mode() == AggregateMode::PartialReduce)
    }

    /// What the columns of the output tell, where those of the input tell this.
    pub(crate) fn ends(&self, below: &Ends) -> Ends {
        outputs(&self.columns, below, Some(self.spec.longest_nanos()))
    }

    /// The same with only the windows whose ends, in microseconds, are wanted. With `by_start` windows with the
    /// same start are taken for one, which ends with the last of them.
    pub(crate) fn only(&self, by_start: bool, is_wanted: Arc<dyn Fn(i64) -> bool + Send + Sync>) -> Self {
        let unit_nanos = unit_nanos(unit_of(&self.bounds_type));
        let by_start = by_start.then(|| self.spec.longest_nanos());
        let all = self.over(Arc::clone(&self.input), self.spec.clone());
        all.with_wanted(Some(Wanted { is_wanted, unit_nanos, by_start }))
    }

    /// The windows of a moment; nothing if they do not depend on the moment alone.
    pub(crate) fn windows_of_moments(&self) -> Option<WindowsOfMoments> {
        let unit = unit_of(&self.bounds_type);
        Some(WindowsOfMoments {
            assigner: self.spec.assigner(unit)?,
            unit_nanos: unit_nanos(unit),
            behind: self.behind,
            size_nanos: self.spec.longest_nanos(),
        })
    }
}

/// Which windows are given, by their ends in microseconds.
#[derive(Clone)]
pub(super) struct Wanted {
    is_wanted: Arc<dyn Fn(i64) -> bool + Send + Sync>,
    unit_nanos: i64,
    /// Size of the windows, where those with the same start are taken for one.
    by_start: Option<i64>,
}

impl Wanted {
    /// Whether a window is.
    pub(super) fn has(&self, start: i64, end: i64) -> bool {
        (self.is_wanted)(match self.by_start {
            Some(size_nanos) => micros_up(start, self.unit_nanos, size_nanos),
            None => micros_up(end, self.unit_nanos, 0),
        })
    }
}

impl fmt::Debug for Wanted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("some windows")
    }
}

impl SessionExec {
    /// What is put into sessions.
    pub(crate) fn rows(&self) -> &Arc<dyn ExecutionPlan> {
        &self.input
    }

    /// The event time, or the start of a part of a session.
    pub(crate) fn event_time(&self) -> &Arc<dyn PhysicalExpr> {
        &self.columns.time
    }

    /// Whether it merges parts of sessions, and not rows.
    pub(crate) fn merges_parts(&self) -> bool {
        matches!(self.columns.end, End::At(_))
    }

    /// What the columns of the output tell. The start of a session does not say when it ends.
    pub(crate) fn ends(&self, below: &Ends) -> Ends {
        outputs(&self.columns.outputs, below, None)
    }

    /// The gap in nanoseconds, if it is the same for all rows.
    pub(crate) fn gap_nanos(&self) -> Option<i64> {
        let End::After(gap) = &self.columns.end else { return None };
        if !collect_columns(gap).is_empty() || is_volatile(gap) {
            return None;
        }
        let no_rows = RecordBatch::new_empty(Arc::new(Schema::empty()));
        match gap.evaluate(&no_rows).ok()? {
            ColumnarValue::Scalar(ScalarValue::IntervalMonthDayNano(Some(gap))) => interval_nanos(gap),
            _ => None,
        }
    }
}

fn outputs(columns: &[Output], below: &Ends, size_nanos: Option<i64>) -> Ends {
    let tells = |column: &Output| match column {
        Output::Input(place) => below.get(*place).copied().flatten(),
        Output::Bound(Bound::Start) => size_nanos,
        Output::Bound(Bound::End) => Some(0),
        Output::Bound(Bound::Time) => Some(NANOS_PER_MILLI),
    };
    columns.iter().map(tells).collect()
}

/// The windows of moments that are numbers in the unit of their bounds.
#[derive(Debug)]
pub(crate) struct WindowsOfMoments {
    assigner: Box<dyn Assigner>,
    unit_nanos: i64,
    behind: i64,
    size_nanos: i64,
}

impl WindowsOfMoments {
    /// Nanoseconds of the unit that moments are in.
    pub(crate) fn unit_nanos(&self) -> i64 {
        self.unit_nanos
    }

    /// The same for moments of rows, which stand behind nothing.
    pub(crate) fn of_rows(self) -> Self {
        Self { behind: 0, ..self }
    }

    /// Calls `each` with the end, in microseconds, of each window of a moment. With `by_start` windows with
    /// the same start are taken for one, which ends with the last of them.
    pub(crate) fn ends_of(&self, moment: i64, by_start: bool, each: &mut dyn FnMut(i64)) {
        self.assigner.windows_of(moment.saturating_sub(self.behind), &mut |start, end| {
            each(if by_start {
                micros_up(start, self.unit_nanos, self.size_nanos)
            } else {
                micros_up(end, self.unit_nanos, 0)
            });
        });
    }
}

/// A time in a unit, and so many nanoseconds later, in microseconds, rounded up.
pub(crate) fn micros_up(time: i64, unit_nanos: i64, later_nanos: i64) -> i64 {
    let nanos = i128::from(time) * i128::from(unit_nanos) + i128::from(later_nanos);
    let micros = -(-nanos).div_euclid(NANOS_PER_MICRO);
    i64::try_from(micros).unwrap_or(if micros < 0 { i64::MIN } else { i64::MAX })
}

/// Nanoseconds of the unit of a timestamp's type.
pub(crate) fn nanos_of_unit(data_type: &DataType) -> Option<i64> {
    match data_type {
        DataType::Timestamp(unit, _) => Some(unit_nanos(*unit)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_are_rounded_up() {
        for (time, unit, later, micros) in
            [(1, 1_000_000, 0, 1_000), (1, 1, 0, 1), (-1, 1, 0, 0), (-1001, 1, 0, -1), (2, 1_000, 1, 3)]
        {
            assert_eq!(micros_up(time, unit, later), micros, "{time} {unit} {later}");
        }
        assert_eq!(micros_up(i64::MAX, 1_000_000, 0), i64::MAX);
    }
}
