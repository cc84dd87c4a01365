//! Results as the page reads them: pages of rows in any order, series for charts, files.
//!
//! Owns: [`ResultSet`], the conversion of Arrow values to the protocol's cells, and the names of
//! SQL types. Touches: Arrow, writers of its files, and the protocol only; it starts no threads, and nothing here waits.

mod cell;
mod csv;
mod file;
mod nested;
mod points;
mod series;
mod sort;
mod types;

#[cfg(test)]
mod tests;

pub use cell::cell;
pub use csv::CsvPieces;
pub(crate) use file::write_text;
pub use file::{ExportError, FILE_FORMATS, FileFormat, FilePieces};
pub use series::Series;
pub use sort::SortedOrder;
pub use types::column_type_name;

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use millrace_protocol::{Cell, ColumnEstimates, ColumnInfo, ExportFormat, RowOrder, SeriesRequest};

use crate::estimate::Estimates;

/// Rows of one result. Cloning is cheap, and a clone can be sorted or exported on another thread
/// while the original is read.
#[derive(Clone, Debug)]
pub struct ResultSet {
    schema: SchemaRef,
    batches: Arc<[RecordBatch]>,
    /// Index of the first row of each batch, and behind the last one the number of all rows.
    starts: Arc<[u64]>,
    /// What a partial result will be, row by row.
    estimates: Estimates,
}

impl ResultSet {
    /// A result of these batches, in their order. All of them have this schema.
    pub fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        let batches: Vec<_> = batches.into_iter().filter(|batch| batch.num_rows() > 0).collect();
        let mut starts = Vec::with_capacity(batches.len() + 1);
        let mut rows = 0;
        starts.push(rows);
        for batch in &batches {
            rows += batch.num_rows() as u64;
            starts.push(rows);
        }
        Self { schema, batches: batches.into(), starts: starts.into(), estimates: Arc::new([]) }
    }

    /// The same rows with what is known of their values over the whole input.
    pub(crate) fn with_estimates(mut self, estimates: Estimates) -> Self {
        self.estimates = estimates;
        self
    }

    /// Names and types of the columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The rows in their own order, without empty batches.
    pub fn batches(&self) -> &[RecordBatch] {
        &self.batches
    }

    /// Columns as the page sees them.
    pub fn columns(&self) -> Vec<ColumnInfo> {
        self.schema
            .fields()
            .iter()
            .map(|field| ColumnInfo {
                name: field.name().clone(),
                type_name: column_type_name(field.data_type()),
            })
            .collect()
    }

    /// Number of rows.
    pub fn row_count(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// At most `count` rows from the `offset`-th on, in the given order or else the result's own.
    /// An order of another result gives the rows that both have. Costs as much as the rows it
    /// returns, wherever they are.
    pub fn rows(&self, order: Option<&SortedOrder>, offset: u64, count: usize) -> Vec<Vec<Cell>> {
        let end = self.row_count().min(offset.saturating_add(count as u64));
        (offset..end)
            .filter_map(|position| self.locate(order, position))
            .map(|(batch, row)| batch.columns().iter().map(|column| cell(column, row)).collect())
            .collect()
    }

    /// What the same rows will be over the whole input, for the columns of a partial result of which
    /// that can be told.
    pub fn estimates(&self, order: Option<&SortedOrder>, offset: u64, count: usize) -> Vec<ColumnEstimates> {
        let end = self.row_count().min(offset.saturating_add(count as u64));
        let rows = || {
            (offset..end).filter_map(|position| order.map_or(Some(position), |order| order.row_at(position)))
        };
        self.estimates
            .iter()
            .map(|estimates| ColumnEstimates {
                column: estimates.column,
                values: rows().map(|row| *estimates.values.get(row as usize)?).collect(),
            })
            .collect()
    }

    /// Sorts by one column: stable, nulls last in both directions, NaN larger than all numbers.
    ///
    /// # Errors
    /// When there is no such column, its type has no order, or there are more than 2³² rows.
    pub fn sort(&self, order: &RowOrder) -> Result<SortedOrder, ArrowError> {
        sort::sort(self, order)
    }

    /// What a chart draws of this result. See [`Series`] for what is left out.
    ///
    /// # Errors
    /// When a column does not exist or a value column is not numeric.
    pub fn series(&self, request: &SeriesRequest) -> Result<Series, ArrowError> {
        series::series(self, request)
    }

    /// The result as CSV in pieces of about 1 MiB; see [`CsvPieces`].
    pub fn csv(&self, order: Option<SortedOrder>) -> CsvPieces {
        CsvPieces::new(self.clone(), order)
    }

    /// The result as a file of this format, in pieces.
    ///
    /// # Errors
    /// When the format has no room for so many rows or columns.
    pub fn file(&self, format: ExportFormat, order: Option<SortedOrder>) -> Result<FilePieces, ExportError> {
        FilePieces::new(self.clone(), order, format)
    }

    /// The batch and the row in it that stand at a position of an order.
    fn locate(&self, order: Option<&SortedOrder>, position: u64) -> Option<(&RecordBatch, usize)> {
        let row = match order {
            Some(order) => order.row_at(position)?,
            None => position,
        };
        let batch = self.starts.partition_point(|&start| start <= row).checked_sub(1)?;
        Some((self.batches.get(batch)?, (row - self.starts[batch]) as usize))
    }

    /// Checks a column index that came from the page.
    fn check_column(&self, column: u32) -> Result<usize, ArrowError> {
        let index = column as usize;
        if index < self.schema.fields().len() {
            return Ok(index);
        }
        let count = self.schema.fields().len();
        Err(ArrowError::InvalidArgumentError(format!("column {index} of a result with {count} columns")))
    }
}
