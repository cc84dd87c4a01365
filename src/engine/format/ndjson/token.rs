//! Strings, numbers and words of the scan. Strings are passed over eight bytes at a time.

use super::scan::{Fault, Kind, Scanner, Value};
use crate::format::value::{any_below, any_equal, load8};

impl Scanner<'_> {
    /// Goes over a string, whose opening quote is next.
    ///
    /// # Errors
    /// When it is not closed, or holds control characters or unknown escapes.
    #[inline]
    pub fn string(&mut self) -> Result<Value, Fault> {
        let start = self.pos + 1;
        let mut kind = Kind::Plain;
        self.pos = start;
        loop {
            while let Some(word) = load8(self.bytes, self.pos) {
                let special = any_equal(word, b'"') | any_equal(word, b'\\') | any_below(word, b' ');
                if special != 0 {
                    self.pos += special.trailing_zeros() as usize / 8;
                    break;
                }
                self.pos += 8;
            }
            match self.peek() {
                b'"' => {
                    self.pos += 1;
                    return Ok(Value { kind, start, end: self.pos - 1 });
                }
                b'\\' => {
                    kind = Kind::Escaped;
                    self.escape()?;
                }
                b'\n' => return self.fault("a string is not closed"),
                0..=0x1f => return self.fault("a control character stands in a string"),
                _ => self.pos += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        self.pos += 1;
        match self.peek() {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.pos += 1,
            b'u' => {
                self.pos += 1;
                for _ in 0..4 {
                    if !self.peek().is_ascii_hexdigit() {
                        return self.fault("four hexadecimal digits were expected behind \\u");
                    }
                    self.pos += 1;
                }
            }
            b'\n' => return self.fault("a string is not closed"),
            _ => return self.fault("an unknown escape stands in a string"),
        }
        Ok(())
    }

    /// Goes over a number, whose first byte is next.
    ///
    /// # Errors
    /// When digits are missing.
    #[inline]
    pub(super) fn number(&mut self) -> Result<Kind, Fault> {
        let mut kind = Kind::Integer;
        self.pos += usize::from(self.peek() == b'-');
        if self.peek() == b'0' {
            self.pos += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == b'.' {
            kind = Kind::Fraction;
            self.pos += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            kind = Kind::Fraction;
            self.pos += 1;
            self.pos += usize::from(matches!(self.peek(), b'+' | b'-'));
            self.digits()?;
        }
        Ok(kind)
    }

    #[inline(always)]
    fn digits(&mut self) -> Result<(), Fault> {
        if !self.peek().is_ascii_digit() {
            return self.fault("a digit was expected");
        }
        while self.peek().is_ascii_digit() {
            self.pos += 1;
        }
        Ok(())
    }

    /// Goes over `true`, `false` or `null`.
    ///
    /// # Errors
    /// When something else stands here.
    #[inline]
    pub(super) fn word(&mut self, word: &[u8], kind: Kind) -> Result<Kind, Fault> {
        if !self.bytes[self.pos..].starts_with(word) {
            return self.fault("a value was expected");
        }
        self.pos += word.len();
        Ok(kind)
    }
}
