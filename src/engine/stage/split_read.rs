//! The bytes of a split: read with as much behind them as its last record needs, and decoded.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::JobContext;
use super::coded_read::CodedReader;
use crate::Error;
use crate::coding::{SplitText, Turn};
use crate::format::{DecodeError, Decoded, Decoder, RecordStart, Selection, SplitBytes};
use crate::source::{Slot, stretch_splits};
use crate::sql::{Reading, Table, TableFile};

/// Bytes read behind a split for the end of its last record. Most records are shorter; a longer one
/// makes the split be read again with [`LOOK_AHEAD_GROWTH`] times as much.
pub(crate) const LOOK_AHEAD_BYTES: u64 = 64 << 10;
const LOOK_AHEAD_GROWTH: u64 = 16;
/// The longest record that is taken.
const RECORD_LIMIT_BYTES: u64 = 256 << 20;

/// Reads splits of one table.
pub(super) struct SplitReader {
    pub(super) job: Arc<JobContext>,
    pub(super) table: Arc<Table>,
    pub(super) batch_rows: usize,
    /// The turn of the task's split, where tasks unpack one after the other.
    pub(super) turn: Mutex<Turn>,
}

/// A split in memory, to be decoded again.
pub(super) struct SplitInSlot {
    bytes: Bytes,
    offset: u64,
    owned: Range<u64>,
    at_end_of_file: bool,
    batch_rows: usize,
    decoder: Arc<dyn Decoder>,
}

/// The bytes of a split: as they were read, or what was made of them.
enum Bytes {
    Read(Slot),
    /// The first bytes are before the split.
    Unpacked(Vec<u8>, usize),
}

impl SplitInSlot {
    /// Text that was unpacked, from one byte before what belongs to the split.
    fn unpacked(text: SplitText, batch_rows: usize, decoder: Arc<dyn Decoder>) -> Self {
        let offset = text.offset.max(text.owned.start.saturating_sub(1));
        let before = usize::try_from(offset - text.offset).unwrap_or(usize::MAX).min(text.text.len());
        Self {
            bytes: Bytes::Unpacked(text.text, before),
            offset,
            owned: text.owned,
            at_end_of_file: text.at_end_of_file,
            batch_rows,
            decoder,
        }
    }

    /// Decodes columns, of the selected rows only.
    pub(super) fn decode(
        &self,
        start: RecordStart,
        columns: &[usize],
        selection: Option<&Selection>,
    ) -> Result<Decoded, DecodeError> {
        // The bytes of a split may all be of one character, or of a header.
        if self.owned.is_empty() {
            return Ok(Decoded::empty());
        }
        let split = SplitBytes {
            bytes: match &self.bytes {
                Bytes::Read(slot) => slot.bytes(),
                Bytes::Unpacked(text, before) => text.get(*before..).unwrap_or_default(),
            },
            offset: self.offset,
            owned: self.owned.clone(),
            at_end_of_file: self.at_end_of_file,
            start,
            batch_rows: self.batch_rows,
        };
        self.decoder.decode(&split, columns, selection)
    }
}

impl SplitReader {
    /// Reads a split, with as much behind it as its last record needs, and decodes it. The bytes come with
    /// it, unless there is nothing more to be had from them.
    pub(super) async fn read(
        &self,
        index: usize,
        start: RecordStart,
        columns: &[usize],
        selection: Option<&Selection>,
    ) -> Result<(Decoded, Option<SplitInSlot>), Error> {
        let file = self.file(index)?;
        if let Reading::Blocks(decoder) = &file.reading {
            let decoded = self.read_block(index, decoder, columns, selection).await?;
            return Ok((decoded, None));
        }
        let mut turn = std::mem::take(&mut *self.turn.lock().unwrap_or_else(PoisonError::into_inner));
        let mut ahead = LOOK_AHEAD_BYTES;
        loop {
            self.job.check()?;
            let split = self.bytes(file, index, ahead, &mut turn).await?;
            match self.job.recorder.decoding(|| split.decode(start, columns, selection)) {
                Ok(decoded) => return Ok((decoded, Some(split))),
                Err(DecodeError::Format(error)) => return Err(error.into()),
                // The guess itself may be what makes the record long. Verification will find that the
                // split holds records after all, and read it from its right start.
                Err(DecodeError::Truncated) if ahead >= RECORD_LIMIT_BYTES && start == RecordStart::Guess => {
                    return Ok((Decoded::empty(), None));
                }
                Err(DecodeError::Truncated) if ahead >= RECORD_LIMIT_BYTES || split.at_end_of_file => {
                    return Err(Error::RecordTooLong {
                        file: file.name.clone(),
                        offset: split.owned.start,
                        limit_bytes: RECORD_LIMIT_BYTES,
                    });
                }
                Err(DecodeError::Truncated) => ahead = RECORD_LIMIT_BYTES.min(ahead * LOOK_AHEAD_GROWTH),
            }
        }
    }

    /// A split with `ahead` bytes behind it.
    async fn bytes(
        &self,
        file: &TableFile,
        index: usize,
        ahead: u64,
        turn: &mut Turn,
    ) -> Result<SplitInSlot, Error> {
        let Reading::Lines(decoder) = &file.reading else {
            return Err(Error::Internal(format!("block {index} is no text")));
        };
        let decoder = Arc::clone(decoder);
        if let Some(coded) = &file.coded {
            let text = CodedReader { job: &self.job, file, coded }.text(index, ahead, turn).await?;
            return Ok(SplitInSlot::unpacked(text, self.batch_rows, decoder));
        }
        let owned = self.table.splits[index].owned.clone();
        let offset = owned.start.saturating_sub(1);
        let end = file.len_bytes.min(owned.end.saturating_add(ahead));
        Ok(SplitInSlot {
            bytes: Bytes::Read(self.job.read(file.source, offset..end, self.stretch_end(index)).await?),
            offset,
            owned,
            at_end_of_file: end == file.len_bytes,
            batch_rows: self.batch_rows,
            decoder,
        })
    }

    /// How far one reads on from a split when its neighbours are visited after it.
    fn stretch_end(&self, index: usize) -> u64 {
        let splits = &self.table.splits;
        let length = stretch_splits(splits.len());
        let stretch = splits.iter().skip(index).take(length - index % length);
        let same_file = stretch.take_while(|split| split.file == splits[index].file);
        let end = same_file.last().map_or(0, |split| split.owned.end.saturating_add(LOOK_AHEAD_BYTES));
        self.table.files.get(splits[index].file).map_or(end, |file| end.min(file.len_bytes))
    }

    /// Where the first record of a split starts, when nobody has to guess.
    pub(super) fn known_start(&self, index: usize) -> Result<Option<u64>, Error> {
        let split = &self.table.splits[index];
        Ok(match self.table.known_starts() {
            Some(starts) => starts.get(index).copied(),
            None => {
                let file = self.file(index)?;
                let is_first = match &file.coded {
                    Some(coded) => coded.is_first(index),
                    None => split.owned.start == file.first_record,
                };
                match self.block(index)? {
                    Some(_) => Some(split.owned.start),
                    None => is_first.then_some(file.first_record),
                }
            }
        })
    }

    pub(super) fn file(&self, index: usize) -> Result<&TableFile, Error> {
        let split = self.table.splits.get(index);
        split
            .and_then(|split| self.table.files.get(split.file))
            .ok_or_else(|| Error::Internal(format!("split {index} belongs to no file")))
    }
}
