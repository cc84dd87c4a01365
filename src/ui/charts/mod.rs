//! Charts of results: which columns are drawn how, as options of ECharts.
//!
//! Owns: the table of chart kinds, the default choice, colours, numbers and times as text, and the text
//! that tells a chart's contents to those who cannot see it.
//! Touches: no browser and no engine; `panels/results` fetches the series and draws the option.
//!
//! A new kind is a file here and a line in [`CHARTS`].

mod area;
mod bar;
mod choice;
mod column_class;
mod estimate_text;
mod estimated;
mod line;
mod option;
mod palette;
mod series;
mod stack;
mod summary;
mod value_text;

use serde_json::Value;

pub use choice::{ChartChoice, MAX_SERIES, NoChart, default_choice};
pub use column_class::ColumnClass;
pub use estimate_text::{ABOUT, estimate_half_text, estimate_text, estimate_value_text, interval_text};
pub use estimated::{Estimated, estimated_of};
pub use option::{ChartOption, Look, chart_option};
pub use palette::Palette;
pub use summary::summary;
pub use value_text::{number_text, with_decimals};

/// Every kind of chart, in the order in which they are offered.
pub const CHARTS: &[ChartKind] = &[line::LINE, bar::BAR, area::AREA];

/// A way to draw series.
#[derive(Clone, Copy, Debug)]
pub struct ChartKind {
    /// Name in code and tests.
    pub name: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// Path of an SVG icon in a box of 24 by 24.
    pub icon: &'static str,
    /// Whether series can be put on top of each other.
    pub stackable: bool,
    /// Whether they are, until asked otherwise.
    pub stacked_by_default: bool,
    /// Whether the vertical axis must show zero, because lengths are compared.
    pub y_from_zero: bool,
    /// How an interval around an estimate is drawn.
    pub interval: Interval,
    /// How well the kind suits a horizontal axis of this class; the highest is the default.
    pub fitness: fn(ColumnClass) -> u8,
    /// The options of a series of this kind, without name, colour and data.
    pub series: fn(&SeriesStyle) -> Value,
}

/// How the interval of an estimate is drawn; `www/npm/chart.js` knows each by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// A pale band along the line.
    Band,
    /// A whisker at the end of each bar.
    Whisker,
}

impl Interval {
    /// Name in the option.
    pub fn name(self) -> &'static str {
        match self {
            Self::Band => "band",
            Self::Whisker => "whisker",
        }
    }
}

/// What a kind may know about the series that it draws.
#[derive(Clone, Copy, Debug)]
pub struct SeriesStyle {
    /// Whether an earlier series has the same colour.
    pub dashed: bool,
    /// Whether the series stands on the ones before it.
    pub stacked: bool,
    /// Number of points of the longest series.
    pub points: usize,
    /// Whether the points are single ones that are not part of a line, and paler than others.
    pub apart: bool,
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn kinds_have_names_of_their_own_and_a_type_that_is_bundled() {
        for (index, kind) in CHARTS.iter().enumerate() {
            assert!(CHARTS[..index].iter().all(|other| other.name != kind.name), "{}", kind.name);
            let style = SeriesStyle { dashed: true, stacked: kind.stackable, points: 3, apart: false };
            let series_type = (kind.series)(&style)["type"].clone();
            assert!(series_type == "line" || series_type == "bar", "{series_type}");
            assert_eq!((kind.series)(&style)["stack"] == "all", kind.stackable, "{}", kind.name);
        }
    }
}
