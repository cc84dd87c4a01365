//! x86-64: SSE2, which every such processor has, and AVX2, which is looked for at run time.

use core::arch::x86_64::{
    __m128i, __m256i, _mm_clmulepi64_si128, _mm_cmpeq_epi8, _mm_cvtsi128_si64, _mm_loadu_si128,
    _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8, _mm256_cmpeq_epi8, _mm256_loadu_si256,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
};

use super::{Block, Masks};

/// Four registers of 16 bytes.
pub struct Sse2;

/// Two registers of 32 bytes, and the carry-less product for the parity of quotes.
pub struct Avx2;

impl Block for Sse2 {
    #[inline(always)]
    unsafe fn masks(bytes: *const u8, quote: u8, delimiter: u8) -> Masks {
        // SAFETY: the caller promises 64 readable bytes; unaligned loads are allowed.
        unsafe {
            let at = bytes.cast::<__m128i>();
            let block = [
                _mm_loadu_si128(at),
                _mm_loadu_si128(at.add(1)),
                _mm_loadu_si128(at.add(2)),
                _mm_loadu_si128(at.add(3)),
            ];
            let equal = |wanted: u8| block.map(|part| _mm_cmpeq_epi8(part, _mm_set1_epi8(wanted as i8)));
            let (feed, carriage) = (equal(b'\n'), equal(b'\r'));
            Masks {
                quote: bits_sse2(equal(quote)),
                delimiter: bits_sse2(equal(delimiter)),
                line_end: bits_sse2(std::array::from_fn(|part| _mm_or_si128(feed[part], carriage[part]))),
            }
        }
    }
}

impl Block for Avx2 {
    #[inline(always)]
    unsafe fn masks(bytes: *const u8, quote: u8, delimiter: u8) -> Masks {
        // SAFETY: the caller promises 64 readable bytes and AVX2.
        unsafe {
            let at = bytes.cast::<__m256i>();
            let block = [_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1))];
            let equal =
                |wanted: u8| block.map(|part| _mm256_cmpeq_epi8(part, _mm256_set1_epi8(wanted as i8)));
            let (feed, carriage) = (equal(b'\n'), equal(b'\r'));
            Masks {
                quote: bits_avx2(equal(quote)),
                delimiter: bits_avx2(equal(delimiter)),
                line_end: bits_avx2(std::array::from_fn(|part| _mm256_or_si256(feed[part], carriage[part]))),
            }
        }
    }

    #[inline(always)]
    unsafe fn prefix_xor(bits: u64) -> u64 {
        // SAFETY: the caller promises the carry-less product. Multiplying by all ones without
        // carries adds up (xors) all lower bits at each bit.
        unsafe {
            let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits as i64), _mm_set1_epi8(-1));
            _mm_cvtsi128_si64(product) as u64
        }
    }
}

#[inline(always)]
unsafe fn bits_sse2(block: [__m128i; 4]) -> u64 {
    // SAFETY: every x86-64 processor has SSE2.
    let bits = |part| u64::from(unsafe { _mm_movemask_epi8(part) } as u32);
    bits(block[0]) | bits(block[1]) << 16 | bits(block[2]) << 32 | bits(block[3]) << 48
}

#[inline(always)]
unsafe fn bits_avx2(block: [__m256i; 2]) -> u64 {
    // SAFETY: the caller promises AVX2.
    let bits = |part| u64::from(unsafe { _mm256_movemask_epi8(part) } as u32);
    bits(block[0]) | bits(block[1]) << 32
}
