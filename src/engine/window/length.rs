//! Lengths of time as they are written: intervals, and texts such as Spark's `'10 minutes'`.

use std::time::Duration;

use arrow::datatypes::{DataType, IntervalMonthDayNano, IntervalUnit};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;

use super::Complaint;

pub(super) const NANOS_PER_DAY: i64 = 86_400_000_000_000;

/// A length of time, or of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// So many nanoseconds. A day has 24 hours, if it is not counted by a calendar.
    Nanos(i64),
    /// So many months, of which a year has 12.
    Months(i64),
}

impl Length {
    /// Nanoseconds, if it is a length of time.
    pub(super) fn nanos(self) -> Option<i64> {
        match self {
            Self::Nanos(nanos) => Some(nanos),
            Self::Months(_) => None,
        }
    }
}

/// Length of a constant in nanoseconds. A day has 24 hours, as windows are aligned in UTC.
pub(crate) fn length_nanos(length: &Expr) -> Result<i64, Complaint> {
    length_of(length)?.nanos().ok_or_else(no_calendar)
}

/// Length of a constant.
pub(crate) fn length_of(length: &Expr) -> Result<Length, Complaint> {
    let (literal, sign) = match length {
        Expr::Negative(inner) => (inner.as_ref(), -1),
        other => (other, 1),
    };
    let Expr::Literal(value, _) = literal else { return Err(no_length()) };
    let interval = DataType::Interval(IntervalUnit::MonthDayNano);
    match value.cast_to(&interval) {
        Ok(ScalarValue::IntervalMonthDayNano(Some(interval))) if interval.months != 0 => {
            let whole = interval.days == 0 && interval.nanoseconds == 0;
            whole.then_some(Length::Months(i64::from(interval.months) * sign)).ok_or_else(months_and_days)
        }
        Ok(ScalarValue::IntervalMonthDayNano(Some(interval))) => {
            let nanos = interval_nanos(interval).and_then(|nanos| nanos.checked_mul(sign));
            nanos.map(Length::Nanos).ok_or_else(too_long)
        }
        _ => Err(no_length()),
    }
}

/// A constant number of rows.
pub(crate) fn row_count(count: &Expr) -> Result<i64, Complaint> {
    let (literal, sign) = match count {
        Expr::Negative(inner) => (inner.as_ref(), -1),
        other => (other, 1),
    };
    let number = match literal {
        Expr::Literal(value, _) if value.data_type().is_integer() => value.cast_to(&DataType::Int64).ok(),
        _ => None,
    };
    match number {
        Some(ScalarValue::Int64(Some(rows))) => Ok(rows.saturating_mul(sign)),
        _ => Err(Complaint {
            message: "A window of rows is as long as a constant whole number of them.".to_owned(),
            hint: "Write 100 for a hundred rows.".to_owned(),
        }),
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

fn months_and_days() -> Complaint {
    Complaint {
        message: "A window's length is either months or days and times, not both.".to_owned(),
        hint: "Write INTERVAL '1' MONTH or INTERVAL '30' DAYS.".to_owned(),
    }
}

/// What is wrong with months where windows are of no calendar.
pub(super) fn no_calendar() -> Complaint {
    Complaint {
        message: "Months and years are not equally long, so they are no length here.".to_owned(),
        hint: "TUMBLE, HOP and CUMULATE have windows of the calendar, as in TUMBLE(TABLE t, DESCRIPTOR(ts), \
               INTERVAL '1' MONTH)."
            .to_owned(),
    }
}
