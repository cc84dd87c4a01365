//! Blocks: of each, only the bytes that some columns of some rows need are read.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;

use super::split_read::SplitReader;
use crate::Error;
use crate::cache::SplitShape;
use crate::format::{BadRecords, BlockDecoder, Decoded, FormatError, Selection, Step, Wanted, batch_lengths};
use crate::source::RangeReads;
use crate::sql::Reading;

/// A decoder, and the number of one of its blocks.
pub(super) type NumberedBlock<'a> = (&'a Arc<dyn BlockDecoder>, usize);

impl SplitReader {
    /// The decoder of a split that is a block, and its number in the file.
    pub(super) fn block(&self, index: usize) -> Result<Option<NumberedBlock<'_>>, Error> {
        let number = self.table.splits.get(index).map_or(0, |split| split.block);
        Ok(match &self.file(index)?.reading {
            Reading::Blocks(decoder) => Some((decoder, number)),
            Reading::Lines(_) => None,
        })
    }

    /// What is known of a block before it is read; `None` when the split is none.
    pub(super) fn block_shape(&self, index: usize) -> Result<Option<SplitShape>, Error> {
        let Some((decoder, number)) = self.block(index)? else { return Ok(None) };
        let owned = &self.table.splits[index].owned;
        let rows = decoder.blocks().get(number).map_or(0, |block| block.rows);
        Ok(Some(SplitShape {
            first_record: Some(owned.start),
            next_record: Some(owned.end),
            lines: 0,
            batch_rows: batch_lengths(rows, self.batch_rows),
            bad_shapes: BadRecords::default(),
        }))
    }

    /// Reads what some columns of a block need, and decodes them.
    pub(super) async fn read_block(
        &self,
        index: usize,
        decoder: &Arc<dyn BlockDecoder>,
        columns: &[usize],
        selection: Option<&Selection>,
    ) -> Result<Decoded, Error> {
        let split = &self.table.splits[index];
        let mut steps = decoder.decode(Wanted {
            block: split.block,
            columns: columns.to_vec(),
            selection: selection.cloned(),
            batch_rows: self.batch_rows,
        });
        let file = self.file(index)?;
        let of_file = |error: FormatError| FormatError {
            message: format!("{}: {}", file.name, error.message),
            hint: error.hint,
        };
        let mut bytes = Vec::new();
        loop {
            self.job.check()?;
            let step = self.job.recorder.decoding(|| steps.step(std::mem::take(&mut bytes)));
            match step.map_err(of_file)? {
                Step::Read(ranges) => bytes = self.read_ranges(file.source, ranges).await?,
                Step::Done(batches) => {
                    let rows = decoder.blocks().get(split.block).map_or(0, |block| block.rows);
                    return Ok(Decoded {
                        batches,
                        first_record: Some(split.owned.start),
                        next_record: Some(split.owned.end),
                        rows: rows as u64,
                        ..Decoded::empty()
                    });
                }
            }
        }
    }

    /// Reads ranges one after the other, each into a slot that is free again before the next.
    async fn read_ranges(
        &self,
        source: usize,
        ranges: Vec<std::ops::Range<u64>>,
    ) -> Result<Vec<Bytes>, Error> {
        let mut reads = RangeReads::new(ranges);
        for read in reads.reads() {
            self.job.check()?;
            let slot = self.job.read(source, read.clone(), read.end).await?;
            self.job.counters.bytes_read.fetch_add(read.end - read.start, Ordering::Relaxed);
            reads.fill(&read, slot.bytes());
        }
        Ok(reads.finish())
    }
}
