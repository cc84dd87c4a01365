//! What is found out about a file of blocks before it is a table.

use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use arrow::buffer::BooleanBuffer;
use bytes::Bytes;
use millrace_protocol::Cell;

use crate::Error;
use crate::engine::Engine;
use crate::format::{
    BLOCK_FORMATS, BlockFile, BlockTable, FormatError, Selection, Step, Steps, Wanted, batch_lengths,
};
use crate::output::ResultSet;
use crate::source::{RangeReads, Source};

/// Bytes of a file by which a format of blocks is known.
const HEAD_BYTES: u64 = 4 << 10;
/// Splits decode to more than they are in the file; a task may have so many times the bytes of a split.
const DECODED_SPLITS: u64 = 8;
/// Rows that are shown of a new table, and of how many bytes they may be picked.
const PREVIEW_ROWS: usize = 50;
const PREVIEW_BYTES: u64 = 64 << 20;

/// A table of a file of blocks.
pub(crate) struct FoundTable {
    /// Name of the format.
    pub(crate) format: &'static str,
    pub(crate) table: BlockTable,
    /// Its first rows.
    pub(crate) preview: Vec<Vec<Cell>>,
}

impl Engine {
    /// The tables of a file of blocks, of which there is at least one; `None` when the file is none of these.
    ///
    /// # Errors
    /// When it cannot be read, or is not what it says.
    pub(crate) async fn find_blocks(
        &self,
        source: &Rc<dyn Source>,
    ) -> Result<Option<Vec<FoundTable>>, Error> {
        let len_bytes = source.len_bytes();
        let head = self.read_ranges(source, vec![0..len_bytes.min(HEAD_BYTES)]).await?;
        let head = head.first().cloned().unwrap_or_default();
        let name = source.name();
        let Some(format) = BLOCK_FORMATS.iter().find(|format| format.claims(name, &head)) else {
            return Ok(None);
        };
        let file = BlockFile {
            name: name.to_owned(),
            len_bytes,
            decoded_bytes: self.0.options.split_bytes.saturating_mul(DECODED_SPLITS),
            memory_bytes: self.0.options.memory_budget_bytes,
        };
        let named = |error: Error| match error {
            Error::Format(error) => {
                Error::Format(FormatError { message: format!("{name}: {}", error.message), ..error })
            }
            other => other,
        };
        let tables = self.drive(source, format.open(&file), u64::MAX).await.map_err(named)?;
        let mut found = Vec::new();
        for table in tables.into_iter().flatten() {
            let preview = self.first_rows(source, &table).await.map_err(named)?;
            found.push(FoundTable { format: format.name(), table, preview });
        }
        if found.is_empty() {
            return Err(named(Error::Format(FormatError {
                message: "there is no table in it".to_owned(),
                hint: Some("Choose a file with at least one column.".to_owned()),
            })));
        }
        Ok(Some(found))
    }

    /// The first rows; none when too much would have to be read for them.
    async fn first_rows(&self, source: &Rc<dyn Source>, table: &BlockTable) -> Result<Vec<Vec<Cell>>, Error> {
        let Some(block) = table.decoder.blocks().first() else { return Ok(Vec::new()) };
        let lengths = batch_lengths(block.rows, PREVIEW_ROWS.max(block.rows));
        let bits = lengths.iter().map(|&rows| BooleanBuffer::collect_bool(rows, |row| row < PREVIEW_ROWS));
        let wanted = Wanted {
            block: 0,
            columns: (0..table.schema.fields().len()).collect(),
            selection: Some(Selection::new(bits.collect())),
            batch_rows: PREVIEW_ROWS.max(block.rows),
        };
        let batches = self.drive(source, table.decoder.decode(wanted), PREVIEW_BYTES).await?;
        let rows = ResultSet::new(Arc::clone(&table.schema), batches.unwrap_or_default());
        Ok(rows.rows(None, 0, PREVIEW_ROWS))
    }

    /// Goes through steps on the pool, and reads what they need; `None` when one needs more than `limit_bytes`.
    async fn drive<T: Send + 'static>(
        &self,
        source: &Rc<dyn Source>,
        mut steps: Box<dyn Steps<T>>,
        limit_bytes: u64,
    ) -> Result<Option<T>, Error> {
        let mut bytes = Vec::new();
        loop {
            let (step, rest) = self
                .on_pool(move || {
                    let step = steps.step(bytes);
                    (step, steps)
                })
                .await?;
            steps = rest;
            match step? {
                Step::Done(done) => return Ok(Some(done)),
                Step::Read(ranges) => {
                    if ranges.iter().map(|range| range.end.saturating_sub(range.start)).sum::<u64>()
                        > limit_bytes
                    {
                        return Ok(None);
                    }
                    bytes = self.read_ranges(source, ranges).await?;
                }
            }
        }
    }

    async fn read_ranges(
        &self,
        source: &Rc<dyn Source>,
        ranges: Vec<Range<u64>>,
    ) -> Result<Vec<Bytes>, Error> {
        let mut reads = RangeReads::new(ranges);
        for read in reads.reads() {
            let length = usize::try_from(read.end - read.start).unwrap_or(usize::MAX);
            let slot = source.read(read.clone(), self.0.slots.take(length)).await?;
            reads.fill(&read, slot.bytes());
        }
        Ok(reads.finish())
    }
}
