//! What one file gives for a table.

use std::ops::Range;
use std::rc::Rc;

use arrow::datatypes::SchemaRef;
use millrace_protocol::{Cell, Dialect};

use crate::format::{Block, Format, Sniffed};
use crate::sniff_blocks::FoundTable;
use crate::source::{Source, SplitPlan};
use crate::sql::Reading;

/// A file, and how its rows become those of a table.
pub(crate) struct Part {
    pub(crate) source: Rc<dyn Source>,
    /// Name of the format.
    pub(crate) format: &'static str,
    /// What the table is called in a file that has several.
    pub(crate) title: Option<String>,
    pub(crate) schema: SchemaRef,
    pub(crate) dialect: Option<Dialect>,
    /// The first rows.
    pub(crate) preview: Vec<Vec<Cell>>,
    pub(crate) warnings: Vec<String>,
    pub(crate) rows_estimate: u64,
    pub(crate) first_record: u64,
    pub(crate) first_line: u64,
    /// As in [`crate::sql::Split::owned`].
    pub(crate) splits: Vec<Range<u64>>,
    pub(crate) reading: Reading,
}

impl Part {
    /// A file of lines, in splits of so many bytes.
    pub(crate) fn of_lines(
        source: &Rc<dyn Source>,
        format: &'static dyn Format,
        found: Sniffed,
        preview: Vec<Vec<Cell>>,
        split_bytes: u64,
    ) -> Self {
        let len_bytes = source.len_bytes();
        let data_bytes = len_bytes.saturating_sub(found.first_record);
        Self {
            source: Rc::clone(source),
            format: format.name(),
            title: None,
            schema: found.schema,
            dialect: found.dialect,
            preview,
            warnings: found.warnings,
            rows_estimate: (data_bytes as f64 / found.mean_record_bytes.max(1.0)).round() as u64,
            first_record: found.first_record,
            first_line: found.first_line,
            splits: SplitPlan::new(found.first_record, len_bytes, split_bytes).ranges,
            reading: Reading::Lines(found.decoder),
        }
    }

    /// A table of a file of blocks, of which each is a split.
    pub(crate) fn of_blocks(source: &Rc<dyn Source>, found: FoundTable) -> Self {
        let FoundTable { format, table, preview } = found;
        let mut end = 0;
        let mut place = |block: &Block| {
            end += block.bytes;
            end - block.bytes..end
        };
        Self {
            source: Rc::clone(source),
            format,
            title: table.title,
            schema: table.schema,
            dialect: None,
            preview,
            warnings: table.warnings,
            rows_estimate: table.decoder.blocks().iter().map(|block| block.rows as u64).sum(),
            first_record: 0,
            first_line: 1,
            splits: table.decoder.blocks().iter().map(&mut place).collect(),
            reading: Reading::Blocks(table.decoder),
        }
    }
}
