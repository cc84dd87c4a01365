//! Which rows are in view, for tables far taller than a browser's tallest element.

/// Height of a row.
pub const ROW_HEIGHT_PX: f64 = 28.0;

/// Height given to all rows together. Firefox ends at about 17.9 million pixels, Chromium at 33.5.
const MAX_CONTENT_PX: f64 = 8_000_000.0;

/// Stretch at either end of a capped area in which the bar moves as far as the rows, so that no row
/// there is skipped.
const END_PX: f64 = 500_000.0;

/// Maps the scroll bar of a capped area to a position among all rows.
///
/// In a table that fits, one is the other. In a taller one small movements go as far as the finger or
/// wheel says, and large ones, which are drags of the scroll bar, go to the same share of the rows;
/// [`Self::resting_top_px`] then brings the bar back in step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VirtualScroll {
    rows: u64,
    /// Height in which rows are seen, without the header.
    viewport_px: f64,
    /// Distance of the view's top from the first row, were the area not capped.
    position_px: f64,
    /// Where the scroll bar was last seen.
    top_px: f64,
}

impl VirtualScroll {
    /// No rows, nothing scrolled.
    pub fn new() -> Self {
        Self { rows: 0, viewport_px: 0.0, position_px: 0.0, top_px: 0.0 }
    }

    /// Takes another number of rows or another height. The rows in view stay where they can.
    pub fn resize(&mut self, rows: u64, viewport_px: f64) {
        self.rows = rows;
        self.viewport_px = viewport_px.max(0.0);
        self.position_px = self.position_px.clamp(0.0, self.max_position_px());
    }

    /// Height of all rows as the browser sees it.
    pub fn content_px(&self) -> f64 {
        self.full_px().min(MAX_CONTENT_PX)
    }

    /// The browser says that the bar moved to `top_px`.
    pub fn scrolled(&mut self, top_px: f64) {
        let moved_px = top_px - self.top_px;
        self.top_px = top_px;
        let max_top_px = self.max_top_px();
        self.position_px = if !self.is_capped() {
            top_px
        } else if top_px <= 0.0 {
            0.0
        } else if top_px >= max_top_px - 0.5 {
            self.max_position_px()
        } else if moved_px.abs() <= self.viewport_px {
            self.position_px + moved_px
        } else {
            self.position_of(top_px)
        };
        self.position_px = self.position_px.clamp(0.0, self.max_position_px());
    }

    /// Brings a row into view, moving as little as needed. Returns where the bar belongs.
    pub fn reveal(&mut self, row: u64) -> f64 {
        let row_px = row.min(self.rows.saturating_sub(1)) as f64 * ROW_HEIGHT_PX;
        let lowest_px = row_px + ROW_HEIGHT_PX - self.viewport_px;
        self.position_px = self.position_px.min(row_px).max(lowest_px).clamp(0.0, self.max_position_px());
        self.top_px = self.top_of_position();
        self.top_px
    }

    /// Where the bar belongs once it rests; `None` when it is there.
    pub fn resting_top_px(&mut self) -> Option<f64> {
        let belongs_px = self.top_of_position();
        if (belongs_px - self.top_px).abs() < 1.0 {
            return None;
        }
        self.top_px = belongs_px;
        Some(belongs_px)
    }

    /// The first row in view.
    pub fn first_row(&self) -> u64 {
        (self.position_px / ROW_HEIGHT_PX) as u64
    }

    /// The row after the last one in view.
    pub fn end_row(&self) -> u64 {
        let end = ((self.position_px + self.viewport_px) / ROW_HEIGHT_PX).ceil() as u64;
        end.min(self.rows)
    }

    /// How far the first row in view is hidden above.
    pub fn hidden_px(&self) -> f64 {
        self.position_px - self.first_row() as f64 * ROW_HEIGHT_PX
    }

    /// Rows that fit whole, at least 1: how far a page key goes.
    pub fn page_rows(&self) -> u64 {
        ((self.viewport_px / ROW_HEIGHT_PX) as u64).max(1)
    }

    fn full_px(&self) -> f64 {
        self.rows as f64 * ROW_HEIGHT_PX
    }

    fn is_capped(&self) -> bool {
        self.full_px() > MAX_CONTENT_PX
    }

    fn max_position_px(&self) -> f64 {
        (self.full_px() - self.viewport_px).max(0.0)
    }

    fn max_top_px(&self) -> f64 {
        (self.content_px() - self.viewport_px).max(0.0)
    }

    /// Position to which the bar at `top_px` belongs.
    fn position_of(&self, top_px: f64) -> f64 {
        let (max_top_px, max_position_px) = (self.max_top_px(), self.max_position_px());
        if !self.is_capped() || top_px <= END_PX {
            top_px
        } else if max_top_px - top_px <= END_PX {
            max_position_px - (max_top_px - top_px)
        } else {
            let share = (top_px - END_PX) / (max_top_px - 2.0 * END_PX);
            END_PX + share * (max_position_px - 2.0 * END_PX)
        }
    }

    /// Where the bar belongs for the position: the inverse of [`Self::position_of`].
    fn top_of_position(&self) -> f64 {
        let (max_top_px, max_position_px) = (self.max_top_px(), self.max_position_px());
        if !self.is_capped() || self.position_px <= END_PX {
            self.position_px
        } else if max_position_px - self.position_px <= END_PX {
            max_top_px - (max_position_px - self.position_px)
        } else {
            let share = (self.position_px - END_PX) / (max_position_px - 2.0 * END_PX);
            END_PX + share * (max_top_px - 2.0 * END_PX)
        }
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn scroll(rows: u64) -> VirtualScroll {
        let mut scroll = VirtualScroll::new();
        scroll.resize(rows, 560.0);
        scroll
    }

    #[wasm_bindgen_test]
    fn a_table_that_fits_scrolls_by_itself() {
        let mut scroll = scroll(1000);
        assert_eq!(scroll.content_px(), 28_000.0);
        assert_eq!((scroll.first_row(), scroll.end_row()), (0, 20));
        scroll.scrolled(42.0);
        assert_eq!((scroll.first_row(), scroll.end_row(), scroll.hidden_px()), (1, 22, 14.0));
        scroll.scrolled(27_440.0);
        assert_eq!((scroll.first_row(), scroll.end_row()), (980, 1000));
        assert_eq!(scroll.resting_top_px(), None);
    }

    #[wasm_bindgen_test]
    fn no_rows_are_no_trouble() {
        let mut scroll = scroll(0);
        scroll.scrolled(0.0);
        assert_eq!((scroll.first_row(), scroll.end_row(), scroll.content_px()), (0, 0, 0.0));
        assert_eq!(scroll.reveal(5), 0.0);
    }

    #[wasm_bindgen_test]
    fn every_row_of_a_huge_table_can_be_reached() {
        let rows = 100_000_000;
        let mut scroll = scroll(rows);
        assert_eq!(scroll.content_px(), MAX_CONTENT_PX);
        scroll.scrolled(MAX_CONTENT_PX);
        assert_eq!(scroll.end_row(), rows);
        scroll.scrolled(0.0);
        assert_eq!(scroll.first_row(), 0);
        scroll.scrolled((MAX_CONTENT_PX - 560.0) / 2.0);
        let middle = scroll.first_row();
        assert!(middle.abs_diff(rows / 2) < 20, "{middle}");
        for step in 1..=100_u64 {
            scroll.scrolled((MAX_CONTENT_PX - 560.0) / 2.0 + step as f64 * 28.0);
            assert_eq!(scroll.first_row(), middle + step);
        }
        let bar = scroll.resting_top_px().expect("a bar out of step");
        let before = scroll.first_row();
        scroll.scrolled(bar);
        assert_eq!(scroll.first_row(), before);
    }

    #[wasm_bindgen_test]
    fn steps_do_not_skip_rows_near_the_ends() {
        let rows = 100_000_000;
        for start in [30_000, rows - 30_000] {
            let mut scroll = scroll(rows);
            let mut bar = scroll.reveal(start);
            let step_px = if start < rows / 2 { -280.0 } else { 280.0 };
            let mut expected = scroll.first_row();
            for step in 1..4000 {
                bar = (bar + step_px).clamp(0.0, MAX_CONTENT_PX - 560.0);
                scroll.scrolled(bar);
                // A person pauses now and then, and the bar is put where it belongs.
                if step % 50 == 0 {
                    bar = scroll.resting_top_px().unwrap_or(bar);
                }
                let first = scroll.first_row();
                assert!(expected.abs_diff(first) <= 11, "from {expected} to {first}");
                expected = first;
            }
            assert!(expected == 0 || expected == rows - 20, "{expected}");
        }
    }

    #[wasm_bindgen_test]
    fn a_row_is_revealed_with_the_least_movement() {
        let mut scroll = scroll(1000);
        assert_eq!(scroll.reveal(5), 0.0);
        assert_eq!(scroll.reveal(20), 28.0);
        assert_eq!(scroll.reveal(999), 27_440.0);
        assert_eq!(scroll.reveal(990), 27_440.0);
        assert_eq!(scroll.reveal(3), 84.0);
    }

    #[wasm_bindgen_test]
    fn fewer_rows_keep_the_view_inside() {
        let mut scroll = scroll(1000);
        scroll.reveal(999);
        scroll.resize(100, 560.0);
        assert_eq!((scroll.first_row(), scroll.end_row()), (80, 100));
    }
}
