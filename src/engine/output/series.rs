//! A result as series for a chart.
//!
//! Two passes over the rows, so that memory depends on what is drawn and not on the result: the
//! first finds the series with their sums and extents, the second collects the points of those
//! that are kept.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use millrace_protocol::{SeriesGroup, SeriesRequest};

use super::ResultSet;
use super::cell::{Value, number, number_name, value};
use super::points::{Keep, Points};

/// The part of [`millrace_protocol::SeriesPage`] that the rows decide.
///
/// There is one series for each value column and each value of the colour column; they are ordered
/// by colour, and then as the value columns were asked for. Of more than `max_series` those with
/// the largest sums are kept. Rows without a position are not drawn, nor those of colours that
/// appear after ten thousand others.
///
/// A series of more than `max_points` rows on an axis of numbers or times is cut into intervals of
/// equal length, of which each keeps its least and its greatest value. On an axis of names it keeps
/// its first rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Whether `x` values are milliseconds since 1970-01-01 UTC.
    pub x_is_time: bool,
    /// Names of `x` values when they are neither numbers nor times, in the order of appearance.
    pub x_labels: Option<Vec<String>>,
    /// The series.
    pub groups: Vec<SeriesGroup>,
    /// Rows of which no series has a point.
    pub rows_left_out: u64,
}

/// Colours that are looked at: a column with more of them cannot be told apart in a chart anyway,
/// and must not take all memory.
const MAX_COLORS: usize = 10_000;

/// What text stands for null on axes and in legends.
const NULL_NAME: &str = "NULL";

pub(super) fn series(result: &ResultSet, request: &SeriesRequest) -> Result<Series, ArrowError> {
    let x = result.check_column(request.x)?;
    let ys = request.y.iter().map(|&y| result.check_column(y)).collect::<Result<Vec<_>, _>>()?;
    let color = request.color.map(|color| result.check_column(color)).transpose()?;
    let fields = result.schema.fields();
    for &y in &ys {
        if axis(fields[y].data_type()) != Axis::Number {
            let message = format!("column {} is not numeric", fields[y].name());
            return Err(ArrowError::InvalidArgumentError(message));
        }
    }
    let columns = Columns { x, ys, color, axis: axis(fields[x].data_type()) };
    let mut colors = find_colors(result, &columns);
    keep_largest(&mut colors, request.max_series as usize);

    let mut labels = Labels::default();
    collect_points(result, &columns, request.max_points.max(2) as usize, &mut colors, &mut labels);

    let drawn: u64 = colors.iter().map(Color::rows_drawn).sum();
    colors.sort_by(|a, b| a.order.cmp(&b.order));
    let mut groups = Vec::new();
    for color in colors {
        let name = color.name;
        for (&y, points) in columns.ys.iter().zip(color.points) {
            let Some(points) = points else { continue };
            let column = fields[y].name();
            let name = match (&columns.color, columns.ys.len()) {
                (None, _) => column.clone(),
                (Some(_), 1) => name.clone(),
                (Some(_), _) => format!("{name} · {column}"),
            };
            let estimates = result.estimates.iter().find(|estimates| estimates.column as usize == y);
            groups.push(points.into_group(name, estimates));
        }
    }
    Ok(Series {
        x_is_time: columns.axis == Axis::Time,
        x_labels: (columns.axis == Axis::Label).then_some(labels.names),
        groups,
        rows_left_out: result.row_count() - drawn,
    })
}

/// What a column is as an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axis {
    Number,
    Time,
    Label,
}

fn axis(data_type: &DataType) -> Axis {
    match data_type {
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => Axis::Time,
        DataType::Dictionary(_, values) => axis(values),
        other if other.is_numeric() => Axis::Number,
        _ => Axis::Label,
    }
}

struct Columns {
    x: usize,
    ys: Vec<usize>,
    color: Option<usize>,
    axis: Axis,
}

impl Columns {
    /// Where a row stands, unless it cannot be drawn. Names are numbered only when drawn.
    fn position(&self, x: &ArrayRef, row: usize) -> Option<f64> {
        match self.axis {
            Axis::Label => Some(0.0),
            _ => number(x, row).filter(|x| x.is_finite()),
        }
    }
}

/// All rows of one colour.
struct Color {
    name: String,
    /// Orders colours: numbers by value, before texts by their bytes, before null.
    order: (u8, u64, String),
    rows: u64,
    x_min: f64,
    x_max: f64,
    /// One for each value column.
    sums: Vec<f64>,
    /// One for each value column; `None` for a series that is not kept.
    points: Vec<Option<Points>>,
}

impl Color {
    fn new(value: &Value<'_>, values: usize) -> Self {
        let name = text_of(value);
        let order = match value {
            Value::Null => (2, 0, String::new()),
            Value::Int(number) => (0, *number as u64 ^ (1 << 63), String::new()),
            Value::Number(number) => {
                let bits = number.to_bits();
                (0, if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }, String::new())
            }
            Value::Bool(_) | Value::Text(_) => (1, 0, name.clone()),
        };
        Self {
            name,
            order,
            rows: 0,
            x_min: f64::INFINITY,
            x_max: f64::NEG_INFINITY,
            sums: vec![0.0; values],
            points: Vec::new(),
        }
    }

    fn rows_drawn(&self) -> u64 {
        let kept: Vec<_> = self.points.iter().flatten().collect();
        if kept.iter().any(|points| points.has_all()) {
            return self.rows;
        }
        kept.iter().flat_map(|points| points.rows()).collect::<BTreeSet<_>>().len() as u64
    }
}

/// Positions of names on an axis.
#[derive(Default)]
struct Labels {
    names: Vec<String>,
    positions: HashMap<String, usize>,
}

impl Labels {
    fn position(&mut self, name: String) -> f64 {
        let Self { names, positions } = self;
        let position = *positions.entry(name).or_insert_with_key(|name| {
            names.push(name.clone());
            names.len() - 1
        });
        position as f64
    }
}

/// Numbers colours in the order of appearance.
#[derive(Default)]
struct ColorNumbers {
    numbers: HashMap<String, usize>,
    key: String,
}

impl ColorNumbers {
    /// The number of this colour; `None` when it is one too many.
    fn number(&mut self, value: &Value<'_>) -> Option<usize> {
        self.key.clear();
        // Texts get a mark in front so that they differ from what is written like them. Writing to
        // a string cannot fail.
        let _ = match value {
            Value::Null => write!(self.key, "{NULL_NAME}"),
            Value::Bool(value) => write!(self.key, "{value}"),
            Value::Int(value) => write!(self.key, "{value}"),
            Value::Number(value) => write!(self.key, "{value}"),
            Value::Text(text) => write!(self.key, "'{text}"),
        };
        if let Some(&number) = self.numbers.get(&self.key) {
            return Some(number);
        }
        let number = self.numbers.len();
        if number == MAX_COLORS {
            return None;
        }
        self.numbers.insert(self.key.clone(), number);
        Some(number)
    }
}

/// Finds the colours, in the order of appearance.
fn find_colors(result: &ResultSet, columns: &Columns) -> Vec<Color> {
    let mut colors: Vec<Color> = Vec::new();
    let mut numbers = ColorNumbers::default();
    for batch in result.batches() {
        let x = batch.column(columns.x);
        for row in 0..batch.num_rows() {
            let Some(position) = columns.position(x, row) else { continue };
            let value = columns.color.map_or(Value::Null, |color| value(batch.column(color), row));
            let Some(index) = numbers.number(&value) else { continue };
            if index == colors.len() {
                colors.push(Color::new(&value, columns.ys.len()));
            }
            let color = &mut colors[index];
            color.rows += 1;
            color.x_min = color.x_min.min(position);
            color.x_max = color.x_max.max(position);
            for (sum, &y) in color.sums.iter_mut().zip(&columns.ys) {
                *sum += number(batch.column(y), row).filter(|y| y.is_finite()).unwrap_or(0.0);
            }
        }
    }
    colors
}

/// Chooses the series with the largest sums.
fn keep_largest(colors: &mut [Color], max_series: usize) {
    let mut ranked: Vec<(f64, usize, usize)> = Vec::new();
    for (index, color) in colors.iter_mut().enumerate() {
        color.points = color.sums.iter().map(|_| None).collect();
        ranked.extend(color.sums.iter().enumerate().map(|(y, &sum)| (sum, index, y)));
    }
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    for &(_, index, y) in ranked.iter().take(max_series) {
        colors[index].points[y] = Some(Points::default());
    }
}

fn collect_points(
    result: &ResultSet,
    columns: &Columns,
    max_points: usize,
    colors: &mut [Color],
    labels: &mut Labels,
) {
    for color in colors.iter_mut() {
        let keep = match columns.axis {
            _ if color.rows <= max_points as u64 => Keep::All,
            Axis::Label => Keep::First,
            Axis::Number | Axis::Time => Keep::Extremes { x_min: color.x_min, x_max: color.x_max },
        };
        for points in color.points.iter_mut().flatten() {
            *points = Points::new(keep, max_points);
        }
    }
    let mut numbers = ColorNumbers::default();
    let mut first_row = 0;
    for batch in result.batches() {
        let x = batch.column(columns.x);
        for row in 0..batch.num_rows() {
            let Some(mut position) = columns.position(x, row) else { continue };
            let color = columns.color.map_or(Value::Null, |color| value(batch.column(color), row));
            // Colours are met in the same order, and so have the same numbers, as in the first pass.
            let Some(index) = numbers.number(&color) else { continue };
            let points = &mut colors[index].points;
            if !points.iter().flatten().any(Points::wants) {
                continue;
            }
            if columns.axis == Axis::Label {
                position = labels.position(text_of(&value(x, row)));
            }
            for (points, &y) in points.iter_mut().zip(&columns.ys) {
                let Some(points) = points else { continue };
                let y = number(batch.column(y), row).filter(|y| y.is_finite());
                points.push((position, y, first_row + row as u64));
            }
        }
        first_row += batch.num_rows() as u64;
    }
}

fn text_of(value: &Value<'_>) -> String {
    match value {
        Value::Null => NULL_NAME.to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Number(value) => number_name(*value).map_or_else(|| value.to_string(), str::to_owned),
        Value::Text(text) => text.to_string(),
    }
}
