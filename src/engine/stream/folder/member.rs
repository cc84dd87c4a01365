//! A file of a folder: how far it has been read, and what becomes of it.

use std::rc::Rc;

use super::shape::{SAMPLE_BYTES, Shape, Start};
use crate::Error;
use crate::engine::Engine;
use crate::source::{Source, SourceError};
use crate::stream::reading::{Found, Reading};
use crate::stream::source::FilePosition;
use crate::stream::{GrowingFile, Polled, Position};

/// A last line without a line end counts as whole when its file has not grown for so long.
const LAST_LINE_MILLIS: i64 = 2_000;

/// A file that cannot be read so often in a row is told about: one that has just gone is told by the next listing.
const TOLD_FAILURES: u32 = 5;

pub(super) struct Member {
    file: Box<dyn GrowingFile>,
    reading: Reading,
    state: State,
    /// Its length when it was looked at last, and since when it has that.
    seen_bytes: u64,
    still_since: i64,
    failures: u32,
    /// Whether its last line was taken without a line end.
    is_open: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    /// It is not known where its records begin.
    Beginning,
    Reading,
    /// It is none of the stream's; why, and its length then.
    LeftOut(String, u64),
}

impl Member {
    /// A file that is to be read from its beginning, or from where it was read to.
    pub(super) fn new(
        engine: &Engine,
        file: Box<dyn GrowingFile>,
        from: Option<FilePosition>,
        now: i64,
    ) -> Self {
        let state = if from.is_some() { State::Reading } else { State::Beginning };
        let from = from.unwrap_or_default();
        let position = Position {
            offset: from.offset,
            lines: from.lines,
            identity: from.identity,
            ..Position::default()
        };
        let reading = Reading::new(engine, position);
        Self { file, reading, state, seen_bytes: 0, still_since: now, failures: 0, is_open: false }
    }

    /// How far it has been read, if it has been.
    pub(super) fn position(&self) -> Option<FilePosition> {
        let Position { offset, lines, identity, .. } = self.reading.position;
        (self.state == State::Reading).then_some(FilePosition { offset, lines, identity, is_gone: false })
    }

    pub(super) fn offset(&self) -> u64 {
        self.reading.position.offset
    }

    /// What is lost when it is gone, in words.
    pub(super) fn gone(&self) -> String {
        let (name, Position { offset, lines, .. }) = (self.file.name(), &self.reading.position);
        match &self.state {
            State::Reading if self.seen_bytes > *offset => {
                let bytes = self.seen_bytes - offset;
                format!(
                    "{name} is gone before it was read to its end: {bytes} bytes from line {lines} on are missing"
                )
            }
            State::Reading => format!("{name} is gone; all that was seen of it has been read"),
            State::Beginning | State::LeftOut(..) => format!("{name} is gone; nothing of it was read"),
        }
    }

    /// Takes the records that are there, of one read. Says whether there may be more.
    ///
    /// # Errors
    /// What is not about this file alone.
    pub(super) async fn visit(
        &mut self,
        engine: &Engine,
        shape: &Shape,
        now: i64,
        most_rows: usize,
        polled: &mut Polled,
    ) -> Result<bool, Error> {
        let name = self.file.name().to_owned();
        let left_out = match self.read(engine, shape, now, most_rows, polled).await {
            Ok(more) => {
                self.failures = 0;
                return Ok(more);
            }
            // It was cut or replaced between two looks, which the next one shows.
            Err(Error::Source(SourceError::Changed { .. })) => return Ok(false),
            Err(Error::Source(error)) => {
                self.failures += 1;
                if self.failures == TOLD_FAILURES {
                    polled.notices.push(error.to_string());
                }
                return Ok(false);
            }
            Err(error @ (Error::Format(_) | Error::RecordTooLong { .. })) => error.to_string(),
            Err(error) => return Err(error),
        };
        let line = self.reading.position.lines;
        polled.notices.push(format!("{name} is left out from line {line} on: {left_out}"));
        self.state = State::LeftOut(left_out, self.seen_bytes);
        Ok(false)
    }

    async fn read(
        &mut self,
        engine: &Engine,
        shape: &Shape,
        now: i64,
        most_rows: usize,
        polled: &mut Polled,
    ) -> Result<bool, Error> {
        let source = self.file.look().await?;
        if let Found::Replaced(why) = self.reading.find(&source).await? {
            let name = self.file.name();
            polled.notices.push(format!("{name} {why}: it is read again from its beginning"));
            self.reading.position = Position::default();
            (self.state, self.is_open) = (State::Beginning, false);
        }
        let len_bytes = source.len_bytes();
        if self.seen_bytes != len_bytes {
            (self.seen_bytes, self.still_since) = (len_bytes, now);
        }
        let is_still = now - self.still_since >= LAST_LINE_MILLIS;
        if !self.begin(engine, shape, &source, is_still, polled).await? {
            return Ok(false);
        }
        self.reading.identify(&source).await?;
        if len_bytes == self.reading.position.offset {
            return Ok(false);
        }
        self.end_last_line(&source, polled).await?;
        if self.is_open {
            return Ok(false);
        }
        let before = self.reading.position.offset;
        let mut taken = self.reading.take(&source, &shape.records, most_rows).await?;
        if self.reading.position.offset == before && len_bytes > before && is_still {
            taken = self.reading.take_last(&source, &shape.records).await?;
            self.is_open = true;
        }
        polled.batches.append(&mut taken.batches);
        polled.bad_rows.append(&mut taken.bad_rows);
        polled.bad_count += taken.bad_count;
        let after = self.reading.position.offset;
        Ok(after > before && after < len_bytes)
    }

    /// Finds where its records begin. Says whether that is known.
    async fn begin(
        &mut self,
        engine: &Engine,
        shape: &Shape,
        source: &Rc<dyn Source>,
        is_still: bool,
        polled: &mut Polled,
    ) -> Result<bool, Error> {
        let told = match &self.state {
            State::Reading => return Ok(true),
            State::Beginning => None,
            // Its first lines may not have been all there.
            State::LeftOut(why, len) if *len < SAMPLE_BYTES.min(self.seen_bytes) => Some(why.clone()),
            State::LeftOut(..) => return Ok(false),
        };
        match shape.start(engine, &self.reading, source, is_still).await? {
            Start::At { offset, line } => {
                (self.reading.position.offset, self.reading.position.lines) = (offset, line);
                self.state = State::Reading;
                Ok(true)
            }
            Start::NotYet => Ok(false),
            Start::Other(why) => {
                if told.as_ref() != Some(&why) {
                    polled.notices.push(format!("{} is left out: {why}", self.file.name()));
                }
                self.reading.identify(source).await?;
                self.state = State::LeftOut(why, self.seen_bytes);
                Ok(false)
            }
        }
    }

    /// Steps behind the end of a line that was taken before it had one, or tells that it goes on.
    async fn end_last_line(&mut self, source: &Rc<dyn Source>, polled: &mut Polled) -> Result<(), Error> {
        if !std::mem::take(&mut self.is_open) {
            return Ok(());
        }
        let Position { offset, lines, .. } = self.reading.position;
        let next = self.reading.bytes(source, offset..source.len_bytes().min(offset + 2)).await?;
        let line_end = match next.as_slice() {
            [b'\n', ..] => 1,
            [b'\r', b'\n'] => 2,
            // Its second byte is on the way.
            [b'\r'] => {
                self.is_open = true;
                return Ok(());
            }
            _ => 0,
        };
        if line_end > 0 {
            self.reading.position.offset += line_end;
            self.reading.position.lines += 1;
            return Ok(());
        }
        let name = self.file.name();
        polled.notices.push(format!(
            "{name} goes on within line {lines}, which was taken as whole when nothing came for {} s",
            LAST_LINE_MILLIS / 1000
        ));
        Ok(())
    }
}
