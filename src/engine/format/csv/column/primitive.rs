//! Columns whose values have a fixed size.

use std::sync::Arc;

use arrow::array::{ArrayRef, PrimitiveArray};
use arrow::datatypes::ArrowPrimitiveType;

use super::Column;
use super::validity::Validity;
use crate::format::csv::bad::BadFields;
use crate::format::csv::field::{RawField, Rows, unquote};
use crate::format::value::Parse;

/// Values and nulls of a batch.
#[derive(Debug)]
pub struct Primitive<P: Parse> {
    parse: P,
    values: Vec<<P::Arrow as ArrowPrimitiveType>::Native>,
    validity: Validity,
}

impl<P: Parse> Default for Primitive<P> {
    fn default() -> Self {
        Self { parse: P::default(), values: Vec::new(), validity: Validity::default() }
    }
}

/// Quoted fields, spaces, unusual forms, and what is no value at all.
#[cold]
#[inline(never)]
fn unusual<P: Parse>(
    parse: &mut P,
    rows: &Rows<'_>,
    row: usize,
    field: RawField,
    bad: &mut BadFields,
) -> Option<<P::Arrow as ArrowPrimitiveType>::Native> {
    let text = unquote(&rows.bytes()[field.start..field.end], rows.syntax());
    let trimmed = text.trim_ascii();
    if trimmed.is_empty() {
        return None;
    }
    let value = parse.exact(trimmed);
    if value.is_none() {
        bad.not_a_value(row, &text, P::SQL_NAME);
    }
    value
}

impl<P: Parse> Column for Primitive<P> {
    fn reserve(&mut self, rows: usize) {
        self.values.reserve(rows);
    }

    fn append(&mut self, rows: &Rows<'_>, column: usize, bad: &mut BadFields) {
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
                            None => unusual(&mut self.parse, rows, row, field, bad),
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
