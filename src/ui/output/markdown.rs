//! A table of GitHub Flavored Markdown (its specification, section 4.10).

use millrace_protocol::{Cell, ColumnInfo};

use super::{Target, TextFormat, plain};
use crate::icons::is_number;

/// More rows than anybody reads in a document.
const MOST_ROWS: u64 = 5_000;

/// A table of Markdown.
pub const MARKDOWN: TextFormat = TextFormat {
    name: "markdown",
    label: n!("Copy as Markdown"),
    target: Target::Clipboard(MOST_ROWS),
    head: |columns| {
        let names = line(columns.iter().map(|column| escaped(&column.name)));
        let sides = |column: &ColumnInfo| if is_number(&column.type_name) { "---:" } else { "---" };
        names + &line(columns.iter().map(|column| sides(column).to_owned()))
    },
    row: |_: &[ColumnInfo], cells: &[Cell], text: &mut String| {
        text.push_str(&line(cells.iter().map(|cell| escaped(&plain(cell)))));
    },
};

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace("\r\n", "<br>").replace(['\n', '\r'], "<br>")
}
