//! What the cache holds in memory.

use std::sync::Arc;

use super::by_split::{BySplit, Entry};
use super::{Encoded, Stored};
use crate::format::BadRecords;

/// A split: number of its table in the engine, and its own in the table.
pub(crate) type SplitKey = (usize, usize);

/// What is known of a split besides the values of its columns.
#[derive(Debug)]
pub(crate) struct SplitShape {
    /// As in [`crate::format::Decoded::first_record`].
    pub(crate) first_record: Option<u64>,
    /// As in [`crate::format::Decoded::next_record`].
    pub(crate) next_record: Option<u64>,
    /// As in [`crate::format::Decoded::lines`].
    pub(crate) lines: u64,
    /// Rows of each batch.
    pub(crate) batch_rows: Vec<usize>,
    /// Records of the wrong shape.
    pub(crate) bad_shapes: BadRecords,
}

/// A column of a split.
#[derive(Clone, Debug)]
pub(crate) struct KeptColumn {
    pub(crate) values: Arc<dyn Encoded>,
    /// Records whose field is no value of the column.
    pub(crate) bad: Arc<BadRecords>,
    bytes: usize,
    /// The last query that used it.
    used: u64,
}

/// What is kept of a split that was asked for.
pub(crate) struct Found {
    pub(crate) shape: Arc<SplitShape>,
    /// What is in memory, in the order in which it was asked for.
    pub(crate) columns: Vec<Option<KeptColumn>>,
    /// What is on disk, likewise.
    pub(crate) stored: Vec<Option<Stored>>,
}

/// How much is kept of one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ColumnShare {
    pub(crate) table: usize,
    pub(crate) column: usize,
    pub(crate) splits: usize,
    /// In memory.
    pub(crate) bytes: u64,
    pub(crate) disk_bytes: u64,
}

/// Columns in memory.
pub(super) type Content = BySplit<KeptColumn>;

/// What a column takes besides its values: its entry, and its part of the split's.
const ENTRY_BYTES: usize = 256;

impl KeptColumn {
    pub(super) fn new(values: Arc<dyn Encoded>, bad: BadRecords, query: u64) -> Self {
        let listed = bad.listed.iter().map(|bad| bad.reason.len() + bad.text.len() + size_of_val(bad));
        let unknown =
            bad.unknown_keys.iter().map(|(key, found)| key.len() + found.text.len() + size_of_val(found));
        let bytes = values.bytes() + listed.sum::<usize>() + unknown.sum::<usize>() + ENTRY_BYTES;
        Self { values, bad: Arc::new(bad), bytes, used: query }
    }
}

impl Entry for KeptColumn {
    fn bytes(&self) -> u64 {
        self.bytes as u64
    }

    fn used(&self) -> u64 {
        self.used
    }

    fn touch(&mut self, query: u64) {
        self.used = self.used.max(query);
    }
}
