//! What is written, found again, and given up.

use std::ops::Range;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use arrow::array::AsArray;
use futures::executor::block_on;
use futures::future::{BoxFuture, FutureExt, ready};

use super::*;
use crate::cache::ColumnCache;
use crate::cache::tests::{COLUMN_BYTES, found, keep, shape};
use crate::pool::Pool;

/// A store in memory.
#[derive(Debug, Default)]
struct Store {
    bytes: Mutex<Vec<u8>>,
    is_broken: std::sync::atomic::AtomicBool,
}

impl Store {
    fn break_down(&self) {
        self.is_broken.store(true, Ordering::Relaxed);
    }

    fn answer<T>(&self, answer: T) -> Result<T, SpillError> {
        let broken = self.is_broken.load(Ordering::Relaxed);
        if broken { Err(SpillError::Failed { reason: "it is broken".to_owned() }) } else { Ok(answer) }
    }

    fn len(&self) -> usize {
        self.bytes.lock().expect("no panic").len()
    }
}

impl SpillStore for Store {
    fn write(&self, offset: u64, written: Vec<u8>) -> BoxFuture<'static, Result<(), SpillError>> {
        let mut bytes = self.bytes.lock().expect("no panic");
        let range = offset as usize..offset as usize + written.len();
        let len = bytes.len().max(range.end);
        bytes.resize(len, 0);
        bytes[range].copy_from_slice(&written);
        ready(self.answer(())).boxed()
    }

    fn read(&self, range: Range<u64>) -> BoxFuture<'static, Result<Vec<u8>, SpillError>> {
        let bytes = self.bytes.lock().expect("no panic");
        ready(self.answer(bytes[range.start as usize..range.end as usize].to_vec())).boxed()
    }

    fn clear(&self) {
        self.bytes.lock().expect("no panic").clear();
    }
}

/// A cache of so many columns in memory and on disk.
fn cache(in_memory: usize, on_disk: usize) -> (Arc<Store>, ColumnCache) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let executor = Executor::new(Pool::Own(Arc::new(pool)));
    let store = Arc::new(Store::default());
    let cache = ColumnCache::new(1 << 30, in_memory * COLUMN_BYTES);
    let shared: Arc<dyn SpillStore> = Arc::clone(&store) as _;
    (store, cache.with_disk(shared, &executor, (on_disk * (COLUMN_BYTES + 2_000)) as u64))
}

/// Waits until nothing is being written.
fn settle(cache: &ColumnCache) {
    let disk = cache.disk.as_ref().expect("a disk");
    for _ in 0..1000 {
        if disk.waiting_bytes.load(Ordering::Relaxed) == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("a write has not ended");
}

/// Where a column of a split is on disk.
fn stored(cache: &ColumnCache, split: usize, number: usize, query: u64) -> Option<Stored> {
    cache.find((0, split), &[number], None, query)?.stored.remove(0)
}

fn on_disk(cache: &ColumnCache, splits: Range<usize>, query: u64) -> Vec<usize> {
    splits.filter(|split| stored(cache, *split, 0, query).is_some()).collect()
}

#[test]
fn what_finds_no_room_in_memory_is_on_disk() {
    let (store, cache) = cache(3, 100);
    let query = cache.begin_query();
    for split in 0..10 {
        keep(&cache, split, 0, query);
    }
    assert!(cache.wants(query));
    settle(&cache);
    let in_memory = (0..10).filter(|split| found(&cache, *split, 0, query)).count();
    assert!((2..=3).contains(&in_memory) && cache.kept_bytes() <= cache.limit_bytes());
    assert_eq!(on_disk(&cache, 0..10, query).len(), 10 - in_memory);
    assert_eq!(cache.shares()[0].splits, 10);
    let there = stored(&cache, 9, 0, query).expect("the last one is on disk");
    let bytes = block_on(cache.load(there)).expect("it can be read");
    let column = cache.restore((0, 9), &shape(0), 0, &bytes, query).expect("what was written");
    let array = column.values.batch(0).expect("a batch");
    assert_eq!(array.as_string_view().value(0).len(), COLUMN_BYTES - 1000);
    // From another place nothing is found.
    assert!(cache.find((0, 9), &[0], Some(Some(5)), query).is_none());
    cache.clear();
    assert_eq!((cache.shares().len(), store.len()), (0, 0));
}

#[test]
fn what_leaves_memory_for_other_columns_goes_to_disk_and_comes_back_when_there_is_room() {
    let (_, cache) = cache(1, 100);
    let first = cache.begin_query();
    keep(&cache, 0, 0, first);
    let second = cache.begin_query();
    keep(&cache, 1, 0, second);
    settle(&cache);
    assert!(found(&cache, 1, 0, second) && !found(&cache, 0, 0, second));
    assert_eq!(on_disk(&cache, 0..2, second), [0]);
    cache.forget_table(1);
    assert_eq!(cache.shares().len(), 1);
    let there = stored(&cache, 0, 0, second).expect("it is on disk");
    let bytes = block_on(cache.load(there)).expect("it can be read");
    assert!(cache.restore((0, 0), &shape(0), 0, &bytes, second).is_some());
    assert!(!found(&cache, 0, 0, second), "nothing is pushed out for it");
    cache.change(|content| content.release(u64::MAX, None));
    assert!(cache.restore((0, 0), &shape(0), 0, &bytes, second).is_some());
    assert!(found(&cache, 0, 0, second));
}

#[test]
fn the_limit_is_kept_and_the_oldest_goes_first() {
    let (store, cache) = cache(0, 4);
    let first = cache.begin_query();
    for split in 0..10 {
        keep(&cache, split, 0, first);
        settle(&cache);
    }
    let kept = on_disk(&cache, 0..10, first);
    assert!(kept.starts_with(&[0, 1, 2]) && kept.len() <= 5, "{kept:?}");
    assert!(!cache.wants(first));
    let limit = cache.disk_state().expect("a disk").0 as usize;
    let second = cache.begin_query();
    assert!(cache.wants(second) && stored(&cache, 2, 0, second).is_some());
    for split in 10..12 {
        keep(&cache, split, 0, second);
        settle(&cache);
    }
    let kept = on_disk(&cache, 0..12, second);
    assert!(kept.ends_with(&[10, 11]) && kept.contains(&2), "{kept:?}");
    assert!(store.len() <= limit, "{} of {limit} bytes", store.len());
    // Whoever is about to read a column keeps it where it is.
    let there = stored(&cache, 2, 0, second).expect("it is on disk");
    cache.clear();
    assert!(store.len() > 0 && block_on(cache.load(there)).is_some());
    assert_eq!(store.len(), 0);
}

#[test]
fn what_is_forgotten_while_it_is_written_stays_forgotten() {
    let (store, cache) = cache(0, 100);
    let query = cache.begin_query();
    for split in 0..20 {
        keep(&cache, split, 0, query);
    }
    cache.forget_table(0);
    settle(&cache);
    assert!(on_disk(&cache, 0..20, query).is_empty() && cache.shares().is_empty());
    assert_eq!(store.len(), 0);
}

#[test]
fn the_first_failure_turns_it_off() {
    for reading in [false, true] {
        let (store, cache) = cache(0, 100);
        let query = cache.begin_query();
        keep(&cache, 0, 0, query);
        settle(&cache);
        let there = stored(&cache, 0, 0, query).expect("it is on disk");
        store.break_down();
        if reading {
            assert!(block_on(cache.load(there)).is_none());
        } else {
            drop(there);
            keep(&cache, 1, 0, query);
            settle(&cache);
        }
        let (limit, failure) = cache.disk_state().expect("a disk");
        assert!(limit == 0 && failure.is_some_and(|error| error.to_string().contains("it is broken")));
        assert!(!cache.wants(query) && cache.shares().is_empty() && store.len() == 0);
        cache.set_disk_limit_bytes(1 << 20);
        assert!(!cache.wants(query));
    }
}

#[test]
fn it_can_be_turned_off_and_on() {
    let (store, cache) = cache(0, 100);
    let query = cache.begin_query();
    keep(&cache, 0, 0, query);
    settle(&cache);
    cache.set_disk_limit_bytes(0);
    assert!(cache.shares().is_empty() && store.len() == 0 && !cache.wants(query));
    cache.set_disk_limit_bytes(1 << 20);
    keep(&cache, 0, 0, query);
    settle(&cache);
    assert_eq!(on_disk(&cache, 0..1, query), [0]);
}
