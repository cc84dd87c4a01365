//! Batches of decoded columns.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use super::FormatError;

/// Columns of so many rows, which is all that a batch without columns has.
///
/// # Errors
/// When the columns are not those of the schema: a mistake of ours.
pub(super) fn batch(
    schema: &SchemaRef,
    columns: Vec<ArrayRef>,
    rows: usize,
) -> Result<RecordBatch, FormatError> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(internal)
}

/// A mistake of ours in putting columns together.
pub(super) fn internal(error: ArrowError) -> FormatError {
    FormatError { message: format!("the columns do not fit together: {error}"), hint: None }
}
