//! Dates and times as people write them, in one of several orders.
//!
//! ISO 8601 has its own, faster ways in [`date`](super::date) and [`timestamp`](super::timestamp); here is what
//! else there is. Which order a column has is found out from its values once, and not at each of them.

use arrow::datatypes::{Date32Type, TimestampMicrosecondType, TimestampMillisecondType};

use super::date::days_of;
use super::timestamp::offset_seconds;
use super::{Parse, RawField};

const DAY_SECONDS: i64 = 86_400;
/// Years of two digits below this one belong to the century that began in 2000, as POSIX has it.
const FIRST_YEAR_OF_1900S: u32 = 69;
const MONTHS: [&[u8]; 12] = [
    b"january",
    b"february",
    b"march",
    b"april",
    b"may",
    b"june",
    b"july",
    b"august",
    b"september",
    b"october",
    b"november",
    b"december",
];
const WEEKDAYS: [&[u8]; 7] =
    [b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday"];

/// In which order the parts of a date stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// `31/12/2025`, `31.12.25`, `31-12-2025 17:04`
    DayMonth,
    /// `12/31/2025`, `12/31/25 5:04 PM`
    MonthDay,
    /// `2025/12/31`, `2025-1-5 17:04:00 UTC`
    #[default]
    YearFirst,
    /// `31-OCT-2023`, `Dec 31, 2025`, `Wed, 31 Dec 2025 17:04:00 +0100`, `31/Oct/2023:13:55:36 +0000`
    Named,
    /// `20251231`, `20251231T170400Z`, `20251231170400`
    Compact,
}

/// A day or a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Days since 1970-01-01.
    pub days: i32,
    /// Microseconds since 1970-01-01 UTC; further digits are cut off.
    pub micros: i64,
    /// Whether a time of day was there.
    pub has_time: bool,
    /// Whether it was one of twelve hours.
    pub twelve_hours: bool,
    /// Number of digits behind the decimal point of the seconds.
    pub fraction_digits: usize,
}

/// All of `text` as a date, or a date and a time with or without an offset or `Z`, `UTC` or `GMT` behind it.
pub fn parse_moment(text: &[u8], order: Order) -> Option<Moment> {
    let mut cursor = Cursor(text);
    let days = match order {
        Order::DayMonth | Order::MonthDay | Order::YearFirst => cursor.numbers(order)?,
        Order::Named => cursor.named()?,
        Order::Compact => cursor.compact()?,
    };
    let mut moment = Moment { days, micros: 0, has_time: false, twelve_hours: false, fraction_digits: 0 };
    let mut seconds = i64::from(days) * DAY_SECONDS;
    if !cursor.0.is_empty() {
        moment.has_time = true;
        if order == Order::Compact {
            cursor.take_any(b"T t");
        } else {
            cursor.between_date_and_time(order)?;
        }
        let (of_day, micros) = cursor.time(order == Order::Compact, &mut moment)?;
        seconds += of_day - cursor.zone()?;
        moment.micros = micros;
    }
    moment.micros += seconds * 1_000_000;
    Some(moment)
}

/// What is left of a text.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// Digits, at least one and at most `most`: their number and how many there are.
    fn digits(&mut self, most: usize) -> Option<(u32, usize)> {
        let count = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        let number = digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
        (count > 0).then_some((number, count))
    }

    fn two_digits(&mut self) -> Option<u32> {
        self.digits(2).filter(|&(_, count)| count == 2).map(|(number, _)| number)
    }

    fn take_any(&mut self, wanted: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        wanted.contains(&first).then(|| {
            self.0 = rest;
            first
        })
    }

    fn letters(&mut self) -> &[u8] {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (letters, rest) = self.0.split_at(count);
        self.0 = rest;
        letters
    }

    /// A year of four digits, or of two.
    fn year(&mut self) -> Option<u32> {
        match self.digits(4)? {
            (year, 4) => Some(year),
            (year, 2) => Some(year + if year < FIRST_YEAR_OF_1900S { 2000 } else { 1900 }),
            _ => None,
        }
    }

    fn numbers(&mut self, order: Order) -> Option<i32> {
        let year_first = order == Order::YearFirst;
        let first =
            if year_first { self.digits(4).filter(|&(_, count)| count == 4)?.0 } else { self.digits(2)?.0 };
        let separator = self.take_any(b"/-.")?;
        let second = self.digits(2)?.0;
        self.take_any(&[separator])?;
        match order {
            Order::YearFirst => days_of(first, second, self.digits(2)?.0),
            Order::DayMonth => days_of(self.year()?, second, first),
            _ => days_of(self.year()?, first, second),
        }
    }

    fn named(&mut self) -> Option<i32> {
        let before_name = self.0;
        if name_number(self.letters(), &WEEKDAYS).is_some() {
            self.take_any(b",.");
            self.spaces();
        } else {
            self.0 = before_name;
        }
        let (day, month) = if self.0.first()?.is_ascii_digit() {
            let day = self.digits(2)?.0;
            self.separators();
            (day, name_number(self.letters(), &MONTHS)?)
        } else {
            let month = name_number(self.letters(), &MONTHS)?;
            self.separators();
            (self.digits(2)?.0, month)
        };
        self.separators();
        days_of(self.year()?, month, day)
    }

    fn compact(&mut self) -> Option<i32> {
        let year = self.digits(4).filter(|&(_, count)| count == 4)?.0;
        days_of(year, self.two_digits()?, self.two_digits()?)
    }

    /// Up to two characters that may stand around the name of a month.
    fn separators(&mut self) {
        for _ in 0..2 {
            self.take_any(b" -/,.");
        }
    }

    fn spaces(&mut self) {
        while self.take_any(b" ").is_some() {}
    }

    fn between_date_and_time(&mut self, order: Order) -> Option<()> {
        match self.take_any(b" Tt,:")? {
            b',' => self.take_any(b" ").map(|_| ()),
            b':' if order != Order::Named => None,
            _ => {
                self.spaces();
                Some(())
            }
        }
    }

    /// Seconds of the day and microseconds.
    fn time(&mut self, compact: bool, moment: &mut Moment) -> Option<(i64, i64)> {
        let mut hour = if compact { self.two_digits()? } else { self.digits(2)?.0 };
        let (mut minute, mut second, mut micros) = (0, 0, 0);
        let has_minutes = compact && !self.0.is_empty() || self.take_any(b":").is_some();
        if has_minutes {
            self.take_any(b":");
            minute = self.two_digits()?;
            let has_seconds = match self.0.first() {
                Some(b':') => self.take_any(b":").is_some(),
                Some(byte) => compact && byte.is_ascii_digit(),
                None => false,
            };
            if has_seconds {
                second = self.two_digits()?;
                if self.take_any(b".,").is_some() {
                    micros = self.fraction(moment)?;
                }
            }
        }
        let before_half = self.0;
        self.spaces();
        let half = self.take_any(b"AaPp");
        match half {
            Some(half) => {
                self.take_any(b".");
                self.take_any(b"Mm")?;
                self.take_any(b".");
                if !(1..=12).contains(&hour) {
                    return None;
                }
                hour = hour % 12 + if matches!(half, b'P' | b'p') { 12 } else { 0 };
                moment.twelve_hours = true;
            }
            None => {
                self.0 = before_half;
                if !has_minutes {
                    return None;
                }
            }
        }
        let valid = hour <= 23 && minute <= 59 && second <= 59;
        valid.then(|| (i64::from(hour * 3_600 + minute * 60 + second), micros))
    }

    fn fraction(&mut self, moment: &mut Moment) -> Option<i64> {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        moment.fraction_digits = count;
        let digit = |place: usize| digits.get(place).map_or(0, |digit| i64::from(digit - b'0'));
        (count > 0).then(|| (0..6).fold(0, |micros, place| micros * 10 + digit(place)))
    }

    /// Seconds to subtract; nothing may be left behind the zone.
    fn zone(&mut self) -> Option<i64> {
        self.spaces();
        match self.0 {
            b"UTC" | b"GMT" => Some(0),
            zone => offset_seconds(zone),
        }
    }
}

/// The number, from 1, of a name that is written whole, or with its first three letters, or four of them.
fn name_number(letters: &[u8], names: &[&[u8]]) -> Option<u32> {
    let written = |name: &&[u8]| {
        let beginning = name.get(..letters.len()).is_some_and(|name| name.eq_ignore_ascii_case(letters));
        beginning && (matches!(letters.len(), 3 | 4) || letters.len() == name.len())
    };
    names.iter().position(written).and_then(|place| u32::try_from(place + 1).ok())
}

/// Parses days that are written in some order.
#[derive(Debug, Default)]
pub struct WrittenDate(pub Order);

/// Parses points in time that are written in some order, to the millisecond.
#[derive(Debug, Default)]
pub struct WrittenMillis(pub Order);

/// Parses points in time that are written in some order, to the microsecond.
#[derive(Debug, Default)]
pub struct WrittenMicros(pub Order);

impl Parse for WrittenDate {
    type Arrow = Date32Type;
    const SQL_NAME: &'static str = "DATE";

    #[inline(always)]
    fn quick(&mut self, bytes: &[u8], field: RawField) -> Option<i32> {
        self.exact(&bytes[field.start..field.end])
    }

    fn exact(&mut self, text: &[u8]) -> Option<i32> {
        parse_moment(text, self.0).filter(|moment| !moment.has_time).map(|moment| moment.days)
    }
}

impl Parse for WrittenMillis {
    type Arrow = TimestampMillisecondType;
    const SQL_NAME: &'static str = "TIMESTAMP";

    #[inline(always)]
    fn quick(&mut self, bytes: &[u8], field: RawField) -> Option<i64> {
        self.exact(&bytes[field.start..field.end])
    }

    fn exact(&mut self, text: &[u8]) -> Option<i64> {
        Some(parse_moment(text, self.0)?.micros.div_euclid(1_000))
    }
}

impl Parse for WrittenMicros {
    type Arrow = TimestampMicrosecondType;
    const SQL_NAME: &'static str = "TIMESTAMP";

    #[inline(always)]
    fn quick(&mut self, bytes: &[u8], field: RawField) -> Option<i64> {
        self.exact(&bytes[field.start..field.end])
    }

    fn exact(&mut self, text: &[u8]) -> Option<i64> {
        Some(parse_moment(text, self.0)?.micros)
    }
}
