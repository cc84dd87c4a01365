//! Going over a line, part by part.

use std::ops::Range;

use crate::format::value::RawField;

/// A place in a record.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    /// All bytes.
    pub bytes: &'a [u8],
    /// The next one.
    pub pos: usize,
    /// Behind the last byte of the record.
    pub end: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of a record.
    pub fn new(bytes: &'a [u8], record: Range<usize>) -> Self {
        Self { bytes, pos: record.start, end: record.end }
    }

    /// What is left.
    #[inline(always)]
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.pos..self.end]
    }

    /// What is left, as a field; nothing when that is nothing.
    pub fn rest_field(&self) -> Option<RawField> {
        (self.pos < self.end).then_some(RawField { start: self.pos, end: self.end })
    }

    /// The next byte; 0 at the end.
    #[inline(always)]
    pub fn peek(&self) -> u8 {
        if self.pos < self.end { self.bytes[self.pos] } else { 0 }
    }

    /// Goes over `byte`, if it is next.
    #[inline(always)]
    pub fn eat(&mut self, byte: u8) -> Option<()> {
        if self.pos < self.end && self.bytes[self.pos] == byte {
            self.pos += 1;
            return Some(());
        }
        None
    }

    /// Goes over `text`, if it is next.
    pub fn eat_text(&mut self, text: &[u8]) -> Option<()> {
        self.rest().starts_with(text).then(|| self.pos += text.len())
    }

    /// Goes over spaces and tabs.
    pub fn skip_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t') {
            self.pos += 1;
        }
    }

    /// The next `len` bytes.
    #[inline(always)]
    pub fn take(&mut self, len: usize) -> Option<RawField> {
        let field = RawField { start: self.pos, end: self.pos.checked_add(len)? };
        if field.end > self.end {
            return None;
        }
        self.pos = field.end;
        Some(field)
    }

    /// What stands before the next `stop`, which is gone over.
    #[inline(always)]
    pub fn until(&mut self, stop: u8) -> Option<RawField> {
        let len = memchr::memchr(stop, self.rest())?;
        let field = RawField { start: self.pos, end: self.pos + len };
        self.pos += len + 1;
        Some(field)
    }

    /// What stands before the next space or the end, if that is anything.
    #[inline(always)]
    pub fn word(&mut self) -> Option<RawField> {
        let start = self.pos;
        while self.pos < self.end && !matches!(self.bytes[self.pos], b' ' | b'\t' | b'\n' | b'\r') {
            self.pos += 1;
        }
        (start < self.pos).then_some(RawField { start, end: self.pos })
    }

    /// What stands between quotes, in which a backslash takes the meaning from what is behind it.
    #[inline(always)]
    pub fn quoted(&mut self) -> Option<RawField> {
        self.eat(b'"')?;
        let start = self.pos;
        loop {
            let len = memchr::memchr2(b'"', b'\\', self.rest())?;
            self.pos += len + 1;
            if self.bytes[self.pos - 1] == b'"' {
                return Some(RawField { start, end: self.pos - 1 });
            }
            self.take(1)?;
        }
    }

    /// Digits, if any are next.
    pub fn digits(&mut self) -> Option<RawField> {
        let start = self.pos;
        while self.peek().is_ascii_digit() {
            self.pos += 1;
        }
        (start < self.pos).then_some(RawField { start, end: self.pos })
    }

    /// The text of a field.
    #[inline(always)]
    pub fn text(&self, field: RawField) -> &'a [u8] {
        &self.bytes[field.start..field.end]
    }

    /// The field, or nothing when it is `-`.
    #[inline(always)]
    pub fn present(&self, field: RawField) -> Option<RawField> {
        (self.text(field) != b"-").then_some(field)
    }
}
