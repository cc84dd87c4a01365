//! Arrow's file format, which is called Feather 2 as well.

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::ipc::writer::FileWriter as IpcWriter;
use millrace_protocol::ExportFormat;

use super::simple::Simple;
use super::{ExportError, FileFormat, FileWriter};

/// Arrow IPC, as a file.
pub(super) const ARROW: FileFormat = FileFormat { format: ExportFormat::Arrow, begin };

struct ArrowWriter {
    simple: Simple,
    writer: IpcWriter<Vec<u8>>,
}

fn begin(schema: &Schema, _rows: u64) -> Result<Box<dyn FileWriter>, ExportError> {
    let simple = Simple::of(schema);
    let writer = IpcWriter::try_new(Vec::new(), simple.schema())?;
    Ok(Box::new(ArrowWriter { simple, writer }))
}

impl FileWriter for ArrowWriter {
    fn write(&mut self, rows: &RecordBatch) -> Result<(), ExportError> {
        Ok(self.writer.write(&self.simple.rows(rows)?)?)
    }

    fn finish(&mut self) -> Result<(), ExportError> {
        Ok(self.writer.finish()?)
    }

    fn take(&mut self) -> Vec<u8> {
        // The writer counts what it has written, wherever that is now.
        std::mem::take(self.writer.get_mut())
    }
}
