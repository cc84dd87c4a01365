//! Pages of rows that have arrived, and which one to fetch next.

use std::{collections::HashMap, ops::Range, sync::Arc};

use millrace_protocol::{Cell, ColumnEstimates, Estimate};

/// Cells that a page should hold at most: what the page decodes well within a frame.
const PAGE_CELLS: usize = 4000;

/// Rows of a page unless they are very wide.
const PAGE_ROWS: u64 = 200;

/// Pages that are kept.
const CAPACITY_PAGES: usize = 32;

/// A row that has arrived.
pub type Row = Arc<[Cell]>;

/// What is known of the final value of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FinalValue {
    /// Its column is of no kind that can be estimated.
    Untold,
    /// Too little was read to tell.
    Unknown,
    /// It can be estimated.
    Estimated(Estimate),
}

/// Rows of one query in one order. Rows of an older result stay in view until newer ones arrive.
#[derive(Clone, Debug)]
pub struct PageCache {
    page_rows: u64,
    pages: HashMap<u64, Page>,
    /// Counts up when what is kept has become old.
    epoch: u64,
    /// Counts up with each use, to find the page that was not used for longest.
    clock: u64,
    in_flight: Option<u64>,
}

#[derive(Clone, Debug)]
struct Page {
    rows: Vec<Row>,
    estimates: Vec<ColumnEstimates>,
    epoch: u64,
    used: u64,
}

/// A page to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Number of the page.
    page: u64,
    epoch: u64,
    /// First row.
    pub offset: u64,
    /// How many rows.
    pub count: u32,
}

impl PageCache {
    /// Nothing of a result with that many columns.
    pub fn new(columns: usize) -> Self {
        let page_rows = (PAGE_CELLS / columns.max(1)).clamp(1, PAGE_ROWS as usize) as u64;
        Self { page_rows, pages: HashMap::new(), epoch: 0, clock: 0, in_flight: None }
    }

    /// What is kept has become old: a newer result is there, or another order is wanted.
    pub fn expire(&mut self) {
        self.epoch += 1;
    }

    /// The row, if it has arrived.
    pub fn row(&self, index: u64) -> Option<Row> {
        self.pages.get(&(index / self.page_rows))?.rows.get((index % self.page_rows) as usize).cloned()
    }

    /// What came with the row about the final value of its cell in a column.
    pub fn final_value(&self, index: u64, column: usize) -> FinalValue {
        let Some(page) = self.pages.get(&(index / self.page_rows)) else { return FinalValue::Untold };
        let of_column = page.estimates.iter().find(|estimates| estimates.column as usize == column);
        let Some(of_column) = of_column else { return FinalValue::Untold };
        let estimate = of_column.values.get((index % self.page_rows) as usize).copied().flatten();
        estimate.map_or(FinalValue::Unknown, FinalValue::Estimated)
    }

    /// The page to fetch next: one in view that is missing, then one in view that is old, then a
    /// neighbour. `None` while one is being fetched or nothing is missing.
    pub fn next_fetch(&mut self, view: Range<u64>, row_count: u64) -> Option<Fetch> {
        if self.in_flight.is_some() || row_count == 0 || view.is_empty() {
            return None;
        }
        let last_page = (row_count - 1) / self.page_rows;
        let first = (view.start / self.page_rows).min(last_page);
        let last = ((view.end - 1) / self.page_rows).min(last_page);
        self.clock += 1;
        for number in first..=last {
            if let Some(page) = self.pages.get_mut(&number) {
                page.used = self.clock;
            }
        }
        let missing = (first..=last).find(|number| !self.pages.contains_key(number));
        let old = || (first..=last).find(|number| self.is_old(*number));
        let beside = || {
            let neighbours = [(last < last_page).then_some(last + 1), first.checked_sub(1)];
            neighbours.into_iter().flatten().find(|number| self.is_old(*number))
        };
        let page = missing.or_else(old).or_else(beside)?;
        self.in_flight = Some(page);
        let offset = page * self.page_rows;
        let count = self.page_rows.min(row_count - offset) as u32;
        Some(Fetch { page, epoch: self.epoch, offset, count })
    }

    /// Rows have arrived, and what can be estimated of them.
    pub fn insert(&mut self, fetch: Fetch, rows: Vec<Vec<Cell>>, estimates: Vec<ColumnEstimates>) {
        self.in_flight = None;
        self.clock += 1;
        let rows = rows.into_iter().map(Row::from).collect();
        self.pages.insert(fetch.page, Page { rows, estimates, epoch: fetch.epoch, used: self.clock });
        while self.pages.len() > CAPACITY_PAGES {
            let oldest = self.pages.iter().min_by_key(|(_, page)| page.used).map(|(number, _)| *number);
            let Some(oldest) = oldest else { break };
            self.pages.remove(&oldest);
        }
    }

    /// The fetch failed; the page can be asked for again.
    pub fn failed(&mut self) {
        self.in_flight = None;
    }

    fn is_old(&self, number: u64) -> bool {
        self.pages.get(&number).is_none_or(|page| page.epoch != self.epoch)
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn rows(fetch: Fetch) -> Vec<Vec<Cell>> {
        let number = |row: u64| vec![Cell::Number(row as f64)];
        (fetch.offset..fetch.offset + u64::from(fetch.count)).map(number).collect()
    }

    fn fetched(cache: &mut PageCache, view: Range<u64>, row_count: u64) -> Option<u64> {
        let fetch = cache.next_fetch(view, row_count)?;
        cache.insert(fetch, rows(fetch), Vec::new());
        Some(fetch.offset)
    }

    #[wasm_bindgen_test]
    fn what_is_in_view_comes_first_then_what_is_beside() {
        let mut cache = PageCache::new(4);
        let offsets: Vec<u64> = std::iter::from_fn(|| fetched(&mut cache, 390..420, 10_000)).collect();
        assert_eq!(offsets, [200, 400, 600, 0]);
        assert_eq!(cache.row(405).as_deref(), Some([Cell::Number(405.0)].as_slice()));
        assert_eq!(cache.row(800), None);
    }

    #[wasm_bindgen_test]
    fn one_fetch_at_a_time() {
        let mut cache = PageCache::new(4);
        let fetch = cache.next_fetch(0..20, 100).expect("a page");
        assert_eq!((fetch.offset, fetch.count), (0, 100));
        assert_eq!(cache.next_fetch(0..20, 100), None);
        cache.failed();
        assert_eq!(cache.next_fetch(0..20, 100), Some(fetch));
    }

    #[wasm_bindgen_test]
    fn old_rows_stay_until_new_ones_arrive() {
        let mut cache = PageCache::new(4);
        fetched(&mut cache, 0..20, 50);
        cache.expire();
        assert!(cache.row(7).is_some());
        let fetch = cache.next_fetch(0..20, 50).expect("the old page again");
        // A result that arrives while the page is fetched makes it old at once.
        cache.expire();
        cache.insert(fetch, rows(fetch), Vec::new());
        assert_eq!(fetched(&mut cache, 0..20, 50), Some(0));
        assert_eq!(fetched(&mut cache, 0..20, 50), None);
    }

    #[wasm_bindgen_test]
    fn wide_rows_come_in_small_pages() {
        let mut cache = PageCache::new(10_000);
        assert_eq!(cache.next_fetch(0..20, 50).map(|fetch| fetch.count), Some(1));
        let mut cache = PageCache::new(100);
        assert_eq!(cache.next_fetch(0..20, 500).map(|fetch| fetch.count), Some(40));
    }

    #[wasm_bindgen_test]
    fn estimates_belong_to_their_rows_and_columns() {
        let mut cache = PageCache::new(2);
        let estimate = Estimate { value: 9.0, low: 8.0, high: 10.0 };
        while let Some(fetch) = cache.next_fetch(200..400, 400) {
            let values =
                (0..u64::from(fetch.count)).map(|row| (fetch.offset + row == 205).then_some(estimate));
            let estimates = vec![ColumnEstimates { column: 1, values: values.collect() }];
            cache.insert(fetch, rows(fetch), estimates);
        }
        assert_eq!(cache.final_value(205, 1), FinalValue::Estimated(estimate));
        assert_eq!(cache.final_value(206, 1), FinalValue::Unknown);
        assert_eq!(cache.final_value(205, 0), FinalValue::Untold);
        assert_eq!(cache.final_value(999, 1), FinalValue::Untold);
    }

    #[wasm_bindgen_test]
    fn pages_far_away_are_let_go() {
        let mut cache = PageCache::new(1);
        for page in 0..40 {
            let view = page * 200..page * 200 + 20;
            while fetched(&mut cache, view.clone(), 10_000).is_some() {}
        }
        assert!(cache.pages.len() <= CAPACITY_PAGES);
        assert!(cache.row(0).is_none());
        assert!(cache.row(39 * 200).is_some());
    }

    #[wasm_bindgen_test]
    fn a_result_that_shrank_asks_for_nothing_beyond_its_end() {
        let mut cache = PageCache::new(1);
        let fetch = cache.next_fetch(5000..5020, 150).expect("its last page");
        assert_eq!((fetch.offset, fetch.count), (0, 150));
        cache.failed();
        assert_eq!(cache.next_fetch(0..0, 150), None);
        assert_eq!(cache.next_fetch(0..20, 0), None);
    }
}
