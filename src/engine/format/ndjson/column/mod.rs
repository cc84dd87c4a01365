//! Columns on their way from values of records to Arrow arrays.
//!
//! Owns: one file for each way of decoding. Touches: Arrow, and the parsers that all formats share.

mod boolean;
mod list;
mod simple;
mod structure;
mod text;

use arrow::array::ArrayRef;

use super::column_type::JsonType;
use super::issues::Issues;
use super::scan::Value;
use crate::format::value::{ColumnType, Date, Integer, Micros, Millis};

/// Values of one column, collected for a batch.
pub trait Column {
    /// Decodes one value that the scan found in `bytes`. None, and `null`, is null; what is not of
    /// the column's type becomes null and goes to `issues`.
    fn append(&mut self, bytes: &[u8], value: Option<Value>, issues: &mut Issues<'_>);

    /// Hands over the values collected and is empty again.
    fn finish(&mut self) -> ArrayRef;
}

/// An empty column. `path` is its name in messages.
pub fn column(kind: &JsonType, path: String) -> Box<dyn Column> {
    match kind {
        JsonType::Simple(simple) => match simple {
            ColumnType::Bigint => Box::new(simple::Simple::<Integer>::new(path)),
            ColumnType::Double => Box::new(simple::Simple::<simple::Finite>::new(path)),
            ColumnType::Date => Box::new(simple::Simple::<Date>::new(path)),
            ColumnType::TimestampMillis => Box::new(simple::Simple::<Millis>::new(path)),
            ColumnType::TimestampMicros => Box::new(simple::Simple::<Micros>::new(path)),
            ColumnType::Boolean => Box::new(boolean::Booleans::new(path)),
            ColumnType::Varchar => Box::new(text::Text::new(path, text::Takes::Strings)),
        },
        JsonType::Unknown => Box::new(text::Text::new(path, text::Takes::Anything)),
        JsonType::Json => Box::new(text::Text::new(path, text::Takes::Json)),
        JsonType::Struct(members) => Box::new(structure::Structure::new(path, members)),
        JsonType::List(items) => Box::new(list::List::new(path, items)),
    }
}
