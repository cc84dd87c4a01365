//! `Fri Sep 09 10:42:29.902022 2011`, of C's library and Apache's error log.

use chrono::NaiveDate;

use super::clock::clock;
use super::{RecentDay, SECOND, TimeKind, TimeParser, month, number};

/// With the day of the week first and the year last.
pub static CTIME: TimeKind =
    TimeKind { example: "Fri Sep 09 10:42:29.902022 2011", len, parser: |_| Box::<Ctime>::default() };

/// Bytes before the time of day.
const DAY_BYTES: usize = 11;

fn len(text: &[u8]) -> Option<usize> {
    let clock = clock(text.get(DAY_BYTES..)?)?;
    let len = DAY_BYTES + clock.len + 5;
    parts(text.get(..len)?).and_then(|([month, day, year], _)| date(month, day, year))?;
    Some(len)
}

/// Month, day and year as text, and the microseconds of the day.
fn parts(text: &[u8]) -> Option<([&[u8]; 3], i64)> {
    let clock = clock(text.get(DAY_BYTES..)?)?;
    let year = text[DAY_BYTES + clock.len..].strip_prefix(b" ")?;
    let fits = year.len() == 4 && text[3] == b' ' && text[7] == b' ' && text[10] == b' ';
    fits.then_some(([&text[4..7], &text[8..10], year], clock.micros))
}

fn date(month_name: &[u8], day: &[u8], year: &[u8]) -> Option<NaiveDate> {
    let year = i32::try_from(number(year)?).ok()?;
    NaiveDate::from_ymd_opt(year, month(month_name)?, number(day)?)
}

#[derive(Debug, Default)]
struct Ctime {
    day: RecentDay,
}

impl TimeParser for Ctime {
    fn micros(&mut self, text: &[u8]) -> Option<i64> {
        let ([month, day, year], micros) = parts(text)?;
        let key: [u8; 9] = [month[0], month[1], month[2], day[0], day[1], year[0], year[1], year[2], year[3]];
        let seconds = self.day.seconds(&key, |_| date(month, day, year))?;
        Some(seconds * SECOND + micros)
    }
}
