//! Columns whose values have a fixed size.

use std::sync::Arc;

use arrow::array::{ArrayRef, PrimitiveArray};
use arrow::datatypes::ArrowPrimitiveType;

use super::Column;
use super::validity::Validity;
use crate::format::csv::bad::BadFields;
use crate::format::csv::field::{RawField, Rows, unquote};
use crate::format::value::{NullWords, Parse};

/// Values and nulls of a batch.
#[derive(Debug)]
pub struct Primitive<P: Parse> {
    parse: P,
    nulls: NullWords,
    nulls_first: bool,
    values: Vec<<P::Arrow as ArrowPrimitiveType>::Native>,
    validity: Validity,
}

impl<P: Parse> Primitive<P> {
    /// An empty column. With `nulls_first`, words for null are looked for before a field is parsed, because some
    /// of them are values as well.
    pub fn new(parse: P, nulls: NullWords, nulls_first: bool) -> Self {
        Self { parse, nulls, nulls_first, values: Vec::new(), validity: Validity::default() }
    }

    fn append_slowly(&mut self, rows: &Rows<'_>, column: usize, bad: &mut BadFields) {
        for row in 0..rows.len() {
            let field = rows.field(row, column).filter(|field| field.start < field.end);
            let value = field.and_then(|field| unusual(&mut self.parse, &self.nulls, rows, row, field, bad));
            self.validity.append(u64::from(value.is_some()), 1);
            self.values.push(value.unwrap_or_default());
        }
    }
}

/// Quoted fields, spaces, unusual forms, and what is no value at all.
#[cold]
#[inline(never)]
fn unusual<P: Parse>(
    parse: &mut P,
    nulls: &NullWords,
    rows: &Rows<'_>,
    row: usize,
    field: RawField,
    bad: &mut BadFields,
) -> Option<<P::Arrow as ArrowPrimitiveType>::Native> {
    let text = unquote(&rows.bytes()[field.start..field.end], rows.syntax());
    let trimmed = text.trim_ascii();
    if trimmed.is_empty() || (nulls.are_given() && nulls.contains(trimmed)) {
        return None;
    }
    let value = parse.exact(trimmed);
    if value.is_none() && !nulls.contains(trimmed) {
        bad.not_a_value(row, &text, P::SQL_NAME);
    }
    value
}

impl<P: Parse> Column for Primitive<P> {
    fn reserve(&mut self, rows: usize) {
        self.values.reserve(rows);
    }

    fn append(&mut self, rows: &Rows<'_>, column: usize, bad: &mut BadFields) {
        if self.nulls_first {
            return self.append_slowly(rows, column, bad);
        }
        let (bytes, syntax) = (rows.bytes(), rows.syntax());
        for first in (0..rows.len()).step_by(64) {
            let count = (rows.len() - first).min(64);
            let mut valid = 0u64;
            self.values.extend((first..first + count).map(|row| {
                let value = match rows.field(row, column) {
                    Some(field) if field.start < field.end => {
                        // A quick way never takes a quote for part of a value.
                        let bare = field.inside_quotes(bytes, syntax).unwrap_or(field);
                        match self.parse.quick(bytes, bare) {
                            None => unusual(&mut self.parse, &self.nulls, rows, row, field, bad),
                            value => value,
                        }
                    }
                    _ => None,
                };
                valid |= u64::from(value.is_some()) << (row - first);
                value.unwrap_or_default()
            }));
            self.validity.append(valid, count);
        }
    }

    fn finish(&mut self) -> ArrayRef {
        let values = std::mem::take(&mut self.values);
        Arc::new(PrimitiveArray::<P::Arrow>::new(values.into(), self.validity.finish()))
    }
}
