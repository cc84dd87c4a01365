//! Results and the parts of them that the page shows.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Visitor};

use crate::{ColumnEstimates, Estimate};

/// Name and type of a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnInfo {
    /// Name as SQL knows it.
    pub name: String,
    /// SQL type: `BIGINT`, `DOUBLE`, `VARCHAR`, `BOOLEAN`, `DATE`, `TIMESTAMP`, `DECIMAL(p, s)`, …
    #[serde(rename = "type")]
    pub type_name: String,
}

/// A result that can be read, partial or exact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResultInfo {
    /// Counts up with each result of a query.
    pub number: u32,
    /// Share of the input bytes that the result covers, 0 to 1. Exactly 1 only for the exact one.
    pub fraction: f64,
    /// Columns in order.
    pub columns: Vec<ColumnInfo>,
    /// Number of rows.
    pub row_count: u64,
}

/// One value. In JavaScript: null, boolean, BigInt, number or string.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// SQL NULL.
    Null,
    /// BOOLEAN.
    Bool(bool),
    /// 64-bit integers.
    Int(i64),
    /// Smaller integers and floating point numbers.
    Number(f64),
    /// Everything else; timestamps as ISO 8601 in UTC, decimals with all their digits.
    Text(String),
}

/// Takes the value for what it is. The derived way would try one variant after the other, and each that
/// does not fit would make a JavaScript error with its stack: most of what a page of rows cost.
impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl Visitor<'_> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("null, a boolean, a number or a text")
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::Null)
    }

    fn visit_none<E>(self) -> Result<Cell, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Cell, E> {
        Ok(Cell::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Cell, E> {
        Ok(Cell::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Cell, E> {
        Ok(i64::try_from(value).map_or(Cell::Number(value as f64), Cell::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Cell, E> {
        Ok(Cell::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Cell, E> {
        Ok(Cell::Text(value))
    }
}

/// Order in which rows are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowOrder {
    /// Index of the column.
    pub column: u32,
    /// Largest first. Nulls come last in both directions.
    pub descending: bool,
}

/// Some rows of a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RowPage {
    /// The result they belong to.
    pub result: ResultInfo,
    /// Index of the first row.
    pub offset: u64,
    /// The rows, each with one cell a column.
    pub rows: Vec<Vec<Cell>>,
    /// For the columns of a partial result that can be estimated, what they will be.
    pub estimates: Vec<ColumnEstimates>,
}

/// What a chart wants to draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeriesRequest {
    /// Column index of the horizontal axis.
    pub x: u32,
    /// Column indices of values.
    pub y: Vec<u32>,
    /// Column index whose values split the rows into series.
    pub color: Option<u32>,
    /// Most points a series; more are thinned out, keeping extremes.
    pub max_points: u32,
    /// Most series; the ones with the largest sums are kept.
    pub max_series: u32,
}

/// Series for a chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeriesPage {
    /// The result they belong to.
    pub result: ResultInfo,
    /// Whether `x` values are milliseconds since 1970-01-01 UTC.
    pub x_is_time: bool,
    /// Names of `x` values when they are neither numbers nor times; `x` then counts them from 0.
    pub x_labels: Option<Vec<String>>,
    /// The series.
    pub groups: Vec<SeriesGroup>,
    /// Rows that are not drawn because there were too many points or series.
    pub rows_left_out: u64,
}

/// One series of a chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesGroup {
    /// Name in the legend.
    pub name: String,
    /// Positions, rising.
    pub x: Vec<f64>,
    /// Values; null where there is none.
    pub y: Vec<Option<f64>>,
    /// What the values of a partial result will be; empty when they cannot be estimated.
    pub estimates: Vec<Option<Estimate>>,
}

/// Values that a query met in a column and that are not of its type. They are NULL in its result;
/// [`crate::Command::SetOptions`] gives the column the type that holds them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnMisfits {
    /// Name of the table.
    pub table: String,
    /// Name of the column.
    pub column: String,
    /// The type that it has.
    pub type_name: String,
    /// Number of the values.
    pub count: u64,
    /// The first of them, if it is among the bad rows that are listed.
    pub first: Option<BadRow>,
    /// A type that holds them without loss.
    pub wider_type: String,
}

/// A row that did not fit its table, kept as far as it could be read; or the first one with a key that
/// no column stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BadRow {
    /// Name of the file.
    pub file: String,
    /// Line on which the record starts, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
    /// The start of the raw text.
    pub text: String,
}
