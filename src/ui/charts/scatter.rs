//! Scatter: how two numbers go together, row by row.

use millrace_protocol::SeriesGroup;
use serde_json::{Value, json};

use super::{
    ALONG_A_LINE, ChartKind, ColumnClass, Figure, Needs, SeriesStyle, Side, SideQuery, Source, Split, Values,
    choice::MAX_SERIES, figure::SeriesFigure,
};

/// A point for each row, with an area that a third number decides.
pub const SCATTER: ChartKind = ChartKind {
    name: "scatter",
    label: "Scatter",
    icon: "M4 4v16h16M9 15v.1M12 10v.1M15 13v.1M18 6v.1M8 8v.1M17 9v.1",
    needs: Needs {
        x: ALONG_A_LINE,
        values: Values::Some,
        one_value: false,
        split: Split::Series,
        size: true,
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

fn series(style: &SeriesStyle) -> Value {
    // Many points lie over each other: paler and smaller ones show where they are dense.
    let (size, opacity) = match style.points {
        0..200 => (9, 0.75),
        200..2000 => (6, 0.55),
        _ => (4, 0.35),
    };
    json!({
        "type": "scatter",
        // The library's large mode draws squares in one path, some ten thousand in a few milliseconds.
        "large": true,
        "largeThreshold": 2000,
        "symbolSize": size,
        "itemStyle": { "opacity": opacity },
        "emphasis": { "focus": "series" },
    })
}

/// The points; sizes, which the engine gives as a series beside each colour's own, go to their points.
fn figure(source: &Source<'_>) -> Figure {
    let mut page = source.page.clone();
    let mut sizes = Vec::new();
    if let Some(name) = source.choice.size.map(|size| source.name(size)) {
        let end = format!(" · {name}");
        let is_size = |group: &SeriesGroup| group.name == name || group.name.ends_with(&end);
        let mut groups: Vec<SeriesGroup> = Vec::new();
        let mut waiting = 0;
        for group in page.groups {
            if !is_size(&group) {
                groups.push(group);
                waiting += 1;
                continue;
            }
            for of_color in groups.iter().rev().take(waiting).rev() {
                // Rows that were thinned out differently have lost each other.
                let paired = of_color.x == group.x;
                sizes.push(if paired { group.y.clone() } else { Vec::new() });
            }
            waiting = 0;
        }
        sizes.resize(groups.len(), Vec::new());
        page.groups = groups;
    }
    let too_many = page.groups.len().saturating_sub(MAX_SERIES as usize);
    if too_many > 0 {
        let rest = page.groups.split_off(MAX_SERIES as usize);
        page.rows_left_out += rest.iter().map(|group| group.y.len() as u64).sum::<u64>();
        sizes.truncate(MAX_SERIES as usize);
    }
    Figure::Series(SeriesFigure { sizes, ..SeriesFigure::of(page) })
}

/// Points that can be told apart.
const SAMPLE_POINTS: u64 = 10_000;

/// A sample of the rows, each with the same chance.
fn side(side: &Side<'_>) -> SideQuery {
    let choice = side.choice;
    let mut columns: Vec<String> = std::iter::once(choice.x)
        .chain(choice.y.iter().copied())
        .chain(choice.size)
        .map(|index| side.column(index))
        .collect();
    let values = (1..columns.len() as u32).collect();
    let color = choice.color.map(|color| {
        columns.push(side.column(color));
        columns.len() as u32 - 1
    });
    let share = SAMPLE_POINTS as f64 / side.rows.max(1) as f64;
    let sql = format!("SELECT {}\nFROM {}\nWHERE random() < {share:.9}", columns.join(", "), side.result());
    SideQuery { sql, y: values, color }
}
