//! How the values of a column are written, beside what type they have.

use super::{
    BooleanWords, ColumnType, EpochUnit, Marks, Moment, NullWords, Order, parse_boolean, parse_date,
    parse_double, parse_integer, parse_marked, parse_moment, parse_timestamp,
};

/// A way of writing values of a type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notation {
    /// ISO 8601, a decimal point, `true` and `false`.
    #[default]
    Plain,
    /// Numbers with marks between thousands, or with a decimal comma.
    Marked(Marks),
    /// Truth in other words.
    Words(BooleanWords),
    /// Dates, with or without a time, in some order.
    Written(Order),
    /// Points in time as numbers.
    Epoch(EpochUnit),
}

/// Type and notation of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnForm {
    /// The type.
    pub column_type: ColumnType,
    /// How its values are written.
    pub notation: Notation,
}

impl From<ColumnType> for ColumnForm {
    fn from(column_type: ColumnType) -> Self {
        Self { column_type, notation: Notation::Plain }
    }
}

impl ColumnForm {
    /// Text.
    pub const VARCHAR: Self = Self { column_type: ColumnType::Varchar, notation: Notation::Plain };

    /// Whether the text, without spaces around it, is a value of the column or means that there is none.
    pub fn fits(self, text: &[u8], nulls: &NullWords) -> bool {
        self.column_type == ColumnType::Varchar || nulls.contains(text) || self.parses(text)
    }

    /// Whether the text is a value of the column.
    pub fn parses(self, text: &[u8]) -> bool {
        let moment = |order, wanted: &dyn Fn(Moment) -> bool| parse_moment(text, order).is_some_and(wanted);
        match (self.notation, self.column_type) {
            (_, ColumnType::Varchar) => true,
            (Notation::Written(order), ColumnType::Date) => moment(order, &|moment| !moment.has_time),
            (Notation::Written(order), _) => moment(order, &|_| true),
            (Notation::Marked(marks), ColumnType::Bigint) => {
                parse_marked(text, marks).is_some_and(|number| number.integer.is_some())
            }
            (Notation::Marked(marks), _) => parse_marked(text, marks).is_some(),
            (Notation::Words(words), _) => words.parse(text).is_some(),
            (Notation::Epoch(_), _) | (Notation::Plain, ColumnType::Bigint) => parse_integer(text).is_some(),
            (Notation::Plain, ColumnType::Double) => parse_double(text).is_some(),
            (Notation::Plain, ColumnType::Boolean) => parse_boolean(text).is_some(),
            (Notation::Plain, ColumnType::Date) => parse_date(text).is_some(),
            (Notation::Plain, ColumnType::TimestampMillis | ColumnType::TimestampMicros) => {
                parse_timestamp(text).is_some()
            }
        }
    }
}
