//! Types of the columns of a sheet.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, StringViewArray, TimestampMillisecondArray,
};
use arrow::util::display::array_value_to_string;

use super::cell::Value;

const MILLIS_PER_DAY: i64 = 86_400_000;
/// Whole numbers up to here are exact as the floating point numbers that all numbers of sheets are.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The column of these cells: numbers, whole or not, dates, times, or flags; text when they are of several kinds.
pub(super) fn column(values: Vec<Option<Value>>) -> ArrayRef {
    let all = |is: fn(&Value) -> bool| values.iter().flatten().all(is);
    if values.iter().all(Option::is_none) {
        return texts(&values);
    }
    if all(|value| matches!(value, Value::Number(number) if number.fract() == 0.0 && number.abs() <= EXACT)) {
        let number = |value: &Option<Value>| match value {
            Some(Value::Number(number)) => Some(*number as i64),
            _ => None,
        };
        return Arc::new(values.iter().map(number).collect::<Int64Array>());
    }
    if all(|value| matches!(value, Value::Number(_))) {
        let number = |value: &Option<Value>| match value {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        };
        return Arc::new(values.iter().map(number).collect::<Float64Array>());
    }
    if all(|value| matches!(value, Value::Flag(_))) {
        let flag = |value: &Option<Value>| match value {
            Some(Value::Flag(flag)) => Some(*flag),
            _ => None,
        };
        return Arc::new(values.iter().map(flag).collect::<BooleanArray>());
    }
    if all(|value| matches!(value, Value::Moment(_))) {
        let millis = |value: &Option<Value>| match value {
            Some(Value::Moment(millis)) => Some(*millis),
            _ => None,
        };
        if all(|value| matches!(value, Value::Moment(millis) if millis % MILLIS_PER_DAY == 0)) {
            let day = |value| millis(value).and_then(|millis| i32::try_from(millis / MILLIS_PER_DAY).ok());
            return Arc::new(values.iter().map(day).collect::<Date32Array>());
        }
        return Arc::new(values.iter().map(millis).collect::<TimestampMillisecondArray>());
    }
    texts(&values)
}

fn texts(values: &[Option<Value>]) -> ArrayRef {
    let text = |value: &Option<Value>| {
        Some(match value.as_ref()? {
            Value::Text(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Moment(millis) => moment_text(*millis),
            Value::Span(millis) => span_text(*millis),
        })
    };
    Arc::new(values.iter().map(text).collect::<StringViewArray>())
}

/// A date, with its time unless that is midnight.
fn moment_text(millis: i64) -> String {
    let text = array_value_to_string(&TimestampMillisecondArray::from(vec![millis]), 0).unwrap_or_default();
    text.strip_suffix("T00:00:00").map_or(text.clone(), str::to_owned)
}

/// Hours, minutes and seconds.
fn span_text(millis: i64) -> String {
    let (sign, millis) = if millis < 0 { ("-", -millis) } else { ("", millis) };
    let (hours, minutes, seconds) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1000 % 60);
    match millis % 1000 {
        0 => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
        rest => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"),
    }
}
