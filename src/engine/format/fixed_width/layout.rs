//! Lines of columns of characters as the decoder of lines takes them.

use std::ops::Range;

use super::division::Division;
use crate::format::log::{Field, FieldKind, Found, Layout, Mismatch, Scanner};
use crate::format::value::RawField;

/// A table of aligned columns.
#[derive(Clone, Debug)]
pub(super) struct FixedWidthLayout {
    division: Division,
    fields: Vec<Field>,
}

impl FixedWidthLayout {
    /// With these names, as far as there are any.
    pub(super) fn new(division: Division, names: &[String]) -> Self {
        let name = |column: usize| names.get(column).cloned().unwrap_or_default();
        let fields = (0..division.starts().len())
            .map(|column| Field::new(name(column), FieldKind::Inferred))
            .collect();
        Self { division, fields }
    }
}

impl Layout for FixedWidthLayout {
    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn keeps_all(&self) -> bool {
        true
    }

    fn scanner(&self) -> Box<dyn Scanner> {
        Box::new(self.clone())
    }
}

impl Scanner for FixedWidthLayout {
    fn scan(&mut self, bytes: &[u8], record: Range<usize>, found: &mut Found) -> Result<(), Mismatch> {
        let line = &bytes[record.clone()];
        let mut fields = found.fields.iter_mut();
        let is_divided = self.division.divide(line, |column| {
            let text = &line[column.clone()];
            let start = record.start + column.start + (text.len() - text.trim_ascii_start().len());
            let end = start + text.trim_ascii().len();
            if let Some(field) = fields.next() {
                *field = (start < end).then_some(RawField { start, end });
            }
        });
        if is_divided { Ok(()) } else { Err(Mismatch::foreign("text stands where two columns are divided")) }
    }
}
