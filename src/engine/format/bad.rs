//! What does not fit its table: all of it is counted, the first is listed.

use std::collections::BTreeMap;

use super::Selection;

/// Bad records that one list of one split names; the others are only counted.
pub const MAX_BAD_PER_SPLIT: usize = 100;

/// Which bad records are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listing {
    /// The first [`MAX_BAD_PER_SPLIT`], with the start of their text.
    #[default]
    First,
    /// All of them, with all of their text.
    All,
}

impl Listing {
    /// How many one list of one split names.
    pub(super) fn most(self) -> usize {
        match self {
            Self::First => MAX_BAD_PER_SPLIT,
            Self::All => usize::MAX,
        }
    }

    /// The text that is kept of a record.
    pub(super) fn text(self, raw: &[u8]) -> String {
        match self {
            Self::First => text_start(raw),
            Self::All => String::from_utf8_lossy(raw).into_owned(),
        }
    }
}

const TEXT_BYTES: usize = 200;
const VALUE_CHARS: usize = 60;

/// A record that did not fit its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRecord {
    /// Its number among the records of the split, from 0.
    pub row_in_split: u64,
    /// Line ends between the first record of the split and this record.
    pub line_in_split: u64,
    /// What is wrong, naming the column where there is one.
    pub reason: String,
    /// The raw text, cut to 200 bytes.
    pub text: String,
}

/// A key that records have and no column stands for, because the sample did not have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKey {
    /// Number of records with this key.
    pub records: u64,
    /// Line ends between the first record of the split and the first of these.
    pub line_in_split: u64,
    /// The raw text of that record, cut to 200 bytes.
    pub text: String,
}

/// Records of a split that do not fit in one respect: their shape, or their value in one column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BadRecords {
    /// Number of all.
    pub count: u64,
    /// The first of them, at most [`MAX_BAD_PER_SPLIT`], by their lines.
    pub listed: Vec<BadRecord>,
    /// Keys that are no columns, at most [`MAX_BAD_PER_SPLIT`] of them. Records with such a key are
    /// well otherwise: `count` leaves them out.
    pub unknown_keys: BTreeMap<String, UnknownKey>,
}

impl BadRecords {
    /// Whether all of them are listed, so that it is known which rows they are of. Of keys without a
    /// column only the first record is.
    pub fn is_complete(&self) -> bool {
        self.count == self.listed.len() as u64 && self.unknown_keys.is_empty()
    }

    /// Those of the selected rows, as far as they are listed.
    pub fn of_rows(&self, selection: &Selection) -> Self {
        let selected = self.listed.iter().filter(|bad| selection.contains(bad.row_in_split));
        let listed: Vec<BadRecord> = selected.cloned().collect();
        Self { count: listed.len() as u64, listed, ..Self::default() }
    }

    /// One of each row, the first that is listed, by their rows: how many rows are bad, when all are listed.
    pub fn by_rows<'a>(lists: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut merged = Self::default();
        for list in lists {
            merged.listed.extend(list.listed.iter().cloned());
            merged
                .unknown_keys
                .extend(list.unknown_keys.iter().map(|(key, found)| (key.clone(), found.clone())));
        }
        merged.listed.sort_by_key(|bad| bad.row_in_split);
        merged.listed.dedup_by_key(|bad| bad.row_in_split);
        merged.count = merged.listed.len() as u64;
        merged
    }

    /// The same with a list that is no longer than usual.
    pub fn cut(mut self) -> Self {
        self.listed.truncate(MAX_BAD_PER_SPLIT);
        for bad in &mut self.listed {
            bad.text = text_start(bad.text.as_bytes());
        }
        self
    }

    /// All in one list, by their lines; those of one line in the order of the lists.
    pub fn merge<'a>(lists: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut merged = Self::default();
        for list in lists {
            merged.count += list.count;
            merged.listed.extend(list.listed.iter().cloned());
            merged
                .unknown_keys
                .extend(list.unknown_keys.iter().map(|(key, found)| (key.clone(), found.clone())));
        }
        merged.listed.sort_by_key(|bad| bad.line_in_split);
        merged.listed.truncate(MAX_BAD_PER_SPLIT);
        merged
    }
}

/// The reason of a field that is no value of its column's type.
pub(super) fn not_a_value(column: &str, text: &[u8], sql_name: &str) -> String {
    let text = String::from_utf8_lossy(&text[..text.len().min(4 * VALUE_CHARS)]);
    let mut value: String = text.chars().take(VALUE_CHARS).collect();
    if value.len() < text.len() {
        value.push('…');
    }
    format!("column {column}: '{value}' is not a {sql_name}")
}

/// The value in a reason that [`not_a_value`] gave, if it is all there.
pub fn misfit_value(reason: &str) -> Option<&str> {
    let (_, value) = reason.rsplit_once(": '")?;
    let (value, _) = value.rsplit_once("' is not a ")?;
    (!value.ends_with('…')).then_some(value)
}

/// The reason of a text that holds bytes that are not UTF-8.
pub(super) fn not_utf8(column: &str) -> String {
    format!("column {column}: some bytes are not UTF-8 and were replaced by \u{fffd}")
}

/// The reason of a text that is longer than a column can hold.
pub(super) fn too_long(column: &str) -> String {
    format!("column {column}: the text is longer than 700 MB")
}

/// The start of a record, cut at a character.
pub(super) fn text_start(raw: &[u8]) -> String {
    if raw.len() <= TEXT_BYTES {
        return String::from_utf8_lossy(raw).into_owned();
    }
    let cut = (TEXT_BYTES - 3..=TEXT_BYTES).rev().find(|&cut| raw[cut] & 0xc0 != 0x80);
    String::from_utf8_lossy(&raw[..cut.unwrap_or(TEXT_BYTES)]).into_owned()
}
