//! Which rows are not null.

use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer};

/// Bits, one a row, that cost nothing but counting until the first null comes.
#[derive(Debug, Default)]
pub struct Validity {
    words: Vec<u64>,
    rows: usize,
    has_nulls: bool,
}

impl Validity {
    /// Appends the lowest `count` bits, at most 64; a set bit is a value, a cleared one null.
    #[inline]
    pub fn append(&mut self, bits: u64, count: usize) {
        let all = if count == 64 { u64::MAX } else { (1 << count) - 1 };
        self.has_nulls |= bits != all;
        append_bits(&mut self.words, self.rows, bits);
        self.rows += count;
    }

    /// The buffer for Arrow, if there is any null.
    pub fn finish(&mut self) -> Option<NullBuffer> {
        let (words, rows) = (std::mem::take(&mut self.words), std::mem::take(&mut self.rows));
        std::mem::take(&mut self.has_nulls).then(|| NullBuffer::new(bit_buffer(words, rows)))
    }
}

/// Writes bits behind the first `len` ones. Bits above those that count must be zero.
#[inline]
pub fn append_bits(words: &mut Vec<u64>, len: usize, bits: u64) {
    let (word, shift) = (len / 64, len % 64);
    words.resize(word + 2, 0);
    words[word] |= bits << shift;
    if shift > 0 {
        words[word + 1] |= bits >> (64 - shift);
    }
}

/// The first `len` bits as an Arrow buffer.
pub fn bit_buffer(words: Vec<u64>, len: usize) -> BooleanBuffer {
    let bytes: Buffer = if cfg!(target_endian = "little") {
        Buffer::from_vec(words)
    } else {
        words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>().into()
    };
    BooleanBuffer::new(bytes, 0, len)
}
