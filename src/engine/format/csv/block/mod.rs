//! Sixty-four bytes at a time: where the quotes, delimiters and line ends are.
//!
//! Owns: one implementation of [`Block`] for each instruction set. Touches: nothing else.

#[cfg(any(test, not(any(target_arch = "x86_64", target_feature = "simd128"))))]
mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(any(test, not(any(target_arch = "x86_64", target_feature = "simd128"))))]
pub use scalar::Scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use wasm::Simd128;
#[cfg(target_arch = "x86_64")]
pub use x86::{Avx2, Sse2};

/// Bytes that one block looks at.
pub const BLOCK_BYTES: usize = 64;

/// One bit a byte of a block, the first byte in the lowest bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Masks {
    /// Bytes that are the quote.
    pub quote: u64,
    /// Bytes that are the delimiter.
    pub delimiter: u64,
    /// Bytes that are `\n` or `\r`.
    pub line_end: u64,
}

/// An instruction set that can classify a block.
pub trait Block {
    /// Compares every byte of a block with the four bytes that matter.
    ///
    /// # Safety
    /// `bytes` points to [`BLOCK_BYTES`] readable bytes, and the processor has the instructions.
    unsafe fn masks(bytes: *const u8, quote: u8, delimiter: u8) -> Masks;

    /// Bit `i` of the result is the parity of bits `0..=i`: from an opening quote up to the byte
    /// before the closing one it is set.
    ///
    /// # Safety
    /// The processor has the instructions.
    #[inline(always)]
    unsafe fn prefix_xor(bits: u64) -> u64 {
        let bits = bits ^ (bits << 1);
        let bits = bits ^ (bits << 2);
        let bits = bits ^ (bits << 4);
        let bits = bits ^ (bits << 8);
        let bits = bits ^ (bits << 16);
        bits ^ (bits << 32)
    }
}
