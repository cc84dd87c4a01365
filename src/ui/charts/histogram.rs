//! Histograms: how often values lie where.

use millrace_protocol::{SeriesGroup, SeriesPage};
use serde_json::{Value, json};

use super::{
    ALONG_A_LINE, ChartKind, ColumnClass, Figure, Needs, SeriesStyle, Side, SideQuery, Source, Split, Values,
    bins::Bins,
    figure::SeriesFigure,
    value_text::{number_text, time_text},
};

/// Rows counted in intervals of equal length.
pub const HISTOGRAM: ChartKind = ChartKind {
    name: "histogram",
    label: "Histogram",
    icon: "M4 20h16M5 20v-4h3v4M8 20V9h3v11M11 20V5h3v15M14 20v-8h3v8M17 20v-3h2v3",
    needs: Needs {
        x: ALONG_A_LINE,
        values: Values::None,
        one_value: false,
        split: Split::Series,
        size: false,
        prefers_names: false,
    },
    stackable: true,
    stacked_by_default: true,
    y_from_zero: true,
    interval: None,
    fitness: |_: ColumnClass| 0,
    follows_x: false,
    figure,
    side: Some(side),
    series,
};

/// What a series without a name of its own is called.
const COUNTED: &str = "rows";

fn series(style: &SeriesStyle) -> Value {
    json!({
        "type": "bar",
        "barCategoryGap": "4%",
        "barGap": "0%",
        "itemStyle": { "opacity": if style.stacked { 1.0 } else { 0.8 } },
        "emphasis": { "focus": "series" },
        "stack": style.stacked.then_some("all"),
    })
}

/// Bins of the values, unless the engine has counted them.
fn figure(source: &Source<'_>) -> Figure {
    let page = source.page;
    let values = || page.groups.iter().flat_map(|group| &group.x).copied().filter(|value| value.is_finite());
    let bins = source.summed.and_then(|extent| extent.bins).unwrap_or_else(|| {
        let (least, greatest) =
            (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        let (least, greatest) = if least <= greatest { (least, greatest) } else { (0.0, 0.0) };
        let whole = page.x_is_time || source.is_whole(source.choice.x);
        Bins::over(least, greatest, source.choice.look.bins, page.x_is_time, whole)
    });
    let groups = page.groups.iter().map(|group| {
        let mut counts = vec![0.0; bins.count];
        for (&value, count) in group.x.iter().zip(&group.y) {
            if value.is_finite() {
                let place = if source.summed.is_some() { value.max(0.0) as usize } else { bins.of(value) };
                // The engine gives how many there are; otherwise each point is a row.
                let rows = if source.summed.is_some() { count.unwrap_or(0.0) } else { 1.0 };
                counts[place.min(bins.count - 1)] += rows;
            }
        }
        SeriesGroup {
            name: if source.choice.color.is_some() { group.name.clone() } else { COUNTED.to_owned() },
            x: (0..bins.count).map(|place| place as f64).collect(),
            y: counts.into_iter().map(Some).collect(),
            estimates: Vec::new(),
        }
    });
    let page = SeriesPage {
        result: page.result.clone(),
        x_is_time: false,
        x_labels: Some(labels(&bins)),
        groups: groups.collect(),
        rows_left_out: page.rows_left_out,
    };
    Figure::Series(SeriesFigure { bins: Some(bins), ..SeriesFigure::of(page) })
}

/// The lower ends, which stand on the axis; the tooltip tells both.
fn labels(bins: &Bins) -> Vec<String> {
    let text = |value: f64| if bins.is_time { time_text(value) } else { number_text(value) };
    (0..bins.count)
        .map(|place| format!("{} – {}", text(bins.edge(place)), text(bins.edge(place + 1))))
        .collect()
}

/// How many rows there are in each bin.
fn side(side: &Side<'_>) -> SideQuery {
    let Bins { low, width, .. } =
        side.extent.bins.unwrap_or(Bins { low: 0.0, width: 1.0, count: 1, is_time: false });
    let value = side.number(side.choice.x);
    let color = side.choice.color.map(|color| side.column(color));
    let and_color = color.as_ref().map_or_else(String::new, |color| format!(", {color} AS color"));
    let sql = format!(
        "SELECT floor(({value} - {low:?}) / {width:?}) AS bin, count(*) AS n{and_color}\nFROM {}\nWHERE {} IS NOT \
         NULL\nGROUP BY 1{}",
        side.result(),
        side.column(side.choice.x),
        if color.is_some() { ", 3" } else { "" },
    );
    SideQuery { sql, y: vec![1], color: color.map(|_| 2) }
}
