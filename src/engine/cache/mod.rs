//! Keeps decoded columns between queries, so that a second query need not read the file again.
//!
//! Owns: the [`ColumnCache`], its encodings, what of it is on disk ([`disk`]), and the [`BudgetPool`] by which
//! it gives way to the state of queries. Touches: Arrow, DataFusion's memory pool, and a store on disk. It
//! knows tables and splits by number only.
//!
//! A column is kept split by split, as far as the memory reaches. What the running query brings never
//! pushes out what it brought itself, so that of a file larger than the memory a part stays, and the
//! next scan finds it; what earlier queries used goes first, least recently used first. What finds no room
//! in memory, or has to leave it for other columns, goes to disk where that is wanted.

mod budget;
mod by_split;
mod content;
mod disk;
mod encoding;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::ArrayRef;

pub(crate) use budget::BudgetPool;
use by_split::{Entry, Released};
use content::Content;
pub(crate) use content::{ColumnShare, Found, KeptColumn, SplitKey, SplitShape};
use disk::Disk;
pub(crate) use disk::Stored;
pub(crate) use encoding::Encoded;

use crate::format::BadRecords;
use crate::pool::Executor;
use crate::spill::{SpillError, SpillStore};

/// The decoded columns that are kept.
#[derive(Debug)]
pub(crate) struct ColumnCache {
    /// For state, results and the cache together.
    budget_bytes: usize,
    /// For the cache alone.
    limit_bytes: usize,
    /// What queries have reserved.
    state_bytes: AtomicUsize,
    /// What the cache holds in memory: as in `content`, to be read without its lock.
    kept_bytes: AtomicUsize,
    /// Counts queries. A column remembers the last one that used it.
    query: AtomicU64,
    /// The query whose columns no longer find room.
    full_for: AtomicU64,
    content: Mutex<Content>,
    /// What finds no room in `content`, if there is a store for it.
    disk: Option<Arc<Disk>>,
}

impl ColumnCache {
    /// An empty cache of at most `limit_bytes`, which shares `budget_bytes` with queries.
    pub(crate) fn new(budget_bytes: usize, limit_bytes: usize) -> Self {
        Self {
            budget_bytes,
            limit_bytes,
            state_bytes: AtomicUsize::new(0),
            kept_bytes: AtomicUsize::new(0),
            query: AtomicU64::new(1),
            full_for: AtomicU64::new(0),
            content: Mutex::default(),
            disk: None,
        }
    }

    /// The same with at most `limit_bytes` in a store of its own beside the memory; `executor` waits for it.
    pub(crate) fn with_disk(self, store: Arc<dyn SpillStore>, executor: &Executor, limit_bytes: u64) -> Self {
        Self { disk: Some(Disk::new(store, executor.clone(), limit_bytes)), ..self }
    }

    /// The number of a query that begins.
    pub(crate) fn begin_query(&self) -> u64 {
        self.query.fetch_add(1, Ordering::Relaxed)
    }

    /// Most bytes that it may hold in memory.
    pub(crate) fn limit_bytes(&self) -> usize {
        self.limit_bytes
    }

    /// Lets so many bytes be on disk; with 0 nothing is there any more. Nothing comes of it without a store.
    pub(crate) fn set_disk_limit_bytes(&self, limit_bytes: u64) {
        if let Some(disk) = &self.disk {
            disk.set_limit_bytes(limit_bytes);
        }
    }

    /// Most bytes that may be on disk, and why nothing is kept there any more, if so. `None` without a store.
    pub(crate) fn disk_state(&self) -> Option<(u64, Option<SpillError>)> {
        self.disk.as_ref().map(|disk| (disk.limit_bytes(), disk.failure()))
    }

    /// What is kept of columns of a split, for query number `query`. Nothing when the split is not
    /// known, or was decoded from another place than `first_record`, where that is given.
    pub(crate) fn find(
        &self,
        key: SplitKey,
        columns: &[usize],
        first_record: Option<Option<u64>>,
        query: u64,
    ) -> Option<Found> {
        let kept = |column: &KeptColumn| Some(column.clone());
        let found = self.change(|content| content.find(key, columns, first_record, query, kept));
        let found = found.map(|(shape, columns)| {
            let stored = vec![None; columns.len()];
            Found { shape, columns, stored }
        });
        let Some(disk) = &self.disk else { return found };
        let first_record = found.as_ref().map(|found| found.shape.first_record).or(first_record);
        let on_disk = disk.find(key, columns, first_record, query);
        match (found, on_disk) {
            (Some(found), Some((_, stored))) => {
                let missing = found.columns.iter().map(Option::is_none);
                let stored =
                    stored.into_iter().zip(missing).map(|(stored, missing)| stored.filter(|_| missing));
                Some(Found { stored: stored.collect(), ..found })
            }
            (Some(found), None) => Some(found),
            (None, Some((shape, stored))) => {
                Some(Found { columns: vec![None; columns.len()], stored, shape })
            }
            (None, None) => None,
        }
    }

    /// Reads a column from disk; [`Self::restore`] makes something of its bytes. Nothing when that fails: the
    /// column is no longer kept then.
    pub(crate) async fn load(&self, stored: Stored) -> Option<Vec<u8>> {
        self.disk.as_ref()?.load(&stored).await
    }

    /// The column that was read from disk. It is kept in memory, too, if there is room without forgetting
    /// others.
    pub(crate) fn restore(
        &self,
        key: SplitKey,
        shape: &Arc<SplitShape>,
        number: usize,
        bytes: &[u8],
        query: u64,
    ) -> Option<KeptColumn> {
        let (values, bad) = self.disk.as_ref()?.decode(bytes)?;
        let column = KeptColumn::new(values, bad, query);
        self.change(|content| {
            if content.bytes() + column.bytes() <= self.room_bytes() {
                content.keep(key, shape, [(number, column.clone())]);
            }
        });
        Some(column)
    }

    /// Whether columns that query number `query` brings may still find room.
    pub(crate) fn wants(&self, query: u64) -> bool {
        self.has_room(query) || self.disk.as_ref().is_some_and(|disk| disk.wants(query))
    }

    /// Keeps columns of a split, as far as there is room in memory or on disk.
    pub(crate) fn keep(
        &self,
        key: SplitKey,
        shape: Arc<SplitShape>,
        columns: Vec<(usize, Vec<ArrayRef>, BadRecords)>,
        query: u64,
    ) {
        let columns: Vec<(usize, KeptColumn)> = columns
            .into_iter()
            .map(|(column, arrays, bad)| (column, KeptColumn::new(encoding::encode(&arrays), bad, query)))
            .collect();
        let bytes = columns.iter().map(|(_, column)| column.bytes()).sum::<u64>();
        let without_room = |number, column| Released { key, shape: Arc::clone(&shape), number, column };
        let released = self.change(|content| {
            let mut released = Vec::new();
            if self.has_room(query) {
                let excess = (content.bytes() + bytes).saturating_sub(self.room_bytes());
                if excess > 0 {
                    released = content.release(excess, Some(query));
                }
                if released.iter().map(|each| each.column.bytes()).sum::<u64>() >= excess {
                    content.keep(key, &shape, columns);
                    return released;
                }
                self.full_for.store(query, Ordering::Relaxed);
            }
            released.extend(columns.into_iter().map(|(number, column)| without_room(number, column)));
            released
        });
        let Some(disk) = &self.disk else { return };
        for Released { key, shape, number, column } in released {
            disk.keep(key, &shape, number, (&*column.values, &column.bad), column.used());
        }
    }

    /// Whether columns that query number `query` brings may still find room in memory.
    fn has_room(&self, query: u64) -> bool {
        self.limit_bytes > 0 && self.full_for.load(Ordering::Relaxed) != query
    }

    /// What may be in memory beside the state of queries.
    fn room_bytes(&self) -> u64 {
        self.limit_bytes.min(self.budget_bytes.saturating_sub(self.state_bytes())) as u64
    }

    /// Forgets all that is kept of a table.
    pub(crate) fn forget_table(&self, table: usize) {
        self.change(|content| content.forget(|key| key.0 == table));
        if let Some(disk) = &self.disk {
            disk.forget(|key| key.0 == table);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.change(|content| *content = Content::default());
        if let Some(disk) = &self.disk {
            disk.clear();
        }
    }

    /// What is kept, by table and column.
    pub(crate) fn shares(&self) -> Vec<ColumnShare> {
        type Share = (BTreeSet<usize>, u64, u64);
        let mut shares: BTreeMap<(usize, usize), Share> = BTreeMap::new();
        let entries = |content: &mut Content| -> Vec<_> {
            content.iter().map(|(key, number, column)| (key, number, column.bytes())).collect()
        };
        for ((table, split), column, bytes) in self.change(entries) {
            let (splits, in_memory, _) = shares.entry((table, column)).or_default();
            splits.insert(split);
            *in_memory += bytes;
        }
        for ((table, split), column, bytes) in self.disk.iter().flat_map(|disk| disk.entries()) {
            let (splits, _, on_disk) = shares.entry((table, column)).or_default();
            splits.insert(split);
            *on_disk += bytes;
        }
        let share = |((table, column), (splits, bytes, disk_bytes)): ((usize, usize), Share)| ColumnShare {
            table,
            column,
            splits: splits.len(),
            bytes,
            disk_bytes,
        };
        shares.into_iter().map(share).collect()
    }

    /// Bytes that are kept in memory.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.kept_bytes.load(Ordering::Relaxed)
    }

    fn state_bytes(&self) -> usize {
        self.state_bytes.load(Ordering::Relaxed)
    }

    /// Gives back at least `bytes`, if so much is kept: more of it than asked for, since state that
    /// grows asks again and again.
    fn release(&self, bytes: usize) {
        drop(self.change(|content| content.release((bytes as u64).max(content.bytes() / 8), None)));
    }

    fn change<T>(&self, change: impl FnOnce(&mut Content) -> T) -> T {
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = change(&mut content);
        self.kept_bytes.store(usize::try_from(content.bytes()).unwrap_or(usize::MAX), Ordering::Relaxed);
        outcome
    }
}

#[cfg(test)]
mod tests;
