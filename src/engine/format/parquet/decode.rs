//! Columns of a block: which bytes they need, and their decoding.
//!
//! Columns are read and decoded in groups of about [`GROUP_BYTES`], so that of a block no more is in memory than
//! its decoded columns and the bytes of one group. A single column may have more.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, new_empty_array};
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowSelection};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels};
use parquet::errors::ParquetError;

use super::chunk::{Parts, ReadChunk, ReadGroup};
use super::file::{ParquetFile, Window};
use super::pages::ChunkPages;
use crate::format::blocks::{
    Step, Steps, Wanted, assemble, batch_lengths, cut_rows, damaged, guarded, select_rows,
};
use crate::format::column_types::to_type;
use crate::format::{FormatError, Selection};

/// Bytes of chunks that are read together.
const GROUP_BYTES: u64 = 8 << 20;
/// Rows that are decoded or skipped together. Single rows of those that are decoded are left out afterwards.
const RUN_ROWS: usize = 1 << 10;

/// Decodes some columns of a block.
pub(super) struct Decoding {
    file: Arc<ParquetFile>,
    window: Window,
    /// Rows of the window that are decoded; all without.
    runs: Option<Vec<Range<usize>>>,
    wanted: Wanted,
    lengths: Vec<usize>,
    /// Of the wanted columns, those decoded so far.
    decoded: Vec<Vec<ArrayRef>>,
    /// Places in `wanted.columns` that are not begun yet, as groups, the next one last.
    waiting: Vec<Vec<usize>>,
    state: State,
}

enum State {
    Start,
    /// Headers of pages were asked for.
    Finding {
        places: Vec<usize>,
        chunks: Vec<Chunk>,
        asked: Vec<usize>,
    },
    /// Pages were asked for.
    Reading {
        places: Vec<usize>,
        chunks: Vec<Chunk>,
        ranges: Vec<Vec<Range<u64>>>,
    },
}

/// A chunk of the group at hand.
struct Chunk {
    leaf: usize,
    /// Its pages; `None` when it is read whole.
    pages: Option<ChunkPages>,
}

impl Decoding {
    pub(super) fn new(file: Arc<ParquetFile>, wanted: Wanted) -> Self {
        let window = file.windows.get(wanted.block).cloned().unwrap_or(Window { group: 0, rows: 0..0 });
        let lengths = batch_lengths(window.rows.len(), wanted.batch_rows);
        let runs = wanted.selection.as_ref().map(|selection| runs(selection, &lengths));
        let runs = runs.filter(|runs| *runs != [0..window.rows.len()]);
        let decoded = vec![Vec::new(); wanted.columns.len()];
        let waiting = groups(&file, &window, &wanted.columns);
        Self { file, window, runs, wanted, lengths, decoded, waiting, state: State::Start }
    }

    /// Rows of the row group that are decoded.
    fn rows(&self) -> Vec<Range<usize>> {
        let first = self.window.rows.start;
        match &self.runs {
            Some(runs) => runs.iter().map(|run| first + run.start..first + run.end).collect(),
            None => vec![self.window.rows.clone()],
        }
    }

    fn group_rows(&self) -> usize {
        usize::try_from(self.file.metadata.row_group(self.window.group).num_rows()).unwrap_or(0)
    }

    /// The chunks of the columns at `places`.
    fn chunks(&self, places: &[usize]) -> Vec<Chunk> {
        let group = self.file.metadata.row_group(self.window.group);
        let whole = self.runs.is_none() && self.window.rows.len() == self.group_rows();
        let columns = places.iter().filter_map(|&place| self.file.leaves.get(self.wanted.columns[place]));
        let chunk = |&leaf: &usize| {
            let known = || self.file.pages(self.window.group, leaf);
            let unknown = || self.file.is_flat(leaf).then(|| ChunkPages::unknown(group.column(leaf)));
            Chunk { leaf, pages: if whole { None } else { known().or_else(unknown) } }
        };
        columns.flatten().map(chunk).collect()
    }

    /// Asks for headers until the pages with the last row are known, and then for the pages.
    fn ask(&mut self, places: Vec<usize>, chunks: Vec<Chunk>) -> Step<Vec<RecordBatch>> {
        let rows = self.rows();
        let last = rows.last().map_or(0, |range| range.end);
        let is_short = |chunk: &Chunk| chunk.pages.as_ref().is_some_and(|pages| pages.known_rows() < last);
        let asked: Vec<usize> = (0..chunks.len()).filter(|&chunk| is_short(&chunks[chunk])).collect();
        if !asked.is_empty() {
            let headers = asked.iter().filter_map(|&chunk| chunks[chunk].pages.as_ref());
            let reads = headers.map(ChunkPages::next_read).collect();
            self.state = State::Finding { places, chunks, asked };
            return Step::Read(reads);
        }
        let group = self.file.metadata.row_group(self.window.group);
        let ranges: Vec<Vec<Range<u64>>> = chunks
            .iter()
            .map(|chunk| match &chunk.pages {
                Some(pages) => pages.ranges(&rows),
                None => {
                    let (start, length) = group.column(chunk.leaf).byte_range();
                    vec![start..start + length]
                }
            })
            .collect();
        let reads = ranges.concat();
        self.state = State::Reading { places, chunks, ranges };
        Step::Read(reads)
    }

    /// Decodes the columns at `places`, whose chunks were read.
    fn decode(
        &mut self,
        places: &[usize],
        chunks: Vec<Chunk>,
        ranges: Vec<Vec<Range<u64>>>,
        bytes: Vec<Bytes>,
    ) -> Result<(), FormatError> {
        let mut bytes = bytes.into_iter();
        let mut read = HashMap::new();
        for (chunk, ranges) in chunks.into_iter().zip(ranges) {
            let parts = ranges.into_iter().map(|range| range.start).zip(bytes.by_ref()).collect();
            let pages = chunk.pages.map(|pages| {
                let rows = pages.known_rows();
                (pages.pages, rows)
            });
            read.insert(chunk.leaf, ReadChunk { parts: Arc::new(Parts(parts)), pages });
        }
        let group = ReadGroup { metadata: &self.file.metadata, group: self.window.group, chunks: read };
        let rows = self.rows();
        let wanted_rows: usize = rows.iter().map(Range::len).sum();
        // With a selection single rows are left out of one long array, so that it need not be put together.
        let batch_rows = if self.runs.is_some() { wanted_rows } else { self.wanted.batch_rows };
        let all = rows.len() == 1 && rows[0].len() == self.group_rows();
        let selection =
            (!all).then(|| RowSelection::from_consecutive_ranges(rows.into_iter(), self.group_rows()));
        let columns: Vec<usize> = places.iter().map(|&place| self.wanted.columns[place]).collect();
        let batches = guarded(|| {
            let descriptor = self.file.metadata.file_metadata().schema_descr();
            let mask = ProjectionMask::roots(descriptor, columns.iter().copied());
            let levels = parquet_to_arrow_field_levels(descriptor, mask, Some(&self.file.hint))?;
            let reader = ParquetRecordBatchReader::try_new_with_row_groups(
                &levels,
                &group,
                batch_rows.max(1),
                selection,
            )?;
            reader.collect::<Result<Vec<_>, _>>().map_err(ParquetError::from)
        })?;
        let decoded_rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        if decoded_rows != wanted_rows || batches.iter().any(|batch| batch.num_columns() != columns.len()) {
            return Err(damaged("a column has another number of rows than the footer says"));
        }
        // Columns come in the order of the file.
        let mut ordered: Vec<usize> = (0..places.len()).collect();
        ordered.sort_by_key(|&index| columns[index]);
        for (number, index) in ordered.into_iter().enumerate() {
            let arrays = batches.iter().map(|batch| Arc::clone(batch.column(number))).collect();
            self.decoded[places[index]] = guarded(|| self.finish(columns[index], arrays))?;
        }
        Ok(())
    }

    /// Decoded arrays as the table has them, batch by batch.
    fn finish(
        &self,
        column: usize,
        arrays: Vec<ArrayRef>,
    ) -> Result<Vec<ArrayRef>, arrow::error::ArrowError> {
        let data_type = self.file.schema.field(column).data_type();
        let arrays = arrays.iter().map(|array| to_type(array, data_type)).collect::<Result<Vec<_>, _>>()?;
        let Some(selection) = &self.wanted.selection else { return cut_rows(arrays, &self.lengths) };
        if arrays.is_empty() {
            return Ok(vec![new_empty_array(data_type); self.lengths.len()]);
        }
        match &self.runs {
            Some(runs) => select_rows(&arrays, runs, selection, &self.lengths),
            None => select_rows(&arrays, &[0..self.window.rows.len()], selection, &self.lengths),
        }
    }

    fn done(&self) -> Result<Step<Vec<RecordBatch>>, FormatError> {
        let schema: SchemaRef = match self.file.schema.project(&self.wanted.columns) {
            Ok(schema) => Arc::new(schema),
            Err(error) => return Err(damaged(&error.to_string())),
        };
        let lengths: Vec<usize> = match &self.wanted.selection {
            Some(selection) => (0..self.lengths.len())
                .map(|batch| selection.batch(batch).map_or(0, |bits| bits.count_set_bits()))
                .collect(),
            None => self.lengths.clone(),
        };
        Ok(Step::Done(assemble(&schema, &self.decoded, &lengths)?))
    }
}

impl Steps<Vec<RecordBatch>> for Decoding {
    fn step(&mut self, bytes: Vec<Bytes>) -> Result<Step<Vec<RecordBatch>>, FormatError> {
        match std::mem::replace(&mut self.state, State::Start) {
            State::Start => (),
            State::Finding { places, mut chunks, asked } => {
                let rows = self.group_rows();
                for (&chunk, bytes) in asked.iter().zip(&bytes) {
                    let Chunk { leaf, pages: Some(pages) } = &mut chunks[chunk] else { continue };
                    pages.advance(bytes, rows)?;
                    self.file.learn_pages(self.window.group, *leaf, pages);
                }
                return Ok(self.ask(places, chunks));
            }
            State::Reading { places, chunks, ranges } => self.decode(&places, chunks, ranges, bytes)?,
        }
        loop {
            let Some(places) = self.waiting.pop() else { return self.done() };
            if self.rows().is_empty() {
                for place in places {
                    self.decoded[place] = guarded(|| self.finish(self.wanted.columns[place], Vec::new()))?;
                }
                continue;
            }
            let chunks = self.chunks(&places);
            return Ok(self.ask(places, chunks));
        }
    }
}

/// Columns that are read together, as places in `columns`, the first of them last.
fn groups(file: &ParquetFile, window: &Window, columns: &[usize]) -> Vec<Vec<usize>> {
    let Some(group) = file.metadata.row_groups().get(window.group) else { return Vec::new() };
    let share = window.rows.len() as f64 / group.num_rows().max(1) as f64;
    let mut places: Vec<usize> = (0..columns.len()).collect();
    places.sort_by_key(|&place| columns[place]);
    let (mut groups, mut bytes) = (vec![Vec::new()], 0.0);
    for place in places {
        let leaves = file.leaves.get(columns[place]).into_iter().flatten();
        let of_column = leaves.map(|&leaf| group.column(leaf).compressed_size() as f64 * share).sum::<f64>();
        if bytes > 0.0 && bytes + of_column > GROUP_BYTES as f64 {
            groups.push(Vec::new());
            bytes = 0.0;
        }
        bytes += of_column;
        if let Some(group) = groups.last_mut() {
            group.push(place);
        }
    }
    groups.retain(|group: &Vec<usize>| !group.is_empty());
    groups.reverse();
    groups
}

/// Runs of at least [`RUN_ROWS`] that hold all selected rows.
fn runs(selection: &Selection, lengths: &[usize]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let total: usize = lengths.iter().sum();
    let mut first = 0;
    for (batch, &rows) in lengths.iter().enumerate() {
        for run in selection.runs(batch, 0..rows) {
            let start = (first + run.start) / RUN_ROWS * RUN_ROWS;
            let end = (first + run.end).next_multiple_of(RUN_ROWS).min(total);
            match runs.last_mut() {
                Some(last) if last.end >= start => last.end = last.end.max(end),
                _ => runs.push(start..end),
            }
        }
        first += rows;
    }
    runs
}
