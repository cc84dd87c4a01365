//! What a task does with its split: read it, decode it, keep its columns; or find them kept, in memory or on
//! disk.
//!
//! With a filter, the columns that it needs come first, and it says which rows pass. The other columns
//! are decoded for these rows only, not at all when there are none; but whole when most rows pass, or when
//! the cache has room for them, so that the next query, with another filter, finds them there.
//!
//! A bad field counts where a query uses it: in a column of the filter at every row, in any other at the
//! rows that pass. That is so however the column was come by.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{ArrayRef, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::SchemaRef;
use futures::future::join_all;

use super::SplitLog;
use super::filter::Filter;
use super::prune::Candidates;
use super::split_batches::{SplitBatches, SplitColumn, Values};
use super::split_read::{SplitInSlot, SplitReader};
use crate::Error;
use crate::cache::{Found, KeptColumn, SplitShape, Stored};
use crate::format::{BadRecords, DecodeError, Decoded, RecordStart, Selection};

/// Scans splits of one table for a query.
pub(super) struct SplitScan {
    pub(super) reader: SplitReader,
    /// Columns of the table that are needed: those of the filter, then the others that are handed out.
    pub(super) columns: Vec<usize>,
    /// Places in `columns` of those that are handed out.
    pub(super) output: Vec<usize>,
    pub(super) filter: Option<Arc<Filter>>,
    /// Of what is handed out.
    pub(super) schema: SchemaRef,
    /// The splits whose rows have been counted.
    pub(super) counted: Arc<[AtomicBool]>,
}

/// What is there of a split.
pub(super) struct Pieces {
    pub(super) index: usize,
    /// Where to decode from.
    start: RecordStart,
    pub(super) shape: Option<Arc<SplitShape>>,
    /// As in [`SplitScan::columns`].
    pub(super) columns: Vec<Option<SplitColumn>>,
    /// Where columns are on disk that are not there yet, likewise.
    stored: Vec<Option<Stored>>,
    /// Its bytes, once they were read.
    bytes: Option<SplitInSlot>,
    /// Whether some of its columns were decoded from what was read.
    is_read: bool,
}

impl SplitScan {
    /// The rows of a split. Columns that are kept are not decoded again, and when nothing else is needed
    /// the split is not read. What is decoded is decoded at once, so that its slot is free before operators
    /// run.
    pub(super) async fn run(&self, index: usize) -> Result<SplitBatches, Error> {
        if index >= self.reader.table.splits.len() {
            return Ok(SplitBatches::empty());
        }
        if self.leaves_out(index)? {
            return Ok(SplitBatches::empty());
        }
        let mut pieces = self.find(index)?;
        let all = 0..self.columns.len();
        let selection = match &self.filter {
            None => {
                self.bring(&mut pieces, all, None).await?;
                None
            }
            Some(filter) => Some(match self.candidates(&pieces, filter)? {
                Candidates::All => self.bring_filtered(&mut pieces, filter).await?,
                Candidates::Some(rows) => self.bring_pruned(&mut pieces, filter, &rows).await?,
                Candidates::None => {
                    let shape = pieces.shape.as_ref().map_or(&[][..], |shape| &shape.batch_rows);
                    Selection::new(shape.iter().map(|&rows| BooleanBuffer::new_unset(rows)).collect())
                }
            }),
        };
        // The slot is given back before anything else is done.
        pieces.bytes = None;
        if pieces.is_read {
            self.keep(&pieces);
        }
        Ok(self.deliver(pieces, selection))
    }

    /// Whether the filter lets no row of the split's file pass, as far as can be said without reading it. Then the
    /// split counts as done.
    fn leaves_out(&self, index: usize) -> Result<bool, Error> {
        let table = &self.reader.table;
        let split = &table.splits[index];
        let (Some(filter), Some(file)) = (&self.filter, table.files.get(split.file)) else {
            return Ok(false);
        };
        if file.constants.is_empty() || !filter.rejects(&file.constants)? {
            return Ok(false);
        }
        self.reader.job.leave_out(table.id, index);
        if self.counted.get(index).is_some_and(|counted| !counted.swap(true, Ordering::Relaxed)) {
            let counters = &self.reader.job.counters;
            counters.bytes_done.fetch_add(split.owned.end - split.owned.start, Ordering::Relaxed);
            counters.splits_done.fetch_add(1, Ordering::Relaxed);
        }
        Ok(true)
    }

    /// What the cache has of a split.
    fn find(&self, index: usize) -> Result<Pieces, Error> {
        let owned_end = self.reader.table.owned_end(index);
        let known_start = self.reader.known_start(index)?;
        let first_record = known_start.map(|start| (start < owned_end).then_some(start));
        let (job, key) = (&self.reader.job, (self.reader.table.id, index));
        let found = job.cache.find(key, &self.columns, first_record, job.query);
        let guess = known_start.map_or(RecordStart::Guess, RecordStart::At);
        Ok(match found {
            Some(Found { shape, columns, stored }) => Pieces {
                index,
                start: RecordStart::At(shape.first_record.unwrap_or(owned_end)),
                shape: Some(shape),
                columns: columns.into_iter().map(|kept| kept.map(kept_column)).collect(),
                stored,
                bytes: None,
                is_read: false,
            },
            None => {
                let (columns, stored) = (vec![None; self.columns.len()], vec![None; self.columns.len()]);
                let shape = self.reader.block_shape(index)?.map(Arc::new);
                Pieces { index, start: guess, shape, columns, stored, bytes: None, is_read: false }
            }
        })
    }

    /// Reads the columns at `places` that are on disk. One whose bad records are not all listed is of no use
    /// where they have to be told of some rows only.
    async fn load(&self, pieces: &mut Pieces, places: Range<usize>, of_some_rows: bool) {
        let Some(shape) = pieces.shape.clone() else { return };
        let (job, key) = (&self.reader.job, (self.reader.table.id, pieces.index));
        let wanted = pieces.stored[places.clone()].iter_mut().zip(places);
        let load = |(stored, place): (&mut Option<Stored>, usize)| {
            let stored = stored.take()?;
            Some(async move { (place, job.cache.load(stored).await) })
        };
        let loading: Vec<_> = wanted.filter_map(load).collect();
        for (place, bytes) in join_all(loading).await {
            let restore =
                |bytes: Vec<u8>| job.cache.restore(key, &shape, self.columns[place], &bytes, job.query);
            let restored = bytes.and_then(|bytes| job.recorder.decoding(|| restore(bytes)));
            let usable = restored.filter(|column| !of_some_rows || column.bad.is_complete());
            pieces.columns[place] = usable.map(kept_column);
        }
    }

    /// Decodes the columns at `places` that are not there yet, of the selected rows only.
    pub(super) async fn bring(
        &self,
        pieces: &mut Pieces,
        places: Range<usize>,
        selection: Option<&Selection>,
    ) -> Result<(), Error> {
        self.load(pieces, places.clone(), selection.is_some()).await;
        let missing: Vec<usize> = places.filter(|&place| pieces.columns[place].is_none()).collect();
        if missing.is_empty() && pieces.shape.is_some() {
            return Ok(());
        }
        let columns: Vec<usize> = missing.iter().map(|&place| self.columns[place]).collect();
        let decoded = match &pieces.bytes {
            Some(bytes) => {
                let recorder = &self.reader.job.recorder;
                let decoded = recorder.decoding(|| bytes.decode(pieces.start, &columns, selection));
                decoded.map_err(|error| match error {
                    DecodeError::Format(error) => error.into(),
                    DecodeError::Truncated => {
                        Error::Internal("a split ends where it did not before".to_owned())
                    }
                })?
            }
            None => {
                let read = self.reader.read(pieces.index, pieces.start, &columns, selection).await?;
                if self.reader.block(pieces.index)?.is_none() {
                    let owned = &self.reader.table.splits[pieces.index].owned;
                    let bytes_read = &self.reader.job.counters.bytes_read;
                    bytes_read.fetch_add(owned.end - owned.start, Ordering::Relaxed);
                }
                pieces.is_read = true;
                pieces.bytes = read.1;
                read.0
            }
        };
        let (shape, fresh) = take_apart(decoded, columns.len());
        if pieces.shape.is_none() {
            let owned_end = self.reader.table.owned_end(pieces.index);
            pieces.start = RecordStart::At(shape.first_record.unwrap_or(owned_end));
            pieces.shape = Some(Arc::new(shape));
        }
        for (place, (arrays, bad)) in missing.into_iter().zip(fresh) {
            let values = if selection.is_some() { Values::Selected(arrays) } else { Values::Fresh(arrays) };
            pieces.columns[place] = Some(SplitColumn { values, bad: Arc::new(bad) });
        }
        Ok(())
    }

    /// Finds out which rows pass, and brings the other columns of these, or whole.
    async fn bring_filtered(&self, pieces: &mut Pieces, filter: &Filter) -> Result<Selection, Error> {
        let job = &self.reader.job;
        let (of_filter, all) = (0..filter.columns().len(), 0..self.columns.len());
        let others = of_filter.end..all.end;
        self.load(pieces, of_filter.clone(), false).await;
        // To find that no row passes costs little when the file need not be read for it.
        let is_kept = pieces.columns[of_filter.clone()].iter().all(Option::is_some);
        let at_once = !is_kept && filter.expects_whole(job.cache.wants(job.query));
        self.bring(pieces, if at_once { all } else { of_filter.clone() }, None).await?;
        let selection = select(filter, pieces, of_filter)?;
        let whole = filter.wants_whole(&selection, job.cache.wants(job.query));
        if selection.selected() == 0 {
            return Ok(selection);
        }
        if whole {
            self.bring(pieces, others.clone(), None).await?;
        }
        for column in &mut pieces.columns[others.clone()] {
            // Which of their bad records pass is known as far as they are listed.
            let says = column.as_ref().is_some_and(|column| column.bad.is_complete());
            *column = column.take().filter(|_| says);
        }
        self.bring(pieces, others, Some(&selection)).await?;
        Ok(selection)
    }

    /// Keeps the columns that were decoded whole, if there is room.
    fn keep(&self, pieces: &Pieces) {
        let (job, Some(shape)) = (&self.reader.job, &pieces.shape) else { return };
        if !job.cache.wants(job.query) {
            return;
        }
        let fresh = |(column, found): (&usize, &Option<SplitColumn>)| match found {
            Some(SplitColumn { values: Values::Fresh(arrays), bad }) => {
                Some((*column, arrays.clone(), BadRecords::clone(bad)))
            }
            _ => None,
        };
        let columns = self.columns.iter().zip(&pieces.columns).filter_map(fresh).collect();
        job.cache.keep((self.reader.table.id, pieces.index), Arc::clone(shape), columns, job.query);
    }

    /// Counts and logs a split and hands out its rows.
    fn deliver(&self, pieces: Pieces, selection: Option<Selection>) -> SplitBatches {
        let Some(shape) = pieces.shape else { return SplitBatches::empty() };
        let filter_columns = self.filter.as_ref().map_or(0, |filter| filter.columns().len());
        let of_passing = |(place, column): (usize, &Option<SplitColumn>)| {
            let SplitColumn { values, bad } = column.as_ref()?;
            let bad = match (&selection, values) {
                (Some(selection), Values::Fresh(_) | Values::Kept(_)) if place >= filter_columns => {
                    bad.of_rows(selection)
                }
                _ => BadRecords::clone(bad),
            };
            Some((self.columns[place], bad))
        };
        let bad_fields: Vec<_> = pieces.columns.iter().enumerate().filter_map(of_passing).collect();
        let bad_columns = bad_fields.iter().map(|(_, bad)| bad);
        let bad = BadRecords::merge(std::iter::once(&shape.bad_shapes).chain(bad_columns));
        let (job, table) = (&self.reader.job, &self.reader.table);
        let owned = &table.splits[pieces.index].owned;
        let counters = &job.counters;
        let rows = shape.batch_rows.iter().sum::<usize>() as u64;
        if self.counted.get(pieces.index).is_some_and(|counted| !counted.swap(true, Ordering::Relaxed)) {
            counters.bytes_done.fetch_add(owned.end - owned.start, Ordering::Relaxed);
            counters.rows_read.fetch_add(rows, Ordering::Relaxed);
            counters.bad_rows.fetch_add(bad.count, Ordering::Relaxed);
            counters.splits_done.fetch_add(1, Ordering::Relaxed);
            bad_fields.iter().for_each(|(column, bad)| job.misfits.add(table, *column, bad));
        }
        let log = SplitLog {
            first_record: shape.first_record,
            next_record: shape.next_record,
            lines: shape.lines,
            bad,
        };
        job.log(table.id, table.splits.len(), pieces.index, log);
        let mut columns = pieces.columns;
        let output = self.output.iter().filter_map(|&place| columns[place].take());
        let values = output.map(|column| column.values).collect();
        SplitBatches::new(Arc::clone(&self.schema), shape.batch_rows.clone(), values, selection)
    }
}

fn kept_column(KeptColumn { values, bad, .. }: KeptColumn) -> SplitColumn {
    SplitColumn { values: Values::Kept(values), bad }
}

/// The rows that pass, of the columns at `places`.
fn select(filter: &Filter, pieces: &Pieces, places: Range<usize>) -> Result<Selection, Error> {
    let batch_rows = pieces.shape.as_ref().map_or(&[][..], |shape| &shape.batch_rows);
    let columns: Vec<&SplitColumn> = pieces.columns[places].iter().flatten().collect();
    let mut batches = Vec::with_capacity(batch_rows.len());
    for (index, &rows) in batch_rows.iter().enumerate() {
        let arrays: Vec<ArrayRef> = columns.iter().filter_map(|column| column.values.batch(index)).collect();
        batches.push(filter.select(&arrays, rows)?);
    }
    Ok(Selection::new(batches))
}

/// A decoded column, batch by batch, and the records whose field is no value of it.
type FreshColumn = (Vec<ArrayRef>, BadRecords);

/// What is known of a split, and its decoded columns.
fn take_apart(decoded: Decoded, columns: usize) -> (SplitShape, Vec<FreshColumn>) {
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
    (shape, apart)
}
