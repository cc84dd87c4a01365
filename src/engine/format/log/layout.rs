//! How the lines of one file are laid out.

use std::fmt::Debug;
use std::ops::Range;

use super::time::TimeKind;
use crate::format::value::RawField;

/// The layout of the lines of a file, shared by all tasks.
pub trait Layout: Debug + Send + Sync {
    /// What is found in a record, by place.
    fn fields(&self) -> &[Field];

    /// Whether fields that the sample has not are columns all the same.
    fn keeps_all(&self) -> bool {
        false
    }

    /// Whether lines that begin no record belong to the one before them.
    fn joins(&self) -> bool {
        false
    }

    /// Whether a record starts with the line that begins `text`, which may be cut, or go on with other lines.
    /// Asked of layouts that join lines only.
    fn starts(&self, _text: &[u8]) -> bool {
        true
    }

    /// Whether the line, which begins with `#`, stands between records and is none.
    fn is_between(&self, _line: &[u8]) -> bool {
        false
    }

    /// What finds the fields. Each split has its own.
    fn scanner(&self) -> Box<dyn Scanner>;
}

/// Finds the fields of records.
pub trait Scanner {
    /// Puts the places of the fields of a record, which has no line end, into `found`.
    ///
    /// # Errors
    /// When the record is of another layout; what was found before that counts for nothing.
    fn scan(&mut self, bytes: &[u8], record: Range<usize>, found: &mut Found) -> Result<(), Mismatch>;
}

/// Why a record does not fit the layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// In words for people.
    pub reason: String,
    /// Whether what was found is right as far as it goes.
    pub keeps: bool,
}

impl Mismatch {
    /// The line is something else altogether.
    #[cold]
    pub fn foreign(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), keeps: false }
    }
}

/// One thing that is found in records.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name of its column, unless another has it.
    pub name: String,
    /// What its text means.
    pub kind: FieldKind,
}

impl Field {
    /// A field of this name and kind.
    pub fn new(name: impl Into<String>, kind: FieldKind) -> Self {
        Self { name: name.into(), kind }
    }
}

/// What the text of a field means.
#[derive(Clone, Copy, Debug)]
pub enum FieldKind {
    /// Itself.
    Text,
    /// Itself, but for `\"`, which is a quote.
    Quoted,
    /// Itself, but for backslashes before quotes, backslashes, `n`, `r` and `t` between quotes; or a value
    /// of another type if the sample says so.
    Value,
    /// What the sample says.
    Inferred,
    /// A whole number.
    Number,
    /// A number, with or without a point.
    Decimal,
    /// A point in time.
    Time(&'static TimeKind),
    /// A number that stands for a word.
    Code(fn(&[u8]) -> Option<&'static str>),
}

/// Places of the fields of a record.
#[derive(Debug, Default)]
pub struct Found {
    /// By number of the field; `None` where it is absent or `-`.
    pub fields: Vec<Option<RawField>>,
    /// Names that no field has, where a record brings names.
    pub unknown: Vec<RawField>,
}

impl Found {
    /// Room for so many fields.
    pub fn new(fields: usize) -> Self {
        Self { fields: vec![None; fields], unknown: Vec::new() }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.fields.fill(None);
        self.unknown.clear();
    }
}
