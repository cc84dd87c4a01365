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
    let lone = count_pairs(bytes, |byte, next| byte == b'\r' && next != b'\n');
    (feeds + lone + usize::from(bytes.last() == Some(&b'\r'))) as u64
}

/// Counts neighbours that `wanted` is true of, in stretches whose count fits a byte: so the
/// compiler can compare many at a time.
fn count_pairs(bytes: &[u8], wanted: impl Fn(u8, u8) -> bool) -> usize {
    const STRETCH: usize = 128;
    let nexts = bytes.get(1..).unwrap_or_default();
    let count = |(bytes, nexts): (&[u8], &[u8])| {
        let pairs = bytes.iter().zip(nexts);
        usize::from(pairs.map(|(&byte, &next)| u8::from(wanted(byte, next))).sum::<u8>())
    };
    bytes.chunks(STRETCH).zip(nexts.chunks(STRETCH)).map(count).sum()
}
