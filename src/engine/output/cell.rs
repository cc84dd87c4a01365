//! One Arrow value as the page gets it.

use std::borrow::Cow;
use std::fmt::Write;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{self as types, DataType, TimeUnit};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use millrace_protocol::Cell;

/// A value, borrowed from its array where it is text there.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Number(f64),
    Text(Cow<'a, str>),
}

/// The value of a row as a cell.
///
/// - 64-bit integers become [`Cell::Int`]; unsigned ones that do not fit become text.
/// - Smaller integers and floating point numbers become [`Cell::Number`]; those that JSON has no
///   number for become the text `NaN`, `Infinity` or `-Infinity`.
/// - Timestamps of any unit and zone become ISO 8601 in UTC with three digits of a second, as
///   JavaScript's `toISOString` writes them; six or nine when the value is finer than that.
/// - Dates become `2026-01-02`, decimals text with all their digits, structs, lists and maps JSON, everything
///   else the text that Arrow prints.
pub fn cell(array: &dyn Array, row: usize) -> Cell {
    match value(array, row) {
        Value::Null => Cell::Null,
        Value::Bool(value) => Cell::Bool(value),
        Value::Int(value) => Cell::Int(value),
        Value::Number(value) => match number_name(value) {
            Some(name) => Cell::Text(name.to_owned()),
            None => Cell::Number(value),
        },
        Value::Text(text) => Cell::Text(text.into_owned()),
    }
}

/// The value of a row; numbers that are not finite are still numbers here.
pub(super) fn value(array: &dyn Array, row: usize) -> Value<'_> {
    if row >= array.len() || array.is_null(row) {
        return Value::Null;
    }
    macro_rules! small {
        ($type:ty) => {
            Value::Number(f64::from(array.as_primitive::<$type>().value(row)))
        };
    }
    match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Int8 => small!(types::Int8Type),
        DataType::Int16 => small!(types::Int16Type),
        DataType::Int32 => small!(types::Int32Type),
        DataType::UInt8 => small!(types::UInt8Type),
        DataType::UInt16 => small!(types::UInt16Type),
        DataType::UInt32 => small!(types::UInt32Type),
        DataType::Float32 => small!(types::Float32Type),
        DataType::Float64 => small!(types::Float64Type),
        DataType::Int64 => Value::Int(array.as_primitive::<types::Int64Type>().value(row)),
        DataType::UInt64 => {
            let value = array.as_primitive::<types::UInt64Type>().value(row);
            i64::try_from(value).map_or_else(|_| Value::Text(value.to_string().into()), Value::Int)
        }
        DataType::Utf8 => Value::Text(array.as_string::<i32>().value(row).into()),
        DataType::LargeUtf8 => Value::Text(array.as_string::<i64>().value(row).into()),
        DataType::Utf8View => Value::Text(array.as_string_view().value(row).into()),
        DataType::Timestamp(unit, _) => {
            let count = timestamp(array, *unit, row);
            let per_second = units_per_second(*unit);
            let nanos = count.rem_euclid(per_second) * (1_000_000_000 / per_second);
            Value::Text(timestamp_text(count.div_euclid(per_second), nanos).into())
        }
        DataType::Date32 => {
            Value::Text(date_text(array.as_primitive::<types::Date32Type>().value(row).into()).into())
        }
        DataType::Date64 => {
            let millis = array.as_primitive::<types::Date64Type>().value(row);
            Value::Text(date_text(millis.div_euclid(MILLIS_PER_DAY)).into())
        }
        DataType::Decimal128(..) => {
            Value::Text(array.as_primitive::<types::Decimal128Type>().value_as_string(row).into())
        }
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            value(dictionary.values(), key(dictionary.keys(), row))
        }
        _ => Value::Text(super::nested::json(array, row).unwrap_or_else(|| printed(array, row)).into()),
    }
}

/// The value as a number for a chart, an instant as milliseconds since 1970-01-01 UTC; `None` for
/// nulls and for what is neither.
pub(super) fn number(array: &dyn Array, row: usize) -> Option<f64> {
    match array.data_type() {
        DataType::Timestamp(unit, _) if array.is_valid(row) => {
            Some(timestamp(array, *unit, row) as f64 * 1e3 / units_per_second(*unit) as f64)
        }
        DataType::Date32 if array.is_valid(row) => {
            let days: i64 = array.as_primitive::<types::Date32Type>().value(row).into();
            Some((days * MILLIS_PER_DAY) as f64)
        }
        DataType::Date64 if array.is_valid(row) => {
            Some(array.as_primitive::<types::Date64Type>().value(row) as f64)
        }
        DataType::Dictionary(..) if array.is_valid(row) => {
            let dictionary = array.as_any_dictionary();
            number(dictionary.values(), key(dictionary.keys(), row))
        }
        data_type => match value(array, row) {
            Value::Int(value) => Some(value as f64),
            Value::Number(value) => Some(value),
            Value::Text(text) if data_type.is_numeric() => text.parse().ok(),
            _ => None,
        },
    }
}

/// The name of a number that is not finite.
pub(super) fn number_name(value: f64) -> Option<&'static str> {
    if value.is_finite() {
        None
    } else if value.is_nan() {
        Some("NaN")
    } else if value > 0.0 {
        Some("Infinity")
    } else {
        Some("-Infinity")
    }
}

const MILLIS_PER_DAY: i64 = 86_400_000;
const SECONDS_PER_DAY: i64 = 86_400;

fn units_per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

fn timestamp(array: &dyn Array, unit: TimeUnit, row: usize) -> i64 {
    match unit {
        TimeUnit::Second => array.as_primitive::<types::TimestampSecondType>().value(row),
        TimeUnit::Millisecond => array.as_primitive::<types::TimestampMillisecondType>().value(row),
        TimeUnit::Microsecond => array.as_primitive::<types::TimestampMicrosecondType>().value(row),
        TimeUnit::Nanosecond => array.as_primitive::<types::TimestampNanosecondType>().value(row),
    }
}

fn timestamp_text(seconds: i64, nanos: i64) -> String {
    let mut text = date_text(seconds.div_euclid(SECONDS_PER_DAY));
    let second = seconds.rem_euclid(SECONDS_PER_DAY);
    let (fraction, digits) = match nanos {
        _ if nanos % 1_000_000 == 0 => (nanos / 1_000_000, 3),
        _ if nanos % 1_000 == 0 => (nanos / 1_000, 6),
        _ => (nanos, 9),
    };
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    // Writing to a string cannot fail.
    let _ = write!(text, "T{hour:02}:{minute:02}:{second:02}.{fraction:0digits$}Z");
    text
}

/// A day counted from 1970-01-01 in the proleptic Gregorian calendar; years outside 0 to 9999 with
/// sign and six digits, as JavaScript writes them. After `civil_from_days` of Howard Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms".
fn date_text(days: i64) -> String {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Years begin in March here, so that the leap day is their last one.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if (0..=9999).contains(&year) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:+07}-{month:02}-{day:02}")
    }
}

/// The key of a dictionary at a row that is not null.
fn key(keys: &dyn Array, row: usize) -> usize {
    match value(keys, row) {
        Value::Int(key) => key as usize,
        Value::Number(key) => key as usize,
        _ => usize::MAX,
    }
}

fn printed(array: &dyn Array, row: usize) -> String {
    let options = FormatOptions::default().with_null("NULL").with_display_error(true);
    match ArrayFormatter::try_new(array, &options) {
        Ok(formatter) => formatter.value(row).to_string(),
        Err(error) => format!("ERROR: {error}"),
    }
}
