//! Columns on their way from fields of records to Arrow arrays.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, PrimitiveBuilder, StringViewBuilder, TimestampMicrosecondBuilder,
    TimestampMillisecondBuilder,
};
use arrow::datatypes::DataType;

use super::time::{TimeKind, TimeParser};
use crate::format::bad::{not_a_value, not_utf8, too_long};
use crate::format::issues::Issues;
use crate::format::value::{
    ColumnType, Date, Double, Integer, LONGEST_TEXT_BYTES, Micros, Millis, Parse, RawField, parse_boolean,
};

/// How the text of a column's fields becomes values.
#[derive(Clone, Copy, Debug)]
pub enum ColumnKind {
    /// A type that values of all formats have. Text means itself.
    Simple(ColumnType),
    /// Text with escapes.
    Escaped(Escapes),
    /// A time as logs write it, to the microsecond or else to the millisecond.
    Time(&'static TimeKind, bool),
    /// The word that a number stands for.
    Code(fn(&[u8]) -> Option<&'static str>),
}

/// What a backslash means in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escapes {
    /// A quote behind it is a quote; all else is left as it is.
    Quotes,
    /// In a text between quotes, it and what is behind it stand for one character.
    Backslashes,
}

impl ColumnKind {
    /// The type in Arrow.
    pub fn arrow_type(self) -> DataType {
        match self {
            Self::Simple(simple) => simple.arrow_type(),
            Self::Escaped(_) | Self::Code(_) => DataType::Utf8View,
            Self::Time(_, true) => ColumnType::TimestampMicros.arrow_type(),
            Self::Time(_, false) => ColumnType::TimestampMillis.arrow_type(),
        }
    }

    /// The same fields as another type in SQL: as they are where they are of that type already, or there is none of
    /// that name.
    pub fn as_type(self, sql_name: &str) -> Self {
        match (ColumnType::from_sql_name(sql_name), self) {
            (None, _)
            | (Some(ColumnType::Varchar), Self::Escaped(_) | Self::Code(_))
            | (Some(ColumnType::TimestampMicros), Self::Time(..))
            | (Some(ColumnType::TimestampMicros), Self::Simple(ColumnType::TimestampMillis)) => self,
            (Some(wanted), _) => Self::Simple(wanted),
        }
    }

    /// An empty column. `name` is for messages; `reference` is when the file was changed last, in
    /// milliseconds since 1970-01-01 UTC.
    pub fn column(self, name: String, reference: Option<i64>) -> Box<dyn Column> {
        match self {
            Self::Simple(simple) => match simple {
                ColumnType::Bigint => Box::new(Primitive::<Integer>::new(name)),
                ColumnType::Double => Box::new(Primitive::<Double>::new(name)),
                ColumnType::Date => Box::new(Primitive::<Date>::new(name)),
                ColumnType::TimestampMillis => Box::new(Primitive::<Millis>::new(name)),
                ColumnType::TimestampMicros => Box::new(Primitive::<Micros>::new(name)),
                ColumnType::Boolean => Box::new(Booleans { name, values: BooleanBuilder::new() }),
                _ => Box::new(Text { name, escapes: None, values: StringViewBuilder::new() }),
            },
            Self::Escaped(escapes) => {
                Box::new(Text { name, escapes: Some(escapes), values: StringViewBuilder::new() })
            }
            Self::Code(word) => Box::new(Codes { name, word, values: StringViewBuilder::new() }),
            Self::Time(kind, micros) => Box::new(Times {
                name,
                parser: (kind.parser)(reference),
                micros,
                values: Vec::new(),
                valid: Vec::new(),
            }),
        }
    }
}

/// Values of one column, collected for a batch.
pub trait Column {
    /// Decodes one field. None is null; what is no value of the column becomes null and goes to
    /// `issues`.
    fn append(&mut self, bytes: &[u8], field: Option<RawField>, issues: &mut Issues<'_>);

    /// Hands over the values collected and is empty again.
    fn finish(&mut self) -> ArrayRef;
}

struct Primitive<P: Parse> {
    name: String,
    parse: P,
    values: PrimitiveBuilder<P::Arrow>,
}

impl<P: Parse> Primitive<P> {
    fn new(name: String) -> Self {
        Self { name, parse: P::default(), values: PrimitiveBuilder::new() }
    }
}

impl<P: Parse> Column for Primitive<P> {
    fn append(&mut self, bytes: &[u8], field: Option<RawField>, issues: &mut Issues<'_>) {
        let Some(field) = field.filter(|field| field.start < field.end) else {
            return self.values.append_null();
        };
        let value = self.parse.quick(bytes, field).or_else(|| {
            let text = bytes[field.start..field.end].trim_ascii();
            let value = if text.is_empty() { None } else { self.parse.exact(text) };
            if value.is_none() && !text.is_empty() {
                issues.add(|| not_a_value(&self.name, text, P::SQL_NAME));
            }
            value
        });
        self.values.append_option(value);
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.values.finish())
    }
}

struct Booleans {
    name: String,
    values: BooleanBuilder,
}

impl Column for Booleans {
    fn append(&mut self, bytes: &[u8], field: Option<RawField>, issues: &mut Issues<'_>) {
        let text = field.map(|field| bytes[field.start..field.end].trim_ascii());
        let value = text.filter(|text| !text.is_empty()).and_then(|text| {
            let value = parse_boolean(text);
            if value.is_none() {
                issues.add(|| not_a_value(&self.name, text, "BOOLEAN"));
            }
            value
        });
        self.values.append_option(value);
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.values.finish())
    }
}

struct Text {
    name: String,
    escapes: Option<Escapes>,
    values: StringViewBuilder,
}

impl Column for Text {
    fn append(&mut self, bytes: &[u8], field: Option<RawField>, issues: &mut Issues<'_>) {
        let Some(field) = field else { return self.values.append_null() };
        let raw = &bytes[field.start..field.end];
        let text = match self.escapes {
            None => Cow::Borrowed(raw),
            Some(Escapes::Quotes) => unescape(raw, |byte| (byte == b'"').then_some(b'"')),
            Some(Escapes::Backslashes) if field.start > 0 && bytes[field.start - 1] == b'"' => {
                unescape(raw, meaning)
            }
            Some(Escapes::Backslashes) => Cow::Borrowed(raw),
        };
        if text.len() > LONGEST_TEXT_BYTES {
            issues.add(|| too_long(&self.name));
            return self.values.append_null();
        }
        let appended = match std::str::from_utf8(&text) {
            Ok(text) => self.values.try_append_value(text),
            Err(_) => {
                issues.add(|| not_utf8(&self.name));
                self.values.try_append_value(String::from_utf8_lossy(&text))
            }
        };
        // Only texts longer than those that were sorted out before are refused.
        if appended.is_err() {
            self.values.append_null();
        }
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.values.finish())
    }
}

/// What a backslash and the byte behind it mean in values of key and value.
fn meaning(byte: u8) -> Option<u8> {
    match byte {
        b'"' | b'\\' | b'/' => Some(byte),
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        _ => None,
    }
}

/// The text with escapes replaced by what they mean; those that mean nothing stay.
fn unescape(raw: &[u8], meaning: fn(u8) -> Option<u8>) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', raw).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut text = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(found) = memchr::memchr(b'\\', rest) {
        text.extend_from_slice(&rest[..found]);
        let Some(&next) = rest.get(found + 1) else {
            rest = &rest[found..];
            break;
        };
        match meaning(next) {
            Some(byte) => text.push(byte),
            None => text.extend_from_slice(&rest[found..found + 2]),
        }
        rest = &rest[found + 2..];
    }
    text.extend_from_slice(rest);
    Cow::Owned(text)
}

struct Codes {
    name: String,
    word: fn(&[u8]) -> Option<&'static str>,
    values: StringViewBuilder,
}

impl Column for Codes {
    fn append(&mut self, bytes: &[u8], field: Option<RawField>, issues: &mut Issues<'_>) {
        let word = field.and_then(|field| {
            let text = &bytes[field.start..field.end];
            let word = (self.word)(text);
            if word.is_none() {
                issues.add(|| {
                    format!("column {}: {} is no known number", self.name, String::from_utf8_lossy(text))
                });
            }
            word
        });
        self.values.append_option(word);
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.values.finish())
    }
}

struct Times {
    name: String,
    parser: Box<dyn TimeParser>,
    micros: bool,
    values: Vec<i64>,
    valid: Vec<bool>,
}

impl Column for Times {
    fn append(&mut self, bytes: &[u8], field: Option<RawField>, issues: &mut Issues<'_>) {
        let text = field.map(|field| &bytes[field.start..field.end]).filter(|text| !text.is_empty());
        let micros = text.and_then(|text| {
            let micros = self.parser.micros(text);
            if micros.is_none() {
                issues.add(|| not_a_value(&self.name, text, "TIMESTAMP"));
            }
            micros
        });
        let unit = if self.micros { 1 } else { 1_000 };
        self.values.push(micros.unwrap_or_default().div_euclid(unit));
        self.valid.push(micros.is_some());
    }

    fn finish(&mut self) -> ArrayRef {
        let (values, valid) = (std::mem::take(&mut self.values), std::mem::take(&mut self.valid));
        if self.micros {
            let mut builder = TimestampMicrosecondBuilder::with_capacity(values.len());
            builder.append_values(&values, &valid);
            Arc::new(builder.finish())
        } else {
            let mut builder = TimestampMillisecondBuilder::with_capacity(values.len());
            builder.append_values(&values, &valid);
            Arc::new(builder.finish())
        }
    }
}
