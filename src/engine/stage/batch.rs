//! What batches weigh, and how they are kept from weighing more than they have to.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::DataType;

/// Bytes that the rows of a batch take. Operators emit slices of larger batches, whose whole buffers
/// must not be counted for each slice.
pub(crate) fn batch_bytes(batch: &RecordBatch) -> usize {
    let column_bytes = |column: &ArrayRef| match column.as_string_view_opt() {
        Some(text) => text.len() * size_of::<u128>() + text.total_buffer_bytes_used(),
        None => column.to_data().get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size()),
    };
    batch.columns().iter().map(column_bytes).sum()
}

/// Text columns are views into shared buffers: a filtered or routed batch would keep the text of all
/// rows alive, so batches that use little of their buffers get buffers of their own.
pub(crate) fn drop_unused_text(batch: RecordBatch) -> RecordBatch {
    let views = |column: &dyn Array| *column.data_type() == DataType::Utf8View;
    if !batch.columns().iter().any(|column| views(column)) {
        return batch;
    }
    let columns = batch
        .columns()
        .iter()
        .map(|column| match column.as_string_view_opt() {
            Some(text) if text.get_buffer_memory_size() > 2 * text.total_buffer_bytes_used() + (64 << 10) => {
                std::sync::Arc::new(text.gc()) as _
            }
            _ => std::sync::Arc::clone(column),
        })
        .collect();
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(batch.schema(), columns, &options).unwrap_or(batch)
}
