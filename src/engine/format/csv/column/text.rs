//! `VARCHAR`, as Arrow's string views: up to twelve bytes stand in the view itself.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewArray};
use arrow::buffer::Buffer;

use super::Column;
use super::validity::Validity;
use crate::format::csv::bad::BadFields;
use crate::format::csv::field::{RawField, Rows, unquote};
use crate::format::value::{LONGEST_TEXT_BYTES, NullWords};

const INLINE_BYTES: usize = 12;
const FIRST_BLOCK_BYTES: usize = 16 * 1024;
const LARGEST_BLOCK_BYTES: usize = 1024 * 1024;
/// The bytes of a text, by its length. WebAssembly has no shifts of 128 bits by a number that varies.
const TEXT_MASKS: [u128; INLINE_BYTES + 1] = {
    let mut masks = [0; INLINE_BYTES + 1];
    let mut length = 1;
    while length <= INLINE_BYTES {
        masks[length] = masks[length - 1] << 8 | 0xff;
        length += 1;
    }
    masks
};
const NOT_ASCII: u128 = 0x8080_8080_8080_8080_8080_8080_8080_8080;

/// Views, long strings and nulls of a batch.
///
/// `MARKED` is for syntax with an escape and for words that mean null: every field is then searched for them.
#[derive(Debug)]
pub struct Text<const MARKED: bool> {
    nulls: NullWords,
    views: Vec<u128>,
    full_blocks: Vec<Buffer>,
    block: Vec<u8>,
    validity: Validity,
}

impl<const MARKED: bool> Text<MARKED> {
    /// An empty column.
    pub fn new(nulls: NullWords) -> Self {
        Self {
            nulls,
            views: Vec::new(),
            full_blocks: Vec::new(),
            block: Vec::new(),
            validity: Validity::default(),
        }
    }

    /// The view of a field, or `None` for null.
    #[inline(always)]
    fn view(
        &mut self,
        rows: &Rows<'_>,
        row: usize,
        field: RawField,
        is_utf8: bool,
        bad: &mut BadFields,
    ) -> Option<u128> {
        let (bytes, syntax) = (rows.bytes(), rows.syntax());
        if field.start >= field.end {
            return None;
        }
        if MARKED {
            let raw = &bytes[field.start..field.end];
            if self.nulls.are_given() && self.nulls.contains(raw) {
                return None;
            }
            if syntax.escape.is_some_and(|escape| memchr::memchr(escape, raw).is_some()) {
                return self.unusual(rows, row, raw, bad);
            }
        }
        let view = if syntax.quote != Some(bytes[field.start]) {
            self.plain_view(rows, field, is_utf8)
        } else {
            field
                .inside_quotes(bytes, syntax)
                .filter(|inner| memchr::memchr(bytes[field.start], &bytes[inner.start..inner.end]).is_none())
                .and_then(|inner| self.plain_view(rows, inner, is_utf8))
        };
        view.or_else(|| self.unusual(rows, row, &bytes[field.start..field.end], bad))
    }

    /// The view of text that means itself, if it is not too long and ASCII, or `is_utf8` says that all text is good.
    #[inline(always)]
    fn plain_view(&mut self, rows: &Rows<'_>, field: RawField, is_utf8: bool) -> Option<u128> {
        let bytes = rows.bytes();
        let length = field.end - field.start;
        if length <= INLINE_BYTES {
            let chunk = bytes[field.start..].first_chunk::<16>()?;
            let text = u128::from_le_bytes(*chunk) & TEXT_MASKS[length];
            let is_good = is_utf8 || text & NOT_ASCII == 0 || rows.is_utf8();
            return is_good.then_some(length as u128 | text << 32);
        }
        let text = &bytes[field.start..field.end];
        let is_good = length <= LONGEST_TEXT_BYTES && (is_utf8 || text.is_ascii() || rows.is_utf8());
        if is_good { self.long_view(text) } else { None }
    }

    /// Doubled quotes, text of a stretch that is not UTF-8, and fields at the very end of the bytes.
    #[inline(never)]
    fn unusual(&mut self, rows: &Rows<'_>, row: usize, raw: &[u8], bad: &mut BadFields) -> Option<u128> {
        let text = unquote(raw, rows.syntax());
        if text.len() > LONGEST_TEXT_BYTES {
            bad.too_long(row);
            return None;
        }
        let text = match std::str::from_utf8(&text) {
            Ok(_) => text,
            Err(_) => {
                bad.not_utf8(row);
                Cow::Owned(String::from_utf8_lossy(&text).into_owned().into_bytes())
            }
        };
        if text.len() > INLINE_BYTES {
            return self.long_view(&text);
        }
        let mut chunk = [0; 16];
        chunk[4..4 + text.len()].copy_from_slice(&text);
        Some(u128::from_le_bytes(chunk) | text.len() as u128)
    }

    /// Copies a text longer than [`INLINE_BYTES`] into a block.
    #[inline]
    fn long_view(&mut self, text: &[u8]) -> Option<u128> {
        let prefix = u32::from_le_bytes(*text.first_chunk()?);
        if self.block.capacity() - self.block.len() < text.len() {
            let next = (self.block.capacity() * 2).clamp(FIRST_BLOCK_BYTES, LARGEST_BLOCK_BYTES);
            let full = std::mem::replace(&mut self.block, Vec::with_capacity(next.max(text.len())));
            if !full.is_empty() {
                self.full_blocks.push(Buffer::from_vec(full));
            }
        }
        let offset = self.block.len() as u128;
        self.block.extend_from_slice(text);
        let block = self.full_blocks.len() as u128;
        Some(text.len() as u128 | u128::from(prefix) << 32 | block << 64 | offset << 96)
    }
}

impl<const MARKED: bool> Column for Text<MARKED> {
    fn reserve(&mut self, rows: usize) {
        self.views.reserve(rows);
    }

    fn append(&mut self, rows: &Rows<'_>, column: usize, bad: &mut BadFields) {
        for first in (0..rows.len()).step_by(64) {
            let count = (rows.len() - first).min(64);
            let mut valid = 0u64;
            let is_utf8 = rows.is_known_utf8();
            for row in first..first + count {
                let view = match rows.field(row, column) {
                    Some(field) => self.view(rows, row, field, is_utf8, bad),
                    None => None,
                };
                valid |= u64::from(view.is_some()) << (row - first);
                self.views.push(view.unwrap_or(0));
            }
            self.validity.append(valid, count);
        }
    }

    fn finish(&mut self) -> ArrayRef {
        let block = std::mem::take(&mut self.block);
        let mut blocks = std::mem::take(&mut self.full_blocks);
        if !block.is_empty() {
            blocks.push(Buffer::from_vec(block));
        }
        let views = std::mem::take(&mut self.views);
        // SAFETY: every view is zero, or holds its text, or points to a copy of it in the block of
        // that number; and all text was checked to be UTF-8, itself or with the records around it, or made so.
        Arc::new(unsafe { StringViewArray::new_unchecked(views.into(), blocks, self.validity.finish()) })
    }
}
