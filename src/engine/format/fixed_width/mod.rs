//! Text of fixed width: columns of characters, filled up with spaces, as programs print tables.
//!
//! Owns: where the columns are, and whether the first line names them. Touches: the layouts and the decoding of
//! [`log`](super::log), whose records are lines too, and the contract in [`crate::format`].
//!
//! Columns are divided where all lines of the sample have spaces. Positions count characters. What a later line
//! has between two columns belongs to the one that it touches, as long as a space is left; a line without one there
//! is a bad row, and its text is in the column `unparsed`. Columns that touch in all lines cannot be found: a pattern
//! says where they are.

mod gaps;
mod header;
mod layout;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::binary::refuse_binary;
use super::lines::{byte_order_mark_len, name_ending};
use super::log::{Layout, looked_at, sniff_layout};
use crate::format::{Format, FormatError, Sample, Sniffed};
use gaps::Gaps;
use layout::FixedWidthLayout;

/// Tables of aligned columns.
#[derive(Clone, Copy, Debug)]
pub struct FixedWidth;

const NAME: &str = "fixed width";

impl Format for FixedWidth {
    fn name(&self) -> &'static str {
        NAME
    }

    /// By content, unless the name says that it is something else.
    fn claims(&self, file_name: &str, head: &[u8]) -> bool {
        let head = &head[byte_order_mark_len(head)..];
        !matches!(
            name_ending(file_name).as_str(),
            "csv" | "tsv" | "tab" | "psv" | "json" | "ndjson" | "jsonl"
        ) && Gaps::find(looked_at(head)).is_some()
    }

    fn sniff(&self, sample: &Sample<'_>) -> Result<Sniffed, FormatError> {
        refuse_binary(sample.head)?;
        let mark = byte_order_mark_len(sample.head);
        let looked = looked_at(&sample.head[mark..]);
        let gaps = Gaps::find(looked).ok_or_else(|| FormatError {
            message: "its lines have no columns that line up".to_owned(),
            hint: Some("Give a pattern that says where the columns are.".to_owned()),
        })?;
        let header = header::find(looked, &gaps);
        let (names, header_len) = match header {
            Some(header) => (header.names, header.len_bytes),
            None => (Vec::new(), 0),
        };
        let layout: Arc<dyn Layout> = Arc::new(FixedWidthLayout::new(gaps, &names));
        // The layout knows records only, so that its sample begins behind the header.
        let before = if header_len > 0 { mark + header_len } else { 0 };
        let rows = Sample {
            head: &sample.head[before..],
            file_len: sample.file_len.saturating_sub(before as u64),
            ..sample.clone()
        };
        let mut sniffed = sniff_layout(&rows, NAME, layout, Vec::new());
        sniffed.first_record += before as u64;
        sniffed.first_line += super::lines::count_newlines(&sample.head[..before]);
        Ok(sniffed)
    }
}
