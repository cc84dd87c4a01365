//! The bytes that give delimited text its structure.

/// Delimiter, quote and what else has a meaning. Line ends are always `\n`, `\r\n` and a lone `\r`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Syntax {
    /// Stands between fields.
    pub delimiter: u8,
    /// Whether the delimiter comes twice, as `||`; once it is then an ordinary byte.
    pub doubled: bool,
    /// Stands around fields that hold delimiters or line ends; doubled inside it stands for itself.
    pub quote: Option<u8>,
    /// Takes the meaning from the byte behind it.
    pub escape: Option<u8>,
    /// Lines that begin with it stand between records, as blank lines do.
    pub comment: Option<u8>,
}

impl Syntax {
    /// A delimiter and a quote.
    pub const fn new(delimiter: u8, quote: Option<u8>) -> Self {
        Self { delimiter, doubled: false, quote, escape: None, comment: None }
    }

    /// Length of the delimiter in bytes.
    #[inline]
    pub fn delimiter_len(self) -> usize {
        1 + usize::from(self.doubled)
    }

    /// Whether only the exact machine can read this.
    pub fn needs_machine(self) -> bool {
        self.doubled || self.escape.is_some()
    }

    /// The first position at or behind `pos` that belongs to a record, if `pos` stands at the beginning of a
    /// line: line ends and comments belong to none.
    #[inline]
    pub fn skip_between(self, bytes: &[u8], pos: usize) -> usize {
        let pos = skip_line_ends(bytes, pos);
        if self.comment.is_none() || bytes.get(pos).copied() != self.comment {
            return pos;
        }
        self.skip_comments(bytes, pos)
    }

    #[cold]
    fn skip_comments(self, bytes: &[u8], mut pos: usize) -> usize {
        while self.comment.is_some() && bytes.get(pos).copied() == self.comment {
            pos = skip_line_ends(bytes, line_end(bytes, pos));
        }
        pos
    }

    /// The largest byte that may stand where a record does not begin yet.
    #[inline]
    pub fn largest_between(self) -> u8 {
        self.comment.map_or(b'\r', |comment| comment.max(b'\r'))
    }
}

/// Position of the first line end at or behind `pos`, or of the end.
pub fn line_end(bytes: &[u8], pos: usize) -> usize {
    memchr::memchr2(b'\n', b'\r', &bytes[pos..]).map_or(bytes.len(), |length| pos + length)
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
