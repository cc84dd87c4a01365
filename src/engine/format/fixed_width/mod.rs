//! Text of fixed width: columns of characters, filled up with spaces, as programs print tables.
//!
//! Owns: where the columns are, and whether the first line names them. Touches: the layouts and the decoding of
//! [`log`](super::log), whose records are lines too, and the contract in [`crate::format`].
//!
//! Columns are divided where all lines of the sample have spaces. Positions count characters. What a later line
//! has between two columns belongs to the one that it touches, as long as a space is left; a line without one there
//! is a bad row, and its text is in the column `unparsed`. Columns that touch in all lines cannot be found: the user
//! says at which characters columns begin, and every line is cut there, or gives a pattern.

mod division;
mod gaps;
mod header;
mod layout;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use millrace_protocol::Dialect;

use super::binary::refuse_binary;
use super::lines::{byte_order_mark_len, name_ending};
use super::log::{Layout, looked_at, sniff_layout};
use crate::format::{Format, FormatError, Sample, Sniffed};
use division::Division;
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
        let division = match &sample.options.column_starts {
            Some(starts) => Division::given(starts)?,
            None => Division::Gaps(Gaps::find(looked).ok_or_else(|| FormatError {
                message: "its lines have no columns that line up".to_owned(),
                hint: Some("Say at which characters columns begin, or give a pattern.".to_owned()),
            })?),
        };
        let header = header::find(looked, &division, sample.options.header);
        let dialect =
            Dialect { header: header.is_some(), column_starts: division.starts(), ..Dialect::default() };
        let (names, header_len) = match header {
            Some(header) => (header.names, header.len_bytes),
            None => (Vec::new(), 0),
        };
        let layout: Arc<dyn Layout> = Arc::new(FixedWidthLayout::new(division, &names));
        // The layout knows records only, so that its sample begins behind the header.
        let before = if header_len > 0 { mark + header_len } else { 0 };
        let rows = Sample {
            head: &sample.head[before..],
            file_len: sample.file_len.saturating_sub(before as u64),
            ..sample.clone()
        };
        let mut sniffed = sniff_layout(&rows, NAME, layout, Vec::new());
        sniffed.dialect = Some(dialect);
        sniffed.first_record += before as u64;
        sniffed.first_line += super::lines::count_newlines(&sample.head[..before]);
        Ok(sniffed)
    }
}
