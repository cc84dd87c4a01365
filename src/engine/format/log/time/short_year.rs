//! `24/01/31 12:00:00`, of Spark and Hadoop.

use chrono::NaiveDate;

use super::clock::clock;
use super::{RecentDay, SECOND, TimeKind, TimeParser, number};

/// Years of this century, by two digits.
pub static SHORT_YEAR: TimeKind =
    TimeKind { example: "24/01/31 12:00:00", len, parser: |_| Box::<ShortYear>::default() };

const DAY_BYTES: usize = 8;

fn len(text: &[u8]) -> Option<usize> {
    day(text.get(..DAY_BYTES)?)?;
    let rest = text[DAY_BYTES..].strip_prefix(b" ")?;
    Some(DAY_BYTES + 1 + clock(rest)?.len)
}

fn day(text: &[u8]) -> Option<NaiveDate> {
    if text[2] != b'/' || text[5] != b'/' {
        return None;
    }
    let year = 2_000 + i32::try_from(number(&text[..2])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&text[3..5])?, number(&text[6..8])?)
}

#[derive(Debug, Default)]
struct ShortYear {
    day: RecentDay,
}

impl TimeParser for ShortYear {
    fn micros(&mut self, text: &[u8]) -> Option<i64> {
        let day = self.day.seconds(text.get(..DAY_BYTES)?, day)?;
        let rest = text[DAY_BYTES..].strip_prefix(b" ")?;
        let clock = clock(rest)?;
        (clock.len == rest.len()).then_some(day * SECOND + clock.micros)
    }
}
