//! WebAssembly with 128-bit SIMD.

use core::arch::wasm32::{i8x16_bitmask, i8x16_eq, i8x16_splat, v128, v128_load, v128_or};

use super::{Block, Masks};

/// Four registers of 16 bytes.
pub struct Simd128;

impl Block for Simd128 {
    #[inline(always)]
    unsafe fn masks(bytes: *const u8, quote: u8, delimiter: u8) -> Masks {
        // SAFETY: the caller promises 64 readable bytes; unaligned loads are allowed.
        let block = unsafe {
            let at = bytes.cast::<v128>();
            [v128_load(at), v128_load(at.add(1)), v128_load(at.add(2)), v128_load(at.add(3))]
        };
        let equal = |wanted: u8| block.map(|part| i8x16_eq(part, i8x16_splat(wanted as i8)));
        let (feed, carriage) = (equal(b'\n'), equal(b'\r'));
        Masks {
            quote: bits(equal(quote)),
            delimiter: bits(equal(delimiter)),
            line_end: bits(std::array::from_fn(|part| v128_or(feed[part], carriage[part]))),
        }
    }
}

#[inline(always)]
fn bits(block: [v128; 4]) -> u64 {
    let bits = |part| u64::from(i8x16_bitmask(part));
    bits(block[0]) | bits(block[1]) << 16 | bits(block[2]) << 32 | bits(block[3]) << 48
}
