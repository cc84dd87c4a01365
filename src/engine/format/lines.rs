//! Lines of a split, for formats whose records are lines.
//!
//! A newline can stand nowhere but at the end of a record in these formats, so that nobody guesses:
//! a record starts behind every newline. `\r` in front of a newline is space at the end of a line;
//! alone it ends none.

use super::{DecodeError, RecordStart, SplitBytes};

/// Length of a byte order mark in front of a text in UTF-8, or 0.
pub(super) fn byte_order_mark_len(head: &[u8]) -> usize {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    if head.starts_with(MARK) { MARK.len() } else { 0 }
}

/// The last part of a file name, behind its last point, in small letters.
pub(super) fn name_ending(file_name: &str) -> String {
    file_name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase())
}

/// Position behind the last byte that the split owns.
///
/// # Errors
/// When not all of its bytes are there.
pub(super) fn owned_end(split: &SplitBytes<'_>) -> Result<usize, DecodeError> {
    let end = usize::try_from(split.owned.end.saturating_sub(split.offset)).unwrap_or(usize::MAX);
    if end > split.bytes.len() && !split.at_end_of_file {
        return Err(DecodeError::Truncated);
    }
    Ok(end.min(split.bytes.len()))
}

/// Position of the first line that starts in the split, before `end`, blank or not.
pub(super) fn first_line(split: &SplitBytes<'_>, end: usize) -> Option<usize> {
    let start = match split.start {
        RecordStart::At(offset) if offset >= split.owned.end => None,
        RecordStart::At(offset) => usize::try_from(offset.saturating_sub(split.offset)).ok(),
        RecordStart::Guess if split.offset == split.owned.start => Some(0),
        RecordStart::Guess => memchr::memchr(b'\n', &split.bytes[..end]).map(|newline| newline + 1),
    };
    start.filter(|&start| start < end)
}

/// Position of the newline that ends the line around `pos`, or of the end of the file. `None` when
/// the bytes end first.
pub(super) fn line_end(split: &SplitBytes<'_>, pos: usize) -> Option<usize> {
    match memchr::memchr(b'\n', &split.bytes[pos..]) {
        Some(length) => Some(pos + length),
        None => split.at_end_of_file.then_some(split.bytes.len()),
    }
}

/// Number of newlines.
pub(super) fn count_newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}
