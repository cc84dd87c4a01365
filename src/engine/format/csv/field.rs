//! Fields: where they are, and what they say without their quotes.

use std::borrow::Cow;

use super::index::Index;
use super::syntax::Syntax;
pub use crate::format::value::RawField;

/// Indexed records of a stretch of text.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    bytes: &'a [u8],
    index: &'a Index,
    starts: &'a [u32],
    records: &'a [u32],
    syntax: Syntax,
    /// Bytes between the end of a field and the start of the next one in `starts`.
    gap: usize,
    largest_between: u8,
}

impl<'a> Rows<'a> {
    /// The first `len` records that `index` found in `bytes`.
    pub fn new(bytes: &'a [u8], index: &'a Index, len: usize, syntax: Syntax) -> Self {
        Self {
            bytes,
            index,
            starts: &index.starts,
            records: &index.records[..=len],
            syntax,
            gap: syntax.delimiter_len(),
            largest_between: syntax.largest_between(),
        }
    }

    /// The records `range` of these.
    pub fn slice(&self, range: std::ops::Range<usize>) -> Self {
        Self { records: &self.records[range.start..=range.end], ..*self }
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.records.len() - 1
    }

    /// The text that the positions of fields refer to.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether all text is known to be UTF-8; false as long as nobody asked.
    #[inline]
    pub fn is_known_utf8(&self) -> bool {
        self.index.is_known_utf8()
    }

    /// Whether all text is UTF-8. The first answer costs a look at all of it.
    pub fn is_utf8(&self) -> bool {
        self.index.is_utf8(self.bytes, self.syntax)
    }

    /// Quote and delimiter.
    pub fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// Number of fields of a record.
    pub fn field_count(&self, row: usize) -> usize {
        (self.records[row + 1] - self.records[row]) as usize
    }

    /// Where a record starts and where its line end does.
    pub fn record(&self, row: usize) -> RawField {
        let start = self.starts[self.records[row] as usize] as usize + 1 - self.gap;
        let end = self.starts[self.records[row + 1] as usize] as usize - self.gap;
        RawField { start: self.syntax.skip_between(self.bytes, start), end }
    }

    /// A field, or `None` when the record is too short. In front of the first field of a record there may be
    /// line ends and comments, which are left out.
    #[inline(always)]
    pub fn field(&self, row: usize, column: usize) -> Option<RawField> {
        let field = self.records[row] as usize + column;
        if field >= self.records[row + 1] as usize {
            return None;
        }
        let start = self.starts[field] as usize;
        let end = self.starts[field + 1] as usize - self.gap;
        if column == 0 {
            let start = start + 1 - self.gap;
            if self.bytes.get(start).is_some_and(|&byte| byte <= self.largest_between) {
                return Some(RawField { start: self.syntax.skip_between(self.bytes, start), end });
            }
            return Some(RawField { start, end });
        }
        Some(RawField { start, end })
    }
}

impl RawField {
    /// The field without the quotes around it, if it begins and ends with one. Whether there are
    /// more of them inside is not looked at.
    #[inline(always)]
    pub fn inside_quotes(self, bytes: &[u8], syntax: Syntax) -> Option<Self> {
        let quote = syntax.quote?;
        let quoted = self.end - self.start >= 2 && bytes[self.start] == quote && bytes[self.end - 1] == quote;
        quoted.then_some(Self { start: self.start + 1, end: self.end - 1 })
    }
}

/// What a raw field says: without quotes, doubled quotes made single, and what follows the closing
/// quote taken literally.
pub fn unquote(raw: &[u8], syntax: Syntax) -> Cow<'_, [u8]> {
    if let Some(escape) = syntax.escape
        && memchr::memchr(escape, raw).is_some()
    {
        return Cow::Owned(unescape(raw, escape, syntax.quote));
    }
    let Some(quote) = syntax.quote.filter(|quote| raw.first() == Some(quote)) else {
        return Cow::Borrowed(raw);
    };
    let inner = &raw[1..];
    match memchr::memchr(quote, inner) {
        None => return Cow::Borrowed(inner),
        Some(closing) if closing + 1 == inner.len() => return Cow::Borrowed(&inner[..closing]),
        Some(_) => (),
    }
    let mut text = Vec::with_capacity(inner.len());
    let mut rest = inner;
    loop {
        let Some(found) = memchr::memchr(quote, rest) else {
            text.extend_from_slice(rest);
            break;
        };
        text.extend_from_slice(&rest[..found]);
        rest = &rest[found + 1..];
        if rest.first() != Some(&quote) {
            text.extend_from_slice(rest);
            break;
        }
        text.push(quote);
        rest = &rest[1..];
    }
    Cow::Owned(text)
}

/// What a raw field says where the byte behind each escape stands for itself.
fn unescape(raw: &[u8], escape: u8, quote: Option<u8>) -> Vec<u8> {
    let mut text = Vec::with_capacity(raw.len());
    let mut inside = !raw.is_empty() && raw.first().copied() == quote;
    let mut rest = raw.get(usize::from(inside)..).unwrap_or_default().iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte == escape {
            text.extend(rest.next());
        } else if inside && Some(byte) == quote {
            inside = rest.peek().copied() == quote;
            if inside {
                text.extend(rest.next());
            }
        } else {
            text.push(byte);
        }
    }
    text
}
