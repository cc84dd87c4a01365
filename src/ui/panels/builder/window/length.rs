//! Lengths of windows as typed: so many units of time, of the calendar, or rows.

use serde::{Deserialize, Serialize};

use crate::panels::builder::saved;

/// About 292 years: more nanoseconds cannot be counted.
const MOST_MILLIS: i64 = i64::MAX / 1_000_000;
const MOST_MONTHS: i64 = 292 * 12;
/// The engine numbers rows with 64 bits; nobody means more.
const MOST_ROWS: i64 = 1_000_000_000_000;

const DAY_MILLIS: i64 = 86_400_000;

/// A length as typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Length {
    /// How many units.
    pub count: String,
    /// What is counted; it means nothing for windows of rows.
    #[serde(with = "saved::unit")]
    pub unit: Unit,
}

/// A unit of lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its name in SQL, for one and in lower case.
    pub name: &'static str,
    length: Span,
}

/// How long something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    Millis(i64),
    /// Of the calendar: they are not equally long.
    Months(i64),
    Rows(i64),
}

/// Units of lengths, shortest first.
pub const UNITS: &[Unit] = &[
    Unit { name: "millisecond", length: Span::Millis(1) },
    SECOND,
    Unit { name: "minute", length: Span::Millis(60_000) },
    Unit { name: "hour", length: Span::Millis(3_600_000) },
    Unit { name: "day", length: Span::Millis(DAY_MILLIS) },
    Unit { name: "week", length: Span::Millis(7 * DAY_MILLIS) },
    Unit { name: "month", length: Span::Months(1) },
    Unit { name: "quarter", length: Span::Months(3) },
    Unit { name: "year", length: Span::Months(12) },
];

pub(super) const SECOND: Unit = Unit { name: "second", length: Span::Millis(1000) };

impl Unit {
    /// The unit of this name.
    pub fn named(name: &str) -> Option<Self> {
        UNITS.iter().copied().find(|unit| unit.name == name)
    }

    /// Whether it is equally long everywhere.
    pub fn is_time(self) -> bool {
        matches!(self.length, Span::Millis(_))
    }
}

impl Span {
    /// The number in whatever it counts.
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Millis(number) | Self::Months(number) | Self::Rows(number) => number,
        }
    }

    /// Whether a calendar has it: days or months.
    pub(super) fn is_of_calendar(self) -> bool {
        match self {
            Self::Millis(millis) => millis % DAY_MILLIS == 0,
            Self::Months(_) => true,
            Self::Rows(_) => false,
        }
    }
}

impl Length {
    /// How long it is. With `may_be_any` it may be left out, zero or negative.
    pub(super) fn span(&self, may_be_any: bool) -> Result<Span, &'static str> {
        let count = self.count(may_be_any)?;
        let (most, too_long) = match self.unit.length {
            Span::Months(_) => (MOST_MONTHS, t!("Longer than 292 years.")),
            _ => (MOST_MILLIS, t!("Longer than 292 years.")),
        };
        let number = count.checked_mul(self.unit.length.number());
        let number = number.filter(|number| number.abs() <= most).ok_or(too_long)?;
        Ok(match self.unit.length {
            Span::Months(_) => Span::Months(number),
            _ => Span::Millis(number),
        })
    }

    /// How many rows it is.
    pub(super) fn rows(&self) -> Result<Span, &'static str> {
        let count = self.count(false)?;
        if count <= MOST_ROWS { Ok(Span::Rows(count)) } else { Err(t!("More rows than there are.")) }
    }

    fn count(&self, may_be_any: bool) -> Result<i64, &'static str> {
        let count = match self.count.trim() {
            "" if may_be_any => return Ok(0),
            "" => return Err(t!("A number is missing.")),
            typed => typed.parse::<i64>().map_err(|_| t!("Not a whole number."))?,
        };
        if count <= 0 && !may_be_any { Err(t!("Not longer than zero.")) } else { Ok(count) }
    }

    /// As SQL writes it.
    pub(super) fn interval(&self) -> String {
        let count = self.number();
        // SQL has no plural of quarters.
        let plural = if count == 1 || self.unit.name == "quarter" { "" } else { "S" };
        format!("INTERVAL '{count}' {}{plural}", self.unit.name.to_uppercase())
    }

    /// The number as typed; zero when it is none.
    pub(super) fn number(&self) -> i64 {
        self.count.trim().parse().unwrap_or(0)
    }
}
