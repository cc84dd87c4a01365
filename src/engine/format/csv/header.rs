//! Whether the first record names the columns.

use crate::format::value::{ColumnForm, Context, NullWords, is_typed};

/// Whether a field of the record does not fit the form of the values below it.
pub fn is_above_values(first: &[String], forms: &[ColumnForm], nulls: &NullWords) -> bool {
    filled(first)
        .any(|(column, text)| forms.get(column).is_some_and(|form| !form.fits(text.as_bytes(), nulls)))
}

/// Whether no value of the record looks like anything but text. Then it is a header, unless one of them comes again
/// further down in its column.
pub fn may_be_names(first: &[String], nulls: &NullWords, context: &Context) -> bool {
    filled(first).next().is_some()
        && !filled(first).any(|(_, text)| is_typed(text.as_bytes(), nulls, context))
}

fn filled(first: &[String]) -> impl Iterator<Item = (usize, &str)> {
    first.iter().map(|text| text.trim()).enumerate().filter(|(_, text)| !text.is_empty())
}
