//! What is on disk, and where.

use std::sync::Arc;

use super::Stored;
use crate::cache::by_split::{BySplit, Entry};
use crate::cache::{SplitKey, SplitShape};

/// Columns by split. It stays in memory: about a hundred bytes for each column of a split.
#[derive(Debug, Default)]
pub(super) struct Index {
    columns: BySplit<StoredColumn>,
}

/// What is known of a split, and where the columns are that were asked for.
pub(in crate::cache) type Located = (Arc<SplitShape>, Vec<Option<Stored>>);

#[derive(Debug)]
struct StoredColumn {
    extent: Stored,
    /// Whether the write has succeeded. Until then nobody finds it.
    is_written: bool,
    /// The last query that used it.
    used: u64,
}

impl Entry for StoredColumn {
    fn bytes(&self) -> u64 {
        self.extent.bytes()
    }

    fn used(&self) -> u64 {
        self.used
    }

    fn touch(&mut self, query: u64) {
        self.used = self.used.max(query);
    }
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
        let written = |stored: &StoredColumn| stored.is_written.then(|| Arc::clone(&stored.extent));
        let found = self.columns.find(key, columns, first_record, query, written);
        found.filter(|_| self.columns.any(key, |stored| stored.is_written))
    }

    /// Whether a column of a split is there or being written, decoded from the same place.
    pub(super) fn has(&self, key: SplitKey, shape: &SplitShape, column: usize) -> bool {
        self.columns.has(key, shape, column)
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
        self.columns.keep(key, shape, [(column, StoredColumn { extent, is_written: false, used: query })]);
    }

    /// What began to be written is there now, unless it has been forgotten meanwhile.
    pub(super) fn written(&mut self, key: SplitKey, column: usize, extent: &Stored) {
        let stored = self.columns.get_mut(key, column);
        if let Some(stored) = stored.filter(|stored| Arc::ptr_eq(&stored.extent, extent)) {
            stored.is_written = true;
        }
    }

    /// Forgets the columns that were not used for the longest time, until `wanted` bytes are free; those
    /// that query number `spared` used are left alone. Returns whether any was forgotten.
    pub(super) fn release(&mut self, wanted: u64, spared: u64) -> bool {
        !self.columns.release(wanted, Some(spared)).is_empty()
    }

    /// Forgets splits.
    pub(super) fn forget(&mut self, which: impl Fn(SplitKey) -> bool) {
        self.columns.forget(which);
    }

    /// Split, column and bytes of all that has been written.
    pub(super) fn entries(&self) -> Vec<(SplitKey, usize, u64)> {
        let written = self.columns.iter().filter(|(_, _, stored)| stored.is_written);
        written.map(|(key, column, stored)| (key, column, stored.bytes())).collect()
    }
}
