//! Whether the first record names the columns.

use crate::format::value::{ColumnType, fits, is_typed};

/// Whether the first record is a header.
///
/// It is one when a field of it does not fit the type of the values below it, and when no value
/// looks like anything but text, unless one of them comes again further down in its column.
pub fn is_header(first: &[String], types: &[ColumnType], again_below: bool) -> bool {
    let filled = || first.iter().zip(types).filter(|(text, _)| !text.trim().is_empty());
    if filled().any(|(text, column_type)| !fits(text.as_bytes(), *column_type)) {
        return true;
    }
    let typed = filled().any(|(text, _)| is_typed(text.as_bytes()));
    filled().next().is_some() && !typed && !again_below
}
