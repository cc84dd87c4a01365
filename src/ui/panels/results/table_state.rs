//! What the result table shows: rows in view, their order, the cells that arrived.

use std::ops::Range;

use leptos::{html, prelude::*};
use millrace_protocol::{ColumnInfo, CommandId, RowOrder};
use wasm_bindgen_futures::spawn_local;

use super::{
    column_layout::ColumnLayout,
    page_cache::{FinalValue, PageCache, Row},
    virtual_scroll::VirtualScroll,
};
use crate::{
    browser,
    charts::estimate_text,
    engine_client::EngineClient,
    state::{Estimating, QueryState},
};

/// Height of the row of names.
pub const HEADER_PX: f64 = 34.0;

/// How long the scroll bar must rest before it is put where it belongs.
const REST_MILLIS: i32 = 150;

/// First rows that widths of columns are fitted to.
const FITTED_ROWS: u64 = 50;

/// Columns whose values are looked at as they change; a result of more is no summary.
const WATCHED_COLUMNS: usize = 100;

/// The part of the table that can be seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// First row, counted from 0.
    pub first_row: u64,
    /// Number of rows.
    pub rows: u64,
    /// How far the first row is hidden above.
    pub hidden_px: f64,
    /// Columns.
    pub columns: Range<usize>,
    /// Height of the area, header included.
    pub height_px: f64,
}

/// State of the table. `Copy`.
#[derive(Clone, Copy)]
pub struct TableState {
    /// Columns of the result.
    pub columns: Memo<Vec<ColumnInfo>>,
    /// Rows of the newest result.
    pub row_count: Memo<u64>,
    /// Digits of the largest row number.
    digits: Memo<u32>,
    /// Sort order; the query's own when absent.
    pub order: RwSignal<Option<RowOrder>>,
    /// Widths of columns.
    pub layout: RwSignal<ColumnLayout>,
    /// The part that can be seen.
    pub view: RwSignal<View>,
    /// The cell that keys act on.
    pub active: RwSignal<(u64, usize)>,
    /// Why rows did not come.
    pub problem: RwSignal<Option<String>>,
    /// Whether rows in the wanted order are still awaited.
    pub sorting: RwSignal<bool>,
    /// The scrolling element.
    pub scroller: NodeRef<html::Div>,
    arrived: RwSignal<u32>,
    scroll: StoredValue<VirtualScroll>,
    cache: StoredValue<PageCache>,
    /// Counts scroll events, to see when they rest.
    moves: StoredValue<u32>,
    /// Whether the widths are a person's or fit rows that arrived.
    fitted: StoredValue<bool>,
    /// Whether a width is a person's.
    chosen: StoredValue<bool>,
    estimating: Estimating,
    query: QueryState,
    client: EngineClient,
}

/// Whose rows are being fetched.
type Key = (Option<CommandId>, Option<RowOrder>);

impl TableState {
    /// Follows the page's query.
    pub fn new() -> Self {
        let query: QueryState = expect_context();
        let columns = Memo::new(move |_| {
            query.result.with(|result| result.as_ref().map(|r| r.columns.clone()).unwrap_or_default())
        });
        let row_count =
            Memo::new(move |_| query.result.with(|result| result.as_ref().map_or(0, |r| r.row_count)));
        let state = Self {
            columns,
            row_count,
            digits: Memo::new(move |_| row_count.get().max(1).ilog10() + 1),
            order: query.order,
            layout: RwSignal::new(ColumnLayout::fitted(&[], &[])),
            view: RwSignal::new(View::default()),
            active: RwSignal::new((0, 0)),
            problem: RwSignal::new(None),
            sorting: RwSignal::new(false),
            scroller: NodeRef::new(),
            arrived: RwSignal::new(0),
            scroll: StoredValue::new(VirtualScroll::new()),
            cache: StoredValue::new(PageCache::new(0)),
            moves: StoredValue::new(0),
            fitted: StoredValue::new(false),
            chosen: StoredValue::new(false),
            estimating: expect_context(),
            query,
            client: expect_context(),
        };
        state.follow_columns();
        state.follow_results();
        state.follow_estimating();
        state
    }

    /// The row, if it has arrived. Follows arrivals.
    pub fn row(self, index: u64) -> Option<Row> {
        self.arrived.track();
        self.cache.with_value(|cache| cache.row(index))
    }

    /// What is known of a cell's final value, while estimates are on screen. Follows arrivals.
    pub fn final_value(self, row: u64, column: usize) -> Option<FinalValue> {
        self.arrived.track();
        let value = || self.cache.with_value(|cache| cache.final_value(row, column));
        self.estimating.shown.get().then(value)
    }

    /// Height of the header and all rows as the browser sees it. Follows the number of rows.
    pub fn content_px(self) -> f64 {
        self.row_count.track();
        HEADER_PX + self.scroll.with_value(VirtualScroll::content_px)
    }

    /// Width of the column of row numbers.
    pub fn gutter_px(self) -> f64 {
        let digits = self.digits.get();
        f64::from(digits.max(2)) * 7.2 + 22.0
    }

    /// Rows that a page key moves by.
    pub fn page_rows(self) -> u64 {
        self.scroll.with_value(VirtualScroll::page_rows)
    }

    /// The scroll bars moved.
    pub fn scrolled(self) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        let top_px = scroller.scroll_top();
        self.scroll.update_value(|scroll| scroll.scrolled(f64::from(top_px)));
        self.refresh();
        let moved = self.moves.get_value().wrapping_add(1);
        self.moves.set_value(moved);
        spawn_local(async move {
            browser::sleep(REST_MILLIS).await;
            if self.moves.try_get_value() == Some(moved) {
                self.rest();
            }
        });
    }

    /// The area has another size, or the table another number of rows.
    pub fn resized(self) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        let height_px = f64::from(scroller.client_height());
        let rows = self.row_count.get_untracked();
        self.scroll.update_value(|scroll| scroll.resize(rows, height_px - HEADER_PX));
        self.refresh();
    }

    /// Makes a cell the active one and brings it into view.
    pub fn activate(self, row: u64, column: usize) {
        let row = row.min(self.row_count.get_untracked().saturating_sub(1));
        let column = column.min(self.columns.with_untracked(Vec::len).saturating_sub(1));
        self.active.set((row, column));
        let Some(scroller) = self.scroller.get_untracked() else { return };
        let mut top_px = 0.0;
        self.scroll.update_value(|scroll| top_px = scroll.reveal(row));
        let gutter_px = untrack(|| self.gutter_px());
        let (left_px, width_px) =
            self.layout.with_untracked(|layout| (layout.left_px(column), layout.width_px(column)));
        let seen_px = f64::from(scroller.client_width()) - gutter_px;
        let from_px = f64::from(scroller.scroll_left());
        let to_px = from_px.max(left_px + width_px - seen_px).min(left_px);
        #[expect(clippy::cast_possible_truncation, reason = "scroll positions are below 2^31")]
        {
            scroller.set_scroll_top(top_px.round() as i32);
            scroller.set_scroll_left(to_px.round() as i32);
        }
        self.refresh();
    }

    /// Sorts by a column: ascending first, then descending, then as the query gives it.
    pub fn cycle_order(self, column: usize) {
        let Ok(column) = u32::try_from(column) else { return };
        let next = match self.order.get_untracked() {
            Some(order) if order.column == column && order.descending => None,
            Some(order) if order.column == column => Some(RowOrder { column, descending: true }),
            _ => Some(RowOrder { column, descending: false }),
        };
        self.order.set(next);
        self.sorting.set(true);
        self.cache.update_value(PageCache::expire);
        self.activate(0, self.active.get_untracked().1);
    }

    /// A click on a column's name: sorts, and gives the keys back to the table.
    pub fn sort_from_header(self, column: usize) {
        self.cycle_order(column);
        if let Some(scroller) = self.scroller.get_untracked() {
            // Without the focus keys go to the name, and only that is lost.
            let _ = scroller.focus();
        }
    }

    /// Gives a column a width.
    pub fn set_width(self, column: usize, width_px: f64) {
        self.fitted.set_value(true);
        self.chosen.set_value(true);
        self.layout.update(|layout| layout.set_width(column, width_px));
        self.refresh();
    }

    fn follow_columns(self) {
        Effect::new(move || {
            let columns = self.columns.get();
            self.fitted.set_value(false);
            self.chosen.set_value(false);
            self.layout.set(ColumnLayout::fitted(&columns, &[]));
        });
        // Every snapshot sets the id anew; only another query is news.
        let query_id = Memo::new(move |_| self.query.id.get());
        Effect::new(move || {
            query_id.track();
            let columns = self.columns.with(Vec::len);
            // Rows of another query are no stand-ins for this one's.
            self.cache.set_value(PageCache::new(columns));
            self.sorting.set(false);
            self.order.set(None);
            self.active.set((0, 0));
            // Touching the bar makes the browser lay out the page, which a table at its start can do without.
            let at_start = self.view.with_untracked(|view| view.first_row == 0 && view.hidden_px == 0.0);
            if !at_start && let Some(scroller) = self.scroller.get_untracked() {
                scroller.set_scroll_top(0);
                self.scrolled();
            }
        });
    }

    fn follow_results(self) {
        let result = self.query.result;
        Effect::new(move || {
            result.track();
            self.row_count.track();
            self.cache.update_value(PageCache::expire);
            self.resized();
        });
    }

    fn follow_estimating(self) {
        Effect::new(move || {
            if self.estimating.shown.get() {
                self.arrived.track();
                self.make_room_for_estimates();
            }
        });
    }

    /// Widens columns for the estimates of the first rows. They are never made narrower again, so that
    /// columns hold still, and widths that a person chose stay.
    fn make_room_for_estimates(self) {
        if self.chosen.get_value() {
            return;
        }
        let columns = self.columns.with_untracked(Vec::len);
        let widths: Vec<(usize, usize)> = self.cache.with_value(|cache| {
            let width = |column| {
                let cells = (0..FITTED_ROWS).filter_map(|row| match cache.final_value(row, column) {
                    FinalValue::Estimated(estimate) => Some(estimate_text(&estimate).chars().count()),
                    FinalValue::Unknown | FinalValue::Untold => None,
                });
                cells.max()
            };
            (0..columns.min(WATCHED_COLUMNS)).filter_map(|column| Some((column, width(column)?))).collect()
        });
        let mut layout = self.layout.get_untracked();
        for (column, chars) in widths {
            layout.make_room(column, chars);
        }
        if self.layout.with_untracked(|old| *old != layout) {
            self.layout.set(layout);
            self.refresh();
        }
    }

    fn rest(self) {
        let mut top_px = None;
        self.scroll.update_value(|scroll| top_px = scroll.resting_top_px());
        if let (Some(top_px), Some(scroller)) = (top_px, self.scroller.get_untracked()) {
            #[expect(clippy::cast_possible_truncation, reason = "scroll positions are below 2^31")]
            scroller.set_scroll_top(top_px.round() as i32);
        }
    }

    fn refresh(self) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        let gutter_px = untrack(|| self.gutter_px());
        let left_px = f64::from(scroller.scroll_left());
        let width_px = f64::from(scroller.client_width());
        let columns = self.layout.with_untracked(|layout| layout.in_view(left_px, width_px - gutter_px));
        let view = self.scroll.with_value(|scroll| View {
            first_row: scroll.first_row(),
            rows: scroll.end_row().saturating_sub(scroll.first_row()),
            hidden_px: scroll.hidden_px(),
            columns,
            height_px: f64::from(scroller.client_height()),
        });
        if self.view.with_untracked(|old| *old != view) {
            self.view.set(view);
        }
        self.fetch();
    }

    fn key(self) -> Option<Key> {
        Some((self.query.id.try_get_untracked()?, self.order.try_get_untracked()?))
    }

    /// Fetches pages until the ones in view and beside it are new.
    fn fetch(self) {
        let Some((Some(query), order)) = self.key() else { return };
        let (view, rows) = (self.view.get_untracked(), self.row_count.get_untracked());
        let mut fetch = None;
        self.cache.update_value(|cache| {
            fetch = cache.next_fetch(view.first_row..view.first_row + view.rows, rows);
        });
        let Some(fetch) = fetch else { return };
        spawn_local(async move {
            let answer = self.client.rows(query, order.clone(), fetch.offset, fetch.count).await;
            let Some(now) = self.key() else { return };
            if now.0 != Some(query) {
                return;
            }
            match answer {
                Ok(page) => {
                    self.estimating.rows_arrived(query, &page);
                    self.cache.update_value(|cache| cache.insert(fetch, page.rows, page.estimates));
                    if now.1 == order {
                        self.sorting.set(false);
                    }
                    self.problem.set(None);
                    self.fit();
                    self.arrived.update(|arrived| *arrived = arrived.wrapping_add(1));
                    self.fetch();
                }
                Err(error) => {
                    self.cache.update_value(PageCache::failed);
                    self.sorting.set(false);
                    self.problem.set(Some(error.message));
                }
            }
        });
    }

    /// Fits widths to the first rows, and later widens columns whose values have grown. They are never made
    /// narrower again, so that columns hold still, and widths that a person chose stay.
    fn fit(self) {
        let fitted_before = self.fitted.get_value();
        let columns = self.columns.with_untracked(Vec::len);
        if self.chosen.get_value() || (fitted_before && columns > WATCHED_COLUMNS) {
            return;
        }
        let rows: Vec<Row> =
            self.cache.with_value(|cache| (0..FITTED_ROWS).filter_map(|index| cache.row(index)).collect());
        if rows.is_empty() {
            return;
        }
        let mut layout = self.columns.with_untracked(|columns| ColumnLayout::fitted(columns, &rows));
        if fitted_before {
            self.layout.with_untracked(|before| layout.widen(before));
        }
        self.fitted.set_value(true);
        if self.layout.with_untracked(|before| *before != layout) {
            self.layout.set(layout);
            self.refresh();
        }
    }
}
