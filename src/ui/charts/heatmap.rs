//! Heatmaps: values over two axes of names or of parts of times, such as the hour and the day of the week.

use serde_json::{Value, json};

use super::{
    ANY_CLASS, ChartKind, ColumnClass, Combine, Figure, Needs, SeriesStyle, Side, SideQuery, Source, Split,
    Values,
    value_text::{number_text, time_text},
};

/// Cells of colour.
pub const HEATMAP: ChartKind = ChartKind {
    name: "heatmap",
    label: "Heatmap",
    icon: "M4 4h16v16H4zM4 9.3h16M4 14.7h16M9.3 4v16M14.7 4v16",
    needs: Needs {
        x: ANY_CLASS,
        values: Values::Any,
        one_value: true,
        split: Split::Rows,
        size: false,
        prefers_names: false,
    },
    stackable: false,
    stacked_by_default: false,
    y_from_zero: false,
    interval: None,
    fitness: |_: ColumnClass| 0,
    follows_x: false,
    figure,
    side: Some(side),
    series,
};

/// Most cells on the horizontal axis.
const MAX_COLUMNS: usize = 500;

/// Values over two axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Names along the horizontal axis.
    pub x: Vec<String>,
    /// What stands there, as the engine counts it, where the axis is no part of a time.
    pub positions: Vec<f64>,
    /// Names along the vertical axis, from below.
    pub y: Vec<String>,
    /// Places on both axes and the value of each cell that has one.
    pub cells: Vec<(usize, usize, f64)>,
    /// Rows of which no cell knows.
    pub rows_left_out: u64,
}

fn series(_: &SeriesStyle) -> Value {
    json!({ "type": "heatmap", "emphasis": { "itemStyle": { "borderWidth": 1.5 } } })
}

fn figure(source: &Source<'_>) -> Figure {
    let (page, look) = (source.page, &source.choice.look);
    let mut rows_left_out = page.rows_left_out;
    let (x, positions) = match look.x_part {
        Some(part) => (part.labels(), (0..part.labels().len()).map(|place| place as f64).collect()),
        None => {
            let mut positions: Vec<f64> = page.groups.iter().flat_map(|group| &group.x).copied().collect();
            positions.sort_by(f64::total_cmp);
            positions.dedup();
            if let Some(&last) = positions.get(MAX_COLUMNS - 1) {
                let beyond = |x: &&f64| **x > last;
                let of_group = |group: &millrace_protocol::SeriesGroup| group.x.iter().filter(beyond).count();
                rows_left_out += page.groups.iter().map(of_group).sum::<usize>() as u64;
                positions.truncate(MAX_COLUMNS);
            }
            let label = |&x: &f64| match &page.x_labels {
                Some(labels) => labels.get(x as usize).cloned().unwrap_or_default(),
                None if page.x_is_time => time_text(x),
                None => number_text(x),
            };
            (positions.iter().map(label).collect(), positions)
        }
    };
    let y = match look.y_part {
        Some(part) => part.labels(),
        None => page.groups.iter().map(|group| group.name.clone()).collect(),
    };
    // Cells that the engine has summed up count and add as they are; a mean of one is itself.
    let counts = (source.choice.y.is_empty() || look.combine == Combine::Count) && source.summed.is_none();
    let mut sums = vec![(0.0, 0_u32); x.len() * y.len()];
    for (row, group) in page.groups.iter().enumerate() {
        for (&position, value) in group.x.iter().zip(&group.y) {
            let across = match look.x_part {
                // The engine gives the number that SQL has for a part.
                Some(part) if source.summed.is_some() => {
                    (0..x.len()).find(|&place| part.sql_number(place) as f64 == position)
                }
                Some(part) => Some(part.of(position)),
                None => positions.binary_search_by(|other| other.total_cmp(&position)).ok(),
            };
            let up = match look.y_part {
                Some(part) if source.summed.is_some() => {
                    group.name.parse::<f64>().ok().and_then(|number| {
                        (0..y.len()).find(|&place| part.sql_number(place) as f64 == number)
                    })
                }
                Some(part) => Some(part.of(position)),
                None => Some(row),
            };
            if let (Some(across), Some(up)) = (across, up)
                && let Some(value) = if counts { Some(1.0) } else { *value }
                && let Some((sum, count)) = sums.get_mut(up * x.len() + across)
            {
                *sum += value;
                *count += 1;
            }
        }
    }
    let mean = look.combine == Combine::Mean && !source.choice.y.is_empty();
    let cells =
        sums.into_iter().enumerate().filter(|(_, (_, count))| *count > 0).map(|(cell, (sum, count))| {
            let value = if mean { sum / f64::from(count) } else { sum };
            (cell % x.len(), cell / x.len(), value)
        });
    let cells = cells.collect();
    // The first row of a calendar or of a result stands at the top, where reading begins.
    let mut grid = Grid { x, positions, y, cells, rows_left_out };
    grid.y.reverse();
    let rows = grid.y.len();
    for cell in &mut grid.cells {
        cell.1 = rows - 1 - cell.1;
    }
    if look.y_part.is_some() {
        grid.rows_left_out = page.rows_left_out;
    }
    Figure::Grid(grid)
}

/// The value of each cell.
fn side(side: &Side<'_>) -> SideQuery {
    let choice = side.choice;
    let column = side.column(choice.x);
    let part = |part: Option<super::TimePart>| part.map_or_else(|| column.clone(), |part| part.sql(&column));
    let up = match (choice.look.y_part, choice.color) {
        (None, Some(color)) => side.column(color),
        (of_time, _) => part(of_time),
    };
    let value = match (choice.y.first(), choice.look.combine) {
        (None, _) => "count(*)".to_owned(),
        (Some(&y), Combine::Count) => format!("count({})", side.column(y)),
        (Some(&y), Combine::Sum) => format!("sum({})", side.number(y)),
        (Some(&y), Combine::Mean) => format!("avg({})", side.number(y)),
    };
    let sql = format!(
        "SELECT {} AS x, {value} AS cell, {up} AS y\nFROM {}\nGROUP BY 1, 3\nORDER BY x, y\nLIMIT {}",
        part(choice.look.x_part),
        side.result(),
        MAX_COLUMNS * 240,
    );
    SideQuery { sql, y: vec![1], color: Some(2) }
}
