//! What a chart shows as a table: for people who cannot see it, and to be saved.

use std::collections::BTreeMap;

use super::{
    Figure, Source,
    boxes::Boxes,
    figure::SeriesFigure,
    heatmap::Grid,
    stack::TotalOrder,
    value_text::{number_text, time_text},
};

/// The rows of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChartTable {
    /// Names of the columns.
    pub header: Vec<String>,
    /// The rows, each with a cell a column.
    pub rows: Vec<Vec<TableCell>>,
    /// For each row its place on the horizontal axis.
    pub positions: Vec<f64>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum TableCell {
    /// No value.
    Empty,
    /// A number.
    Number(f64),
    /// Milliseconds since 1970-01-01 UTC.
    Time(f64),
    /// A name.
    Text(String),
}

impl TableCell {
    fn of(value: Option<f64>) -> Self {
        value.map_or(Self::Empty, Self::Number)
    }

    /// The cell as people read it.
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => "–".to_owned(),
            Self::Number(value) => number_text(*value),
            Self::Time(millis) => time_text(*millis),
            Self::Text(text) => text.clone(),
        }
    }

    /// The cell as CSV (RFC 4180): numbers with all their digits.
    fn csv(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Number(value) => value.to_string(),
            Self::Time(millis) => time_text(*millis),
            Self::Text(text) => quoted(text),
        }
    }
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

impl ChartTable {
    /// The rows of a figure.
    pub fn of(source: &Source<'_>, figure: &Figure) -> Self {
        match figure {
            Figure::Series(series) => of_series(source, series),
            Figure::Boxes(boxes) => of_boxes(source, boxes),
            Figure::Grid(grid) => of_grid(source, grid),
        }
    }

    /// The rows as CSV, with the names of the columns first.
    pub fn csv(&self) -> String {
        let mut text = self.header.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",") + "\n";
        for row in &self.rows {
            text += &row.iter().map(TableCell::csv).collect::<Vec<_>>().join(",");
            text.push('\n');
        }
        text
    }

    /// A row in words.
    pub fn told(&self, row: usize) -> String {
        let Some(cells) = self.rows.get(row) else { return String::new() };
        let first = cells.first().map(TableCell::shown).unwrap_or_default();
        let rest = self.header.iter().zip(cells).skip(1).filter(|(_, cell)| **cell != TableCell::Empty);
        let rest: Vec<String> = rest.map(|(name, cell)| format!("{name} {}", cell.shown())).collect();
        format!("{first}: {}", if rest.is_empty() { "no value".to_owned() } else { rest.join(", ") })
    }
}

/// A row for each position with a column for each series; or, where a series has several values at one position, a
/// row for each point.
fn of_series(source: &Source<'_>, figure: &SeriesFigure) -> ChartTable {
    let page = &figure.page;
    let x_cell = |x: f64| match &page.x_labels {
        Some(labels) => TableCell::Text(labels.get(x as usize).cloned().unwrap_or_default()),
        None if page.x_is_time => TableCell::Time(x),
        None => TableCell::Number(x),
    };
    let x_name = source.name(source.choice.x);
    let is_wide = figure.sizes.is_empty()
        && page.groups.iter().all(|group| group.x.windows(2).all(|pair| pair[0] < pair[1]));
    if is_wide {
        let mut rows: BTreeMap<TotalOrder, Vec<TableCell>> = BTreeMap::new();
        for (column, group) in page.groups.iter().enumerate() {
            for (&x, y) in group.x.iter().zip(&group.y) {
                let row = rows.entry(TotalOrder(x)).or_insert_with(|| {
                    let mut row = vec![TableCell::Empty; page.groups.len() + 1];
                    row[0] = x_cell(x);
                    row
                });
                row[column + 1] = TableCell::of(*y);
            }
        }
        let names = page.groups.iter().map(|group| group.name.clone());
        let (positions, rows) = rows.into_iter().map(|(x, row)| (x.0, row)).unzip();
        return ChartTable { header: std::iter::once(x_name).chain(names).collect(), rows, positions };
    }
    let value = source.choice.y.iter().map(|&y| source.name(y)).collect::<Vec<_>>().join(", ");
    let size = source.choice.size.map(|size| source.name(size));
    let mut table = ChartTable {
        header: [x_name, "series".to_owned(), value].into_iter().chain(size.clone()).collect(),
        ..ChartTable::default()
    };
    for (index, group) in page.groups.iter().enumerate() {
        let sizes = figure.sizes.get(index);
        for (point, (&x, y)) in group.x.iter().zip(&group.y).enumerate() {
            let mut row = vec![x_cell(x), TableCell::Text(group.name.clone()), TableCell::of(*y)];
            if size.is_some() {
                row.push(TableCell::of(sizes.and_then(|sizes| *sizes.get(point)?)));
            }
            table.rows.push(row);
            table.positions.push(x);
        }
    }
    table
}

fn of_boxes(source: &Source<'_>, boxes: &Boxes) -> ChartTable {
    let several = boxes.groups.len() > 1;
    let mut header = vec![source.name(source.choice.x)];
    header.extend(several.then(|| "series".to_owned()));
    let numbers = ["lower whisker", "lower quartile", "median", "upper quartile", "upper whisker"];
    header.extend(numbers.map(str::to_owned));
    let mut table = ChartTable { header, ..ChartTable::default() };
    for (place, label) in boxes.labels.iter().enumerate() {
        for group in &boxes.groups {
            let Some(five) = group.boxes.get(place).copied().flatten() else { continue };
            let mut row = vec![TableCell::Text(label.clone())];
            row.extend(several.then(|| TableCell::Text(group.name.clone())));
            row.extend(five.map(TableCell::Number));
            table.rows.push(row);
            table.positions.push(place as f64);
        }
    }
    table
}

fn of_grid(source: &Source<'_>, grid: &Grid) -> ChartTable {
    let name =
        source.choice.look.x_part.map_or_else(|| source.name(source.choice.x), |p| p.name().to_owned());
    // From the top, as it is drawn.
    let header = std::iter::once(name).chain(grid.y.iter().rev().cloned()).collect();
    let mut rows: Vec<Vec<TableCell>> = grid
        .x
        .iter()
        .map(|label| {
            let mut row = vec![TableCell::Empty; grid.y.len() + 1];
            row[0] = TableCell::Text(label.clone());
            row
        })
        .collect();
    for &(x, y, value) in &grid.cells {
        if let Some(cell) = rows.get_mut(x).and_then(|row| row.get_mut(grid.y.len() - y)) {
            *cell = TableCell::Number(value);
        }
    }
    let positions = (0..rows.len()).map(|place| place as f64).collect();
    ChartTable { header, rows, positions }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn csv_keeps_digits_and_quotes_what_needs_it() {
        let table = ChartTable {
            header: vec!["name, or so".into(), "n".into()],
            rows: vec![
                vec![TableCell::Text("say \"hi\"".into()), TableCell::Number(1_234_567.890_12)],
                vec![TableCell::Time(0.0), TableCell::Empty],
            ],
            positions: vec![0.0, 1.0],
        };
        assert_eq!(table.csv(), "\"name, or so\",n\n\"say \"\"hi\"\"\",1234567.89012\n1970-01-01,\n");
        assert_eq!(table.told(0), "say \"hi\": n 1,234,567.9");
        assert_eq!(table.told(1), "1970-01-01: no value");
        assert_eq!(table.told(2), "");
    }
}
