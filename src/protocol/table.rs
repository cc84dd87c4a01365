//! Tables as the page knows them.

use serde::{Deserialize, Serialize};

use crate::{Cell, ColumnInfo};

/// A table made of one or more files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableInfo {
    /// Name as SQL knows it.
    pub name: String,
    /// Name of the format, as in the engine's table of formats; of a log, which one.
    pub format: String,
    /// Names of the files.
    pub files: Vec<String>,
    /// Length of all files together.
    pub bytes: u64,
    /// Estimated number of rows, from the sample.
    pub rows_estimate: u64,
    /// Columns in order.
    pub columns: Vec<ColumnInfo>,
    /// How the text was understood, when the format has a dialect.
    pub dialect: Option<Dialect>,
    /// The first rows.
    pub preview: Vec<Vec<Cell>>,
    /// What the user should know: an empty file, renamed columns, an unclosed quote.
    pub warnings: Vec<String>,
}

/// How delimited text is understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// Between fields.
    pub delimiter: String,
    /// Around fields; empty when fields are never quoted.
    pub quote: String,
    /// Whether the first record names the columns.
    pub header: bool,
}
