//! Decoding the records of a split.

use std::sync::Arc;

use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{Schema, SchemaRef};

use super::bad::BadFields;
use super::column::{Column, column};
use super::field::Rows;
use super::guess::first_record_start;
use super::index::Index;
use super::syntax::{Syntax, count_line_ends};
use crate::format::batch::{batch, internal};
use crate::format::value::{ColumnForm, NullWords};
use crate::format::{
    DecodeError, Decoded, Decoder, FormatError, Listing, RecordStart, Selection, SplitBytes,
};

/// Bytes that are indexed before their columns are decoded: they and their index stay in the cache.
const STRETCH_BYTES: usize = 64 * 1024;
/// Positions are kept in 32 bits.
const LONGEST_STRETCH_BYTES: usize = u32::MAX as usize - STRETCH_BYTES;

/// Decodes delimited text of known syntax, columns and types.
#[derive(Clone, Debug)]
pub struct CsvDecoder {
    listing: Listing,
    syntax: Syntax,
    forms: Vec<ColumnForm>,
    nulls: NullWords,
    schema: SchemaRef,
}

impl CsvDecoder {
    /// A decoder for columns of these forms, which `schema` names.
    pub fn new(syntax: Syntax, forms: Vec<ColumnForm>, nulls: NullWords, schema: SchemaRef) -> Self {
        Self { listing: Listing::First, syntax, forms, nulls, schema }
    }

    /// Number of columns in the file.
    #[cfg(test)]
    pub fn column_count(&self) -> usize {
        self.forms.len()
    }

    fn column(&self, number: usize) -> Box<dyn Column> {
        column(self.forms[number], &self.nulls, self.syntax)
    }

    /// Position in the bytes of the split where its first record starts, or of line ends before it.
    fn start(&self, split: &SplitBytes<'_>) -> Option<usize> {
        match split.start {
            RecordStart::At(offset) if offset >= split.owned.end => None,
            RecordStart::At(offset) => Some(offset.saturating_sub(split.offset) as usize),
            RecordStart::Guess if split.offset == split.owned.start => Some(0),
            RecordStart::Guess => first_record_start(split.bytes, self.syntax, self.forms.len()),
        }
    }
}

impl Decoder for CsvDecoder {
    fn decode(
        &self,
        split: &SplitBytes<'_>,
        projection: &[usize],
        selection: Option<&Selection>,
    ) -> Result<Decoded, DecodeError> {
        let owned_end = (split.owned.end - split.offset) as usize;
        if split.bytes.len() < owned_end && !split.at_end_of_file {
            return Err(DecodeError::Truncated);
        }
        let mut collector = Collector::new(self, split, projection, selection)?;
        let start = self.start(split).map(|start| self.syntax.skip_between(split.bytes, start));
        let Some(first) = start.filter(|&first| first < owned_end.min(split.bytes.len())) else {
            return collector.finish(None);
        };
        let mut index = Index::default();
        let mut pos = first;
        while pos < owned_end.min(split.bytes.len()) {
            let whole = split.bytes.len() - pos <= LONGEST_STRETCH_BYTES;
            let stretch =
                if whole { &split.bytes[pos..] } else { &split.bytes[pos..][..LONGEST_STRETCH_BYTES] };
            let target = (owned_end - pos).min(STRETCH_BYTES);
            index.fill(stretch, target, self.syntax, split.at_end_of_file && whole);
            if index.len() == 0 {
                return Err(if whole { DecodeError::Truncated } else { too_long(split.offset + pos as u64) });
            }
            let mut len = index.len();
            while len > 1
                && Rows::new(stretch, &index, len, self.syntax).record(len - 1).start >= owned_end - pos
            {
                len -= 1;
            }
            let rows = Rows::new(stretch, &index, len, self.syntax);
            let line_end = rows.record(len - 1).end;
            let unclosed = index.unclosed_quote && len == index.len();
            let next = self.syntax.skip_between(stretch, line_end.min(stretch.len()));
            if next == stretch.len() && !split.at_end_of_file {
                return Err(DecodeError::Truncated);
            }
            let lines = if index.one_line_each && next == line_end + 1 {
                len as u64
            } else {
                count_line_ends(&stretch[..next])
            };
            collector.append(&rows, next, unclosed)?;
            collector.decoded.lines += lines;
            pos += next;
        }
        collector.finish(Some((split.offset + first as u64, split.offset + pos as u64)))
    }

    fn listing_all(&self) -> Option<Arc<dyn Decoder>> {
        Some(Arc::new(Self { listing: Listing::All, ..self.clone() }))
    }
}

/// Collects the rows of a split into batches.
struct Collector<'a> {
    decoder: &'a CsvDecoder,
    projection: &'a [usize],
    selection: Option<&'a Selection>,
    schema: SchemaRef,
    columns: Vec<Box<dyn Column>>,
    batch_rows: usize,
    bytes_left: usize,
    /// Rows of the batch so far, and how many of them are selected.
    pending_rows: usize,
    pending_selected: usize,
    decoded: Decoded,
    bad: BadFields,
}

impl<'a> Collector<'a> {
    fn new(
        decoder: &'a CsvDecoder,
        split: &SplitBytes<'_>,
        projection: &'a [usize],
        selection: Option<&'a Selection>,
    ) -> Result<Self, FormatError> {
        let schema: Schema = decoder.schema.project(projection).map_err(internal)?;
        Ok(Self {
            decoder,
            projection,
            selection,
            schema: Arc::new(schema),
            columns: projection.iter().map(|&each| decoder.column(each)).collect(),
            batch_rows: split.batch_rows.max(1),
            bytes_left: split.bytes.len(),
            pending_rows: 0,
            pending_selected: 0,
            decoded: Decoded::empty(),
            bad: BadFields::new(projection.len(), decoder.listing),
        })
    }

    /// Decodes rows whose text, with the line ends behind them, is `text_len` bytes long.
    fn append(&mut self, rows: &Rows<'_>, text_len: usize, unclosed: bool) -> Result<(), FormatError> {
        let mut done = 0;
        while done < rows.len() {
            if self.pending_rows == 0 {
                let row_bytes = (text_len / rows.len()).max(1);
                let expected = self.batch_rows.min(self.bytes_left / row_bytes + 64);
                let selected = self.selection.map_or(expected, |selection| self.selected_of_batch(selection));
                self.columns.iter_mut().for_each(|column| column.reserve(selected));
            }
            let count = (rows.len() - done).min(self.batch_rows - self.pending_rows);
            let part = rows.slice(done..done + count);
            let first_row = self.decoded.rows + done as u64;
            done += count;
            self.check_field_counts(&part, unclosed && done == rows.len());
            self.append_columns(&part);
            self.bad.settle(&part, first_row, self.decoded.lines);
            self.pending_rows += count;
            if self.pending_rows == self.batch_rows {
                self.flush()?;
            }
        }
        self.decoded.rows += rows.len() as u64;
        self.bytes_left -= text_len;
        Ok(())
    }

    /// Decodes the selected rows of `part`, run by run: a run costs about as much as a field, and columns
    /// need not know of selections.
    fn append_columns(&mut self, part: &Rows<'_>) {
        let of_batch = self.pending_rows..self.pending_rows + part.len();
        let runs = match self.selection {
            None => std::iter::once(0..part.len()).collect(),
            Some(selection) => selection.runs(self.decoded.batches.len(), of_batch),
        };
        self.pending_selected += runs.iter().map(ExactSizeIterator::len).sum::<usize>();
        if runs.is_empty() {
            return;
        }
        for (place, (column, &field)) in self.columns.iter_mut().zip(self.projection).enumerate() {
            self.bad.enter_column(place, self.decoder.schema.field(field).name());
            for run in &runs {
                self.bad.enter_rows(run.start);
                column.append(&part.slice(run.clone()), field, &mut self.bad);
            }
        }
    }

    fn selected_of_batch(&self, selection: &Selection) -> usize {
        selection.batch(self.decoded.batches.len()).map_or(0, BooleanBuffer::count_set_bits)
    }

    fn check_field_counts(&mut self, rows: &Rows<'_>, unclosed: bool) {
        let wanted = self.decoder.forms.len();
        self.bad.enter_shapes();
        let counted = rows.len() - usize::from(unclosed);
        for row in 0..counted {
            let found = rows.field_count(row);
            if found != wanted {
                self.bad.field_count(row, found, wanted);
            }
        }
        if unclosed {
            self.bad.unclosed_quote(counted);
        }
    }

    fn flush(&mut self) -> Result<(), FormatError> {
        let arrays = self.columns.iter_mut().map(|column| column.finish()).collect();
        let rows = std::mem::take(&mut self.pending_selected);
        self.decoded.batches.push(batch(&self.schema, arrays, rows)?);
        self.pending_rows = 0;
        Ok(())
    }

    fn finish(mut self, records: Option<(u64, u64)>) -> Result<Decoded, DecodeError> {
        if self.pending_rows > 0 {
            self.flush()?;
        }
        (self.decoded.bad_shapes, self.decoded.bad_fields) = self.bad.finish();
        self.decoded.first_record = records.map(|(first, _)| first);
        self.decoded.next_record = records.map(|(_, next)| next);
        Ok(self.decoded)
    }
}

fn too_long(offset: u64) -> DecodeError {
    DecodeError::Format(FormatError {
        message: format!("the record at byte {offset} is longer than 4 GB"),
        hint: Some("A quote that is never closed makes the rest of the file one field.".to_owned()),
    })
}
