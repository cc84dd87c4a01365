//! A file that grows: its records are given as they are appended.

use std::hash::Hasher;
use std::rc::Rc;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use millrace_protocol::{ErrorInfo, ErrorKind, TableOptions};
use siphasher::sip::SipHasher13;

use super::growing::{Beginning, whole_lines};
use super::records::Records;
use super::{FileIdentity, GrowingFile, Polled, Position, StreamSource};
use crate::Error;
use crate::engine::Engine;
use crate::format::Sniffed;
use crate::source::{Source, SourceError};

/// A file is known by so many of its first bytes.
const IDENTITY_BYTES: u64 = 256;

/// Bytes that are read at a time, and the most that one record may have.
const READ_BYTES: u64 = 1 << 20;
const LONGEST_RECORD_BYTES: u64 = 64 << 20;

/// Rows stand for about so many bytes where only bytes can be limited.
const ROW_BYTES: u64 = 64;

/// Follows a file of CSV or JSON lines.
///
/// A record is given once its line end is there. When the file is shorter than what was given of it, or begins
/// with other bytes, it is another one, and is read from its beginning.
pub struct FollowedFile {
    file: Box<dyn GrowingFile>,
    engine: Engine,
    records: Arc<Records>,
    /// Name of the event time, if it was given.
    event_time: Option<String>,
    /// The bytes before the first record. A file that comes in the place of this one must begin with them.
    header: Vec<u8>,
    header_lines: u64,
    position: Position,
    /// Bytes that are read at a time: more as long as they hold no whole record.
    read_bytes: u64,
}

/// What has become of a file since it was last looked at.
enum Found {
    /// It may have grown.
    Same,
    /// It is another one; why.
    Replaced(&'static str),
}

impl Engine {
    /// Follows a file from its beginning. Format, columns and types are found in what it holds now; the event
    /// time is the column of this name, or its only timestamp.
    ///
    /// # Errors
    /// When the file cannot be read, holds no record yet, is of no format that has columns, or has no such
    /// event time.
    pub async fn follow(
        &self,
        file: Box<dyn GrowingFile>,
        event_time: Option<&str>,
    ) -> Result<FollowedFile, Error> {
        let source = file.look().await?;
        let sample_bytes = whole_lines(&source, &self.0.slots).await?;
        if sample_bytes == 0 {
            let message = format!("{} holds no whole line yet.", file.name());
            let info = ErrorInfo::new(ErrorKind::File, message)
                .with_hint("Follow it once its first records are there: they tell its columns.");
            return Err(Error::Sql(Box::new(info)));
        }
        let event_time = event_time.map(str::to_owned);
        let (records, sniffed) = self.sniff_lines(&source, sample_bytes, event_time.as_deref()).await?;
        let (offset, lines) = (sniffed.first_record, sniffed.first_line);
        let mut followed = FollowedFile {
            file,
            engine: self.clone(),
            records,
            event_time,
            header: Vec::new(),
            header_lines: lines,
            position: Position { offset, lines, identity: None, sample_bytes },
            read_bytes: READ_BYTES,
        };
        followed.header = followed.read(&source, 0..offset).await?;
        followed.position.identity = Some(followed.identity(&source, IDENTITY_BYTES).await?);
        Ok(followed)
    }

    /// What the first bytes of a file say of its columns.
    async fn sniff_lines(
        &self,
        file: &Rc<dyn Source>,
        bytes: u64,
        event_time: Option<&str>,
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
        self.read_bytes = bytes.max(1);
        self
    }

    async fn read(&self, source: &Rc<dyn Source>, range: std::ops::Range<u64>) -> Result<Vec<u8>, Error> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let bytes = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let slot = source.read(range, self.engine.0.slots.take(bytes)).await?;
        Ok(slot.bytes().to_vec())
    }

    async fn identity(&self, source: &Rc<dyn Source>, bytes: u64) -> Result<FileIdentity, Error> {
        let bytes = bytes.min(source.len_bytes());
        let head = self.read(source, 0..bytes).await?;
        let mut hasher = SipHasher13::new();
        hasher.write(&head);
        Ok(FileIdentity { bytes, digest: hasher.finish() })
    }

    async fn find(&self, source: &Rc<dyn Source>) -> Result<Found, Error> {
        if source.len_bytes() < self.position.offset {
            return Ok(Found::Replaced("is shorter than before"));
        }
        let Some(known) = self.position.identity else { return Ok(Found::Same) };
        let same = source.len_bytes() >= known.bytes && self.identity(source, known.bytes).await? == known;
        Ok(if same { Found::Same } else { Found::Replaced("begins with other bytes than before") })
    }

    /// Goes to the first record of a file that came in the place of another. Says whether it is there yet.
    async fn start_again(&mut self, source: &Rc<dyn Source>) -> Result<bool, Error> {
        let len = self.header.len().min(usize::try_from(source.len_bytes()).unwrap_or(usize::MAX));
        let head = self.read(source, 0..len as u64).await?;
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
        let identity = Some(self.identity(source, IDENTITY_BYTES).await?);
        let sample_bytes = self.position.sample_bytes;
        self.position = Position { offset: len as u64, lines: self.header_lines, identity, sample_bytes };
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
        if let Found::Replaced(why) = self.find(&source).await? {
            if !self.start_again(&source).await? {
                return Ok(Polled::default());
            }
            notices.push(format!("{} {why}: it is read again from its beginning", self.file.name()));
        } else if self.position.identity.is_some_and(|known| known.bytes < IDENTITY_BYTES) {
            self.position.identity = Some(self.identity(&source, IDENTITY_BYTES).await?);
        }
        let wanted = (most_rows as u64).saturating_mul(ROW_BYTES).max(1);
        let mut bytes = self.read_bytes.min(wanted);
        loop {
            let end = source.len_bytes().min(self.position.offset.saturating_add(bytes));
            if end == self.position.offset {
                return Ok(Polled { notices, ..Polled::default() });
            }
            let mut read = self.read(&source, self.position.offset..end).await?;
            let records = Arc::clone(&self.records);
            let complete = self.engine.on_pool(move || records.complete(&mut read)).await??;
            if complete.bytes == 0 && end < source.len_bytes() {
                bytes = bytes.saturating_mul(2);
                if bytes > LONGEST_RECORD_BYTES {
                    return Err(Error::RecordTooLong {
                        file: self.file.name().to_owned(),
                        offset: self.position.offset,
                        limit_bytes: LONGEST_RECORD_BYTES,
                    });
                }
                continue;
            }
            let line = self.position.lines;
            self.position.offset += complete.bytes as u64;
            self.position.lines += complete.lines;
            return Ok(Polled { notices, ..self.records.polled(complete, line) });
        }
    }
}

impl StreamSource for FollowedFile {
    fn name(&self) -> &str {
        self.file.name()
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.records.schema)
    }

    fn event_time(&self) -> usize {
        self.records.event_time
    }

    fn poll(&mut self, _: i64, most_rows: usize) -> LocalBoxFuture<'_, Result<Polled, Error>> {
        self.next(most_rows).boxed_local()
    }

    fn position(&self) -> Position {
        self.position.clone()
    }

    /// Columns get the types that they had: what has come since may look like others.
    fn seek<'a>(&'a mut self, position: &'a Position) -> LocalBoxFuture<'a, Result<(), Error>> {
        async move {
            self.position = position.clone();
            let source = self.file.look().await?;
            if let Found::Same = self.find(&source).await? {
                let (bytes, event_time) = (position.sample_bytes, self.event_time.as_deref());
                self.records = self.engine.sniff_lines(&source, bytes, event_time).await?.0;
            }
            Ok(())
        }
        .boxed_local()
    }
}
