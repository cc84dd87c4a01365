//! Lengths of time as they are written: intervals, and texts such as Spark's `'10 minutes'`.

use std::time::Duration;

use arrow::datatypes::{DataType, IntervalMonthDayNano, IntervalUnit};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;

use super::Complaint;

pub(super) const NANOS_PER_DAY: i64 = 86_400_000_000_000;

/// Length of a constant in nanoseconds. A day has 24 hours, as windows are aligned in UTC.
pub(crate) fn length_nanos(length: &Expr) -> Result<i64, Complaint> {
    let (literal, sign) = match length {
        Expr::Negative(inner) => (inner.as_ref(), -1),
        other => (other, 1),
    };
    let Expr::Literal(value, _) = literal else { return Err(no_length()) };
    let interval = DataType::Interval(IntervalUnit::MonthDayNano);
    match value.cast_to(&interval) {
        Ok(ScalarValue::IntervalMonthDayNano(Some(interval))) if interval.months != 0 => Err(calendar()),
        Ok(ScalarValue::IntervalMonthDayNano(Some(interval))) => {
            interval_nanos(interval).and_then(|nanos| nanos.checked_mul(sign)).ok_or_else(too_long)
        }
        _ => Err(no_length()),
    }
}

/// A length as plans show it.
pub(super) fn shown(length: &Expr) -> String {
    match length_nanos(length) {
        Ok(nanos) if nanos >= 0 => format!("{:?}", Duration::from_nanos(nanos.unsigned_abs())),
        _ => length.to_string(),
    }
}

/// Nanoseconds of an interval that has no months and is not too long to be counted.
pub(super) fn interval_nanos(interval: IntervalMonthDayNano) -> Option<i64> {
    let days = i64::from(interval.days).checked_mul(NANOS_PER_DAY)?;
    (interval.months == 0).then(|| days.checked_add(interval.nanoseconds)).flatten()
}

fn no_length() -> Complaint {
    Complaint {
        message: "A window's lengths must be constant intervals.".to_owned(),
        hint: "Write INTERVAL '10' MINUTES.".to_owned(),
    }
}

fn too_long() -> Complaint {
    Complaint {
        message: "A window's length is longer than 292 years.".to_owned(),
        hint: "Its nanoseconds cannot be counted: choose a shorter one.".to_owned(),
    }
}

fn calendar() -> Complaint {
    Complaint {
        message: "Months and years are not equally long, so they are no length of a window.".to_owned(),
        hint: "For windows of the calendar, GROUP BY date_trunc('month', ts).".to_owned(),
    }
}
