//! Columns on a number line: numbers themselves, and dates and timestamps as what they count.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use datafusion::error::Result;

use super::arguments::wrong;

/// How a type lies on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Numbers with a fraction, as DOUBLE.
    Fractions,
    /// Whole numbers, as BIGINT.
    Whole,
    /// Days.
    Days,
    /// Instants.
    Instants(TimeUnit),
}

impl Line {
    /// # Errors
    /// When the type does not lie on a line; the message is for a person.
    pub(super) fn of(name: &str, value_type: &DataType) -> Result<Self> {
        Ok(match value_type {
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => Self::Whole,
            DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => Self::Whole,
            DataType::Date32 => Self::Days,
            DataType::Timestamp(unit, _) => Self::Instants(*unit),
            DataType::Null => Self::Fractions,
            other if other.is_numeric() => Self::Fractions,
            other => {
                let sql_type = crate::output::column_type_name(other);
                return Err(wrong(format!(
                    "{name} takes numbers, dates and timestamps, not values of type {sql_type}."
                )));
            }
        })
    }
}

/// The column as DOUBLE. Instants finer than 2^53 of their unit are rounded.
///
/// # Errors
/// When the column has no [`Line`].
pub(super) fn fractions(column: &ArrayRef) -> Result<Float64Array> {
    let column = match column.data_type() {
        DataType::Date32 | DataType::Timestamp(..) => Arc::new(whole(column)?),
        _ => Arc::clone(column),
    };
    Ok(cast(&column, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
}

/// The column as BIGINT.
///
/// # Errors
/// When the column has no [`Line`] of whole numbers.
pub(super) fn whole(column: &ArrayRef) -> Result<Int64Array> {
    let column = match column.data_type() {
        DataType::Date32 => cast(column, &DataType::Int32)?,
        _ => Arc::clone(column),
    };
    Ok(cast(&column, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
}

/// What [`whole`] was made of, again. What its type has no room for is NULL.
///
/// # Errors
/// When the type has no [`Line`] of whole numbers.
pub(super) fn from_whole(numbers: Int64Array, value_type: &DataType) -> Result<ArrayRef> {
    let numbers: ArrayRef = Arc::new(numbers);
    let numbers = match value_type {
        DataType::Date32 => cast(&numbers, &DataType::Int32)?,
        _ => numbers,
    };
    Ok(cast(&numbers, value_type)?)
}
