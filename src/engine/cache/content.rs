//! What the cache holds.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

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

/// A column that gave way to others.
pub(super) struct Released {
    pub(super) key: SplitKey,
    pub(super) shape: Arc<SplitShape>,
    pub(super) number: usize,
    pub(super) column: KeptColumn,
}

#[derive(Debug, Default)]
pub(super) struct Content {
    splits: HashMap<SplitKey, KeptSplit>,
    bytes: usize,
}

#[derive(Debug)]
struct KeptSplit {
    shape: Arc<SplitShape>,
    columns: BTreeMap<usize, KeptColumn>,
}

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

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn used(&self) -> u64 {
        self.used
    }
}

impl Content {
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn find(
        &mut self,
        key: SplitKey,
        columns: &[usize],
        first_record: Option<Option<u64>>,
        query: u64,
    ) -> Option<Found> {
        let split = self.splits.get_mut(&key)?;
        if first_record.is_some_and(|first_record| first_record != split.shape.first_record) {
            return None;
        }
        let mut found = |column| {
            let kept = split.columns.get_mut(column)?;
            kept.used = kept.used.max(query);
            Some(kept.clone())
        };
        let found = columns.iter().map(&mut found).collect();
        Some(Found { columns: found, stored: vec![None; columns.len()], shape: Arc::clone(&split.shape) })
    }

    /// Keeps columns. Those of the split that were decoded from another place are forgotten.
    pub(super) fn keep(&mut self, key: SplitKey, shape: Arc<SplitShape>, columns: Vec<(usize, KeptColumn)>) {
        let split = self
            .splits
            .entry(key)
            .or_insert_with(|| KeptSplit { shape: Arc::clone(&shape), columns: BTreeMap::new() });
        if split.shape.first_record != shape.first_record {
            self.bytes -= split.columns.values().map(KeptColumn::bytes).sum::<usize>();
            *split = KeptSplit { shape, columns: BTreeMap::new() };
        }
        for (number, column) in columns {
            self.bytes += column.bytes;
            if let Some(before) = split.columns.insert(number, column) {
                self.bytes -= before.bytes;
            }
        }
    }

    /// Forgets the columns that were not used for the longest time, until `wanted` bytes are free;
    /// those that query number `spared` used are left alone. Returns what was forgotten.
    pub(super) fn release(&mut self, wanted: usize, spared: Option<u64>) -> Vec<Released> {
        let mut released = Vec::new();
        let before = self.bytes;
        let mut ages: Vec<(u64, SplitKey, usize)> = Vec::new();
        for (key, split) in &self.splits {
            let old =
                split.columns.iter().filter(|(_, column)| spared.is_none_or(|spared| column.used < spared));
            ages.extend(old.map(|(number, column)| (column.used, *key, *number)));
        }
        ages.sort_unstable();
        for (_, key, number) in ages {
            if before - self.bytes >= wanted {
                break;
            }
            let Some(split) = self.splits.get_mut(&key) else { continue };
            if let Some(column) = split.columns.remove(&number) {
                self.bytes -= column.bytes;
                released.push(Released { key, shape: Arc::clone(&split.shape), number, column });
            }
            if split.columns.is_empty() {
                self.splits.remove(&key);
            }
        }
        released
    }

    pub(super) fn forget_table(&mut self, table: usize) {
        self.splits.retain(|key, _| key.0 != table);
        let columns = self.splits.values().flat_map(|split| split.columns.values());
        self.bytes = columns.map(KeptColumn::bytes).sum();
    }

    /// Split, column and bytes of all that is there.
    pub(super) fn entries(&self) -> Vec<(SplitKey, usize, u64)> {
        let of_split = |(key, split): (&SplitKey, &KeptSplit)| {
            let key = *key;
            let columns = split.columns.iter();
            columns.map(move |(number, column)| (key, *number, column.bytes as u64)).collect::<Vec<_>>()
        };
        self.splits.iter().flat_map(of_split).collect()
    }
}
