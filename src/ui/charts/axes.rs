//! The axes of a chart's option.

use millrace_protocol::{ColumnInfo, SeriesPage};
use serde_json::{Value, json};

use super::{Palette, Source, Values, unit};

/// More names than this are not turned to make room for all of them.
const TURNED_LABELS: usize = 40;

/// The horizontal axis of series.
pub fn x_axis(source: &Source<'_>, page: &SeriesPage, palette: &Palette, narrow: bool) -> Value {
    let name = source.name(source.choice.x);
    let labels = page.x_labels.as_deref();
    if page.x_is_time {
        let mut axis = named_axis(&format!("{name} (UTC)"), None, palette, narrow);
        axis["type"] = json!("time");
        return axis;
    }
    // The bins of times are names, but of times all the same.
    let is_time = labels.is_some() && source.page.x_is_time;
    let name = if is_time { format!("{name} (UTC)") } else { name };
    let mut axis = named_axis(&name, labels, palette, narrow);
    // The lower ends of bins stand on the axis; the pointer is told both.
    if source.choice.kind().needs.values == Values::None {
        axis["binned"] = json!(true);
        axis["axisLabel"]["rotate"] = json!(0);
    }
    if labels.is_none() {
        let column: Vec<&ColumnInfo> = source.columns.get(source.choice.x as usize).into_iter().collect();
        axis["type"] = json!(if is_x_log(source, page) { "log" } else { "value" });
        axis["axisLabel"]["unit"] = json!(unit::unit_of(&column).name);
    }
    axis
}

/// Whether the horizontal axis is logarithmic: it is one of numbers, and wanted so.
pub fn is_x_log(source: &Source<'_>, page: &SeriesPage) -> bool {
    source.choice.look.x_log && !page.x_is_time && page.x_labels.is_none()
}

/// Whether the vertical axis is logarithmic. In a stack lengths would not add up.
pub fn is_y_log(source: &Source<'_>, stacked: bool) -> bool {
    source.choice.look.y_log && !stacked
}

/// An axis of names, or of what the caller makes of it.
pub fn named_axis(name: &str, labels: Option<&[String]>, palette: &Palette, narrow: bool) -> Value {
    let longest = labels.into_iter().flatten().map(|label| label.chars().count()).max().unwrap_or(0);
    let count = labels.map_or(0, <[String]>::len);
    // Beside each other labels need about 7 pixels a character; turned they need their height only.
    let room = if narrow { 320 } else { 1000 };
    // Beyond that names are left out rather than turned, and the tooltip tells them.
    let turned = count <= TURNED_LABELS && count * (longest.min(16) * 7 + 12) > room;
    json!({
        "type": if labels.is_some() { "category" } else { "value" },
        "data": labels,
        // A line over numbers starts where they do; categories and times fill the width anyway.
        "scale": true,
        "name": name,
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

/// The vertical axis. `remark` is said behind the names of the values.
pub fn y_axis(source: &Source<'_>, palette: &Palette, stacked: bool, remark: &str) -> Value {
    let choice = source.choice;
    let names: Vec<String> = choice.y.iter().map(|&y| source.name(y)).collect();
    let name = if names.is_empty() { "rows".to_owned() } else { names.join(", ") };
    let shares = if choice.look.normalised && stacked { " (% of all)" } else { "" };
    let is_log = is_y_log(source, stacked);
    json!({
        "type": if is_log { "log" } else { "value" },
        "scale": !choice.kind().y_from_zero || is_log,
        "max": (!shares.is_empty()).then_some(100),
        "name": format!("{name}{shares}{remark}"),
        "nameLocation": "end",
        "nameGap": 12,
        "nameTextStyle": { "color": palette.muted, "align": "left", "overflow": "truncate", "width": 260 },
        "axisLabel": { "color": palette.muted, "unit": unit_name(source, stacked) },
        "axisLine": { "show": false },
        "axisTick": { "show": false },
        "splitNumber": 4,
        "splitLine": { "lineStyle": { "color": palette.grid } },
    })
}

/// Name of the unit that the values are written in.
pub fn unit_name(source: &Source<'_>, stacked: bool) -> &'static str {
    let look = &source.choice.look;
    if look.normalised && stacked {
        return "percent";
    }
    if let Some(chosen) = look.unit.as_deref().and_then(unit::unit_named) {
        return chosen.name;
    }
    let values = source.choice.y.iter().filter_map(|&y| source.columns.get(y as usize));
    unit::unit_of(&values.collect::<Vec<_>>()).name
}
