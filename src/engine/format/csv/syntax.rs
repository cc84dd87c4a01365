//! The bytes that give delimited text its structure.

/// Delimiter and quote. Line ends are always `\n`, `\r\n` and a lone `\r`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Syntax {
    /// Stands between fields.
    pub delimiter: u8,
    /// Stands around fields that hold delimiters or line ends; doubled inside it stands for itself.
    pub quote: Option<u8>,
}

/// Whether the byte ends a line.
#[inline]
pub fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// The first position at or behind `pos` that does not hold a line end. Records start at such
/// positions: blank lines belong to no record.
#[inline]
pub fn skip_line_ends(bytes: &[u8], mut pos: usize) -> usize {
    while bytes.get(pos).is_some_and(|&byte| is_line_end(byte)) {
        pos += 1;
    }
    pos
}

/// Counts physical line ends: `\n`, `\r\n` as one, and a lone `\r`.
pub fn count_line_ends(bytes: &[u8]) -> u64 {
    let feeds = memchr::memchr_iter(b'\n', bytes).count();
    let Some(first_return) = memchr::memchr(b'\r', bytes) else { return feeds as u64 };
    let bytes = &bytes[first_return..];
    let lone = bytes.windows(2).filter(|pair| pair[0] == b'\r' && pair[1] != b'\n').count();
    (feeds + lone + usize::from(bytes.last() == Some(&b'\r'))) as u64
}
