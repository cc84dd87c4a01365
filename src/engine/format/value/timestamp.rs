//! `TIMESTAMP`, in UTC.

use arrow::datatypes::{TimestampMicrosecondType, TimestampMillisecondType};

use super::date::{parse_date, two_digits};
use super::swar::{first_digits, load8};
use super::{Parse, RawField};

const DAY_SECONDS: i64 = 86_400;

/// A point in time as ISO 8601 writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IsoTimestamp {
    /// Microseconds since 1970-01-01 UTC; further digits are cut off.
    pub micros: i64,
    /// Number of digits behind the decimal point.
    pub fraction_digits: usize,
}

/// Parses points in time to the millisecond; further digits are cut off.
#[derive(Debug, Default)]
pub struct Millis {
    recent: RecentMinutes,
}

/// Parses points in time to the microsecond; further digits are cut off.
#[derive(Debug, Default)]
pub struct Micros {
    recent: RecentMinutes,
}

/// The minutes of the values before, as text and as number: neighbours often share one. There is a
/// place for even and one for odd minutes, because events seldom come in perfect order.
#[derive(Debug)]
struct RecentMinutes([Minute; 2]);

#[derive(Clone, Copy, Debug)]
struct Minute {
    text: [u64; 2],
    seconds: i64,
}

impl Default for RecentMinutes {
    fn default() -> Self {
        let text = [u64::from_le_bytes(*b"1970-01-"), u64::from_le_bytes(*b"01T00:00")];
        Self([Minute { text, seconds: 0 }; 2])
    }
}

impl Parse for Millis {
    type Arrow = TimestampMillisecondType;
    const SQL_NAME: &'static str = "TIMESTAMP";

    #[inline(always)]
    fn quick(&mut self, bytes: &[u8], field: RawField) -> Option<i64> {
        match self.recent.fixed_layout(bytes, field) {
            None => self.exact(&bytes[field.start..field.end]),
            Some((seconds, micros)) => Some(seconds * 1_000 + micros as i64 / 1_000),
        }
    }

    fn exact(&mut self, text: &[u8]) -> Option<i64> {
        Some(parse_timestamp(text)?.micros.div_euclid(1_000))
    }
}

impl Parse for Micros {
    type Arrow = TimestampMicrosecondType;
    const SQL_NAME: &'static str = "TIMESTAMP";

    #[inline(always)]
    fn quick(&mut self, bytes: &[u8], field: RawField) -> Option<i64> {
        match self.recent.fixed_layout(bytes, field) {
            None => self.exact(&bytes[field.start..field.end]),
            Some((seconds, micros)) => Some(seconds * 1_000_000 + micros as i64),
        }
    }

    fn exact(&mut self, text: &[u8]) -> Option<i64> {
        Some(parse_timestamp(text)?.micros)
    }
}

impl RecentMinutes {
    /// `YYYY-MM-DDTHH:MM:SS`, with or without three or six digits of fraction and `Z`: seconds and
    /// microseconds.
    #[inline(always)]
    fn fixed_layout(&mut self, bytes: &[u8], field: RawField) -> Option<(i64, u64)> {
        let length = field.end - field.start;
        if !(19..=27).contains(&length) {
            return None;
        }
        let text = [load8(bytes, field.start)?, load8(bytes, field.start + 8)?];
        let rest = load8(bytes, field.start + 16)?.to_le_bytes();
        // The last digit of the minute is the last byte of the second word.
        let minute = &mut self.0[(text[1] >> 56) as usize % 2];
        if text != minute.text {
            minute.seconds = minute_seconds(&bytes[field.start..field.start + 16])?;
            minute.text = text;
        }
        let micros = match (length, rest[3]) {
            (19, _) | (20, b'Z') => 0,
            (23, b'.') => first_digits(load8(bytes, field.start + 16)? >> 32, 3)? * 1_000,
            (24, b'.') if rest[7] == b'Z' => first_digits(load8(bytes, field.start + 16)? >> 32, 3)? * 1_000,
            (26, b'.') => first_digits(load8(bytes, field.start + 20)?, 6)?,
            (27, b'.') if bytes[field.end - 1] == b'Z' => first_digits(load8(bytes, field.start + 20)?, 6)?,
            _ => return None,
        };
        let seconds = two_digits(rest[1], rest[2])?;
        if rest[0] != b':' || seconds > 59 {
            return None;
        }
        Some((minute.seconds + i64::from(seconds), micros))
    }
}

/// `YYYY-MM-DD HH:MM` in seconds.
#[inline]
fn minute_seconds(text: &[u8]) -> Option<i64> {
    let time: &[u8; 6] = text.get(10..16)?.try_into().ok()?;
    if !matches!(time[0], b'T' | b' ' | b't') || time[3] != b':' {
        return None;
    }
    let (hour, minute) = (two_digits(time[1], time[2])?, two_digits(time[4], time[5])?);
    if hour > 23 || minute > 59 {
        return None;
    }
    let days = i64::from(parse_date(&text[..10])?);
    Some(days * DAY_SECONDS + i64::from(hour * 3_600 + minute * 60))
}

/// All of `text` as a date, or a date and a time to the minute, second or a fraction of it (behind
/// a point or comma), followed by nothing, `Z`, or an offset like `+02:00`, `+0200` or `+02`. Without
/// an offset the time is UTC.
pub fn parse_timestamp(text: &[u8]) -> Option<IsoTimestamp> {
    if text.len() == 10 {
        let seconds = i64::from(parse_date(text)?) * DAY_SECONDS;
        return Some(IsoTimestamp { micros: seconds * 1_000_000, fraction_digits: 0 });
    }
    let mut seconds = minute_seconds(text.get(..16)?)?;
    let mut rest = &text[16..];
    let mut micros = 0;
    let mut fraction_digits = 0;
    if let [b':', tens, ones, behind @ ..] = rest {
        let second = two_digits(*tens, *ones).filter(|&second| second <= 59)?;
        seconds += i64::from(second);
        rest = behind;
        if let [b'.' | b',', fraction @ ..] = rest {
            fraction_digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if fraction_digits == 0 {
                return None;
            }
            for place in 0..6 {
                let digit = fraction[..fraction_digits].get(place).map_or(0, |byte| byte - b'0');
                micros = micros * 10 + i64::from(digit);
            }
            rest = &fraction[fraction_digits..];
        }
    }
    seconds -= offset_seconds(rest)?;
    Some(IsoTimestamp { micros: seconds * 1_000_000 + micros, fraction_digits })
}

/// The seconds of an offset like `+02:00`, `+0200` or `+02`; none for nothing and `Z`.
pub fn offset_seconds(text: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match *text {
        [] | [b'Z' | b'z'] => return Some(0),
        [sign, h1, h2] => (sign, two_digits(h1, h2)?, 0),
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => {
            (sign, two_digits(h1, h2)?, two_digits(m1, m2)?)
        }
        _ => return None,
    };
    if hours > 18 || minutes > 59 {
        return None;
    }
    let seconds = i64::from(hours * 3_600 + minutes * 60);
    match sign {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}
