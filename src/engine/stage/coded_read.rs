//! The text of a split of a file that is compressed or in another encoding: what `split_read` has for files
//! whose bytes are their text.

use std::ops::Range;
use std::sync::Arc;

use super::JobContext;
use crate::Error;
use crate::coding::{Coded, FEED_BYTES, SplitText, Stop, Stream, Turn};
use crate::format::FormatError;
use crate::source::Slot;
use crate::sql::TableFile;

/// Bytes that are read behind a split at once: as much as the look-ahead of most files takes.
const READ_AHEAD_BYTES: u64 = 64 << 10;

/// Unpacks splits of one file.
pub(super) struct CodedReader<'a> {
    pub(super) job: &'a Arc<JobContext>,
    pub(super) file: &'a TableFile,
    pub(super) coded: &'a Coded,
}

/// Bytes of the file in memory.
struct Packed {
    offset: u64,
    slot: Slot,
}

impl CodedReader<'_> {
    /// The text of a split with `ahead` bytes behind it. The stream comes from the task before, if it is to
    /// come from there, and goes on to the next one before this returns.
    pub(super) async fn text(&self, split: usize, ahead: u64, turn: &mut Turn) -> Result<SplitText, Error> {
        let owned = self.coded.packed_range(split);
        // Reading goes on while tasks before unpack.
        let packed = self.read(owned.start..owned.end.saturating_add(READ_AHEAD_BYTES)).await?;
        let mut stream = match turn.stream().await {
            Some(stream) if self.coded.serves(&stream, split) => stream,
            _ => self.coded.nearest(split),
        };
        // Where members tell their lengths, the next task need not wait until these bytes are unpacked.
        let next = self.coded.split_off(&mut stream, split, packed.offset, packed.slot.bytes());
        let has_handed_on = next.is_some();
        // Whether it really is there is seen when this stream comes to it.
        let next_start = next.as_ref().map_or(0, Stream::packed);
        if let Some(left) = next.and_then(|next| turn.hand_on(next)) {
            self.coded.park(left);
        }
        let mut more: Option<Packed> = None;
        let ahead_bytes = usize::try_from(ahead).unwrap_or(usize::MAX);
        let text_limit = self.coded.text_limit_bytes().saturating_add(ahead_bytes);
        loop {
            self.job.check()?;
            self.job.recorder.unpacking(|| self.coded.trim(&mut stream, split));
            let is_complete = stream.packed() >= next_start && self.coded.is_complete(&stream, split, ahead);
            if stream.has_ended() || is_complete {
                break;
            }
            let next = stream.packed();
            let is_there = !packed.from(next).is_empty()
                || more.as_ref().is_some_and(|more| !more.from(next).is_empty());
            if !is_there {
                let end = next.saturating_add(FEED_BYTES);
                // In front of what is there already, or behind it.
                let end = if next < packed.offset { end.min(packed.offset) } else { end };
                // Its room is given back before more is asked for.
                drop(more.take());
                more = Some(self.read(next..end).await?);
            }
            let bytes = match (packed.from(next), &more) {
                ([], Some(more)) => more.from(next),
                (bytes, _) => bytes,
            };
            let bytes = &bytes[..bytes.len().min(FEED_BYTES as usize)];
            let advance = || self.coded.advance(&mut stream, bytes, text_limit);
            self.job.recorder.unpacking(advance).map_err(|stop| self.error(stop, next, split))?;
        }
        let text = self.coded.take(&mut stream, split);
        if !has_handed_on && let Some(left) = turn.hand_on(stream) {
            self.coded.park(left);
        }
        text.ok_or_else(|| Error::Internal(format!("split {split} was passed and is not there")))
    }

    async fn read(&self, range: Range<u64>) -> Result<Packed, Error> {
        let end = range.end.min(self.coded.packed_len());
        let slot = self.job.read(self.file.source, range.start..end, end).await?;
        Ok(Packed { offset: range.start, slot })
    }

    fn error(&self, stop: Stop, near: u64, split: usize) -> Error {
        let file = &self.file.name;
        let error = match stop {
            Stop::Damage(damage) => FormatError {
                message: format!("{file}: {damage}, near byte {near}"),
                hint: Some(damage.hint().to_owned()),
            },
            Stop::TooMuch => {
                let Range { start, end } = self.coded.packed_range(split);
                FormatError {
                    message: format!(
                        "{file}: bytes {start} to {end} decompress to more than {} MB, many times as much as the \
                         start of the file promises",
                        self.coded.text_limit_bytes() >> 20
                    ),
                    hint: Some("If the file is what it should be, decompress it first.".to_owned()),
                }
            }
        };
        error.into()
    }
}

impl Packed {
    /// What is there from an offset on.
    fn from(&self, offset: u64) -> &[u8] {
        let skipped = offset.checked_sub(self.offset).and_then(|skipped| usize::try_from(skipped).ok());
        skipped.and_then(|skipped| self.slot.bytes().get(skipped..)).unwrap_or_default()
    }
}
