//! How saved states are written: counts in as few bytes as they need, since most of them are small.

use datafusion::error::{DataFusionError, Result};

/// Appends a count in LEB128: seven bits a byte, the lowest first.
pub(super) fn push_count(out: &mut Vec<u8>, mut count: u64) {
    while count >= 0x80 {
        out.push(count as u8 | 0x80);
        count >>= 7;
    }
    out.push(count as u8);
}

/// Appends a signed number so that small ones of either sign are short.
pub(super) fn push_signed(out: &mut Vec<u8>, number: i64) {
    push_count(out, ((number << 1) ^ (number >> 63)) as u64);
}

/// Appends a value of any length.
pub(super) fn push_value(out: &mut Vec<u8>, value: &[u8]) {
    push_count(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// Reads what was pushed, in the same order.
pub(super) struct Saved<'a>(pub(super) &'a [u8]);

impl<'a> Saved<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn count(&mut self) -> Result<u64> {
        let mut count = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            count |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(count);
            }
        }
        Err(damaged())
    }

    pub(super) fn signed(&mut self) -> Result<i64> {
        let count = self.count()?;
        Ok((count >> 1) as i64 ^ -((count & 1) as i64))
    }

    pub(super) fn value(&mut self) -> Result<&'a [u8]> {
        let length = usize::try_from(self.count()?).map_err(|_| damaged())?;
        let (value, rest) = self.0.split_at_checked(length).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(value)
    }

    /// Bytes of a fixed number.
    pub(super) fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH]> {
        let (array, rest) = self.0.split_first_chunk().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*array)
    }
}

/// What is said of bytes that nothing was saved as.
pub(super) fn damaged() -> DataFusionError {
    DataFusionError::Internal("the saved state of an aggregate is damaged".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_is_read() {
        let counts = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        let numbers = [0, -1, 1, -64, 64, i64::MIN, i64::MAX];
        let mut out = Vec::new();
        counts.iter().for_each(|count| push_count(&mut out, *count));
        numbers.iter().for_each(|number| push_signed(&mut out, *number));
        push_value(&mut out, b"value");
        let mut saved = Saved(&out);
        assert_eq!(counts.map(|_| saved.count().expect("a count")), counts);
        assert_eq!(numbers.map(|_| saved.signed().expect("a number")), numbers);
        assert_eq!(saved.value().expect("a value"), b"value");
        assert!(saved.is_empty() && saved.count().is_err());
    }

    #[test]
    fn damage_is_an_error() {
        assert!(Saved(&[0x80; 20]).count().is_err());
        assert!(Saved(&[5, 1, 2]).value().is_err());
        assert!(Saved(&[1]).array::<8>().is_err());
    }
}
