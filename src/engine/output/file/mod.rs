//! A result as a file for other programs, written piece by piece, so that it is never in memory as a whole.
//!
//! Owns: the table of formats ([`FILE_FORMATS`]) and the pieces that they make ([`FilePieces`]). Touches: Arrow and the
//! writers of its formats.
//!
//! A new format is a file here, a variant of [`ExportFormat`] and a line in the table.

mod arrow_ipc;
pub(super) mod csv;
mod excel;
mod parquet;
mod shared;
mod sheet;
mod simple;

#[cfg(test)]
mod tests;

use arrow::array::RecordBatch;
use arrow::compute::interleave_record_batch;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use millrace_protocol::{ErrorInfo, ErrorKind, ExportFormat};

use super::{ResultSet, SortedOrder};

pub(crate) use csv::write_text;

/// Every format.
pub const FILE_FORMATS: &[FileFormat] = &[csv::CSV, parquet::PARQUET, arrow_ipc::ARROW, excel::EXCEL];

/// Begins a file of a result with these columns and so many rows.
type Begin = fn(&Schema, u64) -> Result<Box<dyn FileWriter>, ExportError>;

/// A kind of file.
#[derive(Clone, Copy, Debug)]
pub struct FileFormat {
    /// How the page names it.
    pub format: ExportFormat,
    begin: Begin,
}

/// Why a result cannot be written as a file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A writer refuses the rows.
    #[error("{0}")]
    Arrow(#[from] ArrowError),
    /// Parquet's writer refuses the rows.
    #[error("{0}")]
    Parquet(#[from] ::parquet::errors::ParquetError),
    /// The archive that a workbook is cannot be written.
    #[error("{0}")]
    Zip(#[from] zip::result::ZipError),
    /// As above, within a part of it.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The format has no room for the result; told for a person.
    #[error("{0}")]
    TooLarge(String),
}

impl ExportError {
    /// The failure as the page shows it.
    pub fn info(&self) -> ErrorInfo {
        let message = format!("The file cannot be written: {self}.");
        ErrorInfo::new(ErrorKind::Unsupported, message).with_hint("CSV takes every result.")
    }
}

/// A file that is being written.
trait FileWriter: Send {
    /// Writes rows, which have the columns that the file began with.
    fn write(&mut self, rows: &RecordBatch) -> Result<(), ExportError>;

    /// Writes what comes after all rows.
    fn finish(&mut self) -> Result<(), ExportError>;

    /// Takes the bytes that are done. Those of the file are all that were taken, one after another.
    fn take(&mut self) -> Vec<u8>;
}

/// Rows that are written at a time.
const ROWS: u64 = 8192;

/// Bytes of a piece, about.
const PIECE_BYTES: usize = 1 << 20;

/// Pieces of a file, in order, of about 1 MiB or more, as the format gives them away. The first failure is the last
/// item.
pub struct FilePieces {
    result: ResultSet,
    order: Option<SortedOrder>,
    writer: Option<Box<dyn FileWriter>>,
    position: u64,
}

impl FilePieces {
    pub(super) fn new(
        result: ResultSet,
        order: Option<SortedOrder>,
        format: ExportFormat,
    ) -> Result<Self, ExportError> {
        let of_format = FILE_FORMATS.iter().find(|entry| entry.format == format).unwrap_or(&csv::CSV);
        let writer = (of_format.begin)(result.schema(), result.row_count())?;
        Ok(Self { result, order, writer: Some(writer), position: 0 })
    }

    fn step(&mut self) -> Result<Option<Vec<u8>>, ExportError> {
        let Some(writer) = &mut self.writer else { return Ok(None) };
        let mut piece = writer.take();
        while piece.len() < PIECE_BYTES {
            if self.position >= self.result.row_count() {
                writer.finish()?;
                piece.append(&mut writer.take());
                self.writer = None;
                return Ok(Some(piece));
            }
            let rows = self.result.batch_at(self.order.as_ref(), self.position, ROWS)?;
            // An order of another result may have fewer rows; those that both have are written.
            self.position += (rows.num_rows() as u64).max(1);
            writer.write(&rows)?;
            piece.append(&mut writer.take());
        }
        Ok(Some(piece))
    }
}

impl Iterator for FilePieces {
    type Item = Result<Vec<u8>, ExportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if step.is_err() {
            self.writer = None;
        }
        step.transpose()
    }
}

impl ResultSet {
    /// At least one and at most `count` rows from a position of an order on; fewer where the result ends.
    fn batch_at(
        &self,
        order: Option<&SortedOrder>,
        position: u64,
        count: u64,
    ) -> Result<RecordBatch, ArrowError> {
        let end = self.row_count().min(position.saturating_add(count));
        if order.is_none() {
            let place = self.starts.partition_point(|&start| start <= position).saturating_sub(1);
            let Some(batch) = self.batches.get(place) else {
                return Ok(RecordBatch::new_empty(SchemaRef::clone(&self.schema)));
            };
            let row = (position - self.starts[place]) as usize;
            return Ok(batch.slice(row, (batch.num_rows() - row).min((end - position) as usize)));
        }
        let rows: Vec<(usize, usize)> = (position..end)
            .filter_map(|position| {
                let row = order?.row_at(position)?;
                let place = self.starts.partition_point(|&start| start <= row).checked_sub(1)?;
                self.batches.get(place)?;
                Some((place, (row - self.starts[place]) as usize))
            })
            .collect();
        if rows.is_empty() {
            return Ok(RecordBatch::new_empty(SchemaRef::clone(&self.schema)));
        }
        let batches: Vec<&RecordBatch> = self.batches.iter().collect();
        interleave_record_batch(&batches, &rows)
    }
}
