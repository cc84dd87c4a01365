//! A file that grows: its records are given as they are appended.

use std::rc::Rc;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use millrace_protocol::{ErrorInfo, ErrorKind, TableOptions};

use super::growing::{Beginning, whole_lines};
use super::reading::{Found, Reading};
use super::records::Records;
use super::{EventTime, GrowingFile, Polled, Position, StreamSource};
use crate::Error;
use crate::engine::Engine;
use crate::format::Sniffed;
use crate::source::{Source, SourceError};

/// Follows a file of CSV or JSON lines.
///
/// A record is given once its line end is there. When the file is shorter than what was given of it, or begins
/// with other bytes, it is another one, and is read from its beginning.
pub struct FollowedFile {
    file: Box<dyn GrowingFile>,
    engine: Engine,
    records: Arc<Records>,
    event_time: EventTime,
    /// The bytes before the first record. A file that comes in the place of this one must begin with them.
    header: Vec<u8>,
    header_lines: u64,
    reading: Reading,
}

impl Engine {
    /// Follows a file from its beginning. Format, columns and types are found in what it holds now.
    ///
    /// # Errors
    /// When the file cannot be read, holds no record yet, is of no format that has columns, or has no such
    /// event time.
    pub async fn follow(
        &self,
        file: Box<dyn GrowingFile>,
        event_time: impl Into<EventTime>,
    ) -> Result<FollowedFile, Error> {
        let source = file.look().await?;
        let sample_bytes = whole_lines(&source, &self.0.slots).await?;
        if sample_bytes == 0 {
            let message = format!("{} holds no whole line yet.", file.name());
            let info = ErrorInfo::new(ErrorKind::File, message)
                .with_hint("Follow it once its first records are there: they tell its columns.");
            return Err(Error::Sql(Box::new(info)));
        }
        let event_time = event_time.into();
        let (records, sniffed) = self.sniff_lines(&source, sample_bytes, &event_time).await?;
        let (offset, lines) = (sniffed.first_record, sniffed.first_line);
        let position = Position { offset, lines, sample_bytes, ..Position::default() };
        let mut reading = Reading::new(self, position);
        let header = reading.bytes(&source, 0..offset).await?;
        reading.identify(&source).await?;
        let engine = self.clone();
        Ok(FollowedFile { file, engine, records, event_time, header, header_lines: lines, reading })
    }

    /// What the first bytes of a file say of its columns.
    async fn sniff_lines(
        &self,
        file: &Rc<dyn Source>,
        bytes: u64,
        event_time: &EventTime,
    ) -> Result<(Arc<Records>, Sniffed), Error> {
        let lines: Rc<dyn Source> = Rc::new(Beginning::new(file, bytes));
        let (_, sniffed, _) = self.sniff(&lines, &TableOptions::default()).await?;
        Ok((Arc::new(Records::try_new(file.name(), &sniffed, event_time)?), sniffed))
    }
}

impl FollowedFile {
    /// The same with so many bytes read at a time, for tests.
    #[must_use]
    pub fn reading(mut self, bytes: u64) -> Self {
        self.reading.read_bytes = bytes.max(1);
        self
    }

    /// Goes to the first record of a file that came in the place of another. Says whether it is there yet.
    async fn start_again(&mut self, source: &Rc<dyn Source>) -> Result<bool, Error> {
        let len = self.header.len().min(usize::try_from(source.len_bytes()).unwrap_or(usize::MAX));
        let head = self.reading.bytes(source, 0..len as u64).await?;
        if head != self.header[..len] {
            let name = self.file.name();
            let info = ErrorInfo::new(
                ErrorKind::FileChanged,
                format!("{name} was replaced by a file with another first line."),
            );
            return Err(Error::Sql(Box::new(
                info.with_hint("Start the query anew to work with its columns."),
            )));
        }
        if len < self.header.len() {
            return Ok(false);
        }
        let sample_bytes = self.reading.position.sample_bytes;
        let (offset, lines) = (len as u64, self.header_lines);
        self.reading.position = Position { offset, lines, sample_bytes, ..Position::default() };
        self.reading.identify(source).await?;
        Ok(true)
    }

    async fn next(&mut self, most_rows: usize) -> Result<Polled, Error> {
        let mut notices = Vec::new();
        let source = match self.file.look().await {
            Ok(source) => source,
            // Between the renaming of a file and the making of the next one there is none for a moment.
            Err(error @ SourceError::Unreadable { .. }) => {
                return Ok(Polled { notices: vec![error.to_string()], ..Polled::default() });
            }
            Err(error) => return Err(error.into()),
        };
        if let Found::Replaced(why) = self.reading.find(&source).await? {
            if !self.start_again(&source).await? {
                return Ok(Polled::default());
            }
            notices.push(format!("{} {why}: it is read again from its beginning", self.file.name()));
        } else {
            self.reading.identify(&source).await?;
        }
        Ok(Polled { notices, ..self.reading.take(&source, &self.records, most_rows).await? })
    }
}

impl StreamSource for FollowedFile {
    fn name(&self) -> &str {
        self.file.name()
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.records.schema)
    }

    fn event_time(&self) -> Option<usize> {
        self.records.event_time
    }

    fn poll(&mut self, _: i64, most_rows: usize) -> LocalBoxFuture<'_, Result<Polled, Error>> {
        async move {
            match self.next(most_rows).await {
                // It was cut or replaced between the look at its length and the read. What became of it shows
                // when it is looked at again.
                Err(Error::Source(SourceError::Changed { .. })) => Ok(Polled::default()),
                polled => polled,
            }
        }
        .boxed_local()
    }

    fn position(&self) -> Position {
        self.reading.position.clone()
    }

    /// Columns get the types that they had: what has come since may look like others.
    fn seek<'a>(&'a mut self, position: &'a Position) -> LocalBoxFuture<'a, Result<(), Error>> {
        async move {
            self.reading.position = position.clone();
            let source = self.file.look().await?;
            if let Found::Same = self.reading.find(&source).await? {
                let bytes = position.sample_bytes;
                self.records = self.engine.sniff_lines(&source, bytes, &self.event_time).await?.0;
            }
            Ok(())
        }
        .boxed_local()
    }
}
