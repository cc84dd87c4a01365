//! `BIGINT` and `DOUBLE` with a mark between thousands, or with another decimal mark than a point.

use arrow::datatypes::{Float64Type, Int64Type};

use super::{Parse, RawField, parse_double, parse_integer};

/// Digits of a group.
const GROUP: usize = 3;
/// The longest number that is looked at.
const LONGEST: usize = 64;

/// Which marks a number has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Between thousands.
    pub group: u8,
    /// Before the fraction.
    pub decimal: u8,
}

impl Marks {
    /// `1,234.56`
    pub const POINT: Self = Self { group: b',', decimal: b'.' };
    /// `1.234,56`
    pub const COMMA: Self = Self { group: b'.', decimal: b',' };
}

impl Default for Marks {
    fn default() -> Self {
        Self::POINT
    }
}

/// What a number with marks is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    /// Its value.
    pub value: f64,
    /// Its value when there is no fraction, and it fits.
    pub integer: Option<i64>,
    /// Whether there was a decimal mark.
    pub has_decimal: bool,
    /// Whether there were marks between thousands.
    pub has_groups: bool,
}

/// All of `text` as a number. Groups have three digits each, the first has one to three of them.
pub fn parse_marked(text: &[u8], marks: Marks) -> Option<Number> {
    let mut plain = [0; LONGEST];
    let mut length = 0;
    let mut push = |byte: u8| {
        *plain.get_mut(length)? = byte;
        length += 1;
        Some(())
    };
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    if unsigned.len() < text.len() {
        push(b'-')?;
    }
    let whole_len = unsigned.iter().position(|&byte| byte == marks.decimal).unwrap_or(unsigned.len());
    let (whole, fraction) = unsigned.split_at(whole_len);
    let has_groups = whole.contains(&marks.group);
    for (number, part) in whole.split(|&byte| byte == marks.group).enumerate() {
        let right = match number {
            0 if has_groups => (1..=GROUP).contains(&part.len()),
            0 => true,
            _ => part.len() == GROUP,
        };
        if !right || !part.iter().all(u8::is_ascii_digit) {
            return None;
        }
        part.iter().try_for_each(|&digit| push(digit))?;
    }
    if whole.is_empty() && fraction.len() < 2 {
        return None;
    }
    let has_decimal = !fraction.is_empty();
    if has_decimal {
        push(b'.')?;
        if !fraction[1..].iter().all(u8::is_ascii_digit) {
            return None;
        }
        fraction[1..].iter().try_for_each(|&digit| push(digit))?;
    }
    let plain = &plain[..length];
    let integer = if has_decimal { None } else { parse_integer(plain) };
    Some(Number { value: parse_double(plain)?, integer, has_decimal, has_groups })
}

/// Parses integers with marks between thousands.
#[derive(Debug, Default)]
pub struct MarkedInteger(pub Marks);

/// Parses numbers with marks between thousands, and a point or a comma.
#[derive(Debug, Default)]
pub struct MarkedDouble(pub Marks);

impl Parse for MarkedInteger {
    type Arrow = Int64Type;
    const SQL_NAME: &'static str = "BIGINT";

    #[inline(always)]
    fn quick(&mut self, bytes: &[u8], field: RawField) -> Option<i64> {
        self.exact(&bytes[field.start..field.end])
    }

    fn exact(&mut self, text: &[u8]) -> Option<i64> {
        parse_marked(text, self.0)?.integer
    }
}

impl Parse for MarkedDouble {
    type Arrow = Float64Type;
    const SQL_NAME: &'static str = "DOUBLE";

    #[inline(always)]
    fn quick(&mut self, bytes: &[u8], field: RawField) -> Option<f64> {
        self.exact(&bytes[field.start..field.end])
    }

    fn exact(&mut self, text: &[u8]) -> Option<f64> {
        Some(parse_marked(text, self.0)?.value)
    }
}
