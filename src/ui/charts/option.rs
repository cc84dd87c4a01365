//! A chart as an ECharts option.
//!
//! Formatting functions, which plain data cannot carry, are added by `www/npm/chart.js`.

use millrace_protocol::{ColumnInfo, SeriesPage};
use serde_json::{Value, json};

use super::{ChartChoice, Palette, estimated_of, series, stack};
use crate::format;

/// More positions than this get a slider to zoom with.
const SLIDER_FROM_POINTS: usize = 60;

/// More names than this are not turned to make room for all of them.
const TURNED_LABELS: usize = 40;

/// What a chart is drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartOption {
    /// The option without the series' data.
    pub option: Value,
    /// For each series of the option its points, one dimension after the other; NaN where there is no
    /// value.
    pub data: Vec<Vec<f64>>,
    /// For each series what the pointer is told of its estimates: value, lower and upper end, in turn.
    /// Empty where there are none.
    pub told: Vec<Vec<f64>>,
}

/// How a chart looks, whatever it shows.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Its colours.
    pub palette: &'a Palette,
    /// Whether it must save width.
    pub narrow: bool,
}

/// The option that draws `page` as `choice` says: values so far, or `estimated` final ones.
pub fn chart_option(
    choice: &ChartChoice,
    columns: &[ColumnInfo],
    page: &SeriesPage,
    estimated: bool,
    look: &Look<'_>,
) -> ChartOption {
    let kind = choice.kind();
    let several = page.groups.len() > 1;
    let stackable = several && kind.stackable && choice.stacked;
    let aligned = if stackable { stack::aligned(&page.groups) } else { None };
    let stacked = aligned.is_some();
    let groups = aligned.as_deref().unwrap_or(&page.groups);
    let points = groups.iter().map(|group| group.x.len()).max().unwrap_or(0);
    let positions = page.x_labels.as_ref().map_or(points, Vec::len);
    let slider = positions > SLIDER_FROM_POINTS;
    let common = series::Common { kind, palette: look.palette, stacked };
    let drawn = if estimated { series::estimated(groups, &common) } else { series::plain(groups, &common) };
    let Look { palette, narrow } = *look;
    // In the chart itself, so that a saved picture says it too.
    let remark = match estimated && estimated_of(page).points > 0 {
        true => format!(", estimated from {} of the data", format::percent(page.result.fraction)),
        false => String::new(),
    };

    let option = json!({
        "animation": false,
        "useUTC": true,
        "backgroundColor": "transparent",
        "textStyle": { "color": palette.text, "fontFamily": "system-ui, sans-serif" },
        "grid": {
            "left": 8,
            "right": if narrow { 12 } else { 24 },
            "top": if several { 58 } else { 32 },
            "bottom": if slider { 52 } else { 28 },
            "outerBoundsMode": "same",
            "outerBoundsContain": "axisLabel",
        },
        "legend": {
            "show": several,
            "type": "scroll",
            "top": 0,
            "left": 0,
            "right": 0,
            "itemHeight": 10,
            "itemWidth": 18,
            // The scrolling legend cuts its items at their height, which is the line's.
            "textStyle": { "color": palette.text, "lineHeight": 18 },
            "inactiveColor": palette.muted,
            "pageTextStyle": { "color": palette.muted },
            "pageIconColor": palette.text,
            "pageIconInactiveColor": palette.grid,
        },
        "tooltip": {
            "trigger": "axis",
            "confine": true,
            "order": if stacked { "seriesDesc" } else { "valueDesc" },
            "backgroundColor": palette.tooltip,
            "borderColor": palette.grid,
            "textStyle": { "color": palette.text, "fontSize": 12 },
            "axisPointer": {
                "type": if kind.name == "bar" { "shadow" } else { "line" },
                "lineStyle": { "color": palette.muted },
            },
        },
        "xAxis": x_axis(choice, columns, page, palette, narrow),
        "yAxis": y_axis(choice, columns, palette, &remark),
        "dataZoom": zoom(slider, palette),
        "series": drawn.options,
    });
    ChartOption { option, data: drawn.data, told: drawn.told }
}

fn x_axis(
    choice: &ChartChoice,
    columns: &[ColumnInfo],
    page: &SeriesPage,
    palette: &Palette,
    narrow: bool,
) -> Value {
    let name = name_of(columns, choice.x);
    let labels = page.x_labels.as_deref();
    let longest = labels.into_iter().flatten().map(|label| label.chars().count()).max().unwrap_or(0);
    let count = labels.map_or(0, <[String]>::len);
    // Beside each other labels need about 7 pixels a character; turned they need their height only.
    let room = if narrow { 320 } else { 1000 };
    // Beyond that names are left out rather than turned, and the tooltip tells them.
    let turned = count <= TURNED_LABELS && count * (longest.min(16) * 7 + 12) > room;
    json!({
        "type": if page.x_is_time { "time" } else if labels.is_some() { "category" } else { "value" },
        "data": labels,
        // A line over numbers starts where they do; categories and times fill the width anyway.
        "scale": true,
        "name": if page.x_is_time { format!("{name} (UTC)") } else { name },
        "nameLocation": "middle",
        "nameGap": 30,
        "nameTextStyle": { "color": palette.muted },
        "axisLine": { "lineStyle": { "color": palette.muted } },
        "axisTick": { "show": false },
        "splitLine": { "show": false },
        "axisLabel": {
            "color": palette.muted,
            "hideOverlap": true,
            "rotate": if turned { 40 } else { 0 },
            "width": if turned { 110 } else { 130 },
            "overflow": if labels.is_some() { "truncate" } else { "none" },
        },
    })
}

fn y_axis(choice: &ChartChoice, columns: &[ColumnInfo], palette: &Palette, remark: &str) -> Value {
    let names: Vec<String> = choice.y.iter().map(|&y| name_of(columns, y)).collect();
    json!({
        "type": "value",
        "scale": !choice.kind().y_from_zero,
        "name": format!("{}{remark}", names.join(", ")),
        "nameLocation": "end",
        "nameGap": 12,
        "nameTextStyle": { "color": palette.muted, "align": "left", "overflow": "truncate", "width": 260 },
        "axisLabel": { "color": palette.muted },
        "axisLine": { "show": false },
        "axisTick": { "show": false },
        "splitNumber": 4,
        "splitLine": { "lineStyle": { "color": palette.grid } },
    })
}

/// Zooming never takes the wheel or a finger from the page: it wants Ctrl, or the slider.
fn zoom(slider: bool, palette: &Palette) -> Value {
    let inside = json!({
        "type": "inside",
        "filterMode": "none",
        "zoomOnMouseWheel": "ctrl",
        "moveOnMouseMove": false,
        "moveOnMouseWheel": false,
        "preventDefaultMouseMove": false,
    });
    let bar = json!({
        "type": "slider",
        "show": slider,
        "filterMode": "none",
        "height": 12,
        "bottom": 4,
        "left": 12,
        "right": 12,
        "brushSelect": false,
        "showDetail": false,
        "showDataShadow": false,
        "borderColor": "transparent",
        "backgroundColor": palette.grid,
        "fillerColor": format!("{}33", palette.series[0]),
        "handleStyle": { "color": palette.series[0], "borderColor": palette.series[0] },
        "moveHandleSize": 0,
    });
    json!([inside, bar])
}

fn name_of(columns: &[ColumnInfo], index: u32) -> String {
    columns.get(index as usize).map_or_else(String::new, |column| column.name.clone())
}

#[cfg(test)]
mod tests {
    use millrace_protocol::{Estimate, ResultInfo, SeriesGroup};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::charts::default_choice;

    const LIGHT: Look<'_> = Look { palette: &crate::charts::palette::LIGHT, narrow: false };
    const DARK: Look<'_> = Look { palette: &crate::charts::palette::DARK, narrow: false };

    fn columns() -> Vec<ColumnInfo> {
        [("minute", "TIMESTAMP"), ("region", "VARCHAR"), ("count", "BIGINT")]
            .map(|(name, t)| ColumnInfo { name: name.into(), type_name: t.into() })
            .to_vec()
    }

    /// Name, positions and values of a series.
    type Group<'a> = (&'a str, &'a [f64], &'a [Option<f64>]);

    fn page(groups: &[Group<'_>], labels: Option<&[&str]>) -> SeriesPage {
        SeriesPage {
            result: ResultInfo { number: 1, fraction: 1.0, columns: columns(), row_count: 9 },
            x_is_time: labels.is_none(),
            x_labels: labels.map(|labels| labels.iter().map(|&label| label.into()).collect()),
            groups: groups
                .iter()
                .map(|(name, x, y)| SeriesGroup {
                    name: (*name).into(),
                    x: x.to_vec(),
                    y: y.to_vec(),
                    estimates: Vec::new(),
                })
                .collect(),
            rows_left_out: 0,
        }
    }

    #[wasm_bindgen_test]
    fn times_get_a_utc_axis_and_holes_stay_holes() {
        let choice = default_choice(&columns(), 9).expect("a chart");
        let page = page(&[("EU", &[0.0, 60.0], &[Some(1.0), None])], None);
        let chart = chart_option(&choice, &columns(), &page, false, &LIGHT);
        assert_eq!(chart.option["xAxis"]["type"], "time");
        assert_eq!(chart.option["xAxis"]["name"], "minute (UTC)");
        assert_eq!(chart.option["useUTC"], true);
        assert_eq!(chart.option["legend"]["show"], false);
        assert_eq!(chart.data[0][..3], [0.0, 1.0, 60.0]);
        assert!(chart.data[0][3].is_nan());
    }

    #[wasm_bindgen_test]
    fn names_get_a_category_axis_in_their_order() {
        let mut choice = default_choice(&columns()[1..], 9).expect("a chart");
        choice.stacked = true;
        let two: [Group<'_>; 2] = [("a", &[0.0, 1.0], &[Some(1.0), Some(2.0)]), ("b", &[1.0], &[Some(3.0)])];
        let chart = chart_option(&choice, &columns()[1..], &page(&two, Some(&["z", "y"])), false, &DARK);
        assert_eq!(chart.option["xAxis"]["type"], "category");
        assert_eq!(chart.option["xAxis"]["data"], json!(["z", "y"]));
        assert_eq!(chart.option["series"][1]["stack"], "all");
        assert_eq!(chart.data[1], [0.0, 0.0, 1.0, 3.0]);
    }

    #[wasm_bindgen_test]
    fn many_points_get_a_slider() {
        let choice = default_choice(&columns(), 9).expect("a chart");
        let x: Vec<f64> = (0..200).map(f64::from).collect();
        let y = vec![Some(1.0); 200];
        let chart = chart_option(&choice, &columns(), &page(&[("a", &x, &y)], None), false, &DARK);
        assert_eq!(chart.option["dataZoom"][1]["show"], true);
    }

    /// Two series of three points: an estimate, a value so far and a hole each.
    fn partial_page() -> SeriesPage {
        let x = [0.0, 60.0, 120.0];
        let y = [Some(1.0), Some(2.0), None];
        let mut page = page(&[("EU", &x, &y), ("US", &x, &y)], None);
        page.result.fraction = 0.4;
        for group in &mut page.groups {
            group.estimates = vec![Some(Estimate { value: 10.0, low: 8.0, high: 12.0 }), None, None];
        }
        page
    }

    #[wasm_bindgen_test]
    fn estimates_have_intervals_and_what_is_not_estimated_stands_apart() {
        let choice = default_choice(&columns(), 9).expect("a chart");
        let chart = chart_option(&choice, &columns(), &partial_page(), true, &LIGHT);
        let ids: Vec<_> =
            chart.option["series"].as_array().expect("series").iter().map(|s| &s["id"]).collect();
        assert_eq!(ids, ["0", "1", "interval 0", "so far 0", "interval 1", "so far 1"]);
        assert_eq!(chart.option["series"][2]["interval"], "band");
        assert_eq!(chart.option["series"][2]["name"], "EU");
        assert_eq!(chart.data[0][..2], [0.0, 10.0]);
        assert!(chart.data[0][3].is_nan());
        assert_eq!(chart.data[2][..3], [0.0, 8.0, 12.0]);
        assert_eq!(chart.data[3][2..4], [60.0, 2.0]);
        assert_eq!(chart.told[0][..4], [10.0, 8.0, 12.0, 2.0]);
        assert_eq!(chart.option["yAxis"]["name"], "count, estimated from 40 % of the data");
        assert!(chart.told[2].is_empty());
        let so_far = chart_option(&choice, &columns(), &partial_page(), false, &LIGHT);
        assert_eq!(so_far.data[0][..4], [0.0, 1.0, 60.0, 2.0]);
        assert_eq!((so_far.data.len(), so_far.told[0].len()), (2, 0));
    }

    #[wasm_bindgen_test]
    fn bars_have_whiskers_and_stacks_only_words() {
        let choice = default_choice(&columns(), 9).expect("a chart");
        let bar = |stacked| ChartChoice { kind: "bar", stacked, ..choice.clone() };
        let beside = chart_option(&bar(false), &columns(), &partial_page(), true, &LIGHT);
        assert_eq!(beside.option["series"][2]["interval"], "whisker");
        // A bar that stands apart takes the place of the one that is missing.
        assert_eq!(beside.option["series"][0]["stack"], beside.option["series"][3]["stack"]);
        assert_ne!(beside.option["series"][0]["stack"], beside.option["series"][1]["stack"]);
        let stacked = chart_option(&bar(true), &columns(), &partial_page(), true, &LIGHT);
        assert_eq!(stacked.data.len(), 2);
        assert_eq!(stacked.data[0], [0.0, 10.0, 60.0, 2.0, 120.0, 0.0]);
        assert_eq!(stacked.told[0][..3], [10.0, 8.0, 12.0]);
    }
}
