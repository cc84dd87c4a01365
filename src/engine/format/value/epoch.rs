//! `TIMESTAMP` that is written as a number of seconds, or parts of them, since 1970-01-01 UTC.

use std::marker::PhantomData;

use arrow::datatypes::{ArrowTimestampType, TimeUnit};

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

impl From<TimeUnit> for EpochUnit {
    fn from(unit: TimeUnit) -> Self {
        match unit {
            TimeUnit::Second => Self::Seconds,
            TimeUnit::Millisecond => Self::Millis,
            TimeUnit::Microsecond => Self::Micros,
            TimeUnit::Nanosecond => Self::Nanos,
        }
    }
}

/// Parses whole numbers of a unit to the precision of `T`.
#[derive(Debug)]
pub struct Epoch<T> {
    integer: Integer,
    unit: EpochUnit,
    precision: PhantomData<T>,
}

impl<T> Epoch<T> {
    /// A parser of this unit.
    pub fn new(unit: EpochUnit) -> Self {
        Self { integer: Integer, unit, precision: PhantomData }
    }
}

impl<T> Default for Epoch<T> {
    fn default() -> Self {
        Self::new(EpochUnit::default())
    }
}

impl<T: ArrowTimestampType> Epoch<T> {
    fn scaled(&self, value: i64) -> Option<i64> {
        scaled(value, self.unit.per_second(), EpochUnit::from(T::UNIT).per_second())
    }
}

fn scaled(value: i64, per_second: i64, wanted_per_second: i64) -> Option<i64> {
    if per_second <= wanted_per_second {
        value.checked_mul(wanted_per_second / per_second)
    } else {
        Some(value.div_euclid(per_second / wanted_per_second))
    }
}

impl<T: ArrowTimestampType> Parse for Epoch<T> {
    type Arrow = T;
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
