//! A file of blocks as part of a table whose other files have other columns.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;

use super::batch::{batch, internal};
use super::blocks::{Block, BlockDecoder, Bounds, Step, Steps, Wanted};
use super::merged::{MergedColumn, merged_column};
use super::{FormatError, blocks};

/// Decodes the columns that a table has of a file.
#[derive(Debug)]
pub struct MergedBlocks {
    inner: Arc<dyn BlockDecoder>,
    columns: Vec<MergedColumn>,
    schema: SchemaRef,
    /// Columns of the table that are those of the file as they are: what the file says of their values holds.
    as_they_are: Vec<bool>,
}

impl MergedBlocks {
    /// A decoder for a table of the schema `table`, of a file of the schema `file`; `columns` says for each column of the
    /// table where it comes from.
    pub fn new(
        inner: Arc<dyn BlockDecoder>,
        columns: Vec<MergedColumn>,
        table: SchemaRef,
        file: &SchemaRef,
    ) -> Self {
        let same = |(column, field): (&MergedColumn, &Arc<arrow::datatypes::Field>)| match column {
            MergedColumn::File(own) => {
                file.fields().get(*own).is_some_and(|own| own.data_type() == field.data_type())
            }
            MergedColumn::Missing | MergedColumn::Constant(_) => false,
        };
        let as_they_are = columns.iter().zip(table.fields()).map(same).collect();
        Self { inner, columns, schema: table, as_they_are }
    }
}

impl BlockDecoder for MergedBlocks {
    fn blocks(&self) -> &[Block] {
        self.inner.blocks()
    }

    fn decode(&self, wanted: Wanted) -> Box<dyn Steps<Vec<RecordBatch>>> {
        let schema = match self.schema.project(&wanted.columns) {
            Ok(schema) => Arc::new(schema),
            Err(error) => return Box::new(blocks::AtOnce(Some(Err(internal(error))))),
        };
        let columns: Vec<MergedColumn> =
            wanted.columns.iter().map(|&column| self.columns[column].clone()).collect();
        let of_file = |column: &MergedColumn| match column {
            MergedColumn::File(own) => Some(*own),
            MergedColumn::Missing | MergedColumn::Constant(_) => None,
        };
        let own: Vec<usize> = columns.iter().filter_map(of_file).collect();
        let inner = self.inner.decode(Wanted { columns: own.clone(), ..wanted });
        Box::new(MergedSteps { inner, columns, own, schema })
    }

    fn bounds(&self, block: usize, column: usize, fine: bool) -> Option<Bounds> {
        match self.columns.get(column)? {
            MergedColumn::File(own) if self.as_they_are[column] => self.inner.bounds(block, *own, fine),
            _ => None,
        }
    }
}

/// Steps of a file, whose rows become those of the table.
struct MergedSteps {
    inner: Box<dyn Steps<Vec<RecordBatch>>>,
    /// What is wanted, and the numbers in the file of what comes from there.
    columns: Vec<MergedColumn>,
    own: Vec<usize>,
    schema: SchemaRef,
}

impl Steps<Vec<RecordBatch>> for MergedSteps {
    fn step(&mut self, bytes: Vec<Bytes>) -> Result<Step<Vec<RecordBatch>>, FormatError> {
        let mut batches = match self.inner.step(bytes)? {
            Step::Read(ranges) => return Ok(Step::Read(ranges)),
            Step::Done(batches) => batches,
        };
        for rows in &mut batches {
            let fields = self.columns.iter().zip(self.schema.fields());
            let arrays =
                fields.map(|(column, field)| merged_column(column, field.data_type(), rows, &self.own));
            *rows = batch(&self.schema, arrays.collect::<Result<_, _>>()?, rows.num_rows())?;
        }
        Ok(Step::Done(batches))
    }
}
