//! WebAssembly with 128-bit SIMD.

use core::arch::wasm32::{i8x16_bitmask, i8x16_eq, i8x16_splat, v128, v128_load};

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
        Masks {
            quote: equal(block, quote),
            delimiter: equal(block, delimiter),
            feed: equal(block, b'\n'),
            carriage: equal(block, b'\r'),
        }
    }
}

#[inline(always)]
fn equal(block: [v128; 4], wanted: u8) -> u64 {
    let wanted = i8x16_splat(wanted as i8);
    let bits = |part| u64::from(i8x16_bitmask(i8x16_eq(part, wanted)));
    bits(block[0]) | bits(block[1]) << 16 | bits(block[2]) << 32 | bits(block[3]) << 48
}
