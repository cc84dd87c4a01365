//! Finding the types of columns from samples of their values.

use super::{ColumnType, parse_boolean, parse_date, parse_double, parse_integer, parse_timestamp};

/// What one value could be, as bits.
pub(super) type Types = u8;
pub(super) const BIGINT: Types = 1;
pub(super) const DOUBLE: Types = 2;
pub(super) const BOOLEAN: Types = 4;
pub(super) const DATE: Types = 8;
pub(super) const TIMESTAMP: Types = 16;
const ALL: Types = 31;

/// The types that all values of a column seen so far could have.
#[derive(Clone, Copy, Debug)]
pub struct Evidence {
    possible: Types,
    /// Whether a value was there that can well be called a number: digits too many for an integer,
    /// or `nan`, are numbers only among numbers.
    decisive: bool,
    fraction_digits: usize,
}

impl Default for Evidence {
    fn default() -> Self {
        Self { possible: ALL, decisive: false, fraction_digits: 0 }
    }
}

impl Evidence {
    /// Takes one value, without quotes, into account. Empty ones say nothing.
    pub fn add(&mut self, text: &[u8]) {
        let text = text.trim_ascii();
        if text.is_empty() || self.possible == 0 {
            return;
        }
        let (types, decisive) = classify(text);
        self.possible &= types;
        self.decisive |= decisive;
        if self.possible == TIMESTAMP
            && let Some(timestamp) = parse_timestamp(text)
        {
            self.fraction_digits = self.fraction_digits.max(timestamp.fraction_digits);
        }
    }

    /// The narrowest type for all values; `VARCHAR` when there were none.
    pub fn column_type(&self) -> ColumnType {
        if !self.decisive {
            return ColumnType::Varchar;
        }
        let can_be = |types| self.possible & types != 0;
        match () {
            () if can_be(BIGINT) => ColumnType::Bigint,
            () if can_be(DOUBLE) => ColumnType::Double,
            () if can_be(BOOLEAN) => ColumnType::Boolean,
            () if can_be(DATE) => ColumnType::Date,
            () if can_be(TIMESTAMP) && self.fraction_digits > 3 => ColumnType::TimestampMicros,
            () if can_be(TIMESTAMP) => ColumnType::TimestampMillis,
            () => ColumnType::Varchar,
        }
    }
}

/// Possible types, and whether the value decides for them.
pub(super) fn classify(text: &[u8]) -> (Types, bool) {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    match unsigned {
        // Zeros in front mean something in a code or a postal number, and a number would lose them.
        [b'0', b'0'..=b'9', ..] if parse_timestamp(text).is_none() => (0, true),
        [b'0'..=b'9', ..] if unsigned.iter().all(u8::is_ascii_digit) => match parse_integer(text) {
            Some(_) => (BIGINT | DOUBLE, true),
            None => (DOUBLE, false),
        },
        [b'0'..=b'9', ..] if parse_date(text).is_some() => (DATE | TIMESTAMP, true),
        [b'0'..=b'9', ..] if parse_timestamp(text).is_some() => (TIMESTAMP, true),
        [b'0'..=b'9' | b'.', ..] if parse_double(text).is_some() => (DOUBLE, true),
        _ if parse_boolean(text).is_some() => (BOOLEAN, true),
        _ if parse_double(text).is_some() && !text.starts_with(b"+") => (DOUBLE, false),
        _ => (0, true),
    }
}
