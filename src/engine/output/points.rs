//! The points of one series, thinned out while they are collected.

use std::collections::BTreeMap;

use millrace_protocol::{ColumnEstimates, SeriesGroup};

/// A point: position, value, row of the result.
pub(super) type Point = (f64, Option<f64>, u64);

/// Which points of a series are kept.
#[derive(Clone, Copy, Debug)]
pub(super) enum Keep {
    /// All; there are few enough.
    All,
    /// The first ones.
    First,
    /// Of each of as many intervals of equal length as the limit allows, the points with the least
    /// and the greatest value. Points without a value are dropped.
    Extremes {
        /// Least position of the series.
        x_min: f64,
        /// Greatest position of the series.
        x_max: f64,
    },
}

/// Collects the points of one series.
#[derive(Debug)]
pub(super) struct Points {
    keep: Keep,
    max_points: usize,
    points: Vec<Point>,
    /// Least and greatest point by interval, with [`Keep::Extremes`].
    intervals: BTreeMap<u32, (Point, Point)>,
}

impl Default for Points {
    fn default() -> Self {
        Self::new(Keep::All, 0)
    }
}

impl Points {
    pub(super) fn new(keep: Keep, max_points: usize) -> Self {
        Self { keep, max_points, points: Vec::new(), intervals: BTreeMap::new() }
    }

    /// Whether every row has its point.
    pub(super) fn has_all(&self) -> bool {
        matches!(self.keep, Keep::All)
    }

    /// Whether a further row could be drawn.
    pub(super) fn wants(&self) -> bool {
        !matches!(self.keep, Keep::First) || self.points.len() < self.max_points
    }

    pub(super) fn push(&mut self, point: Point) {
        match self.keep {
            Keep::All => self.points.push(point),
            Keep::First if self.wants() => self.points.push(point),
            Keep::First => {}
            Keep::Extremes { x_min, x_max } => self.push_extreme(point, x_min, x_max),
        }
    }

    /// Rows of the points.
    pub(super) fn rows(&self) -> impl Iterator<Item = u64> {
        self.kept().into_iter().map(|(_, _, row)| row)
    }

    /// The points by rising position, those of one position in the order of the rows, with what is
    /// estimated of their rows.
    pub(super) fn into_group(self, name: String, estimates: Option<&ColumnEstimates>) -> SeriesGroup {
        let mut points = self.kept();
        points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
        let of_row = |row: u64| estimates.and_then(|estimates| *estimates.values.get(row as usize)?);
        let estimates = match estimates {
            Some(_) => points.iter().map(|(_, _, row)| of_row(*row)).collect(),
            None => Vec::new(),
        };
        let (x, y) = points.into_iter().map(|(x, y, _)| (x, y)).unzip();
        SeriesGroup { name, x, y, estimates }
    }

    fn push_extreme(&mut self, point: Point, x_min: f64, x_max: f64) {
        let (x, Some(y), _) = point else { return };
        let count = (self.max_points / 2).max(1) as u32;
        let length = (x_max - x_min) / f64::from(count);
        // The cast saturates, which is right for the last point and for an extent of zero.
        let interval = (((x - x_min) / length) as u32).min(count - 1);
        let (least, greatest) = self.intervals.entry(interval).or_insert((point, point));
        if least.1.is_some_and(|least| y < least) {
            *least = point;
        }
        if greatest.1.is_some_and(|greatest| y > greatest) {
            *greatest = point;
        }
    }

    fn kept(&self) -> Vec<Point> {
        let mut points = self.points.clone();
        for &(least, greatest) in self.intervals.values() {
            points.push(least);
            if greatest.2 != least.2 {
                points.push(greatest);
            }
        }
        points
    }
}
