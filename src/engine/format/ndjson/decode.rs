//! Decoding the records of a split.

use std::ops::Range;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use super::column::{Column, column};
use super::column_type::JsonType;
use super::issues::Issues;
use super::keys::{KeyOrder, KeySet, Member};
use super::scan::{Fault, Kind, Scanner, Value};
use crate::format::batch::{batch, internal};
use crate::format::lines::{first_line, line_end, owned_end};
use crate::format::{DecodeError, Decoded, Decoder, FormatError, Listing, Selection, SplitBytes};

/// Decodes records of known columns.
#[derive(Clone, Debug)]
pub struct NdjsonDecoder {
    listing: Listing,
    schema: SchemaRef,
    types: Vec<JsonType>,
    keys: Arc<KeySet>,
    layout: Layout,
}

/// What may stand around records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Space only.
    Lines,
    /// The brackets and commas of an array, too.
    Array,
}

impl Layout {
    /// Goes over what stands before or behind a record in its line.
    pub fn skip(self, scanner: &mut Scanner<'_>) {
        scanner.skip_space();
        while self == Self::Array && matches!(scanner.peek(), b'[' | b',' | b']') {
            scanner.pos += 1;
            scanner.skip_space();
        }
    }

    /// Goes over a record, which must have its line for itself.
    ///
    /// # Errors
    /// When the line is anything else.
    pub fn record(
        self,
        scanner: &mut Scanner<'_>,
        keys: &mut KeyOrder,
        member: impl FnMut(Member, Value),
    ) -> Result<(), Fault> {
        self.skip(scanner);
        scanner.object(1, keys, member)?;
        self.skip(scanner);
        if scanner.pos < scanner.bytes.len() && scanner.peek() != b'\n' {
            return Err(Fault { at: scanner.pos, what: "more stands behind the object" });
        }
        Ok(())
    }
}

impl NdjsonDecoder {
    /// A decoder for columns of these keys and types, which `schema` names.
    pub fn new<'a>(
        keys: impl IntoIterator<Item = &'a [u8]>,
        types: Vec<JsonType>,
        schema: SchemaRef,
        layout: Layout,
    ) -> Self {
        Self { listing: Listing::First, schema, types, keys: Arc::new(KeySet::new(keys)), layout }
    }

    /// The first line from `pos` on that is not blank, and the number of lines before it. When the
    /// bytes end in a blank line, which may go on behind them, that is an error with its position.
    fn next_record(&self, split: &SplitBytes<'_>, mut pos: usize) -> Result<(usize, u64), usize> {
        let mut blank = 0;
        loop {
            let mut scanner = Scanner { bytes: split.bytes, pos };
            self.layout.skip(&mut scanner);
            if scanner.pos == split.bytes.len() {
                return if split.at_end_of_file { Ok((scanner.pos, blank)) } else { Err(pos) };
            }
            if scanner.peek() != b'\n' {
                return Ok((pos, blank));
            }
            blank += 1;
            pos = scanner.pos + 1;
        }
    }
}

impl Decoder for NdjsonDecoder {
    fn decode(
        &self,
        split: &SplitBytes<'_>,
        projection: &[usize],
        selection: Option<&Selection>,
    ) -> Result<Decoded, DecodeError> {
        let end = owned_end(split)?;
        let start = match first_line(split, end).map(|line| self.next_record(split, line)) {
            Some(Ok((start, _))) => Some(start),
            Some(Err(unknown)) if unknown < end => return Err(DecodeError::Truncated),
            Some(Err(_)) | None => None,
        };
        let mut collector = Collector::new(self, split, projection, selection)?;
        let Some(start) = start.filter(|&start| start < end) else { return collector.finish(None) };
        let mut pos = start;
        while pos < end {
            let newline = collector.record(pos)?;
            let behind = (newline + 1).min(split.bytes.len());
            let (next, blank) = self.next_record(split, behind).map_err(|_| DecodeError::Truncated)?;
            collector.decoded.lines += u64::from(newline < split.bytes.len()) + blank;
            pos = next;
        }
        collector.finish(Some(split.offset + start as u64..split.offset + pos as u64))
    }

    fn listing_all(&self) -> Option<Arc<dyn Decoder>> {
        Some(Arc::new(Self { listing: Listing::All, ..self.clone() }))
    }
}

/// Collects the records of a split into batches.
struct Collector<'a> {
    split: &'a SplitBytes<'a>,
    layout: Layout,
    projection: &'a [usize],
    selection: Option<&'a Selection>,
    schema: SchemaRef,
    columns: Vec<Box<dyn Column>>,
    keys: KeyOrder,
    /// The values in the record at hand, of all columns of the table.
    found: Vec<Option<Value>>,
    unknown: Vec<Value>,
    /// Rows of the batch so far, and how many of them are selected.
    pending_rows: usize,
    pending_selected: usize,
    decoded: Decoded,
    issues: Issues<'a>,
}

impl<'a> Collector<'a> {
    fn new(
        decoder: &NdjsonDecoder,
        split: &'a SplitBytes<'a>,
        projection: &'a [usize],
        selection: Option<&'a Selection>,
    ) -> Result<Self, FormatError> {
        let name = |field: usize| decoder.schema.field(field).name().clone();
        Ok(Self {
            split,
            layout: decoder.layout,
            projection,
            selection,
            schema: Arc::new(decoder.schema.project(projection).map_err(internal)?),
            columns: projection.iter().map(|&field| column(&decoder.types[field], name(field))).collect(),
            keys: KeyOrder::new(Arc::clone(&decoder.keys)),
            found: vec![None; decoder.types.len()],
            unknown: Vec::new(),
            pending_rows: 0,
            pending_selected: 0,
            decoded: Decoded::empty(),
            issues: Issues::new(split.bytes, projection.len(), decoder.listing),
        })
    }

    /// Decodes the record whose line starts at `pos`. Returns where the line ends.
    fn record(&mut self, pos: usize) -> Result<usize, DecodeError> {
        let bytes = self.split.bytes;
        let mut scanner = Scanner { bytes, pos };
        let Self { found, unknown, .. } = self;
        let outcome = self.layout.record(&mut scanner, &mut self.keys, |member, value| match member {
            Member::Known(field) => found[field] = Some(value),
            Member::Unknown(key) if value.kind != Kind::Null => unknown.push(key),
            Member::Unknown(_) => (),
        });
        // The scan of a record ends at the end of its line, if it was not stopped before.
        let newline = match outcome {
            Ok(()) if scanner.pos < bytes.len() => Some(scanner.pos),
            _ => line_end(self.split, pos),
        };
        let newline = newline.ok_or(DecodeError::Truncated)?;
        let carriage = usize::from(newline > pos && bytes[newline - 1] == b'\r');
        self.issues.enter_record(pos..newline - carriage, self.decoded.rows, self.decoded.lines);
        match outcome {
            Ok(()) => self.unknown.drain(..).for_each(|key| self.issues.unknown_key("", key)),
            Err(fault) => {
                self.issues.no_object(fault);
                self.found.fill(None);
                self.unknown.clear();
            }
        }
        let is_selected =
            |selection: &Selection| selection.is_selected(self.decoded.batches.len(), self.pending_rows);
        if self.selection.is_none_or(is_selected) {
            for (place, (column, &field)) in self.columns.iter_mut().zip(self.projection).enumerate() {
                self.issues.enter_column(place);
                column.append(bytes, self.found[field], &mut self.issues);
            }
            self.pending_selected += 1;
        }
        self.projection.iter().for_each(|&field| self.found[field] = None);
        self.pending_rows += 1;
        self.decoded.rows += 1;
        if self.pending_rows >= self.split.batch_rows {
            self.flush()?;
        }
        Ok(newline)
    }

    fn flush(&mut self) -> Result<(), FormatError> {
        let arrays = self.columns.iter_mut().map(|column| column.finish()).collect();
        let rows = std::mem::take(&mut self.pending_selected);
        self.decoded.batches.push(batch(&self.schema, arrays, rows)?);
        self.pending_rows = 0;
        Ok(())
    }

    fn finish(mut self, records: Option<Range<u64>>) -> Result<Decoded, DecodeError> {
        if self.pending_rows > 0 {
            self.flush()?;
        }
        (self.decoded.bad_shapes, self.decoded.bad_fields) = self.issues.finish();
        self.decoded.first_record = records.as_ref().map(|records| records.start);
        self.decoded.next_record = records.map(|records| records.end);
        Ok(self.decoded)
    }
}
