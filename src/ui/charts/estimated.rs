//! Series of a partial result as the whole input will give them.

use millrace_protocol::{SeriesGroup, SeriesPage};

/// A series with estimated final values, in the parts that are drawn apart.
#[derive(Clone, Debug, PartialEq)]
pub struct EstimatedGroup {
    /// The estimates; a hole where there is none.
    pub line: SeriesGroup,
    /// Values so far of the points without an estimate; a hole elsewhere.
    pub so_far: SeriesGroup,
    /// Position, lower and upper end of each interval, in turn; NaN where there is no estimate.
    pub intervals: Vec<f64>,
    /// For each point what the pointer is told: value, lower and upper end, in turn. The ends are NaN
    /// where the value is one so far.
    pub told: Vec<f64>,
}

/// The parts of a series whose column can be estimated.
pub fn estimated_group(group: &SeriesGroup) -> EstimatedGroup {
    let mut line = SeriesGroup { y: Vec::new(), estimates: Vec::new(), ..group.clone() };
    let mut so_far = line.clone();
    let (mut intervals, mut told) = (Vec::new(), Vec::new());
    for (index, (&x, &value)) in group.x.iter().zip(&group.y).enumerate() {
        let estimate = group.estimates.get(index).copied().flatten();
        let (low, high) = estimate.map_or((f64::NAN, f64::NAN), |estimate| (estimate.low, estimate.high));
        let shown = estimate.map(|estimate| estimate.value);
        line.y.push(shown);
        so_far.y.push(value.filter(|_| shown.is_none()));
        intervals.extend([x, low, high]);
        told.extend([shown.or(value).unwrap_or(f64::NAN), low, high]);
    }
    EstimatedGroup { line, so_far, intervals, told }
}

impl EstimatedGroup {
    /// All points in one series, as a stack needs them.
    pub fn joined(&self) -> SeriesGroup {
        let y = self.line.y.iter().zip(&self.so_far.y).map(|(estimate, so_far)| estimate.or(*so_far));
        SeriesGroup { y: y.collect(), ..self.line.clone() }
    }
}

/// How much of a chart is estimated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimated {
    /// Points with an estimate.
    pub points: usize,
    /// Points of the same columns that show what was read so far.
    pub so_far: usize,
    /// Series whose column cannot be estimated.
    pub series_so_far: usize,
}

/// Counts the points of all series.
pub fn estimated_of(page: &SeriesPage) -> Estimated {
    let mut counts = Estimated::default();
    for group in &page.groups {
        let points = group.y.iter().flatten().count();
        if group.estimates.is_empty() {
            counts.series_so_far += 1;
            continue;
        }
        let estimated = group.estimates.iter().flatten().count();
        counts.points += estimated;
        counts.so_far += points.saturating_sub(estimated);
    }
    counts
}

#[cfg(test)]
mod tests {
    use millrace_protocol::Estimate;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn points_without_an_estimate_stand_apart() {
        let group = SeriesGroup {
            name: "n".into(),
            x: vec![1.0, 2.0, 3.0],
            y: vec![Some(10.0), Some(4.0), None],
            estimates: vec![Some(Estimate { value: 100.0, low: 90.0, high: 110.0 }), None, None],
        };
        let parts = estimated_group(&group);
        assert_eq!(parts.line.y, [Some(100.0), None, None]);
        assert_eq!(parts.so_far.y, [None, Some(4.0), None]);
        assert_eq!(parts.joined().y, [Some(100.0), Some(4.0), None]);
        assert_eq!(parts.intervals[..3], [1.0, 90.0, 110.0]);
        assert!(parts.intervals[4].is_nan() && parts.intervals[5].is_nan());
        assert_eq!(parts.told[..4], [100.0, 90.0, 110.0, 4.0]);
        assert!(parts.told[4..].iter().filter(|value| !value.is_nan()).count() == 0);
    }
}
