//! Columns by split, with the least recently used first to go: what both tiers of the cache are.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{SplitKey, SplitShape};

/// What a tier holds of a column of a split.
pub(super) trait Entry {
    /// Bytes that it takes.
    fn bytes(&self) -> u64;

    /// The last query that used it.
    fn used(&self) -> u64;

    /// Query number `query` uses it.
    fn touch(&mut self, query: u64);
}

/// Columns by split.
#[derive(Debug)]
pub(super) struct BySplit<E> {
    splits: HashMap<SplitKey, Split<E>>,
    bytes: u64,
}

#[derive(Debug)]
struct Split<E> {
    shape: Arc<SplitShape>,
    columns: BTreeMap<usize, E>,
}

/// A column that gave way to others.
pub(super) struct Released<E> {
    pub(super) key: SplitKey,
    pub(super) shape: Arc<SplitShape>,
    pub(super) number: usize,
    pub(super) column: E,
}

impl<E> Default for BySplit<E> {
    fn default() -> Self {
        Self { splits: HashMap::new(), bytes: 0 }
    }
}

impl<E: Entry> BySplit<E> {
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What `take` makes of the columns of a split, in the order in which they were asked for; those of which
    /// it makes something are used by query number `query`. Nothing when the split is not known, or was
    /// decoded from another place than `first_record`, where that is given.
    pub(super) fn find<T>(
        &mut self,
        key: SplitKey,
        columns: &[usize],
        first_record: Option<Option<u64>>,
        query: u64,
        take: impl Fn(&E) -> Option<T>,
    ) -> Option<(Arc<SplitShape>, Vec<Option<T>>)> {
        let split = self.splits.get_mut(&key)?;
        if first_record.is_some_and(|first_record| first_record != split.shape.first_record) {
            return None;
        }
        let mut found = |column| {
            let entry = split.columns.get_mut(column)?;
            let taken = take(entry)?;
            entry.touch(query);
            Some(taken)
        };
        let found = columns.iter().map(&mut found).collect();
        Some((Arc::clone(&split.shape), found))
    }

    /// What is held of a column of a split.
    pub(super) fn get_mut(&mut self, key: SplitKey, column: usize) -> Option<&mut E> {
        self.splits.get_mut(&key)?.columns.get_mut(&column)
    }

    /// Whether a column of a split is there, decoded from the same place.
    pub(super) fn has(&self, key: SplitKey, shape: &SplitShape, column: usize) -> bool {
        let split = self.splits.get(&key).filter(|split| split.shape.first_record == shape.first_record);
        split.is_some_and(|split| split.columns.contains_key(&column))
    }

    /// Holds columns. Those of the split that were decoded from another place are forgotten.
    pub(super) fn keep(
        &mut self,
        key: SplitKey,
        shape: &Arc<SplitShape>,
        columns: impl IntoIterator<Item = (usize, E)>,
    ) {
        let empty = || Split { shape: Arc::clone(shape), columns: BTreeMap::new() };
        let split = self.splits.entry(key).or_insert_with(empty);
        if split.shape.first_record != shape.first_record {
            self.bytes -= split.columns.values().map(Entry::bytes).sum::<u64>();
            *split = empty();
        }
        for (number, column) in columns {
            self.bytes += column.bytes();
            if let Some(before) = split.columns.insert(number, column) {
                self.bytes -= before.bytes();
            }
        }
    }

    /// Forgets the columns that were not used for the longest time, until `wanted` bytes are free;
    /// those that query number `spared` used are left alone. Returns what was forgotten.
    pub(super) fn release(&mut self, wanted: u64, spared: Option<u64>) -> Vec<Released<E>> {
        let mut released = Vec::new();
        let before = self.bytes;
        let mut ages: Vec<(u64, SplitKey, usize)> = Vec::new();
        for (key, split) in &self.splits {
            let old =
                split.columns.iter().filter(|(_, column)| spared.is_none_or(|spared| column.used() < spared));
            ages.extend(old.map(|(number, column)| (column.used(), *key, *number)));
        }
        ages.sort_unstable();
        for (_, key, number) in ages {
            if before - self.bytes >= wanted {
                break;
            }
            let Some(split) = self.splits.get_mut(&key) else { continue };
            if let Some(column) = split.columns.remove(&number) {
                self.bytes -= column.bytes();
                released.push(Released { key, shape: Arc::clone(&split.shape), number, column });
            }
            if split.columns.is_empty() {
                self.splits.remove(&key);
            }
        }
        released
    }

    /// Forgets splits.
    pub(super) fn forget(&mut self, which: impl Fn(SplitKey) -> bool) {
        self.splits.retain(|key, _| !which(*key));
        let columns = self.splits.values().flat_map(|split| split.columns.values());
        self.bytes = columns.map(Entry::bytes).sum();
    }

    /// Whether some column of a split is as `which` says.
    pub(super) fn any(&self, key: SplitKey, which: impl Fn(&E) -> bool) -> bool {
        self.splits.get(&key).is_some_and(|split| split.columns.values().any(which))
    }

    /// Split, number and what is held of each column.
    pub(super) fn iter(&self) -> impl Iterator<Item = (SplitKey, usize, &E)> {
        self.splits.iter().flat_map(|(key, split)| {
            split.columns.iter().map(move |(number, column)| (*key, *number, column))
        })
    }
}
