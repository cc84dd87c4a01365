//! What is on disk, and where.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Stored;
use crate::cache::{SplitKey, SplitShape};

/// Columns by split. It stays in memory: about a hundred bytes for each column of a split.
#[derive(Debug, Default)]
pub(super) struct Index {
    splits: HashMap<SplitKey, StoredSplit>,
    bytes: u64,
}

/// What is known of a split, and where the columns are that were asked for.
pub(in crate::cache) type Located = (Arc<SplitShape>, Vec<Option<Stored>>);

#[derive(Debug)]
struct StoredSplit {
    shape: Arc<SplitShape>,
    columns: BTreeMap<usize, StoredColumn>,
}

#[derive(Debug)]
struct StoredColumn {
    extent: Stored,
    /// Whether the write has succeeded. Until then nobody finds it.
    is_written: bool,
    /// The last query that used it.
    used: u64,
}

impl Index {
    /// Where columns of a split are, in the order in which they were asked for. Nothing when the split is
    /// not known, or was decoded from another place than `first_record`, where that is given.
    pub(super) fn find(
        &mut self,
        key: SplitKey,
        columns: &[usize],
        first_record: Option<Option<u64>>,
        query: u64,
    ) -> Option<Located> {
        let split = self.splits.get_mut(&key)?;
        if first_record.is_some_and(|first_record| first_record != split.shape.first_record) {
            return None;
        }
        let found = |column| {
            let stored = split.columns.get_mut(column).filter(|stored| stored.is_written)?;
            stored.used = stored.used.max(query);
            Some(Arc::clone(&stored.extent))
        };
        let found = columns.iter().map(found).collect();
        let is_known = split.columns.values().any(|stored| stored.is_written);
        is_known.then(|| (Arc::clone(&split.shape), found))
    }

    /// Whether a column of a split is there or being written, decoded from the same place.
    pub(super) fn has(&self, key: SplitKey, shape: &SplitShape, column: usize) -> bool {
        let split = self.splits.get(&key).filter(|split| split.shape.first_record == shape.first_record);
        split.is_some_and(|split| split.columns.contains_key(&column))
    }

    /// A column that begins to be written. Those of the split that were decoded from another place are
    /// forgotten.
    pub(super) fn begin(
        &mut self,
        key: SplitKey,
        shape: &Arc<SplitShape>,
        column: usize,
        extent: Stored,
        query: u64,
    ) {
        let other = self.splits.get(&key).filter(|split| split.shape.first_record != shape.first_record);
        if other.is_some() {
            self.forget(|split| split == key);
        }
        let empty = || StoredSplit { shape: Arc::clone(shape), columns: BTreeMap::new() };
        let split = self.splits.entry(key).or_insert_with(empty);
        self.bytes += extent.bytes();
        let stored = StoredColumn { extent, is_written: false, used: query };
        if let Some(before) = split.columns.insert(column, stored) {
            self.bytes -= before.extent.bytes();
        }
    }

    /// What began to be written is there now, unless it has been forgotten meanwhile.
    pub(super) fn written(&mut self, key: SplitKey, column: usize, extent: &Stored) {
        let stored = self.splits.get_mut(&key).and_then(|split| split.columns.get_mut(&column));
        if let Some(stored) = stored.filter(|stored| Arc::ptr_eq(&stored.extent, extent)) {
            stored.is_written = true;
        }
    }

    /// Forgets the columns that were not used for the longest time, until `wanted` bytes are free; those
    /// that query number `spared` used are left alone. Returns how many bytes became free.
    pub(super) fn release(&mut self, wanted: u64, spared: u64) -> u64 {
        let before = self.bytes;
        let mut ages: Vec<(u64, SplitKey, usize)> = Vec::new();
        for (key, split) in &self.splits {
            let old = split.columns.iter().filter(|(_, stored)| stored.used < spared);
            ages.extend(old.map(|(column, stored)| (stored.used, *key, *column)));
        }
        ages.sort_unstable();
        for (_, key, column) in ages {
            if before - self.bytes >= wanted {
                break;
            }
            let Some(split) = self.splits.get_mut(&key) else { continue };
            self.bytes -= split.columns.remove(&column).map_or(0, |stored| stored.extent.bytes());
            if split.columns.is_empty() {
                self.splits.remove(&key);
            }
        }
        before - self.bytes
    }

    /// Forgets splits.
    pub(super) fn forget(&mut self, which: impl Fn(SplitKey) -> bool) {
        self.splits.retain(|key, _| !which(*key));
        let columns = self.splits.values().flat_map(|split| split.columns.values());
        self.bytes = columns.map(|stored| stored.extent.bytes()).sum();
    }

    /// Split, column and bytes of all that has been written.
    pub(super) fn entries(&self) -> Vec<(SplitKey, usize, u64)> {
        let mut entries = Vec::new();
        for (key, split) in &self.splits {
            let written = split.columns.iter().filter(|(_, stored)| stored.is_written);
            entries.extend(written.map(|(column, stored)| (*key, *column, stored.extent.bytes())));
        }
        entries
    }
}
