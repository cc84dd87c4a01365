//! `TIMESTAMP` that is written as a number of seconds, or parts of them, since 1970-01-01 UTC.

use arrow::datatypes::{TimestampMicrosecondType, TimestampMillisecondType};

use super::{Integer, Parse, RawField, parse_integer};

/// What the number counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EpochUnit {
    /// Seconds.
    #[default]
    Seconds,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
    /// Nanoseconds.
    Nanos,
}

impl EpochUnit {
    /// All units with their names, from the longest to the shortest.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Seconds, "seconds"),
        (Self::Millis, "milliseconds"),
        (Self::Micros, "microseconds"),
        (Self::Nanos, "nanoseconds"),
    ];

    /// How many of it a second has.
    pub fn per_second(self) -> i64 {
        match self {
            Self::Seconds => 1,
            Self::Millis => 1_000,
            Self::Micros => 1_000_000,
            Self::Nanos => 1_000_000_000,
        }
    }
}

/// Parses whole seconds and milliseconds, to the millisecond.
#[derive(Debug, Default)]
pub struct EpochMillis {
    integer: Integer,
    /// What is counted.
    pub unit: EpochUnit,
}

/// Parses microseconds and nanoseconds, to the microsecond.
#[derive(Debug, Default)]
pub struct EpochMicros {
    integer: Integer,
    /// What is counted.
    pub unit: EpochUnit,
}

impl EpochMillis {
    /// A parser of this unit.
    pub fn new(unit: EpochUnit) -> Self {
        Self { unit, ..Self::default() }
    }

    fn scaled(&self, value: i64) -> Option<i64> {
        scaled(value, self.unit, 1_000)
    }
}

impl EpochMicros {
    /// A parser of this unit.
    pub fn new(unit: EpochUnit) -> Self {
        Self { unit, ..Self::default() }
    }

    fn scaled(&self, value: i64) -> Option<i64> {
        scaled(value, self.unit, 1_000_000)
    }
}

fn scaled(value: i64, unit: EpochUnit, wanted_per_second: i64) -> Option<i64> {
    let per_second = unit.per_second();
    if per_second <= wanted_per_second {
        value.checked_mul(wanted_per_second / per_second)
    } else {
        Some(value.div_euclid(per_second / wanted_per_second))
    }
}

impl Parse for EpochMillis {
    type Arrow = TimestampMillisecondType;
    const SQL_NAME: &'static str = "TIMESTAMP";

    #[inline(always)]
    fn quick(&mut self, bytes: &[u8], field: RawField) -> Option<i64> {
        let value = self.integer.quick(bytes, field)?;
        self.scaled(value)
    }

    fn exact(&mut self, text: &[u8]) -> Option<i64> {
        self.scaled(parse_integer(text)?)
    }
}

impl Parse for EpochMicros {
    type Arrow = TimestampMicrosecondType;
    const SQL_NAME: &'static str = "TIMESTAMP";

    #[inline(always)]
    fn quick(&mut self, bytes: &[u8], field: RawField) -> Option<i64> {
        let value = self.integer.quick(bytes, field)?;
        self.scaled(value)
    }

    fn exact(&mut self, text: &[u8]) -> Option<i64> {
        self.scaled(parse_integer(text)?)
    }
}
