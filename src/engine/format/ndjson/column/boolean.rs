//! `BOOLEAN`.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanBuilder};

use super::Column;
use crate::format::ndjson::issues::Issues;
use crate::format::ndjson::scan::{Kind, Value};

/// `true` and `false`.
pub struct Booleans {
    path: String,
    values: BooleanBuilder,
}

impl Booleans {
    /// An empty column.
    pub fn new(path: String) -> Self {
        Self { path, values: BooleanBuilder::new() }
    }
}

impl Column for Booleans {
    fn append(&mut self, _: &[u8], value: Option<Value>, issues: &mut Issues<'_>) {
        let Some(value) = value else { return self.values.append_null() };
        match value.kind {
            Kind::True => self.values.append_value(true),
            Kind::False => self.values.append_value(false),
            Kind::Null => self.values.append_null(),
            _ => {
                issues.not_a_value(&self.path, value, "BOOLEAN");
                self.values.append_null();
            }
        }
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.values.finish())
    }
}
