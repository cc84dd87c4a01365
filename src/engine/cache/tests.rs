//! What is kept, found, and given up.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewArray};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool};

use super::{BudgetPool, ColumnCache, SplitShape};
use crate::format::BadRecords;

pub(super) const COLUMN_BYTES: usize = 20_000;

pub(super) fn shape(first_record: u64) -> Arc<SplitShape> {
    Arc::new(SplitShape {
        first_record: Some(first_record),
        next_record: Some(first_record + 1),
        lines: 1,
        batch_rows: vec![1],
        bad_shapes: BadRecords::default(),
    })
}

/// A column of one text of about [`COLUMN_BYTES`].
fn column() -> (Vec<ArrayRef>, BadRecords) {
    let text = "x".repeat(COLUMN_BYTES - 1000);
    (vec![Arc::new(StringViewArray::from(vec![text.as_str()]))], BadRecords::default())
}

pub(super) fn keep(cache: &ColumnCache, split: usize, number: usize, query: u64) {
    let (arrays, bad) = column();
    cache.keep((0, split), shape(0), vec![(number, arrays, bad)], query);
}

pub(super) fn found(cache: &ColumnCache, split: usize, number: usize, query: u64) -> bool {
    let found = cache.find((0, split), &[number], None, query);
    found.is_some_and(|found| found.columns.iter().all(Option::is_some))
}

#[test]
fn a_scan_does_not_push_out_its_own_columns() {
    let cache = ColumnCache::new(1 << 30, 10 * COLUMN_BYTES);
    let query = cache.begin_query();
    for split in 0..30 {
        keep(&cache, split, 0, query);
    }
    let kept = (0..30).filter(|split| found(&cache, *split, 0, query)).count();
    assert!((5..=10).contains(&kept), "{kept}");
    assert!(found(&cache, 0, 0, query) && !cache.wants(query));
    assert!(cache.kept_bytes() <= cache.limit_bytes());
}

#[test]
fn what_was_not_used_for_the_longest_time_goes_first() {
    let cache = ColumnCache::new(1 << 30, 3 * COLUMN_BYTES);
    let first = cache.begin_query();
    keep(&cache, 0, 0, first);
    keep(&cache, 0, 1, first);
    let second = cache.begin_query();
    assert!(found(&cache, 0, 0, second));
    let third = cache.begin_query();
    assert!(cache.wants(third));
    keep(&cache, 0, 2, third);
    keep(&cache, 0, 3, third);
    assert!(!found(&cache, 0, 1, third), "not used since the first query");
    assert!(found(&cache, 0, 2, third) && found(&cache, 0, 3, third));
}

#[test]
fn kept_columns_give_way_to_queries() {
    let cache = Arc::new(ColumnCache::new(10 * COLUMN_BYTES, 8 * COLUMN_BYTES));
    let query = cache.begin_query();
    for split in 0..6 {
        keep(&cache, split, 0, query);
    }
    let before = cache.kept_bytes();
    let pool: Arc<dyn MemoryPool> = Arc::new(BudgetPool(Arc::clone(&cache)));
    let state = MemoryConsumer::new("state").register(&pool);
    state.try_grow(19 * COLUMN_BYTES / 2).expect("the cache gives way");
    assert!(before > 5 * COLUMN_BYTES && cache.kept_bytes() <= COLUMN_BYTES);
    let error = state.try_grow(2 * COLUMN_BYTES).expect_err("more than the budget");
    assert!(error.to_string().contains("state"), "{error}");
    keep(&cache, 7, 0, query);
    assert!(!found(&cache, 7, 0, query), "there is no room beside the state");
    drop(state);
    let next = cache.begin_query();
    keep(&cache, 7, 0, next);
    assert!(found(&cache, 7, 0, next));
}

#[test]
fn columns_decoded_from_another_place_are_not_taken() {
    let cache = ColumnCache::new(1 << 30, 1 << 30);
    let query = cache.begin_query();
    keep(&cache, 0, 0, query);
    let at = |first_record| cache.find((0, 0), &[0], Some(first_record), query).is_some();
    assert!(at(Some(0)) && !at(Some(7)) && !at(None));
    let (arrays, bad) = column();
    cache.keep((0, 0), shape(7), vec![(1, arrays, bad)], query);
    assert!(!found(&cache, 0, 0, query) && found(&cache, 0, 1, query));
    assert_eq!(cache.shares().len(), 1);
    cache.forget_table(0);
    assert_eq!((cache.kept_bytes(), cache.shares().len()), (0, 0));
}
