//! Parquet, with Zstandard.

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use millrace_protocol::ExportFormat;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::simple::Simple;
use super::{ExportError, FileFormat, FileWriter};

/// Parquet.
pub(super) const PARQUET: FileFormat = FileFormat { format: ExportFormat::Parquet, begin };

/// Rows of a row group, which is in memory until it is full: what DuckDB writes.
const ROWS_OF_GROUP: usize = 122_880;

struct ParquetWriter {
    simple: Simple,
    writer: ArrowWriter<Vec<u8>>,
}

fn begin(schema: &Schema, _rows: u64) -> Result<Box<dyn FileWriter>, ExportError> {
    let simple = Simple::of(schema);
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROWS_OF_GROUP))
        .build();
    let writer = ArrowWriter::try_new(Vec::new(), simple.schema().clone(), Some(properties))?;
    Ok(Box::new(ParquetWriter { simple, writer }))
}

impl FileWriter for ParquetWriter {
    fn write(&mut self, rows: &RecordBatch) -> Result<(), ExportError> {
        Ok(self.writer.write(&self.simple.rows(rows)?)?)
    }

    fn finish(&mut self) -> Result<(), ExportError> {
        self.writer.finish()?;
        Ok(())
    }

    fn take(&mut self) -> Vec<u8> {
        // The writer counts what it has written, wherever that is now.
        std::mem::take(self.writer.inner_mut())
    }
}
