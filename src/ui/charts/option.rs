//! A chart as an ECharts option.
//!
//! Formatting functions, which plain data cannot carry, are added by `www/npm/chart.js`.

use serde_json::{Value, json};

use super::{
    Figure, Palette, Source,
    axes::{is_x_log, is_y_log, named_axis, unit_name, x_axis, y_axis},
    boxes::Boxes,
    estimated_of,
    figure::SeriesFigure,
    heatmap::Grid,
    panels, series, stack,
};
use crate::format;

/// More positions than this get a slider to zoom with.
const SLIDER_FROM_POINTS: usize = 60;

/// Colour of what is selected, over any series.
const SELECTED_OPACITY: &str = "26";

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
    /// Rows of panels, or of a heatmap, that want height of their own; 1 otherwise.
    pub panel_rows: usize,
}

/// How a chart looks, whatever it shows.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Its colours.
    pub palette: &'a Palette,
    /// Whether it must save width.
    pub narrow: bool,
}

/// The option that draws a figure: values so far, or `estimated` final ones.
pub fn chart_option(source: &Source<'_>, figure: &Figure, estimated: bool, look: &Look<'_>) -> ChartOption {
    match figure {
        Figure::Series(series) => series_option(source, series, estimated, look),
        Figure::Boxes(boxes) => boxes_option(source, boxes, look),
        Figure::Grid(grid) => grid_option(source, grid, look),
    }
}

fn series_option(
    source: &Source<'_>,
    figure: &SeriesFigure,
    estimated: bool,
    look: &Look<'_>,
) -> ChartOption {
    let (choice, page) = (source.choice, &figure.page);
    let kind = choice.kind();
    let several = page.groups.len() > 1;
    let in_panels = several && choice.look.panels;
    let stackable =
        several && !in_panels && kind.stackable && (choice.look.stacked || choice.look.normalised);
    let aligned = if stackable { stack::aligned_page(page) } else { None };
    let stacked = aligned.is_some();
    let groups = aligned.as_deref().unwrap_or(&page.groups);
    let points = groups.iter().map(|group| group.x.len()).max().unwrap_or(0);
    let positions = page.x_labels.as_ref().map_or(points, Vec::len);
    let slider = positions > SLIDER_FROM_POINTS && !in_panels;
    let is_log = (is_x_log(source, page), is_y_log(source, stacked));
    let common = series::Common { kind, palette: look.palette, stacked, is_log, sizes: &figure.sizes };
    let estimated = estimated && kind.interval.is_some();
    let mut drawn =
        if estimated { series::estimated(groups, &common) } else { series::plain(groups, &common) };
    // In the chart itself, so that a saved picture says it too.
    let remark = match estimated && estimated_of(page).points > 0 {
        true => format!(", estimated from {} of the data", format::percent(page.result.fraction)),
        false => String::new(),
    };
    let mut option = frame(look, several && !in_panels, slider);
    let is_scatter = kind.name == super::scatter::SCATTER.name;
    option["tooltip"]["order"] = json!(if stacked { "seriesDesc" } else { "valueDesc" });
    option["tooltip"]["axisPointer"]["type"] =
        json!(if drawn.options.iter().any(|o| o["type"] == "bar") { "shadow" } else { "line" });
    option["tooltip"]["unit"] = json!(unit_name(source, stacked));
    if is_scatter {
        option["tooltip"]["trigger"] = json!("item");
        option["tooltip"]["tells"] = json!("point");
        option["tooltip"]["names"] =
            json!([source.name(choice.x), choice.size.map(|size| source.name(size))]);
        option["brush"]["brushType"] = json!("rect");
        option["brush"]["yAxisIndex"] = json!("all");
    }
    let x = x_axis(source, page, look.palette, look.narrow);
    let y = y_axis(source, look.palette, stacked, &remark);
    let panel_rows = if in_panels {
        panels::lay_out(source, &mut option, &mut drawn, groups, (x, y), look.narrow)
    } else {
        option["xAxis"] = x;
        option["yAxis"] = y;
        1
    };
    option["dataZoom"] = zoom(slider, look.palette);
    option["series"] = Value::Array(drawn.options);
    ChartOption { option, data: drawn.data, told: drawn.told, panel_rows }
}

fn boxes_option(source: &Source<'_>, boxes: &Boxes, look: &Look<'_>) -> ChartOption {
    let several = boxes.groups.len() > 1;
    let slider = boxes.labels.len() > SLIDER_FROM_POINTS;
    let is_log = is_y_log(source, false);
    let shown = |value: f64| if is_log && value <= 0.0 { f64::NAN } else { value };
    let mut option = frame(look, several, slider);
    option["tooltip"]["trigger"] = json!("item");
    option["tooltip"]["tells"] = json!("box");
    option["tooltip"]["unit"] = json!(unit_name(source, false));
    option["xAxis"] =
        named_axis(&source.name(source.choice.x), Some(&boxes.labels), look.palette, look.narrow);
    option["yAxis"] = y_axis(source, look.palette, false, "");
    let (mut options, mut data) = (Vec::new(), Vec::new());
    for (index, group) in boxes.groups.iter().enumerate() {
        let (color, _) = look.palette.of_series(index);
        let style =
            super::SeriesStyle { dashed: false, stacked: false, points: boxes.labels.len(), apart: false };
        let mut series = (source.choice.kind().series)(&style);
        series["id"] = json!(index.to_string());
        series["name"] = json!(group.name);
        series["color"] = json!(color);
        series["itemStyle"]["borderColor"] = json!(color);
        series["itemStyle"]["color"] = json!(format!("{color}40"));
        series["dimensions"] = json!(["x", "low", "q1", "median", "q3", "high"]);
        series["encode"] = json!({ "x": "x", "y": ["low", "q1", "median", "q3", "high"] });
        series["animation"] = json!(false);
        options.push(series);
        let of_place = |(place, five): (usize, &Option<[f64; 5]>)| {
            five.map(|five| std::iter::once(place as f64).chain(five.map(shown)))
        };
        data.push(group.boxes.iter().enumerate().filter_map(of_place).flatten().collect());
        // Beside each other boxes stand off the middle of their place, where points would be.
        if !several && !group.outliers.is_empty() {
            options.push(json!({
                "type": "scatter",
                "id": format!("outliers {index}"),
                "name": group.name,
                "color": color,
                "symbol": "emptyCircle",
                "symbolSize": 4,
                "dimensions": ["x", "y"],
                "animation": false,
            }));
            data.push(group.outliers.iter().flat_map(|&(x, y)| [x as f64, shown(y)]).collect());
        }
    }
    option["dataZoom"] = zoom(slider, look.palette);
    option["series"] = Value::Array(options);
    ChartOption { option, told: vec![Vec::new(); data.len()], data, panel_rows: 1 }
}

/// Rows of a heatmap that fit into the height of an ordinary chart.
const GRID_ROWS: usize = 12;

fn grid_option(source: &Source<'_>, grid: &Grid, look: &Look<'_>) -> ChartOption {
    let choice = source.choice;
    let mut option = frame(look, false, false);
    let of_part = |part: Option<super::TimePart>, column: Option<u32>| match (part, column) {
        (Some(part), _) => format!("{} (UTC)", part.name()),
        (None, Some(column)) => source.name(column),
        (None, None) => String::new(),
    };
    let x_name = of_part(choice.look.x_part, Some(choice.x));
    let value = choice.y.first().map_or_else(|| "rows".to_owned(), |&y| source.name(y));
    option["tooltip"]["trigger"] = json!("item");
    option["tooltip"]["tells"] = json!("cell");
    option["tooltip"]["value"] = json!(value);
    option["tooltip"]["unit"] = json!(unit_name(source, false));
    option["brush"]["brushType"] = json!("rect");
    option["brush"]["yAxisIndex"] = json!("all");
    option["xAxis"] = named_axis(&x_name, Some(&grid.x), look.palette, look.narrow);
    let mut y =
        named_axis(&of_part(choice.look.y_part, choice.color), Some(&grid.y), look.palette, look.narrow);
    y["nameLocation"] = json!("end");
    y["nameGap"] = json!(12);
    y["nameTextStyle"]["align"] = json!("left");
    y["axisLabel"]["rotate"] = json!(0);
    y["axisLabel"]["width"] = json!(if look.narrow { 80 } else { 130 });
    option["yAxis"] = y;
    option["grid"]["right"] = json!(if look.narrow { 64 } else { 84 });
    let values = || grid.cells.iter().map(|cell| cell.2);
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    option["visualMap"] = json!({
        "type": "continuous",
        "calculable": false,
        "dimension": 2,
        // Equal ends would leave the only value without a colour.
        "min": if low < high { low } else { low.min(0.0) },
        "max": if low < high { high } else { high.max(low.min(0.0) + 1.0) },
        "orient": "vertical",
        "right": 0,
        "top": "middle",
        "itemWidth": 10,
        "itemHeight": 140,
        "textStyle": { "color": look.palette.muted },
        "inRange": { "color": look.palette.sequential },
        "unit": unit_name(source, false),
    });
    let style = super::SeriesStyle { dashed: false, stacked: false, points: grid.cells.len(), apart: false };
    let mut series = (choice.kind().series)(&style);
    series["id"] = json!("0");
    series["name"] = json!(value);
    series["dimensions"] = json!(["x", "y", "value"]);
    series["encode"] = json!({ "x": "x", "y": "y", "value": "value" });
    series["itemStyle"] = json!({ "borderColor": look.palette.background, "borderWidth": 1 });
    series["emphasis"]["itemStyle"]["borderColor"] = json!(look.palette.text);
    series["animation"] = json!(false);
    option["dataZoom"] = zoom(false, look.palette);
    option["series"] = json!([series]);
    let data = grid.cells.iter().flat_map(|&(x, y, value)| [x as f64, y as f64, value]).collect();
    let panel_rows = grid.y.len().div_ceil(GRID_ROWS).clamp(1, 4);
    ChartOption { option, data: vec![data], told: vec![Vec::new()], panel_rows }
}

/// What all charts have: colours, room, legend, tooltip and selection.
fn frame(look: &Look<'_>, legend: bool, slider: bool) -> Value {
    let Look { palette, narrow } = *look;
    json!({
        "animation": false,
        "useUTC": true,
        "backgroundColor": "transparent",
        "textStyle": { "color": palette.text, "fontFamily": "system-ui, sans-serif" },
        "grid": {
            "left": 8,
            "right": if narrow { 12 } else { 24 },
            "top": if legend { 58 } else { 32 },
            "bottom": if slider { 52 } else { 28 },
            "outerBoundsMode": "same",
            "outerBoundsContain": "axisLabel",
        },
        "legend": {
            "show": legend,
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
            "transitionDuration": 0,
            "backgroundColor": palette.tooltip,
            "borderColor": palette.grid,
            "textStyle": { "color": palette.text, "fontSize": 12 },
            "axisPointer": { "type": "line", "animation": false, "lineStyle": { "color": palette.muted } },
        },
        "brush": {
            "toolbox": [],
            "brushType": "lineX",
            "brushMode": "single",
            "xAxisIndex": "all",
            "transformable": true,
            "removeOnClick": true,
            "brushStyle": {
                "borderWidth": 1,
                "color": format!("{}{SELECTED_OPACITY}", palette.series[0]),
                "borderColor": palette.series[0],
            },
            "inBrush": {},
            // Colours go on meaning their series outside of the selection.
            "outOfBrush": { "colorAlpha": 0.45 },
        },
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

#[cfg(test)]
mod tests {
    use millrace_protocol::{ColumnInfo, Estimate, ResultInfo, SeriesGroup, SeriesPage};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::charts::{ChartChoice, default_choice};

    const LIGHT: Look<'_> = Look { palette: &crate::charts::palette::LIGHT, narrow: false };
    const DARK: Look<'_> = Look { palette: &crate::charts::palette::DARK, narrow: false };

    fn columns() -> Vec<ColumnInfo> {
        [("minute", "TIMESTAMP"), ("region", "VARCHAR"), ("count", "BIGINT")]
            .map(|(name, t)| ColumnInfo { name: name.into(), type_name: t.into() })
            .to_vec()
    }

    fn chart_option(
        choice: &ChartChoice,
        columns: &[ColumnInfo],
        page: &SeriesPage,
        estimated: bool,
        look: &Look<'_>,
    ) -> ChartOption {
        let source = Source { choice, columns, page, summed: None };
        super::chart_option(&source, &source.figure(), estimated, look)
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
        choice.look.stacked = true;
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
        let bar = |stacked| {
            let look = crate::charts::ChartLook { stacked, ..choice.look.clone() };
            ChartChoice { kind: "bar", look, ..choice.clone() }
        };
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

    #[wasm_bindgen_test]
    fn nothing_is_drawn_at_zero_and_below_on_a_logarithmic_axis() {
        let mut choice = default_choice(&columns(), 9).expect("a chart");
        choice.look.y_log = true;
        let page = page(&[("EU", &[0.0, 60.0, 120.0], &[Some(0.0), Some(-2.0), Some(100.0)])], None);
        let chart = chart_option(&choice, &columns(), &page, false, &LIGHT);
        assert_eq!(chart.option["yAxis"]["type"], "log");
        let drawn: Vec<f64> = chart.data[0].iter().copied().filter(|number| number.is_finite()).collect();
        assert_eq!(drawn, [0.0, 60.0, 120.0, 100.0]);
    }

    #[wasm_bindgen_test]
    fn panels_share_their_axes() {
        let mut choice = default_choice(&columns(), 9).expect("a chart");
        choice.look.panels = true;
        let x = [0.0, 60.0];
        let groups: [Group<'_>; 3] = [
            ("a", &x, &[Some(1.0), Some(2.0)]),
            ("b", &x, &[Some(10.0), Some(20.0)]),
            ("c", &x, &[Some(5.0), None]),
        ];
        let chart = chart_option(&choice, &columns(), &page(&groups, None), false, &LIGHT);
        let of = |key: &str| chart.option[key].as_array().map_or(0, Vec::len);
        assert_eq!((of("grid"), of("xAxis"), of("yAxis"), of("series")), (3, 3, 3, 3));
        let ends: Vec<_> = (0..3).map(|panel| chart.option["yAxis"][panel]["max"].clone()).collect();
        assert!(ends.iter().all(|end| *end == ends[0] && end.as_f64() >= Some(20.0)), "{ends:?}");
        assert_eq!(chart.option["series"][2]["xAxisIndex"], 2);
        assert_eq!(chart.option["yAxis"][1]["name"], "b");
    }
}
