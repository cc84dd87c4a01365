//! Cells of a sheet.

use calamine::{Data, DataRef, ExcelDateTime, Range};

use crate::format::FormatError;
use crate::format::value::{Date, Millis, Parse};

/// A value of a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Text(String),
    Flag(bool),
    /// Milliseconds since 1970-01-01, as the clock on the wall says.
    Moment(i64),
    /// A time of day or a span of time, in milliseconds.
    Span(i64),
}

/// Cells that are not empty, with row and column, row by row.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells(pub(super) Vec<(u32, u32, Value)>);

impl Cells {
    /// Adds a cell, unless it is empty; `left` counts how many more there may be.
    ///
    /// # Errors
    /// When there may be none.
    pub(super) fn push(
        &mut self,
        (row, column): (u32, u32),
        value: Option<Value>,
        left: &mut usize,
    ) -> Result<(), FormatError> {
        let Some(value) = value else { return Ok(()) };
        *left = left.checked_sub(1).ok_or_else(|| FormatError {
            message: "the workbook has more cells than fit into memory".to_owned(),
            hint: Some("Save its sheets as CSV.".to_owned()),
        })?;
        self.0.push((row, column, value));
        Ok(())
    }

    /// The cells of a rectangle.
    ///
    /// # Errors
    /// When there are too many.
    pub(super) fn of_range(range: &Range<Data>, left: &mut usize) -> Result<Self, FormatError> {
        let mut cells = Self::default();
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let place = (first_row + row as u32, first_column + column as u32);
            cells.push(place, from_data(value), left)?;
        }
        Ok(cells)
    }
}

/// The value of a cell that borrows from its workbook.
pub(super) fn from_ref(value: &DataRef<'_>) -> Option<Value> {
    match value {
        DataRef::Int(value) => Some(Value::Number(*value as f64)),
        DataRef::Float(value) => Some(Value::Number(*value)),
        DataRef::String(text) => text_value(text),
        DataRef::SharedString(text) => text_value(text),
        DataRef::Bool(value) => Some(Value::Flag(*value)),
        DataRef::DateTime(value) => Some(moment(value)),
        DataRef::DateTimeIso(text) => Some(iso(text)),
        DataRef::DurationIso(text) => text_value(text),
        // `#N/A` and its like are no values.
        DataRef::Error(_) | DataRef::Empty => None,
    }
}

/// The same of a cell of its own.
fn from_data(value: &Data) -> Option<Value> {
    match value {
        Data::Int(value) => Some(Value::Number(*value as f64)),
        Data::Float(value) => Some(Value::Number(*value)),
        Data::String(text) => text_value(text),
        Data::Bool(value) => Some(Value::Flag(*value)),
        Data::DateTime(value) => Some(moment(value)),
        Data::DateTimeIso(text) => Some(iso(text)),
        Data::DurationIso(text) => text_value(text),
        Data::Error(_) | Data::Empty => None,
    }
}

fn text_value(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| Value::Text(text.to_owned()))
}

const MILLIS_PER_DAY: i64 = 86_400_000;

fn moment(value: &ExcelDateTime) -> Value {
    let serial = value.as_f64();
    if value.is_duration() || (0.0..1.0).contains(&serial) {
        return Value::Span((serial * MILLIS_PER_DAY as f64).round() as i64);
    }
    // The library knows both epochs, and that of 1900 has a day that never was.
    let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
    let days = days_from_civil(year.into(), month.into(), day.into());
    let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
    Value::Moment(days * MILLIS_PER_DAY + seconds * 1000 + i64::from(milli))
}

fn iso(text: &str) -> Value {
    if let Some(days) = Date.exact(text.as_bytes()) {
        return Value::Moment(i64::from(days) * MILLIS_PER_DAY);
    }
    match Millis::default().exact(text.as_bytes()) {
        Some(millis) => Value::Moment(millis),
        None => Value::Text(text.to_owned()),
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar; after `days_from_civil` of Howard Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms".
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}
