//! Small multiples: a panel for each series, all with the same axes, so that they compare.

use millrace_protocol::SeriesGroup;
use serde_json::{Value, json};

use super::{Source, axes::is_y_log, bins::nice_step, series::Series};

/// Parts of the vertical axis of a panel, about.
const PARTS: f64 = 3.0;

/// Puts each series into a panel of its own, or those of one colour into one. Returns the rows of panels.
pub fn lay_out(
    source: &Source<'_>,
    option: &mut Value,
    drawn: &mut Series,
    groups: &[SeriesGroup],
    (x, y): (Value, Value),
    narrow: bool,
) -> usize {
    let titles: Vec<String> = groups.iter().map(|group| title(source, &group.name)).collect();
    let mut panels: Vec<&str> = Vec::new();
    for title in &titles {
        if !panels.contains(&title.as_str()) {
            panels.push(title);
        }
    }
    let columns = match (narrow, panels.len()) {
        (true, _) | (_, 1) => 1,
        (_, 2 | 4) => 2,
        (_, ..=9) => 3,
        _ => 4,
    };
    let rows = panels.len().div_ceil(columns);
    let range = range_of(source, groups);
    let (mut grids, mut x_axes, mut y_axes) = (Vec::new(), Vec::new(), Vec::new());
    for (index, name) in panels.iter().enumerate() {
        let (row, column) = (index / columns, index % columns);
        let part = |place: usize, of: usize| format!("{:.3}%", 100.0 * place as f64 / of as f64);
        // Of the room of each panel 26 pixels above are for its name and 30 below for the axis.
        let mut grid = option["grid"].clone();
        grid["left"] = json!(part(column, columns));
        grid["width"] = json!(format!("{:.3}%", 100.0 / columns as f64 - 2.5));
        grid["top"] = json!(format!("{:.3}%", 100.0 * row as f64 / rows as f64 + 14.0 / rows as f64));
        grid["height"] = json!(format!("{:.3}%", 72.0 / rows as f64));
        if let Some(grid) = grid.as_object_mut() {
            grid.remove("right");
            grid.remove("bottom");
        }
        grids.push(grid);
        let mut x = x.clone();
        x["gridIndex"] = json!(index);
        // The name of the axis stands once, below all panels that have none beneath.
        if index + columns < panels.len() {
            x["name"] = json!("");
        }
        x["nameGap"] = json!(24);
        x_axes.push(x);
        let mut y = y.clone();
        y["gridIndex"] = json!(index);
        y["name"] = json!(name);
        y["nameTextStyle"]["fontWeight"] = json!("bold");
        y["splitNumber"] = json!(PARTS);
        if let Some((low, high)) = range {
            y["min"] = json!(low);
            y["max"] = json!(high);
        }
        y_axes.push(y);
    }
    for (series, &group) in drawn.options.iter_mut().zip(&drawn.of_group) {
        let panel = titles.get(group).and_then(|title| panels.iter().position(|panel| panel == title));
        series["xAxisIndex"] = json!(panel.unwrap_or(0));
        series["yAxisIndex"] = json!(panel.unwrap_or(0));
    }
    option["grid"] = Value::Array(grids);
    option["xAxis"] = Value::Array(x_axes);
    option["yAxis"] = Value::Array(y_axes);
    option["axisPointer"] = json!({ "link": [{ "xAxisIndex": "all" }] });
    rows
}

/// What a panel is called: the colour of its series. Without one each column has its own.
fn title(source: &Source<'_>, name: &str) -> String {
    let of_column = |&y: &u32| name.strip_suffix(&format!(" · {}", source.name(y)));
    match source.choice.color {
        Some(_) => source.choice.y.iter().find_map(of_column).unwrap_or(name).to_owned(),
        None => name.to_owned(),
    }
}

/// Round ends of an axis that holds all values; a logarithmic one finds its own, which only then differ.
fn range_of(source: &Source<'_>, groups: &[SeriesGroup]) -> Option<(f64, f64)> {
    let is_log = is_y_log(source, false);
    let values =
        || groups.iter().flat_map(|group| &group.y).flatten().copied().filter(|y| !is_log || *y > 0.0);
    let estimates = || groups.iter().flat_map(|group| &group.estimates).flatten();
    let high = values().chain(estimates().map(|estimate| estimate.high)).fold(f64::NEG_INFINITY, f64::max);
    let low = values().chain(estimates().map(|estimate| estimate.low)).fold(f64::INFINITY, f64::min);
    if low > high {
        return None;
    }
    if is_log {
        return Some((10_f64.powf(low.log10().floor()), 10_f64.powf(high.log10().ceil())));
    }
    let low = if source.choice.kind().y_from_zero { low.min(0.0) } else { low };
    let step = if high > low { nice_step((high - low) / PARTS, false) } else { high.abs().max(1.0) };
    Some(((low / step).floor() * step, (high / step).ceil() * step))
}
