//! Layouts whose fields are always the same, and found by one function.

use std::ops::Range;
use std::sync::LazyLock;

use super::cursor::Cursor;
use super::layout::{Field, FieldKind, Found, Layout, Mismatch, Scanner};
use crate::format::value::RawField;

/// The fields of such a layout, made when they are first needed.
pub type Fields = LazyLock<Vec<Field>>;

/// Finds the fields of the record that the cursor stands before; nothing when it is of another layout.
pub type Scan = fn(&mut Cursor<'_>, &mut [Option<RawField>]) -> Option<()>;

/// A layout of lines.
#[derive(Clone, Copy, Debug)]
pub struct FixedLayout {
    /// What is found in a record, by place.
    pub fields: &'static Fields,
    /// What finds it.
    pub scan: Scan,
    /// What is said of a line of another layout.
    pub foreign: &'static str,
}

impl Layout for FixedLayout {
    fn fields(&self) -> &[Field] {
        self.fields
    }

    fn scanner(&self) -> Box<dyn Scanner> {
        Box::new(*self)
    }
}

impl Scanner for FixedLayout {
    fn scan(&mut self, bytes: &[u8], record: Range<usize>, found: &mut Found) -> Result<(), Mismatch> {
        let mut line = Cursor::new(bytes, record);
        (self.scan)(&mut line, &mut found.fields).ok_or_else(|| Mismatch::foreign(self.foreign))
    }
}

/// Fields of these names and kinds.
pub fn fields<const N: usize>(of: [(&str, FieldKind); N]) -> Vec<Field> {
    of.map(|(name, kind)| Field::new(name, kind)).into()
}
