//! `BOOLEAN`.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};

use super::Column;
use super::validity::{Validity, append_bits, bit_buffer};
use crate::format::csv::bad::BadFields;
use crate::format::csv::field::{Rows, unquote};
use crate::format::value::{BooleanWords, NullWords};

/// Values and nulls of a batch, one bit each.
#[derive(Debug)]
pub struct Booleans {
    words: BooleanWords,
    nulls: NullWords,
    values: Vec<u64>,
    rows: usize,
    validity: Validity,
}

impl Booleans {
    /// An empty column of these words.
    pub fn new(words: BooleanWords, nulls: NullWords) -> Self {
        Self { words, nulls, values: Vec::new(), rows: 0, validity: Validity::default() }
    }

    fn value(&self, rows: &Rows<'_>, row: usize, column: usize, bad: &mut BadFields) -> Option<bool> {
        let field = rows.field(row, column)?;
        let raw = &rows.bytes()[field.start..field.end];
        if self.nulls.are_given() && self.nulls.contains(raw) {
            return None;
        }
        if let Some(value) = self.words.parse(raw) {
            return Some(value);
        }
        let text = unquote(raw, rows.syntax());
        let trimmed = text.trim_ascii();
        if trimmed.is_empty() {
            return None;
        }
        let value = self.words.parse(trimmed);
        if value.is_none() && self.nulls.contains(trimmed) {
            return None;
        }
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
                let value = self.value(rows, row, column, bad);
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
