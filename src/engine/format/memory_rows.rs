//! Rows that were read with their whole file, for formats that cannot be read in parts.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use bytes::Bytes;

use super::FormatError;
use super::blocks::{
    AtOnce, Block, BlockDecoder, BlockFile, BlockTable, Step, Steps, Wanted, assemble, batch_lengths,
    cut_rows, damaged, select_rows,
};

/// Rows of a block: enough tasks for all threads, and not too many.
const BLOCK_ROWS: usize = 1 << 16;
/// A file that is read whole may take this share of the memory: its rows take more than the file.
const MEMORY_SHARE: u64 = 8;

/// Columns in memory.
#[derive(Debug)]
pub(super) struct MemoryRows {
    schema: SchemaRef,
    columns: Vec<ArrayRef>,
    blocks: Vec<Block>,
}

impl MemoryRows {
    /// Columns of one length with the types of a schema, of a file of so many bytes.
    pub(super) fn new(schema: SchemaRef, columns: Vec<ArrayRef>, file_bytes: u64) -> Self {
        let rows = columns.first().map_or(0, |column| column.len());
        let block = |rows_in_block: usize| {
            let share = rows_in_block as f64 / rows.max(1) as f64;
            Block { rows: rows_in_block, bytes: ((file_bytes as f64 * share) as u64).max(1) }
        };
        let blocks = batch_lengths(rows, BLOCK_ROWS).into_iter().map(block).collect();
        Self { schema, columns, blocks }
    }

    fn rows(&self, wanted: &Wanted) -> Result<Vec<RecordBatch>, FormatError> {
        let rows = self.blocks.get(wanted.block).map_or(0, |block| block.rows);
        let lengths = batch_lengths(rows, wanted.batch_rows);
        let broken = |error: arrow::error::ArrowError| damaged(&error.to_string());
        let column = |&column: &usize| {
            let values = self.columns.get(column).map(|values| values.slice(wanted.block * BLOCK_ROWS, rows));
            let values = vec![values.ok_or_else(|| damaged("a column is missing"))?];
            match &wanted.selection {
                Some(selection) => select_rows(&values, &[0..rows], selection, &lengths).map_err(broken),
                None => cut_rows(values, &lengths).map_err(broken),
            }
        };
        let columns = wanted.columns.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        let schema = Arc::new(self.schema.project(&wanted.columns).map_err(broken)?);
        assemble(&schema, &columns, &lengths)
    }
}

impl BlockDecoder for MemoryRows {
    fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn decode(&self, wanted: Wanted) -> Box<dyn Steps<Vec<RecordBatch>>> {
        Box::new(AtOnce(Some(self.rows(&wanted))))
    }
}

/// Opens files that are read whole.
pub(super) struct WholeFile {
    file: BlockFile,
    /// What else can be done with a file that is too large.
    instead: &'static str,
    /// Its tables.
    tables: fn(&BlockFile, Bytes) -> Result<Vec<BlockTable>, FormatError>,
    is_asked: bool,
}

impl WholeFile {
    /// Reads a file and then finds its tables; one that is too large is refused, and `instead` says what to do.
    pub(super) fn open(
        file: &BlockFile,
        instead: &'static str,
        tables: fn(&BlockFile, Bytes) -> Result<Vec<BlockTable>, FormatError>,
    ) -> Box<dyn Steps<Vec<BlockTable>>> {
        Box::new(Self { file: file.clone(), instead, tables, is_asked: false })
    }
}

impl Steps<Vec<BlockTable>> for WholeFile {
    fn step(&mut self, bytes: Vec<Bytes>) -> Result<Step<Vec<BlockTable>>, FormatError> {
        let BlockFile { len_bytes, memory_bytes, .. } = self.file;
        if !std::mem::replace(&mut self.is_asked, true) {
            check_size(len_bytes, memory_bytes, self.instead)?;
            return Ok(Step::Read(vec![0..len_bytes]));
        }
        let bytes = bytes.into_iter().next().unwrap_or_default();
        Ok(Step::Done((self.tables)(&self.file, bytes)?))
    }
}

/// Refuses a file that is too large to be read whole.
///
/// # Errors
/// When it is, saying what to do.
pub(super) fn check_size(file_bytes: u64, memory_bytes: u64, instead: &str) -> Result<(), FormatError> {
    let limit_bytes = memory_bytes / MEMORY_SHARE;
    if file_bytes <= limit_bytes {
        return Ok(());
    }
    let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
    Err(FormatError {
        message: format!(
            "the file has {} MB, and one of this format can only be read whole, up to {} MB",
            megabytes(file_bytes),
            megabytes(limit_bytes)
        ),
        hint: Some(instead.to_owned()),
    })
}
