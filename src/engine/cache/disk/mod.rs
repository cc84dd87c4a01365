//! The second tier of the cache: encoded columns that find no room in memory, in a store on disk.
//!
//! Owns: what is in the store ([`index`]), its space ([`space`]), and columns as bytes ([`block`]).
//! Touches: a [`SpillStore`] of its own, and the pool, on which somebody waits for writes. No query does:
//! a write that is under way when its query ends, in whichever way, goes on.
//!
//! The first request that fails turns the tier off as long as the engine lives: queries then read their
//! files as if nothing had been kept.

pub(super) mod block;
mod index;
mod space;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::error::ArrowError;

use super::{Encoded, SplitKey, SplitShape};
use crate::Error;
use crate::format::BadRecords;
use crate::pool::{Executor, Priority};
use crate::spill::{SpillError, SpillStore};
use index::{Index, Located};
pub(crate) use space::Extent;
use space::Space;

/// Bytes of columns that wait for being written. What comes while so many do is not kept, so that a slow
/// disk takes neither time nor more memory.
const MOST_WAITING_BYTES: usize = 32 << 20;

/// When space runs out, so much of the limit becomes free at once, since looking for the oldest takes time.
const RELEASED_SHARE: u64 = 32;

/// Where a column is on disk.
pub(crate) type Stored = Arc<Extent>;

#[derive(Debug)]
pub(super) struct Disk {
    space: Arc<Space>,
    executor: Executor,
    /// Most bytes of the store; nothing is kept when it is 0.
    limit_bytes: AtomicU64,
    waiting_bytes: AtomicUsize,
    /// The query whose columns no longer find room.
    full_for: AtomicU64,
    index: Mutex<Index>,
    /// Why it was turned off.
    failure: Mutex<Option<SpillError>>,
}

impl Disk {
    pub(super) fn new(store: Arc<dyn SpillStore>, executor: Executor, limit_bytes: u64) -> Arc<Self> {
        Arc::new(Self {
            space: Space::new(store),
            executor,
            limit_bytes: AtomicU64::new(limit_bytes),
            waiting_bytes: AtomicUsize::new(0),
            full_for: AtomicU64::new(0),
            index: Mutex::default(),
            failure: Mutex::default(),
        })
    }

    pub(super) fn limit_bytes(&self) -> u64 {
        self.limit_bytes.load(Ordering::Relaxed)
    }

    /// Takes another limit. With a lower one, all that is there goes.
    pub(super) fn set_limit_bytes(&self, limit_bytes: u64) {
        // Once it has failed it stays off.
        if self.failure().is_some() {
            return;
        }
        let before = self.limit_bytes.swap(limit_bytes, Ordering::Relaxed);
        self.full_for.store(0, Ordering::Relaxed);
        if limit_bytes < before {
            self.clear();
        }
    }

    /// Why nothing is kept any more, if so.
    pub(super) fn failure(&self) -> Option<SpillError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether columns that query number `query` brings may still find room.
    pub(super) fn wants(&self, query: u64) -> bool {
        self.limit_bytes() > 0 && self.full_for.load(Ordering::Relaxed) != query
    }

    pub(super) fn find(
        &self,
        key: SplitKey,
        columns: &[usize],
        first_record: Option<Option<u64>>,
        query: u64,
    ) -> Option<Located> {
        self.index(|index| index.find(key, columns, first_record, query))
    }

    /// Reads a column back. Nothing when that fails.
    pub(super) async fn load(&self, stored: &Stored) -> Option<Vec<u8>> {
        match self.space.store.read(stored.range.clone()).await {
            Ok(bytes) if bytes.len() as u64 == stored.bytes() => Some(bytes),
            Ok(bytes) => {
                let reason = format!("it gave {} bytes of {}", bytes.len(), stored.bytes());
                self.fail(SpillError::Failed { reason });
                None
            }
            Err(error) => {
                self.fail(error);
                None
            }
        }
    }

    /// The column of the bytes that were read. Nothing when they are not those that were written.
    pub(super) fn decode(&self, bytes: &[u8]) -> Option<(Arc<dyn Encoded>, BadRecords)> {
        let column = block::decode(bytes);
        if column.is_none() {
            self.fail(SpillError::Failed { reason: "it gave other bytes than were written".to_owned() });
        }
        column
    }

    /// Begins to write a column that query number `query` brought or used last, if there is room.
    pub(super) fn keep(
        self: &Arc<Self>,
        key: SplitKey,
        shape: &Arc<SplitShape>,
        column: usize,
        (values, bad): (&dyn Encoded, &BadRecords),
        query: u64,
    ) {
        if !self.wants(query) || self.index(|index| index.has(key, shape, column)) {
            return;
        }
        let Some(waiting) = Waiting::begin(self, values.bytes()) else { return };
        let bytes = match block::encode(values, bad) {
            Ok(bytes) => bytes,
            Err(error) => return self.fail(told(&error)),
        };
        let Some(extent) = self.make_room(bytes.len() as u64, query) else {
            self.full_for.fetch_max(query, Ordering::Relaxed);
            return;
        };
        let extent = Arc::new(extent);
        self.index(|index| index.begin(key, shape, column, Arc::clone(&extent), query));
        let write = self.space.store.write(extent.range.start, bytes);
        let disk = Arc::clone(self);
        let written = async move {
            match write.await {
                Ok(()) => disk.index(|index| index.written(key, column, &extent)),
                Err(error) => disk.fail(error),
            }
            drop((extent, waiting));
            Ok::<_, Error>(())
        };
        // Before the next split: what waits longer than it has to keeps other columns from being kept.
        self.executor.spawn(Priority::Urgent, written).detach();
    }

    /// Forgets splits.
    pub(super) fn forget(&self, which: impl Fn(SplitKey) -> bool) {
        self.index(|index| index.forget(which));
    }

    pub(super) fn clear(&self) {
        self.forget(|_| true);
    }

    /// Split, column and bytes of all that is there.
    pub(super) fn entries(&self) -> Vec<(SplitKey, usize, u64)> {
        self.index(|index| index.entries())
    }

    /// Space for so many bytes, made free by forgetting what earlier queries used.
    fn make_room(&self, bytes: u64, query: u64) -> Option<Extent> {
        let limit_bytes = self.limit_bytes();
        loop {
            if let Some(extent) = self.space.take(bytes, limit_bytes) {
                return Some(extent);
            }
            let wanted = bytes.max(limit_bytes / RELEASED_SHARE);
            if bytes > limit_bytes || !self.index(|index| index.release(wanted, query)) {
                return None;
            }
        }
    }

    /// Turns the tier off.
    fn fail(&self, error: SpillError) {
        self.limit_bytes.store(0, Ordering::Relaxed);
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.clear();
    }

    fn index<T>(&self, work: impl FnOnce(&mut Index) -> T) -> T {
        work(&mut self.index.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Bytes that wait for being written, until this is dropped.
struct Waiting {
    disk: Arc<Disk>,
    bytes: usize,
}

impl Waiting {
    /// Nothing when too many wait already.
    fn begin(disk: &Arc<Disk>, bytes: usize) -> Option<Self> {
        let waiting = Self { disk: Arc::clone(disk), bytes };
        let before = disk.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        (before + bytes <= MOST_WAITING_BYTES).then_some(waiting)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.disk.waiting_bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

fn told(error: &ArrowError) -> SpillError {
    SpillError::Failed { reason: error.to_string() }
}

#[cfg(test)]
mod tests;
