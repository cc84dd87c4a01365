//! Lists: arrays.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, builder::NullBufferBuilder};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::Field;

use super::{Column, column};
use crate::format::ndjson::column_type::{JsonType, list_field};
use crate::format::ndjson::issues::Issues;
use crate::format::ndjson::scan::{Kind, Scanner, Value};

/// Items of all lists, and where each list ends.
pub struct List {
    path: String,
    field: Arc<Field>,
    items: Box<dyn Column>,
    lengths: Vec<usize>,
    nulls: NullBufferBuilder,
}

impl List {
    /// An empty column.
    pub fn new(path: String, items: &JsonType) -> Self {
        Self {
            field: list_field(items),
            items: column(items, format!("{path}[]")),
            lengths: Vec::new(),
            nulls: NullBufferBuilder::new(0),
            path,
        }
    }
}

impl Column for List {
    fn append(&mut self, bytes: &[u8], value: Option<Value>, issues: &mut Issues<'_>) {
        let value = value.filter(|value| value.kind != Kind::Null);
        let array = value.filter(|value| value.kind == Kind::Array);
        self.nulls.append(array.is_some());
        let mut length = 0;
        if let Some(array) = array {
            let items = &mut self.items;
            let mut scanner = Scanner { bytes, pos: array.start };
            // The scan of the whole record has been over this array, and found no fault.
            let _ = scanner.array(0, |item| {
                items.append(bytes, Some(item), issues);
                length += 1;
            });
        } else if let Some(other) = value {
            issues.not_a_value(&self.path, other, "list");
        }
        self.lengths.push(length);
    }

    fn finish(&mut self) -> ArrayRef {
        // An item takes two bytes at least, and a split is much shorter than the 4 GB that would be
        // too many for the offsets.
        let offsets = OffsetBuffer::<i32>::from_lengths(self.lengths.drain(..));
        Arc::new(ListArray::new(Arc::clone(&self.field), offsets, self.items.finish(), self.nulls.finish()))
    }
}
