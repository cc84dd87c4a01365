//! Lines: how values move over time or along a number.

use serde_json::{Value, json};

use super::{ChartKind, ColumnClass, Interval, OF_SERIES, SeriesStyle, figure};

/// Lines, broken where there is no value.
pub const LINE: ChartKind = ChartKind {
    name: "line",
    label: "Line",
    icon: "M3 17l5-6 4 4 8-10",
    needs: OF_SERIES,
    stackable: false,
    stacked_by_default: false,
    y_from_zero: false,
    interval: Some(Interval::Band),
    fitness,
    follows_x: true,
    figure: figure::of_series,
    side: None,
    series,
};

fn fitness(x: ColumnClass) -> u8 {
    match x {
        ColumnClass::Timestamp | ColumnClass::Date | ColumnClass::Number => 3,
        ColumnClass::Boolean | ColumnClass::Text => 1,
    }
}

/// Points without a line: hollow, so that they are not taken for points of one.
pub fn points_apart() -> Value {
    json!({
        "type": "line",
        "showSymbol": true,
        "symbol": "emptyCircle",
        "symbolSize": 6,
        "lineStyle": { "width": 0 },
        "emphasis": { "disabled": true },
    })
}

fn series(style: &SeriesStyle) -> Value {
    if style.apart {
        return points_apart();
    }
    json!({
        "type": "line",
        "showSymbol": style.points <= 40,
        "symbol": "circle",
        "symbolSize": 6,
        "lineStyle": { "width": 2, "type": if style.dashed { "dashed" } else { "solid" } },
        "emphasis": { "focus": "series" },
        "connectNulls": false,
    })
}
