//! Batches as bytes: Arrow's IPC stream, uncompressed, one stream for each block.

use std::io::Cursor;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, UInt64Array, make_array};
use arrow::compute::take;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;

/// Appends batches of one schema to `bytes`.
///
/// # Errors
/// When a batch is of another schema than the first, or of a type that the format does not know.
pub(crate) fn encode(batches: &[RecordBatch], bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
    let Some(first) = batches.first() else { return Ok(()) };
    let mut writer = StreamWriter::try_new(bytes, first.schema_ref())?;
    batches.iter().try_for_each(|batch| writer.write(batch))?;
    writer.finish()
}

/// The batches that [`encode`] wrote.
///
/// # Errors
/// When the bytes are not what it wrote.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<RecordBatch>, ArrowError> {
    StreamReader::try_new(Cursor::new(bytes), None)?.collect()
}

/// The batch with text of its own. Text is views into buffers that many batches share, and all of a buffer
/// would be written with each of them.
pub(crate) fn unshare(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().map(unshared).collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(batch.schema(), columns, &options)
}

fn unshared(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    Ok(match array.data_type() {
        DataType::Utf8View => Arc::new(array.as_string_view().gc()),
        DataType::BinaryView => Arc::new(array.as_binary_view().gc()),
        _ => {
            if array.to_data().child_data().is_empty() {
                return Ok(Arc::clone(array));
            }
            // A slice of lists holds the items of all lists; a copy holds its own.
            let all = UInt64Array::from_iter_values(0..array.len() as u64);
            let data = take(array, &all, None)?.to_data();
            let children = data.child_data().iter();
            let children = children.map(|child| Ok(unshared(&make_array(child.clone()))?.to_data()));
            let children = children.collect::<Result<Vec<_>, ArrowError>>()?;
            make_array(data.into_builder().child_data(children).build()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, ListBuilder, StringViewArray, StringViewBuilder};
    use arrow::datatypes::Schema;

    use super::*;

    fn batch(rows: usize) -> RecordBatch {
        let text = |row: usize| (row % 7 != 1).then(|| format!("a text that is not kept in the view {row}"));
        let mut lists = ListBuilder::new(StringViewBuilder::new());
        for row in 0..rows {
            (0..row % 3).for_each(|item| lists.values().append_option(text(row + item)));
            lists.append(row % 5 > 0);
        }
        RecordBatch::try_from_iter([
            ("number", Arc::new(Int64Array::from_iter((0..rows).map(|row| row as i64))) as ArrayRef),
            ("text", Arc::new(StringViewArray::from_iter((0..rows).map(text)))),
            ("list", Arc::new(lists.finish())),
        ])
        .expect("columns of one length")
    }

    #[test]
    fn batches_come_back() {
        let whole = batch(1000);
        let parts = [whole.slice(0, 10), whole.slice(900, 100), whole.slice(3, 0)];
        let parts = parts.map(|part| unshare(&part).expect("arrays like the first"));
        let mut bytes = Vec::new();
        encode(&parts, &mut bytes).expect("one schema");
        assert_eq!(decode(&bytes).expect("what was written"), parts);
        let mut whole_bytes = Vec::new();
        encode(&[unshare(&whole).expect("arrays")], &mut whole_bytes).expect("one schema");
        assert!(bytes.len() < whole_bytes.len() / 4, "{} of {}", bytes.len(), whole_bytes.len());
    }

    #[test]
    fn rows_without_columns_come_back() {
        let options = RecordBatchOptions::new().with_row_count(Some(3));
        let none = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), Vec::new(), &options);
        let none = [none.expect("no columns")];
        let mut bytes = Vec::new();
        encode(&none, &mut bytes).expect("one schema");
        assert_eq!(decode(&bytes).expect("what was written"), none);
    }
}
