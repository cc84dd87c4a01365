//! Eight characters in one 64-bit word.
//!
//! The first character is in the lowest byte. Eight digits become a number in three multiplications
//! (Lemire, "Quickly parsing eight digits", 2018).

const ONES: u64 = 0x0101_0101_0101_0101;

/// The eight bytes from `pos` on, if there are so many.
#[inline(always)]
pub fn load8(bytes: &[u8], pos: usize) -> Option<u64> {
    let eight = bytes.get(pos..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*eight))
}

/// The number that the first `count` (1 to 8) characters write, if they are all digits.
#[inline(always)]
pub fn first_digits(word: u64, count: usize) -> Option<u64> {
    // Zeros come in from below, which is in front of the number.
    digits((word ^ (ONES * 0x30)) << ((8 - count) * 8))
}

/// The number that the last `count` (1 to 8) characters write, if they are all digits.
#[inline(always)]
pub fn last_digits(word: u64, count: usize) -> Option<u64> {
    let others = (8 - count) * 8;
    digits((word ^ (ONES * 0x30)) >> others << others)
}

/// The number of eight digits whose bytes are 0 to 9.
#[inline(always)]
fn digits(values: u64) -> Option<u64> {
    if (values | values.wrapping_add(ONES * 6)) & (ONES * 0xf0) != 0 {
        return None;
    }
    let pairs = values.wrapping_mul(1 + (10 << 8)) >> 8;
    let fours = (pairs & 0x00ff_00ff_00ff_00ff).wrapping_mul(1 + (100 << 16)) >> 16;
    Some((fours & 0x0000_ffff_0000_ffff).wrapping_mul(1 + (10_000 << 32)) >> 32)
}

/// Index of the first character equal to `wanted`, or 8.
#[inline(always)]
pub fn position(word: u64, wanted: u8) -> usize {
    any_equal(word, wanted).trailing_zeros() as usize / 8
}

/// The high bit of each byte that equals `wanted`. Only the lowest bit that is set is certain.
#[inline(always)]
pub fn any_equal(word: u64, wanted: u8) -> u64 {
    any_below(word ^ (ONES * u64::from(wanted)), 1)
}

/// The high bit of each byte below `limit`, at most 128. Only the lowest bit that is set is certain:
/// bytes above a flagged one can be flagged wrongly.
#[inline(always)]
pub fn any_below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(ONES * u64::from(limit)) & !word & (ONES * 0x80)
}
