//! The scan of a record: finds its values and checks every byte of it.
//!
//! Nothing is allocated and nothing unescaped, and nested values are passed over without recursion. A
//! newline is no space here, and neither it nor the end of the bytes fits anywhere in a record: both
//! end the scan.

use super::keys::{KeyOrder, Member};

/// Objects and arrays in each other that are taken.
pub const DEEPEST: u32 = 128;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true`.
    True,
    /// `false`.
    False,
    /// A number of digits alone, with or without a minus.
    Integer,
    /// A number with a point or an exponent.
    Fraction,
    /// A string that means itself.
    Plain,
    /// A string with backslashes.
    Escaped,
    /// `{…}`.
    Object,
    /// `[…]`.
    Array,
}

/// A value as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// Position of its first byte; of a string, behind its opening quote.
    pub start: usize,
    /// Position behind its last byte; of a string, of its closing quote.
    pub end: usize,
}

/// Why a line is no JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Position of the first byte that does not fit.
    pub at: usize,
    /// What is wrong.
    pub what: &'static str,
}

/// A place in the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Scanner<'a> {
    /// All bytes.
    pub bytes: &'a [u8],
    /// The next one.
    pub pos: usize,
}

impl Value {
    /// The whole value as it stands in the file, with its quotes.
    pub fn raw<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let quote = usize::from(matches!(self.kind, Kind::Plain | Kind::Escaped));
        &bytes[self.start - quote..self.end + quote]
    }
}

impl Scanner<'_> {
    /// The next byte; a newline when there is none.
    #[inline(always)]
    pub fn peek(&self) -> u8 {
        self.bytes.get(self.pos).copied().unwrap_or(b'\n')
    }

    /// Goes over spaces and tabs.
    #[inline(always)]
    pub fn skip_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\r') {
            self.pos += 1;
        }
    }

    /// Goes over an object, telling each member. `depth` counts the object itself.
    ///
    /// # Errors
    /// When it is no object; members may have been told all the same.
    #[inline]
    pub fn object(
        &mut self,
        depth: u32,
        keys: &mut KeyOrder,
        mut member: impl FnMut(Member, Value),
    ) -> Result<(), Fault> {
        keys.begin();
        if self.peek() != b'{' {
            return self.fault("an object was expected");
        }
        self.pos += 1;
        self.skip_space();
        if self.peek() == b'}' {
            self.pos += 1;
            return Ok(());
        }
        loop {
            if self.peek() != b'"' {
                return self.fault("a key in quotes was expected");
            }
            let key = keys.next(self)?;
            self.colon()?;
            let value = self.value(depth)?;
            member(key, value);
            self.skip_space();
            match self.peek() {
                b',' => self.pos += 1,
                b'}' => {
                    self.pos += 1;
                    return Ok(());
                }
                _ => return self.fault("a comma or `}` was expected"),
            }
            self.skip_space();
        }
    }

    /// Goes over an array, telling each item. `depth` counts the array itself.
    ///
    /// # Errors
    /// When it is no array; items may have been told all the same.
    pub fn array(&mut self, depth: u32, mut item: impl FnMut(Value)) -> Result<(), Fault> {
        if self.peek() != b'[' {
            return self.fault("an array was expected");
        }
        self.pos += 1;
        self.skip_space();
        if self.peek() == b']' {
            self.pos += 1;
            return Ok(());
        }
        loop {
            let value = self.value(depth)?;
            item(value);
            self.skip_space();
            match self.peek() {
                b',' => self.pos += 1,
                b']' => {
                    self.pos += 1;
                    return Ok(());
                }
                _ => return self.fault("a comma or `]` was expected"),
            }
            self.skip_space();
        }
    }

    /// Goes over a value inside `depth` objects and arrays.
    ///
    /// # Errors
    /// When no value stands here.
    #[inline]
    pub fn value(&mut self, depth: u32) -> Result<Value, Fault> {
        let start = self.pos;
        let kind = match self.peek() {
            b'"' => return self.string(),
            b'{' => self.nested(depth).map(|()| Kind::Object)?,
            b'[' => self.nested(depth).map(|()| Kind::Array)?,
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.word(b"true", Kind::True)?,
            b'f' => self.word(b"false", Kind::False)?,
            b'n' => self.word(b"null", Kind::Null)?,
            _ => return self.fault("a value was expected"),
        };
        Ok(Value { kind, start, end: self.pos })
    }

    #[inline(always)]
    fn colon(&mut self) -> Result<(), Fault> {
        self.skip_space();
        if self.peek() != b':' {
            return self.fault("a colon was expected");
        }
        self.pos += 1;
        self.skip_space();
        Ok(())
    }

    /// Goes over an object or array with all that is in it.
    fn nested(&mut self, depth: u32) -> Result<(), Fault> {
        // One bit for each that is open, the innermost in the lowest: set for an object.
        let mut objects: u128 = 0;
        let mut open = 0;
        loop {
            let first = self.peek();
            if first == b'{' || first == b'[' {
                if depth + open >= DEEPEST {
                    return self.fault("objects and arrays are nested more than 128 deep");
                }
                open += 1;
                objects = objects << 1 | u128::from(first == b'{');
                self.pos += 1;
                self.skip_space();
                // `{` and `[` stand two places before `}` and `]`.
                if self.peek() != first + 2 {
                    if first == b'{' {
                        self.key()?;
                    }
                    continue;
                }
            } else {
                self.value(depth)?;
                self.skip_space();
            }
            while open > 0 {
                let closing = if objects & 1 == 1 { b'}' } else { b']' };
                if self.peek() != closing {
                    break;
                }
                self.pos += 1;
                objects >>= 1;
                open -= 1;
                if open > 0 {
                    self.skip_space();
                }
            }
            if open == 0 {
                return Ok(());
            }
            if self.peek() != b',' {
                return self.fault("a comma or the end of an object or array was expected");
            }
            self.pos += 1;
            self.skip_space();
            if objects & 1 == 1 {
                self.key()?;
            }
        }
    }

    fn key(&mut self) -> Result<(), Fault> {
        if self.peek() != b'"' {
            return self.fault("a key in quotes was expected");
        }
        self.string()?;
        self.colon()
    }

    /// Nothing fits here but what is named.
    #[cold]
    pub(super) fn fault<T>(&self, what: &'static str) -> Result<T, Fault> {
        Err(Fault { at: self.pos, what })
    }
}
