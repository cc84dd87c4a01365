//! Columns on their way from fields to Arrow arrays.
//!
//! Owns: one file for each way of decoding. Touches: Arrow, and the types and parsers in
//! [`crate::format::value`]. A newcomer adds a file beside these, and its type there.

mod boolean;
mod primitive;
mod text;
mod validity;

use arrow::array::ArrayRef;
use arrow::datatypes::{TimestampMicrosecondType, TimestampMillisecondType};

use super::bad::BadFields;
use super::field::Rows;
use super::syntax::Syntax;
use crate::format::value::{
    BooleanWords, ColumnForm, ColumnType, Date, Double, Epoch, Integer, MarkedDouble, MarkedInteger, Micros,
    Millis, Notation, NullWords, Parse, WrittenDate, WrittenMicros, WrittenMillis,
};

/// An empty column of this form.
pub fn column(form: ColumnForm, nulls: &NullWords, syntax: Syntax) -> Box<dyn Column> {
    let by = Parsers { form, nulls };
    match (form.notation, form.column_type) {
        (_, ColumnType::Varchar) if nulls.are_given() || syntax.escape.is_some() => {
            Box::new(text::Text::<true>::new(nulls.clone()))
        }
        (_, ColumnType::Varchar) => Box::new(text::Text::<false>::new(nulls.clone())),
        (Notation::Words(words), _) => Box::new(boolean::Booleans::new(words, nulls.clone())),
        (_, ColumnType::Boolean) => Box::new(boolean::Booleans::new(BooleanWords::TrueFalse, nulls.clone())),
        (Notation::Written(order), ColumnType::Date) => by.parser(WrittenDate(order)),
        (Notation::Written(order), ColumnType::TimestampMillis) => by.parser(WrittenMillis(order)),
        (Notation::Written(order), _) => by.parser(WrittenMicros(order)),
        (Notation::Marked(marks), ColumnType::Bigint) => by.parser(MarkedInteger(marks)),
        (Notation::Marked(marks), _) => by.parser(MarkedDouble(marks)),
        (Notation::Epoch(unit), ColumnType::TimestampMillis) => {
            by.parser(Epoch::<TimestampMillisecondType>::new(unit))
        }
        (Notation::Epoch(unit), _) => by.parser(Epoch::<TimestampMicrosecondType>::new(unit)),
        (Notation::Plain, ColumnType::Bigint) => by.parser(Integer),
        (Notation::Plain, ColumnType::Double) => by.parser(Double),
        (Notation::Plain, ColumnType::Date) => by.parser(Date),
        (Notation::Plain, ColumnType::TimestampMillis) => by.parser(Millis::default()),
        (Notation::Plain, ColumnType::TimestampMicros) => by.parser(Micros::default()),
    }
}

/// Makes columns whose values have a fixed size.
struct Parsers<'a> {
    form: ColumnForm,
    nulls: &'a NullWords,
}

impl Parsers<'_> {
    fn parser<P: Parse>(&self, parse: P) -> Box<dyn Column> {
        // A word for NULL that is also a value, as -999, must be looked for before each field is parsed.
        let is_value = |word: &[u8]| self.form.parses(word);
        let nulls_first = self.nulls.are_given() && self.nulls.iter().any(is_value);
        Box::new(primitive::Primitive::new(parse, self.nulls.clone(), nulls_first))
    }
}

/// Values of one column, collected for a batch.
///
/// In all of them an empty field without quotes is null, as is a field that the record is too short
/// to have. A field of quotes around nothing is an empty string as `VARCHAR`, and null in every
/// other type. Words for null are null in every other type too, and in `VARCHAR` when the user gave them.
pub trait Column {
    /// Makes room for so many more rows.
    fn reserve(&mut self, rows: usize);

    /// Decodes field `column` of every row. What is not a value of the type becomes null and goes
    /// to `bad`.
    fn append(&mut self, rows: &Rows<'_>, column: usize, bad: &mut BadFields);

    /// Hands over the rows collected and is empty again.
    fn finish(&mut self) -> ArrayRef;
}
