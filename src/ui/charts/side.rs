//! Queries over a result that is too large for the page: the engine sums it up as the chart wants it.

use millrace_protocol::{ColumnInfo, SeriesRequest};

use super::{ChartChoice, ColumnClass, bins::Bins};
use crate::panels::builder::literal::identifier;

/// Most points of one series of a result that was summed up.
const MAX_POINTS: u32 = 10_000;

/// Most series of it.
const MAX_SERIES: u32 = 240;

/// What is known of a result before it is summed up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// The bins of what is counted.
    pub bins: Option<Bins>,
}

/// What a query over a result is made of.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// What is drawn.
    pub choice: &'a ChartChoice,
    /// Columns of the result.
    pub columns: &'a [ColumnInfo],
    /// The text whose result it is.
    pub sql: &'a str,
    /// Rows of the result.
    pub rows: u64,
    /// What is known of its values.
    pub extent: Extent,
}

/// A query over a result. Its first column is the horizontal axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideQuery {
    /// The statement.
    pub sql: String,
    /// Columns of values.
    pub y: Vec<u32>,
    /// Column that splits the rows.
    pub color: Option<u32>,
}

impl Side<'_> {
    /// The result in a FROM clause.
    pub fn result(&self) -> String {
        from_clause(self.sql)
    }

    /// A column's name, as SQL writes it.
    pub fn column(&self, index: u32) -> String {
        self.columns.get(index as usize).map_or_else(|| "NULL".to_owned(), |column| identifier(&column.name))
    }

    /// A column as a number: of times, milliseconds since 1970-01-01 UTC.
    pub fn number(&self, index: u32) -> String {
        let name = self.column(index);
        match self.columns.get(index as usize).map(ColumnClass::of) {
            Some(class) if class.is_time() => format!("date_part('epoch', {name}) * 1000.0"),
            _ => format!("CAST({name} AS DOUBLE)"),
        }
    }
}

impl SideQuery {
    /// What to ask the engine for of the statement's result.
    pub fn request(&self) -> SeriesRequest {
        SeriesRequest {
            x: 0,
            y: self.y.clone(),
            color: self.color,
            max_points: MAX_POINTS,
            max_series: MAX_SERIES,
        }
    }
}

/// A statement as a table in a FROM clause. The bracket stands on a line of its own, behind what may be a comment.
pub fn from_clause(sql: &str) -> String {
    let sql = sql.trim().trim_end_matches(';').trim_end();
    format!("(\n{sql}\n) AS result")
}
