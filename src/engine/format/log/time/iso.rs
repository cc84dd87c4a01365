//! `2024-01-31T12:00:00.123+02:00` and its relatives: slashes, a space or tab before the time, a comma
//! before the fraction, a space before the time zone.

use chrono::NaiveDate;

use super::clock::clock;
use super::{RecentDay, SECOND, TimeKind, TimeParser, number, zone_len, zone_seconds};

/// Year, month and day first.
pub static ISO: TimeKind =
    TimeKind { example: "2024-01-31T12:00:00.123+02:00", len, parser: |_| Box::<Iso>::default() };

const DAY_BYTES: usize = 10;

fn len(text: &[u8]) -> Option<usize> {
    day(text.get(..DAY_BYTES)?)?;
    between(text)?;
    let clock = DAY_BYTES + 1 + clock(&text[DAY_BYTES + 1..])?.len;
    Some(clock + zone_len(&text[clock..]))
}

fn between(text: &[u8]) -> Option<()> {
    matches!(text.get(DAY_BYTES)?, b'T' | b' ' | b't' | b'\t' | b'_').then_some(())
}

fn day(text: &[u8]) -> Option<NaiveDate> {
    if !matches!(text[4], b'-' | b'/') || text[7] != text[4] {
        return None;
    }
    let year = i32::try_from(number(&text[..4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&text[5..7])?, number(&text[8..10])?)
}

#[derive(Debug, Default)]
struct Iso {
    day: RecentDay,
}

impl TimeParser for Iso {
    fn micros(&mut self, text: &[u8]) -> Option<i64> {
        let day = self.day.seconds(text.get(..DAY_BYTES)?, day)?;
        between(text)?;
        let rest = &text[DAY_BYTES + 1..];
        let clock = clock(rest)?;
        let zone = zone_seconds(rest[clock.len..].trim_ascii_start())?;
        Some((day - zone) * SECOND + clock.micros)
    }
}
