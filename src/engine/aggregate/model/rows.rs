//! The arguments of a model as columns of numbers.

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use datafusion::error::Result;

use crate::aggregate::arguments::wrong;
use crate::output::column_type_name;

/// Columns of numbers. A row with a NULL in one of them takes no part.
pub(super) struct Numbers(Vec<Float64Array>);

impl Numbers {
    /// # Errors
    /// When a column is not of the type that was promised.
    pub(super) fn read<'a>(columns: impl IntoIterator<Item = &'a ArrayRef>) -> Result<Self> {
        let number =
            |column: &ArrayRef| Ok(cast(column, &DataType::Float64)?.as_primitive::<Float64Type>().clone());
        Ok(Self(columns.into_iter().map(number).collect::<Result<_>>()?))
    }

    /// Puts the row's numbers at the end of `out`, or says that it has a NULL.
    pub(super) fn push(&self, row: usize, out: &mut Vec<f64>) -> bool {
        for column in &self.0 {
            if column.is_null(row) {
                return false;
            }
            out.push(column.value(row));
        }
        true
    }
}

/// # Errors
/// When one of the arguments is no number; the message is for a person.
pub(super) fn check_numbers(name: &str, types: &[DataType]) -> Result<()> {
    let fails = |given: &&DataType| !(given.is_numeric() || **given == DataType::Null);
    types.iter().find(fails).map_or(Ok(()), |given| {
        Err(wrong(format!("{name} takes numbers, not values of type {}.", column_type_name(given))))
    })
}
