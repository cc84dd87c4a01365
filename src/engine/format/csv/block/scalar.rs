//! Any processor.

use super::{BLOCK_BYTES, Block, Masks};

/// Plain Rust, eight bytes at a time.
pub struct Scalar;

impl Block for Scalar {
    #[inline(always)]
    unsafe fn masks(bytes: *const u8, quote: u8, delimiter: u8) -> Masks {
        // SAFETY: the caller promises that these bytes can be read; an array has no alignment.
        let bytes = unsafe { &*bytes.cast::<[u8; BLOCK_BYTES]>() };
        Masks {
            quote: equal(bytes, quote),
            delimiter: equal(bytes, delimiter),
            line_end: equal(bytes, b'\n') | equal(bytes, b'\r'),
        }
    }
}

#[inline(always)]
fn equal(bytes: &[u8; BLOCK_BYTES], wanted: u8) -> u64 {
    const LOW_BITS: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let pattern = u64::from(wanted) * 0x0101_0101_0101_0101;
    let mut mask = 0;
    for (index, word) in bytes.chunks_exact(8).enumerate() {
        let word = u64::from_le_bytes(word.try_into().unwrap_or_default()) ^ pattern;
        // The top bit of each byte is set exactly where the byte is zero (Hacker's Delight, 6-1);
        // the product then moves the eight top bits next to each other.
        let zeros = !(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS);
        mask |= ((zeros >> 7).wrapping_mul(GATHER) >> 56) << (8 * index);
    }
    mask
}
