//! Values between tabs, as spreadsheets take them from the clipboard.

use millrace_protocol::{Cell, ColumnInfo};

use super::{Target, TextFormat, plain};

/// What spreadsheets still paste in a few seconds.
const MOST_ROWS: u64 = 100_000;

/// Values between tabs.
pub const TSV: TextFormat = TextFormat {
    name: "tsv",
    label: n!("Copy for spreadsheets (TSV)"),
    target: Target::Clipboard(MOST_ROWS),
    head: |columns| line(columns.iter().map(|column| column.name.clone())),
    row: |_: &[ColumnInfo], cells: &[Cell], text: &mut String| text.push_str(&line(cells.iter().map(plain))),
};

fn line(values: impl Iterator<Item = String>) -> String {
    let quoted = |value: String| match value.contains(['\t', '\n', '\r', '"']) {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value,
    };
    values.map(quoted).collect::<Vec<_>>().join("\t") + "\n"
}
