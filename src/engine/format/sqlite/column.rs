//! Columns of a table: where their values are, and how they become arrays.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringViewBuilder,
    TimestampMicrosecondBuilder, TimestampMillisecondBuilder,
};
use arrow::datatypes::{DataType, TimeUnit};

use super::definition::Literal;
use super::header::Database;
use super::record::Value;
use crate::format::value::{parse_date, parse_timestamp};

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) data_type: DataType,
    /// The number of its value in records; `None` when it is the number of the row.
    pub(super) value: Option<usize>,
    /// What rows have that are older than it.
    pub(super) default: Literal,
}

/// Makes an array of values.
pub(super) enum Builder {
    Integer(Int64Builder),
    Real(Float64Builder),
    Boolean(BooleanBuilder),
    Date(Date32Builder),
    Millis(TimestampMillisecondBuilder),
    Micros(TimestampMicrosecondBuilder),
    Blob(BinaryBuilder),
    Text(StringViewBuilder),
}

impl Literal {
    /// The value, with its text in UTF-8.
    fn append_to(&self, builder: &mut Builder) {
        match self {
            Self::Null => builder.append(Value::Null, None),
            Self::Integer(value) => builder.append(Value::Integer(*value), None),
            Self::Real(value) => builder.append(Value::Real(*value), None),
            Self::Text(text) => builder.append(Value::Text(text.as_bytes()), None),
        }
    }
}

impl Column {
    /// Appends what a row has that is older than the column.
    pub(super) fn append_default(&self, builder: &mut Builder) {
        self.default.append_to(builder);
    }

    pub(super) fn builder(&self) -> Builder {
        match &self.data_type {
            DataType::Int64 => Builder::Integer(Int64Builder::new()),
            DataType::Float64 => Builder::Real(Float64Builder::new()),
            DataType::Boolean => Builder::Boolean(BooleanBuilder::new()),
            DataType::Date32 => Builder::Date(Date32Builder::new()),
            DataType::Timestamp(TimeUnit::Millisecond, _) => {
                Builder::Millis(TimestampMillisecondBuilder::new())
            }
            DataType::Timestamp(..) => Builder::Micros(TimestampMicrosecondBuilder::new()),
            DataType::Binary => Builder::Blob(BinaryBuilder::new()),
            _ => Builder::Text(StringViewBuilder::new()),
        }
    }
}

impl Builder {
    /// Appends a value, of which the text is in the encoding of the database, or in UTF-8 without one. What is no value
    /// of the column is NULL.
    pub(super) fn append(&mut self, value: Value<'_>, database: Option<&Database>) {
        match self {
            Self::Integer(builder) => builder.append_option(match value {
                Value::Integer(value) => Some(value),
                _ => None,
            }),
            Self::Real(builder) => builder.append_option(match value {
                Value::Integer(value) => Some(value as f64),
                Value::Real(value) => Some(value),
                _ => None,
            }),
            Self::Boolean(builder) => builder.append_option(match value {
                Value::Integer(value) => Some(value != 0),
                _ => None,
            }),
            Self::Date(builder) => {
                builder.append_option(with_text(value, database, |text| parse_date(text.as_bytes())));
            }
            Self::Millis(builder) => {
                builder.append_option(micros(value, database).map(|at| at.div_euclid(1_000)))
            }
            Self::Micros(builder) => builder.append_option(micros(value, database)),
            Self::Blob(builder) => builder.append_option(match value {
                Value::Blob(bytes) => Some(bytes),
                _ => None,
            }),
            Self::Text(builder) => match value {
                Value::Null => builder.append_null(),
                Value::Integer(value) => builder.append_value(value.to_string()),
                Value::Real(value) => builder.append_value(format!("{value:?}")),
                Value::Text(bytes) => builder.append_value(text(bytes, database)),
                Value::Blob(bytes) => builder.append_value(hexadecimal(bytes)),
            },
        }
    }

    /// The array of what was appended, and begins anew.
    pub(super) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Real(builder) => Arc::new(builder.finish()),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Date(builder) => Arc::new(builder.finish()),
            Self::Millis(builder) => Arc::new(builder.finish()),
            Self::Micros(builder) => Arc::new(builder.finish()),
            Self::Blob(builder) => Arc::new(builder.finish()),
            Self::Text(builder) => Arc::new(builder.finish()),
        }
    }
}

fn text<'a>(bytes: &'a [u8], database: Option<&Database>) -> std::borrow::Cow<'a, str> {
    match database {
        Some(database) => database.text(bytes),
        None => String::from_utf8_lossy(bytes),
    }
}

fn with_text<T>(
    value: Value<'_>,
    database: Option<&Database>,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    match value {
        Value::Text(bytes) => parse(&text(bytes, database)),
        _ => None,
    }
}

fn micros(value: Value<'_>, database: Option<&Database>) -> Option<i64> {
    with_text(value, database, |text| parse_timestamp(text.as_bytes()).map(|time| time.micros))
}

/// As SQLite writes blobs.
fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len() + 3);
    text.push_str("X'");
    for byte in bytes {
        let _ = write!(text, "{byte:02X}");
    }
    text.push('\'');
    text
}
