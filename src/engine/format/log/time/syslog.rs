//! `Oct 11 22:14:15`, of syslog as in RFC 3164, which leaves the year out.
//!
//! The year is that of the file's last change, or the last one before in which the day is not later
//! than the day after that change; the one day is for time zones. So files of up to a year are right.
//! When nobody knows of the last change, the year is [`YEAR_UNKNOWN`].

use chrono::{DateTime, Datelike, Days, NaiveDate};

use super::clock::clock;
use super::{RecentDay, SECOND, TimeKind, TimeParser, month, number};

/// Without a year.
pub static SYSLOG: TimeKind = TimeKind {
    example: "Oct 11 22:14:15",
    len,
    parser: |modified_millis| Box::new(Syslog { day: RecentDay::default(), last: last_day(modified_millis) }),
};

/// The year of times when it cannot be known: one with a leap day.
pub const YEAR_UNKNOWN: i32 = 2000;
/// Years back to the last leap day, at most.
const LEAP_YEARS: i32 = 8;

const DAY_BYTES: usize = 6;

fn len(text: &[u8]) -> Option<usize> {
    day_and_month(text.get(..DAY_BYTES)?)?;
    let rest = text[DAY_BYTES..].strip_prefix(b" ")?;
    Some(DAY_BYTES + 1 + clock(rest)?.len)
}

fn day_and_month(text: &[u8]) -> Option<(u32, u32)> {
    let day = number(&text[4..6]).filter(|day| (1..=31).contains(day))?;
    (text[3] == b' ').then_some((day, month(&text[..3])?))
}

/// The last day that a time can have.
fn last_day(modified_millis: Option<i64>) -> NaiveDate {
    let modified = modified_millis.and_then(DateTime::from_timestamp_millis);
    let next = modified.and_then(|time| time.date_naive().checked_add_days(Days::new(1)));
    next.or_else(|| NaiveDate::from_ymd_opt(YEAR_UNKNOWN, 12, 31)).unwrap_or_default()
}

/// The year of the last times in a file that was changed then.
pub fn year_of(modified_millis: Option<i64>) -> i32 {
    let modified = modified_millis.and_then(DateTime::from_timestamp_millis);
    modified.map_or(YEAR_UNKNOWN, |time| time.year())
}

#[derive(Debug)]
struct Syslog {
    day: RecentDay,
    last: NaiveDate,
}

impl TimeParser for Syslog {
    fn micros(&mut self, text: &[u8]) -> Option<i64> {
        let last = self.last;
        let seconds = self.day.seconds(text.get(..DAY_BYTES)?, |text| {
            let (day, month) = day_and_month(text)?;
            let years = (last.year() - LEAP_YEARS..=last.year()).rev();
            years.filter_map(|year| NaiveDate::from_ymd_opt(year, month, day)).find(|date| *date <= last)
        })?;
        let rest = text[DAY_BYTES..].strip_prefix(b" ")?;
        let clock = clock(rest)?;
        (clock.len == rest.len()).then_some(seconds * SECOND + clock.micros)
    }
}
