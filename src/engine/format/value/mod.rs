//! Values of columns: the types there are, and how text becomes one of them.
//!
//! Owns: [`ColumnType`], one file for each way of parsing, the [`Evidence`] from which the type of values that
//! are strings in JSON is found, and the [`FieldEvidence`] from which type and notation of a column of written
//! values are. Touches: Arrow's types only. All text formats share it.

mod boolean;
mod date;
mod double;
mod epoch;
mod evidence;
mod field_evidence;
mod form;
mod grouped;
mod integer;
mod moment;
mod nulls;
mod swar;
mod timestamp;

pub use boolean::{BooleanWords, parse_boolean};
pub use date::{Date, parse_date};
pub use double::{Double, parse_double};
pub use epoch::{Epoch, EpochUnit};
pub use evidence::Evidence;
pub use field_evidence::{Context, FieldEvidence, is_typed};
pub use form::{ColumnForm, Notation};
pub use grouped::{MarkedDouble, MarkedInteger, Marks, parse_marked};
pub use integer::{Integer, parse_integer};
pub use moment::{Moment, Order, WrittenDate, WrittenMicros, WrittenMillis, parse_moment};
pub use nulls::NullWords;
pub use swar::{any_below, any_equal, load8};
pub use timestamp::{Micros, Millis, parse_timestamp};

use arrow::datatypes::{ArrowPrimitiveType, DataType, TimeUnit};

/// The types of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// 64-bit integers.
    Bigint,
    /// 64-bit floating point.
    Double,
    /// `true` and `false`.
    Boolean,
    /// Days, as `2024-01-31`.
    Date,
    /// Points in time to the millisecond, in UTC.
    TimestampMillis,
    /// Points in time to the microsecond, in UTC.
    TimestampMicros,
    /// Text.
    Varchar,
}

impl ColumnType {
    /// The type of this name in SQL.
    pub fn from_sql_name(name: &str) -> Option<Self> {
        Some(match name.trim().to_ascii_uppercase().as_str() {
            "BIGINT" | "INTEGER" | "INT" => Self::Bigint,
            "DOUBLE" | "FLOAT" | "REAL" => Self::Double,
            "BOOLEAN" | "BOOL" => Self::Boolean,
            "DATE" => Self::Date,
            "TIMESTAMP" => Self::TimestampMicros,
            "VARCHAR" | "TEXT" | "STRING" => Self::Varchar,
            _ => return None,
        })
    }

    /// The type in Arrow.
    pub fn arrow_type(self) -> DataType {
        match self {
            Self::Bigint => DataType::Int64,
            Self::Double => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Date => DataType::Date32,
            Self::TimestampMillis => DataType::Timestamp(TimeUnit::Millisecond, None),
            Self::TimestampMicros => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Varchar => DataType::Utf8View,
        }
    }
}

/// Arrow counts the bytes of a string in 31 bits; replacing bytes that are not UTF-8 may triple them.
pub const LONGEST_TEXT_BYTES: usize = i32::MAX as usize / 3;

/// A stretch of text as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub struct RawField {
    /// Position of its first byte.
    pub start: usize,
    /// Position behind its last byte.
    pub end: usize,
}

/// How text becomes a value of a fixed size.
pub trait Parse: Default + 'static {
    /// The Arrow type.
    type Arrow: ArrowPrimitiveType;

    /// Name of the type in SQL, for messages.
    const SQL_NAME: &'static str;

    /// The usual forms, quickly; `None` means that [`Parse::exact`] must decide, as it must on an
    /// empty field. The bytes around the field may be read.
    fn quick(&mut self, bytes: &[u8], field: RawField)
    -> Option<<Self::Arrow as ArrowPrimitiveType>::Native>;

    /// All forms, without spaces around them.
    fn exact(&mut self, text: &[u8]) -> Option<<Self::Arrow as ArrowPrimitiveType>::Native>;
}
