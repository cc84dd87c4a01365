//! Messages: a length, the metadata as a flatbuffer, and a body of buffers.

use std::ops::Range;

use arrow::ipc::{Message, MessageHeader, root_as_message};
use bytes::Bytes;

use crate::format::FormatError;
use crate::format::blocks::damaged;

const CONTINUATION: [u8; 4] = [0xff; 4];
/// Metadata beyond this length is none.
const METADATA_LIMIT_BYTES: usize = 64 << 20;

/// A message whose body has not been read.
#[derive(Clone, Debug)]
pub(super) struct MessageAt {
    /// The flatbuffer.
    pub(super) metadata: Bytes,
    /// Where the body is in the file.
    pub(super) body: Range<u64>,
}

/// Where the metadata is within the bytes of a message: nothing at the end of a stream.
///
/// # Errors
/// When the bytes are no message.
pub(super) fn metadata_range(bytes: &[u8]) -> Result<Option<Range<usize>>, FormatError> {
    let number =
        |at: usize| bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(i32::from_le_bytes);
    // Until version 0.15 of Arrow no continuation stood in front of the length.
    let start = if bytes.starts_with(&CONTINUATION) { 4 } else { 0 };
    let length = number(start).ok_or_else(|| damaged("a message is cut off"))?;
    match usize::try_from(length) {
        Ok(0) => Ok(None),
        Ok(length) if length <= METADATA_LIMIT_BYTES => Ok(Some(start + 4..start + 4 + length)),
        _ => Err(damaged("a message has a length that none has")),
    }
}

/// The message of a flatbuffer.
///
/// # Errors
/// When it is none.
pub(super) fn parse(metadata: &[u8]) -> Result<Message<'_>, FormatError> {
    root_as_message(metadata).map_err(|error| damaged(&format!("a message cannot be read: {error}")))
}

/// Whether a stream begins with these bytes.
pub(super) fn starts_stream(head: &[u8]) -> bool {
    let Ok(Some(range)) = metadata_range(head) else { return false };
    let Some(metadata) = head.get(range.start..range.end.min(head.len())) else { return false };
    if metadata.len() == range.len() {
        return root_as_message(metadata).is_ok_and(|message| message.header_type() == MessageHeader::Schema);
    }
    // A schema of many columns is longer than the head; a continuation hardly ever begins another file.
    head.starts_with(&CONTINUATION)
}
