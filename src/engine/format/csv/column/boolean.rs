//! `BOOLEAN`.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};

use super::Column;
use super::validity::{Validity, append_bits, bit_buffer};
use crate::format::csv::bad::BadFields;
use crate::format::csv::field::{Rows, unquote};
use crate::format::value::parse_boolean;

/// Values and nulls of a batch, one bit each.
#[derive(Debug, Default)]
pub struct Booleans {
    values: Vec<u64>,
    rows: usize,
    validity: Validity,
}

impl Booleans {
    fn value(rows: &Rows<'_>, row: usize, column: usize, bad: &mut BadFields) -> Option<bool> {
        let field = rows.field(row, column)?;
        let raw = &rows.bytes()[field.start..field.end];
        if let Some(value) = parse_boolean(raw) {
            return Some(value);
        }
        let text = unquote(raw, rows.syntax());
        let trimmed = text.trim_ascii();
        if trimmed.is_empty() {
            return None;
        }
        let value = parse_boolean(trimmed);
        if value.is_none() {
            bad.not_a_value(row, &text, "BOOLEAN");
        }
        value
    }
}

impl Column for Booleans {
    fn reserve(&mut self, rows: usize) {
        self.values.reserve(rows / 64 + 2);
    }

    fn append(&mut self, rows: &Rows<'_>, column: usize, bad: &mut BadFields) {
        for first in (0..rows.len()).step_by(64) {
            let count = (rows.len() - first).min(64);
            let (mut values, mut valid) = (0u64, 0u64);
            for row in first..first + count {
                let value = Self::value(rows, row, column, bad);
                values |= u64::from(value == Some(true)) << (row - first);
                valid |= u64::from(value.is_some()) << (row - first);
            }
            append_bits(&mut self.values, self.rows, values);
            self.rows += count;
            self.validity.append(valid, count);
        }
    }

    fn finish(&mut self) -> ArrayRef {
        let (values, rows) = (std::mem::take(&mut self.values), std::mem::take(&mut self.rows));
        Arc::new(BooleanArray::new(bit_buffer(values, rows), self.validity.finish()))
    }
}
