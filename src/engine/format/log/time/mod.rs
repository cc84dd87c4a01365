//! Times as logs write them.
//!
//! Owns: one file for each way, and the table [`TIMES`]. A log repeats the same days over and over, so
//! that parsers remember the last one.

mod access;
mod clock;
mod ctime;
mod iso;
mod short_year;
mod syslog;

use std::fmt::Debug;

use chrono::NaiveDate;

pub use access::ACCESS;
pub use ctime::CTIME;
pub use iso::ISO;
pub use short_year::SHORT_YEAR;
pub use syslog::{SYSLOG, YEAR_UNKNOWN, year_of};

/// All ways to write times.
pub static TIMES: &[&TimeKind] = &[&ISO, &ACCESS, &CTIME, &SHORT_YEAR, &SYSLOG];

/// A way to write times.
#[derive(Clone, Copy, Debug)]
pub struct TimeKind {
    /// An example.
    pub example: &'static str,
    /// Length of the time that a text begins with.
    pub len: fn(&[u8]) -> Option<usize>,
    /// A parser; it is told when the file was changed last, in milliseconds since 1970-01-01 UTC.
    pub parser: fn(Option<i64>) -> Box<dyn TimeParser>,
}

/// Reads times of one kind.
pub trait TimeParser {
    /// All of `text` as microseconds since 1970-01-01 UTC.
    fn micros(&mut self, text: &[u8]) -> Option<i64>;
}

/// Digits of the fraction of a second in a time.
pub fn fraction_digits(text: &[u8]) -> usize {
    let tail = &text[memchr::memchr(b':', text).unwrap_or(text.len())..];
    let point = tail.iter().position(|byte| matches!(byte, b'.' | b','));
    point.map_or(0, |point| tail[point + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count())
}

/// Microseconds in a second, seconds in a day.
const SECOND: i64 = 1_000_000;
const DAY_SECONDS: i64 = 86_400;

/// The last day that was read, as text and as seconds since 1970-01-01.
#[derive(Debug, Default)]
struct RecentDay {
    text: Vec<u8>,
    seconds: i64,
}

impl RecentDay {
    /// The seconds of the day that this text names, which `read` finds out if it is another.
    #[inline]
    fn seconds(&mut self, text: &[u8], read: impl FnOnce(&[u8]) -> Option<NaiveDate>) -> Option<i64> {
        if self.text != text {
            let days = read(text)?.signed_duration_since(NaiveDate::default()).num_days();
            self.seconds = days * DAY_SECONDS;
            self.text.clear();
            self.text.extend_from_slice(text);
        }
        Some(self.seconds)
    }
}

/// The month that three letters name, from 1.
fn month(text: &[u8]) -> Option<u32> {
    const MONTHS: [&[u8; 3]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let month = MONTHS.iter().position(|month| text.eq_ignore_ascii_case(*month))?;
    u32::try_from(month + 1).ok()
}

/// All of `text` as a number of digits; a space may stand for the first of two.
fn number(text: &[u8]) -> Option<u32> {
    let text = if text.len() == 2 { text.trim_ascii_start() } else { text };
    let all_digits = !text.is_empty() && text.len() < 9 && text.iter().all(u8::is_ascii_digit);
    all_digits.then(|| text.iter().fold(0, |value, byte| value * 10 + u32::from(byte - b'0')))
}

/// Seconds that a time zone like `+0200`, `+02:00`, `+02`, `Z`, `UTC` or nothing is ahead of UTC.
fn zone_seconds(text: &[u8]) -> Option<i64> {
    let (sign, digits) = match text {
        [] | b"Z" | b"z" | b"UTC" | b"GMT" => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits {
        [_, _] => (digits, &b"00"[..]),
        [_, _, b':', _, _] => (&digits[..2], &digits[3..]),
        [_, _, _, _] => digits.split_at(2),
        _ => return None,
    };
    let two = |text: &[u8]| clock::two_digits(text[0], text[1]);
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours <= 18 && minutes <= 59).then(|| sign * i64::from(hours * 3_600 + minutes * 60))
}

/// Length of the time zone that a text begins with, 0 when there is none.
fn zone_len(text: &[u8]) -> usize {
    let is_end = |len: usize| text.get(len).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    for zone in [&b"Z"[..], b" UTC", b" GMT", b"UTC", b"GMT"] {
        if text.starts_with(zone) && is_end(zone.len()) {
            return zone.len();
        }
    }
    let space = usize::from(text.first() == Some(&b' '));
    let zone = &text[space..];
    if !matches!(zone.first(), Some(b'+' | b'-')) {
        return 0;
    }
    let fits = |&len: &usize| {
        zone.get(..len).is_some_and(|zone| zone_seconds(zone).is_some()) && is_end(space + len)
    };
    // Behind a space, two digits and a sign are rather something else.
    let lens: &[usize] = if space == 0 { &[6, 5, 3] } else { &[6, 5] };
    lens.iter().copied().find(fits).map_or(0, |len| space + len)
}
