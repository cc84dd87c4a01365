//! Keeps decoded columns between queries, so that a second query need not read the file again.
//!
//! Owns: the [`ColumnCache`], its encodings, and the [`BudgetPool`] by which it gives way to the state
//! of queries. Touches: Arrow, and DataFusion's memory pool. It knows tables and splits by number only.
//!
//! A column is kept split by split, as far as the memory reaches. What the running query brings never
//! pushes out what it brought itself, so that of a file larger than the memory a part stays, and the
//! next scan finds it; what earlier queries used goes first, least recently used first.

mod budget;
mod content;
mod encoding;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::ArrayRef;

pub(crate) use budget::BudgetPool;
use content::Content;
pub(crate) use content::{ColumnShare, Found, KeptColumn, SplitKey, SplitShape};
pub(crate) use encoding::Encoded;

use crate::format::BadRecords;

/// The decoded columns that are kept.
#[derive(Debug)]
pub(crate) struct ColumnCache {
    /// For state, results and the cache together.
    budget_bytes: usize,
    /// For the cache alone.
    limit_bytes: usize,
    /// What queries have reserved.
    state_bytes: AtomicUsize,
    /// What the cache holds: as in `content`, to be read without its lock.
    kept_bytes: AtomicUsize,
    /// Counts queries. A column remembers the last one that used it.
    query: AtomicU64,
    /// The query whose columns no longer find room.
    full_for: AtomicU64,
    content: Mutex<Content>,
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
        }
    }

    /// The number of a query that begins.
    pub(crate) fn begin_query(&self) -> u64 {
        self.query.fetch_add(1, Ordering::Relaxed)
    }

    /// Most bytes that it may hold.
    pub(crate) fn limit_bytes(&self) -> usize {
        self.limit_bytes
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
        self.change(|content| content.find(key, columns, first_record, query))
    }

    /// Whether columns that query number `query` brings may still find room.
    pub(crate) fn wants(&self, query: u64) -> bool {
        self.limit_bytes > 0 && self.full_for.load(Ordering::Relaxed) != query
    }

    /// Keeps columns of a split, as far as there is room.
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
        let bytes = columns.iter().map(|(_, column)| column.bytes()).sum::<usize>();
        self.change(|content| {
            let room = self.limit_bytes.min(self.budget_bytes.saturating_sub(self.state_bytes()));
            let excess = (content.bytes() + bytes).saturating_sub(room);
            if excess > 0 && content.release(excess, Some(query)) < excess {
                self.full_for.store(query, Ordering::Relaxed);
                return;
            }
            content.keep(key, shape, columns);
        });
    }

    /// Forgets all that is kept of a table.
    pub(crate) fn forget_table(&self, table: usize) {
        self.change(|content| content.forget_table(table));
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.change(|content| *content = Content::default());
    }

    /// What is kept, by table and column.
    pub(crate) fn shares(&self) -> Vec<ColumnShare> {
        self.change(|content| content.shares())
    }

    /// Bytes that are kept.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.kept_bytes.load(Ordering::Relaxed)
    }

    fn state_bytes(&self) -> usize {
        self.state_bytes.load(Ordering::Relaxed)
    }

    /// Gives back at least `bytes`, if so much is kept: more of it than asked for, since state that
    /// grows asks again and again.
    fn release(&self, bytes: usize) {
        self.change(|content| content.release(bytes.max(content.bytes() / 8), None));
    }

    fn change<T>(&self, change: impl FnOnce(&mut Content) -> T) -> T {
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = change(&mut content);
        self.kept_bytes.store(content.bytes(), Ordering::Relaxed);
        outcome
    }
}

#[cfg(test)]
mod tests;
