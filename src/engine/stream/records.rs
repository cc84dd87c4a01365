//! Complete records at the beginning of bytes that go on later.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use millrace_protocol::BadRow;

use super::{EventTime, Polled};
use crate::Error;
use crate::format::{DecodeError, Decoded, Decoder, RecordStart, Sniffed, SplitBytes};

/// Rows of a batch at most.
const BATCH_ROWS: usize = 8192;

/// Stands behind the bytes that are there, so that a decoder sees that the line before it has ended. It is
/// no part of any record.
const SOMETHING_ELSE: u8 = b'x';

/// Reads the records of one source.
#[derive(Debug)]
pub(super) struct Records {
    pub(super) schema: SchemaRef,
    /// Nothing when it is the time of arrival.
    pub(super) event_time: Option<usize>,
    decoder: Arc<dyn Decoder>,
    columns: Vec<usize>,
}

/// The records that were complete.
pub(super) struct Complete {
    pub(super) batches: Vec<RecordBatch>,
    /// Bytes that they and their line ends take.
    pub(super) bytes: usize,
    pub(super) lines: u64,
    pub(super) rows: u64,
    pub(super) decoded: Option<Decoded>,
}

impl Records {
    /// Of a source whose beginning was sniffed.
    ///
    /// # Errors
    /// When it has no such event time.
    pub(super) fn try_new(name: &str, sniffed: &Sniffed, event_time: &EventTime) -> Result<Self, Error> {
        let schema = Arc::clone(&sniffed.schema);
        let event_time = event_time.column(name, &schema)?;
        let columns = (0..schema.fields().len()).collect();
        Ok(Self { schema, event_time, decoder: Arc::clone(&sniffed.decoder), columns })
    }

    /// Decodes the complete records at the beginning of `bytes`, which begin with one. `bytes` are changed.
    /// A record is complete when its line end is there.
    ///
    /// # Errors
    /// When the bytes are not of the format.
    pub(super) fn complete(&self, bytes: &mut Vec<u8>) -> Result<Complete, Error> {
        let none = Complete { batches: Vec::new(), bytes: 0, lines: 0, rows: 0, decoded: None };
        let Some(last) = memchr::memrchr(b'\n', bytes) else { return Ok(none) };
        bytes.truncate(last + 1);
        bytes.push(SOMETHING_ELSE);
        if let Some(all) = self.decode(bytes, last + 1, false)? {
            return Ok(self.taken(all, last + 1));
        }
        // The last record has line ends within quotes and no end yet. It begins behind one of the others.
        let ends: Vec<usize> = memchr::memchr_iter(b'\n', &bytes[..last]).map(|end| end + 1).collect();
        let (mut from, mut to, mut found) = (0, ends.len(), none);
        while from < to {
            let middle = usize::midpoint(from, to);
            match self.decode(bytes, ends[middle], false)? {
                Some(decoded) => {
                    found = self.taken(decoded, ends[middle]);
                    from = middle + 1;
                }
                None => to = middle,
            }
        }
        Ok(found)
    }

    /// All records of `bytes`, the last of which needs no line end.
    ///
    /// # Errors
    /// When the bytes are not of the format.
    pub(super) fn last(&self, bytes: &[u8]) -> Result<Complete, Error> {
        let decoded = self.decode(bytes, bytes.len(), true)?.unwrap_or_else(Decoded::empty);
        Ok(Complete { bytes: bytes.len(), ..self.taken(decoded, bytes.len()) })
    }

    /// The records that start before `end`; nothing when the last of them is not complete.
    fn decode(&self, bytes: &[u8], end: usize, at_end_of_file: bool) -> Result<Option<Decoded>, Error> {
        let split = SplitBytes {
            bytes,
            offset: 0,
            owned: 0..end as u64,
            at_end_of_file,
            start: RecordStart::At(0),
            batch_rows: BATCH_ROWS,
        };
        match self.decoder.decode(&split, &self.columns, None) {
            Ok(decoded) => Ok(Some(decoded)),
            Err(DecodeError::Truncated) => Ok(None),
            Err(DecodeError::Format(error)) => Err(error.into()),
        }
    }

    fn taken(&self, mut decoded: Decoded, end: usize) -> Complete {
        // Where no record starts, there are blank lines only.
        let bytes = decoded.next_record.map_or(end, |next| next as usize);
        Complete {
            batches: std::mem::take(&mut decoded.batches),
            bytes,
            lines: decoded.lines,
            rows: decoded.rows,
            decoded: Some(decoded),
        }
    }

    /// Hands over records of `source`, the first of which stands on line `line`.
    pub(super) fn polled(&self, source: &str, complete: Complete, line: u64) -> Polled {
        let bad = complete.decoded.as_ref().map(Decoded::bad).unwrap_or_default();
        let listed = bad.listed.into_iter().map(|bad| BadRow {
            file: source.to_owned(),
            line: line + bad.line_in_split,
            reason: bad.reason,
            text: bad.text,
        });
        Polled {
            batches: complete.batches,
            bad_count: bad.count,
            bad_rows: listed.collect(),
            ..Polled::default()
        }
    }
}

/// Length of the whole lines at the beginning of bytes.
pub(super) fn whole_lines_of(bytes: &[u8]) -> usize {
    memchr::memrchr(b'\n', bytes).map_or(0, |last| last + 1)
}
