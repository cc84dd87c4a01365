//! Tables as the page knows them.

use serde::{Deserialize, Serialize};

use crate::{Cell, ColumnInfo, DateOrder};

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
    /// How the files are compressed, if they are: the first of them.
    #[serde(default)]
    pub compression: Option<String>,
    /// The encoding of their characters, where it is not UTF-8: that of the first.
    #[serde(default)]
    pub encoding: Option<String>,
    /// Which file of the command it comes from, counted from 0: the first of them.
    #[serde(default)]
    pub file: u32,
    /// Which of the files in that, if it is an archive, or of the tables, if it has several.
    #[serde(default)]
    pub part: u32,
    /// The first rows.
    pub preview: Vec<Vec<Cell>>,
    /// What the user should know: an empty file, renamed columns, an unclosed quote.
    pub warnings: Vec<String>,
}

/// How delimited text, or text of fixed width, is understood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dialect {
    /// Between fields; empty in text of fixed width.
    pub delimiter: String,
    /// Around fields; empty when fields are never quoted.
    pub quote: String,
    /// Whether the first record names the columns.
    pub header: bool,
    /// Takes the meaning from the character behind it; empty when nothing does.
    #[serde(default)]
    pub escape: String,
    /// What lines that are no records begin with; empty when all are.
    #[serde(default)]
    pub comment: String,
    /// Lines before the table that do not belong to it.
    #[serde(default)]
    pub skipped_lines: u64,
    /// The decimal mark of numbers, when there are numbers with one.
    #[serde(default)]
    pub decimal: String,
    /// Order of day, month and year in dates that are written with numbers alone, when there are any.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
    /// The texts found in the sample that mean NULL in columns which are not text.
    #[serde(default)]
    pub null_values: Vec<String>,
    /// First characters of the columns of a text of fixed width, counted from 1.
    #[serde(default)]
    pub column_starts: Vec<u32>,
}
