//! Widths of columns and which of them are in view.

use std::ops::Range;

use millrace_protocol::ColumnInfo;

use super::{cell_text, page_cache::Row};
use crate::charts::ColumnClass;

/// Narrowest and widest column that the page chooses by itself.
const CHOSEN_PX: (f64, f64) = (72.0, 320.0);

/// Narrowest and widest column that a person can make.
const POSSIBLE_PX: (f64, f64) = (40.0, 2000.0);

/// Width of a digit in the widest of the usual system fonts (DejaVu Sans at 13 px), and of what stands around
/// the text.
const CHAR_PX: f64 = 8.4;
const AROUND_PX: f64 = 28.0;

/// Left edges of columns, one more than there are columns.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnLayout {
    edges_px: Vec<f64>,
}

impl ColumnLayout {
    /// Widths that fit the names and these rows.
    pub fn fitted(columns: &[ColumnInfo], rows: &[Row]) -> Self {
        let widths = columns.iter().enumerate().map(|(index, column)| {
            let class = ColumnClass::of(column);
            let cells = rows.iter().filter_map(|row| row.get(index));
            let longest_cell = cells.map(|cell| cell_text::shown(cell, class).text.chars().count()).max();
            // The name shares its line with the sign of the sort order.
            let name_px = column.name.chars().count() as f64 * CHAR_PX + 18.0;
            let cell_px = longest_cell.unwrap_or(8) as f64 * CHAR_PX;
            (name_px.max(cell_px) + AROUND_PX).clamp(CHOSEN_PX.0, CHOSEN_PX.1)
        });
        Self::of_widths(widths)
    }

    /// Width of all columns.
    pub fn total_px(&self) -> f64 {
        self.edges_px.last().copied().unwrap_or(0.0)
    }

    /// Left edge of a column.
    pub fn left_px(&self, column: usize) -> f64 {
        self.edges_px.get(column).copied().unwrap_or_else(|| self.total_px())
    }

    /// Width of a column.
    pub fn width_px(&self, column: usize) -> f64 {
        self.left_px(column + 1) - self.left_px(column)
    }

    /// Columns that are at least partly between `left_px` and `left_px + viewport_px`.
    pub fn in_view(&self, left_px: f64, viewport_px: f64) -> Range<usize> {
        let columns = self.edges_px.len().saturating_sub(1);
        let first = self.edges_px.partition_point(|&edge| edge <= left_px).saturating_sub(1);
        let end = self.edges_px.partition_point(|&edge| edge < left_px + viewport_px);
        first.min(columns)..end.min(columns)
    }

    /// Makes a column wide enough for a text of so many characters, within reason.
    pub fn make_room(&mut self, column: usize, chars: usize) {
        let needed_px = (chars as f64 * CHAR_PX + AROUND_PX).min(CHOSEN_PX.1);
        if self.width_px(column) < needed_px {
            self.set_width(column, needed_px);
        }
    }

    /// Makes columns at least as wide as they are in `other`.
    pub fn widen(&mut self, other: &Self) {
        let columns = 0..self.edges_px.len().saturating_sub(1);
        *self = Self::of_widths(columns.map(|column| self.width_px(column).max(other.width_px(column))));
    }

    /// Makes a column wider or narrower.
    pub fn set_width(&mut self, column: usize, width_px: f64) {
        let change_px = width_px.clamp(POSSIBLE_PX.0, POSSIBLE_PX.1) - self.width_px(column);
        for edge in self.edges_px.iter_mut().skip(column + 1) {
            *edge += change_px;
        }
    }

    fn of_widths(widths: impl Iterator<Item = f64>) -> Self {
        let mut edges_px = vec![0.0];
        let mut edge_px = 0.0;
        for width_px in widths {
            edge_px += width_px;
            edges_px.push(edge_px);
        }
        Self { edges_px }
    }
}

#[cfg(test)]
mod tests {
    use millrace_protocol::Cell;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn only_columns_in_view_are_drawn() {
        let layout = ColumnLayout::of_widths(std::iter::repeat_n(100.0, 10_000));
        assert_eq!(layout.total_px(), 1_000_000.0);
        assert_eq!(layout.in_view(0.0, 1000.0), 0..10);
        assert_eq!(layout.in_view(150.0, 1000.0), 1..12);
        assert_eq!(layout.in_view(999_500.0, 1000.0), 9995..10_000);
        assert_eq!(ColumnLayout::of_widths(std::iter::empty()).in_view(0.0, 1000.0), 0..0);
    }

    #[wasm_bindgen_test]
    fn a_wider_column_moves_the_ones_behind_it() {
        let mut layout = ColumnLayout::of_widths([100.0, 100.0, 100.0].into_iter());
        layout.set_width(1, 150.0);
        assert_eq!((layout.left_px(1), layout.left_px(2), layout.total_px()), (100.0, 250.0, 350.0));
        layout.set_width(0, 1.0);
        assert_eq!(layout.width_px(0), POSSIBLE_PX.0);
        layout.make_room(0, 20);
        let wide_px = layout.width_px(0);
        layout.make_room(0, 3);
        assert!(wide_px > 150.0 && layout.width_px(0) == wide_px);
        layout.widen(&ColumnLayout::of_widths([1.0, 200.0, 100.0].into_iter()));
        assert_eq!([0, 1, 2].map(|column| layout.width_px(column)), [wide_px, 200.0, 100.0]);
    }

    #[wasm_bindgen_test]
    fn widths_fit_names_and_values_within_reason() {
        let columns = [("n", "BIGINT"), ("text", "VARCHAR")]
            .map(|(name, t)| ColumnInfo { name: name.into(), type_name: t.into() });
        let row = Row::from(vec![Cell::Int(1), Cell::Text("x".repeat(1000))]);
        let layout = ColumnLayout::fitted(&columns, &[row]);
        assert_eq!((layout.width_px(0), layout.width_px(1)), (CHOSEN_PX.0, CHOSEN_PX.1));
    }
}
