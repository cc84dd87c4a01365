//! Values counted by the cells of a grid that becomes coarser as the values spread.
//!
//! The level of the grid follows from the smallest and the largest value, not from their order, and
//! a count is never divided. So cells that were merged in any way are the same cells.

use std::collections::BTreeMap;

use datafusion::error::Result;

use super::bytes::{Saved, push_count, push_signed};
use super::grid::{Grid, Levels};

/// Cells that the values may span for each bin: enough that bins of a round width can be made of them.
const CELLS_FOR_EACH_BIN: i64 = 100;

/// Counts by cell.
#[derive(Debug, Default)]
pub(super) struct Cells {
    level: i32,
    counts: BTreeMap<i64, u64>,
    /// The smallest and the largest of the finite numbers with a fraction.
    range: Option<(f64, f64)>,
    /// Of -∞, ∞ and NaN, which are in no cell.
    apart: [u64; 3],
}

impl Cells {
    pub(super) fn heap_bytes(&self) -> usize {
        // Nodes of a B-tree are two thirds full, as a rule.
        self.counts.len() * size_of::<(i64, u64)>() * 3 / 2
    }

    pub(super) fn save(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32 + self.counts.len() * 6);
        push_signed(&mut out, self.level.into());
        self.apart.iter().for_each(|count| push_count(&mut out, *count));
        push_count(&mut out, u64::from(self.range.is_some()));
        if let Some((min, max)) = self.range {
            out.extend_from_slice(&min.to_le_bytes());
            out.extend_from_slice(&max.to_le_bytes());
        }
        for (index, count) in &self.counts {
            push_signed(&mut out, *index);
            push_count(&mut out, *count);
        }
        out
    }

    /// The first cell with a value and the last.
    fn ends(&self) -> Option<(i64, i64)> {
        Some((*self.counts.first_key_value()?.0, *self.counts.last_key_value()?.0))
    }

    fn widen(&mut self, min: f64, max: f64) {
        let (old_min, old_max) = self.range.unwrap_or((min, max));
        self.range = Some((old_min.min(min), old_max.max(max)));
    }
}

/// A bin: where it begins, where the next one begins, and how many values it has.
pub(super) type Bin<Edge> = (Edge, Edge, u64);

/// How values are counted, and how many bins are wanted.
#[derive(Debug)]
pub(super) struct Binning {
    pub(super) bins: i64,
    pub(super) grid: Grid,
}

impl Binning {
    pub(super) fn empty(&self) -> Cells {
        Cells { level: self.grid.first_level(), ..Cells::default() }
    }

    /// Counts a number with a fraction.
    pub(super) fn add_fraction(&self, cells: &mut Cells, value: f64) {
        let Levels::Fractions(decimals) = &self.grid.levels else { return };
        if !value.is_finite() {
            let place = if value.is_nan() { 2 } else { usize::from(value > 0.0) };
            cells.apart[place] += 1;
            return;
        }
        cells.widen(value, value);
        self.make_coarser(cells, decimals.finest_level(value));
        let index = decimals.index(value, cells.level);
        self.count(cells, index, 1);
    }

    /// Counts a whole number.
    pub(super) fn add_whole(&self, cells: &mut Cells, value: i64) {
        let Levels::Whole(widths) = &self.grid.levels else { return };
        let index = value.div_euclid(widths[cells.level as usize]);
        self.count(cells, index, 1);
    }

    /// Adds what [`Cells::save`] gave.
    ///
    /// # Errors
    /// When the bytes are damaged.
    pub(super) fn merge(&self, cells: &mut Cells, saved: &[u8]) -> Result<()> {
        let mut saved = Saved(saved);
        let level = saved.signed()? as i32;
        for count in &mut cells.apart {
            *count += saved.count()?;
        }
        if saved.count()? > 0 {
            cells.widen(f64::from_le_bytes(saved.array()?), f64::from_le_bytes(saved.array()?));
        }
        self.make_coarser(cells, level);
        while !saved.is_empty() {
            let (index, count) = (saved.signed()?, saved.count()?);
            self.count(cells, self.grid.coarser(index, level, cells.level), count);
        }
        Ok(())
    }

    /// Counts values of a cell, and makes the grid coarser if the cells then span too much.
    fn count(&self, cells: &mut Cells, index: i64, times: u64) {
        if let Some(count) = cells.counts.get_mut(&index) {
            *count += times;
            return;
        }
        cells.counts.insert(index, times);
        let Some((first, last)) = cells.ends() else { return };
        let max_span = i128::from(self.bins * CELLS_FOR_EACH_BIN);
        let span = |level| {
            let cell = |index| i128::from(self.grid.coarser(index, cells.level, level));
            cell(last) - cell(first) + 1
        };
        let level = (cells.level..self.grid.last_level()).find(|level| span(*level) <= max_span);
        self.make_coarser(cells, level.unwrap_or(self.grid.last_level()));
    }

    fn make_coarser(&self, cells: &mut Cells, level: i32) {
        if level <= cells.level {
            return;
        }
        for (index, count) in std::mem::take(&mut cells.counts) {
            *cells.counts.entry(self.grid.coarser(index, cells.level, level)).or_insert(0) += count;
        }
        cells.level = level;
    }

    /// Bins of numbers with a fraction. Infinite ones have bins of their own before and behind the
    /// others, NaN a last one; a single value has a bin without a width.
    pub(super) fn fractions(&self, cells: &Cells) -> Vec<Bin<f64>> {
        let Levels::Fractions(decimals) = &self.grid.levels else { return Vec::new() };
        let [negative, positive, nan] = cells.apart;
        let mut bins = vec![(f64::NEG_INFINITY, f64::NEG_INFINITY, negative)];
        bins.extend(self.in_cells(cells).map(|(low, high, count)| match cells.range {
            Some((min, max)) if min == max => (min, max, count),
            _ => (decimals.edge(low, cells.level), decimals.edge(high, cells.level), count),
        }));
        bins.extend([(f64::INFINITY, f64::INFINITY, positive), (f64::NAN, f64::NAN, nan)]);
        bins.retain(|(low, high, count)| *count > 0 || low < high && low.is_finite());
        bins
    }

    /// Bins of whole numbers.
    pub(super) fn whole(&self, cells: &Cells) -> Vec<Bin<i64>> {
        let Levels::Whole(widths) = &self.grid.levels else { return Vec::new() };
        let edge = |index: i64| index.saturating_mul(widths[cells.level as usize]);
        self.in_cells(cells).map(|(low, high, count)| (edge(low), edge(high), count)).collect()
    }

    /// Bins of the narrowest round width of which no more than wanted are needed, from the first value
    /// to the last, with edges in cells. Each begins at a multiple of the width. Those without values
    /// are among them.
    fn in_cells(&self, cells: &Cells) -> impl Iterator<Item = Bin<i64>> {
        let ends = cells.ends();
        ends.into_iter().flat_map(move |(first, last)| {
            let is_enough = |width: &i64| last.div_euclid(*width) - first.div_euclid(*width) < self.bins;
            // Two bins of this width have room for all whole numbers.
            let width = self.grid.round_bins(cells.level).find(is_enough).unwrap_or(i64::MAX);
            (first.div_euclid(width)..=last.div_euclid(width)).map(move |bin| {
                let (low, high) = (bin.saturating_mul(width), (bin + 1).saturating_mul(width));
                let count = cells.counts.range(low..high).map(|(_, count)| count).sum();
                (low, high, count)
            })
        })
    }
}
