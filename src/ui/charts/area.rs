//! Areas: how parts of a whole move over time.

use serde_json::{Value, json};

use super::{ChartKind, ColumnClass, Interval, OF_SERIES, SeriesStyle, figure, line::points_apart};

/// Filled lines, on top of each other unless asked otherwise.
pub const AREA: ChartKind = ChartKind {
    name: "area",
    label: "Area",
    icon: "M3 20v-5l5-5 4 3 8-8v15z",
    needs: OF_SERIES,
    stackable: true,
    stacked_by_default: true,
    y_from_zero: true,
    interval: Some(Interval::Band),
    fitness,
    follows_x: true,
    figure: figure::of_series,
    side: None,
    series,
};

fn fitness(x: ColumnClass) -> u8 {
    match x {
        ColumnClass::Timestamp | ColumnClass::Date | ColumnClass::Number => 2,
        ColumnClass::Boolean | ColumnClass::Text => 0,
    }
}

fn series(style: &SeriesStyle) -> Value {
    if style.apart {
        return points_apart();
    }
    // Areas that overlap must let the ones behind them through.
    let opacity = if style.stacked { 0.7 } else { 0.25 };
    json!({
        "type": "line",
        "showSymbol": false,
        "lineStyle": { "width": 1.5, "type": if style.dashed { "dashed" } else { "solid" } },
        "areaStyle": { "opacity": opacity },
        "emphasis": { "focus": "series" },
        "stack": style.stacked.then_some("all"),
    })
}
