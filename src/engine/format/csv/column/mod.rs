//! Columns on their way from text to Arrow arrays.
//!
//! Owns: [`ColumnType`], the types that text can have, and one file for each way of decoding.
//! Touches: Arrow. A newcomer adds a variant, a file beside these, and its place in the sniffer.

mod boolean;
mod date;
mod double;
mod integer;
mod primitive;
mod swar;
mod text;
mod timestamp;
mod validity;

pub use boolean::parse_boolean;
pub use date::parse_date;
pub use double::parse_double;
pub use integer::parse_integer;
pub use timestamp::parse_timestamp;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, TimeUnit};

use super::bad::BadFields;
use super::field::Rows;

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

    /// An empty column of this type.
    pub fn column(self) -> Box<dyn Column> {
        match self {
            Self::Bigint => Box::new(primitive::Primitive::<integer::Integer>::default()),
            Self::Double => Box::new(primitive::Primitive::<double::Double>::default()),
            Self::Boolean => Box::new(boolean::Booleans::default()),
            Self::Date => Box::new(primitive::Primitive::<date::Date>::default()),
            Self::TimestampMillis => Box::new(primitive::Primitive::<timestamp::Millis>::default()),
            Self::TimestampMicros => Box::new(primitive::Primitive::<timestamp::Micros>::default()),
            Self::Varchar => Box::new(text::Text::default()),
        }
    }
}

/// Values of one column, collected for a batch.
///
/// In all of them an empty field without quotes is null, as is a field that the record is too short
/// to have. A field of quotes around nothing is an empty string as `VARCHAR`, and null in every
/// other type.
pub trait Column {
    /// Makes room for so many more rows.
    fn reserve(&mut self, rows: usize);

    /// Decodes field `column` of every row. What is not a value of the type becomes null and goes
    /// to `bad`.
    fn append(&mut self, rows: &Rows<'_>, column: usize, bad: &mut BadFields);

    /// Hands over the rows collected and is empty again.
    fn finish(&mut self) -> ArrayRef;
}
