//! Charts of results: which columns are drawn how, as options of ECharts.
//!
//! Owns: the table of chart kinds, the default choice and what a person may change of it, what is computed of the
//! engine's series before they are drawn, colours, numbers and times as text, and a chart's contents as a table
//! and in words.
//! Touches: no browser and no engine; `panels/results` fetches the series and draws the option.
//!
//! A new kind is a file here and a line in [`CHARTS`].

mod area;
mod arrange;
mod axes;
mod bar;
mod bins;
mod boxes;
mod choice;
mod column_class;
mod condition;
mod estimate_text;
mod estimated;
mod figure;
mod heatmap;
mod histogram;
mod line;
mod linked;
mod look;
mod option;
mod palette;
mod panels;
mod scatter;
mod series;
mod settings;
mod side;
mod stack;
mod summary;
mod table;
mod time_part;
mod unit;
mod value_text;

use serde_json::Value;

pub use bins::Bins;
pub use choice::{ChartChoice, NoChart, default_choice};
pub use column_class::ColumnClass;
pub use condition::{Condition, Picked, condition_text, filtered_sql};
pub use estimate_text::{ABOUT, estimate_half_text, estimate_text, estimate_value_text, interval_text};
pub use estimated::{Estimated, estimated_of};
pub use figure::{Figure, Source};
pub use linked::{condition_of, linked};
pub use look::{ChartLook, Combine, DEFAULT_BINS, NameOrder};
pub use option::{ChartOption, Look, chart_option};
pub use palette::Palette;
pub use settings::ChartSettings;
pub use side::{Extent, Side, SideQuery};
pub use summary::summary;
pub use table::ChartTable;
pub use time_part::{TIME_PARTS, TimePart};
pub use unit::UNITS;
pub use value_text::{number_text, time_millis, with_decimals};

/// Every kind of chart, in the order in which they are offered.
pub const CHARTS: &[ChartKind] =
    &[line::LINE, bar::BAR, area::AREA, scatter::SCATTER, histogram::HISTOGRAM, boxes::BOX, heatmap::HEATMAP];

/// A way to draw a result.
#[derive(Clone, Copy, Debug)]
pub struct ChartKind {
    /// Name in code, settings and tests.
    pub name: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// Path of an SVG icon in a box of 24 by 24.
    pub icon: &'static str,
    /// Which columns it takes.
    pub needs: Needs,
    /// Whether series can be put on top of each other.
    pub stackable: bool,
    /// Whether they are, until asked otherwise.
    pub stacked_by_default: bool,
    /// Whether the vertical axis must show zero, because lengths are compared.
    pub y_from_zero: bool,
    /// How an interval around an estimate is drawn; `None` for kinds that draw none.
    pub interval: Option<Interval>,
    /// How well the kind suits a horizontal axis of this class; the highest is the default.
    pub fitness: fn(ColumnClass) -> u8,
    /// Whether another class of horizontal axis may replace the kind by one that suits it better.
    pub follows_x: bool,
    /// What is drawn of the engine's series.
    pub figure: fn(&Source<'_>) -> Figure,
    /// The query that sums up a result with too many rows for the page; `None` for kinds that can do with the
    /// highs and lows of many rows.
    pub side: Option<fn(&Side<'_>) -> SideQuery>,
    /// The options of a series of this kind, without name, colour and data.
    pub series: fn(&SeriesStyle) -> Value,
}

/// Which columns a kind of chart takes.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// Classes that the horizontal axis can have.
    pub x: &'static [ColumnClass],
    /// Columns of values.
    pub values: Values,
    /// Whether it draws one column of values only.
    pub one_value: bool,
    /// What a column that splits the rows is for.
    pub split: Split,
    /// Whether a column can be the size of points.
    pub size: bool,
    /// Whether names are a better horizontal axis than times and numbers, where there are any.
    pub prefers_names: bool,
}

/// Columns of values that a kind takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// None; rows are counted.
    None,
    /// One or more.
    Some,
    /// One, or none to count rows.
    Any,
}

/// What a column that splits the rows is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// It makes series of different colours, where wanted.
    Series,
    /// It is the vertical axis.
    Rows,
}

/// Classes of columns whose values lie along a line.
const ALONG_A_LINE: &[ColumnClass] = &[ColumnClass::Number, ColumnClass::Timestamp, ColumnClass::Date];

/// All classes of columns.
const ANY_CLASS: &[ColumnClass] = &[
    ColumnClass::Timestamp,
    ColumnClass::Date,
    ColumnClass::Text,
    ColumnClass::Boolean,
    ColumnClass::Number,
];

/// What lines, areas and bars take.
const OF_SERIES: Needs = Needs {
    x: ANY_CLASS,
    values: Values::Some,
    one_value: false,
    split: Split::Series,
    size: false,
    prefers_names: false,
};

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

    /// Types that `www/npm/chart.js` bundles.
    const BUNDLED: &[&str] = &["line", "bar", "scatter", "boxplot", "heatmap"];

    #[wasm_bindgen_test]
    fn kinds_have_names_of_their_own_and_a_type_that_is_bundled() {
        for (index, kind) in CHARTS.iter().enumerate() {
            assert!(CHARTS[..index].iter().all(|other| other.name != kind.name), "{}", kind.name);
            let style = SeriesStyle { dashed: true, stacked: kind.stackable, points: 3, apart: false };
            let series_type = (kind.series)(&style)["type"].clone();
            assert!(BUNDLED.iter().any(|bundled| series_type == *bundled), "{series_type}");
            assert_eq!((kind.series)(&style)["stack"] == "all", kind.stackable, "{}", kind.name);
        }
    }
}
