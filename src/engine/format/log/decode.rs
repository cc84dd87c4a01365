//! Decoding the records of a split.

use std::ops::Range;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use super::column::{Column, ColumnKind};
use super::layout::{Found, Layout, Scanner};
use crate::format::batch::{batch, internal};
use crate::format::issues::Issues;
use crate::format::lines::{first_line, line_end, owned_end};
use crate::format::value::RawField;
use crate::format::{
    DecodeError, Decoded, Decoder, FormatError, Listing, RecordStart, Selection, SplitBytes,
};

/// Bytes of a line that show whether a record starts with it: more than any time takes, and what may
/// stand before it.
const START_BYTES: usize = 64;

/// A column of the table.
#[derive(Clone, Debug)]
pub struct LogColumn {
    /// The field that it shows, or none: then it shows records that are of no known layout.
    pub field: Option<usize>,
    /// How text becomes values.
    pub kind: ColumnKind,
}

/// Decodes records of a known layout.
#[derive(Clone, Debug)]
pub struct LogDecoder {
    /// What the format is called.
    pub name: &'static str,
    /// Names and types of the columns.
    pub schema: SchemaRef,
    /// The columns.
    pub columns: Vec<LogColumn>,
    /// Fields that are no columns, since the sample had none of them.
    pub absent: Vec<usize>,
    /// Where fields are in a record.
    pub layout: Arc<dyn Layout>,
    /// When the file was changed last, in milliseconds since 1970-01-01 UTC.
    pub modified_millis: Option<i64>,
    /// Which bad records it lists.
    pub listing: Listing,
}

/// A record: its text, the start of the next one, and the line ends up to there.
struct Record {
    end: usize,
    next: usize,
    lines: u64,
}

impl LogDecoder {
    /// The first record from the line at `pos` on, and the number of lines before it. When the bytes end
    /// in a line that may be no record and goes on behind them, that is an error with its position.
    fn next_record(
        &self,
        split: &SplitBytes<'_>,
        mut pos: usize,
        joins: bool,
    ) -> Result<(usize, u64), usize> {
        let mut lines = 0;
        while pos < split.bytes.len() {
            if self.is_record(split, pos, joins)? {
                return Ok((pos, lines));
            }
            let newline = line_end(split, pos).ok_or(pos)?;
            lines += u64::from(newline < split.bytes.len());
            pos = (newline + 1).min(split.bytes.len());
        }
        if split.at_end_of_file { Ok((pos, lines)) } else { Err(pos) }
    }

    /// Whether a record starts with the line at `pos`; that position when the bytes end too early to tell.
    #[inline]
    fn is_record(&self, split: &SplitBytes<'_>, pos: usize, joins: bool) -> Result<bool, usize> {
        let rest = &split.bytes[pos..];
        if joins {
            let text = &rest[..rest.len().min(START_BYTES)];
            if text.len() < START_BYTES && !split.at_end_of_file && memchr::memchr(b'\n', text).is_none() {
                return Err(pos);
            }
            return Ok(self.layout.starts(text));
        }
        if !matches!(rest.first(), Some(b'\0'..=b' ' | b'#') | None) {
            return Ok(true);
        }
        let line = &split.bytes[pos..line_end(split, pos).ok_or(pos)?];
        Ok(!line.trim_ascii().is_empty() && !self.layout.is_between(line.trim_ascii_end()))
    }

    /// The record that starts at `pos`.
    fn record(&self, split: &SplitBytes<'_>, pos: usize) -> Result<Record, DecodeError> {
        let bytes = split.bytes;
        let newline = line_end(split, pos).ok_or(DecodeError::Truncated)?;
        let behind = (newline + 1).min(bytes.len());
        let joins = self.layout.joins();
        let (next, more) = self.next_record(split, behind, joins).map_err(|_| DecodeError::Truncated)?;
        let lines = u64::from(newline < bytes.len()) + more;
        let end = if joins {
            pos + bytes[pos..next].trim_ascii_end().len()
        } else {
            newline - usize::from(newline > pos && bytes[newline - 1] == b'\r')
        };
        Ok(Record { end, next, lines })
    }

    /// Where the first record of the split starts.
    fn first_record(&self, split: &SplitBytes<'_>, end: usize) -> Result<Option<usize>, DecodeError> {
        let Some(line) = first_line(split, end) else { return Ok(None) };
        let guessed = split.start == RecordStart::Guess && split.offset < split.owned.start;
        // What is known to be a start may be the first line of the file, which need not look like one.
        let joins = self.layout.joins() && guessed;
        match self.next_record(split, line, joins) {
            Ok((start, _)) => Ok(Some(start).filter(|&start| start < end)),
            Err(unknown) if unknown < end => Err(DecodeError::Truncated),
            Err(_) => Ok(None),
        }
    }
}

impl Decoder for LogDecoder {
    fn decode(
        &self,
        split: &SplitBytes<'_>,
        projection: &[usize],
        selection: Option<&Selection>,
    ) -> Result<Decoded, DecodeError> {
        let end = owned_end(split)?;
        let first = self.first_record(split, end)?;
        let mut collector = Collector::new(self, split, projection, selection)?;
        let Some(start) = first else { return collector.finish(None) };
        let mut pos = start;
        while pos < end {
            let record = self.record(split, pos)?;
            collector.append(pos..record.end)?;
            collector.decoded.lines += record.lines;
            pos = record.next;
        }
        collector.finish(Some(split.offset + start as u64..split.offset + pos as u64))
    }

    fn format_name(&self) -> Option<&'static str> {
        Some(self.name)
    }

    fn listing_all(&self) -> Option<Arc<dyn Decoder>> {
        Some(Arc::new(Self { listing: Listing::All, ..self.clone() }))
    }
}

/// Collects the records of a split into batches.
struct Collector<'a> {
    decoder: &'a LogDecoder,
    split: &'a SplitBytes<'a>,
    selection: Option<&'a Selection>,
    schema: SchemaRef,
    scanner: Box<dyn Scanner>,
    found: Found,
    columns: Vec<(Option<usize>, Box<dyn Column>)>,
    /// Rows of the batch so far, and how many of them are selected.
    pending_rows: usize,
    pending_selected: usize,
    decoded: Decoded,
    issues: Issues<'a>,
}

impl<'a> Collector<'a> {
    fn new(
        decoder: &'a LogDecoder,
        split: &'a SplitBytes<'a>,
        projection: &'a [usize],
        selection: Option<&'a Selection>,
    ) -> Result<Self, FormatError> {
        let column = |&index: &usize| {
            let LogColumn { field, kind } = &decoder.columns[index];
            let name = decoder.schema.field(index).name().clone();
            (*field, kind.column(name, decoder.modified_millis))
        };
        Ok(Self {
            decoder,
            split,
            selection,
            schema: Arc::new(decoder.schema.project(projection).map_err(internal)?),
            scanner: decoder.layout.scanner(),
            found: Found::new(decoder.layout.fields().len()),
            columns: projection.iter().map(column).collect(),
            pending_rows: 0,
            pending_selected: 0,
            decoded: Decoded::empty(),
            issues: Issues::new(split.bytes, projection.len(), decoder.listing),
        })
    }

    fn append(&mut self, record: Range<usize>) -> Result<(), DecodeError> {
        let bytes = self.split.bytes;
        self.issues.enter_record(record.clone(), self.decoded.rows, self.decoded.lines);
        self.found.clear();
        let mut unparsed = None;
        if let Err(mismatch) = self.scanner.scan(bytes, record.clone(), &mut self.found) {
            if !mismatch.keeps {
                self.found.clear();
                unparsed = Some(RawField { start: record.start, end: record.end });
            }
            self.issues.add(|| mismatch.reason);
        }
        for name in self.found.unknown.drain(..) {
            self.issues.unknown(String::from_utf8_lossy(&bytes[name.start..name.end]).into_owned());
        }
        for &field in &self.decoder.absent {
            if self.found.fields[field].is_some() {
                self.issues.unknown(self.decoder.layout.fields()[field].name.clone());
            }
        }
        let is_selected =
            |selection: &Selection| selection.is_selected(self.decoded.batches.len(), self.pending_rows);
        if self.selection.is_none_or(is_selected) {
            for (place, (field, column)) in self.columns.iter_mut().enumerate() {
                self.issues.enter_column(place);
                let value = field.map_or(unparsed, |field| self.found.fields[field]);
                column.append(bytes, value, &mut self.issues);
            }
            self.pending_selected += 1;
        }
        self.pending_rows += 1;
        self.decoded.rows += 1;
        if self.pending_rows >= self.split.batch_rows {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), FormatError> {
        let arrays = self.columns.iter_mut().map(|(_, column)| column.finish()).collect();
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
