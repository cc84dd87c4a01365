//! CSV, with a record that names the columns.
//!
//! Records end with a line feed. Fields are quoted as RFC 4180 says, and only where they must be; nulls are empty,
//! empty texts are `""`. Times are ISO 8601 in UTC as in [`super::super::cell()`].

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use millrace_protocol::ExportFormat;

use super::super::cell::{Value, number_name, value};
use super::{ExportError, FileFormat, FileWriter};

/// CSV.
pub(super) const CSV: FileFormat = FileFormat {
    format: ExportFormat::Csv,
    begin: |schema: &Schema, _| Ok(Box::new(CsvWriter { bytes: header(schema) })),
};

struct CsvWriter {
    bytes: Vec<u8>,
}

impl FileWriter for CsvWriter {
    fn write(&mut self, rows: &RecordBatch) -> Result<(), ExportError> {
        (0..rows.num_rows()).for_each(|row| write_record(&mut self.bytes, rows, row));
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ExportError> {
        Ok(())
    }

    fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

/// The record that names the columns.
pub(in super::super) fn header(schema: &Schema) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, field) in schema.fields().iter().enumerate() {
        if index > 0 {
            bytes.push(b',');
        }
        write_text(&mut bytes, field.name());
    }
    bytes.push(b'\n');
    bytes
}

/// A row as a record.
pub(in super::super) fn write_record(out: &mut Vec<u8>, batch: &RecordBatch, row: usize) {
    let start = out.len();
    for (index, column) in batch.columns().iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        match value(column, row) {
            Value::Null => {}
            Value::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
            // Writing to a vector cannot fail.
            Value::Int(value) => {
                let _ = write!(out, "{value}");
            }
            Value::Number(value) => write_number(out, value),
            Value::Text(text) => write_text(out, &text),
        }
    }
    // An empty line would be skipped by many readers, and the row with it.
    if out.len() == start {
        out.extend_from_slice(b"\"\"");
    }
    out.push(b'\n');
}

/// The shortest digits that give the same number again.
fn write_number(out: &mut Vec<u8>, value: f64) {
    // Writing to a vector cannot fail.
    let _ = match number_name(value) {
        Some(name) => write!(out, "{name}"),
        None if value == 0.0 || (1e-5..1e17).contains(&value.abs()) => write!(out, "{value}"),
        None => write!(out, "{value:e}"),
    };
}

/// A text as a field of CSV.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    let quoted = text.is_empty() || text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'));
    if !quoted {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for (index, part) in text.split('"').enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'"');
}
