//! Records: the values of a row, behind a header that says what each of them is.

use super::page::varint;
use crate::format::FormatError;
use crate::format::blocks::damaged;

/// What a value is and how many bytes it has, by a number of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    /// So many bytes, at most eight.
    Integer(u8),
    /// 0 and 1 take no bytes.
    Small(bool),
    Real,
    Text(usize),
    Blob(usize),
}

/// One that no memory could hold is longer than any record, which whoever reads it finds out.
fn length(bytes: i64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// A value as it is in the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Integer(i64),
    Real(f64),
    /// In the encoding of the database.
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

impl Kind {
    #[inline]
    fn parse(code: i64) -> Result<Self, FormatError> {
        Ok(match code {
            0 => Self::Null,
            1..=4 => Self::Integer(code as u8),
            5 => Self::Integer(6),
            6 => Self::Integer(8),
            7 => Self::Real,
            8 | 9 => Self::Small(code == 9),
            12.. if code % 2 == 0 => Self::Blob(length((code - 12) / 2)),
            13.. => Self::Text(length((code - 13) / 2)),
            _ => return Err(damaged("a value is of a kind that does not exist")),
        })
    }

    #[inline]
    pub(super) fn len_bytes(self) -> usize {
        match self {
            Self::Null | Self::Small(_) => 0,
            Self::Integer(bytes) => bytes.into(),
            Self::Real => 8,
            Self::Text(bytes) | Self::Blob(bytes) => bytes,
        }
    }

    /// The value that these bytes are.
    #[inline]
    pub(super) fn value(self, bytes: &[u8]) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Small(one) => Value::Integer(one.into()),
            Self::Integer(_) => {
                let negative = bytes.first().is_some_and(|&byte| byte >= 0x80);
                let start = if negative { -1 } else { 0 };
                Value::Integer(bytes.iter().fold(start, |value: i64, &byte| value << 8 | i64::from(byte)))
            }
            Self::Real => match bytes.first_chunk().map(|bytes| f64::from_be_bytes(*bytes)) {
                Some(number) if !number.is_nan() => Value::Real(number),
                // SQLite takes it for NULL.
                _ => Value::Null,
            },
            Self::Text(_) => Value::Text(bytes),
            Self::Blob(_) => Value::Blob(bytes),
        }
    }
}

/// Goes over the values of a record, of which the header has to be there.
pub(super) struct Fields<'a> {
    header: &'a [u8],
    /// Where the next value begins.
    at: usize,
}

impl<'a> Fields<'a> {
    /// # Errors
    /// When the header is not there as a whole.
    #[inline]
    pub(super) fn new(record: &'a [u8]) -> Result<Self, FormatError> {
        let broken = || damaged("the header of a row is longer than the row");
        let (len, first) = varint(record).ok_or_else(broken)?;
        let len = usize::try_from(len).ok().filter(|&len| len >= first).ok_or_else(broken)?;
        let header = record.get(first..len).ok_or_else(broken)?;
        Ok(Self { header, at: len })
    }

    /// The next value: what it is, and where it begins in the record; `None` behind the last.
    ///
    /// # Errors
    /// When the header makes no sense.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<(Kind, usize)>, FormatError> {
        if self.header.is_empty() {
            return Ok(None);
        }
        let (code, len) = varint(self.header).ok_or_else(|| damaged("the header of a row is cut off"))?;
        self.header = &self.header[len..];
        let kind = Kind::parse(code)?;
        let at = self.at;
        self.at = at.checked_add(kind.len_bytes()).ok_or_else(|| damaged("a value has no end"))?;
        Ok(Some((kind, at)))
    }
}

/// How many bytes of a record are needed to go on with its first `values` values, as far as its first bytes tell: at
/// first its header.
///
/// # Errors
/// When the header makes no sense.
pub(super) fn needed_bytes(record: &[u8], values: usize) -> Result<usize, FormatError> {
    let Some((header, _)) = varint(record) else { return Ok(record.len() + 9) };
    let header = usize::try_from(header).map_err(|_| damaged("the header of a row has no end"))?;
    if header > record.len() {
        return Ok(header);
    }
    let (mut fields, mut end) = (Fields::new(record)?, header);
    for _ in 0..values {
        let Some((kind, at)) = fields.next()? else { break };
        end = at + kind.len_bytes();
    }
    Ok(end)
}

/// All values of a record that is there as a whole.
///
/// # Errors
/// When it is damaged.
pub(super) fn all_values(record: &[u8]) -> Result<Vec<Value<'_>>, FormatError> {
    let (mut fields, mut values) = (Fields::new(record)?, Vec::new());
    while let Some((kind, at)) = fields.next()? {
        values.push(kind.value(value_bytes(record, kind, at)?));
    }
    Ok(values)
}

/// The bytes of a value.
///
/// # Errors
/// When the record ends before.
#[inline]
pub(super) fn value_bytes(record: &[u8], kind: Kind, at: usize) -> Result<&[u8], FormatError> {
    let end = at.checked_add(kind.len_bytes());
    end.and_then(|end| record.get(at..end)).ok_or_else(|| damaged("a value is longer than its row"))
}
