//! The time of day, which all kinds write alike.

use crate::format::value::load8;

/// A time of day.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Microseconds since midnight; further digits are cut off.
    pub micros: i64,
    /// Bytes that it takes.
    pub len: usize,
}

/// The number that two characters write, if they are digits.
#[inline(always)]
pub fn two_digits(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// `HH:MM:SS` at the beginning of a text, with or without a fraction behind a point or comma. A second 60
/// is the last one of a leap second and taken as the first of the next minute.
#[inline]
pub fn clock(text: &[u8]) -> Option<Clock> {
    let seconds = hms(text)?;
    let (mut micros, mut len) = (0, 8);
    if let [b'.' | b',', fraction @ ..] = &text[8..]
        && fraction.first().is_some_and(u8::is_ascii_digit)
    {
        let mut unit = 100_000;
        for byte in fraction.iter().take_while(|byte| byte.is_ascii_digit()) {
            micros += i64::from(byte - b'0') * unit;
            unit /= 10;
            len += 1;
        }
        len += 1;
    }
    Some(Clock { micros: seconds * 1_000_000 + micros, len })
}

/// `HH:MM:SS` in seconds.
#[inline]
fn hms(text: &[u8]) -> Option<i64> {
    let word = load8(text, 0)?.to_le_bytes();
    let [h1, h2, b':', m1, m2, b':', s1, s2] = word else { return None };
    let (hour, minute, second) = (two_digits(h1, h2)?, two_digits(m1, m2)?, two_digits(s1, s2)?);
    (hour <= 23 && minute <= 59 && second <= 60).then(|| i64::from(hour * 3_600 + minute * 60 + second))
}
