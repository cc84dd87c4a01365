//! What the user says about files instead of leaving it to a guess.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How the files of a table are to be read. What is absent is found out from a sample.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TableOptions {
    /// Between fields: one character of ASCII, or one that comes twice, as `||`.
    pub delimiter: Option<String>,
    /// Around fields; empty when fields are never quoted.
    pub quote: Option<String>,
    /// Takes the meaning from the character behind it, usually a backslash; empty for none.
    pub escape: Option<String>,
    /// What lines that are no records begin with, usually `#`; empty for none.
    pub comment: Option<String>,
    /// Whether the first record names the columns.
    pub header: Option<bool>,
    /// Lines at the beginning that do not belong to the table.
    pub skip_lines: Option<u64>,
    /// The decimal mark of numbers, `.` or `,`.
    pub decimal: Option<String>,
    /// Order of day, month and year in dates that are written with numbers alone.
    pub date_order: Option<DateOrder>,
    /// Texts that mean NULL in every column, instead of the usual ones in columns that are not text.
    pub null_values: Option<Vec<String>>,
    /// SQL types by names of columns: BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP or VARCHAR.
    pub types: BTreeMap<String, String>,
    /// Encoding of the characters, by a name that browsers know, as `windows-1252`.
    pub encoding: Option<String>,
    /// What every line is made of: a regular expression with named groups, grok, or both.
    pub pattern: Option<String>,
    /// First characters of the columns of a text of fixed width, counted from 1 and ascending; a column goes on up to
    /// the next one.
    pub column_starts: Option<Vec<u32>>,
    /// What becomes of rows that do not fit.
    pub bad_rows: Option<BadRowPolicy>,
}

/// Order of day, month and year in a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateOrder {
    /// 31/12/2025
    #[serde(rename = "dmy")]
    DayMonthYear,
    /// 12/31/2025
    #[serde(rename = "mdy")]
    MonthDayYear,
    /// 2025/12/31
    #[serde(rename = "ymd")]
    YearMonthDay,
}

/// What becomes of rows that do not fit their table. They are counted and listed whatever it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadRowPolicy {
    /// A field that is no value of its column is NULL; the row stays. Only columns that a query uses are looked at.
    #[default]
    Keep,
    /// A row with any bad field is left out, whichever columns a query uses.
    Skip,
    /// A query over a row with any bad field ends with an error that names the first one.
    Stop,
}
