//! The series of a chart's option, with their points.

use millrace_protocol::SeriesGroup;
use serde_json::{Value, json};

use super::{
    ChartKind, Palette, SeriesStyle,
    estimated::{EstimatedGroup, estimated_group},
};

/// Series as the option lists them, each with its points.
#[derive(Default)]
pub struct Series {
    /// The options of the series.
    pub options: Vec<Value>,
    /// For each its points.
    pub data: Vec<Vec<f64>>,
    /// For each what the pointer is told of an estimate: value, lower and upper end, in turn. Empty where
    /// the points speak for themselves.
    pub told: Vec<Vec<f64>>,
    /// For each the group that it shows.
    pub of_group: Vec<usize>,
}

/// What all series of a chart have in common.
pub struct Common<'a> {
    /// How they are drawn.
    pub kind: &'static ChartKind,
    /// In which colours.
    pub palette: &'a Palette,
    /// Whether they stand on top of each other.
    pub stacked: bool,
    /// Whether the axes are logarithmic, on which there is nothing at zero and below.
    pub is_log: (bool, bool),
    /// For each group the sizes of its points, or nothing.
    pub sizes: &'a [Vec<Option<f64>>],
}

/// Area of the largest point, as a share of a square of this many pixels; others are smaller by their values.
const LARGEST_POINT_PX: f64 = 28.0;

/// The series of values as they were read.
pub fn plain(groups: &[SeriesGroup], common: &Common<'_>) -> Series {
    let mut series = Series::default();
    for (index, group) in groups.iter().enumerate() {
        let mut option = common.option(groups, index, false);
        let sizes = common.sizes.get(index).filter(|sizes| !sizes.is_empty());
        let data = match sizes {
            Some(sizes) => {
                let largest = common.sizes.iter().flatten().flatten().copied().fold(0.0, f64::max);
                option["dimensions"] = json!(["x", "y", "size"]);
                option["large"] = json!(false);
                option["largestSize"] = json!(largest);
                option["largestPx"] = json!(LARGEST_POINT_PX);
                let points = common.points(group);
                points.chunks(2).zip(sizes).flat_map(|(p, s)| [p[0], p[1], s.unwrap_or(0.0)]).collect()
            }
            None => common.points(group),
        };
        series.push(index, option, data, Vec::new());
    }
    series
}

/// The series of estimated final values. Values that are not estimated stand apart, and intervals lie
/// around the others; in a stack neither has a place, and only the pointer is told. A series whose column
/// cannot be estimated is drawn as it was read.
pub fn estimated(groups: &[SeriesGroup], common: &Common<'_>) -> Series {
    let parts: Vec<EstimatedGroup> = groups.iter().map(estimated_group).collect();
    let mut series = Series::default();
    for (index, part) in parts.iter().enumerate() {
        let mut option = common.option(groups, index, false);
        if groups[index].estimates.is_empty() {
            series.push(index, option, common.points(&groups[index]), Vec::new());
        } else if common.stacked {
            series.push(index, option, common.points(&part.joined()), part.told.clone());
        } else {
            // Bars of one stack share a place, so the ones apart stand where the others are missing.
            option["stack"] = common.own_stack(index);
            series.push(index, option, common.points(&part.line), part.told.clone());
        }
    }
    if common.stacked {
        return series;
    }
    for (index, part) in parts.iter().enumerate() {
        if groups[index].estimates.is_empty() {
            continue;
        }
        if part.line.y.iter().any(Option::is_some) {
            series.push(index, common.interval(groups, index), part.intervals.clone(), Vec::new());
        }
        if part.so_far.y.iter().any(Option::is_some) {
            let mut option = common.option(groups, index, true);
            option["id"] = json!(format!("so far {index}"));
            option["stack"] = common.own_stack(index);
            option["tooltip"] = json!({ "show": false });
            series.push(index, option, common.points(&part.so_far), Vec::new());
        }
    }
    series
}

impl Series {
    fn push(&mut self, group: usize, option: Value, data: Vec<f64>, told: Vec<f64>) {
        self.of_group.push(group);
        self.options.push(option);
        self.data.push(data);
        self.told.push(told);
    }
}

impl Common<'_> {
    /// Positions and values in turn; NaN where there is no value or no place for it.
    fn points(&self, group: &SeriesGroup) -> Vec<f64> {
        let shown = |value: f64, is_log: bool| if is_log && value <= 0.0 { f64::NAN } else { value };
        let points = group.x.iter().zip(&group.y);
        points
            .flat_map(|(&x, y)| [shown(x, self.is_log.0), shown(y.unwrap_or(f64::NAN), self.is_log.1)])
            .collect()
    }

    fn option(&self, groups: &[SeriesGroup], index: usize, apart: bool) -> Value {
        let (color, dashed) = self.palette.of_series(index);
        let points = groups.iter().map(|group| group.x.len()).max().unwrap_or(0);
        let style = SeriesStyle { dashed, stacked: self.stacked, points, apart };
        let mut option = (self.kind.series)(&style);
        // Newer data finds its series by place; names may come twice.
        option["id"] = json!(index.to_string());
        option["name"] = json!(groups[index].name);
        option["color"] = json!(color);
        option["dimensions"] = json!(["x", "y"]);
        option["animation"] = json!(false);
        option
    }

    /// The intervals of a series. Having its name they are hidden with it.
    fn interval(&self, groups: &[SeriesGroup], index: usize) -> Value {
        let (color, _) = self.palette.of_series(index);
        json!({
            "type": "custom",
            "interval": self.kind.interval.map(super::Interval::name),
            // The series that it belongs to, by place, and the looks of bands and whiskers. Bands of many
            // series lie over each other, and must let the ones behind them through.
            "around": index,
            "bandColor": color,
            "bandOpacity": (0.3 / groups.len() as f64).clamp(0.06, 0.2),
            "whiskerColor": self.palette.text,
            "id": format!("interval {index}"),
            "name": groups[index].name,
            "color": color,
            "dimensions": ["x", "low", "high"],
            "encode": { "x": "x", "y": ["low", "high"] },
            "animation": false,
            "clip": true,
            "silent": true,
            "tooltip": { "show": false },
            "z": if self.kind.interval == Some(super::Interval::Band) { 1 } else { 3 },
        })
    }

    fn own_stack(&self, index: usize) -> Value {
        if self.kind.interval == Some(super::Interval::Whisker) {
            json!(format!("own {index}"))
        } else {
            Value::Null
        }
    }
}
