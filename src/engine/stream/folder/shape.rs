//! What the files of a folder have in common: format, columns and types, found in the first lines.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use millrace_protocol::{Dialect, TableOptions};

use crate::Error;
use crate::engine::Engine;
use crate::format::Sniffed;
use crate::source::{MemorySource, Source};
use crate::stream::EventTime;
use crate::stream::reading::Reading;
use crate::stream::records::{Records, whole_lines_of};

/// Lines of so many bytes tell the columns. They go into each checkpoint, so that a stream goes on with the same
/// types when the files that they were found in are gone.
pub(super) const SAMPLE_BYTES: u64 = 64 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What is the same in all files.
pub(super) struct Shape {
    pub(super) records: Arc<Records>,
    pub(super) sample_name: String,
    pub(super) sample: String,
    dialect: Option<Dialect>,
    /// What stands before the first record, without a byte order mark and the last line end; empty when there is
    /// nothing.
    header: Vec<u8>,
}

/// Where the records of a file begin.
pub(super) enum Start {
    At {
        offset: u64,
        /// Lines up to there, counted from 1.
        line: u64,
    },
    /// Its first lines are not there yet.
    NotYet,
    /// It is of another shape; how.
    Other(String),
}

impl Shape {
    /// The shape of these lines of a file; `None` when they hold no record.
    ///
    /// # Errors
    /// When they are of no format with columns, or have no such event time.
    pub(super) async fn of(
        engine: &Engine,
        name: &str,
        sample: String,
        event_time: &EventTime,
    ) -> Result<Option<Self>, Error> {
        let sniffed = sniff(engine, name, sample.as_bytes()).await?;
        let first = usize::try_from(sniffed.first_record).unwrap_or(usize::MAX);
        let Some(before) = sample.as_bytes().get(..first).filter(|_| first < sample.len()) else {
            return Ok(None);
        };
        let header = without_line_end(without_mark(before)).to_vec();
        let records = Arc::new(Records::try_new(name, &sniffed, event_time)?);
        Ok(Some(Self { records, sample_name: name.to_owned(), sample, dialect: sniffed.dialect, header }))
    }

    /// Where the records of a file begin. With `is_still` its last line counts as whole.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) async fn start(
        &self,
        engine: &Engine,
        reading: &Reading,
        source: &Rc<dyn Source>,
        is_still: bool,
    ) -> Result<Start, Error> {
        if self.header.is_empty() {
            return self.start_without_header(engine, reading, source, is_still).await;
        }
        // The longest line end, and a byte behind it.
        let longest = (BYTE_ORDER_MARK.len() + self.header.len() + 3) as u64;
        let head = reading.bytes(source, 0..source.len_bytes().min(longest)).await?;
        let text = without_mark(&head);
        let mark = head.len() - text.len();
        let Some(rest) = text.strip_prefix(self.header.as_slice()) else {
            if self.header.starts_with(text) {
                return Ok(Start::NotYet);
            }
            return self.start_of_other(engine, reading, source).await;
        };
        let line_end = match rest {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            [] | [b'\r'] => return Ok(Start::NotYet),
            _ => return self.start_of_other(engine, reading, source).await,
        };
        let lines = self.header.iter().filter(|byte| **byte == b'\n').count() as u64 + 2;
        Ok(Start::At { offset: (mark + self.header.len() + line_end) as u64, line: lines })
    }

    /// Without a header only the records themselves tell whether they are those of the others.
    async fn start_without_header(
        &self,
        engine: &Engine,
        reading: &Reading,
        source: &Rc<dyn Source>,
        is_still: bool,
    ) -> Result<Start, Error> {
        let mut head = reading.bytes(source, 0..source.len_bytes().min(SAMPLE_BYTES)).await?;
        let mark = head.len() - without_mark(&head).len();
        head.drain(..mark);
        let records = Arc::clone(&self.records);
        let first = engine
            .on_pool(move || {
                let is_cut = !head.contains(&b'\n');
                if is_cut && is_still { records.last(&head) } else { records.complete(&mut head) }
            })
            .await??;
        if first.rows == 0 {
            return Ok(Start::NotYet);
        }
        let shapes = first.decoded.as_ref().map(|decoded| &decoded.bad_shapes);
        match shapes.filter(|bad| bad.count >= first.rows).and_then(|bad| bad.listed.first()) {
            Some(bad) => Ok(Start::Other(format!("line {}: {}", bad.line_in_split + 1, bad.reason))),
            None => Ok(Start::At { offset: mark as u64, line: 1 }),
        }
    }

    /// A file with another beginning may have the same columns all the same: names in quotes, or other lines in
    /// front of them.
    async fn start_of_other(
        &self,
        engine: &Engine,
        reading: &Reading,
        source: &Rc<dyn Source>,
    ) -> Result<Start, Error> {
        let mut head = reading.bytes(source, 0..source.len_bytes().min(SAMPLE_BYTES)).await?;
        head.truncate(whole_lines_of(&head));
        if head.is_empty() {
            return Ok(Start::NotYet);
        }
        let sniffed = match sniff(engine, source.name(), &head).await {
            Ok(sniffed) => sniffed,
            Err(Error::Format(error)) => return Ok(Start::Other(error.message)),
            Err(error) => return Err(error),
        };
        Ok(match self.difference(&sniffed) {
            Some(difference) => Start::Other(difference),
            None => Start::At { offset: sniffed.first_record, line: sniffed.first_line },
        })
    }

    fn difference(&self, other: &Sniffed) -> Option<String> {
        let names = |fields: &arrow::datatypes::Fields| -> Vec<String> {
            fields.iter().map(|field| field.name().clone()).collect()
        };
        let (own, others) = (names(self.records.schema.fields()), names(other.schema.fields()));
        let lacking = |from: &[String], of: &[String]| -> String {
            let from: HashSet<&String> = from.iter().collect();
            let lacking: Vec<&str> =
                of.iter().filter(|name| !from.contains(name)).map(String::as_str).collect();
            lacking.join(", ")
        };
        let (missing, more) = (lacking(&others, &own), lacking(&own, &others));
        let delimiter = |dialect: &Option<Dialect>| dialect.as_ref().map(|dialect| dialect.delimiter.clone());
        let first = &self.sample_name;
        Some(match (missing.as_str(), more.as_str()) {
            ("", "") if delimiter(&self.dialect) != delimiter(&other.dialect) => {
                format!("its fields are separated in another way than those of {first}")
            }
            ("", "") if own != others => format!("its columns are in another order than those of {first}"),
            ("", "") => return None,
            ("", more) => format!("it has columns that {first} has not: {more}"),
            (missing, "") => format!("it lacks columns of {first}: {missing}"),
            (missing, more) => format!("it has other columns than {first}: {more} instead of {missing}"),
        })
    }
}

async fn sniff(engine: &Engine, name: &str, lines: &[u8]) -> Result<Sniffed, Error> {
    let lines: Rc<dyn Source> = Rc::new(MemorySource::new(name, lines));
    let (_, sniffed, _) = engine.sniff(&lines, &TableOptions::default()).await?;
    Ok(sniffed)
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}
