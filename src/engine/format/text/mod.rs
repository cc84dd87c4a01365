//! Plain text: one row a line.
//!
//! Owns: the columns `line` and `byte_offset`, the place in the file where the line starts. Touches:
//! Arrow and the contract in [`crate::format`]. There is no column for the number of a line: a split
//! does not know how many lines are in those before it.

mod decode;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};

use super::binary::refuse_binary;
use super::lines::{byte_order_mark_len, count_newlines};
use crate::format::{Format, FormatError, Sample, Sniffed};

/// Logs, lists and prose.
#[derive(Clone, Copy, Debug)]
pub struct Text;

impl Format for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    /// Takes everything, and so must stand last among the formats: sniffing says what a file that
    /// is not text seems to be.
    fn claims(&self, _file_name: &str, _head: &[u8]) -> bool {
        true
    }

    fn sniff(&self, sample: &Sample<'_>) -> Result<Sniffed, FormatError> {
        refuse_binary(sample.head)?;
        let mark = byte_order_mark_len(sample.head);
        let text = &sample.head[mark..];
        if text.is_empty() {
            return Err(FormatError {
                message: "the file is empty".to_owned(),
                hint: Some("Choose a file with at least one line.".to_owned()),
            });
        }
        let schema = Arc::new(Schema::new(vec![
            Field::new("line", DataType::Utf8View, true),
            Field::new("byte_offset", DataType::Int64, true),
        ]));
        Ok(Sniffed {
            schema: Arc::clone(&schema),
            dialect: None,
            first_record: mark as u64,
            first_line: 1,
            mean_record_bytes: text.len() as f64 / count_newlines(text).max(1) as f64,
            decoder: Arc::new(decode::TextDecoder::new(schema)),
            warnings: Vec::new(),
        })
    }
}
