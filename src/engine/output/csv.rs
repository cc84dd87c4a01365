//! A result as a CSV file.

use std::io::Write;

use arrow::array::RecordBatch;

use super::cell::{Value, number_name, value};
use super::{ResultSet, SortedOrder};

/// Pieces of a CSV file, in order, each about 1 MiB and ending with a whole record.
///
/// The first record names the columns. Records end with a line feed. Fields are quoted as RFC 4180
/// says, and only where they must be; nulls are empty, empty texts are `""`. Times are ISO 8601 in
/// UTC as in [`super::cell()`].
#[derive(Debug)]
pub struct CsvPieces {
    result: ResultSet,
    order: Option<SortedOrder>,
    position: u64,
    header_written: bool,
}

const PIECE_BYTES: usize = 1 << 20;

impl CsvPieces {
    pub(super) fn new(result: ResultSet, order: Option<SortedOrder>) -> Self {
        Self { result, order, position: 0, header_written: false }
    }
}

impl Iterator for CsvPieces {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.header_written && self.position >= self.result.row_count() {
            return None;
        }
        let mut piece = Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 8);
        if !self.header_written {
            self.header_written = true;
            for (index, field) in self.result.schema.fields().iter().enumerate() {
                if index > 0 {
                    piece.push(b',');
                }
                write_text(&mut piece, field.name());
            }
            piece.push(b'\n');
        }
        while piece.len() < PIECE_BYTES && self.position < self.result.row_count() {
            if let Some((batch, row)) = self.result.locate(self.order.as_ref(), self.position) {
                write_record(&mut piece, batch, row);
            }
            self.position += 1;
        }
        Some(piece)
    }
}

fn write_record(out: &mut Vec<u8>, batch: &RecordBatch, row: usize) {
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
