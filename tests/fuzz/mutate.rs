//! Changes of files.

use crate::seeds::Input;

/// Numbers that are random enough, and the same each time.
#[derive(Clone)]
pub struct Random(u64);

impl Random {
    /// Another sequence for each seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below another; 0 below 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

/// What means something to some parser.
const WORDS: &[&[u8]] = &[
    b"\"",
    b"'",
    b"\"\"",
    b"\\",
    b"\\\"",
    b",",
    b";",
    b"\t",
    b"|",
    b"||",
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"\0",
    b" ",
    b"   ",
    b"#",
    b"//",
    b"{",
    b"}",
    b"[",
    b"]",
    b"{}",
    b"[]",
    b":",
    b"null",
    b"true",
    b"NaN",
    b"-",
    b"+",
    b".",
    b"1e999",
    b"-0",
    b"00",
    b"9223372036854775807",
    b"9223372036854775808",
    b"-9223372036854775809",
    b"0.1",
    b"1,5",
    b"1.000,5",
    b"2024-02-30",
    b"2024-01-31T25:61:61Z",
    b"31/12/2024",
    b"99999-01-01",
    b"0000-00-00",
    b"1970-01-01T00:00:00+99:99",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xff",
    b"\xc3\x28",
    b"\xf0\x9f\x98\x80",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"\\u0000",
    b"%{",
    b"}",
    b"%{GREEDYDATA:x}",
    b"(?<a>",
    b"(",
    b")",
    b"*",
    b"{1000}",
    b"sep=",
    b"X'",
    b"ustar",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"\0\0\0\0\0\0\0\0",
    b"\x01\0\0\0",
];

/// Pieces of at most so many bytes are taken out, moved or doubled.
const PIECE_BYTES: usize = 64;
/// Files do not grow beyond this.
const MOST_BYTES: usize = 256 << 10;

/// A changed file; some changes take pieces of another one, or change its options.
pub fn changed(random: &mut Random, input: &Input, other: &Input) -> Input {
    let mut changed = input.clone();
    let most = if random.below(4) == 0 { 24 } else { 4 };
    let changes = 1 + random.below(most);
    for _ in 0..changes {
        change(random, &mut changed.bytes, &other.bytes);
    }
    if let Some(pattern) = &mut changed.options.pattern
        && random.below(2) == 0
    {
        let mut bytes = std::mem::take(pattern).into_bytes();
        change(random, &mut bytes, b"%{NUMBER:n}(?<x>[a-z]+)?");
        *pattern = String::from_utf8_lossy(&bytes).into_owned();
    }
    changed.bytes.truncate(MOST_BYTES);
    changed
}

fn change(random: &mut Random, bytes: &mut Vec<u8>, other: &[u8]) {
    let at = random.below(bytes.len() + 1);
    let piece = |random: &mut Random, of: &[u8]| {
        let start = random.below(of.len());
        of[start..of.len().min(start + 1 + random.below(PIECE_BYTES))].to_vec()
    };
    let in_piece = at..bytes.len().min(at + 1 + random.below(PIECE_BYTES));
    match random.below(10) {
        0 => bytes.truncate(at),
        1 | 2 if at < bytes.len() => bytes[at] = random.below(256) as u8,
        3 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        4 => drop(bytes.drain(in_piece)),
        5 => {
            let piece = piece(random, &bytes.clone());
            bytes.splice(at..at, piece);
        }
        6 => {
            let piece = piece(random, other);
            bytes.splice(in_piece, piece);
        }
        7 => {
            let word = WORDS[random.below(WORDS.len())].repeat(1 + random.below(3));
            let end = in_piece.start + in_piece.len().min(word.len());
            bytes.splice(at..end, word);
        }
        // Headers and footers are where formats say what they hold.
        8 if !bytes.is_empty() => {
            let near = random.below(bytes.len().min(200));
            let at = if random.below(2) == 0 { near } else { bytes.len() - 1 - near };
            bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)];
        }
        _ => {
            let word = WORDS[random.below(WORDS.len())];
            bytes.splice(at..at, word.iter().copied());
        }
    }
}
