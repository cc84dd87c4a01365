//! Bars: values of named things, compared.

use serde_json::{Value, json};

use super::{ChartKind, ColumnClass, Interval, OF_SERIES, SeriesStyle, figure};

/// Bars beside each other, in the order of the rows.
pub const BAR: ChartKind = ChartKind {
    name: "bar",
    label: "Bar",
    icon: "M5 20V10h3v10zM11 20V4h3v16zM17 20v-7h3v7z",
    needs: OF_SERIES,
    stackable: true,
    stacked_by_default: false,
    y_from_zero: true,
    interval: Some(Interval::Whisker),
    fitness,
    follows_x: true,
    figure: figure::of_series,
    side: None,
    series,
};

fn fitness(x: ColumnClass) -> u8 {
    match x {
        ColumnClass::Boolean | ColumnClass::Text => 3,
        ColumnClass::Timestamp | ColumnClass::Date | ColumnClass::Number => 1,
    }
}

fn series(style: &SeriesStyle) -> Value {
    // Corners are rounded only where a bar ends in the open.
    let radius = if style.stacked { json!(0) } else { json!([3, 3, 0, 0]) };
    json!({
        "type": "bar",
        "barMaxWidth": 48,
        "barCategoryGap": "25%",
        "barGap": "8%",
        "itemStyle": { "borderRadius": radius, "opacity": if style.apart { 0.35 } else { 1.0 } },
        "emphasis": { "focus": "series" },
        "stack": style.stacked.then_some("all"),
    })
}
