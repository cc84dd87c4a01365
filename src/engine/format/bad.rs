//! What does not fit its table: all of it is counted, the first is listed.

use super::Selection;

/// Bad records that one list of one split names; the others are only counted.
pub const MAX_BAD_PER_SPLIT: usize = 100;

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

/// Records of a split that do not fit in one respect: their shape, or their value in one column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BadRecords {
    /// Number of all.
    pub count: u64,
    /// The first of them, at most [`MAX_BAD_PER_SPLIT`], by their lines.
    pub listed: Vec<BadRecord>,
}

impl BadRecords {
    /// Whether all of them are listed.
    pub fn is_complete(&self) -> bool {
        self.count == self.listed.len() as u64
    }

    /// Those of the selected rows, as far as they are listed.
    pub fn of_rows(&self, selection: &Selection) -> Self {
        let selected = self.listed.iter().filter(|bad| selection.contains(bad.row_in_split));
        let listed: Vec<BadRecord> = selected.cloned().collect();
        Self { count: listed.len() as u64, listed }
    }

    /// All in one list, by their lines; those of one line in the order of the lists.
    pub fn merge<'a>(lists: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut merged = Self::default();
        for list in lists {
            merged.count += list.count;
            merged.listed.extend(list.listed.iter().cloned());
        }
        merged.listed.sort_by_key(|bad| bad.line_in_split);
        merged.listed.truncate(MAX_BAD_PER_SPLIT);
        merged
    }
}
