//! What the first bytes of a database say of all of it.

use std::ops::Range;

use crate::format::FormatError;
use crate::format::blocks::damaged;

/// First bytes of a database.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";
/// Length of what is said there.
pub(super) const HEADER_BYTES: usize = 100;
/// Pages have at least so many bytes for use.
const LEAST_USABLE_BYTES: u32 = 480;

/// How texts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextEncoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// What holds for a whole database.
#[derive(Clone, Copy, Debug)]
pub(super) struct Database {
    /// Length of a page in bytes.
    pub(super) page_bytes: u32,
    /// Bytes of it that are used.
    pub(super) usable_bytes: u32,
    /// Number of pages that are there.
    pub(super) pages: u32,
    pub(super) encoding: TextEncoding,
    /// Whether changes may be in a file beside it.
    pub(super) has_wal: bool,
}

impl Database {
    /// Of the first bytes of a file, which has `len_bytes`.
    ///
    /// # Errors
    /// When they contradict each other, or pages are missing.
    pub(super) fn parse(head: &[u8], len_bytes: u64) -> Result<Self, FormatError> {
        let head: &[u8; HEADER_BYTES] =
            head.first_chunk().ok_or_else(|| damaged("it ends before its first page does"))?;
        let page_bytes = match u32::from(u16_at(head, 16)) {
            1 => 65_536,
            bytes if bytes >= 512 && bytes.is_power_of_two() => bytes,
            bytes => return Err(damaged(&format!("pages cannot have {bytes} bytes"))),
        };
        let usable_bytes = page_bytes.saturating_sub(head[20].into());
        if usable_bytes < LEAST_USABLE_BYTES {
            return Err(damaged("its pages have no room for rows"));
        }
        let pages = u32::try_from(len_bytes / u64::from(page_bytes)).unwrap_or(u32::MAX);
        // Programs before 3.7 did not keep this number, and changed the one that it is compared with.
        let said = u32_at(head, 28);
        if u32_at(head, 24) == u32_at(head, 92) && said > pages {
            return Err(damaged(&format!("it ends after {pages} of its {said} pages")));
        }
        let encoding = match u32_at(head, 56) {
            // A database without tables has none yet.
            0 | 1 => TextEncoding::Utf8,
            2 => TextEncoding::Utf16Le,
            3 => TextEncoding::Utf16Be,
            _ => return Err(damaged("its texts have an unknown encoding")),
        };
        if head[19] > 2 {
            return Err(FormatError {
                message: "a newer version of SQLite wrote this database in another way".to_owned(),
                hint: Some("Export its tables as CSV.".to_owned()),
            });
        }
        Ok(Self { page_bytes, usable_bytes, pages, encoding, has_wal: head[19] == 2 })
    }

    /// Where some neighbouring pages are, counted from 1.
    ///
    /// # Errors
    /// When they are not in the file.
    pub(super) fn range(&self, first: u32, count: u32) -> Result<Range<u64>, FormatError> {
        let end = first.checked_add(count).filter(|&end| first > 0 && end - 1 <= self.pages);
        let end =
            end.ok_or_else(|| damaged(&format!("it refers to a page {first}, which it does not have")))?;
        let offset = |page: u32| u64::from(page - 1) * u64::from(self.page_bytes);
        Ok(offset(first)..offset(end))
    }

    /// A text as its bytes say.
    pub(super) fn text<'a>(&self, bytes: &'a [u8]) -> std::borrow::Cow<'a, str> {
        match self.encoding {
            TextEncoding::Utf8 => String::from_utf8_lossy(bytes),
            TextEncoding::Utf16Le => encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0,
            TextEncoding::Utf16Be => encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0,
        }
    }
}

/// A big-endian number, 0 behind the end.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u16::from_be_bytes(*bytes))
}

/// Likewise.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u32::from_be_bytes(*bytes))
}
