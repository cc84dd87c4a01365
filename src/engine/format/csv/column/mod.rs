//! Columns on their way from fields to Arrow arrays.
//!
//! Owns: one file for each way of decoding. Touches: Arrow, and the types and parsers in
//! [`crate::format::value`]. A newcomer adds a file beside these, and its type there.

mod boolean;
mod primitive;
mod text;
mod validity;

use arrow::array::ArrayRef;

use super::bad::BadFields;
use super::field::Rows;
pub use crate::format::value::ColumnType;
use crate::format::value::{Date, Double, Integer, Micros, Millis};

impl ColumnType {
    /// An empty column of this type.
    pub fn column(self) -> Box<dyn Column> {
        match self {
            Self::Bigint => Box::new(primitive::Primitive::<Integer>::default()),
            Self::Double => Box::new(primitive::Primitive::<Double>::default()),
            Self::Boolean => Box::new(boolean::Booleans::default()),
            Self::Date => Box::new(primitive::Primitive::<Date>::default()),
            Self::TimestampMillis => Box::new(primitive::Primitive::<Millis>::default()),
            Self::TimestampMicros => Box::new(primitive::Primitive::<Micros>::default()),
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
