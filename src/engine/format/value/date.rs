//! `DATE`.

use arrow::datatypes::Date32Type;

use super::swar::{first_digits, load8};
use super::{Parse, RawField};

/// Parses ISO 8601 dates.
#[derive(Debug, Default)]
pub struct Date;

impl Parse for Date {
    type Arrow = Date32Type;
    const SQL_NAME: &'static str = "DATE";

    #[inline(always)]
    fn quick(&mut self, bytes: &[u8], field: RawField) -> Option<i32> {
        parse_date(&bytes[field.start..field.end])
    }

    fn exact(&mut self, text: &[u8]) -> Option<i32> {
        parse_date(text)
    }
}

/// All of `text` as `YYYY-MM-DD`, in days since 1970-01-01.
#[inline]
pub fn parse_date(text: &[u8]) -> Option<i32> {
    let text: &[u8; 10] = text.try_into().ok()?;
    if text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let word = load8(text, 0)?;
    let year = first_digits(word, 4)? as i32;
    let month = first_digits(word >> 40, 2)? as u32;
    let day = two_digits(text[8], text[9])?;
    checked_days(year, month, day)
}

/// The day of this year, month and day, in days since 1970-01-01, if there is one.
pub fn days_of(year: u32, month: u32, day: u32) -> Option<i32> {
    checked_days(i32::try_from(year).ok()?, month, day)
}

#[inline(always)]
fn checked_days(year: i32, month: u32, day: u32) -> Option<i32> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    const LAST_DAYS: [u32; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let last_day = *LAST_DAYS.get(month as usize)? + u32::from(month == 2 && leap);
    (1..=last_day).contains(&day).then(|| days_from_civil(year, month, day))
}

/// The number that two characters write, if they are digits.
#[inline(always)]
pub fn two_digits(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// Days since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms", 2014), for years
/// from 0 on.
#[inline]
fn days_from_civil(year: i32, month: u32, day: u32) -> i32 {
    // Years begin in March, so that the leap day comes last; the year 0 is in the era 0 or -1.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month as i32 + 9) % 12) + 2) / 5 + day as i32 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}
