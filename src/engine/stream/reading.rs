//! How far a file that others write to has been read.

use std::hash::Hasher;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use siphasher::sip::SipHasher13;

use super::records::{Complete, Records};
use super::{FileIdentity, Polled, Position};
use crate::Error;
use crate::engine::Engine;
use crate::source::Source;

/// A file is known by so many of its first bytes.
const IDENTITY_BYTES: u64 = 256;

/// Bytes that are read at a time, and the most that one record may have.
const READ_BYTES: u64 = 1 << 20;
const LONGEST_RECORD_BYTES: u64 = 64 << 20;

/// Rows stand for about so many bytes where only bytes can be limited.
const ROW_BYTES: u64 = 64;

/// Reads a file from a position on.
pub(super) struct Reading {
    engine: Engine,
    pub(super) position: Position,
    /// Bytes that are read at a time: more as long as they hold no whole record.
    pub(super) read_bytes: u64,
}

/// What has become of a file since it was last looked at.
pub(super) enum Found {
    /// It may have grown.
    Same,
    /// It is another one; why.
    Replaced(&'static str),
}

impl Reading {
    /// From a position on.
    pub(super) fn new(engine: &Engine, position: Position) -> Self {
        Self { engine: engine.clone(), position, read_bytes: READ_BYTES }
    }

    /// Bytes of a file.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) async fn bytes(&self, source: &Rc<dyn Source>, range: Range<u64>) -> Result<Vec<u8>, Error> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let bytes = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let slot = source.read(range, self.engine.0.slots.take(bytes)).await?;
        Ok(slot.bytes().to_vec())
    }

    async fn identity(&self, source: &Rc<dyn Source>, bytes: u64) -> Result<FileIdentity, Error> {
        let bytes = bytes.min(source.len_bytes());
        let head = self.bytes(source, 0..bytes).await?;
        let mut hasher = SipHasher13::new();
        hasher.write(&head);
        Ok(FileIdentity { bytes, digest: hasher.finish() })
    }

    /// Remembers what the file begins with, as far as that is not known.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) async fn identify(&mut self, source: &Rc<dyn Source>) -> Result<(), Error> {
        if self.position.identity.is_none_or(|known| known.bytes < IDENTITY_BYTES) {
            self.position.identity = Some(self.identity(source, IDENTITY_BYTES).await?);
        }
        Ok(())
    }

    /// Compares the file with what was read of it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) async fn find(&self, source: &Rc<dyn Source>) -> Result<Found, Error> {
        if source.len_bytes() < self.position.offset {
            return Ok(Found::Replaced("is shorter than before"));
        }
        let Some(known) = self.position.identity else { return Ok(Found::Same) };
        let same = source.len_bytes() >= known.bytes && self.identity(source, known.bytes).await? == known;
        Ok(if same { Found::Same } else { Found::Replaced("begins with other bytes than before") })
    }

    /// The complete records of one read behind the position; none when the last one has not ended.
    ///
    /// # Errors
    /// When the file cannot be read, is not of the format, or has a record that is too long.
    pub(super) async fn take(
        &mut self,
        source: &Rc<dyn Source>,
        records: &Arc<Records>,
        most_rows: usize,
    ) -> Result<Polled, Error> {
        let wanted = (most_rows as u64).saturating_mul(ROW_BYTES).max(1);
        let mut bytes = self.read_bytes.min(wanted);
        loop {
            let offset = self.position.offset;
            let end = source.len_bytes().min(offset.saturating_add(bytes));
            if end == offset {
                return Ok(Polled::default());
            }
            let mut read = self.bytes(source, offset..end).await?;
            let records_here = Arc::clone(records);
            let complete = self.engine.on_pool(move || records_here.complete(&mut read)).await??;
            if complete.bytes == 0 && end < source.len_bytes() {
                bytes = bytes.saturating_mul(2);
                if bytes > LONGEST_RECORD_BYTES {
                    return Err(Error::RecordTooLong {
                        file: source.name().to_owned(),
                        offset,
                        limit_bytes: LONGEST_RECORD_BYTES,
                    });
                }
                continue;
            }
            return Ok(self.pass(source, records, complete));
        }
    }

    /// What is left behind the last line end, as if one stood behind it.
    ///
    /// # Errors
    /// As [`Reading::take`].
    pub(super) async fn take_last(
        &mut self,
        source: &Rc<dyn Source>,
        records: &Arc<Records>,
    ) -> Result<Polled, Error> {
        let read = self.bytes(source, self.position.offset..source.len_bytes()).await?;
        let records_here = Arc::clone(records);
        let last = self.engine.on_pool(move || records_here.last(&read)).await??;
        Ok(self.pass(source, records, last))
    }

    /// Steps behind records that were read.
    fn pass(&mut self, source: &Rc<dyn Source>, records: &Records, complete: Complete) -> Polled {
        let line = self.position.lines;
        self.position.offset += complete.bytes as u64;
        self.position.lines += complete.lines;
        records.polled(source.name(), complete, line)
    }
}
