//! `BIGINT`.

use arrow::datatypes::Int64Type;

use super::swar::{first_digits, last_digits, load8};
use super::{Parse, RawField};

/// Parses decimal integers.
#[derive(Debug, Default)]
pub struct Integer;

impl Parse for Integer {
    type Arrow = Int64Type;
    const SQL_NAME: &'static str = "BIGINT";

    #[inline(always)]
    fn quick(&mut self, bytes: &[u8], field: RawField) -> Option<i64> {
        let negative = bytes[field.start] == b'-';
        let start = field.start + usize::from(negative);
        let value = match field.end - start {
            length @ 1..=8 => first_digits(load8(bytes, start)?, length)?,
            length @ 9..=16 => {
                const SCALE: [u64; 8] = [10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
                let head = first_digits(load8(bytes, start)?, 8)?;
                head * SCALE[length - 9] + last_digits(load8(bytes, field.end - 8)?, length - 8)?
            }
            _ => return None,
        };
        Some(if negative { -(value as i64) } else { value as i64 })
    }

    fn exact(&mut self, text: &[u8]) -> Option<i64> {
        parse_integer(text)
    }
}

/// All of `text` as an integer, with or without a sign.
pub fn parse_integer(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
