//! Avro files.
//!
//! Owns: their columns, of the schema that each file holds. Touches: Arrow, the `arrow-avro` crate, which decodes, and
//! the contract in [`crate::format::blocks`].
//!
//! Records do not say where their columns are, so that all of a file has to be decoded for any of them: it is, when it
//! is added, and its rows stay in memory.

use std::io::{BufReader, Cursor};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::concat;
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow_avro::reader::ReaderBuilder;
use bytes::Bytes;

use super::blocks::{BlockFile, BlockFormat, BlockTable, Steps, guarded};
use super::column_types::{to_type, type_in_table};
use super::memory_rows::{MemoryRows, WholeFile};
use super::names::unique_names;
use crate::format::FormatError;

/// Avro object container files.
#[derive(Clone, Copy, Debug)]
pub struct Avro;

impl BlockFormat for Avro {
    fn name(&self) -> &'static str {
        "avro"
    }

    fn claims(&self, _: &str, head: &[u8]) -> bool {
        head.starts_with(b"Obj\x01")
    }

    fn open(&self, file: &BlockFile) -> Box<dyn Steps<Vec<BlockTable>>> {
        WholeFile::open(file, "Convert it to Parquet.", tables)
    }
}

/// The table of a file.
fn tables(file: &BlockFile, bytes: Bytes) -> Result<Vec<BlockTable>, FormatError> {
    let limit_bytes = usize::try_from(file.memory_bytes / 2).unwrap_or(usize::MAX);
    let (of_file, batches) = guarded(|| decode(bytes, limit_bytes))?;
    let given: Vec<String> = of_file.fields().iter().map(|field| field.name().clone()).collect();
    let mut warnings = Vec::new();
    let names = unique_names(&given, given.len(), &mut warnings);
    let fields = names.into_iter().zip(of_file.fields());
    let fields: Vec<Field> =
        fields.map(|(name, field)| Field::new(name, type_in_table(field.data_type()), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let columns = guarded(|| columns(&schema, &batches))?;
    let decoder = Arc::new(MemoryRows::new(Arc::clone(&schema), columns, file.len_bytes));
    Ok(vec![BlockTable { title: None, schema, decoder, warnings }])
}

/// All rows of a file, unless they take too much memory.
fn decode(bytes: Bytes, limit_bytes: usize) -> Result<(SchemaRef, Vec<RecordBatch>), ArrowError> {
    let reader = ReaderBuilder::new().with_batch_size(8192).build(BufReader::new(Cursor::new(bytes)))?;
    let schema = reader.schema();
    let (mut batches, mut decoded_bytes) = (Vec::new(), 0);
    for batch in reader {
        let batch = batch?;
        decoded_bytes += batch.get_array_memory_size();
        if decoded_bytes > limit_bytes {
            return Err(ArrowError::MemoryError("its rows do not fit into memory".to_owned()));
        }
        batches.push(batch);
    }
    Ok((schema, batches))
}

/// The columns of all batches, with the types of the table.
fn columns(schema: &Schema, batches: &[RecordBatch]) -> Result<Vec<ArrayRef>, ArrowError> {
    let column = |(number, field): (usize, &Arc<Field>)| {
        let arrays: Vec<&dyn arrow::array::Array> =
            batches.iter().map(|batch| batch.column(number).as_ref()).collect();
        match arrays.is_empty() {
            true => Ok(arrow::array::new_empty_array(field.data_type())),
            false => to_type(&concat(&arrays)?, field.data_type()),
        }
    };
    schema.fields().iter().enumerate().map(column).collect()
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringArray};
    use arrow_avro::writer::AvroWriter;

    use super::*;
    use crate::format::block_testing::{check_damaged, check_rows, open};

    fn file(rows: &RecordBatch) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = AvroWriter::new(&mut bytes, Schema::clone(&rows.schema())).expect("a writer");
        writer.write(rows).expect("rows");
        writer.finish().expect("an end");
        drop(writer);
        bytes
    }

    fn rows() -> RecordBatch {
        let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..3_000));
        let names: ArrayRef =
            Arc::new((0..3_000).map(|row| (row % 3 > 0).then(|| format!("n{row}"))).collect::<StringArray>());
        RecordBatch::try_from_iter_with_nullable([("id", ids, false), ("name", names, true)]).expect("rows")
    }

    #[test]
    fn a_file_gives_back_its_rows() {
        let (rows, file) = (rows(), file(&rows()));
        let table = open(&Avro, "t.avro", &file, 1 << 20).expect("a file").remove(0);
        check_rows(&table, &file, &rows);
    }

    #[test]
    fn damaged_files_give_an_error_or_rows() {
        check_damaged(&Avro, "t.avro", &file(&rows()), 5, 200);
    }
}
