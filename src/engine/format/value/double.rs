//! `DOUBLE`.

use arrow::datatypes::Float64Type;

use super::swar::{first_digits, load8, position};
use super::{Parse, RawField};

/// Powers of ten that a double holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// Integers up to this one are doubles.
const EXACT_MAX: u64 = 1 << 53;

/// Parses decimal and scientific numbers, correctly rounded.
#[derive(Debug, Default)]
pub struct Double;

impl Parse for Double {
    type Arrow = Float64Type;
    const SQL_NAME: &'static str = "DOUBLE";

    #[inline(always)]
    fn quick(&mut self, bytes: &[u8], field: RawField) -> Option<f64> {
        let negative = bytes[field.start] == b'-';
        let start = field.start + usize::from(negative);
        let length = field.end - start;
        let value = if matches!(length, 1..=8) {
            short_decimal(load8(bytes, start)?, length)?
        } else {
            long_decimal(&bytes[start..field.end])?
        };
        // The sign's bit, not a choice between two values: signs come in no order that a processor could guess.
        Some(f64::from_bits(value.to_bits() | u64::from(negative) << 63))
    }

    fn exact(&mut self, text: &[u8]) -> Option<f64> {
        parse_double(text)
    }
}

/// All of `text` as a number: digits with or without point and exponent, `inf` or `nan`.
pub fn parse_double(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Up to eight characters. Digits and power of ten are both exact as doubles, so that the one
/// division rounds correctly (Clinger, "How to read floating point numbers accurately", 1990).
#[inline(always)]
fn short_decimal(word: u64, length: usize) -> Option<f64> {
    let point = position(word, b'.');
    if point >= length {
        return Some(first_digits(word, length)? as f64);
    }
    // Both halves of the word move together over the point. A point alone is no number.
    let before = (1u64 << (8 * point)) - 1;
    let digits = (word & before) | ((word >> 8) & !before);
    if length == 1 {
        return None;
    }
    Some(first_digits(digits, length - 1)? as f64 / POWERS[length - 1 - point])
}

/// Digits with at most one point, few enough to be exact.
#[inline]
fn long_decimal(text: &[u8]) -> Option<f64> {
    if text.len() > 20 {
        return None;
    }
    let mut digits = 0u64;
    let mut point = None;
    for (index, &byte) in text.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            digits = digits.wrapping_mul(10) + u64::from(digit);
        } else if byte == b'.' && point.is_none() {
            point = Some(index);
        } else {
            return None;
        }
    }
    let count = text.len() - usize::from(point.is_some());
    if count == 0 || count > 19 || digits > EXACT_MAX {
        return None;
    }
    let decimals = point.map_or(0, |point| text.len() - 1 - point);
    Some(digits as f64 / POWERS[decimals])
}
