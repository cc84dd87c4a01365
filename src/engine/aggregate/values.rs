//! Values of any type as bytes that compare as the values do, and lists of values as answers.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field};
use arrow::row::{RowConverter, Rows, SortField};
use datafusion::error::Result;

use super::arguments::wrong;

/// Makes bytes of values, by Arrow's row format, and values of bytes.
#[derive(Debug)]
pub(super) struct Values(RowConverter);

impl Values {
    /// For columns of these types together.
    ///
    /// # Errors
    /// When [`check_comparable`] fails.
    pub(super) fn new(types: impl IntoIterator<Item = DataType>) -> Result<Self> {
        Ok(Self(RowConverter::new(types.into_iter().map(SortField::new).collect())?))
    }

    /// The bytes of each row.
    ///
    /// # Errors
    /// When a column is not of the type that was promised.
    pub(super) fn read(&self, columns: &[ArrayRef]) -> Result<Rows> {
        Ok(self.0.convert_columns(columns)?)
    }

    /// The values of the first column.
    ///
    /// # Errors
    /// When bytes are no such values.
    pub(super) fn array<'a>(&self, values: impl IntoIterator<Item = &'a [u8]>) -> Result<ArrayRef> {
        let parser = self.0.parser();
        let mut columns = self.0.convert_rows(values.into_iter().map(|value| parser.parse(value)))?;
        Ok(columns.swap_remove(0))
    }
}

/// The type of [`Values::array`], which does not keep dictionaries.
pub(super) fn plain(value_type: &DataType) -> DataType {
    match value_type {
        DataType::Dictionary(_, values) => plain(values),
        other => other.clone(),
    }
}

/// # Errors
/// When values of one of the types cannot be told apart.
pub(super) fn check_comparable(name: &str, types: &[DataType]) -> Result<()> {
    let fails =
        |data_type: &&DataType| !RowConverter::supports_fields(&[SortField::new((*data_type).clone())]);
    types.iter().find(fails).map_or(Ok(()), |data_type| {
        let sql_type = crate::output::column_type_name(data_type);
        Err(wrong(format!("{name} cannot compare values of type {sql_type}.")))
    })
}

/// A list for each length: the next so many items, or NULL.
///
/// # Errors
/// When the lengths are not those of the items together.
pub(super) fn lists(items: ArrayRef, lengths: &[Option<usize>]) -> Result<ArrayRef> {
    let field = Arc::new(Field::new_list_field(items.data_type().clone(), true));
    let offsets = OffsetBuffer::<i32>::from_lengths(lengths.iter().map(|length| length.unwrap_or(0)));
    let nulls: NullBuffer = lengths.iter().map(Option::is_some).collect();
    Ok(Arc::new(ListArray::try_new(field, offsets, items, Some(nulls))?))
}
