//! A file as part of a table whose other files have other columns.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt32Array, new_null_array};
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, SchemaRef};

use super::batch::internal;
use super::{BadRecords, DecodeError, Decoded, Decoder, FormatError, Selection, SplitBytes};

/// Where a column of the table comes from.
#[derive(Clone, Debug)]
pub enum MergedColumn {
    /// The file's column of this number, made the table's type if it has another.
    File(usize),
    /// The file has no such column: it is null.
    Missing,
    /// The one value of this array, for all rows of the file.
    Constant(ArrayRef),
}

/// Decodes the columns that a table has of a file.
#[derive(Debug)]
pub struct Merged {
    inner: Arc<dyn Decoder>,
    columns: Vec<MergedColumn>,
    schema: SchemaRef,
}

impl Merged {
    /// A decoder for a table of this schema; `columns` says for each of its columns where it comes from.
    pub fn new(inner: Arc<dyn Decoder>, columns: Vec<MergedColumn>, schema: SchemaRef) -> Self {
        Self { inner, columns, schema }
    }
}

/// A column of the table, of this type there, for the rows of a batch that has the columns `own` of the file.
pub(super) fn merged_column(
    column: &MergedColumn,
    data_type: &DataType,
    batch: &RecordBatch,
    own: &[usize],
) -> Result<ArrayRef, FormatError> {
    let rows = batch.num_rows();
    match column {
        MergedColumn::Missing => Ok(new_null_array(data_type, rows)),
        MergedColumn::Constant(value) => {
            take(value, &UInt32Array::from(vec![0; rows]), None).map_err(internal)
        }
        MergedColumn::File(column) => {
            let place = own.iter().position(|own| own == column).unwrap_or_default();
            let array = batch.column(place);
            if array.data_type() == data_type {
                return Ok(Arc::clone(array));
            }
            cast(array, data_type).map_err(internal)
        }
    }
}

impl Decoder for Merged {
    fn format_name(&self) -> Option<&'static str> {
        self.inner.format_name()
    }

    fn decode(
        &self,
        split: &SplitBytes<'_>,
        projection: &[usize],
        selection: Option<&Selection>,
    ) -> Result<Decoded, DecodeError> {
        let of_file = |&column: &usize| match self.columns[column] {
            MergedColumn::File(column) => Some(column),
            MergedColumn::Missing | MergedColumn::Constant(_) => None,
        };
        let wanted: Vec<usize> = projection.iter().filter_map(of_file).collect();
        let mut decoded = self.inner.decode(split, &wanted, selection)?;
        let schema = Arc::new(self.schema.project(projection).map_err(internal)?);
        for batch in &mut decoded.batches {
            let columns = projection.iter().map(|&number| {
                let data_type = self.schema.field(number).data_type();
                merged_column(&self.columns[number], data_type, batch, &wanted)
            });
            *batch = super::batch::batch(&schema, columns.collect::<Result<_, _>>()?, batch.num_rows())?;
        }
        let mut bad_fields = std::mem::take(&mut decoded.bad_fields).into_iter();
        let bad_of = |column| of_file(column).and_then(|_| bad_fields.next()).unwrap_or_default();
        decoded.bad_fields = projection.iter().map(bad_of).collect::<Vec<BadRecords>>();
        Ok(decoded)
    }

    fn listing_all(&self) -> Option<Arc<dyn Decoder>> {
        let (columns, schema) = (self.columns.clone(), Arc::clone(&self.schema));
        Some(Arc::new(Self { inner: self.inner.listing_all()?, columns, schema }))
    }
}
