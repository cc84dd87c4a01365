//! What a task does with its split: read it, decode it, keep its columns; or find them kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use datafusion::error::{DataFusionError, Result as DataFusionResult};

use super::{JobContext, SplitLog};
use crate::Error;
use crate::cache::{Encoded, Found, KeptColumn, SplitShape};
use crate::format::{BadRecords, DecodeError, Decoded, RecordStart, SplitBytes};
use crate::sql::{Table, TableFile};

/// Bytes read behind a split for the end of its last record. Most records are shorter; a longer one
/// makes the split be read again with [`LOOK_AHEAD_GROWTH`] times as much.
pub(crate) const LOOK_AHEAD_BYTES: u64 = 64 << 10;
const LOOK_AHEAD_GROWTH: u64 = 16;
/// The longest record that is taken.
const RECORD_LIMIT_BYTES: u64 = 256 << 20;

/// Reads and decodes splits, for queries and for the repair of wrong starts.
pub(super) struct SplitScan {
    pub(super) job: Arc<JobContext>,
    pub(super) table: Arc<Table>,
    pub(super) projection: Vec<usize>,
    /// Of the projected columns.
    pub(super) schema: SchemaRef,
    pub(super) batch_rows: usize,
    /// The splits whose rows have been counted.
    pub(super) counted: Arc<[AtomicBool]>,
}

impl SplitScan {
    /// The rows of a split. Columns that are kept are not decoded again, and when all of them are the
    /// split is not read; what is decoded is decoded at once, so that its slot is free before
    /// operators run.
    pub(super) async fn run(&self, index: usize) -> Result<SplitBatches, Error> {
        let Some(split) = self.table.splits.get(index) else { return Ok(SplitBatches::empty()) };
        let owned_bytes = split.owned.end - split.owned.start;
        let known_start = self.known_start(index)?;
        let key = (self.table.id, index);
        let first_record = known_start.map(|start| (start < split.owned.end).then_some(start));
        let found = self.job.cache.find(key, &self.projection, first_record, self.job.query);
        let (known, kept) = match found {
            Some(Found { shape, columns }) => (Some(shape), columns),
            None => (None, vec![None; self.projection.len()]),
        };
        let is_missing = |(column, kept): (&usize, &Option<_>)| kept.is_none().then_some(*column);
        let missing: Vec<usize> = self.projection.iter().zip(&kept).filter_map(is_missing).collect();
        let (shape, fresh) = match known.filter(|_| missing.is_empty()) {
            Some(shape) => (shape, Vec::new()),
            None => self.read(index, known_start, &missing).await?,
        };
        let mut fresh = fresh.into_iter();
        let mut column = |kept| match kept {
            Some(KeptColumn { values, bad, .. }) => Some((Column::Kept(values), bad)),
            None => fresh.next().map(|(arrays, bad)| (Column::Fresh(arrays.into_iter()), Arc::new(bad))),
        };
        let columns = kept.into_iter().filter_map(&mut column).collect();
        Ok(self.deliver(index, owned_bytes, &shape, columns))
    }

    /// Decodes columns of a split and keeps them, if there is room.
    async fn read(
        &self,
        index: usize,
        known_start: Option<u64>,
        columns: &[usize],
    ) -> Result<(Arc<SplitShape>, Vec<FreshColumn>), Error> {
        let start = known_start.map_or(RecordStart::Guess, RecordStart::At);
        let decoded = self.decode(index, start, columns).await?;
        let owned = &self.table.splits[index].owned;
        self.job.counters.bytes_read.fetch_add(owned.end - owned.start, Ordering::Relaxed);
        let (shape, fresh) = take_apart(decoded, columns.len());
        let (cache, query) = (&self.job.cache, self.job.query);
        if cache.wants(query) {
            let copies = columns.iter().zip(&fresh);
            let copies = copies.map(|(column, (arrays, bad))| (*column, arrays.clone(), bad.clone()));
            cache.keep((self.table.id, index), Arc::clone(&shape), copies.collect(), query);
        }
        Ok((shape, fresh))
    }

    /// Counts and logs a split and hands out its rows.
    fn deliver(
        &self,
        index: usize,
        owned_bytes: u64,
        shape: &SplitShape,
        columns: Vec<(Column, Arc<BadRecords>)>,
    ) -> SplitBatches {
        let bad_fields = columns.iter().map(|(_, bad)| &**bad);
        let bad = BadRecords::merge(std::iter::once(&shape.bad_shapes).chain(bad_fields));
        let rows = shape.batch_rows.iter().sum::<usize>() as u64;
        if self.counted.get(index).is_some_and(|counted| !counted.swap(true, Ordering::Relaxed)) {
            let counters = &self.job.counters;
            counters.bytes_done.fetch_add(owned_bytes, Ordering::Relaxed);
            counters.rows_read.fetch_add(rows, Ordering::Relaxed);
            counters.bad_rows.fetch_add(bad.count, Ordering::Relaxed);
            counters.splits_done.fetch_add(1, Ordering::Relaxed);
        }
        let log = SplitLog {
            first_record: shape.first_record,
            next_record: shape.next_record,
            lines: shape.lines,
            bad,
        };
        self.job.log(self.table.id, self.table.splits.len(), index, log);
        SplitBatches {
            schema: Arc::clone(&self.schema),
            batch_rows: shape.batch_rows.clone(),
            columns: columns.into_iter().map(|(column, _)| column).collect(),
            next: 0,
        }
    }

    /// Where the first record of a split starts, when nobody has to guess.
    fn known_start(&self, index: usize) -> Result<Option<u64>, Error> {
        let split = &self.table.splits[index];
        Ok(match self.table.known_starts() {
            Some(starts) => starts.get(index).copied(),
            None if split.owned.start == self.file(index)?.first_record => Some(split.owned.start),
            None => None,
        })
    }

    /// Reads a split, with as much behind it as its last record needs, and decodes it.
    pub(super) async fn decode(
        &self,
        index: usize,
        start: RecordStart,
        columns: &[usize],
    ) -> Result<Decoded, Error> {
        let file = self.file(index)?;
        let owned = self.table.splits[index].owned.clone();
        let offset = owned.start.saturating_sub(1);
        let mut ahead = LOOK_AHEAD_BYTES;
        loop {
            self.job.check()?;
            let end = file.len_bytes.min(owned.end.saturating_add(ahead));
            let slot = self.job.read(file.source, offset..end).await?;
            let split = SplitBytes {
                bytes: slot.bytes(),
                offset,
                owned: owned.clone(),
                at_end_of_file: end == file.len_bytes,
                start,
                batch_rows: self.batch_rows,
            };
            match file.decoder.decode(&split, columns) {
                Ok(decoded) => return Ok(decoded),
                Err(DecodeError::Format(error)) => return Err(error.into()),
                // The guess itself may be what makes the record long. Verification will find that the
                // split holds records after all, and read it from its right start.
                Err(DecodeError::Truncated) if ahead >= RECORD_LIMIT_BYTES && start == RecordStart::Guess => {
                    return Ok(Decoded::empty());
                }
                Err(DecodeError::Truncated) if ahead >= RECORD_LIMIT_BYTES || end == file.len_bytes => {
                    return Err(Error::RecordTooLong {
                        file: file.name.clone(),
                        offset: owned.start,
                        limit_bytes: RECORD_LIMIT_BYTES,
                    });
                }
                Err(DecodeError::Truncated) => ahead = RECORD_LIMIT_BYTES.min(ahead * LOOK_AHEAD_GROWTH),
            }
        }
    }

    fn file(&self, index: usize) -> Result<&TableFile, Error> {
        let split = self.table.splits.get(index);
        split
            .and_then(|split| self.table.files.get(split.file))
            .ok_or_else(|| Error::Internal(format!("split {index} belongs to no file")))
    }
}

/// A decoded column, batch by batch, and the records whose field is no value of it.
type FreshColumn = (Vec<ArrayRef>, BadRecords);

/// What is known of a split, and its decoded columns.
fn take_apart(decoded: Decoded, columns: usize) -> (Arc<SplitShape>, Vec<FreshColumn>) {
    let shape = SplitShape {
        first_record: decoded.first_record,
        next_record: decoded.next_record,
        lines: decoded.lines,
        batch_rows: decoded.batches.iter().map(RecordBatch::num_rows).collect(),
        bad_shapes: decoded.bad_shapes,
    };
    let mut bad_fields = decoded.bad_fields.into_iter();
    let mut apart: Vec<FreshColumn> =
        (0..columns).map(|_| (Vec::new(), bad_fields.next().unwrap_or_default())).collect();
    for batch in decoded.batches {
        for ((arrays, _), array) in apart.iter_mut().zip(batch.columns()) {
            arrays.push(Arc::clone(array));
        }
    }
    (Arc::new(shape), apart)
}

/// The rows of a split, batch by batch.
pub(super) struct SplitBatches {
    schema: SchemaRef,
    batch_rows: Vec<usize>,
    columns: Vec<Column>,
    next: usize,
}

/// Where the arrays of a column come from.
enum Column {
    /// Just decoded; freed as they are used.
    Fresh(std::vec::IntoIter<ArrayRef>),
    /// Kept in the cache; made when they are wanted.
    Kept(Arc<dyn Encoded>),
}

impl SplitBatches {
    fn empty() -> Self {
        Self {
            schema: Arc::new(arrow::datatypes::Schema::empty()),
            batch_rows: Vec::new(),
            columns: Vec::new(),
            next: 0,
        }
    }
}

impl Iterator for SplitBatches {
    type Item = DataFusionResult<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.next;
        let rows = *self.batch_rows.get(index)?;
        self.next += 1;
        let arrays = self.columns.iter_mut().filter_map(|column| match column {
            Column::Fresh(arrays) => arrays.next(),
            Column::Kept(values) => values.batch(index),
        });
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays.collect(), &options);
        Some(batch.map_err(DataFusionError::from))
    }
}
